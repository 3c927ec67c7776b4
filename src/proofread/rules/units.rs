//! `bytes-human`, `unit-pair` and `unit-label`: one quantity in two units.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::fact::Unit;
use crate::model::format::quantity;
use crate::model::number::Number;
use crate::model::printed::{Printed, Qualifier};
use crate::proofread::finding::Level;
use crate::proofread::number::{Mention, Stated};
use crate::proofread::relation::{Verdict, Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View, matches};
use crate::proofread::words::{Words, is_among};

/// What a unit of that many seconds may be where people work: a day of eight hours, a week of five days of either sort.
const WORKING: [(u32, u32, u32); 3] = [(86_400, 8, 24), (604_800, 5, 7), (604_800, 40, 168)];

/// A size in brackets or behind `=`, behind another.
static SIZES: Pattern = LazyLock::new(|| {
    Regex::new(r"(?i)\d\s?(?:bytes|[kmgtp]?i?b)\b\s*[(=]\s*[~≈]?\d[\d.,]*\s?(?:bytes|[kmgtp]?i?b)\b").ok()
});
/// A length of time in brackets or behind `=`, behind another.
static LENGTHS: Pattern =
    LazyLock::new(|| Regex::new(r"\d\s?[-\p{L}]{1,13}\s*[(=]\s*[~≈]?\d[\d.,]*[\s-]?\p{L}{1,12}(?:[).,;]|$)").ok());

/// What may stand between a number and a quantity that it is a share or a multiple of: `disks of`, `of the`, `×`.
static LINK: Pattern = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[\p{L}'’-]+,?\s+){0,4}?(?:(?:of|at|with|for|each|times|à)(?:\s+(?:the|a|all|our|each|every|total))*|[@×x*·])\s*$").ok()
});
/// A share or a multiple in words: `half of`, `two disks of`.
static WORDED: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[^\p{L}])(?P<word>two[ -]thirds|three[ -]quarters|half|third|quarter|tenth|twice|double|triple|two|three|four|five|six|seven|eight|nine|ten|twelve|dozen)(?:\s+times|(?:\s+(?P<noun>[\p{L}-]+))?\s+of)?(?:\s+(?:the|a|an|all|our|each|every))*\s*$",
    )
    .ok()
});
/// What may be a share or a multiple, and is no number: `most of`, `shards of`.
static UNREAD: Pattern = LazyLock::new(|| Regex::new(r"(?i)(?P<noun>[\p{L}-]+)\s+of(?:\s+(?:the|all|our))?\s*$").ok());
/// Words for a share of no stated size.
static SHARES: Words =
    Words::of("part most some much rest remainder portion fraction share percentage majority bulk tenth quarter third");
/// Between two numbers they make neither a share nor a multiple.
const OTHER_SIGNS: [&str; 6] = ["+", "-", "−", "–", "/", "÷"];

/// Of what a pair of quantities may be, but for the first of them.
enum Factor {
    /// The first itself.
    None,
    /// A share or a multiple of it, from that byte on.
    Of(Worked, usize),
    /// One that cannot be read.
    Unread,
}

/// Two quantities beside each other.
struct Pair<'a> {
    block: usize,
    first: (&'a Mention, &'a Printed),
    second: (&'a Mention, &'a Printed),
    factor: Factor,
}

/// Holds `16,372,408,320 bytes (15.2 GB)`.
pub(super) fn bytes_human(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    each_pair(view, Unit::Bytes, |pair| {
        let ((_, a), (_, b)) = (pair.first, pair.second);
        let read = |printed| (0..2).filter_map(move |reading| Worked::of(printed, reading)).collect::<Vec<_>>();
        let (firsts, seconds) = (read(a), read(b));
        let pairs = firsts.iter().flat_map(|left| seconds.iter().map(move |right| verdict_of(left, b, right)));
        judge(view, &pair, best(pairs), &firsts, sink);
    });
}

