//! Why there was no HTTP answer, in plain words with a way out. It must not ask anything itself.

use std::error::Error;
use std::io;
use std::time::Duration;

use url::Url;

use super::trust;
use crate::model::fact::Unmeasurable;
use crate::witness::permit::Refusal;
use crate::witness::words::{mebibytes, seconds, too_many_open};

pub(super) fn timed_out(url: &str, timeout: Duration) -> Unmeasurable {
    Unmeasurable::new(
        format!("{} did not answer in full within {}", host_of(url), seconds(timeout)),
        "Look whether it is overloaded, or give the check a longer timeout.",
    )
}

pub(super) fn too_large(url: &Url, cap: u64) -> Unmeasurable {
    Unmeasurable::new(
        format!("the answer of {} is larger than {}", host(url), mebibytes(cap)),
        "Ask for less: a narrower query, a smaller page.",
    )
}

pub(super) fn redirect_loop(first: &Url, next: &Url, hops: usize) -> Unmeasurable {
    Unmeasurable::new(
        format!("{} redirects in a circle: after {hops} redirects it pointed to \"{next}\"", host(first)),
        "Open the address in a browser, and audit the one it should end at.",
    )
}

pub(super) fn bad_redirect(from: &Url, location: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("{} redirects to \"{location}\", which is not a web address", host(from)),
        "Audit the address that it should redirect to.",
    )
}

pub(super) fn secret_elsewhere(from: &Url, next: &Url) -> Unmeasurable {
    Unmeasurable::new(
        format!("{} redirects to {}, which the secret in the body is not for", host(from), host(next)),
        "Audit the address that it should redirect to.",
    )
}

/// What speaks something else than HTTP/2, when that is what it does.
pub(super) fn no_http2(url: &Url, error: &reqwest::Error) -> Option<Unmeasurable> {
    let all = causes(error).into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(": ");
    let other =
        all.contains("frame with invalid size") || all.contains("http2 error") || all.contains("NoApplicationProtocol");
    other.then(|| {
        Unmeasurable::new(
            format!("{} does not speak HTTP/2, as gRPC does", host(url)),
            "Look at the port, and whether it is http:// or https://.",
        )
    })
}

/// What was asked, and by which way.
pub(super) struct Way<'a> {
    pub(super) url: &'a Url,
    pub(super) socket: Option<&'a str>,
    /// Did we show a certificate of our own?
    pub(super) known: bool,
    /// Through which proxy.
    pub(super) proxy: Option<&'a str>,
}

/// Translates the innermost cause. The outer layers say only "error sending request".
pub(super) fn explain(&Way { url, socket, known, proxy }: &Way<'_>, error: &reqwest::Error) -> Unmeasurable {
    if let Some(refusal) = by_rule(error) {
        return refusal;
    }
    let there = socket.map_or_else(|| host(url), |socket| format!("the socket \"{socket}\""));
    let chain = causes(error);
    let innermost = chain.last().map_or_else(|| error.to_string(), |(text, _)| text.clone());
    let all = chain.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(": ");
    let kind = chain.iter().rev().find_map(|(_, kind)| *kind);
    let refused = kind == Some(io::ErrorKind::ConnectionRefused);
    if let Some(told) = proxy.and_then(|proxy| super::proxy::trouble(proxy, &there, &all, refused)) {
        return told;
    }
    if all.contains("dns error") || all.contains("failed to lookup address") {
        return Unmeasurable::new(
            format!("the name \"{}\" does not resolve: {innermost}", url.host_str().unwrap_or_default()),
            "Look at the spelling of the host and at the name servers of this machine.",
        );
    }
    if let Some(told) = alert(&there, known, &all).or_else(|| certificate(&there, &all)) {
        return told;
    }
    if let Some(trouble) = open_files(&format!("{there} could not be asked"), error) {
        return trouble;
    }
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => {
            return Unmeasurable::new(
                format!("{there} refused the connection"),
                "Look whether the service runs and listens on that port.",
            );
        }
        Some(io::ErrorKind::NotFound) if socket.is_some() => {
            return Unmeasurable::new(
                format!("{there} does not exist"),
                "Look whether the service runs and where it puts its socket.",
            );
        }
        Some(io::ErrorKind::PermissionDenied) => {
            return Unmeasurable::new(
                format!("{there} may not be opened by this user"),
                "Run the audit as a user who may, for a socket often one of its group.",
            );
        }
        _ => {}
    }
    if all.contains("end of file before message length") || all.contains("unexpected EOF during chunk") {
        return half(&there);
    }
    if error.is_decode() && matches!(kind, Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)) {
        return half(&there);
    }
    let is_packed = !all.contains("chunk");
    if (error.is_decode() && is_packed) || all.contains("gzip") {
        return Unmeasurable::new(
            format!("the body of {there} could not be unpacked: {innermost}"),
            "Look at the server or the proxy before it: it says gzip and sends something else.",
        );
    }
    if matches!(kind, Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof))
        || all.contains("connection closed before message completed")
    {
        return Unmeasurable::new(
            format!("{there} closed the connection before it had answered"),
            "Look into the log of the service: it may have crashed or may not speak HTTP on that port.",
        );
    }
    if error.is_body() {
        return half(&there);
    }
    Unmeasurable::new(format!("{there} gave no usable answer: {innermost}"), "Try the request by hand with curl.")
}

