//! What the README shows is what the program prints.

use std::fs;

use crate::claims_in_ci::Project;
use crate::signers::at_a_terminal;
use crate::support::{countersign, golden, ran, repository, skipped};

/// The README with the text between `<!-- NAME: begin ... -->` and `<!-- NAME: end -->` replaced.
fn with(readme: &str, name: &str, text: &str) -> String {
    let begin = readme.find(&format!("<!-- {name}: begin")).expect("a begin marker");
    let from = begin + readme[begin..].find("-->\n").expect("its end") + 4;
    let to = readme.find(&format!("<!-- {name}: end -->")).expect("an end marker");
    format!("{}{text}{}", &readme[..from], &readme[to..])
}

#[test]
fn its_tables_are_what_the_program_prints() {
    let path = repository().join("README.md");
    let mut readme = fs::read_to_string(&path).expect("a README");
    let tables: [(&str, &[&str], &str); 3] = [
        ("kinds", &["kinds"], "service-uptime"),
        ("formats", &["formats"], "junit"),
        ("sites", &["publish", "--list"], "mkdocs"),
    ];
    for (name, command, known) in tables {
        let table = ran(countersign().args(command).arg("--markdown")).stdout;
        assert!(table.contains(known), "{table}");
        readme = with(&readme, name, &format!("\n{table}\n"));
    }
    golden(&path, &readme);
}

#[test]
fn the_audit_file_it_shows_is_valid() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    let example = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let place = tempfile::tempdir().expect("a scratch folder");
    fs::write(place.path().join("audit.yaml"), example).expect("a file");
    let ran = ran(countersign().arg("lint").arg(place.path()));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_rollout_it_shows_is_valid_and_a_plan_without_faults_but_for_the_rehearsal() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    let rollout = readme.split("```yaml\n").find(|block| block.starts_with("rollout:")).expect("a rollout");
    let rollout = rollout.split("```").next().expect("an end");
    let place = tempfile::tempdir().expect("a scratch folder");
    let head =
        "audit: {id: readme, subject: {name: Pelican}, go-live: 2026-01-05}\nareas:\n  - area: ops\n    checks:\n";
    let check = "      - {id: health, health-check: {command: {run: [printf, 'Passed: 5, Failed: 0']}}, expect: {failed: == 0}}\n";
    fs::write(place.path().join("audit.yaml"), format!("{head}{check}{rollout}")).expect("a file");
    let ran = ran(countersign().arg("run").arg(place.path()).arg("--to").arg(place.path().join("bundle")));
    assert!(ran.code < 2, "{}{}", ran.stdout, ran.stderr);
    for review in crate::support::record(place.path())["judgement"]["rollout"].as_array().expect("a review") {
        let rehearsal = review["rule"] == "rehearsed";
        let standing = review["standing"].as_str().expect("a standing");
        assert!(matches!((standing, rehearsal), ("holds" | "not-asked", false) | ("broken", true)), "{review}");
    }
}

#[test]
fn the_report_it_proofreads_comes_out_as_it_says() {
    let path = repository().join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let report = readme.split("```markdown\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a report");
    let place = tempfile::tempdir().expect("a scratch folder");
    fs::write(place.path().join("report.md"), report).expect("a file");
    let ran = ran(countersign().current_dir(place.path()).args(["proofread", "report.md"]));
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let shown = format!("\n```console\n$ countersign proofread report.md\n{}```\n\n", ran.stdout);
    golden(&path, &with(&readme, "proofread", &shown));
}

#[test]
fn the_claims_it_shows_come_out_as_it_says() {
    let path = repository().join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let section = readme.split("## Hold the numbers").nth(1).expect("the section");
    let audit = section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an audit");
    let project = Project::new();
    fs::write(project.root().join("audit.yaml"), audit).expect("an audit file");
    let ran = project.countersign(&["run", "--claims-only"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    // What differs from run to run stands at the end: where the bundle is, and its digest.
    let same = ran.stdout.split("\n  report  ").next().expect("the beginning");
    let shown = format!("\n```console\n$ countersign run --claims-only\n{same}```\n\n");
    golden(&path, &with(&readme, "claims", &shown));
}

#[test]
fn the_lines_that_sign_and_verify_do_so() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    let section = readme.split("## Sign an audit").nth(1).expect("the section");
    let block = |language: &str| {
        let rest = section.split(&format!("```{language}\n")).nth(1).expect("a block");
        rest.split("```").next().expect("its end")
    };
    let place = tempfile::tempdir().expect("a scratch folder");
    let audit = "audit: {id: trial, subject: {name: Thing}, auditor: {name: Dora}}\nareas:\n  - area: all\n    checks:\n      \
                 - {id: ok, command: {run: [\"true\"]}, expect: {exit: == 0}}\n";
    let checks = place.path().join("checks");
    fs::create_dir_all(&checks).expect("a folder");
    fs::create_dir_all(place.path().join(".ssh")).expect("a folder");
    fs::write(checks.join("audit.yaml"), format!("{audit}{}", block("yaml"))).expect("an audit file");
    let today = place.path().join("audits/today");
    assert_eq!(ran(countersign().arg("run").arg(&checks).arg("--to").arg(today)).code, 0);
    let mut make = std::process::Command::new("ssh-keygen");
    make.args(["-q", "-t", "ed25519", "-N", "", "-f", ".ssh/id_ed25519"]).current_dir(place.path());
    if !make.status().is_ok_and(|status| status.success()) {
        return skipped("there is no ssh-keygen to make a key with");
    }
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_countersign")).parent().expect("a folder").display();
    let lines = format!("export HOME=$PWD PATH={binary}:$PATH\nset -e\n{}", block("sh"));
    fs::write(place.path().join("lines.sh"), lines).expect("a script");
    let Some((passed, said)) = at_a_terminal(place.path(), "bash lines.sh", "yes\n") else { return };
    assert!(passed, "{said}");
    assert!(said.contains("1 sign-off, 1 valid") && said.contains("every role has what it needs"), "{said}");
}
