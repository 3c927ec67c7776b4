//! Any bytes as a file of flags: the first byte chooses YAML, TOML, CSV or JSON, which is then read as flagd's.

#![no_main]

use countersign::source::flagd;
use countersign::source::structured::{Format, to_json};
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 5] = [Format::Json, Format::Yaml, Format::Toml, Format::Csv, Format::Ndjson];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else { return };
    if let Ok(json) = to_json(content, FORMATS[usize::from(*first) % FORMATS.len()]) {
        let _ = flagd::flags(&json);
    }
});
