//! `count-items`: how many things a line announces, against how many the list below it has.

use std::ops::Range;

use crate::proofread::document::{BlockKind, ScopeKind};
use crate::proofread::finding::Level;
use crate::proofread::lists::List;
use crate::proofread::relation::Verdict;
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::View;
use crate::proofread::words::{self, Words, is_among};

/// Numbers in words, from two on.
const NUMBERS: [&str; 11] =
    ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
/// Larger lists are written down in part.
const MOST: usize = 50;
/// So many words may stand between the number and the end of the noun.
const LONGEST_NOUN: usize = 4;

/// What may stand between a verb and the number.
static FILLS: Words = Words::of("the only just exactly currently generally basically mainly also now its our main");
/// Verbs whose object is what is listed.
static HAS: Words = Words::of(
    "has have had supports support provides provide offers offer includes include contains contain comprises \
     comprise defines define exposes expose requires require needs need adds add takes take accepts accept \
     introduces introduce implements implement exports export knows recognizes recognises distinguishes fixes found \
     identified reviewed raised uses use serves performs involves resolves lists",
);
/// Pairs of words that announce as well.
const PAIRS: [[&str; 2]; 21] = [
    ["there", "are"],
    ["there", "were"],
    ["consists", "of"],
    ["consist", "of"],
    ["composed", "of"],
    ["one", "of"],
    ["any", "of"],
    ["split", "into"],
    ["divided", "into"],
    ["grouped", "into"],
    ["falls", "into"],
    ["fall", "into"],
    ["organized", "into"],
    ["comes", "in"],
    ["come", "in"],
    ["ships", "with"],
    ["comes", "with"],
    ["come", "with"],
    ["distributed", "under"],
    ["licensed", "under"],
    ["broken", "into"],
];
/// `in two ways:`
static WAYS: Words =
    Words::of("ways forms steps stages phases parts cases situations modes variants flavors flavours categories");
/// Nouns that name no things one by one.
static MEASURES: Words = Words::of(
    "seconds secs minutes mins hours days weeks months years times bytes bits points percents pixels characters digits \
     spaces dollars euros users cpus cores vcpus threads others",
);
/// Nouns in the plural without an s.
static IRREGULAR: Words = Words::of("criteria phenomena people children indices");
/// Words that begin what is said of the noun.
static OPENERS: Words =
    Words::of("to for that which who when where of in available supported used listed are were as below");
/// Of these what stands at the end of the line may be the object: `two crates that provide:`.
static RELATIVE: Words = Words::of("that which who when where");
/// Nouns of which `to` says what for, however short: `two ways to install:`.
static MEANS: Words = Words::of("ways options methods steps choices things reasons possibilities alternatives");
/// Words behind the noun with which something else is listed.
static ELSEWHERE: Words = Words::of("following these those with by using below each per every both include including");
/// No line about what is listed ends with one.
static PREPOSITIONS: Words = Words::of("for to of in on at by with from as into like via is are was were be");
/// Words with which an item is none of those that were announced.
static BESIDE: Words = Words::of(
    "note notes optional optionally bonus also alternatively plus finally or additionally returns see all default \
     otherwise",
);
/// Words of what is not there yet, or no longer.
static NOT_NOW: Words =
    Words::of("planned soon future todo wip deprecated removed experimental unsupported obsolete upcoming optional");

/// How many of something a line announces.
struct Announced<'a> {
    number: usize,
    /// As written, with the noun.
    text: &'a str,
    span: Range<usize>,
}

/// Holds the number in a line that ends with a colon against the list below it.
pub(super) fn count_items(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for (index, list) in view.lists().iter().enumerate() {
        let Some(lead) = list.lead.filter(|lead| !list.in_code && list.items.len() >= 2 && leads(view, *lead, list))
        else {
            continue;
        };
        let Some(said) = announced(view.text(lead)).filter(|said| !view.block(lead).shown.is_code(said.span.start))
        else {
            continue;
        };
        let listed = list.items.len();
        if said.number != listed
            && let Some(reason) = may_be_another(view, index, said.number)
        {
            sink.skip(reason);
            continue;
        }
        sink.judge(Verdict::of(said.number == listed), || Draft {
            message: format!("\"{}\" are announced, {listed} are listed", said.text),
            claimed: said.text.to_owned(),
            recomputed: listed.to_string(),
            readings: &["number of items"],
            anchors: std::iter::once(view.anchor(lead, said.span.clone()))
                .chain([list.items.first(), list.items.last()].into_iter().flatten().map(|item| view.whole(*item)))
                .collect(),
            at_most: Level::Warning,
        });
    }
}

/// Does the line belong to the list: in the same place, or as the item that it stands in?
fn leads(view: &View<'_>, lead: usize, list: &List) -> bool {
    let block = view.block(lead);
    let scope = list.items.first().and_then(|item| view.block(*item).scope);
    let opens = scope.is_some_and(|scope| view.document.scopes[scope].start == block.shown.start());
    match block.kind {
        BlockKind::Paragraph => opens || scope == block.scope,
        BlockKind::Item => opens,
        _ => false,
    }
}

