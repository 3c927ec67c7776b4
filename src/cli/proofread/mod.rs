//! `countersign proofread`: does the arithmetic of documents come out?

mod baseline;
mod files;
mod for_ci;
mod human;
mod json;

use std::collections::BTreeMap;

use files::{Read, read_all};
use json::schema_of_findings;

use super::arguments::{GateLevel, Proofread, ProofreadFormat};
use super::{Exit, Failure, terminal};
use crate::model::format::plural;
use crate::model::near::nearest;
use crate::proofread::rules::{ALLOW, RULES, Rule};
use crate::proofread::{Level, Settings};
use crate::witness::clock;

/// The JSON Schema of `--format json`.
pub(crate) fn schema() -> serde_json::Value {
    schema_of_findings()
}

/// Reads documents, prints what is found in them, and says how much was looked at.
pub(crate) fn proofread(arguments: &Proofread) -> Result<Exit, Failure> {
    if let Some(name) = &arguments.explain {
        return explain(name);
    }
    let settings = settings(arguments)?;
    let mut read = read_all(&arguments.files, &settings)?;
    let gate = gate(arguments.level);
    let mut stale = 0;
    if let Some(path) = &arguments.baseline {
        if arguments.write_baseline {
            let kept = baseline::write(path, &read, gate)?;
            terminal::message(&format!("{}: {kept}\n", terminal::visible(&path.to_string_lossy())));
            return Ok(if read.is_whole() { Exit::Clean } else { Exit::CouldNotRun });
        }
        stale = baseline::apply(path, &mut read, arguments.prune)?;
    }
    match arguments.format {
        ProofreadFormat::Human => terminal::data(&human::render(&read, gate, terminal::stdout_has_colour()))?,
        ProofreadFormat::Json => terminal::exact(&json::render(&read, gate)?)?,
        ProofreadFormat::Sarif => terminal::exact(&for_ci::sarif(&read, gate)?)?,
        ProofreadFormat::Github => terminal::exact(&for_ci::github(&read, gate))?,
    }
    if stale > 0 {
        let what = plural(stale, "entry of the baseline is", "entries of the baseline are");
        let done = if arguments.prune { "taken out" } else { "no longer found; --prune takes them out" };
        terminal::message(&format!("{what} {done}\n"));
    }
    let failed = read.counted(gate) > 0 || arguments.prune && stale > 0;
    Ok(match (read.is_whole(), failed) {
        (false, _) => Exit::CouldNotRun,
        (true, true) => Exit::Conditional,
        (true, false) => Exit::Clean,
    })
}

const fn gate(level: GateLevel) -> Level {
    match level {
        GateLevel::Error => Level::Error,
        GateLevel::Warning => Level::Warning,
        GateLevel::Info => Level::Info,
    }
}

/// The levels that the arguments ask for; the stricter of two stands.
fn settings(arguments: &Proofread) -> Result<Settings, Failure> {
    let mut levels = BTreeMap::new();
    for (names, level) in
        [(&arguments.off, Level::Off), (&arguments.warn, Level::Warning), (&arguments.deny, Level::Error)]
    {
        for name in names {
            if name == "all" {
                levels.extend(RULES.iter().filter(|rule| rule.level != Level::Off).map(|rule| (rule.id, level)));
            } else {
                levels.insert(rule(name)?.id, level);
            }
        }
    }
    let today = jiff::Timestamp::from_second(clock::now().seconds()).ok();
    let today = today.map(|now| now.to_zoned(jiff::tz::TimeZone::UTC).date());
    Ok(Settings { levels, today })
}

fn rule(name: &str) -> Result<&'static Rule, Failure> {
    RULES.iter().find(|rule| rule.id == name).ok_or_else(|| {
        let near = nearest(name, RULES.iter().map(|rule| rule.id));
        let help = near.map_or_else(
            || "`countersign proofread --explain` lists all rules".to_owned(),
            |near| format!("did you mean \"{near}\"?"),
        );
        Failure::new(format!("there is no rule \"{}\"", terminal::visible(name)), help)
    })
}

fn explain(name: &str) -> Result<Exit, Failure> {
    let text = if name.is_empty() {
        let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
        RULES.iter().map(|rule| format!("{:width$}  {:7}  {}\n", rule.id, rule.level.word(), rule.summary)).collect()
    } else if name == ALLOW.0 {
        format!("{}\n\n{}\n\n{}\n", ALLOW.0, ALLOW.1, ALLOW.2)
    } else {
        let rule = rule(name)?;
        format!("{} ({})\n\n{}\n\n{}\n", rule.id, rule.level, rule.summary, rule.explain)
    };
    terminal::data(&text)?;
    Ok(Exit::Clean)
}

impl Read {
    /// Was every file read? Of one that was not nobody knows what is in it.
    fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.read)
    }

    /// How many findings count at this gate.
    fn counted(&self, gate: Level) -> usize {
        self.findings().filter(|(_, finding)| finding.allowed.is_none() && finding.level >= gate).count()
    }
}
