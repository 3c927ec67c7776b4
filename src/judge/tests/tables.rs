//! Claimed tables beside measured ones.

use proptest::prelude::*;

use super::*;
use crate::model::claim::TableClaim;
use crate::model::fact::Table;
use crate::model::judgement::JoinedTable;
use crate::model::quote::{QuotedCell, QuotedTable};

const AT: &str = "reports/validation.md#Integration points/@table";

/// The header stands in line 3, the first row in line 5.
fn quoted(header: &[&str], rows: &[Vec<String>]) -> Place {
    let cell = |row: usize, column: usize, written: &str| QuotedCell {
        written: written.to_owned(),
        spot: spot(u32::try_from(row).unwrap() + 5, u32::try_from(column).unwrap() * 20 + 3, written),
    };
    let row = |(at, row): (usize, &Vec<String>)| {
        row.iter().enumerate().map(|(column, text)| (!text.is_empty()).then(|| cell(at, column, text))).collect()
    };
    Place::Table(QuotedTable {
        columns: header.iter().map(|header| (*header).to_owned()).collect(),
        rows: rows.iter().enumerate().map(row).collect(),
        spot: spot(3, 1, ""),
    })
}

fn rows(rows: &[[&str; 3]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect()
}

fn suites(suites: &[(&str, u32, u32)]) -> Value {
    let row = |(name, passed, total): &(&str, u32, u32)| {
        let (passed, total) = (*passed, *total);
        vec![
            Some(Value::Text((*name).to_owned())),
            Some(Value::count(total)),
            Some(Value::count(passed)),
            Value::fraction(passed, total),
        ]
    };
    let columns = ["name", "total", "passed", "pass-rate"].map(str::to_owned).to_vec();
    Value::Table(Table { columns, rows: suites.iter().map(row).collect() })
}

fn table_claim() -> Claim {
    let values = [("total", "Tests"), ("pass-rate", "Pass Rate")];
    let table = TableClaim {
        key: "Integration Point".into(),
        matches: "name".into(),
        values: values.map(|(column, header)| (column.to_owned(), header.to_owned())).into(),
        names: BTreeMap::new(),
    };
    Claim { by: "Alex".into(), written: None, at: Some(AT.into()), table: Some(table), ..claim("suites", "") }
}

fn judged_table(claim: Claim, place: Place, sight: Sight, sample: Option<Sample>) -> Judgement {
    let check = Check { claims: vec![claim], sample, ..check("a/one") };
    let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
    judge(&audit, all(&[seen("a/one", sight)], &places([(AT, place)]), None))
}

fn sight(measured: Value) -> Sight {
    let mut facts = Facts::default();
    facts.set("suites", measured);
    Sight::Measured(facts)
}

const HEADER: [&str; 3] = ["Integration Point", "Tests", "Pass Rate"];

fn joined(claimed: &[[&str; 3]], measured: &[(&str, u32, u32)]) -> ClaimResult {
    let place = quoted(&HEADER, &rows(claimed));
    judged_table(table_claim(), place, sight(suites(measured)), None).checks.remove(0).claims.remove(0)
}

fn table(result: &ClaimResult) -> &JoinedTable {
    result.table.as_ref().unwrap()
}

/// The eleven integration points of the example audit.
const ELEVEN: [[&str; 3]; 12] = [
    ["1. TrajectoryPool", "44", "44/44 (100%)"],
    ["2. SE Operators", "42", "42/42 (100%)"],
    ["3. HTDAG Planner", "13", "13/13 (100%)"],
    ["4. HALO Router", "30", "30/30 (100%)"],
    ["5. AOP Validator", "21", "21/21 (100%)"],
    ["6. OTEL Observability", "28", "28/28 (100%)"],
    ["7. Security Hardening", "37", "37/37 (100%)"],
    ["8. Error Handling", "28", "28/28 (100%)"],
    ["9. DAAO Cost Opt", "16", "16/16 (100%)"],
    ["10. SICA Integration", "35", "35/35 (100%)"],
    ["11. SE-Darwin Agent", "44", "44/44 (100%)"],
    ["TOTAL", "338", "338/338"],
];
const THREE: [(&str, u32, u32); 3] =
    [("trajectory_pool", 44, 44), ("se_darwin_agent", 44, 44), ("sica_integration", 35, 35)];

#[test]
fn three_of_the_examples_eleven_rows_were_measured() {
    let result = joined(&ELEVEN, &THREE);
    assert_eq!(result.status, ClaimStatus::Unverified);
    assert_eq!(result.reason, "3 of 11 rows were measured and hold; 8 were not measured");
    let table = table(&result);
    let held: Vec<&str> =
        table.rows.iter().filter(|row| row.status == ClaimStatus::Exact).map(|row| row.name.as_str()).collect();
    assert_eq!(held, ["1. TrajectoryPool", "10. SICA Integration", "11. SE-Darwin Agent"]);
    assert_eq!(table.rows[1].reason, "nothing measured is called \"2. SE Operators\"");
    let total = table.total.as_ref().unwrap();
    assert_eq!((total.line, total.status), (16, ClaimStatus::Unverified));
    assert!(total.reason.ends_with("= 338; 3 of 11 rows were measured"), "{}", total.reason);
    assert!(table.unclaimed.is_empty());
}

#[test]
fn rows_and_total_are_claims_of_their_own_and_the_table_is_none() {
    let judgement = judged_table(table_claim(), quoted(&HEADER, &rows(&ELEVEN)), sight(suites(&THREE)), None);
    let alex = &judgement.claimants[0];
    assert_eq!((alex.by.as_str(), alex.upheld, alex.refuted, alex.unverified), ("Alex", 3, 0, 9));
    assert_eq!(judgement.checks[0].status, Status::Warn, "{}", judgement.checks[0].reason);
}

#[test]
fn a_table_that_was_measured_whole_is_held_against_the_measured_total() {
    let claimed = [["Overall (2)", "86", "86/86"], ["A", "44", "44/44 (100%)"], ["B", "42", "42/42"]];
    let result = joined(&claimed, &[("b", 42, 42), ("a", 44, 44), ("c", 1, 1)]);
    assert_eq!((result.status, result.reason.as_str()), (ClaimStatus::Exact, "all 2 rows were measured and hold"));
    let table = table(&result);
    assert_eq!(table.total.as_ref().unwrap().cells[0].actual, Some(Value::count(86)));
    assert_eq!(table.unclaimed, ["c"]);
}

#[test]
fn a_wrong_row_refutes_itself_and_the_total_that_still_adds_up() {
    let claimed = [["A", "45", "44/44 (100%)"], ["B", "42", "42/42"], ["**Sum**", "87", "86/86"]];
    let result = joined(&claimed, &[("a", 44, 44), ("b", 42, 42)]);
    assert_eq!(result.status, ClaimStatus::Refuted);
    let table = table(&result);
    assert_eq!(table.rows[0].status, ClaimStatus::Refuted);
    assert_eq!(table.rows[0].reason, "Tests: 45 was claimed and 44 measured: 1 too much");
    assert_eq!(table.rows[1].status, ClaimStatus::Exact);
    let total = table.total.as_ref().unwrap();
    assert_eq!(total.reason, "Tests: 87 was claimed and 86 measured: 1 too much");
    assert!(
        result.reason.starts_with("1 of 2 rows is wrong (\"A\" in line 5: Tests: 45 was claimed and 44 measured"),
        "{}",
        result.reason
    );
}

#[test]
fn a_total_that_does_not_add_up_is_wrong_by_itself() {
    let claimed = [["A", "44", "44/44"], ["B", "42", "42/42"], ["Total", "87", "86/86"]];
    let result = joined(&claimed, &[("a", 44, 44)]);
    let total = table(&result).total.as_ref().unwrap();
    assert_eq!(total.status, ClaimStatus::Refuted);
    assert_eq!(total.reason, "44 + 42 = 86, and the total says 87");
    assert_eq!(
        result.reason,
        "the total in line 7 is wrong (44 + 42 = 86, and the total says 87); 1 of 2 rows was measured and holds; \
         1 was not measured"
    );
    // Nothing at all was measured: the arithmetic is wrong all the same.
    let place = || quoted(&HEADER, &rows(&claimed));
    let unseen = Sight::Skipped(SkipReason::Interrupted);
    let judgement = judged_table(table_claim(), place(), unseen, None);
    assert_eq!(judgement.checks[0].status, Status::Skipped);
    assert_eq!(judgement.checks[0].claims[0].status, ClaimStatus::Refuted);
    assert_eq!((judgement.claimants[0].refuted, judgement.claimants[0].unverified), (1, 2));
}

#[test]
fn names_that_differ_are_mapped_and_those_that_fit_twice_are_said() {
    let mut claim = table_claim();
    claim.table.as_mut().unwrap().names = BTreeMap::from([("SE Operators".into(), "tests.operators".into())]);
    let claimed = rows(&[
        ["2. SE Operators", "42", "42/42"],
        ["A-B", "1", "1/1"],
        ["C", "1", "1/1"],
        ["c", "1", "1/1"],
        ["", "1", "1/1"],
        ["D", "1", ""],
    ]);
    let measured = suites(&[("tests.operators", 42, 42), ("a.b", 1, 1), ("a_b", 1, 1), ("c", 1, 1), ("d", 1, 1)]);
    let judgement = judged_table(claim, quoted(&HEADER, &claimed), sight(measured), None);
    let result = &judgement.checks[0].claims[0];
    let told: Vec<(ClaimStatus, &str)> =
        table(result).rows.iter().map(|row| (row.status, row.reason.as_str())).collect();
    let twice = "it stands 2 times in the table, so it is not clear what is claimed";
    assert_eq!(
        told,
        [
            (ClaimStatus::Exact, "every cell is what was measured"),
            (ClaimStatus::Unverified, "2 measured rows may be meant: \"a.b\" and \"a_b\""),
            (ClaimStatus::Unverified, twice),
            (ClaimStatus::Unverified, twice),
            (ClaimStatus::Unverified, "the row has no name"),
            (ClaimStatus::Exact, "1 was claimed, and 1 measured"),
        ]
    );
    assert!(table(result).unclaimed.is_empty(), "what may be meant was not left out");
    assert!(
        result.reason.starts_with("2 of 6 rows were measured and hold; 4 were not comparable"),
        "{}",
        result.reason
    );
}

#[test]
fn of_a_fraction_the_number_that_the_column_holds_is_compared() {
    let of = |column: &str, cell: &str, measured: &[(&str, u32, u32)]| {
        let mut claim = table_claim();
        claim.table.as_mut().unwrap().values = BTreeMap::from([(column.to_owned(), "Tests".to_owned())]);
        let place = quoted(&HEADER, &rows(&[["A", cell, ""]]));
        let judgement = judged_table(claim, place, sight(suites(measured)), None);
        table(&judgement.checks[0].claims[0]).rows[0].status
    };
    let differing = [("a", 43, 44), ("b", 9, 9)];
    assert_eq!(of("passed", "✅ 43/44 (97.7%)", &differing), ClaimStatus::Exact);
    assert_eq!(of("total", "43/44", &differing), ClaimStatus::Exact);
    assert_eq!(of("passed", "44/44", &differing), ClaimStatus::Overstated);
    assert_eq!(of("passed", "43/44 (99%)", &differing), ClaimStatus::Refuted);
    // Where all pass, nothing tells the two columns apart.
    let all = [("a", 44, 44)];
    assert_eq!(of("passed", "44/44", &all), ClaimStatus::Exact);
    assert_eq!(of("passed", "43/44", &all), ClaimStatus::Unverified);
    assert_eq!(of("flaky", "44", &all), ClaimStatus::Unverified);
    assert_eq!(of("pass-rate", "44/44 (100%)", &differing), ClaimStatus::Overstated);
    assert_eq!(of("pass-rate", "97.73%", &differing), ClaimStatus::Rounds);
}

#[test]
fn a_table_without_its_columns_is_not_found() {
    let of = |header: &[&str]| {
        let place = quoted(header, &rows(&[["A", "1", "1/1"]]));
        let judgement = judged_table(table_claim(), place, sight(suites(&[("a", 1, 1)])), None);
        judgement.checks[0].claims[0].clone()
    };
    assert_eq!(of(&["integration  point:", "TESTS", "Pass rate"]).status, ClaimStatus::Exact);
    let missing = of(&["Integration Point", "Suites", "Pass Rate"]);
    assert_eq!(missing.status, ClaimStatus::NotFound);
    assert_eq!(
        missing.reason,
        "the table at reports/validation.md:3:1 has no column \"Tests\", only Integration Point, Suites and Pass Rate"
    );
    assert_eq!(of(&["Tests", "Tests", "Pass Rate"]).status, ClaimStatus::NotFound);
    let one = judged_table(table_claim(), found(4, "338"), sight(suites(&[])), None).checks.remove(0);
    assert_eq!(one.claims[0].status, ClaimStatus::NotFound);
    assert_eq!(one.claims[0].reason, "one value stands at reports/validation.md:4:5, and a table is claimed");
}

#[test]
fn a_sample_of_a_suite_refutes_only_what_it_rules_out() {
    let of = |cell: &str, rate: &str, measured: &[(&str, u32, u32)]| {
        let mut check = Check { claims: vec![table_claim()], ..check("a/one") };
        check.sample = Some(Sample { of: 100, method: SampleMethod::Chosen });
        let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
        let place = quoted(&HEADER, &rows(&[["A", cell, rate]]));
        let (passed, total) = measured.iter().fold((0, 0), |sum, suite| (sum.0 + suite.1, sum.1 + suite.2));
        let facts = [("suites", suites(measured)), ("passed", Value::count(passed)), ("total", Value::count(total))];
        let judgement = judge(&audit, all(&[self::measured("a/one", &facts)], &places([(AT, place)]), None));
        table(&judgement.checks[0].claims[0]).rows[0].status
    };
    assert_eq!(of("44", "44/44 (100%)", &[("a", 44, 44)]), ClaimStatus::Exact);
    assert_eq!(of("44", "44/44 (100%)", &[("a", 40, 40)]), ClaimStatus::Unverified);
    assert_eq!(of("44", "100%", &[("a", 44, 44)]), ClaimStatus::Unverified, "a rate of all is not seen in a part");
    assert_eq!(of("44", "100%", &[("a", 39, 40)]), ClaimStatus::Overstated);
    assert_eq!(of("30", "", &[("a", 40, 40)]), ClaimStatus::Refuted, "more ran than there are said to be");
}

#[test]
fn lengths_and_sizes_add_up_as_they_are_printed() {
    let of = |cells: &[&str]| {
        let mut claim = table_claim();
        claim.table.as_mut().unwrap().values = BTreeMap::from([("duration".to_owned(), "Tests".to_owned())]);
        let names = ["A", "B", "Total"];
        let cells: Vec<[&str; 3]> = names.iter().zip(cells).map(|(name, cell)| [*name, *cell, ""]).collect();
        let judgement = judged_table(claim, quoted(&HEADER, &rows(&cells)), sight(suites(&[])), None);
        table(&judgement.checks[0].claims[0]).total.clone().unwrap()
    };
    assert_eq!(of(&["0.52s", "1.86s", "2.4s"]).status, ClaimStatus::Unverified);
    assert_eq!(of(&["0.52s", "1.86s", "2.5s"]).reason, "0.52s + 1.86s = 2.38 s, and the total says 2.5s");
    assert_eq!(of(&["1.2 GB", "1.1 GB", "2.3 GB"]).status, ClaimStatus::Unverified);
    assert_eq!(of(&["1.2 GB", "1.1 GB", "3 GB"]).status, ClaimStatus::Refuted);
    for unclear in [["98%", "97%", "195%"], ["9.8", "9.3", "19.1"], ["7+", "3", "10"], ["-", "3", "3"], ["4", "", "4"]]
    {
        let total = of(&unclear);
        assert_eq!(total.reason, "it could not be added again from the rows", "{unclear:?}");
        assert_eq!(total.status, ClaimStatus::Unverified);
    }
}

/// What was measured, and the same as a document would print it.
fn printed(suites: &[(String, u32, u32)]) -> (Vec<Vec<String>>, Value) {
    let row = |(at, (name, passed, total)): (usize, &(String, u32, u32))| {
        vec![format!("{}. {}", at + 1, name.to_uppercase()), total.to_string(), format!("{passed}/{total}")]
    };
    let mut claimed: Vec<Vec<String>> = suites.iter().enumerate().map(row).collect();
    let (passed, total) = suites.iter().fold((0, 0), |sum, suite| (sum.0 + suite.1, sum.1 + suite.2));
    claimed.push(vec!["**Total**".into(), total.to_string(), format!("{passed}/{total}")]);
    let borrowed: Vec<(&str, u32, u32)> =
        suites.iter().map(|(name, passed, total)| (name.as_str(), *passed, *total)).collect();
    (claimed, self::suites(&borrowed))
}

fn some_suites() -> impl Strategy<Value = Vec<(String, u32, u32)>> {
    let counts = prop::collection::vec((0_u32..500, 0_u32..50), 1..8);
    counts.prop_map(|counts| {
        let suite = |(at, (passed, failed)): (usize, (u32, u32))| {
            (format!("suite-{}", ["a", "b", "c", "d", "e", "f", "g"][at]), passed, passed + failed + 1)
        };
        counts.into_iter().enumerate().map(suite).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_table_claimed_as_it_was_measured_holds(suites in some_suites()) {
        let (claimed, measured) = printed(&suites);
        let judgement = judged_table(table_claim(), quoted(&HEADER, &claimed), sight(measured), None);
        let result = &judgement.checks[0].claims[0];
        prop_assert_eq!(result.status, ClaimStatus::Exact, "{}", result.reason);
        prop_assert_eq!(judgement.checks[0].status, Status::Pass);
        prop_assert_eq!(judgement.claimants[0].upheld as usize, suites.len() + 1);
    }

    #[test]
    fn one_changed_digit_refutes_its_row_and_the_total_says_that_it_does_not_add_up(suites in some_suites(), which in 0_usize..8, digit in 1_u32..10) {
        let (mut claimed, measured) = printed(&suites);
        let which = which % suites.len();
        let cell = claimed[which][1].clone();
        let last = cell[cell.len() - 1..].parse::<u32>().unwrap();
        claimed[which][1] = format!("{}{}", &cell[..cell.len() - 1], (last + digit) % 10);
        let judgement = judged_table(table_claim(), quoted(&HEADER, &claimed), sight(measured), None);
        let table = table(&judgement.checks[0].claims[0]);
        for (at, row) in table.rows.iter().enumerate() {
            prop_assert_eq!(row.status.is_refuted(), at == which, "{}", row.reason);
        }
        let total = table.total.as_ref().unwrap();
        prop_assert!(total.status.is_upheld() && total.reason.contains("and the total says"), "{}", total.reason);
        prop_assert_eq!(judgement.claimants[0].refuted, 1);
    }

    #[test]
    fn the_order_of_rows_changes_nothing(suites in some_suites(), turn in 0_usize..8, wrong in any::<bool>()) {
        let (mut claimed, measured) = printed(&suites);
        if wrong {
            claimed[0][1].push('0');
        }
        let place = |rows: &[Vec<String>]| quoted(&HEADER, rows);
        let before = judged_table(table_claim(), place(&claimed), sight(measured.clone()), None);
        let turned = claimed.len() - 1;
        claimed[..turned].rotate_left(turn % turned);
        let Value::Table(mut table) = measured else { unreachable!("suites are a table") };
        table.rows.reverse();
        let after = judged_table(table_claim(), place(&claimed), sight(Value::Table(table)), None);
        let told = |judgement: &Judgement| {
            let result = &judgement.checks[0].claims[0];
            let mut rows: Vec<(String, ClaimStatus)> = result.rows().map(|row| (row.name.clone(), row.status)).collect();
            rows.sort();
            (result.status, rows, judgement.claimants.clone(), judgement.checks[0].status)
        };
        prop_assert_eq!(told(&before), told(&after));
    }
}

#[test]
fn a_total_that_was_measured_is_right_whatever_a_wrong_row_adds_up_to() {
    let claimed = [["A", "45", "44/44"], ["B", "42", "42/42"], ["Total", "86", "86/86"]];
    let result = joined(&claimed, &[("a", 44, 44), ("b", 42, 42)]);
    let table = table(&result);
    assert!(table.rows[0].status.is_refuted());
    let total = table.total.as_ref().unwrap();
    assert_eq!(total.status, ClaimStatus::Exact);
    assert_eq!(
        total.reason,
        "every cell is what was measured; the claimed rows do not add up to it: 45 + 42 = 87, and the total says 86"
    );
    // Wrong either way: it is said how the rows add up.
    let claimed = [["A", "45", "44/44"], ["B", "42", "42/42"], ["Total", "90", "86/86"]];
    let result = joined(&claimed, &[("a", 44, 44), ("b", 42, 42)]);
    let total = result.table.as_ref().unwrap().total.as_ref().unwrap();
    assert_eq!(total.reason, "45 + 42 = 87, and the total says 90");
}

#[test]
fn rows_inside_rows_leave_the_total_unverified_and_are_no_parts_of_it() {
    let flat = [["s1", "1", ""], ["s2", "1", ""], ["s3", "1", ""], ["Total", "3", ""]];
    let measured = [("s1", 1, 1), ("s2", 1, 1), ("s3", 1, 1)];
    assert_eq!(joined(&flat, &measured).status, ClaimStatus::Exact);
    for row in ["Subtotal", "of which new", "Including retries", "Sum", "- s0", "Total so far"] {
        let mut claimed = flat.to_vec();
        claimed.insert(2, [row, "2", ""]);
        let result = joined(&claimed, &measured);
        assert_eq!(result.status, ClaimStatus::Unverified, "{row}: {}", result.reason);
        let total = table(&result).total.as_ref().unwrap();
        let why = format!("what adds up to it is not clear: \"{row}\" may be part of other rows");
        assert_eq!((total.status, total.reason.as_str()), (ClaimStatus::Unverified, why.as_str()));
        let held = table(&result).rows.iter().filter(|row| row.status == ClaimStatus::Exact).count();
        assert_eq!(held, 3, "{row}: the other rows are what was measured");
    }
    // A wrong total is as little refuted by them as a right one; a wrong row is.
    let wrong = [["s1", "2", ""], ["Subtotal", "2", ""], ["s2", "1", ""], ["Total", "9", ""]];
    let result = joined(&wrong, &measured);
    assert_eq!(table(&result).total.as_ref().unwrap().status, ClaimStatus::Unverified);
    assert!(table(&result).rows[0].status.is_refuted());
}

#[test]
fn a_subtotal_at_the_end_is_held_against_nothing() {
    let claimed = [["s1", "1", ""], ["s2", "1", ""], ["s3", "1", ""], ["Subtotal", "2", ""]];
    let result = joined(&claimed, &[("s1", 1, 1), ("s2", 1, 1), ("s3", 1, 1)]);
    assert!(table(&result).total.is_none());
    assert_eq!(result.status, ClaimStatus::Unverified);
    assert_eq!(table(&result).rows[3].reason, "nothing measured is called \"Subtotal\"");
}

#[test]
fn what_was_measured_under_its_name_is_a_row_as_any_other() {
    let measured = [("total-order", 1, 1), ("including", 1, 1)];
    for [first, second] in [["total-order", "including"], ["- total-order", "- including"]] {
        let claimed = |sum| [[first, "1", ""], [second, "1", ""], ["Total", sum, ""]];
        assert_eq!(joined(&claimed("2"), &measured).status, ClaimStatus::Exact, "{first}");
        assert!(joined(&claimed("3"), &measured).status.is_refuted(), "{first}");
    }
}
