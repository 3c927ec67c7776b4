//! Text that no CI system takes for a command. What it would take for one is spelled out, so that a reader still sees it.
//!
//! GitHub's runner obeys `::name::` at the start of a line, white space before it ignored, and `##[name]` anywhere in a
//! line (actions/runner, `ActionCommand.cs`); Azure Pipelines obeys `##vso[` and TeamCity `##teamcity[`; GitLab reads
//! `[[ATTACHMENT|path]]` out of test reports. A zero-width character in between would not help: the runner compares by
//! the rules of a culture, which overlook such characters.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::model::captured;

/// `##[`, `##vso[` and the like, `[[ATTACHMENT|`; and the characters that XML 1.0 cannot carry and [`captured`] leaves.
static INSIDE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"##[A-Za-z0-9_-]*\[|(?i:\[\[ATTACHMENT\|)|[\u{fffe}\u{ffff}]").ok());
/// A line that begins with `::`; what colours it does not count as its beginning.
static AT_START: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)((?:^|\r)(?:\s|\x1b\[[0-9;]*m)*):(:)").ok());

/// Captured text in one line, fit to stand in any format: nothing hidden, no command of a CI system.
pub fn inert(text: &str) -> String {
    inside(&captured::line(text)).into_owned()
}

/// Several lines that are about to be printed: as [`inert`], and none of them begins with `::`. What is styled stays so.
pub fn inert_lines(text: &str) -> Cow<'_, str> {
    let shown = inside(text);
    // To compile a pattern takes longer than to look through most texts.
    let Some(pattern) = shown.contains("::").then(|| AT_START.as_ref()).flatten() else { return shown };
    match pattern.replace_all(&shown, r"$1\u{3a}$2") {
        Cow::Borrowed(_) => shown,
        Cow::Owned(changed) => Cow::Owned(changed),
    }
}

/// JSON of our own, which has no such thing outside its strings: what would be a command in them is escaped as JSON escapes,
/// and says the same to whoever parses it.
pub fn inert_json(text: String) -> String {
    let Some(pattern) = INSIDE.as_ref().filter(|pattern| pattern.is_match(&text)) else { return text };
    let escaped = |found: &Captures<'_>| {
        let mut letters = found[0].chars();
        let first = letters.next().map_or_else(String::new, |c| format!("\\u{:04x}", u32::from(c)));
        first + letters.as_str()
    };
    let once = pattern.replace_all(&text, escaped).into_owned();
    if once == text { once } else { inert_json(once) }
}

fn inside(text: &str) -> Cow<'_, str> {
    let may_hold = ["##", "[[", "\u{fffe}", "\u{ffff}"].iter().any(|sign| text.contains(sign));
    let Some(pattern) = may_hold.then(|| INSIDE.as_ref()).flatten() else { return Cow::Borrowed(text) };
    let mut shown = Cow::Borrowed(text);
    // `##[[ATTACHMENT|` holds two of them, one inside the other.
    while pattern.is_match(&shown) {
        shown = Cow::Owned(pattern.replace_all(&shown, spelled).into_owned());
    }
    shown
}

/// The first character spelled out, the rest as it was.
fn spelled(found: &Captures<'_>) -> String {
    let mut letters = found[0].chars();
    let first = letters.next().map_or_else(String::new, |c| c.escape_unicode().to_string());
    first + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_spelled_out_wherever_they_stand() {
        assert_eq!(inert("a ##[error]x"), "a \\u{23}#[error]x");
        assert_eq!(inert("a ##vso[task.setvariable]x"), "a \\u{23}#vso[task.setvariable]x");
        assert_eq!(inert("[[ATTACHMENT|/etc/passwd]]"), "\\u{5b}[ATTACHMENT|/etc/passwd]]");
        assert_eq!(inert("##[[attachment|x ###[y"), "\\u{23}#\\u{5b}[attachment|x #\\u{23}#[y");
        assert_eq!(inert("one\n::error::two\u{ffff}"), "one⏎::error::two\\u{ffff}");
    }

    #[test]
    fn in_json_commands_are_spelled_so_that_they_are_read_back() {
        for text in ["a ##[error]x", "##[[ATTACHMENT|x ###[y", "\\##[\"\u{ffff}", "nothing"] {
            let json = inert_json(serde_json::to_string(text).unwrap());
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            assert_eq!(inert_lines(&json), json);
        }
    }

    #[test]
    fn no_line_begins_with_two_colons() {
        assert_eq!(
            inert_lines("a\n  ::error::x\n::add-mask::y\nb::c"),
            "a\n  \\u{3a}:error::x\n\\u{3a}:add-mask::y\nb::c"
        );
        assert_eq!(
            inert_lines("\u{1b}[31m \u{1b}[1m::stop-commands::z"),
            "\u{1b}[31m \u{1b}[1m\\u{3a}:stop-commands::z"
        );
        assert_eq!(inert_lines("\r::error::x"), "\r\\u{3a}:error::x");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_left_that_a_pattern_matches(text in "(::|##|\\[\\[|[a-z:#\\[ \n\r]|ATTACHMENT\\||\u{ffff}|\u{1b}\\[1m){0,12}") {
            let shown = inert_lines(&text);
            for pattern in [&INSIDE, &AT_START] {
                proptest::prop_assert!(!pattern.as_ref().expect("a pattern").is_match(&shown), "{shown:?}");
            }
        }
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["## Heading", "a [b](c)", "std::fs", "#[test]", "12 of 13 rules", "[1] #2"] {
            assert_eq!(inert(text), text);
            assert_eq!(inert_lines(text), text);
        }
    }
}
