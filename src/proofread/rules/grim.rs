//! `grim`: a percentage of a stated number of things must be that of some whole number of them (Brown and Heathers, "The
//! GRIM test", 2017).

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::fact::Unit;
use crate::model::format::{count, percent};
use crate::model::number::Number;
use crate::model::printed::{Printed, Qualifier};
use crate::proofread::finding::Level;
use crate::proofread::number::{Kind, Mention, Stated};
use crate::proofread::relation::{Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View, matches};

/// A percentage with decimals, and how many there are.
static SAMPLE: Pattern = LazyLock::new(|| Regex::new(r"\.\d+\s?(?:%|percent) (?:of |\([nN])[^.]{0,20}\d").ok());
/// Words of what is to be.
static WANTED: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:must|should|shall|may|might|will|needs?|promis\w+|guarantee\w*|target\w*|goals?|sl[oa]s?|objectives?|aim\w*|at (?:least|most)|up to|requir\w+|allow\w*|expect\w*|budgets?|no more than)\b",
    )
    .ok()
});
/// What may stand between the percentage and how many there are.
const BETWEEN: &[&str] = &["of", "of the", "of all", "of our", "(n =", "(n=", "(n = ", "of these"];

/// Holds `45.3% of 64 tests` against every whole number of tests.
pub(super) fn grim(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for block in view.prose(&SAMPLE) {
        let mentions: Vec<&Mention> = view.mentions(block).collect();
        for pair in mentions.windows(2) {
            let [share, all] = pair else { continue };
            if let Some((claimed, whole)) = shaped(view.text(block), share, all) {
                if is_wanted(view.text(block), share.span.start..all.span.end) {
                    sink.skip("a percentage of what is to be");
                    continue;
                }
                judge(view, block, (share, claimed), (all, whole), sink);
            }
        }
    }
}

/// Does the sentence around say what is to be, and not what is?
fn is_wanted(text: &str, place: Range<usize>) -> bool {
    let from = text[..place.start].rfind(". ").map_or(0, |end| end + 1);
    let to = text[place.end..].find(". ").map_or(text.len(), |end| place.end + end);
    matches(&WANTED, &text[from..to])
}

fn shaped<'a>(text: &str, share: &'a Mention, all: &'a Mention) -> Option<(&'a Printed, &'a Number)> {
    let (Stated::Number(claimed), Stated::Number(whole)) = (&share.stated, &all.stated) else { return None };
    let between = text.get(share.span.end..all.span.start)?.trim().to_lowercase();
    let plain = claimed.qualifier == Qualifier::Plain && whole.qualifier == Qualifier::Plain;
    let of_things = whole.exact && whole.unit == Unit::One && all.kind() == Kind::Count && !all.noun.is_empty();
    // Months and years are no things that pass or fail.
    let of_things = of_things && !["month", "year", "quarter"].iter().any(|time| all.noun.starts_with(time));
    let sample = between.starts_with("(n");
    let places = claimed.runs.first()?.places;
    // Integer percentages are said of anything; with decimals somebody divided.
    let divided = claimed.unit == Unit::Ratio && places > 0;
    let small = *whole.value() < Number::power_of_ten(i32::try_from(places).ok()? + 2);
    let shaped =
        BETWEEN.contains(&between.as_str()) && plain && divided && small && (of_things || sample && whole.exact);
    (shaped && !claimed.value().is_negative() && *whole.value() > Number::one()).then(|| (claimed, whole.value()))
}

fn judge(
    view: &View<'_>,
    block: usize,
    (share, claimed): (&Mention, &Printed),
    (all, whole): (&Mention, &Number),
    sink: &mut Sink<'_, '_>,
) {
    let below = (claimed.value() * whole).floor();
    let above = &below + &Number::one();
    let of = |part: &Number| part.over(whole).map(Worked::exact);
    let verdict = best([&below, &above].into_iter().filter_map(of).map(|share| share.against(claimed)));
    let shares = [&below, &above].map(|part| {
        let share = part.over(whole).map_or_else(String::new, |share| percent(&share));
        format!("{} is {share}", count(part))
    });
    sink.judge(verdict, || Draft {
        message: format!("{} of {} is no whole number of them: {}", claimed.text, count(whole), shares.join(", ")),
        claimed: claimed.text.clone(),
        recomputed: shares.join(", "),
        readings: &["every whole number of them"],
        anchors: vec![view.anchor(block, share.span.clone()), view.anchor(block, all.span.clone())],
        at_most: Level::Warning,
    });
}
