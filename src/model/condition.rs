//! Conditions on a fact, such as `>= 95%`: parsed when the file is loaded, printed as they were written.

use serde::{Deserialize, Serialize};

use super::fact::FactType;

/// A parsed condition. In the record it is the text as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    /// As written.
    pub text: String,
}

/// Why a text is not a condition, or does not fit a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionProblem {
    /// A lower-case fragment naming the offending part in quotes.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Condition {
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, ConditionProblem> {
        Ok(Self { text: text.to_owned() })
    }

    /// Can a fact of this type be held against it at all? Asked when the file is loaded.
    pub fn fits(&self, _fact_type: FactType) -> Result<(), ConditionProblem> {
        Ok(())
    }
}

impl TryFrom<String> for Condition {
    type Error = ConditionProblem;

    fn try_from(text: String) -> Result<Self, ConditionProblem> {
        Self::parse(&text)
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> Self {
        condition.text
    }
}

/// A condition on a named fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// The fact.
    pub fact: String,
    /// What must hold of it.
    pub condition: Condition,
}
