//! What a source of feature flags says of each flag, whichever source it is. What it does not say is `None`: a flag of
//! which nothing is known is not off.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::endpoint;
use crate::model::captured::shortened;
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::witness::HttpAnswer;

/// More flags than anybody has. A source that has more is not a source of flags, or never ends.
pub const MAX_FLAGS: usize = 100_000;
/// The longest name of a flag, in bytes.
const MAX_NAME: usize = 1_000;
/// The most of a name that a message shows, in characters.
const SHOWN_NAME: usize = 80;

/// Is a flag on?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switch {
    /// For everybody, unless [`Flag::withheld`] says otherwise.
    On,
    /// Not for everybody; [`Flag::reachable`] says whether for anybody.
    Off,
    /// It hands out a value and nobody can tell which of its values is "off"; what it is, such as `a string`.
    Setting(&'static str),
    /// The source does not say, and why.
    Unknown(String),
}

/// One flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Its name.
    pub name: String,
    /// Is it on for everybody?
    pub switch: Switch,
    /// Is it rolled out in part, or planned?
    pub staged: Option<bool>,
    /// Can it be on for anybody?
    pub reachable: Option<bool>,
    /// Can it be off for anybody?
    pub withheld: Option<bool>,
    /// Does the source itself mark it as stale?
    pub stale: Option<bool>,
    /// The share of those it is on for, where it is one number.
    pub rollout: Option<Number>,
    /// What the source calls its type.
    pub kind: Option<String>,
    /// When it was last changed.
    pub changed: Option<Instant>,
}

impl Flag {
    /// A flag of which nothing but this is known.
    pub fn new(name: impl Into<String>, switch: Switch) -> Self {
        let reachable = match &switch {
            Switch::On => Some(true),
            Switch::Off => Some(false),
            Switch::Setting(_) | Switch::Unknown(_) => None,
        };
        let withheld = reachable.map(|reachable| !reachable);
        Self {
            name: name.into(),
            switch,
            staged: None,
            reachable,
            withheld,
            stale: None,
            rollout: None,
            kind: None,
            changed: None,
        }
    }

    /// A flag that is on for everybody, for some or for nobody, from a source that knows which.
    pub fn reaching(name: impl Into<String>, reach: Reach) -> Self {
        let switch = if reach == Reach::All { Switch::On } else { Switch::Off };
        let (staged, reachable) = (Some(reach == Reach::Some), Some(reach != Reach::Nobody));
        Self { staged, reachable, ..Self::new(name, switch) }
    }
}

/// Whom a flag is on for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nobody.
    Nobody,
    /// Some: a share of them, or those who meet a condition.
    Some,
    /// Everybody.
    All,
}

const TOO_MUCH: &str = "Look whether it is the right file or address.";

/// Refuses so many flags, before more of them are asked for.
pub fn not_too_many(flags: usize) -> Result<(), Unmeasurable> {
    if flags > MAX_FLAGS {
        return Err(Unmeasurable::new(format!("it has more than {MAX_FLAGS} flags"), TOO_MUCH));
    }
    Ok(())
}

/// All flags of a source, and what it says beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// Each flag that is not archived, in the order of the source.
    pub flags: Vec<Flag>,
    /// What a reader should know, whole sentences.
    pub notes: Vec<String>,
}

impl Flags {
    /// Refuses what is too much to be flags.
    pub fn checked(self) -> Result<Self, Unmeasurable> {
        not_too_many(self.flags.len())?;
        let help = TOO_MUCH;
        if let Some(flag) = self.flags.iter().find(|flag| flag.name.len() > MAX_NAME) {
            let (shown, bytes) = (named(&flag.name), flag.name.len());
            return Err(Unmeasurable::new(
                format!("the name of the flag {shown} has {bytes} bytes, more than {MAX_NAME}"),
                help,
            ));
        }
        Ok(self)
    }
}

/// The environment that is meant, of those that all flags of a source have a setting for, page after page; it may go
/// without saying when there is but one. `correct` says what to do about a name that none of them has, and `none` where
/// no flag has a setting for any.
pub fn the_environment<'a>(
    known: impl Iterator<Item = &'a str>,
    asked: Option<&str>,
    (correct, none): (&str, &str),
) -> Result<String, Unmeasurable> {
    let known: Vec<&str> = known.collect::<BTreeSet<_>>().into_iter().collect();
    match (asked, known.as_slice()) {
        (_, []) => Err(Unmeasurable::new("it has no setting for any environment", none)),
        (Some(asked), known) if known.contains(&asked) => Ok(asked.to_owned()),
        (Some(asked), known) => Err(Unmeasurable::new(
            format!("it has no environment {}; there are {}", named(asked), listed(known.iter().copied())),
            correct,
        )),
        (None, [one]) => Ok((*one).to_owned()),
        (None, known) => Err(Unmeasurable::new(
            format!("it has several environments: {}", listed(known.iter().copied())),
            "Say which one in `environment:`.",
        )),
    }
}

