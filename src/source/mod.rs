//! What several kinds read from: a client or a parser each, and no more than that. They judge nothing.

pub mod jq;
