//! Captured text that is a part of a number: `44` out of `1,044`, `3` out of `less than 3 %`. Whoever reads the document reads
//! all of it, so a part of it is held against nothing, and nothing is written over it.

use std::ops::Range;

use super::missing::{self, KIND, clipped};
use super::{Finder, Hit};
use crate::model::fact::Unit;
use crate::model::number::Number;
use crate::model::printed::{Printed, Qualifier, negation};
use crate::model::quote::NotThere;
use crate::proofread::number::{Mention, Stated};

impl Finder<'_> {
    /// What an expression captured, when that is no part of a number and says what the text says.
    pub(super) fn captured(&self, name: &str, block: usize, range: Range<usize>) -> Result<Hit, NotThere> {
        let text = self.document.blocks[block].shown.text();
        let written = &text[range.clone()];
        let problem = |whole: Range<usize>, takes: &str, help: &str| {
            let reason =
                format!("{name} takes \"{}\" out of \"{}\"{takes}", clipped(written), clipped(&text[whole.clone()]));
            Err(missing::not_there(KIND, reason, vec![self.place(block, whole)], help))
        };
        if let Some(whole) = self.cut(block, &range) {
            let help =
                "Let the group `value` hold all of it: the digits, their sign and unit, and what qualifies them.";
            return problem(whole, "", help);
        }
        let is_number = || Printed::prefix(written.trim_start()).is_some();
        match negation(&text[..range.start]).filter(|_| is_number()) {
            Some(start) => {
                let help = "Let the expression lead to the number that it is.";
                problem(start..range.end, ", which says what it is not", help)
            }
            None => Ok(Hit::Text { block, range }),
        }
    }

    /// The number of which a range holds a part only.
    fn cut(&self, block: usize, range: &Range<usize>) -> Option<Range<usize>> {
        let block = &self.document.blocks[block];
        let text = block.shown.text();
        let inside = &text[range.clone()];
        let start = range.start + (inside.len() - inside.trim_start().len());
        let range = start..start + inside.trim().len();
        let touched = |it: &&Mention| it.span.start < range.end && range.start < it.span.end;
        let whole = |it: &&Mention| range.start <= it.span.start && it.span.end <= range.end;
        let mut cut = block.numbers().iter().filter(touched).filter(|it| !whole(it) && cuts(it, &range));
        cut.next().map(|it| it.span.clone()).or_else(|| between_digits(text, &range))
    }
}

/// Is what a range holds of a number neither all of it nor a part that says the same without the rest?
fn cuts(mention: &Mention, range: &Range<usize>) -> bool {
    match &mention.stated {
        // Its parts may be named one by one, whatever words stand between them.
        Stated::Fraction(_) => mention.parts().iter().any(|(_, part)| is_cut(part, range)),
        Stated::Number(printed) => {
            let bare = printed.unit == Unit::One && printed.runs.iter().all(|run| run.scales[..] == [Number::one()]);
            let known = matches!(printed.qualifier, Qualifier::Plain | Qualifier::Range);
            !(bare && known && mention.parts().iter().any(|(_, part)| part == range))
        }
        // A day is a day without its time.
        Stated::Time(_) => false,
    }
}

fn is_cut(part: &Range<usize>, range: &Range<usize>) -> bool {
    let touches = part.start < range.end && range.start < part.end;
    touches && !(range.start <= part.start && part.end <= range.end)
}

/// The digits around an end of the range where it stands between two of them, or behind a comma between them: what nobody reads
/// as one number (`99,5 %`) is not read as its last digit. The points of a version part it.
fn between_digits(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let between = |at: &usize| {
        let (mut before, mut behind) = (text[..*at].chars().rev(), text[*at..].chars());
        match (before.next(), behind.next()) {
            (Some(','), next) => digit(before.next()) && digit(next),
            (last, Some(',')) => digit(last) && digit(behind.next()),
            (last, next) => digit(last) && digit(next),
        }
    };
    [range.start, range.end].iter().any(between).then(|| {
        let goes_on = |c: char| c.is_ascii_digit() || c == ',';
        let start = text[..range.start].trim_end_matches(goes_on).len();
        start..range.end + (text[range.end..].len() - text[range.end..].trim_start_matches(goes_on).len())
    })
}
