//! `countersign add`: measures something and adds a check of it to an audit file, of which all else stays as it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::arguments::{Add, usual_audit};
use super::scratch::Scratch;
use super::{Exit, Failure, Runtime, runtime, stop, terminal, whole};
use crate::audit;
use crate::model::audit::Check;
use crate::model::id::{CheckId, Id};
use crate::model::near::nearest;
use crate::plan::problem::Problems;
use crate::plan::{self, DEFAULT_NAME, Plan};
use crate::probe::registry::{self, KindRow, Probe};
use crate::survey::append::{append, declares};
use crate::survey::draft::slug;
use crate::survey::expect::Expected;
use crate::survey::flow::Placeholders;
use crate::survey::usual::{self, Usual};
use crate::survey::{self, CheckText, Draft, Manner, Measured, Options, Unmeasured};
use crate::witness::{Secrets, clock};

/// Adds one check.
pub(crate) fn add(arguments: Add, quiet: bool) -> Result<Exit, Failure> {
    let (row, usual) = kind(&arguments.kind)?;
    let to = target(arguments.to.as_deref())?;
    let plan = audit::load_to_add(&to).map_err(|problem| super::run::not_valid(&problem))?;
    let runtime = runtime()?;
    let adding = Adding { area: area(&arguments, usual)?, arguments, row, usual, to, plan, runtime };
    let found = if adding.arguments.options.is_empty() { adding.found()? } else { None };
    let added = found.map_or_else(|| adding.given(), Ok)?;
    adding.write(&added, quiet)
}

/// A check that is ready to be written.
struct Added {
    id: String,
    text: CheckText,
    placeholders: Placeholders,
    /// What was found, or that nothing was.
    said: String,
}

struct Adding {
    arguments: Add,
    row: &'static KindRow,
    usual: &'static Usual,
    /// The audit file that is run.
    to: PathBuf,
    plan: Plan,
    area: String,
    runtime: Runtime,
}

impl Adding {
    /// What a detector finds, where it is one thing; `None` where there is none, and the kind needs no options.
    fn found(&self) -> Result<Option<Added>, Failure> {
        let run_commands = self.arguments.run_commands;
        let scratch = Scratch::open(&self.plan.root, |live| live.no_commands = !run_commands)?;
        let options = Options { run_commands, offline: false, environment: Some(&plan::environment) };
        let root = self.plan.root.canonicalize().unwrap_or_default();
        let name = root.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let looking = survey::of_kind(&scratch.session, name, options, self.row.name);
        let looked = self.runtime.block_on(stop::unless_stopped(looking))?;
        let (mut found, unmeasured) = looked
            .map_err(|trouble| Failure::new(format!("could not look around: {}", trouble.reason), trouble.help))?;
        if let Some(id) = self.arguments.id.as_ref().filter(|_| found.len() > 1) {
            found.retain(|one| one.draft.id == *id);
        }
        if found.len() > 1 {
            return Err(self.several(&found));
        }
        let Some(one) = found.pop() else {
            let bare = Probe::decode(self.row.name, Json::Object(Map::new()));
            let needs_none = bare.is_ok_and(|probe| probe.problems().is_empty());
            return if needs_none { Ok(None) } else { Err(self.nothing(unmeasured.first())) };
        };
        let Measured { draft, facts, expected } = one;
        let draft = Draft { id: self.id(&draft.id)?, title: self.title(&draft.title), ..draft };
        let expected = self.expected()?.unwrap_or(expected);
        let measured = Measured { draft, facts, expected };
        Ok(Some(Added {
            id: measured.draft.id.clone(),
            text: self.with_points(survey::check(&measured, clock::now())),
            placeholders: Placeholders::Literal,
            said: survey::found(&measured.expected, &measured.facts),
        }))
    }

    fn several(&self, found: &[Measured]) -> Failure {
        let line = |one: &Measured| terminal::visible(&format!("  --id {}  {}", one.draft.id, one.draft.from));
        let details = found.iter().map(line).collect::<Vec<_>>().join("\n") + "\n";
        let message = format!("there are {} things to measure for \"{}\"", found.len(), self.row.name);
        Failure { details: Some(details), message, help: "choose one of them with `--id`".to_owned() }
    }

