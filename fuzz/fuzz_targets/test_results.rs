//! Any bytes as test results; the first byte chooses the format, JUnit among them.

#![no_main]

use countersign::source::test_results::{FORMATS, Input};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else { return };
    let format = &FORMATS[usize::from(*first) % FORMATS.len()];
    let _ = (format.read)(Input { name: "results", content: Box::new(content), stderr: None });
});
