//! Formats hold whatever stands in a record: each is read back by a reader of its own kind.

mod attested;
mod places;

use std::collections::BTreeSet;
use std::path::Path;

use attested::{is_cyclonedx, is_in_toto, is_oscal};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use regex::Regex;
use serde_json::Value;

use super::notice::{Notice, NoticeRule};
use super::results::{Finding, Kind, Level, Outcome, Place, Results};
use super::{Base, FORMATS, MOST_SUMMARY, github_summary, results};
use crate::model::record::Record;

fn sample_json() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/records/sample/record.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn of(record: &Record) -> Results {
    results(record, &"0".repeat(64), &Base::default())
}

fn sample() -> Results {
    of(&serde_json::from_value(sample_json()).unwrap())
}

fn text_of(name: &str, results: &Results) -> String {
    let format = FORMATS.iter().find(|format| format.name == name).unwrap();
    (format.render)(results).unwrap()
}

fn json_of(name: &str, results: &Results) -> Value {
    serde_json::from_str(&text_of(name, results)).unwrap()
}

/// Puts `text` wherever a record holds words of people or of the outside.
fn poison(value: &mut Value, text: &str) {
    const WORDS: [&str; 20] = [
        "title",
        "reason",
        "by",
        "written",
        "text",
        "remediation",
        "version",
        "commit",
        "owner",
        "name",
        "fact",
        "kind",
        "source",
        "at",
        "toolVersion",
        "platform",
        "matters",
        "line_text",
        "lineText",
        "runId",
    ];
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    // In a time of day, `at` is the moment.
                    Value::String(string) if key == "at" && !string.contains('/') => {}
                    Value::String(string) if WORDS.contains(&key.as_str()) => text.clone_into(string),
                    Value::Array(place) if key == "declared" => place[0] = text.into(),
                    value => poison(value, text),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, text)),
        _ => {}
    }
}

/// Poisoned in its words, while what gives it its shape stays as it is.
fn poisoned(text: &str) -> Results {
    let mut value = sample_json();
    let keep = value["audit"]["kinds"].take();
    for part in ["title", "checks", "waivers", "conditions", "areas", "subject", "claims", "provenance"] {
        if let Some(part) = value["audit"].get_mut(part) {
            match part {
                Value::String(title) => text.clone_into(title),
                part => poison(part, text),
            }
        }
    }
    poison(&mut value["run"], text);
    poison(&mut value["judgement"], text);
    value["audit"]["kinds"] = keep;
    of(&serde_json::from_value(value).unwrap())
}

fn hostile() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "::error::x",
        "\n::add-mask::a",
        "\r::stop-commands::z",
        "##[group]",
        "##vso[task.complete]",
        "[[ATTACHMENT|/etc/passwd]]",
        "[[attachment|",
        "\u{1b}[2J",
        "\u{202e}",
        "\0",
        "\u{ffff}",
        "\u{fffe}",
        "]]>",
        "<!--",
        "</testcase>",
        "&amp;",
        "\"",
        "'",
        "\\",
        "# SKIP",
        "# TODO",
        "\\# SKIP",
        "Bail out!",
        "\nBail out!",
        "  ...",
        "---",
        "1..0",
        "| a |",
        "<script>",
        "![x](y)",
        "[a](javascript:b)",
        "`",
        "\n# EOF\n",
        "{",
        "}",
        ",",
        ":",
        "%0A",
        "%",
        "@user",
        "../../..",
        "/etc",
        "#",
        "\u{200b}",
    ]);
    prop::collection::vec(prop_oneof![4 => known.prop_map(str::to_owned), 1 => ".{0,12}"], 1..6)
        .prop_map(|parts| parts.concat())
}

fn no_command_of_a_ci_system(text: &str) {
    let commands = Regex::new(r"##[A-Za-z0-9_-]*\[|(?i:\[\[ATTACHMENT\|)").unwrap();
    assert!(!commands.is_match(text), "{text}");
    let hidden = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')
    };
    assert!(!text.contains(hidden), "{text:?}");
}

fn no_line_begins_with_colons(text: &str) {
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
}

fn is_junit(text: &str, results: &Results) {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut names = BTreeSet::new();
    let mut cases = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => {
                let attributes: Vec<_> = element.attributes().collect::<Result<_, _>>().unwrap();
                if element.name().0 == "testcase" {
                    cases += 1;
                    names.insert(attributes[0].value.to_string());
                }
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((cases, names.len()), (results.findings.len(), results.findings.len()), "names are unique");
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(legal), "{text:?}");
}

