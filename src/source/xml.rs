//! XML as a stream: opened in whatever encoding it declares, and walked element by element within bounds.
//!
//! It never expands an entity, never reads a DTD, and takes a document that stops in the middle for what it is.

use std::borrow::Cow;
use std::io::Read;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::output::printable;
use super::xml_input::{MAX_DEPTH, decoded, is_known};

/// What one event may hold at first.
const CHUNK: usize = 64 * 1024;
/// Longest text that is quoted, in characters.
const MAX_QUOTED: usize = 100;

/// Takes the elements of a document in turn. An error, a lower-case fragment, ends the walk.
pub trait Elements {
    /// An element begins. `depth` is 0 for the outermost one.
    fn start(&mut self, element: &Element<'_>, depth: usize) -> Result<(), String>;
    /// An element ends; its name.
    fn end(&mut self, name: &str);
    /// Text stands in the element that is open; entities in it are left out.
    fn text(&mut self, _text: &str) {}
}

/// The beginning of an element.
#[derive(Debug)]
pub struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// Its name, without a prefix.
    pub fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// An attribute, with its entities resolved; `None` when it is not there.
    pub fn get(&self, name: &str) -> Result<Option<Cow<'_, str>>, String> {
        for attribute in self.0.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| format!("it is not well-formed XML: {error}"))?;
            if attribute.key.as_ref() == name {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                let value =
                    value.map_err(|error| format!("an attribute cannot be read: {}", quoted(&error.to_string())))?;
                return Ok(Some(Cow::Owned(value.into_owned())));
            }
        }
        Ok(None)
    }

    /// An attribute that is a whole number; `None` when it is not there, or something else.
    pub fn number(&self, name: &str) -> Result<Option<u64>, String> {
        Ok(self.get(name)?.and_then(|text| text.trim().parse().ok()))
    }
}

/// Walks a document to its end. The error says what is wrong with it, as a lower-case fragment.
pub fn walk(input: impl Read, elements: &mut impl Elements) -> Result<(), String> {
    let mut reader = Reader::from_reader(decoded(input).map_err(|problem| problem.reason)?);
    reader.config_mut().expand_empty_elements = true;
    let (mut depth, mut has_root) = (0_usize, false);
    let mut buffer = Vec::with_capacity(CHUNK);
    loop {
        buffer.clear();
        reader.get_mut().begin_event();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|error| format!("it is not well-formed XML: {}", quoted(&error.to_string())))? {
            Event::Start(element) => {
                if depth == 0 && has_root {
                    return Err("it has a second outermost element".to_owned());
                }
                if depth >= MAX_DEPTH {
                    return Err(format!("its elements are nested more than {MAX_DEPTH} deep"));
                }
                has_root = true;
                elements.start(&Element(element), depth)?;
                depth += 1;
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                elements.end(element.local_name().into_inner());
            }
            Event::Text(text) if depth == 0 && !text.trim_ascii().is_empty() => {
                return Err("there is text outside of its outermost element".to_owned());
            }
            Event::Text(text) => elements.text(&text),
            Event::GeneralRef(entity) => {
                let known = is_known(&entity);
                if !known {
                    return Err(format!("it uses the entity \"&{};\", which XML does not know", quoted(&entity)));
                }
            }
            Event::Eof if !has_root => return Err("it has no XML element".to_owned()),
            Event::Eof if depth > 0 => return Err("it stops in the middle: elements are open at its end".to_owned()),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// One line, short enough for a message.
pub fn quoted(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    printable(line, MAX_QUOTED)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct Names(Vec<String>);

    impl Elements for Names {
        fn start(&mut self, element: &Element<'_>, depth: usize) -> Result<(), String> {
            let value = element.get("a")?.unwrap_or_default().into_owned();
            self.0.push(format!("{depth}{}{value}", element.name()));
            Ok(())
        }

        fn end(&mut self, name: &str) {
            self.0.push(format!("/{name}"));
        }
    }

    fn walked(bytes: &[u8]) -> Result<Vec<String>, String> {
        let mut names = Names::default();
        walk(bytes, &mut names).map(|()| names.0)
    }

    #[test]
    fn elements_come_in_turn_whatever_the_encoding() {
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?><x:r a='é&lt;'><b/></x:r>";
        let expected = ["0ré<", "1b", "/b", "/r"].map(str::to_owned).to_vec();
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(utf16.iter().copied()).collect();
        for bytes in [text.as_bytes().to_vec(), utf16, marked, format!("\u{feff}{text}").into_bytes()] {
            assert_eq!(walked(&bytes), Ok(expected.clone()));
        }
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><r a='\xE9&lt;'><b/></r>";
        assert_eq!(walked(latin), Ok(expected));
    }

    #[test]
    fn what_is_no_whole_document_is_refused() {
        let bomb = "<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><r>&b;</r>";
        for (text, why) in [
            ("", "it has no XML element"),
            ("plain", "there is text outside of its outermost element"),
            ("<r><b></b>", "it stops in the middle: elements are open at its end"),
            ("<r/><r/>", "it has a second outermost element"),
            ("<r></b>", "it is not well-formed XML: "),
            ("<r a='&x;'/>", "an attribute cannot be read: "),
            ("<?xml version='1.0' encoding='klingon'?><r/>", "its encoding \"klingon\" is not known"),
            (bomb, "it uses the entity \"&b;\", which XML does not know"),
        ] {
            let said = walked(text.as_bytes()).expect_err(text);
            assert!(said.starts_with(why), "{text}: {said}");
        }
        let deep = "<a>".repeat(100_000);
        assert_eq!(walked(deep.as_bytes()), Err("its elements are nested more than 256 deep".to_owned()));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "(<|>|/|a|b='|&lt;|&|'|<!--|-->|<!\\[CDATA\\[|\\]\\]>| ){0,30}") {
            let _either = walked(&bytes);
            let _either = walked(text.as_bytes());
        }
    }
}
