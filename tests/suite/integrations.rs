//! What makes countersign ready for GitHub, GitLab and pre-commit: each file is read as its host reads it, and the shell
//! in it is run as it stands, with friendly inputs and hostile ones.
#![expect(clippy::disallowed_methods, reason = "a test passes its own PATH on")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, audit, countersign, ran, repository, status};

/// One check that passes, one that does not and matters little: approved with conditions.
const CHECKS: &str = "      - {id: there, weight: 9, file: {paths: [audit.yaml]}, expect: {missing: == 0}}
      - {id: gone, file: {paths: [nothing.txt]}, expect: {missing: == 0}}
";
/// What a branch may be called, or a title.
const HOSTILE: &str = "it's $(touch pwned) `touch pwned` \"; touch pwned #";

fn yaml(name: &str) -> Value {
    let text = fs::read_to_string(repository().join(name)).expect(name);
    serde_saphyr::from_str(&text).expect(name)
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("a mapping").keys().map(String::as_str).collect()
}

/// A scratch folder that a runner would give to a job.
struct Runner {
    scratch: TempDir,
}

impl Runner {
    fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        for folder in ["work", "temp dir"] {
            fs::create_dir(scratch.path().join(folder)).expect("a folder");
        }
        for file in ["output", "summary"] {
            fs::write(scratch.path().join(file), "").expect("a file");
        }
        Self { scratch }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// A program in the environment of a job, started where the job's checkout is.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).current_dir(self.path("work"));
        command
    }

    /// A step of the action.
    fn step(&self, script: &str) -> Command {
        let mut command = self.command("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c"]);
        command.arg(format!("\"$GITHUB_ACTION_PATH/integrations/github/{script}\""));
        command.env("GITHUB_ACTION_PATH", repository()).env("RUNNER_TEMP", self.path("temp dir"));
        command.env("GITHUB_OUTPUT", self.path("output")).env("GITHUB_STEP_SUMMARY", self.path("summary"));
        command.env("COUNTERSIGN_PROGRAM", env!("CARGO_BIN_EXE_countersign"));
        command
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect(name)
    }

    /// The outputs, read as the runner reads them.
    fn outputs(&self) -> BTreeMap<String, String> {
        let text = self.read("output");
        let mut lines = text.lines();
        let mut outputs = BTreeMap::new();
        while let Some(head) = lines.next() {
            let (name, delimiter) = head.split_once("<<").unwrap_or_else(|| panic!("{head:?} in {text}"));
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
            let before = outputs.insert(name.to_owned(), value.join("\n"));
            assert_eq!(before, None, "{name} twice in {text}");
        }
        outputs
    }

    /// What nobody was meant to leave.
    fn nothing_was_injected(&self) {
        for entry in walkdir::WalkDir::new(self.scratch.path()) {
            let entry = entry.expect("readable");
            assert_ne!(entry.file_name(), "pwned", "{}", entry.path().display());
        }
    }
}

fn ends_with(ran: &Ran, code: i32) {
    assert_eq!(ran.code, code, "{}\n{}", ran.stdout, ran.stderr);
}

#[test]
fn the_action_passes_every_input_as_a_variable_and_none_into_a_script() {
    let action = yaml("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let mut passed = Vec::new();
    for step in action["runs"]["steps"].as_array().expect("steps") {
        assert_eq!(step["shell"], "bash");
        let run = step["run"].as_str().expect("our own shell, and no other action");
        assert!(!run.contains("${{"), "{run}");
        let script = run.trim_matches('"').replace("$GITHUB_ACTION_PATH", &repository().display().to_string());
        let text = fs::read_to_string(&script).expect(&script);
        let mode = fs::metadata(&script).expect(&script).permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{script} can be run");
        for (variable, value) in step["env"].as_object().expect("variables") {
            assert!(text.contains(&format!("${{{variable}")), "{script} reads {variable}");
            let value = value.as_str().expect("a text");
            if let Some(input) = value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}")) {
                assert_eq!(*variable, format!("INPUT_{}", input.to_uppercase().replace('-', "_")));
                passed.push(input.to_owned());
            }
        }
    }
    let mut inputs: Vec<String> = keys(&action["inputs"]).into_iter().map(str::to_owned).collect();
    passed.sort();
    inputs.sort();
    assert_eq!(passed, inputs);
}

