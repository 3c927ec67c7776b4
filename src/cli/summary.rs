//! The end of a run in one screen: verdict and why, areas, what did not pass, claims, where the report is.

use std::fmt::Write;

use anstyle::Style;

use super::terminal::{BAD, CAUTION, DIM, GOOD, STRONG, visible};
use crate::audit::Finished;
use crate::model::format;
use crate::model::judgement::{ConditionProgress, Judgement, Status, Verdict};
use crate::model::number::Number;
use crate::model::record::Record;

/// More checks than this are counted, not listed.
const MOST_LISTED: usize = 12;
/// Cells of a score bar.
const BAR: usize = 20;

/// The summary, with colour codes.
pub(crate) fn summary(finished: &Finished) -> String {
    let record = &finished.record;
    let mut text = String::from("\n");
    head(&mut text, record);
    areas(&mut text, record);
    open_points(&mut text, record);
    claims(&mut text, &record.judgement);
    if record.run.interrupted {
        let _ = writeln!(text, "  {CAUTION}interrupted{CAUTION:#}: what was not measured by then is skipped\n");
    }
    let _ = writeln!(text, "  report  {}", finished.directory.join("report.html").display());
    let _ = writeln!(text, "  {DIM}record  sha256 {}{DIM:#}", finished.sha256);
    text
}

fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Approved => GOOD,
        Verdict::ApprovedWithConditions | Verdict::Undetermined => CAUTION,
        Verdict::Rejected => BAD,
    }
    .bold()
}

fn head(text: &mut String, record: &Record) {
    let judgement = &record.judgement;
    let style = verdict_style(judgement.verdict);
    let words = judgement.verdict.words().to_uppercase();
    let _ = writeln!(text, "  {style}{words}{style:#}  {}", visible(&record.audit.title));
    for rule in judgement.chain.iter().filter(|rule| rule.decided) {
        let _ = writeln!(text, "  because {}", visible(&rule.reason));
    }
    text.push('\n');
}

fn areas(text: &mut String, record: &Record) {
    let judgement = &record.judgement;
    let width = record.audit.areas.iter().map(|area| area.title.chars().count()).max().unwrap_or(0).max(7);
    let mut row = |title: &str, score: Option<&Number>, coverage: Number, note: &str| {
        let shown = score.map_or_else(|| "–".to_owned(), format::score);
        let percent = format::percent(&coverage);
        let bar = score.map_or_else(String::new, bar);
        let _ = writeln!(
            text,
            "  {title:width$}  {STRONG}{shown:>4}{STRONG:#}  {bar:BAR$}  {DIM}{percent:>6} covered{DIM:#}{note}"
        );
    };
    for (area, result) in record.audit.areas.iter().zip(&judgement.areas) {
        row(&visible(&area.title), result.score.as_ref(), result.coverage.covered(), "");
    }
    let waived = judgement.overall.score_with_waivers.as_ref();
    let note = match (judgement.overall.score.as_ref(), waived) {
        (Some(raw), Some(with)) if raw != with => format!("  ({} with waivers)", format::score(with)),
        _ => String::new(),
    };
    row("Overall", judgement.overall.score.as_ref(), judgement.overall.coverage.covered(), &note);
    text.push('\n');
}

fn bar(score: &Number) -> String {
    let cells = (score.clone() * Number::ratio(BAR, 10).unwrap_or_else(Number::zero)).to_rounded(0);
    "█".repeat(cells.parse().unwrap_or(0))
}

fn open_points(text: &mut String, record: &Record) {
    let judgement = &record.judgement;
    let open = judgement
        .checks
        .iter()
        .filter(|check| !matches!(check.status, Status::Pass | Status::NotApplicable | Status::Info));
    let mut listed = 0;
    let mut rest = 0;
    for check in open {
        if listed == MOST_LISTED {
            rest += 1;
            continue;
        }
        listed += 1;
        let (style, symbol) = match check.status {
            Status::Fail => (BAD, "✗"),
            Status::Warn => (CAUTION, "!"),
            _ => (CAUTION, "?"),
        };
        let waived = if check.waived_by.is_some() { " (waived)" } else { "" };
        let _ = writeln!(text, "  {style}{symbol} {}{style:#}  {}{waived}", check.check, check.status.word());
        let _ = writeln!(text, "    {}", visible(&check.reason));
    }
    if rest > 0 {
        let _ = writeln!(text, "  and {} more, in the report", format::plural(rest, "check", "checks"));
    }
    for condition in judgement.conditions.iter().filter(|condition| condition.progress == ConditionProgress::Overdue) {
        let _ = writeln!(text, "  {BAD}✗ {}{BAD:#}  overdue", visible(&condition.id));
    }
    if listed > 0 {
        text.push('\n');
    }
}

fn claims(text: &mut String, judgement: &Judgement) {
    let count = |pick: fn(&crate::model::judgement::ClaimantRecord) -> u32| -> u32 {
        judgement.claimants.iter().map(pick).sum()
    };
    let (upheld, refuted, unverified) = (count(|c| c.upheld), count(|c| c.refuted), count(|c| c.unverified));
    if upheld + refuted + unverified > 0 {
        let style = if refuted > 0 { BAD } else { GOOD };
        let _ =
            writeln!(text, "  claims  {upheld} upheld, {style}{refuted} refuted{style:#}, {unverified} unverified\n");
    }
}
