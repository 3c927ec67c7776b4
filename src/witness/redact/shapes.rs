//! What credentials look like. One expression finds where a value may begin; plain loops find where it ends, so that no
//! answer, however it is made, takes more than one pass. It must not know any actual secret.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

/// Ends a name whose value is a credential: `DB_PASSWORD`, `x-api-key`, `clientSecret`.
const NAME: &str = "(?i:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|secret[_-]?key|\
                    private[_-]?key|credentials?|authorization|cookie|connection[_-]?string)";

/// Headers whose whole line is a credential.
const HEADER: &str = "(?i:(?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token|x-csrf-token|x-vault-token)";

/// How a value ends.
#[derive(Debug, Clone, Copy)]
enum Ends {
    /// At the quote that is not escaped.
    JsonString,
    /// The same in JSON inside a JSON string, at `\"`.
    InnerJsonString,
    /// At the same quote, on the same line.
    Quoted(u8),
    /// Before a blank or a separator.
    Word,
    /// With its line, when there is one word on it.
    LoneWord,
    /// With its line.
    Line,
    /// With the last character of a token, of which there are at least so many.
    Run(usize),
    /// As [`Ends::Run`], in three parts of which two are base64 of `{"`.
    WebToken,
    /// Before the `@` of `scheme://user:password@host`.
    At,
    /// Before the line that ends a block of PEM (RFC 7468).
    Pem,
}

