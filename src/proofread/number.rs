//! The numbers that a line, a cell or a sentence states, as a careful reader would count them.
//!
//! Precision first: what may be a name (a version, a port, "Phase 4", a path) is no number, and what has no single
//! reading is left out rather than guessed.

mod opaque;
mod walk;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub(super) use opaque::is_bare;
pub use walk::{mentions, mentions_after, negated};

use super::words::singular;
use crate::model::fact::Unit;
use crate::model::number::Number;
use crate::model::printed::{Printed, PrintedFraction, PrintedTime, Qualifier};

/// One number that a text states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Where it stands, in bytes of the text: its digits with their unit and qualifier, without the noun behind them.
    pub span: Range<usize>,
    /// What it says; every span in it is in bytes of the same text.
    pub stated: Stated,
    /// Up to three words behind it: `alert rules loaded` in "13 alert rules loaded and active".
    pub noun: String,
    kind: Kind,
    unit: String,
}

/// What a mention says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are numbers, and a box would be one more allocation for each"
)]
pub enum Stated {
    /// One number or one range.
    Number(Printed),
    /// A part of a whole, perhaps with its percentage. `10/10` is one too, and may be a score.
    Fraction(Box<PrintedFraction>),
    /// A date or time; it may lack what makes it a point in time, and says so.
    Time(PrintedTime),
}

/// What sort of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `13 rules`, `~460,000`, `17K`.
    Count,
    /// `0.98`: decimals without a unit.
    Number,
    /// `98.28%`.
    Percent,
    /// `1,026/1,044 (98.28%)`.
    Fraction,
    /// `9.8/10`.
    Score,
    /// `47 hours`.
    Duration,
    /// `15.2 GB`.
    Bytes,
    /// `4-6`.
    Range,
    /// `2.5x`.
    Factor,
    /// `15 MB/s`.
    Rate,
    /// `$100`.
    Money,
    /// `20:28 UTC on Oct 20`.
    Time,
}

impl Kind {
    /// Every kind, in the order in which help lists them.
    pub const ALL: [Self; 12] = [
        Self::Count,
        Self::Number,
        Self::Percent,
        Self::Fraction,
        Self::Score,
        Self::Duration,
        Self::Bytes,
        Self::Range,
        Self::Factor,
        Self::Rate,
        Self::Money,
        Self::Time,
    ];

    /// The word for it in a locator.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Number => "number",
            Self::Percent => "percent",
            Self::Fraction => "fraction",
            Self::Score => "score",
            Self::Duration => "duration",
            Self::Bytes => "bytes",
            Self::Range => "range",
            Self::Factor => "factor",
            Self::Rate => "rate",
            Self::Money => "money",
            Self::Time => "time",
        }
    }

    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A part of a mention that a locator can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `1,026` in `1,026/1,044`, `9.8` in `9.8/10`.
    Numerator,
    /// `1,044` in `1,026/1,044`, `10` in `9.8/10`.
    Denominator,
    /// `98.28%` in `1,026/1,044 (98.28%)`.
    Percent,
    /// `4` in `4-6`.
    Low,
    /// `6` in `4-6`.
    High,
}

impl Part {
    /// Every part, in the order in which help lists them.
    pub const ALL: [Self; 5] = [Self::Numerator, Self::Denominator, Self::Percent, Self::Low, Self::High];

    /// The word for it in a locator.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Numerator => "numerator",
            Self::Denominator => "denominator",
            Self::Percent => "percent",
            Self::Low => "low",
            Self::High => "high",
        }
    }

    /// The part of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }
}

impl Mention {
    /// What sort of number it is, first of all.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The one number or range that it states, whatever qualifies it.
    pub const fn number(&self) -> Option<&Printed> {
        match &self.stated {
            Stated::Number(printed) => Some(printed),
            _ => None,
        }
    }

