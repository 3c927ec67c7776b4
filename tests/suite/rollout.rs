//! The review of a rollout plan, rule by rule, both ways: what breaks it is found, and what is right is left alone.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{countersign, ran, record, run};

/// An audit with the facts that plans are held against, and a plan (YAML, indented by two).
fn audit(directory: &Path, head: &str, plan: &str) {
    let text = format!(
        "audit: {{id: trial, subject: {{name: Thing}}{head}}}
areas:
  - area: ops
    checks:
      - id: rehearsed
        attestation: {{statement: The way back was rehearsed, by: Cora, on: 2025-10-20}}
      - id: never-rehearsed
        severity: minor
        attestation: {{statement: The way back was rehearsed, by: null}}
      - id: flags
        flag-count: {{file: flags.yaml, flags: .flags, enabled: .value}}
        expect: {{total: == 3}}
      - id: no-flags
        severity: minor
        flag-count: {{file: missing.yaml, flags: .flags, enabled: .value}}
rollout:
{plan}"
    );
    fs::write(directory.join("audit.yaml"), text).unwrap();
    fs::write(directory.join("flags.yaml"), "flags: {tracing: true, orders: false, risky: false}\n").unwrap();
}

/// The stages of a plan that nothing is wrong with, but for what is replaced.
fn stages(replaced: &[(&str, &str)]) -> String {
    let mut plan = "  owner: Cora
  way-back: ./back.sh
  rehearsed: ops/rehearsed
  flags: ops/flags
  must-stay-off: [risky]
  signals:
    - {id: errors, command: {run: [cat, errors], extract: '(?P<value>[0-9.]+)'}, fact: value}
  stages:
    - name: canary
      to: 5%
      soak: 12h
      enable: [tracing]
      proceed-when: [errors < 1 for 1h]
      roll-back-when: [errors > 5 for 5m]
    - name: everybody
      to: 100%
      soak: 24h
      enable: [orders]
      roll-back-when: [errors > 8 for 10m]
"
    .to_owned();
    for (from, to) in replaced {
        assert!(plan.contains(from), "{from}");
        plan = plan.replacen(from, to, 1);
    }
    plan
}

const HEAD: &str = ", go-live: 2025-10-23T00:00Z, window: 2025-10-23..2025-10-30";

fn reviewed(head: &str, plan: &str) -> Value {
    let place = tempfile::tempdir().unwrap();
    audit(place.path(), head, plan);
    let ran = run(place.path());
    assert!(ran.code < 4, "{plan}\n{}", ran.stderr);
    record(place.path())
}

/// Standing and findings of a rule.
fn rule(record: &Value, name: &str) -> (String, Vec<String>) {
    let reviews = record["judgement"]["rollout"].as_array().expect("a review");
    let found = reviews.iter().find(|review| review["rule"] == name).unwrap_or_else(|| panic!("no rule {name}"));
    let findings = found["findings"].as_array().cloned().unwrap_or_default();
    let says = findings.iter().map(|finding| finding["says"].as_str().unwrap_or_default().to_owned()).collect();
    (found["standing"].as_str().unwrap_or_default().to_owned(), says)
}

/// A plan that is right in every way but one: that rule is broken, says this, and no other is.
fn breaks(name: &str, replaced: &[(&str, &str)], says: &str) {
    let record = reviewed(HEAD, &stages(replaced));
    let (standing, findings) = rule(&record, name);
    assert_eq!(standing, "broken", "{name}: {findings:?}");
    assert!(findings.iter().any(|finding| finding.contains(says)), "{says}: {findings:?}");
    let others = record["judgement"]["rollout"].as_array().unwrap().iter().filter(|review| review["rule"] != name);
    for other in others {
        assert!(matches!(other["standing"].as_str(), Some("holds" | "not-asked")), "{name} breaks {other}");
    }
    let id = format!("rollout-{name}");
    let conditions = record["judgement"]["conditions"].as_array().unwrap();
    assert!(conditions.iter().any(|condition| condition["id"] == *id), "{id} is a condition: {conditions:?}");
}

#[test]
fn a_plan_that_is_right_has_no_finding_and_no_condition() {
    let record = reviewed(HEAD, &stages(&[]));
    for review in record["judgement"]["rollout"].as_array().unwrap() {
        assert_eq!(review["standing"], "holds", "{review}");
    }
    let conditions = record["judgement"]["conditions"].as_array().unwrap();
    assert!(!conditions.iter().any(|condition| condition["id"].as_str().unwrap().starts_with("rollout-")));
}

#[test]
fn an_audit_without_a_rollout_is_reviewed_by_no_rule() {
    let place = tempfile::tempdir().unwrap();
    crate::support::audit(place.path(), "      - {id: ok, command: {run: [\"true\"]}, expect: {exit: == 0}}\n");
    run(place.path());
    assert!(record(place.path())["judgement"].get("rollout").is_none());
}

