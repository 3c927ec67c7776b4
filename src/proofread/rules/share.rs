//! `pct-of` and `rounded-to-all`: a percentage beside the part and the whole that it is made of.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::fact::Unit;
use crate::model::format::percent;
use crate::model::number::Number;
use crate::model::printed::{Printed, PrintedFraction, Qualifier};
use crate::proofread::document::BlockKind;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::number::{Kind, Mention, Stated, is_scale};
use crate::proofread::relation::{Verdict, Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View, matches};
use crate::proofread::words::{self, Part, Words, is_among};

/// A fraction; whether a percentage stands beside it is seen with its numbers.
static SHARE: Pattern =
    LazyLock::new(|| Regex::new(r"\d\s?(?:/|of |out of )\s?\d.*%|%.*\d\s?(?:/|of |out of )\s?\d").ok());

/// `Of 412 tests, 398 passed, which is 96.6%`
static OF_ALL: Pattern = LazyLock::new(|| {
    Regex::new(
        r"\b[Oo](?:f|ut of) (?:the |our |all |these )?(?P<whole>\d[\d,]*) (?P<noun>\p{L}[\p{L} '’-]{0,40}?), (?P<part>\d[\d,]*) (?:\p{L}[\p{L} '’-]{0,40}?)(?:,? (?:which|that) is |, (?:or|i\.e\.) | \()(?P<share>[~≈]?\d+(?:\.\d+)?\s?%)",
    )
    .ok()
});
/// `398 of the 412 tests passed, or 96.6%`
static SOME_OF: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[\s(])(?P<part>\d[\d,]*) (?:out )?of (?:the |our |all |these )?(?P<whole>\d[\d,]*) (?:\p{L}[\p{L} '’-]{0,60}?)(?:,? (?:which|that) is |, (?:or|i\.e\.|an?|for an?) )(?P<share>[~≈]?\d+(?:\.\d+)?\s?%)",
    )
    .ok()
});

/// A percentage behind a score with decimals, or behind a quantity of another: `8.5/10 = 85%`, `1.5 GB of 2 GB (75%)`.
static MEASURED: Pattern = LazyLock::new(|| {
    Regex::new(r"\d\s?(?:/\s?\d+\s?=|\p{L}{0,12}\s(?:(?:out\s)?of|/)\s.*\d\s?\p{L}{1,12}.*[(=])\s?[~≈]?\d[\d.]*\s?%")
        .ok()
});
/// Between a quantity and the one that it is a part of.
static OF: Pattern = LazyLock::new(|| {
    Regex::new(r"^\s(?:(?:out )?of|/)\s(?:(?:the|a|an|our|all|its)\s)?(?:(?:total|available|allocated)\s)?$").ok()
});
/// Between the whole and its percentage.
static OPENS: Pattern = LazyLock::new(|| Regex::new(r"^[\p{L} ]{0,24}\s?[(=]\s?$").ok());
/// Words behind a percentage that leave it one of a quantity.
static USED: Words = Words::of(
    "used use usage utilization utilisation full free left remaining consumed available unused capacity memory disk",
);
/// Signs that make a quotient a part of a longer calculation.
const SIGNS: [char; 11] = ['+', '-', '−', '×', '*', '·', '/', '÷', '^', '=', '±'];

/// Words behind a percentage that say nothing new of it.
static NAMELESS: Words = Words::of("of the them all these those total overall rate share");
/// Words of a split into two shares.
static SPLIT: Pattern = LazyLock::new(|| Regex::new(r"(?i)\b(?:split|ratio|canary|rollout)\b").ok());
/// Words behind which two numbers with a slash are a date.
static BEFORE_DATES: Words = Words::of(
    "on by since until till from due before after starting ending mon tue wed thu fri sat sun canary rollout ramp launch release deadline",
);
/// Headers of dates.
static DATES: Words = Words::of("date dates when day due deadline start end started finished");

/// So many bytes around a fraction belong to its sentence at most.
const NEAR: usize = 200;

