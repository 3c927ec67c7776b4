//! Any bytes as the answer of Prometheus about its rules.

#![no_main]

use countersign::source::prometheus::{Rules, rules};
use countersign::witness::HttpAnswer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let answer = HttpAnswer::new(200, body);
    let _ = rules::read(&answer, "Prometheus", &mut Rules::default());
});
