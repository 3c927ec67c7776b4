//! The documents of a signed bundle: no change to one goes unseen, the printed lines work as they are printed, and programs
//! that nobody here wrote read the envelopes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::signoff::pae;
use regex::Regex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::bundles::committed;
use crate::ci_formats::validators;
use crate::signers::Signers;
use crate::support::{as_its_schema_says, countersign, ran, repository, skipped};

/// What is done to a page.
type Change = fn(&str) -> String;

fn replaced(page: &str, pattern: &str, with: &str) -> String {
    let pattern = Regex::new(pattern).unwrap();
    assert!(pattern.is_match(page), "{pattern}");
    pattern.replace(page, with).into_owned()
}

const TO_A_PAGE: &[(&str, Change)] = &[
    ("a number that is seen", |page| replaced(page, r#"<span class="big">\d"#, r#"<span class="big">9"#)),
    ("a row that is not seen", |page| replaced(page, "</tbody>", "<tr hidden><td>x</td></tr></tbody>")),
    ("the policy is gone", |page| replaced(page, "<meta http-equiv=[^>]*>\n", "")),
    ("a script", |page| replaced(page, "</body>", "<script>alert(1)</script></body>")),
    ("a script before the first byte", |page| format!("<script>alert(1)</script>{page}")),
    ("a comment behind the last byte", |page| format!("{page}<!-- -->")),
    ("another record inside", |page| {
        let other = fs::read_to_string(committed("stack").join("report.html")).unwrap();
        let element = Regex::new(r#"id="countersign-record">"([^"]*)""#).unwrap();
        let record = element.captures(&other).unwrap()[1].to_owned();
        replaced(page, r#"id="countersign-record">"[^"]*""#, &format!(r#"id="countersign-record">"{record}""#))
    }),
    ("a second record inside", |page| {
        let element =
            Regex::new(r#"<script type="application/json" id="countersign-record">"[^"]*"</script>"#).unwrap();
        let one = element.find(page).unwrap().as_str().to_owned();
        replaced(page, "</body>", &format!("{one}</body>"))
    }),
    ("no record inside", |page| replaced(page, r#"id="countersign-record">"[^"]*""#, r#"id="countersign-record">"""#)),
    ("no sign-offs inside", |page| replaced(page, "<script[^>]*countersign-signoffs[^\n]*\n", "")),
    ("other excerpts inside", |page| {
        replaced(page, r#"id="countersign-excerpts">"[^"]*""#, r#"id="countersign-excerpts">"e30=""#)
    }),
    ("another fingerprint", |page| replaced(page, "SHA256:.", "SHA256:!")),
];

fn verified(what: &Path) -> (i32, Vec<String>) {
    let ran = ran(countersign().args(["verify", "--format", "json"]).arg(what));
    let json = as_its_schema_says("verify", &ran.stdout);
    let findings = json["findings"].as_array().unwrap().iter();
    (ran.code, findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn no_change_to_a_page_goes_unseen_beside_its_record_and_alone() {
    let Some(signers) = Signers::signed() else { return };
    let beside = signers.bundle().join("report.html");
    let alone = signers.path("alone.html");
    let page = fs::read_to_string(&beside).unwrap();
    fs::write(&alone, &page).unwrap();
    assert_eq!((verified(&beside), verified(&alone)), ((0, vec![]), (0, vec![])), "untouched");
    for (name, change) in TO_A_PAGE {
        let changed = change(&page);
        assert_ne!(changed, page, "{name}");
        for place in [&beside, &alone] {
            fs::write(place, &changed).unwrap();
            let (code, found) = verified(place);
            let codes = ["DOCUMENT_MISMATCH", "RECORD_UNREADABLE"];
            assert!(code == 5 && found.iter().any(|code| codes.contains(&code.as_str())), "{name}: {code} {found:?}");
            fs::write(place, &page).unwrap();
        }
    }
}

#[test]
fn the_page_of_another_bundle_is_not_this_one_s() {
    let Some(signers) = Signers::signed() else { return };
    let other = committed("stack").join("report.html");
    for (name, expected) in [("report.html", (5, vec!["DOCUMENT_MISMATCH".to_owned()])), ("other.html", (0, vec![]))] {
        let place = signers.bundle().join(name);
        fs::copy(&other, &place).unwrap();
        assert_eq!(verified(&place), expected, "{name}");
    }
}

#[test]
fn an_excerpt_that_was_changed_everywhere_in_a_page_is_found_though_the_evidence_is_not_there() {
    let Some(signers) = Signers::signed() else { return };
    let page = fs::read_to_string(signers.bundle().join("report.html")).unwrap();
    let alone = signers.path("alone.html");
    let element = Regex::new(r#"id="countersign-excerpts">"([^"]*)""#).unwrap();
    let packed = element.captures(&page).unwrap()[1].to_owned();
    // What begins like this is shown cut, and goes on in the evidence.
    for (before, after, cut) in [("\n13\n14\n", "\n13\n99\n", true), ("fine\n", "good\n", false)] {
        let mut files: BTreeMap<String, String> = serde_json::from_slice(&STANDARD.decode(&packed).unwrap()).unwrap();
        for content in files.values_mut() {
            let text = String::from_utf8(STANDARD.decode(&*content).unwrap()).unwrap();
            assert!(!text.contains(before) || (text.len() == 4096) == cut);
            *content = STANDARD.encode(text.replace(before, after));
        }
        let changed =
            page.replace(before, after).replace(&packed, &STANDARD.encode(serde_json::to_vec(&files).unwrap()));
        assert_ne!(changed, page);
        fs::write(&alone, changed).unwrap();
        let (code, found) = verified(&alone);
        assert!(code == 5 && found.contains(&"EVIDENCE_MISMATCH".to_owned()), "{before:?}: {code} {found:?}");
    }
}

#[test]
fn a_page_whose_record_was_raised_is_found_by_judging_again() {
    let Some(signers) = Signers::signed() else { return };
    crate::bundles::replace(
        &signers.bundle().join("record.json"),
        "\"verdict\":\"approved-with-conditions\"",
        "\"verdict\":\"approved\"",
    );
    ran(countersign().arg("render").arg(signers.bundle()));
    let alone = signers.path("alone.html");
    fs::copy(signers.bundle().join("report.html"), &alone).unwrap();
    let (code, findings, sign_offs) = signers.found(&alone, &[]);
    assert_eq!((code, findings), (5, vec!["VERDICT_RECOMPUTE".to_owned()]));
    assert_eq!(sign_offs, ["SUBJECT_MISMATCH", "SUBJECT_MISMATCH"]);
}

#[test]
fn no_change_to_a_markdown_report_goes_unseen_and_alone_it_is_not_verified() {
    let Some(signers) = Signers::signed() else { return };
    let report = signers.bundle().join("report.md");
    let text = fs::read_to_string(&report).unwrap();
    assert_eq!(verified(&report), (0, vec![]));
    let copy = signers.bundle().join("handed-out.md");
    for change in [|text: &str| text.replacen("of 10", "of 11", 1), |text: &str| format!("{text}\n<!-- more -->\n")] {
        fs::write(&report, change(&text)).unwrap();
        assert_eq!(verified(&report), (5, vec!["DOCUMENT_MISMATCH".to_owned()]));
        fs::write(&report, &text).unwrap();
        fs::write(&copy, change(&text)).unwrap();
        assert_eq!(verified(&copy), (5, vec!["DOCUMENT_MISMATCH".to_owned()]), "a copy under another name");
    }
    fs::write(signers.path("alone.md"), &text).unwrap();
    let alone = ran(countersign().arg("verify").arg(signers.path("alone.md")));
    assert!(
        alone.code == 4 && alone.stderr.contains("Markdown holds no record, and none stands beside it"),
        "{}",
        alone.stderr
    );
}

/// The shell lines that a report prints for its sign-offs.
fn printed(report: &str) -> Vec<String> {
    let (_, rest) = report.split_once("### Verify the sign-offs yourself").unwrap();
    rest.split("```sh\n").skip(1).map(|block| block.split_once("\n```").unwrap().0.to_owned()).collect()
}

#[test]
fn the_printed_lines_check_the_sign_offs_as_they_are_printed() {
    let Some(signers) = Signers::signed() else { return };
    if Command::new("jq").arg("--version").output().is_err() {
        skipped("there is no jq to run the printed lines with");
        return;
    }
    let lines = printed(&fs::read_to_string(signers.bundle().join("report.md")).unwrap());
    assert_eq!(lines.len(), 2);
    let run = |lines: &str, by_variable: bool| {
        let mut command = Command::new("bash");
        command.args(["-c", lines]).current_dir(signers.bundle());
        if by_variable {
            command
                .env("ALLOWED_SIGNERS", signers.path("allowed_signers"))
                .env("REVOKED_KEYS", signers.path("revoked_keys"));
        }
        let out = command.output().unwrap();
        String::from_utf8(out.stdout).unwrap()
    };
    let is_good = |out: &str| {
        let digests: Vec<&str> =
            out.lines().filter_map(|line| line.get(..64)).filter(|line| !line.contains(' ')).collect();
        out.contains("Good \"signoff.v1@countersign\" signature") && digests.len() == 2 && digests[0] == digests[1]
    };
    for lines in &lines {
        assert!(is_good(&run(lines, true)), "{lines}\n{}", run(lines, true));
        assert!(!is_good(&run(lines, false)), "there is no file of keys in the bundle");
    }
    for name in ["allowed_signers", "revoked_keys"] {
        fs::copy(signers.path(name), signers.bundle().join(name)).unwrap();
    }
    assert!(lines.iter().all(|lines| is_good(&run(lines, false))), "with the files copied beside it");
    assert_eq!(verified(&signers.bundle()), (0, vec![]), "and they are no concern of the bundle");
    crate::bundles::replace(&signers.bundle().join("record.json"), "\"previous\":null", "\"previous\": null");
    assert!(!is_good(&run(&lines[0], false)), "another record");
    fs::copy(signers.path("alice.pub"), signers.bundle().join("revoked_keys")).unwrap();
    let of_alice = lines.iter().find(|lines| lines.contains("alice@example.com")).unwrap();
    assert!(!run(of_alice, false).contains("Good"), "a revoked key");
}

#[test]
fn the_lines_of_all_sign_offs_are_the_envelopes() {
    let Some(signers) = Signers::signed() else { return };
    let lines = fs::read_to_string(signers.bundle().join("record.json.intoto.jsonl")).unwrap();
    let files = [signers.files("engineering"), signers.files("security")].concat();
    let envelopes: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    assert_eq!(lines, envelopes.concat());
}

#[test]
fn libraries_for_in_toto_read_the_same_bytes() {
    let Some(signers) = Signers::signed() else { return };
    let Some(validators) = validators() else { return };
    let lines = signers.bundle().join("record.json.intoto.jsonl");
    let mut command = Command::new(validators.join("python/bin/python"));
    let out = command.arg(repository().join("fixtures/ci/read_signoffs.py")).arg(&lines).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let read: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(read.len(), 2);
    let hex = |bytes: &[u8]| -> String { Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect() };
    let record = hex(&fs::read(signers.bundle().join("record.json")).unwrap());
    for (line, read) in fs::read_to_string(lines).unwrap().lines().zip(read) {
        let envelope: Value = serde_json::from_str(line).unwrap();
        let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
        assert_eq!(read["payload"], hex(&payload));
        assert_eq!(read["message"], hex(&pae(&payload)));
        assert_eq!(read["subject"], Value::from(vec![record.clone()]));
        assert_eq!(read["predicateType"], "urn:countersign:attestation:signoff:v1");
    }
}

#[test]
fn the_short_form_that_stands_in_a_bundle_names_who_signed() {
    let Some(signers) = Signers::new() else { return };
    let brief = || fs::read_to_string(signers.bundle().join("brief.md")).unwrap();
    assert_eq!(ran(countersign().arg("render").arg(signers.bundle()).arg("--brief")).code, 0);
    let before = brief();
    signers.approve("security", "alice@example.com", "alice");
    assert_ne!(brief(), before);
    let (_, codes) = verified(&signers.bundle());
    assert!(codes.is_empty(), "{codes:?}");
    fs::remove_file(signers.bundle().join("brief.md")).unwrap();
    signers.approve("engineering", "bob@example.com", "bob");
    assert!(!signers.bundle().join("brief.md").exists(), "only what stands there is rendered again");
}
