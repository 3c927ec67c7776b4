//! How long ago a moment was, or how long until it comes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::instant::Stamp;
use crate::model::number::Number;
use crate::witness::Witness;

/// How long ago a moment was, or how long until it comes: a freeze that has begun, a soak that is over.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Clock {
    /// The moment: a time with a zone, or a date (its first second, UTC).
    pub moment: String,
}

impl Kind for Clock {
    const NAME: &'static str = "clock";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("since", FactType::Duration, "How long ago it was; absent while it is still to come").growing(),
        FactSpec::new("until", FactType::Duration, "How long until it comes; absent once it has come"),
        FactSpec::new("has-come", FactType::Flag, "True once it has come"),
    ];
    const EXAMPLE: &'static str = r#"{moment: "2025-10-23T00:00Z"}"#;

    fn problems(&self) -> Vec<(String, String)> {
        let read = self.moment.parse::<Stamp>();
        read.err()
            .map(|problem| (problem.to_string(), "write 2025-10-23T00:00Z or 2025-10-23".to_owned()))
            .into_iter()
            .collect()
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let moment = self.moment.parse::<Stamp>();
        let moment = moment.map_err(|problem| Unmeasurable::new(problem.to_string(), "Write 2025-10-23T00:00Z."))?;
        let passed = witness.now().await?.seconds_since(moment.at);
        let mut facts = Facts::default();
        facts.set("has-come", Value::Flag(passed >= 0));
        if passed >= 0 {
            facts.set("since", Value::seconds(Number::from(passed)));
            facts.absent("until", "it has come; hold `has-come` against `false` for what must not have");
        } else {
            facts.absent("since", "it is still to come");
            facts.set("until", Value::seconds(Number::from(passed.saturating_neg())));
        }
        Ok(facts)
    }
}
