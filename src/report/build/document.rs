//! The document as a whole: header, figures, table of contents, how to verify it.

use super::{
    Source, areas, bars, brief, chain, claimed, evidence, filter, ledger, outcome, places, rollout, scores, signoff,
    since, summary, todo, trend,
};
use crate::model::format;
use crate::model::record::Baseline;
use crate::report::notices;
use crate::report::view::brief::Brief;
use crate::report::view::chart::Charts;
use crate::report::view::filter::Filter;
use crate::report::view::{Command, Embedded, Entry, Field, Front, SCHEMA, Verify, View};

pub(super) fn view(source: &Source<'_>, record_sha256: &str, embeds: bool) -> View {
    let audit = source.audit();
    let claims_only = source.record.run.claims_only;
    let mut view = View {
        schema: SCHEMA.to_owned(),
        generator: format!("countersign {}", source.record.run.tool_version),
        front: front(source),
        claims_only,
        title: audit.title.clone(),
        header: header(source, record_sha256),
        provenance: source.some_prose(audit.provenance.as_ref()),
        notices: notices::notices(source.record),
        verdict: outcome::verdict(source),
        figures: bars::of_all(&source.judgement().overall),
        since: since::since(source).filter(|_| !claims_only),
        trend: trend::trend(source),
        charts: Charts {
            areas: if claims_only { Vec::new() } else { scores::charts(source) },
            claims: claimed::chart(source),
            chain: chain::chain(source).filter(|_| !claims_only),
        },
        filter: Filter::default(),
        counts: summary::counts(source),
        summary: source.some_prose(audit.summary.as_ref()),
        strengths: summary::strengths(source),
        weaknesses: summary::Against::of(source).begun(),
        contents: Vec::new(),
        areas: areas::areas(source),
        ledger: ledger::ledger(source),
        questions: todo::questions(source),
        decisions: todo::decisions(source),
        risks: todo::risks(source),
        rollout: rollout::rollout(source).filter(|_| !claims_only),
        recommendation: outcome::recommendation(source),
        signoff: signoff::signoff(source),
        next_steps: todo::steps(source),
        checklist: todo::checklist(source),
        documents: places::documents(source),
        evidence: evidence::trails(source),
        commands: audit
            .commands
            .iter()
            .map(|command| Command { title: command.title.clone(), run: command.run.trim_end().to_owned() })
            .collect(),
        verify: verify(source, record_sha256, embeds),
        closing: source.some_prose(audit.closing.as_ref()),
        embedded: Embedded::default(),
        brief: Brief::default(),
    };
    if claims_only {
        leave_claims(&mut view);
    }
    view.filter = filter::filter(&view.areas);
    view.contents = contents(&view, source.counts.all());
    view.brief = brief::brief(source, &view);
    view
}

/// Takes out what hangs on a score or on a decision about going live.
fn leave_claims(view: &mut View) {
    (view.front.score, view.summary, view.closing) = (None, None, None);
    // Nobody has to sign claims, and whoever did is shown.
    view.signoff = view.signoff.take().filter(|signoff| !signoff.signed.is_empty());
    (view.counts, view.strengths, view.weaknesses) = (Vec::new(), Vec::new(), Vec::new());
    (view.questions, view.decisions, view.risks) = (Vec::new(), Vec::new(), Vec::new());
    (view.next_steps, view.checklist, view.commands) = (Vec::new(), Vec::new(), Vec::new());
    let outcome = &mut view.recommendation;
    (outcome.breakdown, outcome.conditions, outcome.waivers) = (Vec::new(), Vec::new(), Vec::new());
    outcome.what_if = None;
    for area in &mut view.areas {
        (area.assessment, area.confidence) = (None, None);
        (area.rationale, area.concerns) = (Vec::new(), Vec::new());
    }
}

fn front(source: &Source<'_>) -> Front {
    let judgement = source.judgement();
    let finished = source.record.run.finished_at.to_string();
    Front {
        title: source.audit().title.clone(),
        category: "Reports".to_owned(),
        verdict: outcome::verdict(source).mark.word.into_owned(),
        score: judgement.overall.score.as_ref().map(format::score),
        date: finished.split('T').next().unwrap_or_default().to_owned(),
    }
}

