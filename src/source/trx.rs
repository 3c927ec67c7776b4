//! TRX, the XML of Visual Studio's tests, read as a stream. It counts the results it sees; a result that only sums up inner
//! ones (a test with rows of data) is not counted again, unless it failed and none of them did. The counters in its summary
//! are compared and never used.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::repeats::{Repeats, key};
use super::test_results::Input;
use super::test_run::{Counts, Outcome, Suite, TestRun, nanos, shorten};
use super::xml_input::{MAX_DEPTH, decoded};
use crate::model::fact::Unmeasurable;

/// Tests beyond which they are no longer sorted into suites: their ids must be kept until their definitions come.
const MAX_TESTS: usize = 500_000;

/// Reads it to its end; a file that stops in the middle is a run that was cut short.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let mut reader = Reader::from_reader(decoded(input.content)?);
    reader.config_mut().expand_empty_elements = true;
    let mut document = Document::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().begin_event();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(Event::Start(element)) => document.start(&element)?,
            Ok(Event::End(_)) => document.end(),
            Ok(Event::Text(text)) if document.open.is_empty() && !text.trim_ascii().is_empty() => {
                return Err(no_trx("there is text outside of its outermost element"));
            }
            Ok(_) => {}
            Err(error) if document.stops(&error) => break,
            Err(error) => return Err(no_trx(format!("it is not well-formed XML: {}", shorten(&error.to_string())))),
        }
    }
    document.finish()
}

fn no_trx(reason: impl Into<String>) -> Unmeasurable {
    Unmeasurable::new(reason, "Name a TRX file that the test tool wrote to its end.")
}

/// A result whose end has not been seen.
#[derive(Default)]
struct Open {
    test: u64,
    name: u64,
    outcome: Option<Outcome>,
    nanos: u64,
    inner: bool,
    inner_broke: bool,
}

/// Results one by one, outer ones too: so the test tool counts them in its summary.
#[derive(Default)]
struct Seen {
    all: u64,
    broken: u64,
}

#[derive(Default)]
struct Document {
    open: Vec<String>,
    has_root: bool,
    results: Vec<Open>,
    repeats: Repeats,
    /// What each test came to, until its definition names its class.
    tests: BTreeMap<u64, (Counts, u64)>,
    /// Which class each test is of, as a number.
    classes_of: BTreeMap<u64, usize>,
    class_names: BTreeMap<String, usize>,
    definition: Option<u64>,
    declared: Option<u64>,
    declared_broken: u64,
    seen: Seen,
    has_summary: bool,
    /// Does the summary say that the run failed?
    failed: bool,
    run: TestRun,
}

