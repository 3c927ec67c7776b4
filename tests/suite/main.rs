//! The test suite: one binary, one module for each thing tested.

mod plan;
