//! Probes on real files and commands: what they find live, they find again on replay.

use std::path::Path;
use std::time::{Duration, SystemTime};

use countersign::model::fact::{Fact, Facts, Unmeasurable, Value};
use countersign::probe::Kind;
use countersign::probe::command::Command;
use countersign::probe::file::File;
use countersign::probe::flag_count::FlagCount;
use countersign::probe::git::Git;
use countersign::probe::query::Query;
use countersign::probe::registry::KINDS;
use countersign::probe::test_pass_rate::TestPassRate;
use countersign::witness::PerCheck;

use crate::door::{Door, check};

const KIND_FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds");

/// Measures live, then again from what was seen.
async fn measured<K: Kind>(door: &Door, yaml: &str) -> Result<Facts, Unmeasurable> {
    let probe: K = serde_saphyr::from_str(yaml).unwrap();
    assert_eq!(probe.problems(), Vec::new(), "{yaml}");
    let witness = door.witness();
    let live = probe.measure(&witness).await;
    let again = tempfile::tempdir().unwrap();
    let session = door.replay(&witness, again.path());
    let replayed = probe.measure(&session.witness(&check("one"), PerCheck::default())).await;
    assert_eq!(replayed, live, "{yaml}");
    live
}

fn put(door: &Door, path: &str, content: impl AsRef<[u8]>) {
    let path = door.root().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn put_fixture(door: &Door, fixture: &str, path: &str) {
    put(door, path, std::fs::read(Path::new(KIND_FIXTURES).join(fixture)).unwrap());
}

fn number(facts: &Facts, fact: &str) -> Option<u64> {
    facts.get(fact)?.quantity()?.0.to_u64()
}

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match &facts.facts[fact] {
        Fact::Absent(reason) => reason,
        Fact::Present(value) => panic!("{fact} is {value:?}"),
    }
}

#[test]
fn every_kind_has_a_folder_with_an_example() {
    for row in KINDS {
        let path = Path::new(KIND_FIXTURES).join(row.name).join("example.yaml");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(text.contains(&format!("{}:", row.name)), "{} has no example of its kind", path.display());
    }
}

#[tokio::test]
async fn test_results_of_several_files_are_one_run() {
    let door = Door::open();
    put_fixture(&door, "test-pass-rate/pytest-reruns.xml", "results/a.xml");
    put_fixture(&door, "test-pass-rate/nextest.xml", "results/deep/b.xml");
    let facts = measured::<TestPassRate>(&door, "{junit: ['results/**/*.xml', 'results/*.xml']}").await.unwrap();
    let found: Vec<_> = ["total", "passed", "failed", "flaky"].iter().map(|fact| number(&facts, fact)).collect();
    assert_eq!(found, [Some(7), Some(5), Some(2), Some(2)], "a file that two globs match counts once");
    assert_eq!(facts.get("pass-rate"), Value::fraction(5, 7).as_ref());
    let Some(Value::Table(suites)) = facts.get("suites") else { panic!("{facts:?}") };
    assert_eq!(suites.rows.len(), 4);
}

#[tokio::test]
async fn results_that_are_not_there_are_no_data() {
    let door = Door::open();
    let facts = measured::<TestPassRate>(&door, "{junit: 'results/*.xml'}").await.unwrap();
    assert_eq!(absent(&facts, "pass-rate"), "no file matches \"results/*.xml\"");
    assert_eq!(absent(&facts, "failed"), "no file matches \"results/*.xml\"");
    // Half of what was asked for is not all that there is.
    put_fixture(&door, "test-pass-rate/nextest.xml", "unit/a.xml");
    let facts = measured::<TestPassRate>(&door, "{junit: ['unit/*.xml', 'results/*.xml']}").await.unwrap();
    assert_eq!(absent(&facts, "pass-rate"), "no file matches \"results/*.xml\"");
    for (fixture, reason) in [
        ("test-pass-rate/pytest-none.xml", "no test ran"),
        (
            "test-pass-rate/pytest-exit.xml",
            "the run was cut short: the last test in the file has neither a name nor an end",
        ),
    ] {
        put_fixture(&door, fixture, "results/a.xml");
        let facts = measured::<TestPassRate>(&door, "{junit: 'results/*.xml'}").await.unwrap();
        for fact in ["total", "failed", "pass-rate"] {
            assert_eq!(absent(&facts, fact), reason, "{fixture}");
        }
    }
    put(&door, "results/a.xml", "<html></html>");
    let error = measured::<TestPassRate>(&door, "{junit: 'results/*.xml'}").await.unwrap_err();
    assert_eq!(error.reason, "\"results/a.xml\": its outermost element is <html>, not <testsuites>");
}

