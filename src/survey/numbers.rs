//! The README's numbers: those that a check measures become claims, a few others are named so that somebody may add a
//! check. What the README says stays the claim, however wrong it is.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Saying, slug};
use super::ground::Ground;
use super::measure::Measured;
use super::{Claim, ClaimedAt};
use crate::model::captured::shortened;
use crate::model::fact::{Unit, spaced};
use crate::model::printed::odd_comma;
use crate::probe::registry;
use crate::proofread::document::{Block, BlockKind, Document, Table};
use crate::proofread::locator::Locator;
use crate::proofread::locators_at;
use crate::proofread::number::{Kind, Mention, Part, Stated};

/// What the first document that people read is called.
const NAMES: [&str; 4] = ["README.md", "README.markdown", "Readme.md", "readme.md"];
/// So many places become claims: each is looked for in the whole document.
const MOST_PLACES: usize = 40;
/// So many numbers that nothing measures are named.
const MOST_UNCLAIMED: usize = 8;
/// Words around a share that may say of what it is one.
const AROUND: usize = 4;

/// What the README's numbers come to.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) claims: Vec<Claim>,
    pub(super) unclaimed: Vec<String>,
    pub(super) more: usize,
}

/// A number that can be named: its place, and the fact that it states.
struct Stating<'a> {
    mention: &'a Mention,
    /// Bytes of the document.
    start: usize,
    /// Which check, and which of its facts.
    fact: Option<(usize, &'static str)>,
}

/// Reads the README, when there is one.
pub(super) async fn read(ground: &Ground<'_>, checks: &[Measured]) -> Read {
    let Some(path) = NAMES.into_iter().find(|path| ground.has(path)) else { return Read::default() };
    let Some(text) = ground.text(path).await else { return Read::default() };
    of(&text, path, checks)
}

fn of(text: &str, path: &str, checks: &[Measured]) -> Read {
    let document = Document::parse(text);
    let mut read = Read::default();
    let mut claims: BTreeMap<(usize, &str), Vec<ClaimedAt>> = BTreeMap::new();
    let mut places = 0;
    for stating in statings(&document, checks) {
        let (line, column) = document.line_column(stating.start);
        let named = match stating.fact {
            Some(fact) if places < MOST_PLACES => {
                places += 1;
                place(&document, path, line, column).map(|at| (fact, at))
            }
            _ => None,
        };
        let named = named.filter(|(fact, at)| {
            // Two numbers behind one name do not state the same.
            let known = claims.get(fact).map(Vec::as_slice).unwrap_or_default();
            known.iter().all(|known| but_for_its_number(&known.locator) != but_for_its_number(&at.locator))
        });
        match named {
            Some((fact, at)) => claims.entry(fact).or_default().push(at),
            // Of what it is a number nobody could tell from the list.
            None if stating.mention.kind() == Kind::Count && stating.mention.noun.is_empty() => {}
            None if read.unclaimed.len() < MOST_UNCLAIMED => {
                let written = document.line_text(line);
                let number = said(stating.mention, &document, &written);
                read.unclaimed.push(format!("{path}:{line}:{column}: {}", shortened(&number, 60)));
            }
            None => read.more += 1,
        }
    }
    for (line, written) in odd_commas(&document).take(MOST_UNCLAIMED) {
        read.unclaimed.push(format!("{path}:{line}: {written}, whose comma parts no thousands: nobody reads it so"));
    }
    read.claims = claims.into_iter().map(|((check, fact), places)| claim(&checks[check], fact, places)).collect();
    read
}

/// Shares with decimals behind a comma, which nobody reads: each with its line.
fn odd_commas(document: &Document) -> impl Iterator<Item = (u32, &str)> {
    let prose = document.blocks.iter().filter(|block| !matches!(block.kind, BlockKind::Code(_)));
    prose.filter_map(|block| {
        let text = block.shown.text();
        let odd = odd_comma(text).filter(|odd| text[odd.end..].trim_start().starts_with('%'))?;
        Some((document.line(block.shown.source(odd.clone()).start), &text[odd]))
    })
}

fn said(mention: &Mention, document: &Document, line: &str) -> String {
    let block = document.blocks.iter().find(|block| block.numbers().iter().any(|other| std::ptr::eq(other, mention)));
    match block.and_then(|block| block.shown.text().get(mention.span.clone())) {
        Some(number) if mention.noun.is_empty() => number.to_owned(),
        Some(number) => format!("{number} {}", mention.noun),
        None => line.to_owned(),
    }
}

