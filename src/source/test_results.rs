//! The formats of test results: one row for each in [`FORMATS`]. Everything that lists them (schema, lint, docs, dispatch)
//! reads this, so a new format is its reader's file and a row here. It counts nothing itself.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

use super::test_run::TestRun;
use super::{cargo_test, ctrf, go_test, jest, junit, libtest, mocha, nextest, playwright, pytest, tap, trx};
use crate::model::fact::Unmeasurable;

/// What there is to read.
pub struct Input<'a> {
    /// Names what has no name of its own: the file, or `stdout`.
    pub name: &'a str,
    /// The file, or what a command wrote to stdout.
    pub content: Box<dyn Read + Send + 'a>,
    /// What the command wrote to stderr; `None` for a file.
    pub stderr: Option<&'a [u8]>,
}

/// How test results are written.
pub struct TestFormat {
    /// As `reads:` names it.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Reads it to its end. What is something else is an error; a run that stopped early says so in what is returned.
    pub read: fn(Input<'_>) -> Result<TestRun, Unmeasurable>,
}

/// Every format there is, in the order in which they are documented.
pub const FORMATS: [TestFormat; 13] = [
    TestFormat { name: "junit", summary: "JUnit XML files.", read: |input| junit::read(input.content, input.name) },
    TestFormat { name: "pytest-summary", summary: "The last line that pytest prints.", read: pytest::read },
    TestFormat { name: "cargo-test", summary: "What `cargo test` prints.", read: cargo_test::read },
    TestFormat { name: "nextest", summary: "The summary that `cargo nextest run` prints.", read: nextest::read },
    TestFormat {
        name: "libtest-json",
        summary: "What `cargo test -- -Z unstable-options --format json` and nextest's `--message-format libtest-json` or \
                  `libtest-json-plus` print.",
        read: libtest::read,
    },
    TestFormat { name: "go-test-json", summary: "What `go test -json` prints.", read: go_test::read },
    TestFormat {
        name: "tap",
        summary: "TAP 12, 13 or 14, as node, Perl, bats and many others print it.",
        read: tap::read,
    },
    TestFormat { name: "trx", summary: "TRX, the results of Visual Studio and `dotnet test`.", read: trx::read },
    TestFormat { name: "ctrf", summary: "CTRF, the Common Test Report Format, JSON.", read: ctrf::read },
    TestFormat { name: "jest-json", summary: "What `jest --json` writes.", read: jest::read },
    TestFormat { name: "vitest-json", summary: "What `vitest run --reporter=json` writes.", read: jest::read },
    TestFormat { name: "mocha-json", summary: "What `mocha --reporter json` writes.", read: mocha::read },
    TestFormat {
        name: "playwright-json",
        summary: "What `playwright test --reporter=json` writes.",
        read: playwright::read,
    },
];

const NAMES: [&str; FORMATS.len()] = {
    let mut names = [""; FORMATS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = FORMATS[at].name;
        at += 1;
    }
    names
};

/// One of [`FORMATS`], as `reads:` names it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reads(usize);

impl Reads {
    /// JUnit XML, which has an option of its own.
    pub const JUNIT: Self = Self(0);

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().position(|known| *known == name).map(Self)
    }

    /// Reads results of this format to their end.
    pub fn read(self, input: Input<'_>) -> Result<TestRun, Unmeasurable> {
        (FORMATS[self.0].read)(input)
    }
}

impl fmt::Debug for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES[self.0])
    }
}

impl Serialize for Reads {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(NAMES[self.0])
    }
}

impl<'de> Deserialize<'de> for Reads {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Reads;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a format of test results")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Reads, E> {
                Reads::named(name).ok_or_else(|| E::unknown_variant(name, &NAMES))
            }
        }

        deserializer.deserialize_str(Name)
    }
}

impl JsonSchema for Reads {
    fn schema_name() -> Cow<'static, str> {
        "Reads".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        let row = |format: &TestFormat| serde_json::json!({ "type": "string", "const": format.name, "description": format.summary });
        let rows: Vec<_> = FORMATS.iter().map(row).collect();
        json_schema!({ "description": "How test results are written.", "oneOf": rows })
    }
}

