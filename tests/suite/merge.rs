//! `run --shard` and `merge`: several machines measure one audit, and what they found becomes one record, the same as if one
//! machine had measured it all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use countersign::audit::{Contents, Excerpts, documents};
use countersign::model::id::CheckId;
use countersign::model::record::{Observation, Record, Sight, SkipReason};
use countersign::record::merge::union;
use countersign::record::signoffs::Stored;
use countersign::record::{Bundle, from_bytes, sha256, to_bytes};
use countersign::report::Templates;
use proptest::prelude::*;
use serde_json::Value;

use crate::bundles::{committed, copy, files, replace};
use crate::support::{Ran, audit, countersign, ran, repository, status};

fn json(bundle: &Path) -> Value {
    serde_json::from_slice(&fs::read(bundle.join("record.json")).unwrap()).unwrap()
}

fn measure(audit: &Path, flags: &[&str], to: &Path) -> Ran {
    let ran = ran(countersign().arg("run").arg(audit).args(flags).arg("--to").arg(to));
    assert_ne!(ran.code, 4, "{}", ran.stderr);
    ran
}

fn merge(parts: &[PathBuf], to: &Path) -> Ran {
    ran(countersign().arg("merge").args(parts).arg("--to").arg(to))
}

/// The error of a merge that must not be, and that nothing was written.
fn refused(parts: &[PathBuf], to: &Path) -> String {
    let ran = merge(parts, to);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
    assert!(!to.exists());
    assert!(ran.stderr.contains("help: "), "{}", ran.stderr);
    ran.stderr
}

/// Two bundles hold the same files with the same bytes.
fn same(one: &Path, other: &Path) {
    let (left, right) = (files(one), files(other));
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    for (file, bytes) in left {
        assert!(right[&file] == bytes, "{file} differs between {} and {}", one.display(), other.display());
    }
}

/// Every part of a replayed bundle, each in a folder of its own.
fn replayed_in_shards(name: &str, shards: usize, place: &Path) -> Vec<PathBuf> {
    let bundle = committed(name).display().to_string();
    let shard = |number: usize| {
        let to = place.join(format!("{name}-{number}-of-{shards}"));
        let flags = ["--replay", &bundle, "--shard", &format!("{number}/{shards}")];
        measure(&repository().join("checks").join(name), &flags, &to);
        to
    };
    (1..=shards).map(shard).collect()
}

#[test]
fn merged_shards_of_a_replay_are_the_whole_to_the_byte() {
    let place = tempfile::tempdir().unwrap();
    for (name, shards) in [("stack", 1), ("stack", 2), ("stack", 40), ("go-live", 3)] {
        let mut parts = replayed_in_shards(name, shards, place.path());
        parts.reverse();
        let to = place.path().join(format!("merged-{name}-{shards}"));
        let merged = merge(&parts, &to);
        assert_eq!(merged.code, if name == "stack" { 0 } else { 1 }, "{}{}", merged.stdout, merged.stderr);
        same(&committed(name), &to);
    }
}

#[test]
fn shards_of_a_selection_are_that_selection() {
    let place = tempfile::tempdir().unwrap();
    let (audit, bundle) = (repository().join("checks/go-live"), committed("go-live").display().to_string());
    for (at, selection) in
        [&["--claims-only"][..], &["--only", "validation"], &["--claims-only", "--only", "monitoring"]]
            .into_iter()
            .enumerate()
    {
        let to = |name: &str| place.path().join(format!("{at}-{name}"));
        let replay =
            |more: &[&str], to: &Path| measure(&audit, &[selection, &["--replay", &bundle], more].concat(), to);
        replay(&[], &to("whole"));
        let parts = ["1/2", "2/2"].map(|shard| {
            let to = to(&shard.replace('/', "-of-"));
            replay(&["--shard", shard], &to);
            to
        });
        merge(&parts, &to("merged"));
        same(&to("whole"), &to("merged"));
    }
}

#[test]
fn a_bundle_merged_alone_is_that_bundle_whether_it_is_whole_or_a_part() {
    let place = tempfile::tempdir().unwrap();
    let [part, _] = replayed_in_shards("stack", 2, place.path()).try_into().unwrap();
    for (at, bundle) in [committed("stack"), part].into_iter().enumerate() {
        let to = place.path().join(format!("alone-{at}"));
        merge(std::slice::from_ref(&bundle), &to);
        same(&bundle, &to);
    }
}

