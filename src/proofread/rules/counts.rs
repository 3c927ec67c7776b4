//! `count-rows`, `count-list`, `count-groups`, `duplicate-id` and `duplicate-row`: how many there are said to be, against
//! how many stand there.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::format::{count, plural};
use crate::model::number::Number;
use crate::model::printed::Qualifier;
use crate::proofread::document::BlockKind;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::{Cell, Grid, Held};
use crate::proofread::lists::List;
use crate::proofread::number::{Kind, Mention, Stated};
use crate::proofread::relation::Verdict;
use crate::proofread::rules::Gather;
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View, matches};
use crate::proofread::words::{self, Words, is_among};

/// Severities, each with its other names and the letter that its ids begin with.
const SEVERITIES: &[(&str, &[&str], char)] = &[
    ("critical", &["critical"], 'c'),
    ("high", &["high"], 'h'),
    ("medium", &["medium", "moderate"], 'm'),
    ("low", &["low"], 'l'),
    ("info", &["info", "informational", "information", "informative"], 'i'),
    ("gas", &["gas"], 'g'),
];
/// Headers of a column of severities.
static SEVERITY_HEADERS: Words = Words::of("severity risk criticality impact");
/// What is counted by severity.
static ISSUES: Words = Words::of(
    "issues issue findings finding severity vulnerabilities vulnerability risk bugs and problems risks total",
);
static ID: Pattern = LazyLock::new(|| Regex::new(r"^\[?([\p{L}]{1,4})-(\d{1,3})\]?(?:\s|:|$)").ok());
/// One id or several: `T-01, T-02`, `AC-3(1)`.
static IDS: Pattern =
    LazyLock::new(|| Regex::new(r"^\[?\p{L}{1,6}-\d[\w.()-]*\]?(?:[\s,;/&]+\[?\p{L}{1,6}-\d[\w.()-]*\]?)*$").ok());
/// A path, a file name, an identifier: what an item of code is called.
static NAME: Pattern = LazyLock::new(|| {
    Regex::new(r"^(?:[\w.-]+/)*[\w-]+\.[A-Za-z]{1,5}$|^(?:[\w.-]+/)+[\w.-]+$|^[A-Za-z]\w*_\w+(?:\(\))?$|^[a-z]+[A-Z]\w*(?:\(\))?$").ok()
});

/// A count that somebody wrote, as a whole number.
fn whole(mention: &Mention) -> Option<u64> {
    match &mention.stated {
        Stated::Number(printed) if printed.exact && printed.qualifier == Qualifier::Plain => printed.value().to_u64(),
        _ => None,
    }
    .filter(|_| mention.kind() == Kind::Count)
}

/// Holds "Medium issues: 3" against the rows of the only table of findings.
#[derive(Default)]
pub(super) struct CountRows {
    /// Severities, how many are claimed, where, and under which headings.
    claims: Vec<(Vec<usize>, u64, Anchor, Vec<String>)>,
    /// Severity and place of each row of the first table.
    rows: Vec<(usize, Option<Anchor>)>,
    tables: usize,
}

impl Gather for CountRows {
    fn section(&mut self, view: &View<'_>, _: &mut Sink<'_, '_>) {
        let claims = view.document.labelled.iter().filter_map(|labelled| severity_claim(view, labelled.label_block));
        self.claims.extend(claims.map(|(keys, claimed, anchor)| {
            let under = view.under(anchor.bytes.start);
            (keys, claimed, anchor, under)
        }));
        for grid in view.grids() {
            let Some(severities) = severities(grid) else { continue };
            self.tables += 1;
            let place = |row: usize| Some(view.whole(grid.rows[row].iter().find_map(|cell| cell.block)?));
            if self.tables == 1 {
                self.rows = severities.into_iter().enumerate().map(|(row, severity)| (severity, place(row))).collect();
            }
        }
    }

    fn end(&mut self, sink: &mut Sink<'_, '_>) {
        if self.claims.len() < 2 {
            return;
        }
        if self.tables > 1 {
            sink.skip("counts of findings beside several tables of findings");
        }
        if self.tables == 1 {
            for claim in std::mem::take(&mut self.claims) {
                self.judge(claim, sink);
            }
        }
    }
}

