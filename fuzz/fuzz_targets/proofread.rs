//! Any Markdown through every rule, those that are off included; findings stand inside of the document.

#![no_main]

use countersign::proofread::rules::RULES;
use countersign::proofread::{Level, Settings, proofread};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let levels = RULES.iter().map(|rule| (rule.id, Level::Error)).collect();
    for finding in proofread(text, &Settings { levels, today: None }).findings {
        assert!(finding.anchors.iter().all(|anchor| text.get(anchor.bytes.clone()).is_some()));
    }
});
