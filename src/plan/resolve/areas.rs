//! Areas.

use super::checks::Waiting;
use super::{Resolver, in_words};
use crate::model::audit::{Area, Confidence, Method};
use crate::model::number::Number;
use crate::plan::collect::{AreaRead, given};
use crate::plan::decode::{Choice, join};
use crate::plan::idle::Mark;
use crate::plan::node::clip;
use crate::plan::problem::Code;
use crate::plan::written::{AreaWritten, ConfidenceWritten};
use crate::plan::{Patience, Plan};

/// Results, names in prose and answers that belong to no area go by these.
const TAKEN: [&str; 3] = ["claims", "overall", "verdict"];

impl Resolver<'_> {
    pub(super) fn area(&mut self, read: AreaRead, patience: Patience, plan: &mut Plan, waiting: &mut Vec<Waiting>) {
        let AreaRead { written, path, checks } = read;
        let at = |key: &str| join(&path, key);
        let AreaWritten { area, title, category, weight, method, claim, .. } = written;
        let method = method.map_or(Method::Weighted, |Choice(method)| method);
        let id = self.id(&area, &at("area"));
        if TAKEN.contains(&area.as_str()) {
            let message = format!("an area cannot be called \"{}\"", clip(&area));
            let help = "What is no area goes by that name, in prose and in what CI reads: `claims` are those of the list, \
                        `overall` is the whole, `verdict` its rules. Choose another one; the title may be any.";
            self.wrong(&area, &at("area"), Code::InvalidId, message, help);
        }
        let claims = claim.map(|claims| self.score_claims(claims, &at("claim"))).unwrap_or_default();
        let weight = weight.and_then(|text| self.above_zero(&text, &at("weight")));
        let confidence = written.confidence.map(|ConfidenceWritten { value, why }| Confidence {
            value: self.score(&value, &at("confidence.value")).unwrap_or_else(Number::zero),
            why: self.prose(why, &at("confidence.why")),
        });
        let assessment = self.prose(written.assessment, &at("assessment"));
        let rationale = self.proses(written.rationale.0, &at("rationale"));
        let concerns = self.proses(written.concerns.0, &at("concerns"));
        plan.audit.checks.reserve(checks.len());
        for check in checks {
            waiting.extend(self.check(check, &area, method, patience, plan));
        }
        let Some(id) = id else { return };
        self.marks.areas.push(Mark { span: area.span, path: at("area") });
        plan.audit.areas.push(Area {
            title: given(title.as_ref()).unwrap_or_else(|| in_words(&area)),
            id,
            category: given(category.as_ref()),
            weight: weight.unwrap_or_else(Number::one),
            method,
            claims,
            assessment,
            rationale,
            concerns,
            confidence,
        });
    }
}
