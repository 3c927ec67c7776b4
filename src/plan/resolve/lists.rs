//! The lists beside the areas.

use super::checks::Waiting;
use super::{Resolver, first, in_words};
use crate::model::audit::{
    AskedQuestion, Audit, ChecklistGroup, ChecklistItem, CommandReference, Decision, Level, NextStep, Requirement,
    Risk, Tick, Waiver,
};
use crate::model::captured::is_blank;
use crate::plan::collect::given;
use crate::plan::decode::{At, Choice};
use crate::plan::idle::{ConditionMark, Mark, WaiverMark};
use crate::plan::node::{Span, clip};
use crate::plan::problem::Code;
use crate::plan::rules;
use crate::plan::written::{
    ConditionWritten, DecisionWritten, FileWritten, GroupWritten, ItemWritten, LineWritten, NextStepWritten,
    QuestionWritten, RiskWritten, Text, WaiverWritten,
};

/// Seconds in the longest year.
const YEAR: i64 = 366 * 86_400;

impl Resolver<'_> {
    /// Adds one file's lists to the audit.
    pub(super) fn lists(&mut self, file: FileWritten, audit: &mut Audit) {
        for (index, written) in file.claims.into_iter().flatten().enumerate() {
            let claim = self.listed(written, &format!("claims[{index}]"), audit);
            audit.claims.extend(claim);
        }
        for (index, written) in file.conditions.into_iter().flatten().enumerate() {
            audit.conditions.extend(self.requirement(written, &format!("conditions[{index}]")));
        }
        for (index, written) in file.waivers.into_iter().flatten().enumerate() {
            audit.waivers.extend(self.waiver(&written, &format!("waivers[{index}]")));
        }
        for (index, written) in file.risks.into_iter().flatten().enumerate() {
            audit.risks.extend(self.risk(written, &format!("risks[{index}]")));
        }
        for (index, written) in file.questions.into_iter().flatten().enumerate() {
            let question = self.question(written, &format!("questions[{index}]"));
            audit.questions.push(question);
        }
        for (index, written) in file.decisions.into_iter().flatten().enumerate() {
            audit.decisions.extend(self.decision(written, &format!("decisions[{index}]")));
        }
        for (index, written) in file.next_steps.into_iter().flatten().enumerate() {
            audit.next_steps.push(self.next_step(written, &format!("next-steps[{index}]")));
        }
        for (index, written) in file.checklist.into_iter().flatten().enumerate() {
            audit.checklist.push(self.group(written, &format!("checklist[{index}]")));
        }
        for command in file.references.into_iter().flat_map(|references| references.commands) {
            audit.commands.push(CommandReference { title: command.title.value, run: command.run.value });
        }
        if let Some(At { value, span }) = file.signoff {
            self.once(audit.signoff.is_some(), span, "signoff");
            let policy = self.signoff(value, false);
            if !policy.author_may_approve && audit.auditor.is_none() {
                let message = "no sign-off will count: nobody can be shown not to be the author of the audit";
                let help = "Name `audit.auditor`, or say `author-may-approve: true`.";
                self.sink.warning(span, "signoff", Code::Unsignable, message, help);
            }
            audit.signoff = Some(policy);
        }
        if let Some(closing) = file.closing {
            self.once(audit.closing.is_some(), closing.span, "closing");
            audit.closing = self.prose(Some(closing), "closing");
        }
    }

    pub(super) fn once(&self, there: bool, span: Span, key: &str) {
        if there {
            let message = format!("\"{key}\" is given already");
            self.sink.error(span, key, Code::DuplicateKey, message, "Keep one of the two.");
        }
    }

    fn requirement(&mut self, written: ConditionWritten, path: &str) -> Option<Requirement> {
        let ConditionWritten { id, level: Choice(level), text, owner, due, closed_by, done } = written;
        let closed_at = closed_by.as_ref().map(|text| text.span);
        let closed_by = closed_by.and_then(|text| self.reference(&text, None, &format!("{path}.closed-by")));
        let due = self.maybe_time(due.as_ref(), &format!("{path}.due"));
        let text = self.prose(Some(text), &format!("{path}.text"))?;
        let mark = Mark { span: id.span, path: path.to_owned() };
        let id = self.id(&id, &format!("{path}.id"))?;
        self.marks.conditions.push(ConditionMark { id: mark, closed_by: closed_at });
        Some(Requirement { id, level, text, owner: given(owner.as_ref()), due, closed_by, done })
    }

    fn waiver(&mut self, written: &WaiverWritten, path: &str) -> Option<Waiver> {
        let WaiverWritten { check: named, reason, by, approved, until } = written;
        if reason.trim().chars().count() < 10 {
            let message = format!("\"{}\" is no reason", clip(reason));
            let help = "Say in 10 characters or more why the failure is accepted.";
            self.wrong(reason, &format!("{path}.reason"), Code::InvalidWaiver, message, help);
        }
        if is_blank(by) {
            let help = "Write in `by:` the name of whoever accepts the failure.";
            self.wrong(by, &format!("{path}.by"), Code::InvalidWaiver, "the waiver does not say who grants it", help);
        }
        let check = self.reference(named, None, &format!("{path}.check"));
        let from = self.time(approved, &format!("{path}.approved"));
        let to = self.time(until, &format!("{path}.until"));
        let (approved, to) = (from?, to?);
        let at = format!("{path}.until");
        if to.end() < approved.at {
            let message = format!("\"{}\" is before it was approved", until.value);
            self.wrong(until, &at, Code::InvalidWaiver, message, "Write a later day.");
        } else if to.at.seconds_since(approved.at) > YEAR {
            let message = format!("\"{}\" is more than a year after it was approved", until.value);
            self.wrong(until, &at, Code::InvalidWaiver, message, "Write a day within a year, and renew it then.");
        }
        let check = check?;
        self.marks.waivers.push(WaiverMark { path: path.to_owned(), check: named.span, until: until.span });
        Some(Waiver { check, reason: reason.value.clone(), by: by.value.clone(), approved, until: to })
    }

    fn risk(&mut self, written: RiskWritten, path: &str) -> Option<Risk> {
        let RiskWritten { id, title, likelihood, impact, description, mitigation, owner } = written;
        let description = self.prose(description, &format!("{path}.description"));
        let mitigation = self.proses(mitigation.0, &format!("{path}.mitigation"));
        first(self.sink, &mut self.risks, id.value.clone(), id.span, path, "risk");
        Some(Risk {
            title: given(title.as_ref()).unwrap_or_else(|| in_words(&id)),
            id: self.id(&id, &format!("{path}.id"))?,
            likelihood: likelihood.0,
            impact: impact.0,
            description,
            mitigation,
            owner: given(owner.as_ref()),
        })
    }

    fn question(&mut self, written: QuestionWritten, path: &str) -> AskedQuestion {
        let QuestionWritten { ask, answer, confidence, because, concerns } = written;
        AskedQuestion {
            ask: ask.value,
            answer: answer.value,
            confidence: confidence.and_then(|text| self.score(&text, &format!("{path}.confidence"))),
            because: self.proses(because.0, &format!("{path}.because")),
            concerns: self.proses(concerns.0, &format!("{path}.concerns")),
        }
    }

    fn decision(&mut self, written: DecisionWritten, path: &str) -> Option<Decision> {
        let DecisionWritten { id, ask, options, recommend, because, owner, level, decided } = written;
        let because = self.proses(because.0, &format!("{path}.because"));
        let keys: Vec<String> = options.value.0.iter().map(|(key, _)| key.value.clone()).collect();
        if keys.is_empty() {
            let help = "Add the options, a key and a text each.";
            let at = format!("{path}.options");
            self.sink.error(options.span, &at, Code::Empty, "there is nothing to choose from", help);
        }
        for (key, choice) in [("recommend", &recommend), ("decided", &decided)] {
            if let Some(choice) = choice.as_ref().filter(|choice| !keys.contains(&choice.value)) {
                let at = format!("{path}.{key}");
                rules::unknown_id(self.sink, choice, &at, "option", keys.iter().map(String::as_str));
            }
        }
        first(self.sink, &mut self.decisions, id.value.clone(), id.span, path, "decision");
        let at = format!("{path}.options");
        let options = options.value.0.into_iter();
        Some(Decision {
            id: self.id(&id, &format!("{path}.id"))?,
            ask: ask.value,
            options: options.filter_map(|(key, text)| Some((key.value, self.prose(Some(text), &at)?))).collect(),
            recommend: given(recommend.as_ref()),
            because,
            owner: given(owner.as_ref()),
            level: level.map_or(Level::Must, |Choice(level)| level),
            decided: given(decided.as_ref()),
        })
    }

    fn next_step(&mut self, written: NextStepWritten, path: &str) -> NextStep {
        let NextStepWritten { title, level, owner, due, text } = written;
        NextStep {
            title: title.value,
            level: level.map(|Choice(level)| level),
            owner: given(owner.as_ref()),
            due: self.maybe_time(due.as_ref(), &format!("{path}.due")),
            text: self.prose(text, &format!("{path}.text")),
        }
    }

    fn group(&mut self, written: GroupWritten, path: &str) -> ChecklistGroup {
        let GroupWritten { title, items } = written;
        let numbered = items.into_iter().enumerate();
        let items = numbered.filter_map(|(index, line)| self.line(line, &format!("{path}.items[{index}]"))).collect();
        ChecklistGroup { title: title.value, items }
    }

    fn line(&mut self, line: At<LineWritten>, path: &str) -> Option<ChecklistItem> {
        let At { value, span } = line;
        let item = match value {
            LineWritten::Text(value) => {
                let text = self.prose(Some(Text { value, span }), path)?;
                return Some(ChecklistItem { text, ticked: Tick::Hand(false) });
            }
            LineWritten::Item(item) => item,
        };
        let ItemWritten { text, check, condition, done } = item;
        let ways = usize::from(check.is_some()) + usize::from(condition.is_some()) + usize::from(done.is_some());
        if ways > 1 {
            let help = "Keep one of `check`, `condition` and `done`.";
            self.sink.error(span, path, Code::InvalidOption, "a line is ticked in one way", help);
        }
        let ticked = match (check, condition) {
            (Some(check), _) => Tick::Check(self.reference(&check, None, &format!("{path}.check"))?),
            (None, Some(condition)) => {
                Tick::Condition(self.condition_reference(&condition, &format!("{path}.condition"))?)
            }
            (None, None) => Tick::Hand(done.unwrap_or(false)),
        };
        Some(ChecklistItem { text: self.prose(Some(text), path)?, ticked })
    }

    /// Checks must not wait for each other.
    pub(super) fn depends(&self, waiting: &[Waiting]) {
        rules::dependency_rings(self.sink, waiting);
    }
}
