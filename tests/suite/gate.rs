//! The gate of a stage, with the real binary: what it decides, what it refuses to look at, and what it leaves behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use countersign::judge::{Seen, judge};
use countersign::record::{from_bytes, to_bytes};
use serde_json::Value;

use crate::support::{Ran, countersign, ran};

const AUDIT: &str = r"
audit: {id: trial, subject: {name: Thing}, go-live: 2025-01-01T00:00Z}
areas:
  - area: ops
    checks:
      - {id: ok, command: {run: [cat, ok]}, expect: {exit: == 0}}
rollout:
  owner: Cora
  way-back: ./back.sh --now
  signals:
    - {id: errors, command: {run: [cat, errors], extract: '(?P<value>[0-9.]+)'}, fact: value}
    - {id: queue, command: {run: [cat, queue], extract: '(?P<value>[0-9.]+)'}, fact: value}
  stages:
    - name: canary
      to: 5%
      soak: 12h
      proceed-when: [errors < 1, ops.ok.exit == 0]
      roll-back-when: [errors > 5 2 times in a row, queue > 1000]
    - name: slow
      to: 50%
      soak: 1h
      proceed-when: [queue < 100 for 2s]
      roll-back-when: [errors > 5 for 1h]
    - name: blind
      to: 60%
      soak: 1h
      proceed-when: [latency < 1]
      roll-back-when: [errors > 5]
    - {name: idle, to: 70%, soak: 1h}
    - name: everybody
      to: 100%
      roll-back-when: [errors > 5]
";

/// A folder with a signed-off audit (nobody has to sign it) and the files that its signals read.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self::with(AUDIT)
    }

    fn with(audit: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, text) in [("audit.yaml", audit), ("ok", "fine"), ("errors", "0.5"), ("queue", "5")] {
            place.put(name, text);
        }
        let made = ran(countersign().current_dir(place.path()).args([
            "run",
            ".",
            "--to",
            "bundle",
            "--accept",
            "conditional",
        ]));
        assert!(made.code < 4, "{}", made.stderr);
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = countersign();
        command.current_dir(self.path()).args(["gate", "bundle", "--to", "gate", "--every", "1s"]).args(more);
        command
    }

    fn gate(&self, more: &[&str]) -> Ran {
        ran(&mut self.command(more))
    }

    fn json(&self, more: &[&str]) -> (i32, Value) {
        let ran = self.gate(&[&["--json"], more].concat());
        let json =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        (ran.code, json)
    }

    fn record(&self) -> PathBuf {
        self.path().join("gate/record.json")
    }
}

fn met(json: &Value, check: &str) -> Option<bool> {
    let conditions = json["conditions"].as_array().unwrap();
    conditions.iter().find(|condition| condition["check"] == check).unwrap_or_else(|| panic!("{check}: {json}"))["met"]
        .as_bool()
}

#[test]
fn a_stage_goes_on_when_everything_is_met_and_nothing_takes_it_back() {
    let place = Place::new();
    let (code, json) = place.json(&["--stage", "canary"]);
    assert_eq!((code, &json["decision"], &json["next"]), (0, &Value::from("proceed"), &Value::from("slow")), "{json}");
    assert_eq!(json["exit"], 0);
    assert_eq!(met(&json, "stage/soaked"), Some(true));
    assert_eq!(met(&json, "proceed/errors"), Some(true));
    assert_eq!(met(&json, "proceed/ops-ok-exit"), Some(true));
    assert_eq!(met(&json, "roll-back/errors"), Some(false));
    let ran = place.gate(&["--stage", "canary"]);
    assert!(ran.stdout.contains("PROCEED"), "{}", ran.stdout);
}

