//! JUnit XML as pytest, Surefire, Gradle, PHPUnit, jest-junit, gtest, CTest and nextest write it: read as a stream, so
//! that a file of any size takes little memory.
//!
//! It counts the test cases it sees. What the attributes of a suite say is never counted, only compared.

mod suite;
#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hasher};
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesStart, Event};

use self::suite::OpenSuite;
use super::test_run::{Outcome, TestRun, nanos};
use super::xml::decoded;
use crate::model::fact::Unmeasurable;

/// Elements inside each other beyond which a file is refused.
const MAX_DEPTH: usize = 256;
/// Suites that get a row of their own.
const MAX_SUITES: usize = 10_000;
/// Sentences kept about one file.
const MAX_NOTES: usize = 5;
/// Longest name kept, in characters.
const MAX_NAME: usize = 300;
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Reads a file to its end. `fallback` names suites that have no name of their own.
///
/// A file that is no JUnit XML, or stops in the middle, is an error: half a report must not pass for a whole one.
pub fn read(input: impl Read, fallback: &str) -> Result<TestRun, Unmeasurable> {
    let mut reader = Reader::from_reader(BufReader::with_capacity(CHUNK, decoded(input).map_err(no_junit)?));
    reader.config_mut().expand_empty_elements = true;
    let mut document = Document::new(fallback);
    let mut buffer = Vec::with_capacity(CHUNK);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(event) => document.take(event)?,
            Err(error) => {
                return Err(no_junit(format!("it is not well-formed XML: {}", first_line(&error.to_string()))));
            }
        }
    }
    document.finish()
}

fn no_junit(reason: impl Into<String>) -> Unmeasurable {
    Unmeasurable::new(reason, "Name a JUnit XML file that the test tool wrote to its end.")
}

fn first_line(text: &str) -> String {
    shorten(text.lines().next().unwrap_or_default())
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_NAME) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A test case whose end has not been seen.
#[derive(Debug, Default)]
struct OpenCase {
    key: u64,
    nanos: u64,
    /// Kept only while it is the slowest so far.
    label: Option<String>,
    failed: bool,
    errored: bool,
    skipped: bool,
    flaky: bool,
    /// pytest writes the test that was running when somebody ended the run as a test case without a name.
    nameless: bool,
}

