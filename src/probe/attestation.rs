//! What no probe can see, stated by a person. A statement that nobody made, or that has expired, is no data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::captured::is_blank;
use crate::model::condition::{Condition, Expectation};
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::format;
use crate::model::instant::{Instant, Stamp};
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::witness::Witness;

/// What no probe can see, stated by a person for a time: roles assigned, a rehearsal held.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Attestation {
    /// What is stated, a sentence.
    pub statement: String,
    /// Who states it; `null` until somebody does, and then there is no data.
    #[serde(default)]
    pub by: Option<String>,
    /// When it was stated: a date, or a time with a zone.
    #[serde(default)]
    pub on: Option<String>,
    /// How long it holds from then, such as `14d`; without it, it does not expire.
    #[serde(default)]
    pub valid_for: Option<String>,
    /// Where to read more.
    #[serde(default)]
    pub see: Option<String>,
    /// Is it the opposite that is stated: a person looked, and it is not so?
    #[serde(default)]
    pub denied: bool,
}

impl Attestation {
    /// Has what was stated expired by a moment? Never, where nobody stated it or it holds without end.
    pub fn has_expired(&self, now: Instant) -> bool {
        let on = self.on.as_deref().and_then(|on| on.parse::<Stamp>().ok());
        on.zip(self.lifetime()).is_some_and(|(on, lifetime)| Number::from(now.seconds_since(on.at)) > lifetime)
    }

    fn lifetime(&self) -> Option<Number> {
        self.valid_for.as_deref().and_then(|text| parse_duration(text).ok())
    }
}

impl Kind for Attestation {
    const NAME: &'static str = "attestation";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new(
            "confirmed",
            FactType::Flag,
            "True when somebody confirms it and that has not expired; false when they say it is not so",
        )
        .higher(),
        FactSpec::new("by", FactType::Text, "Who states it"),
        FactSpec::new("on", FactType::Instant, "When it was stated"),
        FactSpec::new("age", FactType::Duration, "How long ago it was stated").lower().growing(),
    ];
    const EXAMPLE: &'static str =
        r#"{statement: "The rollback was rehearsed in staging", by: Cora, on: 2025-10-21, valid-for: 14d}"#;

    fn implied(&self) -> Vec<Expectation> {
        Condition::parse("true")
            .map(|condition| Expectation { fact: "confirmed".to_owned(), condition })
            .into_iter()
            .collect()
    }

    fn lapse(&self) -> Option<String> {
        if self.by.is_none() {
            return Some("until somebody states it".to_owned());
        }
        let lifetime = self.lifetime()?;
        Some(format!("once it is older than {}", format::duration(&lifetime)))
    }

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        if let Some(Err(problem)) = self.on.as_deref().map(str::parse::<Stamp>) {
            problems.push((problem.to_string(), "write `on:` as 2025-10-21".to_owned()));
        }
        if let Some(Err(problem)) = self.valid_for.as_deref().map(parse_duration) {
            problems.push((problem.to_string(), "write `valid-for:` as 14d or 36h".to_owned()));
        }
        if is_blank(&self.statement) {
            problems.push(("nothing is stated".to_owned(), "write a sentence in `statement:`".to_owned()));
        }
        if self.by.as_deref().is_some_and(is_blank) {
            let help = "write who states it, or `by: null` until somebody does";
            problems.push(("the attestation does not say who makes it".to_owned(), help.to_owned()));
        }
        if self.by.is_some() && self.on.is_none() {
            problems.push((
                "an attestation by somebody needs the day it was made".to_owned(),
                "add `on: YYYY-MM-DD`".to_owned(),
            ));
        }
        problems
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let now = witness.now().await?;
        let mut facts = Facts::default();
        let (Some(by), Some(on)) = (&self.by, self.on.as_deref().and_then(|on| on.parse::<Stamp>().ok())) else {
            for fact in ["confirmed", "by", "on", "age"] {
                facts.absent(fact, "nobody has confirmed it");
            }
            return Ok(facts);
        };
        facts.set("by", Value::Text(by.clone()));
        facts.set("on", Value::Instant(on.at));
        let age = Number::from(now.seconds_since(on.at));
        facts.set("age", Value::Duration(age.clone()));
        match self.lifetime() {
            _ if age.is_negative() => {
                facts.absent("confirmed", format!("it is dated {}, which is still to come", format::stamp(on, "UTC")))
            }
            Some(_) if self.has_expired(now) => {
                let on = format::stamp(on, "UTC");
                facts.absent("confirmed", format!("it was confirmed on {on} and that has expired"));
            }
            _ => facts.set("confirmed", Value::Flag(!self.denied)),
        }
        Ok(facts)
    }
}
