//! Earlier runs: read from bundles, kept in the record, shown as a trend, and listed by `countersign history`.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::model::judgement::Verdict;
use countersign::model::record::{Earlier, Record};
use countersign::record::history::{MOST, earlier, newest};
use countersign::record::{sha256, to_bytes};
use serde_json::json;

use crate::bundles::{copy, replace};
use crate::report::sample;
use crate::support::{Ran, audit, countersign, ran, repository};

const CHECKS: &str = "      - {id: size, query: {file: n.json, jq: .n}, expect: {value: \"> 1\"}, claim: {by: Forge, value: 5}}\n      \
                      - {id: other, query: {file: n.json, jq: .n}, expect: {value: \"> 3\"}}\n";

/// A run of the audit in `place` with this number, into `audits/NAME`; returns the bundle.
fn run_with(place: &Path, name: &str, number: u32, more: &[&str]) -> PathBuf {
    let directory = audit(&place.join("checks"), CHECKS);
    fs::write(directory.join("n.json"), format!("{{\"n\": {number}}}")).unwrap();
    let to = place.join("audits").join(name);
    let ran = ran(countersign().current_dir(place).arg("run").arg("checks").arg("--to").arg(&to).args(more));
    assert!(ran.code < 4, "{}{}", ran.stdout, ran.stderr);
    to
}

fn read(bundle: &Path) -> Record {
    serde_json::from_slice(&fs::read(bundle.join("record.json")).unwrap()).unwrap()
}

fn listed(place: &Path, more: &[&str]) -> Ran {
    ran(countersign().current_dir(place).arg("history").args(more))
}

/// Moves a run to another time, in place.
fn at(bundle: &Path, time: &str) {
    let mut record = read(bundle);
    (record.run.started_at, record.run.finished_at) = (time.parse().unwrap(), time.parse().unwrap());
    fs::write(bundle.join("record.json"), to_bytes(&record).unwrap()).unwrap();
}

/// Three runs of one audit on three days: of 2, 4 and now 5.
fn three_runs(place: &Path) -> PathBuf {
    at(&run_with(place, "trial/one", 2, &[]), "2025-10-01T10:00:00Z");
    at(&run_with(place, "trial/two", 4, &[]), "2025-10-02T10:00:00Z");
    run_with(place, "trial/three", 5, &["--history", "audits"])
}

#[test]
fn a_run_keeps_the_runs_before_it_oldest_first_and_none_without_being_told() {
    let place = tempfile::tempdir().unwrap();
    let newest = read(&three_runs(place.path()));
    let days: Vec<String> = newest.history.iter().map(|run| run.finished_at.to_string()).collect();
    assert_eq!(days, ["2025-10-01T10:00:00Z", "2025-10-02T10:00:00Z"]);
    let first = read(&place.path().join("audits/trial/one"));
    assert_eq!(newest.history[0], earlier(&first, &sha256(&to_bytes(&first).unwrap())));
    assert!(first.history.is_empty());
    let text = fs::read_to_string(place.path().join("audits/trial/one/record.json")).unwrap();
    assert!(!text.contains("\"history\""), "a record without history is as it always was");
}

