//! Who a signer is, which role they may sign for, and who counts where. People are counted, never keys or signatures.

use std::collections::{BTreeMap, BTreeSet};

use super::Decision;
use crate::model::audit::SignoffPolicy;
use crate::model::instant::Instant;

/// The person behind a principal: by `people` where the policy has it, else the principal itself. `None` when the policy
/// knows nobody of that name, or more than one.
pub fn person<'a>(policy: &'a SignoffPolicy, signer: &'a str) -> Option<&'a str> {
    if policy.people.is_empty() {
        return Some(signer);
    }
    let mut of_name = policy.people.iter().filter(|(_, keys)| keys.iter().any(|key| key == signer));
    match (of_name.next(), of_name.next()) {
        (Some((person, _)), None) => Some(person),
        _ => None,
    }
}

/// Every principal that may sign for a role.
pub fn principals<'a>(policy: &'a SignoffPolicy, role: &str) -> Vec<&'a str> {
    let members = policy.roles.get(role).map(|role| role.members.as_slice()).unwrap_or_default();
    if policy.people.is_empty() {
        return members.iter().map(String::as_str).collect();
    }
    members.iter().filter_map(|member| policy.people.get(member)).flatten().map(String::as_str).collect()
}

/// Did this person write the audit? The auditor is a name as people write it, so it is held against the person's name, each
/// of their principals and the part of a principal before its `@`, letters and digits alone and without regard to case.
pub fn is_auditor(policy: &SignoffPolicy, person: &str, auditor: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let keys = policy.people.get(person).into_iter().flatten().map(String::as_str);
    let names = keys.chain([person]).flat_map(|name| [name, name.split('@').next().unwrap_or_default()]);
    let auditor = plain(auditor);
    names.map(plain).any(|name| name == auditor)
}

/// An approval that passed every other step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval<'a> {
    /// The role that is signed for.
    pub role: &'a str,
    /// The person who signs.
    pub person: &'a str,
}

/// Which approvals count: for each role, their places in `approvals`. Where nobody may count for two roles, people are
/// shared out so that as many as possible of the needed signatures are there; a further sign-off can then never take an
/// acceptance away.
pub fn counted(policy: &SignoffPolicy, approvals: &[Approval<'_>]) -> BTreeMap<String, Vec<usize>> {
    let across = policy.distinct == ACROSS_ROLES;
    let mut sharing = Sharing { approvals, across, places: Vec::new(), filled: Vec::new(), holds: BTreeMap::new() };
    for (name, role) in &policy.roles {
        for _ in 0..role.threshold.min(MOST_PLACES) {
            sharing.places.push(name);
            sharing.filled.push(None);
        }
    }
    for place in 0..sharing.places.len() {
        sharing.fill(place, &mut BTreeSet::new());
    }
    let mut by_role: BTreeMap<String, Vec<usize>> =
        policy.roles.keys().map(|role| (role.clone(), Vec::new())).collect();
    for (role, approval) in sharing.places.iter().zip(sharing.filled) {
        by_role.entry((*role).to_owned()).or_default().extend(approval);
    }
    by_role
}

/// What somebody said of a record in a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// The role that they spoke for.
    pub role: &'a str,
    /// The person who spoke.
    pub person: &'a str,
    /// When.
    pub at: Instant,
    /// SHA-256 of the record that they spoke of.
    pub record: &'a str,
    /// Is it the one that is looked at?
    pub is_this: bool,
}

impl Word<'_> {
    /// Does this rejection take that approval back? It was given in the same role by the same person, before or in the same
    /// second, of the same record or of an earlier one that still counts.
    pub fn takes_back(&self, approval: &Self) -> bool {
        let same = self.role == approval.role && self.person == approval.person;
        same && self.at >= approval.at && (self.is_this || self.record == approval.record)
    }
}

