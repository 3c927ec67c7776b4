//! The one redactor: every captured byte passes through it before anybody sees it, the probe included.
//!
//! It blacks out the values of the secrets that were used, as they are and in the encodings they travel in, and whatever has
//! the shape of a credential. It replaces values only, so that JSON stays JSON. It must not decide what is captured.

mod forms;
mod made;
mod shapes;
mod views;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use regex::bytes::Regex;

/// Stands in place of what was blacked out.
pub(super) const REDACTED: &str = "[REDACTED]";

/// Secrets shorter than this many bytes are not looked for: they would blacken half of every answer.
const SHORTEST: usize = 4;

/// Lines of a secret shorter than this many characters are not looked for by themselves.
const SHORTEST_LINE: usize = 8;

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

/// Makes ready for the first answer.
pub(super) use shapes::prepare;

/// Knows the values to black out.
#[derive(Debug, Default)]
pub(super) struct Redactor {
    known: Option<Known>,
}

impl Redactor {
    /// Looks for these values besides the shapes of credentials.
    pub(super) fn new<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        Self { known: Known::of(values) }
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

    /// As [`Self::text`], without the shapes of credentials: for words of our own, which have such shapes as well.
    fn values(&self, text: &mut String) {
        let Some(known) = &self.known else { return };
        let (Cow::Owned(redacted), _) = blackened(text.as_bytes(), known.find(text.as_bytes())) else { return };
        *text = String::from_utf8_lossy(&redacted).into_owned();
    }

    /// A name that the other side chose, such as a header's. Names like `set-cookie` are no credentials.
    pub(super) fn name(&self, name: &str) -> String {
        let mut name = name.to_owned();
        self.values(&mut name);
        name
    }

    /// A header's value: all of it where the name says that it is a credential.
    pub(super) fn header(&self, name: &str, value: &str) -> String {
        if HEADERS.contains(&name) && !value.is_empty() { REDACTED.to_owned() } else { self.text(value) }
    }

    /// Values and shapes are looked for apart and their places joined: where one pass found "password=my" it would step
    /// over the rest of the known secret "my dear password".
    fn redact<'b>(&self, bytes: &'b [u8]) -> (Cow<'b, [u8]>, u32) {
        let mut found = shapes::find(bytes);
        found.extend(self.known.iter().flat_map(|known| known.find(bytes)));
        blackened(bytes, found)
    }
}

/// A value itself and, of one with several lines, each line that is long enough to be nothing else: a program may give back
/// one of them alone. The lines around a block of PEM are no secret.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    let whole = value.trim();
    let lines = if whole.contains('\n') { whole } else { "" }.lines().map(str::trim);
    let lines = lines.filter(|line| line.chars().count() >= SHORTEST_LINE && !line.starts_with("-----"));
    [value, whole].into_iter().chain(lines)
}

/// What to look for.
#[derive(Debug)]
struct Known {
    /// Values as they are.
    plain: Regex,
    /// Values in hex and in base64.
    encoded: Regex,
}

impl Known {
    /// `None` where there is nothing to look for.
    fn of<'a>(values: impl Iterator<Item = &'a str>) -> Option<Self> {
        let known: BTreeSet<&str> = values.flat_map(parts).filter(|part| part.len() >= SHORTEST).collect();
        // The longest first: of two secrets that start alike, the whole of the longer one must go.
        let mut known: Vec<&str> = known.into_iter().collect();
        known.sort_by_key(|part| std::cmp::Reverse(part.chars().count()));
        if known.is_empty() {
            return None;
        }
        let any = |forms: fn(&str) -> Vec<String>| {
            let all = |forms: fn(&str) -> Vec<String>| {
                shapes::compile(&known.iter().flat_map(|part| forms(part)).collect::<Vec<_>>().join("|"))
            };
            // Where that is too much to look for, as with secrets of a megabyte, they are still known as they are.
            all(forms).or_else(|| all(|part| vec![regex::escape(part)]))
        };
        Some(Self { plain: any(forms::plain)?, encoded: any(forms::encoded)? })
    }

    /// Where they stand: as they are, escaped, encoded, and encoded in lines.
    fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found = every(&self.plain, bytes);
        found.extend(every(&self.encoded, bytes));
        for (view, what) in [(views::unescaped(bytes), &self.plain), (views::unbroken(bytes), &self.encoded)] {
            let Some(view) = view else { continue };
            found.extend(every(what, &view.bytes).into_iter().map(|place| view.origin(place)));
        }
        found
    }
}

fn every(what: &Regex, bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(hit) = what.find_at(bytes, from) {
        match found.last_mut() {
            Some(last) if hit.start() < last.end => last.end = last.end.max(hit.end()),
            _ => found.push(hit.range()),
        }
        // One byte on, not behind the hit: two secrets may overlap.
        from = hit.start() + 1;
    }
    found
}

/// The bytes without what stands at these places, and how many there were.
fn blackened(bytes: &[u8], found: Vec<Range<usize>>) -> (Cow<'_, [u8]>, u32) {
    if found.is_empty() {
        return (Cow::Borrowed(bytes), 0);
    }
    let places = joined(found);
    let mut redacted = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for place in &places {
        redacted.extend_from_slice(&bytes[from..place.start]);
        redacted.extend_from_slice(&replacement(&bytes[place.clone()]));
        from = place.end;
    }
    redacted.extend_from_slice(&bytes[from..]);
    (Cow::Owned(redacted), u32::try_from(places.len()).unwrap_or(u32::MAX))
}

/// What stands in place of this: as wide as it is, so that text of UTF-16 stays that.
fn replacement(found: &[u8]) -> Cow<'static, [u8]> {
    let zeros = found.iter().skip(1).take_while(|byte| **byte == 0).count();
    if zeros == 0 || zeros + 1 >= found.len() {
        return Cow::Borrowed(REDACTED.as_bytes());
    }
    let characters: Vec<[u8; 1]> = REDACTED.bytes().map(|byte| [byte]).collect();
    Cow::Owned(characters.join(&vec![0; zeros][..]))
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

#[cfg(test)]
mod tests;
