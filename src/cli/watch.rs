//! `countersign watch`: the same audit again and again, for somebody who is at work on what it audits.

mod files;
mod serve;
mod told;

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hyper::body::Bytes;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::{NoContext, Timestamp, Uuid};

use super::arguments::{Accept, Watch};
use super::progress::ProgressLine;
use super::run::{could_not_run, not_valid};
use super::scratch;
use super::terminal::STRONG;
use super::{Exit, Failure, http_server, outputs, run, runtime, stop, summary, terminal};
use crate::audit::{self, AuditProblem, Finished, Options, Source};
use crate::ci::{self, Base, FORMATS};
use crate::model::id::Id;
use crate::model::record::{Earlier, Record};
use crate::plan::{self, Plan};
use crate::record::scratch::Folder;
use crate::record::{history, sha256};
use crate::witness::clock;
use files::Files;
use serve::{Run, Server, Shown};
use told::Before;

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Bundles that are kept where nobody wants any: the one that is shown, and the one that is being written.
const KEPT_FOR_NOBODY: usize = 1;

/// Runs until somebody ends it.
pub(crate) fn watch(arguments: &Watch, quiet: bool) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    let quit = CancellationToken::new();
    let exit = runtime.block_on(async {
        stop::cancels(quit.clone());
        let server = match arguments.serve {
            Some(address) => Some(serve(arguments, address).await?),
            None => None,
        };
        let place = Place::new(arguments.to.as_deref())?;
        let mut watching = Watching {
            arguments,
            quiet,
            screen: !quiet && io::stdout().is_terminal(),
            quit,
            place,
            address: server.as_ref().map(|(address, _)| address.clone()),
            shown: server.map(|(_, shown)| shown),
            before: None,
            change: String::new(),
            audit: None,
            history: Vec::new(),
            bundles: Vec::new(),
            last: None,
        };
        watching.go_on().await
    });
    // What is still being answered is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(500));
    exit
}

/// Everything that lasts from run to run.
struct Watching<'a> {
    arguments: &'a Watch,
    quiet: bool,
    /// Is the result drawn on a terminal?
    screen: bool,
    quit: CancellationToken,
    place: Place,
    address: Option<String>,
    shown: Option<Arc<RwLock<Shown>>>,
    before: Option<Before>,
    /// The last change, as it is shown; empty before the first.
    change: String,
    /// Which audit the history is of.
    audit: Option<Id>,
    history: Vec<Earlier>,
    /// Bundles that were written, oldest first.
    bundles: Vec<PathBuf>,
    /// What the last run comes to.
    last: Option<Exit>,
}

