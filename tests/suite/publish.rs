//! `countersign publish` as a user runs it: what it writes for each kind of site, and what it leaves alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use countersign::model::record::Record;
use countersign::publish::SITES;
use countersign::publish::site::Serves;
use countersign::record;

use crate::bundles::{committed, copy, replace};
use crate::signers::Signers;
use crate::support::{Ran, audit, countersign, golden, ran, repository, run};

/// The name of the page of the committed bundle `stack`.
fn page_of_stack() -> String {
    page_of("stack")
}

fn page_of_go_live() -> String {
    page_of("go-live")
}

fn page_of(bundle: &str) -> String {
    let record: Record = serde_json::from_slice(&fs::read(committed(bundle).join("record.json")).unwrap()).unwrap();
    let id = &record.run.run_id;
    format!("{}-{}", &record.run.finished_at.to_string()[..10], &id[id.len() - 8..])
}

/// A site in a scratch folder.
struct Ground {
    place: tempfile::TempDir,
    site: &'static str,
    to: PathBuf,
}

impl Ground {
    /// Of a kind, with what stands in the root of such a site.
    fn of(site: &'static str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let (root, to) = match site {
            "docusaurus" => ("docusaurus.config.js", "docs/audits"),
            "vitepress" => (".vitepress/config.mts", "audits"),
            "starlight" => ("astro.config.mjs", "src/content/docs/audits"),
            "obsidian-digital-garden-repository" => (".eleventy.js", "src/site/notes/audits"),
            "mdbook" => ("src/SUMMARY.md", "src/audits"),
            "github-wiki" => ("_Sidebar.md", "."),
            "hugo" => ("hugo.toml", "content/audits"),
            _ => ("site", "docs/audits"),
        };
        let root = place.path().join(root);
        fs::create_dir_all(root.parent().unwrap()).unwrap();
        fs::write(root, "# Ours\n\n- [Home](home.md)\n\n<!-- countersign:begin -->\n<!-- countersign:end -->\n")
            .unwrap();
        let to = place.path().join(to);
        Self { place, site, to }
    }

    fn publish(&self, bundles: &[&Path], more: &[&str]) -> Ran {
        let mut command = countersign();
        command.current_dir(self.place.path()).arg("publish").args(bundles);
        ran(command.args(["--site", self.site, "--to"]).arg(&self.to).args(more))
    }

    /// Publishes, and it must go well.
    fn published(&self, bundles: &[&Path], more: &[&str]) -> Ran {
        let ran = self.publish(bundles, more);
        assert_eq!(ran.code, 0, "{}: {}{}", self.site, ran.stdout, ran.stderr);
        ran
    }

    /// Publishes, and it must be refused with this exit code, saying this, with nothing changed.
    fn refused(&self, bundles: &[&Path], more: &[&str], code: i32, says: &str) {
        let before = self.files();
        let ran = self.publish(bundles, more);
        assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(says) && ran.stderr.contains("help: "), "{}", ran.stderr);
        assert_eq!(self.files(), before);
    }

    /// Every file with its content and the time it was changed.
    fn files(&self) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let files = walkdir::WalkDir::new(self.place.path()).into_iter().map(Result::unwrap);
        files
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let name = entry.path().strip_prefix(self.place.path()).unwrap().to_string_lossy().into_owned();
                (name, (fs::read(entry.path()).unwrap(), entry.metadata().unwrap().modified().unwrap()))
            })
            .collect()
    }

    /// The text of a file, relative to the folder of the audits.
    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.to.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// The committed bundle as another run: of another day, with another score and id.
fn another_run(place: &Path, day: u32, score: &str) -> PathBuf {
    changed(place, &format!("run-{day}"), |record| {
        record.run.run_id = format!("019a0000-0000-7000-8000-0000000000{day:02}");
        record.run.finished_at = format!("2026-12-{day:02}T12:00:00Z").parse().unwrap();
        record.judgement.overall.score = Some(score.parse().unwrap());
    })
}

