//! Every detector finds what its fixture holds, and whatever is found, the file that is written can be loaded.

use std::path::Path;

use proptest::prelude::*;
use serde_json::json;

use super::detect::DETECTORS;
use super::*;
use crate::model::fact::{Facts, Value};
use crate::witness::LiveOptions;

fn session(root: &Path, evidence: &Path) -> Session {
    let mut options = LiveOptions::new(root, evidence);
    options.no_commands = true;
    Session::live(options).unwrap()
}

#[tokio::test]
async fn every_detector_finds_what_its_fixture_holds() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/init/detectors");
    for detector in DETECTORS {
        let scratch = tempfile::tempdir().unwrap();
        let fixture = fixtures.join(detector.name);
        assert!(fixture.is_dir(), "{} has no fixture at {}", detector.name, fixture.display());
        let root = scratch.path().join("root");
        copy(&fixture, &root);
        if detector.name == "git" {
            std::fs::create_dir(root.join(".git")).unwrap();
        }
        let session = session(&root, &scratch.path().join("evidence"));
        let tree = session.tree(bounds()).await.unwrap();
        let witness = session.witness(&draft::asking("test").unwrap(), PerCheck::default());
        let ground = Ground { tree: &tree, witness: &witness, options: Options::default(), name: "fixture" };
        let found = (detector.detect)(&ground).await;
        assert!(!found.is_empty(), "{} does not find what its fixture holds", detector.name);
        for draft in found {
            let probe = crate::probe::registry::Probe::decode(draft.kind, draft.options.clone());
            let probe = probe.unwrap_or_else(|error| panic!("{}: {error}", detector.name));
            assert_eq!(probe.problems(), [], "{}", detector.name);
            let specs = (crate::probe::registry::find(draft.kind).unwrap().facts)();
            let facts = draft.facts.iter().copied().chain(draft.says.iter().map(|saying| saying.fact));
            for fact in facts {
                assert!(
                    specs.iter().any(|spec| spec.name == fact),
                    "{}: {} finds no {fact}",
                    detector.name,
                    draft.kind
                );
            }
        }
    }
    let listed = std::fs::read_dir(&fixtures).unwrap().count();
    assert_eq!(listed, DETECTORS.len(), "a fixture without a detector");
}

/// What a detector finds among files of these paths and texts.
async fn found_in(files: &[(String, &str)], detector: &str, options: Options<'_>) -> Vec<Draft> {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("root");
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let session = session(&root, &scratch.path().join("evidence"));
    let tree = session.tree(bounds()).await.unwrap();
    let witness = session.witness(&draft::asking("test").unwrap(), PerCheck::default());
    let ground = Ground { tree: &tree, witness: &witness, options, name: "fixture" };
    let detector = DETECTORS.iter().find(|row| row.name == detector).unwrap();
    (detector.detect)(&ground).await
}

#[tokio::test]
async fn no_report_of_many_is_left_out() {
    const REPORT: &str = "<testsuite><testcase name='a'/></testsuite>";
    let globs = async |paths: Vec<String>| {
        let files: Vec<_> = paths.into_iter().map(|path| (path, REPORT)).collect();
        let drafts = found_in(&files, "test_reports", Options::default()).await;
        drafts.into_iter().map(|draft| (draft.options["junit"].clone(), draft.manner)).collect::<Vec<_>>()
    };
    let one_folder = (0..450).map(|number| format!("reports/TEST-{number}.xml")).collect();
    assert_eq!(globs(one_folder).await, [(json!("reports/*.xml"), Manner::Look)]);
    let modules = (0..25).map(|number| format!("m{number}/target/surefire-reports/TEST-a.xml")).collect();
    assert_eq!(globs(modules).await, [(json!("**/target/surefire-reports/*.xml"), Manner::Look)]);
    // In the root other XML may come to lie: each of them by its name, and none of them silently left out.
    let root = globs((0..30).map(|number| format!("t{number}.xml")).collect()).await;
    assert_eq!(root[0].0.as_array().unwrap().len(), 30);
    let many = globs((0..410).map(|number| format!("f{number}/r{number}.xml")).collect()).await;
    let (left, manner) = many.last().unwrap();
    assert!(left.is_string() && matches!(manner, Manner::Never(why) if why.contains("more files")), "{left}");
}

#[tokio::test]
async fn files_that_were_not_looked_into_are_told_of_beside_a_report() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("root");
    std::fs::create_dir_all(root.join("values")).unwrap();
    std::fs::write(root.join("junit.xml"), "<testsuite><testcase name='a'/></testsuite>").unwrap();
    for number in 0..401 {
        std::fs::write(root.join(format!("values/{number}.xml")), "<resources/>").unwrap();
    }
    let session = session(&root, &scratch.path().join("evidence"));
    let survey = survey(&session, "root", Options { offline: true, ..Options::default() }).await.unwrap();
    let reasons: Vec<&str> = survey.unmeasured.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(survey.checks.len(), 1);
    assert!(matches!(reasons[..], [one] if one.contains("more files than are looked into")), "{reasons:?}");
}

