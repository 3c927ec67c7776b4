//! What must hold between the parts of an audit: names that exist, rings that do not, conditions that can fail.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use super::decode::Way;
use super::files::Files;
use super::node::{Node, Span, Value as NodeValue, clip};
use super::problem::{Code, Sink};
use super::resolve::Waiting;
use super::written::Text;
use crate::model::audit::Audit;
use crate::model::condition::Condition;
use crate::model::fact::{FactSpec, FactType, Value};
use crate::model::id::CheckId;
use crate::model::near::nearest;
use crate::model::prose as names;

/// Reports an id that is not there, with the nearest one that is.
pub(super) fn unknown_id<'a>(
    sink: &Sink,
    text: &Text,
    path: &str,
    what: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) {
    let help = match nearest(text, known.clone()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => match known.take(12).collect::<Vec<_>>().join(", ") {
            all if all.is_empty() => format!("Add a {what} of that name, or remove this."),
            all => format!("Known: {all}."),
        },
    };
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let message = format!("\"{}\" is not {article} {what}", clip(text));
    sink.error(text.span, path, Code::UnknownId, message, help);
}

/// The fact of that name; reports it when the kind does not find it.
pub(super) fn known_fact<'a>(
    sink: &Sink,
    name: &Text,
    path: &str,
    kind: &str,
    facts: &'a [FactSpec],
) -> Option<&'a FactSpec> {
    let found = facts.iter().find(|spec| spec.name == name.value);
    if found.is_none() {
        let all = facts.iter().map(|spec| spec.name.as_ref()).collect::<Vec<_>>();
        let near = nearest(name, all.iter().copied()).map(|near| format!("Did you mean `{near}`? "));
        let help = format!("{}The facts of `{kind}` are: {}.", near.unwrap_or_default(), all.join(", "));
        let message = format!("\"{kind}\" does not find \"{}\"", clip(name));
        sink.error(name.span, &format!("{path}.{}", name.value), Code::UnknownFact, message, help);
    }
    found
}

/// Does a text meet a condition? Asked of `when:`, before anything is measured.
pub(super) fn holds_for_text(condition: &Condition, value: &str) -> Result<bool, (String, String)> {
    condition.fits(FactType::Text).map_err(|problem| (problem.message, problem.help))?;
    let value = Value::Text(value.to_owned());
    condition
        .holds(&value, None)
        .map_err(|reason| (reason, "Write `== text`, `!= text` or `one of [a, b]`.".to_owned()))
}

/// A condition that every value of the fact meets is no check.
pub(super) fn can_fail(sink: &Sink, condition: &Condition, spec: &FactSpec, written: &Text, path: &str) {
    if !condition.can_fail(spec.fact_type) {
        let message = format!("\"{}\" cannot fail: every \"{}\" meets it", clip(written), spec.name);
        let help = "Write a condition that some value does not meet, or remove it.";
        sink.warning(written.span, path, Code::CannotFail, message, help);
    }
}

/// Words in the name of an option, a header or a variable whose value opens a door.
const CREDENTIALS: [&str; 7] = ["authorization", "bearer", "password", "passwd", "token", "secret", "apikey"];

/// Options are recorded as they are: a credential among them must be a placeholder.
pub(super) fn literal_secrets(sink: &Sink, options: &Node, way: Way<'_>) {
    match &options.value {
        NodeValue::List(items) => items.iter().for_each(|item| literal_secrets(sink, item, way)),
        NodeValue::Scalar { .. } => {}
        NodeValue::Mapping(entries) => {
            for entry in entries {
                let way = Way::Key(&way, entry.name());
                let literal = entry.value.text().is_some_and(|text| {
                    !text.trim().is_empty() && !matches!(text, "true" | "false") && !text.contains("${secret:")
                });
                if literal && !entry.value.is_null() && is_credential(entry.name()) {
                    let message = format!("\"{}\" would be written into the record as it is", clip(entry.name()));
                    let help = "Keep it in a variable of the environment and write `${secret:NAME}`.";
                    sink.warning(entry.value.span, &way.to_string(), Code::LiteralSecret, message, help);
                }
                literal_secrets(sink, &entry.value, way);
            }
        }
    }
}

fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(['-', '_']);
    name.contains("api-key") || name.contains("api_key") || words.any(|word| CREDENTIALS.contains(&word))
}

/// Reports every ring of checks that wait for each other, once.
pub(super) fn dependency_rings(sink: &Sink, waiting: &[Waiting]) {
    // Most wait for nothing, and are in no ring.
    let waiting = || waiting.iter().filter(|waiting| !waiting.on.is_empty());
    let edges: BTreeMap<&CheckId, &Waiting> = waiting().map(|waiting| (&waiting.check, waiting)).collect();
    let mut finished: BTreeSet<&CheckId> = BTreeSet::new();
    for start in waiting() {
        let mut way: Vec<(&CheckId, usize)> = vec![(&start.check, 0)];
        while let Some((check, next)) = way.last().copied() {
            let on = edges.get(check).map(|waiting| waiting.on.as_slice()).unwrap_or_default();
            let Some((text, to)) = on.get(next).filter(|_| !finished.contains(check)) else {
                finished.insert(check);
                way.pop();
                continue;
            };
            if let Some(last) = way.last_mut() {
                last.1 += 1;
            }
            if let Some(begin) = way.iter().position(|(other, _)| *other == to) {
                let mut ring: Vec<String> = way.iter().skip(begin).map(|(check, _)| check.to_string()).collect();
                ring.push(to.to_string());
                let path = edges.get(check).map(|waiting| waiting.path.as_str()).unwrap_or_default();
                let message = format!("these checks wait for each other: {}", ring.join(" -> "));
                sink.error(text.span, path, Code::DependencyCycle, message, "Remove one of the dependencies.");
            } else if !finished.contains(to) {
                way.push((to, 0));
            }
        }
    }
}

/// Every name between braces must name something of the audit. Checks and areas that are declared but could not be read
/// are missing from it: what names them is right as far as anybody can tell.
pub(super) fn prose(
    texts: &[(Text, String)],
    audit: &Audit,
    unread: &LazyCell<Vec<String>, impl FnOnce() -> Vec<String>>,
    files: &Files<'_>,
    sink: &Sink,
) {
    for (text, path) in texts {
        for (index, (_, name)) in names::names(text).into_iter().enumerate() {
            let Err(message) = names::known(audit, &name) else { continue };
            if !unread.iter().any(|missing| name.strip_prefix(missing).is_some_and(|rest| rest.starts_with('.'))) {
                let help =
                    "Write `{{ area.check.fact }}`, `{{ area.score }}`, `{{ overall.score }}` or `{{ verdict }}`.";
                sink.error(place_of_name(files, text, index, &name), path, Code::UnknownName, message, help);
            }
        }
    }
}

/// Where the name stands in the source: a text may run over many lines.
fn place_of_name(files: &Files<'_>, text: &Text, index: usize, name: &str) -> Span {
    let found = names::names(files.text(text.span));
    match found.get(index).filter(|(_, other)| other == name) {
        Some((range, _)) => {
            let byte = |at: usize| text.span.start + u32::try_from(at).unwrap_or(0);
            Span { file: text.span.file, start: byte(range.start), end: byte(range.end) }
        }
        None => text.span,
    }
}
