//! Numbers in Markdown: where they stand, what they say, and how a place among them is named so that it is found again.
//!
//! Pure: it is given texts and never reads a file.

pub mod document;
mod find;
mod locate;
pub mod locator;
mod normal;
pub mod number;

pub use find::find;
pub use locate::{MAX_NUMBERS, TooMany, locators_at, numbers_in};
