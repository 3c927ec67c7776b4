//! A sign-off of an earlier record, for areas that did not change: it counts, and passes every step that one of this record
//! passes.

use serde_json::json;

use crate::model::record::Record;
use crate::model::signoff::{Reach, Standing};
use crate::record::verify::{self, Finding};
use crate::record::{sha256, to_bytes};
use crate::signoff::decide::{Checked, State};
use crate::signoff::scenario::{ALICE, Scenario};
use crate::signoff::{Code, Earlier, inspect};

/// Alice signs as security, which answers for monitoring, and Bob as engineering, which answers for everything.
fn signed() -> Scenario {
    let mut scenario = Scenario::new();
    let policy = scenario.policy.as_mut().unwrap();
    policy.roles.get_mut("security").unwrap().areas.insert("monitoring".parse().unwrap());
    scenario.record.audit.signoff = scenario.policy.clone();
    scenario.sha256 = sha256(&to_bytes(&scenario.record).unwrap());
    scenario.envelopes.clear();
    scenario.sign(1, "alice@example.com", "security", |_| {});
    scenario.sign(3, "bob@example.com", "engineering", |_| {});
    scenario
}

/// Another run, changed in this way; the record before it is kept.
fn run_again(scenario: &mut Scenario, change: impl FnOnce(&mut Record)) {
    let earlier = scenario.record.clone();
    scenario.record.run.run_id = "019a033c-2f40-7000-8000-000000000099".to_owned();
    change(&mut scenario.record);
    let digest = std::mem::replace(&mut scenario.sha256, sha256(&to_bytes(&scenario.record).unwrap()));
    scenario.earlier.insert(digest, Earlier::Kept(Box::new(earlier)));
}

fn of_security(scenario: &Scenario) -> Checked {
    let of_role = |checked: &Checked| checked.file.starts_with("signoffs/security.");
    scenario.decided().list.into_iter().find(of_role).unwrap()
}

#[test]
fn what_was_signed_for_unchanged_areas_counts() {
    let mut scenario = signed();
    let earlier = scenario.sha256.clone();
    run_again(&mut scenario, |record| {
        record
            .judgement
            .checks
            .iter_mut()
            .filter(|result| result.check.area.as_str() == "operations")
            .for_each(|result| result.reason.push('x'))
    });
    let security = of_security(&scenario);
    assert_eq!((security.state, security.code, security.earlier), (State::Valid, None, Some(earlier)));
    assert_eq!(scenario.codes("engineering"), [Some(Code::Stale)], "it answers for the whole record");
    let decided = scenario.decided();
    let roles: Vec<bool> = decided.roles.iter().map(|role| role.code.is_none()).collect();
    assert_eq!((roles, decided.accepted), (vec![false, true], Some(false)));
    let shown = inspect(&scenario.envelopes, &scenario.about(None));
    assert_eq!(shown[1].standing, Standing::Covers(Reach::Areas));
    scenario.sign(3, "bob@example.com", "engineering", |_| {});
    assert_eq!(scenario.decided().accepted, Some(true));
}

#[test]
fn whoever_rejects_this_record_no_longer_approves_its_areas_by_an_earlier_one() {
    let mut scenario = signed();
    run_again(&mut scenario, |_| {});
    assert_eq!(scenario.codes("security"), [None]);
    scenario.sign(ALICE, "alice@example.com", "security", |json| json["predicate"]["decision"] = json!("reject"));
    let mut codes = scenario.codes("security");
    codes.sort_unstable();
    assert_eq!(codes, [Some(Code::NotAnApproval), Some(Code::Withdrawn)]);
}

#[test]
fn what_changed_is_told() {
    let mut scenario = signed();
    run_again(&mut scenario, |record| record.judgement.checks[1].reason.push('x'));
    let security = of_security(&scenario);
    assert_eq!((security.state, security.code), (State::Stale, Some(Code::Stale)));
    let why = security.why.unwrap();
    assert!(why.starts_with("monitoring changed (monitoring/alert-rules: result) since the earlier record "), "{why}");
    assert!(!scenario.decided().has_forgery());
}