fn claim(check: &Measured, fact: &str, places: Vec<ClaimedAt>) -> Claim {
    let draft = &check.draft;
    Claim {
        id: slug(&format!("{}-{}-{fact}", draft.area, draft.id)),
        title: format!("{}: {}", draft.title, spaced(fact)),
        fact: format!("{}.{}.{fact}", draft.area, draft.id),
        places,
    }
}

/// The shortest name of the number at a place; `None` when it has none.
fn place(document: &Document, path: &str, line: u32, column: u32) -> Option<ClaimedAt> {
    let found = locators_at(document, path, line, Some(column)).ok()?;
    let (locator, quote) = found.into_iter().next()?;
    // The third number of a section is another one as soon as somebody writes one above it.
    let locator = Some(locator).filter(|locator| !locator.only_counts())?;
    let locator = Some(locator.to_string()).filter(|locator| !locator.contains("${"))?;
    Some(ClaimedAt { locator, written: quote.written, line: format!("{path}:{line}") })
}

/// A locator that leads to any of several numbers.
fn but_for_its_number(locator: &str) -> Option<Locator> {
    Locator::parse(locator).ok().map(|locator| Locator { number: None, ..locator })
}

/// Every number that may be a claim, in the order of the document; of a fraction, each of its parts that is a fact.
fn statings<'a>(document: &'a Document, checks: &[Measured]) -> Vec<Stating<'a>> {
    let headings: BTreeSet<usize> = document.scopes.iter().map(|scope| scope.start).collect();
    let mut found = Vec::new();
    for block in &document.blocks {
        let source = block.shown.source(0..block.shown.text().len());
        if matches!(block.kind, BlockKind::Code(_) | BlockKind::Heading) || headings.contains(&source.start) {
            continue;
        }
        for mention in block.numbers() {
            if !matters(mention) || block.shown.is_code(mention.span.start) {
                continue;
            }
            let start = |at: usize| block.shown.source(at..at + 1).start;
            let words = Words::of(document, block, mention);
            // `98 % of 48 tests pass` says how many tests there are, whatever the words behind it say.
            let before = block.shown.text().get(..mention.span.start).unwrap_or_default();
            let is_whole =
                before.trim_end().trim_end_matches(" of the").trim_end_matches(" of").trim_end().ends_with('%')
                    && !before.trim_end().ends_with('%');
            let of_parts = fraction(mention, &words, checks);
            if of_parts.is_empty() {
                let fact = fact(mention, &words, checks).filter(|_| !is_whole);
                found.push(Stating { mention, start: start(mention.span.start), fact });
            }
            found.extend(of_parts.into_iter().map(|(at, fact)| Stating {
                mention,
                start: start(at),
                fact: Some(fact),
            }));
        }
    }
    found
}

/// Counts of something, shares and fractions; years, versions and prices are not what a check measures.
fn matters(mention: &Mention) -> bool {
    matches!(mention.kind(), Kind::Count | Kind::Percent | Kind::Fraction)
}

/// The words about a number, in small letters.
struct Words {
    /// Behind it, or where it stands: a label before a colon, the names of its row and column.
    near: Vec<String>,
    /// Around it in its clause.
    around: Vec<String>,
}

impl Words {
    fn of(document: &Document, block: &Block, mention: &Mention) -> Self {
        let text = block.shown.text();
        let before = text.get(..mention.span.start).unwrap_or_default();
        let after = text.get(mention.span.end..).unwrap_or_default();
        let mut near = words(&mention.noun);
        // What a row, a column or a label names is the first number there: of `3, 2 on`, the label says nothing of the 2.
        let is_first =
            |from: usize| !block.numbers().iter().any(|it| (from..mention.span.start).contains(&it.span.start));
        if let BlockKind::Cell { table, row: Some(row), column } = block.kind
            && let Some(table) = document.tables.get(table)
        {
            if is_first(0) {
                near.extend(of_cell(document, table, row, column));
            }
        } else if let Some((label, _)) = before.split_once(": ").filter(|(label, _)| is_first(label.len())) {
            near.extend(words(label));
        }
        let clause = |text: &str| words(text.split([',', ';', '(', ')', '!', '?']).next().unwrap_or_default());
        let last = before.rsplit([',', ';', '(', ')', '!', '?']).next().unwrap_or_default();
        let last = last.rsplit(". ").next().map(words).unwrap_or_default();
        let mut around: Vec<String> = last.into_iter().rev().take(AROUND).collect();
        around.extend(clause(after.split(". ").next().unwrap_or_default()).into_iter().take(AROUND));
        Self { near, around }
    }

