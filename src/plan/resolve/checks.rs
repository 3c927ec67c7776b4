//! Checks: kind, expectations, claims, weight, what they wait for.

use std::sync::Arc;

use super::{Resolver, in_words};
use crate::model::audit::{Check, Method, Sample, Severity};
use crate::model::condition::{Condition, ConditionProblem, Expectation};
use crate::model::exact::exact;
use crate::model::fact::FactSpec;
use crate::model::id::CheckId;
use crate::model::number::Number;
use crate::plan::collect::{CheckRead, KindRead, given};
use crate::plan::decode::{At, Choice, Named, join};
use crate::plan::idle::Mark;
use crate::plan::problem::Code;
use crate::plan::rules;
use crate::plan::written::{CheckWritten, SampleWritten, Text, WhenWritten};
use crate::plan::{Patience, Plan};
use crate::probe::Kind;
use crate::probe::attestation::Attestation;
use crate::probe::registry::Probe;

/// A check and what it waits for, looked at when all checks are known.
pub(crate) struct Waiting {
    /// The check.
    pub check: CheckId,
    /// What it waits for, in words and resolved.
    pub on: Vec<(Text, CheckId)>,
    /// The way to `depends-on`.
    pub path: String,
}

impl Resolver<'_> {
    /// Adds a check to the plan, as far as it can be read, and hands out what it waits for.
    pub(super) fn check(
        &mut self,
        read: CheckRead,
        area: &Text,
        method: Method,
        patience: Patience,
        plan: &mut Plan,
    ) -> Option<Waiting> {
        let CheckRead { mut written, span, path, kind } = read;
        let at = |key: &str| join(&path, key);
        let waits_at = at("depends-on");
        let own = self.id(&written.id, &at("id"));
        let patience = self.patience_of(written.timeout.as_ref(), written.retries.as_ref(), patience, &path);
        let weight = written.weight.as_ref().and_then(|text| self.above_zero(text, &at("weight")));
        let deduct = self.deduct(&written, method, &path);
        let caps = written.caps_area_at.as_ref().and_then(|text| self.score(text, &at("caps-area-at")));
        let on: Vec<(Text, CheckId)> = std::mem::take(&mut written.depends_on.0)
            .into_iter()
            .filter_map(|text| self.reference(&text, Some(area), &at("depends-on")).map(|id| (text, id)))
            .collect();
        let sample = written.sample.as_ref().and_then(|sample| self.sample(sample, &at("sample.of")));
        let not_applicable = written.when.as_ref().and_then(|when| self.not_applicable(when, &at("when")));
        let explain = self.prose(written.explain.take(), &at("explain"));
        let rationale = self.prose(written.rationale.take(), &at("rationale"));
        let remediation = self.prose(written.remediation.take(), &at("remediation"));
        let KindRead { row, probe } = kind?;
        let facts = (row.facts)();
        let asked = written.expect.as_ref().map(|expect| expect.span);
        let finds = (row.name, facts.as_slice());
        let mut expect = self.expectations(written.expect.take(), finds, probe.as_ref(), &at("expect"));
        let facts_asked: Vec<&str> = expect.iter().map(|one| one.fact.as_str()).collect();
        if let (Some(span), Some((message, help))) =
            (asked, probe.as_ref().and_then(|probe| probe.overlooks(&facts_asked)))
        {
            self.sink.warning(span, &at("expect"), Code::Overlooks, message, &help);
        }
        expect.extend(probe.iter().flat_map(Probe::implied));
        let nothing = asked.is_none() && expect.is_empty();
        let warn = self.warn(&mut written, finds, probe.as_ref(), nothing, &path);
        let claims = written.claim.take().map(|claims| self.claims(claims, row, &facts, &at("claim")));
        let (area, own, probe) = (area.parse().ok()?, own?, probe?);
        let id = CheckId { area, check: own };
        let asks = probe.asks().unwrap_or_default();
        plan.audit.kinds.entry(row.name.to_owned()).or_insert_with(|| row.spec());
        plan.audit.checks.push(Check {
            title: given(written.title.as_ref()).unwrap_or_else(|| in_words(id.check.as_str())),
            kind: row.name.to_owned(),
            source: probe.source().map(str::to_owned),
            asks,
            severity: written.severity.as_ref().map_or(Severity::Major, |Choice(severity)| *severity),
            weight: weight.unwrap_or_else(Number::one),
            deduct,
            caps_area_at: caps,
            depends_on: on.iter().map(|(_, id)| id.clone()).collect(),
            not_applicable,
            expect,
            warn,
            claims: claims.unwrap_or_default(),
            sample,
            attested: row.name == <Attestation as Kind>::NAME,
            timeout_ms: patience.unusual_timeout_ms(),
            retries: patience.retries,
            explain,
            rationale,
            remediation,
            declared: self.declared(span),
            id: id.clone(),
        });
        self.marks.checks.push(Mark { span: written.id.span, path });
        self.measured.push((id.clone(), Arc::new(probe), patience));
        Some(Waiting { check: id, on, path: waits_at })
    }

    /// Points belong to an area of deductions, and there every check that can fail has some.
    fn deduct(&self, written: &CheckWritten, method: Method, path: &str) -> Option<Number> {
        match (&written.deduct, method) {
            (Some(text), Method::Weighted) => {
                let help = "Use `weight`, or set `method: deductions` on the area.";
                let message = "points are deducted only in an area of deductions";
                self.wrong(text, &format!("{path}.deduct"), Code::Points, message, help);
                None
            }
            (Some(text), Method::Deductions) => self.above_zero(text, &format!("{path}.deduct")),
            (None, Method::Deductions) => {
                let message = format!("\"{}\" says no points in an area of deductions", written.id.value);
                self.wrong(&written.id, path, Code::Points, message, "Add `deduct:` with the points it costs.");
                None
            }
            (None, Method::Weighted) => None,
        }
    }

    fn sample(&self, written: &SampleWritten, path: &str) -> Option<Sample> {
        let SampleWritten { of: At { value, span }, method: Choice(method) } = written;
        if *value == 0 {
            let help = "Write how many there are in all.";
            self.sink.error(*span, path, Code::OutOfRange, "a sample of \"0\" says nothing", help);
            return None;
        }
        Some(Sample { of: *value, method: *method })
    }

    /// The reason why the check does not apply, when it does not.
    fn not_applicable(&self, when: &WhenWritten, path: &str) -> Option<String> {
        let WhenWritten { value, is, reason } = when;
        match Condition::parse(is) {
            Ok(condition) => match rules::holds_for_text(&condition, value) {
                Ok(true) => None,
                Ok(false) => {
                    Some(given(reason.as_ref()).unwrap_or_else(|| format!("\"{}\" is not {}", value.value, is.value)))
                }
                Err((message, help)) => {
                    self.wrong(is, &format!("{path}.is"), Code::InvalidCondition, message, &help);
                    None
                }
            },
            Err(problem) => {
                self.wrong(is, &format!("{path}.is"), Code::InvalidCondition, problem.message, &problem.help);
                None
            }
        }
    }

    fn warn(
        &self,
        written: &mut CheckWritten,
        finds: (&str, &[FactSpec]),
        probe: Option<&Probe>,
        nothing_expected: bool,
        path: &str,
    ) -> Vec<Expectation> {
        let path = join(path, "warn");
        if let Some(warn) = written.warn.as_ref().filter(|_| nothing_expected) {
            let help = "Add `expect:`; a warning is what still holds when the expectation does not.";
            self.sink.error(warn.span, &path, Code::WarnAlone, "a warning without an expectation", help);
        }
        self.expectations(written.warn.take(), finds, probe, &path)
    }

    /// `finds` is the kind and the facts that it finds.
    fn expectations(
        &self,
        written: Option<At<Named<Text>>>,
        finds: (&str, &[FactSpec]),
        probe: Option<&Probe>,
        path: &str,
    ) -> Vec<Expectation> {
        let Some(At { value: Named(pairs), span }) = written else { return Vec::new() };
        if pairs.is_empty() {
            let help = "Add a fact and a condition, such as `up: == 4`, or remove the key.";
            self.sink.error(span, path, Code::Empty, "nothing is expected", help);
        }
        let pairs = pairs.into_iter();
        exact(pairs.filter_map(|(fact, condition)| self.expectation(&fact, &condition, finds, probe, path)))
    }

    fn expectation(
        &self,
        fact: &Text,
        written: &Text,
        (kind, facts): (&str, &[FactSpec]),
        probe: Option<&Probe>,
        path: &str,
    ) -> Option<Expectation> {
        let spec = rules::known_fact(self.sink, fact, path, kind, facts)?;
        let path = join(path, &fact.value);
        let parsed = Condition::parse(written).and_then(|condition| {
            condition.fits(spec.fact_type)?;
            match probe.and_then(|probe| probe.unfit(&fact.value, &condition)) {
                Some((message, help)) => Err(ConditionProblem { message, help }),
                None => Ok(condition),
            }
        });
        match parsed {
            Ok(condition) => {
                rules::can_fail(self.sink, &condition, spec, written, &path);
                Some(Expectation { fact: fact.value.clone(), condition })
            }
            Err(problem) => {
                self.wrong(written, &path, Code::InvalidCondition, problem.message, &problem.help);
                None
            }
        }
    }
}
