//! JUnit XML, as GitLab and Jenkins read it: a suite for each area, a case for each finding. GitLab takes the suite from
//! `classname`, drops cases with equal names, and shows the text of an element rather than its `message`.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Unwritable;
use super::results::{Area, Finding, Kind, Outcome, Results};

type Xml = Writer<Vec<u8>>;

/// How many findings have what came of them in JUnit's words, and how long they took.
#[derive(Default)]
struct Tally {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    elapsed_us: u64,
}

impl Tally {
    fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            tally.tests += 1;
            tally.elapsed_us = tally.elapsed_us.saturating_add(finding.elapsed_us);
            match finding.outcome {
                Outcome::Passed | Outcome::Warned => {}
                Outcome::Failed => tally.failures += 1,
                Outcome::NotEvaluated => tally.errors += 1,
                Outcome::Waived | Outcome::Pending | Outcome::Skipped | Outcome::NotApplicable => tally.skipped += 1,
            }
        }
        tally
    }

    fn attributes(&self) -> Vec<(&'static str, String)> {
        vec![
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("skipped", self.skipped.to_string()),
            ("time", seconds(self.elapsed_us)),
        ]
    }
}

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    document(&mut xml, results).map_err(|error| Unwritable::because(&error))?;
    let mut text = String::from_utf8(xml.into_inner()).map_err(|error| Unwritable::because(&error))?;
    text.push('\n');
    Ok(text)
}

fn document(xml: &mut Xml, results: &Results) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut attributes = vec![("name", results.audit.title.clone())];
    attributes.extend(Tally::of(&results.findings).attributes());
    attributes.push(("timestamp", timestamp(results)));
    element(xml, "testsuites", &attributes, |xml| {
        for suite in suites(results) {
            suite.write(xml, results)?;
        }
        Ok(())
    })
}

/// The findings of one area, or of what stands beside the areas.
struct Suite<'a> {
    name: &'a str,
    /// Its figures, where it is an area.
    area: Option<&'a Area>,
    findings: Vec<&'a Finding>,
    /// What concerns the whole run stands where its verdict does, or first.
    tells_of_the_run: bool,
}

/// A suite for each area that has findings, in the order of the findings.
fn suites(results: &Results) -> Vec<Suite<'_>> {
    let areas: BTreeMap<&str, &Area> = results.areas.iter().map(|area| (area.id.as_str(), area)).collect();
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    let mut suites: Vec<Suite<'_>> = Vec::new();
    for finding in &results.findings {
        let name = finding.area.as_str();
        let index = *at.entry(name).or_insert_with(|| {
            suites.push(Suite { name, area: areas.get(name).copied(), findings: Vec::new(), tells_of_the_run: false });
            suites.len() - 1
        });
        suites[index].findings.push(finding);
    }
    let teller = at.get("verdict").copied().unwrap_or_default();
    if let Some(suite) = suites.get_mut(teller) {
        suite.tells_of_the_run = true;
    }
    suites
}

