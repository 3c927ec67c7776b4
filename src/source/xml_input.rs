//! XML as UTF-8, whatever encoding it came in, and what every reader of XML refuses. It knows no element.

use std::io::{BufRead, BufReader, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use quick_xml::events::BytesRef;

use crate::model::fact::Unmeasurable;

/// Elements inside each other beyond which a file is refused.
pub const MAX_DEPTH: usize = 256;
/// Longest event, in bytes: all that a suite printed may stand in one.
const MAX_EVENT: usize = 64 << 20;
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// The input as UTF-8: by its byte order mark, else by its XML declaration. What is not valid becomes U+FFFD, as some
/// tools write the raw bytes that a test printed. An encoding that nobody knows is an error, with its name.
pub fn decoded<R: Read>(mut input: R) -> Result<Bounded<impl BufRead + use<R>>, Unmeasurable> {
    let mut head = Vec::with_capacity(256);
    let unreadable =
        |error: std::io::Error| Unmeasurable::new(format!("it cannot be read: {error}"), "Check the file.");
    input.by_ref().take(256).read_to_end(&mut head).map_err(unreadable)?;
    let encoding = encoding_of(&head)?;
    let mut builder = DecodeReaderBytesBuilder::new();
    builder.encoding(Some(encoding)).bom_override(true);
    let whole = std::io::Cursor::new(head).chain(input);
    let decoded = builder.build_with_buffer(whole, vec![0; CHUNK]).map_err(unreadable)?;
    Ok(Bounded { input: BufReader::with_capacity(CHUNK, decoded), used: 0, most: MAX_EVENT })
}

/// Input that fails when one event (a text, a CDATA section, an element with its attributes) takes too much of it: the
/// reader of XML would hold all of it in memory first.
pub struct Bounded<R> {
    input: R,
    used: usize,
    most: usize,
}

impl<R> Bounded<R> {
    /// The next event begins.
    pub fn begin_event(&mut self) {
        self.used = 0;
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.used > self.most {
            let most = self.most >> 20;
            return Err(std::io::Error::other(format!("a text or an element in it is longer than {most} MiB")));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.used += amount;
        self.input.consume(amount);
    }
}

/// Is it a character by its number, or one of the five entities that XML knows without a DTD?
pub fn is_known(entity: &BytesRef<'_>) -> bool {
    entity.is_char_ref() || matches!(&**entity, "lt" | "gt" | "amp" | "apos" | "quot")
}

fn encoding_of(head: &[u8]) -> Result<&'static Encoding, Unmeasurable> {
    if head.starts_with(b"<\0") {
        return Ok(UTF_16LE);
    }
    if head.starts_with(b"\0<") {
        return Ok(UTF_16BE);
    }
    let text = String::from_utf8_lossy(head);
    let declared = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).and_then(|(declaration, _)| {
        let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        value[1..].split_once(quote).map(|(label, _)| label.to_owned())
    });
    let Some(label) = declared else { return Ok(UTF_8) };
    match Encoding::for_label(label.as_bytes()) {
        // The declaration could be read byte by byte, so it is not UTF-16 whatever it says.
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Ok(UTF_8),
        Some(encoding) => Ok(encoding),
        None => {
            let label: String = label.chars().take(60).collect();
            Err(Unmeasurable::new(format!("its encoding \"{label}\" is not known"), "Write it as UTF-8."))
        }
    }
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    const MOST: usize = 1 << 20;

    /// Reads to the end; the longest that was held in memory at once, or what is wrong.
    fn longest(text: &str) -> Result<usize, String> {
        let mut reader = Reader::from_reader(Bounded { most: MOST, ..decoded(text.as_bytes()).expect("UTF-8") });
        let (mut buffer, mut longest) = (Vec::new(), 0);
        loop {
            buffer.clear();
            reader.get_mut().begin_event();
            let event = reader.read_event_into(&mut buffer).map(|event| matches!(event, Event::Eof));
            longest = longest.max(buffer.len());
            match event {
                Ok(true) => return Ok(longest),
                Ok(false) => {}
                Err(error) if longest <= MOST + CHUNK => return Err(error.to_string()),
                Err(error) => panic!("{longest} bytes were held before {error}"),
            }
        }
    }

    #[test]
    fn no_event_is_held_that_is_longer_than_its_bound() {
        let many = "<b>text</b>".repeat(MOST / 8);
        assert_eq!(longest(&format!("<a>{many}</a>")).map(|longest| longest < 100), Ok(true));
        let long = "<> ".repeat(MOST / 3 + CHUNK);
        for text in [
            format!("<a><![CDATA[{long}]]></a>"),
            format!("<a><!--{long}--></a>"),
            format!("<a>{}</a>", "x".repeat(MOST + CHUNK)),
            format!("<a b='{long}'/>"),
        ] {
            let said = longest(&text).expect_err("refused");
            assert!(said.contains("longer than 1 MiB"), "{said}");
        }
    }
}
