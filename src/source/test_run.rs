//! What every reader of test results says in the end: how many tests had which outcome, and what to know besides.
//!
//! Numbers only; what they are worth is judged elsewhere. Nothing here divides.

use std::collections::BTreeMap;

use crate::model::number::Number;

/// Suites of one run that get a row of their own.
pub const MAX_SUITES: usize = 10_000;
/// Sentences kept about one run.
const MAX_NOTES: usize = 20;
/// Longest name kept, in characters.
const MAX_NAME: usize = 300;

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

    /// Takes counts out again that were absorbed before.
    fn remove(&mut self, other: &Self) {
        self.passed = self.passed.saturating_sub(other.passed);
        self.failed = self.failed.saturating_sub(other.failed);
        self.errors = self.errors.saturating_sub(other.errors);
        self.skipped = self.skipped.saturating_sub(other.skipped);
        self.flaky = self.flaky.saturating_sub(other.flaky);
    }
}

/// A part of a run with a name of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suite {
    /// As the source names it.
    pub name: String,
    /// Its tests.
    pub counts: Counts,
    /// How long its tests took, added up; `None` when the source does not say.
    pub nanos: Option<u64>,
    /// What tells it from others; `None` when the source says too little to tell.
    pub print: Option<Print>,
}

/// What tells a suite from others: where two files hold the same, one may have been copied from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print {
    /// A number made of all that the source says of it.
    pub of: u64,
    /// Does that say when it ran? Two modules may have suites that are alike in everything else.
    pub dated: bool,
}

/// The suites of the files of one run that are in already, each with whether a file holds it that holds others, too.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<u64, bool>);

/// A run of tests, as far as its source tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestRun {
    /// All tests.
    pub counts: Counts,
    /// Can the source tell a test that passed at once from one that was repeated until it did?
    pub tells_flaky: bool,
    /// How long it took, in nanoseconds.
    pub nanos: Option<u64>,
    /// Did a test run of which the source does not say how long it took? Then `nanos` is not all.
    pub untimed: bool,
    /// Its suites, in the order of the source; empty when the source knows none.
    pub suites: Vec<Suite>,
    /// The test that took longest, and how long.
    pub slowest: Option<(String, u64)>,
    /// Why the run ended before every test had run, a fragment, when it did.
    pub cut_short: Option<String>,
    /// What the reader should know besides, one sentence each.
    pub notes: Vec<String>,
    /// How many sentences were left out.
    pub silent: u64,
    /// How many suites have no row.
    pub unlisted: u64,
}

impl TestRun {
    /// Takes in the results of another file of the same run; `seen` holds what is in already. A suite that stands in both
    /// word for word counts once, where one of the files holds several, as Ant and others write one that holds all the
    /// others, or where it says when it ran.
    pub fn take_in(&mut self, mut other: Self, seen: &mut Seen) {
        let (mut copies, mut alike) = (0_u64, 0_u64);
        let several = other.suites.len() > 1 || other.unlisted > 0;
        // Two suites of one file stay two, even when they are alike.
        let known = |suite: &Suite| {
            let print = suite.print?;
            Some((print, *seen.0.get(&print.of)?))
        };
        let (mut copied, mut suites) = (Vec::new(), Vec::new());
        for suite in std::mem::take(&mut other.suites) {
            match known(&suite) {
                Some((print, with_others)) if several || with_others || print.dated => copied.push(suite),
                found => {
                    alike += u64::from(found.is_some());
                    suites.push(suite);
                }
            }
        }
        for suite in copied {
            copies += 1;
            other.counts.remove(&suite.counts);
            other.nanos = other.nanos.map(|nanos| nanos.saturating_sub(suite.nanos.unwrap_or(0)));
        }
        if copies > 0 {
            other.notes.push(format!("{copies} suites stand word for word in an earlier file and count once."));
        }
        if alike > 0 {
            other.notes.push(format!(
                "{alike} suites stand word for word in an earlier file and do not say when they ran; they count again."
            ));
        }
        for print in suites.iter().filter_map(|suite| suite.print) {
            *seen.0.entry(print.of).or_default() |= several;
        }
        self.untimed |= other.untimed;
        self.counts.absorb(&other.counts);
        self.tells_flaky &= other.tells_flaky;
        self.nanos = match (self.nanos, other.nanos) {
            (Some(mine), Some(theirs)) => Some(mine.saturating_add(theirs)),
            (one, another) => one.or(another),
        };
        for suite in suites {
            self.list(suite);
        }
        self.unlisted += other.unlisted;
        if let Some((name, nanos)) = other.slowest {
            self.time(nanos, || name);
        }
        self.cut_short = self.cut_short.take().or(other.cut_short);
        for note in other.notes {
            self.note(note);
        }
        self.silent += other.silent;
    }