/// Says that a size "in GB" is one in GiB.
pub(super) fn unit_label(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    each_pair(view, Unit::Bytes, |pair| {
        let ((_, a), (_, b)) = (pair.first, pair.second);
        if !matches!(pair.factor, Factor::None) {
            return;
        }
        let (exact, human) = if a.exact { (a, b) } else { (b, a) };
        let Some(worked) = Worked::of(exact, 0).filter(|_| exact.exact && human.readings.len() == 2) else { return };
        let fits = |reading: usize| human.readings[reading].interval.contains(worked.value());
        let verdict = if !fits(0) && fits(1) { Verdict::Inconsistent } else { Verdict::Consistent };
        sink.judge(verdict, || Draft {
            message: format!("{} is in units of 1024: write it with an i, as in GiB", human.text),
            readings: &["units of 1000"],
            ..draft(view, &pair)
        });
    });
}

/// Holds `90 minutes (1.5 hours)` and `5400 s = 1.5 h`.
pub(super) fn unit_pair(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    each_pair(view, Unit::Seconds, |pair| {
        let ((_, a), (_, b)) = (pair.first, pair.second);
        let (Some(left), Some(right)) = (Worked::of(a, 0), Worked::of(b, 0)) else { return };
        let mut verdicts = vec![verdict_of(&left, b, &right)];
        // Working time: `2 days (16 hours)`.
        let named = |printed: &Printed, unit: u32| {
            printed.runs.iter().any(|run| run.scales.first() == Some(&Number::from(unit)))
        };
        for (_, part, whole) in WORKING.into_iter().filter(|(unit, ..)| named(a, *unit) || named(b, *unit)) {
            let Some(share) = Number::ratio(part, whole) else { continue };
            let share = Worked::exact(share);
            verdicts.push(left.times(&share).agrees(&right));
            verdicts.push(right.times(&share).agrees(&left));
        }
        judge(view, &pair, best(verdicts), &[left], sink);
    });
}

/// Judges a pair by itself, and by the share or the multiple of its first number that the text names.
fn judge(view: &View<'_>, pair: &Pair<'_>, alone: Verdict, firsts: &[Worked], sink: &mut Sink<'_, '_>) {
    let verdict = match &pair.factor {
        Factor::None => alone,
        Factor::Of(factor, _) => {
            let products = firsts.iter().map(|first| first.times(factor).of_chosen(pair.second.1));
            best(products.chain([alone]))
        }
        Factor::Unread if alone == Verdict::Inconsistent => {
            sink.skip("a share or a multiple of a quantity that is not written as a number");
            return;
        }
        Factor::Unread => alone,
    };
    sink.judge(verdict, || draft(view, pair));
}

fn verdict_of(a: &Worked, b: &Printed, right: &Worked) -> Verdict {
    best([a.against(b), a.agrees(right)])
}

fn draft(view: &View<'_>, pair: &Pair<'_>) -> Draft {
    let ((first, a), (second, b)) = (pair.first, pair.second);
    let from = match &pair.factor {
        Factor::Of(_, from) => *from,
        _ => first.span.start,
    };
    let worked = a.readings.iter().map(|reading| match &pair.factor {
        Factor::Of(factor, _) => quantity(&(&reading.value * factor.value()), a.unit),
        _ => quantity(&reading.value, a.unit),
    });
    let worked = worked.collect::<Vec<_>>().join(" or ");
    let source = from..first.span.end;
    Draft {
        message: format!("{} is {worked}, beside it stands {}", &view.text(pair.block)[source.clone()], b.text),
        claimed: b.text.clone(),
        recomputed: worked,
        readings: &["nearest", "cut off or rounded up", "units of 1000 and of 1024", "working days and weeks"],
        anchors: vec![view.anchor(pair.block, second.span.clone()), view.anchor(pair.block, source)],
        at_most: Level::Error,
    }
}

/// Two numbers of that unit, the second in brackets of its own or behind `=`, in another unit word.
fn each_pair(view: &View<'_>, unit: Unit, mut with: impl FnMut(Pair<'_>)) {
    let pattern = if unit == Unit::Bytes { &SIZES } else { &LENGTHS };
    // What tools print of sizes stands in code.
    let code = view.code().filter(|block| unit == Unit::Bytes && matches(pattern, view.text(*block)));
    for block in view.prose(pattern).chain(code) {
        let text = view.text(block);
        let mentions: Vec<&Mention> = view.mentions(block).collect();
        for (at, pair) in mentions.windows(2).enumerate() {
            let [first, second] = pair else { continue };
            let (Some(a), Some(b)) = (plain(first, unit), plain(second, unit)) else { continue };
            let between = text.get(first.span.end..second.span.start).unwrap_or_default().trim();
            let behind = text[second.span.end..].trim_start();
            let joined = between == "(" && behind.starts_with(')') || between == "=" && ends(behind);
            if !joined || first.unit() == second.unit() {
                continue;
            }
            let before = at.checked_sub(1).map(|before| mentions[before]);
            if let Some(factor) = factor(text, before, first, between == "=") {
                with(Pair { block, first: (first, a), second: (second, b), factor });
            }
        }
    }
}

