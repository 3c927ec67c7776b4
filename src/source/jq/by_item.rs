//! A filter of one large list, run on its items side by side.
//!
//! `[.data.result[] | select(.up)] | length` looks at one item at a time: each is read, filtered and let go, on every core,
//! where the whole list would take many times its own size in memory before the first item is looked at. What such a filter
//! yields is the same either way, errors included.

use std::borrow::Cow;
use std::fmt;
use std::thread::{self, ScopedJoinHandle};

use jaq_core::Compiler;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Parser, Term};
use jaq_core::load::{Arena, File, Lexer, Loader};
use jaq_core::path::{Opt, Part, Path};
use jaq_json::{Val, read};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Compiled, prelude, run, stack};
use crate::witness::helper::is_helper;

/// Documents smaller than this are built whole: they cost less than the threads.
pub(super) const LARGE: usize = 1 << 20;

/// `[PLACE[] | each] | rest`.
pub(super) struct ByItem {
    /// Names of members, from the outside to the list.
    place: Vec<String>,
    each: Compiled,
    rest: Compiled,
    /// Whether `rest` asks only how many outputs there were.
    only_counts: bool,
}

impl ByItem {
    /// Of the text of a filter that compiles, and of the stricter one that stands for it, if any; `None` when it looks at
    /// more than the items of one list.
    pub(super) fn of(text: &str, strict: Option<&str>) -> Option<Self> {
        let tokens = Lexer::new(text).lex().ok()?;
        let mut steps = pipeline(Parser::new(&tokens).parse(Parser::term).ok()?).into_iter();
        let (place, each) = items(&mut steps)?;
        let rest: Vec<_> = steps.collect();
        let only_counts = matches!(rest.first(), Some(Term::Call("length", arguments)) if arguments.is_empty());
        // The list itself is never null: to count it as it is written keeps no output.
        if let Some(strict) = strict.filter(|_| !only_counts || rest.len() > 1) {
            return Self::of(strict, None);
        }
        Some(Self { place, each: compiled(text, piped(each))?, rest: compiled(text, piped(rest))?, only_counts })
    }

    /// What is to be done with the outputs of `each`, in a list.
    pub(super) fn rest(&self) -> &Compiled {
        &self.rest
    }

    /// The outputs of `each` for every item, as one list; `None` when there is no list at the place, which `each` alone
    /// cannot tell what to do with.
    pub(super) fn outputs(&self, document: &[u8]) -> Option<Result<Val, String>> {
        let mut reader = serde_json::Deserializer::from_slice(document);
        let items = Seek { place: &self.place }.deserialize(&mut reader).ok().flatten()?;
        let cores = thread::available_parallelism().map_or(1, usize::from).min(super::AT_ONCE);
        // A large stack counts as memory.
        let threads = if is_helper() { 1 } else { cores };
        let shares = items.chunks(items.len().div_ceil(threads).max(1));
        let outputs: Result<Vec<Vec<Val>>, String> = thread::scope(|scope| {
            let started: Vec<_> = shares.map(|share| stack::scoped(scope, || self.share(share))).collect();
            let ended = started.into_iter().map(|thread| match thread.map(ScopedJoinHandle::join) {
                Ok(Ok(outputs)) => outputs,
                Ok(Err(_)) => Err("it broke off".to_owned()),
                Err(error) => Err(format!("could not start a thread: {error}")),
            });
            ended.collect()
        });
        Some(outputs.map(|outputs| outputs.into_iter().flatten().collect()))
    }

    fn share(&self, items: &[&RawValue]) -> Result<Vec<Val>, String> {
        let mut outputs = Vec::new();
        for item in items {
            let item = read::parse_single(item.get().as_bytes()).map_err(|error| error.to_string())?;
            for output in run::outputs(&self.each, item) {
                let output = output?;
                outputs.push(if self.only_counts { Val::Null } else { output });
            }
        }
        Ok(outputs)
    }
}

