//! The results as they are, in JSON. The shape is documented by its JSON Schema and named in `schema`.

use super::results::Results;
use super::{Unwritable, pretty};

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    pretty(results)
}
