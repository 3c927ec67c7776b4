//! Dates and times as people print them (`October 18, 2025 at 20:43 UTC`, `2025-10-20 19:15Z`, `~19:15 UTC on Oct 20`).
//!
//! It must not guess: what lacks its year, its day or its zone is a time, and says why it is no point in time.

use std::ops::Range;

use jiff::civil;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};

use crate::model::instant::{Instant, Stamp};

/// Longer texts are no printed times.
const MAX_TEXT: usize = 100;
/// How far off an "about" may be, in seconds.
const ABOUT: i64 = 300;
/// The day of a date, as people order it. A full month name is tried before its abbreviation.
const DATES: [&str; 9] = ["%Y-%m-%d", "%Y/%m/%d", "%B %d", "%b %d", "%b. %d", "%d %B", "%d %b", "%d. %B", "%B"];
/// How the names of months begin.
const MONTHS: [char; 16] = ['J', 'F', 'M', 'A', 'S', 'O', 'N', 'D', 'j', 'f', 'm', 'a', 's', 'o', 'n', 'd'];
const WEEKDAYS: [&str; 2] = ["%A", "%a"];
const CLOCKS: [(&str, u32); 6] =
    [("%I:%M:%S %p", 1), ("%I:%M %p", 60), ("%I:%M%p", 60), ("%H:%M:%S%.f", 1), ("%H:%M:%S", 1), ("%H:%M", 60)];
/// Letters that name more than one zone, or one zone at some times of the year only.
const VAGUE_ZONES: [&str; 20] = [
    "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "ET", "CT", "MT", "PT", "CET", "CEST", "EET", "EEST",
    "BST", "IST", "JST", "MSK",
];

/// Why a printed time is no point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotATime {
    /// `Oct 20`.
    #[error("\"{0}\" has no year: write 20 October 2025 or 2025-10-20")]
    NoYear(String),
    /// `October 2025`, `Oct 23-30`.
    #[error("\"{0}\" is not one day: write 20 October 2025 or 2025-10-20")]
    NoSingleDay(String),
    /// `19:15 UTC`.
    #[error("\"{0}\" has no date: write 2025-10-20T19:15Z")]
    NoDate(String),
    /// `20 October 2025, 19:15`.
    #[error("\"{0}\" has a time but no zone: end it in UTC or an offset such as +02:00")]
    NoZone(String),
    /// `19:15 CST`.
    #[error("\"{0}\" has no certain zone: end it in UTC or an offset such as +02:00")]
    UncertainZone(String),
    /// No such day, or a time of day that a change of clocks left out or repeated.
    #[error("\"{0}\" is no time that exists once: write it in UTC")]
    Impossible(String),
    /// Anything else.
    #[error("\"{0}\" is not a time: write 2025-10-20T19:15Z, 20 October 2025 or 2025-10-20")]
    Unreadable(String),
}

/// A date or time as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedTime {
    /// As written.
    pub text: String,
    /// Where `text` stands in what was parsed, in bytes.
    pub span: Range<usize>,
    /// Is it printed as "about" that time?
    pub about: bool,
    /// The time meant, or why it is none. A plain date is the whole day, UTC.
    pub stamp: Result<Stamp, NotATime>,
}

impl PrintedTime {
    /// Reads a text that is one time and nothing else.
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let trimmed = text.trim();
        let unreadable = || NotATime::Unreadable(trimmed.chars().take(40).collect());
        if trimmed.len() > MAX_TEXT {
            return Err(unreadable());
        }
        let start = text.len() - text.trim_start().len();
        if let Ok(stamp) = trimmed.parse::<Stamp>() {
            let span = start..start + trimmed.len();
            return Ok(Self { text: trimmed.to_owned(), span, about: false, stamp: Ok(stamp) });
        }
        let mut time = Self::prefix(trimmed).filter(|time| time.span.end == trimmed.len()).ok_or_else(unreadable)?;
        time.stamp = Ok(time.stamp?);
        time.span = start..start + trimmed.len();
        Ok(time)
    }

    /// The time at the very start of `text`, whatever stands behind it; one that is no point in time says why.
    pub fn prefix(text: &str) -> Option<Self> {
        let mut reader = Reader::new(text);
        let about = reader.eat_any(&["~", "≈", "about ", "around ", "approximately ", "roughly ", "circa ", "ca. "]);
        if !reader.may_begin() {
            return None;
        }
        let mut parts = Parts::default();
        reader.parts(&mut parts)?;
        let written = &text[..reader.at];
        let stamp = parts.stamp(written);
        Some(Self { text: written.to_owned(), span: 0..reader.at, about, stamp })
    }

    /// The same time, in a text of which `by` more bytes stand before it.
    #[must_use]
    pub fn moved(mut self, by: usize) -> Self {
        self.span = self.span.start + by..self.span.end + by;
        self
    }

    /// The first and the last moment that it stands for; `None` when it is no point in time.
    pub fn moments(&self) -> Option<(Instant, Instant)> {
        let stamp = self.stamp.as_ref().ok()?;
        let slack = if self.about && stamp.precision < 86_400 { ABOUT } else { 0 };
        let first = Instant::from_seconds(stamp.at.seconds() - slack)?;
        let last = Instant::from_seconds(stamp.end().seconds().max(stamp.at.seconds() + slack))?;
        Some((first, last))
    }
}

