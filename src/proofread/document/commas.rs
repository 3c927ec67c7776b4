//! What the commas of a document part: decimals, thousands, or nobody knows.

use super::{BlockKind, Document};
use crate::model::printed::{Run, odd_comma};
use crate::proofread::number::{Mention, Stated};

/// The first share of a document with decimals behind a comma, and where it begins in it; `None` where there is none, or
/// where other numbers have groups of thousands that cannot be anything else.
pub(super) fn decimal_comma(document: &Document) -> Option<(String, usize)> {
    let shown = || document.blocks.iter().filter(|block| !matches!(block.kind, BlockKind::Code(_)));
    let found = shown().find_map(|block| {
        let text = block.shown.text();
        let odd = odd_comma(text)?;
        // `steps 1,2` are two numbers; a share is one.
        let behind = text[odd.end..].trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        behind.starts_with('%').then(|| (text[odd.clone()].to_owned(), block.shown.source(odd).start))
    })?;
    let grouped = shown().any(|block| {
        let text = block.shown.text();
        let is_grouped = |run: &Run| {
            let commas = text.get(run.span.clone()).map_or(0, |written| written.matches(',').count());
            run.separator == Some(',') && (run.places > 0 || commas > 1)
        };
        block.numbers().iter().any(|mention| runs(mention).iter().any(is_grouped))
    });
    (!grouped).then_some(found)
}

fn runs(mention: &Mention) -> &[Run] {
    match &mention.stated {
        Stated::Number(printed) => &printed.runs,
        Stated::Fraction(fraction) => std::slice::from_ref(&fraction.whole_run),
        Stated::Time(_) => &[],
    }
}
