//! The reader of YAML: spelling is kept, limits hold, nothing panics.

use proptest::prelude::*;

use super::*;

fn tree(text: &str) -> Option<Node> {
    let sink = Sink::default();
    parse(0, text, &sink).filter(|_| !sink.has_errors())
}

fn scalar_of(text: &str) -> Option<String> {
    tree(text)?.entries().first()?.value.text().map(str::to_owned)
}

fn code_of(text: &str) -> Option<Code> {
    let sink = Sink::default();
    parse(0, text, &sink);
    sink.finish(vec![("a.yaml".into(), text.to_owned())]).list.first().map(|problem| problem.code)
}

#[test]
fn values_keep_their_spelling() {
    for text in
        ["1.10", "0644", "yes", "13", "98.28%", "1_000", "+5", "0x1F", ".5", "2025-10-20", "15.2 GB", "== 4", "on"]
    {
        assert_eq!(scalar_of(&format!("key: {text}\n")).as_deref(), Some(text));
        assert_eq!(scalar_of(&format!("{{key: {text}}}")).as_deref(), Some(text));
    }
}

#[test]
fn a_comparison_without_quotes_is_told_once_whatever_stands_before_it() {
    for text in
        ["k: !=404", "k: != 404", "{k: != 404}", "\u{2004}k: !=\u{2004}4", "k: !x 4", "!=", "- !=", "k:\u{2004}!="]
    {
        let sink = Sink::default();
        parse(0, text, &sink);
        assert!(sink.finish(vec![("a.yaml".into(), text.to_owned())]).list.len() <= 1, "{text}");
    }
}

#[test]
fn only_plain_nothing_is_nothing() {
    for (text, null) in
        [("key:", true), ("key: ~", true), ("key: null", true), ("key: 'null'", false), ("key: ''", false)]
    {
        let node = tree(text).and_then(|root| root.entries().first().map(|entry| entry.value.is_null()));
        assert_eq!(node, Some(null), "{text}");
    }
}

#[test]
fn a_key_stands_once_however_many_there_are() {
    for count in [1, 15, 16, 17, 18, 40] {
        let keys: String = (0..count).map(|key| format!("k{key}: {key}\n")).collect();
        assert_eq!(tree(&keys).map(|root| root.entries().len()), Some(count));
        for again in [0, count / 2, count - 1] {
            let text = format!("{keys}k{again}: again\n");
            let sink = Sink::default();
            let root = parse(0, &text, &sink).unwrap();
            assert_eq!(root.entries().len(), count);
            let problems = sink.finish(vec![("a.yaml".into(), text)]).list;
            let [problem] = &problems[..] else { panic!("{problems:?}") };
            assert_eq!((problem.code, problem.line as usize), (Code::DuplicateKey, count + 1));
            assert!(problem.help.contains(&format!("line {}", again + 1)), "{}", problem.help);
        }
        let base: String = (0..count).map(|key| format!("  k{key}: {key}\n")).collect();
        let merged = tree(&format!("base: &base\n{base}all:\n  k0: own\n  <<: *base\n")).unwrap();
        assert_eq!(merged.entries()[1].value.entries().len(), count);
    }
}

#[test]
fn merge_keys_add_what_is_not_written() {
    let root = tree("base: &base {a: 1, b: 2}\nmore:\n  <<: *base\n  b: 3\n").expect("valid YAML");
    let more = root.entries().last().map(|entry| &entry.value).expect("the second key");
    let pairs: Vec<_> = more.entries().iter().map(|entry| (entry.name(), entry.value.text())).collect();
    assert_eq!(pairs, [("b", Some("3")), ("a", Some("1"))]);
}

#[test]
fn places_are_those_of_the_source() {
    let text = "a:\n  - b: \"ä\"\n    c: {d: e}\n";
    let root = tree(text).expect("valid YAML");
    let shown = |span: Span| text.get(span.start as usize..span.end as usize).unwrap_or_default();
    let Value::List(items) = &root.entries()[0].value.value else { panic!("not a list") };
    let [b, c] = items[0].entries() else { panic!("not two keys") };
    assert_eq!((shown(b.key.span), shown(b.value.span)), ("b", "\"ä\""));
    assert_eq!((shown(c.key.span), shown(c.value.span)), ("c", "{d: e}"));
}

#[test]
fn a_file_beyond_the_limits_is_refused() {
    assert_eq!(code_of(&"x".repeat(MAX_BYTES + 1)), Some(Code::TooLarge));
    assert_eq!(code_of(&"- ".repeat(MAX_DEPTH + 10)), Some(Code::TooLarge));
    assert_eq!(code_of(&format!("{}1", "{a: ".repeat(100_000))), Some(Code::TooLarge));
    let many = "- x\n".repeat(MAX_NODES + 10);
    assert_eq!(code_of(&many), Some(Code::TooLarge));
}

proptest! {
    #[test]
    fn any_text_is_a_tree_or_a_problem(text in "\\PC*") {
        let sink = Sink::default();
        let tree = parse(0, &text, &sink);
        prop_assert!(tree.is_some() || sink.has_errors());
    }

    #[test]
    fn text_that_looks_like_yaml_is_a_tree_or_a_problem(text in "[-a-c:{}\\[\\],&*!|>'\"#%@<~ \t\n\r]{0,80}") {
        let sink = Sink::default();
        let tree = parse(0, &text, &sink);
        prop_assert!(tree.is_some() || sink.has_errors());
        let rendered = sink.finish(vec![("a.yaml".into(), text)]).render(false);
        prop_assert!(tree.is_some() || rendered.contains("help: "));
    }

    #[test]
    fn a_plain_scalar_is_read_as_it_stands(text in "[0-9a-zA-Z][0-9a-zA-Z._%+-]{0,20}") {
        prop_assert_eq!(scalar_of(&format!("key: {text}\n")), Some(text));
    }

    #[test]
    fn a_quoted_scalar_is_read_as_it_stands(text in "[^\\\\\"\\p{C}]{0,40}") {
        prop_assert_eq!(scalar_of(&format!("key: \"{text}\"\n")), Some(text));
    }
}

#[test]
fn what_aliases_stand_for_is_counted_in_bytes_too() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 33].join(", "));
    let sink = Sink::default();
    assert!(parse(0, &text, &sink).is_none());
    let problems = sink.finish(vec![("a.yaml".into(), text.clone())]).list;
    assert!(problems[0].message.contains("aliases stand for more than 33554432 bytes of text"), "{problems:?}");
    assert_eq!(problems[0].line, 2);
    let fewer = text.replacen("*a, ", "", 1);
    assert!(tree(&fewer).is_some());
    assert_eq!(parse_within(0, &fewer, 1 << 20, &Sink::default()), None);
}
