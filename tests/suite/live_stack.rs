//! The monitoring stack, live: real servers that `fixtures/stack/stack up DIR` started, asked by the real binary.
#![expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]

use std::io::Write as _;
use std::process::Command;

use crate::support::{Ran, countersign, ran, repository};

/// The variables that `stack env DIR` prints. Without them there is nothing to ask: said aloud, and a failure where the
/// caller wants it to be one.
fn with_stack() -> Option<Command> {
    let mut command = countersign();
    for name in ["PROMETHEUS", "ALERTMANAGER", "NODE_EXPORTER", "DOCKER"] {
        let name = format!("COUNTERSIGN_STACK_{name}");
        let Some(value) = std::env::var_os(&name) else {
            assert!(std::env::var_os("COUNTERSIGN_REQUIRE_SERVERS").is_none(), "{name} is not set");
            // A skipped test that says nothing would look like one that passed.
            let said = format!("SKIPPED: {name} is not set; run `fixtures/stack/stack up DIR` and `eval` its `env`\n");
            std::io::stderr().write_all(said.as_bytes()).expect("stderr");
            return None;
        };
        command.env(name, value);
    }
    Some(command)
}

fn audited(mut command: Command, audit: &std::path::Path) -> Ran {
    let place = tempfile::tempdir().expect("a scratch folder");
    ran(command.arg("run").arg(audit).arg("--to").arg(place.path().join("bundle")))
}

#[test]
fn the_running_stack_is_approved() {
    let Some(command) = with_stack() else { return };
    let ran = audited(command, &repository().join("checks/stack"));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn one_rule_more_than_the_running_stack_has_is_refused() {
    let Some(command) = with_stack() else { return };
    let audit = std::fs::read_to_string(repository().join("checks/stack/audit.yaml")).expect("the audit file");
    let place = tempfile::tempdir().expect("a scratch folder");
    let wrong = audit.replace("rules: == 13", "rules: == 14");
    assert_ne!(audit, wrong);
    std::fs::write(place.path().join("audit.yaml"), wrong).expect("written");
    let ran = audited(command, place.path());
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
}
