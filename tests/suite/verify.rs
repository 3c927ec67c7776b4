//! `countersign verify`: a bundle as it was written is intact, and every way to change one has its code.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bundles::{committed, copy, replace, without_digests};
use crate::support::{Ran, as_its_schema_says, audit, countersign, golden, ran, repository, run};

fn verify(bundle: &Path, flags: &[&str]) -> Ran {
    ran(countersign().arg("verify").arg(bundle).args(flags))
}

/// The codes of what was found, each once.
fn codes(bundle: &Path) -> Vec<String> {
    let ran = verify(bundle, &["--format", "json"]);
    let json = as_its_schema_says("verify", &ran.stdout);
    assert_eq!(json["schema"], "urn:countersign:verify:v1");
    assert_eq!(ran.code, if json["intact"] == true { 0 } else { 5 });
    let findings = json["findings"].as_array().unwrap();
    let mut codes: Vec<String> = findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    codes.dedup();
    codes
}

/// A copy of the committed stack bundle, intact until the test changes it.
fn stack(place: &Path) -> PathBuf {
    let bundle = copy(&committed("stack"), &place.join("bundle"));
    assert!(codes(&bundle).is_empty(), "the copy is intact");
    bundle
}

fn a_piece_of_evidence(bundle: &Path) -> PathBuf {
    let entries = fs::read_dir(bundle.join("evidence")).unwrap().map(|entry| entry.unwrap().path());
    entries.into_iter().find(|path| path.to_string_lossy().ends_with("rules.json")).unwrap()
}

#[test]
fn both_committed_bundles_are_intact() {
    for (name, file) in [("go-live", "go-live.txt"), ("stack", "stack.txt")] {
        // Later more of what was to be done is overdue.
        let ran = verify(&committed(name), &["--now", "2025-10-20T21:00:00Z"]);
        assert_eq!(ran.code, 0, "{}", ran.stdout);
        golden(&repository().join("fixtures/verified").join(file), &without_digests(&ran.stdout));
    }
}

#[test]
fn a_bundle_that_was_just_written_is_intact() {
    let place = tempfile::tempdir().unwrap();
    let checks = "      - {id: says, command: {run: [echo, \"e\\u0301 <b>\"]}, expect: {exit: == 0}}\n";
    let directory = audit(place.path(), checks);
    run(&directory);
    assert!(codes(&directory.join("bundle")).is_empty());
}

#[test]
fn a_space_in_the_record_is_not_canonical() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    replace(&bundle.join("record.json"), "{\"audit\":", "{ \"audit\":");
    assert_eq!(codes(&bundle), ["RECORD_NOT_CANONICAL"]);
}

#[test]
fn a_record_that_ends_early_or_has_another_schema_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    let record = bundle.join("record.json");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, &text[..text.len() / 2]).unwrap();
    assert_eq!(codes(&bundle), ["RECORD_UNREADABLE"]);
    fs::write(&record, text.replace("urn:countersign:record:v1", "urn:countersign:record:v9")).unwrap();
    assert_eq!(codes(&bundle), ["RECORD_SCHEMA_UNKNOWN"]);
}

#[test]
fn a_name_given_twice_in_the_record_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    replace(&bundle.join("record.json"), "\"previous\":null", "\"previous\":null,\"previous\":null");
    assert_eq!(codes(&bundle), ["RECORD_UNREADABLE"]);
}

#[test]
fn evidence_that_was_taken_away_is_missing() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    fs::remove_file(a_piece_of_evidence(&bundle)).unwrap();
    assert!(codes(&bundle).contains(&"EVIDENCE_MISSING".to_owned()));
}

#[test]
fn evidence_that_was_changed_is_a_mismatch_by_size_and_by_digest() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    let file = a_piece_of_evidence(&bundle);
    let bytes = fs::read(&file).unwrap();
    let mut flipped = bytes.clone();
    flipped[0] ^= 1;
    fs::write(&file, flipped).unwrap();
    assert!(codes(&bundle).contains(&"EVIDENCE_MISMATCH".to_owned()));
    fs::write(&file, &bytes[1..]).unwrap();
    assert!(codes(&bundle).contains(&"EVIDENCE_MISMATCH".to_owned()));
    fs::write(&file, bytes).unwrap();
    assert!(codes(&bundle).is_empty());
}

#[test]
fn a_file_besides_the_evidence_is_unknown() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    fs::write(bundle.join("evidence/0000000000000000-more.txt"), "more").unwrap();
    assert_eq!(codes(&bundle), ["EVIDENCE_UNKNOWN"]);
}

