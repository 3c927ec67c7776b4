//! The one redactor: every captured byte passes through it before anybody sees it, the probe included.
//!
//! It blacks out the values of the secrets that were used, as they are and in the encodings they travel in, and whatever has
//! the shape of a credential. It replaces values only, so that JSON stays JSON. It must not decide what is captured.

mod shapes;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::bytes::Regex;

/// Stands in place of what was blacked out.
pub(super) const REDACTED: &str = "[REDACTED]";

/// Secrets shorter than this many bytes are not looked for: they would blacken half of every answer.
const SHORTEST: usize = 4;

/// Header names whose whole value is a credential.
const HEADERS: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "x-csrf-token",
    "x-vault-token",
];

/// Knows the values to black out.
#[derive(Debug, Default)]
pub(super) struct Redactor {
    secrets: Option<Regex>,
}

impl Redactor {
    /// Looks for these values besides the shapes of credentials.
    pub(super) fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut forms: BTreeSet<String> = BTreeSet::new();
        for value in values.flat_map(|value| [value, value.trim()]).filter(|value| value.len() >= SHORTEST) {
            forms.insert(written_form(value));
            // As a host in an address is written.
            forms.insert(written_form(&value.to_lowercase()));
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                forms.extend((0..3).map(|shift| base64_inside(engine, value.as_bytes(), shift)));
            }
        }
        // The longest first: of two secrets that start alike, the whole of the longer one must go.
        let mut forms: Vec<String> = forms.into_iter().collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        Self { secrets: if forms.is_empty() { None } else { shapes::compile(&forms.join("|")) } }
    }

    /// The bytes with every secret replaced, and how many were.
    pub(super) fn bytes(&self, bytes: Vec<u8>) -> (Vec<u8>, u32) {
        match self.redact(&bytes) {
            (Cow::Borrowed(_), _) => (bytes, 0),
            (Cow::Owned(redacted), count) => (redacted, count),
        }
    }

    /// As [`Self::bytes`], for text.
    pub(super) fn text(&self, text: &str) -> String {
        match self.redact(text.as_bytes()) {
            (Cow::Borrowed(_), _) => text.to_owned(),
            (Cow::Owned(redacted), _) => String::from_utf8_lossy(&redacted).into_owned(),
        }
    }

    /// A header's value: all of it where the name says that it is a credential.
    pub(super) fn header(&self, name: &str, value: &str) -> String {
        if HEADERS.contains(&name) && !value.is_empty() { REDACTED.to_owned() } else { self.text(value) }
    }

    /// Values and shapes are looked for apart and their places joined: where one pass found "password=my" it would step
    /// over the rest of the known secret "my dear password".
    fn redact<'b>(&self, bytes: &'b [u8]) -> (Cow<'b, [u8]>, u32) {
        let mut found: Vec<Range<usize>> = shapes::find(bytes);
        if let Some(secrets) = &self.secrets {
            let mut from = 0;
            while let Some(hit) = secrets.find_at(bytes, from) {
                match found.last_mut() {
                    Some(last) if hit.start() < last.end && last.start <= hit.start() => {
                        last.end = last.end.max(hit.end())
                    }
                    _ => found.push(hit.range()),
                }
                // One byte on, not behind the hit: two secrets may overlap.
                from = hit.start() + 1;
            }
        }
        if found.is_empty() {
            return (Cow::Borrowed(bytes), 0);
        }
        let places = joined(found);
        let mut redacted = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for place in &places {
            redacted.extend_from_slice(&bytes[from..place.start]);
            redacted.extend_from_slice(REDACTED.as_bytes());
            from = place.end;
        }
        redacted.extend_from_slice(&bytes[from..]);
        (Cow::Owned(redacted), u32::try_from(places.len()).unwrap_or(u32::MAX))
    }
}

fn joined(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_by_key(|place| (place.start, place.end));
    let mut places: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for place in found {
        match places.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => places.push(place),
        }
    }
    places
}

/// An expression for a value as it is, and as URLs, forms, JSON (also inside JSON) and XML may write it, character for
/// character.
fn written_form(value: &str) -> String {
    value
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character.to_string() } else { forms_of(character) })
        .collect()
}

fn forms_of(character: char) -> String {
    let mut buffer = [0_u8; 4];
    let bytes = character.encode_utf8(&mut buffer).as_bytes();
    let raw: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let percent: String = bytes.iter().map(|byte| format!("%(?i:{byte:02x})")).collect();
    let mut units = [0_u16; 2];
    let unicode: String =
        character.encode_utf16(&mut units).iter().map(|unit| format!(r"\\{{1,4}}u(?i:{unit:04x})")).collect();
    let code = u32::from(character);
    let mut forms = vec![raw, percent, unicode, format!("&#0*{code};"), format!("&#[xX]0*(?i:{code:x});")];
    forms.extend(
        match character {
            ' ' => &[r"\+"] as &[&str],
            '"' => &[r#"\\{1,4}""#, "&quot;"],
            '/' => &[r"\\{1,4}/"],
            // The last is how it is sent in an address.
            '\\' => &[r"\\{2,4}", "/"],
            '\'' => &["&apos;", r"'\\''"],
            '&' => &["&amp;"],
            '<' => &["&lt;"],
            '>' => &["&gt;"],
            '\n' => &[r"\\{1,4}n"],
            '\r' => &[r"\\{1,4}r"],
            '\t' => &[r"\\{1,4}t"],
            _ => &[],
        }
        .iter()
        .map(|form| (*form).to_owned()),
    );
    // An escaped backslash is longer than a plain one: the longest form first.
    forms.reverse();
    format!("(?:{})", forms.join("|"))
}

/// The characters of base64 that depend on `value` alone when `shift` bytes stand before it (modulo 3) and any after it.
fn base64_inside(engine: &impl base64::Engine, value: &[u8], shift: usize) -> String {
    let mut padded = vec![0_u8; shift];
    padded.extend_from_slice(value);
    let encoded = engine.encode(&padded);
    let first = (shift * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    regex::escape(&encoded[first..last])
}

#[cfg(test)]
mod tests;
