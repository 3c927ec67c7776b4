//! How a value may be written: as it is, as URLs, JSON and XML write it, in hex, in base64. Nearly all of it are plain texts,
//! of which many are looked for as fast as one. It must not know what a credential looks like.

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Bytes of a host's name (RFC 1035, section 3.1).
const LONGEST_HOST: usize = 255;

/// Expressions for a value as it is, and as a host in an address is written. Escapes of letters and digits are not among
/// them: see [`super::views::unescaped`].
pub(super) fn plain(value: &str) -> Vec<String> {
    let mut forms = vec![written(value)];
    if value.len() <= LONGEST_HOST {
        forms.push(written(&value.to_lowercase()));
    }
    if !value.is_ascii() {
        // Of other texts the zeros are left out.
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            forms.push(value.encode_utf16().flat_map(bytes).map(|byte| format!("\\x{byte:02x}")).collect());
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Expressions for a value in hex, and in base64 wherever it begins there.
pub(super) fn encoded(value: &str) -> Vec<String> {
    let hex = |form: fn(u8) -> String| value.bytes().map(form).collect::<String>();
    let mut forms = vec![hex(|byte| format!("{byte:02x}")), hex(|byte| format!("{byte:02X}"))];
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        forms.extend((0..3).map(|shift| base64_inside(engine, value.as_bytes(), shift)));
    }
    forms.sort();
    forms.dedup();
    forms
}

/// An expression for a value as it is, and as URLs, forms, JSON (also inside JSON) and XML may write it, character for
/// character.
fn written(value: &str) -> String {
    value
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character.to_string() } else { forms_of(character) })
        .collect()
}

fn forms_of(character: char) -> String {
    let mut buffer = [0_u8; 4];
    let bytes = character.encode_utf8(&mut buffer).as_bytes();
    let raw: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let percent: String = bytes.iter().map(|byte| format!("%(?i:{byte:02x})")).collect();
    let mut units = [0_u16; 2];
    let unicode: String =
        character.encode_utf16(&mut units).iter().map(|unit| format!(r"\\{{1,4}}u(?i:{unit:04x})")).collect();
    let code = u32::from(character);
    let mut forms = vec![raw, percent, unicode, format!("&#0*{code};"), format!("&#[xX]0*(?i:{code:x});")];
    forms.extend(
        match character {
            ' ' => &[r"\+"] as &[&str],
            '"' => &[r#"\\{1,4}""#, "&quot;"],
            '/' => &[r"\\{1,4}/"],
            // The last is how it is sent in an address.
            '\\' => &[r"\\{2,4}", "/"],
            '\'' => &["&apos;", r"'\\''"],
            '&' => &["&amp;"],
            '<' => &["&lt;"],
            '>' => &["&gt;"],
            '\n' => &[r"\\{1,4}n"],
            '\r' => &[r"\\{1,4}r"],
            '\t' => &[r"\\{1,4}t"],
            _ => &[],
        }
        .iter()
        .map(|form| (*form).to_owned()),
    );
    // An escaped backslash is longer than a plain one: the longest form first.
    forms.reverse();
    format!("(?:{})", forms.join("|"))
}

/// The characters of base64 that depend on `value` alone when `shift` bytes stand before it (modulo 3) and any after it.
fn base64_inside(engine: &impl base64::Engine, value: &[u8], shift: usize) -> String {
    let mut padded = vec![0_u8; shift];
    padded.extend_from_slice(value);
    let encoded = engine.encode(&padded);
    let first = (shift * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    regex::escape(&encoded[first..last])
}
