//! Resolving the name of a host, live, as every program of this machine does. A name without an address is an answer. It
//! must not connect to what it finds.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use super::permit::{Deed, Untrusted};
use super::store::plain;
use super::words::seconds;
use crate::model::fact::Unmeasurable;

/// What the C libraries say when the name servers answered, and the name has no address. Anything else, such as name
/// servers that do not answer, is "could not look". Rust keeps no code of it, and no program here sets a language.
const NO_ADDRESS: [&str; 6] = [
    "Name or service not known",
    "No address associated with hostname",
    "nodename nor servname provided, or not known",
    "Name does not resolve",
    "Name has no usable address",
    "No such host is known",
];

/// Its addresses, sorted, IPv4 first. One that the rules do not allow is no answer: it would tell of a network that they
/// keep out, and the others alone would be a wrong answer.
pub(super) async fn resolve(
    host: &str,
    rules: Option<&Untrusted>,
    timeout: Duration,
) -> Result<Vec<IpAddr>, Unmeasurable> {
    // A port is asked for by the interface and means nothing.
    let looking = tokio::net::lookup_host((host, 0));
    match tokio::time::timeout(timeout, looking).await {
        Ok(Ok(found)) => {
            let mut addresses: Vec<_> = found.map(|address| address.ip()).collect();
            addresses.sort();
            addresses.dedup();
            if let Some(rules) = rules {
                addresses
                    .iter()
                    .try_for_each(|address| rules.permits(Deed::Reach { host, address: *address, port: 0 }))?;
            }
            Ok(addresses)
        }
        Ok(Err(error)) if has_no_address(&error) => Ok(Vec::new()),
        Ok(Err(error)) => Err(Unmeasurable::new(
            format!("the name \"{host}\" could not be looked up: {}", plain(&error)),
            "Look at the name servers of this machine.",
        )),
        Err(_) => Err(Unmeasurable::new(
            format!("the name servers did not answer for \"{host}\" within {}", seconds(timeout)),
            "Look at the name servers of this machine, or give the check a longer timeout.",
        )),
    }
}

fn has_no_address(error: &io::Error) -> bool {
    let text = error.to_string();
    NO_ADDRESS.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_that_do_not_answer_are_no_answer() {
        let failed = |text: &str| io::Error::other(format!("failed to lookup address information: {text}"));
        assert!(has_no_address(&failed("Name or service not known")));
        assert!(!has_no_address(&failed("Temporary failure in name resolution")));
        assert!(!has_no_address(&failed("Non-recoverable failure in name resolution")));
    }
}
