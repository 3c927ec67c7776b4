//! The command line as a contract: exit codes, streams, messages.

use std::fs;
use std::path::Path;

use crate::support::{audit, countersign, ran, record, repository, run, status};

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

const PASSES: &str = "      - {id: ok, severity: blocker, command: {run: [\"true\"]}, expect: {exit: == 0}}\n";
const FAILS: &str = "      - {id: bad, severity: SEVERITY, command: {run: [\"false\"]}, expect: {exit: == 0}}\n";
const MISSING: &str =
    "      - {id: gone, severity: blocker, command: {run: [no-such-program]}, expect: {exit: == 0}}\n";

#[test]
fn an_audit_without_open_points_is_approved_with_0() {
    let place = scratch();
    let ran = run(&audit(place.path(), PASSES));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("APPROVED  Trial"), "{}", ran.stdout);
}

#[test]
fn a_failed_blocker_is_rejected_with_2() {
    let place = scratch();
    let ran = run(&audit(place.path(), &(PASSES.to_owned() + &FAILS.replace("SEVERITY", "blocker"))));
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("REJECTED  Trial"), "{}", ran.stdout);
}

#[test]
fn a_failed_major_is_a_condition_with_1_and_accepting_it_gives_0() {
    let place = scratch();
    let many: String = (0..9).map(|n| PASSES.replace("id: ok", &format!("id: ok-{n}"))).collect();
    let directory = audit(place.path(), &(many + &FAILS.replace("SEVERITY", "major")));
    assert_eq!(run(&directory).code, 1);
    let to = directory.join("other");
    let accepted = ran(countersign().arg("run").arg(&directory).args(["--accept", "conditional", "--to"]).arg(to));
    assert_eq!(accepted.code, 0);
}

#[test]
fn what_could_not_be_looked_at_is_undetermined_with_3_and_no_flag_lowers_it() {
    let place = scratch();
    let directory = audit(place.path(), &(PASSES.to_owned() + MISSING));
    let accepted = ran(countersign()
        .arg("run")
        .arg(&directory)
        .args(["--accept", "conditional", "--to"])
        .arg(directory.join("bundle")));
    assert_eq!(accepted.code, 3);
    let (status, reason) = status(&record(&directory), "all/gone");
    assert_eq!(status, "error");
    assert!(reason.contains("no-such-program"), "{reason}");
}

#[test]
fn wrong_arguments_end_with_4_and_not_with_claps_2() {
    let ran = ran(countersign().args(["run", "--no-such-flag"]));
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("--no-such-flag"), "{}", ran.stderr);
}

#[test]
fn asking_nothing_at_once_is_refused() {
    for flag in ["--in-flight", "--per-host"] {
        let ran = ran(countersign().args(["run", flag, "0"]));
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
        assert!(ran.stderr.contains(flag) && ran.stderr.contains("0 is not in 1.."), "{}", ran.stderr);
    }
}

#[test]
fn an_audit_file_that_is_not_there_says_where_it_was_looked_for() {
    let place = scratch();
    let ran = ran(countersign().arg("run").arg(place.path()));
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
    assert!(ran.stderr.contains("audit.yaml") && ran.stderr.contains("help: "), "{}", ran.stderr);
}

#[test]
fn an_unwritable_place_is_found_before_the_first_probe() {
    let place = scratch();
    let touched = place.path().join("touched");
    let check =
        format!("      - {{id: ok, command: {{run: [touch, \"{}\"]}}, expect: {{exit: == 0}}}}\n", touched.display());
    let directory = audit(place.path(), &check);
    let occupied = place.path().join("occupied");
    fs::create_dir(&occupied).expect("a folder");
    fs::write(occupied.join("precious.txt"), "mine").expect("a file");
    for to in [occupied.as_path(), Path::new("/dev/null/bundle")] {
        let ran = ran(countersign().arg("run").arg(&directory).arg("--to").arg(to));
        assert_eq!(ran.code, 4);
        assert!(ran.stderr.contains(&to.display().to_string()) && ran.stderr.contains("--to DIR"), "{}", ran.stderr);
        assert!(!touched.exists(), "a probe ran before the output place was looked at");
    }
    assert_eq!(fs::read_to_string(occupied.join("precious.txt")).expect("still there"), "mine");
}

