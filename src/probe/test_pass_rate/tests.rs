//! Tests of `test_pass_rate`.