/// A part of a filter that compiles, as a filter of its own.
fn compiled<'t>(text: &str, body: Term<&'t str>) -> Option<Compiled> {
    let needed = prelude::needed(text);
    let mut defs: Vec<Def<&'t str>> = needed.defs();
    defs.push(Def { name: "part", args: Vec::new(), body });
    let arena = Arena::default();
    let modules = Loader::new(defs).load(&arena, File { code: "part", path: () }).ok()?;
    Compiler::default().with_funs(needed.functions()).compile(modules).ok()
}

/// The steps of `a | b | c`.
fn pipeline(term: Term<&str>) -> Vec<Term<&str>> {
    match term {
        Term::BinOp(left, BinaryOp::Pipe(None), right) => {
            let mut steps = pipeline(*left);
            steps.extend(pipeline(*right));
            steps
        }
        step => vec![step],
    }
}

fn piped(steps: Vec<Term<&str>>) -> Term<&str> {
    let together = |left, right| Term::BinOp(Box::new(left), BinaryOp::Pipe(None), Box::new(right));
    steps.into_iter().reduce(together).unwrap_or(Term::Id)
}

/// Where the list is and what is done with each of its items: of `[.a[].b | f]`, or of `.a | map(f)`, which is `[.a[] | f]`.
fn items<'a>(steps: &mut impl Iterator<Item = Term<&'a str>>) -> Option<(Vec<String>, Vec<Term<&'a str>>)> {
    match steps.next()? {
        Term::Arr(Some(inside)) => {
            let mut inside = pipeline(*inside).into_iter();
            let Term::Path(start, Path(mut parts)) = inside.next()? else { return None };
            let at = parts.iter().position(|(part, _)| matches!(part, Part::Range(None, None)))?;
            let rest = parts.split_off(at + 1);
            parts.truncate(at);
            let place = names(&start, &parts)?;
            let each = (!rest.is_empty()).then(|| Term::Path(Box::new(Term::Id), Path(rest)));
            Some((place, each.into_iter().chain(inside).collect()))
        }
        first => {
            let (place, map) = match first {
                Term::Path(start, Path(parts)) => (names(&start, &parts)?, steps.next()?),
                map => (Vec::new(), map),
            };
            match map {
                Term::Call("map", arguments) => Some((place, arguments)),
                _ => None,
            }
        }
    }
}

/// `.a."b"` as names; `None` of a path with anything else in it.
fn names(start: &Term<&str>, parts: &[(Part<Term<&str>>, Opt)]) -> Option<Vec<String>> {
    let name = |part: &Part<Term<&str>>| match part {
        Part::Index(Term::Str(None, text)) => match text.as_slice() {
            [StrPart::Str(name)] => Some((*name).to_owned()),
            _ => None,
        },
        _ => None,
    };
    matches!(start, Term::Id).then(|| parts.iter().map(|(part, _)| name(part)).collect())?
}

