//! Policies: thresholds, patience, who must sign.

use std::collections::{BTreeMap, BTreeSet};

use super::Resolver;
use crate::model::audit::{SignoffPolicy, SignoffRole, VerdictPolicy};
use crate::model::id::Id;
use crate::model::number::Number;
use crate::model::signoff::Name;
use crate::plan::Patience;
use crate::plan::decode::{At, Several};
use crate::plan::node::clip;
use crate::plan::problem::Code;
use crate::plan::rules;
use crate::plan::written::{DefaultsWritten, Distinct, RoleWritten, SignoffWritten, Text};

/// Coverage of 80 %, 7.0 overall, 5.0 in each area.
pub(super) fn verdict_defaults() -> VerdictPolicy {
    VerdictPolicy {
        min_coverage: Number::ratio(4, 5).unwrap_or_else(Number::one),
        floor_overall: Number::from(7),
        floor_area: Number::from(5),
    }
}

/// More retries than this are a loop, not patience.
const MAX_RETRIES: u32 = 100;

impl Resolver<'_> {
    pub(super) fn patience(&self, defaults: Option<&DefaultsWritten>) -> Patience {
        let own = Patience::default();
        let Some(defaults) = defaults else { return own };
        self.patience_of(defaults.timeout.as_ref(), defaults.retries.as_ref(), own, "defaults")
    }

    pub(super) fn patience_of(
        &self,
        timeout: Option<&Text>,
        retries: Option<&At<u32>>,
        otherwise: Patience,
        path: &str,
    ) -> Patience {
        let timeout = timeout.and_then(|text| self.duration(text, &format!("{path}.timeout")));
        if let Some(many) = retries.filter(|retries| retries.value > MAX_RETRIES) {
            let message = format!("\"{}\" is out of range", many.value);
            let help = format!("Write a number from 0 to {MAX_RETRIES}.");
            self.sink.error(many.span, &format!("{path}.retries"), Code::OutOfRange, message, help);
        }
        Patience {
            timeout: timeout.or(otherwise.timeout),
            retries: retries.map_or(otherwise.retries, |retries| retries.value),
        }
    }

    /// `alone` is a policy without an audit: there is nothing that its areas could be looked for in.
    pub(super) fn signoff(&self, written: SignoffWritten, alone: bool) -> SignoffPolicy {
        let mut people: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for (person, Several(keys)) in written.people.0 {
            let path = format!("signoff.people.{}", person.value);
            for key in &keys {
                self.principal(key, &path);
                if let Some(owner) = owners.insert(key.value.clone(), person.value.clone()) {
                    let message = format!("\"{}\" is a principal of \"{}\" already", clip(key), clip(&owner));
                    let help = "Give each person principals of their own: what belongs to two people is nobody's.";
                    self.sink.warning(key.span, &path, Code::Unsignable, message, help);
                }
            }
            people.insert(person.value, keys.into_iter().map(|key| key.value).collect());
        }
        if written.roles.value.0.is_empty() {
            let help = "Add a role, or remove `signoff`.";
            self.sink.error(written.roles.span, "signoff.roles", Code::Empty, "nobody has to sign", help);
        }
        let mut roles = BTreeMap::new();
        for (name, role) in written.roles.value.0 {
            let path = format!("signoff.roles.{}", name.value);
            self.role_name(&name, &path);
            roles.insert(name.value, self.role(role, &people, alone, &path));
        }
        let max_age = written.max_age.and_then(|text| self.duration(&text, "signoff.max-age"));
        let distinct = match written.distinct.unwrap_or(Distinct::AcrossRoles) {
            Distinct::None => "none",
            Distinct::WithinRole => "within-role",
            Distinct::AcrossRoles => "across-roles",
        };
        SignoffPolicy {
            people,
            roles,
            distinct: distinct.to_owned(),
            author_may_approve: written.author_may_approve,
            max_age: max_age.map(|age| age.as_secs()),
            require_touch: written.require_touch,
        }
    }

    /// Roles are identifiers in what is signed: nothing that could look like another.
    fn role_name(&self, name: &Text, path: &str) {
        if name.parse::<Name>().is_err() {
            let message = format!("\"{}\" is not the name of a role", clip(name));
            self.wrong(name, path, Code::InvalidId, message, "Use ASCII letters, digits and hyphens.");
        }
    }

    /// Principals are, too. An audit that nobody signs may name people in any way.
    fn principal(&self, name: &Text, path: &str) {
        if name.parse::<Name>().is_err() {
            let message = format!("no sign-off of \"{}\" will count: it is no principal of a key", clip(name));
            let help = "Write a principal such as alice@example.com, in ASCII letters, digits and . _ @ + -.";
            self.sink.warning(name.span, path, Code::Unsignable, message, help);
        }
    }

    fn role(&self, role: RoleWritten, people: &BTreeMap<String, Vec<String>>, alone: bool, path: &str) -> SignoffRole {
        let Several(members) = role.members.value;
        for member in members.iter().filter(|member| !people.is_empty() && !people.contains_key(&member.value)) {
            let at = format!("{path}.members");
            rules::unknown_id(self.sink, member, &at, "person", people.keys().map(String::as_str));
        }
        for member in members.iter().filter(|_| people.is_empty()) {
            self.principal(member, &format!("{path}.members"));
        }
        let threshold = role.threshold.as_ref().map_or(1, |threshold| threshold.value);
        let many = u32::try_from(members.len()).unwrap_or(u32::MAX);
        if let Some(written) = role.threshold.filter(|threshold| threshold.value == 0 || threshold.value > many) {
            let message = format!("\"{threshold}\" of {many} cannot sign");
            let help = "Write a number from 1 to the number of members.";
            self.sink.error(written.span, &format!("{path}.threshold"), Code::OutOfRange, message, help);
        }
        let areas =
            role.areas.map(|areas| self.answers_for(areas, alone, &format!("{path}.areas"))).unwrap_or_default();
        SignoffRole { members: members.into_iter().map(|member| member.value).collect(), threshold, areas }
    }

    /// The areas that a role answers for.
    fn answers_for(&self, Several(areas): Several<Text>, alone: bool, path: &str) -> BTreeSet<Id> {
        let known = |text: &Text| {
            if alone {
                return self.id(text, path);
            }
            if !self.areas.contains_key(&text.value) {
                rules::unknown_id(self.sink, text, path, "area", self.areas.keys().map(String::as_str));
            }
            text.parse().ok()
        };
        areas.iter().filter_map(known).collect()
    }
}
