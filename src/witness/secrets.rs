//! Secrets: `${secret:NAME}` is filled in here at the last moment, and what was filled in is known to the redactor. Beside
//! the plan's variables this is the only place that reads the environment. It must never print or record a value.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::permit::{Deed, Untrusted};
use super::redact::Redactor;
use crate::model::evidence::{Basic, Question};
use crate::model::fact::Unmeasurable;

const MARK: &str = "${secret:";

/// Variables that name a proxy, and may hold its password; in small letters as well.
const PROXIES: [&str; 3] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// Where secrets come from, and those that were read so far.
pub struct Secrets {
    from: From,
    inner: Mutex<Known>,
}

/// Where a value comes from that is not known yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Environment,
    /// There are no others than those that were given.
    Given,
    /// No value is filled in, whatever it is.
    Nowhere,
}

struct Known {
    values: BTreeMap<String, String>,
    redactor: Arc<Redactor>,
}

impl Known {
    /// Blacks out one more value, under a name that no placeholder can ask for.
    fn learn(&mut self, name: String, value: String) {
        if !self.values.values().any(|known| *known == value) {
            self.values.insert(name, value);
            self.redactor = Arc::new(Redactor::new(self.values.values().map(String::as_str)));
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets([REDACTED])")
    }
}

impl Default for Secrets {
    fn default() -> Self {
        Self::from_environment(std::iter::empty::<String>())
    }
}

impl Secrets {
    /// From the environment. The names that the audit mentions are read at once, so that their values are blacked out from
    /// the first answer on; a missing one is an error only for the check that needs it.
    pub fn from_environment(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let values = names.into_iter().filter_map(|name| {
            let name = name.into();
            variable(&name).map(|value| (name, value))
        });
        let mut values: BTreeMap<String, String> = values.collect();
        for name in PROXIES.iter().flat_map(|name| [name.to_string(), name.to_ascii_lowercase()]) {
            let proxy = variable(&name).map(|value| proxy_secrets(&value)).unwrap_or_default();
            // No placeholder can ask for these names.
            values.extend(proxy.into_iter().enumerate().map(|(at, secret)| (format!("{name} {at}"), secret)));
        }
        Self::new(From::Environment, values)
    }

    /// From a map, and nothing from the environment.
    pub fn given(values: BTreeMap<String, String>) -> Self {
        Self::new(From::Given, values)
    }

    /// None, for an audit file that nobody here wrote: it could send them anywhere.
    pub fn withheld() -> Self {
        Self::new(From::Nowhere, BTreeMap::new())
    }

    fn new(from: From, values: BTreeMap<String, String>) -> Self {
        let redactor = Arc::new(Redactor::new(values.values().map(String::as_str)));
        Self { from, inner: Mutex::new(Known { values, redactor }) }
    }

    /// Blacks out every value read so far.
    pub(super) fn redactor(&self) -> Arc<Redactor> {
        Arc::clone(&self.inner.lock().unwrap_or_else(PoisonError::into_inner).redactor)
    }

    /// The question with its secrets filled in, or which variable is missing.
    pub(super) fn fill(&self, question: &Question) -> Result<Question, Unmeasurable> {
        let mut filled = question.clone();
        match &mut filled {
            Question::Http { url, headers, body, access, .. } => {
                self.fill_address(url)?;
                headers.values_mut().try_for_each(|value| self.fill_text(value))?;
                body.as_mut().map_or(Ok(()), |body| self.fill_text(body))?;
                access.basic.as_mut().map_or(Ok(()), |basic| self.fill_basic(basic))?;
            }
            Question::Grpc { url, headers, access, .. } => {
                self.fill_address(url)?;
                headers.values_mut().try_for_each(|value| self.fill_text(value))?;
                access.basic.as_mut().map_or(Ok(()), |basic| self.fill_basic(basic))?;
            }
            Question::Command { argv, env, .. } => {
                argv.iter_mut().chain(env.values_mut()).try_for_each(|value| self.fill_text(value))?;
            }
            _ => {}
        }
        Ok(filled)
    }

    /// What stands behind `#` in an address is not sent: of a secret with one in it the server gets a part, and may give it
    /// back.
    fn fill_address(&self, url: &mut String) -> Result<(), Unmeasurable> {
        let names: Vec<String> = placeholders(url).map(str::to_owned).collect();
        self.fill_text(url)?;
        let mut known = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            let sent = known.values.get(&name).and_then(|value| Some(value.split_once('#')?.0.to_owned()));
            if let Some(sent) = sent {
                known.learn(format!("sent of {name}"), sent);
            }
        }
        Ok(())
    }

