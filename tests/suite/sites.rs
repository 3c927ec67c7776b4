//! What `countersign publish` writes, built by the generators themselves: text stays text, nothing acts, nothing leaks.
//!
//! An audit full of hostile text is published into a copy of each site under `fixtures/sites`, the site is built, and a
//! program looks at it with a browser's parser and in a browser. Then the escaping is undone, which the same program must
//! notice. `fixtures/sites/install DIR` installs the generators, `COUNTERSIGN_SITES=DIR` says where.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::{countersign, ran, repository, skipped};

/// A kind of site, and where its copy has what.
struct Kind {
    name: &'static str,
    /// The folder of the audits.
    audits: &'static str,
    /// Where that is in the built site.
    at: &'static str,
    /// Where the files beside the pages are, when not there.
    files: Option<&'static str>,
    /// The page of the list, in the built site.
    index: &'static str,
}

const fn kind(name: &'static str, audits: &'static str) -> Kind {
    Kind { name, audits, at: "audits", files: None, index: "audits/index.html" }
}

#[test]
fn mkdocs_shows_what_was_captured() {
    holds(&kind("mkdocs", "docs/audits"));
}

#[test]
fn mdbook_shows_what_was_captured() {
    holds(&kind("mdbook", "src/audits"));
}

#[test]
fn hugo_shows_what_was_captured() {
    holds(&kind("hugo", "content/audits"));
}

#[test]
fn jekyll_shows_what_was_captured() {
    holds(&kind("jekyll", "audits"));
}

#[test]
fn eleventy_shows_what_was_captured() {
    holds(&kind("eleventy", "content/audits"));
}

#[test]
fn vitepress_shows_what_was_captured() {
    holds(&Kind { files: Some("docs/public/audits"), ..kind("vitepress", "docs/audits") });
}

#[test]
fn docusaurus_shows_what_was_captured() {
    let (at, index, files) = ("docs/audits", "docs/audits/index.html", Some("static/docs/audits"));
    holds(&Kind { at, index, files, ..kind("docusaurus", "docs/audits") });
}

#[test]
fn starlight_shows_what_was_captured() {
    holds(&Kind { files: Some("public/audits"), ..kind("starlight", "src/content/docs/audits") });
}

#[test]
fn github_shows_what_was_captured() {
    holds(&Kind { index: "audits/README.html", ..kind("gfm", "audits") });
}

#[test]
fn the_wiki_of_github_shows_what_was_captured() {
    holds(&Kind { index: "audits/Audits-hostile.html", ..kind("github-wiki", "audits") });
}

#[test]
fn confluence_is_given_xml_that_says_what_was_captured() {
    let Some(installed) = installed() else { return };
    let place = tempfile::tempdir().unwrap();
    let audits = place.path().join("audits");
    let look = || {
        let mut look = node(&installed, "check/confluence.mjs");
        output(look.arg("--pages").arg(&audits).arg("--report").arg(hostile().large().join("report.html")))
    };
    publish("confluence", &hostile().runs(), &audits);
    let (right, said) = look();
    assert!(right, "{said}");
    // A text that was escaped by nobody, and a section that ends too soon, are noticed.
    for (escaped, raw) in [("&lt;", "<"), ("]]]]><![CDATA[>", "]]>"), ("&amp;amp;", "&amp;")] {
        publish("confluence", &hostile().runs(), &audits);
        for page in fs::read_dir(&audits).unwrap().map(|entry| entry.unwrap().path()) {
            if page.extension().is_some_and(|extension| extension == "xml") {
                fs::write(&page, fs::read_to_string(&page).unwrap().replace(escaped, raw)).unwrap();
            }
        }
        let (right, said) = look();
        assert!(!right, "{escaped} was undone, and nobody noticed: {said}");
        fs::remove_dir_all(&audits).unwrap();
    }
}

/// Publishes into a copy of a site, builds it and looks; then undoes the escaping and looks again.
fn holds(kind: &Kind) {
    let Some(installed) = installed() else { return };
    // Beside the generators: Astro takes a module that has no folder in common with the site for a part of the site.
    let place = tempfile::tempdir_in(&installed).unwrap();
    let bare = copied(kind, place.path(), "bare");
    let bare_built = place.path().join("bare-built");
    let (built, said) = build(kind, &installed, &bare, &bare_built);
    assert!(built, "{} without an audit: {said}", kind.name);

    let site = copied(kind, place.path(), "site");
    let audits = site.join(kind.audits);
    let [large, small] = hostile().runs();
    publish(kind.name, &[large], &audits);
    let once = files(&site);
    publish(kind.name, &[large], &audits);
    assert_eq!(files(&site), once, "{}: publishing again changes nothing", kind.name);
    publish(kind.name, &[small], &audits);
    let (site_built, again) = (place.path().join("built"), place.path().join("again"));
    let (built, said) = build(kind, &installed, &site, &site_built);
    assert!(built, "{} does not build: {said}", kind.name);
    let look = |built: &Path, more: &[&str]| look(kind, &installed, &site, built, &bare_built, more);
    let (right, said) = look(&site_built, &["--browser"]);
    assert!(right, "{}: {said}", kind.name);
    lists_both(kind, &site_built);
    if matches!(kind.name, "mdbook" | "hugo" | "jekyll" | "eleventy" | "gfm" | "github-wiki") {
        build(kind, &installed, &site, &again);
        let pages = |built: &Path| files(&built.join(kind.at));
        assert_eq!(pages(&again), pages(&site_built), "{}: building again gives the same", kind.name);
    }

    let naive_built = place.path().join("naive");
    let (undone, said) = output(node(&installed, "check/naive.mjs").arg(&audits));
    assert!(undone, "{said}");
    let (built, naive_said) = build(kind, &installed, &site, &naive_built);
    let why = if built {
        let (right, said) = look(&naive_built, &[]);
        assert!(!right, "{}: the escaping was undone, and nobody noticed", kind.name);
        said.lines().last().unwrap_or_default().to_owned()
    } else {
        let error = naive_said.lines().find(|line| line.to_lowercase().contains("error")).unwrap_or(&naive_said);
        format!("does not build: {error}")
    };
    said_aloud(&format!("{} without escaping: {why}", kind.name));
}

