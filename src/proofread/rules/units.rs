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

/// What a unit of that many seconds may be where people work: a day of eight hours, a week of five days of either sort.
const WORKING: [(u32, u32, u32); 3] = [(86_400, 8, 24), (604_800, 5, 7), (604_800, 40, 168)];

/// A size in brackets or behind `=`, behind another.
static SIZES: Pattern = LazyLock::new(|| {
    Regex::new(r"(?i)\d\s?(?:bytes|[kmgtp]?i?b)\b\s*[(=]\s*[~≈]?\d[\d.,]*\s?(?:bytes|[kmgtp]?i?b)\b").ok()
});
/// A length of time in brackets or behind `=`, behind another.
static LENGTHS: Pattern =
    LazyLock::new(|| Regex::new(r"\d\s?[-\p{L}]{1,13}\s*[(=]\s*[~≈]?\d[\d.,]*[\s-]?\p{L}{1,12}(?:[).,;]|$)").ok());

/// Holds `16,372,408,320 bytes (15.2 GB)`.
pub(super) fn bytes_human(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    each_pair(view, Unit::Bytes, |block, (first, a), (second, b)| {
        let verdict = best(
            (0..2)
                .flat_map(|own| (0..2).map(move |other| (own, other)))
                .filter_map(|(own, other)| Some(verdict_of(&Worked::of(a, own)?, b, &Worked::of(b, other)?))),
        );
        sink.judge(verdict, || draft(view, block, (first, a), (second, b)));
    });
}

/// Says that a size "in GB" is one in GiB.
pub(super) fn unit_label(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    each_pair(view, Unit::Bytes, |block, (first, a), (second, b)| {
        let (exact, human) = if a.exact { (a, b) } else { (b, a) };
        let Some(worked) = Worked::of(exact, 0).filter(|_| exact.exact && human.readings.len() == 2) else { return };
        let fits = |reading: usize| human.readings[reading].interval.contains(worked.value());
        let verdict = if !fits(0) && fits(1) { Verdict::Inconsistent } else { Verdict::Consistent };
        sink.judge(verdict, || Draft {
            message: format!("{} is in units of 1024: write it with an i, as in GiB", human.text),
            readings: &["units of 1000"],
            ..draft(view, block, (first, a), (second, b))
        });
    });
}

/// Holds `90 minutes (1.5 hours)` and `5400 s = 1.5 h`.
pub(super) fn unit_pair(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    each_pair(view, Unit::Seconds, |block, (first, a), (second, b)| {
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
        let verdict = best(verdicts);
        sink.judge(verdict, || draft(view, block, (first, a), (second, b)));
    });
}

fn verdict_of(a: &Worked, b: &Printed, right: &Worked) -> Verdict {
    best([a.against(b), a.agrees(right)])
}

fn draft(view: &View<'_>, block: usize, (first, a): (&Mention, &Printed), (second, b): (&Mention, &Printed)) -> Draft {
    let worked = a.readings.iter().map(|reading| quantity(&reading.value, a.unit)).collect::<Vec<_>>().join(" or ");
    Draft {
        message: format!("{} is {worked}, beside it stands {}", a.text, b.text),
        claimed: b.text.clone(),
        recomputed: worked,
        readings: &["nearest", "cut off or rounded up", "units of 1000 and of 1024", "working days and weeks"],
        anchors: vec![view.anchor(block, second.span.clone()), view.anchor(block, first.span.clone())],
        at_most: Level::Error,
    }
}

type Side<'a> = (&'a Mention, &'a Printed);

/// Two numbers of that unit, the second in brackets of its own or behind `=`, in another unit word.
fn each_pair(view: &View<'_>, unit: Unit, mut with: impl FnMut(usize, Side<'_>, Side<'_>)) {
    let pattern = if unit == Unit::Bytes { &SIZES } else { &LENGTHS };
    // What tools print of sizes stands in code.
    let code = view.code().filter(|block| unit == Unit::Bytes && matches(pattern, view.text(*block)));
    for block in view.prose(pattern).chain(code) {
        let text = view.text(block);
        let mentions: Vec<&Mention> = view.mentions(block).collect();
        for pair in mentions.windows(2) {
            let [first, second] = pair else { continue };
            let (Some(a), Some(b)) = (plain(first, unit), plain(second, unit)) else { continue };
            let between = text.get(first.span.end..second.span.start).unwrap_or_default().trim();
            let behind = text[second.span.end..].trim_start();
            // `1000 × 352 ms = 5.87 min`
            let factor = text[..first.span.start].trim_end().ends_with(['×', '*', 'x', '+', '-', '/', '÷', '·', '−']);
            let joined = between == "(" && behind.starts_with(')') || between == "=" && ends(behind) && !factor;
            if joined && first.unit() != second.unit() {
                with(block, (first, a), (second, b));
            }
        }
    }
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
