//! `threshold` and `bound-vs-value`: a number against a bound that stands beside it, or that is said of the same thing.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::fact::Unit;
use crate::model::printed::{Printed, Qualifier};
use crate::proofread::document::ScopeKind;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::{Cell, Grid, Held};
use crate::proofread::number::Mention;
use crate::proofread::relation::{Verdict, Worked};
use crate::proofread::rules::Gather;
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View, only};
use crate::proofread::words::{self, Words, is_among};

static TARGETS: Words = Words::of("target threshold goal objective required requirement limit slo budget");
static ACTUALS: Words = Words::of("actual result measured achieved value current observed p95 p99");
static MARKS: Words = Words::of("status verdict pass met ✓ ok outcome");
/// Words behind a bound that name what is bounded.
const SUBJECTS: &[&str] = &["uptime", "availability", "coverage", "downtime"];

/// A number with a unit, and a bound behind it.
static COMPARED: Pattern = LazyLock::new(|| Regex::new(r"\d\s?(?:%|\p{L}+)\s*\(?(?:[<>≤≥]=?\s?\d|exceeds\s\d)").ok());
/// A bound of one of the subjects.
static SUBJECT: Pattern = LazyLock::new(|| Regex::new(r"(?i)\d.*\b(?:uptime|availability|coverage|downtime)\b").ok());

/// Does a value satisfy a bound, whatever of it was rounded? `None` when it is not certain, or cannot be compared.
fn satisfies(value: &Printed, bound: &Printed) -> Option<bool> {
    let same = value.unit == bound.unit;
    let comparable =
        same && matches!(value.qualifier, Qualifier::Plain | Qualifier::About) && bound.qualifier.is_bound();
    if !comparable || value.out_of != bound.out_of {
        return None;
    }
    let mut answers = Vec::new();
    for reading in 0..value.readings.len().max(bound.readings.len()) {
        let worked = Worked::of(value, reading)?;
        let limit = Worked::exact(bound.readings.get(reading).or(bound.readings.first())?.value.clone());
        let meets = worked.against(bound) == Verdict::Consistent;
        let certain = worked.is_below(&limit) || limit.is_below(&worked);
        answers.push(if meets && certain {
            Some(true)
        } else if certain {
            Some(false)
        } else {
            None
        });
    }
    let first = *answers.first()?;
    answers.iter().all(|answer| *answer == first).then_some(first).flatten()
}

/// Holds the mark of a row against its value and its target, and `110 ms < 150 ms` against itself.
pub(super) fn threshold(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        in_table(view, grid, sink);
    }
    for block in view.prose(&COMPARED) {
        let mentions: Vec<&Mention> = view.mentions(block).collect();
        for pair in mentions.windows(2) {
            if let [value, bound] = pair {
                compared(view, block, value, bound, sink);
            }
        }
    }
}

/// `110 ms < 150 ms`, `98.28% (exceeds 95% threshold)`.
fn compared(view: &View<'_>, block: usize, value: &Mention, bound: &Mention, sink: &mut Sink<'_, '_>) {
    let (Some(number), Some(limit)) = (value.number(), bound.number()) else { return };
    let text = view.text(block);
    let between = text.get(value.span.end..bound.span.start).unwrap_or_default().trim();
    let sign = limit.text.starts_with(['<', '>', '≤', '≥']) && between.is_empty();
    let word = limit.text.starts_with("exceeds") && (between == "(" || between.is_empty());
    // Without a unit it may be versions that are compared.
    if !(sign || word) || number.unit == Unit::One || number.qualifier != Qualifier::Plain {
        return;
    }
    let Some(holds) = satisfies(number, limit) else { return };
    let verdict = Verdict::of(holds);
    sink.judge(verdict, || Draft {
        message: format!("{} is not {}", number.text, limit.text),
        claimed: limit.text.clone(),
        recomputed: number.text.clone(),
        readings: &["nearest", "cut off or rounded up"],
        anchors: vec![view.anchor(block, bound.span.clone()), view.anchor(block, value.span.clone())],
        at_most: Level::Warning,
    });
}

/// What the mark in a cell says; `None` for no mark, or a careful one.
fn mark(text: &str) -> Option<bool> {
    let lower = text.to_lowercase();
    let words = words::of(&lower);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let good = text.contains(['✅', '✓', '✔']) || has(&["pass", "passed", "met", "exceeds", "exceeded"]);
    let bad = text.contains(['❌', '✗', '✘']) || has(&["fail", "failed", "missed"]);
    let careful =
        text.contains(['⚠', '~', '🟡', '⏳']) || has(&["partial", "almost", "near", "pending", "not", "acceptable"]);
    (good != bad && !careful).then_some(good)
}

/// The columns whose headers have one of the names; the first, which names the rows, only where there is no other.
fn columns_named(grid: &Grid<'_>, names: &Words) -> Vec<usize> {
    let is = |at: &usize| grid.columns[*at].words.iter().any(|word| is_among(word, names));
    let behind: Vec<usize> = (1..grid.columns.len()).filter(is).collect();
    if behind.is_empty() { (0..grid.columns.len().min(1)).filter(is).collect() } else { behind }
}

