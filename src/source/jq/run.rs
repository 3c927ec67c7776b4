//! Running a filter so that neither the document nor the filter can take the process with it.
//!
//! On a thread of its own with a large stack, because jq's values are walked and dropped by recursion. A path alone, which
//! is what most filters are, neither loops nor goes deeper than the document, and is followed at once.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use jaq_core::{Ctx, Vars, unwrap_valr};
use jaq_json::{Num, Val, read};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::quick::is_quick;
use super::{Compiled, Data, Filter, JqProblem, Json, Program, by_item, confined, stack};
use crate::model::number::Number;
use crate::source::names::{Fault, Twice, fault};
use crate::witness::helper::Helper;
use crate::witness::{self, patience};

/// Documents and results nested deeper than this are refused.
const MAX_DEPTH: usize = 128;
/// How long one filter may run.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn run(filter: &Filter, json: &[u8], cap: usize) -> Result<Vec<Json>, JqProblem> {
    let outputs = collect(filter, json, cap.saturating_add(1))?;
    if outputs.len() > cap {
        return Err(JqProblem::new(
            format!("the filter \"{}\" yields more than {cap} values", filter.text()),
            "Count or select in the filter, so that it yields fewer.",
        ));
    }
    Ok(outputs)
}

pub(super) fn first(filter: &Filter, json: &[u8]) -> Result<Option<Json>, JqProblem> {
    Ok(collect(filter, json, 1)?.into_iter().next())
}

fn collect(filter: &Filter, json: &[u8], take: usize) -> Result<Vec<Json>, JqProblem> {
    check_syntax(json)?;
    let text = filter.text();
    let said = |message: String| {
        JqProblem::new(format!("the filter \"{text}\" failed: {message}"), "Try the filter on the answer with jq.")
    };
    let here = || evaluate(&filter.program, json, take);
    if is_path(text) {
        return here().map_err(said);
    }
    if let Some((helper, patience)) = helper() {
        return confined::run(helper, filter, json, take, patience)?.map_err(said);
    }
    if stack::is_large() || is_quick(text, json.len()) {
        return here().map_err(said);
    }
    let (sender, receiver) = sync_channel(1);
    let program = Arc::clone(&filter.program);
    let document = json.to_vec();
    let started = stack::start(move || {
        // The receiver is gone when the filter took too long: nobody waits for this answer then.
        let _late = sender.send(evaluate(&program, &document, take));
        let_go();
    });
    started.map_err(|error| no_thread(&error))?;
    let patience = patience(PATIENCE);
    match receiver.recv_timeout(patience) {
        Ok(result) => result.map_err(said),
        Err(RecvTimeoutError::Timeout) => Err(endless(text, patience)),
        Err(RecvTimeoutError::Disconnected) => Err(broken_off(text)),
    }
}

/// Runs `work`, which compiles the filter and runs it on a document of `size` bytes, on a thread of its own with a large
/// stack, while this task waits. `text` names it when it takes too long.
pub(super) async fn apart<T: Send + 'static>(
    text: &str,
    size: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JqProblem> {
    static TURNS: Semaphore = Semaphore::const_new(super::AT_ONCE);
    static HELPED: Semaphore = Semaphore::const_new(super::HELPERS);
    let helper = witness::helper::helper();
    if helper.is_none() && is_quick(text, size) {
        return Ok(work());
    }
    let turns = if helper.is_some() { &HELPED } else { &TURNS };
    // Nobody closes it.
    let _turn = turns.acquire().await;
    let (sender, receiver) = oneshot::channel();
    let patience = patience(PATIENCE);
    let until = Instant::now() + patience;
    let started = stack::start(move || {
        HELPER.set(helper.map(|helper| (helper, until)));
        let _late = sender.send(work());
        HELPER.take();
        let_go();
    });
    started.map_err(|error| no_thread(&error))?;
    match timeout(patience, receiver).await {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(_)) => Err(broken_off(text)),
        Err(_) => Err(endless(text, patience)),
    }
}

fn no_thread(error: &std::io::Error) -> JqProblem {
    JqProblem::new(format!("could not start a thread for jq: {error}"), "Run fewer checks at a time.")
}

pub(super) fn endless(text: &str, patience: Duration) -> JqProblem {
    JqProblem::new(
        format!("the filter \"{text}\" did not end within {:.0} s", patience.as_secs_f64().ceil()),
        "Look for a loop without an end in it.",
    )
}

fn broken_off(text: &str) -> JqProblem {
    JqProblem::new(format!("the filter \"{text}\" broke off"), "Write it in another way.")
}

thread_local! {
    /// Who runs the filters of this thread, and until when a task waits for them.
    static HELPER: Cell<Option<(Helper, Instant)>> = const { Cell::new(None) };
    /// What filters were given on a thread of their own.
    static GIVEN: RefCell<Vec<Val>> = const { RefCell::new(Vec::new()) };
}

/// Who runs filters here, and how long that may take; `None` where this process does.
fn helper() -> Option<(Helper, Duration)> {
    let of_thread = HELPER.get().map(|(helper, until)| (helper, until.saturating_duration_since(Instant::now())));
    of_thread.or_else(|| witness::helper::helper().map(|helper| (helper, patience(PATIENCE))))
}

