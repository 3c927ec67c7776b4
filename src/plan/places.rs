//! Can what stands at a place be held against a fact at all? And where in the audit file does a part of a locator stand?
//! Only what is certain before the document is read.

use std::ops::Range;

use super::fits::what;
use super::node::Span;
use crate::model::fact::FactType;
use crate::proofread::locator::{Locator, Part, Target};

/// What a place cannot be held against, and because of which part of its locator.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The key of that part in a mapping.
    pub key: &'static str,
    /// That part in the short form; empty when the whole is meant.
    pub short: String,
    /// A lower-case fragment.
    pub message: String,
    /// A sentence; `None` where leaving that part out would do.
    pub help: Option<String>,
}

/// What must be wrong about holding what stands at a place against a fact of that name and type.
pub(super) fn misfit(locator: &Locator, name: &str, fact_type: FactType, score: bool) -> Option<Misfit> {
    let against = if score { "a score" } else { what(fact_type) };
    let wrong = |key, short: String, noun: &str, help: Option<&str>| {
        let message = format!("{noun} cannot be held against \"{name}\", {against}");
        Some(Misfit { key, short, message, help: help.map(str::to_owned) })
    };
    match &locator.target {
        Target::Table(_) => {
            let help = "Name a cell, `[row|column]`; or claim the table itself with `table:`.";
            return wrong("table", "@table".to_owned(), "a whole table", Some(help));
        }
        Target::Rows { .. } if !matches!(fact_type, FactType::Count | FactType::Number | FactType::Text) => {
            let help = "Name a cell, `[row|column]`, or a label.";
            return wrong("count", "@rows".to_owned(), "a count of rows", Some(help));
        }
        _ => {}
    }
    if let Some(part) = locator.part.filter(|part| !part_fits(*part, fact_type, score)) {
        return wrong("part", format!(":{}", part.as_str()), part_in_words(part), None);
    }
    let kind = locator.to_fields().kind.filter(|kind| !kind_fits(kind, fact_type, score))?;
    wrong("kind", format!(":kind={kind}"), kind_in_words(&kind), None)
}

fn part_fits(part: Part, fact_type: FactType, score: bool) -> bool {
    use FactType::{Count, Flag, List, Number, Ratio, Table, Text};
    match part {
        Part::Percent => !score && matches!(fact_type, Ratio | Number | Text),
        Part::Numerator | Part::Denominator => matches!(fact_type, Count | Number | Text),
        Part::Low | Part::High => !matches!(fact_type, Flag | List | Table),
        Part::Text => true,
    }
}

/// By the word that names the kind; of one that is not told here nothing is certain.
fn kind_fits(kind: &str, fact_type: FactType, score: bool) -> bool {
    use FactType::{Bytes, Count, Duration, Instant, Number, Ratio, Text};
    let any = match kind {
        "percent" => !score && matches!(fact_type, Ratio | Number),
        "fraction" | "score" => matches!(fact_type, Count | Number | Ratio),
        "duration" => !score && matches!(fact_type, Duration | Number),
        "bytes" => !score && matches!(fact_type, Bytes | Number),
        "time" => matches!(fact_type, Instant | Duration),
        _ => true,
    };
    any || fact_type == Text
}

fn part_in_words(part: Part) -> &'static str {
    match part {
        Part::Numerator => "a numerator",
        Part::Denominator => "a denominator",
        Part::Percent => "a percentage",
        Part::Low => "the low end of a range",
        Part::High => "the high end of a range",
        Part::Text => "a text",
    }
}

fn kind_in_words(kind: &str) -> &'static str {
    match kind {
        "percent" => "a percentage",
        "fraction" => "a fraction",
        "score" => "a score",
        "duration" => "a length of time",
        "bytes" => "a size",
        "time" => "a time",
        _ => "a number of that kind",
    }
}

