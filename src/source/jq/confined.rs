//! The filter of a stranger, run by a helper: one that never ends is ended, and one that fills the memory fills a helper's.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Filter, JqProblem, Json, run, stack};
use crate::witness::helper::{self, Helper, NoAnswer};

/// What a helper is asked, as a line before the document.
#[derive(Serialize, Deserialize)]
struct Asked {
    filter: String,
    take: usize,
}

type Answered = Result<Vec<Json>, String>;

/// Is this process a helper? Then it runs the one filter that it gets.
pub fn serve() -> bool {
    helper::serve(|request| {
        let answer: Answered = answer(request).unwrap_or_else(|| Err("it broke off".to_owned()));
        serde_json::to_vec(&answer).unwrap_or_default()
    })
}

fn answer(request: Vec<u8>) -> Option<Answered> {
    let end = request.iter().position(|byte| *byte == b'\n')?;
    let asked: Asked = serde_json::from_slice(&request[..end]).ok()?;
    stack::on_big_stack(move || {
        let filter = Filter::compile(&asked.filter).map_err(|problem| problem.message)?;
        run::evaluate(&filter.program, &request[end + 1..], asked.take)
    })
}

/// What a filter yields, at most `take` outputs, which a helper finds out.
pub(super) fn run(
    helper: Helper,
    filter: &Filter,
    document: &[u8],
    take: usize,
    patience: Duration,
) -> Result<Answered, JqProblem> {
    let text = filter.text();
    let asked = Asked { filter: text.to_owned(), take };
    let mut request = serde_json::to_vec(&asked).unwrap_or_default();
    request.push(b'\n');
    request.extend_from_slice(document);
    let wasteful = || {
        JqProblem::new(
            format!(
                "the filter \"{text}\" broke off: it took too much memory, or its result is too large (--untrusted)"
            ),
            "Write it so that it keeps less, or run the audit without --untrusted, if you trust whoever wrote it.",
        )
    };
    match helper.ask(&request, patience) {
        // What breaks off ends in the middle.
        Ok(answer) => serde_json::from_slice(&answer).map_err(|_| wasteful()),
        Err(NoAnswer::BrokeOff) => Err(wasteful()),
        Err(NoAnswer::Late) => Err(run::endless(text, patience)),
        Err(NoAnswer::NotStarted(error)) => Err(JqProblem::new(
            format!("could not start a process for the filter \"{text}\": {error}"),
            "This program must be able to start itself again: see how many processes are allowed, and that /proc is mounted.",
        )),
    }
}