#[tokio::test]
async fn an_outdated_result_is_no_data() {
    let door = Door::open();
    put_fixture(&door, "test-pass-rate/nextest.xml", "a.xml");
    let facts = measured::<TestPassRate>(&door, "{junit: a.xml, newer-than: 1h}").await.unwrap();
    assert_eq!(number(&facts, "total"), Some(4));
    let file = std::fs::File::options().write(true).open(door.root().join("a.xml")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
    let facts = measured::<TestPassRate>(&door, "{junit: a.xml, newer-than: 1h}").await.unwrap();
    assert_eq!(absent(&facts, "pass-rate"), "\"a.xml\" was written at 2023-11-14T22:13:20Z, which is older than 1h");
    let yaml = "{command: {run: ['true'], reads: junit, path: a.xml}}";
    let facts = measured::<TestPassRate>(&door, yaml).await.unwrap();
    assert!(absent(&facts, "total").ends_with("is from before the command was run"), "{facts:?}");
}

#[tokio::test]
async fn a_command_that_runs_tests_is_held_against_its_exit_code() {
    let door = Door::open();
    for name in
        ["pytest-ok.txt", "pytest-mixed.txt", "pytest-none.txt", "pytest-exit.txt", "cargo-ok.txt", "cargo-none.txt"]
    {
        put_fixture(&door, &format!("test-pass-rate/{name}"), name);
    }
    let yaml = |shell: &str, reads: &str| format!("{{command: {{run: [sh, -c, '{shell}'], reads: {reads}}}}}");
    let facts = measured::<TestPassRate>(&door, &yaml("cat pytest-ok.txt", "pytest-summary")).await.unwrap();
    assert_eq!((number(&facts, "total"), number(&facts, "failed")), (Some(1), Some(0)));
    let facts = measured::<TestPassRate>(&door, &yaml("cat pytest-mixed.txt; exit 1", "pytest-summary")).await.unwrap();
    assert_eq!((number(&facts, "failed"), number(&facts, "errors")), (Some(4), Some(3)));
    let facts = measured::<TestPassRate>(&door, &yaml("cat pytest-none.txt; exit 5", "pytest-summary")).await.unwrap();
    assert_eq!(absent(&facts, "pass-rate"), "no test ran");
    let facts = measured::<TestPassRate>(&door, &yaml("cat pytest-exit.txt; exit 2", "pytest-summary")).await.unwrap();
    assert_eq!(absent(&facts, "failed"), "the run was cut short: _pytest.outcomes.Exit: enough");
    let facts = measured::<TestPassRate>(&door, &yaml("cat cargo-none.txt", "cargo-test")).await.unwrap();
    assert_eq!(absent(&facts, "pass-rate"), "no test ran");
    for (shell, reads, reason) in [
        (
            "cat cargo-ok.txt; echo error: x >&2; exit 101",
            "cargo-test",
            "no test failed, yet the command did: it ended with 101: error: x",
        ),
        ("echo error: no >&2; exit 101", "cargo-test", "the tests did not run: it ended with 101: error: no"),
        ("echo hello", "pytest-summary", "there is no summary line of pytest in it"),
    ] {
        assert_eq!(measured::<TestPassRate>(&door, &yaml(shell, reads)).await.unwrap_err().reason, reason);
    }
}

#[tokio::test]
async fn a_kept_output_is_read_like_a_fresh_one() {
    let door = Door::open();
    put_fixture(&door, "test-pass-rate/nextest.txt", "log.txt");
    let facts = measured::<TestPassRate>(&door, "{file: {path: log.txt, reads: nextest}}").await.unwrap();
    assert_eq!((number(&facts, "total"), number(&facts, "flaky")), (Some(5), Some(1)));
}

#[tokio::test]
async fn the_flags_of_the_example_audit_are_counted() {
    let door = Door::open();
    let yaml = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/flag-count/flags.yaml")).unwrap();
    put(&door, "flags.yaml", yaml);
    put_fixture(&door, "flag-count/flagd.json", "flagd.json");
    let facts = measured::<FlagCount>(&door, "{file: flags.yaml, must-be-off: [maintenance_mode]}").await.unwrap();
    assert_eq!((number(&facts, "total"), number(&facts, "forbidden-on")), (Some(5), Some(0)));
    let facts = measured::<FlagCount>(&door, "{flagd: flagd.json, must-be-off: [partly]}").await.unwrap();
    assert_eq!((number(&facts, "enabled"), number(&facts, "forbidden-on")), (Some(1), Some(1)));
    assert!(measured::<FlagCount>(&door, "{file: gone.yaml}").await.is_err());
}

#[tokio::test]
async fn files_are_looked_at_where_they_are() {
    let door = Door::open();
    put(&door, "scripts/deploy.sh", "#!/bin/sh\nversion=1\n");
    put(&door, "scripts/notes.md", "version two");
    let yaml = "{paths: [scripts/deploy.sh, gone.sh, 'none/*.md', 'scripts/*.md'], contains: 'version=\\d'}";
    let facts = measured::<File>(&door, yaml).await.unwrap();
    for (fact, expected) in [("total", 4), ("present", 2), ("missing", 2), ("matching", 1), ("not-executable", 2)] {
        assert_eq!(number(&facts, fact), Some(expected), "{fact}");
    }
}

#[tokio::test]
async fn a_file_that_is_called_like_a_glob_is_there() {
    let door = Door::open();
    let names = ["app/[id]/page.tsx", "app/[...all]/page.tsx", "app/{a,b}/page.tsx", "app/what?/page.tsx"];
    names.iter().for_each(|name| put(&door, name, "export default"));
    let counts = |facts: &Facts| ["total", "present", "missing", "matching"].map(|fact| number(facts, fact));
    let facts = measured::<File>(&door, "{paths: 'app/**/*.tsx', contains: export}").await.unwrap();
    assert_eq!(counts(&facts), [Some(4), Some(4), Some(0), Some(4)]);
    // Written as a path it is a pattern, which does not match the file; that is one missing, and the file is there.
    let facts = measured::<File>(&door, "{paths: ['app/[id]/page.tsx', 'app/**'], contains: export}").await.unwrap();
    assert_eq!(counts(&facts), [Some(5), Some(4), Some(1), Some(4)]);
    let facts = measured::<File>(&door, "{paths: 'app/[[]id]/page.tsx'}").await.unwrap();
    assert_eq!((number(&facts, "present"), number(&facts, "missing")), (Some(1), Some(0)));
}

#[tokio::test]
async fn a_query_reads_what_a_command_prints_and_refuses_one_that_failed() {
    let door = Door::open();
    put(&door, "data.toml", "[totals]\npercent = 67.10\n");
    let facts = measured::<Query>(&door, "{file: data.toml, jq: .totals.percent}").await.unwrap();
    assert_eq!(facts.get("value").and_then(Value::quantity).unwrap().0.to_string(), "67.1");
    let facts = measured::<Query>(&door, "{command: [echo, '[1, 2]'], jq: length}").await.unwrap();
    assert_eq!(number(&facts, "value"), Some(2));
    let error =
        measured::<Query>(&door, "{command: [sh, -c, 'echo {}; echo no >&2; exit 4'], jq: .}").await.unwrap_err();
    assert_eq!(error.reason, "\"sh\": it ended with 4: no");
}

#[tokio::test]
async fn a_command_of_ones_own_has_an_exit_code_and_a_number() {
    let door = Door::open();
    let facts = measured::<Command>(&door, "{shell: 'echo 1,026; exit 3', exit-codes: [3]}").await.unwrap();
    assert_eq!((number(&facts, "exit"), number(&facts, "value")), (Some(3), Some(1026)));
    assert!(measured::<Command>(&door, "{run: [no-such-program-anywhere]}").await.is_err());
}

fn git(door: &Door, arguments: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
    let output = std::process::Command::new("git").args(identity).args(arguments).current_dir(door.root()).output();
    assert!(output.unwrap().status.success(), "git {arguments:?}");
}

#[tokio::test]
async fn git_says_branch_tag_and_changes_and_outside_of_a_repository_nothing() {
    let door = Door::open();
    let outside = measured::<Git>(&door, "{}").await.unwrap_err();
    assert_eq!(outside.reason, "it is not in a git repository");
    git(&door, &["init", "-q", "-b", "main"]);
    put(&door, "a.txt", "a");
    git(&door, &["add", "."]);
    git(&door, &["commit", "-q", "-m", "First"]);
    git(&door, &["tag", "v1"]);
    let facts = measured::<Git>(&door, "{}").await.unwrap();
    assert_eq!(facts.get("branch"), Some(&Value::Text("main".to_owned())));
    assert_eq!(facts.get("tag"), Some(&Value::Text("v1".to_owned())));
    assert_eq!(absent(&facts, "signed"), "`history: true` is not given");
    assert_eq!(facts.get("clean"), Some(&Value::Flag(true)));
    put(&door, "b.txt", "b");
    git(&door, &["checkout", "-q", "--detach"]);
    let facts = measured::<Git>(&door, "{history: true}").await.unwrap();
    assert_eq!((number(&facts, "changed"), facts.get("clean")), (Some(1), Some(&Value::Flag(false))));
    assert_eq!(absent(&facts, "branch"), "no branch is checked out (detached HEAD)");
    assert_eq!(facts.get("describe"), Some(&Value::Text("v1".to_owned())));
    assert_eq!(facts.get("signed"), Some(&Value::Flag(false)));
    assert_eq!(facts.get("signature"), Some(&Value::Text("none".to_owned())));
    assert_eq!(facts.get("shallow"), Some(&Value::Flag(false)));
    assert!(number(&facts, "commit-age").unwrap() < 3600);
}

#[tokio::test]
async fn a_shallow_clone_says_so_and_counts_nothing_along_its_history() {
    let door = Door::open();
    let origin = door.scratch.path().join("origin");
    std::fs::create_dir(&origin).unwrap();
    let git_in = |folder: &Path, arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let ran = command.current_dir(folder).args(identity).args(arguments).output().unwrap();
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    git_in(&origin, &["init", "-q", "-b", "main"]);
    git_in(&origin, &["commit", "-q", "--allow-empty", "-m", "First"]);
    git_in(&origin, &["tag", "v1"]);
    git_in(&origin, &["commit", "-q", "--allow-empty", "-m", "Second"]);
    let url = format!("file://{}", origin.display());
    git_in(&door.root(), &["clone", "-q", "--depth", "1", &url, "cut"]);
    let facts = measured::<Git>(&door, "{dir: cut, history: true}").await.unwrap();
    assert_eq!(facts.get("shallow"), Some(&Value::Flag(true)));
    for fact in ["ahead", "behind", "describe"] {
        assert_eq!(absent(&facts, fact), "the clone is shallow: its history is cut off", "{fact}");
    }
    assert_eq!(facts.get("branch"), Some(&Value::Text("main".to_owned())));
}

#[tokio::test]
async fn a_signature_of_ssh_is_checked_where_git_knows_whom_to_trust() {
    let door = Door::open();
    let (key, other) = (door.scratch.path().join("key"), door.scratch.path().join("other"));
    let make = |key: &std::path::Path| {
        let mut command = std::process::Command::new("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(key).status().is_ok_and(|status| status.success())
    };
    if !make(&key) || !make(&other) {
        use std::io::Write as _;
        std::io::stderr().write_all(b"SKIPPED: there is no ssh-keygen; install openssh-client\n").unwrap();
        return;
    }
    git(&door, &["init", "-q", "-b", "main"]);
    git(&door, &["config", "gpg.format", "ssh"]);
    git(&door, &["config", "user.signingkey", key.to_str().unwrap()]);
    git(&door, &["commit", "-q", "--allow-empty", "-S", "-m", "Signed"]);
    // Git itself calls it unsigned here.
    let facts = measured::<Git>(&door, "{history: true}").await.unwrap();
    assert!(absent(&facts, "signed").starts_with("it bears a signature, and git cannot check it"), "{facts:?}");
    let trusted = door.scratch.path().join("trusted");
    git(&door, &["config", "gpg.ssh.allowedSignersFile", trusted.to_str().unwrap()]);
    // Whoever has any key at all can make a good signature.
    for (whom, signed, word) in [(&other, false, "good-untrusted"), (&key, true, "good")] {
        let public = std::fs::read_to_string(whom.with_extension("pub")).unwrap();
        std::fs::write(&trusted, format!("* {public}")).unwrap();
        let facts = measured::<Git>(&door, "{history: true}").await.unwrap();
        assert_eq!(facts.get("signed"), Some(&Value::Flag(signed)), "{word}");
        assert_eq!(facts.get("signature"), Some(&Value::Text(word.to_owned())));
        assert_eq!(facts.notes.len(), usize::from(!signed), "{facts:?}");
    }
}

#[test]
fn a_checkout_is_as_clean_while_it_is_measured_as_before() {
    let place = tempfile::tempdir().unwrap();
    let checks = "      - {id: first, command: {run: [echo, \"1\"]}, expect: {value: == 1}}\n\
                  \u{20}     - {id: clean, depends-on: [first], git: {}, expect: {clean: \"true\"}}\n";
    let directory = crate::support::audit(place.path(), checks);
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
        let mut command = std::process::Command::new("git");
        assert!(command.args(identity).args(arguments).current_dir(&directory).output().unwrap().status.success());
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "First"]);
    // The evidence of the first check lies in the checkout before the second one looks.
    let mut run = crate::support::countersign();
    let ran = crate::support::ran(run.args(["run", ".", "--to", "audits/one"]).current_dir(&directory));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(!directory.join("audits/one/.gitignore").exists(), "a bundle is there to be seen");
}
