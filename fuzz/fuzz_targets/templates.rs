//! Any text as a template that a user puts in the place of one of ours; the first byte chooses which. It may be wrong, and
//! says so; it may not run without end.

#![no_main]

use std::sync::LazyLock;

use countersign::model::evidence::Blob;
use countersign::record::{from_bytes, sha256};
use countersign::report::view::View;
use countersign::report::{Evidence, TEMPLATE_NAMES, Templates, both, view};
use libfuzzer_sys::fuzz_target;

struct Nothing;

impl Evidence for Nothing {
    fn excerpt(&self, _: &Blob) -> Option<Vec<u8>> {
        None
    }
}

static VIEW: LazyLock<View> = LazyLock::new(|| {
    let bytes = include_bytes!("../../fixtures/bundles/stack/record.json");
    view(&from_bytes(bytes).expect("a record"), bytes, &sha256(bytes), &[], &Nothing)
});

fuzz_target!(|bytes: &[u8]| {
    let Some((first, text)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text).map(str::to_owned) else { return };
    let name = TEMPLATE_NAMES[usize::from(*first) % TEMPLATE_NAMES.len()];
    let templates = Templates::overridden(move |asked| Ok((asked == name).then(|| text.clone())));
    let _ = both(&VIEW, &templates);
});
