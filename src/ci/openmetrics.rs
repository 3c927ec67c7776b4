//! OpenMetrics text that Prometheus' own parser reads too, so that node_exporter's textfile collector takes it: gauges
//! only, no timestamps, `# EOF` at the end. Every sample names its audit, because several audits may write into one
//! directory.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Unwritable;
use super::results::{Decimal, Figures, Finding, Kind, Outcome, Results};

const VERDICT: &str = "countersign_verdict";

/// A gauge with its samples: labels besides the audit, and a value.
struct Gauge<'a> {
    name: &'static str,
    help: &'static str,
    samples: Vec<(Vec<(&'static str, &'a str)>, String)>,
}

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let mut text = String::new();
    // Where only claims were judged there is no verdict, as there are no scores, and none takes the place of the last one.
    let decides = !results.run.claims_only;
    let wanted = |gauge: &&Gauge<'_>| !gauge.samples.is_empty() && (decides || gauge.name != VERDICT);
    for gauge in gauges(results).iter().filter(wanted) {
        let _ = writeln!(text, "# HELP {} {}\n# TYPE {} gauge", gauge.name, gauge.help, gauge.name);
        for (labels, value) in &gauge.samples {
            let _ = write!(text, "{}{{audit=\"{}\"", gauge.name, escaped(&results.audit.id));
            for (name, value) in labels {
                let _ = write!(text, ",{name}=\"{}\"", escaped(value));
            }
            let _ = writeln!(text, "}} {value}");
        }
    }
    text.push_str("# EOF\n");
    Ok(text)
}

fn gauges(results: &Results) -> Vec<Gauge<'_>> {
    let of_gates = ["proceed", "hold", "roll-back"];
    let verdicts: &[&str] = if of_gates.contains(&results.verdict.id) {
        &of_gates
    } else {
        &["approved", "approved-with-conditions", "rejected", "undetermined"]
    };
    let one = |value: String| vec![(Vec::new(), value)];
    let by_area = |pick: fn(&Figures) -> Option<String>| {
        let areas = results.areas.iter();
        areas.filter_map(|area| Some((vec![("area", area.id.as_str())], pick(&area.figures)?))).collect()
    };
    let overall = &results.overall;
    // Two waivers of one check would be one sample twice; the later end is the one that counts.
    let mut ends: BTreeMap<&str, i64> = BTreeMap::new();
    for waiver in &results.waivers {
        let end = ends.entry(&waiver.check).or_insert(waiver.until_seconds);
        *end = waiver.until_seconds.max(*end);
    }
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &results.findings {
        *counted.entry(finding.outcome.id()).or_default() += 1;
    }
    let gauge = |name, help, samples| Gauge { name, help, samples };
    vec![
        gauge(
            VERDICT,
            "Whether this is the verdict of the last audit.",
            verdicts.iter().map(|name| (vec![("verdict", *name)], flag(*name == results.verdict.id))).collect(),
        ),
        gauge(
            "countersign_score_ratio",
            "Score of the whole: 1 is 10 points.",
            overall.score.as_ref().map_or_else(Vec::new, |score| one(score.tenth())),
        ),
        gauge(
            "countersign_coverage_ratio",
            "Share of the declared weight that was measured or attested.",
            overall.coverage.as_ref().map_or_else(Vec::new, |coverage| one(coverage.text().to_owned())),
        ),
        gauge(
            "countersign_area_score_ratio",
            "Score of an area: 1 is 10 points.",
            by_area(|figures| figures.score.as_ref().map(Decimal::tenth)),
        ),
        gauge(
            "countersign_area_coverage_ratio",
            "Share of an area's weight that was measured or attested.",
            by_area(|figures| figures.coverage.as_ref().map(|coverage| coverage.text().to_owned())),
        ),
        gauge(
            "countersign_check_result",
            "Whether a check holds: 0.5 where only its softer limit does, 0 also for what could not be evaluated. Checks that were \
             skipped or expect nothing are left out.",
            samples(results, Kind::Check, "check"),
        ),
        gauge(
            "countersign_claim_result",
            "Whether a claim is upheld; 0 also for what could not be verified.",
            samples(results, Kind::Claim, "claim"),
        ),
        gauge(
            "countersign_findings",
            "How many checks, claims and rules of the verdict have which outcome.",
            Outcome::ALL
                .map(|outcome| {
                    let number = counted.get(outcome.id()).copied().unwrap_or_default();
                    (vec![("outcome", outcome.id())], number.to_string())
                })
                .into(),
        ),
        gauge(
            "countersign_run_timestamp_seconds",
            "When the last measurement of the audit ended.",
            one(results.run.finished_seconds.to_string()),
        ),
        gauge(
            "countersign_waiver_expiry_timestamp_seconds",
            "When a waiver ends.",
            ends.into_iter().map(|(check, end)| (vec![("waiver", check)], end.to_string())).collect(),
        ),
    ]
}

fn samples<'a>(results: &'a Results, kind: Kind, label: &'static str) -> Vec<(Vec<(&'static str, &'a str)>, String)> {
    let wanted = |finding: &&Finding| {
        let asked = !matches!(finding.outcome, Outcome::Skipped | Outcome::NotApplicable) && !finding.only_shows();
        finding.kind == kind && asked
    };
    let sample = |finding: &'a Finding| {
        let holds = match finding.outcome {
            Outcome::Warned => "0.5".to_owned(),
            outcome => flag(outcome == Outcome::Passed),
        };
        (vec![(label, finding.id.as_str()), ("severity", finding.severity.word())], holds)
    };
    results.findings.iter().filter(wanted).map(sample).collect()
}

fn flag(yes: bool) -> String {
    u8::from(yes).to_string()
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
