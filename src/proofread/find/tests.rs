//! What is found, and what is said when it is not.

use super::*;

const REPORT: &str = include_str!("../../../fixtures/documents/status-report.md");

fn place(short: &str) -> Place {
    let locator = Locator::parse(short).unwrap_or_else(|problem| panic!("{short}: {problem}"));
    find(&Document::parse(REPORT), &locator)
}

/// Line, column and text of what is found.
fn found(short: &str) -> (u32, u32, String) {
    match place(short) {
        Place::Found(quote) => {
            let at = usize::try_from(quote.spot.start).unwrap()..usize::try_from(quote.spot.end).unwrap();
            assert!(
                REPORT[at].chars().filter(char::is_ascii_digit).eq(quote.written.chars().filter(char::is_ascii_digit))
            );
            (quote.spot.line, quote.spot.column, quote.written)
        }
        other => panic!("{short}: {other:?}"),
    }
}

fn missing(short: &str) -> NotThere {
    match place(short) {
        Place::NotFound(problem) => problem,
        other => panic!("{short}: {other:?}"),
    }
}

fn at(line: u32, column: u32, written: &str) -> (u32, u32, String) {
    (line, column, written.to_owned())
}

#[test]
fn a_label_under_its_headings() {
    assert_eq!(found("r.md#Alert Rules/Claimed"), at(26, 12, "21"));
    assert_eq!(found("r.md#Task 1…/Alert Rules/Claimed:1"), at(26, 12, "21"));
    assert_eq!(found("r.md#~monitoring/ALERT RULES:/actual"), at(27, 13, "21"));
    assert_eq!(found("r.md#Feature Flags/Claimed:2"), at(61, 16, "9"));
    assert_eq!(found("r.md#Feature Flags/Kinds/Ongoing"), at(63, 14, "10"));
    assert_eq!(found("r.md#Ongoing"), at(63, 14, "10"));
    assert_eq!(found("r.md#Open points/Tomas"), at(77, 11, "1"));
    assert_eq!(found("r.md#Task 1…/Summary…:kind=duration"), at(14, 48, "31h"));
    assert_eq!(found("r.md#Claimed:unit=rules"), at(26, 12, "21"));
}

#[test]
fn a_part_of_a_fraction() {
    assert_eq!(found("r.md#Test Pass Rate/Claimed:numerator"), at(42, 12, "612"));
    assert_eq!(found("r.md#Test Pass Rate/Claimed:denominator"), at(42, 16, "618"));
    assert_eq!(found("r.md#Test Pass Rate/Claimed:percent"), at(42, 27, "99.03%"));
    assert_eq!(found("r.md#Test Pass Rate/Claimed:kind=fraction"), at(42, 12, "612/618 tests (99.03%)"));
    assert_eq!(found("r.md#Health Checks/Status:text"), at(58, 13, "✅ MATCH"));
}

#[test]
fn a_cell_by_row_and_column() {
    assert_eq!(found("r.md#[TOTAL|Tests]"), at(54, 17, "618"));
    assert_eq!(found("r.md#Suites…/[Ledger|Pass Rate]:percent"), at(50, 30, "99.05%"));
    assert_eq!(found("r.md#[~& index|2]"), at(52, 23, "120"));
    assert_eq!(found("r.md#Open points/@table(Owner)[Ines|Points]"), at(76, 10, "2"));
    assert_eq!(found("r.md#@table(Severity)[Index…|Status]:text"), at(72, 42, "OPEN"));
    assert_eq!(found("r.md#[4. Web|Time]").2, "95 s");
}

#[test]
fn an_expression_a_line_of_code_and_a_marker() {
    assert_eq!(found(r"r.md#@regex/^Overall confidence: (?P<value>[\d.]+)\/10 after/"), at(10, 21, "8.7"));
    assert_eq!(found(r"r.md#Alert Rules/@code(bash)/^(?P<value>\d+)$/"), at(31, 1, "21"));
    assert_eq!(found(r"r.md#@code/^ledger +(?P<value>Up \d+ hours)/"), at(22, 12, "Up 31 hours"));
    assert_eq!(found("r.md#@marker(uptime)"), at(36, 29, "32.4 hours"));
    assert_eq!(found("r.md#Health Checks/:numerator"), at(57, 12, "7"));
    assert_eq!(found(r"r.md#@regex/(?P<value>(?:about )?\d+ minutes)/:2"), at(79, 19, "about 95 minutes"));
}

