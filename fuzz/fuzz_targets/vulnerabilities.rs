//! Any bytes as each format of a scanner.

#![no_main]

use countersign::source::vulnerabilities::{cyclonedx, osv, sarif};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (osv::read(bytes), sarif::read(bytes), cyclonedx::read(bytes), cyclonedx::read_scanned(bytes));
});