#[test]
fn the_report_shows_the_trend_and_verify_accepts_it() {
    let place = tempfile::tempdir().unwrap();
    let bundle = three_runs(place.path());
    let report = fs::read_to_string(bundle.join("report.md")).unwrap();
    assert!(
        report.contains("## Trend\n\n3 runs since 1 October 2025, 10:00 UTC, this one included: the score went from "),
        "{report}"
    );
    assert!(report.contains("| [All](#area-all) | 2.5 → 7.5 → 10.0 |"), "{report}");
    assert!(report.contains("| Forge | 0 of 1 → 0 of 1 → 1 of 1 | 1 of 3 upheld, 2 refuted, in 3 runs |"), "{report}");
    let page = fs::read_to_string(bundle.join("report.html")).unwrap();
    assert!(page.contains("<h2 id=\"h-trend\">Trend</h2>") && page.contains("href=\"#trend\""));
    assert!(
        page.contains("<desc>Scores of 3 runs: first 2.5 of 10 on 1 October 2025, rejected; last 10.0 of 10"),
        "{page}"
    );
    let drawn = page.split("id=\"trend\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap();
    assert_eq!(drawn.matches("class=\"at ").count(), 3 + 1, "a dot for each run, and one for the area");
    let verified = ran(countersign().arg("verify").arg(&bundle));
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    replace(&bundle.join("record.json"), "\"score\":\"2.5\"", "\"score\":\"9.5\"");
    assert_eq!(ran(countersign().arg("verify").arg(&bundle)).code, 5, "the documents no longer are what it says");
    let without = fs::read_to_string(place.path().join("audits/trial/two/report.html")).unwrap();
    assert!(!without.contains("id=\"trend\""));
}

#[test]
fn a_replay_keeps_the_history_to_the_byte() {
    let place = tempfile::tempdir().unwrap();
    let bundle = three_runs(place.path());
    fs::remove_dir_all(place.path().join("audits/trial/one")).unwrap();
    let again = place.path().join("again");
    let mut replay = countersign();
    replay.current_dir(place.path()).args(["run", "checks", "--replay"]).arg(&bundle).arg("--to").arg(&again);
    let replayed = ran(&mut replay);
    assert_eq!(replayed.code, 0, "{}", replayed.stderr);
    for name in ["record.json", "report.md", "report.html"] {
        assert_eq!(fs::read(bundle.join(name)).unwrap(), fs::read(again.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn other_audits_parts_later_runs_and_copies_are_no_history_and_damage_is_told() {
    let place = tempfile::tempdir().unwrap();
    let first = run_with(place.path(), "trial/one", 2, &[]);
    at(&first, "2025-10-01T10:00:00Z");
    copy(&first, &place.path().join("audits/trial/copy"));
    at(&run_with(place.path(), "trial/later", 2, &[]), "2999-01-01T00:00:00Z");
    run_with(place.path(), "trial/part", 2, &["--only", "all/size"]);
    let damaged = copy(&first, &place.path().join("audits/trial/damaged"));
    fs::write(damaged.join("record.json"), "{}").unwrap();
    let other = audit(&place.path().join("other"), CHECKS);
    replace(&other.join("audit.yaml"), "id: trial", "id: another");
    fs::write(other.join("n.json"), "{\"n\": 1}").unwrap();
    let to = place.path().join("audits/another");
    ran(countersign().arg("run").arg(&other).arg("--to").arg(&to));
    let bundle = place.path().join("audits/trial/now");
    let mut now = countersign();
    now.current_dir(place.path()).args(["run", "checks", "--history", "audits", "--to"]).arg(&bundle);
    let now = ran(&mut now);
    assert!(now.stderr.contains("left out of the trend: ") && now.stderr.contains("damaged"), "{}", now.stderr);
    let runs = read(&bundle).history;
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(runs[0].run_id, read(&first).run.run_id);
}

#[test]
fn of_claims_alone_the_trend_is_what_became_of_them() {
    let place = tempfile::tempdir().unwrap();
    at(&run_with(place.path(), "trial/one", 2, &["--claims-only"]), "2025-10-01T10:00:00Z");
    let bundle = run_with(place.path(), "trial/two", 5, &["--claims-only", "--history", "audits"]);
    let report = fs::read_to_string(bundle.join("report.md")).unwrap();
    assert!(report.contains("this one included: there is no score to compare."), "{report}");
    assert!(report.contains("| Forge | 0 of 1 → 1 of 1 | 1 of 2 upheld, 1 refuted, in 2 runs |"), "{report}");
    let page = fs::read_to_string(bundle.join("report.html")).unwrap();
    assert!(page.contains("id=\"trend\"") && !page.contains("class=\"trend\""));
    assert!(report.contains("– claims alone") && !report.contains("approved"), "{report}");
    let of_old = |bundle: &str| place.path().join(bundle);
    let told = listed(place.path(), &["--format", "json"]);
    assert!(told.stdout.contains("\"verdict\": \"claims-only\""), "{}", told.stdout);
    assert!(!told.stdout.contains("\"coverage\"") && !told.stdout.contains("\"score\""), "{}", told.stdout);
    for format in ["human", "json", "markdown"] {
        let mut command = countersign();
        let compared = ran(command.arg("diff").arg(of_old("audits/trial/one")).arg(&bundle).args(["--format", format]));
        assert_eq!(compared.code, 0, "{}", compared.stderr);
        let said = ["claims alone", "only claims were judged", "Only claims were judged", "\"claimsOnly\": true"];
        assert!(said.iter().any(|said| compared.stdout.contains(said)), "{}", compared.stdout);
        let verdict = compared.stdout.contains("the verdict") || compared.stdout.contains("The verdict");
        assert!(!verdict, "there is none: {}", compared.stdout);
    }
}

#[test]
fn no_more_than_the_newest_are_kept_each_once() {
    let one = earlier(&sample(), &"a".repeat(64));
    let run = |number: usize| Earlier {
        run_id: format!("run-{number}"),
        finished_at: countersign::model::instant::Instant::from_seconds(1_700_000_000 + number as i64).unwrap(),
        ..one.clone()
    };
    let runs = newest((0..MOST + 7).rev().chain(0..MOST).map(run).collect());
    assert_eq!(runs.len(), MOST);
    assert_eq!((runs[0].run_id.as_str(), runs[MOST - 1].run_id.as_str()), ("run-7", "run-56"));
}

#[test]
fn merging_parts_keeps_what_they_know_and_comparing_sees_no_change_in_it() {
    let place = tempfile::tempdir().unwrap();
    at(&run_with(place.path(), "trial/one", 2, &[]), "2025-10-01T10:00:00Z");
    let parts: Vec<PathBuf> = ["1/2", "2/2"]
        .into_iter()
        .enumerate()
        .map(|(at, shard)| {
            run_with(place.path(), &format!("parts/{at}"), 5, &["--shard", shard, "--history", "audits/trial"])
        })
        .collect();
    let merged = place.path().join("merged");
    let done = ran(countersign().arg("merge").args(&parts).arg("--to").arg(&merged));
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert_eq!(read(&merged).history.len(), 1);
    let mut bare = read(&merged);
    bare.history.clear();
    let other = copy(&merged, &place.path().join("bare"));
    fs::write(other.join("record.json"), to_bytes(&bare).unwrap()).unwrap();
    let compared = ran(countersign().arg("diff").arg(&other).arg(&merged).arg("--fail-on-change"));
    assert_eq!(compared.code, 0, "{}", compared.stdout);
}

#[test]
fn the_runs_are_listed_newest_first_with_what_became_of_claims() {
    let place = tempfile::tempdir().unwrap();
    three_runs(place.path());
    let found = listed(place.path(), &[]);
    assert_eq!(found.code, 0, "{}", found.stderr);
    let lines: Vec<&str> = found.stdout.lines().collect();
    assert_eq!(lines[0], "trial  Trial, 3 runs");
    assert!(
        lines[1].contains("✓ approved ") && lines[1].contains("10.0  +2.5  100 % covered  claims 1 of 1"),
        "{}",
        found.stdout
    );
    assert!(lines[2].trim().starts_with("2 October 2025, 10:00 UTC"), "{}", found.stdout);
    assert!(lines[3].contains(" 2.5        100 % covered  claims 0 of 1"), "{}", found.stdout);
    assert_eq!(lines[4], "  Forge: 1 of 3 upheld, 2 refuted, in 3 runs");
    let page = listed(place.path(), &["--format", "markdown"]).stdout;
    assert!(page.starts_with("# Audits\n\n## Trial\n\n| Run | Version | Verdict |"), "{page}");
    assert!(page.contains("| 10.0 | +2.5 | 100 % | 1 of 1 | – |"), "{page}");
}

#[test]
fn runs_of_the_same_second_are_in_the_order_in_which_they_began() {
    let place = tempfile::tempdir().unwrap();
    let names = ["six", "five", "four", "three", "two", "one"];
    let scores: Vec<u32> = (1..=names.len() as u32).collect();
    for (name, number) in names.iter().zip(&scores) {
        at(&run_with(place.path(), &format!("trial/{name}"), *number, &[]), "2025-10-01T10:00:00Z");
    }
    let found: serde_json::Value = serde_json::from_str(&listed(place.path(), &["--format", "json"]).stdout).unwrap();
    let runs = found["audits"][0]["runs"].as_array().unwrap().iter();
    let listed: Vec<&str> = runs.map(|run| run["bundle"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
    assert!(listed.iter().eq(names.iter().rev()), "{listed:?}");
    let last = read(&run_with(place.path(), "trial/last", 9, &["--history", "audits"]));
    let ids: Vec<&String> = last.history.iter().map(|run| &run.run_id).collect();
    assert!(ids.is_sorted() && ids.len() == names.len() && *ids[5] < last.run.run_id, "{ids:?}");
}

#[test]
fn for_programs_there_is_json_and_a_damaged_bundle_ends_with_1() {
    let place = tempfile::tempdir().unwrap();
    three_runs(place.path());
    let damaged = copy(&place.path().join("audits/trial/one"), &place.path().join("audits/trial/damaged"));
    fs::write(damaged.join("record.json"), "{}").unwrap();
    let found = listed(place.path(), &["--format", "json"]);
    assert_eq!(found.code, 1, "{}", found.stderr);
    let report: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    let schema = ran(countersign().args(["schema", "history"]));
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&report), "{report}");
    assert_eq!(report["audits"][0]["runs"].as_array().unwrap().len(), 3);
    let runs = &report["audits"][0]["runs"];
    assert_eq!((&runs[0]["score"], &runs[0]["change"], &runs[0]["coverage"]), (&json!(10), &json!(2.5), &json!(1)));
    at(&run_with(place.path(), "trial/worse", 2, &[]), "2998-01-01T10:00:00Z");
    let worse: serde_json::Value = serde_json::from_str(&listed(place.path(), &["--format", "json"]).stdout).unwrap();
    assert_eq!(worse["audits"][0]["runs"][0]["change"], json!(-7.5), "{worse}");
    assert!(report["damaged"][0]["bundle"].as_str().unwrap().ends_with("damaged"));
}

#[test]
fn where_there_is_nothing_that_is_said() {
    let place = tempfile::tempdir().unwrap();
    let found = listed(place.path(), &[]);
    assert_eq!((found.code, found.stdout.as_str()), (0, ""));
    assert!(found.stderr.contains("there is no bundle below \"audits\""), "{}", found.stderr);
    let named = listed(place.path(), &["audtis"]);
    assert_eq!((named.code, named.stdout.as_str()), (4, ""));
    assert!(named.stderr.contains("could not read \"audtis\": there is no such directory"), "{}", named.stderr);
    let example = listed(&repository(), &["fixtures/bundles"]);
    assert_eq!(example.code, 0, "{}", example.stderr);
    assert!(
        example.stdout.contains("chunk-1-go-live") && example.stdout.contains("signed 0 of 5"),
        "{}",
        example.stdout
    );
}

/// The sample after three runs, of every verdict but one, one of them with text that tries to be more.
pub(crate) fn sample_with_history() -> Record {
    let mut record = sample();
    let run = |day: i64, verdict, score: Option<&str>| Earlier {
        run_id: format!("run-{day}"),
        finished_at: countersign::model::instant::Instant::from_seconds(1_700_000_000 + day * 86_400).unwrap(),
        version: Some("</desc><script>alert(1)</script> | [x](y)".to_owned()).filter(|_| day == 0),
        verdict,
        score: score.map(|score| score.parse().unwrap()),
        ..earlier(&record, &"b".repeat(64))
    };
    record.history = vec![
        run(0, Verdict::Rejected, Some("2.5")),
        run(1, Verdict::Undetermined, None),
        run(2, Verdict::Approved, Some("9")),
    ];
    record
}

#[test]
fn what_an_earlier_run_says_of_itself_stays_text() {
    let record = sample_with_history();
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("record.json"), to_bytes(&record).unwrap()).unwrap();
    assert_eq!(ran(countersign().arg("render").arg(place.path())).code, 0);
    let page = fs::read_to_string(place.path().join("report.html")).unwrap();
    assert!(
        page.contains("&lt;&#x2f;desc&gt;&lt;script&gt;alert(1)")
            || page.contains("&lt;/desc&gt;&lt;script&gt;alert(1)")
    );
    assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
    let report = fs::read_to_string(place.path().join("report.md")).unwrap();
    let row =
        report.lines().find(|line| line.contains("alert(1)") && line.starts_with("| 14 November 2023")).expect("a row");
    assert!(!row.contains("<script>") && row.replace("\\|", "").matches('|').count() == 9, "{row}");
}

#[test]
fn the_parts_of_a_merged_run_are_charged_to_nobody() {
    let place = tempfile::tempdir().unwrap();
    let parts: Vec<PathBuf> = ["1/2", "2/2"]
        .into_iter()
        .enumerate()
        .map(|(at, shard)| run_with(place.path(), &format!("trial/{at}"), 5, &["--shard", shard]))
        .collect();
    let merged = ran(countersign().arg("merge").args(&parts).arg("--to").arg(place.path().join("audits/trial/merged")));
    assert_eq!(merged.code, 0, "{}{}", merged.stdout, merged.stderr);
    run_with(place.path(), "trial/whole", 5, &[]);
    let listed = listed(place.path(), &["audits", "--format", "markdown"]);
    assert!(listed.stdout.contains("Forge: 2 of 2 upheld"), "{}", listed.stdout);
}
