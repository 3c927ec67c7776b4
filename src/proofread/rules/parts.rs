//! `parts`: a whole and its parts, in a sentence or as labels one below the other.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::format::count;
use crate::model::number::Number;
use crate::model::printed::Qualifier;
use crate::proofread::document::BlockKind;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::number::{Kind, Mention, Stated};
use crate::proofread::relation::Verdict;
use crate::proofread::rules::rows::some_partition;
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View};
use crate::proofread::words::{self, Part, Words, is_among};

/// What may stand between a whole and its parts: its noun, and the sign that opens them.
static OPENS: Pattern =
    LazyLock::new(|| Regex::new(r"^(?P<noun>(?:[ \u{a0}][\p{L}'’-]+){0,3})\s?(?P<sign>\(|:\s|–\s|—\s)").ok());
/// One part: a count and what it counts.
static PART: Pattern = LazyLock::new(|| {
    Regex::new(r"^(?:and\s)?[✅❌⚠️⏭\s]*(?P<count>\d[\d,]*)\s+(?P<noun>[\p{L}][\p{L}' -]{0,40}?)[✅❌⚠️⏭\s]*$").ok()
});
/// A count, its noun, and a count with a noun behind a bracket, a colon or a dash.
static ENUMERATION: Pattern = LazyLock::new(|| {
    Regex::new(r"\d(?:[ \u{a0}][\p{L}'’-]+){0,3}\s?(?:\(|:\s|[–—]\s)[✅❌⚠️⏭\s]*\d[\d,]*\s+\p{L}").ok()
});
/// Two states, one of which everything is in.
const PAIRS: &[[&str; 2]] = &[
    ["enabled", "disabled"],
    ["on", "off"],
    ["open", "closed"],
    ["resolved", "unresolved"],
    ["up", "down"],
    ["healthy", "unhealthy"],
];
/// What holds things that pass, fail, are up or down: `3 suites: 40 passed, 2 failed` counts the tests in them.
static CONTAINERS: Words = Words::of(
    "suite suites browser browsers job jobs cluster clusters region regions zone zones site sites rack racks \
     datacenter datacenters environment environments platform platforms device devices machine machines run runs \
     round rounds iteration iterations build builds pipeline pipelines workflow workflows stage stages phase phases \
     shard shards group groups batch batches category categories class classes file files folder folders directory \
     directories package packages crate crates module modules project projects repository repositories repo repos \
     component components area areas section sections team teams sprint sprints week weeks day days hour hours \
     version versions configuration configurations target targets worker workers",
);
/// What passes, fails, is on or off itself.
static COUNTED: Words = Words::of(
    "test tests case cases check checks flag flags alert alerts rule rules assertion assertions scenario scenarios \
     spec specs request requests issue issues ticket tickets finding findings bug bugs control controls requirement \
     requirements probe probes total",
);
/// How grave something is: of these words each thing has one. Not in the plural: `3 warnings` are things themselves.
static SEVERITIES: Words =
    Words::of("blocker critical high major medium moderate error warning minor low info informational trivial");
/// Where these are counted, too, no severity is left out.
static LEAST: Words = Words::of("minor low info informational trivial");
/// What has a severity, and does not only find things that have one.
static GRAVE: Words = Words::of(
    "rule rules alert alerts alarm alarms issue issues finding findings bug bugs ticket tickets vulnerability \
     vulnerabilities problem problems risk risks incident incidents violation violations defect defects advisory \
     advisories gap gaps weakness weaknesses",
);
/// Words behind what is counted that do not change what that is.
static STATED: Words =
    Words::of("loaded active found open defined configured reported raised confirmed identified total");
/// Words behind which a noun is no longer the one that is counted.
static LINKS: Words = Words::of("of with in on for at from by across per without under behind");
/// Words behind an enumeration that tell of more parts.
static FURTHER: Words = Words::of(
    "other others rest remaining remainder another more one two three unclassified unrated unassigned unset without \
     none plus also further additional",
);
/// So many bytes behind an enumeration may still tell of more parts.
const NEAR: usize = 160;
/// More parts than this are no enumeration.
const MOST_PARTS: usize = 10;

