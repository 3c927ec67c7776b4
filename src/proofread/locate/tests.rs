//! Names are given that lead back, also after the document has changed elsewhere.

use proptest::prelude::*;

use super::*;
use crate::model::quote::Place;
use crate::proofread::find;

const REPORT: &str = include_str!("../../../fixtures/documents/status-report.md");

fn named(line: u32, column: u32) -> Vec<String> {
    let found = locators_at(&Document::parse(REPORT), "r.md", line, Some(column));
    found.expect("few numbers").into_iter().map(|(locator, _)| locator.to_string()).collect()
}

#[test]
fn the_shortest_name_is_given() {
    for (line, column, name) in [
        (26, 12, "r.md#Alert Rules/Claimed"),
        (61, 16, "r.md#Feature Flags/Claimed:2"),
        (42, 16, "r.md#Test Pass Rate/Claimed:denominator"),
        (54, 17, "r.md#[TOTAL|Tests]"),
        (50, 15, "r.md#[Ledger|Tests]"),
        (36, 29, "r.md#@marker(uptime)"),
        (14, 48, "r.md#Summary by Tomas:2"),
        (77, 11, "r.md#Tomas"),
        (21, 15, r"r.md#@code/^gateway    (?P<value>Up [\d.,]*\d hours)/"),
        (46, 5, r"r.md#@regex/^All (?P<value>[\d.,]*\d)/"),
    ] {
        assert_eq!(named(line, column), [name], "{line}:{column}");
    }
    assert_eq!(named(26, 1), [""; 0]);
    let in_line = |line| locators_at(&Document::parse(REPORT), "r.md", line, None).expect("few numbers").len();
    assert_eq!((in_line(61), in_line(999)), (3, 0));
}

/// Every number of a document, with its name.
fn all(document: &Document) -> Vec<(Locator, Quote)> {
    let named = |line| locators_at(document, "r.md", line, None).expect("few numbers");
    (1..=document.line_count()).flat_map(named).collect()
}

/// The names of all numbers of a small document.
fn names(text: &str) -> Vec<String> {
    all(&Document::parse(text)).iter().map(|(locator, _)| locator.to_string()).collect()
}

#[test]
fn a_heading_without_words_is_in_no_name() {
    assert_eq!(names("13\n#\n13"), ["r.md#:1", "r.md#:2"]);
    assert_eq!(names("7\n# A\n## \u{2705}\n\n8"), ["r.md#:1", "r.md#A/"]);
}

#[test]
fn the_nearest_marker_gives_the_name() {
    let text = "<!--cs:a-->3 of them, <!--cs:b-->4 and 5";
    assert_eq!(names(text), ["r.md#@marker(a)", "r.md#@marker(b)", "r.md#@marker(b):2"]);
}

#[test]
fn a_table_is_counted_among_those_that_have_the_column() {
    let text = "|Name|Size|\n|--|--|\n|x|1|\n\n|Name|Tests|\n|--|--|\n|x|2|\n\n|Name|Tests|\n|--|--|\n|x|3|\n";
    assert_eq!(names(text), ["r.md#[x|Size]", "r.md#@table(1)[x|Tests]", "r.md#@table(2)[x|Tests]"]);
}

#[test]
fn a_long_line_is_named_number_by_number() {
    let document = Document::parse(&"13 ".repeat(5000));
    assert_eq!(locators_at(&document, "r.md", 1, None), Err(TooMany { numbers: 5000 }));
    let one = locators_at(&document, "r.md", 1, Some(3 * 4000 + 1)).expect("one number");
    assert_eq!(one.iter().map(|(locator, _)| locator.to_string()).collect::<Vec<_>>(), ["r.md#:4001"]);
    assert_eq!(numbers_in(&document, 1..=1).count(), 5000);
}

#[test]
fn every_number_of_the_report_has_a_name() {
    let document = Document::parse(REPORT);
    let names = all(&document);
    for number in numbers_in(&document, 1..=document.line_count()) {
        let inside = |it: &Quote| it.spot.start >= number.spot.start && it.spot.end <= number.spot.end;
        assert!(names.iter().any(|(_, quote)| inside(quote)), "{}:{}", number.spot.line, number.written);
    }
    for (locator, quote) in names {
        let again = Locator::parse(&locator.to_string()).expect("it was printed");
        assert_eq!(find(&document, &again), Place::Found(quote), "{again}");
        assert_eq!(Locator::from_fields(locator.to_fields()), Ok(locator));
    }
}

/// A change that has nothing to do with the numbers that are there.
fn edited(lines: &mut Vec<String>, at: usize, edit: usize) {
    let breaks: Vec<usize> = (7..lines.len()).filter(|at| lines[*at].is_empty()).collect();
    let gap = breaks[at % breaks.len()];
    match edit {
        0 => lines.splice(gap..gap, ["", "Nothing of note happened on that day."].map(str::to_owned)).for_each(drop),
        1 => lines.extend(
            ["", "## Later", "", "- Weather: fine", "", "| Wind | Sea |", "|--|--|", "| none | calm |"]
                .map(str::to_owned),
        ),
        2 => {
            let row = lines.iter().position(|line| line.starts_with("| 4. Web")).expect("the row");
            lines.insert(row, "| 3b. Mail | 5 | 5/5 | 2 s |".to_owned());
        }
        3 => {
            let long = lines.iter().position(|line| line.starts_with("The rebuild")).expect("the paragraph");
            lines[long] = lines[long].replacen(' ', "\n", 1 + at % 3);
        }
        _ => lines.splice(gap..gap, ["", "```", "echo done", "```"].map(str::to_owned)).for_each(drop),
    }
}

#[test]
fn a_name_leads_back_after_changes_elsewhere() {
    let names = all(&Document::parse(REPORT));
    let edits = prop::collection::vec((0_usize..100, 0_usize..5), 1..5);
    proptest!(ProptestConfig::with_cases(64), |(edits in edits)| {
        let mut lines: Vec<String> = REPORT.lines().map(str::to_owned).collect();
        for (at, edit) in &edits {
            // Wrapping takes the paragraph's lines apart: it is done once.
            if lines.iter().any(|line| line.starts_with("The rebuild ")) || *edit != 3 {
                edited(&mut lines, *at, *edit);
            }
        }
        let after = Document::parse(&lines.join("\n"));
        for (locator, quote) in &names {
            let Place::Found(again) = find(&after, locator) else { panic!("{locator} after {edits:?}") };
            prop_assert_eq!(&again.written, &quote.written, "{}", locator);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_named_leads_back(text in "([#*|:`\\-] ?|[a-z]{1,4} |13 |2/3 |5% |\n){0,25}") {
        let document = Document::parse(&text);
        for (locator, quote) in all(&document) {
            let again = Locator::parse(&locator.to_string());
            prop_assert_eq!(again.as_ref(), Ok(&locator));
            prop_assert_eq!(find(&document, &locator), Place::Found(quote));
        }
    }
}
