//! What is shown of the evidence.

use serde::Serialize;

use super::Reference;

/// Captured text, cut to what a reader wants to see. Hostile: it is only ever printed as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// What it is: `stdout`, `body`, `target/junit.xml`.
    pub title: String,
    /// The text; control characters and invisible ones are spelled out. Empty when it is not shown here: the same answer
    /// stands elsewhere ([`Excerpt::same_as`]), or it is one of several alike.
    pub text: String,
    /// The check under which the same answer is shown.
    pub same_as: Option<Reference>,
    /// The file in the bundle, `evidence/…`, when the text comes from one.
    pub file: Option<String>,
    /// SHA-256 of the file.
    pub sha256: Option<String>,
    /// What is not shown, a sentence; of a text that is not shown here, its size.
    pub note: Option<String>,
}

/// Everything one check asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trail {
    /// Its anchor.
    pub anchor: String,
    /// `area/check`.
    pub check: String,
    /// Title of the check.
    pub title: String,
    /// Anchor of the check.
    pub check_anchor: String,
    /// The questions, in the order they were asked.
    pub exchanges: Vec<Exchange>,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// What was asked, as something a reader can run.
    pub question: String,
    /// When, `2025-10-20T20:28:03Z`.
    pub asked_at: String,
    /// How long the answer took, `12 ms`; with the number of attempts when there were several.
    pub took: String,
    /// What came back: `200`, `exit code 0`, `no answer: …`.
    pub outcome: String,
    /// The kept bytes.
    pub blobs: Vec<Blob>,
}

/// Kept bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blob {
    /// What they are: `stdout`, `body`.
    pub title: String,
    /// The file in the bundle, `evidence/…`.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Size, and what was cut off or blacked out.
    pub size: String,
}
