//! Any bytes as an audit file, and its problems as they are shown.

#![no_main]

use std::fs;

use countersign::plan;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("countersign-fuzz-{}.yaml", std::process::id()));
    fs::write(&path, bytes).expect("room");
    let nothing = |_: &str| None;
    let problems = match plan::load(&path, &nothing) {
        Ok(plan) => plan::findings(plan),
        Err(problems) => problems,
    };
    let _ = (problems.to_string(), plan::load_signoff(&path, &nothing).is_ok());
});
