//! Everything that the program writes, by the command, format or site that wrote it. What there is, the program says itself:
//! a format, a site or a command that is new is run here without anybody thinking of it, or this ends.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{CANARIES, quoted};
use crate::support::{countersign, lines, skipped};

/// What shows nothing of any answer, even where nothing in it is secret.
pub(super) const SILENT: &[&str] = &[
    "--format in-toto",
    "--format openmetrics",
    "diff --format human",
    "diff --format markdown",
    "history --format human",
    "history --format json",
    "history --format markdown",
    "lint --format json",
    "proofread --format github",
    "proofread --format human",
    "proofread --format json",
    "proofread --format sarif",
    "verify --format human",
    "verify --format json",
    "watch --serve /",
    "watch --serve /metrics",
];

/// Commands that are asked for here, and those that never see a secret of an audit: they write what is built in, or read
/// documents and files of which no audit says that anything in them is secret.
const ASKED: [&str; 14] = [
    "run",
    "watch",
    "lint",
    "render",
    "publish",
    "merge",
    "diff",
    "history",
    "verify",
    "sign",
    "gate",
    "proofread",
    "add",
    "formats",
];
const WITHOUT_SECRETS: [&str; 7] = ["init", "locate", "kinds", "schema", "completions", "man", "help"];

/// What was written, and where it was.
pub(super) struct Outputs {
    place: tempfile::TempDir,
    /// By family and name.
    all: BTreeMap<(String, String), Vec<u8>>,
}

impl Outputs {
    pub(super) fn new() -> Self {
        Self { place: tempfile::tempdir().unwrap(), all: BTreeMap::new() }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Each output with what it is called.
    pub(super) fn all(&self) -> impl Iterator<Item = (String, &Vec<u8>)> {
        self.all.iter().map(|((family, name), bytes)| (format!("{family}: {name}"), bytes))
    }

    /// All outputs of a family together.
    pub(super) fn families(&self) -> BTreeMap<String, Vec<u8>> {
        let mut families: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for ((family, _), bytes) in &self.all {
            let all = families.entry(family.clone()).or_default();
            all.extend(bytes);
            all.push(b'\n');
        }
        families
    }

    /// The program, knowing every secret.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = countersign();
        command.args(arguments).current_dir(self.place.path()).env("TMPDIR", self.place.path());
        command.env("GITHUB_STEP_SUMMARY", self.path("step-summary.md")).envs(CANARIES);
        command
    }