    /// Gives a suite a row, as long as there are not too many.
    pub fn list(&mut self, suite: Suite) {
        if self.suites.len() < MAX_SUITES {
            self.suites.push(suite);
        } else {
            self.unlisted += 1;
        }
    }

    /// Adds a sentence, as long as there are not too many.
    pub fn note(&mut self, sentence: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(sentence);
        } else {
            self.silent += 1;
        }
    }

    /// Remembers a test when it took longer than those before.
    pub fn time(&mut self, nanos: u64, name: impl FnOnce() -> String) {
        if self.slowest.as_ref().is_none_or(|(_, longest)| nanos > *longest) {
            self.slowest = Some((name(), nanos));
        }
    }

    /// Says that the run ended early, unless an earlier reason was given.
    pub fn stopped(&mut self, reason: impl FnOnce() -> String) {
        if self.cut_short.is_none() {
            self.cut_short = Some(reason());
        }
    }

    /// Of failures that it tells of and does not list, nobody knows how many tests they are: what is listed is not all.
    pub fn failures_said(&mut self, whose: &str, said: u64, listed: u64) {
        if said > listed {
            self.stopped(|| format!("{whose} says that {said} tests failed; {listed} failed tests are in it"));
        }
    }

    /// Of tests that it tells of and does not list, nobody knows how they ended. That it lists more is worth a sentence.
    pub fn tests_said(&mut self, whose: &str, said: u64, listed: u64) {
        if said > listed {
            self.stopped(|| format!("{whose} says that there are {said} tests; {listed} are in it"));
        } else if said < listed {
            let mut sentence =
                format!("{whose} says that there are {said} tests; {listed} are in it, and those count.");
            sentence[..1].make_ascii_uppercase();
            self.note(sentence);
        }
    }

    /// The sentences about it, the last of them about what was left out.
    pub fn all_notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        if self.silent > 0 {
            notes.push(format!("{} more remarks of that sort are left out.", self.silent));
        }
        if self.unlisted > 0 {
            notes.push(format!("{} more suites are counted and not listed.", self.unlisted));
        }
        notes
    }
}

/// A name as it is shown: its beginning, when it is long.
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_NAME) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// Nanoseconds as exact seconds.
pub fn seconds(nanos: u64) -> Number {
    Number::from(nanos) * Number::power_of_ten(-9)
}

/// Seconds as test tools write them (`0.123`, `1,234.5`, `1e-05`) in nanoseconds; `None` for what is no such number, such
/// as `1.234,5`: a comma stands between groups of three digits only.
pub fn nanos(text: &str) -> Option<u64> {
    let text = text.trim_ascii();
    if let Some(nanos) = plain_nanos(text.as_bytes()) {
        return Some(nanos);
    }
    let number: Number = match text.split_once(',') {
        Some((head, groups)) => {
            let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            let whole = groups.split_once('.').map_or(groups, |(whole, _)| whole);
            let grouped = whole.split(',').all(|group| group.len() == 3 && digits(group));
            if !grouped || !(1..=3).contains(&head.len()) || !digits(head) || head.starts_with('0') {
                return None;
            }
            text.replace(',', "").parse().ok()?
        }
        None => text.parse().ok()?,
    };
    (!number.is_negative()).then(|| (number * Number::power_of_ten(9)).to_fixed(0).parse().ok()).flatten()
}

