//! `delta`: a change from one number to another, and what the text says it comes to.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::fact::Unit;
use crate::model::format::percent;
use crate::model::number::Number;
use crate::model::printed::Printed;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::{Grid, Held};
use crate::proofread::number::{Kind, Mention};
use crate::proofread::relation::{Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View};
use crate::proofread::words::{self, Words, is_among, singular};

/// An arrow with a number behind it.
static CHANGED: Pattern = LazyLock::new(|| Regex::new(r"\d.*(?:→|->|=>|⟶)\s*[~$€£]?\d").ok());
/// The arrow between two numbers, and their noun before it.
static ARROW: Pattern = LazyLock::new(|| Regex::new(r"^[\p{L} ]{0,20}(?:→|->|=>|⟶)\s*$").ok());
/// The change in brackets behind: sign, number, and what may follow.
static CHANGE: Pattern = LazyLock::new(|| {
    Regex::new(
        r"^[\p{L} ]{0,20}\((?P<sign>[+−–-]|[↑↓]\s?)?(?P<about>~|≈)?(?P<number>\d[\d,]*(?:\.\d+)?)\s?(?P<unit>%|pp|[xX×]|ms|s|h)?\s?(?P<words>[\p{L} ]{0,40})\)",
    )
    .ok()
});
/// `51.2% faster (225.93ms → 110.18ms)`
static FASTER: Pattern = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s(*:,;])(?P<about>~|≈)?(?P<number>\d+(?:\.\d+)?)\s?(?P<unit>%|[xX×])\s(?P<words>faster|slower|reduction|improvement|increase|decrease|smaller|larger|less|more|higher|lower|speedup)\s\($").ok()
});
/// Words that make a change one of something else.
static OTHER: Words = Words::of("day week month run cumulative total per each weighted point points");

/// Words that say of a number without a sign that it is the change.
static OF_CHANGE: Words = Words::of(
    "faster slower reduction reduced increase increased decrease decreased improvement improved smaller larger higher \
     lower better worse speedup quicker shorter longer growth gain drop rise fall change difference delta up down \
     point points percentage pp pts bigger cheaper saved saving savings",
);
/// Such words that say of what there are more or less.
static OF_THINGS: Words = Words::of("new more fewer less added removed additional");
/// Words behind those that name nothing.
static NAMELESS: Words = Words::of("than of in the before now overall");

/// Holds `a → b (+c)` and tables with before, after and change.
pub(super) fn delta(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for block in view.prose(&CHANGED) {
        let mentions: Vec<&Mention> = view.mentions(block).collect();
        for pair in mentions.windows(2) {
            if let [before, after] = pair {
                in_sentence(view, block, before, after, sink);
            }
        }
    }
    for grid in view.grids() {
        in_table(view, grid, sink);
    }
}

/// One end of a change.
#[derive(Clone, Copy)]
struct End<'a> {
    printed: &'a Printed,
    kind: Kind,
}

fn end(mention: &Mention) -> Option<End<'_>> {
    let printed = mention.plain().filter(|_| !mention_is_rate(mention))?;
    Some(End { printed, kind: mention.kind() })
}

fn mention_is_rate(mention: &Mention) -> bool {
    matches!(mention.kind(), Kind::Rate | Kind::Factor | Kind::Time)
}

/// A change as said.
struct Said {
    number: Printed,
    negative: bool,
    signed: bool,
    percent: bool,
    factor: bool,
    words: String,
}

fn said(found: &regex::Captures<'_>) -> Option<Said> {
    let unit = found.name("unit").map_or("", |unit| unit.as_str());
    let sign = found.name("sign").map_or("", |sign| sign.as_str().trim());
    let about = found.name("about").map_or("", |about| about.as_str());
    let factor = matches!(unit, "x" | "X" | "×");
    let suffix = if factor || unit == "pp" { "" } else { unit };
    let number = Printed::parse(&format!("{about}{}{suffix}", &found["number"])).ok()?;
    Some(Said {
        number,
        negative: matches!(sign, "-" | "−" | "–" | "↓"),
        signed: !sign.is_empty(),
        percent: unit == "%",
        factor,
        words: found.name("words").map_or_else(String::new, |words| words.as_str().to_lowercase()),
    })
}