/// The committed bundle with a change to its record.
fn changed(place: &Path, name: &str, change: impl FnOnce(&mut Record)) -> PathBuf {
    let to = place.join(name);
    fs::create_dir_all(to.join("evidence")).unwrap();
    for entry in fs::read_dir(committed("stack").join("evidence")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join("evidence").join(entry.file_name())).unwrap();
    }
    let mut record: Record =
        serde_json::from_slice(&fs::read(committed("stack").join("record.json")).unwrap()).unwrap();
    // What another version concluded is not judged again by this one.
    record.run.tool_version = "0.0.9".to_owned();
    change(&mut record);
    let (_, policy) = record::clean_with_bytes(record.audit.clone()).unwrap();
    record.policy_sha256 = record::sha256(&policy);
    fs::write(to.join("record.json"), record::to_bytes(&record).unwrap()).unwrap();
    to
}

#[test]
fn each_kind_of_site_gets_the_files_it_takes() {
    let folder = repository().join("fixtures/published");
    let mut known = BTreeSet::new();
    for site in SITES {
        let ground = Ground::of(site.name);
        let ran = ground.published(&[&committed("stack")], &[]);
        let mut text = format!("{}\n{}", site.summary, ran.stderr);
        let files = ground.files();
        text.push_str("\n== files\n");
        files.keys().for_each(|name| text.push_str(&format!("{name}\n")));
        for (name, (bytes, _)) in &files {
            let page = String::from_utf8_lossy(bytes);
            let is_page = [".md", ".html", ".xml"].iter().any(|ending| name.ends_with(ending));
            if is_page && name.contains(&page_of_stack()) {
                let head: Vec<&str> = page.lines().take(24).collect();
                text.push_str(&format!("\n== {name}, its beginning\n{}\n", head.join("\n")));
            } else if is_page {
                text.push_str(&format!("\n== {name}\n{page}"));
            }
        }
        golden(&folder.join(format!("{}.txt", site.name)), &text);
        known.insert(format!("{}.txt", site.name));
    }
    let there = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let strays: Vec<String> = there.filter(|name| name.ends_with(".txt") && !known.contains(name)).collect();
    assert!(strays.is_empty(), "no kind of site has these: {strays:?}");
}

#[test]
fn the_list_names_every_kind_of_site_with_a_sentence() {
    let list = ran(countersign().args(["publish", "--list"])).stdout;
    let table = ran(countersign().args(["publish", "--list", "--markdown"])).stdout;
    assert_eq!(list.lines().count(), SITES.len());
    for site in SITES {
        assert!(site.summary.ends_with('.') && site.summary.len() > 20, "{}", site.name);
        assert!(list.contains(&format!("{} ", site.name)) && list.contains(site.summary), "{list}");
        assert!(table.contains(&format!("| `{}` | {}", site.name, site.summary)), "{table}");
    }
    let names: BTreeSet<&str> = SITES.iter().map(|site| site.name).collect();
    assert_eq!(names.len(), SITES.len());
}

#[test]
fn publishing_twice_changes_no_byte_and_no_time() {
    for site in SITES {
        let ground = Ground::of(site.name);
        ground.published(&[&committed("stack")], &[]);
        let before = ground.files();
        let again = ground.published(&[&committed("stack")], &[]);
        assert_eq!(again.stdout, "", "{}", site.name);
        assert!(again.stderr.contains("nothing was written"), "{}", again.stderr);
        assert_eq!(ground.files(), before, "{}", site.name);
        assert_eq!(ground.published(&[], &[]).stdout, "", "what is about all runs is made from what lies there");
        assert_eq!(ground.files(), before, "{}", site.name);
    }
}

