//! The number that a pattern finds in a text: a whole one, and only one.

use std::ops::Range;

use regex::{Captures, Match, Regex};

use super::number;
use crate::model::format::shortened;
use crate::model::number::Number;

/// What stands between digits of one number, as people and programs print it.
const BETWEEN: [char; 8] = ['.', ',', '\'', '_', '’', '\u{a0}', '\u{2009}', '\u{202f}'];

/// The number that the first group of the pattern finds, or its whole match. A part of a number is none, and of two places
/// that say different things neither is the one that is meant: both are a reason, a fragment.
pub(super) fn number_in(printed: &str, pattern: &Regex) -> Result<Number, String> {
    let mut found: Option<Number> = None;
    let mut trial = Trial { pattern, text: String::new(), named: Vec::new() };
    for captures in pattern.captures_iter(printed) {
        let (Some(all), Some(part)) = (captures.get(0), group(&captures)) else { continue };
        let text = part.as_str().trim();
        let shown = shortened(text, 80);
        let number = number(text).ok_or_else(|| format!("`extract` finds \"{shown}\", which is not a number"))?;
        if let Some(whole) = trial.cuts(printed, &all, &part) {
            return Err(format!(
                "`extract` takes \"{shown}\" out of \"{whole}\": let the group match the whole number, or name in the \
                 pattern what stands beside it"
            ));
        }
        match &found {
            Some(other) if *other != number => {
                return Err(format!(
                    "`extract` finds both {other} and {number}: let it match at one place, as with `^` for the beginning \
                     of a line"
                ));
            }
            _ => found = Some(number),
        }
    }
    found.ok_or_else(|| "`extract` matches nothing that it printed".to_owned())
}

fn group<'a>(captures: &Captures<'a>) -> Option<Match<'a>> {
    captures.get(1).or_else(|| captures.get(0))
}

/// Where the number goes on: the places of the characters beside the part that belong to it, too.
fn goes_on(printed: &str, part: &Range<usize>) -> impl Iterator<Item = usize> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let mut behind = printed[part.end..].chars();
    let on_behind = match behind.next() {
        Some(c) if c.is_ascii_digit() => true,
        Some(c) if BETWEEN.contains(&c) => digit(behind.next()),
        Some('e' | 'E') => match behind.next() {
            Some('+' | '-') => digit(behind.next()),
            other => digit(other),
        },
        _ => false,
    };
    let mut before = printed[..part.start].chars().rev();
    let (nearest, next) = (before.next().unwrap_or(' '), before.next());
    let starts_there = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !BETWEEN.contains(&c) && c != '-');
    let on_before = match nearest {
        c if c.is_ascii_digit() => true,
        c if BETWEEN.contains(&c) && digit(next) => true,
        '.' => starts_there(next) || matches!(next, Some('-' | '−')),
        'e' | 'E' => digit(next),
        '+' | '-' if matches!(next, Some('e' | 'E')) && digit(before.next()) => true,
        '-' | '−' => starts_there(next),
        _ => false,
    };
    let behind = on_behind.then_some(part.end);
    behind.into_iter().chain(on_before.then(|| part.start - nearest.len_utf8()))
}

/// Tells what a pattern takes for granted from what it names: one that no longer matches where another character stands
/// was written with that character in mind, as `3\.(\d+)` was for the second part of a version.
struct Trial<'a> {
    pattern: &'a Regex,
    /// A copy of the text, made when it is first needed.
    text: String,
    /// Characters that the pattern has been seen to name, before the part (`false`) and behind it.
    named: Vec<(char, bool)>,
}

impl Trial<'_> {
    /// The whole number, where the part is only a part of it.
    fn cuts(&mut self, printed: &str, all: &Match<'_>, part: &Match<'_>) -> Option<String> {
        let text = part.as_str();
        let start = part.start() + (text.len() - text.trim_start().len());
        let number = start..start + text.trim().len();
        for beside in goes_on(printed, &number) {
            let character = printed[beside..].chars().next()?;
            let known = (character, beside >= number.end);
            if self.named.contains(&known) {
                continue;
            }
            if !character.is_ascii() || !self.names(printed, beside, all.start(), &part.range()) {
                return Some(whole(printed, &number));
            }
            self.named.push(known);
        }
        None
    }

    fn names(&mut self, printed: &str, beside: usize, from: usize, part: &Range<usize>) -> bool {
        if self.text.is_empty() {
            self.text.push_str(printed);
        }
        self.text.replace_range(beside..=beside, ";");
        let again = self.pattern.captures_at(&self.text, from);
        let same = again.and_then(|captures| group(&captures)).is_some_and(|found| found.range() == *part);
        self.text.replace_range(beside..=beside, &printed[beside..=beside]);
        !same
    }
}