fn in_table(view: &View<'_>, grid: &Grid<'_>, sink: &mut Sink<'_, '_>) {
    let candidates = |names: &Words| columns_named(grid, names);
    let (targets, actuals, marks) = (candidates(&TARGETS), candidates(&ACTUALS), candidates(&MARKS));
    if targets.is_empty() || actuals.is_empty() || marks.is_empty() {
        return;
    }
    // `SLO` may name the rows or their targets: bounds are what is looked for.
    let bounds = |column: &usize| grid.rows.iter().all(|row| matches!(row[*column].held(), Held::Rough));
    let target = only(targets.iter().copied()).or_else(|| only(targets.into_iter().filter(bounds)));
    let (Some(target_at), Some(actual_at), Some(mark_at)) = (target, only(actuals), only(marks)) else {
        sink.skip("a table with several columns that may be the target, the value or the mark");
        return;
    };
    for row in &grid.rows {
        let lone = |cell: &Cell<'_>| Some((cell.block?, only(view.mentions(cell.block?))?));
        let (Some((bound_block, bound)), Some((value_block, value))) = (lone(&row[target_at]), lone(&row[actual_at]))
        else {
            continue;
        };
        let (Some(limit), Some(number)) = (bound.number(), value.number()) else { continue };
        let (Some(said), Some(mark_block)) = (mark(row[mark_at].text), row[mark_at].block) else { continue };
        let Some(holds) = satisfies(number, limit) else { continue };
        let verdict = Verdict::of(holds == said);
        sink.judge(verdict, || Draft {
            message: format!(
                "{} {} {}, the mark says {}",
                number.text,
                if holds { "is" } else { "is not" },
                limit.text,
                row[mark_at].text.trim()
            ),
            claimed: row[mark_at].text.trim().to_owned(),
            recomputed: if holds { "met" } else { "not met" }.to_owned(),
            readings: &["nearest", "cut off or rounded up"],
            anchors: vec![
                view.whole(mark_block),
                view.anchor(value_block, value.span.clone()),
                view.anchor(bound_block, bound.span.clone()),
            ],
            at_most: Level::Warning,
        });
    }
}

/// Holds "2+ days uptime" against the uptime that is stated as measured.
#[derive(Default)]
pub(super) struct BoundVsValue {
    values: Vec<(&'static str, Printed, Anchor)>,
    /// By subject and text.
    bounds: BTreeMap<(&'static str, String), Bound>,
}

struct Bound {
    printed: Printed,
    places: Vec<Anchor>,
    /// The headings above the first of them.
    under: Vec<String>,
}

impl Gather for BoundVsValue {
    fn section(&mut self, view: &View<'_>, _: &mut Sink<'_, '_>) {
        for (subject, value, anchor) in measured(view) {
            // With several values nobody knows which one a bound is of: two of a sort are enough to know that there are several.
            let same = self.values.iter().filter(|(own, other, _)| *own == subject && other.unit == value.unit).count();
            if same < 2 {
                self.values.push((subject, value.clone(), anchor));
            }
        }
        for block in view.prose(&SUBJECT) {
            for mention in view.mentions(block) {
                let Some(bound) = mention.number().filter(|printed| printed.qualifier.is_bound()) else { continue };
                // What shall be is no statement about what is.
                if view.text(block).contains("target") || view.text(block).contains("must") {
                    continue;
                }
                let Some(subject) = subject(&mention.noun) else { continue };
                let digits = view.text(block)[mention.span.clone()].to_owned();
                let anchor = view.anchor(block, mention.span.clone());
                let begin =
                    || Bound { printed: bound.clone(), places: Vec::new(), under: view.under(anchor.bytes.start) };
                self.bounds.entry((subject, digits)).or_insert_with(begin).places.push(anchor);
            }
        }
    }

    fn end(&mut self, sink: &mut Sink<'_, '_>) {
        for ((subject, text), Bound { printed, places, under }) in std::mem::take(&mut self.bounds) {
            let comparable: Vec<&(&str, Printed, Anchor)> =
                self.values.iter().filter(|(own, value, _)| *own == subject && value.unit == printed.unit).collect();
            let [(_, value, anchor)] = comparable.as_slice() else { continue };
            let Some(holds) = satisfies(value, &printed) else { continue };
            let verdict = Verdict::of(holds);
            sink.judge_under(verdict, Some(under), || {
                let mut anchors = places;
                anchors.insert(1, anchor.clone());
                Draft {
                    message: format!("{subject} is said to be {text}, measured is {}", value.text),
                    claimed: text.clone(),
                    recomputed: value.text.clone(),
                    readings: &["nearest", "cut off or rounded up"],
                    anchors,
                    at_most: Level::Warning,
                }
            });
        }
    }
}

/// The values that a label calls actual or measured, with the subject that they are of. The first number after a label
/// is its value.
fn measured<'a>(view: &View<'a>) -> Vec<(&'static str, &'a Printed, Anchor)> {
    let mut found = Vec::new();
    for labelled in &view.document.labelled {
        let block = labelled.label_block;
        let label = view.label_words(labelled);
        if !label.iter().any(|word| matches!(word.as_str(), "actual" | "measured" | "observed")) {
            continue;
        }
        let titles = view.document.path(view.block(block).scope).take_while(|scope| {
            // The title of the document names everything in it.
            !matches!(view.document.scopes[*scope].kind, ScopeKind::Heading(1))
        });
        let named = titles.map(|scope| view.document.scopes[scope].title.as_str()).chain([labelled_text(
            view,
            block,
            labelled.label.clone(),
        )]);
        let Some(subject) = named.into_iter().find_map(subject) else { continue };
        let mention = view.behind(block, labelled).next();
        let Some((mention, value)) = mention.and_then(|mention| Some((mention, mention.number()?))) else { continue };
        found.push((subject, value, view.anchor(block, mention.span.clone())));
    }
    found
}

fn labelled_text<'a>(view: &View<'a>, block: usize, range: std::ops::Range<usize>) -> &'a str {
    &view.text(block)[range]
}

fn subject(text: &str) -> Option<&'static str> {
    let words = words::of(text);
    SUBJECTS.iter().copied().find(|subject| words.iter().any(|word| word == subject))
}
