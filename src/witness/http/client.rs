//! HTTP clients, built when they are first needed and shared by the whole run. It must not send anything.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use reqwest::{Certificate, Client, ClientBuilder};
use url::Url;

use crate::model::fact::Unmeasurable;

/// One client for each way of connecting. Building the one for https reads the machine's certificates, which takes 30 ms:
/// who asks over http alone never pays for that.
#[derive(Debug)]
pub(in crate::witness) struct Clients {
    ca_file: Option<PathBuf>,
    clients: Mutex<BTreeMap<Way, Slot>>,
}

/// Filled by whoever needs the client first.
type Slot = Arc<OnceLock<Result<Client, Unmeasurable>>>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// `proxied`: by the proxies that the environment names; never for this machine itself.
    Tcp { tls: bool, proxied: bool },
    /// Over a unix socket.
    Socket(String),
}

impl Clients {
    pub(in crate::witness) fn new(ca_file: Option<PathBuf>) -> Self {
        Self { ca_file, clients: Mutex::default() }
    }

    /// The client for this address.
    pub(super) async fn get(&self, url: &Url, socket: Option<&str>) -> Result<Client, Unmeasurable> {
        let way = match socket {
            Some(socket) => Way::Socket(socket.to_owned()),
            None => Way::Tcp { tls: url.scheme() == "https", proxied: !is_loopback(url) },
        };
        let slot = {
            let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(clients.entry(way.clone()).or_default())
        };
        if let Some(ready) = slot.get() {
            return ready.clone();
        }
        if !matches!(way, Way::Tcp { tls: true, .. }) {
            return slot.get_or_init(|| build(&way, None)).clone();
        }
        let ca_file = self.ca_file.clone();
        let building =
            tokio::task::spawn_blocking(move || slot.get_or_init(|| build(&way, ca_file.as_deref())).clone());
        building.await.map_err(|_| unbuildable("its thread ended"))?
    }
}

/// A proxy cannot reach what listens on this machine alone.
pub(in crate::witness) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn base() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
}

fn build(way: &Way, ca_file: Option<&std::path::Path>) -> Result<Client, Unmeasurable> {
    // An error means that somebody installed it before, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    match way {
        #[cfg(unix)]
        Way::Socket(path) => base().unix_socket(path.as_str()).no_proxy().tls_certs_only([]).build(),
        #[cfg(not(unix))]
        Way::Socket(_) => return Err(unbuildable("this system has no unix sockets")),
        Way::Tcp { tls: false, proxied } => direct(base().tls_certs_only([]), *proxied).build(),
        Way::Tcp { tls: true, proxied } => return with_tls(*proxied, ca_file),
    }
    .map_err(|error| unbuildable(&error.to_string()))
}

fn direct(builder: ClientBuilder, proxied: bool) -> ClientBuilder {
    if proxied { builder } else { builder.no_proxy() }
}

/// With the machine's certificates, or Mozilla's where it has none; those of `ca_file` besides.
fn with_tls(proxied: bool, ca_file: Option<&std::path::Path>) -> Result<Client, Unmeasurable> {
    let extra = ca_file.map_or_else(|| Ok(Vec::new()), certificates)?;
    let builder = direct(base(), proxied);
    let merged = if extra.is_empty() { builder } else { builder.tls_certs_merge(extra.clone()) };
    if let Ok(client) = merged.build() {
        return Ok(client);
    }
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok());
    let client = direct(base(), proxied).tls_certs_only(bundled.chain(extra)).build();
    client.map_err(|error| unbuildable(&error.to_string()))
}

fn certificates(file: &std::path::Path) -> Result<Vec<Certificate>, Unmeasurable> {
    let wrong = |why: &str| {
        Unmeasurable::new(
            format!("the certificates in \"{}\" cannot be used: {why}", file.display()),
            "Give a file of certificates in PEM form.",
        )
    };
    let bytes = std::fs::read(file).map_err(|error| wrong(&crate::witness::store::plain(&error)))?;
    match Certificate::from_pem_bundle(&bytes) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(wrong("there is no certificate in it")),
    }
}

fn unbuildable(why: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("the HTTP client could not be made: {why}"),
        "Look at the proxy variables and the certificates of this machine.",
    )
}
