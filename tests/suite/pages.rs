//! The page as a browser has it: looked at by programs that nobody here wrote, for rules of accessibility, for its filters,
//! on paper and with harm put into it. `fixtures/pages/install DIR` installs those, `COUNTERSIGN_PAGES=DIR` lets these tests
//! use them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use countersign::model::record::Record;
use countersign::report::{self, Templates};
use sha2::{Digest as _, Sha256};

use crate::claims_in_ci::Project;
use crate::report::{fixture, many, sample, view_of};
use crate::signers::Signers;
use crate::support::{Ran, countersign, ran, repository, skipped};

/// The folder that `fixtures/pages/install DIR` filled.
#[expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]
fn installed() -> Option<PathBuf> {
    let set = std::env::var_os("COUNTERSIGN_PAGES").map(PathBuf::from);
    if set.is_none() {
        skipped("COUNTERSIGN_PAGES is not set; run `fixtures/pages/install DIR` and set it to DIR");
    }
    set
}

fn node(script: &str, arguments: &[&Path]) -> Ran {
    ran(Command::new("node").arg(fixture("pages").join(script)).args(arguments))
}

/// Looks at a page, which must be right in everything.
fn is_right(page: &Path) {
    let Some(installed) = installed() else { return };
    let ran = node("look.mjs", &[&installed, page]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.starts_with("0 wrong in "), "{}", ran.stdout);
}

/// The sample with everything in it that tries to be more than text, as the binary renders it.
fn rendered_sample(place: &Path) -> PathBuf {
    rendered(place, &sample())
}

fn rendered(place: &Path, record: &Record) -> PathBuf {
    let bundle = place.join("sample");
    fs::create_dir_all(bundle.join("evidence")).unwrap();
    for entry in fs::read_dir(fixture("records/sample/evidence")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), bundle.join("evidence").join(entry.file_name())).unwrap();
    }
    fs::write(bundle.join("record.json"), countersign::record::to_bytes(record).unwrap()).unwrap();
    let rendered = ran(countersign().arg("render").arg(&bundle));
    assert_eq!(rendered.code, 0, "{}", rendered.stderr);
    bundle.join("report.html")
}

#[test]
fn the_page_of_the_example_is_right_in_a_browser() {
    let place = tempfile::tempdir().unwrap();
    let mut command = countersign();
    command.arg("run").arg(repository().join("checks/go-live")).arg("--to").arg(place.path());
    let replayed = ran(command.arg("--replay").arg(repository().join("fixtures/bundles/go-live")));
    assert_eq!(replayed.code, 1, "{}", replayed.stderr);
    is_right(&place.path().join("report.html"));
}

#[test]
fn the_page_of_the_hostile_sample_with_a_baseline_is_right_in_a_browser() {
    let place = tempfile::tempdir().unwrap();
    let page = rendered_sample(place.path());
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains("Changed since the baseline") && text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    is_right(&page);
}

#[test]
fn the_page_with_a_trend_is_right_in_a_browser() {
    let place = tempfile::tempdir().unwrap();
    let page = rendered(place.path(), &crate::history::sample_with_history());
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains("<h2 id=\"h-trend\">Trend</h2>") && text.contains("class=\"trend\""));
    is_right(&page);
}