#[test]
fn runs_are_listed_newest_first_whatever_order_they_were_published_in() {
    let place = tempfile::tempdir().unwrap();
    let runs =
        [(3, "9.1"), (1, "6.5"), (2, "7"), (10, "8.8")].map(|(day, score)| another_run(place.path(), day, score));
    for site in SITES {
        let (one_by_one, at_once) = (Ground::of(site.name), Ground::of(site.name));
        for run in &runs {
            one_by_one.published(&[run], &[]);
        }
        at_once.published(&runs.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &[]);
        let bytes = |ground: &Ground| -> BTreeMap<String, Vec<u8>> {
            ground.files().into_iter().map(|(name, (bytes, _))| (name, bytes)).collect()
        };
        assert_eq!(bytes(&one_by_one), bytes(&at_once), "{}", site.name);
        let files = bytes(&at_once);
        let index = files.iter().find(|(name, _)| {
            ["index.md", "README.md", "_index.html", "index.xml"].iter().any(|end| {
                name.ends_with(&format!("audits/{end}")) || name.ends_with("-audits.md") || name.starts_with("Audits-")
            })
        });
        let index = String::from_utf8_lossy(index.unwrap_or_else(|| panic!("{}: {:?}", site.name, files.keys())).1);
        let places: Vec<usize> = ["10-00000010", "03-00000003", "02-00000002", "01-00000001"]
            .iter()
            .map(|end| {
                index.rfind(&format!("2026-12-{end}")).unwrap_or_else(|| panic!("{}: {end} in {index}", site.name))
            })
            .collect();
        assert!(places.is_sorted(), "{}: {places:?}", site.name);
        let trend = files.iter().find(|(name, _)| name.ends_with("trend.svg")).unwrap();
        let trend = String::from_utf8_lossy(trend.1);
        assert!(
            trend.contains("Scores of 4 audits: 6.5 of 10 on 1 December 2026, 8.8 of 10 on 10 December 2026"),
            "{trend}"
        );
        let lists = files.iter().filter(|(name, _)| name.ends_with("SUMMARY.md") || name.ends_with("_Sidebar.md"));
        for (name, text) in lists {
            let text = String::from_utf8_lossy(text);
            assert!(
                text.starts_with("# Ours\n\n- [Home](home.md)\n") && text.matches("2026-12-").count() == 8,
                "{name}: {text}"
            );
        }
    }
}

#[test]
fn of_the_runs_of_one_second_the_later_one_is_the_latest() {
    let place = tempfile::tempdir().unwrap();
    // The end of a run id is left to chance.
    let runs = [("019a0000-0001-7000-8000-00000000000f", "9.1"), ("019a0000-0002-7000-8000-000000000001", "6.5")];
    let runs = runs.map(|(id, score)| {
        changed(place.path(), id, |record| {
            record.run.run_id = id.to_owned();
            record.judgement.overall.score = Some(score.parse().unwrap());
        })
    });
    let ground = Ground::of("mdbook");
    ground.published(&runs.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &[]);
    let latest = ground.text("latest.md");
    assert!(latest.contains("-00000001") && !latest.contains("-0000000f"), "{latest}");
}

#[test]
fn the_link_to_paste_is_one_whatever_the_folder_is_called() {
    let ground = Ground::of("gfm");
    let ground = Ground { to: ground.place.path().join("docs/ä (b) c"), ..ground };
    let said = ground.published(&[&committed("stack")], &[]).stderr;
    let link = "[![Audit](docs/%C3%A4%20%28b%29%20c/badge.svg)](docs/%C3%A4%20%28b%29%20c/README.md)";
    assert!(said.contains(link), "{said}");
}

#[test]
fn another_record_under_a_published_page_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let ground = Ground::of("mkdocs");
    ground.published(&[&another_run(place.path(), 1, "7")], &[]);
    fs::rename(place.path().join("run-1"), place.path().join("first")).unwrap();
    ground.refused(&[&another_run(place.path(), 1, "9")], &[], 4, "is the page of another record");
}

#[test]
fn what_somebody_else_wrote_is_never_written_over() {
    let stack = committed("stack");
    let page = format!("{}.md", page_of_stack());
    let theirs = |name: &str| {
        let ground = Ground::of("mkdocs");
        fs::create_dir_all(&ground.to).unwrap();
        fs::write(ground.to.join(name), "# Mine\n").unwrap();
        ground
    };
    theirs(&page).refused(&[&stack], &[], 4, "the record that it would be of is not beside it");
    theirs("latest.md").refused(&[&stack], &[], 4, "was not written by countersign");
    theirs("badge.svg").refused(&[&stack], &[], 4, "was not written by countersign");
    theirs("index.md").refused(&[&stack], &[], 4, "has no place for the list of audits");

    let ground = Ground::of("mkdocs");
    ground.published(&[&stack], &[]);
    fs::write(ground.to.join(&page), ground.text(&page).replace("# ", "# Better ")).unwrap();
    ground.refused(&[&stack], &[], 4, "was changed since");
}

