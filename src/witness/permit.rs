//! What an audit file of a stranger may ask: one pure function from rules and a question to "allowed" or the reason why not.
//!
//! Whoever connects asks it about the very address that is connected to, so that a name cannot resolve to another one in
//! between. Nothing here looks at the outside.

mod address;
mod network;

use std::net::IpAddr;

pub use network::Network;

use crate::model::fact::Unmeasurable;

/// How every reason ends that a rule gives: the switch that asks for it.
const RULE: &str = " (--untrusted)";
/// How the reason ends that the end of the time gives.
const TIME: &str = " (--max-time)";

/// The rules for an audit file that nobody here wrote.
#[derive(Debug, Clone, Default)]
pub struct Untrusted {
    /// What may be reached besides the public internet.
    pub networks: Vec<Network>,
}

/// What is about to be done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed<'a> {
    /// Run this program.
    Run(&'a str),
    /// Speak over this unix socket.
    Socket(&'a str),
    /// Look at variables of the environment.
    Environment,
    /// Fill in this secret.
    Secret(&'a str),
    /// Connect to an address that was asked for by a name, or tell that it is one of a name's.
    Reach { host: &'a str, address: IpAddr, port: u16 },
}

impl Untrusted {
    /// May it be done? Else why not, and the way out.
    pub(super) fn permits(&self, deed: Deed<'_>) -> Result<(), Unmeasurable> {
        const TRUSTED: &str = "Run the audit without --untrusted, if you trust whoever wrote it.";
        match deed {
            Deed::Run(program) => Err(refusal(format!("the command \"{program}\" is not run"), TRUSTED)),
            Deed::Socket(path) => Err(refusal(format!("the socket \"{path}\" is not opened"), TRUSTED)),
            Deed::Environment => Err(refusal("the environment is not looked at", TRUSTED)),
            Deed::Secret(name) => Err(refusal(format!("the secret \"{name}\" is not filled in"), TRUSTED)),
            Deed::Reach { host, address, port } => self.reach(host, address, port),
        }
    }

    fn reach(&self, host: &str, address: IpAddr, port: u16) -> Result<(), Unmeasurable> {
        let Some(what) = address::special(address) else { return Ok(()) };
        if self.networks.iter().any(|network| network.holds(host, address, port)) {
            return Ok(());
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let named = if bare.parse() == Ok(address) {
            format!("{address} ({what}) is not reached")
        } else {
            format!("{host} is {address} ({what}), which is not reached")
        };
        let allowed = match address {
            IpAddr::V6(six) if port != 0 => format!("[{six}]:{port}"),
            _ if port != 0 => format!("{address}:{port}"),
            _ => address.to_string(),
        };
        Err(refusal(named, format!("Allow it with --allow-network {allowed}, if the audit may see what is there.")))
    }
}

/// What a rule refuses: the check that asked is not judged, and it is not asked again.
pub(super) fn refusal(what: impl Into<String>, help: impl Into<String>) -> Unmeasurable {
    Unmeasurable::new(what.into() + RULE, help)
}

/// What is refused because the run has lasted as long as it may.
pub(super) fn out_of_time(total: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("the time for the whole run is up: {total}{TIME}"),
        "Give it more with --max-time, or measure less.",
    )
}

/// Was it a rule that refused?
pub(super) fn is_refusal(why: &Unmeasurable) -> bool {
    why.reason.ends_with(RULE) || why.reason.ends_with(TIME)
}

/// A refusal on its way through a library that connects.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(pub(super) Unmeasurable);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(networks: &[&str]) -> Untrusted {
        Untrusted { networks: networks.iter().map(|text| text.parse().expect(text)).collect() }
    }

    fn reach<'a>(host: &'a str, address: &str, port: u16) -> Deed<'a> {
        Deed::Reach { host, address: address.parse().expect(address), port }
    }

    #[test]
    fn each_rule_names_what_it_refuses_and_the_way_out() {
        for (deed, reason) in [
            (Deed::Run("kubectl"), "the command \"kubectl\" is not run (--untrusted)"),
            (Deed::Socket("/run/docker.sock"), "the socket \"/run/docker.sock\" is not opened (--untrusted)"),
            (Deed::Environment, "the environment is not looked at (--untrusted)"),
            (Deed::Secret("TOKEN"), "the secret \"TOKEN\" is not filled in (--untrusted)"),
            (reach("10.0.0.1", "10.0.0.1", 80), "10.0.0.1 (a private network) is not reached (--untrusted)"),
            (
                reach("localhost", "127.0.0.1", 80),
                "localhost is 127.0.0.1 (this machine), which is not reached (--untrusted)",
            ),
            (reach("[::1]", "::1", 80), "::1 (this machine) is not reached (--untrusted)"),
        ] {
            let why = rules(&["192.168.7.7"]).permits(deed).expect_err(reason);
            assert_eq!(why.reason, reason);
            assert!(is_refusal(&why) && why.help.contains("--"), "{}", why.help);
        }
    }

    #[test]
    fn what_is_public_or_allowed_is_reached() {
        let rules = rules(&["10.0.0.0/8", "db.internal:5432"]);
        assert!(rules.permits(reach("one.example", "1.1.1.1", 443)).is_ok());
        assert!(rules.permits(reach("x", "10.2.3.4", 1)).is_ok());
        assert!(rules.permits(reach("db.internal", "192.168.1.5", 5432)).is_ok());
        assert!(rules.permits(reach("db.internal", "192.168.1.5", 22)).is_err());
        let why = rules.permits(reach("[fd00::1]", "fd00::1", 80)).expect_err("private");
        assert_eq!(why.help, "Allow it with --allow-network [fd00::1]:80, if the audit may see what is there.");
    }

    proptest! {
        /// Whatever is not public is reached exactly when it is allowed by what the message says to write.
        #[test]
        fn what_the_message_says_to_allow_is_what_allows_it(bits: u32, port in 1_u16..) {
            let host = std::net::Ipv4Addr::from(bits).to_string();
            let deed = reach(&host, &host, port);
            if let Err(why) = rules(&[]).permits(deed) {
                let written = why.help.strip_prefix("Allow it with --allow-network ").and_then(|rest| rest.split(',').next());
                prop_assert!(rules(&[written.expect("an address")]).permits(deed).is_ok(), "{}", why.help);
            } else {
                prop_assert!(address::special(std::net::Ipv4Addr::from(bits).into()).is_none());
            }
        }
    }
}
