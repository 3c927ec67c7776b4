//! `countersign gate`: may the rollout take its next step?

mod decision;
mod serve;

use std::path::PathBuf;

pub(crate) use self::decision::schema;

use super::arguments::{Gate, Untrusted};
use super::outputs::{self, Outputs};
use super::progress::ProgressLine;
use super::verify::given::Given;
use super::{Exit, Failure, run, runtime, stop, terminal, verify};
use crate::audit::verify::{Expected, Policy};
use crate::audit::{self, Finished, Options, Source};
use crate::model::audit::Gate as GateOf;
use crate::model::format;
use crate::model::judgement::Verdict;
use crate::model::record::Record;
use crate::plan::gate::{self as planned, Asked};
use crate::plan::{MOST_CHECKS, Plan};
use crate::record::Bundle;
use crate::report::Templates;
use crate::signoff::SignOffs;
use crate::witness::clock;

/// Looks at a stage, once the audit that it belongs to is known to be signed.
pub(crate) fn gate(arguments: &Gate, quiet: bool) -> Result<Exit, Failure> {
    if let Some(address) = arguments.serve {
        return serve::serve(arguments, address, quiet);
    }
    let outputs = Outputs::open(&arguments.format)?;
    let stage = arguments.stage.clone().unwrap_or_default();
    let (finished, signed) = match decide(arguments, &stage, outputs.paths(), quiet)? {
        Decided::Finished(finished, signed) => (finished, signed),
        Decided::Refused(exit, why) => {
            terminal::message(&format!("{why}\n"));
            return Ok(exit);
        }
    };
    tell(arguments, outputs, &finished, signed.as_ref(), quiet)?;
    let verdict = finished.record.judgement.verdict;
    if verdict == Verdict::Rejected {
        say_the_way_back(finished.record.audit.gate.as_ref());
    }
    Ok(Exit::of(verdict, false))
}

/// Who goes on without a signature should know it.
fn say_if_unsigned(arguments: &Gate, record: &Record, quiet: bool) {
    if !quiet && arguments.keys.policy.is_none() && record.audit.signoff.is_none() {
        terminal::message("no sign-off was demanded: the audit file has no `signoff:`, and there is no --policy\n");
    }
}

/// What came of asking.
enum Decided {
    /// It was measured, for an audit with these sign-offs.
    Finished(Box<Finished>, Option<SignOffs>),
    /// Nothing was measured: how that ends, and why.
    Refused(Exit, String),
}

fn decide(arguments: &Gate, stage: &str, beside: Vec<PathBuf>, quiet: bool) -> Result<Decided, Failure> {
    let bundle = run::open(&arguments.bundle)?;
    let signed = match opened(arguments, &bundle)? {
        Opened::Yes(signed) => signed,
        Opened::No(exit, why) => return Ok(Decided::Refused(exit, why)),
    };
    say_if_unsigned(arguments, &bundle.record, quiet);
    if !quiet {
        say_what_was_reserved(signed.as_ref());
    }
    let plan = plan(arguments, stage, &bundle.record)?;
    let finished = measured(arguments, plan, bundle.sha256, beside, quiet)?;
    Ok(Decided::Finished(Box::new(finished), signed))
}

/// Who lets a rollout begin should know on which conditions it was approved, and who was against it.
fn say_what_was_reserved(signed: Option<&SignOffs>) {
    let said = signed.map(verify::signed::reservations).unwrap_or_default();
    if !said.is_empty() {
        terminal::message(&format!("{said}\n"));
    }
}

/// The decision, and what `--format` asks for.
fn tell(
    arguments: &Gate,
    outputs: Outputs,
    finished: &Finished,
    signed: Option<&SignOffs>,
    quiet: bool,
) -> Result<(), Failure> {
    let decision = decision::decision(finished, signed);
    let aloud = outputs.take_stdout();
    let base = outputs::base(&arguments.bundle, &arguments.root);
    run::write(finished, outputs, &base)?;
    match (arguments.json, quiet, aloud) {
        (true, ..) => terminal::exact(&decision.json()?),
        (false, true, _) => Ok(()),
        (false, false, true) => {
            terminal::message(&decision.screen(&finished.record));
            Ok(())
        }
        (false, false, false) => terminal::data(&decision.screen(&finished.record)),
    }
}

fn plan(arguments: &Gate, stage: &str, record: &Record) -> Result<Plan, Failure> {
    let seconds = |length: std::time::Duration| length.as_secs();
    let asked = Asked {
        entered: arguments.since,
        watch: arguments.watch.map(seconds),
        every: arguments.every.map(seconds).map(|every| every.max(1)),
    };
    let plan = planned::gate(&record.audit, stage, asked, arguments.root.clone());
    let plan = plan.map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
    let Untrusted { untrusted, max_checks } = arguments.asking.stranger;
    let (checks, most) = (plan.audit.checks.len(), max_checks.unwrap_or(MOST_CHECKS));
    if untrusted && checks > most {
        let message = format!("the gate asks {checks} things, more than {most} (--untrusted)");
        return Err(Failure::new(message, "allow more with --max-checks"));
    }
    Ok(plan)
}

