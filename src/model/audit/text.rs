//! The bounds of an audit file, as text: whoever reads one and whoever adds to one keep to the same.

/// The most bytes of one file.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The most lists and mappings in one another.
pub const MAX_DEPTH: usize = 64;