/// Where bytes of a value stand in the source. The value may differ from it by quotes, escapes and filled-in variables:
/// what both have in common at the beginning and at the end has its place, all else is the whole.
pub(super) fn inside(source: &str, value: &str, part: Range<usize>, whole: Span) -> Span {
    let quoted = ['"', '\'']
        .into_iter()
        .find(|quote| source.len() > 1 && source.starts_with(*quote) && source.ends_with(*quote));
    let quotes = usize::from(quoted.is_some());
    let inner = source.get(quotes..source.len() - quotes).unwrap_or(source);
    let same = |(a, b): &(char, char)| a == b;
    let before: usize = inner.chars().zip(value.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let after: usize = inner.chars().rev().zip(value.chars().rev()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let byte = |at: usize| u32::try_from(at).unwrap_or(0);
    let place = |start: usize, end: usize| Span {
        file: whole.file,
        start: whole.start + byte(quotes + start),
        end: whole.start + byte(quotes + end),
    };
    let from_end = |at: usize| (at + inner.len()).checked_sub(value.len());
    if part.end <= before {
        place(part.start, part.end)
    } else if let (true, Some(start), Some(end)) =
        (part.start + after >= value.len(), from_end(part.start), from_end(part.end))
    {
        place(start, end)
    } else {
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locator(text: &str) -> Locator {
        Locator::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"))
    }

    fn about(short: &str, fact_type: FactType) -> Option<Misfit> {
        misfit(&locator(short), "up", fact_type, false)
    }

    #[test]
    fn a_part_that_no_fact_of_the_type_can_equal_does_not_fit() {
        for (short, fact_type, part) in [
            ("a.md#x:percent", FactType::Count, ":percent"),
            ("a.md#x:numerator", FactType::Ratio, ":numerator"),
            ("a.md#x:denominator", FactType::Duration, ":denominator"),
            ("a.md#x:low", FactType::Flag, ":low"),
            ("a.md#x:kind=bytes", FactType::Duration, ":kind=bytes"),
            ("a.md#x:kind=time", FactType::Count, ":kind=time"),
            ("a.md#@rows", FactType::Ratio, "@rows"),
            ("a.md#x/@table", FactType::Count, "@table"),
        ] {
            assert_eq!(about(short, fact_type).map(|misfit| misfit.short).as_deref(), Some(part), "{short}");
        }
        assert!(misfit(&locator("a.md#x:percent"), "score", FactType::Number, true).is_some());
    }

    #[test]
    fn what_may_be_equal_fits() {
        for (short, fact_type) in [
            ("a.md#x:percent", FactType::Ratio),
            ("a.md#x:denominator", FactType::Count),
            ("a.md#x:kind=fraction", FactType::Ratio),
            ("a.md#x:kind=bytes", FactType::Number),
            ("a.md#x:text", FactType::Instant),
            ("a.md#@rows", FactType::Count),
            ("a.md#x", FactType::Flag),
        ] {
            assert_eq!(about(short, fact_type), None, "{short}");
        }
        assert!(misfit(&locator("a.md#x:kind=score"), "score", FactType::Number, true).is_none());
    }

    /// The part of the source that is meant.
    fn shown<'a>(source: &'a str, value: &str, part: &str) -> &'a str {
        let whole = Span { file: 0, start: 0, end: u32::try_from(source.len()).expect("short") };
        let start = value.find(part).expect("a part");
        let span = inside(source, value, start..start + part.len(), whole);
        &source[span.start as usize..span.end as usize]
    }

    #[test]
    fn a_part_of_a_locator_is_shown_where_it_stands_in_the_file() {
        assert_eq!(shown("a.md#x:second", "a.md#x:second", ":second"), ":second");
        assert_eq!(shown("\"a.md#é:second\"", "a.md#é:second", ":second"), ":second");
        assert_eq!(shown("'${DOCS}/a.md#x:second'", "docs/of/mine/a.md#x:second", ":second"), ":second");
        assert_eq!(shown("a.md#x:second/${WHAT}", "a.md#x:second/y", ":second"), ":second");
        assert_eq!(shown("'it''s.md#x:second'", "it's.md#x:second", ":second"), ":second");
    }

    #[test]
    fn what_a_variable_brought_is_shown_as_the_whole() {
        assert_eq!(shown("a.md#${WHAT}/y", "a.md#x:second/y", ":second"), "a.md#${WHAT}/y");
        assert_eq!(shown("\"${A}\"", "a:2:2a", ":2:2"), "\"${A}\"");
    }
}