    fn nothing(&self, left: Option<&Unmeasured>) -> Failure {
        let kind = self.row.name;
        let why = left.map(|left| format!(": {}, {}", left.draft.from, left.reason)).unwrap_or_default();
        let message = format!("nothing to measure was found for \"{kind}\"{}", terminal::visible(&why));
        let help = format!("say what: `countersign add {kind} KEY=VALUE`; `countersign kinds {kind}` shows an example");
        Failure::new(message, help)
    }

    /// What the options say.
    fn given(&self) -> Result<Added, Failure> {
        let draft = Draft {
            area: self.usual.area,
            id: self.id(self.usual.id)?,
            title: self.title(""),
            kind: self.row.name,
            options: options(&self.arguments.options)?,
            facts: self.usual.facts,
            says: &[],
            from: "`countersign add`".to_owned(),
            address: None,
            manner: Manner::Look,
        };
        // Without an expectation first: what the file says is measured, its variables and all.
        let bare = self.with_points(survey::unmeasured_check(&draft, &[], None));
        let (_, plan) = self.with(&draft.id, &bare, Placeholders::Meant)?;
        self.refuse_a_second(&plan, &draft.id)?;
        let asked = self.expected()?;
        let (text, said) = match self.measured(&draft, &plan)? {
            Ok(measured) => {
                let expected = asked.unwrap_or_else(|| measured.expected.clone());
                let measured = Measured { expected, ..measured };
                if measured.expected.is_empty() && !self.arguments.unmeasured {
                    return Err(self.nothing_to_expect(&survey::absence(&measured.draft, &measured.facts)));
                }
                let said = survey::found(&measured.expected, &measured.facts);
                (survey::check(&measured, clock::now()), said)
            }
            Err(reason) if self.arguments.unmeasured => {
                let text = survey::unmeasured_check(&draft, &asked.unwrap_or_default(), Some(&reason));
                (text, format!("not measured: {reason}"))
            }
            Err(reason) => return Err(self.nothing_to_expect(&reason)),
        };
        Ok(Added { id: draft.id, text: self.with_points(text), placeholders: Placeholders::Meant, said })
    }

    /// The check with the points of `--deduct`.
    fn with_points(&self, mut text: CheckText) -> CheckText {
        let points = self.arguments.deduct.as_ref().map(|points| ("deduct".to_owned(), option_value(points)));
        text.keys.extend(points);
        text
    }

    fn nothing_to_expect(&self, reason: &str) -> Failure {
        let message = format!("could not measure it: {}", terminal::visible(reason));
        let facts = (self.row.facts)();
        let names: Vec<&str> = facts.iter().map(|spec| spec.name.as_ref()).collect();
        let help = format!(
            "correct the options, or write it with `--unmeasured` and `--expect 'FACT: CONDITION'`; its facts are {}",
            names.join(", ")
        );
        Failure::new(message, help)
    }

    /// What is measured, or why it is not. Whoever stopped it gets neither.
    fn measured(&self, draft: &Draft, plan: &Plan) -> Result<Result<Measured, String>, Failure> {
        let check = format!("{}/{}", self.area, draft.id).parse::<CheckId>();
        let Ok(check) = check else { return Ok(Err("it has no id".to_owned())) };
        let Some(probe) = plan.probes.get(&check) else { return Ok(Err("nothing measures it".to_owned())) };
        let scratch = Scratch::open(&plan.root, |live| {
            live.no_commands = self.arguments.no_commands;
            live.secrets = Secrets::from_environment(plan.secrets());
        });
        let scratch = match scratch {
            Ok(scratch) => scratch,
            Err(failure) => return Ok(Err(failure.message)),
        };
        let measuring = survey::measured_by(&scratch.session, draft, probe);
        let measured = self.runtime.block_on(stop::unless_stopped(measuring))?;
        Ok(measured.map_err(|trouble| trouble.reason))
    }

