//! `ssh-keygen` and `ssh-add`: making a signature, and checking what the libraries here cannot (certificates, KRLs, kinds
//! of keys that are newer than they are).
//!
//! Processes are started here and not through the witness. The witness is the door to what is audited: it records every
//! answer as evidence, redacts it and can replay it. A signature is none of that. It is made by the signer's own program
//! with the signer's own terminal, agent and hardware key, must not be kept anywhere but in the envelope, and can never be
//! replayed. Nothing here reads or asks for a passphrase: `ssh-keygen` does that by itself.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::sshsig::{Key, NAMESPACE};
use crate::model::instant::Instant;
use crate::model::signoff::Name;
use crate::record::scratch::Folder;

/// Why a signature could not be made or checked.
#[derive(Debug, thiserror::Error)]
pub enum SshProblem {
    /// The program is not there.
    #[error("could not start `{program}`: {source}")]
    NotStarted {
        /// Its name.
        program: &'static str,
        /// Why.
        source: io::Error,
    },
    /// It said no.
    #[error("`{program}` made no signature{said}")]
    Refused {
        /// Its name.
        program: &'static str,
        /// What it said, after a colon; empty where that went to the terminal.
        said: String,
    },
    /// The agent has no key, or several.
    #[error("the agent has {count} keys")]
    NotOneKey {
        /// How many.
        count: usize,
    },
    /// A file for the program could not be written.
    #[error("could not write a temporary file: {0}")]
    Scratch(#[from] io::Error),
}

impl SshProblem {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotStarted { .. } => "install OpenSSH (Debian: openssh-client); sign-offs are SSH signatures",
            Self::Refused { .. } => {
                "try `ssh-keygen -Y sign -n test -f KEY /dev/null`: the key must be readable, or its private half in the \
                 agent; a key with a passphrase needs a terminal or the agent"
            }
            Self::NotOneKey { count: 0 } => {
                "start ssh-agent and add your key with `ssh-add`, or name a file with --key"
            }
            Self::NotOneKey { .. } => "name the public half of the key to use: --key ~/.ssh/id_ed25519.pub",
            Self::Scratch(_) => "make room in the folder for temporary files, or set TMPDIR",
        }
    }
}

/// An armored signature over `message`, made with a key file or, where that is a public key, by the agent. `ask` lets
/// `ssh-keygen` ask for a passphrase or a touch.
pub fn sign(key: &Path, message: &[u8], ask: bool) -> Result<String, SshProblem> {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"]).arg(key);
    if !ask {
        // A program in place of the question, and one that knows no answer.
        command.env("SSH_ASKPASS", "false").env("SSH_ASKPASS_REQUIRE", "force");
    }
    let stderr = if ask { Stdio::inherit() } else { Stdio::piped() };
    let output = fed("ssh-keygen", command.stderr(stderr), message)?;
    let refused = || {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().map(|line| format!(": {}", crate::model::captured::shortened(line, 200)));
        SshProblem::Refused { program: "ssh-keygen", said: said.unwrap_or_default() }
    };
    if !output.status.success() {
        return Err(refused());
    }
    String::from_utf8(output.stdout.clone()).map_err(|_| refused())
}

/// The one key that the agent has, as a line of a `.pub` file.
pub fn agent_key() -> Result<String, SshProblem> {
    let output = fed("ssh-add", Command::new("ssh-add").arg("-L").stderr(Stdio::null()), &[])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let keys: Vec<&str> = text.lines().filter(|line| output.status.success() && !line.trim().is_empty()).collect();
    match keys.as_slice() {
        [key] => Ok((*key).to_owned()),
        keys => Err(SshProblem::NotOneKey { count: keys.len() }),
    }
}

/// Is it the signature of the key in it, whosever that is?
pub(super) fn is_signature(armored: &[u8], message: &[u8]) -> Result<bool, SshProblem> {
    let folder = Folder::new()?;
    let signature = folder.file("signature", armored)?;
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "check-novalidate", "-n", NAMESPACE, "-s"]).arg(signature);
    Ok(fed("ssh-keygen", command.stderr(Stdio::null()), message)?.status.success())
}

/// Is it the signature of one of this signer's keys, valid at that time and not revoked?
pub(super) fn is_signers(
    armored: &[u8],
    message: &[u8],
    signer: &Name,
    at: Instant,
    allowed: &Path,
    revoked: &Path,
) -> Result<bool, SshProblem> {
    let folder = Folder::new()?;
    let signature = folder.file("signature", armored)?;
    let digits: String = at.to_string().chars().filter(char::is_ascii_digit).collect();
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "verify", "-n", NAMESPACE, "-I", signer.as_str()]);
    command.args(["-O", &format!("verify-time={digits}Z")]);
    command.arg("-f").arg(allowed).arg("-r").arg(revoked).arg("-s").arg(signature);
    Ok(fed("ssh-keygen", command.stderr(Stdio::null()), message)?.status.success())
}

/// Does a KRL revoke this key? Whatever keeps `ssh-keygen` from answering counts as yes.
pub(super) fn is_revoked(krl: &Path, key: &Key) -> Result<bool, SshProblem> {
    use base64::Engine as _;
    let folder = Folder::new()?;
    let encoded = base64::engine::general_purpose::STANDARD.encode(&key.blob);
    let file = folder.file("key.pub", format!("{} {encoded}\n", key.kind).as_bytes())?;
    let mut command = Command::new("ssh-keygen");
    command.args(["-Q", "-f"]).arg(krl).arg(file);
    Ok(!fed("ssh-keygen", command.stderr(Stdio::null()), &[])?.status.success())
}

/// Runs a program to its end with `input` on its standard input.
fn fed(program: &'static str, command: &mut Command, input: &[u8]) -> Result<Output, SshProblem> {
    let not_started = |source| SshProblem::NotStarted { program, source };
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(not_started)?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input) {
            // A program that knows its answer before it has read everything.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(not_started(error)),
            _ => {}
        }
    }
    child.wait_with_output().map_err(not_started)
}
