//! `countersign run`: the arguments become options of [`audit::run`](crate::audit::run), and its result a summary.

use std::fs;
use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use super::arguments::{Accept, Asking, Run, Untrusted, Within};
use super::lock::Lock;
use super::outputs::{self, Outputs};
use super::progress::ProgressLine;
use super::{Exit, Failure, fix, runtime, stop, summary, terminal};
use crate::audit::{self, AuditProblem, Finished, Options, Source, verify};
use crate::ci::Base;
use crate::model::audit::Audit;
use crate::model::record::{Earlier, Sight};
use crate::model::repeat::repeat_line;
use crate::plan::{Bounds, MOST_CHECKS, Plan};
use crate::record::Bundle;
use crate::record::bundle::EVIDENCE;
use crate::record::history;
use crate::record::verify::Finding;
use crate::report::{TEMPLATE_NAMES, Templates};
use crate::witness::helper::Helper;
use crate::witness::{Limits, LiveOptions, Secrets, Untrusted as Rules, clock};

/// How many files of a directory without templates are named.
const MOST_NAMED: usize = 5;

/// Runs an audit.
pub(crate) fn run(arguments: Box<Run>, quiet: bool) -> Result<Exit, Failure> {
    let stranger = &arguments.asking.stranger;
    let audit = arguments.audited.path();
    // Neither needs the other, and of ten thousand checks each takes a while.
    let (plan, recorded) = thread::scope(|scope| {
        let replay = arguments.replay.as_deref().filter(|_| !arguments.plan);
        let opening = replay.map(|directory| scope.spawn(move || open(directory)));
        let plan = load(&audit, stranger, &arguments.within);
        (plan, opening.map(|opening| opening.join().unwrap_or_else(|panic| resume_unwind(panic))))
    });
    let plan = plan.map_err(|problem| not_valid(&problem))?;
    let untrusted = stranger.untrusted;
    let runtime = runtime()?;
    if arguments.plan {
        return runtime.block_on(list_questions(plan, &arguments));
    }
    no_link_leads_away(stranger, arguments.to.as_deref(), &plan)?;
    let outputs = Outputs::open(&arguments.format)?;
    let base = outputs::base(&audit, &plan.root);
    let mut options = options(&arguments, &plan, recorded.transpose()?)?;
    options.beside = outputs.paths();
    // A file of strangers beside the audit file is neither read nor written.
    let lock = if untrusted { Lock::default() } else { Lock::read(&plan) };
    let fixed = arguments.fix.then(|| fix::fixer(&plan.root, arguments.asking.allow_outside, &lock));
    let told = fixed.map(|(fix, told)| {
        options.fix = Some(fix);
        told
    });
    let accept = arguments.accept == Some(Accept::Conditional);
    let line = ProgressLine::new(quiet);
    let finished = runtime
        .block_on(audit::run(plan, options, line.told(), stop::lets_write))
        .map_err(|problem| could_not_run(&problem));
    line.finish();
    let written = told.map(|told| {
        fix::tell(&told.borrow());
        told.take().at
    });
    let written = written.unwrap_or_default();
    let finished = finished?;
    tell(&finished, outputs, &base, quiet)?;
    say_if_moved();
    terminal::message(&lock.not_found(&finished.record, &finished.directory.join(EVIDENCE)));
    if arguments.replay.is_none() {
        terminal::message(&lock.moved(&finished.record, &written));
    }
    if arguments.replay.is_none() && !arguments.locked && !untrusted {
        lock.update(&finished.record, &written);
    }
    let exit = Exit::of_run(&finished.record, accept);
    // The process ends here. What a large record holds goes back to the system at once, instead of string by string.
    std::mem::forget(finished);
    Ok(exit)
}

/// Writes what `--format` asks for, and the summary.
pub(crate) fn tell(finished: &Finished, outputs: Outputs, base: &Base, quiet: bool) -> Result<(), Failure> {
    let aloud = outputs.take_stdout();
    write(finished, outputs, base)?;
    match (quiet, aloud) {
        (true, _) => Ok(()),
        (false, true) => {
            terminal::message(&summary::summary(finished));
            Ok(())
        }
        (false, false) => terminal::data(&summary::summary(finished)),
    }
}

/// Writes what `--format` asks for.
pub(crate) fn write(finished: &Finished, outputs: Outputs, base: &Base) -> Result<(), Failure> {
    if outputs.is_empty() {
        return Ok(());
    }
    let document = |name: &str| document(&finished.directory.join(name));
    outputs.write(&finished.record, &finished.sha256, base, &document)
}

/// A document as the bundle has it.
fn document(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        Failure::new(
            format!("could not read \"{}\" again: {error}", path.display()),
            "run `countersign render` on the bundle",
        )
    })
}

