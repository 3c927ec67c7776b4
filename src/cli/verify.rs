//! `countersign verify`: is a bundle as it was written?

use std::fmt::Write;

use super::arguments::{Verify, VerifyFormat};
use super::run;
use super::terminal::{BAD, DIM, GOOD, STRONG, visible};
use super::{Exit, Failure, terminal};
use crate::audit::verify::{self, Verified};
use crate::model::format;
use crate::record::Bundle;

/// Checks a bundle.
pub(crate) fn verify(arguments: &Verify) -> Result<Exit, Failure> {
    let templates = run::templates(arguments.template.as_deref())?;
    let verified = verify::verify(Bundle::open(&arguments.bundle), &templates)
        .map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
    let text = match arguments.format {
        VerifyFormat::Human => screen(&verified),
        VerifyFormat::Json => {
            let json = serde_json::to_string_pretty(&verified);
            let json = json.map_err(|error| {
                Failure::new(format!("could not write JSON: {error}"), "this is a bug in countersign: please report it")
            })?;
            format!("{json}\n")
        }
    };
    terminal::data(&text)?;
    Ok(if verified.intact { Exit::Clean } else { Exit::NotIntact })
}

fn screen(verified: &Verified) -> String {
    let mut text = String::from("\n");
    if let Some(record) = &verified.record {
        let judged = format::instant(record.finished_at, "UTC");
        let _ = writeln!(text, "  {} judged {judged}: {}", record.audit, record.verdict.words());
        let _ = writeln!(text, "  {DIM}record sha256 {}{DIM:#}\n", record.sha256);
    }
    for step in &verified.steps {
        let (style, symbol) = if step.passed { (GOOD, "✓") } else { (BAD, "✗") };
        let said = if step.passed { step.text.as_str() } else { "not as recorded" };
        let _ = writeln!(text, "  {style}{symbol}{style:#} {:<10} {}", step.name, visible(said));
    }
    text.push('\n');
    for finding in &verified.findings {
        let _ = writeln!(text, "  {BAD}{}{BAD:#} {STRONG}{}{STRONG:#}", finding.code.name(), visible(&finding.file));
        let _ = writeln!(text, "    {}", visible(&finding.text));
    }
    let version = verified.record.as_ref().map(|record| record.tool_version.as_str());
    if let Some(version) = version.filter(|version| *version != env!("CARGO_PKG_VERSION") && !verified.intact) {
        let _ = writeln!(text, "  {DIM}version {} wrote it; verify with that version{DIM:#}", visible(version));
    }
    if verified.intact {
        let _ = writeln!(text, "  {GOOD}intact{GOOD:#}");
    } else {
        let count = format::plural(verified.findings.len() as u64, "thing is", "things are");
        let _ = writeln!(text, "\n  {BAD}not intact{BAD:#}: {count} not as recorded");
    }
    text
}