/// `supports three modes:`, `There are two ways to install it:`; `None` for a line that may be about something else.
fn announced(text: &str) -> Option<Announced<'_>> {
    let line = text.trim_end().strip_suffix(':')?;
    let from = line.rfind(['.', ',', ';', ':', '!', '?', '(', ')', '"', '—', '–']).map_or(0, |at| at + 1);
    let clause = line.get(from..).or_else(|| line.get(from + 2..))?;
    let words: Vec<&str> = clause.split_whitespace().collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let mut numbers = lower.iter().enumerate().filter_map(|(at, word)| Some((at, number(word)?)));
    let (at, number) = numbers.next().filter(|(_, number)| (2..=MOST).contains(number))?;
    if numbers.next().is_some() {
        return None;
    }
    let behind = &lower[at + 1..];
    let length = behind.iter().position(|word| is_among(word, &OPENERS)).unwrap_or(behind.len());
    let (phrase, tail) = behind.split_at(length);
    let noun = phrase.last().filter(|noun| phrase.len() <= LONGEST_NOUN && is_plural(noun))?;
    let joined = phrase.iter().any(|word| {
        let other = matches!(&**word, "or" | "and" | "than") || !word.contains(char::is_alphabetic);
        other || is_among(word, &ELSEWHERE) || is_among(word, &PREPOSITIONS)
    });
    let announced = says_no_more(noun, tail) && announces(&lower[..at], noun) || names_all(&lower[..at], tail);
    if joined || is_among(noun, &MEASURES) || !announced {
        return None;
    }
    let offset = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let last = words[at + length];
    let span = offset(words[at])..offset(last) + last.len();
    Some(Announced { number, text: &text[span.clone()], span })
}

/// A whole number, in words or digits.
fn number(word: &str) -> Option<usize> {
    let digits = || word.starts_with(|c: char| c.is_ascii_digit()).then(|| word.parse().ok()).flatten();
    NUMBERS.iter().position(|known| *known == word).map(|at| at + 2).or_else(digits)
}

fn is_plural(noun: &str) -> bool {
    let plural = noun.ends_with('s') && !["ss", "us", "is"].iter().any(|end| noun.ends_with(end));
    noun.starts_with(char::is_alphabetic) && (plural || is_among(noun, &IRREGULAR))
}

/// Do the words behind the noun leave it the thing that is listed?
fn says_no_more(noun: &str, tail: &[String]) -> bool {
    let (Some(opens), Some(last)) = (tail.first(), tail.last()) else { return true };
    let elsewhere = tail.iter().any(|word| is_among(word, &ELSEWHERE));
    let digits = tail.iter().any(|word| word.contains(|c: char| c.is_ascii_digit()));
    let enough = match opens.as_str() {
        _ if is_among(opens, &RELATIVE) => tail.len() >= 4,
        "to" => tail.len() >= 3 || is_among(noun, &MEANS),
        "as" => last == "follows",
        _ => true,
    };
    // `There are three services available:`
    enough && !elsewhere && !digits && !(is_among(last, &PREPOSITIONS))
}

/// `The three gates are:`, and not `The first three`, `The other three`, `The three gates of it are`.
fn names_all(before: &[String], tail: &[String]) -> bool {
    matches!(before, [word] if matches!(&**word, "the" | "these" | "our" | "its" | "their"))
        && matches!(tail, [word] if matches!(&**word, "are" | "were"))
}

/// Do the words before the number announce what follows?
fn announces(before: &[String], noun: &str) -> bool {
    let mut rest = before;
    let (mut following, mut these) = (false, false);
    while let Some((last, others)) = rest.split_last() {
        match last.as_str() {
            "following" => following = true,
            "these" => these = true,
            fill if is_among(fill, &FILLS) => {}
            _ => break,
        }
        rest = others;
    }
    // `Run the following on two hosts:` lists something else.
    if rest.iter().any(|word| matches!(word.as_str(), "following" | "these" | "below" | "not" | "example" | "examples"))
    {
        return false;
    }
    let pair = |pair: &[&str; 2]| rest.len() >= 2 && rest[rest.len() - 2..].iter().eq(pair);
    let last = rest.last().map_or("", String::as_str);
    following
        || is_among(last, &HAS)
        || PAIRS.iter().any(pair)
        || these && rest.is_empty()
        || last == "in" && is_among(noun, &WAYS)
}