/// Holds `a/b (p%)` in one sentence or cell.
pub(super) fn pct_of(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for_each(view, |block, mention, fraction, claimed| {
        if !is_counted(view, block, mention, fraction) {
            return;
        }
        let Some((verdict, share)) = verdict(view, block, fraction, claimed) else { return };
        let text = view.text(block);
        if verdict == Verdict::Inconsistent
            && (is_of_another(text, fraction, claimed)
                || is_no_fraction(view, block, mention, (fraction, claimed))
                || is_rate_of_part(text, fraction, claimed))
        {
            sink.skip("a percentage beside what may be a date, a split or a part with a rate of its own");
            return;
        }
        sink.judge(verdict, || Draft {
            message: format!(
                "{}/{} is {}, the text says {}",
                fraction.part_text,
                fraction.whole_text,
                percent(&share),
                claimed.text
            ),
            claimed: claimed.text.clone(),
            recomputed: percent(&share),
            readings: &["nearest", "cut off or rounded up", "complement"],
            anchors: anchors(view, block, fraction, claimed),
            at_most: Level::Error,
        });
    });
    in_words(view, sink);
    measured(view, sink);
}

/// Holds `8.5/10 = 85%` and `1.5 GB of 2.0 GB (75%)`, whose numbers are rounded.
fn measured(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for block in view.prose(&MEASURED) {
        let text = view.text(block);
        let mentions: Vec<&Mention> = view.mentions(block).collect();
        for (at, mention) in mentions.iter().enumerate().skip(1) {
            let Some(claimed) = mention.number().filter(|_| mention.kind() == Kind::Percent) else { continue };
            let first = |back: usize| at.checked_sub(back).map(|at| mentions[at]);
            let of_score = first(1).and_then(|score| Some((score, of_score(text, score, mention)?)));
            let of_whole = || {
                let (part, whole) = (first(2)?, first(1)?);
                Some((part, of_quantity(text, part, whole, mention)?))
            };
            let Some((first, shares)) = of_score.or_else(of_whole) else { continue };
            if claimed.qualifier.is_bound() || stands_in_more(text, first.span.start, mention.span.clone(), claimed) {
                continue;
            }
            let verdict = best(shares.iter().map(|share| share.against(claimed)));
            let known = |word: &String| is_among(word, &words::SHARES) || is_among(word, &USED);
            if verdict == Verdict::Inconsistent && !clause(&text[mention.span.end..]).iter().all(known) {
                sink.skip("a percentage beside a quantity that it may not be one of");
                continue;
            }
            let source = first.span.start..mentions[at - 1].span.end;
            let share = shares.first().map_or_else(String::new, |share| percent(share.value()));
            sink.judge(verdict, || Draft {
                message: format!("{} is {share}, the text says {}", &text[source.clone()], claimed.text),
                claimed: claimed.text.clone(),
                recomputed: share.clone(),
                readings: &["nearest", "cut off or rounded up", "complement"],
                anchors: vec![view.anchor(block, mention.span.clone()), view.anchor(block, source)],
                at_most: Level::Warning,
            });
        }
    }
}

/// The share that a score with decimals is of the full one, where `=` and the percentage follow. Whole scores are fractions.
fn of_score(text: &str, score: &Mention, percentage: &Mention) -> Option<Vec<Worked>> {
    let Stated::Number(printed) = &score.stated else { return None };
    let equals = text.get(score.span.end..percentage.span.start)?.trim() == "=";
    let whole = printed.out_of.as_ref().filter(|_| equals && printed.qualifier == Qualifier::Plain)?;
    Some(vec![Worked::of(printed, 0)?.over(&Worked::exact(whole.clone()))?])
}

