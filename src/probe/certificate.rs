//! The certificate that a TLS server shows, or one in a file: until when it is valid, for which names, and whether it is
//! to be trusted. One that is not can be measured all the same.

use std::io::Read as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::evidence::TlsFiles;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::instant::Instant;
use crate::source::certificate::{self, Certificate as Parsed};
use crate::witness::Witness;

/// A certificate with its whole chain is smaller than this by far.
const LARGEST: u64 = 1024 * 1024;

/// The TLS certificate of a server, or of a PEM file: when it expires, for which names it is, whether it is trusted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Certificate {
    /// `host:port` of a server that speaks TLS from the first byte on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A file with a certificate, PEM; of several in it, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The name that the certificate must be for, and that the server is asked for; the host of `address` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// A file with certificates of authorities to trust besides those of the machine, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
}

impl Kind for Certificate {
    const NAME: &'static str = "certificate";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("valid", FactType::Flag, "True when it is in date, for this name, and of a trusted authority")
            .higher(),
        FactSpec::new("expires", FactType::Instant, "Until when it is valid"),
        FactSpec::new("expires-in", FactType::Duration, "How long that is from now; below 0 when it has expired")
            .higher(),
        FactSpec::new(
            "chain-expires-in",
            FactType::Duration,
            "How long until the first of those that came with it ends, itself included; those that sign themselves do \
             not count",
        )
        .higher(),
        FactSpec::new("not-before", FactType::Instant, "From when on it is valid"),
        FactSpec::new("issuer", FactType::Text, "Who signed it"),
        FactSpec::new("subject", FactType::Text, "Whose it is"),
        FactSpec::new("names", FactType::List, "Host names and addresses that it is for"),
        FactSpec::new("fingerprint-sha256", FactType::Text, "SHA-256 of it, 64 lower-case hex digits"),
        FactSpec::new("self-signed", FactType::Flag, "True when it names itself as who signed it").lower(),
        FactSpec::new("chain-length", FactType::Count, "Certificates that came with it, itself included"),
    ];
    const EXAMPLE: &'static str = "{address: \"shop.example.com:443\"}";
    const SOURCES: &'static [&'static str] = &["address", "file"];

    fn source(&self) -> Option<&'static str> {
        match (&self.address, &self.file) {
            (Some(_), _) => Some("address"),
            (_, Some(_)) => Some("file"),
            _ => None,
        }
    }

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems: Vec<_> =
            self.address.iter().filter_map(|address| super::tcp::address(address).err()).collect();
        let mut say = |message: &str, help: &str| problems.push((message.to_owned(), help.to_owned()));
        match (&self.address, &self.file) {
            (None, None) => say("no source is given", "give one of `address:` and `file:`"),
            (Some(_), Some(_)) => say("several sources are given", "keep one of `address:` and `file:`"),
            (None, Some(_)) if self.server_name.is_some() || self.ca_file.is_some() => {
                say("a file is held against no name and no authority", "leave `server-name:` and `ca-file:` out");
            }
            _ => {}
        }
        if let Some(name) = self.server_name.as_deref().filter(|name| name.parse::<core::net::IpAddr>().is_err()) {
            problems.extend(super::dns::host_problem(name));
        }
        problems
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        if let Some(file) = &self.file {
            let pem = content(witness, file).await?;
            let (read, others) = certificate::read(&pem, &format!("\"{file}\""))?;
            let mut facts = facts(&read, &others, witness.now().await?);
            facts.absent("valid", "a file is held against no name and no authority");
            return Ok(facts);
        }
        let address = self.address.as_deref().unwrap_or_default();
        let (host, port) = super::tcp::address(address).map_err(|(reason, help)| Unmeasurable::new(reason, help))?;
        let name = self.server_name.clone().unwrap_or_else(|| host.trim_matches(['[', ']']).to_owned());
        let tls = TlsFiles { ca_file: self.ca_file.clone(), ..TlsFiles::default() };
        let shown = witness.certificate(&format!("{host}:{port}"), &name, tls).await?;
        let (read, others) = certificate::read(&shown.chain, &format!("what {address} showed"))?;
        let mut facts = facts(&read, &others, witness.now().await?);
        facts.set("valid", Value::Flag(shown.refused.is_none()));
        if let Some(why) = shown.refused {
            facts.note(format!("The certificate is not to be trusted: {why}."));
        }
        Ok(facts)
    }
}

/// The bytes of a small file.
async fn content(witness: &Witness, file: &str) -> Result<Vec<u8>, Unmeasurable> {
    let wrong = |why: &str| {
        Unmeasurable::new(
            format!("\"{file}\" cannot be used: {why}"),
            "Name a file with one certificate, or its chain.",
        )
    };
    let mut pem = Vec::new();
    let mut bounded = witness.read(file).await?.reader.take(LARGEST + 1);
    bounded.read_to_end(&mut pem).map_err(|error| wrong(&error.to_string()))?;
    if pem.len() as u64 > LARGEST { Err(wrong("it is larger than 1 MiB")) } else { Ok(pem) }
}

