//! Claims set beside what was measured.
//!
//! A refuted claim matters when the conditions of its check, held against the claimed value in place of the measured
//! one, give the check another status. Nothing else needs to be judged again: scores and the verdict see a check only
//! through its status, and what depended on it was decided when it was measured.

use super::Seen;
use super::compare::{self, MOST};
use super::figures::{Figure, Span, refuted};
use super::sampling::Measured;
use crate::model::audit::{Audit, Check};
use crate::model::claim::Claim;
use crate::model::fact::{Direction, Fact, Facts, Value};
use crate::model::format::{self, shortened};
use crate::model::instant::{Instant, Stamp};
use crate::model::judgement::{ClaimResult, ClaimStatus, Status};
use crate::model::number::Number;
use crate::model::printed::{Printed, PrintedFraction, Qualifier, parse_fraction_text};

/// A check that was measured, as far as its claims need it.
pub(super) struct Judged<'a> {
    pub(super) audit: &'a Audit,
    pub(super) check: &'a Check,
    pub(super) facts: &'a Facts,
    pub(super) baseline: Option<&'a Facts>,
    pub(super) seen: Seen<'a>,
    /// The status that the conditions alone give.
    pub(super) base: Status,
    pub(super) sample: Option<&'a Measured>,
}

/// A claim and what its author wrote.
#[derive(Clone, Copy)]
struct Said<'a> {
    claim: &'a Claim,
    written: &'a str,
}

/// What comparing gave: the result, the sentence, and the claimed value where one could be read.
struct Comparison {
    status: ClaimStatus,
    reason: String,
    claimed: Option<Value>,
}

impl Said<'_> {
    /// The figure that was written, in the unit of what was measured.
    fn figure(&self, actual: &Value) -> Result<Figure, String> {
        Figure::read(self.written, actual, self.claim.tolerance.as_ref())
    }
}

impl Comparison {
    fn new(status: ClaimStatus, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into(), claimed: None }
    }

    fn unverified(reason: impl Into<String>) -> Self {
        Self::new(ClaimStatus::Unverified, reason)
    }
}

impl Judged<'_> {
    /// The result of one claim of the check.
    pub(super) fn result(&self, at: u32, claim: &Claim) -> ClaimResult {
        let actual = self.facts.get(&claim.fact);
        let compared = match (self.facts.facts.get(&claim.fact), actual) {
            (_, Some(actual)) => match claim.said(self.seen.places) {
                Some(written) => self.compare(Said { claim, written }, actual),
                None => Comparison::new(ClaimStatus::NotFound, "the place it was said to stand at was not found"),
            },
            (Some(Fact::Absent(reason)), _) => Comparison::unverified(format!("absent: {}", shortened(reason, MOST))),
            _ => Comparison::unverified("nothing was measured to compare it with"),
        };
        let matters = if compared.status.is_refuted() { self.matters(claim, compared.claimed) } else { None };
        let (status, reason) = (compared.status, compared.reason);
        ClaimResult { claim: at, status, actual: actual.cloned(), reason, matters, table: None }
    }

    fn compare(&self, said: Said<'_>, actual: &Value) -> Comparison {
        let claim = said.claim;
        let spec = self.audit.spec(self.check, &claim.fact);
        let direction = spec.map_or(Direction::Neutral, |spec| spec.direction);
        if self.check.sample.is_some() {
            return self.sampled(said, actual, direction);
        }
        match claim.as_of {
            Some(as_of) if spec.is_some_and(|spec| spec.growing) => self.grown(said, actual, as_of, direction),
            _ => plain(said, actual, direction),
        }
    }

    /// A fact that grows by itself, claimed at a time: the measured value less what has passed since.
    fn grown(&self, said: Said<'_>, actual: &Value, as_of: Stamp, direction: Direction) -> Comparison {
        let (Ok(figure), Some((number, _))) = (said.figure(actual), actual.quantity()) else {
            return plain(said, actual, direction);
        };
        let since = |moment: Instant| Number::from(self.seen.now.seconds_since(moment).max(0));
        let elapsed = Span { low: since(as_of.end()), high: since(as_of.at) };
        let then = Span { low: &number - &elapsed.high, high: &number - &elapsed.low };
        let written = shortened(said.written, 60);
        let (was, is) = (format::instant(as_of.at, "UTC"), format::instant(self.seen.now, "UTC"));
        if then.high.is_negative() {
            let reason = format!("it began after {was}, so nothing measured speaks of \"{written}\" at that time");
            return Comparison::unverified(reason);
        }
        let status = match figure.against(&then, direction) {
            ClaimStatus::Exact | ClaimStatus::Rounds if !elapsed.high.is_zero() => ClaimStatus::Progressed,
            status => status,
        };
        let measured = format::value(actual);
        let reason = match status {
            ClaimStatus::Progressed => {
                let passed = format::duration(&elapsed.high);
                format!(
                    "{written} at {was} is {measured} at {is}: {passed} passed, and it was {} then",
                    format::duration(&then.low)
                )
            }
            status => {
                let at_the_time = figure.in_place_of(actual, then.low.clone());
                let told = figure_told(&figure, &written, status, &at_the_time, &then);
                format!("{told} at {was}; it is {measured} at {is}")
            }
        };
        let claimed = figure.in_place_of(actual, figure.nearest(&then) + &elapsed.high);
        Comparison { status, reason, claimed: Some(claimed) }
    }

    /// A claim about a whole of which a sample was measured.
    fn sampled(&self, said: Said<'_>, actual: &Value, direction: Direction) -> Comparison {
        let Some(sample) = self.sample else {
            return Comparison::unverified("spot check: it is not known how many were run");
        };
        let compared = plain(said, actual, direction);
        let speaks_of_sample = matches!(actual, Value::Count(number) if compared.status.is_upheld() && number.to_u64() == Some(sample.result.measured));
        if sample.is_complete() || speaks_of_sample {
            return compared;
        }
        let possible = match actual {
            Value::Count(number) => Some(sample.possible_count(number)),
            Value::Fraction { .. } | Value::Ratio(_) => sample.possible_share(),
            _ => None,
        };
        let (figure, possible) = match (figure_or_share(said, actual), possible) {
            (Some(figure), Some(possible)) => (figure, possible),
            _ => return Comparison::unverified(format!("{}; {}", sample.told(), sample.method_told(false))),
        };
        let status = figure.against(&possible, direction);
        if status.is_refuted() {
            let reason = format!("{}, which rules out \"{}\"", sample.told(), shortened(said.written, 60));
            return Comparison { status, reason, claimed: compared.claimed };
        }
        let enough = sample.result.lower_bound.as_ref().is_some_and(|bound| {
            let is_share = matches!(actual, Value::Fraction { .. } | Value::Ratio(_)) && direction == Direction::Higher;
            is_share && figure.against(&Span::point(bound), direction) != ClaimStatus::Overstated
        });
        let status = if enough { ClaimStatus::Rounds } else { ClaimStatus::Unverified };
        Comparison::new(status, format!("{}; {}", sample.told(), sample.method_told(enough)))
    }

    /// What would be different if the claimed value were the measured one; `None` is nothing.
    fn matters(&self, claim: &Claim, claimed: Option<Value>) -> Option<String> {
        let claimed = claimed?;
        let told = format::value(&claimed);
        let mut facts = self.facts.clone();
        facts.set(&claim.fact, claimed);
        let results = compare::expectations(self.check, &facts, self.baseline);
        let status = compare::status(self.check, &results);
        (status != self.base).then(|| {
            let fact = compare::spaced(&claim.fact);
            format!("with {told} for {fact} the check would be {}, and it is {}", status.word(), self.base.word())
        })
    }
}