#[test]
fn a_list_keeps_what_others_wrote_around_it() {
    let ground = Ground::of("mkdocs");
    fs::create_dir_all(&ground.to).unwrap();
    let theirs = "# Mine\n\n<!-- countersign:begin -->\nold\n<!-- countersign:end -->\n\nAsk Dora.\n";
    fs::write(ground.to.join("index.md"), theirs).unwrap();
    ground.published(&[&committed("stack")], &[]);
    let index = ground.text("index.md");
    assert!(index.starts_with("# Mine\n") && index.ends_with("\n\nAsk Dora.\n"), "{index}");
    assert!(index.contains(&page_of_stack()) && !index.contains("old"), "{index}");
}

#[test]
fn a_damaged_bundle_is_not_published() {
    let place = tempfile::tempdir().unwrap();
    let ground = Ground::of("gfm");
    let bundle = another_run(place.path(), 1, "7");
    let some = fs::read_dir(bundle.join("evidence")).unwrap().next().unwrap().unwrap().path();
    fs::write(&some, "another").unwrap();
    ground.refused(&[&bundle], &[], 5, "EVIDENCE_MISMATCH");
    fs::remove_file(&some).unwrap();
    ground.refused(&[&bundle], &[], 5, "EVIDENCE_MISSING");

    let bundle = another_run(place.path(), 2, "7");
    fs::create_dir_all(bundle.join("signoffs")).unwrap();
    fs::write(bundle.join("signoffs/a.json"), "---\n{% include secret %}\n---\n").unwrap();
    ground.refused(&[&bundle], &[], 5, "SIGNOFF_UNKNOWN");

    let bundle = another_run(place.path(), 3, "7");
    let record = fs::read_to_string(bundle.join("record.json")).unwrap();
    fs::write(bundle.join("record.json"), format!("{record}\n")).unwrap();
    ground.refused(&[&bundle], &[], 5, "is refused");
    ground.refused(&[&place.path().join("nothing")], &[], 4, "is not a bundle");
}

#[test]
fn a_verdict_that_does_not_follow_is_not_published() {
    let place = tempfile::tempdir().unwrap();
    let forged = copy(&committed("go-live"), &place.path().join("forged"));
    replace(&forged.join("record.json"), "\"verdict\":\"approved-with-conditions\"", "\"verdict\":\"approved\"");
    Ground::of("mkdocs").refused(&[&forged], &[], 5, "VERDICT_RECOMPUTE");
    let rendered = ran(countersign().arg("render").arg(&forged).args(["--format", "github"]));
    assert!(rendered.stderr.contains("VERDICT_RECOMPUTE"), "{}", rendered.stderr);
    let listed = ran(countersign().arg("history").arg(place.path()));
    assert!(listed.code == 1 && listed.stderr.contains("VERDICT_RECOMPUTE"), "{}{}", listed.stdout, listed.stderr);
    assert!(!listed.stdout.contains("approved"), "{}", listed.stdout);
}

#[test]
fn two_records_that_would_be_one_page_are_refused_before_anything_is_written() {
    let place = tempfile::tempdir().unwrap();
    let other = changed(place.path(), "other", |record| record.run.platform = "elsewhere".to_owned());
    Ground::of("mkdocs").refused(&[&committed("stack"), &other], &[], 4, "would be published as");
}

#[test]
fn one_folder_is_of_one_audit() {
    let place = tempfile::tempdir().unwrap();
    let ground = Ground::of("mkdocs");
    ground.published(&[&committed("stack")], &[]);
    let other = changed(place.path(), "other", |record| {
        record.audit.id = "other".parse().unwrap();
        record.run.run_id = "019a0000-0000-7000-8000-aaaaaaaaaaaa".to_owned();
    });
    ground.refused(&[&other], &[], 4, "is one of audit \"other\"");
}

