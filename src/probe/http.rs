//! What an HTTP request is answered with: status, size, time, and what a jq filter finds in the body.

use super::Kind;
use super::unit::NumberUnit;
use crate::model::condition::Condition;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::number::Number;
use crate::source::endpoint::with_endpoint;
use crate::source::jq::{self, Filter, Json, to_value};
use crate::witness::{HttpAnswer, HttpRequest, Witness};

with_endpoint! {
    /// What an HTTP request is answered with.
    pub struct Http {
        /// The method; `GET` unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub method: Option<String>,
        /// A body to send.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub body: Option<String>,
        /// A jq filter on the body; what it yields is `value` or `text`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub extract: Option<String>,
        /// What the number that `extract` yields is a number of. A plain number unless given, which no condition with a unit
        /// (`<= 24h`) is held against.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub unit: Option<NumberUnit>,
        /// The statuses with which the body is an answer for `extract`, such as `[200, 503]`: from 200 to 299 unless given.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub statuses: Vec<u16>,
    }
}

/// A longer body is kept as evidence and is no fact.
const MAX_TEXT: usize = 4096;
impl Kind for Http {
    const NAME: &'static str = "http";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new(
            "status",
            FactType::Number,
            "The status, such as 200; redirects are followed, and a note says where to",
        ),
        FactSpec::new("content-type", FactType::Text, "What the body is said to be, without parameters"),
        FactSpec::new(
            "body",
            FactType::Text,
            "The body, where it is text of 4 KiB at most. `^` is its start, and after `not` that of each line",
        ),
        FactSpec::new("body-size", FactType::Bytes, "The size of the body"),
        FactSpec::new("value", FactType::Number, "What `extract` yields, where that is a number").unitless(),
        FactSpec::new("text", FactType::Text, "What `extract` yields, where that is a text, true or false"),
        FactSpec::new("response-time", FactType::Duration, "How long the answer took, body included").lower(),
    ];
    const EXAMPLE: &'static str = "{url: \"http://localhost:9093/-/ready\"}";

    fn problems(&self) -> Vec<(String, String)> {
        let filter = self.extract.as_deref().and_then(|filter| Filter::compile(filter).err());
        let mut problems = self.endpoint().problems();
        problems.extend(filter.map(|problem| (problem.message, problem.help)));
        let mut say = |message: String, help: &str| problems.push((message, help.to_owned()));
        if self.extract.is_none() && !self.statuses.is_empty() {
            say("`statuses` means nothing without `extract`".to_owned(), "add `extract:`, or leave it out");
        }
        if self.extract.is_none() && self.unit.is_some() {
            say("`unit` means nothing without `extract`".to_owned(), "add `extract:`, or leave it out");
        }
        if let Some(odd) = self.statuses.iter().find(|status| !(100..600).contains(*status)) {
            say(format!("{odd} is no status of HTTP"), "write those that stand for an answer, such as `[200, 503]`");
        }
        problems
    }

    fn unfit(&self, fact: &str, condition: &Condition) -> Option<(String, String)> {
        (fact == "value").then(|| NumberUnit::unfit(self.unit, condition)).flatten()
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let request = HttpRequest {
            method: self.method.clone().unwrap_or_default(),
            body: self.body.clone(),
            ..self.endpoint().get_itself()
        };
        let answer = witness.http(request).await?;
        let extracted = match self.to_extract(&answer) {
            Ok(filter) => {
                let (text, body) = (filter.to_owned(), answer.body.clone());
                let yielded = jq::apart(filter, body.len(), move || yielded(&text, &body)).await;
                yielded.unwrap_or_else(|problem| Err(problem.message))
            }
            Err(reason) => Err(reason),
        };
        Ok(self.facts(&answer, extracted))
    }
}

