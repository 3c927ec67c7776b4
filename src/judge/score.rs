//! Scores and coverage, from the status of each check. Exact; rounding happens where they are shown.

use std::collections::{BTreeMap, HashMap};

use crate::model::audit::{Area, Audit, Check, Method};
use crate::model::format;
use crate::model::id::Id;
use crate::model::judgement::{AreaResult, CheckResult, Coverage, Overall, Status};
use crate::model::number::Number;

/// Most terms in a line of arithmetic.
const MOST_TERMS: usize = 12;
/// Most decimals of a score in a sum, and of a sum of weights.
const MOST_DECIMALS: u32 = 6;
/// Decimals that a sum of weights may have in any case.
const LEAST_DECIMALS: u32 = 3;

/// What a status earns of a check's weight.
fn credit(status: Status) -> Number {
    match status {
        Status::Pass => Number::one(),
        Status::Warn => Number::power_of_ten(-1) * Number::from(5),
        _ => Number::zero(),
    }
}

/// What one check weighs in its area. Equal entries are interchangeable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    /// Index of its area.
    pub(super) area: usize,
    pub(super) status: Status,
    pub(super) scored: bool,
    pub(super) weight: Number,
    points: Number,
    pub(super) cap: Option<Number>,
    pub(super) waived: bool,
    attested: bool,
}

/// Running sums of an area; a change of one check changes them in constant time.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub(super) weight: Number,
    method: Method,
    scored: usize,
    declared: Number,
    measured: Number,
    attested: Number,
    raw: Sums,
    waived: Sums,
}

/// What is earned and lost, raw or with waived checks counted as passed.
#[derive(Debug, Clone)]
struct Sums {
    /// How many were measured, attested, or count as passed.
    seen: usize,
    earned: Number,
    lost: Number,
    caps: BTreeMap<Number, usize>,
}

/// Which of the two scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Raw,
    WithWaivers,
}

/// The scores of all areas.
pub(super) struct Board<'a> {
    audit: &'a Audit,
    /// One for each check, in the order of the audit; `None` where its area is not in the audit.
    pub(super) entries: Vec<Option<Entry>>,
    pub(super) tallies: Vec<Tally>,
}

impl Entry {
    fn new(check: &Check, result: &CheckResult, area: usize) -> Self {
        Self {
            area,
            status: result.status,
            scored: result.is_scored(check),
            weight: check.weight.clone(),
            points: check.deduct.clone().unwrap_or_else(Number::zero),
            cap: check.caps_area_at.clone(),
            waived: result.waived_by.is_some(),
            attested: check.attested,
        }
    }
}

impl Sums {
    fn new() -> Self {
        Self { seen: 0, earned: Number::zero(), lost: Number::zero(), caps: BTreeMap::new() }
    }

    fn add(&mut self, entry: &Entry, status: Status) {
        let credit = credit(status);
        self.seen += usize::from(status.is_measured());
        self.earned = &self.earned + &(&entry.weight * &credit);
        self.lost = &self.lost + &(&entry.points * &(&Number::one() - &credit));
        if let (true, Some(cap)) = (credit.is_zero(), &entry.cap) {
            // What was not measured caps as well: not looking must never be better than failing.
            *self.caps.entry(cap.clone()).or_default() += 1;
        }
    }

    fn remove(&mut self, entry: &Entry, status: Status) {
        let credit = credit(status);
        self.seen -= usize::from(status.is_measured());
        self.earned = &self.earned - &(&entry.weight * &credit);
        self.lost = &self.lost - &(&entry.points * &(&Number::one() - &credit));
        if let (true, Some(cap)) = (credit.is_zero(), &entry.cap)
            && let Some(count) = self.caps.get_mut(cap)
        {
            *count -= 1;
            if *count == 0 {
                self.caps.remove(cap);
            }
        }
    }
}

impl Tally {
    fn new(area: &Area) -> Self {
        Self {
            weight: area.weight.clone(),
            method: area.method,
            scored: 0,
            declared: Number::zero(),
            measured: Number::zero(),
            attested: Number::zero(),
            raw: Sums::new(),
            waived: Sums::new(),
        }
    }

