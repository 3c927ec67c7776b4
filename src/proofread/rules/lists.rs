//! `list-sum` and `block-total`: what a list is said to come to, before its items or in its last line.

use std::ops::Range;

use crate::model::fact::Unit;
use crate::model::format::{count, quantity};
use crate::model::number::Number;
use crate::model::printed::{Printed, PrintedFraction};
use crate::model::totals::is_total;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::lists::List;
use crate::proofread::number::{Kind, Mention, Stated};
use crate::proofread::relation::{Verdict, Worked};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{View, only};
use crate::proofread::words::{self, Words, is_among, singular};

/// Labels of what is never added up.
static NEVER: Words = Words::of("average avg mean median rate max min peak score ratio remaining per total");

/// Labels of items that say how the others stand, or something else of them: they are no parts beside them.
static STATUSES: Words = Words::of(
    "fixed resolved open opened closed reopened verified deferred skipped failed passed flaky retried pending progress \
     remaining done duration time elapsed new known duplicates duplicate invalid wontfix assigned unassigned blocked \
     disabled quarantined ignored",
);

/// Holds a number in brackets before a list against the numbers in its items: `Warnings (26 total):`.
pub(super) fn list_sum(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for list in view.lists().iter().filter(|list| !list.in_code && list.items.len() >= 2) {
        let Some(lead) = list.lead else { continue };
        let Some((claim, claimed, noun)) = announced(view, lead) else { continue };
        let items: Option<Vec<(Range<usize>, &Printed, &str)>> =
            list.items.iter().map(|item| last(view, *item)).collect();
        let Some(items) = items else { continue };
        let same_noun = items.iter().all(|(_, printed, own)| {
            printed.unit == claimed.unit && (is_same(own, noun) || own.is_empty() || noun == "total")
        });
        // Items without any noun under a whole with one may count something else.
        let nameless = items.iter().all(|(_, _, own)| own.is_empty()) && noun != "total" && claimed.unit == Unit::One;
        if !same_noun || nameless {
            continue;
        }
        let worked: Option<Vec<Worked>> = items.iter().map(|(_, printed, _)| Worked::of(printed, 0)).collect();
        let Some(worked) = worked else { continue };
        let sum: Worked = worked.iter().cloned().sum();
        let is_length = *claimed.value() == Number::from(items.len());
        let mut verdict = if is_length { Verdict::Consistent } else { sum.against(claimed) };
        if verdict == Verdict::Inconsistent && some_make(view, &list.items, &worked, claimed) {
            verdict = Verdict::Consistent;
        }
        let anchors = std::iter::once(view.anchor(lead, claim))
            .chain(list.items.iter().zip(&items).map(|(item, (span, ..))| view.anchor(*item, span.clone())));
        let anchors: Vec<Anchor> = anchors.collect();
        report(sink, verdict, claimed, sum.value(), items.len(), anchors);
    }
}

/// Do the first items alone make the total, or all but those that say how the others stand (`Fixed: 8`)?
fn some_make(view: &View<'_>, items: &[usize], worked: &[Worked], claimed: &Printed) -> bool {
    let makes = |sum: &Worked| sum.against(claimed) == Verdict::Consistent;
    let is_status = |item: usize| {
        let text = view.text(item);
        let label = &text[..text.find([':', '(', '-', '–', '—']).unwrap_or(text.len())];
        words::of(label).iter().any(|word| is_among(word, &STATUSES))
    };
    let parts = items.iter().zip(worked).filter(|(item, _)| !is_status(**item)).map(|(_, worked)| worked);
    let parts: Vec<&Worked> = parts.collect();
    let leading = || {
        let sums = worked.iter().scan(Worked::exact(Number::zero()), |sum, part| {
            *sum = sum.clone() + part.clone();
            Some(sum.clone())
        });
        // Each prefix of two items or more but the whole list, added up once.
        sums.take(worked.len() - 1).skip(1).any(|sum| makes(&sum))
    };
    parts.len() >= 2 && makes(&parts.into_iter().cloned().sum()) || leading()
}

