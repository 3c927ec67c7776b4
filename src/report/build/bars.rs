//! Scores and coverage as text and as bars of 200 units.

use super::words;
use crate::model::format;
use crate::model::judgement::{AreaResult, Coverage, Overall};
use crate::model::number::Number;
use crate::report::view::{Bar, BarPart, Figures};

const WIDTH: u32 = 200;

pub(super) fn of_area(result: &AreaResult) -> Figures {
    let figures =
        figures(result.score.as_ref(), result.score_with_waivers.as_ref(), &result.coverage, &result.arithmetic);
    if result.covered().is_some() { figures } else { uncovered(figures) }
}

/// Where there is nothing to score, nothing is missing.
fn uncovered(figures: Figures) -> Figures {
    let said = "nothing is scored".to_owned();
    let bar = Bar { description: said.clone(), parts: Vec::new() };
    Figures { coverage: words::NOTHING.to_owned(), coverage_parts: said, coverage_bar: bar, ..figures }
}

pub(super) fn of_all(overall: &Overall) -> Figures {
    figures(overall.score.as_ref(), overall.score_with_waivers.as_ref(), &overall.coverage, &overall.arithmetic)
}

/// What is shown of an area the judge said nothing about.
pub(super) fn unknown() -> Figures {
    let coverage = Coverage { measured: Number::zero(), attested: Number::zero(), missing: Number::zero() };
    uncovered(figures(None, None, &coverage, ""))
}

fn figures(score: Option<&Number>, waived: Option<&Number>, coverage: &Coverage, arithmetic: &str) -> Figures {
    let with_waivers = waived.filter(|waived| score != Some(*waived)).map(format::score);
    let coverage_parts = coverage_parts(coverage);
    Figures {
        score: score.map_or_else(|| words::NOTHING.to_owned(), format::score),
        score_with_waivers: with_waivers,
        coverage: format::percent(&coverage.covered()),
        bar: score_bar(score, waived),
        coverage_bar: coverage_bar(coverage, &coverage_parts),
        coverage_parts,
        arithmetic: arithmetic.to_owned(),
    }
}

fn coverage_parts(coverage: &Coverage) -> String {
    let parts = [("measured", &coverage.measured), ("attested", &coverage.attested), ("missing", &coverage.missing)];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(word, share)| *word == "measured" || !share.is_zero())
        .map(|(word, share)| format!("{} {word}", format::percent(share)))
        .collect();
    format::and_list(&said)
}

/// Tone of a score: where a reader should look, not a rule of the verdict.
pub(super) fn tone(score: &Number) -> &'static str {
    if *score >= Number::from(8) {
        "good"
    } else if *score >= Number::from(5) {
        "warn"
    } else {
        "bad"
    }
}

fn score_bar(score: Option<&Number>, waived: Option<&Number>) -> Bar {
    let Some(score) = score else {
        return Bar { description: "no score".to_owned(), parts: Vec::new() };
    };
    let share = |number: &Number| number.over(&Number::from(10)).unwrap_or_else(Number::zero);
    let mut description = format!("{} of 10", format::score(score));
    let mut lengths = vec![(share(score), tone(score))];
    if let Some(waived) = waived.filter(|waived| *waived > score) {
        description.push_str(&format!(", {} with waivers", format::score(waived)));
        lengths.push((share(waived) - share(score), "waived"));
    }
    Bar { description, parts: parts(&lengths) }
}

fn coverage_bar(coverage: &Coverage, description: &str) -> Bar {
    let lengths = [(coverage.measured.clone(), "good"), (coverage.attested.clone(), "attested")];
    Bar { description: description.to_owned(), parts: parts(&lengths) }
}

/// Lays lengths (shares of the whole) end to end.
fn parts(lengths: &[(Number, &str)]) -> Vec<BarPart> {
    let mut at = Number::zero();
    let mut parts = Vec::new();
    for (share, tone) in lengths {
        let width = share * &Number::from(WIDTH);
        if !width.is_zero() && !width.is_negative() {
            parts.push(BarPart { x: at.to_rounded(1), width: width.to_rounded(1), tone: (*tone).to_owned() });
        }
        at = at + width;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_score_and_a_waiver_only_adds_to_it() {
        let bar = score_bar(Some(&"7.5".parse().unwrap()), Some(&"9".parse().unwrap()));
        assert_eq!(bar.description, "7.5 of 10, 9.0 with waivers");
        let drawn: Vec<(&str, &str, &str)> = bar.parts.iter().map(|p| (&*p.x, &*p.width, &*p.tone)).collect();
        assert_eq!(drawn, [("0", "150", "warn"), ("150", "30", "waived")]);
    }

    #[test]
    fn nothing_scored_draws_nothing() {
        assert_eq!(score_bar(None, None).parts, []);
        let none = unknown();
        assert_eq!((none.score.as_str(), none.coverage.as_str(), none.coverage_bar.parts.len()), ("–", "–", 0));
    }
}
