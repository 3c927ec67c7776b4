//! What a run of many says: what has changed since the one before, and all of it in a line.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::cli::terminal::{BAD, CAUTION, GOOD, visible};
use crate::model::format;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::judgement::{Status, Verdict};
use crate::model::record::Record;
use crate::report::stated::{self, Counts};

/// More checks than these are counted.
const MOST: usize = 8;

/// As much of a run as the next one is compared with.
pub(super) struct Before {
    verdict: Verdict,
    /// The verdict in words.
    words: String,
    score: Option<String>,
    statuses: BTreeMap<CheckId, Status>,
}

impl Before {
    pub(super) fn of(record: &Record) -> Self {
        let checks = &record.judgement.checks;
        Self {
            verdict: record.judgement.verdict,
            words: verdict_words(record),
            score: score(record),
            statuses: checks.iter().map(|result| (result.check.clone(), result.status)).collect(),
        }
    }

    /// `all/size: pass → fail`, for each check whose status is another; new and gone ones, too.
    fn turned(&self, record: &Record) -> Vec<String> {
        let now: BTreeMap<&CheckId, Status> =
            record.judgement.checks.iter().map(|result| (&result.check, result.status)).collect();
        let mut turned = Vec::new();
        for result in &record.judgement.checks {
            match self.statuses.get(&result.check) {
                Some(was) if *was == result.status => {}
                Some(was) => turned.push(format!("{}: {} → {}", result.check, was.word(), result.status.word())),
                None => turned.push(format!("{}: new, {}", result.check, result.status.word())),
            }
        }
        turned.extend(
            self.statuses.keys().filter(|check| !now.contains_key(check)).map(|check| format!("{check}: gone")),
        );
        turned
    }
}

fn score(record: &Record) -> Option<String> {
    record.judgement.overall.score.as_ref().filter(|_| !record.run.claims_only).map(format::score)
}

fn verdict_words(record: &Record) -> String {
    if record.run.claims_only {
        return Counts::of(&stated::stated(record)).words();
    }
    record.verdict_words().to_owned()
}

/// The run in one line: when, verdict, score, coverage, claims, and which checks have another status than before.
pub(super) fn line(record: &Record, before: Option<&Before>) -> String {
    let counts = Counts::of(&stated::stated(record));
    let mut parts = vec![record.run.finished_at.to_string(), verdict_words(record)];
    parts.extend(score(record));
    if !record.run.claims_only {
        parts.push(format!("{} covered", format::percent(&record.judgement.overall.coverage.covered())));
    }
    if counts.all() > 0 {
        parts.push(format!("claims {} of {}", counts.upheld, counts.all()));
    }
    if let Some(before) = before {
        let turned = before.turned(record);
        let more = turned.len().saturating_sub(MOST);
        parts.extend(turned.into_iter().take(MOST));
        if more > 0 {
            parts.push(format!("{more} more checks"));
        }
    }
    visible(&parts.join("  ")) + "\n"
}

/// For a terminal, under the summary: what has changed since the run before; `None` where nothing has.
pub(super) fn since(record: &Record, before: Option<&Before>) -> Option<String> {
    let before = before?;
    let mut text = String::new();
    let judgement = &record.judgement;
    let turned = before.turned(record);
    if before.verdict != judgement.verdict {
        let style = match judgement.verdict {
            Verdict::Approved => GOOD,
            Verdict::Rejected => BAD,
            Verdict::ApprovedWithConditions | Verdict::Undetermined => CAUTION,
        };
        let _ = writeln!(text, "    verdict: {} → {style}{}{style:#}", before.words, verdict_words(record));
    }
    if before.score != score(record) {
        let shown = |score: &Option<String>| score.clone().unwrap_or_else(|| "–".to_owned());
        let _ = writeln!(text, "    score: {} → {}", shown(&before.score), shown(&score(record)));
    }
    for line in turned.iter().take(MOST) {
        let _ = writeln!(text, "    {}", visible(line));
    }
    if let more @ 1.. = turned.len().saturating_sub(MOST) {
        let _ = writeln!(text, "    and {more} more");
    }
    (!text.is_empty()).then_some(text)
}

/// An audit file that cannot be run, in one line.
pub(super) fn broken(now: Instant, why: &str) -> String {
    visible(&format!("{now}  could not run: {why}")) + "\n"
}
