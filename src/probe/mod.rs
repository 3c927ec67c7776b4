//! What can be measured: one file for each kind, one row for each in the registry below.
//!
//! A probe asks through the [`Witness`] and reads the answers as facts. It judges nothing.

pub mod alert_count;
pub mod attestation;
pub mod certificate;
pub mod clock;
pub mod command;
pub mod coverage;
pub mod describe;
pub mod dns;
pub mod file;
pub mod flag_count;
pub mod git;
pub mod health_check;
pub mod http;
pub mod metric;
pub mod newer_than;
pub mod query;
pub mod registry;
mod report_files;
pub mod sampled;
pub mod service_uptime;
pub mod tcp;
pub mod test_pass_rate;
pub mod typed;
pub mod unit;
pub mod vulnerability_count;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::condition::{Condition, Expectation};
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::format::and_list;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::source::endpoint::other_places;
use crate::witness::Witness;

/// A fact at several moments, the newest last; `None` where the source has nothing for that moment.
pub type Past = Vec<(Instant, Option<Value>)>;

/// A kind of measurement. Its doc comment is its description in the schema, in `countersign kinds` and in the README.
pub trait Kind: DeserializeOwned + Serialize + JsonSchema + Clone + Send + Sync {
    /// The YAML key.
    const NAME: &'static str;
    /// What it can find.
    const FACTS: &'static [FactSpec];
    /// The facts that a claim such as `1,026/1,044 (98.28%)` speaks of: part, whole, share.
    const FRACTION: Option<[&'static str; 3]> = None;
    /// Its facts that are tables, each with its columns: what a table of a document may claim.
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[];
    /// A small example, YAML, the value under the kind's key.
    const EXAMPLE: &'static str;
    /// The sources it can read from, where they are options beside others. Where each is a variant of its own, the schema
    /// has their names.
    const SOURCES: &'static [&'static str] = &[];

    /// The source it reads from, as the YAML names it, where there are several.
    fn source(&self) -> Option<&'static str> {
        None
    }

    /// Conditions that its own options imply (`must-be-off`).
    fn implied(&self) -> Vec<Expectation> {
        Vec::new()
    }

    /// When there is no data though whatever is asked about stays as it is: the end of a sentence, `once it is 14 d old`.
    fn lapse(&self) -> Option<String> {
        None
    }

    /// What is wrong with the options that their types cannot say: a lower-case fragment and a way out, each.
    fn problems(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// What the expectations of these facts pass over that belongs to what they ask: a fragment and a way out.
    fn overlooks(&self, _expected: &[&str]) -> Option<(String, String)> {
        None
    }

    /// What keeps a condition from being held against one of its facts that the fact's type does not say: a fragment and
    /// a way out.
    fn unfit(&self, _fact: &str, _condition: &Condition) -> Option<(String, String)> {
        None
    }

    /// What a fact was at moments of the last `span` seconds, `step` seconds apart and the newest last, where its source
    /// remembers; `None` where it does not.
    fn look_back(
        &self,
        _fact: &str,
        _span: u64,
        _step: u64,
        _witness: &Witness,
    ) -> impl Future<Output = Result<Option<Past>, Unmeasurable>> + Send {
        std::future::ready(Ok(None))
    }

    /// Looks, and says what it found. A fact that is not there is set absent; an error means that it could not look.
    fn measure(&self, witness: &Witness) -> impl Future<Output = Result<Facts, Unmeasurable>> + Send;
}

/// How long a check took is a fact of every kind: the sum of what its answers took.
const ELAPSED: FactSpec = FactSpec::new("elapsed", FactType::Duration, "How long the answers took, added up").lower();

fn set_elapsed(facts: &mut Facts, witness: &Witness) {
    let micros: u64 = witness.with_exchanges(|exchanges| exchanges.map(|exchange| exchange.elapsed_us).sum());
    facts.set_or("elapsed", Number::ratio(micros, 1_000_000_u32).map(Value::Duration), "not timed");
}

/// Other places named in one sentence, at most.
const MOST_PLACES: usize = 5;

/// Says where answers came from, when that is another place than was asked: whoever signs may not have meant that one.
fn note_other_places(facts: &mut Facts, witness: &Witness) {
    let places = witness.with_exchanges(|exchanges| other_places(exchanges));
    let more = places.len().saturating_sub(MOST_PLACES);
    let named: Vec<String> = places.into_iter().take(MOST_PLACES).collect();
    if !named.is_empty() {
        let more = if more > 0 { format!(", and of {more} more") } else { String::new() };
        facts.note(format!("It was sent on; the answer is that of {}{more}.", and_list(&named)));
    }
}
