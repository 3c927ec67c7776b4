//! `schema`, `completions`, `man`: texts generated from the code.

use clap::CommandFactory;

use super::arguments::SchemaOf;
use super::{Arguments, Exit, Failure, gate, history, lint, proofread, terminal};
use crate::audit::verify::{self, Verified};
use crate::ci::{contract, results};
use crate::plan;
use crate::record::compare::{self, Comparison};

/// Prints a JSON Schema.
pub(crate) fn schema(of: SchemaOf) -> Result<Exit, Failure> {
    let schema = match of {
        SchemaOf::Audit => plan::schema::schema(),
        SchemaOf::Results => results::schema(),
        SchemaOf::Proofread => proofread::schema(),
        SchemaOf::Gate => gate::schema(),
        SchemaOf::Lint => lint::schema(),
        SchemaOf::History => history::schema(),
        SchemaOf::Diff => contract::<Comparison>(compare::SCHEMA, "countersign diff"),
        SchemaOf::Verify => contract::<Verified>(verify::SCHEMA, "countersign verify"),
    };
    terminal::exact(&terminal::json(&schema)?)?;
    Ok(Exit::Clean)
}

/// Prints a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "countersign", &mut script);
    terminal::exact(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}

/// Prints the manual: one page, every subcommand after the command itself.
pub(crate) fn man() -> Result<Exit, Failure> {
    let unprintable =
        |error: std::io::Error| Failure::new(format!("could not print the manual: {error}"), "please report this");
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(unprintable)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        clap_mangen::Man::new(subcommand.clone()).render(&mut page).map_err(unprintable)?;
    }
    terminal::exact(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Clean)
}
