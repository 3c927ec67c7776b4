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

static TOTAL: Words = Words::of("total totals collected");
static PASSED: Words = Words::of("passed pass passes passing succeeded success successes successful ok");
static FAILED: Words = Words::of("failed fail fails failing failures failure unsuccessful");
static OTHER: Words = Words::of(
    "skipped skip skips errors error errored blocked pending ignored xfail xfailed xpass todo warnings \
     warning partial inconclusive flaky disabled timeout timeouts crashed untested unknown incomplete broken \
     aborted deselected",
);
static RATE: Words = Words::of("rate percentage percent % pct");
/// What is counted there, which says nothing about the part.
static COUNTED: Words = Words::of(
    "test tests case cases check checks suite suites count number num of no run executed ran scenarios \
     scenario requests operations requirements assertions",
);
/// Words for a whole that alone say so.
static WHOLES: Words = Words::of("tests cases checks run executed ran scenarios");

/// A list of words, which is written with spaces between. Nearly every word that it is asked for is not in it: only those
/// are compared that begin as it does.
pub(super) struct Words {
    text: &'static str,
    /// For the five low bits of a first byte: the last word that begins so.
    last: [u8; 32],
    /// Where each word stands in the text, and the word before it that begins so.
    words: [(u16, u16, u8); MOST_WORDS],
}

/// No list has more words.
const MOST_WORDS: usize = 128;
const NO_WORD: u8 = u8::MAX;

impl Words {
    /// Of these words.
    pub(super) const fn of(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let mut list = Self { text, last: [NO_WORD; 32], words: [(0, 0, NO_WORD); MOST_WORDS] };
        let (mut start, mut at, mut count) = (0, 0, 0);
        while at <= bytes.len() {
            if at == bytes.len() || bytes[at] == b' ' {
                if at > start {
                    let first = bytes[start] as usize % 32;
                    list.words[count] = (start as u16, at as u16, list.last[first]);
                    list.last[first] = count as u8;
                    count += 1;
                }
                start = at + 1;
            }
            at += 1;
        }
        list
    }

    /// Is the word one of them?
    pub(super) fn has(&self, word: &str) -> bool {
        self.any(word, |known| known == word)
    }

    /// Is the word one of them, in any case of ASCII letters?
    pub(super) fn has_in_any_case(&self, word: &str) -> bool {
        self.any(word, |known| known.eq_ignore_ascii_case(word))
    }

    fn any(&self, word: &str, is: impl Fn(&str) -> bool) -> bool {
        // Capital and small letters differ in a higher bit.
        let Some(first) = word.bytes().next() else { return false };
        let mut at = self.last[usize::from(first) % 32];
        while at != NO_WORD {
            let (start, end, before) = self.words[usize::from(at)];
            if usize::from(end - start) == word.len() && is(&self.text[usize::from(start)..usize::from(end)]) {
                return true;
            }
            at = before;
        }
        false
    }
}

/// Is a word one of a list?
pub(super) fn is_among(word: &str, list: &Words) -> bool {
    list.has(word)
}

/// The words of a text, in small letters, without signs; `%` is a word.
pub(super) fn of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut words = Vec::new();
    let mut word = |word: &str| {
        if !word.is_empty() {
            words.push(word.to_owned());
        }
    };
    let mut start = 0;
    for (at, c) in lower.char_indices() {
        if !(c.is_alphanumeric() || c == '\'') {
            word(&lower[start..at]);
            start = at + c.len_utf8();
            if c == '%' {
                word("%");
            }
        }
    }
    word(&lower[start..]);
    words
}

/// A word in small letters, one of it for many of them: `Tests` and `test` are the same.
pub(super) fn singular(word: &str) -> String {
    word.to_lowercase().trim_end_matches('s').to_owned()
}

/// The part that a label names, when it names nothing else: `Tests passed`, `Failed`, `Total tests`, `Pass rate`.
pub(super) fn part(label: &[String]) -> Option<Part> {
    let is = |list: &Words| label.iter().any(|word| is_among(word, list));
    let known = [&TOTAL, &PASSED, &FAILED, &OTHER, &RATE, &COUNTED];
    if label.is_empty() || label.len() > 4 || !label.iter().all(|word| known.iter().any(|list| is_among(word, list))) {
        return None;
    }
    let parts = [&PASSED, &FAILED, &OTHER].iter().filter(|list| is(list)).count();
    match parts {
        _ if is(&RATE) && is(&FAILED) => None,
        _ if is(&RATE) && !is(&OTHER) && !is(&TOTAL) => Some(Part::Rate),
        0 if is(&TOTAL) || label.iter().all(|word| is_among(word, &WHOLES)) => Some(Part::Total),
        1 if is(&TOTAL) => None,
        1 if is(&PASSED) => Some(Part::Passed),
        1 if is(&FAILED) => Some(Part::Failed),
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
pub(super) static SHARES: Words = Words::of(
    "pass passing passed success successful rate coverage covered complete completed completion overall done \
     total of the all tests compliant compliance failed failing failure errors error percent ✅ remaining \
     skipped approx approximately",
);

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
}