/// A flag's name in a message.
pub fn named(name: &str) -> String {
    format!("\"{}\"", shortened(name, SHOWN_NAME))
}

/// The first of them, and how many more there are.
pub fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 5;
    let names: Vec<&str> = names.collect();
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| named(name)).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// An object's members in the order they stand in, the same name twice included.
#[derive(Debug, Clone)]
pub struct Members<T>(pub Vec<(String, T)>);

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Each<T> {
            type Value = Members<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = entries.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Each(PhantomData))
    }
}

/// What a JSON value is, by how it begins; no digit of a number is looked at more closely than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// `true` or `false`.
    Flag(bool),
    /// `null`, `0` or the empty string.
    Nothing,
    /// Anything else, such as `a string`.
    Other(&'static str),
}

/// What a flag hands out.
pub fn served(value: &RawValue) -> Served {
    let text = value.get().trim();
    match text.as_bytes().first() {
        Some(b't') => Served::Flag(true),
        Some(b'f') => Served::Flag(false),
        Some(b'n') | None => Served::Nothing,
        Some(b'"') if text == "\"\"" => Served::Nothing,
        Some(b'"') => Served::Other("a string"),
        Some(b'[') => Served::Other("a list"),
        Some(b'{') => Served::Other("an object"),
        Some(_) => {
            let digits = text.split(['e', 'E']).next().unwrap_or_default();
            if digits.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
                Served::Other("a number")
            } else {
                Served::Nothing
            }
        }
    }
}

/// Reads an answer as JSON of the shape `T`; only a status of 2xx is an answer.
pub fn answered<T: DeserializeOwned>(answer: &HttpAnswer, server: &str) -> Result<T, Unmeasurable> {
    /// Of this shape is no JSON at all, so that reading it always says what came instead.
    #[derive(serde::Deserialize)]
    enum Nothing {}

    match answer.status {
        200..300 => endpoint::json(answer, server),
        429 => Err(Unmeasurable::new(
            format!("{server} answered 429: it was asked too often"),
            "Run the audit again later, or ask for fewer things at once.",
        )),
        _ => match endpoint::json::<Nothing>(answer, server) {
            Err(problem) => Err(problem),
            Ok(nothing) => match nothing {},
        },
    }
}

/// A number of milliseconds since 1970, which is how LaunchDarkly writes a time; to the second below.
pub fn milliseconds(since: u64) -> Option<Instant> {
    Instant::from_seconds(i64::try_from(since / 1_000).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect(text)
    }

    #[test]
    fn a_value_is_told_by_how_it_begins_whatever_its_digits() {
        for (text, expected) in [
            ("true", Served::Flag(true)),
            ("false", Served::Flag(false)),
            ("null", Served::Nothing),
            ("\"\"", Served::Nothing),
            ("-0.0e9", Served::Nothing),
            ("0", Served::Nothing),
            ("9007199254740993", Served::Other("a number")),
            ("1e999999", Served::Other("a number")),
            ("0.001", Served::Other("a number")),
            ("\"false\"", Served::Other("a string")),
            ("[]", Served::Other("a list")),
            ("{}", Served::Other("an object")),
        ] {
            assert_eq!(served(&raw(text)), expected, "{text}");
        }
    }

    #[test]
    fn members_keep_a_name_that_stands_twice() {
        let members: Members<bool> = serde_json::from_str(r#"{"a": true, "a": false}"#).expect("reads");
        assert_eq!(members.0, [("a".to_owned(), true), ("a".to_owned(), false)]);
    }

    #[test]
    fn too_long_a_name_is_refused_and_shown_in_part() {
        let name = format!("\u{1b}[31m{}", "x".repeat(1_000_000));
        let flags = Flags { flags: vec![Flag::new(name, Switch::On)], ..Flags::default() };
        let reason = flags.checked().expect_err("refused").reason;
        assert!(reason.len() < 300 && !reason.contains('\u{1b}'), "{reason}");
    }

    #[test]
    fn a_list_of_names_says_how_many_it_leaves_out() {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        assert_eq!(listed(names.into_iter()), "\"a\", \"b\", \"c\", \"d\", \"e\" and 2 more");
        assert_eq!(listed(["a"].into_iter()), "\"a\"");
    }
}
