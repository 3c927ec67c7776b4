//! Prose from the audit file: Markdown in which `{{ area.check.fact }}` stands for a measured value.
//!
//! Only names may stand between the braces: no expressions, so that a number in prose is always one that the record has.
