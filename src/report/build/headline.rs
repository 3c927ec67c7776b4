//! What a list of audits says of one: verdict and signatures.

use super::{Source, outcome, signoff};
use crate::model::evidence::Blob;
use crate::model::record::Record;
use crate::model::signoff::SignOff;
use crate::report::{Evidence, Headline};

/// Nothing that is said here hangs on evidence.
struct NoEvidence;

impl Evidence for NoEvidence {
    fn excerpt(&self, _: &Blob) -> Option<Vec<u8>> {
        None
    }
}

pub(in crate::report) fn headline(record: &Record, signoffs: &[SignOff]) -> Headline {
    let source = Source::new(record, signoffs, &NoEvidence);
    Headline { verdict: outcome::verdict(&source).mark, signed: signoff::progress(&source) }
}
