//! Any text as a locator, which is then looked for in a document.

#![no_main]

use countersign::proofread::document::Document;
use countersign::proofread::find;
use countersign::proofread::locator::Locator;
use libfuzzer_sys::fuzz_target;

const DOCUMENT: &str = "# A\n\n## B\n\nLabel: 13 rules\n\n| C | D |\n|---|---|\n| e | 5/7 |\n\n```bash\n42\n```\n";

fuzz_target!(|text: &str| {
    if let Ok(locator) = Locator::parse(text) {
        find(&Document::parse(DOCUMENT), &locator);
    }
});