    fn add(&mut self, entry: &Entry) {
        if !entry.scored {
            return;
        }
        self.scored += 1;
        self.declared = &self.declared + &entry.weight;
        self.cover(entry, entry.status);
        self.raw.add(entry, entry.status);
        self.waived.add(entry, if entry.waived { Status::Pass } else { entry.status });
    }

    fn cover(&mut self, entry: &Entry, status: Status) {
        if status.is_measured() {
            let share = if entry.attested { &mut self.attested } else { &mut self.measured };
            *share = &*share + &entry.weight;
        }
    }

    /// Lets a scored check pass.
    pub(super) fn fix(&mut self, entry: &Entry) {
        if !entry.status.is_measured() {
            self.cover(entry, Status::Pass);
        }
        self.raw.remove(entry, entry.status);
        self.raw.add(entry, Status::Pass);
        if !entry.waived {
            self.waived.remove(entry, entry.status);
            self.waived.add(entry, Status::Pass);
        }
    }

    /// The score before caps and floor, and after them; `None` when nothing was scored.
    fn scores(&self, view: View) -> Option<(Number, Number)> {
        let sums = match view {
            View::Raw => &self.raw,
            View::WithWaivers => &self.waived,
        };
        if self.scored == 0 {
            return None;
        }
        let ten = Number::from(10);
        let full = match self.method {
            Method::Weighted => (&ten * &sums.earned).over(&self.declared)?,
            // What nobody looked at earns nothing, however little its checks deduct.
            Method::Deductions if sums.seen == 0 => Number::zero(),
            Method::Deductions => &ten - &sums.lost,
        };
        let capped = sums.caps.keys().next().map_or_else(|| full.clone(), |cap| full.clone().min(cap.clone()));
        Some((full, capped.max(Number::zero())))
    }

    pub(super) fn score(&self, view: View) -> Option<Number> {
        self.scores(view).map(|(_, score)| score)
    }

    /// The raw score where a cap makes it lower; not what the floor makes higher.
    fn capped_at(&self) -> Option<Number> {
        self.scores(View::Raw).and_then(|(full, score)| (score < full).then_some(score))
    }

    /// Shares of the declared weight; all zero when none is declared.
    pub(super) fn coverage(&self) -> Coverage {
        let share = |part: &Number| part.over(&self.declared).unwrap_or_else(Number::zero);
        let missing = &self.declared - &(&self.measured + &self.attested);
        Coverage { measured: share(&self.measured), attested: share(&self.attested), missing: share(&missing) }
    }
}

impl<'a> Board<'a> {
    /// Adds up every check, once.
    pub(super) fn new(audit: &'a Audit, results: &[CheckResult]) -> Self {
        let place: HashMap<&Id, usize> = audit.areas.iter().enumerate().map(|(at, area)| (&area.id, at)).collect();
        let mut tallies: Vec<Tally> = audit.areas.iter().map(Tally::new).collect();
        let mut entries = Vec::with_capacity(results.len());
        for (check, result) in audit.checks.iter().zip(results) {
            let entry = place.get(&check.id.area).map(|area| Entry::new(check, result, *area));
            if let Some(entry) = &entry {
                tallies[entry.area].add(entry);
            }
            entries.push(entry);
        }
        Self { audit, entries, tallies }
    }

    /// Points of its area that a check costs, before caps and floor.
    pub(super) fn cost(&self, check: usize) -> Number {
        let Some(entry) = self.entries.get(check).and_then(Option::as_ref).filter(|entry| entry.scored) else {
            return Number::zero();
        };
        let lost = &Number::one() - &credit(entry.status);
        let tally = &self.tallies[entry.area];
        match tally.method {
            Method::Weighted => {
                let points = &(&Number::from(10) * &entry.weight) * &lost;
                points.over(&tally.declared).unwrap_or_else(Number::zero)
            }
            Method::Deductions => &entry.points * &lost,
        }
    }

