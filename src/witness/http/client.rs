//! HTTP clients, built when they are first needed and shared by the whole run. It must not send anything.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Certificate, Client, ClientBuilder, Identity};
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use url::Url;

use super::{proxy, trust, vet};
use crate::model::evidence::TlsFiles;
use crate::model::fact::Unmeasurable;
use crate::witness::files::Files;
use crate::witness::permit::Untrusted;

/// A certificate with its whole chain is smaller than this by far.
const LARGEST_PEM: u64 = 1024 * 1024;

/// How many hosts there are to which connections are kept. With more, there would be fewer to each of them than questions
/// are let in at first, and of a host that answers all of these at once, some would be closed and opened again.
const KEPT_HOSTS: usize = 10;

/// One client for each way of connecting. Building the one for https reads the machine's certificates, which takes 30 ms:
/// who asks over http alone never pays for that.
#[derive(Debug)]
pub(in crate::witness) struct Clients {
    ca_file: Option<PathBuf>,
    files: Files,
    rules: Option<Arc<Untrusted>>,
    clients: Mutex<BTreeMap<Way, Slot>>,
    /// How many connections to one host wait for the next question, at most.
    idle: usize,
    /// The hosts to which any do.
    kept: Mutex<BTreeSet<String>>,
    trust: Mutex<BTreeMap<TlsFiles, TrustSlot>>,
}

/// Filled by whoever needs the client first.
type Slot = Arc<OnceLock<Result<Client, Unmeasurable>>>;

type TrustSlot = Arc<OnceLock<Result<Arc<dyn ServerCertVerifier>, Unmeasurable>>>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// `proxied`: by the proxies that the environment names; never for this machine itself.
    /// `tls`: whom to trust and who we are, for https.
    /// `http2`: nothing else, and without asking before.
    /// `vetted`: the port, where every address is held against rules; they may allow one port of a host and not another.
    /// `kept`: connections wait for the next question; each is an open file.
    Tcp { tls: Option<TlsFiles>, proxied: bool, http2: bool, vetted: Option<u16>, kept: bool },
    /// Over a unix socket.
    Socket(String),
}

impl Clients {
    /// `in_flight` questions are asked at once at most; no more than twice as many connections wait for the next one.
    pub(in crate::witness) fn new(
        ca_file: Option<PathBuf>,
        files: Files,
        rules: Option<Arc<Untrusted>>,
        in_flight: usize,
    ) -> Self {
        let idle = (2 * in_flight / KEPT_HOSTS).max(1);
        let (clients, kept, trust) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { ca_file, files, rules, clients, idle, kept, trust }
    }

    /// Is a connection to that host worth an open file when it has been answered? Of a fleet it is not: nobody asks most of
    /// its hosts twice.
    fn keeps(&self, url: &Url) -> bool {
        let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.contains(&host) || (kept.len() < KEPT_HOSTS && kept.insert(host))
    }

    /// What may be reached, when that is not everything.
    pub(in crate::witness) fn rules(&self) -> Option<&Untrusted> {
        self.rules.as_deref()
    }

    /// The proxy that this address is asked through.
    pub(super) fn proxy(&self, url: &Url, socket: Option<&str>) -> Option<String> {
        let proxied = self.rules.is_none() && socket.is_none() && !is_loopback(url);
        proxied.then(|| proxy::of(url)).flatten()
    }

    /// The client for this address; it must be asked for again at each redirect, because rules are held against it here.
    pub(super) async fn get(
        &self,
        url: &Url,
        socket: Option<&str>,
        tls: &TlsFiles,
        http2: bool,
    ) -> Result<Client, Unmeasurable> {
        let vetted = match self.rules() {
            Some(rules) => Some(vet::named(rules, url, socket)?),
            None => None,
        };
        let way = match socket {
            Some(socket) => Way::Socket(socket.to_owned()),
            None => Way::Tcp {
                tls: (url.scheme() == "https").then(|| tls.clone()),
                // A proxy would resolve the name once more, and connect to whatever it finds.
                proxied: vetted.is_none() && !is_loopback(url),
                http2,
                vetted,
                kept: self.keeps(url),
            },
        };
        let slot = {
            let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(clients.entry(way.clone()).or_default())
        };
        if let Some(ready) = slot.get() {
            return ready.clone();
        }
        if !matches!(way, Way::Tcp { tls: Some(_), .. }) {
            return slot.get_or_init(|| build(&way, None, &self.files, self.rules.as_ref(), self.idle)).clone();
        }
        let (ca_file, files, rules, idle) = (self.ca_file.clone(), self.files.clone(), self.rules.clone(), self.idle);
        let building = tokio::task::spawn_blocking(move || {
            slot.get_or_init(|| build(&way, ca_file.as_deref(), &files, rules.as_ref(), idle)).clone()
        });
        building.await.map_err(|_| unbuildable("its thread ended"))?
    }
}

