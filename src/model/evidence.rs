//! Exchanges: every question a probe asked of the outside, and the answer, as kept in the bundle.
//!
//! A question holds no secret (`${secret:NAME}` stays as written), so it can be printed, signed and compared on replay.

use core::net::IpAddr;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant::Instant;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// An HTTP request.
    Http {
        /// `GET`, `POST`, ...
        method: String,
        /// The address, with secrets as placeholders.
        url: String,
        /// A unix socket to speak over, in place of the host in `url`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        socket: Option<String>,
        /// Request headers, with secrets as placeholders.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// The body, with secrets as placeholders.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// What else lets us in.
        #[serde(default, skip_serializing_if = "Access::is_none")]
        access: Access,
    },
    /// A command: an argument vector, never a shell line unless the vector names a shell.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
        /// Working directory, relative to the audit's root.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dir: Option<String>,
        /// Variables set for it, with secrets as placeholders.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: BTreeMap<String, String>,
    },
    /// The content of a file.
    Read {
        /// Relative to the audit's root, or absolute.
        path: String,
    },
    /// What a file is, without its content.
    Stat {
        /// Relative to the audit's root, or absolute.
        path: String,
    },
    /// Which files match.
    List {
        /// A glob relative to the audit's root.
        glob: String,
    },
    /// Can a TCP connection be made?
    Connect {
        /// `host:port`.
        address: String,
    },
    /// Which variables of the environment are switches that are on or off?
    Environment {
        /// Variables by name.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<String>,
        /// Every variable whose name begins so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
    },
    /// Which addresses does a name have?
    Resolve {
        /// The name of a host.
        host: String,
    },
    /// Which certificate does a TLS server show, and is it to be trusted?
    Certificate {
        /// `host:port`.
        address: String,
        /// The name that the server is asked for, and that the certificate must be for.
        name: String,
        /// Whom to trust.
        #[serde(default, skip_serializing_if = "TlsFiles::is_none")]
        tls: TlsFiles,
    },
    /// A call of gRPC with one message and one answer.
    Grpc {
        /// The address with the path `/package.Service/Method`, with secrets as placeholders.
        url: String,
        /// Request headers, with secrets as placeholders.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// The message, in base64.
        message: String,
        /// What else lets us in.
        #[serde(default, skip_serializing_if = "Access::is_none")]
        access: Access,
    },
    /// What time is it?
    Clock,
}

/// Stands in place of a variable's value that is no word for "on" or "off", whatever it is.
pub const WITHHELD: &str = "[WITHHELD]";

/// Does a word, in lower case, switch something on or off? `None` for every other word.
pub fn switched_on(word: &str) -> Option<bool> {
    match word {
        "true" | "1" | "on" | "yes" => Some(true),
        "false" | "0" | "off" | "no" => Some(false),
        _ => None,
    }
}

/// What lets a request in, besides its headers. Of secrets and keys it holds the names alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Access {
    /// A user and a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<Basic>,
    /// Whom to trust, and who we are.
    #[serde(default, skip_serializing_if = "TlsFiles::is_none")]
    pub tls: TlsFiles,
}

impl Access {
    /// Is there nothing in it?
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A user and a password, sent as `Authorization: Basic` (RFC 7617).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Basic {
    /// The user's name.
    pub user: String,
    /// The password, written as `${secret:NAME}`.
    pub password: String,
}

/// Files in PEM form for TLS, relative to the audit's root. They are read when a connection is made; what they hold is
/// never recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TlsFiles {
    /// Certificates of authorities to trust besides those of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// The certificate that says who we are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_cert: Option<String>,
    /// Its key; in the same file unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key: Option<String>,
}