#[test]
fn rows_are_counted_and_tables_are_quoted() {
    let counted = |short: &str| match place(short) {
        Place::Counted { rows, spot } => (rows, spot.line),
        other => panic!("{other:?}"),
    };
    assert_eq!(counted("r.md#@rows(Status=OPEN)"), ("2".to_owned(), 68));
    assert_eq!(counted("r.md#@rows(Status=OPEN|Severity=High)"), ("1".to_owned(), 68));
    assert_eq!(counted("r.md#Open points/@table(Owner)@rows"), ("2".to_owned(), 74));
    let Place::Table(table) = place("r.md#@table(Suite)") else { panic!("no table") };
    assert_eq!(table.columns, ["Suite", "Tests", "Pass Rate", "Time"]);
    let written = |row: usize, column: usize| table.rows[row][column].as_ref().map(|cell| cell.written.as_str());
    assert_eq!((table.rows.len(), table.spot.line), (5, 48));
    assert_eq!([written(2, 0), written(4, 2), written(4, 3)], [Some("3. Search & index"), Some("612/618"), None]);
}

#[test]
fn nothing_there_says_what_is_there() {
    let problem = missing("r.md#Alert Rules/Declared");
    assert_eq!((problem.code.as_str(), problem.reason.as_str()), (NONE, "\"Alert Rules\" has no label \"Declared\""));
    assert_eq!(problem.near, ["label \"Claimed\" (26)", "label \"Actual\" (27)"]);
    let problem = missing("r.md#Alert Rules/Claimd");
    assert_eq!(problem.help, "Did \"Claimd\" become \"Claimed\"?");
    let problem = missing("r.md#Task 2…/Alert Rules/Claimed");
    assert_eq!(problem.reason, "\"Task 2…\" has no heading \"Alert Rules\"");
    assert_eq!(problem.near[0], "heading \"Alert Rules:\" under \"Results\" (25)");
    let problem = missing("r.md#Alert Ruels/Claimed");
    assert_eq!(problem.help, "Did \"Alert Ruels\" become \"Alert Rules:\"?");
    assert_eq!(
        missing("r.md#Alert Rules").help,
        "\"Alert Rules\" is a heading: write `Alert Rules/` for what stands under it."
    );
    for (short, reason) in [
        ("r.md#Feature Flags/Claimed:9", "label \"Claimed\" holds 3 numbers, and number 9 is asked for"),
        ("r.md#Health Checks/Status", "label \"Status\" holds no number"),
        ("r.md#[TOTAL|Time]", "cell [TOTAL | Time] is empty"),
        ("r.md#[TOTAL|Tset]", "no table under the document has a column \"Tset\""),
        ("r.md#[Totals|Tests]", "no table under the document has a row \"Totals\""),
        ("r.md#Suites…/[TOTAL|9]", "the table has 4 columns, and column 9 is asked for"),
        ("r.md#Alert Rules/[TOTAL|Tests]", "\"Alert Rules\" has no table"),
        ("r.md#Open points/@table(3)", "\"Open points\" has 2 such tables, and table 3 is asked for"),
        ("r.md#@marker(up)", "the document has no marker \"up\""),
        ("r.md#@regex/none (?P<value>x)/", "the document has nothing that matches regex /none (?P<value>x)/"),
    ] {
        let problem = missing(short);
        assert_eq!((problem.code.as_str(), problem.reason.as_str()), (NONE, reason), "{short}");
        assert!(problem.help.ends_with(['.', '?']), "{}", problem.help);
    }
}

#[test]
fn more_than_one_is_never_a_choice() {
    let problem = missing("r.md#Task 2…/Claimed");
    assert_eq!(
        (problem.code.as_str(), problem.reason.as_str()),
        (MANY, "label \"Claimed\" under \"Task 2…\" matches 3 places")
    );
    assert_eq!(problem.near[0], "r.md:42:12 612/618 tests (99.03%) under \"Test Pass Rate:\"");
    assert!(problem.help.contains("`under: Test Pass Rate:` or `under: Health Checks:`"), "{}", problem.help);
    for (short, reason) in [
        ("r.md#Feature Flags/Claimed", "label \"Claimed\" holds 3 numbers"),
        ("r.md#Open points/@table", "\"Open points\" has 2 such tables"),
        ("r.md#Open points/@rows", "\"Open points\" has 2 such tables"),
        (r"r.md#@regex/(?P<value>\d+) minutes/", "regex /(?P<value>\\d+) minutes/ under the document matches 2 places"),
    ] {
        let problem = missing(short);
        assert_eq!((problem.code.as_str(), problem.reason.as_str()), (MANY, reason), "{short}");
        assert!(!problem.near.is_empty());
    }
    assert_eq!(missing("r.md#Results/").code, MANY);
}