fn options(arguments: &Run, plan: &Plan, recorded: Option<Bundle>) -> Result<Options, Failure> {
    let source = match recorded {
        Some(bundle) => Source::Replay(Box::new(bundle)),
        None => Source::Live(Box::new(live(arguments, plan))),
    };
    let previous = arguments.previous.as_deref().map(open).transpose()?.map(|bundle| bundle.sha256);
    let baseline = arguments.baseline.as_deref().map(unchanged).transpose()?.map(Box::new);
    let history = arguments.history.as_deref().map(|directory| earlier(directory, &plan.audit)).transpose()?;
    Ok(Options {
        source,
        helper: helper(&arguments.asking.stranger),
        to: arguments.to.clone(),
        beside: Vec::new(),
        only: arguments.only.clone(),
        shard: arguments.shard,
        claims_only: arguments.claims_only,
        fix: None,
        watching: false,
        templates: templates(arguments.template.as_deref())?,
        previous,
        baseline,
        history: history.unwrap_or_default(),
    })
}

/// Earlier runs of an audit from the bundles below a directory; those that are damaged are told.
pub(crate) fn earlier(directory: &Path, audit: &Audit) -> Result<Vec<Earlier>, Failure> {
    let (runs, damaged) = history::of_audit(directory, audit, clock::now(), doubt).map_err(|error| {
        Failure::new(format!("could not read \"{}\": {error}", directory.display()), "make it readable")
    })?;
    damaged.iter().for_each(|damaged| {
        terminal::message(&format!("left out of the trend: {}\n", terminal::visible(&damaged.why)))
    });
    Ok(runs)
}

fn live(arguments: &Run, plan: &Plan) -> LiveOptions {
    let mut live = asking(&arguments.asking, plan);
    let many = |wanted: u32| usize::try_from(wanted).unwrap_or(usize::MAX);
    live.limits.in_flight = arguments.in_flight.map_or(live.limits.in_flight, many);
    live.limits.per_host = arguments.per_host.map_or(live.limits.per_host, many);
    live
}

/// Loads an audit file, within bounds when nobody here wrote it.
pub(crate) fn load(path: &Path, stranger: &Untrusted, within: &Within) -> Result<Plan, AuditProblem> {
    if !stranger.untrusted {
        return audit::load(path);
    }
    let bounds = Bounds { within: within.within.clone(), checks: stranger.max_checks.unwrap_or(MOST_CHECKS) };
    audit::load_untrusted(path, &bounds)
}

/// A checkout of strangers may hold a link in the place where bundles go unless somebody names another.
pub(crate) fn no_link_leads_away(stranger: &Untrusted, to: Option<&Path>, plan: &Plan) -> Result<(), Failure> {
    let usual = Path::new("audits");
    let link = [usual.to_owned(), usual.join(plan.audit.id.as_str())].into_iter().find(|place| place.is_symlink());
    match link.filter(|_| stranger.untrusted && to.is_none()) {
        Some(link) => {
            let message =
                format!("\"{}\" is a link, which could lead the bundle anywhere (--untrusted)", link.display());
            Err(Failure::new(message, "name the place of the bundle with --to DIR"))
        }
        None => Ok(()),
    }
}

/// Who runs the filters of an audit file that nobody here wrote.
pub(crate) fn helper(stranger: &Untrusted) -> Option<Helper> {
    stranger.untrusted.then_some(Helper)
}

/// How the outside is asked for a plan. The evidence goes where the run stages its bundle.
pub(crate) fn asking(arguments: &Asking, plan: &Plan) -> LiveOptions {
    let mut live = LiveOptions::new(&plan.root, "");
    if arguments.stranger.untrusted {
        live.limits = Limits::untrusted();
        live.untrusted = Some(Rules { networks: arguments.allow_network.clone() });
    } else {
        live.secrets = Secrets::from_environment(plan.secrets());
    }
    live.limits.total = arguments.max_time.or(live.limits.total);
    live.limits.timeout = arguments.timeout.unwrap_or(live.limits.timeout);
    live.no_commands = arguments.no_commands;
    live.guarded = true;
    live.allow_outside = arguments.allow_outside;
    live.ca_file.clone_from(&arguments.ca_file);
    live
}

/// Opens a bundle named on the command line.
pub(crate) fn open(directory: &Path) -> Result<Bundle, Failure> {
    Bundle::open(directory).map_err(|problem| Failure::new(problem.to_string(), problem.help()))
}

/// Opens a bundle that others are held against: what somebody changed in it afterwards would decide about them.
fn unchanged(directory: &Path) -> Result<Bundle, Failure> {
    let bundle = open(directory)?;
    let Some(finding) = verify::doubtful_bundle(&bundle) else { return Ok(bundle) };
    Err(Failure::new(not_as_recorded(directory, &finding), verify::way_out(&bundle.record)))
}

/// Why what a bundle says is not shown among others, if it is not.
pub(crate) fn doubt(bundle: &Bundle) -> Option<String> {
    verify::doubtful_of_ours(&bundle.record).map(|finding| not_as_recorded(&bundle.directory, &finding))
}

