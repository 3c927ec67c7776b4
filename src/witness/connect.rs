//! Making a TCP connection, live, and closing it at once. A refusal is an answer. It must not send a byte.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::permit::{Deed, Untrusted};
use super::store::plain;
use super::words::{seconds, too_many_open};
use crate::model::fact::Unmeasurable;

/// Was the connection made? `false` means that it was refused.
pub(super) async fn connect(address: &str, rules: Option<&Untrusted>, timeout: Duration) -> Result<bool, Unmeasurable> {
    let attempt = tokio::time::timeout(timeout, open(address, rules));
    attempt.await.map(|opened| opened.map(|stream| stream.is_some())).unwrap_or_else(|_| {
        Err(Unmeasurable::new(
            format!("{address} did not answer within {}", seconds(timeout)),
            "Look whether a firewall swallows the packets, or give the check a longer timeout.",
        ))
    })
}

/// The connection, or `None` when it was refused: to one of the addresses that the rules allow, and to no other. Whoever asks
/// bounds how long it may take.
pub(super) async fn open(address: &str, rules: Option<&Untrusted>) -> Result<Option<TcpStream>, Unmeasurable> {
    let addresses: Vec<_> = match tokio::net::lookup_host(address).await {
        Ok(found) => permitted(rules, host_in(address), found)?,
        Err(error) => return Err(unresolved(address, &error)),
    };
    match TcpStream::connect(&*addresses).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(None),
        Err(error) => Err(too_many_open(&format!("{address} cannot be reached"), &error).unwrap_or_else(|| {
            Unmeasurable::new(
                format!("{address} cannot be reached: {}", plain(&error)),
                "Look at the route and the firewalls between this machine and that one.",
            )
        })),
    }
}

/// `host` of `host:port`, without the brackets of IPv6.
fn host_in(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Those of a host's addresses that may be reached; where there is none, why the first may not.
pub(super) fn permitted(
    rules: Option<&Untrusted>,
    host: &str,
    found: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, Unmeasurable> {
    let Some(rules) = rules else { return Ok(found.collect()) };
    let (mut allowed, mut first) = (Vec::new(), None);
    for socket in found {
        match rules.permits(Deed::Reach { host, address: socket.ip(), port: socket.port() }) {
            Ok(()) => allowed.push(socket),
            Err(why) => first = first.or(Some(why)),
        }
    }
    match first {
        Some(why) if allowed.is_empty() => Err(why),
        _ => Ok(allowed),
    }
}

fn unresolved(address: &str, error: &io::Error) -> Unmeasurable {
    Unmeasurable::new(
        format!("the name in \"{address}\" does not resolve: {}", plain(error)),
        "Look at the spelling of the host and at the name servers of this machine.",
    )
}