#[test]
fn another_kind_of_number_is_not_taken() {
    let problem = missing("r.md#[TOTAL|Pass Rate]");
    let reason = "cell [TOTAL | Pass Rate] holds \"612/618\"; say part: numerator or denominator";
    assert_eq!((problem.code.as_str(), problem.reason.as_str()), (KIND, reason));
    for (short, reason) in [
        ("r.md#Alert Rules/Claimed:unit=flags", "label \"Claimed\" holds no number of unit \"flags\""),
        ("r.md#Alert Rules/Claimed:kind=percent", "label \"Claimed\" holds no number of kind \"percent\""),
        ("r.md#Alert Rules/Claimed:numerator", "label \"Claimed\" holds \"21\", which has no numerator"),
        ("r.md#[TOTAL|Pass Rate]:percent", "cell [TOTAL | Pass Rate] holds \"612/618\", which has no percent"),
    ] {
        let problem = missing(short);
        assert_eq!((problem.code.as_str(), problem.reason.as_str()), (KIND, reason), "{short}");
    }
}

#[test]
fn a_table_is_counted_among_those_that_have_the_asked_column() {
    let table = |column: &str, cell: u8| format!("| a | {column} |\n|--|--|\n| x | {cell} |\n\n");
    let document = Document::parse(&[table("b", 1), table("c", 2), table("c", 3)].concat());
    for (short, expected) in
        [("d.md#@table(2)[x|c]", "3"), ("d.md#@table(2)[x|2]", "2"), ("d.md#@table(c|1)[x|2]", "2")]
    {
        let Place::Found(quote) = find(&document, &Locator::parse(short).unwrap()) else { panic!("{short}") };
        assert_eq!(quote.written, expected, "{short}");
    }
}

#[test]
fn a_value_is_read_apart_from_its_label() {
    let document = Document::parse(
        "- Release: 10\n- Version: 3 tests\n- **errors**:12\n- Stage: Phase 4\n- Score: 10. Good\n\nPlain Release 10 is out.\n",
    );
    let written = |short: &str| match find(&document, &Locator::parse(short).unwrap()) {
        Place::Found(quote) => format!("{}:{} {}", quote.spot.line, quote.spot.column, quote.written),
        other => format!("{other:?}"),
    };
    assert_eq!(written("d.md#Release"), "1:12 10");
    assert_eq!(written("d.md#Version"), "2:12 3");
    assert_eq!(written("d.md#Score"), "5:10 10");
    assert!(written("d.md#Stage").contains("label \\\"Stage\\\" holds no number"), "{}", written("d.md#Stage"));
    assert_eq!(document.blocks.last().map(|block| block.numbers().len()), Some(0));
}

#[test]
fn rows_of_one_name_are_many() {
    let document =
        Document::parse("| a | b |\n|--|--|\n| x | 1 |\n| x | 2 |\n\n| a | b | b |\n|--|--|--|\n| y | 1 | 2 |\n");
    let code = |short: &str| match find(&document, &Locator::parse(short).unwrap()) {
        Place::NotFound(problem) => problem.code,
        other => format!("{other:?}"),
    };
    assert_eq!(code("d.md#[x|b]"), MANY);
    assert_eq!(code("d.md#[y|b]"), MANY);
    assert!(code("d.md#[y|3]").starts_with("Found"));
}

