//! Any text as a printed number, a fraction, a time, a length of time and an exact number, which reads as it prints.

#![no_main]

use countersign::model::number::Number;
use countersign::model::printed::{Printed, PrintedTime, parse_duration, parse_fraction_text};
use countersign::proofread::number::mentions;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = (Printed::parse(text), parse_fraction_text(text), PrintedTime::parse(text), parse_duration(text));
    assert!(mentions(text).iter().all(|mention| text.get(mention.span.clone()).is_some()));
    if let Ok(number) = text.parse::<Number>() {
        assert_eq!(Number::try_from(number.to_string()), Ok(number));
    }
});
