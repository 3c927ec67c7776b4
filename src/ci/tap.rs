//! TAP 14, the Test Anything Protocol: a plan, a line for each finding, and YAML below those that ask for a look.
//!
//! A directive makes a harness look away, so captured text must not become one: `#` and `\` are escaped in every
//! description, and what really fails is never a TODO.

use super::Unwritable;
use super::results::{Finding, Outcome, Results};

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let mut text = format!("TAP version 14\n1..{}\n", results.findings.len());
    for caveat in results.caveats() {
        text.push_str(&format!("# {caveat}\n"));
    }
    for (number, finding) in (1_usize..).zip(&results.findings) {
        point(&mut text, number, finding)?;
    }
    text.push_str(&format!("# {}: {}\n", results.verdict.words, results.verdict.reason));
    Ok(text)
}

fn point(text: &mut String, number: usize, finding: &Finding) -> Result<(), Unwritable> {
    let (ok, directive) = match finding.outcome {
        // Nothing is asked of it, so it cannot be told to hold.
        Outcome::Passed if finding.only_shows() => (true, Some("SKIP")),
        Outcome::Passed | Outcome::Warned => (true, None),
        Outcome::Failed | Outcome::NotEvaluated => (false, None),
        Outcome::Waived | Outcome::Skipped | Outcome::NotApplicable => (true, Some("SKIP")),
        Outcome::Pending => (false, Some("TODO")),
    };
    let ok = if ok { "ok" } else { "not ok" };
    let description = escaped(&format!("{} {}", finding.id, finding.title));
    let directive =
        directive.map_or_else(String::new, |word| format!(" # {word} {}", escaped(&directive_reason(finding))));
    text.push_str(&format!("{ok} {number} - {description}{directive}\n"));
    if matches!(finding.outcome, Outcome::Failed | Outcome::NotEvaluated | Outcome::Warned | Outcome::Pending) {
        diagnostics(text, finding)?;
    }
    Ok(())
}

fn directive_reason(finding: &Finding) -> String {
    match &finding.waived {
        Some(waived) => format!("waived by {} until {}: {}", waived.by, waived.until, waived.reason),
        None => finding.message.clone(),
    }
}

/// A JSON string is a YAML string, whatever stands in it.
fn diagnostics(text: &mut String, finding: &Finding) -> Result<(), Unwritable> {
    let severity = match finding.outcome {
        Outcome::NotEvaluated => "error",
        Outcome::Failed => "fail",
        _ => "comment",
    };
    let place = finding.place.to_string();
    let claimed = finding.claimed.as_ref().map(|claimed| claimed.written.as_str());
    let rows = [
        ("message", Some(finding.message.as_str())),
        ("severity", Some(severity)),
        ("claimed", claimed),
        ("actual", finding.actual.as_deref()),
        ("at", Some(place.as_str())),
        ("help", finding.help.as_deref()),
    ];
    text.push_str("  ---\n");
    for (key, value) in rows.iter().filter_map(|(key, value)| Some((key, (*value)?))) {
        let value = serde_json::to_string(value).map_err(|error| Unwritable::because(&error))?;
        text.push_str(&format!("  {key}: {value}\n"));
    }
    text.push_str("  ...\n");
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}
