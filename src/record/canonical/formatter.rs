//! Canonical bytes in one pass: the JSON library walks the value and calls this for each piece, which writes strings
//! clean, refuses inexact numbers, and puts the names of an object in order when it ends. It must not know what a record
//! is.

use std::cmp::Ordering;
use std::fmt::Display;
use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::RecordProblem;
use crate::model::captured::is_all;

/// The largest integer that every JSON reader keeps exactly.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The bytes, and whether some text in them was not clean before. `likely` bytes are made room for at once.
pub(super) fn written<T: Serialize>(value: &T, likely: usize) -> Result<(Vec<u8>, bool), RecordProblem> {
    let mut canonical = Canonical { bytes: Vec::with_capacity(likely), ..Canonical::default() };
    // What the library would write stands in `canonical` alone.
    let walked = value.serialize(&mut Serializer::with_formatter(io::sink(), &mut canonical));
    if let Some(number) = canonical.inexact {
        return Err(RecordProblem::InexactNumber(number));
    }
    walked?;
    Ok((canonical.bytes, canonical.changed))
}

/// What is written so far. An object's members stand in it as they came until the object ends.
#[derive(Default)]
struct Canonical {
    bytes: Vec<u8>,
    /// Of every object that is open, the outermost first.
    members: Vec<Member>,
    /// Where the members of each open object begin in `members`.
    objects: Vec<usize>,
    sorted: Vec<u8>,
    /// Has all that was written since the last name began its bytes for UTF-16 code units?
    plain: bool,
    changed: bool,
    inexact: Option<String>,
}

/// A name and its value, in the bytes that are written.
#[derive(Clone)]
struct Member {
    /// With its quotes.
    name: Range<usize>,
    /// Are its bytes its UTF-16 code units?
    plain: bool,
    end: usize,
}

impl Canonical {
    fn put(&mut self, text: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(text);
        Ok(())
    }

    fn integer<N: TryInto<i64> + Display + Copy>(&mut self, number: N) -> io::Result<()> {
        if number.try_into().is_ok_and(|number: i64| number.unsigned_abs() <= MAX_INTEGER) {
            return write!(self.bytes, "{number}");
        }
        self.no_number(number)
    }

    fn no_number(&mut self, number: impl Display) -> io::Result<()> {
        self.inexact = Some(number.to_string());
        Err(io::Error::other("inexact"))
    }

    /// Makes a hidden character visible: `\u{1b}`, whose backslash is one more in JSON.
    fn reveal(&mut self, character: char) -> io::Result<()> {
        self.changed = true;
        write!(self.bytes, "\\{}", character.escape_unicode())
    }

    /// Sorts the members of the object that ends by the UTF-16 code units of their names (RFC 8785, section 3.2.3). Of two
    /// names that became one by being cleaned, the later stays.
    fn sort(&mut self, first: usize) {
        let (bytes, members) = (&self.bytes, &mut self.members[first..]);
        let compared = |one: &Member, other: &Member| {
            let (a, b) = (&bytes[one.name.clone()], &bytes[other.name.clone()]);
            // Without the closing quote: a name comes before those that it begins.
            if one.plain && other.plain { a[..a.len() - 1].cmp(&b[..b.len() - 1]) } else { by_code_units(a, b) }
        };
        if members.is_sorted_by(|one, other| compared(one, other) == Ordering::Less) {
            return;
        }
        let begin = members.first().map_or(bytes.len(), |member| member.name.start);
        members.sort_by(compared);
        self.sorted.clear();
        for (at, member) in members.iter().enumerate() {
            if members.get(at + 1).is_some_and(|next| compared(member, next) == Ordering::Equal) {
                continue;
            }
            if !self.sorted.is_empty() {
                self.sorted.push(b',');
            }
            self.sorted.extend_from_slice(&bytes[member.name.start..member.end]);
        }
        self.bytes.truncate(begin);
        self.bytes.extend_from_slice(&self.sorted);
    }
}

/// Two names in their quotes.
fn by_code_units(one: &[u8], other: &[u8]) -> Ordering {
    let read = |name| serde_json::from_slice::<String>(name).unwrap_or_default();
    read(one).encode_utf16().cmp(read(other).encode_utf16())
}

macro_rules! integers {
    ($($write:ident($type:ty))*) => {
        $(fn $write<W: ?Sized + Write>(&mut self, _: &mut W, value: $type) -> io::Result<()> {
            self.integer(value)
        })*
    };
}