#[test]
fn percentages_rise_without_a_gap_to_everybody() {
    breaks("percentages", &[("to: 5%", "from: 1%\n      to: 5%")], "canary starts from 1 %, and no stage gets there");
    breaks(
        "percentages",
        &[("to: 100%", "from: 10%\n      to: 100%")],
        "everybody starts from 10 %, and canary reaches 5 %",
    );
    breaks("percentages", &[("to: 100%", "to: 90%")], "everybody reaches 90 %, and no stage reaches everybody");
    let back = stages(&[("to: 5%", "to: 50%"), ("to: 100%", "to: 20%")]);
    let (_, findings) = rule(&reviewed(HEAD, &back), "percentages");
    assert!(findings.iter().any(|finding| finding.contains("goes back from 50 % to 20 %")), "{findings:?}");
}

#[test]
fn every_stage_lies_in_the_window() {
    let early = [("owner: Cora", "owner: Cora\n  starts: 2025-10-22T12:00Z")];
    breaks("window", &early, "canary starts 22 October 2025, 12:00 UTC, before the window opens");
    breaks(
        "window",
        &[("soak: 24h", "soak: 240h")],
        "everybody soaks until 2 November 2025, 12:00 UTC, after the window closes",
    );
    breaks("window", &[("to: 100%", "to: 100%\n      starts: 2025-10-31T00:00Z")], "everybody starts 31 October 2025");
    // The last day of the window is whole.
    let full = stages(&[("soak: 12h", "soak: 168h")]);
    assert_eq!(rule(&reviewed(HEAD, &full), "window").0, "holds");
    assert_eq!(rule(&reviewed("", &stages(&[])), "window").0, "not-asked");
    assert_eq!(rule(&reviewed(", window: 2025-10-23..2025-10-30", &stages(&[])), "window").0, "unknown");
}

#[test]
fn every_stage_soaks() {
    breaks("soak", &[("soak: 12h", "text: Short")], "Nobody says how long canary is watched");
    breaks(
        "soak",
        &[("to: 100%", "to: 100%\n      starts: 2025-10-23T06:00Z")],
        "everybody starts 6 h after canary, which soaks for 12 h",
    );
    breaks("soak", &[("errors < 1 for 1h", "errors < 1 for 13h")], "`errors < 1 for 13h` cannot be seen in canary");
}

#[test]
fn every_flag_is_known() {
    breaks("known-flags", &[("enable: [orders]", "enable: [ordres]")], "ops/flags knows no flag \"ordres\"");
    let (standing, findings) = rule(&reviewed(HEAD, &stages(&[("  flags: ops/flags\n", "")])), "known-flags");
    assert_eq!((standing.as_str(), findings.len()), ("unknown", 1), "{findings:?}");
    let (standing, findings) = rule(&reviewed(HEAD, &stages(&[("ops/flags", "ops/no-flags")])), "known-flags");
    assert_eq!((standing.as_str(), findings.len()), ("unknown", 1), "{findings:?}");
}

#[test]
fn what_must_stay_off_stays_off() {
    breaks("forbidden-flags", &[("enable: [orders]", "enable: [orders, risky]")], "everybody switches \"risky\" on");
    let later = [("enable: [orders]", "must-stay-off: [tracing]")];
    breaks("forbidden-flags", &later, "\"tracing\" must stay off in everybody, and is switched on by then");
    let earlier = stages(&[("enable: [tracing]", "must-stay-off: [orders]")]);
    assert_eq!(rule(&reviewed(HEAD, &earlier), "forbidden-flags").0, "holds", "it is switched on later");
}

#[test]
fn every_stage_is_decided_by_something() {
    breaks("decided", &[("      proceed-when: [errors < 1 for 1h]\n", "")], "Nothing says when canary may go on");
    breaks("decided", &[("      roll-back-when: [errors > 8 for 10m]\n", "")], "Nothing takes everybody back");
}

#[test]
fn everything_that_decides_is_measured() {
    breaks(
        "measured",
        &[("errors < 1 for 1h", "erors < 1 for 1h")],
        "Nothing measures \"erors\", which canary is decided by",
    );
    let fact = stages(&[("errors < 1 for 1h", "ops.flags.enabled == 1")]);
    assert_eq!(rule(&reviewed(HEAD, &fact), "measured").0, "holds", "a fact of a check is measured");
}

