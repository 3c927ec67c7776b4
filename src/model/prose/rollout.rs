//! Names of the rollout: how many stages, from when to when, how long, and when each of them runs.
//!
//! An area that is called `rollout` keeps its names: documents that were written before there was a rollout read the same.

use super::meant;
use crate::model::audit::Audit;
use crate::model::format;
use crate::model::number::Number;
use crate::model::rollout::{Rollout, Scheduled};

/// How its names begin.
pub(super) const ROLLOUT: &str = "rollout";
/// What is known of the whole.
const OF_IT: [&str; 4] = ["stages", "length", "starts", "ends"];
/// What is known of one stage.
const OF_A_STAGE: [&str; 3] = ["starts", "ends", "percent"];

/// Do names that begin with `rollout` mean the rollout?
pub(super) fn is_meant(audit: &Audit) -> bool {
    !audit.areas.iter().any(|area| area.id.as_str() == ROLLOUT)
}

/// Is this one of its names? `name` is what stands behind `rollout.`, in its parts.
pub(super) fn known(audit: &Audit, name: &[&str]) -> Result<(), String> {
    let Some(rollout) = &audit.rollout else {
        return Err("there is neither a rollout nor an area \"rollout\"".to_owned());
    };
    match *name {
        [figure] if OF_IT.contains(&figure) => Ok(()),
        [stage] if rollout.stage(stage).is_some() => Err(format!(
            "\"rollout.{stage}\" names a stage: add one of its figures, such as \"rollout.{stage}.starts\""
        )),
        [figure] => Err(unknown(figure, "the rollout", &OF_IT)),
        [stage, figure] if rollout.stage(stage).is_some() => match OF_A_STAGE.contains(&figure) {
            true => Ok(()),
            false => Err(unknown(figure, &format!("the stage \"{stage}\""), &OF_A_STAGE)),
        },
        [stage, _] => {
            let stages = rollout.stages.iter().map(|stage| stage.name.as_str());
            Err(format!("the rollout has no stage \"{stage}\"{}", meant(stage, stages).unwrap_or_default()))
        }
        _ => Err("a name of the rollout is rollout.FIGURE or rollout.STAGE.FIGURE".to_owned()),
    }
}

/// What to add to the message about a name that an area called `rollout` does not have; empty where the name means nothing
/// else.
pub(super) fn hidden(audit: &Audit, name: &[&str]) -> &'static str {
    if is_meant(audit) || audit.rollout.is_none() || known(audit, name).is_err() {
        return "";
    }
    "; an area is called \"rollout\", so these names mean that area: give it another name to name the rollout"
}

fn unknown(figure: &str, of: &str, all: &[&str]) -> String {
    let hint = meant(figure, all.iter().copied()).unwrap_or_else(|| format!(": {}", all.join(", ")));
    format!("\"{figure}\" is not known of {of}{hint}")
}

/// What it prints; `None` where that is not known.
pub(super) fn lookup(audit: &Audit, name: &[&str]) -> Option<String> {
    let rollout = audit.rollout.as_ref()?;
    let schedule = rollout.schedule(audit.go_live);
    let at = |scheduled: Option<Scheduled>, moment: &str| {
        let scheduled = scheduled?;
        let at = if moment == "starts" { scheduled.starts } else { scheduled.soaked };
        Some(format::instant(at, &audit.timezone))
    };
    match *name {
        ["stages"] => Some(format::count(&Number::from(rollout.stages.len() as u64))),
        ["length"] => Some(length(rollout, audit)),
        ["starts"] => at(schedule.first().copied().flatten(), "starts"),
        ["ends"] => at(schedule.last().copied().flatten(), "ends"),
        [stage, figure] => {
            let place = rollout.stages.iter().position(|known| known.name.as_str() == stage)?;
            match figure {
                "percent" => Some(format::percent(&rollout.stages.get(place)?.to)),
                "starts" | "ends" => at(schedule.get(place).copied().flatten(), figure),
                _ => None,
            }
        }
        _ => None,
    }
}

fn length(rollout: &Rollout, audit: &Audit) -> String {
    format::duration(&Number::from(rollout.length(audit.go_live)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An audit with a rollout, with or without a first date, and with areas of these names.
    fn audit(go_live: Option<&str>, areas: &[&str]) -> Audit {
        let stage = |name: &str, from: &str, to: &str, soak: u64| {
            json!({"name": name, "title": name, "from": from, "to": to,
            "soak": soak, "declared": ["audit.yaml", 1]})
        };
        let mut audit: Audit = serde_json::from_value(json!({
            "id": "a", "title": "A", "subject": {"name": "S"}, "timezone": "UTC",
            "verdict": {"minCoverage": "0.8", "floorOverall": "7", "floorArea": "5"},
            "kinds": {}, "checks": [],
            "areas": areas.iter().map(|id| json!({"id": id, "title": id, "weight": "1", "method": "weighted"}))
                .collect::<Vec<_>>(),
            "rollout": {"stages": [stage("canary", "0", "0.05", 43_200), stage("all", "0.05", "1", 518_400)]},
        }))
        .unwrap();
        audit.go_live = go_live.map(|text| text.parse().unwrap());
        audit
    }

    #[test]
    fn its_figures_follow_from_the_first_start_and_from_how_long_each_stage_soaks() {
        let audit = audit(Some("2025-10-23T00:00Z"), &[]);
        let cases = [
            ("stages", "2"),
            ("length", "6 d 12 h"),
            ("starts", "23 October 2025, 00:00 UTC"),
            ("ends", "29 October 2025, 12:00 UTC"),
            ("all.starts", "23 October 2025, 12:00 UTC"),
            ("canary.ends", "23 October 2025, 12:00 UTC"),
            ("canary.percent", "5 %"),
        ];
        for (name, value) in cases {
            let parts: Vec<&str> = name.split('.').collect();
            assert_eq!(known(&audit, &parts), Ok(()), "{name}");
            assert_eq!(lookup(&audit, &parts).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn what_has_no_date_is_not_known() {
        let audit = audit(None, &[]);
        assert_eq!(lookup(&audit, &["starts"]), None);
        assert_eq!(lookup(&audit, &["canary", "ends"]), None);
        assert_eq!(lookup(&audit, &["length"]).as_deref(), Some("6 d 12 h"));
    }

    #[test]
    fn an_unknown_name_says_what_was_meant() {
        let audit = audit(None, &[]);
        let says = |name: &[&str], message: &str| assert_eq!(known(&audit, name), Err(message.to_owned()));
        says(&["start"], "\"start\" is not known of the rollout; did you mean \"starts\"?");
        says(&["weeks"], "\"weeks\" is not known of the rollout: stages, length, starts, ends");
        says(
            &["canary"],
            "\"rollout.canary\" names a stage: add one of its figures, such as \"rollout.canary.starts\"",
        );
        says(&["canry", "starts"], "the rollout has no stage \"canry\"; did you mean \"canary\"?");
        says(&["canary", "date"], "\"date\" is not known of the stage \"canary\": starts, ends, percent");
        says(&["a", "b", "c"], "a name of the rollout is rollout.FIGURE or rollout.STAGE.FIGURE");
    }

    #[test]
    fn an_area_of_that_name_keeps_its_names() {
        let taken = audit(None, &["rollout"]);
        assert!(!is_meant(&taken) && is_meant(&audit(None, &["other"])));
        assert!(hidden(&taken, &["stages"]).contains("give it another name"));
        assert_eq!(hidden(&taken, &["nothing"]), "");
        assert_eq!(hidden(&audit(None, &[]), &["stages"]), "");
    }
}