#[test]
fn the_unit_of_a_bare_number_is_that_of_its_header_its_row_or_its_label() {
    const TEXT: &str = "# Report\n\n\
        | Service | Error rate (%) | P95 (ms) | Note |\n|---|---|---|---|\n| api | 0.5 | 150 ms | 7 |\n| Size (GB) | 3 | 2 | 4 |\n\n\
        - Load (ms): 150 (200 at most)\n- Plain: 12\n- Share, %: 1/2 (50%)\n\n\
        | Name | Value |\n|---|---|\n| Soak [h] | 48 |\n";
    let document = Document::parse(TEXT);
    let unit = |short: &str| match find(&document, &Locator::parse(short).unwrap()) {
        Place::Found(quote) => (quote.written, quote.unit.unwrap_or_default()),
        other => panic!("{short}: {other:?}"),
    };
    let is = |written: &str, unit: &str| (written.to_owned(), unit.to_owned());
    assert_eq!(unit("r.md#[api|~Error rate]"), is("0.5", "%"));
    assert_eq!(unit("r.md#[api|~P95]"), is("150 ms", ""));
    assert_eq!(unit("r.md#[api|Note]"), is("7", ""));
    assert_eq!(unit("r.md#[~Size|Note]"), is("4", "GB"));
    assert_eq!(unit("r.md#[~Size|~Error rate]"), is("3", "% or GB"));
    assert_eq!(unit("r.md#~Load:1"), is("150", "ms"));
    assert_eq!(unit("r.md#Plain"), is("12", ""));
    assert_eq!(unit("r.md#~Share:numerator"), is("1", ""));
    assert_eq!(unit("r.md#[~Soak|Value]"), is("48", "h"));
    assert_eq!(unit("r.md#~Soak"), is("48", "h"));
}

/// What a locator leads to in a small document: the number, or what is said in its place.
fn in_text(text: &str, short: &str) -> String {
    match find(&Document::parse(text), &Locator::parse(short).unwrap()) {
        Place::Found(quote) => quote.written,
        Place::NotFound(NotThere { code, reason, help, .. }) => format!("{code}: {reason}. {help}"),
        other => panic!("{short}: {other:?}"),
    }
}

#[test]
fn no_other_number_is_taken_for_one_with_a_decimal_comma() {
    let text =
        "- Rate: 99,5 % of 200 tests\n- Runs: 3, at 99,5 %\n- Both: 1 044,5 s\n\n# A\n\n<!--cs:m-->99,5 % of 7\n";
    let odd = "whose comma parts no thousands. Write decimals with a point, 99.5; `part: text`";
    for short in ["a.md#Rate", "a.md#Rate:1", "a.md#Rate:kind=percent", "a.md#Runs", "a.md#@marker(m)", "a.md#A/"] {
        let said = in_text(text, short);
        assert!(said.starts_with("locator-kind: ") && said.contains(odd), "{short}: {said}");
    }
    assert_eq!(in_text(text, "a.md#Rate:unit=tests"), "200");
    assert_eq!(in_text(text, "a.md#Rate:text"), "99,5 % of 200 tests");
    assert_eq!(in_text(text, "a.md#Runs:1"), "3");
    assert_eq!(in_text(text, "a.md#Both"), "1 044,5 s");
}

#[test]
fn where_decimals_have_commas_a_comma_before_three_digits_settles_nothing() {
    let german = "Rate 97,5 %.\n\n- Time: 1,234 s\n- Share: 1,026/1,044 (98.28%)\n- All: 1234\n";
    let said = in_text(german, "a.md#Time");
    assert!(
        said.contains("\"1,234 s\" may be meant with decimals: line 1 writes them with a comma, \"97,5\""),
        "{said}"
    );
    assert!(said.contains("Write that as 97.5 there"), "{said}");
    assert!(in_text(german, "a.md#Share:denominator").contains("may be meant"));
    assert!(in_text(german, r"a.md#@regex/Time: (?P<value>\S+ s)/").contains("may be meant"));
    assert_eq!(in_text(german, "a.md#Share:percent"), "98.28%");
    assert_eq!(in_text(german, "a.md#All"), "1234");
    // Thousands that cannot be anything else show what its author means by a comma, and a list shows nothing.
    for other in ["97,5 % of 1,234,567 rows.", "97,5 % of 1,234.5 s.", "Steps 1,2.", "97.5 %."] {
        assert_eq!(in_text(&german.replace("97,5 %.", other), "a.md#Time"), "1,234 s", "{other}");
    }
}