#[test]
fn the_action_promises_the_outputs_that_its_script_writes() {
    let runner = Runner::new();
    audit(&runner.path("work"), CHECKS);
    ends_with(&ran(runner.step("audit").env("INPUT_AUDIT", ".").env("INPUT_FORMATS", "junit,sarif")), 1);
    let action = yaml("action.yml");
    let outputs = runner.outputs();
    for (name, output) in action["outputs"].as_object().expect("outputs") {
        assert_eq!(output["value"], format!("${{{{ steps.audit.outputs.{name} }}}}"));
        assert!(outputs.get(name).is_some_and(|value| !value.is_empty()), "{name} in {outputs:#?}");
    }
    assert_eq!(outputs.len(), keys(&action["outputs"]).len());
}

#[test]
fn the_action_hands_on_verdict_score_and_files_and_ends_as_the_audit_does() {
    let runner = Runner::new();
    audit(&runner.path("work"), CHECKS);
    let step = ran(runner.step("audit").env("INPUT_AUDIT", ".").env("INPUT_FORMATS", " junit, sarif,tap"));
    ends_with(&step, 1);
    let outputs = runner.outputs();
    assert_eq!(outputs["verdict"], "approved-with-conditions");
    assert_eq!(outputs["score"], "9");
    assert_eq!(outputs["exit-code"], "1");
    for name in ["bundle", "report", "results", "sarif"] {
        assert!(Path::new(&outputs[name]).exists(), "{name}: {}", outputs[name]);
    }
    for name in ["countersign.junit.xml", "countersign.sarif", "countersign.tap", "countersign-results.json"] {
        assert!(Path::new(&outputs["results"]).join(name).is_file(), "{name}");
    }
    assert!(runner.read("summary").contains("pproved with conditions"), "{}", runner.read("summary"));
    assert!(step.stdout.lines().any(|line| line.starts_with("::") && line.contains("file=")), "{}", step.stdout);
    // Nothing was left in the checkout.
    let left: Vec<_> = fs::read_dir(runner.path("work")).expect("readable").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn inputs_become_the_options_they_stand_for() {
    let runner = Runner::new();
    audit(&runner.path("work"), CHECKS);
    let accepted = ran(runner.step("audit").env("INPUT_AUDIT", "audit.yaml").env("INPUT_ACCEPT", "conditional"));
    ends_with(&accepted, 0);
    let runner = Runner::new();
    audit(&runner.path("work"), CHECKS);
    let to = runner.path("the bundle");
    let mut step = runner.step("audit");
    step.env("INPUT_AUDIT", ".").env("INPUT_ONLY", "all/gone\n").env("INPUT_TO", &to);
    step.env("INPUT_SARIF", runner.path("my results.sarif")).env("INPUT_FORMATS", "junit,sarif");
    // What was left out lowers coverage below what a verdict needs.
    ends_with(&ran(&mut step), 3);
    let outputs = runner.outputs();
    assert_eq!(outputs["verdict"], "undetermined");
    assert_eq!(outputs["bundle"], to.display().to_string());
    assert!(to.join("record.json").is_file());
    assert_eq!(outputs["sarif"], runner.path("my results.sarif").display().to_string());
    assert!(runner.path("my results.sarif").is_file());
    assert!(!Path::new(&outputs["results"]).join("countersign.sarif").exists());
}

#[test]
fn commands_are_refused_where_the_input_says_so() {
    let runner = Runner::new();
    audit(&runner.path("work"), "      - {id: one, command: {run: [touch, pwned]}, expect: {exit: == 0}}\n");
    ends_with(&ran(runner.step("audit").env("INPUT_AUDIT", ".").env("INPUT_NO_COMMANDS", "true")), 3);
    runner.nothing_was_injected();
}

#[test]
fn an_audit_file_of_strangers_reaches_what_the_input_says_and_nothing_more() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let checks = format!(
        "      - {{id: one, command: {{run: [touch, pwned]}}, expect: {{exit: == 0}}}}\n      \
         - {{id: two, tcp: {{address: \"{address}\"}}, expect: {{reachable: == true}}}}\n"
    );
    let statuses = |networks: &str| {
        let runner = Runner::new();
        // Its root is the checkout, which it lies in a folder of.
        audit(&runner.path("work/checks"), &checks);
        let mut step = runner.step("audit");
        step.env("INPUT_AUDIT", "checks").env("INPUT_UNTRUSTED", "true").env("INPUT_ALLOW_NETWORK", networks);
        ends_with(&ran(&mut step), 3);
        runner.nothing_was_injected();
        let record = fs::read(Path::new(&runner.outputs()["bundle"]).join("record.json")).unwrap();
        let record = serde_json::from_slice(&record).unwrap();
        ["all/one", "all/two"].map(|check| status(&record, check).0)
    };
    assert_eq!(statuses(""), ["error", "error"]);
    assert_eq!(statuses(&format!("example.invalid\n{address}\n")), ["error", "pass"]);
}

