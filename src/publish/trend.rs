//! The line of scores, oldest to newest: a picture beside the list, which has the same numbers in words.

use super::entry::Entry;
use super::escape;
use super::seal::sealed;
use crate::model::format;
use crate::report::line::{self, Frame};

const FRAME: Frame = Frame { width: 640, height: 180, left: 36, right: 24, top: 22, bottom: 30 };
/// Runs that are drawn at most, the newest.
const MOST: usize = 60;
/// Runs up to which each score is written beside its point.
const MOST_WRITTEN: usize = 12;
const INK: &str = "#24292f";
const LINE: &str = "#0b5cad";
const GRID: &str = "#8c959f";

/// The runs that have a score, oldest first; fewer than two make no line.
fn scored(entries: &[Entry]) -> Vec<(&Entry, String)> {
    let mut scored: Vec<(&Entry, String)> =
        entries.iter().filter_map(|entry| Some((entry, entry.score_words()?))).take(MOST).collect();
    scored.reverse();
    if scored.len() < 2 { Vec::new() } else { scored }
}

/// What the line says, for those who do not see it; `None` where there is no line.
pub(crate) fn described(entries: &[Entry]) -> Option<String> {
    let scored = scored(entries);
    let ((first, from), (last, to)) = (scored.first()?, scored.last()?);
    Some(format!(
        "Scores of {} audits: {from} of 10 on {}, {to} of 10 on {}",
        scored.len(),
        format::day(first.finished),
        format::day(last.finished)
    ))
}

/// The line of scores of runs that are given newest first; `None` where fewer than two have a score.
pub fn trend(entries: &[Entry]) -> Option<String> {
    let said = escape::xml(&described(entries)?);
    let scored = scored(entries);
    let Frame { width, height, left, .. } = FRAME;
    let right = FRAME.end();
    let x = |at: usize| FRAME.x(at, scored.len());
    let y = |entry: &Entry| FRAME.y(entry.score.as_ref().map_or(0, line::of_score));
    let mut drawn = String::new();
    for score in [0, 5, 10] {
        let at = FRAME.y(score * 10);
        drawn.push_str(&format!(
            "  <path d=\"M{left} {at}H{right}\" stroke=\"{GRID}\" stroke-width=\"1\"/>\n  <text x=\"{}\" y=\"{}\" \
             text-anchor=\"end\">{score}</text>\n",
            left - 8,
            at + 4
        ));
    }
    let points: Vec<String> =
        scored.iter().enumerate().map(|(at, (entry, _))| format!("{},{}", x(at), y(entry))).collect();
    drawn.push_str(&format!(
        "  <polyline points=\"{}\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"2\"/>\n",
        points.join(" ")
    ));
    for (at, (entry, score)) in scored.iter().enumerate() {
        drawn.push_str(&format!("  <circle cx=\"{}\" cy=\"{}\" r=\"4\" fill=\"{LINE}\"/>\n", x(at), y(entry)));
        if scored.len() <= MOST_WRITTEN || at + 1 == scored.len() {
            drawn.push_str(&format!(
                "  <text x=\"{}\" y=\"{}\" text-anchor=\"middle\" stroke=\"#ffffff\" \
                 stroke-width=\"3\" paint-order=\"stroke\">{score}</text>\n",
                x(at),
                y(entry) - 9
            ));
        }
    }
    for (at, anchor) in [(0, "start"), (scored.len() - 1, "end")] {
        let day = scored.get(at).map(|(entry, _)| format::day(entry.finished)).unwrap_or_default();
        drawn.push_str(&format!(
            "  <text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>\n",
            x(at),
            height - 8,
            escape::xml(&day)
        ));
    }
    Some(sealed(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{said}\" font-family=\"Verdana, DejaVu Sans, sans-serif\" font-size=\"11\" \
         fill=\"{INK}\">\n  <title>{said}</title>\n  <rect width=\"{width}\" height=\"{height}\" rx=\"6\" \
         fill=\"#ffffff\"/>\n{drawn}</svg>\n"
    )))
}
