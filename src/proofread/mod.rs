//! Numbers in Markdown: where they stand, what they say, and how a place among them is named so that it is found again.
//!
//! Pure: it is given texts and never reads a file.

mod allow;
mod check;
pub mod document;
mod find;
mod finding;
mod grid;
mod lists;
mod locate;
pub mod locator;
mod normal;
pub mod number;
mod relation;
pub mod rules;
mod sink;
mod view;
mod words;

pub use check::{Proofread, Settings, proofread};
pub use find::find;
pub use finding::{Anchor, Coverage, Finding, Level};
pub use locate::{MAX_NUMBERS, TooMany, locators_at, numbers_in};
