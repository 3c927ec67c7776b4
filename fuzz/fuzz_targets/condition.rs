//! Any text as a condition, and as one over time.

#![no_main]

use countersign::model::condition::Condition;
use countersign::model::rollout::Trigger;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Condition::parse(text);
    if let Ok((name, condition, window)) = Trigger::parse(text) {
        assert!(text.contains(&name) && text.contains(&condition.text));
        assert!(window.compare(window).is_some(), "a window is as patient as itself");
    }
});