    /// Score, coverage and arithmetic of each area, in the order of the audit.
    pub(super) fn area_results(&self) -> Vec<AreaResult> {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.tallies.len()];
        for (check, entry) in self.entries.iter().enumerate() {
            if let Some(entry) = entry {
                members[entry.area].push(check);
            }
        }
        let result = |(at, area): (usize, &Area)| AreaResult {
            area: area.id.clone(),
            score: self.tallies[at].score(View::Raw),
            score_with_waivers: self.tallies[at].score(View::WithWaivers),
            capped_at: self.tallies[at].capped_at(),
            coverage: self.tallies[at].coverage(),
            arithmetic: self.area_arithmetic(&self.tallies[at], &members[at]),
        };
        self.audit.areas.iter().enumerate().map(result).collect()
    }

    /// `7.5 = 10 - 1.5 (roles assigned) - 1.0 (dry run)`, or `8.8 = 10 x 3.5 / 4`.
    fn area_arithmetic(&self, tally: &Tally, members: &[usize]) -> String {
        let Some((full, score)) = tally.scores(View::Raw) else { return "- (nothing was scored)".to_owned() };
        if tally.method == Method::Deductions && tally.raw.seen == 0 {
            return format!("{} (nothing was measured or attested)", format::score(&score));
        }
        let sum = match tally.method {
            Method::Weighted => weighted(tally, &full),
            Method::Deductions => self.deductions(members),
        };
        let mut line = format!("{} = {sum}", format::score(&score));
        if full.is_negative() {
            line.push_str(", not below 0");
        } else if let Some(cap) = tally.capped_at() {
            let name = self.capping(members, &cap);
            line.push_str(&format!(" = {}, capped at {}{name}", format::score(&full), format::points(&cap)));
        }
        line
    }

    fn deductions(&self, members: &[usize]) -> String {
        let costs = members.iter().map(|check| (*check, self.cost(*check))).filter(|(_, cost)| !cost.is_zero());
        let terms: Vec<String> =
            costs.map(|(check, cost)| format!(" - {} ({})", format::points(&cost), self.name(check))).collect();
        let more = terms.len().saturating_sub(MOST_TERMS);
        let tail = if more > 0 { format!(" - {more} more") } else { String::new() };
        format!("10{}{tail}", terms[..terms.len() - more].concat())
    }

    fn capping(&self, members: &[usize], cap: &Number) -> String {
        let caps = |check: &&usize| {
            let entry = self.entries[**check].as_ref();
            entry.is_some_and(|entry| entry.cap.as_ref() == Some(cap) && entry.scored && credit(entry.status).is_zero())
        };
        members.iter().find(caps).map_or_else(String::new, |check| format!(" ({})", self.name(*check)))
    }

    fn name(&self, check: usize) -> String {
        self.audit.checks[check].id.check.as_str().replace('-', " ")
    }

    /// Score and coverage of the whole.
    pub(super) fn overall(&self) -> Overall {
        let unscored = self.audit.areas.iter().zip(&self.tallies).filter(|(_, tally)| tally.scored == 0);
        Overall {
            score: overall_score(&self.tallies, View::Raw),
            score_with_waivers: overall_score(&self.tallies, View::WithWaivers),
            coverage: overall_coverage(&self.tallies),
            arithmetic: self.overall_arithmetic(),
            unscored: unscored.map(|(area, _)| area.id.clone()).collect(),
        }
    }

    /// `8.7 = (3 x 9.8 + 2 x 9.3 + 1 x 7.5) / 6`.
    fn overall_arithmetic(&self) -> String {
        let Some(score) = overall_score(&self.tallies, View::Raw) else { return "- (nothing was scored)".to_owned() };
        let scored: Vec<(&Number, Number)> =
            self.tallies.iter().filter_map(|tally| Some((&tally.weight, tally.score(View::Raw)?))).collect();
        let weight: Number = scored.iter().map(|(weight, _)| (*weight).clone()).sum();
        let total = format::score(&score);
        if scored.len() > MOST_TERMS {
            return format!("{total} = weighted mean of {} areas", scored.len());
        }
        let divisor = weight.to_rounded(3);
        let line = |decimals: u32| {
            let shown = scored.iter().map(|(weight, score)| (weight.to_rounded(3), format::score_to(score, decimals)));
            let shown: Vec<(String, String)> = shown.collect();
            let told: Vec<String> = shown.iter().map(|(weight, score)| format!("{weight} x {score}")).collect();
            let holds = computed(&shown, &divisor).is_some_and(|mean| format::score(&mean) == total);
            holds.then(|| format!("{total} = ({}) / {divisor}", told.join(" + ")))
        };
        // As many decimals as let whoever computes it arrive at the score.
        (1..=MOST_DECIMALS)
            .find_map(line)
            .unwrap_or_else(|| format!("{total} = weighted mean of {} areas", scored.len()))
    }
}

