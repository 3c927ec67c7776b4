//! The bundle on disk: canonical `record.json` and the evidence beside it, written in one step.
//!
//! It knows bytes and files, and judges nothing.

pub mod baseline;
pub mod bundle;
pub mod canonical;
pub mod compare;
pub mod history;
pub mod merge;
pub mod place;
pub mod scratch;
pub mod signoffs;
pub mod strict;
pub mod verify;

pub use crate::model::digest::sha256;
pub use bundle::{Bundle, BundleProblem, Staging};
pub(crate) use canonical::MAX_BYTES;
pub use canonical::{
    Parts, RecordProblem, clean, clean_with_bytes, from_bytes, record_bytes, record_bytes_of, to_bytes,
};
