//! `countersign init`: a survey becomes an audit file, which is loaded before it is written.

use std::fs;
use std::path::{Path, PathBuf};

use super::arguments::Init;
use super::scratch::Scratch;
use super::{Exit, Failure, runtime, stop, terminal, whole};
use crate::model::format::plural;
use crate::plan::{self, DEFAULT_NAME};
use crate::survey::{self, Layout, Options, Survey, Written};

/// Looks around, and writes a first audit file.
pub(crate) fn init(arguments: &Init, quiet: bool) -> Result<Exit, Failure> {
    let place = Place::of(arguments)?;
    place.refuse_a_way_out()?;
    if !arguments.dry_run && !arguments.force {
        place.refuse_what_is_there()?;
    }
    let survey = looked(arguments, &place)?;
    if survey.checks.is_empty() && place.file.is_none() {
        let message = format!(
            "nothing to measure was found in \"{}\"",
            terminal::visible(&arguments.directory.display().to_string())
        );
        return Err(Failure::new(message, "name another directory, or a folder below this one with `--to DIR`"));
    }
    let layout = Layout { here: &place.here, root: place.root.as_deref(), file: place.file.as_deref() };
    let drafted = survey::written(&survey, layout)
        .map_err(|error| bug(format!("could not lay the audit file out: {error}"), None))?;
    let audit = place.to.join(DEFAULT_NAME);
    plan::load_as(&audit, Some((&audit, &drafted.text)), &|name| plan::environment(name)).map_err(|problems| {
        let details = problems.render(terminal::stderr_has_colour());
        bug("what was drafted is not a valid audit file".to_owned(), Some(details))
    })?;
    if arguments.dry_run {
        // Nothing of it is captured as it is: every text is quoted, every remark made visible.
        terminal::data(&drafted.text)?;
        if !quiet {
            terminal::message(&summary(&survey, &drafted, &place, "would be written"));
        }
        return Ok(Exit::Clean);
    }
    let written = fs::create_dir_all(&place.to).and_then(|()| whole::write(&audit, &drafted.text, None));
    written.map_err(|error| {
        let message = format!("could not write {}: {error}", terminal::visible(&audit.display().to_string()));
        Failure::new(message, "choose a folder that you may write to with `--to DIR`")
    })?;
    if !quiet {
        terminal::data(&summary(&survey, &drafted, &place, "written"))?;
    }
    Ok(Exit::Clean)
}

fn looked(arguments: &Init, place: &Place) -> Result<Survey, Failure> {
    let runtime = runtime()?;
    let scratch = Scratch::open(&place.directory, |live| live.no_commands = !arguments.run_commands)?;
    let options = Options {
        run_commands: arguments.run_commands,
        offline: arguments.offline,
        environment: Some(&plan::environment),
    };
    let looking = survey::survey(&scratch.session, &place.name, options);
    let looked = runtime.block_on(stop::unless_stopped(looking))?;
    looked.map_err(|trouble| Failure::new(format!("could not look around: {}", trouble.reason), trouble.help))
}

fn summary(survey: &Survey, drafted: &Written, place: &Place, what: &str) -> String {
    let file = terminal::visible(&format!("{}/{DEFAULT_NAME}", place.shown));
    let checks = plural(drafted.checks as u64, "check", "checks");
    let areas = plural(drafted.areas as u64, "area", "areas");
    let claims = match drafted.claims as u64 {
        0 => String::new(),
        some => format!(" and {} of the README", plural(some, "claim", "claims")),
    };
    let mut text = format!("{file} {what}: {checks} in {areas}{claims}\n");
    for left in &survey.unmeasured {
        let line = format!("not measured: {}, {}", left.draft.from, left.reason);
        text.push_str(&format!("  {}\n", terminal::visible(&line)));
    }
    for note in &survey.notes {
        text.push_str(&format!("  {}\n", terminal::visible(note)));
    }
    let shown = terminal::visible(&place.shown);
    text.push_str(&format!("next: read it, then `countersign lint {shown}` and `countersign run {shown}`\n"));
    text
}