impl Watching<'_> {
    async fn go_on(&mut self) -> Result<Exit, Failure> {
        let mut known = Files::now([self.audit_file()]);
        loop {
            // What is written while it is read is looked at again.
            let before = Files::now(known.paths());
            let Watch { audited, asking, within, .. } = self.arguments;
            let files = match run::load(&audited.path(), &asking.stranger, within) {
                Ok(plan) => self.once(plan, &before).await?,
                Err(problem) => self.broken(&problem, &before)?,
            };
            known = files.clone();
            if self.quit.is_cancelled() || !self.wait(&files).await? {
                break;
            }
        }
        if self.screen {
            terminal::data("\n")?;
        }
        Ok(self.last.unwrap_or(Exit::CouldNotRun))
    }

    /// One run. Gives back the files whose change asks for another: the audit's own as they were before it, because they may
    /// change while it runs; what its checks read as it is after it, because they may have written that themselves.
    async fn once(&mut self, plan: Plan, before: &Files) -> Result<Files, Failure> {
        let root = plan.root.clone();
        let mut files = Files::now(plan.sources.iter().map(|(path, _)| path.clone())).seen_before(before);
        let base = outputs::base(&self.arguments.audited.path(), &root);
        let options = self.options(&plan);
        let line = ProgressLine::new(!self.screen);
        let quit = self.quit.clone();
        let mut handing = None;
        let stop = |token| handing = Some(stop::hands_on(quit, token));
        let finished = audit::run(plan, options, line.told(), stop).await;
        drop(handing);
        line.finish();
        match finished {
            // Half a run says nothing beside the whole one before it.
            Ok(finished) if finished.record.run.interrupted && self.last.is_some() => {
                self.bundles.push(finished.directory);
                Ok(files)
            }
            Ok(finished) => {
                files.join(Files::now(files::read_by(&finished.record, &root)));
                self.show(finished, &base)?;
                Ok(files)
            }
            // A name under --only that does not exist may exist when the audit file has changed; a place that cannot be written
            // to stays so.
            Err(problem @ AuditProblem::OnlyNothing(_)) => {
                self.tell_broken(&could_not_run(&problem))?;
                Ok(files)
            }
            Err(problem) => Err(could_not_run(&problem)),
        }
    }

    fn options(&self, plan: &Plan) -> Options {
        let Watch { only, claims_only, asking, .. } = self.arguments;
        Options {
            to: Some(self.place.next(plan.audit.id.as_str())),
            helper: run::helper(&asking.stranger),
            only: only.clone(),
            claims_only: *claims_only,
            // An audit file that gives itself another id begins anew.
            history: if self.audit.as_ref() == Some(&plan.audit.id) { self.history.clone() } else { Vec::new() },
            ..Options::new(Source::Live(Box::new(run::asking(asking, plan))))
        }
    }

    /// Whoever reads the line finds the run served already.
    fn show(&mut self, finished: Finished, base: &Base) -> Result<(), Failure> {
        let record = &finished.record;
        let line = told::line(record, self.before.as_ref());
        if let Some(shown) = &self.shown {
            let run = served(&finished, line.trim_end(), base)?;
            let mut shown = shown.write().unwrap_or_else(PoisonError::into_inner);
            *shown = Shown { run: Some(run), problem: None };
        }
        if self.screen {
            let mut text = summary::summary(&finished);
            match told::since(record, self.before.as_ref()) {
                Some(change) => {
                    self.change = format!("  {STRONG}changed at {}{STRONG:#}\n{change}", record.run.finished_at)
                }
                None if self.change.is_empty() => text.push_str("  nothing has changed so far\n"),
                None => {}
            }
            text.push_str(&self.change);
            text.extend(self.address.iter().map(|address| format!("  shown at {address}\n")));
            terminal::screen(&text)?;
        } else if !self.quiet {
            terminal::data(&line)?;
        }
        let accept = self.arguments.accept == Some(Accept::Conditional);
        self.last = Some(Exit::of_run(record, accept));
        self.before = Some(Before::of(record));
        if self.audit.as_ref() != Some(&record.audit.id) {
            self.history.clear();
            self.audit = Some(record.audit.id.clone());
        }
        // As `run --history` has it: a part is no run of the whole.
        if record.left_out().next().is_none() && !record.run.interrupted {
            self.history.push(history::earlier(record, &finished.sha256));
            self.history = history::newest(std::mem::take(&mut self.history));
        }
        self.bundles.push(finished.directory);
        self.clear_away();
        Ok(())
    }

    /// Takes the oldest bundles away that this process wrote.
    fn clear_away(&mut self) {
        let keep = if self.arguments.to.is_some() { usize::from(self.arguments.keep) } else { KEPT_FOR_NOBODY };
        while self.bundles.len() > keep {
            // What cannot be removed is only one bundle too many.
            let _ = fs::remove_dir_all(self.bundles.remove(0));
        }
    }

    /// An audit file that is not valid: tells it, and gives back the files whose change may put it right.
    fn broken(&mut self, problem: &AuditProblem, before: &Files) -> Result<Files, Failure> {
        let file = self.audit_file();
        let files = match problem {
            AuditProblem::Plan(problems) => Files::now(files::of_broken(&file, problems)),
            _ => Files::now([file]),
        };
        self.tell_broken(&not_valid(problem))?;
        Ok(files.seen_before(before))
    }

    fn audit_file(&self) -> PathBuf {
        let audit = self.arguments.audited.path();
        if audit.is_dir() { audit.join(plan::DEFAULT_NAME) } else { audit }
    }

    fn tell_broken(&mut self, failure: &Failure) -> Result<(), Failure> {
        if let Some(shown) = &self.shown {
            let details = anstream::adapter::strip_str(failure.details.as_deref().unwrap_or_default()).to_string();
            let mut shown = shown.write().unwrap_or_else(PoisonError::into_inner);
            shown.problem = Some(format!("{}\n\n{details}", failure.message));
        }
        if self.screen {
            terminal::screen("")?;
        } else if !self.quiet {
            terminal::data(&told::broken(clock::now(), &failure.message))?;
        }
        terminal::failure(failure);
        Ok(())
    }

    /// Waits until it is time or a file has changed; false when it is to end.
    async fn wait(&self, files: &Files) -> Result<bool, Failure> {
        let began = Instant::now();
        let mut said = None;
        loop {
            let left = self.arguments.every.0.map(|every| every.saturating_sub(began.elapsed()));
            if left == Some(Duration::ZERO) {
                return Ok(true);
            }
            let seconds = left.map(|left| left.as_secs() + u64::from(left.subsec_nanos() > 0));
            if self.screen && said != Some(seconds) {
                said = Some(seconds);
                terminal::over(&match seconds {
                    Some(seconds) => format!("next run in {seconds} s, or when a file changes; Ctrl-C ends"),
                    None => "next run when a file changes; Ctrl-C ends".to_owned(),
                })?;
            }
            tokio::select! {
                () = self.quit.cancelled() => return Ok(false),
                () = sleep(LOOK.min(left.unwrap_or(LOOK))) => {}
            }
            if let Some(path) = files.changed() {
                if self.screen {
                    terminal::over(&format!("{} has changed", path.display()))?;
                }
                return Ok(true);
            }
        }
    }
}

