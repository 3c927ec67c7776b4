//! The vocabulary of an audit: what every other layer speaks in.
//!
//! Data and the rules that belong to a single value (parsing a number, printing a duration). No I/O, no clock, and it
//! imports nothing else of ours.

pub mod audit;
pub mod captured;
pub mod claim;
pub mod condition;
pub mod counterexample;
pub mod digest;
pub mod evidence;
pub mod exact;
pub mod fact;
pub mod format;
pub mod glob;
pub mod id;
pub mod instant;
pub mod judgement;
pub mod near;
pub mod number;
pub mod open_files;
pub mod printed;
pub mod prose;
pub mod quote;
pub mod record;
pub mod repeat;
pub mod rollout;
pub mod signoff;
pub mod totals;
pub mod windows;
