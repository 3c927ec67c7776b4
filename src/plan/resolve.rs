//! From what is written to what is meant: defaults, ids, times, numbers, conditions. What cannot be read is noted and
//! left out; what refers to other things is looked at afterwards, by [`rules`](super::rules).

mod areas;
mod checks;
mod claims;
mod header;
mod listed;
mod lists;
mod places;
mod policy;
mod rollout;
mod scalars;
mod tables;

use std::cell::LazyCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use self::checks::Waiting;
use super::collect::{AreaRead, Sections, SignalRead};
use super::documents::ClaimedPlace;
use super::files::{Files, normal, relative};
use super::idle::Marks;
use super::node::Span;
use super::problem::{Code, Sink};
use super::rules;
use super::written::{FileWritten, Text};
use super::{Patience, Plan};
use crate::model::audit::{Audit, SignoffPolicy};
use crate::model::id::{CheckId, Id};
use crate::probe::registry::Probe;

/// What is known while an audit is put together.
pub(super) struct Resolver<'a> {
    sink: &'a Sink,
    files: &'a Files<'a>,
    /// The directory of the top file, which places in the record are relative to.
    home: PathBuf,
    /// Every area and where it is declared.
    areas: BTreeMap<String, Span>,
    /// Every check, `area/check`, and where it is declared.
    checks: BTreeMap<String, Span>,
    /// Every condition and where it is declared.
    conditions: BTreeMap<String, Span>,
    /// Every listed claim and where it is declared.
    claims: BTreeMap<String, Span>,
    /// Every risk read so far and where it is declared.
    risks: BTreeMap<String, Span>,
    /// Every decision read so far and where it is declared.
    decisions: BTreeMap<String, Span>,
    /// Every place in a document that something is claimed at, and where the audit file says so.
    places: Vec<ClaimedPlace>,
    /// What each check measures, and how long it waits. Put in order all at once: that takes a fifth of the time.
    measured: Vec<(CheckId, Arc<Probe>, Patience)>,
    /// Where the parts of the audit stand.
    marks: Marks,
    /// Every text that is Markdown, with its place: looked at when the audit stands.
    prose: Vec<(Text, String)>,
    /// Every file that declares a check, by its number: its path from the root.
    declaring: BTreeMap<u32, String>,
}

/// Puts the plan together.
pub(super) fn plan(
    areas: Vec<AreaRead>,
    mut sections: Vec<Sections>,
    vars: BTreeMap<String, String>,
    path: &Path,
    files: &Files<'_>,
    sink: &Sink,
) -> Option<Plan> {
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    let mut resolver = Resolver::new(directory.clone(), files, sink);
    resolver.declare(&areas, &sections);
    let top = sections.iter_mut().find(|file| file.top).map(|file| std::mem::take(&mut file.written));
    let mut top = top.unwrap_or_default();
    let written_root = top.audit.as_ref().and_then(|audit| audit.root.clone());
    let root = normal(&directory.join(written_root.as_ref().map_or("", |root| root.value.as_str())));
    let root = if root.as_os_str().is_empty() { Path::new(".").to_owned() } else { root };
    if let Some(written) = written_root.as_ref().filter(|_| !root.is_dir()) {
        let message = format!("there is no directory \"{}\"", root.display());
        let help = "Check the path: it is relative to the audit file.";
        sink.error(written.span, "audit.root", Code::Unreadable, message, help);
    }
    let outside = written_root.as_ref().zip(files.bounds()).filter(|(_, bounds)| bounds.leaves(&root));
    if let Some((written, bounds)) = outside {
        let (message, help) = bounds.refusal(&written.value);
        sink.error(written.span, "audit.root", Code::Unreadable, message, help);
    }
    let patience = resolver.patience(top.defaults.as_ref());
    let audit = resolver.header(&mut top);
    let mut plan = Plan {
        audit: audit?,
        probes: BTreeMap::new(),
        per_check: BTreeMap::new(),
        root,
        places: Vec::new(),
        marks: Marks::default(),
        sources: Vec::new(),
        warnings: Vec::new(),
    };
    plan.audit.vars = vars;
    let mut waiting = Vec::new();
    for area in areas {
        resolver.area(area, patience, &mut plan, &mut waiting);
    }
    if let Some(most) = files.bounds().map(|bounds| bounds.checks).filter(|most| plan.audit.checks.len() > *most) {
        let message = format!("the audit has {} checks, more than {most} (--untrusted)", plan.audit.checks.len());
        let help = "Allow more with --max-checks, or measure less.";
        sink.error(Span::start_of(0), "", Code::TooLarge, message, help);
    }
    let signals: Vec<SignalRead> = sections.iter_mut().flat_map(|file| std::mem::take(&mut file.signals)).collect();
    let all: Vec<FileWritten> =
        std::iter::once(top).chain(sections.into_iter().filter(|file| !file.top).map(|file| file.written)).collect();
    let mut rollouts = Vec::new();
    for mut file in all {
        rollouts.extend(file.rollout.take());
        resolver.lists(file, &mut plan.audit);
    }
    resolver.rollout(rollouts, signals, patience, &mut plan.audit);
    resolver.depends(&waiting);
    let unread = LazyCell::new(|| resolver.unread(&plan.audit));
    rules::prose(&resolver.prose, &plan.audit, &unread, files, sink);
    plan.per_check = resolver.measured.iter().map(|(check, _, patience)| (check.clone(), *patience)).collect();
    plan.probes = resolver.measured.into_iter().map(|(check, probe, _)| (check, probe)).collect();
    plan.places = resolver.places;
    plan.marks = resolver.marks;
    Some(plan)
}