#[test]
fn a_run_leaves_one_whole_bundle_and_nothing_beside_it() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    for _ in 0..2 {
        assert_eq!(run(&directory).code, 0);
    }
    let mut names: Vec<String> = fs::read_dir(&directory)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["audit.yaml", "bundle"]);
    for file in ["record.json", "report.md", "report.html", "evidence"] {
        assert!(directory.join("bundle").join(file).exists(), "{file}");
    }
}

#[test]
fn a_bundle_goes_where_links_and_dots_lead() {
    let place = scratch();
    audit(&place.path().join("checks"), PASSES);
    let (here, whole) = (place.path().join("here"), place.path().join("whole"));
    fs::create_dir(&here).unwrap();
    fs::create_dir(&whole).unwrap();
    for (link, to) in [("link", "whole"), ("dangling", "later/bundle"), ("loop", "loop")] {
        std::os::unix::fs::symlink(to, place.path().join(link)).unwrap();
    }
    let run = |directory: &Path, to: &str, more: &[&str]| {
        let checks = place.path().join("checks");
        ran(countersign().current_dir(directory).arg("run").arg(checks).args(["--to", to]).args(more))
    };
    // An empty folder, then the bundle that stands there.
    for _ in 0..2 {
        let ran = run(&here, ".", &["--format", "junit=../beside.xml"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("the folder you are in was replaced by the new bundle"), "{}", ran.stderr);
        assert!(ran.stdout.contains(&format!("{}/report.html", here.display())), "{}", ran.stdout);
        assert!(here.join("record.json").is_file());
        fs::remove_file(place.path().join("beside.xml")).unwrap();
    }
    assert_eq!(run(&here.join("evidence"), "..", &[]).code, 0);
    for (link, to) in [("link", "whole"), ("link", "whole"), ("dangling", "later/bundle")] {
        let ran = run(place.path(), link, &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.contains(&format!("  {link}/report.html")), "{}", ran.stdout);
        assert!(place.path().join(link).is_symlink(), "the link stays");
        assert!(place.path().join(to).join("record.json").is_file(), "{link}");
    }
    fs::write(place.path().join("later/mine"), "").unwrap();
    let (occupied, audit) =
        ("exists and is not a bundle", "audit.yaml\" lies in \".\", which the bundle takes as a whole");
    for (directory, to, why) in
        [("later", ".", occupied), ("", "loop", occupied), ("", "later", occupied), ("", ".", audit)]
    {
        let ran = run(&place.path().join(directory), to, &[]);
        assert!(ran.code == 4 && ran.stderr.contains(why), "{directory} {to}: {}", ran.stderr);
    }
    let names = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.contains("partial")));
}

#[test]
fn the_same_bundle_replays_to_the_same_bytes() {
    let place = scratch();
    let directory = audit(place.path(), &(PASSES.to_owned() + MISSING + &FAILS.replace("SEVERITY", "minor")));
    run(&directory);
    let again = directory.join("again");
    let ran = ran(countersign()
        .arg("run")
        .arg(&directory)
        .arg("--replay")
        .arg(directory.join("bundle"))
        .arg("--to")
        .arg(&again));
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    for file in ["record.json", "report.md", "report.html"] {
        assert_eq!(
            fs::read(directory.join("bundle").join(file)).unwrap(),
            fs::read(again.join(file)).unwrap(),
            "{file}"
        );
    }
}

#[test]
fn a_question_the_bundle_does_not_hold_is_an_error_and_is_not_asked() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    run(&directory);
    let touched = place.path().join("touched");
    let new =
        format!("      - {{id: new, command: {{run: [touch, \"{}\"]}}, expect: {{exit: == 0}}}}\n", touched.display());
    audit(place.path(), &(PASSES.to_owned() + &new));
    let again = place.path().join("again");
    let ran = ran(countersign()
        .arg("run")
        .arg(&directory)
        .arg("--replay")
        .arg(directory.join("bundle"))
        .arg("--to")
        .arg(&again));
    assert!(!touched.exists());
    assert!(ran.code == 1 || ran.code == 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("was not asked"), "{}", ran.stdout);
}