/// Where a value may begin. What is matched stays; tokens that are known by their beginning lose all but that.
fn openings() -> [(String, Ends); 14] {
    [
        (format!(r#"{NAME}"[ \t\r\n]{{0,9}}:[ \t\r\n]{{0,9}}""#), Ends::JsonString),
        (format!(r#"{NAME}\\"[ \t]{{0,9}}:[ \t]{{0,9}}\\""#), Ends::InnerJsonString),
        (format!(r#"{NAME}[ \t]?=[ \t]?""#), Ends::Quoted(b'"')),
        (format!(r"{NAME}[ \t]?=[ \t]?'"), Ends::Quoted(b'\'')),
        (format!(r"{NAME}(?:[ \t]?=[ \t]?|%3[dD])"), Ends::Word),
        // Printed headers before YAML: both begin a line, and of a header all of the line goes.
        (format!(r"(?m:^)[ \t><*-]{{0,40}}{HEADER}:[ \t]{{0,9}}"), Ends::Line),
        (format!(r"(?m:^)[ \t><*-]{{0,40}}[A-Za-z0-9_.-]{{0,60}}{NAME}:[ \t]{{1,9}}"), Ends::LoneWord),
        (r"\b(?i:bearer)[ \t]{1,9}".to_owned(), Ends::Run(8)),
        (r#"\b[A-Za-z][A-Za-z0-9+.-]{0,20}://[^ \t\r\n/:@"'<>\\]{0,60}:"#.to_owned(), Ends::At),
        (r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----".to_owned(), Ends::Pem),
        (r"\b(?:AKIA|ASIA)".to_owned(), Ends::Run(16)),
        (r"\b(?:gh[pousr]_|github_pat_|glpat-)".to_owned(), Ends::Run(16)),
        (r"\bxox[abeoprs]-".to_owned(), Ends::Run(10)),
        (r"\beyJ".to_owned(), Ends::WebToken),
    ]
}

struct Shapes {
    openings: Regex,
    ends: Vec<Ends>,
}

/// `None` would be a mistake in this file; the tests hold that there is none.
static SHAPES: LazyLock<Option<Shapes>> = LazyLock::new(|| {
    let (patterns, ends): (Vec<String>, Vec<Ends>) = openings().into_iter().unzip();
    // The empty group says which of them it was.
    let pattern = patterns.iter().map(|pattern| format!("{pattern}()")).collect::<Vec<_>>().join("|");
    Some(Shapes { openings: compile(&pattern)?, ends })
});

/// Makes what [`find`] needs, which takes milliseconds.
pub(in crate::witness) fn prepare() {
    LazyLock::force(&SHAPES);
}

pub(super) fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).size_limit(256 << 20).dfa_size_limit(64 << 20).build().ok()
}

/// Where credentials stand, in order and apart from each other.
pub(super) fn find(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let Some(shapes) = &*SHAPES else { return found };
    let mut from = 0;
    // Up to here no web token begins: it would end where one was found not to.
    let mut no_token_before = 0;
    while let Some(captures) = shapes.openings.captures_at(bytes, from) {
        let opening = captures.get(0).map_or(from..from + 1, |opening| opening.range());
        let which = captures.iter().skip(1).position(|group| group.is_some());
        let ends = which.and_then(|which| shapes.ends.get(which));
        from = opening.end;
        let value = match ends {
            Some(Ends::WebToken) if opening.end < no_token_before => None,
            Some(Ends::WebToken) => match web_token_length(&bytes[opening.end..]) {
                Ok(length) => Some(opening.end..opening.end + length),
                Err(length) => {
                    no_token_before = opening.end + length;
                    None
                }
            },
            ends => ends.and_then(|ends| ends.value(bytes, &opening)),
        };
        let named = matches!(ends, Some(Ends::JsonString | Ends::InnerJsonString | Ends::Quoted(_) | Ends::Word));
        let harmful = |value: &Range<usize>| {
            let of_page = named && of_a_page(&bytes[..opening.start]);
            !value.is_empty() && !of_page && !harmless(&bytes[value.clone()])
        };
        if let Some(value) = value.filter(harmful) {
            from = value.end;
            found.push(value);
        }
    }
    found
}

impl Ends {
    /// The value that begins behind `opening`; `None` when what is there is no credential.
    fn value(self, bytes: &[u8], opening: &Range<usize>) -> Option<Range<usize>> {
        let start = opening.end;
        let rest = &bytes[start..];
        let until = |stop: &dyn Fn(u8) -> bool| rest.iter().position(|byte| stop(*byte)).unwrap_or(rest.len());
        let length = match self {
            Self::JsonString => string_length(rest),
            Self::InnerJsonString => inner_string_length(rest),
            Self::Quoted(quote) => {
                let length = until(&|byte| byte == quote || byte == b'\n');
                (rest.get(length) == Some(&quote)).then_some(length)?
            }
            Self::Word => word_length(rest),
            Self::LoneWord => lone_word_length(rest)?,
            Self::Line => until(&|byte| byte == b'\n' || byte == b'\r'),
            Self::Run(least) => {
                let length = until(&|byte| !is_token(byte));
                let token = &rest[..length];
                // Prose goes on after "bearer" too, in words of letters alone.
                let is_prose = least == 8 && token.iter().all(|byte| byte.is_ascii_lowercase());
                (length >= least && !is_prose).then_some(length)?
            }
            Self::WebToken => web_token_length(rest).ok()?,
            Self::At => {
                const LONGEST: usize = 1024;
                let near = &rest[..rest.len().min(LONGEST)];
                let length = near.iter().position(|byte| b"@/ \t\r\n\"'<>\\".contains(byte))?;
                (near[length] == b'@').then_some(length)?
            }
            Self::Pem => find_bytes(rest, b"-----END ").unwrap_or(rest.len()),
        };
        Some(start..start + length)
    }
}

/// Up to the quote that ends a JSON string; what is not ended goes to the last byte.
fn string_length(rest: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    rest.len()
}

/// Up to the `\"` that ends a JSON string inside a JSON string; `\\\"` is a quote inside it.
fn inner_string_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match (byte, rest.get(at + 1)) {
            (b'\\', Some(b'"')) | (b'"', _) => return at,
            (b'\\', Some(b'\\')) => at += 4,
            (b'\\', _) => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

fn word_length(rest: &[u8]) -> usize {
    if rest.starts_with(b"${") {
        return rest.iter().position(|byte| *byte == b'}').map_or(2, |end| end + 1).min(200);
    }
    // "token == other" compares; it assigns nothing.
    if rest.first() == Some(&b'=') {
        return 0;
    }
    rest.iter().position(|byte| b" \t\r\n\"'&<>;,(){}[]\\`|".contains(byte)).unwrap_or(rest.len())
}

/// The word, with the kind of credential before it, when nothing else stands on the line.
fn lone_word_length(rest: &[u8]) -> Option<usize> {
    const LONGEST: usize = 4096;
    let near = &rest[..rest.len().min(LONGEST)];
    let line = &near[..near.iter().position(|byte| *byte == b'\n').unwrap_or(near.len())];
    let value = line.trim_ascii_end();
    let word = value.strip_prefix(b"\"").unwrap_or(value);
    let word = ["Bearer ", "Basic ", "Digest ", "Token "]
        .iter()
        .find(|kind| word.get(..kind.len()).is_some_and(|head| head.eq_ignore_ascii_case(kind.as_bytes())))
        .map_or(word, |kind| &word[kind.len()..]);
    let is_alone = !word.iter().any(u8::is_ascii_whitespace);
    // These begin a list, a block, a comment or an anchor in YAML.
    let is_plain = word.first().is_some_and(|first| !b"{}[]|>&*!%@`#".contains(first));
    (is_alone && is_plain && line.len() < LONGEST).then_some(value.len())
}

/// Two parts that begin like base64 of `{"`, and a signature that may be empty (RFC 7519); else how far was looked.
fn web_token_length(rest: &[u8]) -> Result<usize, usize> {
    let part = |from: usize| {
        let part = rest[from..].iter().position(|byte| !is_token(*byte) || b".~+/=".contains(byte));
        part.map_or(rest.len(), |length| from + length)
    };
    let header = part(0);
    if header < 8 || !rest[header..].starts_with(b".eyJ") {
        return Err(header);
    }
    let payload = part(header + 1);
    if rest.get(payload) == Some(&b'.') { Ok(part(payload + 1)) } else { Err(payload) }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._~+/=-".contains(&byte)
}

fn find_bytes(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
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
    const WORDS: [&str; 15] = [
        "true", "false", "null", "none", "nil", "yes", "no", "on", "off", "enabled", "disabled", "required",
        "optional", "missing", "invalid",
    ];
    let placeholder = value.starts_with(b"${") || value.starts_with(b"[REDACTED") || value.starts_with(b"%5BREDACTED");
    let word = value.strip_suffix(b",").unwrap_or(value);
    let small_number = word.len() < 6 && word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    placeholder || small_number || WORDS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}
