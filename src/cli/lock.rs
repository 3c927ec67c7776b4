//! The lock file beside an audit file: where each claim was last seen. It serves messages, and keeps `--fix` from numbers
//! that nobody claimed; no claim is ever found by it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::terminal::{self, BAD, CAUTION, STRONG, visible};
use super::whole;
use crate::model::quote::{NotThere, Place, Quote};
use crate::model::record::Record;
use crate::plan::Plan;
use crate::proofread::document::{MAX_BYTES, at_most};
use crate::proofread::locator::Locator;
use crate::record::bundle::read_evidence;

/// The most of a document that is looked through for a hint.
const MOST_READ: u64 = 4 << 20;

/// The shape of the file.
const VERSION: u32 = 1;

/// Where each claim was last seen, by its locator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lock {
    /// Where it is written; `None` where the audit file has no place of its own, or what is there cannot be read.
    #[serde(skip)]
    path: Option<PathBuf>,
    /// The shape of the file.
    version: u32,
    /// By locator.
    places: BTreeMap<String, Seen>,
}

/// What stood at a place, and where that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// The claim: `13 rules`.
    written: String,
    /// Its line, from 1.
    line: u32,
    /// The whole line: `- Claimed: 13 rules`.
    text: String,
}

impl Lock {
    /// What is remembered in `audit.lock.json` beside `audit.yaml`; nothing when there is no such file. One that is there and
    /// cannot be read is told and left alone: what somebody must merge is not for us to write over.
    pub(crate) fn read(plan: &Plan) -> Self {
        let Some(path) = plan.sources.first().map(|(path, _)| path.with_extension("lock.json")) else {
            return Self::default();
        };
        let read = match fs::File::open(&path).and_then(|file| at_most(file, MAX_BYTES)) {
            Ok(Some(bytes)) => Self::parse(&bytes),
            Ok(None) => Err(format!("it is larger than {MAX_BYTES} bytes")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.to_string()),
        };
        read.map(|lock| Self { path: Some(path.clone()), ..lock }).unwrap_or_else(|why| {
            let (path, why) = (path.display().to_string(), visible(&why));
            terminal::message(&format!(
                "{CAUTION}{STRONG}warning{STRONG:#}{CAUTION:#}: \"{}\" cannot be read, and is left as it is: {why}\n  \
                 {STRONG}help{STRONG:#}: settle what stands there, or delete it: the next run writes it anew\n",
                visible(&path)
            ));
            Self::default()
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let lock: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if lock.version == VERSION {
            Ok(lock)
        } else {
            Err(format!("it is of version {}, not {VERSION}", lock.version))
        }
    }

    /// Why the number that a locator leads to may be another one than was claimed: it counts numbers, and what it leads to is
    /// not what it led to when it was last seen. `None` where a name leads there, or the same number still stands there.
    pub(crate) fn doubt(&self, at: &str, now: &Quote) -> Option<String> {
        let locator = Locator::parse(at).ok().filter(|locator| locator.number.is_some())?;
        let Some(seen) = self.places.get(at) else {
            return locator.only_counts().then(|| {
                let when = if self.path.is_some() { "; this run does, unless `--locked` is given" } else { "" };
                format!("\"{at}\" only counts numbers, and no run remembers which one is meant{when}")
            });
        };
        let same = without_numbers(&seen.text) == without_numbers(&now.line_text)
            && (seen.written == now.written || !locator.only_counts());
        (!same).then(|| format!("\"{at}\" counts numbers, and led to \"{}\" in \"{}\" before", seen.written, seen.text))
    }

    /// A sentence for each locator that counts numbers and leads to another one than before. Those that were written now
    /// are left out.
    pub(crate) fn moved(&self, record: &Record, written: &BTreeSet<String>) -> String {
        let mut text = String::new();
        for (at, place) in &record.places {
            let (Place::Found(now), Some(seen)) = (place, self.places.get(at)) else { continue };
            if written.contains(at) || self.doubt(at, now).is_none() {
                continue;
            }
            let shown = |written: &str, text: &str, line: u32| {
                format!("\"{}\" in \"{}\" (line {line})", visible(written), visible(text))
            };
            text.push_str(&format!(
                "note: {} leads to {} now, and led to {} before\n  {STRONG}help{STRONG:#}: write `<!--cs:NAME-->` before the \
                 number that is meant, and name it `@marker(NAME)`; if it is this one, remove the entry of the lock file\n",
                visible(at),
                shown(&now.written, &now.line_text, now.spot.line),
                shown(&seen.written, &seen.text, seen.line)
            ));
        }
        text
    }

    /// What is remembered after a run: the places that were found, and the old memory of those that were not, or may be
    /// others. Those that were written now are what they should be.
    fn after(&self, record: &Record, written: &BTreeSet<String>) -> Self {
        let seen = |quote: &Quote| Seen {
            written: quote.written.clone(),
            line: quote.spot.line,
            text: quote.line_text.clone(),
        };
        let places = record.places.iter().filter_map(|(at, place)| {
            let seen = match place {
                Place::Found(quote)
                    if written.contains(at) || !self.places.contains_key(at) || self.doubt(at, quote).is_none() =>
                {
                    Some(seen(quote))
                }
                _ => self.places.get(at).cloned(),
            };
            seen.map(|seen| (at.clone(), seen))
        });
        Self { path: self.path.clone(), version: VERSION, places: places.collect() }
    }

    /// Writes the memory of a run beside the audit file, when it differs from what is there.
    pub(crate) fn update(&self, record: &Record, written: &BTreeSet<String>) {
        let next = self.after(record, written);
        let Some(path) = self.path.as_ref().filter(|_| next.places != self.places) else { return };
        if let Err(error) = next.write(path) {
            let path = path.display().to_string();
            terminal::message(&format!("note: \"{}\" could not be written: {error}\n", visible(&path)));
        }
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        whole::write(path, text + "\n", None)
    }

    /// What is known about the places that were not found: each with its error, what is there instead, and where it was
    /// last seen.
    pub(crate) fn not_found(&self, record: &Record, evidence: &Path) -> String {
        let mut text = String::new();
        for (at, place) in &record.places {
            let Place::NotFound(problem) = place else { continue };
            text.push_str(&told(at, problem));
            if let Some(seen) = self.places.get(at) {
                let hint = self.hint(at, seen, record, evidence);
                text.push_str(&format!("  {STRONG}help{STRONG:#}: {}\n", visible(&hint)));
            }
        }
        text
    }

    fn hint(&self, at: &str, seen: &Seen, record: &Record, evidence: &Path) -> String {
        let doc = Locator::parse(at).map(|locator| locator.doc).unwrap_or_default();
        let last = format!("last seen as \"{}\" at {doc}:{}", seen.text, seen.line);
        let document = record.documents.iter().find(|document| document.path == doc);
        let blobs = document.map(|document| document.exchange.answer.blobs()).unwrap_or_default();
        let bytes = blobs.first().and_then(|blob| read_evidence(evidence, blob, MOST_READ));
        let now = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        match now.and_then(|now| became(&now, seen)) {
            Some(became) => format!("{last}; {became}"),
            None => last,
        }
    }
}

fn told(at: &str, problem: &NotThere) -> String {
    let mut text = format!("{BAD}{STRONG}error[{}]{STRONG:#}{BAD:#}: {}\n", problem.code, visible(&problem.reason));
    text.push_str(&format!("  --> {}\n", visible(at)));
    if !problem.near.is_empty() {
        let near: Vec<String> = problem.near.iter().map(|near| visible(near)).collect();
        text.push_str(&format!("  there is: {}\n", near.join(", ")));
    }
    text + &format!("  {STRONG}help{STRONG:#}: {}\n", visible(&problem.help))
}

/// A line in which nothing is left of its numbers but that they are there.
fn without_numbers(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for piece in line.split_inclusive(|c: char| c.is_ascii_digit()) {
        let (text, digit) = match piece.char_indices().next_back().filter(|(_, last)| last.is_ascii_digit()) {
            Some((at, _)) => (&piece[..at], true),
            None => (piece, false),
        };
        // `1,026` is one number, and so is `99.5`.
        if !(shown.ends_with('#') && matches!(text, "" | "," | ".") && digit) {
            shown.push_str(text);
            shown.extend(digit.then_some('#'));
        }
    }
    shown
}

/// What has become of a line: it stands elsewhere, or its label has another name.
fn became(now: &str, seen: &Seen) -> Option<String> {
    let lines = || now.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    if let Some((line, _)) = lines().find(|(_, line)| *line == seen.text) {
        return Some(format!("the same line is line {line} now, under other headings"));
    }
    let (label, rest) = seen.text.split_once(':')?;
    let (line, other) = lines().find_map(|(at, line)| {
        let (other, tail) = line.split_once(':')?;
        (tail.trim() == rest.trim() && other != label).then_some((at, other))
    })?;
    Some(format!("did \"{}\" become \"{}\" (line {line})?", bare(label), bare(other)))
}

/// A label without the marks of a list or of emphasis around it.
fn bare(label: &str) -> &str {
    label.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '+' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Seen {
        Seen { written: "13 rules".to_owned(), line: 58, text: text.to_owned() }
    }

    #[test]
    fn a_renamed_label_is_recognised_by_the_rest_of_its_line() {
        let now = "# Rules\n\n- **Declared:** 13 rules\n";
        let became = became(now, &seen("- **Claimed:** 13 rules"));
        assert_eq!(became.as_deref(), Some("did \"Claimed\" become \"Declared\" (line 3)?"));
    }

    #[test]
    fn a_moved_line_is_recognised_as_it_is() {
        let became = became("intro\n\n- Claimed: 13 rules\n", &seen("- Claimed: 13 rules"));
        assert_eq!(became.as_deref(), Some("the same line is line 3 now, under other headings"));
    }

    #[test]
    fn a_line_is_the_same_whatever_its_numbers_are() {
        assert_eq!(without_numbers("| a | 1,026 | 99.5 % |"), without_numbers("| a | 7 | 100 % |"));
        assert_eq!(without_numbers("3 new, 17 flags."), "# new, # flags.");
        assert_ne!(without_numbers("17 flags, 10 on"), without_numbers("3 new, 17 flags, 10 on"));
    }

    #[test]
    fn a_line_that_is_gone_gives_no_hint() {
        assert_eq!(became("nothing here: 12 rules\n", &seen("- Claimed: 13 rules")), None);
    }
}