impl Formatter for &mut Canonical {
    integers! {
        write_i8(i8) write_i16(i16) write_i32(i32) write_i64(i64) write_i128(i128)
        write_u8(u8) write_u16(u16) write_u32(u32) write_u64(u64) write_u128(u128)
    }

    fn write_f32<W: ?Sized + Write>(&mut self, _: &mut W, value: f32) -> io::Result<()> {
        self.no_number(value)
    }

    fn write_f64<W: ?Sized + Write>(&mut self, _: &mut W, value: f64) -> io::Result<()> {
        self.no_number(value)
    }

    fn write_number_str<W: ?Sized + Write>(&mut self, _: &mut W, value: &str) -> io::Result<()> {
        self.no_number(value)
    }

    /// What was written before, in this form: see [`Parts`](super::Parts).
    fn write_byte_array<W: ?Sized + Write>(&mut self, _: &mut W, written: &[u8]) -> io::Result<()> {
        self.put(written)
    }

    fn write_raw_fragment<W: ?Sized + Write>(&mut self, _: &mut W, _: &str) -> io::Result<()> {
        Err(io::Error::other("raw JSON cannot be made canonical"))
    }

    fn write_null<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"null")
    }

    fn write_bool<W: ?Sized + Write>(&mut self, _: &mut W, value: bool) -> io::Result<()> {
        self.put(if value { b"true" } else { b"false" })
    }

    fn begin_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"\"")
    }

    fn end_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"\"")
    }

    /// What stands between two escapes. No character composes with one that JSON escapes, so each piece has a normal form
    /// of its own.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, _: &mut W, fragment: &str) -> io::Result<()> {
        self.plain &= fragment.is_ascii();
        if is_clean(fragment) {
            return self.put(fragment.as_bytes());
        }
        self.plain = false;
        let from = self.bytes.len();
        for character in fragment.nfc() {
            if is_hidden(character) {
                self.reveal(character)?;
            } else {
                self.put(character.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        self.changed |= self.bytes[from..] != *fragment.as_bytes();
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, _: &mut W, escape: CharEscape) -> io::Result<()> {
        self.plain = false;
        match escape {
            CharEscape::Quote => self.put(b"\\\""),
            CharEscape::ReverseSolidus => self.put(b"\\\\"),
            CharEscape::Solidus => self.put(b"/"),
            CharEscape::LineFeed => self.put(b"\\n"),
            CharEscape::Tab => self.put(b"\\t"),
            CharEscape::Backspace => self.reveal('\u{8}'),
            CharEscape::FormFeed => self.reveal('\u{c}'),
            CharEscape::CarriageReturn => self.reveal('\r'),
            CharEscape::AsciiControl(byte) => self.reveal(char::from(byte)),
        }
    }

    fn begin_array<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"[")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        self.put(if first { b"" } else { b"," })
    }

    fn end_array<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b"]")
    }

    fn begin_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.objects.push(self.members.len());
        self.put(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        self.put(if first { b"" } else { b"," })?;
        let at = self.bytes.len();
        self.members.push(Member { name: at..at, plain: false, end: at });
        self.plain = true;
        Ok(())
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        let at = self.bytes.len();
        if let Some(member) = self.members.last_mut() {
            member.name.end = at;
            member.plain = self.plain;
        }
        Ok(())
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.put(b":")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        let at = self.bytes.len();
        if let Some(member) = self.members.last_mut() {
            member.end = at;
        }
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        let first = self.objects.pop().unwrap_or_default();
        self.sort(first);
        self.members.truncate(first);
        self.put(b"}")
    }
}

/// A whole number that every JSON reader keeps.
pub(in crate::record) fn is_exact(number: &serde_json::Number) -> bool {
    number.as_u64().is_some_and(|n| n <= MAX_INTEGER)
        || number.as_i64().is_some_and(|n| n.unsigned_abs() <= MAX_INTEGER)
}

fn is_clean(text: &str) -> bool {
    // Nearly every text is no more than this.
    let is_plain = |byte: u8| (byte.wrapping_sub(b' ') <= b'~' - b' ') | (byte == b'\t') | (byte == b'\n');
    is_all(text, is_plain) || (!text.chars().any(is_hidden) && is_nfc_quick(text.chars()) == IsNormalized::Yes)
}

/// Characters that hide, reorder or join text: controls but newline and tab, bidi controls, zero-width characters.
pub(in crate::record) const fn is_hidden(character: char) -> bool {
    matches!(character,
        '\0'..='\x08' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