fn is_tap(text: &str, results: &Results) {
    let point =
        Regex::new(r"^(not )?ok (\d+) - ((?:[^#\\]|\\#|\\\\)*?)(?: # (SKIP|TODO) (?:[^#\\]|\\#|\\\\)*)?$").unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    assert_eq!(lines.next().unwrap(), format!("1..{}", results.findings.len()));
    let mut found = Vec::new();
    let mut inside = false;
    for line in lines {
        match line {
            "  ---" => inside = true,
            "  ..." => inside = false,
            line if inside => {
                let (_, value) = line.split_once(": ").unwrap();
                serde_json::from_str::<String>(value).unwrap();
            }
            line if line.starts_with("# ") => {}
            line => {
                let parts = point.captures(line).unwrap_or_else(|| panic!("{line}"));
                found.push((parts.get(1).is_none(), parts.get(4).map(|word| word.as_str().to_owned())));
            }
        }
    }
    assert_eq!(found.len(), results.findings.len());
    for ((ok, directive), finding) in found.iter().zip(&results.findings) {
        let wanted = match finding.outcome {
            Outcome::Passed if finding.only_shows() => (true, Some("SKIP")),
            Outcome::Passed | Outcome::Warned => (true, None),
            Outcome::Failed | Outcome::NotEvaluated => (false, None),
            Outcome::Pending => (false, Some("TODO")),
            _ => (true, Some("SKIP")),
        };
        assert_eq!((*ok, directive.as_deref()), wanted, "{}", finding.id);
    }
}

fn is_openmetrics(text: &str) {
    let sample = Regex::new(
        r#"^[a-z_]+\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\} -?\d+(\.\d+)?$"#,
    )
    .unwrap();
    let (last, rest) =
        text.trim_end().split('\n').collect::<Vec<_>>().split_last().map(|(l, r)| (*l, r.to_vec())).unwrap();
    assert_eq!(last, "# EOF");
    let mut seen = BTreeSet::new();
    for line in rest {
        let comment = line.starts_with("# HELP countersign_") || line.starts_with("# TYPE countersign_");
        assert!(comment || sample.is_match(line), "{line}");
        let series = line.rsplit_once(' ').unwrap().0;
        assert!(comment || seen.insert(series.to_owned()), "twice: {line}");
    }
}

fn is_annotations(text: &str) {
    let line = Regex::new(
        r"^::(error|warning|notice) (?:file=[^:,\r\n]+,line=\d+,endLine=\d+(?:,col=\d+)?(?:,endColumn=\d+)?,)?title=[^:,\r\n]*::[^\r\n]*$",
    )
    .unwrap();
    for found in text.lines() {
        assert!(line.is_match(found), "{found:?}");
    }
    for name in ["::error ", "::warning ", "::notice "] {
        assert!(text.lines().filter(|line| line.starts_with(name)).count() <= 10, "{text}");
    }
}

fn is_summary(text: &str) {
    let mut options = Options::empty();
    options.insert(Options::ENABLE_TABLES);
    let mut headings = 0;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(
                Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell
                | Tag::Paragraph
                | Tag::BlockQuote(_)
                | Tag::Strong,
            )
            | Event::End(_)
            | Event::Text(_)
            | Event::SoftBreak => {}
            other => panic!("{other:?} in {text}"),
        }
    }
    assert!(headings <= 4, "{text}");
}

fn all_hold(results: &Results) {
    for format in FORMATS {
        let text = (format.render)(results).unwrap();
        assert!(text.ends_with('\n'), "{}", format.name);
        no_command_of_a_ci_system(&text);
        if format.name != super::GITHUB {
            no_line_begins_with_colons(&text);
        }
        match format.name {
            "junit" => is_junit(&text, results),
            "tap" => is_tap(&text, results),
            "openmetrics" => is_openmetrics(&text),
            super::GITHUB => is_annotations(&text),
            "in-toto" => is_in_toto(&serde_json::from_str(&text).unwrap(), results),
            "cyclonedx" => is_cyclonedx(&serde_json::from_str(&text).unwrap(), results),
            "oscal" => is_oscal(&serde_json::from_str(&text).unwrap(), results),
            "json" => {
                let schema = jsonschema::validator_for(&super::results::schema()).unwrap();
                let value = serde_json::from_str(&text).unwrap();
                let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{errors:?}");
            }
            _ => {
                serde_json::from_str::<Value>(&text).unwrap();
            }
        }
    }
    let summary = github_summary(results, MOST_SUMMARY);
    no_command_of_a_ci_system(&summary);
    no_line_begins_with_colons(&summary);
    is_summary(&summary);
}

