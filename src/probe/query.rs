//! A jq filter over a file, an answer over HTTP, or what a command printed: JSON, YAML, TOML, CSV or JSON lines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::unit::NumberUnit;
use crate::model::condition::Condition;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::source::endpoint::{Endpoint, not_let_in};
use crate::source::jq::{self, Filter, Json};
use crate::source::output::{about, ending};
use crate::source::structured::{Format, to_json};
use crate::witness::{Command, Witness};

/// Most values that a filter may yield.
const MAX_RESULTS: usize = 10_000;
/// The largest file that is filtered, in bytes: what jq makes of it takes several times as much memory.
const MOST: u64 = 1024 * 1024 * 1024;

/// A number or text that a jq filter finds in a file, in an answer over HTTP, or in what a command prints.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Query {
    /// A file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// An address to GET, or a mapping with `url:` and what lets us in; only a status of 2xx is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Endpoint>,
    /// A command, program and arguments; only exit code 0 is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// How it is written; told by the extension unless given, else JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The jq filter.
    pub jq: String,
    /// What the number it yields is a number of. A plain number unless given, which no condition with a unit (`<= 24h`) is
    /// held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<NumberUnit>,
}

impl Kind for Query {
    const NAME: &'static str = "query";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("value", FactType::Number, "The number that the filter yields").unitless(),
        FactSpec::new("text", FactType::Text, "The text, number, or true or false that the filter yields"),
        FactSpec::new("results", FactType::Count, "How many values the filter yields"),
        FactSpec::new("list", FactType::List, "What it yields: each value, or the items of the one list"),
    ];
    const EXAMPLE: &'static str = "{file: coverage.json, jq: .totals.percent_covered}";
    const SOURCES: &'static [&'static str] = &["file", "url", "command"];

    fn source(&self) -> Option<&'static str> {
        match (&self.file, &self.url, &self.command) {
            (Some(_), _, _) => Some("file"),
            (_, Some(_), _) => Some("url"),
            (_, _, Some(_)) => Some("command"),
            _ => None,
        }
    }

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems: Vec<_> = self.url.iter().flat_map(Endpoint::problems).collect();
        let mut say = |message: String, help: &str| problems.push((message, help.to_owned()));
        let sources = [self.file.is_some(), self.url.is_some(), self.command.is_some()];
        match sources.iter().filter(|given| **given).count() {
            0 => say("no source is given".to_owned(), "give one of `file:`, `url:` and `command:`"),
            1 => {}
            _ => say("several sources are given".to_owned(), "keep one of `file:`, `url:` and `command:`"),
        }
        if self.command.as_ref().is_some_and(Vec::is_empty) {
            say("the command is empty".to_owned(), "write `command: [program, argument]`");
        }
        if let Some(file) = self.file.as_ref().filter(|file| self.format.is_none() && Format::of(file).is_none()) {
            say(
                format!("the name of \"{file}\" does not tell its format"),
                "add `format: json` (or yaml, toml, csv, ndjson)",
            );
        }
        if let Err(problem) = Filter::compile(&self.jq) {
            problems.push((problem.message, problem.help));
        }
        problems
    }

    fn unfit(&self, fact: &str, condition: &Condition) -> Option<(String, String)> {
        (fact == "value").then(|| NumberUnit::unfit(self.unit, condition)).flatten()
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let (name, content) = self.content(witness).await?;
        let format = self.format.or_else(|| Format::of(&name)).unwrap_or(Format::Json);
        let (filter, size) = (self.jq.clone(), content.len());
        let work = move || {
            let json = to_json(&content, format)?;
            let filter = Filter::compile(&filter).and_then(|filter| filter.run(&json, MAX_RESULTS));
            filter.map_err(|problem| Unmeasurable::new(problem.message, problem.help))
        };
        let results = jq::apart(&self.jq, size, work).await;
        let results = results.map_err(|problem| Unmeasurable::new(problem.message, problem.help))?;
        Ok(facts(&results.map_err(|error| about(&name, &error))?, self.unit))
    }
}

impl Query {
    /// Where it comes from, and the bytes.
    async fn content(&self, witness: &Witness) -> Result<(String, Vec<u8>), Unmeasurable> {
        if let Some(path) = &self.file {
            let bytes = witness.read(path).await?.whole(MOST).await.map_err(|error| about(path, &error))?;
            return Ok((path.clone(), bytes));
        }
        if let Some(endpoint) = &self.url {
            let answer = witness.http(endpoint.get_itself()).await?;
            let path = endpoint.url.split(['?', '#']).next().unwrap_or_default().to_owned();
            if let Some(refused) = not_let_in(&answer, &format!("\"{path}\"")) {
                return Err(refused);
            }
            if !(200..300).contains(&answer.status) {
                let reason = format!("\"{path}\" answered with status {}", answer.status);
                return Err(Unmeasurable::new(reason, "Check the address; only a status of 2xx is an answer."));
            }
            return Ok((path, answer.body));
        }
        let nothing = || Unmeasurable::new("no source is given", "Give one of `file:`, `url:` and `command:`.");
        let argv = self.command.clone().ok_or_else(nothing)?;
        let name = argv.first().cloned().unwrap_or_default();
        let answer = witness.run(Command { argv, ..Command::default() }).await?;
        if answer.exit != Some(0) {
            return Err(about(&name, &Unmeasurable::new(ending(&answer), "Run the command by hand.")));
        }
        Ok((name, answer.stdout))
    }
}

