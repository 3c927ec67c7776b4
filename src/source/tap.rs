//! TAP, the Test Anything Protocol, versions 12, 13 and 14, with subtests before their test point (version 14, node) and
//! behind it (vitest). It counts the innermost test points; one that only sums up its subtests is not counted again.
//!
//! A program under test may print such lines too. Numbers that do not follow each other, and more points than planned,
//! make the whole output unreadable, as then it cannot be said which line is forged.

use super::lines::Lines;
use super::test_results::Input;
use super::test_run::{Counts, Outcome, Suite, TestRun, shorten};
use crate::model::fact::Unmeasurable;

/// Subtests inside each other beyond which a line is taken for other output.
const MAX_DEPTH: usize = 32;
/// Spaces that a subtest is indented by.
const STEP: usize = 4;

/// Reads it to its end.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let mut lines = Lines::new(input.content);
    let mut tap = Tap { levels: vec![Level::default()], ..Tap::default() };
    while let Some(line) = lines.next_line()? {
        if let Err(error) = tap.take(&line.text) {
            tap.trouble.get_or_insert(error);
        }
    }
    tap.finish()
}

fn forged(what: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("{what}, so one of its lines is not the producer's own"),
        "Let the test tool write its results into a file of its own.",
    )
}

/// The points of one stream, or of the subtests of one test.
#[derive(Default)]
struct Level {
    planned: Option<u64>,
    seen: u64,
    /// Innermost points.
    counts: Counts,
    /// The last point, whose subtests may follow it.
    last: Option<Point>,
    /// What was inside the subtests that have ended, until their point comes.
    inside: Option<Counts>,
    /// Their point ended in `{`: the subtests stand behind it.
    open: bool,
}

impl Level {
    /// The name of the last point ended in `{`, and nothing followed it: it is a test like any other.
    fn settle(&mut self) {
        if let Some(point) = self.last.as_ref().filter(|_| self.open) {
            self.counts.add(point.outcome, false);
        }
        self.open = false;
    }
}

/// A line that begins with `ok` or `not ok`.
#[derive(Clone)]
struct Point {
    outcome: Outcome,
    number: Option<u64>,
    name: String,
    opens: bool,
}

#[derive(Default)]
struct Tap {
    levels: Vec<Level>,
    version: bool,
    /// How far the block of YAML is indented that is open.
    yaml: Option<usize>,
    bailed: bool,
    /// Why nothing in it can be believed, unless the stream begins only later.
    trouble: Option<Unmeasurable>,
    run: TestRun,
}

impl Tap {
    fn take(&mut self, line: &str) -> Result<(), Unmeasurable> {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        if let Some(block) = self.yaml {
            if indent == block && text.trim_end() == "..." {
                self.yaml = None;
            }
            return Ok(());
        }
        if text.trim_end() == "---" && self.levels.last().is_some_and(|level| level.last.is_some()) {
            self.yaml = Some(indent);
            return Ok(());
        }
        if self.bailed {
            return Ok(());
        }
        if let Some(reason) = text.strip_prefix("Bail out!") {
            self.bailed = true;
            let reason = reason.trim();
            let reason = if reason.is_empty() { String::new() } else { format!(" {}", shorten(reason)) };
            self.run.stopped(|| format!("Bail out!{reason}"));
            return Ok(());
        }
        if indent == 0 && text.starts_with("TAP version ") {
            return self.version();
        }
        let depth = indent / STEP;
        if text.trim_end() == "}" && indent.is_multiple_of(STEP) && depth + 2 == self.levels.len() {
            return self.close_to(depth);
        }
        let (point, plan) = (point(text), plan(text));
        if (point.is_none() && plan.is_none())
            || !indent.is_multiple_of(STEP)
            || depth > self.levels.len()
            || depth > MAX_DEPTH
        {
            return Ok(());
        }
        if depth == self.levels.len() {
            self.levels.push(Level::default());
        }
        self.close_to(depth)?;
        match (point, plan) {
            (Some(point), _) => self.point(point),
            (None, Some(planned)) => self.plan(planned),
            (None, None) => Ok(()),
        }
    }

    /// What stands before the first line of the stream is other output, unless it is a stream with a plan of its own.
    fn version(&mut self) -> Result<(), Unmeasurable> {
        if self.version {
            return Err(forged("it says twice which version of TAP it is"));
        }
        if self.levels.first().is_some_and(|level| level.planned.is_some()) {
            return Err(Unmeasurable::new(
                "a stream of TAP with a plan stands before the line that says its version: they are two",
                "Let the test tool write each run into a file of its own.",
            ));
        }
        let said = self.levels.first().map_or(0, |level| level.seen);
        self.levels = vec![Level::default()];
        self.version = true;
        self.trouble = None;
        self.run = TestRun::default();
        if said > 0 {
            self.run.note(format!("{said} lines before the first one of TAP look like results and do not count."));
        }
        Ok(())
    }

    fn plan(&mut self, planned: u64) -> Result<(), Unmeasurable> {
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        if level.planned.replace(planned).is_some() {
            return Err(forged("it has two plans"));
        }
        Ok(())
    }

