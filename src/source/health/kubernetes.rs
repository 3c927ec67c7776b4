//! The text of Kubernetes' `/livez`, `/readyz` and `/healthz`, with `?verbose` and without.
//! Source of the shape: <https://kubernetes.io/docs/reference/using-api/health-checks/>.

use super::{Health, Part, Said, line, shown, well};
use crate::model::fact::Unmeasurable;
use crate::witness::HttpAnswer;

/// Reads `[+]ping ok`, `[-]etcd failed: reason withheld`, and the last line, `readyz check failed`.
pub fn kubernetes(answer: &HttpAnswer, server: &str) -> Result<Health, Unmeasurable> {
    let text = String::from_utf8_lossy(&answer.body);
    let mut parts = Vec::new();
    let mut ending = None;
    for written in text.lines().map(str::trim_end) {
        if let Some(part) = part(written) {
            parts.push(part);
        } else if let Some((name, said)) = last_line(written) {
            ending = Some((format!("{name} check {}", if said == Said::Well { "passed" } else { "failed" }), said));
        }
    }
    let failing = parts.iter().any(|part| part.said == Said::Unwell);
    let (said, detail) = match ending {
        _ if parts.is_empty() && text.trim() == "ok" && well(answer) => (Said::Well, "ok".to_owned()),
        Some((detail, _)) if failing || !well(answer) => (Said::Unwell, format!("{}, {detail}", answer.status)),
        Some((detail, said)) => (said, detail),
        None if failing || answer.status >= 500 => (Said::Unwell, shown(answer)),
        None if !parts.is_empty() => {
            (Said::Silent, format!("{}, and it breaks off before its last line", answer.status))
        }
        None => {
            return Err(Unmeasurable::new(
                format!("{server} answered {} with no health check of Kubernetes", shown(answer)),
                "Look whether the address ends in /livez, /readyz or /healthz, with or without ?verbose.",
            ));
        }
    };
    Ok(Health { said, detail, parts })
}

fn part(written: &str) -> Option<Part> {
    let (failed, rest) = match (written.strip_prefix("[+]"), written.strip_prefix("[-]")) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => return None,
    };
    let (name, state) = rest.split_once(' ').unwrap_or((rest, ""));
    let said = match state {
        _ if failed => Said::Unwell,
        "ok" => Said::Well,
        // `excluded: ok`: nobody looked.
        _ => Said::Silent,
    };
    Some(Part { name: line(name), said, detail: line(state) })
}

fn last_line(written: &str) -> Option<(&str, Said)> {
    let (name, state) = written.split_once(" check ")?;
    let said = match state {
        "passed" => Said::Well,
        "failed" => Said::Unwell,
        _ => return None,
    };
    name.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some((name, said))
}