impl OpenCase {
    fn outcome(&self) -> Outcome {
        match self {
            Self { failed: true, .. } => Outcome::Failed,
            Self { errored: true, .. } => Outcome::Errored,
            Self { skipped: true, .. } => Outcome::Skipped,
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
    silent_notes: usize,
    unlisted_suites: usize,
    run: TestRun,
}

impl<'a> Document<'a> {
    fn new(fallback: &'a str) -> Self {
        let run = TestRun { tells_flaky: true, ..TestRun::default() };
        let (open, suites) = (Vec::new(), Vec::new());
        Self { fallback, open, suites, case: None, has_root: false, silent_notes: 0, unlisted_suites: 0, run }
    }

    fn take(&mut self, event: Event<'_>) -> Result<(), Unmeasurable> {
        match event {
            Event::Start(element) | Event::Empty(element) => self.start(&element),
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) if self.open.is_empty() && !text.trim_ascii().is_empty() => {
                Err(no_junit("there is text outside of its outermost element"))
            }
            Event::GeneralRef(entity) => {
                let known = entity.is_char_ref() || matches!(&*entity, "lt" | "gt" | "amp" | "apos" | "quot");
                let unknown =
                    || no_junit(format!("it uses the entity \"&{};\", which XML does not know", shorten(&entity)));
                if known { Ok(()) } else { Err(unknown()) }
            }
            _ => Ok(()),
        }
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
                self.suites.push(open_suite(element)?);
                Ok(Element::Suite)
            }
            ("testcase", _) => {
                let longest = self.run.slowest.as_ref().map(|(_, nanos)| *nanos);
                self.case = Some(open_case(element, longest)?);
                Ok(Element::Case)
            }
            (_, Some(Element::Case)) => {
                if let Some(case) = &mut self.case {
                    mark(case, name);
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
            suite.add(hash(&["<suite>", &name]), Outcome::Errored, false, 0);
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
        let (Some(case), Some(suite)) = (self.case.take(), self.suites.last_mut()) else { return };
        if case.nameless && case.outcome() == Outcome::Passed {
            self.run
                .cut_short
                .get_or_insert_with(|| "the last test in the file has neither a name nor an end".to_owned());
            return;
        }
        suite.add(case.key, case.outcome(), case.flaky, case.nanos);
        if let Some(label) = case.label {
            self.run.slowest = Some((label, case.nanos));
        }
    }

    fn end_suite(&mut self) {
        let Some(suite) = self.suites.pop() else { return };
        let closed = suite.close(self.fallback);
        match self.suites.last_mut() {
            Some(parent) => parent.inner.absorb(&closed.all),
            None => self.run.counts.absorb(&closed.all),
        }
        if let Some(row) = closed.row {
            self.run.nanos = Some(self.run.nanos.unwrap_or(0).saturating_add(row.nanos.unwrap_or(0)));
            if self.run.suites.len() < MAX_SUITES {
                self.run.suites.push(row);
            } else {
                self.unlisted_suites += 1;
            }
        }
        for note in closed.notes {
            self.note(note);
        }
    }

    fn note(&mut self, sentence: String) {
        if self.run.notes.len() < MAX_NOTES {
            self.run.notes.push(sentence);
        } else {
            self.silent_notes += 1;
        }
    }

    fn finish(mut self) -> Result<TestRun, Unmeasurable> {
        if !self.has_root {
            return Err(no_junit("it has no XML element"));
        }
        if !self.open.is_empty() {
            return Err(no_junit("it stops in the middle: elements are open at its end"));
        }
        if self.silent_notes > 0 {
            self.run.notes.push(format!("{} more remarks of that sort are left out.", self.silent_notes));
        }
        if self.unlisted_suites > 0 {
            self.run.notes.push(format!("{} more suites are counted and not listed.", self.unlisted_suites));
        }
        Ok(self.run)
    }
}

fn mark(case: &mut OpenCase, element: &str) {
    match element {
        "failure" => case.failed = true,
        "error" => case.errored = true,
        "skipped" | "disabled" | "ignored" => case.skipped = true,
        // The attempts before the last one: of a test that held in the end, and of one that never did.
        "flakyFailure" | "flakyError" => case.flaky = true,
        "rerunFailure" | "rerunError" => case.failed = true,
        _ => {}
    }
}

fn open_suite(element: &BytesStart<'_>) -> Result<OpenSuite, Unmeasurable> {
    let mut suite = OpenSuite::default();
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| no_junit(format!("it is not well-formed XML: {error}")))?;
        let number = || attribute.value.trim().parse::<u64>().ok();
        match attribute.key.as_ref() {
            "name" => suite.name = Some(shorten(&value(&attribute)?)),
            "tests" => suite.declared.tests = number(),
            "failures" | "errors" => {
                let more = number().unwrap_or(0);
                suite.declared.broken = Some(suite.declared.broken.unwrap_or(0).saturating_add(more));
            }
            _ => {}
        }
    }
    Ok(suite)
}

fn open_case(element: &BytesStart<'_>, longest: Option<u64>) -> Result<OpenCase, Unmeasurable> {
    let mut case = OpenCase::default();
    let (mut name, mut class) = (None, None);
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| no_junit(format!("it is not well-formed XML: {error}")))?;
        match attribute.key.as_ref() {
            "name" => name = Some(value(&attribute)?),
            "classname" => class = Some(value(&attribute)?),
            "time" => case.nanos = nanos(&attribute.value).unwrap_or(0),
            // gtest and CTest say in an attribute what others say in an element.
            "status" | "result" => match attribute.value.to_ascii_lowercase().as_str() {
                "notrun" | "disabled" | "skipped" | "ignored" | "suppressed" | "pending" => case.skipped = true,
                "fail" | "failed" | "failure" => case.failed = true,
                "error" | "errored" => case.errored = true,
                _ => {}
            },
            _ => {}
        }
    }
    case.nameless = name.is_none();
    let (class, name) = (class.unwrap_or_default(), name.unwrap_or_default());
    case.key = hash(&[&class, &name]);
    if longest.is_none_or(|longest| case.nanos > longest) {
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

/// The same in every run, unlike the hash of a `HashMap`.
fn hash(parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xFF);
    }
    hasher.finish()
}
