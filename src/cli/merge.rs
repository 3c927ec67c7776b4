//! `countersign merge`: the bundles of partial runs become one.

use super::arguments::{Accept, Merge};
use super::outputs::Outputs;
use super::{Exit, Failure, render, run};
use crate::audit;
use crate::record::Bundle;

/// Merges bundles.
pub(crate) fn merge(arguments: &Merge, quiet: bool) -> Result<Exit, Failure> {
    let templates = run::templates(arguments.template.as_deref())?;
    let outputs = Outputs::open(&arguments.format)?;
    let base = render::base(arguments.audit.as_deref())?;
    let bundles: Vec<Bundle> =
        arguments.bundles.iter().map(|directory| run::open(directory)).collect::<Result<_, _>>()?;
    let finished = audit::merge(&bundles, arguments.to.clone(), &outputs.paths(), &templates);
    let finished = finished.map_err(|problem| run::could_not_run(&problem))?;
    run::tell(&finished, outputs, &base, quiet)?;
    run::say_if_moved();
    Ok(Exit::of_run(&finished.record, arguments.accept == Some(Accept::Conditional)))
}
