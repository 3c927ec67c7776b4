//! `countersign render`: the documents of a bundle, again or with other templates.

use std::fs;
use std::path::Path;

use super::arguments::Render;
use super::outputs::{self, Outputs};
use super::run;
use super::{Exit, Failure, terminal};
use crate::audit;
use crate::ci::Base;
use crate::record::{BundleProblem, Staging};
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
    let chosen = run::templates(arguments.template.as_deref())?;
    let outputs = Outputs::open(&arguments.format)?;
    let documents = || {
        audit::documents(&bundle.record, &bundle.bytes, &bundle.sha256, &bundle.evidence(), &chosen)
            .map_err(|problem| Failure::new(problem.to_string(), problem.help()))
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
    let Some(to) = &arguments.to else {
        let (staging, rendered) = (put_back(Staging::of(&bundle))?, documents()?);
        let files: Vec<(&str, &[u8])> = rendered.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        put_back(staging.commit(&files))?;
        return rendered.iter().try_for_each(|(name, _)| told(directory, name)).map(|()| Exit::Clean);
    };
    let unwritable = |error: std::io::Error| {
        Failure::new(format!("cannot write to \"{}\": {error}", to.display()), "choose another place with --to DIR")
    };
    fs::create_dir_all(to).map_err(unwritable)?;
    for (name, text) in documents()? {
        // A reader of the old document keeps it whole until the new one takes its name.
        let partial = to.join(format!(".{name}.partial"));
        fs::write(&partial, text).map_err(unwritable)?;
        fs::rename(&partial, to.join(name)).map_err(unwritable)?;
        told(to, name)?;
    }
    Ok(Exit::Clean)
}

fn put_back<T>(done: Result<T, BundleProblem>) -> Result<T, Failure> {
    done.map_err(|problem| Failure::new(problem.to_string(), problem.help()))
}

fn told(directory: &Path, name: &str) -> Result<(), Failure> {
    terminal::data(&format!("{}\n", directory.join(name).display()))
}

/// Where the audit stands; without its file, paths stay as the bundle has them.
pub(crate) fn base(audit: Option<&Path>) -> Result<Base, Failure> {
    let Some(audit) = audit else { return Ok(Base::default()) };
    let plan = audit::load(audit).map_err(|problem| run::not_valid(&problem))?;
    Ok(outputs::base(audit, &plan.root))
}
