//! JSON reports of any size in little memory: a list is folded item by item as it is read, and text beyond a bound is
//! refused before it is kept. It knows no report of any tool.

use std::fmt;
use std::io::{BufReader, Read};
use std::marker::PhantomData;

use encoding_rs_io::DecodeReaderBytesBuilder;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, SeqAccess, Visitor};

use super::test_run::TestRun;
use crate::model::fact::Unmeasurable;
use crate::model::number::Number;

/// Longest text inside of a report, in bytes: what a failing test printed may stand in one.
const MAX_TEXT: usize = 8 << 20;

/// What becomes of the items of a list.
pub trait Fold: Default {
    /// One item.
    type Item: DeserializeOwned;

    /// Takes in the next item.
    fn take(&mut self, item: Self::Item);
}

/// A list of which only what was made of its items is kept.
#[derive(Debug, Default)]
pub struct Folded<F>(pub F);

impl<'de, F: Fold> Deserialize<'de> for Folded<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<F>(PhantomData<F>);

        impl<'de, F: Fold> Visitor<'de> for Items<F> {
            type Value = Folded<F>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut folded = F::default();
                while let Some(item) = items.next_element()? {
                    folded.take(item);
                }
                Ok(Folded(folded))
            }
        }

        deserializer.deserialize_seq(Items(PhantomData))
    }
}

/// Why a report could not be read.
#[derive(Debug)]
pub enum Unread {
    /// It ends in the middle.
    Stops,
    /// It is something else.
    Other(Unmeasurable),
}

/// Reads one JSON document and nothing behind it. `tool` names what should have written it.
pub fn read<T: DeserializeOwned>(input: impl Read, tool: &str) -> Result<T, Unread> {
    let decoded = DecodeReaderBytesBuilder::new().strip_bom(true).build(input);
    let bounded = Bounded { input: decoded, inside: false, escaped: false, length: 0 };
    let mut reader = serde_json::Deserializer::from_reader(BufReader::with_capacity(64 * 1024, bounded));
    let other = |error: serde_json::Error| {
        if error.is_eof() && error.line() > 0 && (error.line(), error.column()) != (1, 0) {
            return Unread::Stops;
        }
        let said: String = error.to_string().chars().take(200).collect();
        Unread::Other(Unmeasurable::new(
            format!("it is not the JSON report of {tool}: {said}"),
            "Let the tool write its report into a file of its own: what tests print must not stand in it.",
        ))
    };
    let report = T::deserialize(&mut reader).map_err(other)?;
    reader.end().map_err(other)?;
    Ok(report)
}

/// What is to be said of a report that ends in the middle: nothing in it is known to be all.
pub fn stopped() -> TestRun {
    TestRun { cut_short: Some("the file stops in the middle".to_owned()), ..TestRun::default() }
}

/// Milliseconds as nanoseconds, exactly; `None` for what is no length of time.
pub fn milliseconds(number: &serde_json::Number) -> Option<u64> {
    let number: Number = number.to_string().parse().ok()?;
    (!number.is_negative()).then(|| (number * Number::power_of_ten(6)).to_fixed(0).parse().ok()).flatten()
}

/// Fails when a text inside of the JSON is longer than [`MAX_TEXT`].
struct Bounded<R> {
    input: R,
    inside: bool,
    escaped: bool,
    length: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(into)?;
        for byte in into.get(..read).unwrap_or_default() {
            self.length = if self.inside { self.length + 1 } else { 0 };
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.inside => self.escaped = true,
                b'"' => self.inside = !self.inside,
                _ => {}
            }
            if self.length > MAX_TEXT {
                return Err(std::io::Error::other("a text in it is longer than 8 MiB"));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Sum(u64);

    impl Fold for Sum {
        type Item = u64;

        fn take(&mut self, item: u64) {
            self.0 += item;
        }
    }

    fn refused(text: &[u8]) -> Option<String> {
        match read::<Folded<Sum>>(text, "sums") {
            Err(Unread::Other(error)) => Some(error.reason),
            Err(Unread::Stops) => None,
            Ok(sum) => panic!("it is {}", sum.0.0),
        }
    }

    #[test]
    fn a_list_is_folded_as_it_is_read() {
        assert_eq!(read::<Folded<Sum>>(&b"\xEF\xBB\xBF[1, 2, 3]\n"[..], "sums").expect("read").0.0, 6);
    }

    #[test]
    fn half_a_report_is_told_from_something_else() {
        assert_eq!(refused(b"[1, 2"), None);
        assert!(refused(b"").is_some());
        for text in [&b"hello"[..], b"[1] [2]", b"[1]\nPASS", b"{}"] {
            let reason = refused(text).expect("something else");
            assert!(reason.starts_with("it is not the JSON report of sums: "), "{reason}");
        }
    }

    #[test]
    fn deep_nesting_and_endless_text_are_refused() {
        let deep = "[".repeat(100_000);
        assert!(refused(deep.as_bytes()).is_some());
        let long = format!("[\"{}\"]", "a".repeat(MAX_TEXT + 1));
        assert!(read::<serde::de::IgnoredAny>(long.as_bytes(), "x").is_err());
        let reason = refused(long.as_bytes()).expect("refused");
        assert!(reason.contains("invalid type") || reason.contains("longer than"), "{reason}");
    }
}
