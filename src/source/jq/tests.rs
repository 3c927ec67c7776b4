//! Tests of `jq`.

use proptest::prelude::*;

use super::*;

fn all(filter: &str, json: &str) -> Result<Vec<Json>, JqProblem> {
    Filter::compile(filter)?.run(json.as_bytes(), MAX_OUTPUTS)
}

fn texts(filter: &str, json: &str) -> Vec<Option<String>> {
    all(filter, json).expect("the filter runs").iter().map(Json::to_text).collect()
}

fn wrong(filter: &str) -> JqProblem {
    Filter::compile(filter).expect_err("the filter is refused")
}

#[test]
fn counts_groups_and_reshapes() {
    let rules = r#"{"groups":[{"rules":[{"type":"alerting","name":"a"},{"type":"recording","name":"b"}]}]}"#;
    assert_eq!(texts("[.groups[].rules[] | select(.type==\"alerting\")] | length", rules), [Some("1".to_owned())]);
    assert_eq!(texts(".groups[].rules[].name", rules), [Some("a".to_owned()), Some("b".to_owned())]);
}

#[test]
fn what_is_not_there_cannot_be_counted() {
    for filter in [".a | length", ".a|length ", ".b.c | length"] {
        let problem = all(filter, r#"{"matches": []}"#).unwrap_err();
        assert!(problem.message.contains("nothing to count"), "{filter}: {problem}");
    }
    let json = r#"{"a": [1, 2], "b": "xyz", "n": null}"#;
    assert_eq!(texts(".a | length", json), [Some("2".to_owned())]);
    assert_eq!(texts(".b | length", json), [Some("3".to_owned())]);
    assert_eq!(texts("(.n // []) | length", json), [Some("0".to_owned())]);
    assert_eq!(texts("(.n | length) + 1", json), [Some("1".to_owned())], "within a filter it is jq's own");
}

#[test]
fn what_is_not_there_cannot_be_counted_in_a_large_document_either() {
    let fill = "x".repeat(by_item::LARGE);
    let json =
        format!(r#"{{"Results": [{{"Vulnerabilities": null}}, {{"Vulnerabilities": null}}], "fill": "{fill}"}}"#);
    let problem = all("[.Results[].Vulnerabilities] | add | length", &json).expect_err("refused");
    assert!(problem.message.contains("nothing to count"), "{problem}");
    assert_eq!(texts("[.Results[].Vulnerabilities] | length", &json), [Some("2".to_owned())]);
}

#[test]
fn a_number_keeps_every_digit_it_was_written_with() {
    let outputs = all(".[]", "[2.50, 12345678901234567890123, 0.1, 1e400, -0]").expect("runs");
    let number = |text: &str| Json::Number(text.parse().expect("a number"));
    assert_eq!(
        outputs,
        [number("2.50"), number("12345678901234567890123"), number("0.1"), number("1e400"), number("0")]
    );
}

#[test]
fn what_is_no_finite_number_is_no_value() {
    for filter in ["nan", "infinite", "1 / 0", "-infinite"] {
        let outputs = all(filter, "null").expect("runs");
        assert!(matches!(outputs.as_slice(), [Json::NotANumber(_)]), "{filter}: {outputs:?}");
        assert_eq!(to_value(&outputs[0]), None);
    }
    assert!(all(".", "NaN").is_err(), "NaN is not JSON");
    assert!(matches!(all(".", "1e999999999").expect("runs").as_slice(), [Json::NotANumber(_)]));
}

#[test]
fn a_value_is_made_of_scalars_and_lists_of_scalars_only() {
    let value = |json: &str| to_value(&all(".", json).expect("runs")[0]);
    assert_eq!(value("7.5"), Some(Value::Number("7.5".parse().expect("a number"))));
    assert_eq!(value("\"ok\""), Some(Value::Text("ok".to_owned())));
    assert_eq!(value("false"), Some(Value::Flag(false)));
    assert_eq!(value("[\"a\", 1, true]"), Some(Value::List(vec!["a".into(), "1".into(), "true".into()])));
    for nothing in ["null", "{}", "[[]]", "[null]"] {
        assert_eq!(value(nothing), None, "{nothing}");
    }
}

#[test]
fn nothing_that_reaches_outside_is_part_of_the_language() {
    for filter in
        ["halt", "halt(3)", "halt_error", "env", "$ENV", "input", "inputs", "debug", "stderr", "now", "localtime"]
    {
        let problem = wrong(filter);
        let name = filter.trim_end_matches("(3)");
        assert_eq!(problem.message, format!("\"{name}\" is not available in the jq of an audit file"), "{filter}");
    }
    assert_eq!(wrong("import \"a\" as a; .").message, "\"a\" cannot be imported");
}

#[test]
fn a_definition_is_refused_and_a_field_of_that_name_is_not() {
    for filter in ["def f: 1 + f; f", "[def f: f; f]", "\"\\(def f: f; f)\""] {
        assert_eq!(wrong(filter).message, "\"def\" is not available in the jq of an audit file", "{filter}");
    }
    assert_eq!(texts(".def", r#"{"def": 1}"#), [Some("1".to_owned())]);
    assert_eq!(texts("\"# def\"", "null"), [Some("# def".to_owned())]);
}

#[test]
fn a_mistake_names_its_place() {
    assert_eq!(wrong(".a | foo").message, "unknown filter \"foo\" at character 6 of \".a | foo\"");
    assert_eq!(wrong("$x").message, "unknown variable \"$x\" at character 1 of \"$x\"");
    assert_eq!(wrong(".a |").message, "expected term at the end of \".a |\"");
    assert_eq!(wrong("[.a").message, "expected closing bracket at the end of \"[.a\"");
    assert_eq!(wrong("").message, "expected term at the end of \"\"");
}

#[test]
fn a_document_that_is_not_json_is_an_error_that_shows_its_beginning() {
    let problem = all(".", "<!DOCTYPE html><title>Sign in</title>").expect_err("refused");
    assert_eq!(
        problem.message,
        "not JSON: expected value at line 1 column 1; it begins with \"<!DOCTYPE html><title>Sign in</title>\""
    );
    for text in ["", "{", "{\"a\":1}}", "# comment\n1", "b\"x\"", "\u{feff}{}", "[1,]"] {
        assert!(all(".", text).is_err(), "{text:?}");
    }
}

#[test]
fn deep_nesting_does_not_end_the_process() {
    let problem = all(".", &"[".repeat(1_000_000)).expect_err("refused");
    assert_eq!(problem.message, "the JSON is nested deeper than 128");
    assert!(all("reduce range(10000) as $i (0; [.])", "null").expect_err("refused").message.contains("nested deeper"));
    assert!(Filter::compile(&"[".repeat(9_000)).is_err());
    assert!(Filter::compile(&"-".repeat(9_000)).is_err());
    assert!(Filter::compile(&"1".repeat(10_001)).is_err());
    let brackets_in_text = format!("\"{}\"", "[".repeat(1000));
    assert!(all(".", &brackets_in_text).is_ok());
}

#[test]
fn a_short_filter_cannot_nest_deeper_than_a_small_stack_allows() {
    let nested = |open: &str, close: &str| {
        let levels = (SHORT - 1) / (open.len() + close.len());
        format!("{}1{}", open.repeat(levels), close.repeat(levels))
    };
    let texts = [
        nested("(", ")"),
        nested("[", "]"),
        nested("{a:", "}"),
        nested("-", ""),
        nested("1|", ""),
        nested("\"\\(", ")\""),
    ];
    let small = std::thread::Builder::new().stack_size(3 << 19);
    let thread = small.spawn(move || texts.map(|text| Filter::compile(&text).is_ok())).expect("a thread");
    assert_eq!(thread.join().expect("the stack is large enough"), [true; 6]);
}

#[test]
fn too_many_outputs_are_an_error_and_not_a_shorter_answer() {
    let filter = Filter::compile("range(10)").expect("compiles");
    assert_eq!(filter.run(b"null", 10).expect("runs").len(), 10);
    let problem = filter.run(b"null", 9).expect_err("refused");
    assert_eq!(problem.message, "the filter \"range(10)\" yields more than 9 values");
    assert!(all("repeat(1)", "null").is_err());
    assert_eq!(
        Filter::compile("repeat(1)").expect("compiles").first(b"null").expect("runs"),
        Some(Json::Number(Number::one()))
    );
}

#[test]
fn an_error_of_the_filter_is_an_error_and_no_output_is_no_output() {
    let problem = all(".a.b", r#"{"a": 1}"#).expect_err("refused");
    assert!(
        problem.message.starts_with("the filter \".a.b\" failed: cannot index 1 with \"b\""),
        "{}",
        problem.message
    );
    assert_eq!(all(".a | empty", "{}").expect("runs"), []);
    assert_eq!(all(".a", "{}").expect("runs"), [Json::Null]);
}

#[tokio::test]
async fn what_runs_apart_gives_the_same_and_takes_nothing_along() {
    let filters = [".a", "[.a, .b] | add", ".a.b"];
    for filter in filters {
        let here = all(filter, r#"{"a": 1, "b": 2}"#);
        assert_eq!(apart(filter, 16, move || all(filter, r#"{"a": 1, "b": 2}"#)).await, Ok(here));
    }
    let broken: Result<(), _> = apart("[.a, .b]", 16, || panic!("on purpose")).await;
    assert_eq!(broken.expect_err("it panicked").message, "the filter \"[.a, .b]\" broke off");
    assert_eq!(apart(".a", 16, || 7).await, Ok(7));
}

/// The time of the test passes when nobody works; the filter ends when the test does.
#[tokio::test(start_paused = true)]
async fn what_does_not_end_is_given_up() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let waiting = apart("repeat(.)", 16, move || receiver.recv().is_ok()).await;
    drop(sender);
    let problem = waiting.expect_err("it was given up");
    assert_eq!(problem.message, "the filter \"repeat(.)\" did not end within 30 s");
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let filter = Filter::compile(".. | numbers").expect("compiles");
        let _either = filter.run(&bytes, 100);
    }

    #[test]
    fn no_filter_makes_it_panic(text in "[a-z0-9.\\[\\]{}()|,:;\"\\\\ $@+*/?<>=-]{0,40}") {
        let _either = Filter::compile(&text);
    }

    #[test]
    fn every_whole_number_comes_back_as_it_went_in(number in any::<i128>()) {
        let outputs = all(".", &number.to_string()).expect("runs");
        prop_assert_eq!(outputs[0].to_text(), Some(number.to_string()));
    }
}

#[test]
fn a_name_that_stands_twice_in_one_object_is_an_error_with_its_place() {
    for filter in [".failed", "[.failed] | length", "."] {
        let problem = all(filter, "{\"failed\": 3,\n \"failed\": 0}").expect_err("refused");
        let place = "\"failed\" stands twice in one object of the JSON: again at line 2, column 2";
        assert_eq!(problem.message, place, "{filter}");
    }
    assert!(all(".[].a", r#"[{"a": 1}, {"a": 2}]"#).is_ok());
}
