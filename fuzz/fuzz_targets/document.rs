//! Any Markdown as a document: every locator that is printed for a number in it leads to just that number.

#![no_main]

use countersign::model::quote::Place;
use countersign::proofread::document::Document;
use countersign::proofread::{find, locators_at, numbers_in};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let document = Document::parse(text);
    for number in numbers_in(&document, 1..=document.line_count()).take(5) {
        let found = locators_at(&document, "a.md", number.spot.line, Some(number.spot.column)).unwrap_or_default();
        for (locator, quote) in found {
            assert_eq!(find(&document, &locator), Place::Found(quote), "{locator}");
        }
    }
});