fn look(kind: &Kind, installed: &Path, site: &Path, built: &Path, bare: &Path, more: &[&str]) -> (bool, String) {
    let mut look = node(installed, "check/site.mjs");
    look.arg(kind.name).arg("--pages").arg(site.join(kind.audits)).arg("--built").arg(built);
    look.args(["--at", kind.at]).arg("--bare").arg(bare);
    look.arg("--report").arg(hostile().large().join("report.html"));
    if let Some(files) = kind.files {
        look.arg("--files").arg(site.join(files));
    }
    output(look.args(more))
}

/// The list has a link to each of the runs.
fn lists_both(kind: &Kind, built: &Path) {
    let index = fs::read_to_string(built.join(kind.index)).unwrap();
    for run in hostile().runs() {
        let record: serde_json::Value = serde_json::from_slice(&fs::read(run.join("record.json")).unwrap()).unwrap();
        let id = record["run"]["runId"].as_str().unwrap();
        assert!(index.contains(&id[id.len() - 8..]), "{}: {id} is not in the list", kind.name);
    }
}

/// A copy of the site; of a folder of Markdown, an empty one.
fn copied(kind: &Kind, place: &Path, name: &str) -> PathBuf {
    let (from, to) = (repository().join("fixtures/sites").join(kind.name), place.join(name));
    if from.exists() {
        for (path, bytes) in files(&from) {
            fs::create_dir_all(to.join(&path).parent().unwrap()).unwrap();
            fs::write(to.join(&path), bytes).unwrap();
        }
    } else {
        fs::create_dir_all(&to).unwrap();
        fs::write(to.join("Home.md"), "# Handbook\n").unwrap();
    }
    to
}

/// Every file below a folder and what it holds, by its path there; no link is followed.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.insert(entry.path().strip_prefix(folder).unwrap().to_owned(), fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

fn publish(kind: &str, bundles: &[&Path], audits: &Path) {
    let ran = ran(countersign().arg("publish").args(bundles).args(["--site", kind, "--to"]).arg(audits));
    assert_eq!(ran.code, 0, "{kind}: {}{}", ran.stdout, ran.stderr);
}

fn build(kind: &Kind, installed: &Path, site: &Path, to: &Path) -> (bool, String) {
    let mut build = Command::new(repository().join("fixtures/sites/build"));
    output(build.env("COUNTERSIGN_SITES", installed).arg(kind.name).arg(site).arg(to))
}

fn node(installed: &Path, script: &str) -> Command {
    let scripts = repository().join("fixtures/sites");
    let modules = scripts.join("check/node_modules");
    let fresh = fs::read_link(&modules).is_ok_and(|to| to.exists());
    assert!(fresh, "no {}: `fixtures/sites/install {} check` makes it", modules.display(), installed.display());
    let mut command = Command::new("node");
    command.arg(scripts.join(script));
    command
}

/// Two runs of the hostile audit: all of it, and a later one with a few of its checks.
struct Hostile(tempfile::TempDir);

impl Hostile {
    fn large(&self) -> PathBuf {
        self.0.path().join("large")
    }

    fn runs(&self) -> [&'static Path; 2] {
        static RUNS: OnceLock<[PathBuf; 2]> = OnceLock::new();
        let [large, small] = RUNS.get_or_init(|| [self.large(), self.0.path().join("small")]);
        [large, small]
    }
}

fn hostile() -> &'static Hostile {
    static HOSTILE: OnceLock<Hostile> = OnceLock::new();
    HOSTILE.get_or_init(|| {
        let place = tempfile::tempdir().unwrap();
        for size in ["large", "small"] {
            let audit = place.path().join(format!("{size}-audit"));
            let write = repository().join("fixtures/sites/hostile/write.mjs");
            let (written, said) = output(Command::new("node").arg(write).arg(&audit).arg(size));
            assert!(written, "{said}");
            let ran = ran(countersign().arg("run").arg(&audit).arg("--to").arg(place.path().join(size)));
            assert_eq!(ran.code, 2, "some of its checks fail: {}{}", ran.stdout, ran.stderr);
        }
        Hostile(place)
    })
}

/// The folder that `fixtures/sites/install DIR` filled.
#[expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]
fn installed() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("COUNTERSIGN_SITES") else {
        skipped("COUNTERSIGN_SITES is not set; run `fixtures/sites/install DIR` and set it to DIR");
        return None;
    };
    Some(fs::canonicalize(folder).expect("the folder that COUNTERSIGN_SITES names"))
}

fn output(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).chars().rev().take(6000).collect::<Vec<_>>().iter().rev().collect(),
    )
}

fn said_aloud(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).expect("stderr");
}
