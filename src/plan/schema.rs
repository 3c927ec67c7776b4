//! The JSON Schema of the audit file.
