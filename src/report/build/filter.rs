//! By what the checks can be filtered: the values that occur among them.

use crate::model::judgement::Status;
use crate::report::view::area::{Area, Check};
use crate::report::view::filter::{Choice, Filter};

/// Severities, the gravest first.
const SEVERITIES: [&str; 3] = ["blocker", "major", "minor"];

fn statuses() -> impl Iterator<Item = &'static str> {
    Status::ALL.into_iter().map(Status::word)
}

pub(super) fn filter(areas: &[Area]) -> Filter {
    let checks = || areas.iter().flat_map(|area| &area.checks);
    let choice =
        |value: &str, label: &str, number: usize| Choice { value: value.to_owned(), label: label.to_owned(), number };
    let counted = |value: &str, of: &dyn Fn(&Check) -> bool| {
        let number = checks().filter(|check| of(check)).count();
        (number > 0).then(|| choice(value, value, number))
    };
    Filter {
        all: checks().count(),
        areas: areas
            .iter()
            .filter(|area| !area.checks.is_empty())
            .map(|area| choice(&area.anchor, &area.title, area.checks.len()))
            .collect(),
        severities: SEVERITIES.iter().filter_map(|word| counted(word, &|check| check.severity == *word)).collect(),
        statuses: statuses().filter_map(|word| counted(word, &|check| check.status.word == word)).collect(),
    }
}
