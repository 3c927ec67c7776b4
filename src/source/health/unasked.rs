//! What an answer says of itself where nobody asked for more than its status: a server may answer 200 and say that it is
//! down.

use super::{Health, Said, ietf, kubernetes, line, spring};
use crate::model::fact::Unmeasurable;
use crate::source::output::printable;
use crate::witness::HttpAnswer;

/// A longer body is no answer of a health check.
const MOST: usize = 256 * 1024;

type Reader = fn(&HttpAnswer, &str) -> Result<Health, Unmeasurable>;

/// What `reads:` calls the answers that can say it, each with its reader. Grafana says it by its status, too.
const READERS: [(&str, Reader); 4] =
    [("spring", spring), ("health-json", ietf), ("etcd", super::etcd), ("kubernetes", kubernetes)];

/// Words that stand alone in a body.
const UNWELL: [&str; 13] = [
    "unhealthy",
    "degraded",
    "down",
    "fail",
    "failed",
    "failing",
    "error",
    "ko",
    "not ok",
    "not ready",
    "out of service",
    "out_of_service",
    "unavailable",
];

const STATUS_ALONE: &str = "`passes-when: {status: == 200}` if its status alone counts";

/// That it is not well by its body, in its own words, and what to write so that it is read; `None` where the body says
/// nothing of the sort.
pub fn unasked(answer: &HttpAnswer) -> Option<String> {
    if answer.body.len() > MOST {
        return None;
    }
    let read = READERS.iter().find_map(|(name, reader)| {
        let health = reader(answer, name).ok()?;
        let part = health.parts.iter().find(|part| part.said == Said::Unwell);
        let says = match (health.said, part) {
            (_, Some(part)) => format!("{}, and its part \"{}\" is not well", answer.status, part.name),
            (Said::Unwell, None) => health.detail,
            _ => return None,
        };
        Some(format!("{says}; add `reads: {name}`, or {STATUS_ALONE}"))
    });
    read.or_else(|| in_words(answer)).or_else(|| page_to_sign_in(answer))
}

fn in_words(answer: &HttpAnswer) -> Option<String> {
    let text = std::str::from_utf8(&answer.body).ok()?.trim().trim_matches('"');
    let says = UNWELL.iter().any(|word| text.eq_ignore_ascii_case(word));
    says.then(|| {
        let said = printable(&line(text), 40);
        format!("{}: {said}; ask for an answer that `reads:` knows, or add {STATUS_ALONE}", answer.status)
    })
}

fn page_to_sign_in(answer: &HttpAnswer) -> Option<String> {
    let text = String::from_utf8_lossy(&answer.body).to_ascii_lowercase();
    let asks = || ["type=\"password\"", "type='password'", "type=password"].iter().any(|field| text.contains(field));
    (text.trim_start().starts_with('<') && asks())
        .then(|| format!("{} with a page to sign in; ask for what is behind it, or add {STATUS_ALONE}", answer.status))
}
