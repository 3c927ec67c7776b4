//! The runs for a page: a table for each audit. Captured text is escaped and renders as the characters it is.

use std::fmt::Write;

use super::Found;
use crate::model::captured::markdown as escaped;
use crate::model::format;

/// All audits, newest run first.
pub(super) fn markdown(found: &Found) -> String {
    let mut text = String::from("# Audits\n");
    for audit in &found.audits {
        let _ = writeln!(text, "\n## {}\n", escaped(&audit.title));
        text.push_str("| Run | Version | Verdict | Score | Change | Coverage | Claims upheld | Signed | Record |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        for run in &audit.runs {
            let signed = run.signed.map(|signed| signed.words());
            let dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
            let _ = writeln!(
                text,
                "| {} | {} | {} {}{} | {} | {} | {} | {} | {} | `{}` |",
                format::instant(run.earlier.finished_at, "UTC"),
                dash(run.earlier.version.as_deref().map(escaped)),
                run.verdict.symbol,
                escaped(&run.verdict.word),
                if run.part { ", a part" } else { "" },
                dash(run.score().map(format::score)),
                dash(run.change()),
                dash(run.coverage().map(format::percent)),
                dash(run.claims().of_all()),
                dash(signed),
                run.digest()
            );
        }
        if !audit.claimants.is_empty() {
            text.push('\n');
        }
        for claimant in &audit.claimants {
            let _ = writeln!(text, "- {}: {}", escaped(&claimant.by), claimant.tally.over_runs());
        }
    }
    text
}
