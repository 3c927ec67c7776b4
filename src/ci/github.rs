//! GitHub Actions: annotations as commands for the runner, and the job summary in GitHub's Markdown.
//!
//! GitHub shows ten annotations of each type for a step, so the worst come first and a last line says how many there are.
//! Data is escaped as the runner unescapes it (actions/toolkit, `core/src/command.ts`).

use std::fmt::Write as _;

use super::Unwritable;
use super::notice::Notice;
use super::results::{Decimal, Finding, Level, Outcome, Place, Results};
use crate::model::captured::markdown;
use crate::model::format::{and_list, plural};

/// Largest job summary of one step, in bytes.
pub const MOST_SUMMARY: usize = 1 << 20;
/// Annotations of one type that GitHub shows for a step.
const MOST_SHOWN: usize = 10;

/// Annotations, worst first, then one that sums up.
pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let found = results.to_look_at();
    let mut text = String::new();
    let shown = worst(&found, |finding| finding.level);
    for (level, finding) in &shown {
        annotation(&mut text, finding, *level);
    }
    let left = found.len() - shown.len();
    let more = match left {
        0 => String::new(),
        1 => " 1 more is not shown here.".to_owned(),
        left => format!(" {left} more are not shown here."),
    };
    let title = format!("{}: {}", results.audit.title, results.verdict.words);
    let caveats: String = results.caveats().iter().map(|caveat| format!(" {caveat}")).collect();
    let message = format!("{} {}{more}{caveats}", results.verdict.reason, tally(results));
    let _ = writeln!(text, "::notice title={}::{}", property(&title), data(&message));
    Ok(text)
}

/// As many of each level as GitHub shows, worst first; of notes one less, because a last line is one too.
fn worst<T>(all: &[T], level_of: impl Fn(&T) -> Option<Level>) -> Vec<(Level, &T)> {
    let mut shown = Vec::new();
    for (level, most) in [(Level::Error, MOST_SHOWN), (Level::Warning, MOST_SHOWN), (Level::Note, MOST_SHOWN - 1)] {
        shown.extend(all.iter().filter(|one| level_of(one) == Some(level)).take(most).map(|one| (level, one)));
    }
    shown
}

/// Annotations of findings in documents, worst first, then one that sums up.
pub fn of_notices(notices: &[Notice], summary: &str) -> String {
    let mut text = String::new();
    let open: Vec<&Notice> = notices.iter().filter(|notice| notice.allowed.is_none()).collect();
    let shown = worst(&open, |notice| Some(notice.level));
    for (level, notice) in &shown {
        write(&mut text, *level, &notice.place, notice.rule, &notice.message);
    }
    let more = match open.len() - shown.len() {
        0 => String::new(),
        left => format!(" {} not shown here.", plural(left as u64, "finding is", "findings are")),
    };
    let _ = writeln!(text, "::notice title=countersign proofread::{}", data(&format!("{summary}{more}")));
    text
}

fn annotation(text: &mut String, finding: &Finding, level: Level) {
    write(text, level, &finding.place, &finding.title, &finding.message);
}

fn write(text: &mut String, level: Level, place: &Place, title: &str, message: &str) {
    let name = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let _ = write!(text, "::{name} file={},line={},endLine={}", property(&place.path), place.line, place.line);
    if let Some(column) = place.column {
        let _ = write!(text, ",col={column}");
    }
    if let Some(end) = place.end_column {
        let _ = write!(text, ",endColumn={end}");
    }
    let _ = writeln!(text, ",title={}::{}", property(title), data(message));
}

