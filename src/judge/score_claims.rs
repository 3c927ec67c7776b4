//! Claims about the scores of areas.

use std::collections::BTreeSet;

use super::figures::{Figure, Span, refuted};
use super::quoted;
use crate::model::audit::Audit;
use crate::model::claim::Claim;
use crate::model::fact::{Direction, Value};
use crate::model::format::{self, shortened};
use crate::model::id::{CheckId, Id};
use crate::model::judgement::{AreaResult, ClaimStatus, ScoreClaim};
use crate::model::number::Number;
use crate::model::printed::Qualifier;
use crate::model::quote::Places;

/// Each claim about an area's score beside the raw score. An area of which checks were left out has none to compare with.
pub(super) fn compare(
    audit: &Audit,
    results: &[AreaResult],
    places: &Places,
    left_out: &[&CheckId],
) -> Vec<ScoreClaim> {
    let in_part: BTreeSet<&Id> = left_out.iter().map(|check| &check.area).collect();
    let mut compared = Vec::new();
    for (area, result) in audit.areas.iter().zip(results) {
        for (number, claim) in (0_u32..).zip(&area.claims) {
            let score = match &result.score {
                _ if in_part.contains(&area.id) => Err("checks of this area were left out of the run"),
                Some(score) => Ok(score),
                None => Err("nothing was scored in this area"),
            };
            let (status, reason) = one(claim, places, score);
            compared.push(ScoreClaim { area: area.id.clone(), claim: number, status, reason });
        }
    }
    compared
}

fn one(claim: &Claim, places: &Places, score: Result<&Number, &str>) -> (ClaimStatus, String) {
    let said = match quoted::said(claim, places) {
        Ok(quoted) => quoted.meant(),
        Err(nothing) => return (nothing.status, nothing.reason),
    };
    let written = shortened(&said, 60);
    let score = match score {
        Ok(score) => score,
        Err(why) => return (ClaimStatus::Unverified, why.to_owned()),
    };
    let measured = Value::Number(score.clone());
    let figure = match Figure::read(&said, &measured, claim.tolerance.as_ref()) {
        Ok(figure) if figure.printed.unit == measured_unit() => figure,
        Ok(_) => return (ClaimStatus::Unverified, format!("\"{written}\" is not a score")),
        Err(reason) => return (ClaimStatus::Unverified, reason),
    };
    // `98/100` is a score out of 100: ours is set beside it on the same scale.
    let scale = figure.printed.out_of.clone().and_then(|out_of| out_of.over(&Number::from(10)));
    let score = scale.map_or_else(|| score.clone(), |scale| score * &scale);
    let status = match figure.against(&Span::point(&score), Direction::Higher) {
        // "9/10" is a rounded figure, not a count of things.
        status if status.is_refuted() && figure.printed.exact && rounds(&figure, &score) => ClaimStatus::Rounds,
        status => status,
    };
    let status = match status {
        // Nothing is rounded into everything, nor into nothing.
        ClaimStatus::Rounds | ClaimStatus::Truncated if says_all_or_nothing(&figure, &score) => {
            refuted(figure.nearest(&Span::point(&score)) > &score, Direction::Higher)
        }
        status => status,
    };
    let ours = format::score(&score);
    let reason = match status {
        ClaimStatus::Exact => format!("{written} was claimed, and the score is {ours}"),
        status if status.is_upheld() => {
            format!("{written} was claimed, and the score is {}", format::rounded(&score, 10, 3))
        }
        _ => {
            let distance = figure.distance(&Span::point(&score));
            format!("{written} was claimed and the score is {ours}, {} apart", format::score(&distance))
        }
    };
    (status, reason)
}

const fn measured_unit() -> crate::model::fact::Unit {
    crate::model::fact::Unit::One
}

/// Is the claimed number the highest or the lowest score there is, and the score another?
fn says_all_or_nothing(figure: &Figure, score: &Number) -> bool {
    let (claimed, highest) = (figure.nearest(&Span::point(score)), Number::from(10));
    let highest = figure.printed.out_of.as_ref().unwrap_or(&highest);
    figure.printed.qualifier == Qualifier::Plain && (claimed.is_zero() || claimed == highest) && claimed != score
}

fn rounds(figure: &Figure, score: &Number) -> bool {
    let twice = figure.distance(&Span::point(score)) * Number::from(2);
    twice <= Number::one()
}
