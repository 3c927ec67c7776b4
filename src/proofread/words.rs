//! The words that tables and lists of results are made of, and which part of a whole each of them names.

/// Which part of a test run, an audit or a rollout a label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// All of them.
    Total,
    /// Those that went well.
    Passed,
    /// Those that did not.
    Failed,
    /// Those that did neither: skipped, blocked, in error, ignored.
    Other,
    /// The share that went well.
    Rate,
}

const TOTAL: &str = "total totals collected";
const PASSED: &str = "passed pass passes passing succeeded success successes successful ok";
const FAILED: &str = "failed fail fails failing failures failure unsuccessful";
const OTHER: &str = "skipped skip skips errors error errored blocked pending ignored xfail xfailed xpass todo warnings \
     warning partial inconclusive flaky disabled timeout timeouts crashed untested unknown incomplete broken \
     aborted deselected";
const RATE: &str = "rate percentage percent % pct";
/// What is counted there, which says nothing about the part.
const COUNTED: &str = "test tests case cases check checks suite suites count number num of no run executed ran scenarios \
     scenario requests operations requirements assertions";
/// Words for a whole that alone say so.
const WHOLES: &str = "tests cases checks run executed ran scenarios";

/// Is a word one of a list, which is written with spaces between?
pub(super) fn is_among(word: &str, list: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

/// The words of a text, in small letters, without signs; `%` is a word.
pub(super) fn of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace('%', " % ");
    let words = lower.split(|c: char| !(c.is_alphanumeric() || c == '%' || c == '\'')).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// The part that a label names, when it names nothing else: `Tests passed`, `Failed`, `Total tests`, `Pass rate`.
pub(super) fn part(label: &[String]) -> Option<Part> {
    let is = |list: &str| label.iter().any(|word| is_among(word, list));
    let known = [TOTAL, PASSED, FAILED, OTHER, RATE, COUNTED];
    if label.is_empty() || label.len() > 4 || !label.iter().all(|word| known.iter().any(|list| is_among(word, list))) {
        return None;
    }
    let parts = [PASSED, FAILED, OTHER].iter().filter(|list| is(list)).count();
    match parts {
        _ if is(RATE) && is(FAILED) => None,
        _ if is(RATE) && !is(OTHER) && !is(TOTAL) => Some(Part::Rate),
        0 if is(TOTAL) || label.iter().all(|word| is_among(word, WHOLES)) => Some(Part::Total),
        1 if is(TOTAL) => None,
        1 if is(PASSED) => Some(Part::Passed),
        1 if is(FAILED) => Some(Part::Failed),
        1 => Some(Part::Other),
        _ => None,
    }
}

/// Words that say that something was left out, so that parts need not add up.
pub(super) const LEFT_OUT: &[&str] =
    &["skip", "pending", "n/a", "not run", "ignored", "blocked", "excluded", "tbd", "disabled", "xfail", "deselected"];

/// Words of a share of what went wrong or is left.
pub(super) const COMPLEMENT: &str = "fail error missing skip remain left reduc fewer less saved drop decreas loss lost unused unknown invalid \
     incomplete off cut removed eliminat";

/// Words behind a percentage that leave it a share of what stands before it.
pub(super) const SHARES: &str = "pass passing passed success successful rate coverage covered complete completed completion overall done \
     total of the all tests compliant compliance failed failing failure errors error percent ✅ remaining \
     skipped approx approximately";

/// Is the text the word for a sum of rows and nothing else, but for decoration?
pub(super) fn is_total(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    matches!(
        bare.as_str(),
        "total"
            | "totals"
            | "sum"
            | "overall"
            | "grand total"
            | "overall total"
            | "total overall"
            | "gesamt"
            | "summe"
            | "insgesamt"
            | "итого"
            | "всего"
            | "合計"
            | "合计"
            | "总计"
            | "總計"
            | "totale"
            | "somme"
            | "totaal"
    )
}

/// Is it the word for a part of a sum?
pub(super) fn is_subtotal(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("subtotal") || lower.contains("sub-total") || lower.contains("zwischensumme")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_parts() {
        for (label, expected) in [
            ("Tests Passed", Some(Part::Passed)),
            ("Total tests", Some(Part::Total)),
            ("Tests", Some(Part::Total)),
            ("Failing", Some(Part::Failed)),
            ("Pass Rate", Some(Part::Rate)),
            ("Success %", Some(Part::Rate)),
            ("Skipped", Some(Part::Other)),
            ("Failure rate", None),
            ("Pass/Fail", None),
            ("Test", None),
            ("Passed security review", None),
        ] {
            assert_eq!(part(&of(label)), expected, "{label}");
        }
    }

    #[test]
    fn a_total_is_a_word_alone() {
        for text in ["**TOTAL**", "Total:", "✅ Total", "合計"] {
            assert!(is_total(text), "{text}");
        }
        assert!(!is_total("Total requests"));
    }
}
