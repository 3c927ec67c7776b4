//! Questions, decisions, risks, next steps and the checklist.

use std::borrow::Cow;

use super::{Source, areas, words};
use crate::model::audit::{Decision, Risk, Tick};
use crate::model::judgement::{ConditionProgress, Status};
use crate::report::view::todo;

pub(super) fn questions(source: &Source<'_>) -> Vec<todo::Question> {
    let asked = source.audit().questions.iter();
    asked
        .map(|question| todo::Question {
            ask: question.ask.clone(),
            answer: words::sentence_case(&question.answer),
            confidence: question.confidence.as_ref().map(areas::by_hand),
            because: source.all_prose(&question.because),
            concerns: source.all_prose(&question.concerns),
        })
        .collect()
}

pub(super) fn decisions(source: &Source<'_>) -> Vec<todo::Decision> {
    source.audit().decisions.iter().map(|decision| self::decision(source, decision)).collect()
}

fn decision(source: &Source<'_>, decision: &Decision) -> todo::Decision {
    let note = |key: &str| {
        let is = |wanted: &Option<String>| wanted.as_deref() == Some(key);
        match (is(&decision.decided), is(&decision.recommend)) {
            (true, true) => "chosen, as recommended",
            (true, false) => "chosen",
            (false, true) => "recommended",
            (false, false) => "",
        }
    };
    let level = words::level(decision.level);
    let owner = match (&decision.owner, decision.decided.is_some()) {
        (Some(owner), true) => format!("Decided by {owner} ({level})."),
        (Some(owner), false) => format!("{owner} decides ({level})."),
        (None, true) => String::new(),
        (None, false) => format!("Nobody is named to decide it ({level})."),
    };
    todo::Decision {
        anchor: words::plain_anchor("decision", decision.id.as_str()),
        ask: decision.ask.clone(),
        mark: words::decided(decision.decided.is_some()),
        owner,
        options: decision
            .options
            .iter()
            .map(|(key, text)| todo::DecisionOption {
                key: key.clone(),
                text: source.prose(text),
                note: note(key).to_owned(),
            })
            .collect(),
        because: source.all_prose(&decision.because),
    }
}

/// Most severe first; equally severe ones in the order of the file.
pub(super) fn ranked<'a>(source: &Source<'a>) -> Vec<&'a Risk> {
    let mut risks: Vec<&Risk> = source.audit().risks.iter().collect();
    risks.sort_by_key(|risk| std::cmp::Reverse((risk.likelihood as u8 + 1) * (risk.impact as u8 + 1)));
    risks
}

pub(super) fn risk_anchor(risk: &Risk) -> String {
    words::plain_anchor("risk", risk.id.as_str())
}

pub(super) fn risks(source: &Source<'_>) -> Vec<todo::Risk> {
    ranked(source)
        .into_iter()
        .enumerate()
        .map(|(at, risk)| todo::Risk {
            anchor: risk_anchor(risk),
            number: (at + 1).to_string(),
            title: risk.title.clone(),
            likelihood: words::rating(risk.likelihood).to_owned(),
            impact: words::rating(risk.impact).to_owned(),
            mark: words::exposure(risk.likelihood, risk.impact),
            description: source.some_prose(risk.description.as_ref()),
            mitigation: source.all_prose(&risk.mitigation),
            owner: risk.owner.clone().unwrap_or_default(),
        })
        .collect()
}

pub(super) fn steps(source: &Source<'_>) -> Vec<todo::Step> {
    let steps = source.audit().next_steps.iter();
    steps
        .map(|step| {
            let level = step.level.map(|level| words::level(level).to_owned());
            let due = step.due.map(|due| format!("by {}", source.stamp(due)));
            let parts: Vec<String> = level.into_iter().chain(step.owner.clone()).chain(due).collect();
            todo::Step {
                title: step.title.clone(),
                note: parts.join(" · "),
                text: source.some_prose(step.text.as_ref()),
            }
        })
        .collect()
}

pub(super) fn checklist(source: &Source<'_>) -> Vec<todo::Group> {
    let groups = source.audit().checklist.iter().filter(|group| !group.items.is_empty());
    groups
        .map(|group| todo::Group {
            title: group.title.clone(),
            items: group.items.iter().map(|item| self::item(source, &item.text, &item.ticked)).collect(),
        })
        .collect()
}

fn item(source: &Source<'_>, text: &str, tick: &Tick) -> todo::Item {
    let (ticked, why, anchor) = match tick {
        Tick::Check(id) => {
            let status = source.results.get(id).map_or(Status::Skipped, |result| result.status);
            let check = source.check(id);
            (status == Status::Pass, format!("{}: {}", check.text, status.word()), check.anchor)
        }
        Tick::Condition(id) => {
            let state = source.judgement().conditions.iter().find(|state| state.id == id.as_str());
            let word = state.map_or(Cow::Borrowed("unknown"), |state| words::progress(state.progress).word);
            let closed = state.is_some_and(|state| state.progress == ConditionProgress::Closed);
            (closed, format!("its condition: {word}"), source.named(id.as_str()).anchor)
        }
        Tick::Hand(done) => (*done, "stated by hand".to_owned(), None),
    };
    todo::Item { text: source.prose(text), ticked, why, anchor }
}