impl Suite<'_> {
    fn write(&self, xml: &mut Xml, results: &Results) -> io::Result<()> {
        let title = self.title();
        let mut attributes = vec![("name", title.clone())];
        attributes.extend(Tally::of(self.findings.iter().copied()).attributes());
        attributes.push(("timestamp", timestamp(results)));
        element(xml, "testsuite", &attributes, |xml| {
            let properties = self.properties(results);
            if !properties.is_empty() {
                element(xml, "properties", &[], |xml| {
                    for (name, value) in properties {
                        empty(xml, "property", &[("name", name.to_owned()), ("value", value)])?;
                    }
                    Ok(())
                })?;
            }
            for finding in &self.findings {
                case(xml, finding, &title)?;
            }
            Ok(())
        })
    }

    fn title(&self) -> String {
        match self.area {
            Some(area) => area.title.clone(),
            None if self.name == "claims" => "Claims".to_owned(),
            None => "Verdict".to_owned(),
        }
    }

    /// Score and coverage of an area; of the whole, with the verdict, where the verdict stands.
    fn properties(&self, results: &Results) -> Vec<(&'static str, String)> {
        let whole = self.name == "verdict";
        let figures = self.area.map(|area| &area.figures).or(whole.then_some(&results.overall));
        let mut properties = Vec::new();
        if self.tells_of_the_run {
            properties.extend(results.provenance.iter().map(|provenance| ("provenance", provenance.clone())));
            properties.extend(results.notices.iter().map(|notice| ("notice", notice.clone())));
        }
        if whole {
            properties.push(("verdict", results.verdict.words.clone()));
            properties.push(("reason", results.verdict.reason.clone()));
            properties.push(("subject", results.audit.subject.clone()));
            properties.push(("record-sha256", results.record_sha256.clone()));
        }
        if let Some(figures) = figures {
            properties.extend(figures.score.as_ref().map(|score| ("score", score.text().to_owned())));
            properties.extend(figures.coverage.as_ref().map(|coverage| ("coverage", coverage.text().to_owned())));
        }
        properties
    }
}

fn case(xml: &mut Xml, finding: &Finding, suite: &str) -> io::Result<()> {
    let attributes = [
        ("name", format!("{} {}", finding.id, finding.title)),
        ("classname", suite.to_owned()),
        ("file", finding.place.path.clone()),
        ("line", finding.place.line.to_string()),
        ("time", seconds(finding.elapsed_us)),
    ];
    let message = |name: &'static str, kind: Option<&'static str>| {
        let mut attributes = vec![("message", finding.message.clone())];
        attributes.extend(kind.map(|kind| ("type", kind.to_owned())));
        (name, attributes)
    };
    let mismatch = if finding.kind == Kind::Claim { "claim-mismatch" } else { "expectation-failed" };
    let (name, inner) = match finding.outcome {
        Outcome::Passed => return empty(xml, "testcase", &attributes),
        Outcome::Warned => ("system-out", Vec::new()),
        Outcome::Failed => message("failure", Some(mismatch)),
        Outcome::NotEvaluated => message("error", Some("evidence-error")),
        Outcome::Waived => ("skipped", vec![("message", waived(finding))]),
        Outcome::Pending | Outcome::Skipped | Outcome::NotApplicable => message("skipped", None),
    };
    element(xml, "testcase", &attributes, |xml| {
        xml.create_element(name)
            .with_attributes(borrowed(&inner))
            .write_text_content(BytesText::new(&told(finding)))?;
        Ok(())
    })
}

fn waived(finding: &Finding) -> String {
    let accepted = finding.waived.as_ref();
    accepted.map_or_else(String::new, |by| format!("waived by {} until {}: {}", by.by, by.until, by.reason))
}

/// The message, where to look, and what to do: all that a reader of the element gets to see.
fn told(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone(), format!("at {}:{}", finding.place.path, finding.place.line)];
    // Nothing that was captured may stand at the start of a line: this may be printed in a job.
    lines.extend(finding.help.as_ref().map(|help| format!("help: {help}")));
    lines.join("\n")
}

fn element(
    xml: &mut Xml,
    name: &str,
    attributes: &[(&'static str, String)],
    inner: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    xml.create_element(name).with_attributes(borrowed(attributes)).write_inner_content(inner)?;
    Ok(())
}

fn empty(xml: &mut Xml, name: &str, attributes: &[(&'static str, String)]) -> io::Result<()> {
    xml.create_element(name).with_attributes(borrowed(attributes)).write_empty()?;
    Ok(())
}

fn borrowed<'a>(attributes: &'a [(&'static str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
    attributes.iter().map(|(name, value)| (*name, value.as_str()))
}

/// When the measuring began, UTC; readers of JUnit know no zone.
fn timestamp(results: &Results) -> String {
    results.run.started_at.trim_end_matches('Z').to_owned()
}

fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