/// What the server shows of a run.
fn served(finished: &Finished, told: &str, base: &Base) -> Result<Run, Failure> {
    let read = |name: &str| {
        let path = finished.directory.join(name);
        let unreadable = |error: io::Error| {
            Failure::new(format!("could not read \"{}\" again: {error}", path.display()), "look who else writes there")
        };
        fs::read(&path).map(Bytes::from).map_err(unreadable)
    };
    let results = ci::results(&finished.record, &finished.sha256, base);
    let format = FORMATS.iter().find(|format| format.name == "openmetrics");
    let metrics = format
        .map(|format| (format.render)(&results))
        .transpose()
        .map_err(|problem| Failure::new(problem.to_string(), "this is a bug in countersign: please report it"))?;
    Ok(Run {
        told: told.to_owned(),
        sha256: finished.sha256.clone(),
        result: result(&finished.record)?,
        report: read("report.html")?,
        metrics: Bytes::from(metrics.unwrap_or_default()),
        record: read("record.json")?,
    })
}

/// A digest of what a reader decides by: another one is worth losing the place in the report. Times and measured values
/// change with each run.
fn result(record: &Record) -> Result<String, Failure> {
    let judgement = &record.judgement;
    let statuses: Vec<_> = judgement.checks.iter().map(|check| (&check.check, check.status)).collect();
    let conditions: Vec<_> = judgement.conditions.iter().map(|one| (&one.id, one.progress)).collect();
    let parts = (judgement.verdict, statuses, &judgement.overall.score, &judgement.claimants, conditions);
    serde_json::to_vec(&parts).map(|bytes| sha256(&bytes)).map_err(|error| {
        Failure::new(format!("could not compare the runs: {error}"), "this is a bug in countersign: please report it")
    })
}

/// Starts the server; its address and what it shows.
async fn serve(arguments: &Watch, address: std::net::SocketAddr) -> Result<(String, Arc<RwLock<Shown>>), Failure> {
    let meant = "add --serve-others if everybody who can reach it may read the reports";
    let listener = http_server::bind(address, arguments.serve_others, meant).await?;
    let server = Server::new(listener);
    let at = server.address().map_err(|error| http_server::unusable(address, &error))?;
    http_server::warn(at, "read the reports");
    let url = format!("http://{at}/");
    terminal::message(&format!("shown at {url}\n"));
    let shown = server.shown();
    tokio::spawn(server.run());
    Ok((url, shown))
}

/// The part of a new id that is left to chance.
fn one_of_a_kind() -> String {
    let id = Uuid::new_v7(Timestamp::from_unix(NoContext, 0, 0)).simple().to_string();
    id[id.len() - 12..].to_owned()
}

/// Where bundles are written to.
enum Place {
    /// Where somebody wants them.
    Named(PathBuf),
    /// Where nobody does.
    Nobody(Folder),
}

impl Place {
    fn new(to: Option<&Path>) -> Result<Self, Failure> {
        match to {
            Some(to) => Ok(Self::Named(to.to_owned())),
            None => scratch::folder().map(Self::Nobody),
        }
    }

    /// Where the next bundle goes: a name of its own, in the order of time.
    fn next(&self, audit: &str) -> PathBuf {
        let directory = match self {
            Self::Named(directory) => directory,
            Self::Nobody(folder) => folder.path(),
        };
        let now = clock::now().to_string().replace(':', "");
        directory.join(format!("{audit}-{now}-{}", one_of_a_kind()))
    }
}
