//! `countersign sign`: what is signed is shown, the signer confirms it, and `ssh-keygen` signs it.
//!
//! The bytes that are signed are those that were read and shown; afterwards the record must still be the same. Nothing is
//! asked when standard input is not a terminal: what would be asked must then be given.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;

use super::arguments::Sign;
use super::terminal::{BAD, CAUTION, DIM, STRONG, visible};
use super::verify::signed;
use super::{Exit, Failure, run, summary, terminal};
use crate::audit::sign;
use crate::audit::verify::{self, Expected};
use crate::model::audit::SignoffPolicy;
use crate::model::format;
use crate::model::id::{CheckId, Id};
use crate::model::instant::Instant;
use crate::model::printed::parse_duration;
use crate::model::record::Record;
use crate::model::signoff::{Decision, Name, NotAName, people};
use crate::record::Bundle;
use crate::record::scratch::Folder;
use crate::report::Templates;
use crate::signoff::decide::Checked;
use crate::signoff::make::{self, Wish};
use crate::signoff::open::{demanded, left_undecided};
use crate::signoff::ssh_keygen::{self, SshProblem};
use crate::signoff::{Code, Refusal};
use crate::witness::clock;

/// How long a sign-off holds where neither the signer nor the policy says: 30 days.
const LIFETIME: u64 = 30 * 86_400;
/// The value of `--key` that leaves the key to the agent.
const AGENT: &str = "agent";

/// Signs a bundle.
pub(crate) fn sign(arguments: &Sign) -> Result<Exit, Failure> {
    let bundle = run::open(&arguments.bundle)?;
    let templates = run::templates(arguments.template.as_deref())?;
    let before = intact(&bundle, &templates)?;
    let record = &bundle.record;
    let policy = record.audit.signoff.as_ref();
    let role = role(&arguments.role, policy)?;
    let ask = io::stdin().is_terminal() && !arguments.yes;
    let now = clock::now();
    let mut wish = Wish {
        signer: signer(arguments.signer.as_deref(), &role, policy)?,
        role,
        decision: decision(arguments),
        conditions: arguments.approve_with_conditions.clone(),
        acknowledges: acknowledged(&arguments.acknowledge, record)?,
        issued_at: now,
        expires_at: expires(arguments.expires.as_deref(), policy, now)?,
        statement: arguments.statement.clone().unwrap_or_default(),
    };
    if wish.decision.is_approval() && left_undecided(record) {
        let message = "only claims were judged, and the audit asks more than they say: there is nothing to approve";
        return Err(Failure::new(message, "run the whole audit, without --claims-only, and sign that; or --reject"));
    }
    terminal::message(&shown(&bundle, &wish, &before));
    confirm(&mut wish, record, ask, arguments.yes)?;
    let unsigned = make::prepare(record, &bundle.sha256, wish).map_err(|refusal| refused(&refusal))?;
    let armored = armored(&arguments.key, &unsigned.message(), io::stdin().is_terminal())
        .map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
    let touch = policy.is_some_and(|policy| policy.require_touch);
    let signed = unsigned.signed(&armored, touch).map_err(|refusal| refused(&refusal))?;
    let file = sign::add(&arguments.bundle, &bundle.sha256, signed, &templates)
        .map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
    terminal::data(&format!("{}\n", file.display()))?;
    run::say_if_moved();
    Ok(Exit::Clean)
}

/// Nobody signs what is not as it was recorded. Documents are rendered anew anyway. The sign-offs that are there already.
fn intact(bundle: &Bundle, templates: &Templates) -> Result<Vec<Checked>, Failure> {
    let expected = Expected { templates, commit: None, max_age: None, now: clock::now(), policy: None, keys: None };
    let verified = verify::verify(Bundle::open(&bundle.directory), None, &expected)
        .map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
    // What was verified must be what was read before, because that is what is shown and signed.
    if verified.record.as_ref().is_some_and(|record| record.sha256 != bundle.sha256) {
        return Err(Failure::new("record.json changed while it was read", "nothing was signed; try again"));
    }
    let Some(finding) = verified.findings.iter().find(|finding| finding.code.is_of_the_record()) else {
        return Ok(verified.sign_offs.map(|signed| signed.list).unwrap_or_default());
    };
    Err(Failure::new(
        format!(
            "the bundle is not as it was recorded: {} {}: {}",
            finding.code.name(),
            visible(&finding.file),
            visible(&finding.text)
        ),
        "`countersign verify` says everything that is wrong with it; nobody should sign it",
    ))
}

