//! Any bytes as a record, which is written as it was read.

#![no_main]

use countersign::record::{from_bytes, to_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = from_bytes(bytes) {
        assert_eq!(to_bytes(&record).expect("it was read"), bytes);
    }
});
