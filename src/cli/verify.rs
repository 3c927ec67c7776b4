//! `countersign verify`: is a bundle as it was written, and signed as it must be?

pub(super) mod given;
pub(crate) mod signed;

use std::fmt::Write;
use std::path::Path;

use anstyle::Style;

use self::given::{Given, Target};
use super::arguments::{Verify, VerifyFormat};
use super::run;
use super::scratch;
use super::terminal::{BAD, CAUTION, DIM, GOOD, STRONG, visible};
use super::{Exit, Failure, runtime, terminal};
use crate::audit::since::{self, Since};
use crate::audit::verify::{self, Expected, Verified};
use crate::model::format;
use crate::model::record::Record;
use crate::record::Bundle;
use crate::witness::clock;

/// Checks a bundle, or a document of one.
pub(crate) fn verify(arguments: &Verify) -> Result<Exit, Failure> {
    let templates = run::templates(arguments.template.as_deref())?;
    let given = Given::read(&arguments.keys)?;
    let expected = Expected {
        templates: &templates,
        commit: arguments.expect_commit.as_deref(),
        max_age: arguments.max_age.map(|age| age.as_secs()),
        now: arguments.now.unwrap_or_else(clock::now),
        policy: given.policy.as_ref(),
        keys: given.keys.as_ref().map(|(signers, revoked)| (signers, revoked)),
    };
    let (verified, since) = match Target::find(&arguments.bundle)? {
        Target::Bundle { directory, copy } => {
            let opened = Bundle::open(&directory);
            let since = match (&opened, &arguments.root) {
                (Ok(bundle), Some(root)) => Some(read_again(&bundle.record, root)?),
                _ => None,
            };
            let copy = copy.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
            (verify::verify(opened, copy, &expected), since)
        }
        Target::Page { name, page } => {
            if arguments.root.is_some() {
                let message = "a page alone does not say where its documents stand".to_owned();
                return Err(Failure::new(message, "verify the bundle with --root"));
            }
            (verify::verify_page(&name, &page, &expected), None)
        }
    };
    let mut verified = verified.map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
    verified.since = since;
    let text = match arguments.format {
        VerifyFormat::Human => screen(&verified),
        VerifyFormat::Json => terminal::json(&verified)?,
    };
    terminal::data(&text)?;
    let changed = verified.since.as_ref().is_some_and(|since| !since.changed.is_empty());
    Ok(match (verified.intact && verified.is_signed_as_demanded(), changed) {
        (false, _) => Exit::NotIntact,
        (true, true) => Exit::Conditional,
        (true, false) => Exit::Clean,
    })
}

/// Reads the documents of a record again, with a folder of its own for what is read.
fn read_again(record: &Record, root: &Path) -> Result<Since, Failure> {
    let scratch = scratch::folder()?;
    let read = runtime()?.block_on(since::since(record, root, scratch.path()));
    read.map_err(|problem| run::could_not_run(&problem))
}

pub(super) fn screen(verified: &Verified) -> String {
    let mut text = String::from("\n");
    if let Some(record) = &verified.record {
        let judged = format::instant(record.finished_at, "UTC");
        let _ = writeln!(text, "  {} judged {judged}: {}", record.audit, record.words);
        let _ = writeln!(text, "  {DIM}record sha256 {}{DIM:#}\n", record.sha256);
    }
    for step in &verified.steps {
        let (style, symbol, said) = match step.passed {
            Some(true) => (GOOD, "✓", step.text.as_str()),
            Some(false) if matches!(step.name, "sign-offs" | "expected" | "policy") => (BAD, "✗", step.text.as_str()),
            Some(false) => (BAD, "✗", "not as recorded"),
            None => (DIM, "-", step.text.as_str()),
        };
        let _ = writeln!(text, "  {style}{symbol}{style:#} {:<10} {}", step.name, visible(said));
    }
    claims(&mut text, verified.since.as_ref());
    text.push('\n');
    if let Some(sign_offs) = &verified.sign_offs {
        text.push_str(&signed::lines(sign_offs));
    }
    for finding in &verified.findings {
        let _ = writeln!(text, "  {BAD}{}{BAD:#} {STRONG}{}{STRONG:#}", finding.code.name(), visible(&finding.file));
        let _ = writeln!(text, "    {}", visible(&finding.text));
    }
    let version = verified.record.as_ref().map(|record| record.tool_version.as_str());
    if let Some(version) = version.filter(|version| *version != env!("CARGO_PKG_VERSION") && !verified.intact) {
        let _ = writeln!(text, "  {DIM}version {} wrote it; verify with that version{DIM:#}", visible(version));
    }
    if verified.intact && !verified.is_signed_as_demanded() {
        let _ = writeln!(
            text,
            "  {BAD}not signed{BAD:#}: the bundle is intact, and its sign-offs are not what is demanded"
        );
    } else if verified.intact {
        let _ = writeln!(text, "  {GOOD}intact{GOOD:#}");
    } else {
        let count = format::plural(verified.findings.len() as u64, "thing is", "things are");
        let _ = writeln!(text, "\n  {BAD}not intact{BAD:#}: {count} not as recorded");
    }
    text
}

/// What became of the claims in documents, one line where nothing did.
fn claims(text: &mut String, since: Option<&Since>) {
    let mut line = |style: Style, symbol: &str, said: &str| {
        let _ = writeln!(text, "  {style}{symbol}{style:#} {:<10} {}", "claims", visible(said));
    };
    let Some(since) = since else {
        line(DIM, "-", "documents were not compared; --root DIR reads them again");
        return;
    };
    let documents = format::plural(since.documents as u64, "document", "documents");
    if since.changed.is_empty() {
        line(GOOD, "✓", &format!("{documents} read again, and every claim stands as it was"));
    } else {
        let changed = format::plural(since.changed.len() as u64, "claim has", "claims have");
        line(CAUTION, "!", &format!("{documents} read again: {changed} changed since"));
    }
    if !since.elsewhere.is_empty() {
        let files = format::and_list(&since.elsewhere);
        let _ = writeln!(text, "    {DIM}{} changed elsewhere{DIM:#}", visible(&files));
    }
    for changed in &since.changed {
        let name = visible(&changed.claim);
        let _ =
            writeln!(text, "  {CAUTION}changed since{CAUTION:#} {STRONG}{}{STRONG:#} {name}", visible(&changed.place));
        let old = format::shortened(&changed.old, 200);
        let now = match (&changed.new, &changed.gone) {
            (Some(new), _) => format!("now \"{}\"", format::shortened(new, 200)),
            (None, Some(why)) => format!("now it is gone: {}", format::shortened(why, 200)),
            (None, None) => "now it is gone".to_owned(),
        };
        let _ = writeln!(text, "    said \"{}\", {}", visible(&old), visible(&now));
    }
}
