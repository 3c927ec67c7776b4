//! Rules for what may be reached, held against each address before it is connected to. It must not connect itself.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::ClientBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::model::fact::Unmeasurable;
use crate::witness::connect::permitted;
use crate::witness::permit::{Deed, Refusal, Untrusted};

/// What can be said before a name is resolved; the port that the address has.
pub(super) fn named(rules: &Untrusted, url: &Url, socket: Option<&str>) -> Result<u16, Unmeasurable> {
    if let Some(socket) = socket {
        rules.permits(Deed::Socket(socket))?;
    }
    let port = url.port_or_known_default().unwrap_or_default();
    // An address that is written out is never resolved: the library connects to it at once.
    let address: IpAddr = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        _ => return Ok(port),
    };
    rules.permits(Deed::Reach { host: url.host_str().unwrap_or_default(), address, port })?;
    Ok(port)
}

/// A client that connects to no address but those that the rules allow for that port.
pub(super) fn addresses(builder: ClientBuilder, vetting: Option<(&Arc<Untrusted>, u16)>) -> ClientBuilder {
    match vetting {
        Some((rules, port)) => {
            builder.dns_resolver(Vetted { rules: Arc::clone(rules), port, resolve: by_this_machine })
        }
        None => builder,
    }
}

/// The addresses of a name, each with the port.
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

fn by_this_machine(name: String, port: u16) -> Found {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, port)).await?.collect()) })
}

/// Resolves, and hands on what may be reached: what is connected to is what was judged.
struct Vetted<F> {
    rules: Arc<Untrusted>,
    port: u16,
    resolve: F,
}

impl<F: Fn(String, u16) -> Found + Send + Sync> Resolve for Vetted<F> {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = Arc::clone(&self.rules);
        let finding = (self.resolve)(name.as_str().to_owned(), self.port);
        Box::pin(async move {
            let found = finding.await?.into_iter();
            let allowed = permitted(Some(&rules), name.as_str(), found).map_err(Refusal)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts who comes to an address, and sends everybody away with an answer.
    fn counted(listener: TcpListener) -> Arc<AtomicUsize> {
        let visits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&visits);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                let _request = stream.read(&mut [0; 1024]);
                let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        visits
    }

    /// 127.0.0.2 stands for the public internet; the name leads there once, and inside from then on.
    #[tokio::test]
    async fn what_is_connected_to_is_what_was_judged() {
        let outside = TcpListener::bind("127.0.0.2:0").unwrap();
        let port = outside.local_addr().unwrap().port();
        let inside = counted(TcpListener::bind(("127.0.0.1", port)).unwrap());
        let outside = counted(outside);
        let asked = AtomicUsize::new(0);
        let resolve = move |_: String, port: u16| -> Found {
            let last = if asked.fetch_add(1, Ordering::SeqCst) == 0 { 2 } else { 1 };
            Box::pin(async move { Ok(vec![SocketAddr::from(([127, 0, 0, last], port))]) })
        };
        let rules = Arc::new(Untrusted { networks: vec!["127.0.0.2".parse().unwrap()] });
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let client = builder.dns_resolver(Vetted { rules, port, resolve }).build().unwrap();
        let ask = || client.get(format!("http://rebound.example:{port}/")).send();
        assert_eq!(ask().await.unwrap().status(), 200);
        let error = ask().await.unwrap_err();
        let why = super::super::trouble::by_rule(&error).expect("a rule refused it").reason;
        assert_eq!(why, "rebound.example is 127.0.0.1 (this machine), which is not reached (--untrusted)");
        assert_eq!((outside.load(Ordering::SeqCst), inside.load(Ordering::SeqCst)), (1, 0));
    }
}