impl CountRows {
    fn judge(&self, (keys, claimed, anchor, under): (Vec<usize>, u64, Anchor, Vec<String>), sink: &mut Sink<'_, '_>) {
        let matching: Vec<_> = self.rows.iter().filter(|(severity, _)| keys.contains(severity)).collect();
        let found = matching.len() as u64;
        let verdict = Verdict::of(found == claimed);
        let word = SEVERITIES[keys[0]].0;
        sink.judge_under(verdict, Some(under), || {
            let shown = if matching.is_empty() { self.rows.first().into_iter().collect() } else { matching };
            let rows = shown.into_iter().filter_map(|(_, place)| place.clone());
            Draft {
                message: format!(
                    "{claimed} {word} are claimed, the table has {}",
                    plural(found, "row of them", "rows of them")
                ),
                claimed: count(&Number::from(claimed)),
                recomputed: count(&Number::from(found)),
                readings: &["by severity cell", "by id"],
                anchors: std::iter::once(anchor).chain(rows).collect(),
                at_most: Level::Warning,
            }
        });
    }
}

/// The severities that a labelled count is of: "**Critical** and **High** issues: 2".
fn severity_claim(view: &View<'_>, block: usize) -> Option<(Vec<usize>, u64, Anchor)> {
    let labelled = view.label(block)?;
    if !matches!(view.block(block).kind, BlockKind::Item | BlockKind::Paragraph) {
        return None;
    }
    let text = view.text(block);
    let label = view.label_words(labelled);
    let mut keys = Vec::new();
    for word in &label {
        match severity(word) {
            Some(key) => keys.push(key),
            None if is_among(word, &ISSUES) => {}
            None => return None,
        }
    }
    let mention = view.behind(block, labelled).next()?;
    let alone = text[labelled.value.start..mention.span.start].trim().is_empty()
        && text[mention.span.end..].trim_matches(['.', ' ']).is_empty();
    (!keys.is_empty() && alone).then_some(())?;
    Some((keys, whole(mention)?, view.anchor(block, mention.span.clone())))
}

fn severity(word: &str) -> Option<usize> {
    SEVERITIES.iter().position(|(_, names, _)| names.contains(&word))
}

/// The severity of each row, from its severity cell or its id; `None` when it is no table of findings.
fn severities(grid: &Grid<'_>) -> Option<Vec<usize>> {
    let column = grid.columns.iter().position(|column| {
        column.words.len() <= 2 && column.words.iter().any(|word| is_among(word, &SEVERITY_HEADERS))
    })?;
    let of_row = |row: usize| {
        let cells = &grid.rows[row];
        words::of(cells[column].text).first().and_then(|word| severity(word)).or_else(|| {
            let letter = prefix(cells.first()?.text)?.chars().next()?;
            SEVERITIES.iter().position(|(_, _, own)| *own == letter)
        })
    };
    let found = (0..grid.rows.len()).map(of_row).collect::<Option<Vec<usize>>>()?;
    // Ids show that each row is a finding.
    let has_id = |row: &Vec<Cell<'_>>| row.first().is_some_and(|cell| prefix(cell.text).is_some());
    (found.len() >= 2 && grid.rows.iter().all(has_id)).then_some(found)
}

/// `m` of `[M-01]`, Cyrillic letters read as the Latin ones they look like.
fn prefix(text: &str) -> Option<String> {
    let found = ID.as_ref()?.captures(text.trim())?;
    Some(found[1].chars().map(latin).collect::<String>().to_lowercase())
}

fn latin(letter: char) -> char {
    match letter {
        'М' | 'м' => 'm',
        'С' | 'с' => 'c',
        'Н' | 'н' => 'h',
        'І' | 'і' => 'i',
        'А' | 'а' => 'a',
        'В' | 'в' => 'b',
        other => other,
    }
}

/// Reports an id that two rows of one table have.
pub(super) fn duplicate_id(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let ids: Option<Vec<(usize, String)>> = grid
            .rows
            .iter()
            .map(|row| {
                let cell = row.first()?;
                let bare = cell.text.trim().trim_matches(['[', ']']);
                let whole = ID.as_ref()?.find(cell.text.trim())?.end() == cell.text.trim().len();
                whole.then_some(())?;
                Some((cell.block?, bare.chars().map(latin).collect::<String>().to_lowercase()))
            })
            .collect();
        let Some(ids) = ids.filter(|ids| ids.len() >= 3) else { continue };
        if maps_ids(grid) {
            sink.skip("a table of ids that belong to other ids");
            continue;
        }
        for (block, id) in ids {
            let first = *seen.entry(id).or_insert(block);
            let verdict = Verdict::of(first == block);
            sink.judge(verdict, || Draft {
                message: format!("the id {} stands in two rows of this table", view.text(block).trim()),
                claimed: view.text(block).trim().to_owned(),
                recomputed: "an id of its own".to_owned(),
                readings: &["as written"],
                anchors: vec![view.whole(block), view.whole(first)],
                at_most: Level::Warning,
            });
        }
    }
}

