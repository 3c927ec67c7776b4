//! Which number at a place is meant, and which part of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::missing::{self, KIND, MANY, NONE, clipped, listed};
use super::{Finder, Hit};
use crate::model::format::plural;
use crate::model::quote::NotThere;
use crate::proofread::locator::Part;
use crate::proofread::number::{Kind, Mention, Stated};

/// A text in which a number is looked for.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) block: usize,
    /// In the block's text.
    pub(super) range: Range<usize>,
    /// For a sentence: `label "Claimed"`.
    pub(super) name: String,
}

impl Finder<'_> {
    /// The numbers of a text that are of the asked kind and unit.
    fn numbers(&self, site: &Site) -> Vec<&Mention> {
        let inside = |mention: &&Mention| mention.span.start >= site.range.start && mention.span.end <= site.range.end;
        let numbers = self.document.blocks[site.block].numbers().iter();
        numbers.filter(inside).filter(|mention| self.fits(mention)).collect()
    }

    fn fits(&self, mention: &Mention) -> bool {
        self.locator.kind.is_none_or(|kind| mention.is_kind(kind))
            && self.locator.unit.as_ref().is_none_or(|unit| mention.counts(unit))
    }

    fn narrows(&self) -> Option<String> {
        let kind = self.locator.kind.map(|kind| format!("kind \"{}\"", kind.word()));
        let unit = self.locator.unit.as_ref().map(|unit| format!("unit \"{}\"", clipped(unit)));
        match (kind, unit) {
            (Some(kind), Some(unit)) => Some(format!("{kind} and {unit}")),
            (kind, unit) => kind.or(unit),
        }
    }

    /// The one place of several that has such a number, and the number in it.
    pub(super) fn pick_one(&self, sites: &[Site], name: &str) -> Result<Hit, NotThere> {
        let narrowed: Vec<&Site> = match self.narrows() {
            None => sites.iter().collect(),
            Some(_) => sites.iter().filter(|site| !self.numbers(site).is_empty()).collect(),
        };
        match narrowed[..] {
            [] => Err(self.none_fits(sites, name)),
            [only] => self.pick(only),
            _ => Err(self.many_sites(&narrowed, name)),
        }
    }

    /// The numbers of all places, counted together.
    pub(super) fn pick_from(&self, sites: &[Site], name: &str) -> Result<Hit, NotThere> {
        let all = sites.iter().flat_map(|site| self.numbers(site).into_iter().map(move |mention| (site, mention)));
        let all: Vec<(&Site, &Mention)> = all.collect();
        if all.is_empty() {
            return Err(self.none_fits(sites, name));
        }
        let unnumbered = sites.iter().filter(|_| self.locator.number.is_none());
        if let Some(problem) = self.unread(unnumbered.map(|site| (site, site.range.clone()))) {
            return Err(problem);
        }
        let index = self
            .index(name, all.len(), || listed(all.iter().map(|(site, it)| self.place(site.block, it.span.clone()))))?;
        self.part_of(all[index].0, all[index].1)
    }

    /// As [`Self::pick`], but the first number where none is asked for.
    pub(super) fn pick_first(&self, site: &Site) -> Result<Hit, NotThere> {
        if self.locator.number.is_some() || self.locator.part == Some(Part::Text) {
            return self.pick(site);
        }
        match self.numbers(site).first() {
            Some(mention) => match self.unread([(site, site.range.start..mention.span.start)]) {
                Some(problem) => Err(problem),
                None => self.part_of(site, mention),
            },
            None => Err(self.none_fits(std::slice::from_ref(site), &site.name)),
        }
    }

    /// The number that is meant in one text.
    pub(super) fn pick(&self, site: &Site) -> Result<Hit, NotThere> {
        let text = &self.document.blocks[site.block].shown.text()[site.range.clone()];
        if self.locator.part == Some(Part::Text) {
            let start = site.range.start + (text.len() - text.trim_start().len());
            let range = start..start + text.trim().len();
            if range.is_empty() {
                return Err(self.none_fits(std::slice::from_ref(site), &site.name));
            }
            return Ok(Hit::Text { block: site.block, range });
        }
        let found = self.numbers(site);
        if found.is_empty() {
            return Err(self.none_fits(std::slice::from_ref(site), &site.name));
        }
        let written = |it: &Mention| clipped(&self.document.blocks[site.block].shown.text()[it.span.clone()]);
        let entry = |(at, it): (usize, &&Mention)| format!("number {} is \"{}\" {}", at + 1, written(it), it.noun);
        let entries = || listed(found.iter().enumerate().map(|it| entry(it).trim_end().to_owned()));
        if let (None, Some(problem)) = (self.locator.number, self.unread([(site, site.range.clone())])) {
            return Err(problem);
        }
        let index = self.index(&site.name, found.len(), entries)?;
        if let Some(problem) = self.unread([(site, site.range.start..found[index].span.start)]) {
            return Err(problem);
        }
        self.part_of(site, found[index])
    }

    /// Which of so many numbers, from 0. The entries are those that a message lists.
    fn index(&self, name: &str, many: usize, entries: impl Fn() -> Vec<String>) -> Result<usize, NotThere> {
        match self.locator.number {
            None if many == 1 => Ok(0),
            None => {
                let reason = format!("{name} holds {many} numbers");
                let help = "Say which one: `number: 1` is the first; `unit:` or `kind:` may tell them apart too.";
                Err(missing::not_there(MANY, reason, entries(), help))
            }
            Some(number) => match usize::try_from(number).ok().filter(|number| *number <= many) {
                Some(number) => Ok(number - 1),
                None => Err(self.too_few(name, number, many)),
            },
        }
    }

    pub(super) fn too_few(&self, name: &str, number: u32, many: usize) -> NotThere {
        let fitting = self.narrows().map(|narrows| format!(" of {narrows}")).unwrap_or_default();
        let have = plural(many as u64, "number", "numbers");
        let reason = format!("{name} holds {have}{fitting}, and number {number} is asked for");
        missing::not_there(NONE, reason, Vec::new(), "Say a smaller `number`, or leave it out.")
    }

    fn part_of(&self, site: &Site, mention: &Mention) -> Result<Hit, NotThere> {
        let written = clipped(&self.document.blocks[site.block].shown.text()[mention.span.clone()]);
        let has: Vec<&str> = mention.parts().iter().map(|(part, _)| part.word()).collect();
        let hit = |range: Range<usize>| Ok(Hit::Text { block: site.block, range });
        match self.locator.part.and_then(Part::of_number) {
            None if matches!(mention.stated, Stated::Fraction(_)) && self.locator.kind.is_none() => {
                let known = missing::either(&has);
                let reason = format!("{} holds \"{written}\"; say part: {known}", site.name);
                let help = format!(
                    "Add `part: {}`, or `kind: {}` for all of it.",
                    has.first().unwrap_or(&"numerator"),
                    Kind::Fraction.word()
                );
                Err(missing::not_there(KIND, reason, Vec::new(), help))
            }
            None => hit(mention.span.clone()),
            Some(part) => match mention.part(part) {
                Some(range) => hit(range),
                None => {
                    let reason = format!("{} holds \"{written}\", which has no {}", site.name, part.word());
                    let help = if has.is_empty() {
                        "Leave out the part.".to_owned()
                    } else {
                        format!("Its parts are {}.", has.join(", "))
                    };
                    Err(missing::not_there(KIND, reason, Vec::new(), help))
                }
            },
        }
    }

    fn none_fits(&self, sites: &[Site], name: &str) -> NotThere {
        let entry = |site: &Site| {
            let text = &self.document.blocks[site.block].shown.text()[site.range.clone()];
            let place = self.document.line(self.document.blocks[site.block].shown.source(site.range.clone()).start);
            (!text.trim().is_empty()).then(|| format!("\"{}\" ({place})", clipped(text)))
        };
        if let Some(problem) = sites.iter().find_map(|site| self.odd(site, site.range.clone())) {
            return problem;
        }
        let near = if sites.len() > 20 { Vec::new() } else { listed(sites.iter().filter_map(entry)) };
        match self.narrows() {
            Some(narrows) => {
                let reason = format!("{name} holds no number of {narrows}");
                missing::not_there(KIND, reason, near, "Leave out what narrows it, or say what stands there.")
            }
            None => {
                let help = "Say `part: text` where a text is claimed and no number.";
                missing::not_there(NONE, format!("{name} holds no number"), near, help)
            }
        }
    }

    fn many_sites(&self, sites: &[&Site], name: &str) -> NotThere {
        let telling = self.telling(sites);
        let units: BTreeSet<String> =
            sites.iter().filter_map(|site| self.numbers(site).first().map(|it| it.unit().to_owned())).collect();
        let headings = || telling.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(" or ");
        let help = if telling.len() == sites.len() {
            format!("Add the heading that it stands under: {}.", headings())
        } else if units.len() == sites.len() && self.locator.unit.is_none() && !units.contains("") {
            let first: Vec<String> = units.iter().take(3).map(|unit| format!("`unit: {unit}`")).collect();
            format!("Add {}.", first.join(" or "))
        } else if telling.is_empty() {
            let help = "No heading tells them apart: give one heading or label another name, or write `<!--cs:NAME-->`";
            format!("{help} before the number and name it `@marker(NAME)`.")
        } else {
            format!(
                "Add the heading that it stands under, {}, or write a marker before the number; {}",
                headings(),
                missing::ask_locate(&self.locator.doc)
            )
        };
        let under =
            if self.locator.under.is_empty() { String::new() } else { format!(" under {}", self.headings.name()) };
        let reason = format!("{name}{under} matches {} places", sites.len());
        let near = listed(sites.iter().map(|site| self.place(site.block, site.range.clone())));
        missing::not_there(MANY, reason, near, help)
    }

    /// For each place that a heading alone tells from the others, the innermost such heading.
    fn telling(&self, sites: &[&Site]) -> Vec<String> {
        let document = self.document;
        let path = |site: &Site| document.path(document.blocks[site.block].scope);
        let mut holds: BTreeMap<&str, usize> = BTreeMap::new();
        for site in sites {
            let titles: BTreeSet<&str> = path(site).map(|at| document.scopes[at].normal.as_str()).collect();
            titles.into_iter().for_each(|title| *holds.entry(title).or_default() += 1);
        }
        let own = |site: &&Site| path(site).find(|at| holds.get(document.scopes[*at].normal.as_str()) == Some(&1));
        let named = |at: usize| format!("`under: {}`", clipped(&document.scopes[at].title));
        sites.iter().filter_map(own).map(named).collect()
    }

    /// `audit.md:117:12 98.28% (1,026/1,044 tests) under "Test Pass Rate"`
    pub(super) fn place(&self, block: usize, range: Range<usize>) -> String {
        let block = &self.document.blocks[block];
        let text = &block.shown.text()[range.clone()];
        let start = range.start + (text.len() - text.trim_start().len());
        let (line, column) = self.document.line_column(block.shown.source(start..range.end.max(start)).start);
        let under = block.scope.map(|at| format!(" under \"{}\"", clipped(&self.document.scopes[at].title)));
        let place = format!("{}:{line}:{column} {}", self.locator.doc, clipped(text));
        format!("{}{}", place.trim_end(), under.unwrap_or_default())
    }
}
