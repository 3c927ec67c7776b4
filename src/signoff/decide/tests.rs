//! Each attack is accepted without it and refused with exactly its code with it. Those that need a bundle on disk are in
//! tests/suite/signoff_attacks.rs.

mod areas;
mod attacks;

use proptest::prelude::*;
use serde_json::json;

use self::attacks::ATTACKS;
use super::*;
use crate::model::signoff::{Reach, Standing};
use crate::record::verify::{self, Finding};
use crate::signoff::scenario::{ALICE, ALICE_AGAIN, CAROL, Scenario};
use crate::signoff::{Earlier, inspect};

#[test]
fn each_attack_is_refused_with_its_code_and_accepted_without_it() {
    let untouched = Scenario::new();
    let decided = untouched.decided();
    assert_eq!(decided.accepted, Some(true), "{decided:?}");
    assert!(!decided.has_forgery());
    for (name, attack, code) in ATTACKS {
        let mut scenario = Scenario::new();
        attack(&mut scenario);
        let needs_security = scenario.policy.as_ref().unwrap().roles.contains_key("security");
        let decided = scenario.decided();
        assert_eq!(scenario.codes("security"), [Some(*code)], "{name}: {decided:?}");
        assert!(decided.accepted == Some(false) || !needs_security, "{name}");
    }
}

#[test]
fn a_sign_off_at_the_edge_of_its_time_counts() {
    for (field, seconds) in
        [("issuedAt", -300), ("issuedAt", 7200 + 300), ("expiresAt", 7200), ("expiresAt", 3600 + 30 * 86_400)]
    {
        let mut scenario = Scenario::new();
        let at = scenario.after(seconds);
        // What was issued late must not hold for longer because of that.
        scenario.alice_says(|json| json["predicate"][field] = json!(at));
        assert_eq!(scenario.codes("security"), [None], "{field} {seconds}");
    }
}

#[test]
fn a_key_counts_from_its_first_second_to_its_last() {
    for (option, offset, code) in [
        ("valid-after", 0, None),
        ("valid-after", 1, Some(Code::KeyNotValidAt)),
        ("valid-before", 0, None),
        ("valid-before", -1, Some(Code::KeyNotValidAt)),
    ] {
        let mut scenario = Scenario::new();
        let digits: String = scenario.after(3600 + offset).chars().filter(char::is_ascii_digit).collect();
        scenario.allowed = scenario.allowed.replacen("namespaces", &format!("{option}=\"{digits}Z\",namespaces"), 1);
        assert_eq!(scenario.codes("security"), [code], "{option} {offset}");
    }
}

#[test]
fn what_is_wrong_with_the_record_takes_every_sign_off_away() {
    let finding = Finding::new(verify::Code::VerdictRecompute, "record.json", "the score was raised");
    let decided = Scenario::new().decided_with(Some(&finding));
    let codes: Vec<&str> = decided.list.iter().map(|checked| checked.code.unwrap().name()).collect();
    assert_eq!((codes, decided.accepted), (vec!["VERDICT_RECOMPUTE"; 2], Some(false)));
}

#[test]
fn one_person_does_not_count_twice_whatever_key_they_use() {
    let mut scenario = Scenario::new();
    scenario.drop("engineering");
    scenario.sign(ALICE_AGAIN, "alice@old.example", "engineering", |_| {});
    let decided = scenario.decided();
    let refused: Vec<Code> = decided.list.iter().filter_map(|checked| checked.code).collect();
    assert_eq!((refused, decided.accepted), (vec![Code::NotDistinct], Some(false)));
    scenario.policy.as_mut().unwrap().distinct = "within-role".to_owned();
    assert_eq!(scenario.decided().accepted, Some(true));
}

#[test]
fn two_keys_of_one_person_are_one_of_two_people() {
    for distinct in ["within-role", "across-roles", "none"] {
        let mut scenario = Scenario::new();
        let policy = scenario.policy.as_mut().unwrap();
        policy.distinct = distinct.to_owned();
        policy.roles.get_mut("security").unwrap().threshold = 2;
        scenario.sign(ALICE_AGAIN, "alice@old.example", "security", |_| {});
        let decided = scenario.decided();
        let security = decided.roles.iter().find(|role| role.role == "security").unwrap();
        assert_eq!(
            (security.people.as_slice(), security.code),
            (["alice".to_owned()].as_slice(), Some(Code::Threshold))
        );
        scenario.sign(CAROL, "carol@example.com", "security", |_| {});
        assert_eq!(scenario.decided().accepted, Some(true), "{distinct}");
    }
}

#[test]
fn the_same_statement_signed_again_has_the_same_place() {
    let mut scenario = Scenario::new();
    scenario.sign(ALICE, "alice@example.com", "security", |_| {});
    let names: std::collections::BTreeSet<&String> = scenario.envelopes.iter().map(|kept| &kept.name).collect();
    assert_eq!(names.len(), 2);
}