    /// The file with the check in it, and the plan that it makes.
    fn with(
        &self,
        id: &str,
        text: &CheckText,
        placeholders: Placeholders,
    ) -> Result<((PathBuf, String), Plan), Failure> {
        let sources = &self.plan.sources;
        let holds = sources.iter().find(|(_, text)| declares(text, &self.area)).or_else(|| sources.first());
        let (path, old) = holds.ok_or_else(|| Failure::new("the audit has no file", "name one with `--to FILE`"))?;
        let new = append(old, &self.area, text, placeholders).map_err(|problem| {
            let shown = terminal::visible(&path.display().to_string());
            Failure::new(format!("could not add to {shown}: {problem}"), problem.help())
        })?;
        let loaded = plan::load_as(&self.to, Some((path, &new)), &|name| plan::environment(name));
        let plan = loaded.map_err(|problems| not_valid(&problems))?;
        let ids = |plan: &Plan| plan.audit.checks.iter().map(|check| check.id.to_string()).collect::<BTreeSet<_>>();
        let mut expected = ids(&self.plan);
        expected.insert(format!("{}/{id}", self.area));
        if ids(&plan) != expected {
            let message = "the file would not hold what it held, and this check besides";
            return Err(Failure::new(message, "add the check by hand; nothing was written"));
        }
        Ok(((path.clone(), new), plan))
    }

    /// A check that asks what another one asks says the same twice. Who expects something else of it, or gives it a name,
    /// knows what they do.
    fn refuse_a_second(&self, plan: &Plan, id: &str) -> Result<(), Failure> {
        if self.arguments.id.is_some() || !self.arguments.expect.is_empty() {
            return Ok(());
        }
        let full = format!("{}/{id}", self.area);
        let new = plan.audit.checks.iter().find(|check| check.id.to_string() == full);
        let asks = |other: &&Check| new.is_some_and(|new| (&new.kind, &new.asks) == (&other.kind, &other.asks));
        match self.plan.audit.checks.iter().find(asks) {
            Some(there) => {
                let message = format!("the check \"{}\" asks the same already", there.id);
                let help = "change what it expects there; `--expect 'FACT: CONDITION'` or `--id ID` adds one beside it";
                Err(Failure::new(message, help))
            }
            None => Ok(()),
        }
    }

    fn write(&self, added: &Added, quiet: bool) -> Result<Exit, Failure> {
        let ((path, text), plan) = self.with(&added.id, &added.text, added.placeholders)?;
        self.refuse_a_second(&plan, &added.id)?;
        let shown = terminal::visible(&path.display().to_string());
        if self.arguments.dry_run {
            terminal::data(&(added.text.block(added.placeholders).join("\n") + "\n"))?;
            return Ok(Exit::Clean);
        }
        let permissions = fs::metadata(&path).map(|found| found.permissions()).ok();
        whole::write(&path, text, permissions).map_err(|error| {
            Failure::new(format!("could not write {shown}: {error}"), "check that you may write to it")
        })?;
        if !quiet {
            let said = terminal::visible(&added.said);
            terminal::data(&format!("{shown}: added {}/{}: {said}\n", self.area, added.id))?;
        }
        Ok(Exit::Clean)
    }

    /// The name that was asked for, which must be free; else one made of `proposed` that is.
    fn id(&self, proposed: &str) -> Result<String, Failure> {
        let taken = |id: &str| {
            let full = format!("{}/{id}", self.area);
            self.plan.audit.checks.iter().any(|check| check.id.to_string() == full)
        };
        if let Some(id) = &self.arguments.id {
            if taken(id) {
                let message = format!("there is a check \"{}/{}\" already", self.area, terminal::visible(id));
                return Err(Failure::new(message, "choose another name with `--id ID`"));
            }
            return is_id(id, "--id");
        }
        let slug = match slug(proposed) {
            none if none.is_empty() => self.row.name.to_owned(),
            slug => slug,
        };
        let numbered = (2..).map(|number| format!("{slug}-{number}"));
        Ok(std::iter::once(slug.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(slug))
    }

    fn title(&self, proposed: &str) -> String {
        self.arguments.title.clone().unwrap_or_else(|| proposed.to_owned())
    }

    /// What `--expect` says; `None` when it is not given.
    fn expected(&self) -> Result<Option<Vec<Expected>>, Failure> {
        let each = self.arguments.expect.iter().map(|text| {
            let split = text
                .split_once(':')
                .filter(|(fact, condition)| !fact.trim().is_empty() && !condition.trim().is_empty());
            let (fact, condition) = split.ok_or_else(|| {
                let message = format!("\"{}\" expects nothing of a fact", terminal::visible(text));
                Failure::new(message, "write `--expect 'FACT: CONDITION'`, such as `--expect 'failed: == 0'`")
            })?;
            Ok((fact.trim().to_owned(), condition.trim().to_owned()))
        });
        let all: Vec<Expected> = each.collect::<Result<_, Failure>>()?;
        Ok(Some(all).filter(|all| !all.is_empty()))
    }
}

fn kind(name: &str) -> Result<(&'static KindRow, &'static Usual), Failure> {
    if let Some(found) = registry::find(name).zip(usual::of(name)) {
        return Ok(found);
    }
    let names = || registry::KINDS.iter().map(|row| row.name);
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the kinds are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::new(format!("there is no kind \"{}\"", terminal::visible(name)), help))
}

