//! Statements written and read back.

use proptest::prelude::*;

use super::*;
use crate::signoff::scenario::{Scenario, canonical};

#[test]
fn a_statement_is_written_as_a_canonicalizer_writes_it_and_reads_back() {
    let scenario = Scenario::new();
    let payload = canonical(&scenario.statement("alice@example.com", "security"));
    let statement = Statement::parse(&payload).unwrap();
    assert_eq!(statement.payload().unwrap(), payload);
    assert_eq!(statement.record(), scenario.sha256);
    assert_eq!(statement.predicate.decision, Decision::Approve);
}

#[test]
fn a_text_that_would_be_changed_is_not_signed() {
    let scenario = Scenario::new();
    let mut statement = Statement::parse(&canonical(&scenario.statement("alice@example.com", "security"))).unwrap();
    for text in ["a\u{202e}b", "a\u{1b}[2J", "e\u{301}"] {
        statement.predicate.statement = text.to_owned();
        assert_eq!(statement.payload().unwrap_err().code, Code::ControlCharacter, "{text:?}");
    }
    statement.predicate.statement = "\u{e9}, in two\nlines".to_owned();
    assert!(statement.payload().is_ok());
}

proptest! {
    #[test]
    fn bytes_never_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Statement::parse(&bytes);
    }

    #[test]
    fn any_text_of_the_signers_is_signed_as_it_is_or_not_at_all(text in any::<String>()) {
        let scenario = Scenario::new();
        let mut statement = Statement::parse(&canonical(&scenario.statement("alice@example.com", "security"))).unwrap();
        statement.predicate.statement = text;
        if let Ok(payload) = statement.payload() {
            prop_assert_eq!(Statement::parse(&payload).unwrap(), statement);
        }
    }
}
