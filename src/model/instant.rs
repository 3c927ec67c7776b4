//! Points in time, to the second, in UTC. The record knows no other time.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point in time, whole seconds since 1970-01-01T00:00:00Z. Prints as `2025-10-20T20:28:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(i64);

/// Why a text is not a point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnInstant {
    /// A time of day without a zone: it could be any of 38 different moments.
    #[error("\"{0}\" has a time but no zone: end it in Z (UTC) or an offset such as +02:00")]
    NoZone(String),
    /// Not a time at all.
    #[error("\"{0}\" is not a time: write 2025-10-20T19:15Z or 2025-10-20")]
    Unreadable(String),
}

impl Instant {
    /// From seconds since the epoch; `None` outside the years 0000-9999, which RFC 3339 cannot write.
    pub const fn from_seconds(seconds: i64) -> Option<Self> {
        if seconds >= -62_167_219_200 && seconds <= 253_402_300_799 { Some(Self(seconds)) } else { None }
    }

    /// From the `Date` of an HTTP header: `Mon, 23 Nov 2026 10:03:42 GMT`.
    pub fn from_http_date(text: &str) -> Option<Self> {
        Self::from_seconds(DateTime::parse_from_rfc2822(text).ok()?.timestamp())
    }

    /// Seconds since the epoch.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Seconds from `earlier` until this; negative when `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

impl FromStr for Instant {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Self, NotAnInstant> {
        text.parse::<Stamp>().map(|stamp| stamp.at)
    }
}

impl TryFrom<String> for Instant {
    type Error = NotAnInstant;

    fn try_from(text: String) -> Result<Self, NotAnInstant> {
        text.parse()
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::<Utc>::from_timestamp(self.0, 0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// A time as somebody wrote it: `19:15Z` stands for the whole minute, a plain date for the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stamp {
    /// The first second meant.
    pub at: Instant,
    /// How many seconds are meant: 1, 60 or 86,400.
    pub precision: u32,
}

impl Stamp {
    /// The last second meant, which is when something due "on that day" is due.
    pub fn end(self) -> Instant {
        Instant(self.at.0 + i64::from(self.precision) - 1)
    }
}

impl FromStr for Stamp {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Self, NotAnInstant> {
        let unreadable = || NotAnInstant::Unreadable(text.to_owned());
        // There is one between year and month in every form, and none in most of what conditions name.
        if !text.contains('-') {
            return Err(unreadable());
        }
        let stamp =
            |seconds, precision| Instant::from_seconds(seconds).map(|at| Self { at, precision }).ok_or_else(unreadable);
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return stamp(date.and_hms_opt(0, 0, 0).ok_or_else(unreadable)?.and_utc().timestamp(), 86_400);
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return stamp(time.timestamp(), 1);
        }
        let normal = text.strip_suffix('Z').map_or_else(|| text.to_owned(), |head| format!("{head}+00:00"));
        if let Ok(time) = DateTime::parse_from_str(&normal, "%Y-%m-%dT%H:%M%:z") {
            return stamp(time.timestamp(), 60);
        }
        let zoneless = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
        if zoneless.iter().any(|form| NaiveDateTime::parse_from_str(text, form).is_ok()) {
            return Err(NotAnInstant::NoZone(text.to_owned()));
        }
        Err(unreadable())
    }
}
