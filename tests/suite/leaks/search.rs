//! Looking for tokens in any form that they may have been written in.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::bytes::{Regex, RegexBuilder};

/// This much of a token, its beginning or its end, is as good as all of it.
const PART: usize = 10;

/// All forms of all tokens, looked for in one pass.
pub(super) struct Search {
    pattern: Regex,
    /// What each form is of, and which.
    forms: BTreeMap<Vec<u8>, (&'static str, String)>,
}

impl Search {
    pub(super) fn new(canaries: &[(&'static str, &str)]) -> Self {
        let mut forms = BTreeMap::new();
        for (name, value) in canaries {
            for (form, bytes) in all_forms(value) {
                forms.entry(bytes).or_insert((*name, form));
            }
        }
        let escaped = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
        let pattern = forms.keys().map(escaped).collect::<Vec<_>>().join("|");
        let pattern = RegexBuilder::new(&pattern).unicode(false).size_limit(1 << 28).build().unwrap();
        Self { pattern, forms }
    }

    /// The tokens that are there, each with a form.
    pub(super) fn found(&self, bytes: &[u8]) -> BTreeMap<&'static str, &str> {
        let hits = self.pattern.find_iter(bytes).map(|hit| &self.forms[hit.as_bytes()]);
        hits.map(|(name, form)| (*name, form.as_str())).collect()
    }
}

fn all_forms(value: &str) -> Vec<(String, Vec<u8>)> {
    let characters = value.chars().count();
    let first: String = value.chars().take(PART).collect();
    let last: String = value.chars().skip(characters - PART).collect();
    let mut forms = Vec::new();
    for (part, text) in [("its beginning", first), ("its end", last)] {
        forms.extend(written(&text).into_iter().map(|(form, bytes)| (format!("{part} {form}"), bytes.into_bytes())));
    }
    for (form, text) in written(value) {
        for shift in 0..3 {
            let shifted = [vec![b'x'; shift], text.clone().into_bytes()].concat();
            for encoded in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
                // What hangs on the token alone, whatever stands before and after it.
                let inside = &encoded[(shift * 8).div_ceil(6)..shifted.len() * 8 / 6];
                forms.push((format!("{form}, in base64"), inside.as_bytes().to_vec()));
            }
        }
    }
    forms
}

/// A text as it is, and as URLs, JSON, JSON in JSON, and HTML write it.
fn written(text: &str) -> Vec<(&'static str, String)> {
    let json = |text: &str| {
        let quoted = serde_json::to_string(text).unwrap();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let ascii = |text: &str| {
        let escaped = |character: char| match character.is_ascii() {
            true => character.to_string(),
            false => format!("\\u{:04x}", u32::from(character)),
        };
        text.chars().map(escaped).collect::<String>()
    };
    let percent = |keep: &dyn Fn(u8) -> bool| {
        let byte = |byte: u8| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        text.bytes().map(byte).collect::<String>()
    };
    let all = percent(&|byte| byte.is_ascii_alphanumeric());
    let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut forms = vec![
        ("as it is", text.to_owned()),
        ("in lower case", text.to_lowercase()),
        ("in upper case", text.to_uppercase()),
        ("percent-encoded", all.clone()),
        ("percent-encoded in lower case", all.to_lowercase()),
        ("as a path", percent(&|byte| byte.is_ascii_graphic() && !b"\"#<>?`{}%".contains(&byte))),
        (
            "as a path without backslashes",
            percent(&|byte| byte.is_ascii_graphic() && !b"\"#<>`{}".contains(&byte)).replace('\\', "/"),
        ),
        ("as a query", percent(&|byte| byte.is_ascii_graphic() && !b"\"#<>'".contains(&byte))),
        ("as a form", all.replace("%20", "+")),
        ("in JSON", json(text)),
        ("in JSON of ASCII", ascii(&json(text))),
        ("in JSON in JSON", json(&json(text))),
        ("in HTML", html.clone()),
        ("in HTML with numbers", html.replace("&quot;", "&#34;").replace('/', "&#x2f;")),
    ];
    let mut known = BTreeSet::new();
    forms.retain(|(_, form)| known.insert(form.clone()));
    forms
}