#[test]
fn a_rejection_beside_enough_approvals_takes_nothing_away_and_adds_nothing() {
    let mut scenario = Scenario::new();
    let of_alice =
        scenario.envelopes.iter().map(|kept| kept.name.clone()).find(|name| name.starts_with("security")).unwrap();
    scenario.sign(CAROL, "carol@example.com", "security", |json| json["predicate"]["decision"] = json!("reject"));
    assert_eq!(scenario.decided().accepted, Some(true));
    scenario.envelopes.retain(|kept| kept.name != of_alice);
    assert_eq!(scenario.decided().accepted, Some(false), "without Alice's approval there is only Carol's rejection");
}

#[test]
fn whoever_rejects_after_they_approved_approves_no_longer() {
    let reject = |scenario: &mut Scenario, seconds| {
        let at = scenario.after(seconds);
        scenario.sign(ALICE, "alice@example.com", "security", |json| {
            json["predicate"]["decision"] = json!("reject");
            json["predicate"]["issuedAt"] = json!(at);
        });
    };
    let mut scenario = Scenario::new();
    reject(&mut scenario, 3600 + 60);
    let decided = scenario.decided();
    let mut codes: Vec<&str> = decided.list.iter().filter_map(|checked| checked.code).map(Code::name).collect();
    codes.sort_unstable();
    assert_eq!((codes, decided.accepted), (vec!["NOT_AN_APPROVAL", "WITHDRAWN"], Some(false)));
    let mut scenario = Scenario::new();
    reject(&mut scenario, 60);
    assert_eq!(scenario.decided().accepted, Some(true), "she approved after she had rejected");
    let mut scenario = Scenario::new();
    scenario.sign(ALICE_AGAIN, "alice@old.example", "security", |json| json["predicate"]["decision"] = json!("reject"));
    assert_eq!(scenario.decided().accepted, Some(false), "with another of her keys");
}

#[test]
fn without_a_policy_nothing_is_demanded_and_without_keys_nothing_is_valid() {
    let mut scenario = Scenario::new();
    scenario.policy = None;
    let decided = scenario.decided();
    assert_eq!(decided.accepted, None);
    assert!(decided.list.iter().all(|checked| checked.state == State::Valid) && decided.roles.is_empty());
    let decided = decide(&scenario.envelopes, &scenario.about(None), None).unwrap();
    assert!(decided.list.iter().all(|checked| checked.state == State::NotChecked && checked.code.is_none()));
}

#[test]
fn documents_show_what_needs_no_keys_and_no_clock() {
    let standings = |scenario: &Scenario| -> Vec<Standing> {
        inspect(&scenario.envelopes, &scenario.about(None)).into_iter().map(|signoff| signoff.standing).collect()
    };
    let mut scenario = Scenario::new();
    assert_eq!(standings(&scenario), vec![Standing::Covers(Reach::Record); 2]);
    scenario.alice_says(|json| json["predicate"]["decision"] = json!("reject"));
    assert_eq!(standings(&scenario), vec![Standing::Covers(Reach::Record); 2], "that somebody rejects is shown");
    scenario.alice_blob(|blob| *blob.last_mut().unwrap() ^= 1);
    let shown = inspect(&scenario.envelopes, &scenario.about(None));
    assert!(matches!(&shown[1].standing, Standing::Refused { code: "BAD_SIGNATURE", .. }) && shown[1].said.is_none());
    scenario.earlier.insert(std::mem::take(&mut scenario.sha256), Earlier::Named);
    assert!(matches!(&standings(&scenario)[0], Standing::Stale(why) if why.contains("given for the earlier record")));
}

proptest! {
    // Each case checks four signatures, slowly in a build for tests.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A byte of a signed envelope changed: what is still accepted says the same with the same signature.
    #[test]
    fn no_flipped_byte_of_an_envelope_changes_what_is_accepted(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut scenario = Scenario::new();
        let before = scenario.of_alice();
        let kept = scenario.envelopes.iter_mut().find(|kept| kept.name.starts_with("security")).unwrap();
        let at = at.index(kept.bytes.len());
        kept.bytes[at] ^= 1 << bit;
        if scenario.codes("security") == [None] {
            prop_assert_eq!(scenario.of_alice(), before);
        }
    }

    /// A byte of a statement changed under its signature is never accepted.
    #[test]
    fn no_flipped_byte_of_a_statement_is_accepted(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut scenario = Scenario::new();
        let (mut payload, signature) = scenario.of_alice();
        let at = at.index(payload.len());
        payload[at] ^= 1 << bit;
        scenario.drop("security");
        scenario.add("security", &payload, &signature);
        prop_assert_eq!(scenario.codes("security"), [Some(Code::BadSignature)]);
    }
}