    /// The one number that it states, when that is no bound, no range, no estimate and no score.
    pub fn plain(&self) -> Option<&Printed> {
        match &self.stated {
            Stated::Number(printed) if printed.qualifier == Qualifier::Plain && printed.out_of.is_none() => {
                Some(printed)
            }
            _ => None,
        }
    }

    /// May it be of that kind? `10/10` is a fraction or a score, `4-6 h` a range and a duration, `17K` a count or a size.
    pub fn is_kind(&self, kind: Kind) -> bool {
        if self.kind == kind {
            return true;
        }
        match &self.stated {
            Stated::Fraction(fraction) => {
                kind == Kind::Fraction
                    || (kind == Kind::Score && fraction.percent.is_none() && is_scale(&fraction.whole))
            }
            Stated::Number(printed) if self.kind == Kind::Range => kind_of_unit(printed) == kind,
            Stated::Number(printed) => kind == Kind::Bytes && printed.shortened && printed.unit == Unit::One,
            Stated::Time(_) => false,
        }
    }

    /// The unit as written (`hours`, `%`, `GB`), or else the noun behind it (`rules`); may be empty.
    pub fn unit(&self) -> &str {
        if self.unit.is_empty() { &self.noun } else { &self.unit }
    }

    /// Is it in that unit, or a number of those? `h` is `hours`, and `rules` is any word of the noun, in one or in many.
    pub fn counts(&self, unit: &str) -> bool {
        let unit = unit.trim();
        let same_unit = !self.unit.is_empty() && {
            let one = |unit: &str| Printed::parse(&format!("1 {unit}")).ok().filter(|one| one.unit != Unit::One);
            one(unit).is_some_and(|asked| one(&self.unit).is_some_and(|own| asked.readings == own.readings))
        };
        let named = singular(self.unit()) == singular(unit) || singular(&self.noun) == singular(unit);
        let word = || self.noun.split(' ').any(|word| singular(word) == singular(unit));
        !unit.is_empty() && (same_unit || named || word())
    }

    /// Where a part of it stands, in bytes of the text; `None` when it has no such part.
    pub fn part(&self, part: Part) -> Option<Range<usize>> {
        match (&self.stated, part) {
            (Stated::Fraction(fraction), Part::Numerator) => Some(fraction.part_run.span.clone()),
            (Stated::Fraction(fraction), Part::Denominator) => Some(fraction.whole_run.span.clone()),
            (Stated::Fraction(fraction), Part::Percent) => Some(fraction.percent.as_ref()?.span.clone()),
            (Stated::Number(printed), Part::Percent) => {
                (printed.unit == Unit::Ratio && printed.qualifier != Qualifier::Range).then(|| printed.span.clone())
            }
            (Stated::Number(printed), Part::Low | Part::High) if printed.qualifier == Qualifier::Range => {
                Some(printed.runs.get(usize::from(part == Part::High))?.span.clone())
            }
            (Stated::Number(printed), Part::Numerator | Part::Denominator) if printed.out_of.is_some() => {
                Some(printed.runs.get(usize::from(part == Part::Denominator))?.span.clone())
            }
            _ => None,
        }
    }

    /// The parts that it has, with their places.
    pub fn parts(&self) -> Vec<(Part, Range<usize>)> {
        Part::ALL.into_iter().filter_map(|part| Some((part, self.part(part)?))).collect()
    }
}

/// Do people give scores out of so many?
pub(super) fn is_scale(whole: &Number) -> bool {
    [5, 10, 100].into_iter().any(|scale| *whole == Number::from(scale))
}

fn kind_of_unit(printed: &Printed) -> Kind {
    // `1.2k`, `1.2 million`
    let scaled = printed.runs.iter().any(|run| run.scales[..] != [Number::one()]);
    match printed.unit {
        Unit::Ratio => Kind::Percent,
        Unit::Seconds => Kind::Duration,
        Unit::Bytes => Kind::Bytes,
        Unit::One if printed.exact || scaled => Kind::Count,
        Unit::One => Kind::Number,
    }
}
