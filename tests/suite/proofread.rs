//! `countersign proofread`, as people use it: on files, directories and standard input, in every format.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::ci_formats::{sarif_is_valid, validators};
use crate::support::{Ran, countersign, golden, ran, repository};

fn proofread(directory: &Path, arguments: &[&str]) -> Ran {
    ran(countersign().current_dir(directory).arg("proofread").args(arguments))
}

fn fixture() -> std::path::PathBuf {
    repository().join("fixtures/proofread")
}

/// A folder with one document.
fn with(text: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("report.md"), text).unwrap();
    place
}

fn entries(ran: &Ran) -> Vec<Value> {
    serde_json::from_str::<Vec<Value>>(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

const WRONG: &str = "# Tests\n\nOf all, 31/33 (100%) pass.\n";

#[test]
fn every_format_of_the_example_is_the_one_in_the_repository() {
    for (format, file) in
        [("human", "audit.txt"), ("json", "audit.json"), ("sarif", "audit.sarif"), ("github", "audit.github.txt")]
    {
        // Outside of any repository, in which the file would have a longer path.
        let place = tempfile::tempdir().unwrap();
        fs::copy(fixture().join("audit.md"), place.path().join("audit.md")).unwrap();
        let ran = proofread(place.path(), &["audit.md", "--format", format]);
        assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{format}");
        golden(&fixture().join(file), &ran.stdout.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }
}

#[test]
fn what_a_careful_reader_finds_in_an_audit_is_found() {
    let ran = proofread(&fixture(), &["audit.md", "--format", "json"]);
    let found: Vec<(String, u64, String, String)> = entries(&ran)
        .iter()
        .filter(|entry| entry.get("rule").is_some() && entry.get("allowed").is_none())
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            (text("rule"), entry["line"].as_u64().unwrap(), text("claimed"), text("recomputed"))
        })
        .collect();
    let expected = [
        ("pct-of", 3, "99.3%", "99.18 %"),
        ("bound-vs-value", 3, "2+ days", "47.8 hours"),
        ("row-parts", 16, "31", "30"),
        ("row-parts", 18, "98", "95"),
        ("table-total", 18, "98", "96"),
        ("count-groups", 43, "4", "3"),
    ];
    let mut found: Vec<_> = found.iter().map(|(a, b, c, d)| (a.as_str(), *b, c.as_str(), d.as_str())).collect();
    found.sort_by_key(|one| (one.1, one.0 != "pct-of", one.0));
    assert_eq!(found, expected);
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema: Value = serde_json::from_str(&ran(countersign().args(["schema", "proofread"])).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for arguments in [&["audit.md", "--format", "json"][..], &["audit.md", "--format", "json", "--level", "info"]] {
        let entries = entries(&proofread(&fixture(), arguments));
        let value = Value::Array(entries.clone());
        let problems: Vec<String> = validator.iter_errors(&value).map(|problem| problem.to_string()).collect();
        assert_eq!(problems, [] as [String; 0]);
        let (trailer, findings) = entries.split_last().unwrap();
        assert!(trailer["checked"].as_u64().unwrap() > 10, "{trailer}");
        for name in ["checked", "notChecked", "reasons"] {
            assert!(trailer.get(name).is_some(), "{name}");
        }
        for finding in findings {
            for name in [
                "rule",
                "level",
                "path",
                "line",
                "column",
                "endLine",
                "endColumn",
                "message",
                "claimed",
                "recomputed",
                "readings",
                "anchors",
            ] {
                assert!(finding.get(name).is_some(), "{name}: {finding}");
            }
            assert!(finding["anchors"].as_array().unwrap().len() >= 2, "{finding}");
        }
    }
}

/// The report generator and the proofreader check each other.
#[test]
fn our_own_documents_come_out() {
    let root = repository();
    let ran = proofread(
        &root,
        &[
            "fixtures/bundles",
            "fixtures/reports",
            "fixtures/proofread/PRECISION.md",
            "README.md",
            "CONTRIBUTING.md",
            "benches",
            "--level",
            "warning",
        ],
    );
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let checked: u64 = ran.stdout.split("checked ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(checked > 100, "{}", ran.stdout);
}

#[test]
fn the_exit_code_follows_the_gate() {
    let warning = with("Of all, 1,999/2,000 (100%) pass.\n");
    for (level, code) in [("error", 0), ("warning", 1), ("info", 1)] {
        assert_eq!(proofread(warning.path(), &["report.md", "--level", level]).code, code, "{level}");
    }
    for (arguments, code) in [
        (&["--deny", "rounded-to-all"][..], 1),
        (&["--level", "warning", "--off", "rounded-to-all"], 0),
        (&["--deny", "all"], 1),
    ] {
        let arguments: Vec<&str> = ["report.md"].into_iter().chain(arguments.iter().copied()).collect();
        assert_eq!(proofread(warning.path(), &arguments).code, code, "{arguments:?}");
    }
    let wrong = with(WRONG);
    assert_eq!(proofread(wrong.path(), &["report.md", "--warn", "pct-of"]).code, 0);
    assert_eq!(proofread(wrong.path(), &["report.md"]).code, 1);
}

#[test]
fn what_cannot_be_read_ends_with_4() {
    let place = with(WRONG);
    for (arguments, message) in [
        (&["gone.md"][..], "no such file"),
        (&["report.md", "--off", "pct-off"], "did you mean \"pct-of\"?"),
        (&["report.md", "--baseline", "gone.json"], "--write-baseline"),
        (&["--explain", "nothing"], "no rule"),
    ] {
        let ran = proofread(place.path(), arguments);
        assert_eq!(ran.code, 4, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(message) && ran.stderr.contains("help: "), "{}", ran.stderr);
    }
}

#[test]
fn a_directory_is_walked_and_what_others_wrote_is_left_out() {
    let place = with(WRONG);
    for folder in ["docs", "node_modules/a", "target", ".hidden"] {
        fs::create_dir_all(place.path().join(folder)).unwrap();
        fs::write(place.path().join(folder).join("b.markdown"), WRONG).unwrap();
    }
    fs::write(place.path().join("docs/note.txt"), WRONG).unwrap();
    let ran = proofread(place.path(), &[".", "--format", "json"]);
    let paths: Vec<String> =
        entries(&ran).iter().filter_map(|entry| Some(entry["path"].as_str()?.to_owned())).collect();
    assert_eq!(paths, ["docs/b.markdown", "report.md"]);
}

#[test]
fn a_file_that_is_named_in_two_ways_is_read_once() {
    let place = with(WRONG);
    let ran = proofread(place.path(), &[".", "report.md", "./report.md", "--format", "json"]);
    let entries = entries(&ran);
    let trailer = entries.last().unwrap();
    assert_eq!((entries.len(), &trailer["files"], &trailer["checked"]), (2, &1.into(), &1.into()));
}

/// What is in it nobody knows, so that it is no clean run.
#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_read_is_named_and_ends_with_4() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::process::CommandExt as _;

    let place = with("All well.\n");
    let shut = place.path().join("docs/shut");
    fs::create_dir_all(&shut).unwrap();
    let asked = |named: &str| {
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
        let mut command = countersign();
        command.current_dir(place.path()).args(["proofread", named]);
        // Root may look into everything.
        if fs::read_dir(&shut).is_ok() {
            command.uid(65_534);
        }
        let ran = ran(&mut command);
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o755)).unwrap();
        ran
    };
    let below = asked(".");
    assert_eq!(below.code, 4, "{}{}", below.stdout, below.stderr);
    assert!(below.stdout.contains("docs/shut: it cannot be read"), "{}", below.stdout);
    assert!(below.stdout.contains("1 file:"), "{}", below.stdout);
    let itself = asked("docs/shut");
    assert_eq!(itself.code, 4);
    assert!(itself.stderr.contains("could not read docs/shut"), "{}", itself.stderr);
    // A link that leads nowhere is no document.
    symlink("gone", place.path().join("docs/link.md")).unwrap();
    assert_eq!(proofread(place.path(), &["."]).code, 0);
}

