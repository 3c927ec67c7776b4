//! `heading-predicate`: what a heading says of each of the things below it.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::number::Number;
use crate::model::printed::{Printed, Qualifier};
use crate::proofread::document::{Scope, ScopeKind};
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::{Cell, Column, Grid, Held};
use crate::proofread::lists::List;
use crate::proofread::number::{Kind, Mention, Stated};
use crate::proofread::relation::{Verdict, Worked};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View, only};
use crate::proofread::words::{self, Words, is_among, singular};

/// `Critical modules at 100% coverage`, `Working perfectly (100% pass rate)`.
static ALL: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|\s|\()(?P<share>100(?:\.0+)?%)\s?(?P<noun>coverage|covered|pass rate|passing|pass|passed|complete)?",
    )
    .ok()
});
/// `(10+ imports each)`
static EACH: Pattern = LazyLock::new(|| {
    Regex::new(r"\((?P<bound>\d[\d,]*\+|[<>≥≤]=?\s?\d[\d,]*)\s(?P<noun>\p{L}+)\s(?:each|per \p{L}+)\)").ok()
});
/// Words of what shall be, or of a way.
static ELSEWHERE: Words = Words::of(
    "complete completed done target goal plan rollout day step reach path how toward towards to not from phase stage until roadmap \
     week remaining below nearly almost total overall average",
);

/// Holds the heading of a list or a table against each of its items or rows.
pub(super) fn heading_predicate(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    let scopes = &view.document.scopes;
    for list in view.lists().iter().filter(|list| !list.in_code && list.items.len() >= 2) {
        let Some(own) = list.items.first().and_then(|item| view.block(*item).scope) else { continue };
        // A bold line between heading and list names the things.
        let between = scopes[own].kind == ScopeKind::Bold && !scopes[own].title.contains('%');
        for scope in [Some(own), scopes[own].parent.filter(|_| between)].into_iter().flatten() {
            if let Some(noun) = said_of_all(&scopes[scope]) {
                all(view, list, scope, noun, sink);
            }
        }
    }
    for grid in view.grids() {
        let Some(scope) = view.document.tables[grid.table].scope else { continue };
        if let Some(found) = EACH.as_ref().and_then(|each| each.captures(&scopes[scope].title)) {
            each(view, grid, scope, &found["bound"], &found["noun"], sink);
        }
    }
}

/// What a heading says is at 100% for all below it; `None` when it says so of nothing, or as a goal.
fn said_of_all(head: &Scope) -> Option<&str> {
    if head.kind == ScopeKind::Item || !head.title.contains("100") {
        return None;
    }
    let found = ALL.as_ref()?.captures(&head.title)?;
    let elsewhere = words::of(&head.title).iter().any(|word| is_among(word, &ELSEWHERE));
    (!elsewhere).then(|| found.name("noun").map_or("", |noun| noun.as_str()))
}

/// The place of a heading's text.
fn heading(view: &View<'_>, scope: usize) -> Option<Anchor> {
    let start = view.document.scopes[scope].start;
    let at = view.document.blocks.partition_point(|block| block.shown.start() < start);
    (at < view.document.blocks.len()).then(|| view.whole(at))
}

/// "100 %" over a list whose items each have one percentage.
fn all(view: &View<'_>, list: &List, scope: usize, noun: &str, sink: &mut Sink<'_, '_>) {
    let shares: Option<Vec<(usize, &Mention, &Printed)>> =
        list.items.iter().map(|item| only_share(view, *item)).collect();
    let (Some(shares), Some(claim)) = (shares, heading(view, scope)) else { return };
    let short: Vec<&(usize, &Mention, &Printed)> = shares.iter().filter(|(_, _, share)| is_short(share)).collect();
    let verdict = Verdict::of(short.is_empty());
    sink.judge(verdict, || Draft {
        message: format!(
            "the heading says 100%{}{noun}, {} of {} below it are less",
            if noun.is_empty() { "" } else { " " },
            short.len(),
            shares.len()
        ),
        claimed: "100%".to_owned(),
        recomputed: short.iter().map(|(_, _, share)| share.text.as_str()).collect::<Vec<_>>().join(", "),
        readings: &["nearest", "cut off or rounded up"],
        anchors: std::iter::once(claim)
            .chain(short.iter().map(|(block, mention, _)| view.anchor(*block, mention.span.clone())))
            .collect(),
        at_most: Level::Warning,
    });
}

/// 99.6% may have been written as 100%, and 99% may not.
fn is_short(share: &Printed) -> bool {
    *share.value() < Number::one() && !share.stands_for(&Number::one())
}

/// The only percentage of an item.
fn only_share<'a>(view: &View<'a>, item: usize) -> Option<(usize, &'a Mention, &'a Printed)> {
    let found = view.mentions(item).filter_map(|mention| match &mention.stated {
        Stated::Number(printed) if mention.kind() == Kind::Percent && printed.qualifier == Qualifier::Plain => {
            Some((item, mention, printed))
        }
        Stated::Fraction(fraction) => Some((item, mention, fraction.percent.as_ref()?)),
        _ => None,
    });
    only(found)
}

/// The one number of a cell, and its place.
fn number<'a>(view: &View<'_>, cell: Cell<'a>) -> Option<(Anchor, &'a Printed)> {
    match cell.held() {
        Held::Number(_, printed) => Some((view.whole(cell.block?), printed)),
        _ => None,
    }
}

/// A bound over a table with a column of that noun.
fn each(view: &View<'_>, grid: &Grid<'_>, scope: usize, bound: &str, noun: &str, sink: &mut Sink<'_, '_>) {
    let Ok(bound) = Printed::parse(bound) else { return };
    let noun_alone = singular(noun);
    let named = |column: &Column| column.words.iter().any(|word| singular(word) == noun_alone);
    let Some(column) = grid.columns.iter().position(named) else { return };
    let numbers: Option<Vec<(Anchor, &Printed)>> = grid.rows.iter().map(|row| number(view, row[column])).collect();
    let (Some(numbers), Some(claim)) = (numbers, heading(view, scope)) else { return };
    let all = numbers.len();
    let breaks =
        |number: &Printed| Worked::of(number, 0).is_some_and(|worked| worked.against(&bound) == Verdict::Inconsistent);
    let wrong: Vec<(Anchor, &Printed)> = numbers.into_iter().filter(|(_, number)| breaks(number)).collect();
    let verdict = Verdict::of(wrong.is_empty());
    sink.judge(verdict, || Draft {
        message: format!("the heading says {} {noun} each, {} of {all} rows say otherwise", bound.text, wrong.len()),
        claimed: bound.text.clone(),
        recomputed: wrong.iter().map(|(_, number)| number.text.as_str()).collect::<Vec<_>>().join(", "),
        readings: &["as written"],
        anchors: std::iter::once(claim).chain(wrong.into_iter().map(|(anchor, _)| anchor)).collect(),
        at_most: Level::Warning,
    });
}