/// The shares that one quantity may be of another, and that the rest of it is. In one unit word, kilobytes are of one size.
fn of_quantity(text: &str, part: &Mention, whole: &Mention, percentage: &Mention) -> Option<Vec<Worked>> {
    let (a, b) = (part.plain()?, whole.plain()?);
    let joined = matches(&OF, text.get(part.span.end..whole.span.start)?)
        && matches(&OPENS, text.get(whole.span.end..percentage.span.start)?);
    // `1.5 of 2.0 GB`
    let unitless = a.unit == Unit::One && !a.exact && part.kind() == Kind::Number;
    let same = a.unit == b.unit && part.kind() == whole.kind() || unitless;
    if !joined || !same || !matches!(b.unit, Unit::Bytes | Unit::Seconds) {
        return None;
    }
    let scale = |reading: usize| Some(Worked::exact(b.runs.first()?.scales.get(reading)?.clone()));
    let one_word = unitless || part.unit() == whole.unit();
    let mut shares = Vec::new();
    for left in 0..a.readings.len().max(if unitless { b.readings.len() } else { 1 }) {
        for right in (0..b.readings.len()).filter(|right| !one_word || *right == left) {
            let part = if unitless { Worked::of(a, 0)?.times(&scale(right)?) } else { Worked::of(a, left)? };
            shares.extend(part.over(&Worked::of(b, right)?));
        }
    }
    let rests: Vec<Worked> = shares.iter().map(|share| Worked::exact(Number::one()) - share.clone()).collect();
    shares.extend(rests);
    (!shares.is_empty()).then_some(shares)
}

/// May a statement belong to a longer calculation, or its percentage be a change?
fn stands_in_more(text: &str, start: usize, percentage: Range<usize>, claimed: &Printed) -> bool {
    let before = text[..start].trim_end();
    let behind = text[percentage.end..].trim_start();
    let signed = text[..percentage.start].ends_with(['+', '±', '↑', '↓']) || claimed.value().is_negative();
    before.ends_with(SIGNS) || before.ends_with(" x") || behind.starts_with(SIGNS) || signed
}

/// Holds `398 of 412 tests passed, or 96.6%`, where words stand between the numbers.
fn in_words(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for pattern in [&OF_ALL, &SOME_OF] {
        for block in view.prose(pattern) {
            let text = view.text(block);
            for found in pattern.iter().flat_map(|pattern| pattern.captures_iter(text)) {
                let place = |name: &str| found.name(name).map_or(0..0, |found| found.range());
                let number = |name: &str| found[name].replace(',', "").parse::<Number>().ok();
                let (Some(part), Some(whole), Ok(claimed)) =
                    (number("part"), number("whole"), Printed::parse(&found["share"]))
                else {
                    continue;
                };
                let all = found.get(0).map_or(0..0, |found| found.range());
                if view.block(block).shown.is_code(all.start) || part > whole || says_more(text, &all) {
                    continue;
                }
                let Some((verdict, share)) = against(view, block, (&part, &whole), &all, &claimed) else { continue };
                sink.judge(verdict, || Draft {
                    message: format!(
                        "{} of {} is {}, the text says {}",
                        &found["part"],
                        &found["whole"],
                        percent(&share),
                        claimed.text
                    ),
                    claimed: claimed.text.clone(),
                    recomputed: percent(&share),
                    readings: &["nearest", "cut off or rounded up", "complement"],
                    anchors: ["share", "part", "whole"].map(|name| view.anchor(block, place(name))).to_vec(),
                    at_most: Level::Warning,
                });
            }
        }
    }
}

/// Reports "100%" of not all and "0%" of some, though rounding explains them.
pub(super) fn rounded_to_all(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for_each(view, |block, mention, fraction, claimed| {
        if !is_counted(view, block, mention, fraction) {
            return;
        }
        let Some((verdict, share)) = verdict(view, block, fraction, claimed) else { return };
        let said = claimed.value();
        let all_or_none = *said == Number::one() || said.is_zero();
        if !all_or_none || verdict == Verdict::Inconsistent {
            return;
        }
        let verdict = Verdict::of(share == *said || Number::one() - share.clone() == *said);
        let word = if said.is_zero() { "none" } else { "all" };
        sink.judge(verdict, || Draft {
            message: format!(
                "{} of {} is not {word}: {} is rounded from {}",
                fraction.part_text,
                fraction.whole_text,
                claimed.text,
                percent(&share)
            ),
            claimed: claimed.text.clone(),
            recomputed: percent(&share),
            readings: &["exact"],
            anchors: anchors(view, block, fraction, claimed),
            at_most: Level::Warning,
        });
    });
}

