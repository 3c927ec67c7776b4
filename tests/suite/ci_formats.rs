//! What `--format` writes: where it goes, what it never does, and that programs nobody here wrote can read it.
#![expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::bundles::files;
use crate::report::sample;
use crate::support::{Ran, audit, countersign, golden, ran, repository};

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

const PASSES: &str = "      - {id: ok, severity: blocker, command: {run: [\"true\"]}, expect: {exit: == 0}}\n";
const FAILS: &str = "      - {id: bad, severity: minor, command: {run: [\"false\"]}, expect: {exit: == 0}}\n";

/// Everything here tries to be more than text.
const HOSTILE: &str = r###"
audit: {id: trial, title: "::error::title ##[group]x", subject: {name: "Thing\n::add-mask::a"}}
areas:
  - area: all
    title: "| area | <b>x</b> ::error::a"
    checks:
      - id: echo
        title: "::error::check [[ATTACHMENT|/etc/passwd]] # SKIP ##vso[task.complete]"
        severity: major
        command: {run: [printf, '::error::out\n  ::stop-commands::x\n##[error]y\n\033[2J[[ATTACHMENT|z]] # TODO\nBail out!\n']}
        expect: {stdout: == fine}
        claim: {by: "::error::by | `x`\u202e", stdout: "##[group]claimed ]]> & <script>"}
        remediation: "::error::help\n\n::warning::more [x](javascript:y)"
      - {id: gone, title: "# TODO\n::error::gone", severity: minor, command: {run: ["::error::no-such"]}, expect: {exit: == 0}}
      - {id: waived, severity: minor, command: {run: ["false"]}, expect: {exit: == 0}}
waivers:
  - {check: all/waived, reason: "::error::reason # SKIP \\# <!-- | ##[x]", by: "A\t|B", approved: 2026-11-01, until: 2027-10-31}
"###;

fn hostile(directory: &Path) -> PathBuf {
    fs::write(directory.join("audit.yaml"), HOSTILE).expect("an audit file");
    directory.to_owned()
}

fn with_formats(directory: &Path, formats: &[&str]) -> Ran {
    let mut command = countersign();
    command.arg("run").arg(directory).arg("--to").arg(directory.join("bundle"));
    ran(command.args(formats.iter().flat_map(|format| ["--format", format])))
}

/// Every format of a bundle, in a folder, under the formats' own names.
fn rendered(bundle: &Path, more: &[&str], to: &Path) -> String {
    let names =
        ["junit", "sarif", "github", "gitlab", "ctrf", "tap", "openmetrics", "in-toto", "cyclonedx", "oscal", "json"];
    let list: Vec<String> = names.iter().map(|name| format!("{name}={}/", to.display())).collect();
    let ran = ran(countersign().arg("render").arg(bundle).args(more).arg("--format").arg(list.join(",")));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // The sample is written by hand, and its digests are nobody's.
    assert!(ran.stderr.is_empty() || ran.stderr.contains("is not as it was recorded"), "{}", ran.stderr);
    ran.stdout
}

/// The sample record as a bundle.
fn sample_bundle(directory: &Path) -> PathBuf {
    let bundle = directory.join("sample");
    fs::create_dir_all(bundle.join("evidence")).expect("a folder");
    fs::write(bundle.join("record.json"), countersign::record::to_bytes(&sample()).expect("canonical"))
        .expect("a record");
    bundle
}

#[test]
fn the_formats_of_the_sample_are_the_ones_in_the_repository() {
    let place = scratch();
    let annotations = rendered(&sample_bundle(place.path()), &[], place.path());
    let kept = repository().join("fixtures/ci/sample");
    golden(&kept.join("annotations.txt"), &annotations);
    for file in [
        "countersign.junit.xml",
        "countersign.sarif",
        "countersign-summary.md",
        "gl-code-quality-report.json",
        "ctrf-report.json",
        "countersign.tap",
        "countersign.prom",
        "countersign.intoto.json",
        "countersign.cdx.json",
        "oscal-assessment-results.json",
        "countersign-results.json",
    ] {
        golden(&kept.join(file), &fs::read_to_string(place.path().join(file)).expect("written"));
    }
}

#[test]
fn a_format_without_a_path_takes_standard_output_and_people_read_standard_error() {
    let place = scratch();
    let ran = with_formats(&audit(place.path(), PASSES), &["json"]);
    assert_eq!(ran.code, 0);
    let results: Value = serde_json::from_str(&ran.stdout).expect("JSON and nothing else");
    assert_eq!(results["verdict"]["id"], "approved");
    assert!(ran.stderr.contains("APPROVED  Trial"), "{}", ran.stderr);
}