/// Reports a row that stands in a table twice, letter by letter, where its first cell names each of the others once.
pub(super) fn duplicate_row(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids().iter().filter(|grid| grid.columns.len() >= 2 && grid.rows.len() >= 3) {
        let named = |cells: &Vec<Cell<'_>>| cells[0].block.filter(|_| cells[0].text.contains(char::is_alphabetic));
        let Some(blocks) = grid.rows.iter().map(named).collect::<Option<Vec<usize>>>() else { continue };
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut twice = Vec::new();
        for (row, block) in blocks.iter().enumerate() {
            if let Some(before) = first.insert(view.text(*block).trim(), row) {
                twice.push((before, row));
            }
        }
        // Where several names stand in several rows they are no names.
        if twice.len() > 1 {
            continue;
        }
        let same = twice.pop().filter(|(before, row)| {
            let full = grid.rows[*row].iter().all(|cell| !matches!(cell.held(), Held::Blank | Held::Missing));
            full && !matches(&IDS, view.text(blocks[*row]).trim())
                && source(view, blocks[*before]) == source(view, blocks[*row])
        });
        sink.judge(Verdict::of(same.is_none()), || {
            let (before, row) = same.unwrap_or_default();
            let (first, again) = (blocks[before], blocks[row]);
            Draft {
                message: format!("the row \"{}\" stands in this table twice", view.text(again).trim()),
                claimed: view.text(again).trim().to_owned(),
                recomputed: "a row of its own".to_owned(),
                readings: &["as written"],
                anchors: vec![view.whole(again), view.whole(first)],
                at_most: Level::Warning,
            }
        });
    }
}

/// The line that a block stands in, with its links, however it is spaced.
fn source<'a>(view: &View<'a>, block: usize) -> Vec<&'a str> {
    let text = view.document.text();
    let (before, behind) = text.split_at(view.block(block).shown.start());
    let from = before.rfind('\n').map_or(0, |end| end + 1);
    let to = behind.find('\n').map_or(text.len(), |end| before.len() + end);
    text[from..to].split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// Does it map ids to others, so that one may stand in several rows: is another column mostly ids as well, and else empty?
fn maps_ids(grid: &Grid<'_>) -> bool {
    let are_ids = |row: &Vec<Cell<'_>>, column: usize| matches(&IDS, row[column].text.trim());
    (1..grid.columns.len()).any(|column| {
        let ids = grid.rows.iter().filter(|row| are_ids(row, column)).count();
        let others = |row: &&Vec<Cell<'_>>| !matches!(row[column].held(), Held::Blank | Held::Missing);
        ids * 2 > grid.rows.len() && grid.rows.iter().filter(others).all(|row| are_ids(row, column))
    })
}

/// Holds "(11 files)" before a list of files against how many it has.
pub(super) fn count_list(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for list in view.lists() {
        let Some(lead) = list.lead.filter(|_| list.items.len() >= 2) else { continue };
        let text = view.text(lead);
        let announced = view.block(lead).numbers().iter().find(|mention| {
            let open = text[..mention.span.start].ends_with('(');
            let behind = text[mention.span.end..].trim_start().strip_prefix(&*mention.noun);
            open && !mention.noun.is_empty() && behind.is_some_and(|rest| rest.starts_with(')'))
        });
        let Some((mention, claimed)) = announced.and_then(|mention| Some((mention, whole(mention)?))) else { continue };
        if !list.items.iter().all(|item| name_of(view, *item).is_some()) {
            continue;
        }
        let found = list.items.len() as u64;
        let verdict = Verdict::of(found == claimed);
        sink.judge(verdict, || Draft {
            message: format!("{} {} are claimed, {found} are listed", claimed, mention.noun),
            claimed: count(&Number::from(claimed)),
            recomputed: count(&Number::from(found)),
            readings: &["number of items"],
            anchors: std::iter::once(view.anchor(lead, mention.span.clone()))
                .chain([list.items.first(), list.items.last()].into_iter().flatten().map(|item| view.whole(*item)))
                .collect(),
            at_most: Level::Warning,
        });
    }
}

