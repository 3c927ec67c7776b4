//! CTRF, the Common Test Report Format. The schema forbids properties of our own but in `extra`.

use serde::Serialize;

use super::results::{Claimed, Decimal, Finding, Outcome, Results};
use super::{Unwritable, pretty};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    report_format: &'static str,
    spec_version: &'static str,
    run_id: &'a str,
    timestamp: &'a str,
    generated_by: String,
    results: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    tool: Tool<'a>,
    summary: Summary<'a>,
    tests: Vec<Test<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Default, Serialize)]
struct Counted {
    tests: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    pending: usize,
    other: usize,
}

#[derive(Serialize)]
struct Summary<'a> {
    #[serde(flatten)]
    counted: Counted,
    start: i64,
    stop: i64,
    extra: SummaryExtra<'a>,
}

#[derive(Serialize)]
struct SummaryExtra<'a> {
    audit: &'a str,
    verdict: &'static str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<&'a Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<&'a Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notices: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Test<'a> {
    test_id: &'a str,
    name: String,
    status: &'static str,
    raw_status: &'a str,
    /// Milliseconds.
    duration: u64,
    suite: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    line: u32,
    file_path: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    extra: TestExtra<'a>,
}

#[derive(Serialize)]
struct TestExtra<'a> {
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<&'a Claimed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<&'a str>,
}

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let mut counted = Counted { tests: results.findings.len(), ..Counted::default() };
    let tests: Vec<Test<'_>> = results.findings.iter().map(|finding| test(finding, &mut counted)).collect();
    let summary = Summary {
        counted,
        start: results.run.started_seconds.saturating_mul(1000),
        stop: results.run.finished_seconds.saturating_mul(1000),
        extra: SummaryExtra {
            audit: &results.audit.title,
            verdict: results.verdict.id,
            reason: &results.verdict.reason,
            score: results.overall.score.as_ref(),
            coverage: results.overall.coverage.as_ref(),
            provenance: results.provenance.as_deref(),
            notices: &results.notices,
        },
    };
    pretty(&Report {
        report_format: "CTRF",
        spec_version: "0.0.0",
        run_id: &results.run.id,
        timestamp: &results.run.finished_at,
        generated_by: format!("countersign {}", results.tool.version),
        results: Body { tool: Tool { name: results.tool.name, version: &results.tool.version }, summary, tests },
    })
}

fn test<'a>(finding: &'a Finding, counted: &mut Counted) -> Test<'a> {
    let (status, counter) = match finding.outcome {
        Outcome::Passed | Outcome::Warned => ("passed", &mut counted.passed),
        Outcome::Failed => ("failed", &mut counted.failed),
        Outcome::NotEvaluated => ("other", &mut counted.other),
        Outcome::Pending => ("pending", &mut counted.pending),
        Outcome::Waived | Outcome::Skipped | Outcome::NotApplicable => ("skipped", &mut counted.skipped),
    };
    *counter += 1;
    Test {
        test_id: &finding.id,
        name: format!("{}: {}", finding.id, finding.title),
        status,
        raw_status: &finding.status,
        duration: finding.elapsed_us.div_ceil(1000),
        suite: [&finding.area],
        message: (finding.outcome != Outcome::Passed).then_some(finding.message.as_str()),
        line: finding.place.line,
        file_path: &finding.place.path,
        kind: finding.kind.word(),
        extra: TestExtra {
            severity: finding.severity.word(),
            claimed: finding.claimed.as_ref(),
            actual: finding.actual.as_deref(),
        },
    }
}