    fn fit(&self, saying: &Saying, share: bool) -> bool {
        // A share says of what it is one in many ways; a count, by the noun behind it or the label before it.
        let has = |word: &&str| {
            let is = |other: &String| other == word;
            self.near.iter().any(is) || (share && self.around.iter().any(is))
        };
        saying.share == share && saying.words.iter().all(|group| group.iter().any(has)) && !saying.never.iter().any(has)
    }
}

/// The words of the names of a cell's row and column.
fn of_cell(document: &Document, table: &Table, row: usize, column: usize) -> Vec<String> {
    let cell = |at: Option<&Option<usize>>| {
        let text = at.copied().flatten().and_then(|at| document.blocks.get(at)).map(|block| block.shown.text());
        text.map(words).unwrap_or_default()
    };
    let name = cell(table.rows.get(row).and_then(|row| row.first()));
    name.into_iter().chain(cell(table.header.get(column))).collect()
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// The one fact that a number states; `None` when none fits, or several do.
fn fact(mention: &Mention, words: &Words, checks: &[Measured]) -> Option<(usize, &'static str)> {
    let Stated::Number(printed) = &mention.stated else { return None };
    let share = match printed.unit {
        Unit::One if printed.exact && printed.out_of.is_none() => false,
        Unit::Ratio => true,
        _ => return None,
    };
    one(checks, |saying| words.fit(saying, share))
}

/// The one fact of all checks that a saying fits. Of several checks that measured the same, the first.
fn one(checks: &[Measured], fits: impl Fn(&Saying) -> bool) -> Option<(usize, &'static str)> {
    let mut found: Vec<(usize, &'static str)> = Vec::new();
    for (at, check) in checks.iter().enumerate() {
        for saying in check.draft.says.iter().filter(|saying| fits(saying)) {
            if check.facts.get(saying.fact).is_some() && !found.contains(&(at, saying.fact)) {
                found.push((at, saying.fact));
            }
        }
    }
    let (first, others) = found.split_first()?;
    let value = |(at, fact): &(usize, &str)| checks[*at].facts.get(fact);
    others.iter().all(|other| other.1 == first.1 && value(other) == value(first)).then_some(*first)
}

/// The facts of the parts of a fraction such as `1,026/1,044 (98.28%)` of tests, each with where it begins in its block.
fn fraction(mention: &Mention, words: &Words, checks: &[Measured]) -> Vec<(usize, (usize, &'static str))> {
    if !matches!(mention.stated, Stated::Fraction(_)) {
        return Vec::new();
    }
    let Some((check, _)) = one(checks, |saying| words.fit(saying, true)) else { return Vec::new() };
    let facts = registry::find(checks[check].draft.kind).and_then(|row| row.fraction);
    let Some([part, whole, rate]) = facts else { return Vec::new() };
    let named = mention.parts().into_iter().filter_map(|(name, range)| {
        let fact = match name {
            Part::Numerator => part,
            Part::Denominator => whole,
            Part::Percent => rate,
            _ => return None,
        };
        Some((range.start, (check, fact)))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::{Facts, Value};
    use crate::survey::detect::test_reports_says;
    use crate::survey::draft::{Draft, Manner};

    fn suite(id: &str, total: u32, passed: u32) -> Measured {
        let mut facts = Facts::default();
        facts.set("total", Value::count(total));
        facts.set("passed", Value::count(passed));
        facts.set("failed", Value::count(total - passed));
        facts.set("pass-rate", Value::fraction(passed, total).unwrap());
        let draft = Draft {
            area: "tests",
            id: id.to_owned(),
            title: "The tests pass".to_owned(),
            kind: "test-pass-rate",
            options: serde_json::json!({"junit": "a.xml"}),
            facts: &["passed"],
            says: test_reports_says(),
            from: "a.xml".to_owned(),
            address: None,
            manner: Manner::Look,
        };
        Measured { draft, facts, expected: Vec::new() }
    }

    fn bound(text: &str, checks: &[Measured]) -> Vec<String> {
        let read = of(text, "README.md", checks);
        let line = |claim: &Claim| {
            let places: Vec<&str> = claim.places.iter().map(|place| place.written.as_str()).collect();
            format!("{} {}", claim.fact, places.join(","))
        };
        read.claims.iter().map(line).collect()
    }

    #[test]
    fn a_number_is_bound_by_its_noun_its_label_or_its_row() {
        let checks = [suite("suite", 200, 190)];
        assert_eq!(bound("We have 214 tests.\n", &checks), ["tests.suite.total 214"]);
        assert_eq!(bound("- **Tests:** 214, all green\n", &checks), ["tests.suite.total 214"]);
        assert_eq!(bound("There are 12 tests passing.\n", &checks), ["tests.suite.passed 12"]);
        assert_eq!(bound("98.28 % of tests pass.\n", &checks), ["tests.suite.pass-rate 98.28 %"]);
        let table = "| What | How many |\n|---|---|\n| Tests | 214 |\n| Pages | 7 |\n";
        assert_eq!(bound(table, &checks), ["tests.suite.total 214"]);
    }

    #[test]
    fn a_label_a_row_and_a_column_name_the_first_number_behind_them_only() {
        let checks = [suite("suite", 200, 190)];
        for text in
            ["3, 2 on", "3 (2 on)", "3, 1 flaky", "3 in 1 group", "3 (of 20 in total)", "3; of these 2 are slow"]
        {
            assert_eq!(bound(&format!("- **Tests:** {text}\n"), &checks), ["tests.suite.total 3"], "{text}");
            let table = format!("| Suite | Tests |\n|---|---|\n| unit | {text} |\n");
            assert_eq!(bound(&table, &checks), ["tests.suite.total 3"], "{text}");
        }
        assert_eq!(bound("- **Tests:** 3, 2 tests pass\n", &checks), ["tests.suite.passed 2", "tests.suite.total 3"]);
        // Two numbers behind one label do not both say how many there are.
        assert_eq!(bound("- **Tests:** 3, before that 2 tests\n", &checks), ["tests.suite.total 3"]);
    }

    #[test]
    fn a_number_that_only_its_order_in_the_document_names_is_no_claim() {
        let read = of("# Pelican\n\n- 3 tests\n- 12 tests in all\n", "README.md", &[suite("suite", 3, 3)]);
        let named: Vec<&str> =
            read.claims.iter().flat_map(|claim| &claim.places).map(|place| place.locator.as_str()).collect();
        assert!(named.iter().all(|locator| !locator.contains("#:")), "{named:?}");
        assert_eq!(read.unclaimed.len() + named.len(), 2);
    }

    #[test]
    fn every_part_of_a_fraction_is_a_claim() {
        let checks = [suite("suite", 200, 190)];
        let read = bound("**Pass rate:** 1,026/1,044 (98.28%)\n", &checks);
        assert_eq!(read, ["tests.suite.pass-rate 98.28%", "tests.suite.passed 1,026", "tests.suite.total 1,044"]);
    }

    #[test]
    fn what_two_checks_measure_differently_is_no_claim_and_what_nothing_measures_is_named() {
        let text = "We have 214 tests and 12 services.\n\n```\n99 tests\n```\n";
        assert_eq!(bound(text, &[suite("one", 3, 3), suite("two", 4, 4)]), [] as [&str; 0]);
        assert_eq!(bound(text, &[suite("one", 3, 3), suite("two", 3, 3)]), ["tests.one.total 214"]);
        let share = of("98 % of 48 tests pass, and 92,5 % of lines.\n", "README.md", &[suite("one", 48, 47)]);
        let facts: Vec<&str> = share.claims.iter().map(|claim| claim.fact.as_str()).collect();
        assert_eq!(facts, ["tests.one.pass-rate"]);
        assert_eq!(
            share.unclaimed,
            ["README.md:1:9: 48 tests pass", "README.md:1: 92,5, whose comma parts no thousands: nobody reads it so",]
        );
        let read = of(text, "README.md", &[]);
        assert_eq!(read.unclaimed, ["README.md:1:9: 214 tests", "README.md:1:23: 12 services"]);
    }
}