#[test]
fn a_part_of_a_number_is_never_taken_for_it() {
    let text = "# R\n\nWe have 1,044 tests, -5 credits and 12.5 points in 13 rules. Less than 6 alerts, 3k users, 4 % lost.\n\n\
        About 9/10 and 8/10, 7-9 ms, 12 of 15 runs (80 %), v14.2, 2025-10-20, 20:28 UTC on Oct 20, 2025.\n";
    for (expression, whole) in [
        (r"(?P<value>\d+) tests", "1,044"),
        (r"have (?P<value>\d)", "1,044"),
        (r"(?P<value>\d+) credits", "-5"),
        (r"(?P<value>\d+) points", "12.5"),
        (r"(?P<value>\d)\.5 points", "12.5"),
        (r"(?P<value>\d) rules", "13"),
        (r"(?P<value>\d+) alerts", "Less than 6"),
        (r"(?P<value>\d)k users", "3k"),
        (r"(?P<value>\d) % lost", "4 %"),
        (r"(?P<value>\d)\/10 and", "About 9/10"),
        (r"(?P<value>\d)-9 ms", "7-9 ms"),
        (r"(?P<value>\d) of 15", "12 of 15 runs (80 %)"),
    ] {
        let said = in_text(text, &format!("d.md#@regex/{expression}/"));
        let end = format!("\" out of \"{whole}\". Let the group `value` hold all of it");
        assert!(said.starts_with("locator-kind: regex /") && said.contains(&end), "{expression}: {said}");
    }
    for (expression, taken) in [
        (r"(?P<value>[\d,]+) tests", "1,044"),
        (r"(?P<value>[\d,]+ tests)", "1,044 tests"),
        (r"(?P<value>-\d+) credits", "-5"),
        (r"(?P<value>\d+) rules", "13"),
        (r"(?P<value>Less than \d+)", "Less than 6"),
        (r"(?P<value>\d+ %) lost", "4 %"),
        (r"and (?P<value>[\d.]+)\/10", "8"),
        (r"(?P<value>\d+-\d+ ms)", "7-9 ms"),
        (r"(?P<value>\d+) of 15", "12"),
        (r"of (?P<value>\d+ runs)", "15 runs"),
        (r"(?P<value>\d+ of \d+) runs", "12 of 15"),
        (r"runs \((?P<value>[^)]+)", "80 %"),
        (r"v(?P<value>\d+)\.", "14"),
        (r"(?P<value>\d+)-10-20", "2025"),
        (r"on (?P<value>Oct 20, 2025)", "Oct 20, 2025"),
    ] {
        assert_eq!(in_text(text, &format!("d.md#@regex/{expression}/")), taken, "{expression}");
    }
    let said = in_text("99,5 % up\n", r"d.md#@regex/(?P<value>\d+) % up/");
    assert!(said.contains("takes \"5\" out of \"99,5\""), "nobody reads it as one number: {said}");
    assert!(in_text("```\n1,044 tests\n```\n", r"d.md#@code/(?P<value>\d+) tests/").contains("out of \"1,044\""));
}

#[test]
fn what_a_text_says_is_not_so_is_no_claim() {
    let text = "- Tests: not 1,044\n- Rules: not 13 but 12\n- Runs: 3, no longer 4\n- Flags: no more than 5\n\n# A\n\n\
        There aren't at least 6 of them.\n";
    for (short, quoted) in [
        ("d.md#Tests", "not 1,044"),
        ("d.md#Rules", "not 13"),
        ("d.md#Rules:1", "not 13"),
        ("d.md#A/", "aren't at least 6"),
    ] {
        let said = in_text(text, short);
        let reason = format!("holds \"{quoted}\", which says what it is not. Write the number that it is");
        assert!(said.starts_with("locator-kind: ") && said.contains(&reason), "{short}: {said}");
    }
    assert_eq!(in_text(text, "d.md#Runs:1"), "3");
    assert_eq!(in_text(text, "d.md#Flags"), "no more than 5");
    assert_eq!(in_text(text, "d.md#Tests:text"), "not 1,044");
    let said = in_text(text, r"d.md#@regex/not (?P<value>[\d,]+\d)/:1");
    assert!(said.contains("takes \"1,044\" out of \"not 1,044\", which says what it is not"), "{said}");
}

#[test]
fn headings_of_one_title_are_told_apart_by_those_above_or_not_at_all() {
    let under =
        |above: &str| in_text(&format!("# {above}\n\n## R\n\n- Tests: 1\n\n# B\n\n## R\n\n- Tests: 2\n"), "d.md#Tests");
    assert!(under("A").ends_with("Add the heading that it stands under: `under: A` or `under: B`."), "{}", under("A"));
    let said = under("B");
    assert!(
        said.contains("No heading tells them apart: give one heading or label another name, or write `<!--cs:NAME-->`"),
        "{said}"
    );
    assert!(!said.contains("under: R"), "{said}");
    let one = in_text("# R\n\n- Tests: 1\n\n# S\n\n- Tests: 2\n\n# S\n\n- Tests: 3\n", "d.md#Tests");
    assert!(one.contains("Add the heading that it stands under, `under: R`, or write a marker"), "{one}");
}