/// Frees what filters were given, when their answer is on its way: of a large document that takes as long as many filters.
fn let_go() {
    drop(GIVEN.take());
}

/// Names and places alone, one after the other: `.data.result[0].value`.
fn is_path(text: &str) -> bool {
    let is_names = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_')) && !part.contains("..")
    };
    let is_place = |part: &str| {
        let (place, names) = part.split_once(']')?;
        Some(place.bytes().all(|byte| byte.is_ascii_digit()) && is_names(names))
    };
    let mut parts = text.split('[');
    parts.next().is_some_and(|names| names.starts_with('.') && is_names(names))
        && parts.all(|part| is_place(part).unwrap_or(false))
}

pub(super) fn evaluate(program: &Program, document: &[u8], take: usize) -> Result<Vec<Json>, String> {
    let by_item = if document.len() < by_item::LARGE { None } else { program.by_item() };
    if let Some(by_item) = by_item
        && let Some(list) = by_item.outputs(document)
    {
        return answer(by_item.rest(), list?, take);
    }
    answer(&program.whole, read::parse_single(document).map_err(|error| error.to_string())?, take)
}

/// What a filter yields for one value, at most `take` outputs, as JSON.
pub(super) fn answer(compiled: &Compiled, input: Val, take: usize) -> Result<Vec<Json>, String> {
    if stack::is_large() {
        GIVEN.with_borrow_mut(|given| given.push(input.clone()));
    }
    outputs(compiled, input).take(take).map(|output| to_json(&output?, 0)).collect()
}

/// What a filter yields for one value; an error is a message of jq, shortened.
pub(super) fn outputs(compiled: &Compiled, input: Val) -> impl Iterator<Item = Result<Val, String>> {
    let context = Ctx::<Data>::new(&compiled.lut, Vars::new([]));
    let outputs = compiled.id.run((context, input)).map(unwrap_valr);
    outputs.map(|output| output.map_err(|error| shortened(&error.to_string())))
}

/// jq's own reader takes more than JSON (comments, `NaN`), of two names in one object the last, and one million `[` overflow
/// its stack.
fn check_syntax(json: &[u8]) -> Result<(), JqProblem> {
    let fault = fault(json, MAX_DEPTH);
    if matches!(fault, Some(Fault::TooDeep)) {
        return Err(JqProblem::new(
            format!("the JSON is nested deeper than {MAX_DEPTH}"),
            "Ask for a smaller part of it.",
        ));
    }
    serde_json::from_slice::<serde::de::IgnoredAny>(json).map_err(|error| {
        let start: String = String::from_utf8_lossy(json.get(..60).unwrap_or(json)).chars().take(40).collect();
        JqProblem::new(format!("not JSON: {error}; it begins with \"{}\"", start.trim()), "Look at what was answered.")
    })?;
    match fault {
        Some(Fault::Twice(Twice { name, line, column })) => Err(JqProblem::new(
            format!("\"{name}\" stands twice in one object of the JSON: again at line {line}, column {column}"),
            "Take one of both out: programs do not agree on which of them counts.",
        )),
        _ => Ok(()),
    }
}

fn to_json(value: &Val, depth: usize) -> Result<Json, String> {
    if depth > MAX_DEPTH {
        return Err(format!("its result is nested deeper than {MAX_DEPTH}"));
    }
    Ok(match value {
        Val::Null => Json::Null,
        Val::Bool(flag) => Json::Flag(*flag),
        Val::Num(number) => number_of(number),
        Val::BStr(bytes) | Val::TStr(bytes) => Json::Text(String::from_utf8_lossy(bytes).into_owned()),
        Val::Arr(items) => Json::List(items.iter().map(|item| to_json(item, depth + 1)).collect::<Result<_, _>>()?),
        Val::Obj(members) => {
            let member = |(key, value): (&Val, &Val)| {
                let key = match to_json(key, depth + 1)? {
                    Json::Text(text) => text,
                    other => {
                        other.to_text().ok_or_else(|| "an object of its result has a key that is no text".to_owned())?
                    }
                };
                Ok((key, to_json(value, depth + 1)?))
            };
            Json::Object(members.iter().map(member).collect::<Result<_, String>>()?)
        }
    })
}

fn number_of(number: &Num) -> Json {
    let text = match number {
        Num::Int(number) => return Json::Number(Number::from(*number as i64)),
        Num::BigInt(number) => number.to_string(),
        Num::Dec(text) => text.to_string(),
        // The shortest text that reads back as the same float: what jq would print.
        Num::Float(number) => format!("{number:?}"),
    };
    text.parse().map_or(Json::NotANumber(text), Json::Number)
}

fn shortened(message: &str) -> String {
    let mut short: String = message.chars().take(200).collect();
    if short.len() < message.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn a_path_holds_nothing_that_could_loop() {
        for path in [".", ".status", ".data.result[0].value[1]", ".[3]", ".a[]", ".and"] {
            assert!(is_path(path), "{path}");
        }
        for other in
            ["..", ".[repeat(.)]", ".a[recurse]", "recurse", ". as $x | $x", ".a[-1]", ".a | .b", "", ".a]", ".a[0"]
        {
            assert!(!is_path(other), "{other}");
        }
    }
}
