//! Which proxy an address is asked through, and what is said when that does not work. It must not ask it anything.

use std::sync::OnceLock;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::model::fact::Unmeasurable;

const WAY_OUT: &str =
    "Look at the proxy variables of the environment; NO_PROXY names hosts that are asked without one.";

/// Host and port of the proxy that the environment names for an address, as the client reads it; never its password.
pub(super) fn of(url: &Url) -> Option<String> {
    static PROXIES: OnceLock<Matcher> = OnceLock::new();
    let address: Uri = url.as_str().parse().ok()?;
    let proxy = PROXIES.get_or_init(Matcher::from_system).intercept(&address)?;
    let host = proxy.uri().host()?;
    Some(proxy.uri().port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// It wants to know who we are: that is its own answer, and none of the server.
pub(super) fn asks_for_password(proxy: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("the proxy {proxy} asks for a password"),
        "Put it into the proxy variable, http://user:password@proxy:port; it is never recorded.",
    )
}

/// It takes HTTP/2 only inside of TLS.
pub(super) fn carries_no_http2(proxy: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("the proxy {proxy} carries no gRPC without TLS"),
        "Name the host in NO_PROXY, or ask it over https.",
    )
}

/// What went wrong on the way, when it was the proxy. `all`: the causes; `refused`: nobody listened.
pub(super) fn trouble(proxy: &str, there: &str, all: &str, refused: bool) -> Option<Unmeasurable> {
    if all.contains("proxy authorization required") {
        return Some(asks_for_password(proxy));
    }
    let what = if refused {
        format!("the proxy {proxy} refused the connection")
    } else if all.contains("tunnel error") {
        format!("the proxy {proxy} does not let us through to {there}")
    } else if all.contains("dns error") {
        format!("the name of the proxy {proxy} does not resolve")
    } else {
        return None;
    };
    Some(Unmeasurable::new(what, WAY_OUT))
}
