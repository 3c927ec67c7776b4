//! Tests of `condition`.

use proptest::prelude::*;

use super::*;
use crate::model::fact::Table;

fn condition(text: &str) -> Condition {
    Condition::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"))
}

fn n(text: &str) -> Number {
    text.parse().unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

#[track_caller]
fn yes(written: &str, value: &Value) {
    assert_eq!(condition(written).holds(value, None), Ok(true), "{written} of {value:?}");
}

#[track_caller]
fn no(written: &str, value: &Value) {
    assert_eq!(condition(written).holds(value, None), Ok(false), "{written} of {value:?}");
}

#[track_caller]
fn unsaid(written: &str, value: &Value) {
    assert!(condition(written).holds(value, None).is_err(), "{written} of {value:?}");
}

#[test]
fn numbers_compare_exactly_and_with_units() {
    yes("== 13", &Value::count(13));
    no("== 13", &Value::count(12));
    yes("!= 13", &Value::count(12));
    yes(">= 95%", &Value::Ratio(n("0.95")));
    no("> 95%", &Value::Ratio(n("0.95")));
    yes(">= 0.95", &Value::Ratio(n("0.95")));
    yes(">= 95 %", &Value::fraction(1026, 1044).unwrap());
    no(">= 98.28%", &Value::fraction(1026, 1044).unwrap());
    yes("< 200ms", &Value::Duration(n("0.1999")));
    no("< 200ms", &Value::Duration(n("0.2")));
    yes(">= 24h", &Value::seconds(86_400));
    yes("== 1h30m", &Value::seconds(5400));
    yes("== 90m", &Value::seconds(5400));
    yes("== 1GiB", &Value::Bytes(n("1073741824")));
    yes("== 1GB", &Value::Bytes(n("1000000000")));
    yes("> 8GiB", &Value::Number(n("16372408320")));
    yes("in 4..6", &Value::count(4));
    yes("in 4..6", &Value::count(6));
    no("in 4..6", &Value::count(7));
    yes("in 4..6h", &Value::seconds(18_000));
    yes(">= 10 and <= 20", &Value::count(20));
    no(">= 10 and <= 20", &Value::count(21));
    yes("== 1 or == 3", &Value::count(3));
    no("not (== 1 or == 3)", &Value::count(3));
    yes("== 0", &Value::seconds(0));
}

#[test]
fn what_must_not_be_found_is_looked_for_in_each_line() {
    let log = text("x\r\nERROR y\r\nz");
    for written in [
        "not matches ^ERROR",
        "not matches ERROR.y$",
        "not (matches \"^ERROR\" or == ok)",
        "not not not matches ^ERROR",
    ] {
        no(written, &log);
    }
    yes("not matches ^ERR$", &log);
    // What must be found is the text, not a line of it: `matches ^x$` would hold whatever stands below.
    for written in ["matches ^ERROR", "not not matches ^ERROR", "matches ^x$"] {
        no(written, &log);
    }
    yes("matches ^x", &log);
    yes("matches (?m)^ERROR", &log);
}

#[test]
fn marks_of_other_languages_around_a_pattern_or_a_text_are_refused() {
    for (written, help) in [
        ("not matches /ERROR/", "`ERROR`"),
        ("not matches /ERROR/i", "`(?i)ERROR`"),
        ("not contains /ERROR/", "`ERROR`"),
        ("not contains 'ERROR'", "`ERROR`"),
        ("!= 'ok' and not empty", "`ok`"),
        ("not one of ['main', release]", "`main`"),
        ("matches '^main$'", "`^main$`"),
    ] {
        let problem = Condition::parse(written).expect_err(written);
        assert!(problem.message.contains("no meaning here"), "{}", problem.message);
        assert!(problem.help.contains(help) && problem.help.contains("double quotes"), "{}", problem.help);
    }
    no("not contains \"/etc/\"", &text("cd /etc/x"));
    yes("not contains \"/etc/\"", &text("etc"));
    no("not matches \"/etc/\"", &text("cd /etc/x"));
    for path in ["/etc/passwd", "/opt/i", "/", "//", "'", "it's", "a/"] {
        no(&format!("not contains {path}"), &text(&format!("at {path} there")));
    }
}

#[test]
fn texts_lists_and_flags_have_their_own_conditions() {
    yes("== ok", &text("ok"));
    no("== ok", &text("OK"));
    yes("== \"ok and well\"", &text("ok and well"));
    yes("!= ok and not empty", &text("bad"));
    yes("matches ^main$", &text("main"));
    no("matches ^main$", &text("maintenance"));
    yes("matches \"^(main|release)$\" and != main", &text("release"));
    yes("one of [main, release]", &text("release"));
    no("one of [main, release]", &text("dev"));
    yes("one of [\"a, b\", c]", &text("a, b"));
    yes("one of [1, 3]", &Value::count(3));
    yes("true", &Value::Flag(true));
    no("false", &Value::Flag(true));
    yes("== true", &Value::Flag(true));
    yes("not empty", &list(&["a"]));
    yes("empty", &list(&[]));
    yes("contains prometheus", &list(&["grafana", "prometheus"]));
    no("contains prom", &list(&["prometheus"]));
    yes("contains prom", &text("prometheus"));
    yes("empty", &Value::Table(Table { columns: Vec::new(), rows: Vec::new() }));
}

#[test]
fn times_compare_with_all_that_a_written_time_stands_for() {
    let at = Value::Instant("2025-10-18T20:43:10Z".parse().unwrap());
    yes(">= 2025-10-18", &at);
    yes("== 2025-10-18", &at);
    no("> 2025-10-18", &at);
    yes("<= 2025-10-18T20:43Z", &at);
    no("< 2025-10-18T20:43Z", &at);
    yes("in 2025-10-01..2025-10-31", &at);
}

#[test]
fn what_cannot_be_said_is_never_yes_or_no() {
    for written in ["== 24h", "not == 24h", "not (> 24h)", ">= 95%", "matches x", "not empty", "contains x", "true"] {
        unsaid(written, &Value::count(13));
    }
    unsaid("not (>= baseline)", &Value::count(13));
    unsaid(">= 95%", &Value::Number(n("98")));
    unsaid("== 13 and > 1h", &Value::count(13));
    no("== 14 and > 1h", &Value::count(13));
    yes("== 13 or > 1h", &Value::count(13));
    unsaid("== 14 or > 1h", &Value::count(13));
    unsaid(">= 3", &list(&["a"]));
}

#[test]
fn a_relative_condition_needs_its_baseline() {
    let near = condition("+-10% of baseline");
    assert_eq!(near.holds(&Value::count(110), None), Err("no baseline".to_owned()));
    assert_eq!(near.holds(&Value::count(110), Some(&Value::count(100))), Ok(true));
    assert_eq!(near.holds(&Value::count(111), Some(&Value::count(100))), Ok(false));
    assert_eq!(near.holds(&Value::count(89), Some(&Value::count(100))), Ok(false));
    let most = condition("<= baseline + 5%");
    assert_eq!(most.holds(&Value::count(105), Some(&Value::count(100))), Ok(true));
    assert_eq!(most.holds(&Value::count(106), Some(&Value::count(100))), Ok(false));
    let least = condition(">= baseline - 2h");
    assert_eq!(least.holds(&Value::seconds(3600), Some(&Value::seconds(10_800))), Ok(true));
    assert_eq!(least.holds(&Value::seconds(3599), Some(&Value::seconds(10_800))), Ok(false));
    assert!(near.holds(&Value::count(1), Some(&Value::seconds(1))).is_err());
    assert!(most.is_relative() && !condition("> 1").is_relative());
}

#[test]
fn problems_name_the_part_and_a_way_out() {
    for (written, part, help) in [
        ("13", "\"13\"", "== 13"),
        ("= 13", "\"= 13\"", "=="),
        ("=> 0", "\"=> 0\"", "write `>=`"),
        ("=>1", "\"=>1\"", "write `>=`"),
        ("=< 0", "\"=< 0\"", "write `<=`"),
        ("", "\"\"", "condition"),
        (">= lots", "\"lots\"", "number"),
        ("matches [", "\"[\"", "regex"),
        ("matches ^a and not empty", "\"^a and not empty\"", "quotes"),
        ("one of main", "\"main\"", "one of ["),
        ("one of []", "\"]\"", "one of ["),
        ("in 6..4", "\"6..4\"", "in 4..6"),
        ("(== 1", "\"\"", "parenthesis"),
        ("== 1)", "", ""),
        ("+-x of baseline", "\"x of baseline\"", "+-10%"),
        ("<= baseline * 2", "\"* 2\"", "baseline + 5%"),
        ("== \"open", "\"\\\"open\"", ""),
        (">=", "\">=\"", "condition"),
    ] {
        match Condition::parse(written) {
            Err(problem) => {
                assert!(problem.message.contains(&part.replace("\\\"", "\"")), "{written}: {problem}");
                assert!(problem.help.contains(help), "{written}: {}", problem.help);
            }
            // `1)` may be a text; it fits nothing but text.
            Ok(condition) => assert!(condition.fits(FactType::Count).is_err(), "{written}"),
        }
    }
    assert!(Condition::parse(&"not ".repeat(300)).is_err());
    assert!(Condition::parse(&"(".repeat(1500)).is_err());
    assert!(Condition::parse("matches (((a{1000}){1000}){1000})").is_err());
}

#[test]
fn a_condition_must_fit_the_fact() {
    let problem = condition(">= 24").fits(FactType::Duration).unwrap_err();
    assert!(problem.message.contains("\">= 24\""), "{problem}");
    assert_eq!(problem.help, "write 24h, not 24");
    assert_eq!(condition(">= 95").fits(FactType::Ratio).unwrap_err().help, "write 95%, not 95");
    for (written, fits, not) in [
        ("== 13", FactType::Count, FactType::Duration),
        (">= 24h", FactType::Duration, FactType::Count),
        (">= 95%", FactType::Ratio, FactType::Bytes),
        ("> 8GiB", FactType::Bytes, FactType::Ratio),
        ("> 8GiB", FactType::Number, FactType::Count),
        ("== ok", FactType::Text, FactType::Number),
        ("true", FactType::Flag, FactType::Text),
        ("contains a", FactType::List, FactType::Count),
        ("not empty", FactType::Table, FactType::Count),
        (">= 2025-10-18", FactType::Instant, FactType::Count),
        ("+-10% of baseline", FactType::Duration, FactType::Text),
        ("<= baseline + 5m", FactType::Duration, FactType::Bytes),
        ("matches a", FactType::Text, FactType::List),
    ] {
        condition(written).fits(fits).unwrap_or_else(|problem| panic!("{written}: {problem}"));
        assert!(condition(written).fits(not).is_err(), "{written} fits {not:?}");
    }
}

#[test]
fn a_condition_that_cannot_fail_is_found() {
    for (written, fact) in [
        (">= 0", FactType::Count),
        ("<= 100%", FactType::Ratio),
        ("< 10 or >= 10", FactType::Count),
        ("> 9 or < 10", FactType::Count),
        ("true or false", FactType::Flag),
        ("matches .*", FactType::Text),
        ("empty or not empty", FactType::List),
    ] {
        assert!(!condition(written).can_fail(fact), "{written}");
    }
    for (written, fact) in [
        (">= baseline - 100%", FactType::Count),
        ("<= baseline or > baseline", FactType::Duration),
        ("> 9 or < 10", FactType::Duration),
    ] {
        assert!(!condition(written).can_fail(fact), "{written}");
    }
    for (written, fact, value) in [
        ("== 13", FactType::Count, "12"),
        (">= 95%", FactType::Ratio, "94 %"),
        ("< 200ms", FactType::Duration, "1.2 s"),
        (">= 24h", FactType::Duration, "23 h 59 min"),
        ("> 8GiB", FactType::Bytes, "4 GiB"),
        ("> 8GiB", FactType::Number, "4 GiB"),
        ("in 4..6", FactType::Count, "3"),
        ("true", FactType::Flag, "no"),
        ("== ok", FactType::Text, "\"something\""),
        ("not empty", FactType::List, "an empty list"),
        ("<= baseline", FactType::Count, "1,001"),
        (">= baseline - 5%", FactType::Count, "949"),
        ("matches ^[^q]*$", FactType::Text, "\"q\""),
        ("not matches ERROR", FactType::Text, "\"ERROR\""),
        ("not matches (?i)^error|fail", FactType::Text, "\"ERROR\""),
        ("matches ^v\\d+$", FactType::Text, "\"something\""),
        (">= 0", FactType::Number, "-1"),
    ] {
        let condition = condition(written);
        let baseline = Trials::baselines(fact).into_iter().next();
        let mut trials = Trials::default();
        trials.condition(&condition, baseline.as_ref());
        let found = trials.values(fact).find(|tried| condition.holds(tried, baseline.as_ref()) == Ok(false));
        assert_eq!(found.as_ref().map(crate::model::counterexample::told).as_deref(), Some(value), "{written}");
        assert!(condition.can_fail(fact), "{written}");
    }
    assert!(condition("not matches [a&&b]").can_fail(FactType::Text), "no text was found, which says nothing");
}

#[test]
fn a_changed_condition_is_looser_stricter_or_something_else() {
    let of = |before: &str, after: &str, fact| condition(before).strictness(&condition(after), fact);
    assert_eq!(of(">= 13", ">= 12", FactType::Count), Strictness::Looser);
    assert_eq!(of(">= 12", ">= 13", FactType::Count), Strictness::Stricter);
    assert_eq!(of(">= 95%", "> 95%", FactType::Ratio), Strictness::Stricter);
    assert_eq!(of("== 13", "== 14", FactType::Count), Strictness::Other);
    assert_eq!(of(">= 13", ">=  13", FactType::Count), Strictness::Other);
    assert_eq!(of("< 200ms", "< 1s", FactType::Duration), Strictness::Looser);
    assert_eq!(of("<= baseline + 5%", "<= baseline + 10%", FactType::Count), Strictness::Looser);
    assert_eq!(of("+-10% of baseline", "+-5% of baseline", FactType::Ratio), Strictness::Stricter);
    assert_eq!(of("== ok", "one of [ok, degraded]", FactType::Text), Strictness::Looser);
}

#[test]
fn in_the_record_it_is_the_text_as_written() {
    let written = condition(">=  95 %");
    assert_eq!(serde_json::to_string(&written).unwrap(), "\">=  95 %\"");
    assert_eq!(serde_json::from_str::<Condition>("\">=  95 %\"").unwrap(), written);
    assert!(serde_json::from_str::<Condition>("\"lots\"").is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = Condition::parse(&text);
    }

    #[test]
    fn condition_like_texts_do_not_make_it_panic(text in "(not |and |or |\\(|\\)|== |>= |in |1|..|%|h|baseline|\\[|\\]|,|\"|matches |one of |contains |empty|true| ){0,12}") {
        if let Ok(condition) = Condition::parse(&text) {
            for value in [Value::count(1), Value::seconds(3600), Value::Text("a".into()), Value::Flag(true)] {
                let _ = condition.holds(&value, Some(&value));
            }
        }
    }

    #[test]
    fn exactly_one_of_a_condition_and_its_opposite_holds(bound in 0_u32..100, value in 0_u32..100, sign in "(==|!=|<|<=|>|>=)") {
        let plain = condition(&format!("{sign} {bound}")).holds(&Value::count(value), None);
        let opposite = condition(&format!("not ({sign} {bound})")).holds(&Value::count(value), None);
        prop_assert_eq!(plain.map(|held| !held), opposite);
    }

    #[test]
    fn a_counterexample_is_found_whenever_a_small_count_fails(low in 0_u32..12, high in 0_u32..12, joined in "(and|or)", one in "(==|!=|<|<=|>|>=)", two in "(==|!=|<|<=|>|>=)") {
        let condition = condition(&format!("{one} {low} {joined} {two} {high}"));
        let fails = (0_u32..40).any(|value| condition.holds(&Value::count(value), None) == Ok(false));
        prop_assert_eq!(condition.can_fail(FactType::Count), fails);
    }
}

#[test]
fn a_condition_that_fails_of_every_count_from_one_on_is_told_from_one_that_may_hold() {
    let fails = |text: &str| Condition::parse(text).expect(text).fails_from(&Number::from(2));
    for text in ["== 0", "<= 1", "< 2", "in 0..1", "not >= 2", "one of [0, 1]", "== 0 or == 1", "<= 1 and >= 0"] {
        assert!(fails(text), "{text}");
    }
    for text in ["<= 2", "== 7", "!= 2", ">= 1", "not in 2..5", "in 1..2", "one of [0, 9]", "< 2 or > 99"] {
        assert!(!fails(text), "{text}");
    }
    // What cannot be held against a count at all is not known to fail.
    for text in ["<= baseline", "matches ^0$", "== ok"] {
        assert!(!fails(text), "{text}");
    }
}
