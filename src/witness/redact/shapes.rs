//! What credentials look like, as one expression over bytes. It must not know any actual secret.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

/// Ends a name whose value is a credential: `DB_PASSWORD`, `x-api-key`, `clientSecret`.
const NAME: &str = "(?i:passw(?:or)?d|passwd|passphrase|pwd|secret|token|api[_-]?key|apikey|access[_-]?key(?:[_-]?id)?|\
                    secret[_-]?key|private[_-]?key|client[_-]?secret|credentials?|authorization|cookie|connection[_-]?string)";

/// The one expression. Each part has one group: the value to black out.
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let parts = [
        // "password": "..." in JSON, and the same inside a JSON string.
        format!(r#"{NAME}"[ \t\r\n]*:[ \t\r\n]*"((?:[^"\\]|\\.)*)""#),
        format!(r#"{NAME}\\"[ \t]*:[ \t]*\\"((?:[^"\\]|\\\\.)*)\\""#),
        // password=... in URLs, dumps of an environment, forms; quoted in TOML and shell.
        format!(r#"{NAME}[ \t]?=[ \t]?"([^"\r\n]*)""#),
        format!(r#"{NAME}[ \t]?=[ \t]?'([^'\r\n]*)'"#),
        format!(r#"{NAME}(?:[ \t]?=[ \t]?|%3[dD])(\$\{{[^ }}]*\}}|[^ \t\r\n"'&<>;,=(){{}}\[\]\\`|][^ \t\r\n"'&<>;,(){{}}\[\]\\`|]*)"#),
        // password: ... alone on its line, as YAML and printed headers have it.
        format!(r#"(?m:^)[ \t><*-]*[A-Za-z0-9_.-]*{NAME}:[ \t]+"?((?i:Bearer |Basic |Digest |Token )?[^ \t\r\n"'{{}}\[\]|>&*!%@`#][^ \t\r\n"]*)"?[ \t]*\r?(?m:$)"#),
        // Headers as a client prints them: all of the line.
        r"(?m:^)[ \t><*-]*(?i:(?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token|x-csrf-token|x-vault-token):[ \t]*([^\r\n]+)".to_owned(),
        r"\b(?i:bearer)[ \t]+([A-Za-z0-9._~+/=-]{8,})".to_owned(),
        // The password of scheme://user:password@host.
        r#"[A-Za-z][A-Za-z0-9+.-]*://[^ \t\r\n/:@"'<>\\]*:([^ \t\r\n/@"'<>\\]+)@"#.to_owned(),
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----((?s:.*?))(?:-----END [A-Z0-9 ]*PRIVATE KEY|\z)".to_owned(),
        r"\b((?:AKIA|ASIA)[0-9A-Z]{16})\b".to_owned(),
        r"\b(gh[pousr]_[A-Za-z0-9]{20,})".to_owned(),
        r"\b(github_pat_[A-Za-z0-9_]{20,})".to_owned(),
        r"\b(glpat-[A-Za-z0-9_-]{16,})".to_owned(),
        r"\b(xox[abeoprs]-[A-Za-z0-9-]{10,})".to_owned(),
        // A JSON web token: two base64 objects and a signature.
        r"\b(eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)".to_owned(),
    ];
    compile(&parts.join("|"))
});

/// `None` would be a mistake in this file; the tests hold that there is none.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).size_limit(256 << 20).dfa_size_limit(64 << 20).build().ok()
}

/// Where credentials stand.
pub(super) fn find(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let Some(shapes) = &*SHAPES else { return found };
    let mut from = 0;
    while let Some(captures) = shapes.captures_at(bytes, from) {
        let (whole, value) = places(&captures);
        if value.is_empty() || harmless(&bytes[value.clone()]) || of_a_page(&bytes[..whole.start]) {
            // What follows may hold another: `token=bearer ...`.
            from = value.start.max(whole.start + 1);
        } else {
            from = value.end;
            found.push(value);
        }
    }
    found
}

fn places(captures: &Captures<'_>) -> (Range<usize>, Range<usize>) {
    let whole = captures.get(0).map_or(0..0, |all| all.range());
    let value = captures.iter().skip(1).flatten().next().map_or(whole.clone(), |value| value.range());
    (whole, value)
}

/// Does the name so far make the next word the token of a next page (`nextPageToken`)? Without it, no list has a second
/// page.
fn of_a_page(before: &[u8]) -> bool {
    let name = before.strip_suffix(b"_").or_else(|| before.strip_suffix(b"-")).unwrap_or(before);
    let ends_in = |word: &[u8]| name.len() >= word.len() && name[name.len() - word.len()..].eq_ignore_ascii_case(word);
    ends_in(b"next") || ends_in(b"page")
}

/// Values that a name like `reset-password` may have without any secret in them, and placeholders for one.
fn harmless(value: &[u8]) -> bool {
    const WORDS: [&str; 16] = [
        "true",
        "false",
        "null",
        "none",
        "nil",
        "yes",
        "no",
        "on",
        "off",
        "enabled",
        "disabled",
        "required",
        "optional",
        "missing",
        "invalid",
        "authentication",
    ];
    let placeholder = value.starts_with(b"${") || value.starts_with(b"[REDACTED") || value.starts_with(b"%5BREDACTED");
    let word = value.strip_suffix(b",").unwrap_or(value);
    let small_number = word.len() < 6 && word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    placeholder || small_number || WORDS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}
