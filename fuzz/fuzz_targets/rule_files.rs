//! Any text as a file of alerting rules.

#![no_main]

use countersign::source::rule_files::{DeclaredRules, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = read(text, &mut DeclaredRules::default());
});
