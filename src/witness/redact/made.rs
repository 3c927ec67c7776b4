//! What was made of answers: facts, reasons and quotes. Answers are redacted as bytes, and decoding them may bring a secret to
//! light that no byte of them showed. It must not read any answer.

use super::Redactor;
use crate::model::fact::{Fact, Facts, Unmeasurable, Value};
use crate::model::quote::{NotThere, Place, Places};
use crate::model::record::Sight;

impl Redactor {
    /// What a check saw, without the values of secrets.
    pub(in crate::witness) fn sight(&self, sight: &mut Sight) {
        match sight {
            Sight::Measured(facts) => self.facts(facts),
            Sight::Unmeasurable(Unmeasurable { reason, help }) => {
                self.values(reason);
                self.values(help);
            }
            Sight::Skipped(_) | Sight::NotApplicable(_) => {}
        }
    }

    fn facts(&self, facts: &mut Facts) {
        facts.notes.iter_mut().for_each(|note| self.values(note));
        for fact in facts.facts.values_mut() {
            match fact {
                Fact::Present(value) => self.value(value),
                Fact::Absent(reason) => self.values(reason),
            }
        }
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::Text(text) => self.values(text),
            Value::List(texts) => texts.iter_mut().for_each(|text| self.values(text)),
            Value::Table(table) => {
                table.columns.iter_mut().for_each(|column| self.values(column));
                table.rows.iter_mut().flatten().flatten().for_each(|cell| self.value(cell));
            }
            _ => {}
        }
    }

    /// What stands at places in documents, without the values of secrets.
    pub(in crate::witness) fn places(&self, places: &mut Places) {
        for place in places.values_mut() {
            match place {
                Place::Found(quote) => {
                    self.values(&mut quote.written);
                    self.values(&mut quote.line_text);
                }
                Place::Table(table) => {
                    table.columns.iter_mut().for_each(|column| self.values(column));
                    table.rows.iter_mut().flatten().flatten().for_each(|cell| self.values(&mut cell.written));
                }
                Place::NotFound(NotThere { reason, near, help, .. }) => {
                    near.iter_mut().chain([reason, help]).for_each(|text| self.values(text));
                }
                Place::Counted { .. } => {}
            }
        }
    }
}
