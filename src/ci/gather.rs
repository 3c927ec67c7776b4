//! The list of results, made once from the record. Every format is made from this list and from nothing else.

mod names;
mod outcome;

use std::collections::BTreeMap;

use outcome::{claim_outcome, level_of, outcome_of, severity_of, under};

use super::commands::inert;
use super::places::{Base, Located};
use super::results::{
    Acceptance, Area, Audit, Claimed, Condition, Counts, Decimal, Evidence, Figures, Finding, Kind, Outcome, Place,
    Related, Results, Run, SCHEMA, Severity, Standing, Tool, Verdict, Waiver,
};
use super::sentences;
use crate::model::audit::{self, Check};
use crate::model::claim::Claim;
use crate::model::evidence::{Blob, Exchange};
use crate::model::fact::Value;
use crate::model::format;
use crate::model::id::{CheckId, Id};
use crate::model::judgement::{
    self, CheckResult, ClaimResult, ConditionProgress, ListedResult, Rule, Tier, WaiverProgress,
};
use crate::model::number::Number;
use crate::model::prose;
use crate::model::record::{Observation, Record};
use crate::model::repeat::repeat_exchange;
use crate::report;
use crate::report::{notices, stated};

/// Most places that a finding names beside its own, of those where the same is claimed.
const MOST_RELATED: usize = 20;

/// Stands in place of the verdict where only claims were judged.
pub const CLAIMS_ONLY: &str = "claims-only";

/// The results of a record. `sha256` is the digest of its canonical bytes; `base` says where its files stand.
pub fn results(record: &Record, sha256: &str, base: &Base) -> Results {
    let gatherer = Gatherer {
        record,
        located: Located::new(record, base),
        observations: record.observations.iter().map(|observation| (&observation.check, observation)).collect(),
    };
    let mut findings = Vec::new();
    for (check, result) in record.audit.checks.iter().zip(&record.judgement.checks) {
        gatherer.check(check, result, &mut findings);
    }
    gatherer.listed(&mut findings);
    gatherer.score_claims(&mut findings);
    gatherer.rules(&mut findings);
    names::apart(&mut findings);
    let judgement = &record.judgement;
    Results {
        schema: SCHEMA,
        tool: Tool { name: "countersign", version: inert(&record.run.tool_version) },
        audit: audit_of(record, gatherer.located.audit_file()),
        run: run_of(record),
        record_sha256: sha256.to_owned(),
        policy_sha256: inert(&record.policy_sha256),
        provenance: notices::provenance(record).as_deref().map(inert),
        notices: notices::notices(record).iter().map(|notice| inert(notice)).collect(),
        verdict: verdict_of(record),
        overall: figures(
            record,
            judgement.overall.score.as_ref(),
            judgement.overall.score_with_waivers.as_ref(),
            Some(&judgement.overall.coverage.covered()),
        ),
        areas: areas_of(record),
        counts: Counts::of(&findings),
        findings,
        waivers: gatherer.waivers(),
        conditions: gatherer.conditions(),
    }
}

fn audit_of(record: &Record, file: Place) -> Audit {
    let audit = &record.audit;
    Audit {
        file,
        id: audit.id.to_string(),
        title: inert(&audit.title),
        subject: inert(&audit.subject.name),
        version: audit.subject.version.as_deref().map(inert),
        commit: audit.subject.commit.as_deref().map(inert),
        auditor: audit.auditor.as_ref().map(|person| inert(&person.name)),
    }
}

fn run_of(record: &Record) -> Run {
    let run = &record.run;
    Run {
        id: inert(&run.run_id),
        started_at: run.started_at.to_string(),
        finished_at: run.finished_at.to_string(),
        started_seconds: run.started_at.seconds(),
        finished_seconds: run.finished_at.seconds(),
        platform: inert(&run.platform),
        interrupted: run.interrupted,
        claims_only: run.claims_only,
        partial: record.left_out().next().is_some(),
        untrusted: run.untrusted,
    }
}