fn in_sentence(view: &View<'_>, block: usize, before: &Mention, after: &Mention, sink: &mut Sink<'_, '_>) {
    let text = view.text(block);
    let joined = text.get(before.span.end..after.span.start).unwrap_or_default();
    if !ARROW.as_ref().is_some_and(|arrow| arrow.is_match(joined)) {
        return;
    }
    let (Some(from), Some(to)) = (end(before), end(after)) else { return };
    // `0% → 5% → 10% (+5%)`: nobody knows of which step.
    let chained = text[..before.span.start].trim_end().ends_with(['→', '>', '⟶']);
    let behind = &text[after.span.end..];
    if chained || behind.trim_start().starts_with(['→', '⟶']) || behind.trim_start().starts_with("->") {
        return;
    }
    let (said, span) = if let Some(found) = CHANGE.as_ref().and_then(|change| change.captures(behind)) {
        let Some(place) = found.name("number") else { return };
        let Some(said) = said(&found) else { return };
        if !said.signed && !is_change(&said.words, &text[..after.span.end + place.start()]) {
            sink.skip("a number in brackets behind a change that may be of something else");
            return;
        }
        (said, after.span.end + place.start()..after.span.end + place.end())
    } else if let Some(found) = FASTER.as_ref().and_then(|faster| faster.captures(&text[..before.span.start]))
        && behind.starts_with(')')
    {
        let (Some(place), Some(said)) = (found.name("number"), said(&found)) else { return };
        (said, place.range())
    } else {
        return;
    };
    // `Revenue 2024 → 2025 (+12%)`
    if [before, after].iter().all(|end| is_year(end)) {
        return;
    }
    let anchors =
        vec![view.anchor(block, span), view.anchor(block, before.span.clone()), view.anchor(block, after.span.clone())];
    judge(from, to, &said, anchors, sink);
}

/// Do the words behind a number without a sign make it the change, and not one of something else (`28 → 30 (3 clusters)`)?
fn is_change(said: &str, before: &str) -> bool {
    let said = words::of(said);
    if said.is_empty() || said.iter().any(|word| is_among(word, &OF_CHANGE)) {
        return true;
    }
    let before = words::of(before);
    let known = |word: &String| {
        is_among(word, &OF_THINGS)
            || is_among(word, &NAMELESS)
            || before.iter().any(|other| singular(other) == singular(word))
    };
    said.iter().any(|word| is_among(word, &OF_THINGS)) && said.iter().all(known)
}

/// May it be a year?
fn is_year(mention: &Mention) -> bool {
    let Some(printed) = mention.plain().filter(|printed| printed.exact) else { return false };
    printed.text.len() == 4
        && *printed.value() >= Number::from(1900)
        && *printed.value() <= Number::from(2100)
        && mention.noun.is_empty()
}

fn judge(from: End<'_>, to: End<'_>, said: &Said, anchors: Vec<Anchor>, sink: &mut Sink<'_, '_>) {
    if said.words.split(' ').any(|word| is_among(word, &OTHER)) && !(from.kind == Kind::Percent) {
        return;
    }
    let Some((changes, shown)) = changes(from, to, said) else { return };
    if changes.is_empty() {
        return;
    }
    let verdict = best(changes.iter().map(|change| change.against(&said.number)));
    sink.judge(verdict, || Draft {
        message: format!(
            "from {} to {} is {shown}, the text says {}",
            from.printed.text, to.printed.text, said.number.text
        ),
        claimed: said.number.text.clone(),
        recomputed: shown.clone(),
        readings: &["difference", "relative change", "percentage points", "factor"],
        anchors,
        at_most: Level::Warning,
    });
}

