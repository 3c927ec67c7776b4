//! What findings are called: by what they are about, so that a name stays when others come, go or change their order.
//!
//! CI systems keep histories and alerts by these names. So a claim has its claimant and its place in its name even where
//! it is alone: whatever is added beside it renames nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::ci::commands::inert;
use crate::ci::results::Finding;
use crate::model::claim::Claim;

/// `monitoring/alert-rules#rules@Forge@report.md#Alerting/Rules`; without the place where the audit file has the value.
pub(super) fn of_claim(about: &str, claim: &Claim) -> String {
    let place = claim.at.as_ref().map_or_else(String::new, |at| format!("@{at}"));
    // Where the parts meet, a command could begin.
    inert(&format!("{about}#{}@{}{place}", claim.fact, claim.by))
}

/// Tells apart what has one name: two findings of one name would be one for GitLab and for code scanning. By what is
/// claimed, and when; then, where nothing differs, by position. Linear in the number of findings.
pub(super) fn apart(findings: &mut [Finding]) {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &*findings {
        *named.entry(&finding.id).or_default() += 1;
    }
    let shared = |finding: &Finding| named.get(finding.id.as_str()).is_some_and(|times| *times > 1);
    let renamed: Vec<Option<String>> =
        findings.iter().map(|finding| if shared(finding) { by_value(finding) } else { None }).collect();
    for (finding, name) in findings.iter_mut().zip(renamed) {
        finding.id = name.unwrap_or_else(|| std::mem::take(&mut finding.id));
    }
    by_position(findings);
}

/// `a/tests#value@Al=9 as of 2026-11-01`; `None` for what is no claim.
fn by_value(finding: &Finding) -> Option<String> {
    let claimed = finding.claimed.as_ref()?;
    let since = claimed.as_of.as_ref().map_or_else(String::new, |as_of| format!(" as of {as_of}"));
    Some(inert(&format!("{}={}{since}", finding.id, claimed.written)))
}

/// The first keeps its name, the others get the next number that makes a name nobody else has.
fn by_position(findings: &mut [Finding]) {
    let mut taken: BTreeSet<String> = findings.iter().map(|finding| finding.id.clone()).collect();
    if taken.len() == findings.len() {
        return;
    }
    // How many of a name there were so far. It only grows, so that no number is tried twice.
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let Some(number) = last.get_mut(&finding.id) else {
            last.insert(finding.id.clone(), 1);
            continue;
        };
        loop {
            *number += 1;
            let name = format!("{}-{number}", finding.id);
            if taken.insert(name.clone()) {
                finding.id = name;
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::ci::results::{Claimed, Outcome, Place, Severity, Standing};
    use crate::model::judgement::ClaimStatus;

    fn finding(id: &str, written: &str) -> Finding {
        let place = Place { path: "audit.yaml".to_owned(), line: 1, column: None, end_column: None };
        let claimed = Claimed {
            by: "Al".to_owned(),
            fact: "value".to_owned(),
            written: written.to_owned(),
            at: None,
            as_of: None,
        };
        Finding {
            claimed: Some(claimed),
            ..Finding::new(Standing::Claim(ClaimStatus::Exact), id.to_owned(), Outcome::Passed, Severity::Major, place)
        }
    }

    fn names(mut findings: Vec<Finding>) -> Vec<String> {
        apart(&mut findings);
        findings.into_iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn what_has_one_name_is_told_apart_by_what_is_claimed_and_then_by_position() {
        let [one, other, third] = ["9", "8", "7"].map(|written| finding("a/t#value@Al", written));
        assert_eq!(names(vec![one.clone()]), ["a/t#value@Al"]);
        let two = names(vec![one.clone(), other.clone()]);
        assert_eq!(two, ["a/t#value@Al=9", "a/t#value@Al=8"]);
        assert_eq!(names(vec![third, one.clone(), other])[1..], two, "one more renames no other");
        let alike = vec![one.clone(), one.clone(), finding("a/t#value@Al=9-2", "4"), one];
        assert_eq!(
            names(alike),
            ["a/t#value@Al=9", "a/t#value@Al=9-3", "a/t#value@Al=9-2", "a/t#value@Al=9-4"],
            "nobody loses a name to a number"
        );
    }

    #[test]
    fn many_of_one_name_take_no_longer_than_as_many_others() {
        let began = Instant::now();
        let names = names((0..50_000).map(|_| finding("a/t#value@Al", "9")).collect());
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
    }
}
