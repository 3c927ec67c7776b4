//! Commas and words that leave a number without a single reading: `99,5` and `not 13` are numbers that nobody reads here, so
//! the `200` behind one must not be taken for the first one; and beside it `1,234` may be meant as 1.234.

use std::ops::Range;

use super::missing::{self, KIND, clipped};
use super::pick::Site;
use super::{Finder, Hit};
use crate::model::printed::odd_comma;
use crate::model::quote::NotThere;
use crate::proofread::locator::Part;
use crate::proofread::number::negated;

impl Finder<'_> {
    /// The error of a number that stands in one of these ranges and cannot be read; `None` where there is none, or where the
    /// locator asks for numbers of one sort only.
    pub(super) fn unread<'s>(&self, ranges: impl IntoIterator<Item = (&'s Site, Range<usize>)>) -> Option<NotThere> {
        let asks = self.locator.kind.is_some() || self.locator.unit.is_some();
        ranges.into_iter().filter(|_| !asks).find_map(|(site, range)| self.odd(site, range))
    }

    /// As [`Self::unread`], of one range and whatever is asked for.
    pub(super) fn odd(&self, site: &Site, range: Range<usize>) -> Option<NotThere> {
        let text = self.document.blocks[site.block].shown.text();
        let text = text.get(range)?;
        let Some(odd) = odd_comma(text) else { return self.denied(site, text) };
        let odd = &text[odd];
        let reason = format!("{} holds \"{}\", whose comma parts no thousands", site.name, clipped(odd));
        let help = format!(
            "Write decimals with a point, {}; `part: text` claims what stands there as a text.",
            odd.replace(',', ".")
        );
        Some(missing::not_there(KIND, reason, vec![self.place(site.block, site.range.clone())], help))
    }

    /// `not 1,044` says what it is not.
    fn denied(&self, site: &Site, text: &str) -> Option<NotThere> {
        let reason = format!("{} holds \"{}\", which says what it is not", site.name, clipped(&text[negated(text)?]));
        let help = "Write the number that it is; `part: text` claims what stands there as a text.";
        Some(missing::not_there(KIND, reason, vec![self.place(site.block, site.range.clone())], help))
    }

    /// Where decimals have commas, `1,234` is 1234 to one reader and 1.234 to another.
    pub(super) fn settled(&self, hit: Hit) -> Result<Hit, NotThere> {
        let Hit::Text { block, range } = &hit else { return Ok(hit) };
        let written = &self.document.blocks[*block].shown.text()[range.clone()];
        if self.locator.part == Some(Part::Text) || !has_one_group(written) {
            return Ok(hit);
        }
        let Some((odd, line)) = self.document.decimal_comma() else { return Ok(hit) };
        let (written, odd) = (clipped(written), clipped(odd));
        let reason =
            format!("\"{written}\" may be meant with decimals: line {line} writes them with a comma, \"{odd}\"");
        let help = format!("Write that as {} there, where \"{written}\" means thousands.", odd.replace(',', "."));
        Err(missing::not_there(KIND, reason, vec![self.place(*block, range.clone())], help))
    }
}

/// Are there three digits behind a comma, and neither decimals nor a second group that would tell what the comma means?
fn has_one_group(text: &str) -> bool {
    let Some((before, after)) = text.split_once(',') else { return false };
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let behind = &after[digits(after)..];
    before.ends_with(|c: char| c.is_ascii_digit())
        && digits(after) == 3
        && behind.strip_prefix(['.', ',']).is_none_or(|behind| digits(behind) == 0)
}
