//! What has changed since the baseline that the record names: only what the record keeps of it.

use std::collections::BTreeMap;

use super::{Source, words};
use crate::model::fact::{Fact, Value};
use crate::model::format;
use crate::model::id::CheckId;
use crate::model::judgement::Status;
use crate::model::number::Number;
use crate::model::record::{Concluded, asked};
use crate::report::view::since::{Moved, Since, Turned};
use crate::report::view::{Mark, Reference};

/// Most checks that are listed.
const MOST: usize = 50;

/// Which way a status turned; the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Worse,
    Better,
    /// Better, and not by the same conditions.
    Asked,
    Changed,
    New,
    Gone,
}

impl Turn {
    const fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Asked => "asked differently",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }

    /// As `countersign diff` has it: between a failure and what could not be seen each way is for the worse.
    fn of(was: Status, now: Status) -> Self {
        const fn rank(status: Status) -> u8 {
            match status {
                Status::Pass => 0,
                Status::Warn => 1,
                _ => 2,
            }
        }
        if !was.is_scored() || !now.is_scored() {
            return Self::Changed;
        }
        match (rank(was), rank(now)) {
            (2, 2) if (was == Status::Fail) != (now == Status::Fail) => Self::Worse,
            (before, after) if before > after => Self::Better,
            (before, after) if before < after => Self::Worse,
            _ => Self::Changed,
        }
    }
}

impl<'a> Source<'a> {
    /// What the baseline concluded, where the record keeps it.
    pub(super) fn concluded(&self) -> Option<&'a Concluded> {
        self.record.baseline.as_ref()?.concluded.as_ref()
    }
}

/// The status of a check in the baseline, where that is another.
pub(super) fn status(source: &Source<'_>, check: &CheckId, now: Status) -> Option<Mark> {
    let was = source.concluded()?.statuses.get(check)?;
    (*was != now).then(|| words::status(*was))
}

/// A value in the baseline; `None` where the record keeps none.
pub(super) fn value(source: &Source<'_>, check: &CheckId, fact: &str) -> Option<String> {
    let baseline = source.record.baseline.as_ref()?;
    let concluded = baseline.concluded.as_ref().and_then(|then| then.values.get(check)?.get(fact));
    let kept = || match baseline.facts.get(check)?.facts.get(fact)? {
        Fact::Present(Value::Table(_)) | Fact::Absent(_) => None,
        Fact::Present(value) => Some(value),
    };
    concluded.or_else(kept).map(format::value)
}

pub(super) fn since(source: &Source<'_>) -> Option<Since> {
    let then = source.concluded()?;
    let finished = source.record.baseline.as_ref()?.finished_at;
    let judgement = source.judgement();
    let turned = turned(source, then);
    let scores = scores(source, then);
    let verdict = (then.verdict != judgement.verdict).then(|| words::verdict(then.verdict));
    Some(Since {
        run: format!("the run of {}", source.when(finished)),
        score: then.score.as_ref().map_or_else(|| words::NOTHING.to_owned(), format::score),
        sentence: sentence(&turned, !scores.is_empty(), verdict.as_ref()),
        verdict,
        scores,
        more: (turned.len() > MOST)
            .then(|| format!("{} besides.", words::counted(turned.len() - MOST, "more check", "more checks"))),
        checks: turned.into_iter().take(MOST).map(|(turn, was, now, check)| shown(turn, was, now, check)).collect(),
    })
}

type Changed = (Turn, Option<Status>, Option<Status>, Reference);

/// Every check whose status is another, that is new, or gone: in the order of the audit within each turn.
fn turned(source: &Source<'_>, then: &Concluded) -> Vec<Changed> {
    let now: BTreeMap<&CheckId, Status> =
        source.judgement().checks.iter().map(|result| (&result.check, result.status)).collect();
    let mut changed: Vec<Changed> = Vec::new();
    for result in &source.judgement().checks {
        let check = || source.check(&result.check);
        match then.statuses.get(&result.check) {
            Some(was) if *was == result.status => {}
            Some(was) => {
                let turn = match Turn::of(*was, result.status) {
                    // A limit that was softened makes nothing better.
                    Turn::Better if asks_otherwise(source, then, &result.check) => Turn::Asked,
                    turn => turn,
                };
                changed.push((turn, Some(*was), Some(result.status), check()));
            }
            None => changed.push((Turn::New, None, Some(result.status), check())),
        }
    }
    let gone = then.statuses.iter().filter(|(check, _)| !now.contains_key(check));
    changed.extend(gone.map(|(check, was)| (Turn::Gone, Some(*was), None, source.check(check))));
    changed.sort_by_key(|(turn, ..)| *turn);
    changed
}

/// Does a check ask or require something else than in the baseline? A record that does not tell what that was says no.
fn asks_otherwise(source: &Source<'_>, then: &Concluded, id: &CheckId) -> bool {
    let (before, check) = (then.asked.get(id), source.checks.get(id));
    before.zip(check).is_some_and(|(before, check)| *before != asked(check))
}

fn shown(turn: Turn, was: Option<Status>, now: Option<Status>, check: Reference) -> Turned {
    Turned { check, was: was.map(words::status), now: now.map(words::status), turn: turn.word().to_owned() }
}

/// Scores that differ as they are printed: of the whole, then of the areas of this audit.
fn scores(source: &Source<'_>, then: &Concluded) -> Vec<Moved> {
    let judgement = source.judgement();
    let whole = Reference { text: "The whole".to_owned(), anchor: Some("summary".to_owned()) };
    let mut moved = vec![score(whole, then.score.as_ref(), judgement.overall.score.as_ref())];
    moved.extend(source.shown_areas().map(|area| {
        let now = source.areas.get(&area.id).and_then(|result| result.score.as_ref());
        score(source.area(&area.id), then.areas.get(&area.id), now)
    }));
    moved.into_iter().filter(|moved| moved.was != moved.now).collect()
}

fn score(of: Reference, was: Option<&Number>, now: Option<&Number>) -> Moved {
    let said = |score: Option<&Number>| score.map_or_else(|| words::NOTHING.to_owned(), format::score);
    let by = was.zip(now).map_or_else(String::new, |(was, now)| format::score_change(was, now));
    Moved { of, was: said(was), now: said(now), by }
}

/// `2 checks are worse, 1 is better and 1 is new.`
fn sentence(turned: &[Changed], scores: bool, verdict: Option<&Mark>) -> String {
    let count = |wanted: Turn| turned.iter().filter(|(turn, ..)| *turn == wanted).count();
    let words = [
        (Turn::Worse, "worse"),
        (Turn::Better, "better"),
        (Turn::Asked, "asked differently"),
        (Turn::Changed, "of another status"),
        (Turn::New, "new"),
        (Turn::Gone, "gone"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (number, word) in words.map(|(turn, word)| (count(turn), word)).into_iter().filter(|(number, _)| *number > 0) {
        let counted = match (parts.is_empty(), number) {
            (true, _) => self::words::counted(number, "check is", "checks are"),
            (false, 1) => "1 is".to_owned(),
            (false, _) => format!("{number} are"),
        };
        parts.push(format!("{counted} {word}"));
    }
    match (parts.is_empty(), scores || verdict.is_some()) {
        (false, _) => format!("{}.", format::and_list(&parts)),
        (true, true) => "No check has another status.".to_owned(),
        (true, false) => "No check has another status, and no score is another.".to_owned(),
    }
}
