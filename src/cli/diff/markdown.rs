//! A comparison in Markdown, for a pull request or a page. Captured text is escaped and renders as the characters it is.

use std::fmt::Write;

use super::{conclusion, coverage, facts, no_other_verdict, only_texts, score, score_moved, status, unmoved};
use crate::model::captured::markdown as escaped;
use crate::model::format;
use crate::model::judgement::Status;
use crate::record::compare::{Comparison, Side, Turn};

/// The comparison.
pub(super) fn markdown(comparison: &Comparison) -> String {
    let mut text = String::from("## What changed between two audits\n\n");
    head(&mut text, comparison);
    let _ = writeln!(text, "**{}**\n", format::sentence_case(&conclusion(comparison)));
    if comparison.identical {
        text.truncate(text.trim_end().len());
        text.push('\n');
        return text;
    }
    let worse = comparison.regressions.iter().map(|regression| (Turn::Other, regression.text.as_str()));
    section(&mut text, "What got worse", worse);
    verdict(&mut text, comparison);
    scores(&mut text, comparison);
    matrix(&mut text, comparison);
    let of = |list: &mut dyn Iterator<Item = (Turn, String)>| list.collect::<Vec<_>>();
    let sections = [
        ("Checks", of(&mut comparison.checks.iter().map(|change| (change.turn, change.text.clone())))),
        ("What is asked", of(&mut comparison.denominator.iter().map(|change| (change.turn, change.text.clone())))),
        ("Claims", of(&mut comparison.claims.iter().map(|change| (change.turn, change.text.clone())))),
        ("Waivers", of(&mut comparison.waivers.iter().map(|change| (Turn::Other, change.text.clone())))),
        ("Conditions", of(&mut comparison.conditions.iter().map(|change| (change.turn, change.text.clone())))),
    ];
    for (title, lines) in &sections {
        section(&mut text, title, lines.iter().map(|(turn, line)| (*turn, line.as_str())));
    }
    if let Some(note) = only_texts(comparison) {
        let _ = writeln!(text, "{}.\n", format::sentence_case(note));
    }
    let (facts, times) = facts(comparison);
    section(&mut text, "Facts", facts.into_iter().map(|change| (change.turn, change.text.as_str())));
    if times > 0 {
        let _ = writeln!(
            text,
            "{}.\n",
            format::plural(times, "time or length of time moved", "times and lengths of time moved")
        );
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn head(text: &mut String, comparison: &Comparison) {
    text.push_str("| | audit | subject | judged | verdict | record |\n|---|---|---|---|---|---|\n");
    for (name, side) in [("old", &comparison.old), ("new", &comparison.new)] {
        let Side { audit, subject, version, finished_at, words, sha256, .. } = side;
        let version = version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
        let subject = escaped(&format!("{subject}{version}"));
        let when = format::instant(*finished_at, "UTC");
        let _ = writeln!(text, "| {name} | {audit} | {subject} | {when} | {} | `{sha256}` |", words);
    }
    text.push('\n');
    if !comparison.apart.is_empty() {
        text.push_str("> **These are two different audits.** What follows may mean little:\n");
        for reason in &comparison.apart {
            let _ = writeln!(text, "> {}.", escaped(reason));
        }
        text.push('\n');
    }
}

fn section<'a>(text: &mut String, title: &str, lines: impl Iterator<Item = (Turn, &'a str)>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = writeln!(text, "### {title}\n");
    for (turn, line) in lines {
        let word = match turn {
            Turn::Better => "better: ",
            Turn::Other => "",
            Turn::Worse => "**worse**: ",
        };
        let _ = writeln!(text, "- {word}{}", escaped(line));
    }
    text.push('\n');
}

fn verdict(text: &mut String, comparison: &Comparison) {
    text.push_str("### Verdict\n\n");
    let said = match &comparison.verdict {
        Some(change) => escaped(&change.text),
        None => no_other_verdict(comparison),
    };
    let _ = writeln!(text, "{}.\n", format::sentence_case(&said));
    for rule in &comparison.rules {
        let _ = writeln!(text, "- {}", escaped(&rule.text));
    }
    if !comparison.rules.is_empty() {
        text.push('\n');
    }
}

fn scores(text: &mut String, comparison: &Comparison) {
    if !comparison.has_scores() {
        return;
    }
    text.push_str(
        "### Scores\n\n| area | score before | after | by | coverage before | after |\n|---|---|---|---|---|---|\n",
    );
    for change in comparison.areas.iter().chain([&comparison.overall]) {
        let name = change.area.as_ref().map_or_else(|| "**overall**".to_owned(), ToString::to_string);
        let (old, new) = (change.old.as_ref(), change.new.as_ref());
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} |",
            score(old),
            score(new),
            score_moved(change),
            coverage(old),
            coverage(new)
        );
    }
    text.push('\n');
}

/// Before in rows, after in columns; only statuses that occur.
fn matrix(text: &mut String, comparison: &Comparison) {
    let transitions = &comparison.transitions;
    let kinds: Vec<Option<Status>> = Status::ALL.into_iter().map(Some).chain([None]).collect();
    let rows: Vec<_> = kinds.iter().filter(|kind| transitions.iter().any(|t| t.old == **kind)).collect();
    let columns: Vec<_> = kinds.iter().filter(|kind| transitions.iter().any(|t| t.new == **kind)).collect();
    text.push_str("### From status to status\n\n| before \\ after |");
    for column in &columns {
        let _ = write!(text, " {} |", status(**column, "gone"));
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(columns.len()));
    text.push('\n');
    for row in rows {
        let _ = write!(text, "| {} |", status(*row, "new"));
        for column in &columns {
            let found = transitions.iter().find(|t| t.old == *row && t.new == **column);
            let count = found.map_or_else(String::new, |t| t.checks.len().to_string());
            let _ = write!(text, " {count} |");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "\n{} as before.\n", format::plural(unmoved(comparison), "check is", "checks are"));
}