/// Holds wholes against the parts that are named with them.
pub(super) fn parts(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for block in view.prose(&ENUMERATION) {
        for mention in view.mentions(block) {
            in_sentence(view, block, mention, sink);
        }
    }
    for list in view.lists().iter().filter(|list| !list.in_code) {
        labels(view, &list.items, sink);
    }
    labelled_lines(view, sink);
}

/// A part of an enumeration.
struct Named {
    count: Number,
    noun: Vec<String>,
    span: Range<usize>,
}

fn in_sentence(view: &View<'_>, block: usize, mention: &Mention, sink: &mut Sink<'_, '_>) {
    let Stated::Number(whole) = &mention.stated else { return };
    let text = view.text(block);
    if mention.kind() != Kind::Count || !whole.exact || whole.qualifier != Qualifier::Plain {
        return;
    }
    let Some(opens) = OPENS.as_ref().and_then(|opens| opens.captures(&text[mention.span.end..])) else { return };
    let noun = words::of(&opens["noun"]);
    // `36 failed tests (60 passed, 36 failed)`: a part itself.
    if noun
        .iter()
        .any(|word| matches!(words::part(std::slice::from_ref(word)), Some(Part::Passed | Part::Failed | Part::Other)))
    {
        return;
    }
    let from = mention.span.end + opens[0].len();
    let bracket = &opens["sign"] == "(";
    let rest = &text[from..];
    let end = if bracket { rest.find(')') } else { rest.find(['.', ';', '(', '\n']).or(Some(rest.len())) };
    let Some((end, named)) = end.and_then(|end| Some((end, enumeration(&rest[..end], from)?))) else { return };
    let before = words::of(text[..mention.span.start].rsplit(['.', ';', ',']).next().unwrap_or_default());
    let explicit = noun.iter().any(|word| word == "total")
        || before.last().is_some_and(|word| matches!(word.as_str(), "total" | "totals"))
        || before.ends_with(&["total".to_owned(), "of".to_owned()]);
    // "326 tests total (35 new, 12 slow)" names some of them; a plus or a colon says that it is all.
    let all = !bracket || rest[..end].contains(" + ");
    let at_most = if is_closed(&named) || explicit && all {
        Level::Error
    } else if by_severity(&noun, &named, whole.value(), &rest[end..]) {
        Level::Warning
    } else {
        return;
    };
    let anchors = std::iter::once(mention.span.clone()).chain(named.iter().map(|part| part.span.clone()));
    let anchors = anchors.map(|span| view.anchor(block, span)).collect();
    let counts: Vec<Number> = named.into_iter().map(|part| part.count).collect();
    if !some_make(&counts, whole.value()) && may_hold_them(&noun, &counts, whole.value()) {
        sink.skip("parts of what the whole may hold, and not be");
        return;
    }
    judge(whole.value(), &counts, anchors, at_most, sink);
}

/// Is every thing in one of the parts, by how grave it is: `12 rules: 5 critical, 4 warning, 2 info`? Where there are fewer
/// than the whole, the least grave must be among them, and nothing behind them may tell of more.
fn by_severity(noun: &[String], parts: &[Named], whole: &Number, behind: &str) -> bool {
    // `3 hosts with alerts` are hosts.
    let phrase = noun.split(|word| is_among(word, &LINKS)).next().unwrap_or_default();
    let head = phrase.iter().rev().find(|word| !is_among(word, &STATED));
    let severity = |part: &Named| match &*part.noun {
        [word] => is_among(word, &SEVERITIES),
        // `5 critical rules`
        [word, rest] => is_among(word, &SEVERITIES) && Some(rest) == head,
        _ => false,
    };
    let distinct = |(at, part): (usize, &Named)| parts[..at].iter().all(|other| other.noun != part.noun);
    if !head.is_some_and(|word| is_among(word, &GRAVE))
        || !parts.iter().all(severity)
        || !parts.iter().enumerate().all(distinct)
    {
        return false;
    }
    let sum: Number = parts.iter().map(|part| part.count.clone()).sum();
    let missing = whole - &sum;
    // Rules may also be what found so many: then the numbers have nothing to do with each other.
    let near = &missing.abs() * &Number::from(4) <= *whole;
    let complete = || {
        let behind = &behind[..behind.floor_char_boundary(NEAR)];
        let missing = missing.to_rounded(0);
        let told = words::of(behind).iter().any(|word| is_among(word, &FURTHER) || *word == missing);
        parts.len() >= 3
            && parts.iter().any(|part| is_among(&part.noun[0], &LEAST))
            && !behind.starts_with(['(', ';'])
            && !told
    };
    near && (sum >= *whole || complete())
}

