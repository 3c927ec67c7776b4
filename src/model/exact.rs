//! Lists that are no larger than what is in them. Of what each of ten thousand checks has one, a list that is filled item by
//! item makes room for four.

use serde::{Deserialize, Deserializer};

/// A list of these, without room for more.
pub fn exact<T>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut list = Vec::from_iter(items);
    list.shrink_to_fit();
    list
}

/// Reads a list, without room for more.
pub(super) fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Vec::deserialize(deserializer).map(exact)
}
