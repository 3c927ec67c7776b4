//! The sign-offs of a bundle on the screen: each with who, when and how it came out, then what each role has.

use std::fmt::Write as _;

use crate::cli::terminal::{BAD, CAUTION, DIM, GOOD, STRONG, visible};
use crate::model::format;
use crate::model::signoff::Decision;
use crate::signoff::SignOffs;
use crate::signoff::decide::{Checked, RoleState, State};

/// Nothing where there is no sign-off and no role.
pub(super) fn lines(signed: &SignOffs) -> String {
    let mut text = String::new();
    for checked in &signed.list {
        one(&mut text, checked);
    }
    for role in &signed.roles {
        let (style, symbol) = match (role.code, role.conditional.is_empty() && role.rejected.is_empty()) {
            (Some(_), _) => (BAD, "✗"),
            (None, false) => (CAUTION, "!"),
            (None, true) => (GOOD, "✓"),
        };
        let count = format!("{}/{}", role.people.len(), role.needed);
        let code = role.code.map(|code| format!(" {BAD}{}{BAD:#}", code.name())).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {style}{symbol}{style:#} {STRONG}{}{STRONG:#} {count}: {}{code}",
            role.role,
            visible(&by(role))
        );
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Who counts for a role, who of them on conditions, and who rejects: `alice on conditions; rejected by bob`.
fn by(role: &RoleState) -> String {
    let of = |person: &String| {
        if role.conditional.contains(person) { format!("{person} on conditions") } else { person.clone() }
    };
    let people: Vec<String> = role.people.iter().map(of).collect();
    let by = if people.is_empty() { "nobody".to_owned() } else { format::and_list(&people) };
    if role.rejected.is_empty() { by } else { format!("{by}; rejected by {}", format::and_list(&role.rejected)) }
}

/// What signers said that is less than yes, a line each with the conditions or the words below it. Nothing where nobody did.
pub(crate) fn reservations(signed: &SignOffs) -> String {
    let mut text = String::new();
    for checked in signed.list.iter().filter(|checked| checked.is_reserved()) {
        let (Some(role), Some(signer), Some(decision)) = (&checked.role, &checked.signer, checked.decision) else {
            continue;
        };
        let style = if decision == Decision::Reject { BAD } else { CAUTION };
        let unchecked =
            if checked.state == State::NotChecked { ", not checked: nobody said whose keys count" } else { "" };
        let _ = writeln!(text, "{style}{signer} as {role} {}{style:#}{unchecked}", decision.words());
        words(&mut text, "  ", checked);
    }
    text
}

/// On which conditions somebody approves, and their own words.
fn words(text: &mut String, before: &str, checked: &Checked) {
    for condition in &checked.conditions {
        let _ = writeln!(text, "{before}on condition: {}", visible(condition));
    }
    if let Some(statement) = &checked.statement {
        let _ = writeln!(text, "{before}in these words: {}", visible(statement));
    }
}

/// Why a sign-off does not count, or why one of an earlier record does.
pub(crate) fn since(checked: &Checked) -> Option<String> {
    let role = checked.role.as_ref().filter(|_| checked.earlier.is_some());
    match (&checked.why, role) {
        (Some(why), _) => Some(why.clone()),
        (None, Some(role)) => Some(format!("{role}: signed an earlier record; its areas are unchanged")),
        (None, None) => None,
    }
}

fn one(text: &mut String, checked: &Checked) {
    let (style, word) = match checked.state {
        State::Valid => (GOOD, "valid"),
        State::Stale => (CAUTION, "STALE"),
        State::Refused => (BAD, "refused"),
        State::NotChecked => (DIM, "not checked"),
    };
    let code = checked.code.filter(|_| checked.state == State::Refused).map(|code| format!(" {}", code.name()));
    let _ = writeln!(
        text,
        "  {style}{word}{}{style:#} {STRONG}{}{STRONG:#}",
        code.unwrap_or_default(),
        visible(&checked.file)
    );
    if let Some(why) = since(checked) {
        let _ = writeln!(text, "    {}", visible(&why));
    }
    let (Some(role), Some(signer), Some(decision)) = (&checked.role, &checked.signer, checked.decision) else { return };
    let at = |instant: Option<_>| instant.map(|instant| format::instant(instant, "UTC")).unwrap_or_default();
    let (issued, expires) = (at(checked.issued_at), at(checked.expires_at));
    let _ = writeln!(text, "    {signer} as {role} {}, {issued}, holds until {expires}", decision.words());
    words(text, "    ", checked);
    let key = checked.fingerprint.as_deref().unwrap_or_default();
    let _ = writeln!(text, "    {DIM}key {key}{DIM:#}");
}
