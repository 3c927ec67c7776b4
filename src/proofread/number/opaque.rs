//! What looks like a number and is a name: addresses, paths, list ordinals, "Phase 4", "24/7".

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

type Words = LazyLock<Vec<&'static str>>;

/// Words whose number tells one of them from the others, whatever follows.
static NUMBERED: Words = LazyLock::new(|| {
    "phase|task|day|week|month|year|quarter|chunk|layer|level|line|lines|page|pages|p.|pp.|step|sprint|tier|\
     section|chapter|appendix|figure|fig.|option|strategy|question|milestone|epoch|iteration|round|scenario|\
     priority|severity|sev|article|clause|version|ver.|rev|revision|rfc|iso|tls|http|http/|ipv|python|node|\
     node.js|java|ubuntu|debian|postgres|postgresql|php|ruby|perl|wave|modification|finding|no.|№|§|annex|\
     volume|vol.|lesson|attempt|line number|code|port|ticket|pr|pull request|footnote|equation"
        .split('|')
        .collect()
});
/// Words that may as well be verbs or things counted: with a capital letter, or with nothing behind the number.
static CAPITAL: Words = LazyLock::new(|| {
    "Run|Hour|Build|Issue|Release|Stage|Gate|Rule|Block|Group|Part|Type|Class|Table|Case|Node|Test|Item|Goal|\
     Worker|Shard|Replica|Instance|Cluster|Zone|Category|Module|Unit|Agent|Example|Note|Batch|Criterion|\
     Requirement|Risk|Scope|Team|Track|Cycle|Component|Feature|Story|Bug|Error|Method|Approach|Rank|Grade|\
     Schedule|Exhibit|Wave"
        .split('|')
        .collect()
});

/// A pattern, compiled by the first text that it may match: most texts need none, and to compile one takes as long as to
/// read a page.
struct Pattern {
    /// Says no only of a text that the pattern does not match; much quicker than the pattern.
    may_match: fn(&str) -> bool,
    compiled: LazyLock<Option<Regex>>,
}

impl Pattern {
    const fn new(may_match: fn(&str) -> bool, compiled: fn() -> Option<Regex>) -> Self {
        Self { may_match, compiled: LazyLock::new(compiled) }
    }

    fn find_in<'t>(&'static self, text: &'t str) -> impl Iterator<Item = regex::Match<'t>> {
        let pattern = (self.may_match)(text).then(|| self.compiled.as_ref()).flatten();
        pattern.into_iter().flat_map(move |pattern| pattern.find_iter(text))
    }
}

/// Patterns whose whole match is no number.
static WHOLE: [Pattern; 12] = [
    // Addresses, mail addresses, hosts.
    Pattern::new(|text| text.contains("://"), || one(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s<>|]+")),
    Pattern::new(|text| text.contains('.') && text.contains(['w', 'W']), || one(r"(?i)\bwww\.[^\s<>|]+")),
    Pattern::new(|text| text.contains('@'), || one(r"[\w.+-]+@[\w-]+\.[\w.-]+")),
    // Paths: a part with a letter, and a slash. A count word with its fraction is none (`tests/44` is).
    Pattern::new(has_letter_before_slash, || one(r"(?:[~.]{0,2}/)?[\w.-]*[A-Za-z_][\w.-]*/[\w./@:-]*[\w/]")),
    Pattern::new(has_slash_at_start, || one(r"(?:^|\s)(?:~|\.{1,2})?/[\w./-]+")),
    // The ordinal of a list item, a heading or a row.
    Pattern::new(has_ordinal_at_start, || one(r"^\s*(?:#+\s+|[-*+•]\s+)?\(?[0-9]{1,3}(?:\.[0-9]{1,3})*[.)](?:\s|$)")),
    // The number of a heading. Without its `#`, `9.4 KB` could not be told from `9.4 Results`.
    Pattern::new(|text| text.trim_start().starts_with('#'), || one(r"^\s*#+\s+[0-9]{1,2}(?:\.[0-9]{1,2})*\s")),
    Pattern::new(has_release, || one(r"(?i)\b(?:version|release)\s?[:=]\s?[0-9.]+")),
    // A citation or a footnote.
    Pattern::new(|text| text.contains('['), || one(r"\[\^?[0-9]{1,3}\]")),
    // Always.
    Pattern::new(|text| text.contains("24/7"), || one(r"\b24/7(?:/365)?\b")),
    Pattern::new(|text| begins_somewhere(text, "n/a", |_| true), || one(r"\b(?i:n/a)\b")),
    // A commit, an identifier in base 16 with letters after its digits, a digest.
    Pattern::new(has_digest, || one(r"\b(?i:sha[0-9]*|md5|0x)[:=]?[0-9a-fA-F]+\b")),
];

/// A year, which is no number only when nothing behind it shows that it counts something. The character before the word is
/// asked for in two halves, because the class of all that is neither part of a word nor `-` is the dearest there is.
static YEAR: Pattern = Pattern::new(
    |text| text.contains("19") || text.contains("20"),
    || {
        one(
            r"(?i)(?:^|[^-])\b{start-half}(?:in|since|until|by|during|from|year|copyright|©|q[1-4]|h[12]|fy|early|late|mid|spring|summer|autumn|fall|winter)[ \u{a0}-](?:19|20)[0-9][0-9]\b",
        )
    },
);

/// Words with a number that tells one of them from the others: `Phase 4`. As with years.
struct Named {
    words: &'static Words,
    any_case: bool,
    /// `Phases 1 and 2`.
    plural: bool,
    /// From the first digit on.
    numbers: &'static LazyLock<Option<Regex>>,
}

static NAMED: [Named; 4] = [
    Named { words: &NUMBERED, any_case: true, plural: false, numbers: &ONE },
    Named { words: &NUMBERED, any_case: true, plural: true, numbers: &MANY },
    Named { words: &CAPITAL, any_case: false, plural: false, numbers: &ONE },
    Named { words: &CAPITAL, any_case: false, plural: true, numbers: &MANY },
];

impl Named {
    /// From each word to the end of its numbers.
    fn find_in(&'static self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let mut from = 0;
        text.match_indices([' ', '\u{a0}']).filter_map(move |(at, space)| {
            let behind = &text[at + space.len()..];
            if !behind.starts_with(|next: char| next == '#' || next.is_ascii_digit()) {
                return None;
            }
            let start = self.start_of_word(text.get(from..at)?)? + from;
            let end = self.numbers.as_ref()?.find(behind)?.end() + at + space.len();
            from = end;
            Some(start..end)
        })
    }

    /// Where the word starts that a text ends with.
    fn start_of_word(&self, text: &str) -> Option<usize> {
        let text = match (self.plural, self.any_case) {
            (false, _) => text,
            (true, true) => text.strip_suffix(['s', 'S'])?,
            (true, false) => text.strip_suffix('s')?,
        };
        let is_start = |word: &&'static str| {
            let (before, end) = text.split_at_checked(text.len().checked_sub(word.len())?)?;
            let is_word = end == *word || self.any_case && end.eq_ignore_ascii_case(word);
            (is_word && ends_a_word(before)).then_some(before.len())
        };
        self.words.iter().find_map(is_start)
    }
}