#[test]
fn a_switch_that_is_neither_on_nor_off_is_a_mistake_and_not_off() {
    for (variable, value) in [("INPUT_NO_COMMANDS", "yes"), ("INPUT_UNTRUSTED", "1"), ("INPUT_CLAIMS_ONLY", HOSTILE)] {
        let runner = Runner::new();
        audit(&runner.path("work"), CHECKS);
        let step = ran(runner.step("audit").env("INPUT_AUDIT", ".").env(variable, value));
        ends_with(&step, 4);
        assert!(step.stdout.starts_with("::error "), "{}", step.stdout);
        assert_eq!(runner.outputs().get("verdict"), None);
        runner.nothing_was_injected();
    }
}

#[test]
fn an_audit_that_cannot_run_has_no_verdict() {
    let runner = Runner::new();
    // Results of a step before this one are none of this one.
    let results = runner.path("temp dir/countersign/results");
    fs::create_dir_all(&results).expect("a folder");
    fs::write(results.join("countersign-results.json"), r#"{"verdict": {"id": "approved"}}"#).expect("a file");
    ends_with(&ran(runner.step("audit").env("INPUT_AUDIT", "nowhere")), 4);
    let outputs = runner.outputs();
    assert_eq!(outputs["exit-code"], "4");
    assert_eq!(outputs.get("verdict"), None);
}

#[test]
fn no_input_becomes_a_command_an_option_or_another_output() {
    let runner = Runner::new();
    audit(&runner.path("work").join(HOSTILE), CHECKS);
    let mut step = runner.step("audit");
    step.env("INPUT_AUDIT", HOSTILE).env("INPUT_TO", runner.path(HOSTILE));
    ends_with(&ran(&mut step), 1);
    assert_eq!(runner.outputs()["bundle"], runner.path(HOSTILE).display().to_string());
    runner.nothing_was_injected();

    for (variable, value) in [
        ("INPUT_AUDIT", "--help"),
        ("INPUT_AUDIT", "-V"),
        ("INPUT_AUDIT", "--accept=conditional"),
        ("INPUT_AUDIT", HOSTILE),
        ("INPUT_ACCEPT", "conditional --allow-outside"),
        ("INPUT_ACCEPT", HOSTILE),
        ("INPUT_BASELINE", HOSTILE),
        ("INPUT_ONLY", "--allow-outside"),
        ("INPUT_ONLY", HOSTILE),
        ("INPUT_FORMATS", HOSTILE),
        ("INPUT_FORMATS", "junit=/dev/null"),
    ] {
        let runner = Runner::new();
        audit(&runner.path("work"), CHECKS);
        let step = ran(runner.step("audit").env("INPUT_AUDIT", ".").env(variable, value));
        assert_eq!(step.code, 4, "{variable}={value}\n{}\n{}", step.stdout, step.stderr);
        assert_eq!(runner.outputs().get("verdict"), None, "{variable}={value}");
        runner.nothing_was_injected();
    }
}

#[test]
fn a_line_break_in_a_path_begins_no_output_and_no_command() {
    let runner = Runner::new();
    audit(&runner.path("work"), CHECKS);
    let to = runner.path("bundle\nverdict=approved\nEOF\n::error::pwned");
    let step = ran(runner.step("audit").env("INPUT_AUDIT", ".").env("INPUT_TO", &to));
    if step.code != 4 {
        assert_eq!(runner.outputs()["verdict"], "approved-with-conditions");
        assert_eq!(runner.outputs()["bundle"], to.display().to_string());
    }
    let said = format!("{}\n{}", step.stdout, step.stderr);
    assert!(!said.lines().any(|line| line.starts_with("::error::")), "{said}");
    let step = ran(runner.step("program").env("INPUT_BINARY", "a\n::error::pwned ##[error]pwned"));
    ends_with(&step, 4);
    assert_eq!(step.stdout.lines().count(), 1, "{}", step.stdout);
    assert!(!step.stdout.contains("##["), "{}", step.stdout);
}

#[test]
fn the_program_may_be_one_that_is_there() {
    let runner = Runner::new();
    let program = runner.path("work").join("my program");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_countersign"), &program).expect("a link");
    let version = env!("CARGO_PKG_VERSION");
    let step = ran(runner.step("program").env("INPUT_BINARY", "my program").env("INPUT_VERSION", version));
    ends_with(&step, 0);
    assert_eq!(fs::canonicalize(&runner.outputs()["program"]).ok(), fs::canonicalize(&program).ok());

    let step = ran(runner.step("program").env("INPUT_BINARY", "my program").env("INPUT_VERSION", "99.1"));
    ends_with(&step, 4);
    assert!(step.stdout.contains(version) && step.stdout.contains("99.1"), "{}", step.stdout);
    for missing in ["bash", "nowhere", "."] {
        let runner = Runner::new();
        ends_with(&ran(runner.step("program").env("INPUT_BINARY", missing)), 4);
        assert_eq!(runner.outputs().get("program"), None, "{missing} is not looked for along the PATH");
    }
}

/// A `cargo` that says how it was called and puts the program where it was asked to.
const CARGO: &str = r#"#!/bin/sh
printf '%s\n' "$@" >>"$CALLED"
while [ $# -gt 0 ]; do
  case $1 in
    --target-dir) mkdir -p "$2/release"; ln -s "$PROGRAM" "$2/release/countersign" ;;
    --root) mkdir -p "$2/bin"; ln -s "$PROGRAM" "$2/bin/countersign" ;;
  esac
  shift