#[test]
fn a_site_whose_files_lie_elsewhere_must_be_found() {
    let stack = committed("stack");
    for site in SITES.iter().filter(|site| matches!(site.serves, Serves::Static(_))) {
        let ground = Ground { to: tempfile::tempdir().unwrap().path().join("docs/audits"), ..Ground::of(site.name) };
        ground.refused(&[&stack], &[], 4, "so it is not known where files of this site lie");
        let place = tempfile::tempdir().unwrap();
        let ground = Ground { to: place.path().join("docs/audits"), ..Ground::of(site.name) };
        ground.published(&[&stack], &["--static", &place.path().join("served").display().to_string()]);
        assert!(place.path().join("served/audits").join(page_of_stack()).join("record.json").is_file());
    }
    let outside = Ground::of("starlight");
    let outside = Ground { to: outside.place.path().join("docs"), ..outside };
    outside.refused(&[&stack], &[], 4, "where this site has its pages");
    let top = Ground::of("obsidian-digital-garden-repository");
    let top = Ground { to: top.place.path().join("src/site/notes"), ..top };
    top.refused(&[&stack], &[], 4, "would take the address of the site's first page");
    let up = Ground::of("mkdocs");
    let up = Ground { to: up.place.path().join("nothing/../docs/audits"), ..up };
    up.refused(&[&stack], &[], 4, "leads up from a folder that is not there");
    Ground::of("mkdocs").refused(&[&stack], &["--static", "static"], 4, "has no folder of its own for files");
    Ground::of("github-wiki").refused(&[&stack], &["--evidence", "files"], 4, "does not give out files");
}

#[test]
fn no_evidence_is_a_page_or_a_script_of_the_site() {
    for site in SITES {
        let ground = Ground::of(site.name);
        ground.published(&[&committed("stack")], &[]);
        let names: Vec<String> = ground.files().into_keys().filter(|name| name.contains("/evidence/")).collect();
        assert_eq!(names.is_empty(), site.serves == Serves::Nothing, "{}", site.name);
        for name in names {
            let name = name.rsplit('/').next().unwrap();
            assert!(name.ends_with(".txt") && name.matches('.').count() == 1, "{name}");
        }
    }
}

#[test]
fn evidence_can_be_left_out_and_taken_back() {
    let ground = Ground::of("mkdocs");
    let page = format!("{}.md", page_of_stack());
    // What Prometheus answered, as no fact of the record has it.
    let captured = "&quot;Running&quot;";
    let captured = captured.replace("&quot;", "&#34;");
    ground.published(&[&committed("stack")], &["--evidence", "files"]);
    assert!(ground.text(&page).contains(&captured) && ground.text(&page).contains("/evidence/"));
    ground.published(&[&committed("stack")], &["--evidence", "excerpts"]);
    assert!(ground.text(&page).contains(&captured) && !ground.text(&page).contains("/evidence/"));
    let ran = ground.published(&[&committed("stack")], &["--evidence", "none"]);
    assert!(!ground.text(&page).contains(&captured) && !ground.text(&page).contains("/evidence/"));
    assert!(!ground.files().keys().any(|name| name.contains("evidence")), "{}", ran.stdout);
    assert!(!ground.to.join(page_of_stack()).join("evidence").exists());
}

/// Takes a run away as somebody would who wants it gone: its page and its folder.
fn take_away(ground: &Ground, run: &str) {
    let files: Vec<String> = ground.files().into_keys().filter(|name| name.contains(run)).collect();
    assert!(files.len() > 1, "{}: {files:?}", ground.site);
    files.iter().for_each(|name| fs::remove_file(ground.place.path().join(name)).unwrap());
}

#[test]
fn what_was_made_of_runs_that_are_gone_goes_with_them_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let other = another_run(place.path(), 1, "9.1");
    for site in SITES {
        let ground = Ground::of(site.name);
        fs::create_dir_all(&ground.to).unwrap();
        fs::write(ground.to.join("notes.md"), "ours\n").unwrap();
        ground.published(&[&committed("stack"), &other], &[]);
        let names = |part: &str| ground.files().into_keys().filter(|name| name.contains(part)).collect::<Vec<_>>();
        let has = |part: &str| !names(part).is_empty();
        assert!(has("trend.svg") && has("badge.svg") && has("latest"), "{}", site.name);

        take_away(&ground, "2026-12-01");
        let ran = ground.published(&[], &[]);
        assert!(ran.stdout.contains("removed  "), "{}: {}", site.name, ran.stdout);
        assert!(!has("trend.svg") && has("badge.svg") && has("latest"), "{}", site.name);

        // The page of a run alone is not taken for one that may go.
        let page =
            names(&page_of_stack()).into_iter().find(|name| !name.contains("evidence") && !name.contains(".json"));
        let page = ground.place.path().join(page.unwrap());
        let kept = fs::read(&page).unwrap();
        take_away(&ground, &page_of_stack());
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        fs::write(&page, kept).unwrap();
        ground.refused(&[], &[], 4, "the record that it is of is not");
        fs::remove_file(&page).unwrap();

        assert!(ground.published(&[], &["--dry-run"]).stdout.contains("would be removed  "), "{}", site.name);
        assert!(has("badge.svg"), "{}", site.name);
        ground.published(&[], &[]);
        assert!(!has("badge.svg") && !has("latest"), "{}: {:?}", site.name, ground.files().keys());
        assert_eq!(ground.text("notes.md"), "ours\n");
        for (name, (bytes, _)) in ground.files() {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&page_of_stack()) && !text.contains("latest.md"), "{}: {name}: {text}", site.name);
        }
        ground.refused(&[], &[], 4, "there is no run in");

        // It can be filled again.
        ground.published(&[&committed("stack")], &[]);
        assert!(has("badge.svg") && has("latest"), "{}", site.name);
    }
}