impl Document {
    fn stops(&self, error: &quick_xml::errors::Error) -> bool {
        self.has_root && matches!(error, quick_xml::errors::Error::Syntax(_))
    }

    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), Unmeasurable> {
        let name = element.local_name();
        let name = name.as_ref();
        if self.open.is_empty() && (self.has_root || name != "TestRun") {
            return Err(no_trx(format!("its outermost element is <{}>, not <TestRun>", shorten(name))));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(no_trx(format!("its elements are nested more than {MAX_DEPTH} deep")));
        }
        self.has_root = true;
        match name {
            "UnitTestResult" | "TestResult" | "GenericTestResult" => self.result(element)?,
            "ResultSummary" => {
                self.has_summary = true;
                let outcome = attribute(element, "outcome")?.unwrap_or_default();
                if !matches!(outcome.as_str(), "Completed" | "Passed" | "Warning" | "Failed") {
                    self.run.stopped(|| format!("its summary says \"{}\"", shorten(&outcome)));
                }
                self.failed = outcome == "Failed";
            }
            // So vstest tells of a test host that crashed, beside counters in which nothing failed.
            "RunInfo" => {
                let outcome = attribute(element, "outcome")?.unwrap_or_default();
                if matches!(outcome.as_str(), "Error" | "Failed" | "Aborted" | "Timeout" | "Disconnected") {
                    self.run.stopped(|| format!("the run itself tells of something with the outcome \"{outcome}\""));
                }
            }
            "Counters" => {
                let number = |name| Ok(attribute(element, name)?.and_then(|number| number.parse::<u64>().ok()));
                self.declared = number("total")?;
                for name in ["failed", "error", "timeout", "aborted"] {
                    self.declared_broken = self.declared_broken.saturating_add(number(name)?.unwrap_or(0));
                }
            }
            "UnitTest" => self.definition = attribute(element, "id")?.map(|id| key(&[&id])),
            "TestMethod" => self.define(attribute(element, "className")?),
            _ => {}
        }
        self.open.push(name.to_owned());
        Ok(())
    }

    fn result(&mut self, element: &BytesStart<'_>) -> Result<(), Unmeasurable> {
        if let Some(outer) = self.results.last_mut() {
            outer.inner = true;
        }
        let name = attribute(element, "testName")?.unwrap_or_default();
        let test = attribute(element, "testId")?.unwrap_or_default();
        let said = attribute(element, "outcome")?;
        let outcome = match said.as_deref() {
            Some("Passed" | "Warning" | "Completed") => Outcome::Passed,
            Some("Failed" | "Timeout") => Outcome::Failed,
            Some("NotExecuted" | "Inconclusive" | "NotRunnable") => Outcome::Skipped,
            // The schema gives this meaning to a result without an outcome.
            Some("Error" | "Aborted" | "Disconnected") | None => Outcome::Errored,
            Some(stopped @ ("PassedButRunAborted" | "InProgress" | "Pending")) => {
                self.run.stopped(|| format!("a test is \"{stopped}\""));
                Outcome::Errored
            }
            Some(other) => return Err(no_trx(format!("it has the outcome \"{}\"", shorten(other)))),
        };
        let took = attribute(element, "duration")?.and_then(|text| duration(&text));
        self.run.untimed |= took.is_none() && outcome != Outcome::Skipped;
        let nanos = took.unwrap_or(0);
        self.run.time(nanos, || shorten(&name));
        let (name, test) = (key(&[&test, &name]), key(&[&test]));
        self.results.push(Open { test, name, outcome: Some(outcome), nanos, inner: false, inner_broke: false });
        Ok(())
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        match name.as_str() {
            "UnitTestResult" | "TestResult" | "GenericTestResult" => {
                let Some(Open { test, name, outcome: Some(outcome), nanos, inner, inner_broke }) = self.results.pop()
                else {
                    return;
                };
                let broke = matches!(outcome, Outcome::Failed | Outcome::Errored);
                self.seen.all += 1;
                self.seen.broken += u64::from(broke);
                if let Some(outer) = self.results.last_mut() {
                    outer.inner_broke |= broke || inner_broke;
                }
                if inner && (!broke || inner_broke) {
                    return;
                }
                self.repeats.add(name, outcome, false);
                if self.tests.len() < MAX_TESTS {
                    let (counts, took) = self.tests.entry(test).or_default();
                    counts.add(outcome, false);
                    *took = took.saturating_add(nanos);
                }
                self.run.nanos = Some(self.run.nanos.unwrap_or(0).saturating_add(nanos));
            }
            "UnitTest" => self.definition = None,
            _ => {}
        }
    }

    /// Definitions stand behind the results in what Visual Studio writes, and before them in what others write.
    fn define(&mut self, class: Option<String>) {
        if let (Some(test), Some(class)) = (self.definition, class)
            && self.classes_of.len() < MAX_TESTS
        {
            // "Namespace.Class, Assembly, Version=..." in older files.
            let class = class.split(',').next().unwrap_or_default().trim();
            let next = self.class_names.len();
            let at = *self.class_names.entry(shorten(class)).or_insert(next);
            self.classes_of.insert(test, at);
        }
    }

    fn finish(mut self) -> Result<TestRun, Unmeasurable> {
        if !self.has_root {
            return Err(no_trx("it has no XML element"));
        }
        self.run.counts = self.repeats.each();
        if !self.open.is_empty() {
            self.run.stopped(|| "the file stops in the middle: elements are open at its end".to_owned());
        } else if !self.has_summary {
            self.run.stopped(|| "it has no summary, which the test tool writes at the end".to_owned());
        }
        if self.failed && self.run.counts.failed + self.run.counts.errors == 0 {
            self.run.stopped(|| "its summary says \"Failed\"; no failed test is in it".to_owned());
        }
        self.run.failures_said("its summary", self.declared_broken, self.seen.broken);
        let total = self.run.counts.total();
        if let Some(declared) = self.declared.filter(|declared| *declared > self.seen.all) {
            self.run.tests_said("its summary", declared, self.seen.all);
        } else if let Some(declared) = self.declared.filter(|declared| *declared != total) {
            self.run.note(format!(
                "Its summary says that there are {declared} tests; {total} are in it, and those are counted."
            ));
        }
        if let Some(once) = self.repeats.once().filter(|once| once.total() < total) {
            let more = total - once.total();
            self.run.note(format!("{more} results have the id and the name of another; each is counted."));
        }
        self.suites();
        Ok(self.run)
    }

    fn suites(&mut self) {
        let mut rows: Vec<(Counts, u64)> = vec![Default::default(); self.class_names.len()];
        for (test, (counts, nanos)) in &self.tests {
            let Some(row) = self.classes_of.get(test).and_then(|at| rows.get_mut(*at)) else { return };
            row.0.absorb(counts);
            row.1 = row.1.saturating_add(*nanos);
        }
        for (name, at) in std::mem::take(&mut self.class_names) {
            if let Some((counts, nanos)) = rows.get(at).filter(|(counts, _)| counts.total() > 0) {
                self.run.list(Suite { name, counts: *counts, nanos: Some(*nanos), print: None });
            }
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Unmeasurable> {
    let unreadable = |error: String| no_trx(format!("an attribute cannot be read: {}", shorten(&error)));
    let found = element.try_get_attribute(name).map_err(|error| unreadable(error.to_string()))?;
    let value = found.map(|found| {
        let value = found.normalized_value(XmlVersion::Implicit1_0).map(std::borrow::Cow::into_owned);
        value.map_err(|error| unreadable(error.to_string()))
    });
    value.transpose()
}

/// `00:01:02.0030000`, hours first; days may stand before them.
fn duration(text: &str) -> Option<u64> {
    let (rest, seconds) = text.rsplit_once(':')?;
    let (hours, minutes) = rest.rsplit_once(':')?;
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let [days, hours, minutes] = [days, hours, minutes].map(|part| part.parse::<u64>().ok());
    let whole = days?.checked_mul(24)?.checked_add(hours?)?.checked_mul(60)?.checked_add(minutes?)?.checked_mul(60)?;
    whole.checked_mul(1_000_000_000)?.checked_add(nanos(seconds)?)
}

#[cfg(test)]
mod tests;