#[test]
fn the_page_of_claims_alone_is_right_in_a_browser() {
    let project = Project::new();
    let ran = project.countersign(&["run", "checks", "--claims-only"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    is_right(&project.root().parent().unwrap().join("bundle/report.html"));
}

#[test]
fn the_page_of_a_signed_audit_is_right_in_a_browser() {
    let Some(signers) = Signers::signed() else { return };
    is_right(&signers.bundle().join("report.html"));
}

#[test]
fn the_page_of_a_watch_shows_the_report_and_another_one_when_it_differs() {
    let Some(installed) = installed() else { return };
    let place = tempfile::tempdir().unwrap();
    let (watch, address, file) = crate::watch::served(place.path());
    let ran = node("watched.mjs", &[&installed, Path::new(&format!("http://{address}/")), &file]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    drop(watch);
}

#[test]
fn a_long_page_opens_and_filters_without_waiting() {
    let Some(installed) = installed() else { return };
    let place = tempfile::tempdir().unwrap();
    let page = place.path().join("report.html");
    fs::write(&page, report::html(&view_of(&many(160)), &Templates::builtin()).unwrap()).unwrap();
    // Several times what it takes, so that this finds what grows with the square of the checks and no slow machine.
    let ran = node("long.mjs", &[&installed, &page, Path::new("6000"), Path::new("2000")]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

/// A page with a changed style sheet or script, which its policy allows.
fn allowed(page: &str, element: &str, change: impl Fn(&str) -> String) -> String {
    let (before, rest) = page.split_once(&format!("<{element}>")).unwrap();
    let (inside, after) = rest.split_once(&format!("</{element}>")).unwrap();
    let sum = |text: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
    let changed = change(inside);
    assert_ne!(changed, inside);
    let before = before.replace(&sum(inside), &sum(&changed));
    format!("{before}<{element}>{changed}</{element}>{after}")
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

/// A page that is wrong: the look that finds it, how its findings begin, and the page.
type Wrong = (&'static str, &'static [&'static str], String);

/// Every sort of thing that is looked for, several of them in one page where they do not hide each other.
fn wrong_pages(page: &str) -> Vec<Wrong> {
    let within =
        |text: &str, markup: &str| replaced(text, "<main id=\"main\">", &format!("<main id=\"main\">{markup}"));
    let no_policy = |text: &str| replaced(text, "http-equiv=\"Content-Security-Policy\"", "name=\"policy\"");
    let styled = |text: &str, rule: &str| allowed(text, "style", |style| format!("{style}{rule}"));
    let scripted = |text: &str, line: &str| allowed(text, "script", |script| format!("{script}{line}"));
    let misled = |text: &str, from: &str, to: &str| allowed(text, "script", |script| replaced(script, from, to));

    let unusable = within(page, "<p><a href=\"#claims\"></a></p><svg width=\"900\" height=\"9\"></svg>");
    let dead = replaced(&within(page, "<p style=\"color: red\">x</p>"), "the checks\" hidden>", "the checks\">");
    let miscounting = misled(&misled(page, "=== \"fail\"", "=== \"pass\""), "\"None\"", "\"Some\"");
    let miscounting = replaced(&miscounting, "data-status=\"warn\"", "data-status=\"warm\"");
    let unmarked = allowed(page, "style", |style| replaced(style, "@bottom-left { content", "@x { content"));
    vec![
        (
            "accessible",
            &["axe: light, 1280 px: link-name", "axe: dark, 320 px: color-contrast", "overflow: light, 320 px"],
            styled(&unusable, "p { color: #555; }"),
        ),
        (
            "unscripted",
            &[
                "console: ",
                "harm: the page opened a dialog",
                "script: without the script there is a control",
                "script: without the script the page says",
            ],
            scripted(&dead, "alert(1); document.querySelector('main').append('more');"),
        ),
        (
            "filters",
            &["filter: failed only", "filter: the choice \"warn (2)\"", "filter: nothing: the count says", "link: "],
            misled(&miscounting, "inside.open = true", "inside.open = false"),
        ),
        (
            "filters",
            &["request: https://example.com/x.png"],
            no_policy(&within(page, "<img src=\"https://example.com/x.png\" alt=\"x\">")),
        ),
        (
            "harmless",
            &["policy: script", "policy: img", "policy: style", "policy: onclick", "policy: link", "policy: iframe"],
            no_policy(page),
        ),
        (
            "paper",
            &["print: page 2 of ", "print: 0 of "],
            styled(&unmarked, "@media print { details { display: none; } }"),
        ),
    ]
}

#[test]
fn each_sort_of_thing_that_may_be_wrong_with_a_page_is_found() {
    let Some(installed) = installed() else { return };
    let place = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(rendered_sample(place.path())).unwrap();
    for (at, (look, findings, text)) in wrong_pages(&page).into_iter().enumerate() {
        let path = place.path().join(format!("{at}.html"));
        fs::write(&path, text).unwrap();
        let ran = node("look.mjs", &[&installed, &path, Path::new(look)]);
        assert_eq!(ran.code, 1, "{look}: {}{}", ran.stdout, ran.stderr);
        for finding in findings {
            assert!(ran.stdout.lines().any(|line| line.starts_with(finding)), "{finding}: {}", ran.stdout);
        }
    }
}