/// Whether another word may begin behind this: `sub-phase 4` and `subphase 4` name nothing.
fn ends_a_word(before: &str) -> bool {
    !before.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '_' | '-'))
}

static ONE: LazyLock<Option<Regex>> = LazyLock::new(|| one(r"^#?[0-9]+(?:\.[0-9]+)*(?:\s?[-–/&]\s?[0-9]+)*\b"));
static MANY: LazyLock<Option<Regex>> =
    LazyLock::new(|| one(r"^#?[0-9]+(?:\s?[-–/&]\s?[0-9]+|,\s[0-9]+|,?\s(?:and|to|or)\s[0-9]+)*\b"));

fn one(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

fn has_letter_before_slash(text: &str) -> bool {
    let is_of_part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-') || !byte.is_ascii();
    let before = |at: usize| text.as_bytes()[..at].iter().rev().take_while(is_of_part);
    text.match_indices('/').any(|(at, _)| before(at).any(|byte| byte.is_ascii_alphabetic() || *byte == b'_'))
}

fn has_slash_at_start(text: &str) -> bool {
    let is_start =
        |before: &str| before.trim_end_matches(['.', '~']).chars().next_back().is_none_or(char::is_whitespace);
    text.match_indices('/').any(|(at, _)| is_start(&text[..at]))
}

fn has_ordinal_at_start(text: &str) -> bool {
    let text = text.trim_start().trim_start_matches(['#', '-', '*', '+', '•']).trim_start();
    let text = text.strip_prefix('(').unwrap_or(text);
    let behind = text.trim_start_matches(|next: char| next.is_ascii_digit() || next == '.');
    let ordinal = &text[..text.len() - behind.len()];
    ordinal.starts_with(|first: char| first.is_ascii_digit()) && (ordinal.ends_with('.') || behind.starts_with(')'))
}

fn has_release(text: &str) -> bool {
    // Regardless of case, `ſ` is an s.
    let is_like = |one: char, other: char| one.eq_ignore_ascii_case(&other) || (one == 'ſ' && other == 's');
    let ends_with = |text: &str, word: &str| {
        let mut last = text.chars().rev();
        word.chars().rev().all(|letter| last.next().is_some_and(|last| is_like(last, letter)))
    };
    text.match_indices([':', '=']).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + 1..]);
        let before = before.strip_suffix(char::is_whitespace).unwrap_or(before);
        let behind = behind.strip_prefix(char::is_whitespace).unwrap_or(behind);
        behind.starts_with(|next: char| next.is_ascii_digit() || next == '.')
            && (ends_with(before, "version") || ends_with(before, "release"))
    })
}

fn has_digest(text: &str) -> bool {
    let is_hex = |rest: &[u8]| {
        let rest = rest.strip_prefix(b":").or(rest.strip_prefix(b"=")).unwrap_or(rest);
        rest.first().is_some_and(u8::is_ascii_hexdigit)
    };
    text.contains('ſ')
        || begins_somewhere(text, "0x", is_hex)
        || begins_somewhere(text, "md5", is_hex)
        || begins_somewhere(text, "sha", is_hex)
}

