//! Switches in the environment: which of the variables that were asked for say "on" and which "off". Nothing else of the
//! environment is looked at, and no other value leaves this file: it could be a password under a name that says otherwise.

use std::collections::BTreeMap;

use crate::model::evidence::{WITHHELD, switched_on};
use crate::model::fact::Unmeasurable;

/// More variables than anybody has with one prefix.
const MOST: usize = 10_000;

/// The variables of this process that are named, or whose names begin with the prefix.
#[expect(clippy::disallowed_methods, reason = "the environment is looked at here and nowhere else")]
pub(super) fn look(names: &[String], prefix: Option<&str>) -> Result<BTreeMap<String, String>, Unmeasurable> {
    switches(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))), names, prefix)
}

fn switches(
    all: impl Iterator<Item = (String, std::ffi::OsString)>,
    names: &[String],
    prefix: Option<&str>,
) -> Result<BTreeMap<String, String>, Unmeasurable> {
    let asked = |name: &str| {
        names.iter().any(|one| one == name)
            || prefix.is_some_and(|prefix| !prefix.is_empty() && name.starts_with(prefix))
    };
    let mut found = BTreeMap::new();
    for (name, value) in all.filter(|(name, _)| asked(name)) {
        let word = value.to_str().map(|value| value.trim().to_ascii_lowercase());
        let word = word.filter(|word| switched_on(word).is_some());
        found.insert(name, word.unwrap_or_else(|| WITHHELD.to_owned()));
        if found.len() > MOST {
            return Err(Unmeasurable::new(
                format!("more than {MOST} variables begin so"),
                "Give a longer prefix, or name the variables.",
            ));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_is_seen_and_only_switches_are_read() {
        let all = [
            ("FEATURE_A", "TRUE"),
            ("FEATURE_B", " off "),
            ("FEATURE_TOKEN", "s3cr3t"),
            ("FEATURE_EMPTY", ""),
            ("OTHER", "1"),
            ("SECRET", "true"),
        ];
        let all = || all.into_iter().map(|(name, value)| (name.to_owned(), value.into()));
        let found = switches(all(), &["OTHER".to_owned(), "MISSING".to_owned()], Some("FEATURE_")).expect("looks");
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            found,
            [
                ("FEATURE_A", "true"),
                ("FEATURE_B", "off"),
                ("FEATURE_EMPTY", WITHHELD),
                ("FEATURE_TOKEN", WITHHELD),
                ("OTHER", "1"),
            ]
        );
        assert!(switches(all(), &[], Some("")).expect("looks").is_empty(), "an empty prefix is no prefix");
        assert!(switches(all(), &[], None).expect("looks").is_empty());
    }

    #[test]
    fn a_flood_of_variables_is_no_answer() {
        let all = (0..=MOST).map(|number| (format!("F_{number}"), "1".into()));
        assert!(switches(all, &[], Some("F_")).is_err());
    }
}
