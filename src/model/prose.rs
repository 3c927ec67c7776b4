//! Prose from the audit file: Markdown in which `{{ area.check.fact }}` stands for a measured value.
//!
//! Only names may stand between the braces: no expressions, so that a number in prose is always one that the record has.
//! `\{{` stands for two braces. The names:
//!
//! | name | prints |
//! | --- | --- |
//! | `area.check.fact` | what was measured, `no data` when absent |
//! | `area.check.status` | the status of the check |
//! | `area.check.claim` | its first claim, as written |
//! | `area.score`, `area.coverage` | of one area |
//! | `overall.score`, `overall.coverage` | of the whole |
//! | `verdict` | the verdict |
//! | `rollout.stages`, `rollout.length` | how many stages the rollout has, and how long they take together |
//! | `rollout.starts`, `rollout.ends` | its first start, and when its last stage has soaked; `no data` without a date |
//! | `rollout.STAGE.starts`, `rollout.STAGE.ends`, `rollout.STAGE.percent` | of one stage |
//!
//! Where an area is called `rollout`, names that begin with it mean the area.

use std::ops::Range;

use super::audit::{Audit, Check};
use super::captured;
use super::format;
use super::id::{CheckId, Id};
use super::judgement::Coverage;
use super::near::nearest;
use super::record::{Record, Sight};
use rollout::ROLLOUT;

mod rollout;

const NO_DATA: &str = "no data";
const OVERALL: &str = "overall";
const VERDICT: &str = "verdict";
/// What every area and the whole have.
const FIGURES: [&str; 2] = ["score", "coverage"];
/// What every check has besides its facts.
const OF_A_CHECK: [&str; 2] = ["status", "claim"];

/// Every `{{ name }}` in a text: the bytes from the first brace to the last, and the name. Braces that are never closed
/// on their line come out with the braces in the name, which [`known`] refuses.
pub fn names(text: &str) -> Vec<(Range<usize>, String)> {
    pieces(text)
        .filter_map(|piece| match piece {
            Piece::Name(range, name) => Some((range, name.to_owned())),
            Piece::Text(_) | Piece::Braces => None,
        })
        .collect()
}

/// Is `name` one that [`fill`] can fill? If not, says what is wrong with it and, where one is near, what was meant.
pub fn known(audit: &Audit, name: &str) -> Result<(), String> {
    let parts: Vec<&str> = name.split('.').collect();
    let known = match parts.as_slice() {
        [VERDICT] => Ok(()),
        [OVERALL, figure] => known_figure(OVERALL, figure),
        [ROLLOUT, rest @ ..] if !rest.is_empty() && rollout::is_meant(audit) => rollout::known(audit, rest),
        [area, figure] => known_of_area(audit, name, area, figure),
        [area, check, fact] => known_fact(audit, area, check, fact),
        _ => Err(format!(
            "\"{name}\" is not a name: write area.check.fact, area.score, overall.score or verdict between the braces"
        )),
    };
    known.map_err(|message| match parts.as_slice() {
        [ROLLOUT, rest @ ..] => format!("{message}{}", rollout::hidden(audit, rest)),
        _ => message,
    })
}

/// The text with every name filled in from the record. What the record does not have prints `no data`; text that was
/// captured is escaped, so that it stays text in Markdown.
pub fn fill(text: &str, record: &Record) -> String {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Braces => filled.push_str("{{"),
            Piece::Name(_, name) => {
                let value = lookup(record, name).unwrap_or_else(|| NO_DATA.to_owned());
                filled.push_str(&captured::markdown(&value));
            }
        }
    }
    filled
}

enum Piece<'a> {
    Text(&'a str),
    /// `\{{`.
    Braces,
    Name(Range<usize>, &'a str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        if rest.starts_with("\\{{") {
            at += 3;
            return Some(Piece::Braces);
        }
        if !rest.starts_with("{{") {
            let next = rest.find("{{").unwrap_or(rest.len());
            let before = rest.get(..next)?;
            let kept = if next < rest.len() { before.strip_suffix('\\').unwrap_or(before) } else { before };
            at += kept.len();
            return if kept.is_empty() { None } else { Some(Piece::Text(kept)) };
        }
        let start = at;
        let line = rest.lines().next().unwrap_or(rest);
        match line.find("}}") {
            Some(close) => {
                at += close + 2;
                line.get(2..close).map(|name| Piece::Name(start..at, name.trim()))
            }
            None => {
                at += line.len();
                Some(Piece::Name(start..at, line.trim_end()))
            }
        }
    })
}

fn known_of_area(audit: &Audit, name: &str, area: &str, figure: &str) -> Result<(), String> {
    known_area(audit, area)?;
    if find_check(audit, area, figure).is_some() {
        return Err(format!("\"{name}\" names a check: add one of its facts, such as \"{name}.status\""));
    }
    known_figure(area, figure)
}