fn bug(message: String, details: Option<String>) -> Failure {
    Failure {
        details,
        message,
        help: "this is a bug in countersign, and nothing was written: please report it".to_owned(),
    }
}

/// What is looked at, and where the file goes.
struct Place {
    /// The directory, canonical.
    directory: PathBuf,
    /// What it is called.
    name: String,
    /// Where the file goes, absolute.
    to: PathBuf,
    /// That, as the user may type it.
    shown: String,
    /// That, as seen from the directory.
    here: String,
    /// The directory, as seen from there; `None` where it is the same.
    root: Option<String>,
    /// The file, as seen from the directory; `None` when it is outside.
    file: Option<String>,
}

impl Place {
    fn of(arguments: &Init) -> Result<Self, Failure> {
        let given = &arguments.directory;
        let shown = terminal::visible(&given.display().to_string());
        let canonical = given.canonicalize().ok().filter(|directory| directory.is_dir());
        let Some(directory) = canonical else {
            return Err(Failure::new(format!("there is no directory \"{shown}\""), "name one that exists"));
        };
        let not_text = || {
            let message = "the path is not UTF-8, and cannot be written into an audit file";
            Failure::new(message, "rename the folder, or choose another with `--to DIR`")
        };
        let to = plan::normal(&directory.join(&arguments.to));
        let root = match to.strip_prefix(&directory) {
            Ok(inside) => vec![".."; inside.components().count()].join("/"),
            Err(_) => directory.to_str().ok_or_else(not_text)?.to_owned(),
        };
        let inside = to.strip_prefix(&directory).ok().map(|inside| inside.to_str().ok_or_else(not_text)).transpose()?;
        let beside =
            |inside: &str| if inside.is_empty() { DEFAULT_NAME.to_owned() } else { format!("{inside}/{DEFAULT_NAME}") };
        let here = match inside {
            Some("") => ".".to_owned(),
            Some(inside) => inside.to_owned(),
            None => to.to_str().ok_or_else(not_text)?.to_owned(),
        };
        let name = directory.file_name().and_then(|name| name.to_str()).unwrap_or("audit").to_owned();
        let typed = if given == Path::new(".") { arguments.to.clone() } else { given.join(&arguments.to) };
        Ok(Self {
            file: inside.map(beside),
            shown: typed.display().to_string().trim_end_matches('/').to_owned(),
            root: Some(root).filter(|root| !root.is_empty()),
            directory,
            name,
            to,
            here,
        })
    }

    /// A folder of a checkout may be a link of strangers: what goes below the directory stays there.
    fn refuse_a_way_out(&self) -> Result<(), Failure> {
        let there = self.to.ancestors().find(|place| place.exists());
        let leads_out = there.is_some_and(|place| {
            place.starts_with(&self.directory)
                && place.canonicalize().is_ok_and(|real| !real.starts_with(&self.directory))
        });
        if leads_out {
            let message = format!("{} leads out of the directory", terminal::visible(&self.shown));
            return Err(Failure::new(message, "name the folder that is meant with `--to DIR`"));
        }
        Ok(())
    }

    /// An audit that is there is somebody's work.
    fn refuse_what_is_there(&self) -> Result<(), Failure> {
        let shown = terminal::visible(&self.shown);
        if self.to.join(DEFAULT_NAME).exists() {
            let message = format!("there is an audit already: {shown}/{DEFAULT_NAME}");
            let help = "`countersign add KIND` adds a check to it; `--force` writes it anew, `--to DIR` elsewhere";
            return Err(Failure::new(message, help));
        }
        let mut entries = match fs::read_dir(&self.to) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                let message = format!("could not look into {shown}: {error}");
                return Err(Failure::new(message, "choose another folder with `--to DIR`"));
            }
        };
        // The directory itself may well have something in it.
        if self.to != self.directory && entries.next().is_some() {
            let message = format!("there is something else in {shown}");
            return Err(Failure::new(
                message,
                "`--to DIR` writes elsewhere; `--force` writes an audit file beside what is there",
            ));
        }
        Ok(())
    }
}
