//! The short form: what it reads, what it prints, and what it says about mistakes.

use proptest::prelude::*;

use super::*;

fn text(text: &str) -> Matcher {
    Matcher::Text(text.to_owned())
}

fn parsed(short: &str) -> Locator {
    Locator::parse(short).unwrap_or_else(|problem| panic!("{short}: {problem}"))
}

fn plain(under: Vec<Matcher>, target: Target) -> Locator {
    Locator { doc: "a.md".to_owned(), under, target, number: None, kind: None, unit: None, part: None }
}

fn cell(row: &str, column: Column) -> Target {
    Target::Cell { table: TableChoice::default(), row: text(row), column }
}

#[test]
fn headings_a_label_and_a_number() {
    let expected = Locator {
        number: Some(1),
        ..plain(vec![Matcher::Prefix("Task 1".to_owned()), text("Alert Rules")], Target::Label(text("Claimed")))
    };
    assert_eq!(parsed("a.md#Task 1…/Alert Rules/Claimed:1"), expected);
    assert_eq!(parsed("a.md#Task 1.../ Alert Rules / Claimed:1"), expected);
    assert_eq!(expected.to_string(), "a.md#Task 1…/Alert Rules/Claimed:1");
}

#[test]
fn a_colon_belongs_to_a_heading_and_narrows_a_label() {
    assert_eq!(
        parsed("a.md#Task 1: Setup/Claimed:unit=req\\/s:kind=count"),
        Locator {
            unit: Some("req/s".to_owned()),
            kind: Some(Kind::Count),
            ..plain(vec![text("Task 1: Setup")], Target::Label(text("Claimed")))
        }
    );
    assert_eq!(parsed("a.md#Claimed:"), plain(vec![], Target::Label(text("Claimed"))));
    assert_eq!(parsed("a.md#Rate\\: p95"), plain(vec![], Target::Label(text("Rate: p95"))));
}

#[test]
fn a_slash_at_the_end_means_the_section() {
    assert_eq!(parsed("a.md#Services/"), plain(vec![text("Services")], Target::Section));
    assert_eq!(parsed("a.md#Services"), plain(vec![], Target::Label(text("Services"))));
    assert_eq!(parsed("a.md#"), plain(vec![], Target::Section));
    assert_eq!(parsed("a.md#Services/:2").number, Some(2));
}

#[test]
fn tables_cells_and_rows() {
    let tests = || Column::Header(text("Tests"));
    assert_eq!(parsed("a.md#[TOTAL|Tests]"), plain(vec![], cell("TOTAL", tests())));
    assert_eq!(parsed("a.md#[ TOTAL | 2 ]"), plain(vec![], cell("TOTAL", Column::Nth(2))));
    assert_eq!(parsed("a.md#[TOTAL|\\2]"), plain(vec![], cell("TOTAL", Column::Header(text("2")))));
    assert_eq!(parsed("a.md#[TOTAL|2025]"), plain(vec![], cell("TOTAL", Column::Header(text("2025")))));
    let table = TableChoice { has: vec![text("Suite"), Matcher::Contains("rate".to_owned())], nth: Some(2) };
    assert_eq!(
        parsed("a.md#X/@table(Suite|~rate|2)[TOTAL|Tests]:numerator"),
        Locator {
            part: Some(Part::Numerator),
            ..plain(vec![text("X")], Target::Cell { table: table.clone(), row: text("TOTAL"), column: tests() })
        }
    );
    assert_eq!(parsed("a.md#@table(Suite|~rate|2)"), plain(vec![], Target::Table(table)));
    let matching = vec![(text("Status"), text("GAP")), (text("Owner"), Matcher::Contains("Ann".to_owned()))];
    assert_eq!(
        parsed("a.md#@table@rows(Status=GAP|Owner=~Ann)"),
        plain(vec![], Target::Rows { table: TableChoice::default(), matching })
    );
    assert_eq!(parsed("a.md#@rows").to_string(), "a.md#@rows");
}