#[cfg(test)]
pub(super) use self::tests::{fixture, numbers, of};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What the reader of that name makes of a text.
    pub(in crate::source) fn of(reads: &str, content: &[u8]) -> Result<TestRun, Unmeasurable> {
        let reads = Reads::named(reads).expect("a format");
        reads.read(Input { name: "file", content: Box::new(content), stderr: None })
    }

    /// What the reader of that name makes of a captured file.
    pub(in crate::source) fn fixture(reads: &str, name: &str) -> TestRun {
        let path = format!("{}/fixtures/kinds/test-pass-rate/{name}", env!("CARGO_MANIFEST_DIR"));
        of(reads, &std::fs::read(&path).expect(&path)).expect(name)
    }

    /// Passed, failed, errors, skipped, flaky.
    pub(in crate::source) fn numbers(run: &TestRun) -> [u64; 5] {
        let counts = run.counts;
        [counts.passed, counts.failed, counts.errors, counts.skipped, counts.flaky]
    }

    #[test]
    fn every_format_has_a_name_of_its_own_a_sentence_and_a_reader_that_refuses_something_else() {
        let names: BTreeSet<_> = NAMES.iter().collect();
        assert_eq!(names.len(), FORMATS.len());
        for format in &FORMATS {
            assert!(format.summary.ends_with('.'), "{}", format.name);
            for text in [&b""[..], b"hello\n", b"<html></html>", b"{\"a\": 1}", b"\xFF\xFE\0"] {
                let input = Input { name: "f", content: Box::new(text), stderr: None };
                assert!((format.read)(input).is_err(), "{} takes {text:?}", format.name);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_and_no_mangled_file_make_a_reader_panic(
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
            at in 0_usize..4000,
            cut in 0_usize..6000,
        ) {
            for (format, file) in NAMES.iter().zip(FILES) {
                let path = format!("{}/fixtures/kinds/test-pass-rate/{file}", env!("CARGO_MANIFEST_DIR"));
                let mut mangled = std::fs::read(&path).expect(&path);
                let at = at % mangled.len();
                mangled[at] = bytes.first().copied().unwrap_or(b'"');
                mangled.truncate(cut.max(at));
                drop(of(format, &mangled));
                drop(of(format, &bytes));
            }
        }
    }

    /// A captured file of each format, in their order.
    const FILES: [&str; FORMATS.len()] = [
        "surefire.xml",
        "pytest-ok.txt",
        "cargo-failing.txt",
        "nextest.txt",
        "nextest-plus.json",
        "go.json",
        "node-tap.tap",
        "jest.trx",
        "ctrf-jest.json",
        "jest.json",
        "vitest.json",
        "mocha.json",
        "playwright.json",
    ];

    #[test]
    fn half_of_a_file_never_counts_as_a_whole_run() {
        for (format, file) in NAMES.iter().zip(FILES) {
            let path = format!("{}/fixtures/kinds/test-pass-rate/{file}", env!("CARGO_MANIFEST_DIR"));
            let whole = std::fs::read(&path).expect(&path);
            let complete = of(format, &whole).expect(file);
            assert_eq!(complete.cut_short.is_some(), file == "go.json", "{file}: {complete:?}");
            // Between two test programs the output of cargo test looks whole; nextest's ends with less than its summary.
            if ["cargo-test", "nextest"].contains(format) {
                continue;
            }
            for part in [whole.len() / 3, whole.len() / 2, whole.len() * 9 / 10] {
                let run = of(format, &whole[..part]);
                assert!(run.is_err() || run.is_ok_and(|run| run.cut_short.is_some()), "{file} up to {part}");
            }
        }
    }

    #[test]
    fn a_name_is_read_and_written_as_it_is() {
        for name in NAMES {
            let reads: Reads = serde_json::from_value(name.into()).expect(name);
            assert_eq!(serde_json::to_value(reads).expect(name), name);
        }
        let error = serde_json::from_value::<Reads>("junitt".into()).expect_err("unknown").to_string();
        assert!(error.contains("expected one of `junit`"), "{error}");
    }
}