#[test]
fn a_format_with_a_path_leaves_standard_output_to_people() {
    let place = scratch();
    let path = place.path().join("deep/er/results.tap");
    let ran = with_formats(&audit(place.path(), PASSES), &[&format!("tap={}", path.display())]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("APPROVED  Trial"), "{}", ran.stdout);
    assert!(fs::read_to_string(&path).expect("written").starts_with("TAP version 14\n1.."));
    let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["results.tap"], "nothing half written stays");
}

#[test]
fn formats_do_not_change_the_exit_code() {
    let place = scratch();
    let directory = audit(place.path(), &FAILS.replace("minor", "blocker"));
    assert_eq!(with_formats(&directory, &[]).code, 2);
    assert_eq!(with_formats(&directory, &["sarif"]).code, 2);
}

#[test]
fn documents_are_formats_too() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    let ran = with_formats(&directory, &["markdown", &format!("html={}", place.path().join("r.html").display())]);
    assert_eq!(ran.stdout, fs::read_to_string(directory.join("bundle/report.md")).expect("a report"));
    let html = fs::read_to_string(place.path().join("r.html")).expect("written");
    assert_eq!(html, fs::read_to_string(directory.join("bundle/report.html")).expect("a report"));
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_measured() {
    let place = scratch();
    let touched = place.path().join("touched");
    let touches = PASSES.replace("[\"true\"]", &format!("[touch, \"{}\"]", touched.display()));
    let directory = audit(place.path(), &touches);
    fs::write(place.path().join("a-file"), "").expect("a file");
    let wrong = [
        (vec!["junit=DIR/a-file/x.xml"], "could not write to", "after the `=`"),
        (vec!["junit,tap"], "both \"junit\" and \"tap\" would go to standard output", "--format tap=PATH"),
        (
            vec!["github=DIR/s.md", "json"],
            "both \"github\" and \"json\" would go to standard output",
            "--format json=PATH",
        ),
        (vec!["jnuit=x"], "there is no format \"jnuit\"", "the formats are junit, sarif"),
        (vec!["junit="], "\"junit=\" names no file", "after the `=`"),
        (vec!["junit=DIR/x,tap=DIR/x"], "two formats would go to", "a file of its own"),
    ];
    for (formats, message, help) in wrong {
        let formats: Vec<String> =
            formats.iter().map(|format| format.replace("DIR", &place.path().display().to_string())).collect();
        let ran = with_formats(&directory, &formats.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{formats:?}");
        assert!(ran.stderr.contains(message) && ran.stderr.contains(help), "{}", ran.stderr);
        assert!(!touched.exists(), "{formats:?}: nothing may have been asked");
    }
    let left = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.collect::<BTreeSet<_>>(), BTreeSet::from(["a-file".to_owned(), "audit.yaml".to_owned()]));
}

#[cfg(unix)]
#[test]
fn a_result_in_the_place_of_the_bundle_is_refused_before_anything_is_measured() {
    let place = scratch();
    let touched = place.path().join("touched");
    let touches = PASSES.replace("[\"true\"]", &format!("[touch, \"{}\"]", touched.display()));
    audit(&place.path().join("checks"), &touches);
    let here = |arguments: &[&str]| ran(countersign().current_dir(place.path()).args(arguments));
    assert_eq!(here(&["run", "checks", "--to", "old"]).code, 0);
    fs::remove_file(&touched).unwrap();
    std::os::unix::fs::symlink("old", place.path().join("link")).unwrap();
    let before = files(&place.path().join("old"));
    for (to, format) in [
        ("old", "old/"),
        ("old", "old"),
        ("old", "old/new/x.xml"),
        ("old", "checks/../old/x.xml"),
        ("old", "link/x.xml"),
        ("checks/../link", "old/"),
        ("new", "new/"),
        ("new", "new/x.xml"),
        ("new", "new"),
        ("new/bundle", "new"),
    ] {
        for command in [["run", "checks"], ["merge", "old"]] {
            let ran = here(&[&command[..], &["--to", to, "--format", &format!("junit={format}")]].concat());
            assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{to} {format}: {}", ran.stderr);
            let said = ran.stderr.contains("which the bundle takes as a whole") || to == "new/bundle";
            assert!(said && ran.stderr.contains("after the `=` of --format"), "{to} {format}: {}", ran.stderr);
            assert!(!touched.exists(), "{to} {format}: nothing may have been asked");
            assert_eq!(files(&place.path().join("old")), before, "{to} {format}");
            assert!(!place.path().join("new").exists() && !place.path().join("old/new").exists(), "{to} {format}");
        }
    }
    // A replay goes where the run that it repeats went.
    let replayed = here(&["run", "checks", "--replay", "old", "--format", "junit=beside/x.xml"]);
    assert_eq!(replayed.code, 0, "{}", replayed.stderr);
    let usual = fs::read_dir(place.path().join("audits/trial")).unwrap().next().unwrap().unwrap().path();
    let usual = usual.strip_prefix(place.path()).unwrap().display().to_string();
    let ran = here(&["run", "checks", "--replay", "old", "--format", &format!("junit={usual}/x.xml")]);
    assert!(ran.code == 4 && ran.stderr.contains("which the bundle takes as a whole"), "{}", ran.stderr);
}

