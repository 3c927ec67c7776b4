//! JUnit XML as pytest, Surefire, Gradle, PHPUnit, jest-junit, gtest, CTest and nextest write it: read as a stream, so
//! that a file of any size takes little memory.
//!
//! It counts the test cases it sees. What the attributes of a suite say is never counted, only compared.

mod events;
mod suite;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::sync::mpsc::sync_channel;

use quick_xml::XmlVersion;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;

use self::events::{Batch, Found, events};
use self::suite::OpenSuite;
use super::repeats::{key, mix};
use super::test_run::{Outcome, TestRun, nanos, shorten};
use super::xml_input::MAX_DEPTH;
use crate::model::fact::Unmeasurable;

/// Sentences kept about one file.
const MAX_NOTES: u64 = 5;

/// Reads a file to its end. `fallback` names suites that have no name of their own.
///
/// A file that is no JUnit XML is an error. One that stops in the middle is a run that was cut short: half a report must
/// not pass for a whole one.
pub fn read(input: impl Read + Send, fallback: &str) -> Result<TestRun, Unmeasurable> {
    let mut events = events(input)?;
    let mut document = Document::new(fallback);
    let first = events.batch();
    document.take_in(&first)?;
    if first.end.is_none() {
        // There is more of it: reading and counting take about the same time, and are done side by side.
        std::thread::scope(|scope| {
            let (sender, batches) = sync_channel(2);
            scope.spawn(move || {
                loop {
                    let batch = events.batch();
                    let last = batch.end.is_some();
                    // Nobody takes it when what came before is no JUnit XML.
                    if sender.send(batch).is_err() || last {
                        return;
                    }
                }
            });
            batches.iter().try_for_each(|batch| document.take_in(&batch))
        })?;
    }
    document.finish()
}

/// Is that what is wrong with a file that ends too early?
fn stops(error: &Error) -> bool {
    use SyntaxError as S;
    let Error::Syntax(wrong) = error else { return false };
    matches!(
        wrong,
        S::UnclosedTag
            | S::UnclosedSingleQuotedAttributeValue
            | S::UnclosedDoubleQuotedAttributeValue
            | S::UnclosedComment
            | S::UnclosedCData
            | S::UnclosedPI
            | S::UnclosedXmlDecl
            | S::UnclosedDoctype
    )
}

fn no_junit(reason: impl Into<String>) -> Unmeasurable {
    Unmeasurable::new(reason, "Name a JUnit XML file that the test tool wrote to its end.")
}

fn first_line(text: &str) -> String {
    shorten(text.lines().next().unwrap_or_default())
}

/// A test case whose end has not been seen.
#[derive(Debug, Default)]
struct OpenCase {
    key: u64,
    /// How long it took; `None` when that is not there or is no number.
    nanos: Option<u64>,
    /// Kept only while it is the slowest so far.
    label: Option<String>,
    failed: bool,
    errored: bool,
    skipped: bool,
    flaky: bool,
    /// How often something in it says that it failed.
    marks: u64,
    /// CTest writes so of a test that was to be skipped, and of one whose program is not there, which it counts as failed.
    not_run: bool,
    /// pytest writes the test that was running when somebody ended the run as a test case without a name.
    nameless: bool,
    /// A word of an attribute that nobody knows.
    unknown: Option<String>,
}

impl OpenCase {
    fn outcome(&self) -> Outcome {
        match self {
            Self { failed: true, .. } => Outcome::Failed,
            Self { errored: true, .. } => Outcome::Errored,
            Self { skipped: true, .. } => Outcome::Skipped,
            Self { unknown: Some(_), .. } => Outcome::Errored,
            _ => Outcome::Passed,
        }
    }
}

/// What an open element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Suite,
    Case,
    Other,
}

struct Document<'a> {
    fallback: &'a str,
    open: Vec<Element>,
    suites: Vec<OpenSuite>,
    case: Option<OpenCase>,
    has_root: bool,
    class: Class,
    noted: u64,
    /// How many test cases came to an error by a word that nobody knows, and the first such word.
    unknown: Option<(u64, String)>,
    run: TestRun,
}

