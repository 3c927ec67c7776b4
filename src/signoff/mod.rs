//! What people sign about a record, and whether a signature counts: an SSH signature over a DSSE envelope with an in-toto
//! statement, so that `ssh-keygen` alone can check it.
//!
//! Everything is refused until each step has passed. What a bundle says about whose keys count is never asked: that comes
//! from the verifier. No clock is read here; the time is given. Processes are started in [`ssh_keygen`] alone.
//!
//! A sign-off holds for the record that was signed, byte for byte. One for the areas of its role also holds for a later
//! record in which nothing about them changed: [`areas`] says what that means.

pub mod allowed;
mod areas;
pub mod code;
pub mod decide;
pub mod envelope;
pub mod make;
pub mod open;
pub mod ssh_keygen;
pub mod sshsig;
pub mod statement;
mod steps;

pub use allowed::{AllowedSigners, KeyFileProblem, Revoked};
pub use code::{Code, Refusal};
pub use decide::{SignOffs, Verifier, decide};
pub use envelope::{Envelope, pae};
pub use open::{About, Earlier, inspect};
pub use sshsig::NAMESPACE;
pub use statement::{Predicate, Statement};

#[cfg(test)]
mod scenario;
