//! Whether a TCP port takes a connection. Nothing is sent over it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::number::Number;
use crate::witness::Witness;

/// Whether a TCP port takes a connection.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tcp {
    /// `host:port`; an IPv6 address in brackets.
    pub address: String,
}

impl Kind for Tcp {
    const NAME: &'static str = "tcp";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("reachable", FactType::Flag, "True when the connection is made, false when it is refused")
            .higher(),
        FactSpec::new("response-time", FactType::Duration, "How long making the connection took").lower(),
    ];
    const EXAMPLE: &'static str = "{address: \"localhost:5432\"}";

    fn problems(&self) -> Vec<(String, String)> {
        address(&self.address).err().into_iter().collect()
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let (host, port) = address(&self.address).map_err(|(reason, help)| Unmeasurable::new(reason, help))?;
        let connected = witness.connect(&host, port).await?;
        let mut facts = Facts::default();
        facts.set("reachable", Value::Flag(connected.is_some()));
        let took = connected.and_then(|took| u64::try_from(took.as_micros()).ok());
        let took = took.and_then(|micros| Number::ratio(micros, 1_000_000_u32)).map(Value::Duration);
        facts.set_or("response-time", took, "the connection was refused");
        Ok(facts)
    }
}

/// Host and port of `host:port`; else what is wrong with it, and what to write.
pub(super) fn address(text: &str) -> Result<(String, u16), (String, String)> {
    if text.contains("${secret:") {
        let help = "write it as it is, or read it with `${env:NAME}`".to_owned();
        return Err((format!("\"{text}\" holds a secret, and none is filled into an address of this kind"), help));
    }
    let wrong = |what: &str| (format!("\"{text}\" {what}"), "write `host:port`, such as localhost:5432".to_owned());
    let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("has no port"))?;
    let port: u16 =
        port.parse().ok().filter(|port| *port > 0).ok_or_else(|| wrong("has no port between 1 and 65535"))?;
    if host.is_empty() || host.contains("//") || host.contains(char::is_whitespace) {
        return Err(wrong("names no host"));
    }
    if host.contains(':') && !(host.starts_with('[') && host.ends_with(']')) {
        return Err(wrong("has more than one colon: an IPv6 address stands in brackets"));
    }
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn host_and_port_are_told_apart() {
        assert_eq!(address("localhost:5432"), Ok(("localhost".to_owned(), 5432)));
        assert_eq!(address("[::1]:80"), Ok(("[::1]".to_owned(), 80)));
        for right in include_str!("../../fixtures/kinds/tcp/addresses.txt").lines() {
            assert!(address(right).is_ok(), "{right}");
        }
        for hidden in ["${secret:DB_HOST}:5432", "db:${secret:PORT}", "${secret:ADDRESS}"] {
            assert!(address(hidden).expect_err(hidden).0.contains("holds a secret"), "{hidden}");
        }
        for wrong in ["localhost", "localhost:", ":80", "h:0", "h:65536", "::1:80", "http://h:80", "a b:80", "h:-1"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_address_makes_it_panic(text in "\\PC{0,30}") {
            let _either = address(&text);
        }
    }
}