impl<'a> Document<'a> {
    fn new(fallback: &'a str) -> Self {
        let run = TestRun { tells_flaky: true, ..TestRun::default() };
        let (open, suites) = (Vec::new(), Vec::new());
        let class = Class::default();
        Self { fallback, open, suites, case: None, has_root: false, class, noted: 0, unknown: None, run }
    }

    fn take_in(&mut self, batch: &Batch) -> Result<(), Unmeasurable> {
        for (found, text) in batch.each() {
            match found {
                Found::Start(name) => self.start(&BytesStart::from_content(text, name))?,
                Found::Empty(name) => {
                    self.start(&BytesStart::from_content(text, name))?;
                    self.end();
                }
                Found::End => self.end(),
                Found::Stray => return Err(no_junit("there is text outside of its outermost element")),
                Found::Entity => {
                    let name = shorten(text);
                    return Err(no_junit(format!("it uses the entity \"&{name};\", which XML does not know")));
                }
            }
        }
        match &batch.end {
            Some(Err(error)) if self.has_root && stops(error) => self.stop(),
            Some(Err(error)) => {
                return Err(no_junit(format!("it is not well-formed XML: {}", first_line(&error.to_string()))));
            }
            Some(Ok(())) | None => {}
        }
        Ok(())
    }

    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), Unmeasurable> {
        let name = element.local_name();
        let name = name.as_ref();
        let is_suite = matches!(name, "testsuite" | "testsuites");
        if self.open.is_empty() && (self.has_root || !is_suite) {
            let second = if self.has_root { "second outermost" } else { "outermost" };
            return Err(no_junit(format!("its {second} element is <{}>, not <testsuites>", shorten(name))));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(no_junit(format!("its elements are nested more than {MAX_DEPTH} deep")));
        }
        self.has_root = true;
        let entered = self.enter(element, name)?;
        self.open.push(entered);
        Ok(())
    }

    fn enter(&mut self, element: &BytesStart<'_>, name: &str) -> Result<Element, Unmeasurable> {
        let inside = self.open.last().copied();
        match (name, inside) {
            ("testsuite" | "testsuites" | "testcase", _) if self.case.is_some() => {
                Err(no_junit(format!("it has a <{name}> inside of a <testcase>")))
            }
            ("testsuite" | "testsuites", _) => {
                let mut suite = open_suite(element)?;
                let named = suite.name.as_deref().is_some_and(|name| name.starts_with("jest"));
                suite.of_jest = named || self.suites.last().is_some_and(|outer| outer.of_jest);
                self.suites.push(suite);
                Ok(Element::Suite)
            }
            ("testcase", _) => {
                let longest = self.run.slowest.as_ref().map(|(_, nanos)| *nanos);
                self.case = Some(open_case(element, longest, &mut self.class)?);
                Ok(Element::Case)
            }
            (_, Some(Element::Case)) => {
                if let Some(case) = &mut self.case {
                    mark(case, name);
                    if case.not_run && name == "skipped" && ctest_could_not_run(element)? {
                        case.errored = true;
                    }
                }
                Ok(Element::Other)
            }
            ("failure" | "error", Some(Element::Suite)) => {
                self.suite_broke();
                Ok(Element::Other)
            }
            _ => Ok(Element::Other),
        }
    }

    /// A suite that broke as a whole counts as one test with an error, as nothing in it may have run.
    fn suite_broke(&mut self) {
        if let Some(suite) = self.suites.last_mut() {
            let name = suite.name.as_deref().unwrap_or(self.fallback).to_owned();
            suite.add(key(&["<suite>", &name]), Outcome::Errored, false, Some(0));
            suite.marks += 1;
            self.note(format!("\"{name}\" failed as a whole; that counts as one error."));
        }
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Element::Case) => self.end_case(),
            Some(Element::Suite) => self.end_suite(),
            _ => {}
        }
    }

    fn end_case(&mut self) {
        let (Some(mut case), Some(suite)) = (self.case.take(), self.suites.last_mut()) else { return };
        if case.nameless && case.outcome() == Outcome::Passed {
            self.run
                .cut_short
                .get_or_insert_with(|| "the last test in the file has neither a name nor an end".to_owned());
            return;
        }
        let outcome = case.outcome();
        suite.add(case.key, outcome, case.flaky, case.nanos);
        if let Some(word) = case.unknown.take().filter(|_| outcome == Outcome::Errored && !case.errored) {
            self.unknown.get_or_insert((0, word)).0 += 1;
        }
        suite.marks += case.marks.max(u64::from(case.failed || case.errored));
        if let Some(slowest) = case.label.zip(case.nanos) {
            self.run.slowest = Some(slowest);
        }
    }

    fn end_suite(&mut self) {
        let Some(suite) = self.suites.pop() else { return };
        let closed = suite.close(self.fallback);
        match self.suites.last_mut() {
            Some(parent) => {
                parent.inner.absorb(&closed.all);
                parent.marks += closed.marks;
            }
            None => self.run.counts.absorb(&closed.all),
        }
        if let Some(row) = closed.row {
            self.run.nanos = Some(self.run.nanos.unwrap_or(0).saturating_add(row.nanos.unwrap_or(0)));
            self.run.list(row);
        }
        self.run.untimed |= closed.untimed;
        for note in closed.notes {
            self.note(note);
        }
        if let Some(reason) = closed.stopped {
            self.run.stopped(|| reason);
        }
    }

    fn note(&mut self, sentence: String) {
        self.noted += 1;
        if self.noted <= MAX_NOTES {
            self.run.note(sentence);
        } else {
            self.run.silent += 1;
        }
    }

    /// Nothing comes any more: what was read so far is all there is.
    fn stop(&mut self) {
        self.run.cut_short = Some("the file stops in the middle: elements are open at its end".to_owned());
        while !self.open.is_empty() {
            // Of a test case that is open the end could still say that it failed.
            if self.open.last() == Some(&Element::Case) {
                self.case.take_if(|case| case.outcome() == Outcome::Passed);
            }
            self.end();
        }
    }

    fn finish(mut self) -> Result<TestRun, Unmeasurable> {
        if !self.has_root {
            return Err(no_junit("it has no XML element"));
        }
        if !self.open.is_empty() {
            self.stop();
        }
        if let Some((count, word)) = self.unknown.take() {
            self.note(format!(
                "{count} test cases have a status that is not known, such as \"{word}\"; each counts as an error."
            ));
        }
        Ok(self.run)
    }
}

