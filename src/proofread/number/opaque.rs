//! What looks like a number and is a name: addresses, paths, list ordinals, "Phase 4", "24/7".

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Words whose number tells one of them from the others, whatever follows.
const NUMBERED: &str = "phase|task|day|week|month|year|quarter|chunk|layer|level|lines?|page|pages|pp?\\.|step|sprint|tier|\
     section|chapter|appendix|figure|fig\\.|option|strategy|question|milestone|epoch|iteration|round|scenario|\
     priority|severity|sev|article|clause|version|ver\\.|rev|revision|rfc|iso|tls|http|http/|ipv|python|node|node\\.js|\
     java|ubuntu|debian|postgres|postgresql|php|ruby|perl|chunk|wave|modification|finding|no\\.|№|§|annex|volume|vol\\.|\
     lesson|attempt|line number|exit code|status code|error code|code|port|ticket|pr|pull request|footnote|equation";
/// Words that may as well be verbs or things counted: with a capital letter, or with nothing behind the number.
const CAPITAL: &str = "Run|Hour|Build|Issue|Release|Stage|Gate|Rule|Block|Group|Part|Type|Class|Table|Case|Node|Test|Item|Goal|\
     Worker|Shard|Replica|Instance|Cluster|Zone|Category|Module|Unit|Agent|Example|Note|Batch|Criterion|Requirement|\
     Risk|Scope|Team|Track|Cycle|Component|Feature|Story|Bug|Error|Method|Approach|Rank|Grade|Schedule|Exhibit|Wave";

/// A pattern, and a text without which it matches nothing: to look for that costs much less.
type Needing = (&'static str, Regex);

/// Patterns whose whole match is no number.
static WHOLE: LazyLock<Vec<Needing>> = LazyLock::new(|| {
    let patterns = [
        // Addresses, mail addresses, hosts.
        ("://", r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s<>|]+"),
        ("", r"(?i)\bwww\.[^\s<>|]+"),
        ("@", r"[\w.+-]+@[\w-]+\.[\w.-]+"),
        // Paths: a part with a letter, and a slash. A count word with its fraction is none (`tests/44` is).
        ("/", r"(?:[~.]{0,2}/)?[\w.-]*[A-Za-z_][\w.-]*/[\w./@:-]*[\w/]"),
        ("/", r"(?:^|\s)(?:~|\.{1,2})?/[\w./-]+"),
        // The ordinal of a list item, a heading or a row.
        ("", r"^\s*(?:#+\s+|[-*+•]\s+)?\(?\d{1,3}(?:\.\d{1,3})*[.)](?:\s|$)"),
        // The number of a heading. Without its `#`, `9.4 KB` could not be told from `9.4 Results`.
        ("#", r"^\s*#+\s+\d{1,2}(?:\.\d{1,2})*\s"),
        ("", r"(?i)\b(?:version|release)\s?[:=]\s?[\d.]+"),
        // A citation or a footnote.
        ("[", r"\[\^?\d{1,3}\]"),
        // Always.
        ("24/7", r"\b24/7(?:/365)?\b"),
        ("/", r"\b(?i:n/a)\b"),
        // A commit, an identifier in base 16 with letters after its digits, a digest.
        ("", r"\b(?i:sha\d*|md5|0x)[:=]?[0-9a-fA-F]+\b"),
    ];
    patterns.into_iter().filter_map(|(needed, pattern)| Some((needed, Regex::new(pattern).ok()?))).collect()
});

/// Patterns that are no number only when nothing behind them shows that they count something.
static NAMED: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let one = r"#?\d+(?:\.\d+)*(?:\s?[-–/&]\s?\d+)*";
    let many = r"#?\d+(?:\s?[-–/&]\s?\d+|,\s\d+|,?\s(?:and|to|or)\s\d+)*";
    compiled(&[
        &format!(r"(?i)(?:^|[^\w-])(?:{NUMBERED})[ \u{{a0}}]{one}\b"),
        &format!(r"(?i)(?:^|[^\w-])(?:{NUMBERED})s[ \u{{a0}}]{many}\b"),
        &format!(r"(?:^|[^\w-])(?:{CAPITAL})[ \u{{a0}}]{one}\b"),
        &format!(r"(?:^|[^\w-])(?:{CAPITAL})s[ \u{{a0}}]{many}\b"),
        r"(?i)(?:^|[^\w-])(?:in|since|until|by|during|from|year|copyright|©|q[1-4]|h[12]|fy|early|late|mid|spring|summer|autumn|fall|winter)[ \u{a0}-](?:19|20)\d\d\b",
    ])
});

fn compiled(patterns: &[&str]) -> Vec<Regex> {
    patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
}

/// The parts of a text in which no digits are a number, in order; they may overlap.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    if is_bare(text) {
        return Vec::new();
    }
    let may_match = |(needed, _): &&Needing| text.contains(needed);
    let whole = WHOLE.iter().filter(may_match).flat_map(|(_, pattern)| pattern.find_iter(text));
    let whole = whole.map(|found| found.range());
    let named = NAMED
        .iter()
        .flat_map(|pattern| pattern.find_iter(text))
        .filter(|found| !counts_something(&text[found.end()..]))
        .map(|found| found.range());
    let mut spans: Vec<Range<usize>> = whole.chain(named).collect();
    spans.sort_by_key(|span| (span.start, span.end));
    spans
}

/// `1,044`, `98.28%`: no letters, no sign of an address, no ordinal. None of the patterns matches, and of cells of tables
/// nearly all are so.
pub(in crate::proofread) fn is_bare(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'0'..=b'9' | b',' | b'%' | b' ' => true,
        b'.' => bytes.get(at + 1).is_some_and(u8::is_ascii_digit),
        _ => false,
    })
}

/// `%` and `/` show a share; `Week 5%` does not name a week.
fn counts_something(behind: &str) -> bool {
    behind.starts_with('%') || behind.starts_with(" %") || behind.starts_with(['/', '+'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_pattern_matches_a_bare_number(text in "[0-9.,% ]{0,12}") {
            let patterns = || WHOLE.iter().map(|(_, pattern)| pattern).chain(NAMED.iter());
            prop_assert!(!is_bare(&text) || !patterns().any(|pattern| pattern.is_match(&text)));
        }

        #[test]
        fn no_pattern_matches_without_what_it_needs(
            pieces in prop::collection::vec(prop_oneof!["https?", "://", "www[.]", "@", "/", "# ", "24/7", "n/a", "\\[\\^?", "\\]", "[a-z0-9. ]{1,3}"], 0..12)
        ) {
            for (needed, pattern) in WHOLE.iter().filter(|(needed, _)| !needed.is_empty()) {
                let text = pieces.concat().replace(needed, "");
                prop_assert!(text.contains(needed) || !pattern.is_match(&text), "{pattern} in {text}");
            }
        }
    }

    #[test]
    fn every_pattern_is_one() {
        assert_eq!((WHOLE.len(), NAMED.len()), (12, 5));
    }
}