#[test]
fn a_bundle_does_not_take_the_place_of_its_audit_file() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    fs::write(directory.join("record.json"), "{}").unwrap();
    let ran = ran(countersign().arg("run").arg(&directory).arg("--to").arg(&directory));
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
    assert!(ran.stderr.contains("audit.yaml\" lies in"), "{}", ran.stderr);
    assert!(directory.join("audit.yaml").is_file());
}

#[test]
fn on_github_the_summary_goes_to_the_end_of_the_steps_file() {
    let place = scratch();
    let many: String = (0..9).map(|n| PASSES.replace("id: ok", &format!("id: ok-{n}"))).collect();
    let directory = audit(place.path(), &(many + FAILS));
    let summary = place.path().join("step-summary");
    fs::write(&summary, "from an earlier command").expect("a file");
    let mut command = countersign();
    command.arg("run").arg(&directory).arg("--to").arg(directory.join("bundle")).args(["--format", "github"]);
    let ran = ran(command.env("GITHUB_STEP_SUMMARY", &summary));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("::notice file=audit.yaml,line=14,endLine=14,title="), "{}", lines[0]);
    assert!(lines[0].ends_with("fails: exit is 1; exactly 0 was expected."), "{}", lines[0]);
    assert!(lines[1].starts_with("::notice title=Trial%3A "), "{}", lines[1]);
    let text = fs::read_to_string(&summary).expect("a summary");
    assert!(text.starts_with("from an earlier command\n## Trial: "), "{text}");
    assert!(text.contains("### To look at"), "{text}");
}

#[test]
fn nothing_that_was_captured_becomes_a_command_of_the_runner() {
    let place = scratch();
    let directory = hostile(place.path());
    let runs = [
        with_formats(&directory, &[]),
        with_formats(&directory, &["github"]),
        with_formats(&directory, &["junit"]),
        with_formats(&directory, &["markdown"]),
        with_formats(&directory, &["html"]),
        ran(countersign().arg("run").arg(&directory).arg("--plan")),
        ran(countersign().arg("run").arg(&directory).args(["--only", "::error::x"])),
        ran(countersign().arg("lint").arg(&directory)),
    ];
    for ran in runs {
        assert_ne!(ran.code, 101);
        for line in ran.stdout.lines().chain(ran.stderr.lines()) {
            let ours = ["::error file=", "::warning file=", "::notice file=", "::notice title="];
            let is_ours = ours.iter().any(|ours| line.starts_with(ours));
            assert!(is_ours || !line.trim_start().starts_with("::"), "{line}");
            assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
            assert!(!line.contains('\u{1b}') && !line.contains('\u{202e}'), "{line:?}");
        }
    }
}

#[test]
fn places_are_told_from_the_root_of_the_repository() {
    let place = scratch();
    fs::create_dir_all(place.path().join("repo/.git")).expect("a folder");
    let directory = audit(&place.path().join("repo/checks/deep"), FAILS);
    let ran = with_formats(&directory, &["json"]);
    let results: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(results["findings"][0]["place"]["path"], "checks/deep/audit.yaml");
    let bundle = directory.join("bundle");
    let again = crate::support::ran(
        countersign().arg("render").arg(bundle).args(["--format", "json", "--audit"]).arg(&directory),
    );
    assert_eq!(again.stdout, ran.stdout, "a bundle rendered later says the same");
}