impl TlsFiles {
    /// Is there nothing in it?
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whom to trust, and nothing of who we are.
    pub fn authorities(&self) -> Self {
        Self { ca_file: self.ca_file.clone(), ..Self::default() }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// An HTTP response; any status is an answer. Of gRPC, the trailers are among the headers.
    Http {
        /// The status code.
        status: u16,
        /// Response headers, lower-case names, redacted.
        headers: BTreeMap<String, String>,
        /// The body.
        body: Blob,
        /// The address that it came from in the end, without its query, where redirects led away from the one asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        location: Option<String>,
    },
    /// A command that ended by itself.
    Command {
        /// The exit code; `None` when a signal ended it.
        exit: Option<i32>,
        /// The signal that ended it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<i32>,
        /// What it wrote to stdout.
        stdout: Blob,
        /// What it wrote to stderr.
        stderr: Blob,
    },
    /// A file's content.
    Content {
        /// When it was last changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        modified: Option<Instant>,
        /// The bytes.
        content: Blob,
    },
    /// What a file is.
    Stat(Stat),
    /// The files that match, sorted.
    Listing(Vec<String>),
    /// The connection was made.
    Connected,
    /// Nobody listens there: the connection was refused, which is an answer.
    Refused,
    /// The variables that are set, each with its word for "on" or "off" ([`switched_on`]) in lower case, or [`WITHHELD`].
    Environment(BTreeMap<String, String>),
    /// The addresses of a name, sorted; none is an answer.
    Addresses(Vec<IpAddr>),
    /// What a TLS server showed, whatever it is worth.
    Certificate {
        /// Its certificate and those that it sent with it, in PEM form.
        chain: Blob,
        /// Why it is not to be trusted; `None` when it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    /// The time.
    Clock(Instant),
    /// It was not asked, because a rule of the run forbids it; the fields of an
    /// [`Unmeasurable`](super::fact::Unmeasurable). Whatever the check made of it is no measurement.
    NotAllowed {
        /// Which rule.
        reason: String,
        /// What to do about it.
        help: String,
    },
    /// Nothing usable came back; the fields of an [`Unmeasurable`](super::fact::Unmeasurable).
    Failed {
        /// Why.
        reason: String,
        /// What to do about it.
        help: String,
    },
}

impl Answer {
    /// The captured bytes it holds, in the order of its fields.
    pub fn blobs(&self) -> Vec<&Blob> {
        self.named_blobs().into_iter().map(|(_, blob)| blob).collect()
    }

    /// The same, each with what it is called.
    pub fn named_blobs(&self) -> Vec<(&'static str, &Blob)> {
        match self {
            Self::Http { body, .. } => vec![("body", body)],
            Self::Command { stdout, stderr, .. } => vec![("stdout", stdout), ("stderr", stderr)],
            Self::Content { content, .. } => vec![("content", content)],
            Self::Certificate { chain, .. } => vec![("certificates", chain)],
            Self::Stat(_)
            | Self::Listing(_)
            | Self::Connected
            | Self::Refused
            | Self::Environment(_)
            | Self::Addresses(_)
            | Self::Clock(_)
            | Self::NotAllowed { .. }
            | Self::Failed { .. } => Vec::new(),
        }
    }
}

/// What a path is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stat {
    /// What stands there.
    pub kind: FileKind,
    /// Bytes; 0 for what is missing.
    pub size: u64,
    /// Unix permission bits, e.g. `0o755`; 0 where there are none.
    pub mode: u32,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Instant>,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// Nothing.
    Missing,
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// Something else (socket, device).
    Other,
}

/// How much of a piece of evidence documents show, in bytes at most.
pub const EXCERPT: usize = 4 << 10;

/// Captured bytes: kept in the bundle as `evidence/<file>`, redacted and capped. The probe saw exactly the kept bytes,
/// unless `kept < bytes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blob {
    /// Name in `evidence/`: the first 16 hex digits of `sha256`, a hyphen, and a readable name.
    pub file: String,
    /// SHA-256 of the kept bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// SHA-256 of the first [`EXCERPT`] of the kept bytes, where there are more: with it a document alone can be held to what
    /// it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// How many bytes came back.
    pub bytes: u64,
    /// How many bytes are kept, after redaction.
    pub kept: u64,
    /// Were bytes beyond the cap cut off?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// How many secrets were blacked out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redactions: u32,
    /// Is it something other than UTF-8 text?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub binary: bool,
}

impl Blob {
    /// The name of its file, where that leads to a file of the folder of evidence and to nothing else, on any system. The
    /// record may have been written by somebody who would like to have another file read.
    pub fn plain_name(&self) -> Option<&str> {
        let leads_away = matches!(self.file.as_str(), "" | "." | "..") || self.file.contains(['/', '\\', ':', '\0']);
        (!leads_away).then_some(self.file.as_str())
    }
}

#[cfg(test)]
impl Blob {
    /// One of no bytes under this name, for tests of what hangs on little else.
    pub(crate) fn named(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            sha256: String::new(),
            head: None,
            bytes: 0,
            kept: 0,
            cut: false,
            redactions: 0,
            binary: false,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// What was asked.
    pub question: Question,
    /// What came back.
    pub answer: Answer,
    /// When it was asked.
    pub asked_at: Instant,
    /// How long the answer took, in microseconds: the last attempt alone.
    pub elapsed_us: u64,
    /// How often it was asked before this answer: 1 unless there were retries.
    pub attempts: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_leads_to_no_other_folder_on_any_system() {
        assert_eq!(Blob::named("0123-a.b.txt").plain_name(), Some("0123-a.b.txt"));
        for file in ["", ".", "..", "../a", "a/", "./a", "/a", "a\\b", "c:a", "a:b", "a\0b"] {
            assert_eq!(Blob::named(file).plain_name(), None, "{file:?}");
        }
    }
}