/// Who must sign, from a file that says nothing else; `None` when it says nothing.
pub(super) fn signoff(sections: Vec<Sections>, files: &Files<'_>, sink: &Sink) -> Option<SignoffPolicy> {
    let written = sections.into_iter().find_map(|file| file.written.signoff)?;
    Some(Resolver::new(PathBuf::new(), files, sink).signoff(written.value, true))
}

impl<'a> Resolver<'a> {
    /// Nothing known yet. `home` is the directory of the top file.
    fn new(home: PathBuf, files: &'a Files<'a>, sink: &'a Sink) -> Self {
        Self {
            sink,
            files,
            home,
            areas: BTreeMap::new(),
            checks: BTreeMap::new(),
            conditions: BTreeMap::new(),
            claims: BTreeMap::new(),
            risks: BTreeMap::new(),
            decisions: BTreeMap::new(),
            places: Vec::new(),
            measured: Vec::new(),
            marks: Marks::default(),
            prose: Vec::new(),
            declaring: BTreeMap::new(),
        }
    }
}

impl Resolver<'_> {
    /// Notes what exists, before anything refers to it.
    fn declare(&mut self, areas: &[AreaRead], sections: &[Sections]) {
        for area in areas {
            let id = &area.written.area;
            first(self.sink, &mut self.areas, id.value.clone(), id.span, &area.path, "area");
            for check in &area.checks {
                let own = &check.written.id;
                let full = [&id.value, "/", &own.value].concat();
                first(self.sink, &mut self.checks, full, own.span, &check.path, "check");
            }
        }
        for claim in sections.iter().flat_map(|file| file.written.claims.iter().flatten()) {
            let id = &claim.id;
            first(self.sink, &mut self.claims, id.value.clone(), id.span, "claims", "claim");
        }
        for condition in sections.iter().flat_map(|file| file.written.conditions.iter().flatten()) {
            let id = &condition.id;
            first(self.sink, &mut self.conditions, id.value.clone(), id.span, "conditions", "condition");
        }
    }

    /// Where something is declared: the file, relative to the directory of the top one, and the line.
    fn declared(&mut self, span: Span) -> (String, u32) {
        let files = self.files;
        let file = self.declaring.entry(span.file).or_insert_with(|| relative(files.path(span.file), &self.home));
        (file.clone(), files.line(span))
    }

    /// Areas and checks that are declared and could not be read, as prose names them.
    fn unread(&self, audit: &Audit) -> Vec<String> {
        let areas: BTreeSet<&str> = audit.areas.iter().map(|area| area.id.as_str()).collect();
        let checks: BTreeSet<String> = audit.checks.iter().map(|check| check.id.to_string()).collect();
        let unread = self.areas.keys().filter(|id| !areas.contains(id.as_str())).cloned();
        unread.chain(self.checks.keys().filter(|id| !checks.contains(*id)).map(|id| id.replace('/', "."))).collect()
    }

    /// A reference to a check, `check` of the area at hand or `area/check`.
    fn reference(&self, text: &Text, area: Option<&str>, path: &str) -> Option<CheckId> {
        let full = match (text.contains('/'), area) {
            (false, Some(area)) => format!("{area}/{}", text.value),
            _ => text.value.clone(),
        };
        if !self.checks.contains_key(&full) {
            rules::unknown_id(self.sink, text, path, "check", self.checks.keys().map(String::as_str));
            return None;
        }
        full.parse().ok()
    }

    /// A reference to a condition.
    fn condition_reference(&self, text: &Text, path: &str) -> Option<Id> {
        if !self.conditions.contains_key(&text.value) {
            rules::unknown_id(self.sink, text, path, "condition", self.conditions.keys().map(String::as_str));
            return None;
        }
        text.parse().ok()
    }

    /// Markdown, to be looked at when the audit stands.
    fn prose(&mut self, text: Option<Text>, path: &str) -> Option<String> {
        let text = text?;
        let value = text.value.clone();
        self.prose.push((text, path.to_owned()));
        Some(value)
    }

    /// Several pieces of Markdown.
    fn proses(&mut self, texts: Vec<Text>, path: &str) -> Vec<String> {
        texts.into_iter().filter_map(|text| self.prose(Some(text), path)).collect()
    }
}

/// Notes a name, or that it was there before.
fn first(sink: &Sink, known: &mut BTreeMap<String, Span>, id: String, span: Span, path: &str, what: &str) {
    if span == Span::NOWHERE {
        return;
    }
    match known.entry(id) {
        Entry::Vacant(entry) => {
            entry.insert(span);
        }
        Entry::Occupied(entry) => {
            let message = format!("there are two {what}s \"{}\"", entry.key());
            sink.error(span, path, Code::DuplicateId, message, "Rename one of the two.");
        }
    }
}

/// An id in words, for a title: `assign-on-call` is "Assign on call".
fn in_words(id: &str) -> String {
    let words = id.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// An audit with nothing in it yet.
pub(super) fn empty(id: Id, title: String, subject: crate::model::audit::Subject) -> Audit {
    Audit {
        id,
        title,
        subject,
        auditor: None,
        go_live: None,
        window: None,
        timezone: "UTC".to_owned(),
        provenance: None,
        summary: None,
        closing: None,
        verdict: policy::verdict_defaults(),
        kinds: BTreeMap::new(),
        areas: Vec::new(),
        checks: Vec::new(),
        claims: Vec::new(),
        conditions: Vec::new(),
        waivers: Vec::new(),
        risks: Vec::new(),
        questions: Vec::new(),
        decisions: Vec::new(),
        next_steps: Vec::new(),
        checklist: Vec::new(),
        commands: Vec::new(),
        rollout: None,
        gate: None,
        signoff: None,
        vars: BTreeMap::new(),
    }
}