/// `41 of 51 checks, claims and rules hold; 1 warns, 5 do not hold and 1 could not be evaluated.` What expects nothing does
/// not count.
fn tally(results: &Results) -> String {
    let counts = &results.counts;
    let shown = results.findings.iter().filter(|finding| finding.only_shows()).count();
    let of = |number: usize, words: &str| (number > 0).then(|| format!("{number} {words}"));
    let rest = [
        of(counts.warned, if counts.warned == 1 { "warns" } else { "warn" }),
        of(counts.failed, if counts.failed == 1 { "does not hold" } else { "do not hold" }),
        of(counts.not_evaluated, "could not be evaluated"),
        of(counts.pending, if counts.pending == 1 { "waits for a person" } else { "wait for a person" }),
        of(counts.waived, if counts.waived == 1 { "is waived" } else { "are waived" }),
        of(counts.skipped, if counts.skipped == 1 { "was not looked at" } else { "were not looked at" }),
    ];
    let rest: Vec<String> = rest.into_iter().flatten().collect();
    let but = if rest.is_empty() { String::new() } else { format!("; {}", and_list(&rest)) };
    format!("{} of {} checks, claims and rules hold{but}.", counts.passed - shown, counts.all - shown)
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The job summary, at most `most` bytes of it: the tables lose rows, and say how many, until it fits.
pub fn summary(results: &Results, most: usize) -> String {
    let mut rows = 1_000;
    loop {
        let text = summary_of(results, rows);
        if text.len() <= most {
            return text;
        }
        if rows == 0 {
            return String::new();
        }
        rows /= 2;
    }
}

fn summary_of(results: &Results, rows: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "## {}: {}\n", markdown(&results.audit.title), results.verdict.words);
    let _ = writeln!(text, "{} {}\n", markdown(&results.verdict.reason), tally(results));
    for caveat in results.caveats() {
        let _ = writeln!(text, "> {}\n", markdown(&caveat));
    }
    if !results.run.claims_only {
        areas(&mut text, results);
    }
    findings(&mut text, results, rows);
    conditions(&mut text, results, rows);
    waivers(&mut text, results, rows);
    let _ = writeln!(
        text,
        "Measured until {} by countersign {}. Record: sha256 {}.",
        results.run.finished_at,
        markdown(&results.tool.version),
        results.record_sha256
    );
    text
}

fn areas(text: &mut String, results: &Results) {
    text.push_str("| Area | Score | Coverage |\n| --- | ---: | ---: |\n");
    let rows = results.areas.iter().map(|area| (markdown(&area.title), &area.figures));
    for (title, figures) in rows.chain([("**Overall**".to_owned(), &results.overall)]) {
        let score = figures.score.as_ref().map_or("–", Decimal::shown);
        let coverage = figures.coverage.as_ref().map_or("–", Decimal::shown);
        let _ = writeln!(text, "| {title} | {score} | {coverage} |");
    }
    text.push('\n');
}

fn findings(text: &mut String, results: &Results, rows: usize) {
    let found = results.to_look_at();
    if found.is_empty() {
        return;
    }
    text.push_str("### To look at\n\n| | What was found | Where |\n| --- | --- | --- |\n");
    for finding in found.iter().take(rows) {
        let mark = match (finding.outcome, finding.level) {
            (Outcome::Failed, Some(Level::Error)) => "✗ blocker",
            (Outcome::Failed, _) => "✗",
            (Outcome::NotEvaluated, _) => "? not evaluated",
            (Outcome::Pending, _) => "… pending",
            (Outcome::Waived, _) => "– waived",
            _ => "!",
        };
        let place = markdown(&finding.place.to_string());
        let _ = writeln!(text, "| {mark} | {} | {place} |", markdown(&finding.message));
    }
    left_out(text, found.len(), rows);
}

fn conditions(text: &mut String, results: &Results, rows: usize) {
    if results.conditions.is_empty() {
        return;
    }
    text.push_str("### Open conditions\n\n| | Condition | Owner | Due |\n| --- | --- | --- | --- |\n");
    for condition in results.conditions.iter().take(rows) {
        let owner = condition.owner.as_deref().map_or_else(|| "–".to_owned(), markdown);
        let due = condition.due.as_deref().map_or_else(|| "–".to_owned(), markdown);
        let late = if condition.state == "overdue" { ", overdue" } else { "" };
        let _ = writeln!(text, "| {}{late} | {} | {owner} | {due} |", condition.level, markdown(&condition.text));
    }
    left_out(text, results.conditions.len(), rows);
}

fn waivers(text: &mut String, results: &Results, rows: usize) {
    if results.waivers.is_empty() {
        return;
    }
    text.push_str("### Waivers\n\n| Check | State | By | Until | Why |\n| --- | --- | --- | --- | --- |\n");
    for waiver in results.waivers.iter().take(rows) {
        let (by, why) = (markdown(&waiver.by), markdown(&waiver.reason));
        let state = waiver.state.replace('-', " ");
        let _ = writeln!(text, "| {} | {state} | {by} | {} | {why} |", markdown(&waiver.check), waiver.until_words);
    }
    left_out(text, results.waivers.len(), rows);
}

fn left_out(text: &mut String, all: usize, rows: usize) {
    let left = u64::try_from(all.saturating_sub(rows)).unwrap_or_default();
    if left > 0 {
        let _ = write!(text, "\n{} left out.\n", plural(left, "row was", "rows were"));
    }
    text.push('\n');
}