fn role(written: &str, policy: Option<&SignoffPolicy>) -> Result<Name, Failure> {
    let role: Name = written
        .parse()
        .map_err(|problem: NotAName| Failure::new(problem.to_string(), "name a role of the audit file's `signoff`"))?;
    let Some(policy) = policy.filter(|policy| !policy.roles.contains_key(written)) else { return Ok(role) };
    let roles: Vec<&String> = policy.roles.keys().collect();
    Err(Failure::new(
        format!("nobody has to sign as \"{written}\""),
        format!("the roles are {}", format::and_list(&roles)),
    ))
}

/// Who signs: as given, or the only one who may.
fn signer(given: Option<&str>, role: &Name, policy: Option<&SignoffPolicy>) -> Result<Name, Failure> {
    let may = policy.map(|policy| people::principals(policy, role.as_str())).unwrap_or_default();
    let signer = match (given, may.as_slice()) {
        (Some(given), _) => given,
        (None, [only]) => only,
        (None, []) => {
            return Err(Failure::new("it is not said who signs", "name the principal of your key with --signer"));
        }
        (None, several) => {
            let message = format!("{} may sign as {role}", format::and_list(several));
            return Err(Failure::new(message, "say which of them you are with --signer"));
        }
    };
    signer.parse().map_err(|problem: NotAName| {
        Failure::new(
            problem.to_string(),
            "a signer is a principal of an allowed_signers file, such as alice@example.com",
        )
    })
}

fn decision(arguments: &Sign) -> Decision {
    match (arguments.reject, arguments.approve_with_conditions.is_empty()) {
        (true, _) => Decision::Reject,
        (false, false) => Decision::ApproveWithConditions,
        (false, true) => Decision::Approve,
    }
}

fn acknowledged(written: &[String], record: &Record) -> Result<Vec<CheckId>, Failure> {
    let known = |text: &String| {
        let check = text.parse::<CheckId>().ok().filter(|check| record.audit.check(check).is_some());
        check.ok_or_else(|| {
            let wanted = demanded(record).iter().map(ToString::to_string).collect::<Vec<_>>();
            let help = if wanted.is_empty() {
                "nothing has to be acknowledged here".to_owned()
            } else {
                format!("what has to be acknowledged: {}", wanted.join(", "))
            };
            Failure::new(format!("the audit has no check \"{}\"", visible(text)), help)
        })
    };
    written.iter().map(known).collect()
}

/// A length of time (`14d`) or a moment.
fn expires(written: Option<&str>, policy: Option<&SignoffPolicy>, now: Instant) -> Result<Instant, Failure> {
    let after =
        |seconds: u64| i64::try_from(seconds).ok().and_then(|s| Instant::from_seconds(now.seconds().saturating_add(s)));
    let Some(written) = written else {
        let most = policy.and_then(|policy| policy.max_age).unwrap_or(LIFETIME);
        return after(most)
            .ok_or_else(|| Failure::new("the policy's max-age has no end", "say until when with --expires"));
    };
    let length = parse_duration(written).ok().and_then(|seconds| after(seconds.to_u64()?));
    let moment = length.or_else(|| written.parse::<Instant>().ok()).filter(|moment| *moment > now);
    moment.ok_or_else(|| {
        Failure::new(
            format!("\"{}\" is no time to come", visible(written)),
            "write a length of time such as 14d, or a moment such as 2026-12-24T12:00Z",
        )
    })
}