fn facts(results: &[Json], unit: Option<NumberUnit>) -> Facts {
    let mut facts = Facts::default();
    facts.set("results", Value::count(results.len()));
    let reason = match results {
        [] => "the filter yields nothing".to_owned(),
        [one] => format!("the filter yields {}", one.what()),
        many => format!("the filter yields {} values", many.len()),
    };
    let (number, text) = match results {
        [one @ Json::Number(number)] => (Some(NumberUnit::value(unit, number.clone())), one.to_text()),
        [one @ (Json::Text(_) | Json::Flag(_))] => (None, one.to_text()),
        _ => (None, None),
    };
    facts.set_or("value", number, &reason);
    facts.set_or("text", text.map(Value::Text), &reason);
    let items = match results {
        [Json::List(items)] => items.as_slice(),
        [] | [Json::Null] => return with_no_list(facts, &reason),
        all => all,
    };
    let texts: Option<Vec<String>> = items.iter().map(Json::to_text).collect();
    facts.set_or("list", texts.map(Value::List), "not everything in it is a text, a number, true or false");
    facts
}

fn with_no_list(mut facts: Facts, reason: &str) -> Facts {
    facts.absent("list", reason);
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::Fact;
    use crate::model::number::Number;

    fn asked(jq: &str, text: &str, format: Format) -> Facts {
        let json = to_json(text.as_bytes(), format).expect(text);
        facts(&Filter::compile(jq).expect(jq).run(&json, MAX_RESULTS).expect(jq), None)
    }

    fn text(facts: &Facts, fact: &str) -> Option<String> {
        match facts.get(fact)? {
            Value::Text(text) => Some(text.clone()),
            value => value.quantity().map(|(number, _)| number.to_string()),
        }
    }

    #[test]
    fn a_number_is_exact_in_every_format() {
        let digits = "67.100000000000000000000000001";
        for (text_of, format) in [
            (format!("{{\"a\": {digits}}}"), Format::Json),
            (format!("a: {digits}"), Format::Yaml),
            (format!("a = {digits}"), Format::Toml),
        ] {
            assert_eq!(text(&asked(".a", &text_of, format), "value").as_deref(), Some(digits), "{text_of}");
        }
        let csv = asked("[.[] | .ms | tonumber] | max", "name,ms\na,110\nb,95.5\n", Format::Csv);
        assert_eq!(text(&csv, "value").as_deref(), Some("110"));
    }

    #[test]
    fn a_number_with_a_unit_is_held_in_the_base_unit_exactly() {
        let number = |digits: &str| digits.parse::<Number>().expect(digits);
        let hours = facts(&[Json::Number(number("1.5"))], Some(NumberUnit::Hours));
        assert_eq!(hours.get("value"), Some(&Value::Duration(number("5400"))));
        assert_eq!(hours.get("text"), Some(&Value::Text("1.5".to_owned())), "the text stays as it is");
        let none = facts(&[Json::Text("46.3".to_owned())], Some(NumberUnit::Percent));
        assert_eq!(none.get("value"), None, "a unit makes no number of a text");
    }

    #[test]
    fn a_text_is_no_number_and_null_is_neither() {
        let facts = asked(".a", r#"{"a": "67"}"#, Format::Json);
        assert_eq!(facts.facts["value"], Fact::Absent("the filter yields a string".to_owned()));
        assert_eq!(text(&facts, "text").as_deref(), Some("67"));
        let facts = asked(".b", r#"{"a": 1}"#, Format::Json);
        for fact in ["value", "text", "list"] {
            assert_eq!(facts.facts[fact], Fact::Absent("the filter yields null".to_owned()), "{fact}");
        }
        assert_eq!(facts.get("results"), Some(&Value::count(1)));
        let facts = asked("empty", "{}", Format::Json);
        assert_eq!(facts.facts["value"], Fact::Absent("the filter yields nothing".to_owned()));
        assert_eq!(facts.get("results"), Some(&Value::count(0)));
    }

    #[test]
    fn several_values_are_a_list() {
        let list = Value::List(vec!["1".to_owned(), "b".to_owned()]);
        for jq in [".[]", "."] {
            assert_eq!(asked(jq, r#"[1, "b"]"#, Format::Json).get("list"), Some(&list), "{jq}");
        }
        assert!(matches!(asked(".", "[{}]", Format::Json).facts["list"], Fact::Absent(_)));
    }

    #[test]
    fn mistakes_in_the_options_are_found() {
        for (yaml, why) in [
            ("{jq: .}", "no source is given"),
            ("{jq: ., file: a.json, url: 'http://localhost/'}", "several sources are given"),
            ("{jq: ., command: []}", "the command is empty"),
            ("{jq: ., file: data}", "the name of \"data\" does not tell its format"),
        ] {
            assert_eq!(serde_saphyr::from_str::<Query>(yaml).expect(yaml).problems()[0].0, why);
        }
        assert_eq!(serde_saphyr::from_str::<Query>("{jq: '.[', file: a.json}").expect("decodes").problems().len(), 1);
    }
}