/// A condition to roll back holds the stage in place by not being met: what says yes says yes to that.
#[test]
fn what_a_gate_and_its_documents_say_reads_the_right_way_round() {
    let place = Place::new();
    let written =
        ["json=results.json", "openmetrics=metrics.prom", "tap=results.tap", "in-toto=in-toto.json"].join(",");
    let ran = place.gate(&["--stage", "canary", "--since", "2999-01-01T00:00Z", "--format", &written]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("✓ not: errors > 5 2 times in a row"), "{}", ran.stdout);
    assert!(ran.stdout.contains("✓ errors < 1"), "{}", ran.stdout);
    let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap();
    assert!(
        read("results.tap").contains(" - roll-back/errors Does not hold: errors > 5 2 times"),
        "{}",
        read("results.tap")
    );
    let results: Value = serde_json::from_str(&read("results.json")).unwrap();
    assert_eq!(results["verdict"]["id"], "hold");
    assert!(read("metrics.prom").contains("verdict=\"hold\"} 1\n"), "{}", read("metrics.prom"));
    assert!(!read("metrics.prom").contains("approved"), "{}", read("metrics.prom"));
    assert!(read("in-toto.json").contains("\"FAILED\""), "{}", read("in-toto.json"));
    let report = read("gate/report.md");
    assert!(report.contains("[Nothing takes it back](#area-roll-back): 2 checks, all passing."), "{report}");
    assert!(report.contains("has not come"), "{report}");
    let (code, json) = place.json(&["--stage", "canary"]);
    let conditions = json["conditions"].as_array().unwrap();
    assert!(code == 0 && conditions.iter().any(|one| one["text"] == "errors > 5 2 times in a row"), "{json}");
    place.put("errors", "7");
    let ran = place.gate(&["--stage", "canary", "--format", &written]);
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("✗ errors > 5 2 times in a row"), "{}", ran.stdout);
    let results: Value = serde_json::from_str(&read("results.json")).unwrap();
    assert_eq!(results["verdict"]["id"], "roll-back");
}

#[test]
fn a_condition_that_does_not_hold_yet_holds_the_stage() {
    let place = Place::new();
    place.put("errors", "3");
    let (code, json) = place.json(&["--stage", "canary"]);
    assert_eq!((code, &json["decision"]), (1, &Value::from("hold")), "{json}");
    assert_eq!(json["because"], "not met yet: errors < 1");
    assert_eq!(json["evidenceMissing"], false);
}

#[test]
fn a_stage_that_has_not_soaked_is_held() {
    let place = Place::new();
    let (code, json) = place.json(&["--stage", "canary", "--since", "2999-01-01T00:00Z"]);
    assert_eq!((code, met(&json, "stage/soaked")), (1, Some(false)), "{json}");
}

#[test]
fn one_thing_that_takes_a_stage_back_is_enough() {
    let place = Place::new();
    place.put("queue", "2000");
    let ran = place.gate(&["--stage", "canary"]);
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("ROLL BACK"), "{}", ran.stdout);
    assert!(ran.stdout.contains("because queue > 1000 is met"), "{}", ran.stdout);
    assert!(ran.stderr.contains("the way back:\n  ./back.sh --now"), "{}", ran.stderr);
}

#[test]
fn samples_that_a_condition_counts_are_waited_for() {
    let place = Place::new();
    place.put("errors", "9");
    let (code, json) = place.json(&["--stage", "canary"]);
    assert_eq!((code, met(&json, "roll-back/errors")), (2, Some(true)), "{json}");
}

#[test]
fn what_could_not_be_seen_holds_the_stage_and_says_so() {
    let place = Place::new();
    fs::remove_file(place.path().join("queue")).unwrap();
    let (code, json) = place.json(&["--stage", "canary"]);
    assert_eq!(
        (code, &json["decision"], &json["evidenceMissing"]),
        (3, &Value::from("hold"), &Value::from(true)),
        "{json}"
    );
    assert_eq!(met(&json, "roll-back/queue"), None);
    assert!(json["because"].as_str().unwrap().contains("not seen: queue > 1000"), "{json}");
}

#[test]
fn what_nothing_measures_holds_the_stage() {
    let place = Place::new();
    let (code, json) = place.json(&["--stage", "blind"]);
    assert_eq!((code, met(&json, "proceed/latency")), (3, None), "{json}");
}

#[test]
fn a_length_of_time_is_known_once_it_was_watched() {
    let place = Place::new();
    let (code, json) = place.json(&["--stage", "slow"]);
    assert_eq!((code, met(&json, "proceed/queue")), (3, None), "a command remembers nothing: {json}");
    assert_eq!(met(&json, "roll-back/errors"), Some(false), "what does not hold now has not held for an hour");
    let (code, json) = place.json(&["--stage", "slow", "--watch", "3s"]);
    assert_eq!((code, met(&json, "proceed/queue")), (0, Some(true)), "{json}");
}