/// Why a list of another length may still be what was announced; `None` when it cannot.
fn may_be_another(view: &View<'_>, index: usize, said: usize) -> Option<&'static str> {
    let list = &view.lists()[index];
    let listed = list.items.len();
    if list.items.iter().any(|item| is_open(view.text(*item))) {
        return Some("a list that says that there is more");
    }
    // A part of many, or several in each item.
    if said >= listed * 2 || listed >= said * 2 {
        return Some("a list that may be of something else than was announced");
    }
    if marks(view, list) != Some(listed) {
        return Some("a list with items of several sorts");
    }
    if said > listed {
        let holds_more = |item: &usize| names_several(view.text(*item)) || has_list(view, *item);
        let several = list.items.iter().any(holds_more);
        let scope = view.block(list.items[0]).scope;
        let goes_on =
            view.lists()[index + 1..].iter().any(|other| !other.in_code && view.block(other.items[0]).scope == scope);
        if several || goes_on {
            return Some("a list whose items may hold several things, or that may go on");
        }
    }
    let first_word = |item: usize| {
        let text = view.text(item).trim_start_matches(|c: char| !c.is_alphabetic());
        text[..text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len())].to_lowercase()
    };
    let not_now = |item: usize| words::of(view.text(item)).iter().any(|word| is_among(word, &NOT_NOW));
    let beside = list.items.iter().any(|item| is_among(&first_word(*item), &BESIDE) || not_now(*item));
    (said < listed && beside).then_some("a list with items beside those that were announced")
}

fn is_open(item: &str) -> bool {
    let end = item.trim_end().to_lowercase();
    ["...", "…", "etc.", "etc", " more", "others"].iter().any(|open| end.ends_with(open))
}

/// Does what an item is called name more than one thing: `cron.add / cron.remove`, `(try_)transmute`?
fn names_several(item: &str) -> bool {
    let end = [": ", " - ", " – ", " — ", ". "].iter().filter_map(|sign| item.find(sign)).min().unwrap_or(item.len());
    let name = &item[..end];
    name.contains(['/', '&', '+', ',', '(', '|', '\n'])
        || name.split_whitespace().any(|word| {
            let word = word.to_lowercase();
            number(&word).is_some() || matches!(&*word, "and" | "or" | "to" | "–" | "through" | "both")
        })
}

/// Does another list stand below an item: `Core:` with its commands?
fn has_list(view: &View<'_>, item: usize) -> bool {
    let start = view.block(item).shown.start();
    let below = |list: &List| {
        let scope = view.block(list.items[0]).scope;
        !list.in_code && scope.is_some_and(|scope| view.document.scopes[scope].start == start)
    };
    view.lists().iter().any(below)
}

/// How many items of one sort stand there, by the marks at the beginnings of lines: an item without text has no block, and
/// of what is indented too little nobody knows whose it is. `None` where the marks are of several sorts.
fn marks(view: &View<'_>, list: &List) -> Option<usize> {
    let text = view.document.text();
    let (first, last) = (*list.items.first()?, *list.items.last()?);
    let start = view.block(first).shown.start();
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let head = &text[line..start];
    let indent = head.find(|c: char| !(c.is_whitespace() || c == '>'))?;
    let sort = sort(&head[indent..])?;
    let scope = view.block(first).scope;
    let ends = |block: usize| {
        let block = view.block(block);
        block.kind != BlockKind::Item && (block.scope == scope || !is_inside(view, block.scope, scope))
    };
    let end = (last + 1..view.document.blocks.len()).find(|block| ends(*block));
    let end = end.map_or(text.len(), |block| view.block(block).shown.start());
    let (mut count, mut blank, mut parted, mut before) = (0, 0, false, None);
    for own in text[line..end.max(line)].lines() {
        if own.trim().is_empty() {
            blank += 1;
            continue;
        }
        let Some(behind) = own.strip_prefix(&head[..indent]) else { continue };
        if behind.starts_with('#') {
            break;
        }
        match self::sort(behind) {
            Some(own) if own == sort && blank < 2 && !parted => count += 1,
            Some(_) => return None,
            // A comment, a rule or a text of its own parts two lists.
            None => parted |= behind.starts_with(['<', '*', '_']) || blank > 0 && !behind.starts_with([' ', '\t']),
        }
        blank = 0;
        // All ordinals may be 1; else each is the next.
        if let Some(ordinal) = ordinal(behind) {
            let is_next = before.map_or(ordinal <= 1, |before| ordinal == before || ordinal == before + 1);
            if !is_next {
                return None;
            }
            before = Some(ordinal);
        }
    }
    Some(count)
}

/// Is a scope in another, or the other itself?
fn is_inside(view: &View<'_>, scope: Option<usize>, outer: Option<usize>) -> bool {
    outer.is_none_or(|outer| view.document.path(scope).any(|own| own == outer))
        && scope.is_none_or(|scope| view.document.scopes[scope].kind == ScopeKind::Item || Some(scope) == outer)
}

/// The number that a line begins with as a mark.
fn ordinal(line: &str) -> Option<u32> {
    let digits = &line[..line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len())];
    sort(line).filter(|sort| *sort == '1').and_then(|_| digits.parse().ok())
}

/// The mark that a line begins with: a sign, or `1` for an ordinal.
fn sort(line: &str) -> Option<char> {
    let behind = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let ordinal = behind.len() < line.len();
    let mark = behind.chars().next()?;
    let is_mark = if ordinal { matches!(mark, '.' | ')') } else { matches!(mark, '-' | '*' | '+') };
    let rest = &behind[mark.len_utf8()..];
    let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
    // `* * *` is a rule.
    let rule = !ordinal && rest.contains(mark) && rest.chars().all(|c| c == mark || c.is_whitespace());
    (is_mark && ends && !rule).then_some(if ordinal { '1' } else { mark })
}