/// Of digits with or without a point between them, which is what nearly every tool writes, for nearly every test.
fn plain_nanos(text: &[u8]) -> Option<u64> {
    let (mut nanos, mut places, mut digits) = (0_u64, None, 0_u32);
    for byte in text {
        match (byte, places) {
            (b'0'..=b'9', Some(9)) => {}
            (b'0'..=b'9', _) => {
                nanos = nanos.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                places = places.map(|places: u32| places + 1);
                digits += u32::from(places.is_none());
            }
            (b'.', None) if digits > 0 => places = Some(0),
            _ => return None,
        }
    }
    if digits == 0 {
        return None;
    }
    nanos.checked_mul(10_u64.pow(9 - places.unwrap_or(0)))
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
        assert_eq!(nanos("1,234,567"), Some(1_234_567_000_000_000));
        for wrong in ["", "-1", "abc", "NaN", "1e300", ".", "é", "1.234,5", "1,5", "0,123", "1,2345", "1,234,5", ",123"]
        {
            assert_eq!(nanos(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_slowest_test_of_two_files_is_the_slower_of_both() {
        let run = |name: &str, nanos| TestRun { slowest: Some((name.to_owned(), nanos)), ..TestRun::default() };
        let mut one = TestRun::default();
        for other in [run("a", 5), run("b", 9), run("c", 1), TestRun::default()] {
            one.take_in(other, &mut Seen::default());
        }
        assert_eq!(one.slowest, Some(("b".to_owned(), 9)));
    }

    /// A file with so many suites that are alike.
    fn file(of: Option<u64>, dated: bool, suites: usize) -> TestRun {
        let counts = Counts { passed: 2, failed: 1, ..Counts::default() };
        let print = of.map(|of| Print { of, dated });
        let suite = Suite { name: "s".to_owned(), counts, nanos: Some(5), print };
        let mut run = TestRun { suites: vec![suite; suites], ..TestRun::default() };
        (0..suites).for_each(|_| run.counts.absorb(&counts));
        run.nanos = Some(5 * u64::try_from(suites).unwrap_or(0));
        run
    }

    #[test]
    fn a_suite_that_was_copied_into_another_file_counts_once() {
        let (mut one, mut seen) = (TestRun::default(), Seen::default());
        one.take_in(file(Some(1), true, 1), &mut seen);
        one.take_in(file(Some(1), true, 1), &mut seen);
        assert_eq!((one.counts.total(), one.nanos, one.suites.len()), (3, Some(5), 1));
        assert_eq!(one.notes, ["1 suites stand word for word in an earlier file and count once."]);
        one.take_in(file(Some(2), true, 1), &mut seen);
        one.take_in(file(None, true, 1), &mut seen);
        assert_eq!((one.counts.total(), one.suites.len()), (9, 3));
    }

    #[test]
    fn a_suite_that_does_not_say_when_it_ran_is_a_copy_only_where_a_file_holds_several() {
        for (files, total) in [([1, 1], 6), ([1, 2], 3), ([2, 1], 6), ([2, 2], 6)] {
            let (mut one, mut seen) = (TestRun::default(), Seen::default());
            files.iter().for_each(|suites| one.take_in(file(Some(1), false, *suites), &mut seen));
            assert_eq!(one.counts.total(), total, "{files:?}: {:?}", one.notes);
            assert_eq!(one.notes.iter().any(|note| note.ends_with("they count again.")), files == [1, 1]);
        }
    }

    #[test]
    fn a_test_without_a_time_leaves_the_time_of_all_untold() {
        let (mut one, mut seen) = (file(Some(1), true, 1), Seen::default());
        assert!(!one.untimed);
        one.take_in(TestRun { untimed: true, ..TestRun::default() }, &mut seen);
        one.take_in(file(Some(2), true, 1), &mut seen);
        assert!(one.untimed);
    }

    #[test]
    fn many_remarks_and_suites_are_counted_and_not_kept() {
        let mut run = TestRun::default();
        for number in 0..MAX_SUITES + 5 {
            run.list(Suite::default());
            run.note(number.to_string());
        }
        assert_eq!((run.suites.len(), run.unlisted, run.all_notes().len()), (MAX_SUITES, 5, MAX_NOTES + 2));
    }
}
