//! Any bytes as the envelope of a sign-off, as an SSH signature inside of one, and as files of keys.

#![no_main]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use countersign::model::record::Record;
use countersign::record::from_bytes;
use countersign::record::signoffs::Kept;
use countersign::signoff::{About, AllowedSigners, Envelope, Revoked, Statement, inspect};
use libfuzzer_sys::fuzz_target;

static RECORD: LazyLock<Record> =
    LazyLock::new(|| from_bytes(include_bytes!("../../fixtures/bundles/go-live/record.json")).expect("a record"));

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ =
        (AllowedSigners::parse(PathBuf::new(), &text), Revoked::parse(PathBuf::new(), bytes), Statement::parse(bytes));
    let about = About { record: &RECORD, sha256: "", earlier: &BTreeMap::new(), problem: None };
    let signed = Envelope::new(b"{}", "SHA256:x", &text).line();
    let kept = |bytes: &[u8]| Kept { name: String::new(), bytes: bytes.to_vec() };
    inspect(&[kept(bytes), kept(signed.as_bytes())], &about);
});