/// May the parts be of things that the whole holds: `4 jobs (118 passed, 2 failed)`? Then there are more of them than it
/// counts.
fn may_hold_them(noun: &[String], parts: &[Number], whole: &Number) -> bool {
    let sum: Number = parts.iter().cloned().sum();
    if sum <= *whole {
        return false;
    }
    // `3 test suites` are suites, `3 suites of tests` as well.
    let head = noun.iter().position(|word| word == "of").map_or(noun, |of| &noun[..of]);
    let known = head.iter().rev().find(|word| is_among(word, &CONTAINERS) || is_among(word, &COUNTED));
    match known {
        Some(word) => is_among(word, &CONTAINERS),
        // Whoever adds up wrongly is seldom off by more than half.
        None => !noun.is_empty() && &sum + &sum > whole + &(whole + whole),
    }
}

/// `10 enabled, 7 staged`: every part a count with a noun, two or more.
fn enumeration(text: &str, at: usize) -> Option<Vec<Named>> {
    let mut parts = Vec::new();
    for piece in split(text) {
        let found = PART.as_ref()?.captures(&text[piece.clone()])?;
        let count = found["count"].replace(',', "").parse::<Number>().ok()?;
        let place = found.name("count")?.start()..found.name("noun")?.end();
        let start = at + piece.start;
        parts.push(Named { count, noun: words::of(&found["noun"]), span: start + place.start..start + place.end });
        if parts.len() > MOST_PARTS {
            return None;
        }
    }
    (parts.len() >= 2).then_some(parts)
}

/// The pieces between commas, `and`, `+`, `/` and `|`. A comma between digits belongs to a number.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for sign in [", and ", ", ", "; ", " and ", " + ", " | ", " / ", " & "] {
        if text.contains(sign) && pieces.is_empty() {
            let mut at = 0;
            for piece in text.split(sign) {
                pieces.push(at..at + piece.len());
                at += piece.len() + sign.len();
            }
            // `a, b and c`: the last comma piece may hold two.
            if sign == ", " {
                let last = pieces.pop().unwrap_or(0..text.len());
                match text[last.clone()].find(" and ") {
                    Some(and) => pieces.extend([last.start..last.start + and, last.start + and + 5..last.end]),
                    None => pieces.push(last),
                }
            }
            from = at;
        }
    }
    if from == 0 {
        pieces.push(0..text.len());
    }
    pieces
}

/// Do the parts exclude each other and leave nothing out: passed and failed, enabled and disabled?
fn is_closed(parts: &[Named]) -> bool {
    let kinds: Vec<Option<Part>> = parts.iter().map(|part| words::part(&part.noun)).collect();
    let outcomes = kinds.iter().all(|kind| matches!(kind, Some(Part::Passed | Part::Failed | Part::Other)));
    let both = kinds.contains(&Some(Part::Passed)) && kinds.iter().any(|kind| *kind != Some(Part::Passed));
    let state = |part: &Named| part.noun.last().cloned().unwrap_or_default();
    let pair = match parts {
        [one, other] => {
            let (one, other) = (state(one), state(other));
            PAIRS.iter().any(|[a, b]| one == *a && other == *b || one == *b && other == *a)
        }
        _ => false,
    };
    outcomes && both || pair
}

/// Do two or more of the parts make the whole?
fn some_make(parts: &[Number], whole: &Number) -> bool {
    (0..1_u32 << parts.len()).filter(|chosen| chosen.count_ones() >= 2).any(|chosen| {
        let with = parts.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, part)| part.clone());
        with.sum::<Number>() == *whole
    })
}

fn judge(whole: &Number, parts: &[Number], anchors: Vec<Anchor>, at_most: Level, sink: &mut Sink<'_, '_>) {
    let sum: Number = parts.iter().cloned().sum();
    let verdict = Verdict::of(some_make(parts, whole));
    sink.judge(verdict, || Draft {
        message: format!("{} parts make {}, the whole says {}", parts.len(), count(&sum), count(whole)),
        claimed: count(whole),
        recomputed: count(&sum),
        readings: &["all parts", "some of them"],
        anchors,
        at_most,
    });
}