done
"#;

fn with_cargo(runner: &Runner, command: &mut Command) {
    let tools = runner.path("tools");
    fs::create_dir(&tools).expect("a folder");
    fs::write(tools.join("cargo"), CARGO).expect("a file");
    fs::set_permissions(tools.join("cargo"), fs::Permissions::from_mode(0o755)).expect("its mode");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(tools).chain(std::env::split_paths(&path))).expect("a PATH");
    command.env("PATH", path).env("CALLED", runner.path("called")).env("PROGRAM", env!("CARGO_BIN_EXE_countersign"));
}

#[test]
fn without_a_program_the_action_builds_its_own_source() {
    let runner = Runner::new();
    let mut step = runner.step("program");
    with_cargo(&runner, &mut step);
    ends_with(&ran(&mut step), 0);
    let called = runner.read("called");
    assert!(called.starts_with("build\n--release\n--locked\n"), "{called}");
    let manifest = repository().join("Cargo.toml");
    assert!(called.contains(&format!("--manifest-path\n{}\n", manifest.display())), "{called}");
    let program = &runner.outputs()["program"];
    assert!(program.starts_with(&runner.path("temp dir").display().to_string()), "{program}");
}

/// The job of the GitLab template, run as a runner runs it: the variables, then the lines of `script`.
fn gitlab(runner: &Runner, variables: &[(&str, &str)]) -> Command {
    let job = &yaml("integrations/gitlab.yml")[".countersign"];
    let lines: Vec<&str> =
        job["script"].as_array().expect("a script").iter().map(|line| line.as_str().expect("a line")).collect();
    let mut command = runner.command("sh");
    command.arg("-c").arg(lines.join("\n")).env("CI_PROJECT_DIR", runner.path("work"));
    for (name, value) in job["variables"].as_object().expect("variables") {
        command.env(name, value.as_str().expect("a text, as the runner wants it"));
    }
    command.env("COUNTERSIGN_BINARY", env!("CARGO_BIN_EXE_countersign"));
    command.envs(variables.iter().copied());
    command
}