impl Http {
    fn facts(&self, answer: &HttpAnswer, extracted: Result<Value, String>) -> Facts {
        let mut facts = Facts::default();
        facts.set("status", Value::Number(u32::from(answer.status).into()));
        facts.set("body-size", Value::Bytes(Number::from(answer.body.len())));
        let micros = u64::try_from(answer.elapsed.as_micros()).ok();
        let time = micros.and_then(|micros| Number::ratio(micros, 1_000_000_u32)).map(Value::Duration);
        facts.set_or("response-time", time, "not timed");
        let content_type = answer.headers.get("content-type").map(|kind| kind.split(';').next().unwrap_or(kind).trim());
        facts.set_or("content-type", content_type.map(|kind| Value::Text(kind.to_ascii_lowercase())), "no such header");
        match std::str::from_utf8(&answer.body) {
            Ok(text) if text.len() <= MAX_TEXT => facts.set("body", Value::Text(text.trim_end().to_owned())),
            Ok(_) => facts.absent("body", "it is longer than 4 KiB; take a part of it with `extract:`"),
            Err(_) => facts.absent("body", "it is no text"),
        }
        match extracted {
            Ok(Value::Number(number)) => {
                facts.set("value", NumberUnit::value(self.unit, number));
                facts.absent("text", "`extract` yields a number");
            }
            Ok(other) => {
                let text = match other {
                    Value::Text(text) => Some(text),
                    Value::Flag(flag) => Some(flag.to_string()),
                    _ => None,
                };
                facts.set_or("text", text.map(Value::Text), "`extract` yields a list");
                facts.absent("value", "`extract` yields no number");
            }
            Err(reason) => {
                facts.absent("text", reason.clone());
                facts.absent("value", reason);
            }
        }
        facts
    }

    /// The filter to run on the body; else why there is nothing to run it on.
    fn to_extract(&self, answer: &HttpAnswer) -> Result<&str, String> {
        let filter = self.extract.as_deref().ok_or("there is no `extract`")?;
        let status = answer.status;
        let answered =
            if self.statuses.is_empty() { (200..300).contains(&status) } else { self.statuses.contains(&status) };
        if !answered {
            return Err(format!("it answered {status}: if that is an answer too, write `statuses: [{status}]`"));
        }
        Ok(filter)
    }
}