/// Goes through the objects of a document to the list at a place. As in jq, the last of two members of a name counts.
struct Seek<'p> {
    place: &'p [String],
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Option<Vec<&'de RawValue>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        if self.place.is_empty() { reader.deserialize_seq(self) } else { reader.deserialize_map(self) }
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Some(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        let Some((name, further)) = self.place.split_first() else { return Ok(None) };
        while let Some(key) = members.next_key::<Cow<'de, str>>()? {
            if key == name.as_str() {
                found = members.next_value_seed(Seek { place: further })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Filter, JqProblem, Json, counting_what_is_there};
    use super::*;

    /// What a filter yields by item and as a whole.
    fn both(filter: &str, document: &str) -> Option<[Result<Vec<Json>, String>; 2]> {
        let whole = Filter::compile(filter).expect("compiles").run(document.as_bytes(), 1_000);
        let by_item = ByItem::of(filter, counting_what_is_there(filter).as_deref())?;
        let outputs = by_item.outputs(document.as_bytes())?;
        let said = |message| JqProblem::new(format!("the filter \"{filter}\" failed: {message}"), "").message;
        let rest = outputs.and_then(|list| run::answer(by_item.rest(), list, 1_000)).map_err(said);
        Some([rest, whole.map_err(|problem| problem.message)])
    }

    const SPLIT: [&str; 15] = [
        "[.data.result[] | select(.metric.job == \"api\" and (.value[1] | tonumber) > 0.5)] | length",
        "[.data.result[]] | length",
        "[.data.result[].value[1]] | map(tonumber) | add",
        "[.data.result[] | .value | .[0], .[1]] | sort | .[]",
        ".data.result | map(.value[1]) | unique | length",
        ".data.result | map(select(.metric.job? == \"api\")) | length > 1",
        ".data[\"result\"] | map(.metric) | .[1:3]",
        "[.data.result[] | .metric.job // empty] | group_by(.) | map({name: .[0], count: length})",
        "[.data.result[] | if .metric.job == \"api\" then error(\"no \\(.value[1])\") else . end]",
        "[.data.result[].metric.job | ltrimstr(\"a\")]",
        "[.data.result[] | .metric | to_entries[] | .key] | first",
        "[.data.result[] | . as $one | $one.value[1]] | max",
        "[.data.result[]?.value[]?] | length | . + 1",
        "[.data.result[] | .[]]",
        "[.data.result[].nothing] | add | length",
    ];
    const DOCUMENT: &str = r#"{"status": "success", "data": {"kind": "vector", "result": [
        {"metric": {"job": "api"}, "value": [1.50, "0.7"]},
        {"metric": {"job": "db"}, "value": [2, "0.2"]},
        {"metric": {}, "value": [12345678901234567890123, "9"]},
        {"metric": {"job": "api"}, "value": [4, "x"]},
        {"metric": {"job": "\u0061pi"}, "value": [5, "1"]}]}}"#;

    #[test]
    fn a_list_item_by_item_yields_what_it_yields_as_a_whole() {
        for filter in SPLIT {
            let [by_item, whole] = both(filter, DOCUMENT).unwrap_or_else(|| panic!("{filter} is not split"));
            assert_eq!(by_item, whole, "{filter}");
        }
    }

    #[test]
    fn a_filter_that_looks_at_more_than_the_items_is_left_whole() {
        for filter in [
            ".data.result | length",
            "[.data.result[], .status] | length",
            "[.data.result[] | .value] + [1] | length",
            ".status as $status | [.data.result[] | $status]",
            "[.data.result[] as $one | $one]",
            "[.data.result[1:][] | .value]",
            "[.data[\"re\" + \"sult\"][] | .value]",
            "first(.data.result[])",
            "[limit(2; .data.result[])]",
            "[paths]",
            "map_values(length)",
            ".data.result[] | .value",
        ] {
            Filter::compile(filter).expect("compiles");
            assert!(ByItem::of(filter, None).is_none(), "{filter}");
        }
    }

    #[test]
    fn where_no_list_is_the_whole_filter_says_so() {
        for document in
            ["{}", "[]", "7", r#"{"data": {"result": {"a": 1}}}"#, r#"{"data": {"result": [1]}, "data": 2}"#]
        {
            assert!(both(SPLIT[0], document).is_none(), "{document}");
        }
    }

    proptest! {
        #[test]
        fn items_in_any_number_yield_the_same(
            items in proptest::collection::vec(("[a-c]{0,2}", any::<i32>(), any::<bool>()), 0..40),
            filter in 0..SPLIT.len(),
        ) {
            let item = |(job, value, is_text): &(String, i32, bool)| {
                let value = if *is_text { format!("\"{value}\"") } else { value.to_string() };
                format!(r#"{{"metric": {{"job": "{job}"}}, "value": [{value}, {value}]}}"#)
            };
            let items: Vec<_> = items.iter().map(item).collect();
            let document = format!(r#"{{"data": {{"result": [{}]}}}}"#, items.join(","));
            let [by_item, whole] = both(SPLIT[filter], &document).expect("is split");
            prop_assert_eq!(by_item, whole);
        }
    }
}