/// What of a time was written.
#[derive(Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    days: bool,
    clock: Option<(civil::Time, u32)>,
    zone: Option<Zone>,
}

enum Zone {
    Known(TimeZone),
    Vague,
}

impl Parts {
    fn stamp(self, written: &str) -> Result<Stamp, NotATime> {
        let told = || written.to_owned();
        let Some(month) = self.month else { return Err(NotATime::NoDate(told())) };
        if self.days {
            return Err(NotATime::NoSingleDay(told()));
        }
        let Some(year) = self.year else { return Err(NotATime::NoYear(told())) };
        let Some(day) = self.day else { return Err(NotATime::NoSingleDay(told())) };
        let date = civil::Date::new(year, month, day).map_err(|_| NotATime::Impossible(told()))?;
        let (clock, precision, zone) = match (self.clock, self.zone) {
            (None, _) => (civil::Time::midnight(), 86_400, TimeZone::UTC),
            (Some(_), None) => return Err(NotATime::NoZone(told())),
            (Some(_), Some(Zone::Vague)) => return Err(NotATime::UncertainZone(told())),
            (Some((clock, precision)), Some(Zone::Known(zone))) => (clock, precision, zone),
        };
        let moment = zone.to_ambiguous_timestamp(date.to_datetime(clock)).unambiguous();
        let seconds = moment.map_err(|_| NotATime::Impossible(told()))?.as_second();
        let at = Instant::from_seconds(seconds).ok_or_else(|| NotATime::Impossible(told()))?;
        Ok(Stamp { at, precision })
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn eat_any(&mut self, words: &[&str]) -> bool {
        let found = words.iter().find(|word| self.rest().starts_with(**word));
        self.at += found.map_or(0, |word| word.len());
        found.is_some()
    }

    /// Before any format is tried: of numbers, nearly none has behind its digits what a date or a clock has there.
    fn may_begin(&self) -> bool {
        let rest = self.rest();
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let month = || behind.strip_prefix('.').unwrap_or(behind).trim_start();
        behind.len() == rest.len() || has_sign_twice(behind) || behind.starts_with(':') || month().starts_with(MONTHS)
    }

    /// What a format of `strptime` takes, when no digit or letter goes on behind it.
    fn take(&mut self, format: &str) -> Option<BrokenDownTime> {
        let rest = self.rest();
        // `strptime` skips white space before numbers, and reads names in any case.
        if !rest.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase()) {
            return None;
        }
        let (time, length) = BrokenDownTime::parse_prefix(format, window(rest)).ok()?;
        let behind = rest.get(length..)?;
        let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let separate = ends || format.starts_with("%Y") && behind.starts_with('T');
        let zulu = format.starts_with("%H") && behind.starts_with('Z');
        if !(separate || zulu) {
            return None;
        }
        self.at += length;
        Some(time)
    }

    /// Date and clock in either order; `None` when neither stands here.
    fn parts(&mut self, parts: &mut Parts) -> Option<()> {
        if self.date(parts).is_some() {
            let before = self.at;
            let joined = self.eat_any(&["T", " at ", ", ", " - ", " "]);
            if !joined || parts.days || parts.day.is_none() || self.clock(parts).is_none() {
                self.at = before;
            }
            return Some(());
        }
        self.clock(parts)?;
        let before = self.at;
        let joined = self.eat_any(&[" on ", ", ", " "]);
        if !joined || self.date(parts).is_none() {
            self.at = before;
        }
        Some(())
    }