    /// Runs it, and takes what it wrote to the terminal. It must have done its work.
    fn run(&mut self, family: &str, arguments: &[&str]) {
        let output = self.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|code| code < 4), "{arguments:?}: {told}");
        self.keep(family, &format!("stdout of {arguments:?}"), output.stdout);
        self.keep(family, &format!("stderr of {arguments:?}"), output.stderr);
    }

    fn keep(&mut self, family: &str, name: &str, bytes: Vec<u8>) {
        self.all.insert((family.to_owned(), name.to_owned()), bytes);
    }

    /// Takes every file below a place, with its name.
    fn keep_files(&mut self, family: &str, place: &str) {
        for (name, bytes) in crate::bundles::files(&self.path(place)) {
            let named = [name.as_bytes(), b"\n", &bytes].concat();
            self.keep(family, &format!("{place}/{name}"), named);
        }
    }

    /// What the program says of itself.
    fn told(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.command(arguments).output().unwrap().stdout).unwrap()
    }

    /// The first word of each line.
    fn listed(&self, arguments: &[&str]) -> Vec<String> {
        let words = |text: String| text.lines().filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect();
        let listed: Vec<String> = words(self.told(arguments));
        assert!(listed.len() > 2, "{arguments:?}");
        listed
    }

    /// The values that an option takes, as the help has them.
    fn values(&self, command: &str, option: &str) -> Vec<String> {
        let help = self.told(&[command, "-h"]).split_whitespace().collect::<Vec<_>>().join(" ");
        let of_option = help.split(&format!("--{option} ")).nth(1).unwrap_or_else(|| panic!("{command} --{option}"));
        let values = of_option.split("[possible values: ").nth(1).unwrap().split(']').next().unwrap();
        values.split(", ").map(str::to_owned).collect()
    }

    /// Runs every command, and takes all that is written.
    pub(super) fn collect(&mut self, token: &dyn Fn(&str) -> String) {
        self.every_command_is_known();
        self.the_audit();
        self.formats();
        self.what_reads_bundles();
        self.sites();
        self.parts();
        self.watched();
        self.added(token);
        self.gated(token);
    }

    fn every_command_is_known(&self) {
        let help = self.told(&["-h"]);
        let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
        for line in commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
            let command = line.trim().split(' ').next().unwrap();
            let known = ASKED.contains(&command) || WITHOUT_SECRETS.contains(&command);
            assert!(known, "may `{command}` write a secret? Ask it here");
        }
    }

    fn the_audit(&mut self) {
        self.run("run --plan", &["run", "checks", "--plan"]);
        self.run("run", &["run", "checks", "--to", "bundles/one"]);
        fs::remove_file(self.path("checks/results.xml")).unwrap();
        self.run("run", &["run", "checks", "--to", "bundles/two", "--previous", "bundles/one", "--history", "bundles"]);
        for part in ["record.json", "report.md", "report.html"] {
            for bundle in ["one", "two"] {
                let bytes = fs::read(self.path(&format!("bundles/{bundle}/{part}"))).unwrap();
                self.keep(part, bundle, bytes);
            }
        }
        self.keep_files("evidence", "bundles/one/evidence");
        self.keep_files("evidence", "bundles/two/evidence");
        if let Ok(lock) = fs::read(self.path("checks/audit.lock.json")) {
            self.keep("run", "lock", lock);
        }
        self.run("run --replay", &["run", "checks", "--replay", "bundles/one", "--to", "replayed"]);
        self.keep_files("run --replay", "replayed");
    }

    fn formats(&mut self) {
        let formats = self.listed(&["formats"]);
        fs::create_dir(self.path("formats")).unwrap();
        for format in &formats {
            let family = format!("--format {format}");
            self.run(&family, &["render", "bundles/one", "--format", format, "--audit", "checks"]);
            fs::create_dir(self.path(&format!("formats/{format}"))).unwrap();
        }
        let all: Vec<String> = formats.iter().map(|format| format!("{format}=formats/{format}/")).collect();
        self.run("run", &["run", "checks", "--to", "with-formats", "--format", &all.join(",")]);
        for format in &formats {
            self.keep_files(&format!("--format {format}"), &format!("formats/{format}"));
        }
        let summary = fs::read(self.path("step-summary.md")).unwrap();
        self.keep("--format github", "job summary", summary);
    }

    fn what_reads_bundles(&mut self) {
        self.run("render --brief", &["render", "bundles/one", "--brief", "--to", "brief"]);
        self.keep_files("render --brief", "brief");
        self.run("render", &["render", "bundles/one", "--to", "rendered"]);
        self.keep_files("render", "rendered");
        for format in self.values("diff", "format") {
            self.run(&format!("diff --format {format}"), &["diff", "bundles/one", "bundles/two", "--format", &format]);
        }
        for format in self.values("history", "format") {
            self.run(&format!("history --format {format}"), &["history", "bundles", "--format", &format]);
        }
        for format in self.values("verify", "format") {
            let arguments = ["verify", "bundles/one", "--root", "checks", "--format", &format];
            self.run(&format!("verify --format {format}"), &arguments);
        }
        for format in self.values("lint", "format") {
            self.run(&format!("lint --format {format}"), &["lint", "checks", "--format", &format]);
        }
        for format in self.values("proofread", "format") {
            let arguments = ["proofread", "bundles/one/report.md", "--format", &format];
            self.run(&format!("proofread --format {format}"), &arguments);
        }
    }

    fn sites(&mut self) {
        for site in self.listed(&["publish", "--list"]) {
            let family = format!("publish --site {site}");
            let (root, below) = ground(&site);
            let root = self.path(&format!("site-{site}/{root}"));
            fs::create_dir_all(root.parent().unwrap()).unwrap();
            fs::write(root, "# Ours\n\n<!-- countersign:begin -->\n<!-- countersign:end -->\n").unwrap();
            let to = format!("site-{site}/{below}");
            self.run(&family, &["publish", "bundles/one", "bundles/two", "--site", &site, "--to", &to]);
            self.keep_files(&family, &format!("site-{site}"));
        }
        for evidence in self.values("publish", "evidence") {
            let family = format!("publish --evidence {evidence}");
            let to = format!("evidence-{evidence}/docs/audits");
            self.run(&family, &["publish", "bundles/one", "--site", "mkdocs", "--to", &to, "--evidence", &evidence]);
            self.keep_files(&family, &format!("evidence-{evidence}"));
        }
    }

    fn parts(&mut self) {
        for shard in ["1/2", "2/2"] {
            let to = format!("part-{}", &shard[..1]);
            self.run("merge", &["run", "checks", "--shard", shard, "--to", &to]);
        }
        self.run("merge", &["merge", "part-1", "part-2", "--to", "merged"]);
        self.keep_files("merge", "merged");
    }

    fn watched(&mut self) {
        let mut served = Served::start(self.command(&["watch", "checks", "--serve", "127.0.0.1:0", "--to", "watched"]));
        let address = served.line("shown at http://");
        let first = served.stdout.recv_timeout(Duration::from_secs(60)).unwrap();
        self.keep("watch", "stdout", first.into_bytes());
        for path in ["/", "/report", "/metrics", "/record.json"] {
            let answer = get(&address, path);
            self.keep(&format!("watch --serve {path}"), "answer", answer);
        }
        let rest = served.end();
        self.keep("watch", "the rest", rest.into_bytes());
        self.keep_files("watch", "watched");
    }

    /// A check that is measured as it is added.
    fn added(&mut self, token: &dyn Fn(&str) -> String) {
        crate::support::audit(
            &self.path("added"),
            "      - {id: one, command: {run: [\"true\"]}, expect: {exit: == 0}}\n",
        );
        let run = format!("run={}", serde_json::json!(["echo", token("ARGUMENT")]));
        let to = ["--area", "all", "--to", "added/audit.yaml"];
        self.run("add", &[&["add", "command", &run, "--id", "two"], &to[..]].concat());
        let missing = format!("run={}", serde_json::json!([format!("no-{}", token("ARGUMENT"))]));
        let expect = ["--id", "three", "--unmeasured", "--expect", "exit: == 0"];
        self.run("add", &[&["add", "command", &missing], &expect[..], &to[..]].concat());
        self.keep_files("add", "added");
    }

    /// A rollout whose audit is signed, and whose stage is looked at.
    fn gated(&mut self, token: &dyn Fn(&str) -> String) {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(self.path("key")).stdin(Stdio::null());
        if !keygen.status().is_ok_and(|status| status.success()) {
            return skipped("there is no ssh-keygen to sign with");
        }
        let public = fs::read_to_string(self.path("key.pub")).unwrap();
        let line = format!("a@example.com namespaces=\"signoff.v1@countersign\" {public}");
        fs::write(self.path("allowed"), line).unwrap();
        fs::write(self.path("revoked"), "").unwrap();
        fs::create_dir(self.path("rollout")).unwrap();
        fs::write(self.path("rollout/audit.yaml"), rollout(token)).unwrap();
        self.run("sign", &["run", "rollout", "--to", "signed"]);
        let statement = "I have read it.";
        self.run("sign", &["sign", "signed", "--role", "lead", "--key", "key", "--yes", "--statement", statement]);
        self.keep_files("sign", "signed");
        let keys = ["--allowed-signers", "allowed", "--revoked", "revoked"];
        self.run("sign", &[&["verify", "signed", "--policy", "rollout"], &keys[..]].concat());
        let gate = [&["gate", "signed", "--root", "rollout"], &keys[..]].concat();
        let stage = ["--stage", "canary"];
        self.run("gate", &[&gate[..], &stage, &["--to", "gate"]].concat());
        self.keep_files("gate", "gate");
        self.run("gate --json", &[&gate[..], &stage, &["--json", "--to", "gate-json"]].concat());
        for format in self.listed(&["formats"]) {
            let place = format!("gate-{format}");
            let formats = ["--format", &format, "--to", &place];
            self.run(&format!("gate --format {format}"), &[&gate[..], &stage, &formats].concat());
        }
        let mut served =
            Served::start(self.command(&[&gate[..], &["--serve", "127.0.0.1:0", "--to", "gates"]].concat()));
        let address = served.line("asked at http://");
        let answer = get(&address, "/canary");
        self.keep("gate --serve", "answer", answer);
        let rest = served.end();
        self.keep("gate --serve", "the rest", rest.into_bytes());
    }
}