#[test]
fn a_picture_that_somebody_drew_over_stays() {
    let place = tempfile::tempdir().unwrap();
    let ground = Ground::of("mkdocs");
    ground.published(&[&committed("stack"), &another_run(place.path(), 1, "9.1")], &[]);
    for name in ["trend.svg", "badge.svg", "latest.md"] {
        fs::write(ground.to.join(name), format!("{} ", ground.text(name))).unwrap();
    }
    take_away(&ground, "2026-12-01");
    take_away(&ground, &page_of_stack());
    ground.published(&[], &[]);
    for name in ["trend.svg", "badge.svg", "latest.md"] {
        assert!(ground.text(name).ends_with("--> ") || ground.text(name).ends_with(' '), "{name}");
    }
    assert!(ground.text("index.md").contains("No audit is published here"));
}

#[test]
fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let ground = Ground::of("docusaurus");
    let before = ground.files();
    let would = ground.published(&[&committed("stack")], &["--dry-run"]).stdout;
    assert_eq!(ground.files(), before);
    assert!(!ground.to.exists());
    let did = ground.published(&[&committed("stack")], &[]).stdout;
    assert_eq!(would.replace("would be ", ""), did);
}

#[test]
fn what_a_killed_run_left_is_made_whole() {
    let place = tempfile::tempdir().unwrap();
    let (first, second) = (another_run(place.path(), 1, "7"), another_run(place.path(), 2, "8"));
    let whole = Ground::of("mkdocs");
    whole.published(&[&first, &second], &[]);
    let bytes = |ground: &Ground| {
        ground.files().into_iter().map(|(name, (bytes, _))| (name, bytes)).collect::<BTreeMap<_, _>>()
    };
    let wanted = bytes(&whole);
    let written: Vec<String> =
        wanted.keys().filter(|name| name.contains("2026-12-02") || !name.contains("2026-12-01")).cloned().collect();
    // Files come before the pages that lead to them, so that any beginning of the second run is a site that builds.
    for missing in written.iter().filter(|name| *name != "site") {
        let ground = Ground::of("mkdocs");
        ground.published(&[&first, &second], &[]);
        fs::remove_file(ground.place.path().join(missing)).unwrap();
        fs::write(ground.to.join(".latest.md.partial-1"), "half").unwrap();
        ground.published(&[&second], &[]);
        fs::remove_file(ground.to.join(".latest.md.partial-1")).unwrap();
        assert_eq!(bytes(&ground), wanted, "{missing}");
    }
    // A run that has no page yet is in no list.
    let ground = Ground::of("mkdocs");
    ground.published(&[&first, &second], &[]);
    fs::remove_file(ground.to.join("2026-12-02-00000002.md")).unwrap();
    ground.published(&[], &[]);
    assert!(!ground.text("index.md").contains("2026-12-02") && !ground.text("latest.md").contains("2026-12-02"));
}