    fn point(&mut self, point: Point) -> Result<(), Unmeasurable> {
        let top = self.levels.len() == 1;
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        level.settle();
        level.seen += 1;
        if point.number.is_some_and(|number| number != level.seen) {
            return Err(forged("the numbers of its test points do not follow each other"));
        }
        match level.inside.take() {
            Some(inside) => {
                let counts = summed(inside, point.outcome);
                level.counts.absorb(&counts);
                if top {
                    self.run.list(Suite { name: shorten(&point.name), counts, ..Suite::default() });
                }
            }
            None if point.opens => level.open = true,
            None => level.counts.add(point.outcome, false),
        }
        level.last = Some(point);
        Ok(())
    }

    /// Ends the subtests that are deeper than a line.
    fn close_to(&mut self, depth: usize) -> Result<(), Unmeasurable> {
        while self.levels.len() > depth + 1 {
            let Some(mut inner) = self.levels.pop() else { break };
            inner.settle();
            let top = self.levels.len() == 1;
            let Some(outer) = self.levels.last_mut() else { break };
            // Without a plan it is what a test printed.
            let inside = match inner.planned {
                Some(planned) if inner.seen > planned => return Err(forged("a test has more subtests than planned")),
                Some(planned) if inner.seen < planned => {
                    let seen = inner.seen;
                    self.run.stopped(|| format!("{seen} of {planned} subtests of a test ran"));
                    Some(inner.counts)
                }
                Some(1..) => Some(inner.counts),
                _ => None,
            };
            if !std::mem::take(&mut outer.open) {
                outer.inside = inside;
                continue;
            }
            let Some(point) = outer.last.clone() else { continue };
            let counts = inside.map_or_else(|| one(point.outcome), |inside| summed(inside, point.outcome));
            outer.counts.absorb(&counts);
            if top {
                self.run.list(Suite { name: shorten(&point.name), counts, ..Suite::default() });
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<TestRun, Unmeasurable> {
        self.close_to(0)?;
        if let Some(error) = self.trouble {
            return Err(error);
        }
        let Some(mut level) = self.levels.pop() else { return Ok(self.run) };
        level.settle();
        if level.planned.is_none() && level.seen == 0 && !self.bailed {
            return Err(Unmeasurable::new("there is no line of TAP in it", "Let the test tool print TAP."));
        }
        self.run.counts = level.counts;
        let seen = level.seen;
        match level.planned {
            Some(planned) if seen > planned => {
                return Err(forged(&format!("it has {seen} test points and {planned} are planned")));
            }
            Some(planned) if seen < planned => {
                self.run.stopped(|| format!("{seen} of {planned} test points are there"))
            }
            None => self.run.stopped(|| "there is no plan, which would say how many tests there are".to_owned()),
            Some(_) => {}
        }
        if self.yaml.is_some() {
            self.run.stopped(|| "it stops in the middle".to_owned());
        }
        Ok(self.run)
    }
}

fn one(outcome: Outcome) -> Counts {
    let mut counts = Counts::default();
    counts.add(outcome, false);
    counts
}

/// A test with subtests counts as those; when it failed although none of them did, as one more that failed.
fn summed(mut inside: Counts, outcome: Outcome) -> Counts {
    if outcome == Outcome::Failed && inside.failed == 0 {
        inside.add(outcome, false);
    }
    inside
}

/// `1..N`, with or without a reason behind it.
fn plan(text: &str) -> Option<u64> {
    let rest = text.strip_prefix("1..")?;
    let (number, behind) =
        rest.split_at(rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len()));
    let behind = behind.trim();
    if number.len() > 12 || !(behind.is_empty() || behind.starts_with('#')) {
        return None;
    }
    number.parse().ok()
}

fn point(text: &str) -> Option<Point> {
    let (held, rest) = match text.strip_prefix("not ok") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("ok")?),
    };
    if !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let rest = rest.trim();
    let digits = rest.len() - rest.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    let (number, rest) = rest.split_at(digits);
    if number.len() > 12 {
        return None;
    }
    let (named, directive) = directive(rest);
    let outcome = match (held, directive) {
        // Of a test that is still to be written many tools say `ok`.
        (_, Directive::Skip | Directive::Todo) => Outcome::Skipped,
        (true, Directive::None) => Outcome::Passed,
        (false, Directive::None) => Outcome::Failed,
    };
    let opens = rest.ends_with('{') && rest.len() < text.len();
    let name = named.trim().trim_start_matches("- ").trim_end_matches('{').trim().to_owned();
    Some(Point { outcome, number: number.parse().ok(), name, opens })
}

enum Directive {
    None,
    Skip,
    Todo,
}

/// What stands behind the first `#` that no backslash stands before: `# SKIP reason`, `# TODO`, `# time=5ms`.
fn directive(text: &str) -> (&str, Directive) {
    let mut escaped = false;
    let hash = text.char_indices().find(|(_, character)| {
        let found = *character == '#' && !escaped;
        escaped = *character == '\\' && !escaped;
        found
    });
    // `not ok 2 - User#skip!` is the name of a method.
    let stands_apart = |at: usize| text[..at].chars().next_back().is_none_or(char::is_whitespace);
    let Some((at, _)) = hash.filter(|(at, _)| stands_apart(*at)) else { return (text, Directive::None) };
    let behind = text[at + 1..].trim_start().to_ascii_lowercase();
    let word = behind.split(|next: char| !next.is_alphanumeric() && next != '_').next().unwrap_or_default();
    match word {
        "skip" | "skipped" => (&text[..at], Directive::Skip),
        "todo" => (&text[..at], Directive::Todo),
        "time" if behind.starts_with("time=") => (&text[..at], Directive::None),
        _ => (text, Directive::None),
    }
}

#[cfg(test)]
mod tests;