fn facts(read: &Parsed, others: &[Option<Parsed>], now: Instant) -> Facts {
    let mut facts = Facts::default();
    facts.set("chain-length", Value::count(others.len() + 1));
    set_chain(&mut facts, read, others, now);
    facts.set_or("expires", read.expires.map(Value::Instant), "it has no end that can be written down");
    let left = read.expires.map(|end| Value::seconds(end.seconds_since(now)));
    facts.set_or("expires-in", left, "it has no end that can be written down");
    facts.set_or("not-before", read.not_before.map(Value::Instant), "it has no beginning that can be written down");
    facts.set("issuer", Value::Text(read.issuer.clone()));
    facts.set("subject", Value::Text(read.subject.clone()));
    facts.set_or("names", read.names.clone().map(Value::List), "its names cannot be read");
    facts.set("fingerprint-sha256", Value::Text(read.fingerprint.clone()));
    facts.set("self-signed", Value::Flag(read.self_signed));
    if read.not_before.is_some_and(|start| start > now) {
        facts.note("It is not valid yet, or the clock of this machine is behind.");
    }
    facts
}

/// A chain is good as long as each of its links. An authority that signs itself is trusted by a copy of it elsewhere.
fn set_chain(facts: &mut Facts, read: &Parsed, others: &[Option<Parsed>], now: Instant) {
    let links = others.iter().filter(|other| other.as_ref().is_none_or(|other| !other.self_signed));
    let links: Option<Vec<(&Parsed, Instant)>> = std::iter::once(Some(read))
        .chain(links.map(Option::as_ref))
        .map(|link| link.and_then(|link| Some((link, link.expires?))))
        .collect();
    let first = links.and_then(|links| links.into_iter().min_by_key(|(_, end)| *end));
    let Some((link, end)) = first else {
        facts
            .absent("chain-expires-in", "one that came with it cannot be read, or has no end that can be written down");
        return;
    };
    facts.set("chain-expires-in", Value::seconds(end.seconds_since(now)));
    if read.expires.is_some_and(|own| end < own) {
        facts.note(format!("The certificate of \"{}\" that came with it ends before it does: at {end}.", link.subject));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_counted_from_the_one_clock_and_may_be_less_than_nothing() {
        let (read, others) = certificate::read(include_bytes!("../../fixtures/tls/expired.pem"), "x").expect("reads");
        let at = |now: &str| facts(&read, &others, now.parse().expect("a time"));
        assert_eq!(at("2020-01-31T00:00:00Z").get("expires-in"), Some(&Value::seconds(86_400)));
        assert_eq!(at("2020-02-02T00:00:00Z").get("expires-in"), Some(&Value::seconds(-86_400)));
        assert!(at("2019-01-01T00:00:00Z").notes[0].starts_with("It is not valid yet"));
    }

    #[test]
    fn a_chain_is_good_for_as_long_as_the_first_of_its_links_that_no_authority_signed_for_itself() {
        let at = |pem: &[&[u8]]| {
            let (read, others) = certificate::read(&pem.concat(), "x").expect("reads");
            facts(&read, &others, "2020-01-31T00:00:00Z".parse().expect("a time"))
        };
        let leaf: &[u8] = include_bytes!("../../fixtures/tls/leaf.pem");
        let early: &[u8] = include_bytes!("../../fixtures/tls/expired.pem");
        let authority: &[u8] = include_bytes!("../../fixtures/tls/ca.pem");
        let alone = at(&[leaf, authority]);
        assert_eq!(alone.get("chain-expires-in"), alone.get("expires-in"));
        let chain = at(&[leaf, early, authority]);
        assert_eq!(chain.get("chain-expires-in"), Some(&Value::seconds(86_400)));
        assert!(chain.notes.iter().any(|note| note.contains("ends before it does: at 2020-02-01T00:00:00Z")));
        let broken: &[u8] = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(at(&[leaf, broken]).get("chain-expires-in"), None);
    }

    #[test]
    fn an_address_or_a_file_must_be_given_and_not_both() {
        let problem = |yaml: &str| {
            let kind: Certificate = serde_saphyr::from_str(yaml).expect(yaml);
            kind.problems().into_iter().map(|(message, _)| message).collect::<Vec<_>>()
        };
        assert_eq!(problem("{}"), ["no source is given"]);
        assert_eq!(problem("{address: 'h:443', file: a.pem}"), ["several sources are given"]);
        assert_eq!(problem("{address: h}"), ["\"h\" has no port"]);
        assert_eq!(
            problem("{address: 'h:443', server-name: 'https://h'}"),
            ["\"https://h\" is not the name of a host"]
        );
        assert_eq!(problem("{address: 'h:443', server-name: '::1'}"), Vec::<String>::new());
        assert_eq!(problem("{file: a.pem, server-name: h}"), ["a file is held against no name and no authority"]);
        assert_eq!(problem("{address: 'h:443', server-name: h, ca-file: ca.pem}"), Vec::<String>::new());
    }
}
