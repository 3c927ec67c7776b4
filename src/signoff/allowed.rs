//! The verifier's own files: whose keys count (`allowed_signers`, see ssh-keygen(1)) and which do no longer (keys in
//! OpenSSH's form, one a line, or a KRL).
//!
//! OpenSSH skips lines that it cannot read, takes patterns for names, and reads times without a `Z` by the clock of the
//! machine. Here each of these is a problem of the file, and a file with a problem is not used.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;

use super::code::shown;
use super::sshsig::{Key, MIN_RSA_BITS, NAMESPACE};
use crate::model::instant::Instant;
use crate::model::signoff::Name;

/// Larger files are refused before they are read.
pub const MAX_BYTES: u64 = 16 << 20;
/// What a KRL begins with.
const KRL: &[u8] = b"SSHKRL\n\0";

/// A line that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{}\", line {line}: {why}", file.display())]
pub struct KeyFileProblem {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
    /// What to write instead.
    pub help: &'static str,
}

/// Whose keys count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedSigners {
    /// Where the file stands, for `ssh-keygen`.
    pub file: PathBuf,
    /// Its lines.
    lines: Vec<Allowed>,
}

/// A key that counts, for whom, for what and when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Allowed {
    principals: Vec<Name>,
    authority: bool,
    namespaces: Option<Vec<String>>,
    after: Option<Instant>,
    before: Option<Instant>,
    key: Key,
}

/// What a file of allowed signers says about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Belongs {
    /// It is this signer's, and was valid at that time.
    Yes,
    /// Nobody's.
    Nobodys,
    /// Somebody else's.
    Anothers,
    /// This signer's, at another time.
    AtAnotherTime,
}

impl AllowedSigners {
    /// Reads the lines of a file; all that is wrong with it is told at once.
    pub fn parse(file: PathBuf, text: &str) -> Result<Self, Vec<KeyFileProblem>> {
        let (mut lines, mut problems) = (Vec::new(), Vec::new());
        for (number, line) in content(text) {
            match allowed(line) {
                Ok(allowed) => lines.push(allowed),
                Err(Wrong(why, help)) => problems.push(KeyFileProblem { file: file.clone(), line: number, why, help }),
            }
        }
        if problems.is_empty() { Ok(Self { file, lines }) } else { Err(problems) }
    }

    /// Is this the signer's own key, for sign-offs, at that time? OpenSSH's bounds: both ends count.
    pub(super) fn belongs(&self, key: &Key, signer: &Name, at: Instant) -> Belongs {
        let ours = |line: &&Allowed| {
            let here = line.namespaces.as_ref().is_none_or(|names| names.iter().any(|name| name == NAMESPACE));
            !line.authority && here && line.key == *key
        };
        let mut of_key = self.lines.iter().filter(ours).peekable();
        if of_key.peek().is_none() {
            return Belongs::Nobodys;
        }
        let mut of_signer = of_key.filter(|line| line.principals.contains(signer)).peekable();
        if of_signer.peek().is_none() {
            return Belongs::Anothers;
        }
        let valid = |line: &Allowed| {
            line.after.is_none_or(|after| after <= at) && line.before.is_none_or(|before| at <= before)
        };
        if of_signer.any(valid) { Belongs::Yes } else { Belongs::AtAnotherTime }
    }
}

/// Which keys count no longer, whatever they signed and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Where the file stands, for `ssh-keygen`.
    pub file: PathBuf,
    /// The keys; `None` of a KRL, which `ssh-keygen` reads.
    keys: Option<Vec<Key>>,
}

impl Revoked {
    /// Reads a list of keys, or keeps a KRL for `ssh-keygen`.
    pub fn parse(file: PathBuf, bytes: &[u8]) -> Result<Self, Vec<KeyFileProblem>> {
        if bytes.starts_with(KRL) {
            return Ok(Self { file, keys: None });
        }
        let problem = |line, why: String| KeyFileProblem {
            file: file.clone(),
            line,
            why,
            help: "write a public key such as `ssh-ed25519 AAAA...`, or make a KRL with `ssh-keygen -k`",
        };
        let text = std::str::from_utf8(bytes).map_err(|_| vec![problem(1, "it is no text and no KRL".to_owned())])?;
        let (mut keys, mut problems) = (Vec::new(), Vec::new());
        for (number, line) in content(text) {
            match key(&mut line.split_ascii_whitespace()) {
                Ok(key) => keys.push(key),
                Err(Wrong(why, _)) => problems.push(problem(number, why)),
            }
        }
        if problems.is_empty() { Ok(Self { file, keys: Some(keys) }) } else { Err(problems) }
    }

    /// Is this key revoked? `None` where only `ssh-keygen` can say.
    pub(super) fn has(&self, key: &Key) -> Option<bool> {
        self.keys.as_ref().map(|keys| keys.contains(key))
    }
}