/// The code name that an item begins with, and that is all of it but for what explains it.
fn name_of<'a>(view: &View<'a>, item: usize) -> Option<&'a str> {
    let text = view.text(item).trim_start_matches(['-', '*', '•', ' ', '✅']);
    let end = text.find([' ', ':', ',', '(']).unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    let several = ["etc.", "...", "…", " more"].iter().any(|other| text.contains(other))
        || [" and ", " & ", " + ", ", "].iter().any(|other| behind.starts_with(other));
    (NAME.as_ref()?.is_match(name) && !several).then_some(name)
}

/// Holds "7 (experimental + emergency)" against the lists that go by these names.
#[derive(Default)]
pub(super) struct CountGroups {
    /// The lists of a name: how long each is, and where the first stands.
    groups: BTreeMap<String, (Vec<u64>, Anchor)>,
    /// How many are claimed, of which names, where, and under which headings.
    claims: Vec<(u64, Vec<String>, Anchor, Vec<String>)>,
}

impl Gather for CountGroups {
    fn section(&mut self, view: &View<'_>, _: &mut Sink<'_, '_>) {
        for list in view.lists() {
            let Some(name) = group(view, list) else { continue };
            let place = || (Vec::new(), view.whole(list.lead.unwrap_or(list.items[0])));
            self.groups.entry(name).or_insert_with(place).0.push(list.items.len() as u64);
        }
        for labelled in &view.document.labelled {
            let block = labelled.label_block;
            let Some((mention, claimed, named)) = grouped_claim(view, block, labelled.value.start) else { continue };
            let anchor = view.anchor(block, mention.span.clone());
            let under = view.under(anchor.bytes.start);
            self.claims.push((claimed, named, anchor, under));
        }
    }

    fn end(&mut self, sink: &mut Sink<'_, '_>) {
        for claim in std::mem::take(&mut self.claims) {
            self.judge(claim, sink);
        }
    }
}

impl CountGroups {
    fn judge(&self, (claimed, named, anchor, under): (u64, Vec<String>, Anchor, Vec<String>), sink: &mut Sink<'_, '_>) {
        let alternatives: Option<Vec<_>> = named.iter().map(|name| self.groups.get(name)).collect();
        let Some(alternatives) = alternatives else { return };
        // Where a name stands over several lists, any of them may be meant.
        let sizes = alternatives.iter().map(|(sizes, _)| sizes.iter().copied());
        let least: u64 = sizes.clone().filter_map(Iterator::min).sum();
        let most: u64 = sizes.filter_map(Iterator::max).sum();
        let verdict = Verdict::of((least..=most).contains(&claimed));
        let found = if least == most { count(&Number::from(least)) } else { format!("{least} to {most}") };
        sink.judge_under(verdict, Some(under), || Draft {
            message: format!("{claimed} are claimed as {}, the lists of that name hold {found}", named.join(" + ")),
            claimed: count(&Number::from(claimed)),
            recomputed: found,
            readings: &["any list of that name"],
            anchors: std::iter::once(anchor).chain(alternatives.iter().map(|(_, place)| place.clone())).collect(),
            at_most: Level::Warning,
        });
    }
}

/// The first word of the line above a list whose items all begin with an identifier: `Critical Flags (...):`.
fn group(view: &View<'_>, list: &List) -> Option<String> {
    let lead = view.text(list.lead?);
    if !lead.trim_end().ends_with(':') || list.items.len() < 2 {
        return None;
    }
    let named = list.items.iter().all(|item| name_of(view, *item).is_some_and(|name| name.contains('_')));
    let words = words::of(lead.split(['(', ':']).next()?);
    (named && (2..=4).contains(&words.len())).then(|| words.into_iter().next()).flatten()
}

/// `7 (experimental + emergency)`, `10 (critical production flags)`: a count and the names of groups, one word each or the
/// first of several.
fn grouped_claim<'a>(view: &View<'a>, block: usize, from: usize) -> Option<(&'a Mention, u64, Vec<String>)> {
    let text = view.text(block);
    // Before any number is read: nearly no label is one of these.
    if !text[from..].contains('(') || !text[from..].trim_start().starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mention = view.mentions(block).find(|mention| mention.span.start >= from)?;
    let claimed = whole(mention)?;
    let rest = text[mention.span.end..].trim_start().strip_prefix('(')?;
    let (inside, behind) = rest.split_once(')')?;
    let plain = !inside.contains(|c: char| c.is_ascii_digit() || ".;:".contains(c)) && behind.trim().is_empty();
    let named: Vec<String> =
        inside.split(['+', '&', ',']).filter_map(|part| words::of(part).into_iter().next()).collect();
    (plain && !named.is_empty() && text[from..mention.span.start].trim().is_empty())
        .then_some((mention, claimed, named))
}
