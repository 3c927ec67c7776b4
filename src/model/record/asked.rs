//! What a check asks and requires, as one short text: whoever has it from an earlier run knows whether it was another.

use serde_json::json;

use crate::model::audit::Check;
use crate::model::digest::sha256;

/// Hex digits that tell two questions apart.
const DIGITS: usize = 16;

/// The beginning of a digest of what a check measures, of its conditions and of the facts that somebody claims under it.
/// What was claimed is no part of it, and neither is what only hangs on the result.
pub fn asked(check: &Check) -> String {
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let conditions = |of: &[crate::model::condition::Expectation]| {
        sorted(of.iter().map(|wish| format!("{} {}", wish.fact, wish.condition.text)).collect())
    };
    let claims = check.claims.iter().map(|claim| format!("{} {} {:?}", claim.by, claim.fact, claim.tolerance));
    let question = json!([
        check.kind,
        check.source,
        check.asks,
        check.sample,
        conditions(&check.expect),
        conditions(&check.warn),
        sorted(claims.collect()),
    ]);
    let mut digest = sha256(question.to_string().as_bytes());
    digest.truncate(DIGITS);
    digest
}