#[test]
fn every_format_of_the_sample_can_be_read() {
    all_hold(&sample());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_format_is_broken_by_what_stands_in_a_record(text in hostile()) {
        all_hold(&poisoned(&text));
    }
}

fn finding(results: &Results, wanted: impl Fn(&Finding) -> bool) -> &Finding {
    results.findings.iter().find(|finding| wanted(finding)).unwrap()
}

#[test]
fn every_format_says_what_must_be_known_before_the_rest_is_believed() {
    let mut record: Record = serde_json::from_value(sample_json()).unwrap();
    (record.run.untrusted, record.run.interrupted) = (true, true);
    let results = of(&record);
    assert_eq!(results.notices.len(), 2, "{:?}", results.notices);
    let said = ["nothing was measured", "The run was interrupted", "(--untrusted)"];
    // Numbers with labels are no place for a sentence.
    for format in FORMATS.iter().filter(|format| format.name != "openmetrics") {
        let text = (format.render)(&results).unwrap();
        for said in said {
            assert!(text.contains(said), "{}: {said}: {text}", format.name);
        }
    }
    let summary = github_summary(&results, MOST_SUMMARY);
    for said in ["nothing was measured", "The run was interrupted", "untrusted"] {
        assert!(summary.contains(said), "{summary}");
    }
    all_hold(&results);
    // A run without the suite of the verdict has them too.
    record.judgement.chain.clear();
    assert!(text_of("junit", &of(&record)).contains("name=\"notice\""));
}

#[test]
fn what_warns_is_told_apart_from_what_holds_and_what_asks_nothing_is_neither() {
    let mut value = sample_json();
    value["judgement"]["checks"][0]["status"] = "info".into();
    let results = of(&serde_json::from_value(value).unwrap());
    all_hold(&results);
    let (shown, warns) = (finding(&results, Finding::only_shows), finding(&results, |f| f.outcome == Outcome::Warned));
    let counts = &results.counts;
    let tally =
        format!("{} of {} checks, claims and rules hold; {} warn", counts.passed - 1, counts.all - 1, counts.warned);
    assert!(text_of(super::GITHUB, &results).contains(&tally), "{tally}: {}", text_of(super::GITHUB, &results));
    assert!(github_summary(&results, MOST_SUMMARY).contains(&tally));
    let metrics = text_of("openmetrics", &results);
    let of = |id: &str| metrics.lines().find(|line| line.contains(&format!("check=\"{id}\"")));
    assert!(of(&warns.id).unwrap().ends_with(" 0.5"), "{metrics}");
    assert_eq!(of(&shown.id), None);
    assert!(text_of("tap", &results).contains(&format!("- {} ", shown.id)));
}

#[test]
fn a_claim_about_a_score_that_is_nowhere_is_said_not_to_be_found() {
    let mut value = sample_json();
    value["judgement"]["scoreClaims"][0]["status"] = "not-found".into();
    value["judgement"]["scoreClaims"][0]["reason"] = "there is no heading \"Results\"".into();
    value["audit"]["areas"][0]["claims"] =
        serde_json::json!([{"by": "Bo", "fact": "score", "at": "docs/r.md#Results/Score"}]);
    let results = of(&serde_json::from_value(value).unwrap());
    let gone = finding(&results, |finding| finding.claimed.as_ref().is_some_and(|claimed| claimed.by == "Bo"));
    let said = "What docs/r.md claims about the score of Monitoring setup could not be found: there is no heading \"Results\".";
    assert_eq!(gone.message, said);
    assert_eq!(gone.title, "Bo claims something about the score of Monitoring setup");
}

#[test]
fn the_end_of_a_waiver_is_said_in_words() {
    let summary = github_summary(&sample(), MOST_SUMMARY);
    let waiver = summary.split("### Waivers").nth(1).unwrap();
    assert!(waiver.contains(" 2025 |") && !waiver.split("Measured").next().unwrap().contains("Z |"), "{waiver}");
}

