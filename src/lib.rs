//! `audit file -> plan -> witness -> facts -> judge -> record -> documents`; sign-offs cover the record
//!
//! The library behind the `countersign` command. Not a stable API.

pub mod audit;
pub mod ci;
pub mod cli;
pub mod judge;
pub mod model;
pub mod plan;
pub mod probe;
pub mod proofread;
pub mod publish;
pub mod record;
pub mod report;
pub mod signoff;
pub mod source;
pub mod survey;
pub mod witness;
