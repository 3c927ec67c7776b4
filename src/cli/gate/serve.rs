//! The gate over HTTP, for controllers that roll out by themselves: each stage has an address of its own.
//!
//! `GET /STAGE` gives the decision as JSON (a web metric of Argo Rollouts). `POST /STAGE` succeeds when the rollout may go
//! on, `POST /STAGE/roll-back` when it is taken back (webhooks of Flagger). Nothing of a request but its path is read.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, StatusCode};
use tokio::sync::Mutex;

use super::decision::{Decision, May};
use super::{Decided, decide, say_if_unsigned, say_what_was_reserved};
use crate::cli::arguments::Gate;
use crate::cli::http_server::{self, Answer, asks_for_us, content, plain};
use crate::cli::stop::Signals;
use crate::cli::{Exit, Failure, run, runtime, terminal};

/// How long a connection may last: conditions that count samples are waited for.
const LONGEST: Duration = Duration::from_secs(300);
/// Who asks again within this time is given the same decision.
const FRESH: Duration = Duration::from_secs(1);

/// What the last look at each stage came to. A stage is looked at once at a time.
type Last = Arc<BTreeMap<String, Mutex<Option<(Instant, Arc<Looked>)>>>>;

/// A look at a stage.
enum Looked {
    Decided(Box<Decision>),
    /// Nothing was measured, and why.
    Refused(String),
}

/// Answers until somebody ends it.
pub(super) fn serve(arguments: &Gate, address: SocketAddr, quiet: bool) -> Result<Exit, Failure> {
    let record = run::open(&arguments.bundle)?.record;
    let Some(rollout) = &record.audit.rollout else {
        let message = format!("the audit \"{}\" has no rollout", record.audit.id);
        return Err(Failure::new(
            message,
            "add `rollout:` with its stages to the audit file, and run and sign it again",
        ));
    };
    let stages = rollout.stages.iter().map(|stage| (stage.name.to_string(), Mutex::default())).collect();
    let runtime = runtime()?;
    let asked = Arc::new(arguments.clone());
    let exit = runtime.block_on(async {
        let mut signals = Signals::listen();
        let meant = "add --serve-others if everybody who can reach it may ask";
        let listener = http_server::bind(address, arguments.serve_others, meant).await?;
        let at = listener.local_addr().map_err(|error| http_server::unusable(address, &error))?;
        http_server::warn(at, "make it measure and read the decision");
        terminal::message(&format!("asked at http://{at}/\n"));
        say_if_unsigned(arguments, &record, quiet);
        let last: Last = Arc::new(stages);
        let answering = http_server::serve(listener, LONGEST, move |request| {
            answer(request, Arc::clone(&asked), Arc::clone(&last), quiet)
        });
        tokio::select! {
            () = answering => {}
            _ = signals.next() => {}
        }
        Ok(Exit::Clean)
    });
    // A look that is under way hears of the same signal, and ends its commands.
    runtime.wait();
    exit
}

async fn answer(request: Request<Incoming>, arguments: Arc<Gate>, last: Last, quiet: bool) -> Answer {
    if !asks_for_us(&request, &arguments.host) {
        return plain(
            StatusCode::MISDIRECTED_REQUEST,
            "ask for an IP address, for localhost, or for a name given with --host\n",
        );
    }
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let (stage, back) = path.strip_suffix("/roll-back").map_or((path.as_str(), false), |stage| (stage, true));
    let Some(place) = last.get(stage) else {
        let stages: String = last.keys().map(|stage| format!("/{stage}\n")).collect();
        return plain(StatusCode::NOT_FOUND, format!("there is:\n{stages}"));
    };
    let post = match *request.method() {
        Method::POST => true,
        Method::GET | Method::HEAD if !back => false,
        _ => {
            let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "GET gives the decision, POST says yes or no\n");
            let allowed = if back { "POST" } else { "GET, HEAD, POST" };
            refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
            return refused;
        }
    };
    let mut kept = place.lock().await;
    let looked = match kept.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
        Some((_, looked)) => Arc::clone(looked),
        None => {
            let looked = Arc::new(look(arguments, stage.to_owned(), quiet).await);
            *kept = Some((Instant::now(), Arc::clone(&looked)));
            looked
        }
    };
    drop(kept);
    told(&looked, post, back)
}

/// A run has a runtime of its own: it is started on a thread that may wait.
async fn look(arguments: Arc<Gate>, stage: String, quiet: bool) -> Looked {
    let looking = tokio::task::spawn_blocking(move || match decide(&arguments, &stage, Vec::new(), true) {
        Ok(Decided::Finished(finished, signed)) => {
            // Who signed what is nothing for everybody who can ask.
            let decision = super::decision::decision(&finished, None);
            if !quiet {
                say_what_was_reserved(signed.as_ref());
                terminal::message(&format!("{stage}: {}\n", decision.line()));
            }
            Looked::Decided(Box::new(decision))
        }
        // The same here: the last line says enough.
        Ok(Decided::Refused(_, why)) => Looked::Refused(why.lines().last().unwrap_or_default().to_owned()),
        Err(failure) => Looked::Refused(failure.message),
    });
    looking.await.unwrap_or_else(|_| Looked::Refused("the look broke off: please report this".to_owned()))
}

fn told(looked: &Looked, post: bool, back: bool) -> Answer {
    let decision = match looked {
        Looked::Decided(decision) => decision,
        // Neither a yes nor a no, for nobody.
        Looked::Refused(why) => return plain(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    };
    let yes = if back { decision.may() == May::RollBack } else { decision.may() == May::Proceed };
    match decision.json() {
        Ok(json) => {
            let mut answer = content("application/json", Bytes::from(json));
            if post && !yes {
                *answer.status_mut() = StatusCode::FORBIDDEN;
            }
            answer
        }
        Err(failure) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{}\n", failure.message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_looked_at_is_no_answer_for_anybody() {
        let refused = Looked::Refused("the audit is rejected".to_owned());
        for (post, back) in [(false, false), (true, false), (true, true)] {
            assert_eq!(told(&refused, post, back).status(), StatusCode::SERVICE_UNAVAILABLE);
        }
    }
}