fn report(
    sink: &mut Sink<'_, '_>,
    verdict: Verdict,
    claimed: &Printed,
    sum: &Number,
    items: usize,
    anchors: Vec<Anchor>,
) {
    let shown = if claimed.unit == Unit::One && sum.is_integer() { count(sum) } else { quantity(sum, claimed.unit) };
    sink.judge(verdict, || Draft {
        message: format!("{items} items add to {shown}, the list says {}", claimed.text),
        claimed: claimed.text.clone(),
        recomputed: shown,
        readings: &["nearest", "cut off or rounded up", "number of items"],
        anchors,
        at_most: Level::Error,
    });
}

fn is_same(a: &str, b: &str) -> bool {
    let bare = |noun: &str| singular(noun.split(' ').next().unwrap_or_default());
    bare(a) == bare(b)
}

/// The number in the only brackets of a line, with its noun or `total`; for lengths of time without one.
fn announced<'a>(view: &View<'a>, lead: usize) -> Option<(Range<usize>, &'a Printed, &'a str)> {
    let text = view.text(lead);
    if !text.contains('(') || !text.trim_end_matches([':', '*', ' ']).ends_with(')') {
        return None;
    }
    let found = view.mentions(lead).filter_map(|mention| {
        let printed = summable(mention)?;
        let open = text[..mention.span.start].ends_with('(');
        let behind = text[mention.span.end..].trim_start();
        let close = behind.strip_prefix(&*mention.noun)?.starts_with(')');
        (open && close).then(|| (mention.span.clone(), printed, mention.noun.as_str()))
    });
    only(found).filter(|(_, printed, noun)| !noun.is_empty() || printed.unit == Unit::Seconds)
}

/// The number that an item ends in, in brackets, behind a colon or with a noun.
fn last<'a>(view: &View<'a>, item: usize) -> Option<(Range<usize>, &'a Printed, &'a str)> {
    let text = view.text(item);
    let mention = view.mentions(item).last()?;
    let printed = summable(mention)?;
    let behind = text[mention.span.end..].trim_start().strip_prefix(&*mention.noun)?;
    let before = text[..mention.span.start].trim_end();
    let bracket = before.ends_with('(') && behind.trim_end_matches([':', ' ', '✅']) == ")";
    let labelled = before.ends_with([':', '-', '–', '—']) && behind.trim_end_matches(['.', ' ', '✅']).is_empty();
    (bracket || labelled).then(|| (mention.span.clone(), printed, mention.noun.as_str()))
}

/// A plain number that may be added to others.
fn summable(mention: &Mention) -> Option<&Printed> {
    let kind = matches!(mention.kind(), Kind::Count | Kind::Duration | Kind::Bytes | Kind::Money);
    mention.plain().filter(|_| kind)
}

/// Holds the last line of a list or a code block, when it is a total, against the lines above it.
pub(super) fn block_total(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for list in view.lists() {
        in_list(view, list, sink);
    }
    let mut run: Vec<usize> = Vec::new();
    for block in view.code() {
        if run.last().is_some_and(|last| last + 1 != block || view.block(*last).kind != view.block(block).kind) {
            run.clear();
        }
        if says_total(view.text(block)) {
            fractions(view, &run, block, sink);
            run.clear();
        } else {
            run.push(block);
        }
    }
}

/// Is it a line of a list or a block that gives a total: `Total tests: 44`?
fn says_total(text: &str) -> bool {
    let bare = text.trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    bare.starts_with("total") && text.contains(':')
}

