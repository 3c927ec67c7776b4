//! Findings for a terminal: the line with a mark below what is claimed, the lines it rests on, and how much was checked.

use std::fmt::Write as _;
use std::sync::LazyLock;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Rank, Origin, Renderer, Snippet};
use regex::Regex;

use super::files::{Finding, Read, Spot};
use crate::model::captured::in_place;
use crate::model::format::{and_list, plural};
use crate::proofread::{Coverage, Level};

/// So many lines that a finding rests on are shown.
const MOST_LINES: usize = 4;
/// So many of the numbers that it rests on are marked in one line.
const MOST_MARKS: usize = 20;
/// A longer line is shown around its mark only.
const WIDEST: usize = 160;
/// Of a line of more bytes only the place is shown: to look for what to show of it takes as long as it is.
const LONGEST: usize = 32 << 10;

/// Every finding that is shown at this gate, then what was looked at.
pub(super) fn render(read: &Read, gate: Level, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDEST);
    let mut text = String::new();
    for (path, finding) in read.shown(gate) {
        text.push_str(&further_lines(&renderer.render(&[group(path, finding)])));
        text.push_str("\n\n");
    }
    for file in &read.files {
        if let Some(note) = file.note {
            let _ = writeln!(text, "{}: {note}", in_place(&file.path));
        }
    }
    text.push_str(&summary(read, gate));
    text
}

fn group<'a>(path: &str, finding: &'a Finding) -> Group<'a> {
    let rank = match finding.level {
        Level::Error => Rank::ERROR,
        Level::Warning => Rank::WARNING,
        Level::Info | Level::Off => Rank::INFO,
    };
    let mut group = Group::with_title(rank.primary_title(in_place(&finding.message)).id(finding.rule));
    let path = in_place(path);
    let mut lines: Vec<(u32, Vec<&Spot>)> = Vec::new();
    for spot in &finding.spots {
        let room = lines.len() < MOST_LINES;
        match lines.iter_mut().find(|(line, _)| *line == spot.line) {
            Some((_, spots)) if spots.len() < MOST_MARKS => spots.push(spot),
            None if room => lines.push((spot.line, vec![spot])),
            Some(_) | None => {}
        }
    }
    for (index, (line, spots)) in lines.iter().enumerate() {
        let source = &*spots[0].source;
        if source.len() > LONGEST {
            let place = Origin::path(path.clone()).line(*line as usize).char_column(spots[0].column as usize);
            group = group.element(place);
            continue;
        }
        let marks = spots.iter().enumerate().map(|(at, spot)| {
            let kind = if index == 0 && at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(marked(source, spot))
        });
        group = group.element(
            Snippet::source(in_place(source)).line_start(*line as usize).path(path.clone()).annotations(marks),
        );
    }
    if finding.readings.is_empty() {
        return group;
    }
    let word = if finding.level == Level::Info { "true when read as" } else { "not true when read as" };
    group.element(Rank::NOTE.message(format!("{word}: {}", finding.readings.join("; "))))
}

/// Before a further place the renderer writes `:::`, which a CI system could take for a command.
fn further_lines(rendered: &str) -> String {
    static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?m)^((?:\s|\x1b\[[0-9;]*m)*):::").ok());
    MARK.as_ref().map_or_else(|| rendered.to_owned(), |mark| mark.replace_all(rendered, "$1-->").into_owned())
}

/// Where a spot stands in its line as shown, in bytes.
fn marked(source: &str, spot: &Spot) -> std::ops::Range<usize> {
    let byte = |column: u32| {
        let before: String =
            source.chars().filter(|c| *c != '\u{feff}').take(column.saturating_sub(1) as usize).collect();
        in_place(&before).len()
    };
    let end = if spot.end_line == spot.line { byte(spot.end_column) } else { in_place(source).len() };
    let start = byte(spot.column);
    start..end.max(start)
}

/// `checked 41 relations in 3 files, 3 not checked (2 a column ...): 1 error, 2 warnings`.
pub(super) fn summary(read: &Read, gate: Level) -> String {
    let coverage = read.coverage();
    let files = read.files.iter().filter(|file| file.read).count();
    let counts =
        |level| read.findings().filter(|(_, finding)| finding.allowed.is_none() && finding.level == level).count();
    let mut found = vec![
        plural(counts(Level::Error) as u64, "error", "errors"),
        plural(counts(Level::Warning) as u64, "warning", "warnings"),
    ];
    if gate == Level::Info {
        found.push(plural(counts(Level::Info) as u64, "for information", "for information"));
    }
    let allowed = read.findings().filter(|(_, finding)| finding.allowed.is_some()).count();
    if allowed > 0 {
        found.push(plural(allowed as u64, "allowed", "allowed"));
    }
    format!(
        "checked {} in {}{}: {}\n",
        plural(coverage.relations(), "relation", "relations"),
        plural(files as u64, "file", "files"),
        left(&coverage),
        and_list(&found)
    )
}

/// `, 3 not checked (2 × a column with estimates; 1 × ...)`.
fn left(coverage: &Coverage) -> String {
    if coverage.left() == 0 {
        return String::new();
    }
    let reasons = coverage.not_checked.iter().map(|((_, reason), count)| format!("{count} × {reason}"));
    format!(", {} not checked ({})", coverage.left(), reasons.collect::<Vec<_>>().join("; "))
}
