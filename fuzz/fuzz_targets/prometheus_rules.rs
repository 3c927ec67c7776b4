//! Any bytes as the answer of Prometheus about its rules.

#![no_main]

use std::collections::BTreeMap;
use std::time::Duration;

use countersign::source::prometheus::{Rules, rules};
use countersign::witness::HttpAnswer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let answer = HttpAnswer {
        status: 200,
        headers: BTreeMap::new(),
        body: body.to_vec(),
        elapsed: Duration::ZERO,
        location: None,
    };
    let _ = rules::read(&answer, "Prometheus", &mut Rules::default());
});
