//! The one-page document: the beginnings of lists that the report has in full, in lines of bounded length.

use super::words;
use crate::model::captured::shortened;
use crate::report::view::brief::{Area, Brief, Cut, Role};
use crate::report::view::rollout::Rollout;
use crate::report::view::{Field, Point, Reference, View};

/// How many entries of each list fit on a page of A4 together.
const CAUSES: usize = 6;
const POINTS: usize = 3;
const AREAS: usize = 8;
const FIXES: usize = 4;
const ROLES: usize = 5;
/// How many characters: a name in a table, a line in one of two columns (which takes three lines), one across the page
/// (two lines), the paragraph about the verdict.
const NAME: usize = 44;
const COLUMN: usize = 100;
const LINE: usize = 170;
const PARAGRAPH: usize = 200;

/// Cuts a finished view down.
pub(super) fn brief(view: &View) -> Brief {
    let fixes = view.recommendation.what_if.as_ref();
    let roles = view.signoff.iter().flat_map(|signoff| &signoff.roles);
    let reservations = view.signoff.iter().flat_map(|signoff| &signoff.reservations);
    let header = view.header.iter().filter(|field| !field.code);
    Brief {
        title: shortened(&view.title, COLUMN),
        header: header.map(|field| Field { value: shortened(&field.value, COLUMN), ..field.clone() }).collect(),
        verdict: shortened(format!("{} {}", view.verdict.sentence, view.verdict.reason).trim(), PARAGRAPH),
        because: cut(view.verdict.because.iter().map(|cause| point(cause, LINE)), CAUSES),
        strengths: cut(view.strengths.iter().map(|strength| point(strength, COLUMN)), POINTS),
        weaknesses: cut(view.weaknesses.iter().map(|weakness| point(weakness, COLUMN)), POINTS),
        areas: cut(view.areas.iter().filter(|_| !view.claims_only).map(area), AREAS),
        rollout: view.rollout.as_ref().map(rollout),
        what_if: fixes.map(|what_if| what_if.sentence.clone()),
        fixes: cut(fixes.iter().flat_map(|what_if| &what_if.fixes).map(|fix| reference(&fix.target)), FIXES),
        roles: cut(roles.map(|role| Role { name: shortened(&role.name, NAME), mark: role.mark.clone() }), ROLES),
        reservations: cut(reservations.map(|reservation| point(reservation, LINE)), POINTS),
    }
}

fn cut<T>(mut entries: impl Iterator<Item = T>, most: usize) -> Cut<T> {
    let shown: Vec<T> = entries.by_ref().take(most).collect();
    let left_out = entries.count();
    Cut { shown, more: (left_out > 0).then(|| format!("{left_out} more in the report")) }
}

/// A point whose two parts have `most` characters together, of which the second has a third at least.
fn point(point: &Point, most: usize) -> Point {
    let about = shortened(&point.about, most - most / 3);
    let text = shortened(&point.text, most.saturating_sub(about.chars().count()));
    Point { about, text, anchor: point.anchor.clone() }
}

/// The plan in a sentence that is cut before what its review found is.
fn rollout(rollout: &Rollout) -> String {
    let findings: usize = rollout.review.iter().map(|rule| rule.findings.len()).sum();
    let found = match (rollout.review.is_empty(), findings) {
        (true, _) => String::new(),
        (false, 0) => " Its review found nothing.".to_owned(),
        (false, some) => format!(" Its review has {}.", words::counted(some, "finding", "findings")),
    };
    format!("{}{found}", shortened(&rollout.sentence, PARAGRAPH.saturating_sub(found.chars().count())))
}

fn reference(reference: &Reference) -> Reference {
    Reference { text: shortened(&reference.text, NAME), anchor: reference.anchor.clone() }
}

fn area(area: &crate::report::view::area::Area) -> Area {
    Area { title: shortened(&area.title, NAME), figures: area.figures.clone(), tally: shortened(&area.tally, NAME) }
}