fn mark(case: &mut OpenCase, element: &str) {
    match element {
        "failure" => case.failed = true,
        // PHPUnit's warning stands for a test that could not be run as it was meant, and fails the run.
        "error" | "warning" => case.errored = true,
        "skipped" | "disabled" | "ignored" => return case.skipped = true,
        // The attempts before the last one: of a test that held in the end, and of one that never did.
        "flakyFailure" | "flakyError" => case.flaky = true,
        "rerunFailure" => case.failed = true,
        "rerunError" => case.errored = true,
        _ => return,
    }
    case.marks += 1;
}

/// gtest, CTest, behave, Ginkgo and Qt Test say in an attribute what others say in an element, in words of their own.
fn says(case: &mut OpenCase, status: &str) {
    let letters = status.chars().filter(|character| character.is_alphanumeric());
    let word: String = letters.flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "run" | "ran" | "pass" | "passed" | "passing" | "success" | "successful" | "succeeded" | "ok" | "complete"
        | "completed" | "executed" | "finished" | "done" | "expected" => {}
        "flaky" => case.flaky = true,
        "notrun" => (case.skipped, case.not_run) = (true, true),
        "disabled" | "skip" | "skipped" | "ignore" | "ignored" | "suppressed" | "pending" | "todo" | "untested"
        | "notexecuted" | "inconclusive" | "xfail" | "bpass" | "bfail" | "bxpass" | "bxfail" => case.skipped = true,
        "fail" | "failed" | "failure" | "failing" | "xpass" | "unexpected" => case.failed = true,
        "error" | "errored" | "broken" | "undefined" | "aborted" | "timeout" | "timedout" | "crashed" | "panicked"
        | "interrupted" | "incomplete" | "cancelled" | "canceled" | "killed" => case.errored = true,
        "" if status.trim().is_empty() => {}
        _ => case.unknown = Some(shorten(status)),
    }
}

