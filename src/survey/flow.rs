//! Values as YAML in one line. A text is written plain where nobody could read it otherwise, else as JSON, which is YAML.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// Longer texts are not written plain.
const MOST_PLAIN: usize = 100;

/// What `${` means in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholders {
    /// No more than its characters: the text was found somewhere, and nobody means a variable by it. It is written with a
    /// space between the two, because `$${secret:NAME}` is refused where it could become a secret.
    Literal,
    /// A variable: a person wrote it.
    Meant,
}

/// A value in one line.
pub fn flow(value: &Json, placeholders: Placeholders) -> String {
    match value {
        Json::Object(entries) => {
            let entry = |(key, value): (&String, &Json)| format!("{}: {}", self::key(key), flow(value, placeholders));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => {
            format!("[{}]", items.iter().map(|item| flow(item, placeholders)).collect::<Vec<_>>().join(", "))
        }
        Json::String(text) => scalar(text, placeholders),
        other => other.to_string(),
    }
}

/// A text in one line.
pub fn scalar(text: &str, placeholders: Placeholders) -> String {
    match placeholders {
        Placeholders::Literal if text.contains("${") => quoted(&text.replace("${", "$ {")),
        _ if is_plain(text) => text.to_owned(),
        _ => quoted(text),
    }
}

fn key(text: &str) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(fits) && !is_word(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Words, names and paths, and conditions such as `== 13`.
fn is_plain(text: &str) -> bool {
    let condition = text.strip_prefix("== ");
    let rest = condition.unwrap_or(text);
    // A number begins with a digit or with a point before one, and stays a text only between quotes.
    let path = rest.starts_with(['/', '_'])
        || rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(['/', '.', '_', 'g']));
    let starts = |c: char| c.is_ascii_alphabetic() || path || (condition.is_some() && c.is_ascii_digit());
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '%');
    text.len() <= MOST_PLAIN
        && rest.starts_with(starts)
        && rest.chars().all(fits)
        && !rest.ends_with(' ')
        && !rest.contains("  ")
        && !is_word(text)
}

/// What some reader of YAML takes for a truth value or for nothing.
fn is_word(text: &str) -> bool {
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str())
}

/// As JSON, with everything spelled out that YAML does not print, or that a reader does not see.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    for c in Json::from(text).to_string().chars() {
        if is_printed(c) {
            quoted.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{unit:04x}");
            }
        }
    }
    quoted
}

/// Does a reader see it, and may it stand in YAML as it is?
pub(super) fn is_printed(c: char) -> bool {
    let hidden = matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}');
    // The last two of every plane are no characters.
    !hidden && u32::from(c) & 0xfffe != 0xfffe
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        let written = |value: Json| flow(&value, Placeholders::Literal);
        assert_eq!(written(json!({"junit": "build/junit.xml"})), "{junit: build/junit.xml}");
        assert_eq!(written(json!({"passed": ">= 3", "failed": "== 0"})), r#"{passed: ">= 3", failed: == 0}"#);
        assert_eq!(
            written(json!(["true", "1.10", "a: b", "-x", "", 7, true])),
            r#"["true", "1.10", "a: b", "-x", "", 7, true]"#
        );
        assert_eq!(written(json!("a${X}")), r#""a$ {X}""#);
        assert_eq!(flow(&json!("http://h/${X}"), Placeholders::Meant), r#""http://h/${X}""#);
    }

    #[test]
    fn what_nobody_sees_is_spelled_out() {
        let written = scalar("a\u{202e}b\u{85}\n\u{e0041}", Placeholders::Literal);
        assert_eq!(written, "\"a\\u202eb\\u0085\\n\\udb40\\udc41\"");
    }
}
