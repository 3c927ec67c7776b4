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
        FactSpec::new("since", FactType::Duration, "How long ago it was; 0 while it is still to come").growing(),
        FactSpec::new("until", FactType::Duration, "How long until it comes; 0 once it has come"),
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
        let seconds = |passed: i64| Value::seconds(Number::from(u64::try_from(passed).unwrap_or_default()));
        let mut facts = Facts::default();
        facts.set("since", seconds(passed));
        facts.set("until", seconds(passed.saturating_neg()));
        Ok(facts)
    }
}