/// Lines with something in them, and their numbers.
fn content(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_matches([' ', '\t', '\r'])));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// What is wrong with a line, and what to write instead.
struct Wrong(String, &'static str);

fn allowed(line: &str) -> Result<Allowed, Wrong> {
    let fields = fields(line).ok_or_else(|| Wrong("a quotation mark is not closed".to_owned(), "close it"))?;
    let [principals, rest @ ..] = fields.as_slice() else {
        return Err(Wrong("the line is empty".to_owned(), "remove it"));
    };
    let names = principals.trim_matches('"').split(',').map(principal).collect::<Result<_, _>>()?;
    let mut line = Allowed {
        principals: names,
        authority: false,
        namespaces: None,
        after: None,
        before: None,
        key: Key { kind: String::new(), blob: Vec::new() },
    };
    let mut rest = rest.iter().map(String::as_str).peekable();
    if let Some(options) = rest.next_if(|field| !is_kind(field)) {
        for option in split_options(options) {
            line.option(option)?;
        }
    }
    line.key = key(&mut rest)?;
    match line.key.rsa_bits().filter(|bits| *bits < MIN_RSA_BITS) {
        None => Ok(line),
        Some(bits) => {
            let why = format!("the RSA key has {bits} bits; {MIN_RSA_BITS} are needed");
            Err(Wrong(why, "use a longer RSA key, or an Ed25519 key"))
        }
    }
}

fn principal(name: &str) -> Result<Name, Wrong> {
    if name.contains(['*', '?', '!']) {
        let why = format!("\"{}\" is a pattern: it would give the key to people nobody named", shown(name));
        return Err(Wrong(why, "write each principal in full"));
    }
    name.parse().map_err(|problem: crate::model::signoff::NotAName| {
        Wrong(format!("\"{}\" is no principal", shown(&problem.0)), "write a name such as alice@example.com")
    })
}

impl Allowed {
    fn option(&mut self, option: &str) -> Result<(), Wrong> {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        match name.to_ascii_lowercase().as_str() {
            "cert-authority" => self.authority = true,
            "namespaces" if value.contains(['*', '?', '!']) || value.is_empty() => {
                let why = format!("namespaces=\"{}\" is a pattern", shown(value));
                return Err(Wrong(why, "write each namespace in full, such as namespaces=\"signoff.v1@countersign\""));
            }
            "namespaces" => {
                let names = value.split(',').map(str::to_owned).collect();
                once(name, self.namespaces.replace(names))?;
            }
            "valid-after" => once(name, self.after.replace(time(name, value)?))?,
            "valid-before" => once(name, self.before.replace(time(name, value)?))?,
            _ => {
                let why = format!("\"{}\" is no option of a signer", shown(option));
                return Err(Wrong(why, "the options are cert-authority, namespaces, valid-after and valid-before"));
            }
        }
        Ok(())
    }
}

/// OpenSSH refuses a line that says the same option twice (and takes `cert-authority` twice for once).
fn once<T>(name: &str, before: Option<T>) -> Result<(), Wrong> {
    match before {
        None => Ok(()),
        Some(_) => Err(Wrong(format!("{name} is given twice"), "keep one of the two")),
    }
}

/// `YYYYMMDDZ`, `YYYYMMDDHHMMZ` or `YYYYMMDDHHMMSSZ`. Without the `Z` it would be another moment on every machine.
fn time(name: &str, value: &str) -> Result<Instant, Wrong> {
    let digits = value.strip_suffix('Z').ok_or_else(|| {
        Wrong(format!("{name}=\"{}\" is read by the clock of the machine", shown(value)), "end it in Z")
    })?;
    let whole = match digits.len() {
        8 => format!("{digits}000000"),
        12 => format!("{digits}00"),
        _ => digits.to_owned(),
    };
    let parsed = NaiveDateTime::parse_from_str(&whole, "%Y%m%d%H%M%S").ok().filter(|_| whole.len() == 14);
    let at = parsed.and_then(|time| Instant::from_seconds(time.and_utc().timestamp()));
    at.ok_or_else(|| Wrong(format!("{name}=\"{}\" is no time", shown(value)), "write YYYYMMDDHHMMSSZ"))
}

/// Kind and base64 of a key; a comment may follow.
fn key<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Result<Key, Wrong> {
    const HELP: &str = "write a key as it stands in its .pub file";
    let (Some(kind), Some(encoded)) = (fields.next(), fields.next()) else {
        return Err(Wrong("the line has no key".to_owned(), HELP));
    };
    let blob = STANDARD.decode(encoded).map_err(|_| Wrong("the key is not base64".to_owned(), HELP))?;
    let key = Key { kind: kind.to_owned(), blob };
    let inside = key.blob.get(4..4 + kind.len()).unwrap_or_default();
    if !is_kind(kind) || inside != kind.as_bytes() || key.blob[..4] != (kind.len() as u32).to_be_bytes() {
        return Err(Wrong(format!("it holds no key of kind \"{}\"", shown(kind)), HELP));
    }
    if !key.is_delegated() && ssh_key::PublicKey::from_bytes(&key.blob).is_err() {
        return Err(Wrong("the key cannot be read".to_owned(), HELP));
    }
    Ok(key)
}

fn is_kind(field: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|prefix| field.starts_with(prefix))
}

/// The fields of a line, quotation marks kept; `None` when one is not closed.
fn fields(line: &str) -> Option<Vec<String>> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            ' ' | '\t' if !quoted => {
                if !field.is_empty() {
                    fields.push(std::mem::take(&mut field));
                }
            }
            c => {
                quoted ^= c == '"';
                field.push(c);
            }
        }
    }
    fields.push(field);
    (!quoted).then_some(fields)
}

/// Options part at commas outside quotation marks.
fn split_options(options: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    options.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
}

#[cfg(test)]
mod tests;