fn measured(
    arguments: &Gate,
    plan: Plan,
    previous: String,
    beside: Vec<PathBuf>,
    quiet: bool,
) -> Result<Finished, Failure> {
    let runtime = runtime()?;
    let to = arguments.to.as_ref().map(|to| match (&arguments.serve, &plan.audit.gate) {
        (Some(_), Some(gate)) => to.join(gate.stage.as_str()),
        _ => to.clone(),
    });
    run::no_link_leads_away(&arguments.asking.stranger, to.as_deref(), &plan)?;
    let mut live = run::asking(&arguments.asking, &plan);
    // How long it goes on was said.
    if let (None, Some(total)) = (arguments.asking.max_time, live.limits.total.as_mut()) {
        *total += arguments.watch.unwrap_or_default();
    }
    let source = Source::Live(Box::new(live));
    let helper = run::helper(&arguments.asking.stranger);
    let watching = arguments.watch.is_some();
    let options = Options { to, beside, helper, watching, previous: Some(previous), ..Options::new(source) };
    let line = ProgressLine::new(quiet);
    let finished = runtime.block_on(audit::run(plan, options, line.told(), stop::lets_write));
    line.finish();
    finished.map_err(|problem| run::could_not_run(&problem))
}

/// May anything be measured for an audit?
enum Opened {
    /// It is intact, signed as it must be, and approved: by these sign-offs.
    Yes(Option<SignOffs>),
    /// How that ends, and why.
    No(Exit, String),
}

/// What is verified is what will be measured, read once.
fn opened(arguments: &Gate, bundle: &Bundle) -> Result<Opened, Failure> {
    let record = &bundle.record;
    if let Some(gate) = &record.audit.gate {
        let message = format!("\"{}\" is the gate of {}, and no audit", arguments.bundle.display(), gate.stage);
        return Err(Failure::new(message, format!("give the bundle of the audit \"{}\"", gate.audit)));
    }
    if record.run.claims_only {
        let message =
            format!("\"{}\" judged claims alone, and decides nothing about going live", arguments.bundle.display());
        return Err(Failure::new(
            message,
            "run the whole audit (one with checks, and without --claims-only), and give the bundle of that",
        ));
    }
    let Given { policy, keys } = Given::read(&arguments.keys)?;
    let own = || record.audit.signoff.clone().map(|signoff| Policy { signoff, audit_sha256: None });
    let policy = policy.or_else(own);
    if policy.is_some() && keys.is_none() {
        let message = "the audit has to be signed, and nobody says whose keys count";
        return Err(Failure::new(message, "give --allowed-signers and --revoked, as for `countersign verify`"));
    }
    if policy.is_none() && keys.is_some() {
        let message = "it is said whose keys count, and nobody says who has to sign";
        return Err(Failure::new(
            message,
            "give --policy, or let the audit file say `signoff:`, and run and sign it again",
        ));
    }
    let templates = Templates::builtin();
    let expected = Expected {
        templates: &templates,
        commit: None,
        max_age: None,
        now: clock::now(),
        policy: policy.as_ref(),
        keys: keys.as_ref().map(|(signers, revoked)| (signers, revoked)),
    };
    let verified = audit::verify::verify(Ok(bundle.clone()), None, &expected);
    let verified = verified.map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
    if !(verified.intact && verified.is_signed_as_demanded()) {
        let why = format!("{}\nnothing was measured: a rollout begins with a signed audit", verify::screen(&verified));
        return Ok(Opened::No(Exit::NotIntact, why));
    }
    // What made it approvable may have ended since.
    let verdict = audit::verify::verdict_at(record, expected.now);
    if matches!(verdict, Verdict::Rejected | Verdict::Undetermined) {
        let (id, words) = (&record.audit.id, verdict.words());
        let why = if verdict == record.judgement.verdict {
            format!("nothing was measured: the audit \"{id}\" is {words}")
        } else {
            let lapsed = format::and_list(&audit::verify::lapsed(record, expected.now));
            format!("nothing was measured: the audit \"{id}\" is {words} by now: since it was judged, {lapsed}")
        };
        return Ok(Opened::No(Exit::of(verdict, false), why));
    }
    Ok(Opened::Yes(verified.sign_offs))
}

/// The commands of the way back, to paste.
fn say_the_way_back(gate: Option<&GateOf>) {
    if let Some(commands) = gate.and_then(|gate| gate.way_back.as_ref()) {
        let lines: String = commands.lines().map(|line| format!("  {}\n", terminal::visible(line))).collect();
        terminal::message(&format!("\nthe way back:\n{lines}"));
    }
}
