//! One suite being read: its test cases, and which of them are the same test run again.

use crate::source::repeats::{Repeats, mix};
use crate::source::test_run::{Counts, Outcome, Print, Suite};

/// What a suite's attributes say; claims, which are compared with what is counted and never used in its place.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// `tests=`.
    pub(super) tests: Option<u64>,
    /// `failures=` and `errors=` together.
    pub(super) broken: Option<u64>,
}

/// A suite whose end has not been seen.
#[derive(Debug, Default)]
pub(super) struct OpenSuite {
    pub(super) name: Option<String>,
    pub(super) declared: Declared,
    /// jest lets two tests have one name, and leaves tests that are to do out of its totals.
    pub(super) of_jest: bool,
    /// Direct test cases.
    cases: Repeats,
    nanos: u64,
    /// Did a direct test case run that does not say how long it took?
    untimed: bool,
    /// How long the suite says that it took.
    pub(super) took: Option<u64>,
    /// Does it say when it ran?
    pub(super) dated: bool,
    /// Made of its name, of when and where it ran, and of every direct test case.
    pub(super) print: u64,
    /// Test cases of the suites inside it.
    pub(super) inner: Counts,
    /// How often something in it says that it failed: a test case may do so for every attempt.
    pub(super) marks: u64,
}

/// A suite that was read to its end.
#[derive(Debug)]
pub(super) struct ClosedSuite {
    /// `None` when no test case stands directly in it.
    pub(super) row: Option<Suite>,
    /// Direct and inner test cases.
    pub(super) all: Counts,
    pub(super) notes: Vec<String>,
    /// As of the suite.
    pub(super) marks: u64,
    /// Did a test run of which nothing says how long it took?
    pub(super) untimed: bool,
    /// Why what is listed is not all.
    pub(super) stopped: Option<String>,
}

impl OpenSuite {
    pub(super) fn add(&mut self, key: u64, outcome: Outcome, flaky: bool, nanos: Option<u64>) {
        self.cases.add(key, outcome, flaky);
        self.untimed |= nanos.is_none() && outcome != Outcome::Skipped;
        let nanos = nanos.unwrap_or(0);
        self.nanos = self.nanos.saturating_add(nanos);
        self.print = mix(mix(self.print, key ^ outcome as u64), nanos);
    }

    /// How long its direct test cases took. Where one of them does not say it, the suite may, unless it speaks of the suites
    /// inside it, too.
    fn direct_nanos(&self) -> Option<u64> {
        match self.took {
            _ if !self.untimed => Some(self.nanos),
            Some(took) if self.inner.total() == 0 => Some(took.max(self.nanos)),
            _ => None,
        }
    }

    pub(super) fn close(mut self, fallback: &str) -> ClosedSuite {
        let mut notes = Vec::new();
        let name = self.name.take().filter(|name| !name.is_empty()).unwrap_or_else(|| fallback.to_owned());
        let counts = self.direct(&name, &mut notes);
        let mut all = counts;
        all.absorb(&self.inner);
        if let Some(tests) = self.declared.tests.filter(|tests| *tests != all.total()) {
            notes.push(format!(
                "\"{name}\" says that it has {tests} tests; {} are in it, and those are counted.",
                all.total()
            ));
        }
        let (broken, marks) = (all.failed + all.errors, self.marks);
        let said = self.declared.broken.filter(|said| *said > broken);
        let sentence =
            said.map(|said| format!("\"{name}\" says that {said} tests failed; {broken} failed test cases are in it"));
        // Karma's reporter tells so of a browser that went away, and of a test that failed and logged nothing.
        let stopped = sentence.clone().filter(|_| said > Some(marks));
        if stopped.is_none() {
            notes.extend(sentence.map(|sentence| format!("{sentence}.")));
        }
        let print = Some(Print { of: self.print, dated: self.dated });
        let nanos = self.direct_nanos();
        let row = (counts.total() > 0).then_some(Suite { name, counts, nanos, print });
        ClosedSuite { row, all, notes, marks, untimed: nanos.is_none(), stopped }
    }

    /// A name that appears again is either a repeat (pytest writes each attempt as a test case of its own, those before
    /// the last without any outcome) or another test of that name (jest allows it). pytest's suites, and suites whose
    /// own total agrees, are read the first way; all others count each, because that never hides a failure.
    fn direct(&mut self, name: &str, notes: &mut Vec<String>) -> Counts {
        let each = self.cases.each();
        let Some(merged) = self.cases.once() else {
            notes.push(format!("\"{name}\" has too many test cases to look for repeated ones; each is counted."));
            return each;
        };
        let repeats = each.total() - merged.total();
        if repeats == 0 {
            return each;
        }
        let declared = self.declared.tests.map(|tests| tests.saturating_sub(self.inner.total()));
        if name == "pytest" || (declared == Some(merged.total()) && !self.of_jest) {
            notes.push(format!(
                "{repeats} test cases of \"{name}\" are repeats of others in it and count once with them."
            ));
            return merged;
        }
        notes.push(format!("{repeats} test cases of \"{name}\" have the name of another in it; each is counted."));
        each
    }
}
