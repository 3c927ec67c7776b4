//! A text that a pattern matches, to try conditions with.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::pattern::Pattern;

/// Longer texts are not made.
const LONGEST: usize = 1_000;
/// What stands for a class of characters, the first that is in it.
const USUAL: [char; 6] = ['a', 'A', '0', ' ', '-', '_'];

/// One of the shortest texts that the pattern matches. `None` where none was found: that there is none is not said.
pub(super) fn matched_by(pattern: &Pattern) -> Option<String> {
    let hir = regex_syntax::parse(pattern.as_str()).ok()?;
    let mut text = String::new();
    write(&hir, &mut text)?;
    // `\B` wants a letter beside it, `\b` may want none.
    let around = [text.clone(), format!("x{text}x"), format!(" {text} "), format!("\n{text}\n")];
    around.into_iter().find(|text| pattern.is_match(text))
}

fn write(hir: &Hir, text: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => text.push(one_of(class)?),
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min {
                write(&repetition.sub, text)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, text)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| write(part, text))?,
        HirKind::Alternation(ways) => {
            let begun = text.len();
            ways.iter().find_map(|way| {
                text.truncate(begun);
                write(way, text)
            })?;
        }
    }
    (text.len() <= LONGEST).then_some(())
}

fn one_of(class: &Class) -> Option<char> {
    match class {
        Class::Unicode(class) => {
            let has = |wanted: &char| class.iter().any(|range| (range.start()..=range.end()).contains(wanted));
            USUAL.into_iter().find(has).or_else(|| class.iter().next().map(|range| range.start()))
        }
        Class::Bytes(class) => class.iter().next().map(|range| range.start()).filter(u8::is_ascii).map(char::from),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(pattern: &str) -> Option<String> {
        matched_by(&Pattern::new(pattern).unwrap())
    }

    #[test]
    fn a_pattern_has_a_text() {
        for (pattern, text) in [
            ("ERROR", "ERROR"),
            ("^ERROR", "ERROR"),
            ("(?i)error|fail", "ERROR"),
            ("[A-Z]{5}", "AAAAA"),
            (r"v\d+\.\d+", "v0.0"),
            (r"\BERROR\B", "xERRORx"),
            (r"\bfatal\b.*", "fatal"),
            ("", ""),
        ] {
            assert_eq!(of(pattern).as_deref(), Some(text), "{pattern}");
        }
        assert_eq!(of(r"[a&&b]"), None, "there is none");
        assert_eq!(of(r"a{2000}"), None, "it would be too long");
    }

    proptest! {
        #[test]
        fn what_is_made_matches(pattern in r"(\^)?([a-z\\d.]|\[[a-z]-z\]|\([a-z]\|[0-9]\)){1,6}[*+?]?(\$)?") {
            if let Ok(pattern) = Pattern::new(&pattern) {
                let text = matched_by(&pattern);
                prop_assert!(text.is_none_or(|text| pattern.is_match(&text)));
            }
        }
    }
}
