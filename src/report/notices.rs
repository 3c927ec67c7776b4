//! What a reader must know before believing the rest: where the evidence comes from, and what the run was not. For every
//! document and format, because each is read alone.

use crate::model::format;
use crate::model::id::Id;
use crate::model::prose;
use crate::model::record::{Part, Record};

use super::plain;

/// Most names of checks that were left out; the areas show every one as skipped.
const MOST_LEFT_OUT: usize = 10;

/// Provenance and notices in the order in which they are read, sentences.
pub fn caveats(record: &Record) -> Vec<String> {
    said(provenance(record).as_deref(), &notices(record))
}

/// The same of a provenance and notices that were taken out of a record before.
pub fn said(provenance: Option<&str>, notices: &[String]) -> Vec<String> {
    let provenance = provenance.map(|words| {
        let stop = if words.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        format!("Where the evidence comes from: {words}{stop}")
    });
    provenance.into_iter().chain(notices.iter().cloned()).collect()
}

/// What the audit file says of its evidence, in words alone; `None` where it says nothing.
pub fn provenance(record: &Record) -> Option<String> {
    let words = plain(&prose::fill(record.audit.provenance.as_ref()?, record)).trim().to_owned();
    (!words.is_empty()).then_some(words)
}

/// That the run was interrupted, a part, put together, of strangers, judged again, or without a score; a sentence each.
pub fn notices(record: &Record) -> Vec<String> {
    let mut notices = Vec::new();
    if record.run.interrupted {
        notices.push("The run was interrupted: what had not been measured by then is skipped.".to_owned());
    }
    if record.run.untrusted {
        notices.push(
            "The audit file was taken for one of strangers (--untrusted): it could run no command, read neither the environment \
             nor files outside its root, and reach no private network that was not allowed. Of these nothing was looked at."
                .to_owned(),
        );
    }
    notices.extend(partial(record));
    notices.extend(parts(record));
    if record.replayed_from.is_some() {
        notices.push("The evidence is that of an earlier record, judged again under another audit file.".to_owned());
    }
    let unscored = &record.judgement.overall.unscored;
    if !unscored.is_empty() && !record.run.claims_only {
        let titled = |id: &Id| record.audit.areas.iter().find(|area| area.id == *id).map(|area| area.title.as_str());
        let titles: Vec<&str> = unscored.iter().map(|id| titled(id).unwrap_or_else(|| id.as_str())).collect();
        notices.push(format!("No score: {}.", format::and_list(&titles)));
    }
    notices
}

/// That checks were left out of the run, and which.
fn partial(record: &Record) -> Option<String> {
    let left_out: Vec<String> = record.left_out().map(ToString::to_string).collect();
    let more = left_out.len().saturating_sub(MOST_LEFT_OUT);
    let named = match more {
        0 => format::and_list(&left_out),
        _ => format!("{} and {more} more", left_out[..MOST_LEFT_OUT].join(", ")),
    };
    let all = format::plural(record.audit.checks.len() as u64, "check", "checks");
    let notice = || {
        let were = format::plural(left_out.len() as u64, "was", "were");
        format!("This is a part of the audit: of {all}, {were} left out: {named}.")
    };
    (!left_out.is_empty()).then(notice)
}

/// The runs that the record was put together from.
fn parts(record: &Record) -> Option<String> {
    let part = |part: &Part| {
        let digest: String = part.sha256.chars().take(12).collect();
        let ended = format::instant(part.finished_at, &record.audit.timezone);
        format!("run {} on {}, ended {ended}, record sha256:{digest}…", part.run_id, part.platform)
    };
    let parts: Vec<String> = record.parts.iter().map(part).collect();
    let runs = || format::plural(parts.len() as u64, "run", "runs");
    (!parts.is_empty()).then(|| format!("Put together from {}: {}.", runs(), parts.join("; ")))
}