/// The share or the multiple that a text names of a quantity; `None` where it stands in a longer calculation.
fn factor(text: &str, before: Option<&Mention>, first: &Mention, equals: bool) -> Option<Factor> {
    let lead = text[..first.span.start].trim_end();
    let between = before.and_then(|before| text.get(before.span.end..first.span.start)).unwrap_or_default();
    // A dash may also stand before what a label is said to be.
    let signed = OTHER_SIGNS.iter().any(|sign| between.trim() == *sign || equals && lead.ends_with(sign));
    if signed {
        return None;
    }
    if let Some(before) = before.filter(|_| LINK.as_ref().is_some_and(|link| link.is_match(between))) {
        // `2 × 1000 × 352 ms`
        let chained = text[..before.span.start].trim_end().ends_with(['×', '*', '·', '+', '/', '÷']);
        return (!chained).then(|| numbered(before));
    }
    // `n × 352 ms`
    if lead.ends_with(['×', '*', '·']) || lead.ends_with(" x") {
        return None;
    }
    Some(worded(lead))
}

/// The factor that a number is. A quantity is none: in `2 GB of 16,372,408,320 bytes (15.2 GB)` it is another one.
fn numbered(before: &Mention) -> Factor {
    let worked = match &before.stated {
        Stated::Fraction(fraction) => fraction.part.over(&fraction.whole).map(Worked::exact),
        Stated::Number(number) if !matches!(number.unit, Unit::One | Unit::Ratio) => return Factor::None,
        Stated::Number(number) if matches!(number.qualifier, Qualifier::Plain | Qualifier::About) => {
            Worked::of(number, 0)
        }
        Stated::Number(_) => None,
        Stated::Time(_) => return Factor::None,
    };
    worked.map_or(Factor::Unread, |worked| Factor::Of(worked, before.span.start))
}

/// The factor that the words right before a quantity are.
fn worded(lead: &str) -> Factor {
    let found = WORDED.as_ref().and_then(|worded| worded.captures(lead));
    if let Some(word) = found.as_ref().and_then(|found| found.name("word")) {
        // `four fifths of`
        let parts =
            found.as_ref().and_then(|found| found.name("noun")).is_some_and(|noun| noun.as_str().ends_with("ths"));
        let number = value_of(&word.as_str().to_lowercase()).filter(|_| !parts);
        return number.map_or(Factor::Unread, |number| Factor::Of(Worked::exact(number), word.start()));
    }
    let noun = UNREAD.as_ref().and_then(|unread| unread.captures(lead)).map(|found| found["noun"].to_lowercase());
    let unread = noun.is_some_and(|noun| {
        let many = noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us") && !noun.ends_with("is");
        many && noun != "consists" || is_among(&noun, &SHARES)
    });
    if unread { Factor::Unread } else { Factor::None }
}

fn value_of(word: &str) -> Option<Number> {
    let (part, whole) = match word.replace('-', " ").as_str() {
        "half" => (1, 2),
        "third" => (1, 3),
        "two thirds" => (2, 3),
        "quarter" => (1, 4),
        "three quarters" => (3, 4),
        "tenth" => (1, 10),
        "twice" | "double" | "two" => (2, 1),
        "triple" | "three" => (3, 1),
        "four" => (4, 1),
        "five" => (5, 1),
        "six" => (6, 1),
        "seven" => (7, 1),
        "eight" => (8, 1),
        "nine" => (9, 1),
        "ten" => (10, 1),
        "twelve" | "dozen" => (12, 1),
        _ => return None,
    };
    Number::ratio(part, whole)
}

fn ends(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with([')', '.', ',', ';'])
}

fn plain(mention: &Mention, unit: Unit) -> Option<&Printed> {
    match &mention.stated {
        Stated::Number(printed)
            if printed.unit == unit && matches!(printed.qualifier, Qualifier::Plain | Qualifier::About) =>
        {
            Some(printed)
        }
        _ => None,
    }
}