#[test]
fn what_is_waived_is_suppressed_and_does_not_fail() {
    let results = sample();
    let waived = finding(&results, |finding| finding.outcome == Outcome::Waived && finding.kind == Kind::Check);
    assert_eq!(waived.level, Some(Level::Note));
    let sarif = json_of("sarif", &results);
    let listed = sarif["runs"][0]["results"].as_array().unwrap();
    let found = listed.iter().find(|result| result["properties"]["finding"] == waived.id.as_str()).unwrap();
    assert_eq!(found["suppressions"][0]["kind"], "external");
    assert_eq!(found["suppressions"][0]["status"], "accepted");
    assert!(text_of("tap", &results).contains(&format!("{} {} # SKIP waived by ", waived.id, waived.title)));
}

#[test]
fn what_could_not_be_evaluated_never_passes() {
    let results = sample();
    let unknown = finding(&results, |finding| finding.outcome == Outcome::NotEvaluated && finding.kind == Kind::Check);
    assert_eq!(unknown.level, Some(Level::Error));
    let ctrf = json_of("ctrf", &results);
    let tests = ctrf["results"]["tests"].as_array().unwrap();
    assert_eq!(tests.iter().find(|test| test["testId"] == unknown.id.as_str()).unwrap()["status"], "other");
    let metrics = text_of("openmetrics", &results);
    let sample = metrics.lines().find(|line| line.contains(&format!("check=\"{}\"", unknown.id))).unwrap();
    assert!(sample.ends_with(" 0"), "{sample}");
}

#[test]
fn what_passes_or_was_skipped_makes_no_alert() {
    let results = sample();
    let quiet: BTreeSet<&str> = results
        .findings
        .iter()
        .filter(|finding| matches!(finding.outcome, Outcome::Passed | Outcome::Skipped | Outcome::NotApplicable))
        .map(|finding| finding.id.as_str())
        .collect();
    assert!(!quiet.is_empty());
    for result in json_of("sarif", &results)["runs"][0]["results"].as_array().unwrap() {
        assert!(!quiet.contains(result["properties"]["finding"].as_str().unwrap()), "{result}");
    }
    for entry in json_of("gitlab", &results).as_array().unwrap() {
        assert!(!quiet.contains(entry["check_name"].as_str().unwrap()), "{entry}");
    }
}

#[test]
fn coverage_is_not_printed_as_whole_where_something_is_missing() {
    let mut value = sample_json();
    value["judgement"]["overall"]["coverage"] =
        serde_json::json!({"measured": "0.99999", "attested": "0", "missing": "0.00001"});
    let record: Record = serde_json::from_value(value).unwrap();
    let summary = github_summary(&of(&record), MOST_SUMMARY);
    let overall = summary.lines().find(|line| line.contains("**Overall**")).unwrap();
    assert!(overall.ends_with("| 99.999 % |"), "{overall}");
}

#[test]
fn findings_have_names_of_their_own() {
    let results = sample();
    let names: BTreeSet<&str> = results.findings.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(names.len(), results.findings.len());
}

#[test]
fn a_summary_that_is_too_large_loses_rows_and_says_so() {
    let results = sample();
    let whole = github_summary(&results, MOST_SUMMARY);
    let cut = github_summary(&results, whole.len() - 1);
    assert!(cut.len() < whole.len() && cut.contains("left out."), "{cut}");
    assert_eq!(github_summary(&results, 10), "");
}

#[test]
fn that_code_scanning_takes_no_more_results_is_said() {
    let place = Place { path: "a.md".to_owned(), line: 1, column: None, end_column: None };
    let notice = |number: usize| Notice {
        rule: "sums",
        level: Level::Error,
        message: "off by one".to_owned(),
        place: place.clone(),
        related: Vec::new(),
        fingerprint: number.to_string(),
        allowed: None,
    };
    let notices: Vec<Notice> = (0..25_002).map(notice).collect();
    let rules = [NoticeRule { id: "sums", summary: "Sums add up.", explain: "Looks at sums." }];
    let said = |notices: &[Notice]| {
        let sarif: Value = serde_json::from_str(&super::sarif_of_notices(&rules, notices).unwrap()).unwrap();
        let run = &sarif["runs"][0];
        let told = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        let told: Vec<&str> = told.iter().filter_map(|told| told["message"]["text"].as_str()).collect();
        (run["results"].as_array().unwrap().len(), told.join(" "))
    };
    assert_eq!(said(&notices), (25_000, "2 more results are not listed here.".to_owned()));
    assert_eq!(said(&notices[..3]), (3, String::new()));
}