#[test]
fn of_a_very_long_line_the_place_is_shown_and_not_the_line() {
    let wrong = "Of all, 31/33 (100%) pass. ";
    let short = proofread(with(wrong).path(), &["report.md"]).stdout;
    assert!(short.contains("--> report.md:1:16") && short.contains("Of all"), "{short}");
    let place = with(&format!("{wrong}{}\n", "word ".repeat(10_000)));
    let long = proofread(place.path(), &["report.md"]);
    assert_eq!(long.code, 1);
    assert!(long.stdout.contains("--> report.md:1:16") && !long.stdout.contains("word"), "{}", long.stdout);
}

#[test]
fn standard_input_is_a_document() {
    let mut command = countersign();
    command.args(["proofread", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(WRONG.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("--> -:3:16"), "{text}");
}

#[test]
fn bytes_that_are_no_text_are_read_as_far_as_they_are() {
    let place = tempfile::tempdir().unwrap();
    let bytes = [WRONG.as_bytes(), b"\xff\xfe\x00 ::error::x \x1b[2J 31/33 (50%)\n"].concat();
    fs::write(place.path().join("report.md"), bytes).unwrap();
    for format in ["human", "json", "sarif", "github"] {
        let ran = proofread(place.path(), &["report.md", "--format", format]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(!ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    }
    let ran = proofread(place.path(), &["report.md"]);
    assert!(ran.stdout.contains("report.md: it is no UTF-8 text"), "{}", ran.stdout);
    let github = proofread(place.path(), &["report.md", "--format", "github"]).stdout;
    assert!(github.lines().any(|line| line.starts_with("::warning ") && line.contains("no UTF-8 text")), "{github}");
    let sarif = proofread(place.path(), &["report.md", "--format", "sarif"]).stdout;
    assert!(sarif.contains("\"ruleId\": \"not-read\""), "{sarif}");
}

#[test]
fn hostile_text_is_no_command_of_a_runner() {
    let place = with(
        "::error::a ##[group]b 31/33 (100%) c\n\n| ::warning::x | Passed |\n|---|---|\n| ##vso[a] | 1 |\n| b | 2 |\n| Total | 4 |\n",
    );
    for format in ["human", "github", "json", "sarif"] {
        let ran = proofread(place.path(), &["report.md", "--format", format, "--level", "warning"]);
        for line in ran.stdout.lines() {
            let ours = ["::error file=", "::warning file=", "::notice title=countersign"];
            assert!(!line.trim_start().starts_with("::") || ours.iter().any(|own| line.starts_with(own)), "{line}");
            assert!(!line.contains("##["), "{line}");
        }
    }
}

/// The fixture, and a document that has an allowance and tries to be more than text.
#[test]
fn a_program_that_nobody_here_wrote_can_read_the_sarif() {
    let Some(tools) = validators() else { return };
    let hostile = with(
        "# <script> %41 [x](javascript:y)\n\n<!-- countersign: allow pct-of reason=\"known `::error::`\" -->\n\n31/33 (50%) pass.\n\n\
         | ##vso[a] \u{202e} | Passed |\n|---|---|\n| 🦀 | 1 |\n| b | 2 |\n| Total | 4 |\n",
    );
    for (directory, name) in [(fixture().as_path(), "audit.md"), (hostile.path(), "report.md")] {
        let ran = proofread(directory, &[name, "--format", "sarif"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
        let place = tempfile::tempdir().unwrap();
        let sarif = place.path().join("proofread.sarif");
        fs::write(&sarif, ran.stdout).unwrap();
        sarif_is_valid(&tools, &sarif);
    }
}

#[test]
fn a_baseline_knows_what_was_there_and_nothing_new() {
    let place = with(WRONG);
    let at = |arguments: &[&str]| {
        proofread(place.path(), &[&["report.md", "--baseline", "known.json"][..], arguments].concat())
    };
    let written = at(&["--write-baseline"]);
    assert_eq!((written.code, written.stderr.as_str()), (0, "known.json: 1 finding written\n"));
    assert_eq!(at(&[]).code, 0);
    let rewrite = |text: &str| fs::write(place.path().join("report.md"), text).unwrap();
    // Moved and wrapped anew it is known; with another number, a second time or under another heading it is not.
    rewrite("# Tests\n\nOne more paragraph.\n\nOf all,\n31/33 (100%) pass.\n");
    assert_eq!(at(&[]).code, 0);
    for other in
        [WRONG.replace("31", "30"), format!("{WRONG}\n31/33 (100%) again.\n"), WRONG.replace("# Tests", "# Others")]
    {
        rewrite(&other);
        assert_eq!(at(&[]).code, 1, "{other}");
    }
    rewrite("# Tests\n\nOf all, 31/33 (93.94%) pass.\n");
    let stale = at(&[]);
    assert_eq!(stale.code, 0);
    assert!(stale.stderr.contains("1 entry of the baseline is no longer found"), "{}", stale.stderr);
    let pruned = at(&["--prune"]);
    assert_eq!(pruned.code, 1, "{}", pruned.stderr);
    assert_eq!(at(&["--prune"]).code, 0);
}

#[test]
fn allowed_findings_stay_in_the_files_and_do_not_count() {
    let place = with(&format!("<!-- countersign: allow-file pct-of reason=\"two are known\" -->\n\n{WRONG}"));
    let human = proofread(place.path(), &["report.md"]);
    assert_eq!(
        (human.code, human.stdout.as_str()),
        (0, "checked 1 relation in 1 file: 0 errors, 0 warnings and 1 allowed\n")
    );
    let json = proofread(place.path(), &["report.md", "--format", "json"]);
    assert_eq!(entries(&json)[0]["allowed"], "two are known");
    let sarif: Value =
        serde_json::from_str(&proofread(place.path(), &["report.md", "--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["justification"], "two are known");
}

#[test]
fn every_rule_explains_itself() {
    let list = ran(countersign().args(["proofread", "--explain"]));
    assert_eq!(list.code, 0);
    assert!(list.stdout.lines().count() > 20, "{}", list.stdout);
    for line in list.stdout.lines() {
        let id = line.split(' ').next().unwrap();
        let one = ran(countersign().args(["proofread", "--explain", id]));
        assert!(one.code == 0 && one.stdout.starts_with(id), "{}{}", one.stdout, one.stderr);
    }
}

#[test]
fn many_files_come_out_the_same_every_time() {
    let place = tempfile::tempdir().unwrap();
    for index in 0..300 {
        fs::write(place.path().join(format!("{index}.md")), WRONG.replace("31", &(index % 33).to_string())).unwrap();
    }
    let once = proofread(place.path(), &[".", "--format", "json"]);
    assert_eq!(once.stdout, proofread(place.path(), &[".", "--format", "json"]).stdout);
}

#[test]
fn for_code_scanning_a_file_has_the_path_of_its_repository_and_the_same_words_twice_are_two() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir_all(place.path().join(".git")).unwrap();
    fs::create_dir_all(place.path().join("docs")).unwrap();
    let twice = format!("{WRONG}\n{}", WRONG.trim_start_matches("# Tests\n\n"));
    fs::write(place.path().join("docs/guide.md"), twice).unwrap();
    let docs = place.path().join("docs");
    let ran = proofread(&docs, &["guide.md", "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&ran.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let uri = |result: &Value| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert_eq!(results.iter().map(uri).collect::<Vec<_>>(), ["docs/guide.md", "docs/guide.md"]);
    let prints: Vec<_> =
        results.iter().map(|result| &result["partialFingerprints"]["primaryLocationLineHash"]).collect();
    assert_ne!(prints[0], prints[1]);
    let github = proofread(&docs, &["guide.md", "--format", "github"]).stdout;
    assert!(github.contains("::error file=docs/guide.md,line=3"), "{github}");
}

#[test]
fn a_length_of_time_is_told_as_it_is_and_not_as_its_bound() {
    let place = tempfile::tempdir().unwrap();
    let text = "- **Start:** 2026-05-04 09:12 UTC\n- **End:** 2026-05-04 10:47 UTC\n- **Duration:** 90 minutes\n";
    fs::write(place.path().join("outage.md"), format!("# Outage\n\n{text}")).unwrap();
    let ran = proofread(place.path(), &["outage.md"]);
    assert!(ran.stdout.contains("it is 1 h 35 min, the text says 90 minutes"), "{}", ran.stdout);
}

#[test]
fn of_a_sum_of_many_numbers_in_one_line_a_few_are_marked() {
    let marks = |terms: usize| {
        let sum = vec!["1"; terms].join(" + ");
        let ran = proofread(with(&format!("{sum} = 5\n")).path(), &["report.md"]);
        assert!(ran.stdout.contains(&format!("this comes to {terms}, the text says 5")), "{}", ran.stdout);
        let below = ran.stdout.lines().find(|line| line.starts_with("  | ") && line.contains('^')).unwrap();
        below.chars().filter(|mark| matches!(mark, '^' | '-')).count()
    };
    assert_eq!((marks(10), marks(19)), (11, 20));
    assert_eq!(marks(500), 20, "the claimed number, and the first of those that it rests on");
}
