//! Words before a number that say it is another one: `not 1,044`, `no longer 13`. They leave it without a reading.

/// Words that may stand between the negation and its number: `not yet 1,044`.
const BETWEEN: [&str; 8] = ["yet", "quite", "even", "exactly", "all", "the", "really", "actually"];

/// Where the negation begins that a text before a number ends with; `None` where there is none. What is a bound in itself (`not more
/// than 5`) ends with another word.
pub fn negation(before: &str) -> Option<usize> {
    // In nearly every text the last word is another.
    let (mut start, mut word) = last_word(before)?;
    let mut words = 0;
    while BETWEEN.iter().any(|between| word.eq_ignore_ascii_case(between)) && words < 2 {
        (start, word) = last_word(&before[..start])?;
        words += 1;
    }
    let is = |wanted: &str| word.eq_ignore_ascii_case(wanted);
    if is("longer") {
        let (earlier, no) = last_word(&before[..start])?;
        return no.eq_ignore_ascii_case("no").then_some(earlier);
    }
    let short = |end: &str| word.len() > end.len() && word.to_ascii_lowercase().ends_with(end);
    (is("not") || is("never") || short("n't") || short("n’t")).then_some(start)
}

/// The last word of a text, with white space and nothing else behind it.
fn last_word(text: &str) -> Option<(usize, &str)> {
    let trimmed = text.trim_end();
    let letter = |c: char| c.is_alphabetic() || matches!(c, '\'' | '’');
    let start = trimmed.trim_end_matches(letter).len();
    (trimmed.len() < text.len() && start < trimmed.len()).then(|| (start, &trimmed[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_that_it_is_another_number_is_a_negation() {
        let said = |before: &str| negation(before).map(|at| before[at..].trim_end().to_owned());
        for (before, found) in [
            ("not ", "not"),
            ("We have Not yet ", "Not yet"),
            ("These are not all the ", "not all the"),
            ("it is no longer ", "no longer"),
            ("there aren't ", "aren't"),
            ("there weren’t even ", "weren’t even"),
            ("never ", "never"),
        ] {
            assert_eq!(said(before).as_deref(), Some(found), "{before}");
        }
        for before in [
            "",
            "not",
            "not: ",
            "knot ",
            "not only ",
            "not just ",
            "no ",
            "longer ",
            "all ",
            "the ",
            "not more than ",
            "can ",
        ] {
            assert_eq!(said(before), None, "{before}");
        }
    }
}