#[test]
fn a_watch_ends_when_the_stage_is_taken_back() {
    let place = Place::new();
    let began = Instant::now();
    let mut child = place
        .command(&["--stage", "canary", "--watch", "600s", "--json"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert!(child.try_wait().unwrap().is_none(), "nothing takes it back yet");
    place.put("queue", "5000");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(began.elapsed() < Duration::from_secs(300));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(met(&json, "roll-back/queue"), Some(true), "{json}");
    let record: Value = serde_json::from_slice(&fs::read(place.record()).unwrap()).unwrap();
    assert!(record["run"].get("interrupted").is_none(), "it was decided, not interrupted");
}

/// A stage that two conditions take back at once, and a sample of the first takes a while.
fn two_ways_back(seconds: u32) -> String {
    let audit = AUDIT.replace("{run: [cat, errors],", &format!("{{shell: 'sleep {seconds}; cat errors',"));
    audit.replace("[errors > 5 2 times in a row, queue > 1000]", "[errors > 5, queue > 1000]")
}

#[test]
fn without_a_watch_every_condition_is_looked_at() {
    let place = Place::with(&two_ways_back(1));
    place.put("queue", "2000");
    let (code, json) = place.json(&["--stage", "canary"]);
    assert_eq!(code, 2, "{json}");
    assert_eq!(met(&json, "roll-back/queue"), Some(true), "{json}");
    assert_eq!(met(&json, "roll-back/errors"), Some(false), "{json}");
}

#[test]
fn a_watch_says_what_it_did_not_look_at_any_more() {
    // Longer than the other one takes on a busy machine, and nobody waits for it.
    let place = Place::with(&two_ways_back(9));
    place.put("queue", "2000");
    let (code, json) = place.json(&["--stage", "canary", "--watch", "60s"]);
    assert_eq!((code, met(&json, "roll-back/errors")), (2, None), "{json}");
    let record = fs::read_to_string(place.record()).unwrap();
    assert!(record.contains("not looked at any more: the stage is taken back already"), "{record}");
    assert!(!record.contains(r#""skipped":"interrupted""#), "{record}");
    let replayed = ran(countersign().current_dir(place.path()).args(["verify", "gate"]));
    assert_eq!(replayed.code, 0, "{}{}", replayed.stdout, replayed.stderr);
}

#[cfg(unix)]
#[test]
fn a_watch_that_is_told_to_end_holds_the_stage() {
    use nix::sys::signal::{Signal, kill};
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let place = Place::new();
        let mut child = place.command(&["--stage", "canary", "--watch", "600s", "--json"]);
        let child = child.stdout(std::process::Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_secs(2));
        kill(nix::unistd::Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{signal}: nobody knows what it would have come to");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["decision"], "hold", "{json}");
        let record: Value = serde_json::from_slice(&fs::read(place.record()).unwrap()).unwrap();
        assert_eq!(record["run"]["interrupted"], true);
    }
}

#[test]
fn the_bundle_of_a_gate_is_one_like_any_other_and_names_the_audit() {
    let place = Place::new();
    let (_, json) = place.json(&["--stage", "canary"]);
    let at = |command: &str| ran(countersign().current_dir(place.path()).args([command, "gate"]));
    let verified = at("verify");
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    assert!(verified.stdout.contains("UTC: proceed"), "{}", verified.stdout);
    let record: Value = serde_json::from_slice(&fs::read(place.record()).unwrap()).unwrap();
    let audit = fs::read(place.path().join("bundle/record.json")).unwrap();
    let sha256 = format!("{:x}", <sha2::Sha256 as sha2::Digest>::digest(&audit));
    assert_eq!(record["previous"], sha256.as_str());
    assert_eq!(json["previous"], sha256.as_str());
    let report = fs::read_to_string(place.path().join("gate/report.md")).unwrap();
    assert!(report.contains("The rollout may go on from canary to slow."), "{report}");
}

#[test]
fn nothing_is_measured_for_an_audit_that_was_changed() {
    let place = Place::new();
    let path = place.path().join("bundle/record.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("queue > 1000", "queue > 9000", 1)).unwrap();
    let ran = place.gate(&["--stage", "canary"]);
    assert_eq!(ran.code, 5, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("nothing was measured"), "{}", ran.stderr);
    assert!(!place.record().exists());
}

#[test]
fn nothing_is_measured_for_an_audit_that_was_not_approved() {
    let rejected = AUDIT.replacen(
        "{id: ok, ",
        "{id: bad, severity: blocker, command: {run: [\"false\"]}, expect: {exit: == 0}}\n      - {id: ok, ",
        1,
    );
    let place = Place::with(&rejected);
    let ran = place.gate(&["--stage", "canary"]);
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("the audit \"trial\" is rejected"), "{}", ran.stderr);
    assert!(!place.record().exists());
}

#[test]
fn an_audit_that_must_be_signed_is_signed_first() {
    let signed =
        format!("{AUDIT}signoff: {{roles: {{lead: {{members: [cora@example.com]}}}}, author-may-approve: true}}\n");
    let place = Place::with(&signed);
    let ran = place.gate(&["--stage", "canary"]);
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("give --allowed-signers"), "{}", ran.stderr);
    place.put("signers", "");
    place.put("revoked", "");
    let keys = ["--allowed-signers", "signers", "--revoked", "revoked"];
    let ran = place.gate(&[&["--stage", "canary"], &keys[..]].concat());
    assert_eq!(ran.code, 5, "{}{}", ran.stdout, ran.stderr);
    assert!(!place.record().exists());
    let Some(allowed) = sign(&place) else { return };
    place.put("signers", &allowed);
    let (code, json) = place.json(&[&["--stage", "canary"], &keys[..]].concat());
    assert_eq!((code, &json["decision"]), (0, &Value::from("proceed")), "{json}");
}

#[test]
fn on_which_conditions_the_audit_was_signed_and_who_was_against_it_is_told() {
    let place = Place::with(&format!(
        "{AUDIT}signoff: {{roles: {{lead: {{members: [cora@example.com, dora@example.com]}}}}, author-may-approve: true}}\n"
    ));
    let Some(allowed) = sign_with(&place, "cora", &["--approve-with-conditions", "Watch ##[error]it"]) else { return };
    let Some(against) = sign_with(&place, "dora", &["--reject", "--statement", "Not on a Friday"]) else { return };
    place.put("signers", &format!("{allowed}{against}"));
    place.put("revoked", "");
    let asked = ["--stage", "canary", "--allowed-signers", "signers", "--revoked", "revoked"];
    let (code, json) = place.json(&asked);
    assert_eq!((code, &json["decision"]), (0, &Value::from("proceed")), "{json}");
    let reserved = json["reserved"].as_array().unwrap();
    let said: Vec<&str> = reserved.iter().map(|one| one["decision"].as_str().unwrap()).collect();
    assert!(said.len() == 2 && said.contains(&"reject") && said.contains(&"approve-with-conditions"), "{json}");
    assert!(!json.to_string().contains("##["), "{json}");
    let schema: Value = serde_json::from_str(&ran(countersign().args(["schema", "gate"])).stdout).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&json), "{json}");
    let told = place.gate(&asked).stderr;
    assert!(told.contains("cora@example.com as lead approves with conditions\n  on condition: Watch "), "{told}");
    assert!(told.contains("dora@example.com as lead rejects\n  in these words: Not on a Friday\n"), "{told}");
}

/// Signs the audit as its lead with a new key; the line of the allowed signers. `None`, said loudly, without `ssh-keygen`.
fn sign(place: &Place) -> Option<String> {
    sign_with(place, "cora", &[])
}

/// As [`sign`], by somebody with a key of that name, and with these flags.
fn sign_with(place: &Place, who: &str, flags: &[&str]) -> Option<String> {
    let made = Command::new("ssh-keygen")
        .current_dir(place.path())
        .args(["-q", "-t", "ed25519", "-N", "", "-f", who])
        .status();
    if !made.is_ok_and(|status| status.success()) {
        crate::support::skipped("there is no ssh-keygen");
        return None;
    }
    let signer = format!("{who}@example.com");
    let arguments = ["sign", "bundle", "--role", "lead", "--signer", &signer, "--key", who, "--yes"];
    let signed = ran(countersign().current_dir(place.path()).args(arguments).args(flags));
    assert_eq!(signed.code, 0, "{}{}", signed.stdout, signed.stderr);
    let key = fs::read_to_string(place.path().join(format!("{who}.pub"))).unwrap();
    Some(format!("{signer} namespaces=\"signoff.v1@countersign\" {key}"))
}

#[test]
fn what_cannot_be_asked_is_told_with_the_way_out() {
    let place = Place::new();
    let cases: [(&[&str], &str); 3] = [
        (&["--stage", "canry"], "the rollout has no stage \"canry\"\nhelp: name one of canary, slow"),
        (&["--stage", "idle"], "\"idle\" has no condition to go on and none to roll back"),
        (&["--stage", "canary", "--watch", "0s"], "0s"),
    ];
    for (more, message) in cases {
        let ran = place.gate(more);
        assert_eq!(ran.code, 4, "{more:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{more:?}: {}", ran.stderr);
    }
    let ended = place.gate(&["--stage", "everybody"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let gate_of_a_gate = ran(countersign().current_dir(place.path()).args(["gate", "gate", "--stage", "canary"]));
    assert_eq!(gate_of_a_gate.code, 4);
    assert!(gate_of_a_gate.stderr.contains("is the gate of everybody, and no audit"), "{}", gate_of_a_gate.stderr);
}

#[test]
fn no_start_is_made_up() {
    let place = Place::with(&AUDIT.replacen(", go-live: 2025-01-01T00:00Z", "", 1));
    let ran = place.gate(&["--stage", "canary"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("give --since"), "{}", ran.stderr);
    assert_eq!(place.json(&["--stage", "canary", "--since", "2025-01-01T00:00Z"]).0, 0);
}

/// A runner of CI reads commands out of any line that a step prints, and nothing hidden reaches whoever reads it.
#[test]
fn what_is_captured_acts_nowhere_in_the_json() {
    let hostile = AUDIT
        .replacen(
            "    - {id: queue,",
            "    - {id: state, command: {run: [cat, queue]}, fact: stdout}\n    - {id: queue,",
            1,
        )
        .replacen("[errors < 1, ", "[\"errors < 1\", \"state != ##[error]\\u202e\", ", 1);
    let place = Place::with(&hostile);
    let ran = place.gate(&["--stage", "canary", "--json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    let text = json["conditions"].to_string();
    assert!(text.contains("state != "), "{text}");
    assert!(!ran.stdout.contains("##[") && !ran.stdout.contains('\u{202e}'), "{}", ran.stdout);
}

#[test]
fn what_is_printed_has_the_schema_that_is_printed() {
    let place = Place::new();
    let (_, json) = place.json(&["--stage", "canary"]);
    let schema: Value = serde_json::from_str(&ran(countersign().args(["schema", "gate"])).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert!(!validator.is_valid(&serde_json::json!({"decision": "maybe"})));
}

/// A check that no claim is about may fail unseen in it: it is no audit to go on with.
#[test]
fn a_run_of_claims_alone_opens_no_gate_and_nobody_approves_it() {
    let policy = "signoff: {roles: {lead: {members: [cora@example.com]}}, author-may-approve: true}\n";
    let claimed = AUDIT.replacen(
        "{id: ok, ",
        "{id: bad, severity: blocker, command: {run: [\"false\"]}, expect: {exit: == 0}}\n      \
         - {id: said, command: {run: [cat, ok]}, expect: {exit: == 0}, claim: {by: Ada, exit: 0}}\n      - {id: ok, ",
        1,
    );
    let place = Place::with(&format!("{claimed}{policy}"));
    let at = |arguments: &[&str]| ran(countersign().current_dir(place.path()).args(arguments));
    let made = at(&["run", ".", "--claims-only", "--to", "claims"]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    for (name, text) in [("signers", ""), ("revoked", ""), ("policy", policy)] {
        place.put(name, text);
    }
    let policy = ["--policy", "policy", "--allowed-signers", "signers", "--revoked", "revoked"];
    let gate = at(&[&["gate", "claims", "--stage", "canary", "--to", "gate"], &policy[..]].concat());
    assert_eq!(gate.code, 4, "{}{}", gate.stdout, gate.stderr);
    assert!(gate.stderr.contains("judged claims alone, and decides nothing about going live"), "{}", gate.stderr);
    assert!(!place.record().exists());
    let sign = [
        "sign",
        "claims",
        "--role",
        "lead",
        "--signer",
        "cora@example.com",
        "--key",
        "key",
        "--acknowledge",
        "ops/bad",
    ];
    let signed = at(&[&sign[..], &["--yes"]].concat());
    assert_eq!(signed.code, 4, "{}{}", signed.stdout, signed.stderr);
    assert!(signed.stderr.contains("only claims were judged"), "{}", signed.stderr);
    assert!(signed.stderr.contains("help: run the whole audit, without --claims-only"), "{}", signed.stderr);
    let verified = at(&[&["verify", "claims"], &policy[..]].concat());
    assert_eq!(verified.code, 5, "{}{}", verified.stdout, verified.stderr);
    assert!(
        !verified.stdout.contains("approved") && verified.stdout.contains("the claim holds"),
        "{}",
        verified.stdout
    );
    assert!(verified.stdout.contains("nothing was decided about going live"), "{}", verified.stdout);
    let json: Value = serde_json::from_str(&at(&["verify", "claims", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["record"]["claimsOnly"], true, "{json}");
}

/// The bundle as it was judged at another time: what was observed stays.
fn judged_at(place: &Place, time: &str) {
    let path = place.path().join("bundle/record.json");
    let mut record = from_bytes(&fs::read(&path).unwrap()).unwrap();
    (record.run.started_at, record.run.finished_at) = (time.parse().unwrap(), time.parse().unwrap());
    record.judgement = judge(&record.audit, Seen::of(&record));
    fs::write(&path, to_bytes(&record).unwrap()).unwrap();
    let rendered = ran(countersign().current_dir(place.path()).args(["render", "bundle"]));
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
}

#[test]
fn what_made_an_audit_approvable_may_have_ended_since() {
    let waived = AUDIT.replacen(
        "{id: ok, ",
        "{id: bad, severity: blocker, command: {run: [\"false\"]}, expect: {exit: == 0}}\n      - {id: ok, ",
        1,
    ) + "waivers: [{check: ops/bad, reason: It is known and small, by: Ada, approved: 2024-12-01, until: 2025-05-31}]\n";
    let due =
        format!("{AUDIT}conditions: [{{id: lead, level: must, text: Name the lead, owner: Ada, due: 2025-05-31}}]\n");
    for (audit, lapsed) in
        [(waived, "the waiver of ops/bad ended, 31 May 2025"), (due, "the open condition lead was due, 31 May 2025")]
    {
        let place = Place::with(&audit);
        judged_at(&place, "2025-05-01T00:00:00Z");
        let ran_gate = place.gate(&["--stage", "canary"]);
        assert_eq!(ran_gate.code, 2, "{}{}", ran_gate.stdout, ran_gate.stderr);
        let told = format!("the audit \"trial\" is rejected by now: since it was judged, {lapsed}");
        assert!(ran_gate.stderr.contains(&told), "{}", ran_gate.stderr);
        assert!(!place.record().exists());
        let verify = |more: &[&str]| ran(countersign().current_dir(place.path()).args(["verify", "bundle"]).args(more));
        let verified = verify(&[]);
        assert_eq!(verified.code, 0, "{}", verified.stdout);
        assert!(verified.stdout.contains(&format!("since it was judged, {lapsed}")), "{}", verified.stdout);
        assert!(verified.stdout.contains("approved with conditions"), "{}", verified.stdout);
        let then = verify(&["--now", "2025-05-31T12:00:00Z"]);
        assert!(!then.stdout.contains("since it was judged"), "{}", then.stdout);
    }
}

#[test]
fn keys_without_a_policy_open_no_gate_and_without_either_it_is_said() {
    let place = Place::new();
    place.put("signers", "");
    place.put("revoked", "");
    let ran = place.gate(&["--stage", "canary", "--allowed-signers", "signers", "--revoked", "revoked"]);
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("nobody says who has to sign\nhelp: give --policy"), "{}", ran.stderr);
    assert!(!place.record().exists());
    let ran = place.gate(&["--stage", "canary"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("no sign-off was demanded: the audit file has no `signoff:`"), "{}", ran.stderr);
    assert!(!place.gate(&["--stage", "canary", "--quiet"]).stderr.contains("no sign-off"));
}

#[test]
fn a_gate_waits_for_a_check_as_long_and_as_often_as_the_audit_did() {
    let audit = AUDIT.replacen(
        "{id: ok, command: {run: [cat, ok]}",
        "{id: ok, timeout: 1500ms, retries: 1, command: {run: [sh, -c, 'echo x >> tries; sleep \"$(cat delay || echo 0)\"']}",
        1,
    );
    let place = Place::with(&audit);
    let record = fs::read_to_string(place.path().join("bundle/record.json")).unwrap();
    assert!(record.contains(r#""retries":1"#) && record.contains(r#""timeoutMs":1500"#), "{record}");
    fs::remove_file(place.path().join("tries")).unwrap();
    place.put("delay", "5");
    let (code, json) = place.json(&["--stage", "canary"]);
    assert_eq!((code, &json["decision"]), (3, &Value::from("hold")), "{json}");
    assert_eq!(met(&json, "proceed/ops-ok-exit"), None, "{json}");
    assert_eq!(fs::read_to_string(place.path().join("tries")).unwrap(), "x\nx\n");
}
