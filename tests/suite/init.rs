//! `countersign init`, as a user runs it: on small projects, on nothing, on this repository, and on what is meant to harm.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::model::fact::{Facts, Value};
use countersign::model::instant::Instant;
use countersign::plan;
use countersign::survey::{Draft, Layout, Manner, Measured, Survey, written};
use proptest::prelude::*;

use crate::canned_server::Canned;
use crate::support::{Ran, countersign, golden, ran, record, repository, skipped, status};

/// A copy of a fixture, in a folder of its name.
fn project(name: &str) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a scratch folder");
    let root = place.path().join(name);
    fs::create_dir(&root).expect("a folder");
    let from = repository().join("fixtures/init").join(name).join("project");
    for entry in walkdir::WalkDir::new(&from).min_depth(1).into_iter().filter_map(Result::ok) {
        let to = root.join(entry.path().strip_prefix(&from).expect("inside"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(to).expect("a folder");
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
    (place, root)
}

/// Looks at files alone: what runs on this machine is not the same everywhere.
fn init(root: &Path, more: &[&str]) -> Ran {
    ran(countersign().current_dir(root).args(["init", "--offline"]).args(more))
}

/// The time at which something was measured, as the same text each time.
fn timeless(text: &str) -> String {
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").expect("a pattern");
    time.replace_all(text, "2026-11-28T05:00:00Z").into_owned()
}

/// Lints and runs what was written; the exit code of the run.
fn linted_and_run(root: &Path, audit: &Path) -> i32 {
    let lint = ran(countersign().current_dir(root).arg("lint").arg(audit));
    assert_eq!(lint.code, 0, "{}{}", lint.stdout, lint.stderr);
    let to = audit.join("bundle");
    let run = ran(countersign().current_dir(root).arg("run").arg(audit).arg("--locked").arg("--to").arg(to));
    assert!(!matches!(run.code, 3 | 4), "{}{}", run.stdout, run.stderr);
    run.code
}

#[test]
fn a_python_project_gets_the_audit_that_it_deserves() {
    let (_place, root) = project("python");
    let ran = init(&root, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let text = fs::read_to_string(root.join("checks/audit.yaml")).expect("an audit file");
    golden(&repository().join("fixtures/init/python/audit.yaml"), &timeless(&text));
    // The README says 7 tests and 3 alert rules, and there are 6 and 2.
    assert_eq!(linted_and_run(&root, &root.join("checks")), 1);
    let record = record(&root.join("checks"));
    let listed = record["judgement"]["listedClaims"].as_array().expect("claims");
    let wrong = listed.iter().filter(|claim| claim["status"] == "refuted" || claim["status"] == "overstated");
    assert_eq!(wrong.count(), 2, "{listed:?}");
}

#[test]
fn a_node_project_is_seen_through_what_git_ignores() {
    let (_place, root) = project("node");
    fs::write(root.join(".gitignore"), "coverage/\nreports/\nnode_modules/\n").expect("a file");
    let others = root.join("node_modules/other/reports");
    fs::create_dir_all(&others).expect("a folder");
    fs::write(others.join("junit.xml"), "<testsuite><testcase name='not ours'/></testsuite>").expect("a file");
    assert_eq!(init(&root, &[]).code, 0);
    let text = fs::read_to_string(root.join("checks/audit.yaml")).expect("an audit file");
    golden(&repository().join("fixtures/init/node/audit.yaml"), &timeless(&text));
    assert_eq!(linted_and_run(&root, &root.join("checks")), 0);
}

#[test]
fn an_empty_directory_gets_a_file_to_begin_with() {
    let place = tempfile::tempdir().expect("a scratch folder");
    let root = place.path().join("empty");
    fs::create_dir(&root).expect("a folder");
    assert_eq!(init(&root, &[]).code, 0);
    let text = fs::read_to_string(root.join("checks/audit.yaml")).expect("an audit file");
    golden(&repository().join("fixtures/init/empty/audit.yaml"), &timeless(&text));
    assert_eq!(linted_and_run(&root, &root.join("checks")), 0);
}

#[test]
fn where_nothing_is_found_and_the_file_would_stand_elsewhere_nothing_is_written() {
    let place = tempfile::tempdir().expect("a scratch folder");
    let root = place.path().join("empty");
    fs::create_dir(&root).expect("a folder");
    let elsewhere = place.path().join("elsewhere");
    let ran = init(&root, &["--to", &elsewhere.display().to_string()]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("nothing to measure was found") && ran.stderr.contains("--to"), "{}", ran.stderr);
    assert!(!elsewhere.exists());
}

#[test]
fn this_repository_is_audited_by_what_init_writes_of_it() {
    let place = tempfile::tempdir().expect("a scratch folder");
    let audit = place.path().join("audit");
    let ran = init(&repository(), &["--to", &audit.display().to_string()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    linted_and_run(&repository(), &audit);
}

#[test]
fn what_is_there_is_not_written_over() {
    let (_place, root) = project("python");
    fs::create_dir(root.join("checks")).expect("a folder");
    fs::write(root.join("checks/models.py"), "mine").expect("a file");
    let refused = init(&root, &[]);
    assert_eq!(refused.code, 4);
    assert!(
        refused.stderr.contains("something else in checks") && refused.stderr.contains("--to DIR"),
        "{}",
        refused.stderr
    );
    assert_eq!(init(&root, &["--force"]).code, 0);
    let first = fs::read_to_string(root.join("checks/audit.yaml")).expect("an audit file");
    fs::write(root.join("checks/audit.yaml"), "mine").expect("a file");
    let refused = init(&root, &[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (4, ""));
    assert!(refused.stderr.contains("help: `countersign add KIND` adds a check"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(root.join("checks/audit.yaml")).expect("a file"), "mine");
    assert_eq!(init(&root, &["--force"]).code, 0);
    let again = fs::read_to_string(root.join("checks/audit.yaml")).expect("an audit file");
    assert_eq!(timeless(&again), timeless(&first));
    assert_eq!(fs::read_to_string(root.join("checks/models.py")).expect("a file"), "mine");
}

#[cfg(unix)]
#[test]
fn a_link_of_strangers_does_not_say_where_the_file_goes() {
    let (place, root) = project("python");
    let outside = place.path().join("outside");
    fs::create_dir(&outside).expect("a folder");
    std::os::unix::fs::symlink(&outside, root.join("checks")).expect("a link");
    for more in [&[][..], &["--force"], &["--to", "checks/deeper"]] {
        let refused = init(&root, more);
        assert_eq!(refused.code, 4, "{more:?}");
        assert!(refused.stderr.contains("leads out of the directory"), "{}", refused.stderr);
    }
    assert_eq!(fs::read_dir(&outside).expect("a folder").count(), 0);
}

#[test]
fn a_dry_run_prints_what_would_be_written_and_leaves_nothing() {
    let (_place, root) = project("python");
    let dry = init(&root, &["--dry-run"]);
    assert_eq!(dry.code, 0);
    assert!(!root.join("checks").exists());
    assert!(dry.stderr.contains("would be written: 5 checks in 4 areas and 6 claims"), "{}", dry.stderr);
    init(&root, &[]);
    let written = fs::read_to_string(root.join("checks/audit.yaml")).expect("an audit file");
    assert_eq!(timeless(&dry.stdout), timeless(&written));
}

#[test]
fn the_file_may_stand_at_the_top_deeper_or_elsewhere() {
    let (place, root) = project("python");
    let elsewhere = place.path().join("elsewhere");
    for (to, written) in
        [(".", root.clone()), ("a/b", root.join("a/b")), (&elsewhere.display().to_string(), elsewhere.clone())]
    {
        let ran = init(&root, &["--to", to]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(linted_and_run(&root, &written), 1, "{to}");
    }
    let ran = ran(countersign().current_dir(place.path()).args(["init", "nowhere"]));
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("there is no directory \"nowhere\""), "{}", ran.stderr);
}

/// Programs that leave a mark when they are run, before all others.
fn traps(place: &Path) -> String {
    let folder = place.join("traps");
    fs::create_dir(&folder).expect("a folder");
    for name in ["git", "pytest", "npx", "cargo", "go", "systemctl", "kubectl", "docker"] {
        let program = folder.join(name);
        let mark = place.join("mark").display().to_string();
        fs::write(&program, format!("#!/bin/sh\necho {name} >> {mark}\necho '2 passed in 0.01s'\n")).expect("a script");
        #[cfg(unix)]
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    }
    format!("{}:/usr/bin:/bin", folder.display())
}

#[test]
fn no_command_is_run_unless_it_is_allowed() {
    let (place, root) = project("python");
    fs::remove_dir_all(root.join("build")).expect("gone");
    fs::create_dir(root.join(".git")).expect("a folder");
    fs::write(root.join("go.mod"), "module x\n").expect("a file");
    fs::write(root.join("package.json"), r#"{"scripts": {"test": "jest"}}"#).expect("a file");
    let path = traps(place.path());
    let unasked = ran(countersign().current_dir(&root).env("PATH", &path).args(["init", "--offline"]));
    assert_eq!(unasked.code, 0, "{}", unasked.stderr);
    assert!(!place.path().join("mark").exists(), "{:?}", fs::read_to_string(place.path().join("mark")));
    assert!(unasked.stdout.contains("pyproject.toml, it runs the tests of the project"), "{}", unasked.stdout);
    let arguments = ["init", "--offline", "--force", "--run-commands"];
    let allowed = ran(countersign().current_dir(&root).env("PATH", &path).args(arguments));
    assert_eq!(allowed.code, 0, "{}", allowed.stderr);
    let ran = fs::read_to_string(place.path().join("mark")).expect("a mark");
    assert!(ran.contains("pytest"), "{ran}");
    let text = fs::read_to_string(root.join("checks/audit.yaml")).expect("an audit file");
    assert!(text.contains("test-pass-rate: {command: {run: [pytest, \"-q\"], reads: pytest-summary}}"), "{text}");
    assert!(text.contains("expect: {passed: \">= 2\", failed: == 0"), "{text}");
}

#[cfg(unix)]
#[test]
fn hostile_names_and_contents_stay_texts() {
    let place = tempfile::tempdir().expect("a scratch folder");
    let root = place.path().join("a\"b: # ${env:HOME} {{ x }}");
    fs::create_dir(&root).expect("a folder");
    let junit = "<testsuite><testcase name='a'/></testsuite>";
    let names = [
        "[a]*.xml",
        "{b,c}.xml",
        "d: # e.xml",
        "${secret:KEY}.xml",
        "'f\".xml",
        "- g.xml",
        "\\h.xml",
        "\u{202e}i.xml",
        "two\nlines.xml",
    ];
    for (number, name) in names.into_iter().enumerate() {
        let folder = root.join(format!("r{number}"));
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join(name), junit).expect("a file");
    }
    fs::write(root.join("package.json"), r#"{"name": "x\"\n  evil: true\u0085\u202e${env:HOME} {% raw %}"}"#)
        .expect("a file");
    fs::write(
        root.join("README.md"),
        "# ${env:HOME}: \"#\n\n- **a: \"b\" # ${X} tests:** 9 tests\n\n::error::9 tests\n",
    )
    .expect("a file");
    fs::write(root.join("flags.yaml"), "\"a: b\": true\n\"${X}\": {enabled: false}\n").expect("a file");
    let ran = init(&root, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("2 files have names that cannot be written down here"), "{}", ran.stdout);
    assert!(!ran.stdout.contains('\u{202e}'));
    linted_and_run(&root, &root.join("checks"));
    let record = record(&root.join("checks"));
    let checks = record["judgement"]["checks"].as_array().expect("checks");
    let suites = checks.iter().filter(|check| check["check"].as_str().is_some_and(|id| id.starts_with("tests/")));
    let passed: Vec<_> = suites.map(|check| check["status"].clone()).collect();
    assert_eq!(passed.len(), names.len() - 2, "{checks:#?}");
    assert!(passed.iter().all(|status| status == "pass"), "{checks:#?}");
    assert_eq!(record["audit"]["subject"]["name"], "x\"\n  evil: true\\u{85}\\u{202e}$ {env:HOME} {% raw %}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prometheus_that_the_environment_names_is_measured() {
    let rules = Canned::default()
        .captured("/api/v1/rules", 200, "alert-count/prometheus-rules.json")
        .captured("/api/v1/query", 200, "service-uptime/prometheus-up.json")
        .at("Mon, 23 Nov 2026 08:15:00 GMT")
        .serve()
        .await;
    let place = tempfile::tempdir().expect("a scratch folder");
    let text = found_at(place.path(), &rules);
    assert!(text.contains("alert-count: {prometheus: \"${PROMETHEUS}\"}"), "{text}");
    assert!(text.contains(&format!("  PROMETHEUS: \"${{env:PROMETHEUS_URL:-{rules}}}\"")), "{text}");
    assert!(!matches!(linted_and_run(place.path(), &place.path().join("checks")), 2), "{text}");
    assert!(text.contains("PROMETHEUS_URL of the environment"), "{text}");
    let not_found = text.split("# Looked for, and not found: ").nth(1).expect("a list");
    assert!(!not_found.contains("Prometheus"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_endpoints_of_documents_and_of_compose_files_are_asked() {
    let url = Canned::default().with("/health", 200, "ok").with("/readyz", 503, "no").serve().await;
    let port = url.rsplit(':').next().expect("a port");
    let place = tempfile::tempdir().expect("a scratch folder");
    let compose = format!(
        "services:\n  web:\n    ports: [\"{port}:80\"]\n    healthcheck: {{test: [CMD, curl, -f, \"http://localhost/health\"]}}\n"
    );
    fs::write(place.path().join("compose.yaml"), compose).expect("a file");
    fs::write(place.path().join("README.md"), format!("{url}/readyz and {url}/drop-all say more.\n")).expect("a file");
    let ran = ran(countersign().current_dir(place.path()).arg("init"));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let text = fs::read_to_string(place.path().join("checks/audit.yaml")).expect("an audit file");
    let health =
        format!("      - id: health\n        title: \"http://localhost:{port}/health answers that it is well\"\n");
    assert!(text.contains(&health) && text.contains("From service web of compose.yaml, measured "), "{text}");
    // What does not answer well is no first expectation, and is told; what is no health endpoint is not asked.
    assert!(!text.contains("- id: readyz") && !text.contains("drop-all"), "{text}");
    assert!(
        ran.stdout.contains("not measured: README.md, it does not answer that it is well: 503: no\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_is_there_and_cannot_be_measured_is_told_with_the_reason() {
    let place = tempfile::tempdir().expect("a scratch folder");
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|one| one.local_addr()).expect("a port");
    fs::write(place.path().join("README.md"), format!("Health: http://localhost:{}/health\n", free.port()))
        .expect("a file");
    fs::create_dir(place.path().join("scripts")).expect("a folder");
    fs::write(place.path().join("scripts/rollback_production.sh"), "#!/bin/sh\n").expect("a file");
    fs::write(place.path().join("scripts/deploy.md"), "How to.\n").expect("a file");
    for (offline, reason) in [(false, "refused"), (true, "no server was asked: --offline")] {
        let more = if offline { &["--offline"][..] } else { &[] };
        let ran = ran(countersign().current_dir(place.path()).args(["init", "--force"]).args(more));
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        let text = fs::read_to_string(place.path().join("checks/audit.yaml")).expect("an audit file");
        let not_found = text.split("# Looked for, and not found: ").nth(1).expect("a list");
        assert!(!not_found.contains("health endpoints") && !not_found.contains("scripts that"), "{text}");
        let told = |from: &str| ran.stdout.lines().find(|line| line.contains(from)).unwrap_or_default();
        let script = "not measured: scripts/rollback_production.sh, nobody may execute it: `chmod +x` allows it";
        assert_eq!(told("rollback_production").trim(), script, "{}", ran.stdout);
        assert!(told("not measured: README.md, ").contains(reason), "{}", ran.stdout);
    }
}

#[test]
fn a_running_prometheus_is_measured() {
    #[expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]
    let Some(url) = std::env::var("COUNTERSIGN_STACK_PROMETHEUS").ok() else {
        return skipped(
            "COUNTERSIGN_STACK_PROMETHEUS is not set; run `fixtures/stack/stack up DIR` and `eval` its `env`",
        );
    };
    let place = tempfile::tempdir().expect("a scratch folder");
    let text = found_at(place.path(), &url);
    assert!(text.contains("id: loaded-rules") && text.contains("id: scraped"), "{text}");
    assert!(!matches!(linted_and_run(place.path(), &place.path().join("checks")), 2));
}

/// What `init` writes where the environment names a Prometheus.
fn found_at(root: &Path, url: &str) -> String {
    let ran = ran(countersign().current_dir(root).env("PROMETHEUS_URL", url).arg("init"));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    fs::read_to_string(root.join("checks/audit.yaml")).expect("an audit file")
}

#[test]
fn nobody_is_asked_offline() {
    let place = tempfile::tempdir().expect("a scratch folder");
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.set_nonblocking(true).expect("nonblocking");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let health = url.replace("127.0.0.1", "localhost") + "/health";
    fs::write(place.path().join("README.md"), format!("Ask {health} how it is.\n")).expect("a file");
    let ran = ran(countersign().current_dir(place.path()).env("PROMETHEUS_URL", &url).args(["init", "--offline"]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(listener.accept().is_err(), "somebody asked");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z]{1,8}", "[\\x00-\\x7f]{0,12}", Just("${secret:KEY}: {{ x }} # \n- a".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_was_measured_the_plan_loads_it(subject in any_text(), drafts in prop::collection::vec((any_text(), any_text(), any_text()), 0..4)) {
        let place = tempfile::tempdir().expect("a scratch folder");
        let measured = drafts.iter().enumerate().map(|(number, (title, path, from))| {
            let mut facts = Facts::default();
            facts.set("missing", Value::count(0_u32));
            let draft = Draft {
                area: "repository",
                id: format!("files-{number}"),
                title: format!("t{title}"),
                kind: "file",
                options: serde_json::json!({"paths": [format!("p{path}")]}),
                facts: &["missing"],
                says: &[],
                from: from.clone(),
                address: None,
                manner: Manner::Look,
            };
            Measured { draft, facts, expected: vec![("missing".to_owned(), "== 0".to_owned())] }
        });
        let survey = Survey {
            subject: format!("s{subject}"),
            at: Instant::from_seconds(1_764_300_000).expect("a time"),
            checks: measured.collect(),
            unmeasured: Vec::new(),
            not_found: Vec::new(),
            claims: Vec::new(),
            unclaimed: vec![subject.clone()],
            unclaimed_more: 0,
            notes: vec![subject.clone()],
        };
        let layout = Layout { here: &subject, root: Some(".."), file: Some("checks/audit.yaml") };
        let text = written(&survey, layout).expect("a text").text;
        let path = place.path().join("checks/audit.yaml");
        let plan = plan::load_as(&path, Some((&path, &text)), &|_| None);
        let plan = plan.unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)));
        prop_assert_eq!(&plan.audit.subject.name, &survey.subject.replace("${", "$ {"));
        prop_assert_eq!(plan.audit.checks.len(), drafts.len().max(1));
        prop_assert!(plan.warnings.is_empty());
    }
}

#[test]
fn the_checks_are_those_that_the_record_then_has() {
    let (_place, root) = project("node");
    init(&root, &[]);
    linted_and_run(&root, &root.join("checks"));
    let record = record(&root.join("checks"));
    for check in ["tests/suite", "tests/coverage", "security/vulnerabilities", "operations/scripts", "repository/ci"] {
        assert_eq!(status(&record, check).0, "pass", "{check}");
    }
}
