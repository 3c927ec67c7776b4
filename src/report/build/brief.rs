//! The one-page document: the beginnings of lists that the report has in full, in lines of bounded length.

use super::summary::Against;
use super::{Source, outcome, words};
use crate::model::captured::shortened;
use crate::report::notices;
use crate::report::prose::plain;
use crate::report::view::brief::{Area, Brief, Cut, Role};
use crate::report::view::rollout::Rollout;
use crate::report::view::{Field, Point, Reference, View};

/// How many entries of each list fit on a page of A4 together.
const CAVEATS: usize = 3;
const CAUSES: usize = 6;
const POINTS: usize = 3;
const AREAS: usize = 8;
const AREA_LINES: usize = 10;
const FIXES: usize = 4;
const ROLES: usize = 5;
/// How many characters of a name and a tally have room on one line of the table; and of each, where that is too little.
const ROW: usize = 70;
const TITLE: usize = 20;
const TALLY: usize = 40;
/// How many characters: a name in a table, a line in one of two columns (which takes three lines), one across the page
/// (two lines), the paragraph about the verdict.
const NAME: usize = 44;
const COLUMN: usize = 100;
const LINE: usize = 170;
const PARAGRAPH: usize = 200;

/// Cuts a finished view down.
pub(super) fn brief(source: &Source<'_>, view: &View) -> Brief {
    let fixes = view.recommendation.what_if.as_ref();
    let roles = view.signoff.iter().flat_map(|signoff| &signoff.roles);
    let reservations = view.signoff.iter().flat_map(|signoff| &signoff.reservations);
    let header = view.header.iter().filter(|field| !field.code);
    let caveats = cut(caveats(view).map(|caveat| shortened(&caveat, LINE)), CAVEATS);
    let reservations = cut(reservations.map(|reservation| point(reservation, COLUMN)), POINTS);
    // The same lines hold either.
    let (causes, most_roles) = (CAUSES - caveats.shown.len(), ROLES - reservations.shown.len());
    let because = outcome::because_of(source);
    let against = Some(Against::of(source)).filter(|_| !view.claims_only);
    let verdict = format!("{} {}", outcome::sentence(source, "in the report"), view.verdict.reason);
    Brief {
        title: shortened(&view.title, COLUMN),
        header: header.map(|field| Field { value: shortened(&field.value, COLUMN), ..field.clone() }).collect(),
        verdict: shortened(verdict.trim(), PARAGRAPH),
        because: cut(because.iter().map(|cause| point(cause, LINE)), causes),
        strengths: cut(view.strengths.iter().map(|strength| point(strength, COLUMN)), POINTS),
        weaknesses: cut(against.into_iter().flat_map(Against::all).map(|weakness| point(&weakness, COLUMN)), POINTS),
        areas: areas(view, AREA_LINES - caveats.shown.len()),
        caveats,
        rollout: view.rollout.as_ref().map(rollout),
        what_if: fixes.map(|what_if| what_if.sentence.clone()),
        fixes: cut(fixes.iter().flat_map(|what_if| &what_if.fixes).map(|fix| reference(&fix.target)), FIXES),
        roles: cut(roles.map(|role| Role { name: shortened(&role.name, NAME), mark: role.mark.clone() }), most_roles),
        reservations,
    }
}

/// What must be known before anything else on the page.
fn caveats(view: &View) -> impl Iterator<Item = String> {
    let provenance = view.provenance.as_ref().map(|provenance| plain(&provenance.0));
    notices::said(provenance.as_deref().map(str::trim), &view.notices).into_iter()
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

/// As many areas as their lines have room: how the checks of one came out is never cut.
fn areas(view: &View, room: usize) -> Cut<Area> {
    let areas: Vec<Area> = view.areas.iter().filter(|_| !view.claims_only).map(area).collect();
    let lines = |area: &Area| {
        let (title, tally) = (area.title.chars().count(), area.tally.chars().count());
        if title + tally <= ROW { 1 } else { title.div_ceil(TITLE).max(tally.div_ceil(TALLY)) }
    };
    let used = areas.iter().scan(0, |used, area| {
        *used += lines(area);
        Some(*used)
    });
    let most = used.take_while(|used| *used <= room).count();
    cut(areas.into_iter(), most.clamp(1, AREAS))
}

fn area(area: &crate::report::view::area::Area) -> Area {
    Area { title: shortened(&area.title, NAME), figures: area.figures.clone(), tally: area.tally.clone() }
}