/// What a kind of site is known by, and where its audits go.
fn ground(site: &str) -> (&'static str, &'static str) {
    match site {
        "docusaurus" => ("docusaurus.config.js", "docs/audits"),
        "vitepress" => (".vitepress/config.mts", "audits"),
        "starlight" => ("astro.config.mjs", "src/content/docs/audits"),
        "obsidian-digital-garden-repository" => (".eleventy.js", "src/site/notes/audits"),
        "mdbook" => ("src/SUMMARY.md", "src/audits"),
        "github-wiki" => ("_Sidebar.md", "."),
        "hugo" => ("hugo.toml", "content/audits"),
        _ => ("site", "docs/audits"),
    }
}

fn rollout(token: &dyn Fn(&str) -> String) -> String {
    let environment = format!("env: {{T: {}}}", quoted(&token("ENVIRONMENT")));
    let refused = quoted(&format!("http://127.0.0.1:1/?q={}", token("QUERY")));
    let missing = quoted(&format!("no-{}", token("ARGUMENT")));
    format!(
        "audit: {{id: rollout, subject: {{name: Thing}}, go-live: 2025-01-01T00:00Z}}
areas:
  - area: ops
    checks:
      - {{id: ok, command: {{shell: 'echo \"$T\"', {environment}}}, expect: {{exit: == 0}}}}
signoff:
  roles: {{lead: {{members: [a@example.com], threshold: 1}}}}
  author-may-approve: true
rollout:
  owner: Cora
  way-back: ./back.sh
  signals:
    - {{id: errors, command: {{shell: 'echo \"$T e=0.5\"', {environment}, extract: 'e=(?P<value>[0-9.]+)'}}, fact: value}}
    - {{id: web, http: {{url: {refused}}}, fact: status}}
    - {{id: program, command: {{run: [{missing}]}}, fact: exit}}
  stages:
    - {{name: canary, to: 5%, soak: 1h, proceed-when: [errors < 1, web == 200, program == 0], roll-back-when: [errors > 5]}}
    - {{name: everybody, to: 100%, roll-back-when: [errors > 5]}}
"
    )
}

/// A command that serves until it is ended.
struct Served {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    seen: String,
}

impl Served {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdout, stderr) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, stdout, stderr, seen: String::new() }
    }

    /// What stands behind that on stderr: the address.
    fn line(&mut self, before: &str) -> String {
        loop {
            let line = self.stderr.recv_timeout(Duration::from_secs(60)).expect("it says where it serves");
            self.seen.push_str(&line);
            if let Some(address) = line.strip_prefix(before) {
                return address.trim_end_matches('/').to_owned();
            }
        }
    }

    /// Ends it; everything else that it wrote.
    fn end(mut self) -> String {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
        assert!(self.child.wait().unwrap().code().is_some(), "it ends by itself");
        let rest: Vec<String> = self.stdout.iter().chain(self.stderr.iter()).collect();
        std::mem::take(&mut self.seen) + &rest.join("\n")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}: {}", String::from_utf8_lossy(&answer));
    answer
}