#[tokio::test]
async fn a_server_that_is_named_in_two_ways_is_one() {
    let compose = "services: {dashboards: {image: grafana/grafana, ports: [\"3001:3000\"]}}";
    let environment = |name: &str| (name == "GRAFANA_URL").then(|| "http://localhost:3000".to_owned());
    let options = Options { environment: Some(&environment), ..Options::default() };
    let drafts = found_in(&[("compose.yaml".to_owned(), compose)], "servers", options).await;
    let of_grafana = drafts.iter().filter(|draft| draft.id == "grafana");
    let urls: Vec<&str> = of_grafana.filter_map(|draft| Some(draft.address.as_ref()?.0.as_str())).collect();
    assert_eq!(urls, ["http://localhost:3000", "http://localhost:3001"]);
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let place = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(place).unwrap();
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

#[tokio::test]
async fn only_what_is_asked_for_is_measured_and_no_command_is_run_unasked() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("root");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("Cargo.toml"), "[package]\nname = \"x\"\n").unwrap();
    std::fs::write(root.join("x.service"), "").unwrap();
    let session = session(&root, &scratch.path().join("evidence"));
    let survey = survey(&session, "root", Options { offline: true, ..Options::default() }).await.unwrap();
    assert_eq!((survey.subject.as_str(), survey.checks.len()), ("x", 0));
    let reasons: Vec<&str> = survey.unmeasured.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "it runs the tests of the project; `--run-commands` allows it",
            "it asks `systemctl`; `--run-commands` allows it",
        ]
    );
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z ]{0,12}",
        "[\\x00-\\x7f]{0,12}",
        prop::sample::select(vec![
            "${env:HOME}",
            "$${X}",
            "${secret:KEY}",
            "a: b",
            "- a",
            "# x",
            "\"",
            "'",
            "{{ x }}",
            "{% raw %}",
            "---",
            "...",
            "*a",
            "&a",
            "!x",
            "\n- id: x\n",
            "\u{feff}",
            "\u{2028}",
            "\u{85}",
            "true",
            "null",
            "~",
            "1.10",
            "0x1f",
            "1e3",
        ])
        .prop_map(str::to_owned),
    ]
}

fn measured() -> impl Strategy<Value = Measured> {
    let area = prop::sample::select(vec!["tests", "repository", "operations"]);
    (area, text(), text(), prop::collection::vec(text(), 1..4), text()).prop_map(|(area, id, title, paths, from)| {
        let paths: Vec<String> = paths.into_iter().map(|path| format!("x{path}")).collect();
        let mut facts = Facts::default();
        facts.set("missing", Value::count(0_u32));
        let draft = Draft {
            area,
            id,
            title,
            kind: "file",
            options: json!({ "paths": paths }),
            facts: &["missing"],
            says: &[],
            from,
            address: None,
            manner: Manner::Look,
        };
        Measured { draft, facts, expected: vec![("missing".to_owned(), "== 0".to_owned())] }
    })
}

fn surveyed() -> impl Strategy<Value = Survey> {
    let checks = prop::collection::vec(measured(), 0..5);
    (text(), checks, prop::collection::vec(text(), 0..3), text()).prop_map(|(subject, mut checks, texts, written)| {
        checks.sort_by_key(|check| check.draft.area);
        // As `measure` makes them distinct.
        for (number, check) in checks.iter_mut().enumerate() {
            check.draft.id = format!("{}-{number}", draft::slug(&format!("c{}", check.draft.id)));
        }
        let unmeasured =
            checks.iter().map(|check| Unmeasured { draft: check.draft.clone(), reason: written.clone() }).collect();
        let claims = checks.first().map(|check| Claim {
            id: "claim".to_owned(),
            title: written.clone(),
            fact: format!("{}.{}.missing", check.draft.area, check.draft.id),
            places: vec![ClaimedAt { locator: "README.md#A/b".to_owned(), written, line: subject.clone() }],
        });
        Survey {
            subject,
            at: Instant::from_seconds(1_764_300_000).unwrap(),
            checks,
            unmeasured,
            not_found: vec!["something"],
            claims: claims.into_iter().collect(),
            unclaimed: texts.clone(),
            unclaimed_more: 3,
            notes: texts,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_found_the_file_can_be_loaded_and_says_what_was_found(survey in surveyed(), here in text()) {
        let layout = Layout { here: &here, root: Some(".."), file: Some("checks/audit.yaml") };
        let written = written(&survey, layout).unwrap();
        let file: serde_json::Value = serde_saphyr::from_str(&written.text)
            .unwrap_or_else(|error| panic!("{error}\n{}", written.text));
        prop_assert_eq!(&file["audit"]["subject"]["name"], &json!(survey.subject.replace("${", "$ {")));
        let checks = file["areas"].as_array().unwrap().iter().flat_map(|area| area["checks"].as_array().unwrap());
        let paths: Vec<_> = checks.map(|check| check["file"]["paths"].to_string()).collect();
        let expected: Vec<_> = survey.checks.iter().map(|check| check.draft.options["paths"].to_string().replace("${", "$ {")).collect();
        if !expected.is_empty() {
            prop_assert_eq!(paths, expected);
        }
    }
}