#[cfg(unix)]
#[test]
fn what_lies_beside_a_bundle_in_its_directory_is_told_and_not_vouched_for() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    assert!(!verify(&bundle, &[]).stdout.contains("no part of the bundle"), "nothing lies there yet");
    fs::write(bundle.join("index\u{1b}[2J.html"), "<h1>Approved</h1>").unwrap();
    let one = verify(&bundle, &[]);
    assert_eq!(one.code, 0, "the bundle itself is as it was");
    let said = "- besides    index\\u{1b}[2J.html is no part of the bundle, and was not looked at";
    assert!(one.stdout.contains(said), "{}", one.stdout);
    for number in 0..9 {
        fs::write(bundle.join(format!("a{number}")), "").unwrap();
    }
    let many = verify(&bundle, &[]).stdout;
    assert!(many.contains("a0, a1, a2, a3, a4 and 5 more are no part of the bundle, and were not looked at"), "{many}");
}

#[test]
fn a_link_in_place_of_evidence_is_not_followed() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    let file = a_piece_of_evidence(&bundle);
    let aside = place.path().join("aside");
    fs::rename(&file, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &file).unwrap();
    assert!(codes(&bundle).contains(&"EVIDENCE_MISSING".to_owned()));
}

/// What a replay does not open must not be intact for `verify`: on another system it may lead elsewhere.
#[test]
fn a_name_of_evidence_that_only_some_systems_take_for_one_is_none() {
    let place = tempfile::tempdir().unwrap();
    for (number, (written, meant)) in [("a\\\\b", "a\\b"), ("c:b", "c:b")].into_iter().enumerate() {
        let bundle = stack(&place.path().join(number.to_string()));
        let file = a_piece_of_evidence(&bundle);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        fs::rename(&file, bundle.join("evidence").join(meant)).unwrap();
        replace(&bundle.join("record.json"), &format!("\"file\":\"{name}\""), &format!("\"file\":\"{written}\""));
        let found = verify(&bundle, &[]);
        assert!(found.stdout.contains("in a way that is no plain file name"), "{}", found.stdout);
    }
}

#[test]
fn a_file_of_evidence_has_one_digest_wherever_the_record_names_it() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    let record = bundle.join("record.json");
    let text = fs::read_to_string(&record).unwrap();
    let name = a_piece_of_evidence(&bundle).file_name().unwrap().to_string_lossy().into_owned();
    let named = format!("\"file\":\"{name}\"");
    let other =
        text.split("\"file\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).find(|file| *file != name);
    fs::write(&record, text.replacen(&format!("\"file\":\"{}\"", other.unwrap()), &named, 1)).unwrap();
    let found = verify(&bundle, &[]);
    assert_eq!(found.code, 5);
    assert!(found.stdout.contains("the record gives it more than one sha256"), "{}", found.stdout);
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_any_part_of_a_bundle_is_not_followed() {
    for (part, code) in [
        ("evidence", "EVIDENCE_MISSING"),
        ("record.json", "RECORD_UNREADABLE"),
        ("report.html", "DOCUMENT_MISMATCH"),
        ("report.md", "DOCUMENT_MISMATCH"),
        ("signoffs", "SIGNOFF_UNKNOWN"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let bundle = stack(place.path());
        let aside = place.path().join("aside");
        // Nobody signed it: what the link leads to is an empty directory.
        fs::rename(bundle.join(part), &aside).or_else(|_| fs::create_dir(&aside)).unwrap();
        std::os::unix::fs::symlink(&aside, bundle.join(part)).unwrap();
        assert_eq!(codes(&bundle), [code], "{part}");
    }
    let place = tempfile::tempdir().unwrap();
    let link = place.path().join("link");
    std::os::unix::fs::symlink(stack(place.path()), &link).unwrap();
    assert!(codes(&link).is_empty(), "a link to the bundle itself is what was named");
}

#[test]
fn a_better_verdict_in_the_record_does_not_survive_judging_again() {
    let place = tempfile::tempdir().unwrap();
    let bundle = copy(&committed("go-live"), &place.path().join("bundle"));
    replace(&bundle.join("record.json"), "\"verdict\":\"approved-with-conditions\"", "\"verdict\":\"approved\"");
    assert!(codes(&bundle).contains(&"VERDICT_RECOMPUTE".to_owned()));
    let ran = verify(&bundle, &[]);
    let said = "judgement.verdict says \"approved\" and judging again gives \"approved-with-conditions\"";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}

#[test]
fn a_changed_fact_does_not_survive_judging_again() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    replace(
        &bundle.join("record.json"),
        "\"rules\":{\"present\":{\"count\":\"13\"}}",
        "\"rules\":{\"present\":{\"count\":\"12\"}}",
    );
    assert!(codes(&bundle).contains(&"VERDICT_RECOMPUTE".to_owned()));
}

#[test]
fn a_changed_audit_in_the_record_has_not_the_recorded_digest() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    replace(&bundle.join("record.json"), "\"title\":\"The monitoring stack\"", "\"title\":\"The Monitoring stack\"");
    assert!(codes(&bundle).contains(&"POLICY_MISMATCH".to_owned()));
}