fn plain(said: Said<'_>, actual: &Value, direction: Direction) -> Comparison {
    match actual {
        Value::Text(_) | Value::List(_) | Value::Flag(_) => as_text(said.written, actual),
        Value::Instant(at) => as_time(said.written, *at),
        Value::Table(_) => Comparison::unverified("a table cannot be compared with one value"),
        _ => match parse_fraction_text(said.written) {
            Some(fraction) if matches!(actual, Value::Fraction { .. } | Value::Ratio(_)) => {
                as_fraction(said, &fraction, actual, direction)
            }
            _ => as_number(said, actual, direction),
        },
    }
}

fn as_number(said: Said<'_>, actual: &Value, direction: Direction) -> Comparison {
    let figure = match said.figure(actual) {
        Ok(figure) => figure,
        Err(reason) => return Comparison::unverified(reason),
    };
    let Some((number, _)) = actual.quantity() else {
        return Comparison::unverified("what was measured is not a number");
    };
    let span = Span::point(&number);
    let status = figure.against(&span, direction);
    let claimed = figure.in_place_of(actual, figure.nearest(&span).clone());
    let reason = figure_told(&figure, &shortened(said.written, 60), status, actual, &span);
    Comparison { status, reason, claimed: Some(claimed) }
}

fn figure_told(figure: &Figure, written: &str, status: ClaimStatus, actual: &Value, span: &Span) -> String {
    let measured = format::value_long(actual, "UTC");
    match status {
        ClaimStatus::Exact => format!("{written} was claimed, and {measured} measured"),
        ClaimStatus::Rounds if figure.printed.qualifier == Qualifier::Plain => {
            format!("{written} is what {measured} rounds to")
        }
        ClaimStatus::Rounds => format!("\"{written}\" is true of {measured}"),
        ClaimStatus::Stale => format!("\"{written}\" is true of {measured}, and says little"),
        ClaimStatus::WithinTolerance => {
            let tolerance = figure.tolerance.as_deref().unwrap_or_default();
            format!("{written} was claimed and {measured} measured, within {}", shortened(tolerance, 40))
        }
        ClaimStatus::Truncated => format!("{measured} is {written} only if digits are cut off or rounded up"),
        _ => {
            let distance = figure.distance(span);
            if distance.is_zero() {
                return format!("\"{written}\" was claimed and {measured} measured");
            }
            let more = *figure.nearest(span) > span.high;
            let distance = format::quantity(&distance, figure.unit);
            format!(
                "{written} was claimed and {measured} measured: {distance} too {}",
                if more { "much" } else { "little" }
            )
        }
    }
}

