//! The end of a run in one screen: verdict and why, areas, what did not pass, claims, where the report is.

use std::collections::BTreeSet;
use std::fmt::Write;

use anstyle::Style;

use super::terminal::{BAD, CAUTION, DIM, GOOD, STRONG, visible};
use crate::audit::Finished;
use crate::model::format;
use crate::model::id::CheckId;
use crate::model::judgement::{ClaimStatus, ConditionProgress, Status, Verdict};
use crate::model::number::Number;
use crate::model::record::Record;
use crate::report::stated::{self, Counts, Said, Stated};

/// More checks than this are counted, not listed.
const MOST_LISTED: usize = 12;
/// Cells of a score bar.
const BAR: usize = 20;

/// The summary, with colour codes.
pub(crate) fn summary(finished: &Finished) -> String {
    let record = &finished.record;
    let stated = stated::stated(record);
    let mut text = result(record, &stated);
    claims(&mut text, Counts::of(&stated));
    if record.run.interrupted {
        let _ = writeln!(text, "  {CAUTION}interrupted{CAUTION:#}: what was not measured by then is skipped\n");
    }
    if finished.stale > 0 {
        let given = format::plural(finished.stale as u64, "sign-off was", "sign-offs were");
        let _ = writeln!(text, "  {CAUTION}stale{CAUTION:#}: {given} given for an earlier record\n");
    }
    let _ = writeln!(text, "  report  {}", visible(&finished.directory.join("report.html").display().to_string()));
    let _ = writeln!(text, "  {DIM}record  sha256 {}{DIM:#}", finished.sha256);
    text
}

/// The same without what hangs on a run, for somebody who is about to sign it.
pub(crate) fn for_signing(record: &Record) -> String {
    result(record, &stated::stated(record))
}

/// Verdict, scores, coverage, and what did not hold.
fn result(record: &Record, stated: &[Stated<'_>]) -> String {
    let mut text = String::from("\n");
    head(&mut text, record, Counts::of(stated));
    if !record.run.claims_only {
        areas(&mut text, record);
        open_points(&mut text, record);
    }
    wrong_claims(&mut text, record, stated);
    left_out(&mut text, record);
    text
}

/// The checks that were left out of this run: somebody still has to look at them.
fn left_out(text: &mut String, record: &Record) {
    let left_out: Vec<&CheckId> = record.left_out().collect();
    if left_out.is_empty() {
        return;
    }
    let checks = format::plural(left_out.len() as u64, "check was", "checks were");
    let _ = writeln!(text, "  {CAUTION}a part only{CAUTION:#}: {checks} left out");
    for check in left_out.iter().take(MOST_LISTED) {
        let _ = writeln!(text, "    {check}");
    }
    if let rest @ 1.. = left_out.len().saturating_sub(MOST_LISTED) {
        let _ = writeln!(text, "    and {rest} more, in the report");
    }
    text.push('\n');
}

fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Approved => GOOD,
        Verdict::ApprovedWithConditions | Verdict::Undetermined => CAUTION,
        Verdict::Rejected => BAD,
    }
    .bold()
}

fn head(text: &mut String, record: &Record, counts: Counts) {
    let judgement = &record.judgement;
    let style = verdict_style(judgement.verdict);
    let claims_only = record.run.claims_only;
    let words = if claims_only { counts.words() } else { record.audit.verdict_words(judgement.verdict).to_owned() }
        .to_uppercase();
    let _ = writeln!(text, "  {style}{words}{style:#}  {}", visible(&record.audit.title));
    for rule in judgement.chain.iter().filter(|rule| rule.decided && !claims_only) {
        let _ = writeln!(text, "  because {}", visible(&rule.reason));
    }
    if let Some(besides) = judgement.open_besides().filter(|_| !claims_only) {
        let _ = writeln!(text, "  {besides}");
    }
    text.push('\n');
}

fn areas(text: &mut String, record: &Record) {
    let judgement = &record.judgement;
    let width = record.audit.areas.iter().map(|area| area.title.chars().count()).max().unwrap_or(0).max(7);
    let shown = |score: Option<&Number>| score.map_or_else(|| "–".to_owned(), format::score);
    let scores = judgement.areas.iter().map(|area| area.score.as_ref()).chain([judgement.overall.score.as_ref()]);
    // One that is nearly 10 has more decimals.
    let figures = scores.map(|score| shown(score).chars().count()).max().unwrap_or(0).max(4);
    let mut row = |title: &str, score: Option<&Number>, coverage: Option<Number>, note: &str| {
        let shown = shown(score);
        let percent = coverage.map_or_else(|| "–".to_owned(), |coverage| format::percent(&coverage));
        let bar = score.map_or_else(String::new, bar);
        let _ = writeln!(
            text,
            "  {title:width$}  {STRONG}{shown:>figures$}{STRONG:#}  {bar:BAR$}  {DIM}{percent:>6} covered{DIM:#}{note}"
        );
    };
    for (area, result) in record.audit.areas.iter().zip(&judgement.areas) {
        row(&visible(&area.title), result.score.as_ref(), result.covered(), "");
    }
    let waived = judgement.overall.score_with_waivers.as_ref();
    let note = match (judgement.overall.score.as_ref(), waived) {
        (Some(raw), Some(with)) if raw != with => format!("  ({} with waivers)", format::score(with)),
        _ => String::new(),
    };
    row("Overall", judgement.overall.score.as_ref(), Some(judgement.overall.coverage.covered()), &note);
    text.push('\n');
}