/// The number that the part belongs to, as it is printed.
fn whole(printed: &str, part: &Range<usize>) -> String {
    let of_number = |c: &char| c.is_ascii_digit() || BETWEEN.contains(c) || matches!(c, 'e' | 'E' | '+' | '-' | '−');
    let before: usize = printed[..part.start].chars().rev().take_while(of_number).map(char::len_utf8).sum();
    let behind: usize = printed[part.end..].chars().take_while(of_number).map(char::len_utf8).sum();
    let whole = printed[part.start - before..part.end + behind].trim_end_matches(|c: char| !c.is_ascii_digit());
    shortened(whole, 40)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::lines::by_line;

    fn read(printed: &str, pattern: &str) -> Result<String, String> {
        let pattern = Regex::new(&by_line(pattern)).expect(pattern);
        number_in(printed, &pattern).map(|number| number.to_string())
    }

    #[test]
    fn a_part_of_a_number_is_no_number() {
        for (printed, pattern, says) in [
            ("1,234 errors", r"(\d+) errors", "takes \"234\" out of \"1,234\""),
            ("errors: 3,500", r"errors: (\d+)", "takes \"3\" out of \"3,500\""),
            ("15 errors", r"(\d) errors", "takes \"5\" out of \"15\""),
            ("15 errors", r".*(\d) errors", "takes \"5\" out of \"15\""),
            ("1,234 errors", r"\D(\d+) errors", "takes \"234\" out of \"1,234\""),
            ("balance: -5", r"(\d+)", "takes \"5\" out of \"-5\""),
            ("balance: −5", r"(\d+)", "takes \"5\" out of \"−5\""),
            ("1e9", r"(\d+)", "takes \"1\" out of \"1e9\""),
            ("1e-9", r"(\d+)$", "takes \"9\" out of \"1e-9\""),
            ("12.75 s", r".*(\d)\.\d+ s", "takes \"2\" out of \"12.75\""),
            ("0.25 s", r"(\d+) s", "takes \"25\" out of \"0.25\""),
            ("=.25", r"(\d+)", "takes \"25\" out of \".25\""),
            ("1'234", r"'?(\d{3})$", "takes \"234\" out of \"1'234\""),
            ("1\u{202f}234 errors", r"(\d+) errors", "takes \"234\" out of \"1\u{202f}234\""),
        ] {
            let told = read(printed, pattern).expect_err(printed);
            assert!(told.contains(says), "{printed}: {told}");
        }
    }

    #[test]
    fn what_the_pattern_names_beside_the_group_is_meant() {
        for (printed, pattern, number) in [
            ("Python 3.11.4", r"Python 3\.(\d+)\.\d+", "11"),
            ("HTTP/1.1 503 Unavailable", r"HTTP/1\.1 (\d)\d\d", "5"),
            ("took 12.75 s", r"took (\d+)\.\d+ s", "12"),
            ("a,1,2,3", r"^a,(\d+),", "1"),
            ("built 2025-10-18", r"built \d{4}-(\d\d)-\d\d", "10"),
        ] {
            assert_eq!(read(printed, pattern), Ok(number.to_owned()), "{printed}");
        }
    }

    #[test]
    fn a_whole_number_is_one_whatever_stands_beside_it() {
        for (printed, pattern, number) in [
            ("1,234 errors.", r"([\d,]+) errors", "1234"),
            ("build-15 done", r"build-(\d+)", "15"),
            ("failed: 3, skipped: 4", r"failed: (\d+)", "3"),
            ("there were 3.", r"were (\d+)", "3"),
            ("port=8080;", r"port=(\d+)", "8080"),
            ("127.0.0.1:8080", r":(\d+)", "8080"),
            ("(7)", r"\d+", "7"),
            ("7 7\n7", r"\d+", "7"),
            ("v-5", r"-(\d+)", "5"),
            ("x  12  y", r"x([\d ]+)y", "12"),
        ] {
            assert_eq!(read(printed, pattern), Ok(number.to_owned()), "{printed}");
        }
    }

    #[test]
    fn two_places_that_say_different_things_say_nothing() {
        let told = read("errors: 3\nerrors: 99", r"errors: (\d+)").expect_err("two");
        assert!(told.starts_with("`extract` finds both 3 and 99"), "{told}");
        assert_eq!(read("errors: 3\nerrors: 3.0", r"errors: ([\d.]+)"), Ok("3".to_owned()));
        assert_eq!(read("a: 3\nb: 99", r"^a: (\d+)$"), Ok("3".to_owned()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(printed in "[-0-9.,eE−’ \u{a0}a]{0,40}") {
            for pattern in [r"(\d+)", r"\D(\d)", r".*(\d)", r"(\d*)\."] {
                let _ = read(&printed, pattern);
            }
        }
    }
}
