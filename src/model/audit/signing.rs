//! Who must sign.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::id::Id;

/// Who must sign, as data: nothing here is checked by this layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignoffPolicy {
    /// People by name, with the principals of their keys; empty when every member is a person.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, Vec<String>>,
    /// By role name.
    pub roles: BTreeMap<String, SignoffRole>,
    /// `none`, `within-role` or `across-roles`.
    pub distinct: String,
    /// May the auditor sign?
    pub author_may_approve: bool,
    /// How long a sign-off holds, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// Must a hardware key have been touched?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_touch: bool,
}

/// One role that must sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignoffRole {
    /// Who may sign for it.
    pub members: Vec<String>,
    /// How many of them must.
    pub threshold: u32,
    /// The areas that it answers for; empty for the whole record.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub areas: BTreeSet<Id>,
}
