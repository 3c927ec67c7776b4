//! Any bytes as each format of coverage.

#![no_main]

use countersign::source::coverage::{cobertura, jacoco, lcov, summaries};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (lcov::read(bytes), cobertura::read(bytes), jacoco::read(bytes));
    let _ = (summaries::llvm_cov(bytes), summaries::coverage_py(bytes), summaries::istanbul(bytes));
});