/// Whom the clients for https trust, without a client.
impl Clients {
    pub(in crate::witness) async fn trust(&self, tls: &TlsFiles) -> Result<Arc<dyn ServerCertVerifier>, Unmeasurable> {
        let tls = tls.authorities();
        let slot = {
            let mut known = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(tls.clone()).or_default())
        };
        if let Some(ready) = slot.get() {
            return ready.clone();
        }
        let (ca_file, files) = (self.ca_file.clone(), self.files.clone());
        let building = tokio::task::spawn_blocking(move || {
            slot.get_or_init(|| trust::verifier(trust::authorities(ca_file.as_deref(), &tls, &files)?)).clone()
        });
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

fn build(
    way: &Way,
    ca_file: Option<&Path>,
    files: &Files,
    rules: Option<&Arc<Untrusted>>,
    idle: usize,
) -> Result<Client, Unmeasurable> {
    // An error means that somebody installed it before, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    match way {
        #[cfg(unix)]
        Way::Socket(path) => base().unix_socket(path.as_str()).no_proxy().tls_certs_only([]).build(),
        #[cfg(not(unix))]
        Way::Socket(_) => return Err(unbuildable("this system has no unix sockets")),
        Way::Tcp { tls, proxied, http2, vetted, kept } => {
            let idle = if *kept { idle } else { 0 };
            let base = || {
                let direct = direct(base(), *proxied, *http2).pool_max_idle_per_host(idle);
                vet::addresses(direct, rules.zip(*vetted))
            };
            match tls {
                None => base().tls_certs_only([]).build(),
                Some(tls) => return with_tls(base, ca_file, tls, files),
            }
        }
    }
    .map_err(|error| unbuildable(&error.to_string()))
}

fn direct(builder: ClientBuilder, proxied: bool, http2: bool) -> ClientBuilder {
    let builder = if http2 { builder.http2_prior_knowledge() } else { builder };
    if proxied { builder } else { builder.no_proxy() }
}

/// With the machine's certificates, or Mozilla's where it has none; those of `ca_file` besides.
fn with_tls(
    base: impl Fn() -> ClientBuilder,
    ca_file: Option<&Path>,
    tls: &TlsFiles,
    files: &Files,
) -> Result<Client, Unmeasurable> {
    let extra = trust::authorities(ca_file, tls, files)?;
    let named = extra.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>();
    let named = named.map_err(|error| unbuildable(&error.to_string()))?;
    let identity = identity(tls, files)?;
    let with_identity = |builder: ClientBuilder| match &identity {
        Some(identity) => builder.identity(identity.clone()),
        None => builder,
    };
    let builder = with_identity(base());
    let merged = if named.is_empty() { builder } else { builder.tls_certs_merge(named.clone()) };
    // With named ones alone it would be made as well, and trust nobody else.
    let alone = !named.is_empty() && !trust::machine_has_authorities();
    if let Some(client) = merged.build().ok().filter(|_| !alone) {
        return Ok(client);
    }
    let all = trust::without_a_list(&extra).filter_map(|der| Certificate::from_der(&der).ok());
    let client = with_identity(base()).tls_certs_only(all).build();
    client.map_err(|error| unbuildable(&error.to_string()))
}

/// Who we are: a certificate and its key, which is tried here, so that a key of another certificate is found before
/// anything is asked.
fn identity(tls: &TlsFiles, files: &Files) -> Result<Option<Identity>, Unmeasurable> {
    let Some(certificate) = &tls.client_cert else { return Ok(None) };
    let wrong = |why: &str, help: &str| {
        let reason = format!("the client certificate \"{certificate}\" cannot be used: {why}");
        Unmeasurable::new(reason, help.to_owned())
    };
    let key_file = tls.client_key.as_ref().unwrap_or(certificate);
    let chain = CertificateDer::pem_slice_iter(&pem(certificate, files)?).collect::<Result<Vec<_>, _>>();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| wrong("there is no certificate in it", "Give a certificate in PEM form."))?;
    let written = pem(key_file, files)?;
    let key = PrivateKeyDer::from_pem_slice(&written).map_err(|_| {
        if find(&written, b"ENCRYPTED") {
            let help = "Keep it without one, readable by this user alone: openssl pkey -in KEY -out PLAIN";
            return wrong(&format!("the key in \"{key_file}\" has a passphrase"), help);
        }
        let help = "Name the file of its key with `client-key:`, in PEM form.";
        wrong(&format!("there is no private key in \"{key_file}\""), help)
    })?;
    let fits = rustls::sign::CertifiedKey::from_der(chain.clone(), key.clone_key(), &ring::default_provider());
    fits.map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => wrong(
            &format!("the key in \"{key_file}\" belongs to another certificate"),
            "Give the key that it was made with.",
        ),
        other => wrong(&other.to_string(), "Look at it with: openssl x509 -text -in FILE"),
    })?;
    let mut both = Vec::new();
    for certificate in &chain {
        both.extend(armoured("CERTIFICATE", certificate));
    }
    let label = match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        _ => "PRIVATE KEY",
    };
    both.extend(armoured(label, key.secret_der()));
    Identity::from_pem(&both).map(Some).map_err(|error| unbuildable(&error.to_string()))
}

/// The bytes of a small file in PEM form.
pub(super) fn pem(name: &str, files: &Files) -> Result<Vec<u8>, Unmeasurable> {
    let place = files.existing(name)?;
    let wrong = |why: &str| {
        Unmeasurable::new(
            format!("\"{name}\" cannot be used: {why}"),
            "Name a file in PEM form that this user may read.",
        )
    };
    let failed = |error: std::io::Error| wrong(&crate::witness::store::plain(&error));
    let regular = std::fs::metadata(&place).map_err(failed)?.is_file();
    let mut bytes = Vec::new();
    if regular {
        let file = std::fs::File::open(place).map_err(failed)?;
        file.take(LARGEST_PEM + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if !regular || bytes.len() as u64 > LARGEST_PEM {
        return Err(wrong("it is no file of certificates or keys"));
    }
    Ok(bytes)
}

/// As RFC 7468 has it.
pub(in crate::witness) fn armoured(label: &str, der: &[u8]) -> Vec<u8> {
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in STANDARD.encode(der).as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text.into_bytes()
}

fn find(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

fn unbuildable(why: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("the HTTP client could not be made: {why}"),
        "Look at the proxy variables and the certificates of this machine.",
    )
}