/// `Total: 20`, `Passed: 15`, `Failed: 5` as items or lines.
fn labels(view: &View<'_>, blocks: &[usize], sink: &mut Sink<'_, '_>) {
    // Nearly no label names a part, and to look for numbers costs more.
    let named = |block: &usize| Some((part_of(view, *block)?, counted(view, *block)?));
    let found: Vec<(Part, Count)> = blocks.iter().filter_map(named).collect();
    let of = |wanted: Part| found.iter().filter(move |(part, _)| *part == wanted).map(|(_, count)| count);
    let (mut totals, mut passed, mut failed) = (of(Part::Total), of(Part::Passed), of(Part::Failed));
    let (Some(total), Some(passed_one), Some(failed_one)) = (totals.next(), passed.next(), failed.next()) else {
        return;
    };
    if totals.next().is_some() || passed.next().is_some() || failed.next().is_some() {
        return;
    }
    let parts: Vec<&Count> = [passed_one, failed_one].into_iter().chain(of(Part::Other)).take(MOST_PARTS).collect();
    let counts: Vec<Number> = parts.iter().map(|part| part.count.clone()).collect();
    if !some_make(&counts, &total.count) && others_may_close(view, blocks, &counts, &total.count) {
        sink.skip("labelled results beside others that may belong to them");
        return;
    }
    let anchors = std::iter::once(total).chain(parts).map(|count| count.anchor.clone()).collect();
    judge(&total.count, &counts, anchors, Level::Error, sink);
}

/// May items beside the parts be outcomes of a name that we do not know (`Not run: 5`), or ones without a count?
fn others_may_close(view: &View<'_>, blocks: &[usize], parts: &[Number], total: &Number) -> bool {
    let unknown = blocks.iter().filter(|block| part_of(view, **block).is_none());
    let unknown = unknown.filter_map(|block| Some(counted(view, *block)?.count));
    let more: Vec<Number> = parts[2..].iter().cloned().chain(unknown).take(MOST_PARTS).collect();
    let sure = &parts[0] + &parts[1];
    let closes = some_partition(&sure, &more.iter().collect::<Vec<_>>(), total);
    let left_out = |block: &usize| {
        view.label(*block).is_some_and(|labelled| {
            let label = view.text(*block)[labelled.label.clone()].to_lowercase();
            words::LEFT_OUT.iter().any(|word| label.contains(word)) && view.behind(*block, labelled).next().is_none()
        })
    };
    closes || blocks.iter().any(left_out)
}

/// The part that the label of a line names.
fn part_of(view: &View<'_>, block: usize) -> Option<Part> {
    words::part(&view.label_words(view.label(block)?))
}

/// A count behind a label.
struct Count {
    count: Number,
    anchor: Anchor,
}

/// The count of a labelled line.
fn counted(view: &View<'_>, block: usize) -> Option<Count> {
    let labelled = view.label(block)?;
    let text = view.text(block);
    let mention = view.behind(block, labelled).next()?;
    let Stated::Number(printed) = &mention.stated else { return None };
    let first = !text[labelled.value.start..mention.span.start].contains(char::is_alphanumeric);
    (first && printed.exact && mention.kind() == Kind::Count)
        .then(|| Count { count: printed.value().clone(), anchor: view.anchor(block, mention.span.clone()) })
}

/// Labelled paragraphs that follow each other without anything between them.
fn labelled_lines(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    let mut run: Vec<usize> = Vec::new();
    for (index, block) in view.document.blocks.iter().enumerate() {
        let goes_on = block.kind == BlockKind::Paragraph && view.label(index).is_some();
        if goes_on && run.last().is_none_or(|last| view.block(*last).scope == block.scope) {
            run.push(index);
            continue;
        }
        if run.len() >= 3 {
            labels(view, &run, sink);
        }
        run.clear();
        if goes_on {
            run.push(index);
        }
    }
    if run.len() >= 3 {
        labels(view, &run, sink);
    }
}
