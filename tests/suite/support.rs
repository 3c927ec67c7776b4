//! Runs the real binary as a user would, in a clean environment.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// The repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The binary, with nothing of the caller's environment that could change what it prints.
pub(crate) fn countersign() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    #[expect(clippy::disallowed_methods, reason = "a test passes its own PATH on")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("NO_COLOR", "1");
    command.stdin(Stdio::null());
    command
}

/// What a run of the binary left behind.
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// What it wrote to stdout.
    pub(crate) stdout: String,
    /// What it wrote to stderr.
    pub(crate) stderr: String,
}

/// Runs to the end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the binary starts");
    Ran {
        code: status.code().expect("it ends by itself"),
        stdout: String::from_utf8(stdout).expect("text"),
        stderr: String::from_utf8(stderr).expect("text"),
    }
}

/// What a command printed for programs, read; it must be what `countersign schema NAME` says.
pub(crate) fn as_its_schema_says(name: &str, printed: &str) -> serde_json::Value {
    let value: serde_json::Value = serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    let schema = serde_json::from_str(&ran(countersign().args(["schema", name])).stdout).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{name}");
    assert_eq!(value["schema"], schema["$id"]);
    // A schema that takes everything would say nothing.
    assert!(!validator.is_valid(&serde_json::json!({"schema": 1})));
    value
}

/// Says loudly that a test could not run, and fails where its caller wants every test to run.
#[expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var_os("COUNTERSIGN_REQUIRE_SERVERS").is_none(), "{why}");
    std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes()).expect("stderr");
}

/// Writes an audit with these checks (YAML, indented by six) into `directory` and returns the directory.
pub(crate) fn audit(directory: &Path, checks: &str) -> PathBuf {
    let text = format!(
        "audit: {{id: trial, title: Trial, subject: {{name: Thing}}}}\nareas:\n  - area: all\n    checks:\n{checks}"
    );
    fs::create_dir_all(directory).expect("a folder");
    fs::write(directory.join("audit.yaml"), text).expect("an audit file");
    directory.to_owned()
}

/// What a process prints, line by line as it comes.
pub(crate) fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

/// Runs an audit into `directory/bundle`.
pub(crate) fn run(directory: &Path) -> Ran {
    ran(countersign().arg("run").arg(directory).arg("--to").arg(directory.join("bundle")))
}

/// The record of the bundle in `directory/bundle`.
pub(crate) fn record(directory: &Path) -> serde_json::Value {
    let bytes = fs::read(directory.join("bundle/record.json")).expect("a record");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// Status and reason of a check in a record.
pub(crate) fn status(record: &serde_json::Value, check: &str) -> (String, String) {
    let checks = record["judgement"]["checks"].as_array().expect("checks");
    let found = checks.iter().find(|result| result["check"] == check).unwrap_or_else(|| panic!("no check {check}"));
    let text = |name: &str| found[name].as_str().expect("text").to_owned();
    (text("status"), text("reason"))
}

/// Compares with a golden file; `UPDATE_GOLDEN=1` rewrites it.
pub(crate) fn golden(path: &Path, actual: &str) {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says so")]
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, actual).expect("a golden file");
        return;
    }
    let expected = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}; write it with UPDATE_GOLDEN=1 cargo test", path.display()));
    assert!(
        expected == actual,
        "{} differs; look at it, then UPDATE_GOLDEN=1 cargo test\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    );
}
