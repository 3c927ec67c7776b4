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
    Seen { path: path.to_owned(), stat, matches: false, digest: None }
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
fn how_old_a_file_is_that_is_dated_later_than_now_is_not_known() {
    let dated = |when: &str| {
        let all = [
            seen("a", FileKind::File, 0o644, Some("2026-11-23T09:00:00Z")),
            seen("b", FileKind::File, 0o644, Some(when)),
        ];
        options("{paths: x, max-age: 1d}").facts(&all, NOW.parse().expect("now"))
    };
    let facts = dated("2026-11-23T10:00:05Z");
    assert_eq!(
        (number(&facts, "newest-age"), number(&facts, "too-old")),
        (Some(0), Some(0)),
        "two clocks, taken for one"
    );
    let facts = dated("2026-11-23T11:00:00Z");
    let why = "\"b\" was written at 2026-11-23T11:00:00Z, which is still to come: it is 2026-11-23T10:00:00Z here";
    for fact in ["oldest-age", "newest-age", "too-old"] {
        assert_eq!(facts.facts[fact], Fact::Absent(why.to_owned()), "{fact}");
    }
}

#[test]
fn of_a_missing_file_nothing_good_can_be_said() {
    let mut all = [seen("a", FileKind::File, 0o755, Some(NOW)), seen("b", FileKind::Missing, 0, None)];
    all[0].digest = Some("x".to_owned());
    let facts = options("{paths: [a, b], sha256: x, max-age: 1d}").facts(&all, NOW.parse().expect("now"));
    assert_eq!((number(&facts, "missing"), number(&facts, "executable")), (Some(1), Some(1)));
    for fact in ["not-executable", "digest-differs", "too-old", "size", "oldest-age", "newest-age"] {
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
    let hashed = read(&format!("{{paths: f, sha256: {digest}}}"), b"hello");
    assert_eq!(hashed, (false, Some(digest.to_owned())));
    assert!(!read(r"{paths: f, contains: '^version = \d'}", b"version = x").0);
    assert!(read(r"{paths: f, contains: '(?m)^version = \d'}", b"\xFF\nversion = 1").0);
}

#[test]
fn another_digest_differs_and_so_does_a_directory() {
    let digest = "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824";
    let mut all = [
        seen("a", FileKind::File, 0o644, Some(NOW)),
        seen("b", FileKind::File, 0o644, Some(NOW)),
        seen("c", FileKind::Directory, 0o755, Some(NOW)),
    ];
    all[0].digest = Some(digest.to_ascii_lowercase());
    all[1].digest = Some("0".repeat(64));
    let options = options(&format!("{{paths: x, sha256: {digest}}}"));
    assert_eq!(number(&options.facts(&all, NOW.parse().expect("now")), "digest-differs"), Some(2));
    assert_eq!(number(&options.facts(&all[..1], NOW.parse().expect("now")), "digest-differs"), Some(0));
}

#[test]
fn permissions_are_compared_as_octal_digits() {
    let all = [
        seen("a", FileKind::File, 0o100_644, Some(NOW)),
        seen("b", FileKind::File, 0o100_646, Some(NOW)),
        seen("c", FileKind::Missing, 0, None),
    ];
    let facts = |all: &[Seen], yaml| options(yaml).facts(all, NOW.parse().expect("now"));
    let found = facts(&all[..2], "{paths: x, mode: \"0644\"}");
    assert_eq!((number(&found, "mode-differs"), number(&found, "world-writable")), (Some(1), Some(1)));
    assert_eq!(found.facts["mode"], Fact::Absent("not all have the same; the table has those of each".to_owned()));
    let found = facts(&all[..1], "{paths: x, mode: \"644\"}");
    assert_eq!((number(&found, "mode-differs"), found.get("mode")), (Some(0), Some(&Value::Text("0644".to_owned()))));
    let found = facts(
        &[all[0].stat.clone(), all[2].stat.clone()].map(|stat| Seen {
            path: "x".to_owned(),
            stat,
            matches: false,
            digest: None,
        }),
        "{paths: x, mode: \"644\"}",
    );
    for fact in ["mode-differs", "world-writable", "mode"] {
        assert_eq!(found.facts[fact], Fact::Absent("1 of 2 files are missing".to_owned()), "{fact}");
    }
}

#[test]
fn options_imply_conditions_and_mistakes_in_them_are_found() {
    let implied = |yaml| options(yaml).implied().into_iter().map(|one| one.fact).collect::<Vec<_>>();
    assert_eq!(implied("{paths: f, max-age: 7d}"), ["too-old"]);
    assert!(implied("{paths: f, contains: x}").is_empty());
    let problems = options("{paths: f, contains: '(', sha256: abc, max-age: soon}").problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert_eq!(implied("{paths: f, mode: '0600'}"), ["mode-differs"]);
    for wrong in ["0o644", "u+x", "999", "64", "00644"] {
        let problems = options(&format!("{{paths: f, mode: '{wrong}'}}")).problems();
        assert_eq!(problems[0].0, format!("\"{wrong}\" is no mode"));
    }
}