fn known_figure(of: &str, figure: &str) -> Result<(), String> {
    if FIGURES.contains(&figure) {
        return Ok(());
    }
    Err(format!(
        "\"{figure}\" is not known of \"{of}\"{}",
        meant(figure, FIGURES).unwrap_or(": score, coverage".into())
    ))
}

fn known_area(audit: &Audit, area: &str) -> Result<(), String> {
    if audit.areas.iter().any(|known| known.id.as_str() == area) {
        return Ok(());
    }
    let areas = audit.areas.iter().map(|area| area.id.as_str()).chain([OVERALL]);
    Err(format!("there is no area \"{area}\"{}", meant(area, areas).unwrap_or_default()))
}

fn known_fact(audit: &Audit, area: &str, check: &str, fact: &str) -> Result<(), String> {
    known_area(audit, area)?;
    let Some(declared) = find_check(audit, area, check) else {
        let checks = audit.checks.iter().filter(|known| known.id.area.as_str() == area).map(|c| c.id.check.as_str());
        let hint = meant(check, checks).unwrap_or_default();
        return Err(format!("area \"{area}\" has no check \"{check}\"{hint}"));
    };
    if fact == "claim" && declared.claims.is_empty() {
        return Err(format!("nothing is claimed of check \"{area}/{check}\""));
    }
    if OF_A_CHECK.contains(&fact) || audit.spec(declared, fact).is_some() {
        return Ok(());
    }
    let facts = audit.kinds.get(&declared.kind).map(|kind| kind.facts.as_slice()).unwrap_or_default();
    let hint = meant(fact, facts.iter().map(|spec| &*spec.name).chain(OF_A_CHECK)).unwrap_or_default();
    Err(format!("check \"{area}/{check}\" of kind \"{}\" has no fact \"{fact}\"{hint}", declared.kind))
}

fn meant<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|near| format!("; did you mean \"{near}\"?"))
}

fn find_check<'a>(audit: &'a Audit, area: &str, check: &str) -> Option<&'a Check> {
    audit.checks.iter().find(|known| known.id.area.as_str() == area && known.id.check.as_str() == check)
}

fn lookup(record: &Record, name: &str) -> Option<String> {
    let judgement = &record.judgement;
    let parts: Vec<&str> = name.split('.').collect();
    // Nothing is weighed where only claims are judged.
    let covered = |coverage: &Coverage| (!record.run.claims_only).then(|| format::percent(&coverage.covered()));
    match *parts.as_slice() {
        [VERDICT] => Some(record.audit.verdict_words(judgement.verdict).to_owned()),
        [OVERALL, "score"] => judgement.overall.score.as_ref().map(format::score),
        [OVERALL, "coverage"] => covered(&judgement.overall.coverage),
        [ROLLOUT, ref rest @ ..] if !rest.is_empty() && rollout::is_meant(&record.audit) => {
            rollout::lookup(&record.audit, rest)
        }
        [area, figure] => {
            let area: Id = area.parse().ok()?;
            let result = judgement.areas.iter().find(|result| result.area == area)?;
            match figure {
                "score" => result.score.as_ref().map(format::score),
                "coverage" => covered(&result.coverage),
                _ => None,
            }
        }
        [area, check, fact] => {
            of_a_check(record, &CheckId { area: area.parse().ok()?, check: check.parse().ok()? }, fact)
        }
        _ => None,
    }
}

