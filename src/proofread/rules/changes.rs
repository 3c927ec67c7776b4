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

/// An arrow with a number behind it, or `from 40 to 50`.
static CHANGED: Pattern =
    LazyLock::new(|| Regex::new(r"\d.*(?:→|->|=>|⟶)\s*[~$€£]?\d|(?i:from)\s[~$€£]?\d.*\sto\s[~$€£]?\d").ok());
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
/// The end of a sentence before `from 40 to 50`: what rose or fell, by itself or not, and perhaps by how much.
static MOVED: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:(?P<own>rose|grew|fell|dropped|went(?: up| down)?|improved|climbed|declined|shrank|(?:is|are|was|were) (?:up|down))|increased|decreased|reduced|cut|raised|lowered)(?:\sby\s(?P<about>~|≈)?(?P<number>\d+(?:\.\d+)?)\s?(?P<unit>%|percent(?:age points)?|pp),?)?\sfrom\s[$€£]?$",
    )
    .ok()
});
/// The change behind: `, a 25% increase`, `, an increase of 10 percentage points`.
static COMMENT: Pattern = LazyLock::new(|| {
    Regex::new(
        r"^(?:\s?[\p{L}/]{1,14}){0,3}(?:,| —| –)\s(?:(?:which|that) is\s)?an?\s(?:(?P<words>increase|decrease|reduction|drop|rise|growth|fall|gain|decline|improvement|speedup)\sof\s)?(?P<about>~|≈)?(?P<number>\d+(?:\.\d+)?)\s?(?P<unit>%|percent(?:age points)?|pp)(?:\s(?P<noun>increase|decrease|reduction|drop|rise|growth|fall|gain|decline|improvement|speedup))?(?:[.,;)]|$)",
    )
    .ok()
});
/// What is said of a quality, and not of the number that changed: `from 4 to 8 workers, a 60% improvement`.
static OF_QUALITY: Words = Words::of("improvement speedup gain");
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
    /// Is it certainly one of the number before: `fell by 20% from 50 ms to 40 ms`?
    of_first: bool,
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
        of_first: false,
        words: found.name("words").map_or_else(String::new, |words| words.as_str().to_lowercase()),
    })
}

fn in_sentence(view: &View<'_>, block: usize, before: &Mention, after: &Mention, sink: &mut Sink<'_, '_>) {
    let text = view.text(block);
    let joined = text.get(before.span.end..after.span.start).unwrap_or_default();
    let to = joined.trim().trim_end_matches(['$', '€', '£']).trim_end() == "to";
    if to && !brackets_follow(&text[..before.span.start], &text[after.span.end..]) {
        in_words(view, block, before, after, sink);
        return;
    }
    if !to && !ARROW.as_ref().is_some_and(|arrow| arrow.is_match(joined)) {
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

/// `rose from 40 to 50, a 25% increase`, `fell by 20% from 50 ms to 40 ms`.
fn in_words(view: &View<'_>, block: usize, before: &Mention, after: &Mention, sink: &mut Sink<'_, '_>) {
    let text = view.text(block);
    let (Some(from), Some(to)) = (end(before), end(after)) else { return };
    let Some(moved) = MOVED.as_ref().and_then(|moved| moved.captures(&text[..before.span.start])) else { return };
    // `from 2024 to 2025`: when, and not how much.
    if is_year(before) || is_year(after) {
        return;
    }
    let comment = COMMENT.as_ref().and_then(|comment| comment.captures(&text[after.span.end..]));
    let (found, offset) = match comment {
        Some(comment) => (comment, after.span.end),
        None if moved.name("number").is_some() => (moved, 0),
        None => return,
    };
    let word = found.name("words").or(found.name("noun")).map_or("", |word| word.as_str());
    if offset > 0 && is_among(&word.to_lowercase(), &OF_QUALITY) && !moves_itself(&text[..before.span.start]) {
        return;
    }
    let Some(place) = found.name("number") else { return };
    let percent = found.name("unit").is_some_and(|unit| matches!(unit.as_str(), "%" | "percent"));
    let about = found.name("about").map_or("", |about| about.as_str());
    let Ok(number) = Printed::parse(&format!("{about}{}{}", place.as_str(), if percent { "%" } else { "" })) else {
        return;
    };
    // Points are of percentages.
    if !percent && from.kind != Kind::Percent {
        return;
    }
    let (signed, negative) = (false, false);
    let said = Said { number, negative, signed, percent, factor: false, of_first: offset == 0, words: String::new() };
    let spans = [offset + place.start()..offset + place.end(), before.span.clone(), after.span.clone()];
    judge(from, to, &said, spans.map(|span| view.anchor(block, span)).to_vec(), sink);
}

/// `from 2 GB to 3 GB (+50%)`: a sign, and no word of something else.
fn brackets_follow(before: &str, behind: &str) -> bool {
    let from = before.trim_end_matches(['$', '€', '£', ' ']).to_lowercase().ends_with("from");
    let said = CHANGE.as_ref().and_then(|change| change.captures(behind)).and_then(|found| said(&found));
    from && said.is_some_and(|said| said.signed && said.words.trim().is_empty())
}

fn moves_itself(text: &str) -> bool {
    MOVED.as_ref().and_then(|moved| moved.captures(text)).is_some_and(|moved| moved.name("own").is_some())
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
        // Each number once: a rise over a number would take what rounding leaves of that twice.
        let (part, whole) = (b.over(&a), a.over(&b));
        let one = || Worked::exact(Number::one());
        if said.factor {
            all.extend(part.clone());
            all.extend(whole.clone());
            all.extend(part.map(|part| part - one()));
            all.extend(whole.map(|whole| whole - one()));
            continue;
        }
        if said.percent {
            all.extend(part.clone().map(|part| part - one()));
            // "x % faster" and the like are also said of the new value.
            if !said.signed && !said.of_first {
                all.extend(whole.map(|whole| one() - whole));
                all.extend(part);
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
    let shown = match from.kind {
        _ if said.percent => percent(value),
        // As it is said: in points.
        Kind::Percent => (value * &Number::from(100)).to_rounded(4),
        _ => value.to_rounded(4),
    };
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