#[test]
fn only_leaves_the_rest_out_and_says_so() {
    let place = scratch();
    let directory = audit(place.path(), &(PASSES.to_owned() + &FAILS.replace("SEVERITY", "minor")));
    let to = directory.join("bundle");
    ran(countersign().arg("run").arg(&directory).args(["--only", "all/ok", "--to"]).arg(&to));
    let record = record(&directory);
    assert_eq!(status(&record, "all/ok").0, "pass");
    let (left_out, reason) = status(&record, "all/bad");
    assert_eq!(left_out, "skipped");
    assert!(reason.contains("--only"), "{reason}");
    let nothing = ran(countersign().arg("run").arg(&directory).args(["--only", "nothing"]));
    assert_eq!(nothing.code, 4);
}

#[test]
fn a_check_whose_dependency_did_not_pass_is_skipped_and_names_it() {
    let place = scratch();
    let dependent = "      - {id: then, depends-on: [bad], command: {run: [\"true\"]}, expect: {exit: == 0}}\n";
    let directory = audit(place.path(), &(dependent.to_owned() + &FAILS.replace("SEVERITY", "minor")));
    run(&directory);
    let (left_out, reason) = status(&record(&directory), "all/then");
    assert_eq!(left_out, "skipped");
    assert!(reason.contains("all/bad"), "{reason}");
}

#[test]
fn plan_lists_the_questions_and_asks_none() {
    let place = scratch();
    let touched = place.path().join("touched");
    let check =
        format!("      - {{id: ok, command: {{run: [touch, \"{}\"]}}, expect: {{exit: == 0}}}}\n", touched.display());
    let ran = ran(countersign().arg("run").arg(audit(place.path(), &check)).arg("--plan"));
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("all/ok") && ran.stdout.contains("touch "), "{}", ran.stdout);
    assert!(!touched.exists());
}

#[test]
fn plan_lists_what_is_selected_and_goes_on_as_far_as_no_answer_is_needed() {
    let place = scratch();
    let checks = "      - {id: files, file: {paths: [\"x*\", etc/passwd]}, expect: {missing: == 0}}\n      \
                  - {id: suite, depends-on: [files], test-pass-rate: {junit: build/*.xml}, expect: {failed: == 0}}\n      \
                  - {id: long, sampled: {of: {command: {run: [uptime]}}, fact: exit, when: == 0 for 1h, every: 1s}, expect: {met: == true}}\n      \
                  - {id: claimed, command: {run: [nproc]}, expect: {exit: == 0}, claim: {by: Forge, exit: 0}}\n";
    let directory = audit(place.path(), checks);
    let plan = |more: &[&str]| {
        let ran = ran(countersign().arg("run").arg(&directory).arg("--plan").args(more));
        (ran.code, ran.stdout, ran.stderr)
    };
    let more = "  …and what follows from the answers\n";
    let date = "  date -u +%Y-%m-%dT%H:%M:%SZ\n";
    let files = format!("all/files\n{date}  ls -d x*\n{more}");
    let suite = format!("all/suite\n{date}  ls -d build/*.xml\n{more}");
    let claimed = format!("all/claimed\n  nproc\n{more}");
    let (code, whole, _) = plan(&[]);
    assert_eq!(code, 0);
    assert!(whole.starts_with(&format!("{files}{suite}all/long\n  uptime\n")), "{whole}");
    assert!(whole.ends_with(&claimed) && whole.matches("uptime").count() == 1, "{whole}");
    assert_eq!(plan(&["--only", "all/suite"]).1, suite);
    assert_eq!(plan(&["--claims-only"]).1, claimed);
    let (code, _, said) = plan(&["--only", "all/nothing"]);
    assert!(code == 4 && said.contains("names no area and no check"), "{said}");
}

#[test]
fn quiet_prints_nothing_when_all_is_well() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    let ran = ran(countersign().args(["--quiet", "run"]).arg(&directory).arg("--to").arg(directory.join("bundle")));
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
}

