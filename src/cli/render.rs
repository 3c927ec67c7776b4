//! `countersign render`: the documents of a bundle, again or with other templates.

use std::fs;
use std::path::Path;

use super::arguments::Render;
use super::outputs::{self, Outputs};
use super::run;
use super::{Exit, Failure, terminal, whole};
use crate::audit::{self, Contents, Excerpts, sign};
use crate::ci::Base;
use crate::record::signoffs;
use crate::report::TEMPLATE_NAMES;

/// Renders the documents of a bundle.
pub(crate) fn render(arguments: &Render) -> Result<Exit, Failure> {
    if arguments.list_templates {
        terminal::data(&TEMPLATE_NAMES.iter().map(|name| format!("{name}\n")).collect::<String>())?;
        return Ok(Exit::Clean);
    }
    let Some(directory) = &arguments.bundle else {
        return Err(Failure::new("no bundle is named", "name the directory that `countersign run` wrote"));
    };
    let bundle = run::open(directory)?;
    if let Some(why) = run::doubt(&bundle) {
        terminal::message(&format!("{why}; `countersign verify` says more\n"));
    }
    let chosen = run::templates(arguments.template.as_deref())?;
    let outputs = Outputs::open(&arguments.format)?;
    let stored = signoffs::read(&bundle.directory).map_err(|error| {
        Failure::new(
            format!("the sign-offs cannot be read: {error}"),
            "make the folder `signoffs` of the bundle readable",
        )
    })?;
    let documents = || {
        let (contents, evidence) = (Contents::of(&bundle, &stored), Excerpts::of(&bundle.evidence()));
        let make = if arguments.brief { audit::brief } else { audit::documents };
        make(&contents, &evidence, &chosen).map_err(|problem| Failure::new(problem.to_string(), problem.help()))
    };
    if !outputs.is_empty() {
        let base = base(arguments.audit.as_deref())?;
        let document = |wanted: &str| {
            let found = documents()?.into_iter().find(|(name, _)| *name == wanted);
            Ok(found.map(|(_, text)| text).unwrap_or_default())
        };
        outputs.write(&bundle.record, &bundle.sha256, &base, &document)?;
        return Ok(Exit::Clean);
    }
    // The short form is no part of a bundle, so that nothing has to be held while it is written.
    let beside = arguments.brief.then(|| directory.clone());
    let Some(to) = arguments.to.as_ref().or(beside.as_ref()) else {
        let written = sign::render(directory, &chosen);
        for file in written.map_err(|problem| Failure::new(problem.to_string(), problem.help()))? {
            terminal::data(&format!("{}\n", file.display()))?;
        }
        run::say_if_moved();
        return Ok(Exit::Clean);
    };
    let unwritable = |error: std::io::Error| {
        Failure::new(format!("cannot write to \"{}\": {error}", to.display()), "choose another place with --to DIR")
    };
    fs::create_dir_all(to).map_err(unwritable)?;
    for (name, text) in documents()? {
        // A reader of the old document keeps it whole until the new one takes its name.
        whole::write(&to.join(name), text, None).map_err(unwritable)?;
        terminal::data(&format!("{}\n", to.join(name).display()))?;
    }
    Ok(Exit::Clean)
}

/// Where the audit stands; without its file, paths stay as the bundle has them.
pub(crate) fn base(audit: Option<&Path>) -> Result<Base, Failure> {
    let Some(audit) = audit else { return Ok(Base::default()) };
    let plan = audit::load(audit).map_err(|problem| run::not_valid(&problem))?;
    Ok(outputs::base(audit, &plan.root))
}