#[test]
fn a_changed_or_missing_document_is_a_mismatch_with_its_place() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    replace(&bundle.join("report.md"), "# The monitoring stack", "# The perfect stack");
    assert_eq!(codes(&bundle), ["DOCUMENT_MISMATCH"]);
    let ran = verify(&bundle, &[]);
    assert!(ran.stdout.contains("report.md"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("\"perfect stack\" stands there, and the record gives \"monitoring stack\""),
        "{}",
        ran.stdout
    );
    let bundle = copy(&committed("stack"), &place.path().join("other"));
    fs::remove_file(bundle.join("report.html")).unwrap();
    assert_eq!(codes(&bundle), ["DOCUMENT_MISMATCH"]);
}

#[test]
fn documents_of_other_templates_are_checked_with_these() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    let templates = place.path().join("templates");
    fs::create_dir(&templates).unwrap();
    fs::write(templates.join("report.md.j2"), "# Mine\n").unwrap();
    ran(countersign().arg("render").arg(&bundle).arg("--template").arg(&templates));
    assert_eq!(codes(&bundle), ["DOCUMENT_MISMATCH"]);
    let with = verify(&bundle, &["--template", &templates.display().to_string()]);
    assert_eq!(with.code, 0, "{}", with.stdout);
}

#[test]
fn what_is_no_bundle_could_not_be_verified() {
    let place = tempfile::tempdir().unwrap();
    let ran = verify(place.path(), &[]);
    assert_eq!(ran.code, 4);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("is not a bundle"), "{}", ran.stderr);
}

/// An audit whose claim stands in README.md, run into `bundle`; its folder.
fn claimed(place: &Path) -> PathBuf {
    let checks = "      - id: rules\n        query: {file: n.json, jq: .n}\n        expect: {value: \"> 1\"}\n        \
                  claim: {by: Forge, value: 13, at: \"README.md#Rules/Alert rules\"}\n";
    let directory = audit(place, checks);
    fs::write(directory.join("n.json"), "{\"n\": 13}").unwrap();
    fs::write(directory.join("README.md"), "# Thing\n\n## Rules\n\n- Alert rules: 13\n").unwrap();
    let ran = run(&directory);
    assert!(ran.code < 4, "{}", ran.stderr);
    directory
}

fn against(directory: &Path) -> Ran {
    verify(&directory.join("bundle"), &["--root", &directory.display().to_string()])
}

#[test]
fn without_a_root_it_is_said_that_documents_were_not_compared() {
    let ran = verify(&committed("stack"), &[]);
    assert!(ran.stdout.contains("documents were not compared"), "{}", ran.stdout);
}

#[test]
fn a_claim_that_still_stands_is_intact_wherever_it_moved() {
    let place = tempfile::tempdir().unwrap();
    let directory = claimed(place.path());
    let ran = against(&directory);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("changed elsewhere"), "{}", ran.stdout);
    replace(&directory.join("README.md"), "# Thing", "# Thing\n\nA new paragraph.");
    let ran = against(&directory);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("README.md changed elsewhere"), "{}", ran.stdout);
}

#[test]
fn a_claim_that_says_something_else_has_changed_since_with_its_place() {
    let place = tempfile::tempdir().unwrap();
    let directory = claimed(place.path());
    replace(&directory.join("README.md"), "Alert rules: 13", "Alert rules: 14");
    let ran = against(&directory);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("changed since README.md:5:16 value of all/rules by Forge"), "{}", ran.stdout);
    assert!(ran.stdout.contains("said \"13\", now \"14\""), "{}", ran.stdout);
    replace(&directory.join("README.md"), "- Alert rules: 14\n", "");
    let ran = against(&directory);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("said \"13\", now it is gone"), "{}", ran.stdout);
}

#[test]
fn a_changed_short_form_is_a_mismatch_and_a_missing_one_is_none() {
    let place = tempfile::tempdir().unwrap();
    let bundle = stack(place.path());
    let made = ran(countersign().arg("render").arg(&bundle).arg("--brief"));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let intact = verify(&bundle, &[]);
    assert_eq!(intact.code, 0, "{}", intact.stdout);
    assert!(intact.stdout.contains("brief.md and brief.html rendered again"), "{}", intact.stdout);
    for name in ["brief.md", "brief.html"] {
        let written = fs::read(bundle.join(name)).unwrap();
        fs::write(bundle.join(name), [&written[..], b"approved"].concat()).unwrap();
        assert_eq!(codes(&bundle), ["DOCUMENT_MISMATCH"], "{name}");
        fs::write(bundle.join(name), written).unwrap();
    }
    fs::remove_file(bundle.join("brief.md")).unwrap();
    assert!(codes(&bundle).is_empty());
}