/// That a bundle is not as it was recorded, and what of it.
pub(crate) fn not_as_recorded(directory: &Path, finding: &Finding) -> String {
    let Finding { code, file, text } = finding;
    format!(
        "\"{}\" is not as it was recorded: {} {}: {}",
        directory.display(),
        code.name(),
        terminal::visible(file),
        terminal::visible(text)
    )
}

/// The built-in templates, or those that stand in `directory` in their place.
pub(crate) fn templates(directory: Option<&Path>) -> Result<Templates, Failure> {
    let Some(directory) = directory else { return Ok(Templates::builtin()) };
    if !directory.is_dir() {
        let message = format!("there is no directory \"{}\" with templates", directory.display());
        return Err(Failure::new(message, "`countersign render --list-templates` says what it may hold"));
    }
    if !TEMPLATE_NAMES.iter().any(|name| directory.join(name).exists()) {
        return Err(no_template(directory));
    }
    let directory = directory.to_owned();
    Ok(Templates::overridden(move |name| match fs::read_to_string(directory.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("\"{}\" cannot be read: {error}", directory.join(name).display())),
    }))
}

/// The failure of a directory from which no template would be taken.
fn no_template(directory: &Path) -> Failure {
    let files = walkdir::WalkDir::new(directory).sort_by_file_name().into_iter().filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_file()).filter_map(|entry| {
        let name = entry.path().strip_prefix(directory).ok()?.display().to_string();
        Some(format!("\"{}\"", terminal::visible(&name)))
    });
    let mut files: Vec<String> = files.take(MOST_NAMED + 1).collect();
    let more = files.len() > MOST_NAMED;
    files.truncate(MOST_NAMED);
    let held = if files.is_empty() { "no file".to_owned() } else { files.join(", ") };
    let more = if more { " and more" } else { "" };
    let message = format!("no file in \"{}\" has the name of a template: it holds {held}{more}", directory.display());
    Failure::new(message, format!("the templates are {}", TEMPLATE_NAMES.join(", ")))
}

async fn list_questions(plan: Plan, arguments: &Run) -> Result<Exit, Failure> {
    let listed = audit::questions(plan, &arguments.only, arguments.claims_only).await;
    let (documents, checks) = listed.map_err(|problem| could_not_run(&problem))?;
    let mut text = String::new();
    for document in documents {
        text.push_str(&format!("documents\n  {}\n", terminal::visible(&repeat_line(&document.exchange.question))));
    }
    for observation in checks {
        text.push_str(&format!("{}\n", observation.check));
        for exchange in &observation.exchanges {
            text.push_str(&format!("  {}\n", terminal::visible(&repeat_line(&exchange.question))));
        }
        if matches!(observation.sight, Sight::Unmeasurable(_)) {
            text.push_str("  …and what follows from the answers\n");
        }
    }
    terminal::data(&text)?;
    Ok(Exit::Clean)
}

/// Whoever stands in a bundle that was put in the place of another stands in the one that is gone.
pub(crate) fn say_if_moved() {
    if std::env::current_dir().is_err() {
        terminal::message("the folder you are in was replaced by the new bundle: `cd \"$PWD\"` goes there\n");
    }
}

/// The failure of an audit file that is not valid, with every problem in it.
pub(crate) fn not_valid(problem: &AuditProblem) -> Failure {
    let AuditProblem::Plan(problems) = problem else { return could_not_run(problem) };
    Failure {
        details: Some(problems.render(terminal::stderr_has_colour())),
        message: problem.to_string(),
        help: "`countersign schema` and `countersign kinds` say what may be written".to_owned(),
    }
}

/// The failure of what could not be run.
pub(crate) fn could_not_run(problem: &AuditProblem) -> Failure {
    let help = match problem {
        AuditProblem::Plan(_) => return not_valid(problem),
        AuditProblem::Bundle(problem) => problem.help(),
        AuditProblem::Record(problem) => problem.help().to_owned(),
        AuditProblem::Session(problem) => problem.help().to_owned(),
        AuditProblem::Report(problem) => problem.help().to_owned(),
        AuditProblem::Template { problem, kept } => format!(
            "{} What was measured is kept in \"{}\", with the built-in documents: write yours with `countersign render`.",
            problem.help(),
            kept.display()
        ),
        AuditProblem::Rescued { problem, kept } => format!(
            "{}; what was measured is kept in \"{}\", and `countersign run AUDIT --replay THAT --to DIR` makes the bundle of it",
            could_not_run(problem).help,
            kept.display()
        ),
        AuditProblem::Merge(problem) => problem.help().to_owned(),
        AuditProblem::OnlyNothing(_) => {
            "name an area such as `monitoring`, or a check such as `monitoring/services-up`".to_owned()
        }
    };
    Failure::new(problem.to_string(), help)
}