#[test]
fn the_results_follow_the_schema_that_is_printed() {
    let place = scratch();
    let printed = ran(countersign().args(["schema", "results"])).stdout;
    let schema = serde_json::from_str(&printed).expect("a schema");
    let results = ran(countersign().arg("render").arg(sample_bundle(place.path())).args(["--format", "json"])).stdout;
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let results = serde_json::from_str(&results).expect("JSON");
    assert_eq!(validator.iter_errors(&results).map(|error| error.to_string()).collect::<Vec<_>>(), [""; 0]);
}

/// The folder that `fixtures/ci/validators DIR` filled. Without it nothing can be said: aloud, and as a failure where the
/// caller wants it to be one.
pub(crate) fn validators() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("COUNTERSIGN_VALIDATORS") else {
        assert!(std::env::var_os("COUNTERSIGN_REQUIRE_SERVERS").is_none(), "COUNTERSIGN_VALIDATORS is not set");
        let said = "SKIPPED: COUNTERSIGN_VALIDATORS is not set; run `fixtures/ci/validators DIR` and set it to DIR\n";
        std::io::stderr().write_all(said.as_bytes()).expect("stderr");
        return None;
    };
    Some(PathBuf::from(folder))
}

fn output(command: &mut Command) -> (bool, String, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("written")).expect("JSON")
}

fn follows(schema: &Path, value: &Value) {
    let validator = jsonschema::validator_for(&json(schema)).expect("a valid schema");
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{}: {errors:?}", schema.display());
}

/// Has the validator nothing against a SARIF file?
pub(crate) fn sarif_is_valid(tools: &Path, sarif: &Path) {
    let tool = tools.join("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
    let mut command = Command::new(tool);
    command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1").arg("validate").arg(sarif);
    command.args(["--rule-kind", "Gh;Sarif", "--level", "Error;Warning;Note", "--log", "ForceOverwrite", "--output"]);
    let validated = sarif.with_extension("validated.sarif");
    let (_, stdout, stderr) = output(command.arg(&validated));
    let found = json(&validated);
    let rules = found["runs"][0]["tool"]["driver"]["rules"].as_array().cloned().unwrap_or_default();
    let default = |id: &Value| {
        let rule = rules.iter().find(|rule| rule["id"] == *id);
        rule.map_or(Value::Null, |rule| rule["defaultConfiguration"]["level"].clone())
    };
    let results = found["runs"][0]["results"].as_array().expect("results");
    assert!(!results.is_empty(), "the validator looked at something: {stdout}{stderr}");
    for result in results {
        let level = if result["level"].is_null() { default(&result["ruleId"]) } else { result["level"].clone() };
        // SARIF2005 asks for an address of the tool; it has none yet.
        assert!(level == "note" || result["ruleId"] == "SARIF2005", "{result}\n{stdout}");
    }
    assert!(found["runs"][0]["invocations"][0]["toolExecutionNotifications"].is_null(), "{found}");
}

fn tap_is_valid(tools: &Path, to: &Path, results: &Value) {
    let mut command = Command::new(tools.join("node_modules/.bin/tap-parser"));
    command.args(["-j", "0"]).stdin(fs::File::open(to.join("countersign.tap")).expect("written"));
    let (_, stdout, stderr) = output(&mut command);
    let events: Vec<Value> = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    assert!(!events.iter().any(|event| event[0] == "extra" || event[0] == "bailout"), "{events:?}");
    let complete = &events.iter().find(|event| event[0] == "complete").expect("an end")[1];
    let counts = &results["counts"];
    let of = |name: &str| counts[name].as_u64().expect("a number");
    assert_eq!(complete["count"], of("all"));
    let findings = results["findings"].as_array().expect("findings").iter();
    let shown = findings.filter(|finding| finding["status"] == "info").count() as u64;
    assert_eq!(complete["skip"].as_u64(), Some(of("waived") + of("skipped") + shown));
    assert_eq!(complete["todo"].as_u64(), Some(of("pending")));
    assert_eq!(complete["fail"].as_u64(), Some(of("failed") + of("notEvaluated") + of("pending")), "{complete}");
}

fn ctrf_is_valid(tools: &Path, to: &Path, results: &Value) {
    let report = json(&to.join("ctrf-report.json"));
    follows(&tools.join("node_modules/ctrf/dist/ctrf-schema-0.0.json"), &report);
    let summary = &report["results"]["summary"];
    assert_eq!(summary["failed"], results["counts"]["failed"]);
    assert_eq!(summary["other"], results["counts"]["notEvaluated"]);
    assert_eq!(summary["tests"], results["counts"]["all"]);
}

fn junit_and_metrics_are_valid(tools: &Path, to: &Path, results: &Value) {
    let (junit, metrics) = (to.join("countersign.junit.xml"), to.join("countersign.prom"));
    let mut command = Command::new(tools.join("python/bin/python"));
    command.arg(repository().join("fixtures/ci/read.py")).arg(&junit).arg(&metrics);
    let (ok, stdout, stderr) = output(&mut command);
    assert!(ok, "{stdout}{stderr}");
    let seen: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(seen["declared"], seen["counted"]);
    assert_eq!(seen["counted"]["tests"], results["counts"]["all"]);
    assert_eq!(seen["counted"]["failures"], results["counts"]["failed"]);
    assert_eq!(seen["samples"], seen["samplesForPrometheus"]);
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(fs::File::open(&metrics).expect("written"));
    let (ok, stdout, stderr) = output(&mut promtool);
    assert!(ok && stdout.is_empty() && stderr.is_empty(), "{stdout}{stderr}");
}

/// Read by the libraries of the three specifications, and the counts of what they made of it held against ours.
fn attestations_are_valid(tools: &Path, to: &Path, results: &Value) {
    let mut command = Command::new(tools.join("python/bin/python"));
    let (ok, stdout, stderr) = output(command.arg(repository().join("fixtures/ci/attested.py")).arg(to));
    assert!(ok, "{stdout}{stderr}");
    let seen: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(seen["cyclonedx"], serde_json::json!([]), "{seen}");
    assert_eq!(seen["oscal"]["errors"], serde_json::json!([]), "{seen}");
    let ids = |wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        let findings = results["findings"].as_array().expect("findings").iter().filter(|finding| wanted(finding));
        findings.map(|finding| finding["id"].as_str().expect("an id").to_owned()).collect()
    };
    let read = |value: &Value| -> BTreeSet<String> { serde_json::from_value(value.clone()).expect("ids") };
    let holds = |finding: &Value| finding["outcome"] == "passed" && finding["status"] != "info";
    assert_eq!(read(&seen["inToto"]["passed"]), ids(&holds));
    assert_eq!(read(&seen["oscal"]["satisfied"]), ids(&|finding| holds(finding) && finding["check"].is_null()));
    let whole = results["verdict"]["id"] == "approved" && results["counts"]["all"] == results["counts"]["passed"];
    assert_eq!(seen["inToto"]["result"] == "PASSED", whole, "{}", seen["inToto"]["result"]);
    assert_eq!(seen["title"], serde_json::json!([results["audit"]["title"], results["audit"]["title"]]));
}