/// Every change that may be meant, without its sign where none was written, and the first for the message.
fn changes(from: End<'_>, to: End<'_>, said: &Said) -> Option<(Vec<Worked>, String)> {
    let same = from.printed.unit == to.printed.unit || from.printed.unit == Unit::One && to.printed.unit != Unit::Ratio;
    if !same && from.printed.unit != Unit::One {
        return None;
    }
    let mut all = Vec::new();
    let readings = from.printed.readings.len().max(to.printed.readings.len());
    for reading in 0..readings {
        let mut a = Worked::of(from.printed, reading)?;
        let b = Worked::of(to.printed, reading)?;
        // `110 → 131 ms`: the unit stands at the end.
        if from.printed.unit == Unit::One && to.printed.unit != Unit::One {
            let scale = to.printed.runs.first()?.scales.get(reading).or(to.printed.runs.first()?.scales.first())?;
            a = a.times(&Worked::exact(scale.clone()));
        }
        let rise = b.clone() - a.clone();
        if said.factor {
            all.extend(b.over(&a));
            all.extend(a.over(&b));
            all.extend(rise.over(&a));
            all.extend((a.clone() - b.clone()).over(&b));
            continue;
        }
        if said.percent {
            all.extend(rise.over(&a));
            // "x % faster" and the like are also said of the new value.
            if !said.signed {
                all.extend(rise.over(&b));
                all.extend(b.over(&a));
            }
            if from.kind == Kind::Percent {
                all.push(rise.clone());
            }
        } else if said.number.unit == to.printed.unit || said.number.unit == Unit::One {
            all.push(rise.clone());
            if from.kind == Kind::Percent {
                // `+10.35` of percentages is in points.
                all.push(rise.times(&Worked::exact(Number::from(100))));
            }
            if said.number.unit == Unit::One && to.printed.unit != Unit::One && from.kind != Kind::Percent {
                return None;
            }
        }
    }
    let sign = |worked: &Worked| Worked::exact(Number::zero()) - worked.clone();
    let first = all.first()?.clone();
    // A sign that is written counts; "51 % faster" has none.
    let all: Vec<Worked> = all
        .into_iter()
        .flat_map(|worked| match (said.signed, said.negative) {
            (true, true) => vec![sign(&worked)],
            (true, false) => vec![worked],
            (false, _) => vec![sign(&worked), worked],
        })
        .collect();
    let value = first.value();
    let shown = if said.percent { percent(value) } else { value.to_rounded(4) };
    Some((all, shown))
}

/// Columns named before, after and change.
fn in_table(view: &View<'_>, grid: &Grid<'_>, sink: &mut Sink<'_, '_>) {
    let column = |names: &[&str]| {
        grid.only_column(|column| {
            column.words.len() <= 2 && column.words.first().is_some_and(|word| names.contains(&word.as_str()))
        })
    };
    let (Some(before_at), Some(after_at), Some(change_at)) = (
        column(&["before", "previous", "baseline", "old", "original"]),
        column(&["after", "current", "new", "now", "optimized"]),
        column(&["change", "delta", "improvement", "difference", "diff", "δ", "reduction", "increase"]),
    ) else {
        return;
    };
    for row in &grid.rows {
        let side = |column: usize| match row[column].held() {
            Held::Number(mention, _) => Some((mention, end(mention)?)),
            _ => None,
        };
        let (Some((before, from)), Some((after, to))) = (side(before_at), side(after_at)) else { continue };
        let Some(block) = row[change_at].block else { continue };
        let text = view.text(block);
        let bracketed = format!("({})", text.trim_matches(|c: char| !c.is_alphanumeric() && !"+-−–%~≈↓↑".contains(c)));
        let Some(found) = CHANGE.as_ref().and_then(|change| change.captures(&bracketed)) else { continue };
        let Some(said) = said(&found) else { continue };
        // A column of improvements has no sign: a smaller number may be the better one.
        let loose = Said {
            signed: said.signed && grid.columns[change_at].words.first().is_some_and(|word| word != "improvement"),
            ..said
        };
        let places = [(row[before_at].block, before), (row[after_at].block, after)];
        let anchors = std::iter::once(view.whole(block))
            .chain(places.into_iter().filter_map(|(block, mention)| Some(view.anchor(block?, mention.span.clone()))));
        let anchors: Vec<Anchor> = anchors.collect();
        judge(from, to, &loose, anchors, sink);
    }
}
