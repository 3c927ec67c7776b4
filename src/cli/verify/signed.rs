//! The sign-offs of a bundle on the screen: each with who, when and how it came out, then what each role has.

use std::fmt::Write as _;

use crate::cli::terminal::{BAD, CAUTION, DIM, GOOD, STRONG, visible};
use crate::model::format;
use crate::signoff::SignOffs;
use crate::signoff::decide::{Checked, State};

/// Nothing where there is no sign-off and no role.
pub(super) fn lines(signed: &SignOffs) -> String {
    let mut text = String::new();
    for checked in &signed.list {
        one(&mut text, checked);
    }
    for role in &signed.roles {
        let (style, symbol) = if role.code.is_none() { (GOOD, "✓") } else { (BAD, "✗") };
        let people = format::and_list(&role.people);
        let by = if people.is_empty() { "nobody".to_owned() } else { people };
        let count = format!("{}/{}", role.people.len(), role.needed);
        let code = role.code.map(|code| format!(" {BAD}{}{BAD:#}", code.name())).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {style}{symbol}{style:#} {STRONG}{}{STRONG:#} {count}: {}{code}",
            role.role,
            visible(&by)
        );
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
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
    let key = checked.fingerprint.as_deref().unwrap_or_default();
    let _ = writeln!(text, "    {DIM}key {key}{DIM:#}");
}
