//! The runs for a terminal: a line each, in columns.

use std::fmt::Write;

use super::{Found, Run};
use crate::cli::terminal::{BAD, CAUTION, DIM, GOOD, STRONG, visible};
use crate::model::format;
use crate::report::Signed;

/// All audits, newest run first.
pub(super) fn human(found: &Found) -> String {
    let mut text = String::new();
    for (at, audit) in found.audits.iter().enumerate() {
        let runs = format::plural(audit.runs.len() as u64, "run", "runs");
        let gap = if at > 0 { "\n" } else { "" };
        let _ = writeln!(text, "{gap}{STRONG}{}{STRONG:#}  {}, {runs}", audit.id, visible(&audit.title));
        let rows: Vec<[String; 8]> = audit.runs.iter().map(row).collect();
        let mut widths = [0; 8];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for (row, run) in rows.iter().zip(&audit.runs) {
            line(&mut text, row, &widths, run);
        }
        for claimant in &audit.claimants {
            let _ = writeln!(text, "  {}: {}", visible(&claimant.by), claimant.tally.over_runs());
        }
    }
    text
}

/// When, version, verdict, score, change, coverage, claims and signatures.
fn row(run: &Run) -> [String; 8] {
    let part = if run.part { ", a part" } else { "" };
    let version = run.earlier.version.as_deref().map(visible).unwrap_or_default();
    [
        format::instant(run.earlier.finished_at, "UTC"),
        version,
        format!("{} {}{part}", run.verdict.symbol, visible(&run.verdict.word)),
        run.score().map_or_else(|| "–".to_owned(), format::score),
        run.change().unwrap_or_default(),
        run.coverage().map(|share| format!("{} covered", format::percent(share))).unwrap_or_default(),
        run.claims().of_all().map(|upheld| format!("claims {upheld}")).unwrap_or_default(),
        run.signed.map(|signed| signed_words(&signed)).unwrap_or_default(),
    ]
}

/// `signed 1 of 1, rejected by 1`.
fn signed_words(signed: &Signed) -> String {
    let words = signed.words();
    if signed.needed > 0 { format!("signed {words}") } else { words }
}

fn line(text: &mut String, row: &[String; 8], widths: &[usize; 8], run: &Run) {
    let style = match run.verdict.tone {
        "good" => GOOD,
        "bad" => BAD,
        _ => CAUTION,
    };
    text.push_str("  ");
    for (at, (cell, width)) in row.iter().zip(widths).enumerate().filter(|(_, (_, width))| **width > 0) {
        let gap = " ".repeat(width - cell.chars().count());
        let _ = match at {
            2 => write!(text, "{style}{cell}{style:#}{gap}  "),
            // Numbers stand under each other by their last digit.
            3..=5 => write!(text, "{gap}{cell}  "),
            _ => write!(text, "{cell}{gap}  "),
        };
    }
    let _ = writeln!(text, "{DIM}{}{DIM:#}", run.digest());
}