/// Lines with a fraction each, above a total with one: `Trajectory: 44/44 tests`.
fn fractions(view: &View<'_>, lines: &[usize], total: usize, sink: &mut Sink<'_, '_>) {
    let fraction = |block: usize| {
        let found = view.block(block).numbers().iter().filter_map(|mention| match &mention.stated {
            Stated::Fraction(fraction) => Some(&**fraction),
            _ => None,
        });
        only(found).map(|fraction| (block, fraction))
    };
    let Some((_, said)) = fraction(total) else { return };
    let mut above: Vec<_> = lines.iter().rev().map_while(|line| fraction(*line)).collect();
    above.reverse();
    if above.len() < 2 {
        return;
    }
    let sum = |of: fn(&PrintedFraction) -> Number| -> Number { above.iter().map(|(_, fraction)| of(fraction)).sum() };
    let (part, whole) = (sum(|fraction| fraction.part.clone()), sum(|fraction| fraction.whole.clone()));
    if whole != said.whole {
        return;
    }
    let verdict = Verdict::of(part == said.part);
    let place = |block: usize, fraction: &PrintedFraction| {
        view.anchor(block, fraction.part_run.span.start..fraction.whole_run.span.end)
    };
    sink.judge(verdict, || Draft {
        message: format!(
            "{} lines add to {}/{}, the total says {}/{}",
            above.len(),
            count(&part),
            count(&whole),
            said.part_text,
            said.whole_text
        ),
        claimed: format!("{}/{}", said.part_text, said.whole_text),
        recomputed: format!("{}/{}", count(&part), count(&whole)),
        readings: &["exact"],
        anchors: std::iter::once(place(total, said))
            .chain(above.iter().map(|(block, fraction)| place(*block, fraction)))
            .collect(),
        at_most: Level::Error,
    });
}

/// Labelled numbers of one unit, the last of them the total.
fn in_list(view: &View<'_>, list: &List, sink: &mut Sink<'_, '_>) {
    let Some((total, items)) = list.items.split_last().filter(|(_, items)| items.len() >= 2) else { return };
    if !says_total(view.text(*total)) {
        return;
    }
    let Some((label, span, claimed, kind)) = labelled(view, *total) else { return };
    let found: Option<Vec<_>> = items.iter().map(|item| labelled(view, *item)).collect();
    let Some(found) = found else { return };
    // "Total tests available" is no sum; "Total tests" is one of items that all count tests.
    let alone = is_total(&label.join(" "));
    let of_items = || matches!(&*label, [_, noun] if found.iter().all(|(own, ..)| own.contains(noun)));
    if !alone && !of_items() {
        return;
    }
    let additive = found.iter().all(|(label, _, _, own)| {
        *own == kind && !label.iter().any(|word| is_among(word, &NEVER)) && words::part(label).is_none()
    });
    let Some(sum) = found.iter().map(|(_, _, printed, _)| Worked::of(printed, 0)).sum::<Option<Worked>>() else {
        return;
    };
    if !additive {
        return;
    }
    let verdict = sum.against(claimed);
    let anchors = std::iter::once(view.anchor(*total, span))
        .chain(items.iter().zip(&found).map(|(item, (_, span, ..))| view.anchor(*item, span.clone())));
    let anchors: Vec<Anchor> = anchors.collect();
    report(sink, verdict, claimed, sum.value(), items.len(), anchors);
}

/// The words of the label of an item and the one number behind it.
fn labelled<'a>(view: &View<'a>, item: usize) -> Option<(Vec<String>, Range<usize>, &'a Printed, Kind)> {
    let labelled = view.label(item)?;
    let mention = only(view.behind(item, labelled))?;
    let text = view.text(item);
    let leads = !text[labelled.value.start..mention.span.start].contains(char::is_alphanumeric);
    let behind = text[mention.span.end..].trim_start().strip_prefix(&*mention.noun)?;
    let alone = behind.trim_matches(['.', ' ', '✅', '*']).is_empty();
    let printed = summable(mention)?;
    (leads && alone).then(|| (view.label_words(labelled), mention.span.clone(), printed, mention.kind()))
}