/// What is done to Alice's sign-off before or after the second run.
type Attack = fn(&mut Scenario);

#[test]
fn it_passes_no_step_unseen() {
    let before: &[(&str, Attack, Code)] = &[
        (
            "another verdict was shown",
            |s| s.alice_says(|json| json["predicate"]["verdict"] = json!("approved")),
            Code::VerdictMismatch,
        ),
        (
            "another run is named",
            |s| s.alice_says(|json| json["predicate"]["runId"] = json!("019a033c-2f40-7000-8000-000000000099")),
            Code::RunMismatch,
        ),
        (
            "another audit was shown",
            |s| s.alice_says(|json| json["predicate"]["policy"]["digest"]["sha256"] = json!("0".repeat(64))),
            Code::PolicyMismatch,
        ),
        (
            "it names nothing",
            |s| s.alice_says(|json| json["predicate"]["acknowledges"] = json!([])),
            Code::NotAcknowledged,
        ),
        (
            "it was signed before that run ended",
            |s| {
                let at = s.after(-3600);
                s.alice_says(|json| json["predicate"]["issuedAt"] = json!(at));
            },
            Code::BeforeRun,
        ),
        ("it rejects", |s| s.alice_says(|json| json["predicate"]["decision"] = json!("reject")), Code::NotAnApproval),
    ];
    let after: &[(&str, Attack, Code)] = &[
        ("nothing of that record is kept", |s| s.earlier.values_mut().for_each(|e| *e = Earlier::Named), Code::Stale),
        (
            "what is kept is no record",
            |s| s.earlier.values_mut().for_each(|e| *e = Earlier::Refused("it was edited".to_owned())),
            Code::Stale,
        ),
        ("nobody knows that record", |s| s.earlier.clear(), Code::SubjectMismatch),
        (
            "the verifier's role answers for everything",
            |s| s.policy.as_mut().unwrap().roles.get_mut("security").unwrap().areas.clear(),
            Code::Stale,
        ),
        (
            "the verifier's role answers for another area",
            |s| {
                let areas = &mut s.policy.as_mut().unwrap().roles.get_mut("security").unwrap().areas;
                areas.insert("elsewhere".parse().unwrap());
            },
            Code::Stale,
        ),
        ("the key was revoked", |s| s.revoked = crate::signoff::scenario::public(ALICE), Code::KeyRevoked),
        ("its time is over", |s| s.now = s.after(86_400 * 40).parse().unwrap(), Code::Expired),
    ];
    let attacked = |before: Attack, after: Attack| {
        let mut scenario = signed();
        before(&mut scenario);
        run_again(&mut scenario, |_| {});
        after(&mut scenario);
        of_security(&scenario).code
    };
    assert_eq!(attacked(|_| {}, |_| {}), None, "without an attack it counts");
    for (name, attack, code) in before {
        assert_eq!(attacked(*attack, |_| {}), Some(*code), "{name}");
    }
    for (name, attack, code) in after {
        assert_eq!(attacked(|_| {}, *attack), Some(*code), "{name}");
    }
}

#[test]
fn what_is_wrong_with_the_later_record_takes_it_away() {
    let mut scenario = signed();
    run_again(&mut scenario, |_| {});
    let finding = Finding::new(verify::Code::EvidenceMissing, "evidence/x", "it is not there");
    let decided = scenario.decided_with(Some(&finding));
    let codes: Vec<&str> = decided.list.iter().map(|checked| checked.code.unwrap().name()).collect();
    assert_eq!(codes, ["STALE", "EVIDENCE_MISSING"]);
}

#[test]
fn whoever_signs_again_counts_by_what_they_signed_last() {
    let mut scenario = signed();
    run_again(&mut scenario, |_| {});
    scenario.sign(ALICE, "alice@example.com", "security", |_| {});
    let decided = scenario.decided();
    let counted: Vec<bool> =
        decided.list.iter().filter(|checked| checked.state == State::Valid).map(|c| c.earlier.is_none()).collect();
    assert_eq!(counted, [true]);
    let security = decided.roles.iter().find(|role| role.role == "security").unwrap();
    assert_eq!(security.people, ["alice"]);
}
