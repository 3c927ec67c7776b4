//! What the name of a host resolves to, as this machine resolves it: hosts file, name servers, search domains and all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::witness::Witness;

/// Whether the name of a host resolves, and to which addresses.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dns {
    /// The name, such as `api.example.com`.
    pub host: String,
}

impl Kind for Dns {
    const NAME: &'static str = "dns";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("resolves", FactType::Flag, "True when it has an address, false when there is none").higher(),
        FactSpec::new("count", FactType::Count, "How many addresses it has"),
        FactSpec::new("addresses", FactType::List, "Its addresses, IPv4 before IPv6, sorted"),
    ];
    const EXAMPLE: &'static str = "{host: api.example.com}";

    fn problems(&self) -> Vec<(String, String)> {
        host_problem(&self.host).into_iter().collect()
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let found = witness.resolve(&self.host).await?;
        let mut facts = Facts::default();
        facts.set("resolves", Value::Flag(!found.is_empty()));
        facts.set("count", Value::count(found.len()));
        facts.set("addresses", Value::List(found.iter().map(ToString::to_string).collect()));
        Ok(facts)
    }
}

/// What is wrong with the name of a host: fragment and way out. One that still holds a placeholder is taken as it is.
pub(super) fn host_problem(host: &str) -> Option<(String, String)> {
    let foreign = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | ':' | '@' | '[' | ']');
    let wrong = host.is_empty() || host.contains(foreign);
    (wrong && !host.contains("${"))
        .then(|| (format!("\"{host}\" is not the name of a host"), "write a name such as api.example.com".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_scheme_or_port_is_no_name() {
        for right in ["localhost", "api.example.com", "_sip._tcp.example.com", "127.0.0.1", "${HOST}"] {
            assert_eq!(host_problem(right), None, "{right}");
        }
        for wrong in ["", "http://h", "h:80", "a b", "[::1]", "a\n"] {
            assert!(host_problem(wrong).is_some(), "{wrong}");
        }
    }
}