    /// Joined with the user, the password travels in a form of its own, which is a secret as well.
    fn fill_basic(&self, basic: &mut Basic) -> Result<(), Unmeasurable> {
        if !basic.user.contains(MARK) && !basic.password.contains(MARK) {
            return Ok(());
        }
        self.fill_text(&mut basic.user)?;
        self.fill_text(&mut basic.password)?;
        let token = basic_token(basic);
        let mut known = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        known.learn(format!("basic {token}"), token);
        Ok(())
    }

    fn fill_text(&self, text: &mut String) -> Result<(), Unmeasurable> {
        let mut from = 0;
        while let Some(at) = text[from..].find(MARK).map(|at| at + from) {
            let inner = &text[at + MARK.len()..];
            let Some(end) = inner.find('}') else { break };
            let (name, stop) = (inner[..end].to_owned(), at + MARK.len() + end + 1);
            let value = self.value(&name)?;
            text.replace_range(at..stop, &value);
            from = at + value.len();
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Result<String, Unmeasurable> {
        if self.from == From::Nowhere {
            Untrusted::default().permits(Deed::Secret(name))?;
        }
        let mut known = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known.values.get(name) {
            return Ok(value.clone());
        }
        let Some(value) = (self.from == From::Environment).then(|| variable(name)).flatten() else {
            return Err(Unmeasurable::new(
                format!("the secret \"{name}\" is not set"),
                format!("Set the environment variable {name} before the audit is run."),
            ));
        };
        known.values.insert(name.to_owned(), value.clone());
        known.redactor = Arc::new(Redactor::new(known.values.values().map(String::as_str)));
        Ok(value)
    }
}

/// What of a proxy's address is secret: the password, as written and as meant, and the form in which it travels.
fn proxy_secrets(address: &str) -> Vec<String> {
    let address = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let Ok(url) = url::Url::parse(&address) else { return Vec::new() };
    let Some(written) = url.password() else { return Vec::new() };
    let meant = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let password = meant(written);
    let token = basic_token(&Basic { user: meant(url.username()), password: password.clone() });
    vec![written.to_owned(), password, token]
}

/// The names of the secrets that a text asks for.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split(MARK).skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

/// What `Authorization: Basic` carries (RFC 7617, section 2).
pub(super) fn basic_token(Basic { user, password }: &Basic) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

/// The headers of a question that hold a secret, and whether its body does.
pub(super) fn with_secret(question: &Question) -> Private {
    let Question::Http { headers, body, .. } = question else { return Private::default() };
    let secret = headers.iter().filter(|(_, value)| value.contains(MARK));
    Private {
        headers: secret.map(|(name, _)| name.to_ascii_lowercase()).collect(),
        body: body.as_ref().is_some_and(|body| body.contains(MARK)),
    }
}

/// What of a request is for nobody but the host that it was meant for.
#[derive(Debug, Clone, Default)]
pub(super) struct Private {
    /// Names of headers, in lower case.
    pub(super) headers: Vec<String>,
    /// The body.
    pub(super) body: bool,
}

/// An empty variable is a missing one: an empty password is never what was meant.
#[expect(clippy::disallowed_methods, reason = "secrets are read here and nowhere else")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::evidence::Access;

    fn read(path: &str) -> Question {
        Question::Http {
            method: "GET".to_owned(),
            url: path.to_owned(),
            socket: None,
            headers: BTreeMap::new(),
            body: None,
            access: Access::default(),
        }
    }

    #[test]
    fn every_placeholder_is_filled_and_a_value_is_not_filled_again() {
        let values = BTreeMap::from([("A".to_owned(), "${secret:B}".to_owned()), ("B".to_owned(), "beta".to_owned())]);
        let filled = Secrets::given(values).fill(&read("x${secret:A}y${secret:B}z${secret:")).unwrap();
        assert_eq!(filled, read("x${secret:B}ybetaz${secret:"));
    }

    #[test]
    fn a_missing_secret_is_named() {
        let error = Secrets::given(BTreeMap::new()).fill(&read("${secret:NO_SUCH}")).unwrap_err();
        assert_eq!(error.reason, "the secret \"NO_SUCH\" is not set");
        assert_eq!(error.help, "Set the environment variable NO_SUCH before the audit is run.");
    }
}