fn verdict_of(record: &Record) -> Verdict {
    let verdict = record.judgement.verdict;
    if record.run.claims_only {
        // Whoever reads a verdict in it would read a decision that nobody took.
        let reason = "Only claims were judged: this is no score, and no decision about going live.".to_owned();
        return Verdict { id: CLAIMS_ONLY, words: stated::Counts::of(&stated::stated(record)).words(), reason };
    }
    let decided = record.judgement.chain.iter().find(|rule| rule.decided);
    let id = match (&record.audit.gate, verdict) {
        (None, judgement::Verdict::Approved) => "approved",
        (None, judgement::Verdict::ApprovedWithConditions) => "approved-with-conditions",
        (None, judgement::Verdict::Rejected) => "rejected",
        (None, judgement::Verdict::Undetermined) => "undetermined",
        (Some(_), judgement::Verdict::Approved) => "proceed",
        (Some(_), judgement::Verdict::ApprovedWithConditions | judgement::Verdict::Undetermined) => "hold",
        (Some(_), judgement::Verdict::Rejected) => "roll-back",
    };
    let mut reason = decided.map_or_else(String::new, |rule| sentences::sentence(&inert(&rule.reason)));
    if let Some(besides) = record.judgement.open_besides() {
        reason = format!("{reason} {besides}");
    }
    Verdict { id, words: record.audit.verdict_words(verdict).to_owned(), reason }
}

fn areas_of(record: &Record) -> Vec<Area> {
    let titled = record.audit.areas.iter().zip(&record.judgement.areas);
    titled
        .map(|(area, result)| Area {
            id: area.id.to_string(),
            title: inert(&area.title),
            figures: figures(
                record,
                result.score.as_ref(),
                result.score_with_waivers.as_ref(),
                result.covered().as_ref(),
            ),
        })
        .collect()
}

/// Nothing is weighed where only claims are judged: a coverage of 0 would say that nothing was looked at.
fn figures(
    record: &Record,
    score: Option<&Number>,
    with_waivers: Option<&Number>,
    covered: Option<&Number>,
) -> Figures {
    if record.run.claims_only {
        return Figures::default();
    }
    Figures {
        score: score.map(Decimal::score),
        score_with_waivers: with_waivers.map(Decimal::score),
        coverage: covered.map(Decimal::share),
    }
}

struct Gatherer<'a> {
    record: &'a Record,
    located: Located<'a>,
    observations: BTreeMap<&'a CheckId, &'a Observation>,
}