#[test]
fn a_smaller_stage_is_taken_back_as_readily() {
    breaks(
        "roll-back-order",
        &[("errors > 5 for 5m", "errors > 9 for 5m")],
        "canary (5 %) waits for `errors > 9 for 5m`",
    );
    breaks(
        "roll-back-order",
        &[("errors > 5 for 5m", "errors > 5 for 15m")],
        "everybody (100 %) is taken back when `errors > 8 for 10m`",
    );
    breaks(
        "roll-back-order",
        &[("errors > 8 for 10m", "\"errors > 8 for 10m\", ops.flags.enabled > 2")],
        "canary (5 %), which reaches fewer, does not look at it",
    );
    let same = stages(&[("errors > 8 for 10m", "errors > 5 for 5m")]);
    assert_eq!(rule(&reviewed(HEAD, &same), "roll-back-order").0, "holds");
}

#[test]
fn nothing_lets_a_stage_go_on_that_takes_it_back() {
    breaks("contradiction", &[("errors < 1 for 1h", "errors < 6 for 1h")], "canary both may go on");
    let touching = stages(&[("errors < 1 for 1h", "errors <= 5 for 1h")]);
    assert_eq!(rule(&reviewed(HEAD, &touching), "contradiction").0, "holds", "no value is both at most 5 and above it");
}

#[test]
fn the_way_back_is_written_down_and_was_rehearsed() {
    breaks("rehearsed", &[("  way-back: ./back.sh\n", "")], "No command of the way back is written down");
    breaks("rehearsed", &[("  rehearsed: ops/rehearsed\n", "")], "Nobody says whether the way back was rehearsed");
    let (standing, findings) = rule(&reviewed(HEAD, &stages(&[("ops/rehearsed", "ops/never-rehearsed")])), "rehearsed");
    assert_eq!((standing.as_str(), findings.len()), ("unknown", 1), "{findings:?}");
}

#[test]
fn somebody_runs_every_stage() {
    breaks("owned", &[("  owner: Cora\n", "")], "Nobody is named who runs canary");
    let each = stages(&[
        ("  owner: Cora\n", ""),
        ("to: 5%", "to: 5%\n      owner: A"),
        ("to: 100%", "to: 100%\n      owner: B"),
    ]);
    assert_eq!(rule(&reviewed(HEAD, &each), "owned").0, "holds");
}

#[test]
fn a_finding_names_the_line_of_its_stage() {
    let record = reviewed(HEAD, &stages(&[("to: 100%", "to: 90%")]));
    let review =
        record["judgement"]["rollout"].as_array().unwrap().iter().find(|review| review["rule"] == "percentages");
    let declared = &review.unwrap()["findings"][0]["declared"];
    let text = format!("{HEAD}\n{}", stages(&[("to: 100%", "to: 90%")]));
    assert!(text.contains("name: everybody"));
    assert_eq!(declared[0], "audit.yaml");
    let place = tempfile::tempdir().unwrap();
    audit(place.path(), HEAD, &stages(&[("to: 100%", "to: 90%")]));
    let line = usize::try_from(declared[1].as_u64().unwrap()).unwrap();
    let file = fs::read_to_string(place.path().join("audit.yaml")).unwrap();
    assert!(file.lines().nth(line - 1).unwrap().contains("name: everybody"), "{line}");
}

#[test]
fn no_condition_of_the_file_is_called_as_one_of_the_review() {
    let place = tempfile::tempdir().unwrap();
    audit(place.path(), HEAD, &format!("{}conditions: [{{id: rollout-soak, level: must, text: Soak}}]\n", stages(&[])));
    let ran = ran(countersign().arg("lint").arg(place.path()));
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("\"rollout-soak\" is what the review of the rollout is called"), "{}", ran.stderr);
}

/// What cannot be read is told with its place, all of it at once.
#[test]
fn mistakes_in_a_rollout_are_told_where_they_are() {
    let cases = [
        ("errors < 1 for 1h", "errors", "names no condition"),
        ("errors < 1 for 1h", "errors < 1 for ever", "\"ever\" is no length of time"),
        ("errors < 1 for 1h", "errors < one", "\"one\""),
        ("to: 5%", "to: 500%", "\"500%\" is not a share"),
        ("soak: 12h", "soak: long", "\"long\" is not a length of time"),
        ("rehearsed: ops/rehearsed", "rehearsed: ops/nothing", "\"ops/nothing\" is not a check"),
        ("flags: ops/flags", "flags: ops/rehearsed", "lists no names"),
        ("name: everybody", "name: canary", "there are two stages \"canary\""),
        ("fact: value}", "fact: vlaue}", "\"command\" does not find \"vlaue\""),
        ("enable: [tracing]", "enables: [tracing]", "the key \"enables\" is not known here"),
    ];
    for (from, to, message) in cases {
        let place = tempfile::tempdir().unwrap();
        audit(place.path(), HEAD, &stages(&[(from, to)]));
        let ran = ran(countersign().arg("lint").arg(place.path()));
        assert_eq!(ran.code, 4, "{to}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(message), "{to}: {}", ran.stderr);
        assert!(ran.stderr.contains("audit.yaml:"), "{to}: {}", ran.stderr);
    }
}