#[test]
fn the_gitlab_job_leaves_the_reports_that_it_promises() {
    let runner = Runner::new();
    audit(&runner.path("work"), CHECKS);
    ends_with(&ran(&mut gitlab(&runner, &[])), 1);
    let job = &yaml("integrations/gitlab.yml")[".countersign"];
    assert_eq!(job["artifacts"]["when"], "always");
    for (name, path) in job["artifacts"]["reports"].as_object().expect("reports") {
        let file = runner.path("work").join(path.as_str().expect("a path"));
        assert!(fs::metadata(&file).is_ok_and(|file| file.len() > 2), "{name}: {}", file.display());
    }
    assert!(runner.path("work/countersign-audit/bundle/report.html").is_file());
    ends_with(&ran(&mut gitlab(&runner, &[("COUNTERSIGN_ACCEPT", "conditional")])), 0);
}

#[test]
fn no_variable_of_the_gitlab_job_becomes_a_command_or_an_option() {
    let runner = Runner::new();
    audit(&runner.path("work").join(HOSTILE), CHECKS);
    ends_with(&ran(&mut gitlab(&runner, &[("COUNTERSIGN_AUDIT", HOSTILE)])), 1);
    runner.nothing_was_injected();
    for (variable, value) in [
        ("COUNTERSIGN_AUDIT", "--help"),
        ("COUNTERSIGN_ACCEPT", HOSTILE),
        ("COUNTERSIGN_BASELINE", HOSTILE),
        ("COUNTERSIGN_CLAIMS_ONLY", HOSTILE),
        ("COUNTERSIGN_NO_COMMANDS", "1"),
        ("COUNTERSIGN_UNTRUSTED", "yes"),
    ] {
        let runner = Runner::new();
        audit(&runner.path("work"), CHECKS);
        let job = ran(&mut gitlab(&runner, &[(variable, value)]));
        assert_eq!(job.code, 4, "{variable}={value}\n{}\n{}", job.stdout, job.stderr);
        runner.nothing_was_injected();
    }
}

#[test]
fn the_gitlab_job_installs_the_program_when_the_image_has_none() {
    let runner = Runner::new();
    audit(&runner.path("work"), CHECKS);
    let mut job = gitlab(&runner, &[("COUNTERSIGN_BINARY", ""), ("COUNTERSIGN_SOURCE", HOSTILE)]);
    with_cargo(&runner, &mut job);
    ends_with(&ran(&mut job), 1);
    let called = runner.read("called");
    assert!(called.starts_with("install\n") && called.contains(&format!("--git\n{HOSTILE}\n")), "{called}");
    runner.nothing_was_injected();
    let job = ran(&mut gitlab(&runner, &[("COUNTERSIGN_BINARY", "")]));
    ends_with(&job, 4);
    assert!(job.stderr.contains("COUNTERSIGN_SOURCE"), "{}", job.stderr);
}