/// An audit of commands and files, with a claim in a document, a dependency across areas and a failure that is waived.
fn live(place: &Path) -> PathBuf {
    let text = r#"
audit: {id: trial, title: Trial, subject: {name: Thing}}
areas:
  - area: one
    checks:
      - {id: says, severity: blocker, command: {run: [echo, hello]}, expect: {exit: == 0}}
      - {id: bad, severity: minor, command: {run: ["false"]}, expect: {exit: == 0}}
      - {id: size, query: {file: n.json, jq: .n}, expect: {value: "> 1"}, claim: {by: Ada, value: 3, at: "notes.md#Sizes/N"}}
  - area: two
    checks:
      - {id: then, depends-on: [one/says], command: {run: [echo, hello]}, expect: {exit: == 0}}
      - {id: never, depends-on: [one/bad], command: {run: [echo, x]}, expect: {exit: == 0}}
      - {id: again, severity: minor, command: {run: [echo, other]}, expect: {exit: == 0}}
waivers:
  - {check: one/bad, reason: "It is known and small", by: Ada, approved: 2026-11-01, until: 2027-10-31}
claims: [{id: n, fact: one.size.value, at: "notes.md#Sizes/N"}]
"#;
    fs::write(place.join("audit.yaml"), text).unwrap();
    fs::write(place.join("n.json"), "{\"n\": 3}").unwrap();
    fs::write(place.join("notes.md"), "# Sizes\n\n- **N:** 3\n").unwrap();
    place.to_owned()
}

fn in_parts(audit: &Path, flags: &[&[&str]]) -> Vec<PathBuf> {
    let part = |(at, flags): (usize, &&[&str])| {
        let to = audit.join(format!("part-{at}"));
        measure(audit, flags, &to);
        to
    };
    flags.iter().enumerate().map(part).collect()
}