/// `10 x 3.5 / 4`, with as many decimals as let whoever computes it arrive at the score.
fn weighted(tally: &Tally, full: &Number) -> String {
    let line = |places: u32| {
        let (earned, declared) = (tally.raw.earned.to_rounded(places), tally.declared.to_rounded(places));
        let computed = computed(&[("10".to_owned(), earned.clone())], &declared);
        let holds = computed.is_some_and(|mean| format::score(&mean) == format::score(full));
        holds.then(|| format!("10 x {earned} / {declared}"))
    };
    (LEAST_DECIMALS..=MOST_DECIMALS).find_map(line).unwrap_or_else(|| "10 x weight earned / weight".to_owned())
}

/// The weighted mean of what is shown, as whoever reads it computes it.
fn computed(shown: &[(String, String)], divisor: &str) -> Option<Number> {
    let number = |text: &str| text.parse::<Number>().ok();
    let mut sum = Number::zero();
    for (weight, score) in shown {
        sum = &sum + &(&number(weight)? * &number(score)?);
    }
    sum.over(&number(divisor)?)
}

/// Areas and whole where nothing is scored, because only claims are judged.
pub(super) fn none(audit: &Audit) -> (Vec<AreaResult>, Overall) {
    let coverage = Coverage { measured: Number::zero(), attested: Number::zero(), missing: Number::zero() };
    let arithmetic = "- (only claims were judged)".to_owned();
    let area = |area: &Area| AreaResult {
        area: area.id.clone(),
        score: None,
        score_with_waivers: None,
        capped_at: None,
        coverage: coverage.clone(),
        arithmetic: arithmetic.clone(),
    };
    let areas = audit.areas.iter().map(area).collect();
    let unscored = audit.areas.iter().map(|area| area.id.clone()).collect();
    (
        areas,
        Overall {
            score: None,
            score_with_waivers: None,
            coverage: coverage.clone(),
            arithmetic: arithmetic.clone(),
            unscored,
        },
    )
}

/// Weighted mean of the areas that have a score.
pub(super) fn overall_score(tallies: &[Tally], view: View) -> Option<Number> {
    let (mut sum, mut weights) = (Number::zero(), Number::zero());
    for tally in tallies {
        if let Some(score) = tally.score(view) {
            sum = &sum + &(&tally.weight * &score);
            weights = &weights + &tally.weight;
        }
    }
    sum.over(&weights)
}

/// Coverage of the areas, weighted as their scores are; areas that declare nothing are outside.
pub(super) fn overall_coverage(tallies: &[Tally]) -> Coverage {
    let mut total = Coverage { measured: Number::zero(), attested: Number::zero(), missing: Number::zero() };
    let mut weights = Number::zero();
    for tally in tallies.iter().filter(|tally| tally.scored > 0) {
        let coverage = tally.coverage();
        total.measured = &total.measured + &(&tally.weight * &coverage.measured);
        total.attested = &total.attested + &(&tally.weight * &coverage.attested);
        total.missing = &total.missing + &(&tally.weight * &coverage.missing);
        weights = &weights + &tally.weight;
    }
    let share = |part: &Number| part.over(&weights).unwrap_or_else(Number::zero);
    Coverage { measured: share(&total.measured), attested: share(&total.attested), missing: share(&total.missing) }
}
