//! Problems as a reader sees them: header, place, source line, caret, help. Source lines are hostile text: what could
//! move the cursor or hide is shown as a replacement of the same width.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Rank, Origin, Renderer, Snippet};

use super::problem::{Level, Problem, Problems};
use crate::model::captured::in_place as visible;

/// All of them, each followed by an empty line.
pub(super) fn problems(problems: &Problems, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for problem in &problems.list {
        let source = problems.sources.get(problem.span.file as usize).map_or("", |(_, text)| text.as_str());
        text.push_str(&renderer.render(&[group(problem, source)]));
        text.push_str("\n\n");
    }
    text
}

fn group<'a>(problem: &'a Problem, source: &'a str) -> Group<'a> {
    let rank = match problem.level {
        Level::Error => Rank::ERROR,
        Level::Warning => Rank::WARNING,
    };
    let title = rank.primary_title(visible(&problem.message)).id(problem.code.as_str());
    let file = visible(&problem.file.display().to_string());
    let help = Rank::HELP.message(visible(&problem.help));
    if problem.line == 0 {
        return title.element(Origin::path(file)).element(help);
    }
    let start = problem.span.start as usize;
    let from = source.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let line = source.get(from..).unwrap_or_default().lines().next().unwrap_or_default();
    let inside =
        |byte: usize| line.get(..byte.saturating_sub(from).min(line.len())).map_or(0, |head| visible(head).len());
    let end = (problem.span.end as usize).max(start);
    let annotation = AnnotationKind::Primary.span(inside(start)..inside(end));
    let snippet = Snippet::source(visible(line)).line_start(problem.line as usize).path(file).annotation(annotation);
    title.element(snippet).element(help)
}