#[test]
fn programs_that_nobody_here_wrote_can_read_every_format() {
    let Some(tools) = validators() else { return };
    let place = scratch();
    let directory = hostile(place.path());
    assert_ne!(with_formats(&directory, &[]).code, 4);
    let part = place.path().join("part");
    let whole = repository().join("fixtures/bundles/stack");
    let mut shard = countersign();
    shard.arg("run").arg(repository().join("checks/stack")).arg("--replay").arg(&whole).args(["--shard", "1/2"]);
    assert_eq!(ran(shard.arg("--to").arg(&part)).code, 3);
    let claims = place.path().join("claims");
    let mut alone = countersign();
    alone.arg("run").arg(repository().join("checks/go-live")).args(["--claims-only", "--replay"]);
    alone.arg(repository().join("fixtures/bundles/go-live")).arg("--to").arg(&claims);
    assert_ne!(ran(&mut alone).code, 4);
    let bundles = [
        ("go-live", repository().join("fixtures/bundles/go-live")),
        ("stack", whole),
        ("part", part),
        ("claims", claims),
        ("sample", sample_bundle(place.path())),
        ("hostile", directory.join("bundle")),
    ];
    for (name, bundle) in bundles {
        let to = place.path().join("out").join(name);
        rendered(&bundle, &[], &to);
        let results = json(&to.join("countersign-results.json"));
        sarif_is_valid(&tools, &to.join("countersign.sarif"));
        tap_is_valid(&tools, &to, &results);
        ctrf_is_valid(&tools, &to, &results);
        junit_and_metrics_are_valid(&tools, &to, &results);
        attestations_are_valid(&tools, &to, &results);
        let gitlab = json(&to.join("gl-code-quality-report.json"));
        follows(&repository().join("fixtures/ci/gitlab-code-quality.schema.json"), &gitlab);
    }
}