fn yielded(filter: &str, body: &[u8]) -> Result<Value, String> {
    let compiled = Filter::compile(filter).map_err(|problem| problem.message)?;
    match compiled.run(body, 1).map_err(|problem| problem.message)?.first() {
        None => Err(format!("`{filter}` yields nothing")),
        Some(Json::Null) => Err(format!("`{filter}` yields null")),
        Some(json) => to_value(json).ok_or_else(|| format!("`{filter}` yields {}", json.what())),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::model::fact::Fact;

    fn facts(extract: Option<&str>, body: &[u8]) -> Facts {
        let extract = extract.map(str::to_owned);
        let http = Http { url: "http://h".to_owned(), extract, statuses: vec![503], ..Http::default() };
        read(&http, &answer(503, body))
    }

    fn read(http: &Http, answer: &HttpAnswer) -> Facts {
        let extracted = http.to_extract(answer).and_then(|filter| yielded(filter, &answer.body));
        http.facts(answer, extracted)
    }

    fn answer(status: u16, body: &[u8]) -> HttpAnswer {
        let answer = HttpAnswer::new(status, body).with_header("content-type", "Text/HTML; charset=utf-8");
        HttpAnswer { elapsed: Duration::from_millis(1500), ..answer }
    }

    #[test]
    fn the_body_of_another_status_is_no_answer_unless_it_is_said_to_be_one() {
        let asked = |options: &str, status| {
            let http: Http = serde_json::from_str(options).expect(options);
            assert!(http.problems().is_empty(), "{options}");
            read(&http, &answer(status, br#"{"queue": 0}"#))
        };
        let plain = r#"{"url": "http://h", "extract": ".queue"}"#;
        let zero = Some(Value::Number(0.into()));
        assert_eq!(asked(plain, 202).get("value").cloned(), zero);
        for fact in ["value", "text"] {
            let why = "it answered 500: if that is an answer too, write `statuses: [500]`";
            assert_eq!(absent(&asked(plain, 500), fact), why);
        }
        let told = r#"{"url": "http://h", "extract": ".queue", "statuses": [503]}"#;
        assert_eq!(asked(told, 503).get("value").cloned(), zero);
        assert!(absent(&asked(told, 200), "value").starts_with("it answered 200"));
        for wrong in [
            r#"{"url": "http://h", "statuses": [200]}"#,
            r#"{"url": "http://h", "unit": "hours"}"#,
            &told.replace("503", "42"),
        ] {
            assert_eq!(serde_json::from_str::<Http>(wrong).expect(wrong).problems().len(), 1, "{wrong}");
        }
    }

    fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
        match &facts.facts[fact] {
            Fact::Absent(reason) => reason,
            Fact::Present(value) => panic!("{fact} is {value:?}"),
        }
    }

    #[test]
    fn any_answer_has_a_status_a_size_and_a_time() {
        let facts = facts(None, b"Healthy.\n");
        assert_eq!(facts.get("status"), Some(&Value::Number(503.into())));
        assert_eq!(facts.get("body"), Some(&Value::Text("Healthy.".to_owned())));
        assert_eq!(facts.get("body-size"), Some(&Value::Bytes(Number::from(9))));
        assert_eq!(facts.get("content-type"), Some(&Value::Text("text/html".to_owned())));
        assert_eq!(facts.get("response-time"), Some(&Value::Duration("1.5".parse().expect("a number"))));
        assert_eq!(absent(&facts, "value"), "there is no `extract`");
    }

    #[test]
    fn what_the_filter_yields_is_a_number_or_a_text_or_absent() {
        let body = br#"{"n": 7.50, "s": "ok", "f": false, "o": {}, "z": null, "l": [1]}"#;
        assert_eq!(facts(Some(".n"), body).get("value"), Some(&Value::Number("7.5".parse().expect("a number"))));
        assert_eq!(facts(Some(".s"), body).get("text"), Some(&Value::Text("ok".to_owned())));
        assert_eq!(facts(Some(".f"), body).get("text"), Some(&Value::Text("false".to_owned())));
        for (filter, reason) in [
            (".z", "`.z` yields null"),
            (".missing", "`.missing` yields null"),
            ("empty", "`empty` yields nothing"),
            (".o", "`.o` yields an object"),
            (".[]", "the filter \".[]\" yields more than 1 values"),
        ] {
            assert_eq!(absent(&facts(Some(filter), body), "value"), reason);
            assert_eq!(absent(&facts(Some(filter), body), "text"), reason);
        }
        let captured = include_bytes!("../../fixtures/kinds/http/buildinfo.json");
        let version = facts(Some(".data.version"), captured).get("text").cloned();
        assert!(matches!(version, Some(Value::Text(version)) if version.starts_with("2.")));
        assert!(absent(&facts(Some(".n"), b"<html>"), "value").starts_with("not JSON"));
        assert_eq!(absent(&facts(Some(".l"), body), "text"), "`extract` yields a list");
    }

    #[test]
    fn a_number_is_one_of_what_the_audit_says_and_conditions_are_too() {
        let http = |unit: &str| {
            let options = format!(r#"{{"url": "http://h", "extract": ".age"{unit}}}"#);
            serde_json::from_str::<Http>(&options).expect(&options)
        };
        let hours = http(r#", "unit": "hours""#);
        let condition = Condition::parse("<= 24h").expect("a condition");
        assert_eq!(read(&hours, &answer(200, br#"{"age": 30}"#)).get("value"), Some(&Value::Duration(108_000.into())));
        assert_eq!((hours.problems(), hours.unfit("value", &condition)), (Vec::new(), None));
        assert!(http("").unfit("value", &condition).is_some());
        assert_eq!(http("").unfit("response-time", &condition), None, "its unit is known");
    }

    #[test]
    fn a_long_or_binary_body_is_no_text() {
        assert_eq!(
            absent(&facts(None, &[b'x'; 4097]), "body"),
            "it is longer than 4 KiB; take a part of it with `extract:`"
        );
        assert_eq!(absent(&facts(None, &[0xff, 0xfe]), "body"), "it is no text");
    }

    proptest! {
        #[test]
        fn every_body_has_every_fact_present_or_absent(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let facts = facts(Some(".a"), &body);
            for spec in Http::FACTS {
                let fact = facts.facts.get(spec.name.as_ref());
                prop_assert!(fact.is_some(), "{}", spec.name);
                if let Some(Fact::Present(value)) = fact {
                    prop_assert!(value.is_a(spec.fact_type), "{}", spec.name);
                }
            }
        }
    }
}
