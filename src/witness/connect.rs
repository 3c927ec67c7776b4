//! Making a TCP connection, live, and closing it at once. A refusal is an answer. It must not send a byte.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

use super::store::plain;
use super::words::seconds;
use crate::model::fact::Unmeasurable;

/// Was the connection made? `false` means that it was refused.
pub(super) async fn connect(address: &str, timeout: Duration) -> Result<bool, Unmeasurable> {
    let attempt = tokio::time::timeout(timeout, open(address));
    attempt.await.map(|opened| opened.map(|stream| stream.is_some())).unwrap_or_else(|_| {
        Err(Unmeasurable::new(
            format!("{address} did not answer within {}", seconds(timeout)),
            "Look whether a firewall swallows the packets, or give the check a longer timeout.",
        ))
    })
}

/// The connection, or `None` when it was refused. Whoever asks bounds how long it may take.
pub(super) async fn open(address: &str) -> Result<Option<TcpStream>, Unmeasurable> {
    let addresses: Vec<_> = match tokio::net::lookup_host(address).await {
        Ok(found) => found.collect(),
        Err(error) => return Err(unresolved(address, &error)),
    };
    match TcpStream::connect(&*addresses).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(None),
        Err(error) => Err(Unmeasurable::new(
            format!("{address} cannot be reached: {}", plain(&error)),
            "Look at the route and the firewalls between this machine and that one.",
        )),
    }
}

fn unresolved(address: &str, error: &io::Error) -> Unmeasurable {
    Unmeasurable::new(
        format!("the name in \"{address}\" does not resolve: {}", plain(error)),
        "Look at the spelling of the host and at the name servers of this machine.",
    )
}