/// A record without what differs from one run to the next: times, names of runs, and how evidence was called first.
fn timeless(mut record: Value) -> Record {
    fn still(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match name.as_str() {
                        "askedAt" | "modified" => *value = "2026-01-01T00:00:00Z".into(),
                        "elapsedUs" => *value = 1.into(),
                        "elapsed" => value["present"]["duration"] = "1".into(),
                        "file" => *value = "file".into(),
                        _ => still(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(still),
            _ => {}
        }
    }
    still(&mut record["observations"]);
    still(&mut record["documents"]);
    record["run"]["runId"] = "run".into();
    record["run"]["startedAt"] = "2026-01-01T00:00:00Z".into();
    record["run"]["finishedAt"] = "2026-01-01T00:00:00Z".into();
    record.as_object_mut().unwrap().remove("parts");
    serde_json::from_value(record).unwrap()
}

#[test]
fn merged_live_shards_are_the_whole_except_for_times_and_ids() {
    let place = tempfile::tempdir().unwrap();
    let audit = live(place.path());
    let whole = place.path().join("whole");
    measure(&audit, &[], &whole);
    let parts = in_parts(&audit, &[&["--shard", "1/3"], &["--shard", "2/3"], &["--shard", "3/3"]]);
    let merged = place.path().join("merged");
    assert_eq!(merge(&parts, &merged).code, 1);
    let rendered = |bundle: &Path| {
        let record = timeless(json(bundle));
        let bytes = to_bytes(&record).unwrap();
        let (digest, signoffs) = (sha256(&bytes), Stored::default());
        let contents = Contents { record: &record, bytes: &bytes, sha256: &digest, signoffs: &signoffs };
        let documents = documents(&contents, &Excerpts::of(&bundle.join("evidence")), &Templates::builtin());
        (String::from_utf8(bytes).unwrap(), documents.unwrap())
    };
    assert_eq!(rendered(&whole), rendered(&merged));
    let (record, parts): (Value, Vec<Value>) = (json(&merged), parts.iter().map(|part| json(part)).collect());
    let named = record["parts"].as_array().unwrap();
    assert_eq!(named.len(), 3);
    let begun = parts.iter().map(|part| part["run"]["startedAt"].as_str().unwrap()).min();
    let ended = parts.iter().map(|part| part["run"]["finishedAt"].as_str().unwrap()).max();
    assert_eq!((record["run"]["startedAt"].as_str(), record["run"]["finishedAt"].as_str()), (begun, ended));
    for part in 0..3 {
        let bytes = fs::read(audit.join(format!("part-{part}/record.json"))).unwrap();
        assert!(named.iter().any(|named| named["sha256"] == sha256(&bytes)), "part {part} is named by its digest");
    }
    let report = fs::read_to_string(merged.join("report.md")).unwrap();
    assert!(report.contains("Put together from 3 runs: run "), "{report}");
}

#[test]
fn a_merged_bundle_is_intact_and_replays_to_its_own_bytes_in_whatever_order_it_was_merged() {
    let place = tempfile::tempdir().unwrap();
    let audit = live(place.path());
    let mut parts = in_parts(&audit, &[&["--only", "one", "--only", "two/then"], &["--only", "two/again"]]);
    // `never` hangs on a check of the first part and was left out there.
    let [merged, turned, again] = ["merged", "turned", "again"].map(|name| place.path().join(name));
    assert_eq!(merge(&parts, &merged).code, 3);
    parts.reverse();
    merge(&parts, &turned);
    same(&merged, &turned);
    let verified = ran(countersign().arg("verify").arg(&merged));
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    measure(&audit, &["--replay", &merged.display().to_string()], &again);
    same(&merged, &again);
}

#[test]
fn a_merged_record_is_as_old_as_its_oldest_part() {
    let place = tempfile::tempdir().unwrap();
    let (audit, merged) = (live(place.path()), place.path().join("merged"));
    let parts = ["1/2", "2/2"].map(|shard| {
        let to = place.path().join(shard.replace('/', "-of-"));
        measure(&audit, &["--shard", shard], &to);
        // Instants have whole seconds, and no age is none.
        std::thread::sleep(std::time::Duration::from_millis(2_100));
        to
    });
    merge(&parts, &merged);
    let ended = |bundle: &Path| json(bundle)["run"]["finishedAt"].as_str().unwrap().to_owned();
    let [oldest, newest] = [ended(&parts[0]), ended(&merged)];
    assert_ne!(oldest, newest);
    let at = |moment: &str| moment.parse::<countersign::model::instant::Instant>().unwrap();
    let most = at(&newest).seconds_since(at(&oldest)) - 1;
    let verified = |most: i64| {
        ran(countersign().arg("verify").arg(&merged).args(["--max-age", &format!("{most}s"), "--now", &newest]))
    };
    let late = verified(most);
    assert_eq!(late.code, 5, "{}", late.stdout);
    assert!(late.stdout.contains(&format!("a part of it was measured until {oldest}")), "{}", late.stdout);
    assert_eq!(verified(most + 1).code, 0, "{}", verified(most + 1).stdout);
}

#[test]
fn what_was_merged_in_two_steps_is_what_is_merged_in_one() {
    let place = tempfile::tempdir().unwrap();
    let audit = live(place.path());
    let parts = in_parts(&audit, &[&["--shard", "1/3"], &["--shard", "2/3"], &["--shard", "3/3"]]);
    let [two, stepwise, at_once] = ["two", "stepwise", "at-once"].map(|name| place.path().join(name));
    merge(&parts[..2], &two);
    merge(&[parts[2].clone(), two], &stepwise);
    merge(&parts, &at_once);
    same(&stepwise, &at_once);
}

#[test]
fn a_shard_that_is_missing_is_listed_and_never_approved() {
    let place = tempfile::tempdir().unwrap();
    let checks: String = (0..20)
        .map(|n| {
            format!("      - {{id: c{n}, severity: minor, command: {{run: [\"true\"]}}, expect: {{exit: == 0}}}}\n")
        })
        .collect();
    let directory = audit(place.path(), &checks);
    let shards: Vec<String> = (1..=20).map(|shard| format!("{shard}/20")).collect();
    let flags: Vec<[&str; 2]> = shards.iter().map(|shard| ["--shard", shard.as_str()]).collect();
    let flags: Vec<&[&str]> = flags.iter().map(|flags| &flags[..]).collect();
    let parts = in_parts(&directory, &flags);
    let part = measure(&directory, &["--shard", "1/20", "--accept", "conditional"], &place.path().join("alone"));
    assert_eq!(part.code, 3, "{}", part.stdout);
    assert!(part.stdout.contains("a part only: 19 checks were left out"), "{}", part.stdout);

    let merged = place.path().join("merged");
    let ran = ran(countersign().arg("merge").args(&parts[1..]).args(["--accept", "conditional", "--to"]).arg(&merged));
    assert_eq!(ran.code, 3, "19 of 20 minor checks are more than the coverage asked for, and no whole: {}", ran.stdout);
    assert!(ran.stdout.contains("a part only: 1 check was left out\n    all/c0\n"), "{}", ran.stdout);
    let record = json(&merged);
    assert_eq!(status(&record, "all/c0"), ("skipped".to_owned(), "none of the merged runs looked at it".to_owned()));
    let rule = record["judgement"]["chain"].as_array().unwrap().iter().find(|rule| rule["decided"] == true).unwrap();
    assert_eq!((rule["rule"].as_str(), &rule["because"]), (Some("partial"), &serde_json::json!(["all/c0"])));
    let report = fs::read_to_string(merged.join("report.md")).unwrap();
    assert!(report.contains("This is a part of the audit: of 20 checks, 1 was left out: all/c0."), "{report}");
    let results = crate::support::ran(countersign().arg("render").arg(&merged).args(["--format", "json"])).stdout;
    let results: Value = serde_json::from_str(&results).unwrap();
    assert_eq!(results["run"]["partial"], true);

    let whole = place.path().join("all");
    assert_eq!(merge(&parts, &whole).code, 0, "with the last one it is whole");
}

#[test]
fn only_leaves_no_run_approved_that_did_not_look_at_everything() {
    let place = tempfile::tempdir().unwrap();
    let many: String = (0..9)
        .map(|n| {
            format!("      - {{id: c{n}, severity: minor, command: {{run: [\"true\"]}}, expect: {{exit: == 0}}}}\n")
        })
        .collect();
    let directory = audit(place.path(), &many);
    let only: Vec<String> = (0..8).map(|n| format!("--only=all/c{n}")).collect();
    let flags: Vec<&str> = only.iter().map(String::as_str).collect();
    let ran = measure(&directory, &flags, &place.path().join("bundle"));
    assert_eq!(ran.code, 3, "8 of 9 is above the coverage asked for: {}", ran.stdout);
}

#[test]
fn a_check_that_two_bundles_looked_at_is_an_error_that_names_both() {
    let place = tempfile::tempdir().unwrap();
    let audit = live(place.path());
    let parts = in_parts(&audit, &[&["--only", "one"], &["--only", "one/says", "--only", "two"]]);
    let error = refused(&parts, &place.path().join("merged"));
    let wanted = format!("one/says in \"{}\" and \"{}\"", parts[0].display(), parts[1].display());
    assert!(error.contains(&wanted), "{error}");
    let twice = refused(&[parts[0].clone(), parts[0].clone()], &place.path().join("merged"));
    assert!(twice.contains("one/bad in "), "{twice}");
}

#[test]
fn a_check_whose_dependency_was_left_out_was_not_looked_at() {
    let place = tempfile::tempdir().unwrap();
    let audit = live(place.path());
    let parts = in_parts(&audit, &[&["--only", "one"], &["--only", "two"]]);
    let reason = "whether one/says passes is not known: it was left out of this run".to_owned();
    assert_eq!(status(&json(&parts[1]), "two/then"), ("skipped".to_owned(), reason));
    let merged = place.path().join("merged");
    assert_eq!(merge(&parts, &merged).code, 3);
    let record = json(&merged);
    for check in ["two/then", "two/never"] {
        assert_eq!(status(&record, check), ("skipped".to_owned(), "none of the merged runs looked at it".to_owned()));
    }
    assert_eq!(status(&record, "two/again").0, "pass");
}

#[test]
fn parts_that_do_not_belong_together_are_refused_with_what_they_differ_in() {
    let place = tempfile::tempdir().unwrap();
    let audit = live(place.path());
    let earlier = place.path().join("earlier");
    measure(&audit, &[], &earlier);
    let [first, second, claims, based] = in_parts(
        &audit,
        &[
            &["--shard", "1/2"],
            &["--shard", "2/2"],
            &["--shard", "2/2", "--claims-only"],
            &["--shard", "2/2", "--baseline", &earlier.display().to_string()],
        ],
    )
    .try_into()
    .unwrap();
    let to = place.path().join("merged");
    let differ = |other: &PathBuf| refused(&[first.clone(), other.clone()], &to);
    assert!(differ(&claims).contains("they differ in whether claims alone are judged"));
    assert!(differ(&based).contains("they differ in the earlier run that relative conditions are held against"));
    assert!(differ(&committed("stack")).contains("they differ in the audit file"));

    fs::write(audit.join("notes.md"), "# Sizes\n\n- **N:** 3\n\nMore.\n").unwrap();
    measure(&audit, &["--shard", "2/2"], &second);
    assert!(differ(&second).contains("the document \"notes.md\" is not the same in"));

    let broken = copy(&second, &place.path().join("broken"));
    let entry = fs::read_dir(broken.join("evidence")).unwrap().next().unwrap().unwrap().path();
    fs::write(&entry, "something else").unwrap();
    let error = differ(&broken);
    assert!(error.contains("is not as it was recorded: EVIDENCE_MISMATCH evidence/"), "{error}");
    let renamed = copy(&second, &place.path().join("renamed"));
    replace(&renamed.join("record.json"), "\"title\":\"Trial\"", "\"title\":\"Other\"");
    let error = differ(&renamed);
    assert!(error.contains("POLICY_MISMATCH record.json"), "{error}");
    assert_eq!(ran(countersign().arg("merge")).code, 4, "nothing to merge");
}

#[test]
fn a_part_whose_judgement_was_edited_is_refused_and_told_with_its_field() {
    let place = tempfile::tempdir().unwrap();
    let audit = live(place.path());
    let parts = in_parts(&audit, &[&["--only", "one"], &["--only", "two"]]);
    let path = parts[0].join("record.json");
    let text = fs::read_to_string(&path).unwrap();
    let edited = text.replacen("\"status\":\"fail\"", "\"status\":\"pass\"", 1);
    assert_ne!(edited, text, "{text}");
    fs::write(&path, edited).unwrap();
    let told = refused(&parts, &place.path().join("whole"));
    assert!(
        told.contains("part-0\" is not as it was recorded: VERDICT_RECOMPUTE record.json: judgement.checks["),
        "{told}"
    );
    assert!(told.contains("].status says \"pass\" and judging again gives \"fail\""), "{told}");
    assert!(told.contains("help: take the bundle from where it was written"), "{told}");
}

#[test]
fn what_is_no_shard_is_refused_before_anything_is_measured() {
    let place = tempfile::tempdir().unwrap();
    let audit = live(place.path());
    for wrong in ["0/2", "3/2", "x", "1/0"] {
        let ran = ran(countersign().arg("run").arg(&audit).args(["--shard", wrong]));
        assert_eq!(ran.code, 4);
        assert!(ran.stderr.contains("is no shard: write K/N"), "{}", ran.stderr);
    }
}

/// Groups of checks that wait for one another: a run that looks at one looks at them all.
fn groups(record: &Record) -> Vec<Vec<usize>> {
    let checks = &record.audit.checks;
    let place = |id: &CheckId| checks.iter().position(|check| check.id == *id).unwrap();
    let mut group: Vec<usize> = (0..checks.len()).collect();
    for (at, check) in checks.iter().enumerate() {
        for other in &check.depends_on {
            let (from, to) = (group[at], group[place(other)]);
            group.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    group.into_iter().enumerate().for_each(|(at, group)| members.entry(group).or_default().push(at));
    members.into_values().collect()
}

/// The bundle that a run would leave which looked at these checks alone.
fn part(whole: &Bundle, looked: &[usize]) -> Bundle {
    let mut record = whole.record.clone();
    for (at, observation) in record.observations.iter_mut().enumerate() {
        if !looked.contains(&at) && !matches!(observation.sight, Sight::NotApplicable(_)) {
            let sight = Sight::Skipped(SkipReason::NotSelected);
            *observation = Observation { check: observation.check.clone(), sight, exchanges: Vec::new() };
        }
    }
    let bytes = to_bytes(&record).unwrap();
    let directory = PathBuf::from(format!("{looked:?}"));
    Bundle { directory, record: from_bytes(&bytes).unwrap(), sha256: sha256(&bytes), bytes }
}

/// The committed stack in two parts, each changed as a test needs it.
fn halves(change: impl Fn(usize, &mut Record)) -> [Bundle; 2] {
    let whole = Bundle::open(&committed("stack")).unwrap();
    let groups = groups(&whole.record);
    [0, 1].map(|half| {
        let mine: Vec<usize> =
            groups.iter().enumerate().filter(|(at, _)| at % 2 == half).flat_map(|(_, group)| group.clone()).collect();
        let mut bundle = part(&whole, &mine);
        bundle.record.run.run_id = format!("run-{half}");
        change(half, &mut bundle.record);
        bundle
    })
}

#[test]
fn what_one_run_was_stopped_before_another_may_have_looked_at() {
    let interrupted = |record: &mut Record| {
        record.run.interrupted = true;
        for observation in &mut record.observations {
            if observation.sight.is_left_out() {
                observation.sight = Sight::Skipped(SkipReason::Interrupted);
            }
        }
    };
    let completed = union(&halves(|half, record| {
        if half == 0 {
            interrupted(record)
        }
    }))
    .unwrap();
    assert!(!completed.run.interrupted, "nothing was left for want of time");
    let mut stopped = halves(|_, record| interrupted(record));
    let taken = stopped[1]
        .record
        .observations
        .iter_mut()
        .find(|observation| observation.sight != Sight::Skipped(SkipReason::Interrupted));
    let taken = taken.unwrap();
    taken.sight = Sight::Skipped(SkipReason::Interrupted);
    let check = taken.check.clone();
    let both = union(&stopped).unwrap();
    assert!(both.run.interrupted);
    let left = both.observations.iter().find(|observation| observation.check == check).unwrap();
    assert_eq!(left.sight, Sight::Skipped(SkipReason::Interrupted));
}

#[test]
fn runs_on_several_machines_name_each_and_one_record_before_them() {
    let platform = |half: usize, record: &mut Record| {
        record.run.platform = ["linux/x86_64", "freebsd/aarch64"][half].to_owned();
        record.run.tool_version = format!("0.{half}.0");
    };
    let joined = union(&halves(|half, record| {
        platform(half, record);
        record.previous = (half == 1).then(|| "a".repeat(64));
    }))
    .unwrap();
    assert_eq!(
        (joined.run.platform.as_str(), joined.previous),
        ("freebsd/aarch64, linux/x86_64", Some("a".repeat(64)))
    );
    let told: Vec<(&str, &str)> =
        joined.parts.iter().map(|part| (part.platform.as_str(), part.tool_version.as_str())).collect();
    assert_eq!(told, [("linux/x86_64", "0.0.0"), ("freebsd/aarch64", "0.1.0")]);
    let [one, other] = halves(|half, record| record.previous = Some(half.to_string().repeat(64)));
    let mut none = part(&Bundle::open(&committed("stack")).unwrap(), &[]);
    none.record.run.run_id = "a".to_owned();
    assert!(union(&[none, one, other]).unwrap_err().to_string().ends_with("they differ in the record before them"));
    let replayed = halves(|half, record| record.replayed_from = Some(half.to_string().repeat(64)));
    assert!(
        union(&replayed).unwrap_err().to_string().ends_with("they differ in the record that they were replayed from")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_partition_of_the_checks_joins_to_the_same(seed in prop::collection::vec(0_usize..5, 64)) {
        let whole = Bundle::open(&committed("go-live")).unwrap();
        let groups = groups(&whole.record);
        prop_assert!(groups.len() > 5 && groups.len() <= seed.len());
        let of = |number: usize| {
            let mine = groups.iter().zip(&seed).filter(|(_, part)| **part == number);
            mine.flat_map(|(group, _)| group.iter().copied()).collect::<Vec<usize>>()
        };
        let parts: Vec<Bundle> = (0..5).map(|number| part(&whole, &of(number))).collect();
        let union = union(&parts).unwrap();
        prop_assert_eq!(&union.observations, &whole.record.observations);
        prop_assert_eq!(&union.run, &whole.record.run);
        prop_assert_eq!(&union.documents, &whole.record.documents);
        prop_assert!(union.parts.is_empty());
    }
}

/// Each part judges a statement by its own time; of the whole it holds when the last part is done, or not at all.
#[test]
fn a_statement_that_had_expired_when_the_last_part_was_done_is_not_merged() {
    let place = tempfile::tempdir().unwrap();
    let moment = |hours: i64| {
        let now = countersign::witness::clock::now().seconds();
        countersign::model::instant::Instant::from_seconds(now + hours * 3600).unwrap()
    };
    let checks = format!(
        "      - id: held\n        attestation: {{statement: It was rehearsed, by: Cora, on: {}, valid-for: 10h}}\n      \
         - {{id: says, command: {{run: [echo, hello]}}, expect: {{exit: == 0}}}}\n",
        moment(-1)
    );
    let audit = audit(place.path(), &checks);
    let parts = in_parts(&audit, &[&["--only", "all/held"], &["--only", "all/says"]]);
    assert_eq!(merge(&parts, &place.path().join("at-once")).code, 0);
    let path = parts[1].join("record.json");
    let mut record = from_bytes(&fs::read(&path).unwrap()).unwrap();
    (record.run.started_at, record.run.finished_at) = (moment(10), moment(10));
    fs::write(&path, to_bytes(&record).unwrap()).unwrap();
    let error = refused(&parts, &place.path().join("merged"));
    assert!(error.contains("what all/held states in") && error.contains("had expired at"), "{error}");
}
