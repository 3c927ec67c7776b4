//! The form in which headings, labels and cells are compared: what an editor may change without meaning anything else
//! is taken out of it. It must not be shown to anybody.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// Pictures, ticks and other symbols, and what is invisible.
static DECORATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[\p{So}\p{Extended_Pictographic}\p{Cf}\p{Variation_Selector}\x{1F3FB}-\x{1F3FF}\x{20E3}]").ok()
});
/// `1.`, `2)`, `1.2.`
static ORDINAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\(?[0-9]{1,3}(?:\.[0-9]{1,3}){0,4}[.)] ").ok());
/// `1.2`, which is a number of its own unless a word follows.
static SECTION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[0-9]{1,2}(?:\.[0-9]{1,2}){1,3} ").ok());

/// The text without decoration, numbering and a colon at its end; compatibility forms composed, case folded, white
/// space collapsed. Emphasis is gone already: the text is a rendered one. Empty when nothing but decoration stands in it.
pub(super) fn normal(text: &str) -> String {
    let spaced = if text.is_ascii() {
        // No decoration, and composed as it is.
        collapsed(&text.to_ascii_lowercase())
    } else {
        let folded: String = undecorated(text).nfkc().flat_map(char::to_lowercase).nfkc().collect();
        collapsed(&folded)
    };
    let bare = spaced.trim_end_matches([':', ' ']);
    bare[numbering(bare)..].to_owned()
}

/// The text without pictures and invisible characters, white space collapsed.
pub(super) fn undecorated(text: &str) -> String {
    match &*DECORATION {
        Some(decoration) => collapsed(&decoration.replace_all(text, "")),
        None => collapsed(text),
    }
}

/// The text as a reader would say it: without decoration, numbering and a colon at its end.
pub(super) fn plain(text: &str) -> String {
    let text = undecorated(text);
    let bare = text.trim_end_matches([':', '：', ' ']);
    bare[numbering(bare)..].to_owned()
}

/// Every run of white space as one space, none at the ends.
pub(super) fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// How many bytes at the start of a text are its number in a list or among headings.
fn numbering(text: &str) -> usize {
    if !text.starts_with(|c: char| c == '(' || c.is_ascii_digit()) {
        return 0;
    }
    let end =
        |pattern: &Option<Regex>| pattern.as_ref().and_then(|pattern| pattern.find(text)).map(|found| found.end());
    let ordinal = end(&ORDINAL).filter(|end| *end < text.len());
    let section = || end(&SECTION).filter(|end| text[*end..].starts_with(char::is_alphabetic));
    ordinal.or_else(section).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_says_the_same_is_compared_as_the_same() {
        for (a, b) in [
            ("✅ Test  Pass Rate:", "test pass rate"),
            ("1. TrajectoryPool", "TrajectoryPool"),
            ("11) Agents", "agents"),
            ("2.3 Set up", "set up"),
            ("ＡＢＣ： ", "abc"),
            ("⚠️ Risks\u{200b}", "Risks"),
            ("Straße", "straße"),
        ] {
            assert_eq!(normal(a), normal(b), "{a}");
        }
    }

    #[test]
    fn numbers_that_are_no_numbering_stay() {
        for text in ["1.2.0", "v1.2 changes", "2025 plan", "13 rules", "1.2.0 - 2025-01-02"] {
            assert_eq!(normal(text), text);
        }
        assert_ne!(normal("Task 1: Setup"), normal("Task 2: Setup"));
    }

    proptest! {
        #[test]
        fn any_text_has_a_form(text in ".*") {
            normal(&text);
        }

        #[test]
        fn plain_letters_take_the_short_way_to_the_same_form(text in "[ -~\\t\\n]{0,40}") {
            // The zero-width space is decoration, and makes the text take the long way.
            prop_assert_eq!(normal(&text), normal(&format!("{text}\u{200b}")));
        }
    }
}
