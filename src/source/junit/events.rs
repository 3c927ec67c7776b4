//! What the XML reader finds in a report, in batches: of a large report one thread reads while another counts. It knows
//! no element, and leaves out what says nothing about tests.

use std::io::{BufRead, Read};
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::Event;

use crate::model::fact::Unmeasurable;
use crate::source::xml_input::{Bounded, decoded, is_known};

/// Text that one batch holds at least, unless the report ends: most reports are one batch.
const BATCH: usize = 32 * 1024;

/// What was found; the text of it stands in the batch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    /// `<a b="c">`, without the brackets; the length of the name.
    Start(usize),
    /// `<a b="c"/>`, without the brackets and the slash; the length of the name.
    Empty(usize),
    /// `</a>`.
    End,
    /// Text outside of every element.
    Stray,
    /// The name of an entity that XML does not know.
    Entity,
}

/// Some of what was found, in order.
pub(super) struct Batch {
    text: String,
    found: Vec<(Found, Range<usize>)>,
    /// How the report ended, in the last batch.
    pub(super) end: Option<Result<(), Error>>,
}

impl Batch {
    /// What was found, each with its text.
    pub(super) fn each(&self) -> impl Iterator<Item = (Found, &str)> {
        self.found.iter().map(|(found, range)| (*found, &self.text[range.clone()]))
    }

    fn push(&mut self, found: Found, text: &str) {
        let from = self.text.len();
        self.text.push_str(text);
        self.found.push((found, from..self.text.len()));
    }
}

/// A report being read.
pub(super) struct Events<R> {
    reader: Reader<Bounded<R>>,
    buffer: Vec<u8>,
    depth: usize,
}

pub(super) fn events<R: Read>(input: R) -> Result<Events<impl BufRead + use<R>>, Unmeasurable> {
    let mut reader = Reader::from_reader(decoded(input)?);
    // What stands between two elements says nothing: without an event of its own it costs nothing.
    reader.config_mut().trim_text_start = true;
    Ok(Events { reader, buffer: Vec::new(), depth: 0 })
}

impl<R: BufRead> Events<R> {
    pub(super) fn batch(&mut self) -> Batch {
        let mut batch =
            Batch { text: String::with_capacity(BATCH + BATCH / 8), found: Vec::with_capacity(512), end: None };
        while batch.text.len() < BATCH && batch.end.is_none() {
            self.buffer.clear();
            self.reader.get_mut().begin_event();
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(element)) => {
                    self.depth += 1;
                    batch.push(Found::Start(element.name().as_ref().len()), &element);
                }
                Ok(Event::Empty(element)) => batch.push(Found::Empty(element.name().as_ref().len()), &element),
                Ok(Event::End(_)) => {
                    self.depth = self.depth.saturating_sub(1);
                    batch.push(Found::End, "");
                }
                Ok(Event::Text(text)) if self.depth == 0 && !text.trim_ascii().is_empty() => {
                    batch.push(Found::Stray, "");
                }
                Ok(Event::GeneralRef(entity)) if !is_known(&entity) => batch.push(Found::Entity, &entity),
                Ok(Event::Eof) => batch.end = Some(Ok(())),
                Ok(_) => {}
                Err(error) => batch.end = Some(Err(error)),
            }
        }
        batch
    }
}