fn anchors(view: &View<'_>, block: usize, fraction: &PrintedFraction, claimed: &Printed) -> Vec<Anchor> {
    let fraction = fraction.part_run.span.start..fraction.whole_run.span.end;
    vec![view.anchor(block, claimed.span.clone()), view.anchor(block, fraction)]
}

fn for_each(view: &View<'_>, mut with: impl FnMut(usize, &Mention, &PrintedFraction, &Printed)) {
    for block in view.prose(&SHARE) {
        for mention in view.mentions(block) {
            if let Stated::Fraction(fraction) = &mention.stated
                && let Some(claimed) = &fraction.percent
            {
                with(block, mention, fraction, claimed);
            }
        }
    }
}

/// Is it a part of a whole, and not a score beside a percentage of its own (`8/10 (77%)`)?
fn is_counted(view: &View<'_>, block: usize, mention: &Mention, fraction: &PrintedFraction) -> bool {
    if !is_scale(&fraction.whole) || !mention.noun.is_empty() {
        return true;
    }
    // `8/10 = 80%` says that these are the same.
    let percent = fraction.percent.as_ref().map_or(fraction.span.end, |percent| percent.span.start);
    let between = view.text(block).get(fraction.whole_run.span.end..percent).unwrap_or_default();
    between.trim() == "=" || says_what_is_counted(view, block)
}

/// Does it stand in a column whose header is its noun, such as `Tests`?
fn says_what_is_counted(view: &View<'_>, block: usize) -> bool {
    let BlockKind::Cell { table, column, .. } = view.block(block).kind else { return false };
    view.grids()[table].columns.get(column).is_some_and(|column| {
        column.words.iter().any(|word| matches!(word.as_str(), "tests" | "passed" | "passing" | "cases" | "checks"))
    })
}

/// How the percentage stands to the fraction, and the share that this is; `None` where there is nothing to hold.
fn verdict(view: &View<'_>, block: usize, fraction: &PrintedFraction, claimed: &Printed) -> Option<(Verdict, Number)> {
    against(view, block, (&fraction.part, &fraction.whole), &fraction.span, claimed)
}

fn against(
    view: &View<'_>,
    block: usize,
    (part, whole): (&Number, &Number),
    place: &Range<usize>,
    claimed: &Printed,
) -> Option<(Verdict, Number)> {
    // `20/25 (-20%)` is a change.
    if claimed.value().is_negative() || whole.is_zero() {
        return None;
    }
    let share = part.over(whole)?;
    let straight = Worked::exactly(&share, claimed);
    if straight == Verdict::Consistent || !may_be_rest(view, block, place) {
        return Some((straight, share));
    }
    let rest = Worked::exact(Number::one() - share.clone()).against(claimed);
    Some((best([straight, rest]), share))
}

/// Do words behind the percentage say that it is one of something else: `26/27 passing (100% stable)`?
fn is_of_another(text: &str, fraction: &PrintedFraction, claimed: &Printed) -> bool {
    if claimed.span.start < fraction.part_run.span.start {
        return false;
    }
    clause(&text[claimed.span.end..]).iter().any(|word| !words::is_among(word, &words::SHARES))
}

/// Do the words behind a statement say what it does not: `Of 40 issues, 10 are new (75% done)`?
fn says_more(text: &str, statement: &Range<usize>) -> bool {
    let known = words::of(&text[statement.clone()]);
    let is_known = |word: &String| known.iter().any(|known| known.starts_with(&**word));
    clause(&text[statement.end..]).iter().any(|word| !words::is_among(word, &NAMELESS) && !is_known(word))
}

/// The words up to the end of a clause.
fn clause(text: &str) -> Vec<String> {
    words::of(&text[..text.find([')', ',', ';', '.', ':', '|']).unwrap_or(text.len())])
}