#[test]
fn schema_completions_and_man_print_what_they_should() {
    let schema = ran(countersign().arg("schema"));
    let json: serde_json::Value = serde_json::from_str(&schema.stdout).expect("JSON");
    assert_eq!(json["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(ran(countersign().args(["completions", shell])).stdout.contains("countersign"), "{shell}");
    }
    let manual = ran(countersign().arg("man")).stdout;
    assert!(manual.contains(".TH") && manual.contains("replay"), "{manual}");
}

#[test]
fn no_help_names_a_schema_that_cannot_be_printed() {
    for command in ["run", "render", "diff", "verify", "history", "lint", "proofread", "gate", "merge"] {
        let help = ran(countersign().args([command, "--help"])).stdout;
        for name in help.split("urn:countersign:").skip(1).filter_map(|rest| rest.split(':').next()) {
            let schema = ran(countersign().args(["schema", name]));
            assert_eq!(schema.code, 0, "`{command} --help` names {name}: {}", schema.stderr);
        }
    }
}

#[test]
fn every_kind_can_be_described() {
    let list = ran(countersign().arg("kinds")).stdout;
    for row in countersign::probe::registry::KINDS {
        assert!(list.contains(row.name), "{} is not listed", row.name);
        let one = ran(countersign().args(["kinds", row.name]));
        assert_eq!(one.code, 0);
        for fact in (row.facts)() {
            assert!(one.stdout.contains(fact.name.as_ref()), "{} does not tell of {}", row.name, fact.name);
        }
    }
    let unknown = ran(countersign().args(["kinds", "no-such-kind"]));
    assert_eq!(unknown.code, 4);
    assert!(unknown.stderr.contains("health-check"), "{}", unknown.stderr);
}

#[test]
fn the_short_help_and_the_long_help_differ() {
    let short = ran(countersign().args(["schema", "-h"])).stdout;
    let long = ran(countersign().args(["schema", "--help"])).stdout;
    assert!(long.len() > short.len());
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let line = format!("{} kinds | head -n 1", env!("CARGO_BIN_EXE_countersign"));
    let ran = ran(std::process::Command::new("bash").args(["-o", "pipefail", "-c", &line]));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn interrupting_keeps_what_was_measured() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let place = scratch();
    let slow = "      - {id: slow, command: {run: [sleep, \"30\"]}, timeout: 60s, expect: {exit: == 0}}\n";
    let mark = place.path().join("measured");
    let quick =
        format!("      - {{id: quick, command: {{run: [touch, \"{}\"]}}, expect: {{exit: == 0}}}}\n", mark.display());
    let directory = audit(place.path(), &(slow.to_owned() + &quick));
    let child = countersign().arg("run").arg(&directory).arg("--to").arg(directory.join("bundle")).spawn().unwrap();
    let began = std::time::Instant::now();
    while !mark.exists() && began.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(began.elapsed().as_secs() < 20, "it did not stop");
    assert!(output.status.code().is_some_and(|code| code == 1 || code == 3), "{output:?}");
    let record = record(&directory);
    assert_eq!(record["run"]["interrupted"], true);
    assert_eq!(status(&record, "all/quick").0, "pass");
    assert_eq!(status(&record, "all/slow"), ("skipped".to_owned(), "interrupted".to_owned()));
}

#[test]
fn rendering_into_a_bundle_keeps_all_else_in_it_and_the_way_to_it() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    run(&directory);
    let (bundle, link) = (directory.join("bundle"), directory.join("link"));
    std::os::unix::fs::symlink("bundle", &link).unwrap();
    fs::create_dir(bundle.join("notes")).unwrap();
    fs::write(bundle.join("notes/one.txt"), "mine").unwrap();
    fs::write(bundle.join("report.html"), "old").unwrap();
    let before = crate::bundles::files(&bundle);
    let rendered = ran(countersign().arg("render").arg(&link));
    assert_eq!(rendered.stdout, format!("{0}/report.md\n{0}/report.html\n", link.display()), "{}", rendered.stderr);
    assert!(link.is_symlink());
    let mut after = crate::bundles::files(&bundle);
    assert!(after.insert("report.html".to_owned(), b"old".to_vec()).unwrap().starts_with(b"<!"));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(before == after, "what was there is there");
    let names = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.contains("partial")));
}