/// What a rule refused while a name was resolved.
pub(super) fn by_rule(error: &(dyn Error + 'static)) -> Option<Unmeasurable> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(Refusal(why)) = cause.downcast_ref() {
            return Some(why.clone());
        }
        next = cause.source();
    }
    None
}

/// When it is for want of files that may be open.
fn open_files(what: &str, error: &(dyn Error + 'static)) -> Option<Unmeasurable> {
    let mut next = Some(error);
    while let Some(cause) = next {
        let io = cause.downcast_ref::<io::Error>();
        if let Some(trouble) = io.and_then(|io| too_many_open(what, io)) {
            return Some(trouble);
        }
        next = cause_of(cause);
    }
    None
}

fn half(there: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("{there} sent only a part of the body that it had announced"),
        "Look at the service and at the proxies before it: the connection ended too early.",
    )
}

/// What the server has against us, when that is what it says.
fn alert(there: &str, known: bool, all: &str) -> Option<Unmeasurable> {
    let (_, alert) = all.split_once("AlertReceived(")?;
    let alert = alert.split(')').next().unwrap_or_default();
    let refused = |why: &str| {
        Some(Unmeasurable::new(
            format!("{there} refuses our client certificate{why}"),
            "Give it one that it knows, with `client-cert:` and `client-key:`.",
        ))
    };
    match alert {
        "CertificateRequired" => Some(asks(there)),
        // Before TLS 1.3 there was no word for it.
        "HandshakeFailure" | "BadCertificate" if !known => Some(Unmeasurable::new(
            format!("{there} ended the handshake ({alert}); it may ask for a client certificate"),
            "If it does, give it one with `client-cert:` and `client-key:`.",
        )),
        "UnknownCA" => refused(": it does not know the authority that signed it"),
        "CertificateExpired" => refused(": it has expired"),
        "CertificateRevoked" => refused(": it was revoked"),
        "BadCertificate" | "CertificateUnknown" | "UnsupportedCertificate" | "AccessDenied" | "HandshakeFailure"
            if known =>
        {
            refused(&format!(" ({alert})"))
        }
        _ => None,
    }
}

fn asks(there: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("{there} asks for a client certificate"),
        "Give it one with `client-cert:` and `client-key:`.",
    )
}

/// What is wrong with the certificate, when that is what is wrong.
fn certificate(there: &str, all: &str) -> Option<Unmeasurable> {
    if let Some((why, help)) = refusal(all) {
        return Some(Unmeasurable::new(format!("the certificate of {there} is refused: {why}"), help));
    }
    (all.contains("InvalidContentType") || all.contains("corrupt message")).then(|| {
        Unmeasurable::new(
            format!("{there} does not speak TLS"),
            "Write http:// in place of https://, or look at the port.",
        )
    })
}

/// Why a certificate is refused, a fragment, and the way out; `None` when it is not the certificate that is wrong.
pub(in crate::witness) fn refusal(all: &str) -> Option<(&'static str, &'static str)> {
    Some(if all.contains("CaUsedAsEndEntity") {
        (
            "it is a self-signed certificate that says it is an authority (CA:TRUE)",
            "Make the server certificate with CA:FALSE, signed by an authority that `ca-file:` names.",
        )
    } else if all.contains("UnknownIssuer") && !trust::machine_has_authorities() {
        (
            "nobody on Mozilla's list has signed it, and this machine has no list of its own",
            "Name the authority's certificate with --ca-file, or install the machine's list (often the package ca-certificates).",
        )
    } else if all.contains("UnknownIssuer") {
        (
            "nobody this machine trusts has signed it",
            "Name the authority's certificate with `ca-file:`, or with --ca-file.",
        )
    } else if all.contains("NotValidForName") {
        ("it is for another name", "Use the name that is in the certificate.")
    } else if all.contains("Expired") {
        ("it has expired", "Renew the certificate.")
    } else if all.contains("NotValidYet") {
        ("it is not valid yet", "Look at the clocks of both machines.")
    } else if all.contains("invalid peer certificate") {
        ("it is not valid", "Look at it with: openssl s_client -connect HOST:PORT")
    } else {
        return None;
    })
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

fn host_of(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), |url| host(&url))
}

/// The chain of causes with the kind of each I/O error.
pub(in crate::witness) fn causes(error: &(dyn Error + 'static)) -> Vec<(String, Option<io::ErrorKind>)> {
    let mut chain = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        let io = cause.downcast_ref::<io::Error>();
        let mut text = format!("{cause}");
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            text = format!("{text} {tls:?}");
        }
        let text = text.split(" (os error").next().unwrap_or_default().to_owned();
        chain.push((text, io.map(io::Error::kind)));
        next = cause_of(cause);
    }
    chain
}

/// An `io::Error` hides what it carries from `source()`.
fn cause_of<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => cause.source(),
    }
}