#[test]
fn expressions_and_markers() {
    let value = |source: &str| Pattern::with_value(source).expect("an expression");
    assert_eq!(
        parsed(r"a.md#Final/@regex/Overall: (?P<value>[\d.]+)\/10/:2"),
        Locator {
            number: Some(2),
            ..plain(vec![text("Final")], Target::Regex(value(r"Overall: (?P<value>[\d.]+)/10")))
        }
    );
    let line = value(r"^(?P<value>\d+)$");
    let language = Some("bash".to_owned());
    assert_eq!(parsed(r"a.md#@code(bash)/^(?P<value>\d+)$/"), plain(vec![], Target::Code { language, line }));
    assert_eq!(parsed("a.md#@marker(uptime)"), plain(vec![], Target::Marker("uptime".to_owned())));
    let pattern = |source: &str| Matcher::Regex(Pattern::new(source).expect("an expression"));
    assert_eq!(
        parsed(r"a.md#/^Task [12]//#x//a\/b/"),
        plain(vec![pattern("^Task [12]"), text("#x")], Target::Label(pattern("a/b")))
    );
}

#[test]
fn escapes_take_the_meaning_away() {
    for short in [
        r"a\#b.md#\[Unreleased]/Added",
        r"a.md#\@home/\~80\: x",
        r"a.md#Pass\/Fail/Loading..\.",
        r"a.md#\/x/etc\…",
        r"a.md#[a\|b|c\]d]",
        r"a.md#@rows(a\=b=c\)d)",
        r"a.md#C:\\x/y",
    ] {
        assert_eq!(parsed(short).to_string(), short);
    }
    assert_eq!(parsed(r"a.md#\[Unreleased]/Added").under, [text("[Unreleased]")]);
}

#[test]
fn a_mistake_names_its_part() {
    for (short, part, message) in [
        ("#x", "", "the locator names no document"),
        ("a.md", "a.md", "\"a.md\" names a document and no place in it"),
        ("a.md#x:second", ":second", "\"second\" is no narrowing"),
        ("a.md#x:0", ":0", "\"0\" is no narrowing"),
        ("a.md#x:1:2", ":2", "\"2\" narrows again what is narrowed already"),
        ("a.md#x:kind=percentage", ":kind=percentage", "there is no kind of number \"percentage\""),
        ("a.md#[TOTAL]", "[TOTAL", "the cell has no column"),
        ("a.md#[TOTAL|Tests", "[TOTAL|Tests", "a `]` is missing"),
        ("a.md#[TOTAL|0]", "0", "columns and tables are counted from 1"),
        ("a.md#[TOTAL|Tests]x", "x", "something follows the end of the locator"),
        ("a.md#@tabel", "@tabel", "\"@tabel\" is not known"),
        ("a.md#@regex/x/", "/x/", "\"x\" has no group named \"value\""),
        ("a.md#@regex/(/", "/(/", "\"(\" is no regular expression: unclosed group"),
        ("a.md#@code(sh)", "", "`@code` has no regular expression"),
        ("a.md#@marker(a b)", "a b)", "\"a b\" is no name of a marker"),
        ("a.md#@rows(Status)", "(Status", "a condition on rows has no `=`"),
        ("a.md#~/x", "~", "a part of the locator is empty"),
        ("a.md#✅/x", "✅", "\"✅\" has no words"),
        ("a.md#x\\", "\\", "a single \\ stands at the end"),
        ("a.md#/x", "/x", "the regular expression has no end"),
        ("a.md#a\tb", "\t", "a control character stands in the locator"),
        (
            "a.md#@rows:2",
            "a.md#@rows:2",
            "the locator narrows by number, but rows are counted, no number is looked for",
        ),
    ] {
        let problem = Locator::parse(short).expect_err(short);
        assert_eq!((problem.message.as_str(), &short[problem.span.clone()]), (message, part), "{short}");
        assert!(problem.help.ends_with('.') || problem.help.ends_with('?'), "{}", problem.help);
    }
    let help = Locator::parse("a.md#x:numerater").expect_err("a mistake").help;
    assert!(help.starts_with("Did you mean `:numerator`?"), "{help}");
}

