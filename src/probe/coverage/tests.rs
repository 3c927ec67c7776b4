//! Tests of `coverage`.

use super::*;
use crate::model::fact::Fact;

macro_rules! captured {
    ($name:literal) => {
        &include_bytes!(concat!("../../../fixtures/kinds/coverage/", $name))[..]
    };
}

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match &facts.facts[fact] {
        Fact::Absent(reason) => reason,
        Fact::Present(value) => panic!("{fact} is {value:?}"),
    }
}

#[test]
fn every_share_is_kept_as_what_it_is_a_share_of() {
    let facts = found(&lcov::read(captured!("coveragepy-a.lcov")).expect("reads"));
    for (fact, part, whole) in [("line-rate", 5, 8), ("branch-rate", 2, 4), ("function-rate", 1, 2)] {
        assert_eq!(facts.get(fact), Value::fraction(part, whole).as_ref(), "{fact}");
    }
    let Some(Value::Table(table)) = facts.get("by-file") else { panic!("{facts:?}") };
    assert_eq!(table.rows[0][0], Some(Value::Text("shop.py".to_owned())));
    assert_eq!(table.rows[0][3], Value::fraction(5, 8));
}

#[test]
fn what_no_report_tells_is_absent_and_no_zero() {
    let facts = found(&cobertura::read(captured!("coveragepy-a.xml")).expect("reads"));
    assert_eq!(absent(&facts, "functions"), "the report tells of no functions");
    assert_eq!(absent(&facts, "function-rate"), "the report tells of no functions");
}

#[test]
fn a_report_in_which_nothing_could_be_run_has_no_rate() {
    // Its own attribute says `line-rate="1"`.
    for report in [cobertura::read(captured!("coveragepy-none.xml")), lcov::read(captured!("coveragepy-none.lcov"))] {
        let facts = found(&report.expect("reads"));
        for fact in ["lines", "lines-covered", "line-rate", "branch-rate"] {
            assert!(absent(&facts, fact).starts_with("the report tells of no "), "{fact}");
        }
        assert_eq!(facts.get("files"), Some(&Value::count(1)));
    }
}

#[test]
fn a_report_that_does_not_list_all_that_it_counts_has_no_sum() {
    let text = "SF:a\nDA:1,1\nDA:2,1\nLF:10\nLH:2\nBRDA:1,0,0,1\nBRF:1\nBRH:1\nend_of_record\n";
    let mut other = lcov::read(&b"SF:b\nDA:1,1\nend_of_record\n"[..]).expect("reads");
    other.absorb(lcov::read(text.as_bytes()).expect("reads")).expect("fits");
    let facts = found(&other);
    for fact in ["lines", "lines-covered", "line-rate", "by-file"] {
        assert_eq!(absent(&facts, fact), "the record of \"a\" says 2 of 10 lines and lists 2 of 2");
    }
    assert_eq!(facts.get("branch-rate"), Value::fraction(1, 1).as_ref());
}

#[test]
fn reports_that_cannot_be_put_together_have_no_sum() {
    let mut both = summaries::istanbul(captured!("c8-summary.json")).expect("reads");
    both.absorb(summaries::istanbul(captured!("c8-summary.json")).expect("reads")).expect("fits");
    let reason = "several reports tell of the lines of \"/src/shop.js\" and cannot be put together";
    assert_eq!(absent(&found(&both), "line-rate"), reason);
}

#[test]
fn a_relative_name_in_two_reports_is_doubt_that_the_audit_can_clear() {
    let report =
        |covered| lcov::read(format!("SF:src/i.ts\nDA:1,{covered}\nend_of_record\n").as_bytes()).expect("reads");
    let mut both = report(1);
    both.absorb_another(report(0)).expect("fits");
    let reason =
        "several reports tell of \"src/i.ts\" and may mean several files: `same-tree: true` says that it is one";
    assert_eq!(absent(&found(&both), "line-rate"), reason);
    assert_eq!(absent(&found(&both), "functions"), reason);
    let mut both = report(1);
    both.absorb(report(0)).expect("fits");
    assert_eq!(found(&both).get("line-rate"), Value::fraction(1, 1).as_ref());
}

#[test]
fn the_file_of_which_most_is_missed_comes_first() {
    let text = "SF:a\nDA:1,1\nend_of_record\nSF:b\nDA:1,0\nDA:2,0\nend_of_record\nSF:c\nDA:1,0\nend_of_record\n";
    let Some(Value::Table(table)) = found(&lcov::read(text.as_bytes()).expect("reads")).get("by-file").cloned() else {
        panic!("no table")
    };
    let names: Vec<_> = table.rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(names, ["b", "c", "a"].map(|name| Some(Value::Text(name.to_owned()))));
}

#[test]
fn mistakes_in_the_options_are_found() {
    for (yaml, why) in [
        ("{newer-than: 1d}", "no source is given"),
        ("{lcov: a, jacoco: b}", "several sources are given"),
        ("{lcov: a, newer-than: soon}", "\"soon\" is not a length of time"),
    ] {
        let problems = serde_saphyr::from_str::<Coverage>(yaml).expect(yaml).problems();
        assert!(problems[0].0.starts_with(why), "{problems:?}");
    }
}