fn area(arguments: &Add, usual: &Usual) -> Result<String, Failure> {
    match &arguments.area {
        Some(area) => is_id(area, "--area"),
        None => Ok(usual.area.to_owned()),
    }
}

fn is_id(text: &str, option: &str) -> Result<String, Failure> {
    match text.parse::<Id>() {
        Ok(id) => Ok(id.to_string()),
        Err(problem) => Err(Failure::new(
            terminal::visible(&problem.to_string()),
            format!("choose another name with `{option} ID`"),
        )),
    }
}

/// The audit file.
fn target(given: Option<&Path>) -> Result<PathBuf, Failure> {
    let file = |path: &Path| if path.is_dir() { path.join(DEFAULT_NAME) } else { path.to_owned() };
    if let Some(given) = given {
        return Ok(file(given));
    }
    let usual = usual_audit().join(DEFAULT_NAME);
    let usual = usual.strip_prefix(".").unwrap_or(&usual).to_owned();
    if !usual.is_file() {
        let message = format!("there is no audit file: neither {DEFAULT_NAME} nor checks/{DEFAULT_NAME}");
        return Err(Failure::new(message, "`countersign init` writes one; `--to FILE` names one that is elsewhere"));
    }
    Ok(usual)
}

/// What is JSON is read as such; anything else is a text.
fn option_value(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
}

/// `docker.compose-project=shop` and the like, as JSON.
fn options(given: &[String]) -> Result<Json, Failure> {
    let mut options = Json::Object(Map::new());
    for text in given {
        let wrong = |why: &str| {
            let message = format!("\"{}\" is no option: {why}", terminal::visible(text));
            Failure::new(message, "write KEY=VALUE, such as `junit=build/junit.xml` or `docker.compose-project=shop`")
        };
        let (key, value) = text.split_once('=').ok_or_else(|| wrong("it has no `=`"))?;
        if key.split('.').any(str::is_empty) {
            return Err(wrong("a part of its key is empty"));
        }
        let mut at = &mut options;
        for part in key.split('.') {
            let Json::Object(entries) = at else { return Err(wrong("its key leads into a value")) };
            at = entries.entry(part).or_insert(Json::Object(Map::new()));
        }
        let value = option_value(value);
        match at {
            Json::Object(entries) if entries.is_empty() => *at = value,
            Json::Object(_) => return Err(wrong("its key was given with others inside")),
            Json::Array(items) => items.push(value),
            first => *first = Json::Array(vec![first.take(), value]),
        }
    }
    Ok(options)
}

fn not_valid(problems: &Problems) -> Failure {
    Failure {
        details: Some(problems.render(terminal::stderr_has_colour())),
        message: "the audit file would not be valid with this check".to_owned(),
        help: "correct the options; `countersign kinds KIND` says what may be written. Nothing was written".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(given: &[&str]) -> Option<Json> {
        options(&given.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).ok()
    }

    #[test]
    fn options_nest_repeat_and_may_be_json() {
        assert_eq!(
            of(&["junit=a/**/*.xml", "newer-than=24h"]),
            Some(json!({"junit": "a/**/*.xml", "newer-than": "24h"}))
        );
        assert_eq!(
            of(&["docker.containers=a", "docker.containers=b"]),
            Some(json!({"docker": {"containers": ["a", "b"]}}))
        );
        assert_eq!(of(&["run=[\"git\", \"log\"]", "port=80"]), Some(json!({"run": ["git", "log"], "port": 80})));
        assert_eq!(of(&["jq=.a == \"b=c\""]), Some(json!({"jq": ".a == \"b=c\""})));
        for wrong in [&["a"][..], &["=x"], &["a..b=x"], &["a=1", "a.b=2"], &["a.b=2", "a=1"]] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
