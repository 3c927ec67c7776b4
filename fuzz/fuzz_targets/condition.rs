//! Any text as a condition.

#![no_main]

use countersign::model::condition::Condition;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Condition::parse(text);
});
