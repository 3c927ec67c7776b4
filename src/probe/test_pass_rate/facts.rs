//! From a run of tests to facts: which of them a run supports, and why the others are absent.

use crate::model::fact::{Facts, Table, Value};
use crate::model::number::Number;
use crate::probe::Kind;
use crate::source::test_run::{Counts, Suite, TestRun, seconds};

/// No results: every fact is absent for the same reason.
pub(super) fn absent(reason: &str) -> Facts {
    Facts::all_absent(super::TestPassRate::FACTS, reason)
}

/// What a run says. `age` is that of its oldest file.
pub(super) fn found(run: &TestRun, age: Option<Number>) -> Facts {
    let counts = &run.counts;
    let mut facts = match (&run.cut_short, counts.ran()) {
        (Some(reason), _) => cut_short(counts, reason),
        (None, 0) => nothing_ran(counts),
        (None, _) => whole(run),
    };
    facts.set_or("age", age.map(Value::Duration), "the results do not come from a file");
    for note in run.all_notes() {
        facts.note(note);
    }
    facts
}

/// What failed before the end has failed; nothing else can be said of a run that stopped.
fn cut_short(counts: &Counts, reason: &str) -> Facts {
    let sentence = format!("the run was cut short: {reason}");
    let mut facts = absent(&sentence);
    for (fact, number) in [("failed", counts.failed), ("errors", counts.errors)] {
        if number > 0 {
            facts.set(fact, Value::count(number));
        }
    }
    facts.note(format!("The run was cut short ({reason}) after {} tests; more of them may exist.", counts.total()));
    facts
}

fn nothing_ran(counts: &Counts) -> Facts {
    if counts.skipped == 0 {
        return absent("no test ran");
    }
    let mut facts = absent(&format!("no test ran, {} were skipped", counts.skipped));
    facts.set("total", Value::count(counts.total()));
    facts.set("skipped", Value::count(counts.skipped));
    facts
}

fn whole(run: &TestRun) -> Facts {
    let counts = &run.counts;
    let mut facts = Facts::default();
    for (fact, number) in [
        ("total", counts.total()),
        ("passed", counts.passed),
        ("failed", counts.failed),
        ("errors", counts.errors),
        ("skipped", counts.skipped),
    ] {
        facts.set(fact, Value::count(number));
    }
    let flaky = run.tells_flaky.then(|| Value::count(counts.flaky));
    facts.set_or("flaky", flaky, "the results do not say which tests were repeated");
    facts.set_or("pass-rate", Value::fraction(counts.passed, counts.total()), "no test ran");
    facts.set_or("pass-rate-of-run", Value::fraction(counts.passed, counts.ran()), "no test ran");
    let each = "the results do not say how long each test took";
    let (duration, why) = if run.untimed { (None, each) } else { (run.nanos, "the results do not say") };
    facts.set_or("duration", duration.map(|nanos| Value::Duration(seconds(nanos))), why);
    let suites = (!run.suites.is_empty()).then(|| Value::Table(table(&run.suites)));
    facts.set_or("suites", suites, "the results name no suites");
    let slowest = run.slowest.as_ref().filter(|(_, nanos)| *nanos > 0 && !run.untimed);
    let slowest = slowest.map(|(name, nanos)| Value::Text(format!("{name} ({} s)", seconds(*nanos).to_rounded(3))));
    facts.set_or("slowest", slowest, each);
    facts
}

/// The columns of `suites`.
pub(super) const COLUMNS: &[&str] =
    &["name", "total", "passed", "failed", "errors", "skipped", "pass-rate", "duration"];

fn table(suites: &[Suite]) -> Table {
    let row = |suite: &Suite| {
        let counts = &suite.counts;
        vec![
            Some(Value::Text(suite.name.clone())),
            Some(Value::count(counts.total())),
            Some(Value::count(counts.passed)),
            Some(Value::count(counts.failed)),
            Some(Value::count(counts.errors)),
            Some(Value::count(counts.skipped)),
            Value::fraction(counts.passed, counts.total()),
            suite.nanos.map(|nanos| Value::Duration(seconds(nanos))),
        ]
    };
    Table { columns: COLUMNS.iter().map(|name| (*name).to_owned()).collect(), rows: suites.iter().map(row).collect() }
}