fn bar(score: &Number) -> String {
    let cells = (score.clone() * Number::ratio(BAR, 10).unwrap_or_else(Number::zero)).to_rounded(0);
    "█".repeat(cells.parse().unwrap_or(0))
}

fn open_points(text: &mut String, record: &Record) {
    let judgement = &record.judgement;
    let left_out: BTreeSet<&CheckId> = record.left_out().collect();
    let open = judgement
        .checks
        .iter()
        .filter(|check| !matches!(check.status, Status::Pass | Status::NotApplicable | Status::Info))
        // These are listed apart.
        .filter(|check| !left_out.contains(&check.check));
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

/// What claims say that is not so, one line for each place, worst first. Where only claims are judged, also those that
/// could not be held against anything: they decide.
fn wrong_claims(text: &mut String, record: &Record, claims: &[Stated<'_>]) {
    let listed =
        |status: ClaimStatus| !status.is_upheld() && (status != ClaimStatus::Unverified || record.run.claims_only);
    let mut wrong: Vec<(u8, &Said)> = claims
        .iter()
        .flat_map(|claim| claim.said.iter().map(|said| (stated::rank(said.status, claim.matters), said)))
        .filter(|(_, said)| listed(said.status))
        .collect();
    wrong.sort_by_key(|(rank, _)| *rank);
    for (_, said) in wrong.iter().take(MOST_LISTED) {
        let style = if said.status.is_refuted() { BAD } else { CAUTION };
        let spot = visible(&said.spot);
        let gap = if spot.is_empty() { "" } else { "  " };
        let _ = writeln!(text, "  {style}{spot}{style:#}{gap}{} ({})", visible(&said.text), visible(&said.source));
    }
    if let Some(more) = wrong.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more, in the report");
    }
    if !wrong.is_empty() {
        text.push('\n');
    }
}

fn claims(text: &mut String, counts: Counts) {
    if counts.all() == 0 {
        return;
    }
    let style = if counts.refuted > 0 { BAD } else { GOOD };
    let mut said = format!("{} upheld, {style}{} refuted{style:#}", counts.upheld, counts.refuted);
    for (number, word) in [(counts.misquoted, "misquoted"), (counts.not_found, "not found")] {
        if number > 0 {
            let _ = write!(said, ", {CAUTION}{number} {word}{CAUTION:#}");
        }
    }
    let _ = writeln!(text, "  claims  {said}, {} unverified\n", counts.unverified);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record that the documents are tested with, its lines without colours.
    fn lines(claims_only: bool) -> Vec<String> {
        let mut record: Record =
            serde_json::from_str(include_str!("../../fixtures/records/sample/record.json")).unwrap();
        record.run.claims_only = claims_only;
        let finished = Finished { record, sha256: "0".repeat(64), directory: "bundle".into(), stale: 1 };
        anstream::adapter::strip_str(&summary(&finished))
            .to_string()
            .lines()
            .map(|line| line.trim().to_owned())
            .collect()
    }

    #[test]
    fn a_wrong_claim_is_one_line_that_begins_with_its_place() {
        let lines = lines(false);
        let has = |wanted: &str| assert!(lines.iter().any(|line| line == wanted), "{wanted}\n{}", lines.join("\n"));
        has("docs/alerts.md:3:5  says 11 rules, actual 13 (monitoring/alert-rules)");
        has("reports/validation.md:26:23  says 6 staged, the audit file says 7 (validation/feature-flags)");
        has("reports/monitoring.md  not found: \"Alert Rules\" has no label \"Claimed\" (monitoring/alert-rules)");
        assert!(!lines.iter().any(|line| line.contains("unverified:")), "{}", lines.join("\n"));
        assert!(!lines.iter().any(|line| line.chars().any(char::is_control)), "captured text is made visible");
    }

    #[test]
    fn sign_offs_of_an_earlier_record_are_told() {
        assert!(lines(false).contains(&"stale: 1 sign-off was given for an earlier record".to_owned()));
    }

    #[test]
    fn the_worst_come_first() {
        let lines = lines(false);
        let at = |word: &str| lines.iter().position(|line| line.contains(word)).unwrap();
        assert!(at("docs/alerts.md:3:5  says") < at("the audit file says"));
        assert!(at("the audit file says") < at("not found:"));
    }

    #[test]
    fn claims_alone_have_no_score() {
        let lines = lines(true);
        assert!(
            lines[1].starts_with("6 OF 31 CLAIMS ARE WRONG AND 12 COULD NOT BE HELD AGAINST ANYTHING"),
            "{}",
            lines[1]
        );
        assert!(!lines.iter().any(|line| line.contains("covered") || line.contains("Overall")));
        assert!(lines.iter().any(|line| line.starts_with("and ") && line.ends_with(" more, in the report")));
    }
}