/// What is signed, as it was read.
fn shown(bundle: &Bundle, wish: &Wish, before: &[Checked]) -> String {
    let record = &bundle.record;
    let mut text = summary::for_signing(record);
    let demanded = demanded(record);
    for result in record.judgement.checks.iter().filter(|result| demanded.contains(&result.check)) {
        let waiver = result.waived_by.and_then(|index| record.audit.waivers.get(index as usize));
        let waived = waiver.map(|waiver| format!(", waived by {}: {}", visible(&waiver.by), visible(&waiver.reason)));
        let named = if wish.acknowledges.contains(&result.check) { "named" } else { "to be named" };
        let word = result.status.word();
        let _ = writeln!(text, "  {CAUTION}{named}{CAUTION:#} {}  {word}{}", result.check, waived.unwrap_or_default());
    }
    let (role, signer, decides) = (&wish.role, &wish.signer, wish.decision.words());
    let style = if wish.decision == Decision::Reject { BAD } else { STRONG };
    let _ = writeln!(
        text,
        "\n  {STRONG}{signer}{STRONG:#} signs as {STRONG}{role}{STRONG:#} and {style}{decides}{style:#}"
    );
    let policy = record.audit.signoff.as_ref().and_then(|policy| policy.roles.get(role.as_str()));
    if let Some(policy) = policy.filter(|policy| !policy.areas.is_empty()) {
        let areas: Vec<&str> = policy.areas.iter().map(Id::as_str).collect();
        let _ = writeln!(text, "    answering for {}", format::and_list(&areas));
    }
    for checked in before.iter().filter(|checked| checked.role.as_ref() == Some(role)) {
        let by = checked.signer.as_ref().map(Name::as_str).unwrap_or_default();
        if let Some(since) = signed::since(checked) {
            let _ = writeln!(text, "  {CAUTION}before{CAUTION:#} {by}: {}", visible(&since));
        }
    }
    for condition in &wish.conditions {
        let _ = writeln!(text, "    on condition: {}", visible(condition));
    }
    if !wish.statement.is_empty() {
        let _ = writeln!(text, "    in these words: {}", visible(&wish.statement));
    }
    let until = format::instant(wish.expires_at, "UTC");
    let _ = writeln!(text, "    holds until {until}");
    let _ = writeln!(text, "  {DIM}record sha256 {}{DIM:#}", bundle.sha256);
    text
}

/// Lets the signer name what must be named, and say yes.
fn confirm(wish: &mut Wish, record: &Record, ask: bool, yes: bool) -> Result<(), Failure> {
    let approves = wish.decision.is_approval();
    let open: Vec<CheckId> =
        demanded(record).into_iter().filter(|check| approves && !wish.acknowledges.contains(check)).collect();
    if !ask && !open.is_empty() {
        let names: Vec<String> = open.iter().map(ToString::to_string).collect();
        let (are, them) = if names.len() == 1 { ("it is", "it") } else { ("they are", "them") };
        return Err(Failure::new(
            format!("an approval accepts {} as {are}, and must name {them}", format::and_list(&names)),
            format!("--acknowledge {}, or --reject", names.join(" ")),
        ));
    }
    for check in open {
        if answer(&format!("  to accept {check} as it is, write its name: "))? != check.to_string() {
            return Err(Failure::new(
                format!("{check} is not accepted"),
                "nothing was signed; --reject signs a rejection",
            ));
        }
        wish.acknowledges.push(check);
    }
    if yes {
        return Ok(());
    }
    if !ask {
        return Err(Failure::new(
            "nobody can be asked: standard input is not a terminal",
            "look at what is shown above, and say --yes",
        ));
    }
    match answer("  sign this? (yes) ")?.as_str() {
        "yes" => Ok(()),
        _ => Err(Failure::new("it was not confirmed", "nothing was signed; answer yes to sign")),
    }
}

fn answer(question: &str) -> Result<String, Failure> {
    terminal::message(question);
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(|error| {
        Failure::new(format!("could not read an answer: {error}"), "give the answers by flags, with --yes")
    })?;
    Ok(line.trim().to_owned())
}

fn armored(key: &str, message: &[u8], ask: bool) -> Result<String, SshProblem> {
    if key != AGENT {
        return ssh_keygen::sign(Path::new(key), message, ask);
    }
    let folder = Folder::new()?;
    let file = folder.file("agent.pub", format!("{}\n", ssh_keygen::agent_key()?).as_bytes())?;
    ssh_keygen::sign(&file, message, ask)
}

fn refused(refusal: &Refusal) -> Failure {
    let help = match refusal.code {
        Code::RoleNotAllowed => "sign as a role that you have, or name the principal of your key with --signer",
        Code::AuthorCannotApprove => "let somebody else sign, or let the audit file say `author-may-approve: true`",
        Code::LifetimeTooLong => "choose a shorter time with --expires",
        Code::BeforeRun => "the clock of this machine is behind that of the run: set it right",
        Code::ClaimsAlone => "run the whole audit, without --claims-only, and sign that",
        Code::NotAcknowledged => "name them with --acknowledge",
        Code::WeakKey | Code::Algorithm => "use an Ed25519 key: `ssh-keygen -t ed25519`",
        Code::NoUserPresence => "use a hardware key and touch it: `ssh-keygen -t ed25519-sk`",
        _ => "write the texts in plain characters; if that is not it, please report this",
    };
    Failure::new(format!("this sign-off would not count ({}): {}", refusal.code.name(), visible(&refusal.why)), help)
}
