//! What every reader of test results says in the end: how many tests had which outcome, and what to know besides.
//!
//! Numbers only; what they are worth is judged elsewhere. Nothing here divides.

use crate::model::number::Number;

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It ran and held.
    Passed,
    /// It did not run, or was expected to fail and did.
    Skipped,
    /// Something broke around it: its set-up, its tear-down, the suite.
    Errored,
    /// It ran and did not hold.
    Failed,
}

/// How many tests ended how. Every test is in exactly one of the first four.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that held.
    pub passed: u64,
    /// Tests that did not.
    pub failed: u64,
    /// Tests around which something broke.
    pub errors: u64,
    /// Tests that did not run.
    pub skipped: u64,
    /// Tests among `passed` that failed first and held when they were repeated.
    pub flaky: u64,
}

impl Counts {
    /// Every test, skipped ones included.
    pub fn total(&self) -> u64 {
        self.passed + self.failed + self.errors + self.skipped
    }

    /// Tests that ran.
    pub fn ran(&self) -> u64 {
        self.passed + self.failed + self.errors
    }

    /// Counts one more test; `flaky` matters only when it passed.
    pub fn add(&mut self, outcome: Outcome, flaky: bool) {
        match outcome {
            Outcome::Passed => {
                self.passed += 1;
                self.flaky += u64::from(flaky);
            }
            Outcome::Skipped => self.skipped += 1,
            Outcome::Errored => self.errors += 1,
            Outcome::Failed => self.failed += 1,
        }
    }

    /// Takes in the counts of another part of the run.
    pub fn absorb(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.errors += other.errors;
        self.skipped += other.skipped;
        self.flaky += other.flaky;
    }
}

/// A part of a run with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// As the source names it.
    pub name: String,
    /// Its tests.
    pub counts: Counts,
    /// How long its tests took, added up; `None` when the source does not say.
    pub nanos: Option<u64>,
}

/// A run of tests, as far as its source tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestRun {
    /// All tests.
    pub counts: Counts,
    /// Can the source tell a test that passed at once from one that was repeated until it did?
    pub tells_flaky: bool,
    /// How long it took, in nanoseconds.
    pub nanos: Option<u64>,
    /// Its suites, in the order of the source; empty when the source knows none.
    pub suites: Vec<Suite>,
    /// The test that took longest, and how long.
    pub slowest: Option<(String, u64)>,
    /// Why the run ended before every test had run, a fragment, when it did.
    pub cut_short: Option<String>,
    /// What the reader should know besides, one sentence each.
    pub notes: Vec<String>,
}

impl TestRun {
    /// Takes in the results of another file of the same run.
    pub fn absorb(&mut self, other: Self) {
        self.counts.absorb(&other.counts);
        self.tells_flaky &= other.tells_flaky;
        self.nanos = match (self.nanos, other.nanos) {
            (Some(mine), Some(theirs)) => Some(mine.saturating_add(theirs)),
            (one, another) => one.or(another),
        };
        self.suites.extend(other.suites);
        let longest = |run: &Option<(String, u64)>| run.as_ref().map_or(0, |(_, nanos)| *nanos);
        if self.slowest.is_none() || longest(&other.slowest) > longest(&self.slowest) {
            self.slowest = other.slowest.or_else(|| self.slowest.take());
        }
        self.cut_short = self.cut_short.take().or(other.cut_short);
        self.notes.extend(other.notes);
    }
}

/// Nanoseconds as exact seconds.
pub fn seconds(nanos: u64) -> Number {
    Number::from(nanos) * Number::power_of_ten(-9)
}

/// Seconds as test tools write them (`0.123`, `1,234.5`, `1e-05`) in nanoseconds; `None` for what is no such number.
pub fn nanos(text: &str) -> Option<u64> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !whole.is_empty() && whole.len() <= 10 && digits(whole) && digits(fraction) {
        let places = fraction.len().min(9);
        let fraction: u64 = if places == 0 { 0 } else { fraction.get(..places)?.parse().ok()? };
        let scale = 10_u64.pow(u32::try_from(9 - places).ok()?);
        return whole.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(fraction * scale);
    }
    let number: Number = text.replace(',', "").parse().ok()?;
    (!number.is_negative()).then(|| (number * Number::power_of_ten(9)).to_fixed(0).parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_as_test_tools_write_them() {
        assert_eq!(nanos("0.123"), Some(123_000_000));
        assert_eq!(nanos("12"), Some(12_000_000_000));
        assert_eq!(nanos("1,234.5"), Some(1_234_500_000_000));
        assert_eq!(nanos("1e-05"), Some(10_000));
        assert_eq!(nanos("0.1234567891"), Some(123_456_789));
        for wrong in ["", "-1", "abc", "NaN", "1e300", ".", "é"] {
            assert_eq!(nanos(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_slowest_test_of_two_files_is_the_slower_of_both() {
        let run = |name: &str, nanos| TestRun { slowest: Some((name.to_owned(), nanos)), ..TestRun::default() };
        let mut one = run("a", 5);
        one.absorb(run("b", 9));
        one.absorb(run("c", 1));
        one.absorb(TestRun::default());
        assert_eq!(one.slowest, Some(("b".to_owned(), 9)));
    }
}
