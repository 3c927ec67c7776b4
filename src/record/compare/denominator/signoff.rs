//! Who must sign: fewer people, for less, or with less care is less that is asked. Which people they are is no such thing.

use std::collections::BTreeSet;

use super::{List, Moved, Turn, length};
use crate::model::audit::{Person, SignoffPolicy, SignoffRole};
use crate::model::format::and_list;
use crate::model::id::Id;
use crate::model::signoff::people::{ACROSS_ROLES, WITHIN_ROLE};

/// What stands in place of a role where something is asked of all of them.
const ALL: &str = "every role";

type Policy<'a> = (Option<&'a SignoffPolicy>, Option<&'a Person>);

impl List {
    /// The policy, and who wrote the audit: that person may be kept from signing.
    pub(super) fn signoff(&mut self, old: Policy<'_>, new: Policy<'_>) {
        let ((Some(was), author), (Some(is), now)) = (old, new) else {
            let roles = |policy: Option<&SignoffPolicy>| {
                let names: Vec<&String> = policy?.roles.keys().collect();
                Some(and_list(&names))
            };
            let turn = if new.0.is_none() { Turn::Worse } else { Turn::Better };
            return self.changed(Moved::Signoff, "the record", roles(old.0), roles(new.0), turn);
        };
        let SignoffPolicy { people: _, roles, distinct, author_may_approve, max_age, require_touch } = is;
        let names: BTreeSet<&String> = was.roles.keys().chain(roles.keys()).collect();
        for name in names {
            self.role(name, was.roles.get(name), roles.get(name));
        }
        let told = |distinct: &str| Some(format!("distinct {}", distinct.replace('-', " ")));
        let turn = Turn::rising(&apart(distinct), &apart(&was.distinct));
        self.changed(Moved::Signoff, ALL, told(&was.distinct), told(distinct), turn);
        let told = |may: bool| Some(if may { "the auditor, too" } else { "not the auditor" }.to_owned());
        let turn = Turn::rising(&was.author_may_approve, author_may_approve);
        self.changed(Moved::Signoff, ALL, told(was.author_may_approve), told(*author_may_approve), turn);
        let told = |touch: bool| Some(if touch { "with a key that is touched" } else { "with any key" }.to_owned());
        let turn = Turn::rising(require_touch, &was.require_touch);
        self.changed(Moved::Signoff, ALL, told(was.require_touch), told(*require_touch), turn);
        let told = |most: Option<u64>| {
            Some(most.map_or_else(|| "for any time".to_owned(), |most| format!("for {} at most", length(most))))
        };
        let longest = |most: Option<u64>| most.unwrap_or(u64::MAX);
        let turn = Turn::rising(&longest(was.max_age), &longest(*max_age));
        self.changed(Moved::Signoff, ALL, told(was.max_age), told(*max_age), turn);
        let told = |policy: &SignoffPolicy| {
            let person = |(name, principals): (&String, &Vec<String>)| format!("{name} ({})", principals.join(", "));
            let people: Vec<String> = policy.people.iter().map(person).collect();
            (!people.is_empty()).then(|| and_list(&people))
        };
        self.changed(Moved::Signoff, "people", told(was), told(is), Turn::Other);
        let told = |person: Option<&Person>| person.map(|person| format!("not {}", person.name));
        if !author_may_approve {
            self.changed(Moved::Signoff, "auditor", told(author), told(now), Turn::Other);
        }
    }

    fn role(&mut self, name: &str, old: Option<&SignoffRole>, new: Option<&SignoffRole>) {
        let (Some(was), Some(is)) = (old, new) else {
            let turn = if new.is_none() { Turn::Worse } else { Turn::Better };
            return self.changed(Moved::Signoff, name, old.map(who), new.map(who), turn);
        };
        let SignoffRole { members: _, threshold, areas } = is;
        let turn = Turn::rising(&(*threshold).max(1), &was.threshold.max(1));
        self.changed(Moved::Signoff, name, Some(who(was)), Some(who(is)), turn);
        self.changed(Moved::Signoff, name, Some(about(&was.areas)), Some(about(areas)), reach(&was.areas, areas));
    }
}

fn who(role: &SignoffRole) -> String {
    format!("{} of {}", role.threshold.max(1), role.members.join(", "))
}

fn about(areas: &BTreeSet<Id>) -> String {
    let names: Vec<&str> = areas.iter().map(Id::as_str).collect();
    if names.is_empty() { "for the whole record".to_owned() } else { format!("for {}", and_list(&names)) }
}

/// No areas are all of them.
fn reach(old: &BTreeSet<Id>, new: &BTreeSet<Id>) -> Turn {
    match (old.is_empty(), new.is_empty()) {
        (true, false) => Turn::Worse,
        (false, true) => Turn::Better,
        _ if new.is_subset(old) && new != old => Turn::Worse,
        _ if old.is_subset(new) && new != old => Turn::Better,
        _ => Turn::Other,
    }
}

/// How far apart the people of the roles must be.
fn apart(distinct: &str) -> u8 {
    match distinct {
        ACROSS_ROLES => 2,
        WITHIN_ROLE => 1,
        _ => 0,
    }
}
