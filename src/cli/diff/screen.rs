//! A comparison for a terminal. Captured text is shown and never run.

use std::fmt::Write;

use anstyle::Style;

use super::{conclusion, coverage, facts, moved, no_other_verdict, only_texts, score, score_moved, status, unmoved};
use crate::cli::terminal::{BAD, CAUTION, DIM, GOOD, STRONG, visible};
use crate::model::format;
use crate::record::compare::{Comparison, ScoreChange, Side, Turn};

/// The comparison, with colour codes.
pub(super) fn screen(comparison: &Comparison) -> String {
    let mut text = String::from("\n");
    head(&mut text, comparison);
    if !comparison.identical {
        verdict(&mut text, comparison);
        scores(&mut text, comparison);
        checks(&mut text, comparison);
        let denominator = comparison.denominator.iter().map(|change| (change.turn, change.text.as_str()));
        section(&mut text, "what is asked", denominator);
        if let Some(sentence) = only_texts(comparison) {
            let _ = writeln!(text, "  {DIM}{sentence}{DIM:#}\n");
        }
        section(&mut text, "claims", comparison.claims.iter().map(|change| (change.turn, change.text.as_str())));
        open_points(&mut text, comparison);
        moved_facts(&mut text, comparison);
    }
    let style = if comparison.regressions.is_empty() { GOOD } else { BAD };
    let _ = writeln!(text, "  {style}{}{style:#}", conclusion(comparison));
    text
}

fn head(text: &mut String, comparison: &Comparison) {
    let mut side = |name: &str, side: &Side| {
        let version = side.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
        let what = visible(&format!("{} of {}{version}", side.audit, side.subject));
        let when = format::instant(side.finished_at, "UTC");
        let _ = writeln!(text, "  {name}  {what}, {when}  {DIM}sha256 {}{DIM:#}", &short(&side.sha256));
    };
    side("old", &comparison.old);
    side("new", &comparison.new);
    text.push('\n');
    if !comparison.apart.is_empty() {
        let style = BAD.bold();
        let _ = writeln!(text, "  {style}THESE ARE TWO DIFFERENT AUDITS{style:#}: what follows may mean little");
        for reason in &comparison.apart {
            let _ = writeln!(text, "    {}", visible(reason));
        }
        text.push('\n');
    }
}

/// The first digits of a digest.
fn short(sha256: &str) -> String {
    sha256.chars().take(16).collect()
}

const fn style(turn: Turn) -> (Style, &'static str) {
    match turn {
        Turn::Better => (GOOD, "+"),
        Turn::Other => (CAUTION, "~"),
        Turn::Worse => (BAD, "✗"),
    }
}

fn section<'a>(text: &mut String, title: &str, lines: impl Iterator<Item = (Turn, &'a str)>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = writeln!(text, "  {STRONG}{title}{STRONG:#}");
    for (turn, line) in lines {
        let (style, symbol) = style(turn);
        let _ = writeln!(text, "    {style}{symbol}{style:#} {}", visible(line));
    }
    text.push('\n');
}

fn verdict(text: &mut String, comparison: &Comparison) {
    match &comparison.verdict {
        Some(change) => {
            let (style, symbol) = style(change.turn);
            let _ = writeln!(text, "  {style}{symbol} {}{style:#}", visible(&change.text));
        }
        None => {
            let _ = writeln!(text, "  {}", no_other_verdict(comparison));
        }
    }
    for rule in &comparison.rules {
        let _ = writeln!(text, "    {}", visible(&rule.text));
    }
    text.push('\n');
}

fn scores(text: &mut String, comparison: &Comparison) {
    if !comparison.has_scores() {
        return;
    }
    let name = |change: &ScoreChange| change.area.as_ref().map_or_else(|| "overall".to_owned(), ToString::to_string);
    let rows: Vec<[String; 4]> = comparison
        .areas
        .iter()
        .chain([&comparison.overall])
        .map(|change| {
            let (old, new) = (change.old.as_ref(), change.new.as_ref());
            let then_now = |old: String, new: String| if old == new { new } else { format!("{old} -> {new}") };
            let covered = format!("{} covered", then_now(coverage(old), coverage(new)));
            [name(change), then_now(score(old), score(new)), score_moved(change), covered]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (width(0), width(1), width(2));
    for [name, score, by, covered] in &rows {
        let style = if by.starts_with('-') { BAD } else { GOOD };
        let _ = writeln!(text, "  {name:first$}  {score:second$}  {style}{by:>third$}{style:#}  {DIM}{covered}{DIM:#}");
    }
    text.push('\n');
}

fn checks(text: &mut String, comparison: &Comparison) {
    let changed: Vec<_> = comparison.transitions.iter().filter(moved).collect();
    let same = format::plural(unmoved(comparison), "check is", "checks are");
    if changed.is_empty() {
        let _ = writeln!(text, "  {same} as before\n");
        return;
    }
    let _ = writeln!(text, "  {STRONG}checks{STRONG:#}  {DIM}{same} as before{DIM:#}");
    for transition in changed {
        let (old, new) = (status(transition.old, "new"), status(transition.new, "gone"));
        let _ = writeln!(text, "    {old} -> {new}: {}", transition.checks.len());
    }
    for change in &comparison.checks {
        let (style, symbol) = style(change.turn);
        let _ = writeln!(text, "    {style}{symbol}{style:#} {}", visible(&change.text));
    }
    text.push('\n');
}

fn open_points(text: &mut String, comparison: &Comparison) {
    section(text, "waivers", comparison.waivers.iter().map(|change| (Turn::Other, change.text.as_str())));
    section(text, "conditions", comparison.conditions.iter().map(|change| (change.turn, change.text.as_str())));
}

fn moved_facts(text: &mut String, comparison: &Comparison) {
    let (facts, times) = facts(comparison);
    section(text, "facts", facts.into_iter().map(|change| (change.turn, change.text.as_str())));
    if times > 0 {
        let times = format::plural(times, "time or length of time moved", "times and lengths of time moved");
        let _ = writeln!(text, "  {DIM}{times}; --format json lists them{DIM:#}\n");
    }
}