impl Gatherer<'_> {
    /// A check, then the claims about it.
    fn check(&self, check: &Check, result: &CheckResult, findings: &mut Vec<Finding>) {
        let claims_only = self.record.run.claims_only;
        // Of claims alone nothing is waived: that somebody accepts what a check found makes no claim about it right.
        let waived = self.acceptance(result).filter(|_| !claims_only);
        let outcome = outcome_of(check, result, waived.is_some());
        let declared = self.located.declared(&check.declared);
        let own = |result: &judgement::ExpectationResult| {
            result.tier == Tier::Expect && result.outcome != judgement::Outcome::Holds
        };
        let by_claims = matches!(outcome, Outcome::Failed | Outcome::Warned)
            && !result.expectations.iter().any(own)
            && result.claims.iter().any(|claim| !claim.status.is_upheld());
        // It was only measured so that something can be held against it, and what it expects decides nothing.
        let told = if claims_only { Outcome::NotApplicable } else { outcome };
        let left_out = self.observations.get(&check.id).is_some_and(|seen| seen.sight.is_left_out());
        let by_itself = claims_only && !left_out && outcome != Outcome::NotApplicable;
        findings.push(Finding {
            title: inert(&check.title),
            area: check.id.area.to_string(),
            message: sentences::check(check, result, waived.as_ref()),
            waived: waived.clone(),
            help: self.help(check, told),
            repeats: by_claims,
            elapsed_us: self.elapsed(&check.id),
            evidence: self.evidence(&check.id),
            attested: check.attested,
            ..Finding::new(
                Standing::Check(result.status),
                check.id.to_string(),
                told,
                severity_of(check.severity),
                declared.clone(),
            )
        });
        for claimed in &result.claims {
            let Some(claim) = usize::try_from(claimed.claim).ok().and_then(|at| check.claims.get(at)) else { continue };
            let mut finding = self.claim(check, claim, claimed, &declared);
            if !by_itself {
                finding.outcome = under(outcome, finding.outcome, waived.is_some());
            }
            finding.level = level_of(Kind::Claim, finding.outcome, finding.severity);
            finding.waived = waived.clone().filter(|_| finding.outcome == Outcome::Waived);
            // That nothing was measured is said once, by the check.
            finding.repeats = finding.outcome == Outcome::NotEvaluated && told == Outcome::NotEvaluated;
            findings.push(finding);
        }
    }

    fn claim(&self, check: &Check, claim: &Claim, result: &ClaimResult, declared: &Place) -> Finding {
        let mut places: Vec<Place> = match &result.table {
            Some(table) => {
                let rows = table.rows.iter().chain(&table.total).filter(|row| !row.status.is_upheld());
                rows.filter_map(|row| self.located.line(claim.at.as_deref()?, row.line)).collect()
            }
            None => claim.at.as_deref().and_then(|at| self.located.quoted(at)).into_iter().collect(),
        };
        if places.is_empty() {
            places.extend(claim.at.as_deref().and_then(|at| self.located.quoted(at)));
        }
        let row = |place| Related { place, message: "Another row of the same table.".to_owned() };
        let mut related: Vec<Related> = places.split_off(places.len().min(1)).into_iter().map(row).collect();
        let place = places.pop().unwrap_or_else(|| declared.clone());
        if place != *declared {
            related.push(checked_here(&check.title, declared.clone()));
        }
        let severity =
            if result.matters.is_some() { check.severity } else { check.severity.min(audit::Severity::Major) };
        let written = inert(&claim.shown(&self.record.places));
        let outcome = claim_outcome(result.status);
        let about = sentences::about_fact(check, claim);
        let id = names::of_claim(&check.id.to_string(), claim);
        Finding {
            title: match claim.said(&self.record.places) {
                Some(_) => sentences::claim_title(&claim.by, &written, &about),
                None => sentences::unquoted_title(claim, &about),
            },
            area: check.id.area.to_string(),
            check: Some(check.id.to_string()),
            message: sentences::claim(
                check,
                claim,
                result,
                &written,
                self.located.file(claim.at.as_deref()).as_deref(),
            ),
            actual: result.actual.as_ref().map(|value| self.shown(value)),
            claimed: Some(Claimed {
                by: inert(&claim.by),
                fact: inert(&claim.fact),
                written,
                at: claim.at.as_deref().map(inert),
                as_of: claim.as_of.map(|stamp| format::stamp(stamp, "UTC")),
            }),
            related,
            ..Finding::new(Standing::Claim(result.status), id, outcome, severity_of(severity), place)
        }
    }

    /// The claims of the list: a finding for each of their places.
    fn listed(&self, findings: &mut Vec<Finding>) {
        for result in &self.record.judgement.listed_claims {
            let claim = usize::try_from(result.claim).ok().and_then(|at| self.record.audit.claims.get(at));
            let Some(claim) = claim else { continue };
            let declared = self.located.declared(&claim.declared);
            let everywhere = self.everywhere(result);
            for (at, place) in result.places.iter().enumerate() {
                let written = self.located.written(&place.at).unwrap_or_default();
                let outcome = claim_outcome(place.status);
                let quoted = self.located.quoted(&place.at);
                let mut related = elsewhere(&everywhere, at);
                let file = self.located.file(Some(&place.at));
                if quoted.is_some() {
                    related.push(checked_here(&claim.title, declared.clone()));
                }
                let by = claim.by.as_deref().map(inert);
                // A place of several has its own name, which stays when another one goes.
                let named = if result.places.len() > 1 { format!("@{}", inert(&place.at)) } else { String::new() };
                let id = format!("claims/{}{named}", claim.id);
                let stands = quoted.unwrap_or_else(|| declared.clone());
                findings.push(Finding {
                    title: inert(&claim.title),
                    area: "claims".to_owned(),
                    message: sentences::listed(claim, place, &written, file.as_deref()),
                    actual: result.actual.as_ref().map(|value| self.shown(value)),
                    claimed: Some(Claimed {
                        by: by.unwrap_or_else(|| inert(file.as_deref().unwrap_or_default())),
                        fact: sentences::about(claim),
                        written,
                        at: Some(inert(&place.at)),
                        as_of: claim.as_of.map(|stamp| format::stamp(stamp, "UTC")),
                    }),
                    related,
                    ..Finding::new(Standing::Claim(place.status), id, outcome, Severity::Major, stands)
                });
            }
        }
    }

    /// The places of a claim that were found, numbered as they are listed: they have to agree.
    fn everywhere(&self, result: &ListedResult) -> Vec<(usize, Related)> {
        let related = |at: &str| {
            let written = sentences::quoted(&self.located.written(at)?);
            Some(Related { place: self.located.quoted(at)?, message: format!("The same is claimed here: {written}.") })
        };
        let numbered = result.places.iter().enumerate();
        numbered.filter_map(|(at, place)| Some((at, related(&place.at)?))).collect()
    }

    fn score_claims(&self, findings: &mut Vec<Finding>) {
        // Of the checks of an area the first one stays.
        let checks = self.record.audit.checks.iter().rev();
        let first: BTreeMap<&Id, &Check> = checks.map(|check| (&check.id.area, check)).collect();
        for (area, claim, result, score) in self.record.score_claims() {
            let written = inert(&claim.shown(&self.record.places));
            let outcome = claim_outcome(result.status);
            let file = self.located.file(claim.at.as_deref());
            let about = format!("the score of {}", area.title);
            let quoted = claim.at.as_deref().and_then(|at| self.located.quoted(at));
            let place = quoted.unwrap_or_else(|| {
                first
                    .get(&area.id)
                    .map_or_else(|| self.located.audit_file(), |check| self.located.declared(&check.declared))
            });
            findings.push(Finding {
                title: match claim.said(&self.record.places) {
                    Some(_) => sentences::claim_title(&claim.by, &written, &about),
                    None => sentences::unquoted_title(claim, &inert(&about)),
                },
                area: area.id.to_string(),
                message: sentences::score_claim(&area.title, claim, result, &written, file.as_deref()),
                actual: score.map(format::score),
                claimed: Some(Claimed {
                    by: inert(&claim.by),
                    fact: "score".to_owned(),
                    written,
                    at: claim.at.as_deref().map(inert),
                    as_of: claim.as_of.map(|stamp| format::stamp(stamp, "UTC")),
                }),
                ..Finding::new(
                    Standing::Claim(result.status),
                    names::of_claim(area.id.as_str(), claim),
                    outcome,
                    Severity::Major,
                    place,
                )
            });
        }
    }

    /// The rules that are not about single checks: without them a run could be rejected and nothing here say why.
    fn rules(&self, findings: &mut Vec<Finding>) {
        for rule in &self.record.judgement.chain {
            let (name, title) = match rule.rule {
                // Said by the check itself, unless that was waived, left out or waits for somebody's word.
                Rule::BlockerUnknown if rule.fired && !says_so(findings, &rule.because) => {
                    ("blockers", "Blockers that could be decided")
                }
                // Said by the claims themselves, where there are any.
                Rule::ClaimUnknown if rule.fired && rule.because.is_empty() => {
                    ("claims", "Claims that could be judged")
                }
                Rule::Partial => ("partial", "The whole audit in one record"),
                Rule::CoverageLow => ("coverage", "Coverage of the audit"),
                Rule::ScoreBelowFloor => ("scores", "Scores and their floors"),
                Rule::ConditionOverdue => ("conditions", "Conditions and their dates"),
                _ => continue,
            };
            let outcome = match (rule.fired, rule.rule) {
                (false, _) => Outcome::Passed,
                (true, Rule::CoverageLow | Rule::Partial | Rule::BlockerUnknown | Rule::ClaimUnknown) => {
                    Outcome::NotEvaluated
                }
                (true, _) => Outcome::Failed,
            };
            findings.push(Finding {
                title: title.to_owned(),
                area: "verdict".to_owned(),
                message: sentences::sentence(&inert(&rule.reason)),
                ..Finding::new(
                    Standing::Rule { fired: rule.fired },
                    format!("verdict/{name}"),
                    outcome,
                    Severity::Blocker,
                    self.located.audit_file(),
                )
            });
        }
    }

    fn waivers(&self) -> Vec<Waiver> {
        let states = self.record.audit.waivers.iter().zip(&self.record.judgement.waivers);
        states
            .map(|(waiver, state)| Waiver {
                check: waiver.check.to_string(),
                by: inert(&waiver.by),
                reason: inert(&waiver.reason),
                state: match state.progress {
                    WaiverProgress::InUse => "in-use",
                    WaiverProgress::Unused => "unused",
                    WaiverProgress::Expired => "expired",
                    WaiverProgress::NotYetValid => "not-yet-valid",
                },
                until: waiver.until.end().to_string(),
                until_words: format::stamp(waiver.until, &self.record.audit.timezone),
                until_seconds: waiver.until.end().seconds(),
            })
            .collect()
    }

    fn conditions(&self) -> Vec<Condition> {
        let state = |progress| match progress {
            ConditionProgress::Open => Some("open"),
            ConditionProgress::Overdue => Some("overdue"),
            ConditionProgress::Closed => None,
        };
        let open = self.record.judgement.conditions.iter().filter_map(|condition| {
            Some(Condition {
                id: inert(&condition.id),
                level: match condition.level {
                    audit::Level::Must => "must",
                    audit::Level::Should => "should",
                    audit::Level::Could => "could",
                },
                state: state(condition.progress)?,
                text: self.prose(&condition.text),
                owner: condition.owner.as_deref().map(inert),
                due: condition.due.map(|due| format::stamp(due, &self.record.audit.timezone)),
                reason: sentences::sentence(&inert(&condition.reason)),
            })
        });
        open.collect()
    }

    fn acceptance(&self, result: &CheckResult) -> Option<Acceptance> {
        let waiver = self.record.audit.waivers.get(usize::try_from(result.waived_by?).ok()?)?;
        let until = format::stamp(waiver.until, &self.record.audit.timezone);
        Some(Acceptance { by: inert(&waiver.by), reason: inert(&waiver.reason), until })
    }

    fn help(&self, check: &Check, outcome: Outcome) -> Option<String> {
        let asks = !matches!(outcome, Outcome::Passed | Outcome::Skipped | Outcome::NotApplicable);
        check.remediation.as_deref().filter(|_| asks).map(|text| self.prose(text))
    }

    fn prose(&self, text: &str) -> String {
        inert(&report::plain(&prose::fill(text, self.record)))
    }

    fn shown(&self, value: &Value) -> String {
        inert(&format::value_long(value, &self.record.audit.timezone))
    }

    fn exchanges(&self, check: &CheckId) -> impl Iterator<Item = &Exchange> {
        self.observations.get(check).into_iter().flat_map(|observation| &observation.exchanges)
    }

    fn evidence(&self, check: &CheckId) -> Vec<Evidence> {
        let captured = self.exchanges(check).flat_map(|exchange| {
            let evidence = |blob: &Blob| Evidence {
                file: inert(&format!("evidence/{}", blob.file)),
                sha256: inert(&blob.sha256),
                bytes: blob.kept,
                asked: inert(&repeat_exchange(exchange)),
                at: exchange.asked_at.to_string(),
            };
            exchange.answer.blobs().into_iter().map(evidence)
        });
        captured.collect()
    }

    fn elapsed(&self, check: &CheckId) -> u64 {
        self.exchanges(check).fold(0, |sum, exchange| sum.saturating_add(exchange.elapsed_us))
    }
}

/// Is one of these checks among what could not be evaluated?
fn says_so(findings: &[Finding], checks: &[String]) -> bool {
    let unevaluated = findings.iter().filter(|finding| finding.outcome == Outcome::NotEvaluated);
    unevaluated.filter(|finding| finding.kind == Kind::Check).any(|finding| checks.contains(&finding.id))
}

/// The places of a claim but one, or as many of them as are shown: each finding of a claim with thousands of places would
/// list all the others.
fn elsewhere(everywhere: &[(usize, Related)], but: usize) -> Vec<Related> {
    let others = everywhere.iter().filter(|(at, _)| *at != but).map(|(_, related)| related.clone());
    let mut related: Vec<Related> = others.take(MOST_RELATED).collect();
    let itself = usize::from(everywhere.binary_search_by_key(&but, |(at, _)| *at).is_ok());
    let more = everywhere.len() - itself - related.len();
    if let Some(last) = related.last_mut().filter(|_| more > 0) {
        let places = if more == 1 { "place" } else { "places" };
        last.message.push_str(&format!(" It is claimed at {more} more {places}."));
    }
    related
}

fn checked_here(title: &str, place: Place) -> Related {
    Related { place, message: format!("{} is checked here.", sentences::quoted(&inert(title))) }
}
