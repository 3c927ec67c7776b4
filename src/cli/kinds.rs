//! `countersign kinds`: what can be measured, from the code.

use super::arguments::Kinds;
use super::{Exit, Failure, terminal};
use crate::probe::{describe, registry};

/// Lists every kind, or describes one.
pub(crate) fn kinds(arguments: &Kinds) -> Result<Exit, Failure> {
    let text = match &arguments.kind {
        Some(name) => match registry::find(name) {
            Some(row) => describe::kind(row),
            None => {
                let known: Vec<&str> = registry::KINDS.iter().map(|row| row.name).collect();
                return Err(Failure::new(
                    format!("there is no kind \"{}\"", terminal::visible(name)),
                    format!("the kinds are {}", known.join(", ")),
                ));
            }
        },
        None if arguments.markdown => describe::markdown_table(),
        None => describe::list(),
    };
    terminal::data(&text)?;
    Ok(Exit::Clean)
}