#[test]
fn a_bundle_renders_again_to_the_same_bytes_and_a_template_can_be_replaced() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    run(&directory);
    let bundle = directory.join("bundle");
    let again = directory.join("again");
    assert_eq!(ran(countersign().arg("render").arg(&bundle).arg("--to").arg(&again)).code, 0);
    for file in ["report.md", "report.html"] {
        assert_eq!(fs::read(bundle.join(file)).unwrap(), fs::read(again.join(file)).unwrap(), "{file}");
    }
    let names = ran(countersign().args(["render", "--list-templates"])).stdout;
    assert!(names.lines().any(|name| name == "report.md.j2"), "{names}");

    let templates = directory.join("templates");
    fs::create_dir(&templates).unwrap();
    fs::write(templates.join("report.md.j2"), "{{ view.title }}\n").unwrap();
    let own = |format: &str| {
        ran(countersign().arg("render").arg(&bundle).args(["--format", format, "--template"]).arg(&templates))
    };
    assert_eq!(own("markdown").stdout, "Trial\n");
    fs::write(templates.join("report.md.j2"), "first\n{{ view.no_such_name }}\n").unwrap();
    let wrong = own("markdown");
    assert_eq!(wrong.code, 4);
    assert!(
        wrong.stderr.contains("\"report.md.j2\", line 2") && wrong.stderr.contains("no_such_name"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_directory_without_a_template_is_refused_before_anything_is_measured() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    let (templates, bundle) = (place.path().join("templates"), directory.join("bundle"));
    fs::create_dir(&templates).unwrap();
    let refused = |holds: &str| {
        let ran =
            ran(countersign().arg("run").arg(&directory).arg("--template").arg(&templates).arg("--to").arg(&bundle));
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
        let said = format!("has the name of a template: it holds {holds}\n");
        assert!(ran.stderr.contains(&said) && ran.stderr.contains("report.md.j2, "), "{}", ran.stderr);
        assert!(!bundle.exists());
    };
    refused("no file");
    fs::write(templates.join("report.md"), "# mine").unwrap();
    refused("\"report.md\"");
    for number in 1..=6 {
        fs::write(templates.join(number.to_string()), "").unwrap();
    }
    refused("\"1\", \"2\", \"3\", \"4\", \"5\" and more");
}

#[test]
fn a_wrong_template_loses_nothing_that_was_measured() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    let (templates, bundle) = (directory.join("templates"), directory.join("kept"));
    fs::create_dir(&templates).unwrap();
    fs::write(templates.join("report.html.j2"), "{{ view.no_such_name }}\n").unwrap();
    let wrong =
        ran(countersign().arg("run").arg(&directory).arg("--template").arg(&templates).arg("--to").arg(&bundle));
    assert_eq!(wrong.code, 4);
    assert!(wrong.stderr.contains("no_such_name") && wrong.stderr.contains("kept\", with"), "{}", wrong.stderr);
    // The built-in documents, of the record that stands beside them.
    let verified = ran(countersign().arg("verify").arg(&bundle));
    assert_eq!(verified.code, 0, "{}", verified.stdout);
}

#[test]
fn a_directory_that_is_no_bundle_says_so() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    let rendered = ran(countersign().arg("render").arg(&directory));
    let replayed = ran(countersign().arg("run").arg(&directory).arg("--replay").arg(&directory));
    for ran in [rendered, replayed] {
        assert_eq!(ran.code, 4);
        assert!(ran.stderr.contains("is not a bundle") && ran.stderr.contains("help: "), "{}", ran.stderr);
    }
}

#[test]
fn a_record_that_was_edited_is_refused() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    run(&directory);
    let path = directory.join("bundle/record.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n")).unwrap();
    let ran = ran(countersign().arg("render").arg(directory.join("bundle")));
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("not in canonical form"), "{}", ran.stderr);
}

#[test]
fn the_repositorys_own_audits_are_valid() {
    for name in ["go-live", "stack", "countersign"] {
        let ran = ran(countersign().arg("lint").arg(repository().join("checks").join(name)));
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.stdout, ran.stderr);
    }
}

/// An audit of nothing but claims, and what the README says.
fn only_claims(total: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let audit = "audit: {id: a, subject: {name: b}}\nclaims: [{id: rules, value: 13, at: README.md#Rules/Total}]\n";
    std::fs::write(folder.path().join("audit.yaml"), audit).expect("an audit file");
    std::fs::write(folder.path().join("README.md"), format!("# Rules\n\n{total}\n")).expect("a document");
    folder
}

#[test]
fn an_audit_of_nothing_but_claims_is_linted_and_judged_as_that() {
    for (total, code, words) in
        [("Total: 13", 0, "THE CLAIM HOLDS"), ("Total: 12", 1, "IS WRONG"), ("Sum: 13", 3, "COULD NOT BE HELD")]
    {
        let folder = only_claims(total);
        let bundle = folder.path().join("bundle");
        let live = ran(countersign().current_dir(folder.path()).args(["run", ".", "--to"]).arg(&bundle));
        assert_eq!(live.code, code, "{}{}", live.stdout, live.stderr);
        assert!(live.stdout.contains(words) && !live.stdout.contains("coverage"), "{}", live.stdout);
        let again = folder.path().join("again");
        let mut replay = countersign();
        replay.current_dir(folder.path()).args(["run", ".", "--replay"]).arg(&bundle).arg("--to").arg(&again);
        assert_eq!(ran(&mut replay).code, code);
        let report = |bundle: &Path| fs::read_to_string(bundle.join("report.md")).expect("a report");
        assert_eq!(report(&bundle), report(&again));
    }
}