/// May two numbers without a noun be a date (`on 11/15`), a split (`70/30`), or anything but a part of a whole?
fn is_no_fraction(
    view: &View<'_>,
    block: usize,
    mention: &Mention,
    (fraction, claimed): (&PrintedFraction, &Printed),
) -> bool {
    let (part, whole) = (&fraction.part, &fraction.whole);
    let text = view.text(block);
    if says_what_is_counted(view, block) {
        return false;
    }
    if mention.noun.is_empty() && part > whole {
        return true;
    }
    if mention.noun.is_empty() && part + whole == Number::from(100) {
        let said = claimed.value() * &Number::from(100);
        return said == *part || said == *whole || matches(&SPLIT, text);
    }
    let beside = text.get(fraction.whole_run.span.end..claimed.span.start);
    if !is_date(fraction) || beside.is_none_or(|beside| beside.contains(char::is_alphabetic)) {
        return false;
    }
    if let BlockKind::Cell { table, row: Some(_), column } = view.block(block).kind {
        let header = view.grids()[table].columns.get(column);
        return header.is_some_and(|column| column.words.iter().any(|word| words::is_among(word, &DATES)));
    }
    // `- 11/22 (100%)`, `Rollout on 11/15 (50%)`
    let lead = words::of(&text[..fraction.span.start]);
    let named = match &*lead {
        [.., week, of] if of == "of" => week == "week",
        [.., word] => words::is_among(word, &BEFORE_DATES),
        [] => true,
    };
    // `11/15 (50%), 11/22 (100%)`: days of one month.
    let another = |other: &Mention| match &other.stated {
        Stated::Fraction(other) => {
            other.percent.is_some() && other.part == *part && other.whole != *whole && is_date(other)
        }
        _ => false,
    };
    named || view.mentions(block).any(another)
}

/// May the numbers be a month and a day, in either order?
fn is_date(fraction: &PrintedFraction) -> bool {
    let slash = fraction.part_run.span.end + 1 == fraction.whole_run.span.start;
    let up_to = |number: &Number, most: u32| *number >= Number::one() && *number <= Number::from(most);
    let (part, whole) = (&fraction.part, &fraction.whole);
    slash && (up_to(part, 12) && up_to(whole, 31) || up_to(part, 31) && up_to(whole, 12))
}

/// Is it all of a part that did well, and not of the whole: `Migrated 3 of 12 services (100% success rate)`?
fn is_rate_of_part(text: &str, fraction: &PrintedFraction, claimed: &Printed) -> bool {
    let between = text.get(fraction.part_run.span.end..fraction.whole_run.span.start).unwrap_or_default();
    if *claimed.value() != Number::one() || !between.trim().ends_with("of") {
        return false;
    }
    let noun = text.get(fraction.whole_run.span.end..claimed.span.start).unwrap_or_default();
    let behind = &text[claimed.span.end..];
    let behind = words::of(&behind[..behind.find(')').unwrap_or(behind.len())]);
    let is_passed = |word: &String| words::part(std::slice::from_ref(word)) == Some(Part::Passed);
    // `Deployed 3 of 5 regions (100% success)`
    let lead = words::of(&text[..fraction.part_run.span.start]);
    let done = || lead.last().is_some_and(|verb| verb.ends_with("ed") && !is_passed(verb));
    let well = |word: &String| word == "rate" || matches!(&**word, "success" | "successful" | "successfully") && done();
    !words::of(noun).iter().any(is_passed) && behind.iter().any(well)
}

/// May the percentage be that of the rest: is there a word of failure or loss in the sentence, the row or the header?
fn may_be_rest(view: &View<'_>, block: usize, place: &Range<usize>) -> bool {
    let says = |text: &str| {
        let lower = text.to_lowercase();
        words::COMPLEMENT.split(' ').any(|word| lower.contains(word))
    };
    // A paragraph may hold thousands of fractions: what is far away says nothing of this one.
    let text = view.text(block);
    let from = text.floor_char_boundary(place.start.saturating_sub(NEAR));
    if says(&text[from..text.ceil_char_boundary(place.end + NEAR)]) {
        return true;
    }
    let BlockKind::Cell { table, row: Some(row), column } = view.block(block).kind else { return false };
    let grid = &view.grids()[table];
    grid.columns.get(column).is_some_and(|column| says(&column.header)) || says(grid.label(row))
}
