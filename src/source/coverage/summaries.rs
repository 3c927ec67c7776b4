//! Reports that say how many lines of each file were run, and not which: the JSON of llvm-cov, of coverage.py, and the
//! summary of istanbul and c8. Two of them about one file cannot be put together.

use std::fmt;
use std::io::{BufReader, Read};

use serde::Deserialize;
use serde::de::{DeserializeOwned, MapAccess, Visitor};

use super::{Coverage, Part, SourceFile, Tally};
use crate::source::xml::quoted;

/// `llvm-cov export`, format version 2.
pub fn llvm_cov(input: impl Read) -> Result<Coverage, String> {
    #[derive(Deserialize)]
    struct Export {
        #[serde(rename = "type")]
        kind: String,
        data: Vec<Data>,
    }
    #[derive(Deserialize)]
    struct Data {
        files: Vec<File>,
        totals: Summary,
    }
    #[derive(Deserialize)]
    struct File {
        filename: String,
        summary: Summary,
    }
    #[derive(Deserialize)]
    struct Summary {
        lines: Count,
        functions: Count,
        /// Since version 12 of LLVM.
        branches: Option<Count>,
    }
    #[derive(Deserialize)]
    struct Count {
        count: u64,
        covered: u64,
    }
    impl Count {
        fn tally(&self) -> Tally {
            Tally { covered: self.covered.min(self.count), total: self.count }
        }
    }

    let export: Export = json(input)?;
    if export.kind != "llvm.coverage.json.export" {
        return Err(format!("its type is \"{}\", not llvm.coverage.json.export", quoted(&export.kind)));
    }
    let mut all = Coverage::default();
    for data in export.data {
        let mut listed = Tally::default();
        for file in data.files {
            listed.add(file.summary.lines.tally());
            let branches = file.summary.branches.as_ref().map(Count::tally);
            put(&mut all, file.filename, file.summary.lines.tally(), branches, Some(file.summary.functions.tally()))?;
        }
        all.compare(0, "the report", data.totals.lines.tally(), listed, 0);
    }
    Ok(all)
}

/// `coverage json` of coverage.py. Its list of executed lines holds lines that it does not count, such as docstrings, so
/// that only its sums can be counted.
pub fn coverage_py(input: impl Read) -> Result<Coverage, String> {
    #[derive(Deserialize)]
    struct Report {
        files: Members<File>,
        totals: Summary,
    }
    #[derive(Deserialize)]
    struct File {
        summary: Summary,
    }
    #[derive(Deserialize)]
    struct Summary {
        covered_lines: u64,
        num_statements: u64,
        num_branches: Option<u64>,
        covered_branches: Option<u64>,
    }
    impl Summary {
        fn lines(&self) -> Tally {
            Tally { covered: self.covered_lines.min(self.num_statements), total: self.num_statements }
        }
    }

    let report: Report = json(input)?;
    let mut all = Coverage::default();
    let mut listed = Tally::default();
    for (name, file) in report.files.0 {
        listed.add(file.summary.lines());
        let branches = file.summary.num_branches.zip(file.summary.covered_branches);
        let branches = branches.map(|(total, covered)| Tally { covered: covered.min(total), total });
        put(&mut all, name, file.summary.lines(), branches, None)?;
    }
    all.compare(0, "the report", report.totals.lines(), listed, 0);
    Ok(all)
}

/// `coverage-summary.json` of istanbul, nyc, c8, jest and vitest.
pub fn istanbul(input: impl Read) -> Result<Coverage, String> {
    #[derive(Deserialize)]
    struct Summary {
        lines: Count,
        branches: Count,
        functions: Count,
    }
    #[derive(Deserialize)]
    struct Count {
        total: u64,
        covered: u64,
    }
    impl Count {
        fn tally(&self) -> Tally {
            Tally { covered: self.covered.min(self.total), total: self.total }
        }
    }

    let report: Members<Summary> = json(input)?;
    let mut all = Coverage::default();
    let (mut said, mut listed) = (None, Tally::default());
    for (name, summary) in report.0 {
        if name == "total" {
            said = Some(summary.lines.tally());
            continue;
        }
        listed.add(summary.lines.tally());
        put(&mut all, name, summary.lines.tally(), Some(summary.branches.tally()), Some(summary.functions.tally()))?;
    }
    all.compare(0, "the report", said.ok_or("it has no `total`")?, listed, 0);
    Ok(all)
}

/// Adds a file. Of a file without a branch or a function, nobody tells which share of them was run.
fn put(
    all: &mut Coverage,
    name: String,
    lines: Tally,
    branches: Option<Tally>,
    functions: Option<Tally>,
) -> Result<(), String> {
    let part = |tally: Option<Tally>| tally.filter(|tally| tally.total > 0).map_or(Part::Untold, Part::Totals);
    let file = SourceFile {
        lines: Part::Totals(lines),
        branches: part(branches),
        functions: part(functions),
        ..SourceFile::default()
    };
    let mut one = Coverage::default();
    one.files.insert(name, file);
    all.absorb(one)
}

