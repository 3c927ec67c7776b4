//! What findings say: sentences that make sense alone, because a CI system shows them without the report around them.

use super::commands::inert;
use super::results::Acceptance;
use crate::model::audit::Check;
use crate::model::claim::{Actual, Claim, ListedClaim};
pub(super) use crate::model::format::sentence;
use crate::model::format::{self, shortened};
use crate::model::judgement::{CheckResult, ClaimResult, ClaimStatus, PlaceResult, ScoreClaim};

/// Longest quotation from a document or a title.
const MOST: usize = 120;

/// `"The alert rules are loaded" fails: 12 rules; at least 13 were expected.`
pub(super) fn check(check: &Check, result: &CheckResult, waived: Option<&Acceptance>) -> String {
    let title = quoted(&inert(&check.title));
    let accepted = waived.map_or_else(String::new, |waived| {
        format!(" {} accepted that until {}: {}", waived.by, waived.until, sentence(&waived.reason))
    });
    let reason = inert(&result.reason);
    // The predicate says it already.
    let reason = reason.strip_prefix("could not look: ").unwrap_or(&reason);
    sentence(&format!("{title} {}: {reason}", result.status.predicate())) + &accepted
}

/// `README.md says 13 for rules; 11 measured by alert-count from prometheus.`
pub(super) fn claim(check: &Check, claim: &Claim, result: &ClaimResult, written: &str, file: Option<&str>) -> String {
    let about = about_fact(check, claim);
    let said = match file {
        Some(file) if claim.table.is_some() => {
            format!("{} has a table of {about} ({})", inert(file), inert(&claim.by))
        }
        file => says(&claim.by, file, written, &about),
    };
    let reason = inert(&result.reason);
    let measured = || {
        let source = check.source.as_deref().map_or_else(String::new, |source| format!(" from {}", inert(source)));
        format!("measured by {}{source} ({})", inert(&check.kind), check.id)
    };
    // Where time or a sample stands between the two numbers, the reason tells more than both of them.
    let plain = claim.as_of.is_none() && check.sample.is_none() && result.table.is_none();
    let told = match (result.status, &result.actual) {
        (status, Some(actual)) if status.is_refuted() && plain => {
            format!("{said}; {} {}", inert(&format::value_long(actual, "UTC")), measured())
        }
        (status, _) if status.is_upheld() => format!("{said}, and that holds: {reason}"),
        (ClaimStatus::Unverified, _) => format!("{said}, and that could not be verified: {reason}"),
        (ClaimStatus::NotFound, _) => not_found(file, &about, &reason),
        (status, _) => format!("{said}, and that is {}: {reason}", status.word()),
    };
    let matters =
        result.matters.as_deref().map_or_else(String::new, |matters| format!(" {}", sentence(&inert(matters))));
    sentence(&told) + &matters
}

/// `README.md says 12 for the score of Monitoring, and that is overstated: 9.8 was claimed and the score is 7.9.`
pub(super) fn score_claim(area: &str, claim: &Claim, result: &ScoreClaim, written: &str, file: Option<&str>) -> String {
    let about = format!("the score of {}", inert(area));
    if result.status == ClaimStatus::NotFound {
        return sentence(&not_found(file, &about, &inert(&result.reason)));
    }
    let said = says(&claim.by, file, written, &about);
    sentence(&held(&said, result.status, &inert(&result.reason)))
}

/// `README.md says 13 rules for "Alert rules", and that is overstated: ...`
pub(super) fn listed(claim: &ListedClaim, place: &PlaceResult, written: &str, file: Option<&str>) -> String {
    let (title, reason) = (quoted(&inert(&claim.title)), inert(&place.reason));
    if written.is_empty() || place.status == ClaimStatus::NotFound {
        return sentence(&not_found(file, &title, &reason));
    }
    let who = claim.by.as_deref().map_or_else(String::new, |by| format!(" ({})", inert(by)));
    let said =
        format!("{} says {} for {title}{who}", inert(file.unwrap_or("the document")), quoted_unless_plain(written));
    sentence(&held(&said, place.status, &reason))
}

/// What a listed claim is about: `monitoring/alert-rules.rules`, or the title of what the audit file states.
pub(super) fn about(claim: &ListedClaim) -> String {
    match &claim.actual {
        Some(Actual::Fact { check, fact }) => format!("{check}.{}", inert(fact)),
        _ => inert(&claim.title),
    }
}

/// `Forge claims 13 for rules`
pub(super) fn claim_title(by: &str, written: &str, about: &str) -> String {
    format!("{} claims {} for {}", inert(by), quoted_unless_plain(written), inert(about))
}

/// The same where no single value is known: `Alex claims a table of suites`.
pub(super) fn unquoted_title(claim: &Claim, about: &str) -> String {
    let what = if claim.table.is_some() { "a table of" } else { "something about" };
    format!("{} claims {what} {}", inert(&claim.by), inert(about))
}

/// A fact in words: `min uptime`. One that is called a value says nothing; there the title of its check does.
pub(super) fn about_fact(check: &Check, claim: &Claim) -> String {
    match claim.fact.as_str() {
        "value" | "text" | "list" => quoted(&inert(&check.title)),
        fact => inert(fact).replace('-', " "),
    }
}

fn held(said: &str, status: ClaimStatus, reason: &str) -> String {
    match status {
        status if status.is_upheld() => format!("{said}, and that holds: {reason}"),
        ClaimStatus::Unverified => format!("{said}, and that could not be verified: {reason}"),
        status => format!("{said}, and that is {}: {reason}", status.word()),
    }
}

fn not_found(file: Option<&str>, about: &str, reason: &str) -> String {
    let file = file.map_or_else(|| "the document".to_owned(), inert);
    format!("what {file} claims about {about} could not be found: {reason}")
}

fn says(by: &str, file: Option<&str>, written: &str, about: &str) -> String {
    let (by, written) = (inert(by), quoted_unless_plain(written));
    match file {
        Some(file) => format!("{} says {written} for {about} ({by})", inert(file)),
        None => format!("{by} claims {written} for {about}"),
    }
}

/// A figure stands as it is; a phrase in quotation marks.
fn quoted_unless_plain(text: &str) -> String {
    if text.is_empty() || text.contains(char::is_whitespace) { quoted(text) } else { shortened(text, MOST) }
}

/// In quotation marks, shortened.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shortened(text, MOST))
}