/// What each person said last, by role and person, of sign-offs that are a role, a person, a time and a decision each. Of two
/// of one second, the one that says less.
pub fn last_words<'a>(
    said: impl Iterator<Item = (&'a str, &'a str, Instant, Decision)>,
) -> BTreeMap<&'a str, BTreeMap<&'a str, (Instant, Decision)>> {
    let mut last: BTreeMap<&str, BTreeMap<&str, (Instant, Decision)>> = BTreeMap::new();
    for (role, person, at, decision) in said {
        let known = last.entry(role).or_default().entry(person).or_insert((at, decision));
        *known = (*known).max((at, decision));
    }
    last
}

/// The value of `distinct` where nobody counts for two roles.
pub const ACROSS_ROLES: &str = "across-roles";
/// The value of `distinct` where nobody counts twice for one role, and a second signature is told.
pub const WITHIN_ROLE: &str = "within-role";
/// No role needs more people than this.
const MOST_PLACES: u32 = 1_000;

/// A matching of people and places by augmenting paths (Kuhn 1955). A place is one of the signatures that a role needs.
struct Sharing<'a> {
    approvals: &'a [Approval<'a>],
    across: bool,
    /// The role of each place.
    places: Vec<&'a str>,
    /// The approval that fills it.
    filled: Vec<Option<usize>>,
    /// The place that each person fills; one for each role where they may count for several.
    holds: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'a> Sharing<'a> {
    /// Finds somebody for a place, moving others where that makes room.
    fn fill(&mut self, place: usize, asked: &mut BTreeSet<(&'a str, &'a str)>) -> bool {
        for (index, approval) in self.approvals.iter().enumerate() {
            let who = (if self.across { "" } else { approval.role }, approval.person);
            if approval.role != self.places[place] || !asked.insert(who) {
                continue;
            }
            let free = match self.holds.get(&who) {
                None => true,
                Some(other) => self.fill(*other, asked),
            };
            if free {
                self.holds.insert(who, place);
                self.filled[place] = Some(index);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::model::audit::SignoffRole;

    fn policy(distinct: &str, roles: &[(&str, u32)]) -> SignoffPolicy {
        let role = |threshold| SignoffRole { members: Vec::new(), threshold, areas: BTreeSet::new() };
        SignoffPolicy {
            people: BTreeMap::from([(
                "alice".to_owned(),
                vec!["a.smith@example.com".to_owned(), "alice@old".to_owned()],
            )]),
            roles: roles.iter().map(|(name, threshold)| ((*name).to_owned(), role(*threshold))).collect(),
            distinct: distinct.to_owned(),
            author_may_approve: false,
            max_age: None,
            require_touch: false,
        }
    }

    /// How many count for each role, in the order of the names.
    fn counts(policy: &SignoffPolicy, approvals: &[(&'static str, &'static str)]) -> Vec<usize> {
        let approvals: Vec<Approval<'_>> = approvals.iter().map(|(role, person)| Approval { role, person }).collect();
        counted(policy, &approvals).into_values().map(|list| list.len()).collect()
    }

    #[test]
    fn a_person_is_found_by_any_of_their_principals() {
        let policy = policy("none", &[]);
        assert_eq!(person(&policy, "alice@old"), Some("alice"));
        assert_eq!(person(&policy, "alice"), None);
        let nobody = SignoffPolicy { people: BTreeMap::new(), ..policy };
        assert_eq!(person(&nobody, "bob@example.com"), Some("bob@example.com"));
    }

    #[test]
    fn a_principal_of_two_people_is_nobodys() {
        let mut policy = policy("none", &[]);
        policy.people.insert("bob".to_owned(), vec!["alice@old".to_owned()]);
        assert_eq!(person(&policy, "alice@old"), None);
    }

    #[test]
    fn the_auditor_is_known_by_name_principal_or_its_first_part() {
        let policy = policy("none", &[]);
        for name in ["Alice", "A. Smith", "a.smith@example.com", "alice"] {
            assert!(is_auditor(&policy, "alice", name), "{name}");
        }
        for name in ["Al", "Smith", "bob", ""] {
            assert!(!is_auditor(&policy, "alice", name), "{name}");
        }
        assert!(is_auditor(&policy, "cora@example.com", "Cora"));
    }

    #[test]
    fn nobody_counts_for_two_roles_and_people_are_shared_out() {
        let two = [("engineering", 1), ("security", 1)];
        let both = [("engineering", "alice"), ("security", "alice")];
        assert_eq!(counts(&policy("across-roles", &two), &both), [1, 0]);
        assert_eq!(counts(&policy("within-role", &two), &both), [1, 1]);
        assert_eq!(counts(&policy("none", &two), &both), [1, 1]);
        let with_bob = [("engineering", "alice"), ("security", "alice"), ("engineering", "bob")];
        assert_eq!(counts(&policy("across-roles", &two), &with_bob), [1, 1]);
        // Alice first takes the place that only she could leave.
        let chain = [("a", "alice"), ("a", "bob"), ("b", "alice"), ("b", "carol"), ("c", "carol")];
        assert_eq!(counts(&policy("across-roles", &[("a", 1), ("b", 1), ("c", 1)]), &chain), [1, 1, 1]);
    }

    #[test]
    fn who_rejects_and_then_approves_has_approved_and_the_other_way_round() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let (early, late) = (at("2026-01-01T10:00:00Z"), at("2026-01-01T11:00:00Z"));
        let said = |first, then| last_words([("a", "p", late, then), ("a", "p", early, first)].into_iter())["a"]["p"].1;
        assert_eq!(said(Decision::Reject, Decision::Approve), Decision::Approve);
        assert_eq!(said(Decision::Approve, Decision::Reject), Decision::Reject);
        let at_once = last_words([("a", "p", late, Decision::Reject), ("a", "p", late, Decision::Approve)].into_iter());
        assert_eq!(at_once["a"]["p"].1, Decision::Reject);
        assert!(!last_words([("a", "p", late, Decision::Reject)].into_iter()).contains_key("b"));
    }

    #[test]
    fn one_person_counts_once_for_a_role_whatever_the_policy() {
        let twice = [("security", "alice"), ("security", "alice")];
        for distinct in ["none", "within-role", "across-roles"] {
            assert_eq!(counts(&policy(distinct, &[("security", 2)]), &twice), [1], "{distinct}");
        }
    }

    proptest! {
        #[test]
        fn one_more_approval_never_takes_an_acceptance_away(
            signed in prop::collection::vec((0_usize..3, 0_usize..4), 0..8),
            more in (0_usize..3, 0_usize..4),
            thresholds in prop::array::uniform3(1_u32..3),
        ) {
            const ROLES: [&str; 3] = ["a", "b", "c"];
            const PEOPLE: [&str; 4] = ["p", "q", "r", "s"];
            let policy = policy("across-roles", &[("a", thresholds[0]), ("b", thresholds[1]), ("c", thresholds[2])]);
            let named = |list: &[(usize, usize)]| list.iter().map(|(role, who)| (ROLES[*role], PEOPLE[*who])).collect::<Vec<_>>();
            let total = |list: &[(usize, usize)]| counts(&policy, &named(list)).iter().sum::<usize>();
            let before = total(&signed);
            let mut with = signed.clone();
            with.insert(signed.len() / 2, more);
            prop_assert!(total(&with) >= before);
            // As many as there can be: every way to give each person one role, tried out.
            let best = (0..3_usize.pow(4)).map(|way| {
                let role_of = |who: usize| way / 3_usize.pow(u32::try_from(who).unwrap()) % 3;
                (0..3).map(|role| {
                    let people = (0..4).filter(|who| role_of(*who) == role && signed.contains(&(role, *who))).count();
                    people.min(thresholds[role] as usize)
                }).sum::<usize>()
            }).max().unwrap();
            prop_assert_eq!(before, best);
        }
    }
}
