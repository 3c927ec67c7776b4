//! `parts`: a whole and its parts, in a sentence or as labels one below the other.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::format::count;
use crate::model::number::Number;
use crate::model::printed::Qualifier;
use crate::proofread::document::BlockKind;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::number::{Kind, Mention, Stated};
use crate::proofread::relation::Verdict;
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View};
use crate::proofread::words::{self, Part};

/// What may stand between a whole and its parts: its noun, and the sign that opens them.
static OPENS: Pattern =
    LazyLock::new(|| Regex::new(r"^(?P<noun>(?:[ \u{a0}][\p{L}'’-]+){0,3})\s?(?P<sign>\(|:\s|–\s|—\s)").ok());
/// One part: a count and what it counts.
static PART: Pattern = LazyLock::new(|| {
    Regex::new(r"^(?:and\s)?[✅❌⚠️⏭\s]*(?P<count>\d[\d,]*)\s+(?P<noun>[\p{L}][\p{L}' -]{0,40}?)[✅❌⚠️⏭\s]*$").ok()
});
/// A count, its noun, and a count with a noun behind a bracket, a colon or a dash.
static ENUMERATION: Pattern = LazyLock::new(|| {
    Regex::new(r"\d(?:[ \u{a0}][\p{L}'’-]+){0,3}\s?(?:\(|:\s|[–—]\s)[✅❌⚠️⏭\s]*\d[\d,]*\s+\p{L}").ok()
});
/// Two states, one of which everything is in.
const PAIRS: &[[&str; 2]] = &[
    ["enabled", "disabled"],
    ["on", "off"],
    ["open", "closed"],
    ["resolved", "unresolved"],
    ["up", "down"],
    ["healthy", "unhealthy"],
];
/// More parts than this are no enumeration.
const MOST_PARTS: usize = 10;

/// Holds wholes against the parts that are named with them.
pub(super) fn parts(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for block in view.prose(&ENUMERATION) {
        for mention in view.mentions(block) {
            in_sentence(view, block, mention, sink);
        }
    }
    for list in view.lists().iter().filter(|list| !list.in_code) {
        labels(view, &list.items, sink);
    }
    labelled_lines(view, sink);
}

/// A part of an enumeration.
struct Named {
    count: Number,
    noun: Vec<String>,
    span: Range<usize>,
}

fn in_sentence(view: &View<'_>, block: usize, mention: &Mention, sink: &mut Sink<'_, '_>) {
    let Stated::Number(whole) = &mention.stated else { return };
    let text = view.text(block);
    if mention.kind() != Kind::Count || !whole.exact || whole.qualifier != Qualifier::Plain {
        return;
    }
    let Some(opens) = OPENS.as_ref().and_then(|opens| opens.captures(&text[mention.span.end..])) else { return };
    let noun = words::of(&opens["noun"]);
    // `36 failed tests (60 passed, 36 failed)`: a part itself.
    if noun
        .iter()
        .any(|word| matches!(words::part(std::slice::from_ref(word)), Some(Part::Passed | Part::Failed | Part::Other)))
    {
        return;
    }
    let from = mention.span.end + opens[0].len();
    let bracket = &opens["sign"] == "(";
    let rest = &text[from..];
    let end = if bracket { rest.find(')') } else { rest.find(['.', ';', '(', '\n']).or(Some(rest.len())) };
    let Some(named) = end.and_then(|end| enumeration(&rest[..end], from)) else { return };
    let before = words::of(text[..mention.span.start].rsplit(['.', ';', ',']).next().unwrap_or_default());
    let explicit = noun.iter().any(|word| word == "total")
        || before.last().is_some_and(|word| matches!(word.as_str(), "total" | "totals"))
        || before.ends_with(&["total".to_owned(), "of".to_owned()]);
    // "326 tests total (35 new, 12 slow)" names some of them; a plus or a colon says that it is all.
    let all = !bracket || end.is_some_and(|end| rest[..end].contains(" + "));
    if !(is_closed(&named) || explicit && all) {
        return;
    }
    let anchors = std::iter::once(mention.span.clone()).chain(named.iter().map(|part| part.span.clone()));
    let anchors = anchors.map(|span| view.anchor(block, span)).collect();
    let counts: Vec<Number> = named.into_iter().map(|part| part.count).collect();
    judge(whole.value(), &counts, anchors, sink);
}

/// `10 enabled, 7 staged`: every part a count with a noun, two or more.
fn enumeration(text: &str, at: usize) -> Option<Vec<Named>> {
    let mut parts = Vec::new();
    for piece in split(text) {
        let found = PART.as_ref()?.captures(&text[piece.clone()])?;
        let count = found["count"].replace(',', "").parse::<Number>().ok()?;
        let place = found.name("count")?.start()..found.name("noun")?.end();
        let start = at + piece.start;
        parts.push(Named { count, noun: words::of(&found["noun"]), span: start + place.start..start + place.end });
        if parts.len() > MOST_PARTS {
            return None;
        }
    }
    (parts.len() >= 2).then_some(parts)
}

