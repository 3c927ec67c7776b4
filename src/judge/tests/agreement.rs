//! Whether several texts can be true at once.

use proptest::prelude::*;

use super::*;
use crate::judge::agree::{Agreement, agreement};
use crate::model::printed::Printed;

/// `same`, `meet`, or the texts that contradict another.
fn told(texts: &[&str]) -> String {
    match agreement(texts) {
        (Agreement::Same, strange) if strange.is_empty() => "same".to_owned(),
        (Agreement::Meet, strange) if strange.is_empty() => "meet".to_owned(),
        (Agreement::Apart { apart, pair }, _) => {
            assert!(apart.contains(&pair.0) && apart.contains(&pair.1));
            apart.iter().map(|at| texts[*at]).collect::<Vec<_>>().join(" | ")
        }
        (_, strange) => format!("strange: {}", strange.iter().map(|at| texts[*at]).collect::<Vec<_>>().join(" | ")),
    }
}

#[test]
fn counts_are_equal_and_rounded_numbers_meet() {
    assert_eq!(told(&[]), "same");
    assert_eq!(told(&["13", "13 rules", "13"]), "same");
    assert_eq!(told(&["13", "12", "13"]), "13 | 12 | 13");
    assert_eq!(told(&["98%", "98.28%", "98.3%"]), "meet");
    assert_eq!(told(&["98%", "98.28%", "99%"]), "98.28% | 99%");
    assert_eq!(told(&["15.2 GB", "16.4 GB"]), "meet");
    assert_eq!(told(&["15.2 GiB", "16.4 GiB"]), "15.2 GiB | 16.4 GiB");
    assert_eq!(told(&["over 80", "177"]), "meet");
    assert_eq!(told(&["at least 180", "177"]), "at least 180 | 177");
    assert_eq!(told(&["main", "main"]), "same");
    assert_eq!(told(&["main", "develop"]), "main | develop");
}

#[test]
fn each_pair_may_meet_where_all_do_not() {
    // 98.2 and 98.4 both touch 98.3, and not each other.
    assert_eq!(told(&["98.3%", "98.2%"]), "meet");
    assert_eq!(told(&["98.3%", "98.2%", "98.4%"]), "98.2% | 98.4%");
}

#[test]
fn shares_of_other_wholes_are_other_claims() {
    assert_eq!(told(&["1,026/1,044", "1026 of 1044 (98.28%)", "98.28%"]), "meet");
    assert_eq!(told(&["171/174", "1,026/1,044", "98.28%"]), "171/174 | 1,026/1,044");
    assert_eq!(told(&["1,999/2,000", "100%"]), "1,999/2,000 | 100%");
}

#[test]
fn what_cannot_be_compared_hides_no_contradiction() {
    assert_eq!(told(&["13", "thirteen", "13"]), "strange: thirteen");
    assert_eq!(told(&["13", "47h"]), "strange: 47h");
    assert_eq!(told(&["13", "thirteen", "12"]), "13 | 12");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_stands_for_one_number_agrees_in_any_order(number in 1_u32..100_000, places in prop::collection::vec(0_u32..5, 2..6)) {
        let number = Number::ratio(number, 1000).unwrap();
        let written: Vec<String> = places.iter().map(|places| format!("{} h", number.to_fixed(*places))).collect();
        let texts: Vec<&str> = written.iter().map(String::as_str).collect();
        let seconds = &number * &Number::from(3600);
        prop_assert!(texts.iter().all(|text| Printed::parse(text).unwrap().stands_for(&seconds)));
        prop_assert!(matches!(agreement(&texts).0, Agreement::Same | Agreement::Meet));
    }

    #[test]
    fn the_order_of_the_places_changes_nothing(numbers in prop::collection::vec(0_u32..40, 2..7)) {
        let written: Vec<String> = numbers.iter().map(|number| format!("{}%", Number::ratio(*number, 10).unwrap())).collect();
        let texts: Vec<&str> = written.iter().map(String::as_str).collect();
        let backward: Vec<&str> = texts.iter().rev().copied().collect();
        let sorted = |texts: &[&str]| {
            let mut apart: Vec<String> = match agreement(texts).0 {
                Agreement::Apart { apart, .. } => apart.iter().map(|at| texts[*at].to_owned()).collect(),
                _ => Vec::new(),
            };
            apart.sort();
            apart
        };
        prop_assert_eq!(sorted(&texts), sorted(&backward));
    }

    #[test]
    fn exactly_those_fall_that_miss_another(numbers in prop::collection::vec((0_u32..60, 0_u32..2), 2..7)) {
        let written: Vec<String> =
            numbers.iter().map(|(number, places)| format!("{}h", Number::ratio(*number + 10, 10).unwrap().to_fixed(*places))).collect();
        let texts: Vec<&str> = written.iter().map(String::as_str).collect();
        let misses = |one: &str| texts.iter().any(|other| !matches!(agreement(&[one, other]).0, Agreement::Same | Agreement::Meet));
        let expected: Vec<usize> = (0..texts.len()).filter(|at| misses(texts[*at])).collect();
        let found = match agreement(&texts).0 {
            Agreement::Apart { apart, .. } => apart,
            _ => Vec::new(),
        };
        prop_assert_eq!(found, expected, "{:?}", texts);
    }
}