fn of_a_check(record: &Record, id: &CheckId, fact: &str) -> Option<String> {
    match fact {
        "status" => {
            let result = record.judgement.checks.iter().find(|result| result.check == *id)?;
            Some(result.status.word().to_owned())
        }
        "claim" => Some(record.audit.check(id)?.claims.first()?.said(&record.places)?.to_owned()),
        fact => match &record.observation(id)?.sight {
            Sight::Measured(facts) => facts.get(fact).map(format::value),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn audit() -> Audit {
        serde_json::from_value(json!({
            "id": "a", "title": "A", "subject": {"name": "S"}, "timezone": "UTC",
            "verdict": {"minCoverage": "0.8", "floorOverall": "7", "floorArea": "5"},
            "kinds": {"flag-count": {"summary": "Flags", "facts": [
                {"name": "total", "type": "count", "direction": "neutral", "growing": false, "summary": "All"}]}},
            "areas": [{"id": "flags", "title": "Flags", "weight": "1", "method": "weighted"}],
            "checks": [{"id": "flags/count", "title": "Count", "kind": "flag-count", "asks": "{}", "severity": "major",
                "weight": "1", "declared": ["audit.yaml", 1],
                "claims": [{"by": "Alex", "fact": "total", "written": "~17"}]}],
        }))
        .unwrap()
    }

    fn record(total: &serde_json::Value) -> Record {
        let coverage = json!({"measured": "0.5", "attested": "0.25", "missing": "0.25"});
        serde_json::from_value(json!({
            "schema": super::super::record::SCHEMA,
            "run": {"runId": "r", "startedAt": "2025-10-20T20:28:00Z", "finishedAt": "2025-10-20T20:29:00Z",
                "toolVersion": "0", "platform": "linux/x86_64"},
            "policySha256": "", "audit": audit(), "previous": null,
            "observations": [{"check": "flags/count", "sight": {"measured": {"facts": {"total": total}}}}],
            "judgement": {
                "checks": [{"check": "flags/count", "status": "pass", "reason": "17", "cost": "0"}],
                "areas": [{"area": "flags", "score": "9.8", "coverage": coverage, "arithmetic": ""}],
                "overall": {"coverage": coverage, "arithmetic": ""},
                "scoreClaims": [], "claimants": [], "conditions": [], "waivers": [], "verdict": "approved", "chain": []},
        }))
        .unwrap()
    }

    #[test]
    fn names_are_found_with_their_place() {
        let text = "a {{ flags.count.total }} of \\{{ literal }} and {{verdict}}";
        assert_eq!(names(text), vec![(2..25, "flags.count.total".to_owned()), (48..59, "verdict".to_owned())]);
        assert_eq!(&text[48..59], "{{verdict}}");
        assert!(names("").is_empty());
        assert!(names("{ x } }} \\{{").is_empty());
    }

    #[test]
    fn braces_that_never_close_are_no_name() {
        let found = names("see {{ verdict\nand }}");
        assert_eq!(found, vec![(4..14, "{{ verdict".to_owned())]);
        assert!(known(&audit(), &found[0].1).is_err());
    }

    #[test]
    fn every_name_of_the_grammar_is_known() {
        for name in ["flags.count.total", "flags.count.status", "flags.count.claim", "flags.score", "flags.coverage"] {
            assert_eq!(known(&audit(), name), Ok(()), "{name}");
        }
        for name in ["overall.score", "overall.coverage", "verdict"] {
            assert_eq!(known(&audit(), name), Ok(()), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_says_what_was_meant() {
        let says = |name: &str, message: &str| assert_eq!(known(&audit(), name), Err(message.to_owned()));
        says("flgs.score", "there is no area \"flgs\"; did you mean \"flags\"?");
        says("flags.cuont.total", "area \"flags\" has no check \"cuont\"; did you mean \"count\"?");
        says(
            "flags.count.totl",
            "check \"flags/count\" of kind \"flag-count\" has no fact \"totl\"; did you mean \"total\"?",
        );
        says("flags.scor", "\"scor\" is not known of \"flags\"; did you mean \"score\"?");
        says("flags.count", "\"flags.count\" names a check: add one of its facts, such as \"flags.count.status\"");
        says(
            "7*7",
            "\"7*7\" is not a name: write area.check.fact, area.score, overall.score or verdict between the braces",
        );
    }

    #[test]
    fn prose_prints_what_the_record_has_and_no_data_for_what_it_has_not() {
        let present = record(&json!({"present": {"count": "17"}}));
        assert_eq!(
            fill("{{ flags.count.total }} flags ({{ flags.count.claim }} claimed), {{ flags.score }}/10", &present),
            "17 flags (\\~17 claimed), 9.8/10"
        );
        assert_eq!(fill("{{ overall.coverage }} {{ overall.score }} {{ verdict }}", &present), "75 % no data approved");
        let absent = record(&json!({"absent": "nobody counted"}));
        assert_eq!(fill("{{ flags.count.total }} \\{{ x }}", &absent), "no data {{ x }}");
        let mut alone = present.clone();
        alone.run.claims_only = true;
        assert_eq!(fill("{{ overall.coverage }}, {{ flags.coverage }}", &alone), "no data, no data");
    }

    #[test]
    fn captured_text_in_prose_stays_text() {
        let hostile = record(&json!({"present": {"text": "<script>{{ verdict }}|*x*"}}));
        let filled = fill("{{ flags.count.total }}", &hostile);
        assert_eq!(filled, "&lt;script&gt;&#123;&#123; verdict &#125;&#125;\\|\\*x\\*");
    }

    proptest::proptest! {
        #[test]
        fn text_without_braces_is_left_alone(text in "[^{]{0,60}") {
            proptest::prop_assert!(names(&text).is_empty());
            proptest::prop_assert_eq!(fill(&text, &record(&json!({"absent": ""}))), text);
        }

        #[test]
        fn any_text_is_read_to_its_end(text in "[{} \\\\a\n.é]{0,40}") {
            for (range, _) in names(&text) {
                proptest::prop_assert!(text[range].starts_with("{{"));
            }
        }
    }
}