    fn date(&mut self, parts: &mut Parts) -> Option<()> {
        let before = self.at;
        let digits = |reader: &Self| reader.rest().starts_with(|c: char| c.is_ascii_digit());
        if !digits(self) && WEEKDAYS.iter().any(|format| self.take(format).is_some()) && !self.eat_any(&[", ", " "]) {
            self.at = before;
            return None;
        }
        let named = !digits(self);
        for format in DATES {
            // The name of a month has no digits, and a year or a day nothing else.
            if named != (format.starts_with("%B") || format.starts_with("%b")) {
                continue;
            }
            let Some(time) = self.take(format) else { continue };
            // A month alone is a date only with its year; "May" alone is a word.
            (parts.year, parts.month, parts.day) = (time.year(), time.month(), time.day());
            if parts.year.is_none() {
                parts.days = format != "%B" && self.more_days();
                let end = self.at;
                if self.eat_any(&[", ", " "]) {
                    parts.year = self.year();
                }
                if parts.year.is_none() {
                    self.at = end;
                }
            }
            if parts.day.is_some() || parts.year.is_some() {
                return Some(());
            }
            break;
        }
        self.at = before;
        *parts = Parts { clock: parts.clock.take(), zone: parts.zone.take(), ..Parts::default() };
        None
    }

    /// `-30` behind `Oct 23`.
    fn more_days(&mut self) -> bool {
        let before = self.at;
        let more = self.eat_any(&["-", "–"]) && self.take("%d").is_some();
        if !more {
            self.at = before;
        }
        more
    }

    fn year(&mut self) -> Option<i16> {
        let four = self.rest().get(..4).is_some_and(|head| head.bytes().all(|byte| byte.is_ascii_digit()));
        let year = if four { self.take("%Y")?.year()? } else { return None };
        (1900..2200).contains(&year).then_some(year)
    }

    fn clock(&mut self, parts: &mut Parts) -> Option<()> {
        let before = self.at;
        // `3:1` is a ratio.
        let minutes = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count() == 2;
        let shaped =
            self.rest().split_once(':').is_some_and(|(hours, rest)| (1..=2).contains(&hours.len()) && minutes(rest));
        let (time, precision) =
            CLOCKS.iter().filter(|_| shaped).find_map(|(format, precision)| Some((self.take(format)?, *precision)))?;
        let Ok(time) = time.to_time() else {
            self.at = before;
            return None;
        };
        parts.clock = Some((time, precision));
        parts.zone = self.zone();
        Some(())
    }

    fn zone(&mut self) -> Option<Zone> {
        let before = self.at;
        let spaced = self.eat_any(&[" ", "\u{a0}"]);
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/_+-:".contains(c))).unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches(':');
        self.at += word.len();
        let zone = named_zone(word, spaced);
        if zone.is_none() {
            self.at = before;
        }
        zone
    }
}

/// `-10-20` behind the year: the same sign twice, with a month between.
fn has_sign_twice(behind: &str) -> bool {
    let Some(sign) = behind.chars().next().filter(|sign| matches!(sign, '-' | '/')) else { return false };
    let after = behind[1..].trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == '+');
    after.starts_with(sign)
}

/// No format reads more than this.
fn window(rest: &str) -> &str {
    let end = rest.char_indices().nth(40).map_or(rest.len(), |(at, _)| at);
    &rest[..end]
}

fn named_zone(word: &str, spaced: bool) -> Option<Zone> {
    let offset = |text: &str| {
        ["%:z", "%z", "%:::z"].iter().find_map(|format| BrokenDownTime::parse(format, text).ok()?.offset())
    };
    let known = |offset: Offset| Some(Zone::Known(offset.to_time_zone()));
    match word {
        "Z" | "UTC" | "GMT" => known(Offset::UTC),
        _ if VAGUE_ZONES.contains(&word) => Some(Zone::Vague),
        _ if word.starts_with(['+', '-']) => known(offset(word)?),
        _ if word.starts_with("UTC") || word.starts_with("GMT") => {
            let hours = &word[3..];
            let padded = if hours.len() == 2 { format!("{}0{}", &hours[..1], &hours[1..]) } else { hours.to_owned() };
            known(offset(&padded)?)
        }
        _ if spaced && word.contains('/') => TimeZone::get(word).ok().map(Zone::Known),
        _ => None,
    }
}