/// `1,026/1,044 (98.28%)` against a share: part, whole and percentage must all hold.
fn as_fraction(said: Said<'_>, fraction: &PrintedFraction, actual: &Value, direction: Direction) -> Comparison {
    let written = shortened(said.written, 60);
    let measured = format::value_long(actual, "UTC");
    let (Some(share), Some((number, _))) = (fraction.part.over(&fraction.whole), actual.quantity()) else {
        return Comparison::unverified(format!("\"{written}\" is a share of nothing"));
    };
    let claimed = Some(Value::Ratio(share.clone()));
    let percent = fraction.percent.as_ref();
    if let Some(percent) = percent.filter(|percent| !agrees(percent, &share)) {
        let reason =
            format!("\"{}\" is not what {}/{} comes to", percent.text, fraction.part_text, fraction.whole_text);
        return Comparison { status: refuted(percent.value() > &share, direction), reason, claimed };
    }
    let counts_agree = match actual {
        Value::Fraction { part, whole } => *part == fraction.part && *whole == fraction.whole,
        _ => share == number,
    };
    if counts_agree {
        return Comparison {
            status: ClaimStatus::Exact,
            reason: format!("{written} was claimed, and {measured} measured"),
            claimed,
        };
    }
    let status = if share == number { ClaimStatus::Refuted } else { refuted(share > number, direction) };
    Comparison { status, reason: format!("{written} was claimed and {measured} measured"), claimed }
}

/// Does the percentage stand for the share? "100 %" stands for all and "0 %" for none.
fn agrees(percent: &Printed, share: &Number) -> bool {
    let said = percent.value();
    let all_or_none = percent.qualifier == Qualifier::Plain && (said.is_zero() || *said == Number::one());
    if all_or_none { said == share } else { percent.stands_for(share) }
}

/// The figure of a claim about a sample: a share may be written as a fraction.
fn figure_or_share(said: Said<'_>, actual: &Value) -> Option<Figure> {
    let figure = |written: &str| Figure::read(written, actual, said.claim.tolerance.as_ref()).ok();
    let share = || {
        let fraction = parse_fraction_text(said.written)?;
        let percent = fraction.part.over(&fraction.whole)? * Number::from(100);
        figure(&format!("{}%", percent.to_rounded(20)))
    };
    if matches!(actual, Value::Count(_)) { figure(said.written) } else { share().or_else(|| figure(said.written)) }
}

fn as_time(written: &str, at: Instant) -> Comparison {
    let shown = shortened(written, 60);
    let Ok(stamp) = written.trim().parse::<Stamp>() else {
        return Comparison::unverified(format!("\"{shown}\" is not a time that can be compared"));
    };
    let measured = format::instant(at, "UTC");
    if stamp.at == at && stamp.precision == 1 {
        return Comparison::new(ClaimStatus::Exact, format!("{shown} was claimed, and {measured} measured"));
    }
    if stamp.at <= at && at <= stamp.end() {
        return Comparison::new(ClaimStatus::Rounds, format!("{measured} lies within {shown}"));
    }
    let reason = format!("{shown} was claimed and {measured} measured");
    Comparison { claimed: Some(Value::Instant(stamp.at)), ..Comparison::new(ClaimStatus::Refuted, reason) }
}

/// Texts, flags and lists are equal or not; the order of a list says nothing.
fn as_text(written: &str, actual: &Value) -> Comparison {
    let trimmed = written.trim();
    let (equal, claimed) = match actual {
        Value::Flag(flag) => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => (*flag, Value::Flag(true)),
            "false" | "no" | "off" => (!*flag, Value::Flag(false)),
            _ => return Comparison::unverified(format!("\"{}\" is neither yes nor no", shortened(written, 60))),
        },
        Value::List(items) => {
            let inner = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(trimmed);
            let mut claimed: Vec<String> =
                inner.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect();
            let mut measured = items.clone();
            measured.sort();
            claimed.sort();
            (measured == claimed, Value::List(claimed))
        }
        Value::Text(text) => (text.trim() == trimmed, Value::Text(trimmed.to_owned())),
        _ => return Comparison::unverified("what was measured is not a text"),
    };
    let status = if equal { ClaimStatus::Exact } else { ClaimStatus::Refuted };
    let joined = if equal { "was claimed, and" } else { "was claimed and" };
    let reason =
        format!("\"{}\" {joined} \"{}\" measured", shortened(written, 60), shortened(&format::value(actual), 80));
    Comparison { status, reason, claimed: Some(claimed) }
}
