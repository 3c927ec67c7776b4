//! Tests of `file`.

use super::*;
use crate::model::fact::Fact;

const NOW: &str = "2026-11-23T10:00:00Z";

fn options(yaml: &str) -> File {
    serde_saphyr::from_str(yaml).expect(yaml)
}

fn seen(path: &str, kind: FileKind, mode: u32, modified: Option<&str>) -> Seen {
    let modified = modified.map(|text| text.parse().expect("a time"));
    let stat = Stat { kind, size: 10, mode, modified };
    Seen { path: path.to_owned(), stat, matches: false, differs: false }
}

fn number(facts: &Facts, fact: &str) -> Option<u64> {
    facts.get(fact)?.quantity()?.0.to_u64()
}

#[test]
fn files_are_counted_by_what_they_are() {
    let all = [
        seen("deploy.py", FileKind::File, 0o100_755, Some("2026-11-23T09:00:00Z")),
        seen("notes.md", FileKind::File, 0o100_644, Some("2026-11-20T10:00:00Z")),
        seen("scripts", FileKind::Directory, 0o40_755, None),
    ];
    let facts = options("{paths: x, max-age: 1d}").facts(&all, NOW.parse().expect("now"));
    for (fact, expected) in [
        ("total", 3),
        ("present", 3),
        ("missing", 0),
        ("executable", 1),
        ("not-executable", 1),
        ("size", 20),
        ("oldest-age", 259_200),
        ("newest-age", 3600),
        ("too-old", 2),
    ] {
        assert_eq!(number(&facts, fact), Some(expected), "{fact}");
    }
}

#[test]
fn of_a_missing_file_nothing_good_can_be_said() {
    let all = [seen("a", FileKind::File, 0o755, Some(NOW)), seen("b", FileKind::Missing, 0, None)];
    let facts = options("{paths: [a, b], sha256: x, max-age: 1d}").facts(&all, NOW.parse().expect("now"));
    assert_eq!((number(&facts, "missing"), number(&facts, "executable")), (Some(1), Some(1)));
    for fact in ["not-executable", "digest-differs", "too-old"] {
        assert_eq!(facts.facts[fact], Fact::Absent("1 of 2 files are missing".to_owned()), "{fact}");
    }
    let facts = options("{paths: [b]}").facts(&all[1..], NOW.parse().expect("now"));
    assert!(matches!(facts.facts["size"], Fact::Absent(_)));
}

#[test]
fn the_content_is_searched_and_hashed() {
    let content = |bytes: &'static [u8]| FileContent { modified: None, reader: Box::new(bytes) };
    let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let read = |yaml: &str, bytes| options(yaml).read("f", content(bytes)).expect(yaml);
    assert_eq!(read(&format!("{{paths: f, sha256: {digest}}}"), b"hello"), (false, false));
    assert_eq!(read(&format!("{{paths: f, sha256: {digest}}}"), b"hello\n"), (false, true));
    assert_eq!(read(r"{paths: f, contains: '^version = \d'}", b"version = x"), (false, false));
    assert_eq!(read(r"{paths: f, contains: '(?m)^version = \d'}", b"\xFF\nversion = 1"), (true, false));
}

#[test]
fn options_imply_conditions_and_mistakes_in_them_are_found() {
    let implied = |yaml| options(yaml).implied().into_iter().map(|one| one.fact).collect::<Vec<_>>();
    assert_eq!(implied("{paths: f, max-age: 7d}"), ["too-old"]);
    assert!(implied("{paths: f, contains: x}").is_empty());
    let problems = options("{paths: f, contains: '(', sha256: abc, max-age: soon}").problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
}
