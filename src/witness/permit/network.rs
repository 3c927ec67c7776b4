//! What `--allow-network` names: a range of addresses, one address, or a host. It resolves nothing.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use url::Host;

use super::address;

/// Addresses that an untrusted audit may reach although they are not of the public internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    what: What,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// However they are named.
    Addresses(IpNet),
    /// Whatever it resolves to, when it is asked for by this name: in lower case, without a last dot.
    Host(String),
}

impl Network {
    /// Does it hold this address, asked for by this name?
    pub(super) fn holds(&self, host: &str, address: IpAddr, port: u16) -> bool {
        let port_fits = self.port.is_none_or(|only| only == port);
        port_fits
            && match &self.what {
                What::Addresses(net) => net.contains(&address::plain(address)),
                What::Host(name) => host.trim_end_matches('.').eq_ignore_ascii_case(name),
            }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole = |address: IpAddr| IpNet::from(address::plain(address));
        if text.contains('/') {
            let wrong =
                || format!("\"{text}\" is no range of addresses: write it as 10.0.0.0/8, and a host without http://");
            let net: IpNet = text.parse().map_err(|_| wrong())?;
            return Ok(Self { what: What::Addresses(net.trunc()), port: None });
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self { what: What::Addresses(whole(address)), port: None });
        }
        if let Ok(socket) = text.parse::<SocketAddr>() {
            return Ok(Self { what: What::Addresses(whole(socket.ip())), port: Some(socket.port()) });
        }
        let wrong = || {
            format!(
                "\"{text}\" is neither a range, an address nor a host: write 10.0.0.0/8, 10.1.2.3:9090 or prometheus.internal:9090"
            )
        };
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !text.ends_with(']') => (host, Some(port.parse().map_err(|_| wrong())?)),
            _ => (text, None),
        };
        let what = match Host::parse(host).map_err(|_| wrong())? {
            Host::Domain(name) => What::Host(name.trim_end_matches('.').to_ascii_lowercase()),
            Host::Ipv4(address) => What::Addresses(whole(address.into())),
            Host::Ipv6(address) => What::Addresses(whole(address.into())),
        };
        Ok(Self { what, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, host: &str, address: &str, port: u16) -> bool {
        network.parse::<Network>().expect(network).holds(host, address.parse().expect(address), port)
    }

    #[test]
    fn a_range_an_address_and_a_host_are_told_apart() {
        assert!(holds("10.0.0.0/8", "x", "10.1.2.3", 80));
        assert!(holds("10.9.9.9/8", "x", "::ffff:10.1.2.3", 80), "however it is written");
        assert!(!holds("10.0.0.0/8", "x", "11.0.0.1", 80));
        assert!(holds("127.0.0.1:9090", "localhost", "127.0.0.1", 9090));
        assert!(!holds("127.0.0.1:9090", "127.0.0.1", "127.0.0.1", 9091), "another port");
        assert!(holds("0x7f.1", "x", "127.0.0.1", 1), "as the URL parser reads it");
        assert!(holds("::1", "x", "::1", 1) && holds("[::1]:80", "x", "::1", 80) && holds("[::1]", "x", "::1", 5));
        assert!(holds("fd00::/8", "x", "fd12::1", 1));
        assert!(holds("Prometheus.Internal:9090", "prometheus.internal.", "10.0.0.1", 9090));
        assert!(!holds("prometheus.internal", "evil.example", "10.0.0.1", 9090), "the same address by another name");
        assert!(!holds("internal", "prometheus.internal", "10.0.0.1", 80), "a name is the whole name");
    }

    #[test]
    fn what_is_no_network_says_what_to_write() {
        for wrong in ["http://10.0.0.1/", "10.0.0.0/33", "host:port", "a b", "", "*.internal:x"] {
            let error = wrong.parse::<Network>().expect_err(wrong);
            assert!(error.contains(&format!("\"{wrong}\"")) && error.contains("write"), "{error}");
        }
    }
}