#[test]
fn linting_counts_claims_and_looks_them_up_in_their_documents() {
    let folder = only_claims("Total: 12");
    let found = ran(countersign().current_dir(folder.path()).args(["lint", "."]));
    assert_eq!((found.code, found.stdout.as_str()), (0, ".: valid, 1 claim\n"), "{}", found.stderr);
    let folder = only_claims("Sum: 13");
    let found = ran(countersign().current_dir(folder.path()).args(["lint", "."]));
    assert_eq!(found.code, 1, "{}", found.stderr);
    assert!(found.stdout.contains("warning[no-place]: \"Rules\" has no label \"Total\""), "{}", found.stdout);
}

#[test]
fn an_audit_is_the_same_from_inside_its_directory() {
    let place = scratch();
    let area = "area: all\nchecks: [{id: ok, command: {run: [\"true\"]}, expect: {exit: == 0}}]\n";
    fs::create_dir(place.path().join("areas")).unwrap();
    fs::write(place.path().join("areas/all.yaml"), area).unwrap();
    let audit = "audit: {id: trial, subject: {name: Thing}}\ninclude: ['*/a*.yaml']\n";
    fs::write(place.path().join("audit.yaml"), audit).unwrap();
    for given in [".", "audit.yaml", "./audit.yaml"] {
        let ran = ran(countersign().current_dir(place.path()).args(["lint", given]));
        assert_eq!(ran.code, 0, "{given}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("valid, 1 check in 1 area"), "{given}: {}", ran.stdout);
    }
}

#[test]
fn a_record_with_a_short_run_id_can_be_replayed_to_where_bundles_go() {
    let place = scratch();
    let directory = audit(place.path(), PASSES);
    let path = directory.join("bundle/record.json");
    for short in ["r", "12345678"] {
        run(&directory);
        let text = fs::read_to_string(&path).unwrap();
        let own = record(&directory)["run"]["runId"].as_str().unwrap().to_owned();
        fs::write(&path, text.replace(&own, short)).unwrap();
        let ran = ran(countersign().current_dir(place.path()).args(["run", ".", "--replay", "bundle"]));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let made = fs::read_dir(place.path().join("audits/trial")).unwrap();
        let ends = format!("Z-{short}");
        assert!(made.flatten().any(|made| made.file_name().to_string_lossy().ends_with(&ends)), "{short}");
    }
}

#[test]
fn two_formats_for_one_file_are_refused_however_it_is_written() {
    let place = scratch();
    let touched = place.path().join("touched");
    let check =
        format!("      - {{id: ok, command: {{run: [touch, \"{}\"]}}, expect: {{exit: == 0}}}}\n", touched.display());
    audit(place.path(), &check);
    fs::create_dir(place.path().join("sub")).unwrap();
    std::os::unix::fs::symlink("sub", place.path().join("link")).unwrap();
    let absolute = place.path().join("out.txt");
    let absolute = absolute.to_str().unwrap();
    for (one, other) in [
        ("out.txt", "out.txt"),
        ("out.txt", "./out.txt"),
        ("sub/../out.txt", "out.txt"),
        (absolute, "out.txt"),
        ("sub/out.txt", "link/out.txt"),
        ("new/out.txt", "new/./out.txt"),
    ] {
        let formats = format!("junit={one},sarif={other}");
        let ran =
            ran(countersign().current_dir(place.path()).args(["run", ".", "--to", "bundle", "--format", &formats]));
        assert_eq!(ran.code, 4, "{formats}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("two formats would go to \"{other}\"")), "{}", ran.stderr);
        assert!(!touched.exists() && !place.path().join("bundle").exists(), "{formats}");
    }
    let mut left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["audit.yaml", "link", "sub"]);
    let both = ["run", ".", "--to", "bundle", "--format", "junit=sub/out.txt,sarif=out.txt"];
    assert_eq!(ran(countersign().current_dir(place.path()).args(both)).code, 0);
}
