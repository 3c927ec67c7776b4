//! `countersign locate`, as people use it: from a line to a locator, and back.

use std::fs;
use std::path::Path;

use crate::support::{Ran, countersign, ran, repository};

fn locate(arguments: &[&str]) -> Ran {
    let root = repository().join("fixtures/documents");
    ran(countersign().current_dir(root).arg("locate").args(arguments))
}

#[test]
fn a_line_gives_a_locator_and_the_locator_gives_the_line() {
    let named = locate(&["status-report.md:26:12"]);
    assert_eq!((named.code, named.stdout.as_str()), (0, "status-report.md#Alert Rules/Claimed\n"));
    let found = locate(&["--find", named.stdout.trim()]);
    assert_eq!((found.code, found.stdout.as_str()), (0, "status-report.md:26:12: 21\n  - Claimed: 21 rules\n"));
}

#[test]
fn every_number_of_a_line_is_listed_so_that_it_can_be_pasted() {
    let named = locate(&["./status-report.md:61"]);
    assert_eq!(
        named.stdout,
        "status-report.md#Feature Flags/Claimed:1  # 14, column 12\n\
         status-report.md#Feature Flags/Claimed:2  # 9, column 16\n\
         status-report.md#Feature Flags/Claimed:3  # 5, column 22\n"
    );
    let mapping = locate(&["--yaml", "status-report.md:54:27"]);
    assert_eq!(
        mapping.stdout,
        "# 612, column 27\n{doc: status-report.md, row: TOTAL, col: Pass Rate, part: numerator}\n"
    );
}

#[test]
fn a_locator_that_leads_nowhere_says_what_is_there() {
    let none = locate(&["--find", "status-report.md#Alert Rules/Declared"]);
    assert_eq!((none.code, none.stdout.as_str()), (1, ""));
    assert_eq!(
        none.stderr,
        "status-report.md: error[locator-none]: \"Alert Rules\" has no label \"Declared\"\n  \
         label \"Claimed\" (26)\n  label \"Actual\" (27)\n\
         help: `countersign locate status-report.md:LINE` prints the locator of what stands in a line.\n"
    );
    let many = locate(&["--find", "status-report.md#Claimed"]);
    assert_eq!(many.code, 1);
    assert!(many.stderr.contains("error[locator-many]: label \"Claimed\" matches 5 places"), "{}", many.stderr);
    let table = locate(&["--find", "status-report.md#Task 2…/@table"]);
    assert_eq!(table.stdout, "status-report.md:48: table of 5 rows\n  Suite | Tests | Pass Rate | Time\n");
    let rows = locate(&["--find", "status-report.md#@rows(Status=OPEN)"]);
    assert_eq!(rows.stdout, "status-report.md:68: 2 rows\n");
}

#[test]
fn what_cannot_be_looked_up_ends_with_4() {
    for (arguments, message, help) in [
        (&["status-report.md"][..], "names no line", "FILE:LINE"),
        (&["status-report.md:999"], "has no line 999", "a line from 1 to 83"),
        (&["status-report.md:0"], "has no line 0", "a line from 1"),
        (&["status-report.md:58"], "no number stands in line 58", "57:12 7/7"),
        (&["status-report.md:26:2"], "no number stands at status-report.md:26:2", "26:12 21"),
        (&["missing.md:1"], "could not read ./missing.md", "--root"),
        (&["--find", "status-report.md"], "names a document and no place in it", "countersign locate"),
        (&["--find", "status-report.md#x:secnd"], "\"secnd\" is no narrowing", "\\:"),
        (&["--find", "missing.md#x"], "could not read", "--root"),
        (&[], "required", "FILE:LINE"),
    ] {
        let outcome = locate(arguments);
        assert_eq!(outcome.code, 4, "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(message) && outcome.stderr.contains(help), "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn strange_files_are_read_or_refused() {
    let directory = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| fs::write(directory.path().join(name), bytes).expect("a file");
    let at = |root: &Path, place: &str| ran(countersign().arg("locate").arg("--root").arg(root).arg(place));
    write("a:1.md", b"\xef\xbb\xbf# A\r\n\r\n- Tests: 13\r\n");
    assert_eq!(at(directory.path(), "a:1.md:3").stdout, "a:1.md#Tests\n");
    write("b:2", "- Tests: 13\n".as_bytes());
    assert_eq!(at(directory.path(), "b:2:1").stdout, "b:2#Tests\n");
    write("latin.md", b"- T\xe4st: 13\n");
    assert!(at(directory.path(), "latin.md:1").stderr.contains("it is not UTF-8 text: byte "));
    write("hostile.md", "- \u{1b}[2JTests: 13, 14\n".as_bytes());
    let hostile = at(directory.path(), "hostile.md:1");
    assert!(!hostile.stdout.contains('\u{1b}') && !hostile.stderr.contains('\u{1b}'), "{}", hostile.stdout);
    write("long.md", "13 ".repeat(1000).as_bytes());
    let long = at(directory.path(), "long.md:1");
    assert!(long.stderr.contains("line 1 of long.md holds 1000 numbers"), "{}", long.stderr);
    assert!(long.stderr.contains("long.md:1:COLUMN"), "{}", long.stderr);
    assert_eq!(at(directory.path(), "long.md:1:301").stdout, "long.md#:101\n");
    assert!(at(directory.path(), "long.md:1:301").stderr.contains("note: `long.md#:101` only counts"));
    write("comma.md", "- Rate: 99,5 %\n".as_bytes());
    let comma = at(directory.path(), "comma.md:1");
    assert!(
        comma.stderr.contains("the comma of 99,5 parts no thousands: write decimals with a point, 99.5"),
        "{}",
        comma.stderr
    );
    write("colon.md", b"# A: b\n\n- x: 1\n\n# A: c\n\n- x: 2\n");
    assert_eq!(at(directory.path(), "colon.md:3").stdout, "'colon.md#A: b/x'\n");
}

/// A device says that it has no bytes, and never ends.
#[cfg(unix)]
#[test]
fn what_never_ends_is_not_read_to_its_end() {
    let endless = locate(&["--root", "/", "dev/zero:1"]);
    assert_eq!(endless.code, 4, "{}", endless.stdout);
    assert!(endless.stderr.contains("could not read /dev/zero: it is larger than 64 MiB"), "{}", endless.stderr);
}