#[test]
fn the_hooks_name_commands_that_there_are() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hooks = hooks.as_array().expect("a list");
    let ids: Vec<_> = hooks.iter().map(|hook| hook["id"].as_str().expect("an id")).collect();
    assert_eq!(ids, ["countersign-lint", "countersign-claims"]);
    for hook in hooks {
        let mut words = hook["entry"].as_str().expect("a command").split(' ');
        assert_eq!(words.next(), Some("countersign"));
        let help = ran(countersign().args(words).arg("--help"));
        ends_with(&help, 0);
        assert_eq!(hook["pass_filenames"], false, "an included file is no audit of its own");
    }
}

/// pre-commit with nothing of the caller's in it; said aloud when there is none, and a failure where one is wanted.
fn pre_commit(runner: &Runner) -> Option<Command> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(program) =
        std::env::split_paths(&path).map(|folder| folder.join("pre-commit")).find(|file| file.is_file())
    else {
        assert!(std::env::var_os("COUNTERSIGN_REQUIRE_SERVERS").is_none(), "pre-commit is not installed");
        std::io::stderr().write_all(b"SKIPPED: pre-commit is not installed; pip install pre-commit\n").expect("stderr");
        return None;
    };
    let binary = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().expect("a folder").to_owned();
    let path = std::env::join_paths(std::iter::once(binary).chain(std::env::split_paths(&path))).expect("a PATH");
    let mut command = git_free(runner.command(program));
    command.env("PATH", path).env("HOME", runner.path("temp dir")).env("PRE_COMMIT_HOME", runner.path("hooks home"));
    Some(command)
}

/// Nothing of the machine's git configuration reaches it.
fn git_free(mut command: Command) -> Command {
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Tester").env(format!("GIT_{role}_EMAIL"), "t@example.com");
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    command
}

/// Commits everything in a folder and returns the commit.
fn committed(runner: &Runner, folder: &Path) -> String {
    let git = |arguments: &[&str]| {
        let ran = ran(git_free(runner.command("git")).current_dir(folder).args(arguments));
        assert_eq!(ran.code, 0, "git {arguments:?}: {}", ran.stderr);
        ran.stdout.trim().to_owned()
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "Begin"]);
    git(&["rev-parse", "HEAD"])
}

#[test]
fn pre_commit_itself_runs_the_hooks() {
    let runner = Runner::new();
    let Some(mut validate) = pre_commit(&runner) else { return };
    let manifest = repository().join(".pre-commit-hooks.yaml");
    ends_with(&ran(validate.arg("validate-manifest").arg(&manifest)), 0);

    // As they stand, but with the program that is built already: building it again would take minutes.
    let hooks = runner.path("hooks");
    fs::create_dir(&hooks).expect("a folder");
    let text = fs::read_to_string(manifest).expect("the hooks");
    let text = text.replace("language: rust", "language: system");
    fs::write(hooks.join(".pre-commit-hooks.yaml"), text).expect("a file");
    let revision = committed(&runner, &hooks);

    let project = runner.path("work");
    fs::write(project.join("README.md"), "# Thing\n\n- Lines: 3\n").expect("a file");
    fs::write(project.join("data.json"), "{\"lines\": 3}\n").expect("a file");
    let checks = "      - {id: lines, query: {file: data.json, jq: .lines}, expect: {value: \"> 0\"}}
claims:
  - {id: lines, fact: all.lines.value, at: [README.md#Thing/Lines]}
";
    audit(&project, checks);
    let config = format!(
        "repos:\n  - repo: {}\n    rev: {revision}\n    hooks: [{{id: countersign-lint}}, {{id: countersign-claims}}]\n",
        hooks.display()
    );
    fs::write(project.join(".pre-commit-config.yaml"), config).expect("a file");
    committed(&runner, &project);
    let run = || ran(pre_commit(&runner).expect("it is there").args(["run", "--all-files", "--verbose"]));
    ends_with(&run(), 0);

    fs::write(project.join("README.md"), "# Thing\n\n- Lines: 4\n").expect("a file");
    let wrong = run();
    ends_with(&wrong, 1);
    assert!(wrong.stdout.contains("README.md:3:10"), "{}", wrong.stdout);
}