fn fields() -> Fields {
    Fields { doc: Some("a.md".to_owned()), ..Fields::default() }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_keys_of_a_mapping_mean_the_same_as_the_short_form() {
    let under = vec!["Task 1…".to_owned(), "~rules".to_owned()];
    for (given, short) in [
        (Fields { under, label: some("Claimed"), number: Some(1), ..fields() }, "a.md#Task 1…/~rules/Claimed:1"),
        (Fields { row: some("TOTAL"), col: some("2"), part: some("low"), ..fields() }, "a.md#[TOTAL|2]:low"),
        (Fields { regex: some("a/(?P<value>x)"), ..fields() }, r"a.md#@regex/a\/(?P<value>x)/"),
        (Fields { code: some("any"), line: some("(?P<value>x)"), ..fields() }, "a.md#@code/(?P<value>x)/"),
        (Fields { marker: some("uptime"), unit: some("h"), ..fields() }, "a.md#@marker(uptime):unit=h"),
        (Fields { count: some("rows"), matching: vec![("S".into(), "GAP".into())], ..fields() }, "a.md#@rows(S=GAP)"),
        (
            Fields { table: Some(TableFields { has: vec!["A/B".into()], nth: Some(2) }), ..fields() },
            "a.md#@table(A/B|2)",
        ),
        (fields(), "a.md#"),
    ] {
        let made = Locator::from_fields(given.clone()).unwrap_or_else(|problem| panic!("{short}: {problem:?}"));
        assert_eq!(made.to_string(), short);
        assert_eq!(made.to_fields(), given);
    }
}

#[test]
fn keys_that_do_not_belong_together_are_named() {
    for (given, key) in [
        (Fields::default(), "doc"),
        (Fields { label: some("x"), regex: some("y"), ..fields() }, "regex"),
        (Fields { row: some("x"), ..fields() }, "row"),
        (Fields { col: some("x"), ..fields() }, "col"),
        (Fields { code: some("sh"), ..fields() }, "code"),
        (Fields { line: some("x"), ..fields() }, "line"),
        (Fields { count: some("lines"), ..fields() }, "count"),
        (Fields { matching: vec![("a".into(), "b".into())], ..fields() }, "where"),
        (Fields { label: some("x"), table: Some(TableFields::default()), ..fields() }, "table"),
        (Fields { label: some("x"), kind: some("percents"), ..fields() }, "kind"),
        (Fields { label: some("x"), number: Some(0), ..fields() }, "number"),
        (Fields { label: some("  "), ..fields() }, "label"),
        (Fields { under: vec!["/(/".into()], ..fields() }, "under"),
        (Fields { regex: some("x"), ..fields() }, "regex"),
        (Fields { count: some("rows"), part: some("low"), ..fields() }, "part"),
        (Fields { marker: some("a b"), ..fields() }, "marker"),
    ] {
        let problem = Locator::from_fields(given.clone()).expect_err("a mistake");
        assert_eq!(problem.key, key, "{given:?}: {problem:?}");
    }
}

#[test]
fn a_matcher_reads_as_people_do() {
    for (matcher, rendered, is) in [
        ("Alert Rules", "✅ 2. alert  rules:", true),
        ("Alert", "Alert Rules", false),
        ("Task 1…", "Task 1: Setup", true),
        ("Task 1…", "Task 12: Cleaning", false),
        ("~rules", "Alert Rules (13)", true),
        ("~rules", "Alert Rows", false),
        ("/Rules$/", "Alert  Rules", true),
        ("/rules$/", "Alert Rules", false),
        (r"\~80", "~80", true),
    ] {
        let matcher = Matcher::parse(matcher).expect("a matcher");
        assert_eq!(matcher.matches(rendered), is, "{matcher} on {rendered}");
    }
    for wrong in ["", " ", "~", "…", "/(/", "/a/b", "a\tb", "✅"] {
        assert!(Matcher::parse(wrong).is_err(), "{wrong}");
    }
}

fn words() -> impl Strategy<Value = String> {
    let tricky = r"[a-c/#\[\]|:…~@()=\\. 0-9é✅]{0,8}[a-z]?[/…. 0-9]{0,3}";
    prop_oneof!["[ -~]{1,12}", tricky]
        .prop_filter("words", |text: &String| !crate::proofread::normal::normal(text).is_empty())
}

fn matchers() -> impl Strategy<Value = Matcher> {
    let sources = prop_oneof![Just("^a/b$"), Just(r"\\/x"), Just(r"[/|\]#]"), Just(r"\d+…")];
    prop_oneof![
        words().prop_map(Matcher::Text),
        words().prop_map(Matcher::Contains),
        words().prop_map(Matcher::Prefix),
        sources.prop_map(|source| Matcher::Regex(Pattern::new(source).expect("an expression"))),
    ]
}

fn tables() -> impl Strategy<Value = TableChoice> {
    (prop::collection::vec(matchers(), 0..3), prop::option::of(1_u32..100))
        .prop_map(|(has, nth)| TableChoice { has, nth })
}

fn targets() -> impl Strategy<Value = Target> {
    let value = || Just(Pattern::with_value(r"a/b\\(?P<value>[/\d]+)").expect("an expression"));
    let columns = prop_oneof![(1_u32..100).prop_map(Column::Nth), matchers().prop_map(Column::Header)];
    let conditions = prop::collection::vec((matchers(), matchers()), 0..3);
    let languages = prop::option::of(r"[a-z()#/|]{1,5}");
    prop_oneof![
        Just(Target::Section),
        matchers().prop_map(Target::Label),
        (tables(), matchers(), columns).prop_map(|(table, row, column)| Target::Cell { table, row, column }),
        value().prop_map(Target::Regex),
        (languages, value()).prop_map(|(language, line)| Target::Code { language, line }),
        "[a-z0-9._-]{1,6}".prop_map(Target::Marker),
        (tables(), conditions).prop_map(|(table, matching)| Target::Rows { table, matching }),
        tables().prop_map(Target::Table),
    ]
}

prop_compose! {
    fn locators()(
        doc in r"[a-z#/\\ :.]{0,6}[a-z]",
        under in prop::collection::vec(matchers(), 0..4),
        target in targets(),
        number in prop::option::of(1_u32..200),
        kind in prop::option::of(prop::sample::select(Kind::ALL.to_vec())),
        unit in prop::option::of(r"[a-z/:\\%]{1,6}"),
        part in prop::option::of(prop::sample::select(Part::ALL)),
    ) -> Locator {
        let part = part.map(|it| it.1);
        Locator { doc, under, target, number, kind, unit, part }
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(locator in locators()) {
        let short = locator.to_string();
        match locator.misfit() {
            None => {
                prop_assert_eq!(Locator::parse(&short), Ok(locator.clone()), "{}", short);
                if !locator.doc.starts_with(' ') {
                    prop_assert_eq!(Locator::from_fields(locator.to_fields()), Ok(locator), "{}", short);
                }
            }
            Some(_) => prop_assert!(Locator::parse(&short).is_err(), "{}", short),
        }
    }

    #[test]
    fn no_text_is_too_strange(text in ".*", tail in r"[a#/\[\]|:…~@()=\\. 0-9]{0,20}") {
        for short in [text.clone(), format!("a.md#{tail}"), format!("{text}#{tail}")] {
            match Locator::parse(&short) {
                Ok(locator) => prop_assert_eq!(Locator::parse(&locator.to_string()), Ok(locator), "{}", short),
                Err(problem) => prop_assert!(short.get(problem.span).is_some()),
            }
        }
    }
}