/// The pieces between commas, `and`, `+`, `/` and `|`. A comma between digits belongs to a number.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for sign in [", and ", ", ", "; ", " and ", " + ", " | ", " / ", " & "] {
        if text.contains(sign) && pieces.is_empty() {
            let mut at = 0;
            for piece in text.split(sign) {
                pieces.push(at..at + piece.len());
                at += piece.len() + sign.len();
            }
            // `a, b and c`: the last comma piece may hold two.
            if sign == ", " {
                let last = pieces.pop().unwrap_or(0..text.len());
                match text[last.clone()].find(" and ") {
                    Some(and) => pieces.extend([last.start..last.start + and, last.start + and + 5..last.end]),
                    None => pieces.push(last),
                }
            }
            from = at;
        }
    }
    if from == 0 {
        pieces.push(0..text.len());
    }
    pieces
}

/// Do the parts exclude each other and leave nothing out: passed and failed, enabled and disabled?
fn is_closed(parts: &[Named]) -> bool {
    let kinds: Vec<Option<Part>> = parts.iter().map(|part| words::part(&part.noun)).collect();
    let outcomes = kinds.iter().all(|kind| matches!(kind, Some(Part::Passed | Part::Failed | Part::Other)));
    let both = kinds.contains(&Some(Part::Passed)) && kinds.iter().any(|kind| *kind != Some(Part::Passed));
    let state = |part: &Named| part.noun.last().cloned().unwrap_or_default();
    let pair = match parts {
        [one, other] => {
            let (one, other) = (state(one), state(other));
            PAIRS.iter().any(|[a, b]| one == *a && other == *b || one == *b && other == *a)
        }
        _ => false,
    };
    outcomes && both || pair
}

fn judge(whole: &Number, parts: &[Number], anchors: Vec<Anchor>, sink: &mut Sink<'_, '_>) {
    let sum: Number = parts.iter().cloned().sum();
    let some = (0..1_u32 << parts.len()).filter(|chosen| chosen.count_ones() >= 2).any(|chosen| {
        let with = parts.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, part)| part.clone());
        with.sum::<Number>() == *whole
    });
    let verdict = Verdict::of(some);
    sink.judge(verdict, || Draft {
        message: format!("{} parts make {}, the whole says {}", parts.len(), count(&sum), count(whole)),
        claimed: count(whole),
        recomputed: count(&sum),
        readings: &["all parts", "some of them"],
        anchors,
        at_most: Level::Error,
    });
}

/// `Total: 20`, `Passed: 15`, `Failed: 5` as items or lines.
fn labels(view: &View<'_>, blocks: &[usize], sink: &mut Sink<'_, '_>) {
    let mut found: Vec<(Part, Number, Anchor)> = Vec::new();
    for block in blocks {
        let Some((part, count, anchor)) = labelled(view, *block) else { continue };
        found.push((part, count, anchor));
    }
    let of = |wanted: Part| found.iter().filter(move |(part, ..)| *part == wanted);
    let (mut totals, mut passed, mut failed) = (of(Part::Total), of(Part::Passed), of(Part::Failed));
    let (Some(total), Some(passed_one), Some(failed_one)) = (totals.next(), passed.next(), failed.next()) else {
        return;
    };
    if totals.next().is_some() || passed.next().is_some() || failed.next().is_some() {
        return;
    }
    let parts: Vec<&(Part, Number, Anchor)> = [passed_one, failed_one].into_iter().chain(of(Part::Other)).collect();
    let anchors = std::iter::once(total.2.clone()).chain(parts.iter().map(|part| part.2.clone())).collect();
    let counts: Vec<Number> = parts.iter().map(|part| part.1.clone()).take(MOST_PARTS).collect();
    judge(&total.1, &counts, anchors, sink);
}

/// The part that a labelled line counts.
fn labelled(view: &View<'_>, block: usize) -> Option<(Part, Number, Anchor)> {
    let labelled = view.label(block)?;
    let text = view.text(block);
    let part = words::part(&view.label_words(labelled))?;
    let mention = view.behind(block, labelled).next()?;
    let Stated::Number(printed) = &mention.stated else { return None };
    let first = !text[labelled.value.start..mention.span.start].contains(char::is_alphanumeric);
    (first && printed.exact && mention.kind() == Kind::Count)
        .then(|| (part, printed.value().clone(), view.anchor(block, mention.span.clone())))
}

/// Labelled paragraphs that follow each other without anything between them.
fn labelled_lines(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    let mut run: Vec<usize> = Vec::new();
    for (index, block) in view.document.blocks.iter().enumerate() {
        let goes_on = block.kind == BlockKind::Paragraph && view.label(index).is_some();
        if goes_on && run.last().is_none_or(|last| view.block(*last).scope == block.scope) {
            run.push(index);
            continue;
        }
        if run.len() >= 3 {
            labels(view, &run, sink);
        }
        run.clear();
        if goes_on {
            run.push(index);
        }
    }
    if run.len() >= 3 {
        labels(view, &run, sink);
    }
}