/// Does CTest say of a test why it could not run it? What skips a test on purpose, it says in one of three words.
fn ctest_could_not_run(element: &BytesStart<'_>) -> Result<bool, Unmeasurable> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| no_junit(format!("it is not well-formed XML: {error}")))?;
        if attribute.key.as_ref() == "message" {
            let message = value(&attribute)?;
            return Ok(!message.is_empty() && message != "Disabled" && !message.starts_with("SKIP_"));
        }
    }
    Ok(false)
}

fn open_suite(element: &BytesStart<'_>) -> Result<OpenSuite, Unmeasurable> {
    let mut suite = OpenSuite::default();
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| no_junit(format!("it is not well-formed XML: {error}")))?;
        let number = || attribute.value.trim().parse::<u64>().ok();
        match attribute.key.as_ref() {
            "name" => suite.name = Some(shorten(&value(&attribute)?)),
            // Copied with the suite, so that a copy is told from another run of the same tests.
            name @ ("timestamp" | "hostname" | "time") => {
                suite.print = mix(suite.print, key(&[&attribute.value]));
                suite.dated |= name == "timestamp" && !attribute.value.trim().is_empty();
                if name == "time" {
                    suite.took = nanos(&attribute.value);
                }
            }
            "tests" => suite.declared.tests = number(),
            "failures" | "errors" => {
                let more = number().unwrap_or(0);
                suite.declared.broken = Some(suite.declared.broken.unwrap_or(0).saturating_add(more));
            }
            _ => {}
        }
    }
    suite.print = mix(suite.print, key(&[suite.name.as_deref().unwrap_or_default()]));
    Ok(suite)
}

/// The class of the last test case: nearly always that of the next one.
#[derive(Debug, Default)]
struct Class {
    name: String,
    key: u64,
}

impl Class {
    fn key(&mut self, name: &str) -> u64 {
        if self.name != name {
            self.name.clear();
            self.name.push_str(name);
            self.key = key(&[name]);
        }
        self.key
    }
}

fn open_case(element: &BytesStart<'_>, longest: Option<u64>, last: &mut Class) -> Result<OpenCase, Unmeasurable> {
    let mut case = OpenCase::default();
    let (mut name, mut class) = (None, None);
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| no_junit(format!("it is not well-formed XML: {error}")))?;
        match attribute.key.as_ref() {
            "name" => name = Some(value(&attribute)?),
            "classname" => class = Some(value(&attribute)?),
            "time" => case.nanos = nanos(&attribute.value),
            "status" | "result" => says(&mut case, &value(&attribute)?),
            _ => {}
        }
    }
    case.nameless = name.is_none();
    let (class, name) = (class.unwrap_or_default(), name.unwrap_or_default());
    case.key = mix(last.key(&class), key(&[&name]));
    if case.nanos.is_some_and(|nanos| longest.is_none_or(|longest| nanos > longest)) {
        let label = if class.is_empty() { name.into_owned() } else { format!("{class} {name}") };
        case.label = Some(shorten(&label));
    }
    Ok(case)
}

fn value<'a>(attribute: &Attribute<'a>) -> Result<std::borrow::Cow<'a, str>, Unmeasurable> {
    // Nearly every value stands as it is. Without a way out in the middle this is several bytes at a time.
    let as_it_is = attribute.value.bytes().fold(true, |so_far, byte| so_far & (byte >= b' ') & (byte != b'&'));
    if as_it_is {
        return Ok(attribute.value.clone());
    }
    let unreadable = |error| no_junit(format!("an attribute cannot be read: {}", first_line(&format!("{error}"))));
    attribute.normalized_value(XmlVersion::Implicit1_0).map_err(unreadable)
}