fn json<T: DeserializeOwned>(input: impl Read) -> Result<T, String> {
    serde_json::from_reader(BufReader::with_capacity(64 * 1024, input)).map_err(|error| {
        let kind = if error.is_eof() {
            "JSON that breaks off"
        } else if error.is_data() {
            "a report of another shape"
        } else {
            "no JSON"
        };
        format!("it is {kind}: {}", quoted(&error.to_string()))
    })
}

/// The members of an object, in order. A name that stands there twice is kept twice.
struct Members<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for All<T> {
            type Value = Members<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    all.push(entry);
                }
                Ok(Members(all))
            }
        }

        deserializer.deserialize_map(All(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    macro_rules! captured {
        ($name:literal) => {
            &include_bytes!(concat!("../../../fixtures/kinds/coverage/", $name))[..]
        };
    }

    fn of(report: &Coverage) -> [Option<(u64, u64)>; 3] {
        let file = report.files.values().next().expect("a file");
        [&file.lines, &file.branches, &file.functions].map(|part| part.tally().map(|t| (t.covered, t.total)))
    }

    #[test]
    fn the_sums_of_each_file_are_counted() {
        let report = llvm_cov(captured!("llvm-cov.json")).expect("reads");
        let same = super::super::lcov::read(captured!("llvm-cov.lcov")).expect("reads");
        assert_eq!((of(&report), report.notes.len()), (of(&same), 0));
        let report = coverage_py(captured!("coveragepy-b.json")).expect("reads");
        assert_eq!((of(&report), report.notes.len()), ([Some((6, 8)), Some((2, 4)), None], 0));
        let report = istanbul(captured!("c8-summary.json")).expect("reads");
        assert_eq!((of(&report), report.notes.len()), ([Some((7, 10)), Some((2, 4)), Some((1, 2))], 0));
        let report = istanbul(captured!("nyc-summary.json")).expect("reads");
        assert_eq!((of(&report), report.notes.len()), ([Some((4, 6)), Some((2, 6)), Some((1, 2))], 0));
    }

    #[test]
    fn two_sums_about_one_file_are_not_added() {
        let mut both = istanbul(captured!("c8-summary.json")).expect("reads");
        both.absorb(istanbul(captured!("c8-summary.json")).expect("reads")).expect("fits");
        assert_eq!(of(&both), [None, None, None]);
    }

    #[test]
    fn totals_that_disagree_are_told() {
        let count = |total: u64, covered: u64| {
            format!(r#"{{"total":{total},"covered":{covered},"skipped":0,"pct":"Unknown"}}"#)
        };
        let file = |total, covered| {
            let count = count(total, covered);
            format!(r#"{{"lines":{count},"branches":{count},"functions":{count},"statements":{count}}}"#)
        };
        let report = |total: &str| {
            let text = format!(r#"{{"total":{total},"a.js":{}}}"#, file(9, 8));
            istanbul(text.as_bytes()).expect("reads")
        };
        let less = report(&file(8, 8));
        assert_eq!(less.notes, ["The report says 8 of 8 lines and lists 8 of 9: what it lists counts."]);
        assert_eq!(less.unlisted("lines"), None);
        let more = report(&file(99, 9));
        assert_eq!(more.unlisted("lines"), Some("the report says 9 of 99 lines and lists 8 of 9"));
        assert_eq!(more.unlisted("branches"), None);
    }

    #[test]
    fn what_is_something_else_is_refused() {
        let said = |result: Result<Coverage, String>| result.expect_err("refused");
        assert_eq!(
            said(llvm_cov(&br#"{"type":"x","data":[]}"#[..])),
            "its type is \"x\", not llvm.coverage.json.export"
        );
        assert!(said(llvm_cov(&b"{}"[..])).starts_with("it is a report of another shape: missing field"));
        assert!(said(coverage_py(&b"{\"files\": "[..])).starts_with("it is JSON that breaks off"));
        assert!(said(istanbul(&b"<html>"[..])).starts_with("it is no JSON"));
        assert_eq!(said(istanbul(&b"{}"[..])), "it has no `total`");
        let deep = "[".repeat(100_000);
        assert!(istanbul(format!("{{\"total\":{deep}").as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(\\{|\\}|\\[|\\]|:|,|\"files\"|\"total\"|\"lines\"|\"data\"|[0-9]){0,40}") {
            let _either = (llvm_cov(text.as_bytes()), coverage_py(text.as_bytes()), istanbul(text.as_bytes()));
        }
    }
}