#[test]
fn more_sign_offs_change_the_page_and_nothing_takes_them_back() {
    let Some(signers) = Signers::new() else { return };
    let ground = Ground::of("gfm");
    let unsigned = signers.path("unsigned");
    copy(&signers.bundle(), &unsigned);
    ground.published(&[&unsigned], &[]);
    assert!(ground.text("README.md").contains("0 of 2"), "{}", ground.text("README.md"));
    signers.approve("security", "alice@example.com", "alice");
    let ran = ground.published(&[&signers.bundle()], &[]);
    assert!(ran.stderr.contains("1 more sign-off; signed: 1 of 2"), "{}", ran.stderr);
    assert!(ground.text("README.md").contains("1 of 2"), "{}", ground.text("README.md"));
    let before = ground.files();
    ground.published(&[&unsigned], &[]);
    assert_eq!(ground.files(), before);
}

/// The lines for bash under "How to verify".
fn lines_to_verify(page: &str) -> String {
    let section = page.split("How to verify this document").nth(1).unwrap();
    let block = section.split("<pre><code>").nth(2).unwrap().split("</code>").next().unwrap();
    let reference = regex::Regex::new(r"&#(\d+);").unwrap();
    let read = |found: &regex::Captures<'_>| char::from_u32(found[1].parse().unwrap()).unwrap().to_string();
    reference.replace_all(&block.replace("<span></span>", ""), read).into_owned()
}

#[test]
fn the_lines_that_a_page_shows_check_what_is_published() {
    for (site, page) in
        [("mkdocs", format!("{}.md", page_of_go_live())), ("jekyll", format!("{}/index.md", page_of_go_live()))]
    {
        let ground = Ground::of(site);
        ground.published(&[&committed("go-live")], &[]);
        let lines = lines_to_verify(&ground.text(&page));
        let folder = ground.to.join(page_of_go_live());
        let said = || {
            let ran = std::process::Command::new("bash").args(["-ec", &lines]).current_dir(&folder).output().unwrap();
            assert!(ran.status.success(), "{lines}\n{}", String::from_utf8_lossy(&ran.stderr));
            String::from_utf8(ran.stdout).unwrap()
        };
        let digest = record::sha256(&fs::read(committed("go-live").join("record.json")).unwrap());
        assert_eq!(said(), format!("{digest}  record.json\n"), "{site}");
        let mut names: Vec<PathBuf> =
            fs::read_dir(folder.join("evidence")).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        let in_base64 = |path: &&PathBuf| path.to_string_lossy().ends_with("-base64.txt");
        assert_eq!(names.iter().any(|name| in_base64(&name)), site == "jekyll");
        let some = names.iter().find(|name| in_base64(name) == (site == "jekyll")).unwrap();
        fs::write(some, "YQ==\n").unwrap();
        assert!(said().contains(&format!("{} has changed", some.file_name().unwrap().to_string_lossy())), "{site}");
    }
}

#[test]
fn a_hostile_title_acts_neither_in_front_matter_nor_on_the_page() {
    let place = tempfile::tempdir().unwrap();
    let check = "      - {id: ok, title: \"</title><img onerror=x> {{ 7 }} {% x %} [[y]]\", command: {run: [printf, \
                 '---\\nlayout: x\\n---\\n{{ 7*7 }} </script>']}, expect: {exit: == 0}}\n";
    audit(place.path(), check);
    let file = place.path().join("audit.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replace("title: Trial", "title: \"</title><img src=x onerror=alert(1)>: \\\"{{ 7 }}\\\"\"");
    let text = text.replace("name: Thing", "name: \"<b>{{ T }}\"");
    fs::write(&file, text).unwrap();
    assert_eq!(run(place.path()).code, 0);
    for site in SITES {
        let ground = Ground::of(site.name);
        ground.published(&[&place.path().join("bundle")], &[]);
        for (name, (bytes, _)) in ground.files() {
            let text = String::from_utf8(bytes).unwrap();
            let is_page = [".md", ".html", ".svg", ".xml"].iter().any(|ending| name.ends_with(ending));
            let mut acts = vec!["<img src=x", "</title><", "<b>"];
            // Between fences and in CDATA evidence stands as it is.
            if !name.ends_with(".xml") && site.name != "docusaurus" {
                acts.extend(["{{", "{%", "</script"]);
            }
            for act in acts.iter().filter(|_| is_page) {
                assert!(!text.contains(act), "{}: {act} in {name}\n{text}", site.name);
            }
            if site.name == "jekyll" && name.contains("/evidence/") {
                assert!(!text.trim_start().starts_with("---"), "{name}");
            }
        }
    }
}
