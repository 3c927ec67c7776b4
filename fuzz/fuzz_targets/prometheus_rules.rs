//! Any bytes as the answer of Prometheus about its rules.

#![no_main]

use countersign::model::instant::Instant;
use countersign::source::prometheus::{Rules, rules};
use countersign::witness::HttpAnswer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let answer = HttpAnswer::new(200, body);
    let Some(now) = Instant::from_seconds(1_795_000_000) else { return };
    let _ = rules::read(&answer, now, "Prometheus", &mut Rules::default());
});
