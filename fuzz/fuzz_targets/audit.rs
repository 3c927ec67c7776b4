//! Any bytes as an audit file, its problems as they are shown, and what would make its checks fail.

#![no_main]

use std::fs;

use countersign::audit::lint::lint;
use countersign::model::instant::Instant;
use countersign::plan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("countersign-fuzz-{}.yaml", std::process::id()));
    fs::write(&path, bytes).expect("room");
    let nothing = |_: &str| None;
    let now = Instant::from_seconds(1_800_000_000).expect("a moment");
    let problems = match plan::load(&path, &nothing) {
        Ok(plan) => lint(plan, now).findings,
        Err(problems) => problems,
    };
    let _ = (problems.to_string(), plan::load_signoff(&path, &nothing).is_ok());
});