fn header(source: &Source<'_>, record_sha256: &str) -> Vec<Field> {
    let (audit, run) = (source.audit(), &source.record.run);
    let mut fields = Vec::new();
    let mut add = |label: &str, value: Option<String>, code| {
        if let Some(value) = value {
            fields.push(Field { label: label.to_owned(), value, code });
        }
    };
    let version = audit.subject.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    add("Subject", Some(format!("{}{version}", audit.subject.name)), false);
    add("Commit", audit.subject.commit.clone(), true);
    add("Date", Some(source.when(run.finished_at)), false);
    let auditor = audit.auditor.as_ref().map(|person| match &person.role {
        Some(role) => format!("{} ({role})", person.name),
        None => person.name.clone(),
    });
    add("Auditor", auditor, false);
    if !run.claims_only {
        add("Go-live", audit.go_live.map(|stamp| source.stamp(stamp)), false);
        add("Deployment window", window(source), false);
    }
    add("Baseline", source.record.baseline.as_ref().map(|baseline| self::baseline(source, baseline)), false);
    add("Run", Some(run.run_id.clone()), true);
    add("Record", Some(format!("sha256:{record_sha256}")), true);
    fields
}

/// The run that relative conditions were held against.
fn baseline(source: &Source<'_>, baseline: &Baseline) -> String {
    let digest: String = baseline.sha256.chars().take(12).collect();
    format!("run {} of {}, record sha256:{digest}…", baseline.run_id, source.when(baseline.finished_at))
}

fn window(source: &Source<'_>) -> Option<String> {
    let (first, last) = source.audit().window?;
    // From the first second to the last one that is meant, which of a plain date is that of its day.
    let days = (last.end().seconds_since(first.at) + 1) / 86_400;
    let length = u64::try_from(days).ok().filter(|days| *days > 0).map(|days| format::plural(days, "day", "days"));
    let length = length.map(|length| format!(" ({length})")).unwrap_or_default();
    Some(format!("{} to {}{length}", source.stamp(first), source.stamp(last)))
}

/// The headings of the document in their order; a section that is empty has none.
fn contents(view: &View, claims: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut add = |present: bool, anchor: &str, title: &str, figure: Option<&String>| {
        if present {
            entries.push(Entry { anchor: anchor.to_owned(), title: title.to_owned(), figure: figure.cloned() });
        }
    };
    let scored = !view.claims_only;
    add(true, "summary", if scored { "Executive summary" } else { "Result" }, None);
    let runs = view.trend.as_ref().map(|trend| trend.runs.len().to_string());
    add(runs.is_some(), "trend", "Trend", runs.as_ref());
    let claims = Some(claims.to_string());
    add(view.ledger.is_some() && !scored, "claims", "Claims", claims.as_ref());
    for area in &view.areas {
        add(true, &area.anchor, &area.title, Some(&area.figures.score).filter(|_| scored));
    }
    add(view.ledger.is_some() && scored, "claims", "Claims", claims.as_ref());
    add(!view.questions.is_empty(), "questions", "Questions", None);
    add(!view.decisions.is_empty(), "decisions", "Decisions", None);
    add(!view.risks.is_empty(), "risks", "Risks", Some(&view.risks.len().to_string()));
    let stages = view.rollout.as_ref().map(|rollout| rollout.stages.len().to_string());
    add(view.rollout.is_some(), "rollout", "Rollout", stages.as_ref());
    add(scored, "recommendation", "Final recommendation", Some(&view.figures.score));
    add(view.signoff.is_some(), "signoff", "Sign-off", None);
    add(!view.next_steps.is_empty(), "next-steps", "Next steps", None);
    add(!view.checklist.is_empty(), "checklist", "Pre-go-live checklist", None);
    add(!view.evidence.is_empty() || !view.documents.is_empty(), "appendix-a", "Appendix A: evidence", None);
    add(!view.risks.is_empty(), "appendix-b", "Appendix B: risk matrix", None);
    add(!view.commands.is_empty(), "appendix-c", "Appendix C: commands", None);
    add(true, "verify", "How to verify this document", None);
    add(view.closing.is_some(), "closing", "A note to the reader", None);
    entries
}

fn verify(source: &Source<'_>, record_sha256: &str, embedded: bool) -> Verify {
    let mut lines = vec!["# the record: must print the digest above".to_owned(), "sha256sum record.json".to_owned()];
    // Without any there is no folder to go to.
    if source.record.exchanges().any(|exchange| !exchange.answer.blobs().is_empty()) {
        lines.extend([
            "# the evidence: each name begins with the digest of the file; prints what has changed".to_owned(),
            "(cd evidence && sha256sum -- * | awk 'index($1, substr($2, 1, 16)) != 1 {print $2 \" has changed\"}')"
                .to_owned(),
        ]);
    }
    if embedded {
        lines.push("# the record inside report.html: must print the same digest".to_owned());
        lines.push(
            r#"sed -n 's/.*id="countersign-record">"\([A-Za-z0-9+\/=]*\)".*/\1/p' report.html | base64 -d | sha256sum"#
                .to_owned(),
        );
    }
    Verify {
        record: record_sha256.to_owned(),
        policy: source.record.policy_sha256.clone(),
        previous: source.record.previous.clone(),
        replayed_from: source.record.replayed_from.clone(),
        run: lines.join("\n"),
        signoffs: signoff::verify(source),
    }
}