/// Does a word stand somewhere in a text, in any case, with what must stand behind it?
fn begins_somewhere(text: &str, word: &str, behind: impl Fn(&[u8]) -> bool) -> bool {
    let mut windows = text.as_bytes().windows(word.len()).enumerate();
    windows
        .any(|(at, found)| found.eq_ignore_ascii_case(word.as_bytes()) && behind(&text.as_bytes()[at + word.len()..]))
}

/// The parts of a text in which no digits are a number, in order; they may overlap.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    if is_bare(text) {
        return Vec::new();
    }
    let whole = WHOLE.iter().flat_map(|pattern| pattern.find_in(text)).map(|found| found.range());
    let years = YEAR.find_in(text).map(|found| found.range());
    let named = NAMED.iter().flat_map(|named| named.find_in(text));
    let named = years.chain(named).filter(|span| !counts_something(&text[span.end..]));
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
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn spans_of_any(text: &str) -> Vec<Range<usize>> {
        let patterns = WHOLE.iter().chain([&YEAR]).filter_map(|pattern| pattern.compiled.as_ref());
        let whole = patterns.flat_map(|pattern| pattern.find_iter(text)).map(|found| found.range());
        whole.chain(NAMED.iter().flat_map(|named| named.find_in(text))).collect()
    }

    fn matches(pattern: &Pattern, text: &str) -> bool {
        pattern.compiled.as_ref().expect("a pattern").is_match(text)
    }

    /// What the words would be in one pattern, which takes as long to compile as to read a page.
    fn as_pattern(named: &Named) -> Regex {
        let (flags, ending) = (if named.any_case { "(?i)" } else { "" }, if named.plural { "s" } else { "" });
        let words: Vec<_> = named.words.iter().map(|word| regex::escape(word)).collect();
        let numbers = named.numbers.as_ref().expect("a pattern").as_str().trim_start_matches('^');
        let pattern = format!(r"{flags}(?:^|[^-])\b{{start-half}}(?:{}){ending}[ \u{{a0}}]{numbers}", words.join("|"));
        Regex::new(&pattern).expect("a pattern")
    }

    /// Which digits of a text lie in a span.
    fn digits(text: &str, spans: impl Iterator<Item = Range<usize>>) -> BTreeSet<usize> {
        spans.flatten().filter(|at| text.as_bytes()[*at].is_ascii_digit()).collect()
    }

    static AS_PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| NAMED.iter().map(as_pattern).collect());

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "https?",
            "://",
            "[Ww]{3}",
            "[.]",
            "@",
            "/",
            "# ",
            "24/7",
            "n/a",
            "N/A",
            "\\[\\^?",
            "\\]",
            "~",
            "version:",
            "Sha256=?",
            "0x",
            "MD5",
            "[sſS]ha",
            "[Vv]er[sſ]ion ?[:=] ?",
            "• \\(?[0-9]",
            "[.)] ",
            " ?[Pp]hases?",
            " PHASES? ",
            " Runs?",
            " ",
            "\u{a0}",
            "#?[0-9]{1,2}",
            "- ",
            " and ",
            "-",
            "in",
            "20[0-9]{2}",
            " § ",
            " [Nn]o[.] ",
            "lines?",
            "number",
            "\\PC",
            "[a-zA-Z0-9. ]{1,3}",
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_pattern_matches_a_bare_number(text in "[0-9.,% ]{0,12}") {
            prop_assert!(!is_bare(&text) || spans_of_any(&text).is_empty());
        }

        #[test]
        fn no_pattern_matches_what_it_may_not_match(text in pieces()) {
            for pattern in WHOLE.iter().chain([&YEAR]) {
                let may_match = (pattern.may_match)(&text);
                prop_assert!(may_match || !matches(pattern, &text), "{:?} in {text:?}", pattern.compiled.as_ref());
            }
        }

        #[test]
        fn words_are_found_as_their_pattern_finds_them(text in pieces()) {
            for (named, pattern) in NAMED.iter().zip(&*AS_PATTERNS) {
                let expected = digits(&text, pattern.find_iter(&text).map(|found| found.range()));
                prop_assert_eq!(digits(&text, named.find_in(&text)), expected, "{:?} in {:?}", pattern, text);
            }
        }
    }

    #[test]
    fn every_pattern_is_one() {
        assert!(WHOLE.iter().chain([&YEAR]).all(|pattern| pattern.compiled.is_some()));
        assert!(NAMED.iter().all(|named| named.numbers.is_some()));
    }

    #[test]
    fn shares_and_sentences_need_few_patterns() {
        let needed = |text: &str| WHOLE.iter().chain([&YEAR]).filter(|pattern| (pattern.may_match)(text)).count();
        assert_eq!(needed("242/244"), 0);
        assert_eq!(needed("Eight services shall share 5 axes: 3.5 in all, 1.5 of them #1"), 0);
        assert_eq!(needed("src/lib.rs"), 1, "the path");
    }
}
