//! The stages over time: bars with a step line of what they reach above them.
//!
//! Places across are hundredths of the width, so that the drawing fits any page while its text keeps its size; heights are
//! pixels.

use jiff::Timestamp;

use super::Plan;
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::rollout::Stage;
use crate::report::view::rollout::{Edge, Span, Tick, Timeline};

/// Most stages that are drawn.
const MOST: usize = 40;
/// Longest label, in characters: it fits into half of a narrow screen.
const LABEL: usize = 20;
/// Most dates along the top.
const TICKS: i64 = 5;
/// Height at which everybody is reached, and at which nobody is.
const TOP: u32 = 40;
const BASE: u32 = 130;
/// Upper edge of the first bar, from one bar to the next, and the height of the line that names the window.
const FIRST_BAR: u32 = 142;
const PITCH: u32 = 24;
const FOOT: u32 = 20;
/// Shares closer than this across and in height have no room for a label each.
const NEAR_ACROSS: i64 = 7;
const NEAR_UP: i64 = 13;
const DAY: i64 = 86_400;
/// From one date to the next, in seconds: the first that leaves few enough.
const STEPS: [i64; 16] = [
    300,
    900,
    1_800,
    3_600,
    7_200,
    10_800,
    21_600,
    43_200,
    DAY,
    2 * DAY,
    4 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    91 * DAY,
    365 * DAY,
];

/// A stage that has a date, in seconds since the epoch.
struct Dated<'a> {
    stage: &'a Stage,
    starts: i64,
    soaked: i64,
}

/// What the width stands for, in seconds since the epoch.
#[derive(Clone, Copy)]
struct Scale {
    from: i64,
    to: i64,
}

impl Scale {
    /// A moment in hundredths of the width, from 0 to 100.
    fn across(self, at: i64) -> Number {
        let within = at.clamp(self.from, self.to) - self.from;
        Number::ratio(within * 100, self.to - self.from).unwrap_or_else(Number::zero)
    }

    fn x(self, at: i64) -> String {
        self.across(at).to_rounded(2)
    }

    fn width(self, from: i64, to: i64) -> String {
        (self.across(to) - self.across(from)).to_rounded(2)
    }

    fn is_left(self, at: i64, hundredths: i64) -> bool {
        self.across(at) <= Number::from(hundredths)
    }
}

impl Plan<'_> {
    /// `None` when no stage has a date, when they take no time at all, and when there are too many to be told apart.
    pub(super) fn timeline(&self) -> Option<Timeline> {
        let stages = self.rollout.stages.iter().zip(&self.schedule);
        let dated: Vec<Dated<'_>> = stages
            .filter_map(|(stage, at)| {
                let at = at.as_ref()?;
                Some(Dated { stage, starts: at.starts.seconds(), soaked: at.soaked.seconds() })
            })
            .collect();
        let from = dated.iter().map(|stage| stage.starts).min()?;
        let to = dated.iter().map(|stage| stage.soaked).max()?;
        if to <= from || dated.len() > MOST {
            return None;
        }
        let (scale, edges, outside) = self.window(Scale { from, to });
        let rows = u32::try_from(dated.len()).unwrap_or_default();
        let floor = FIRST_BAR + rows * PITCH;
        let height = if edges.is_empty() { floor } else { floor + FOOT };
        Some(Timeline {
            description: self.told(&dated),
            height: height.to_string(),
            floor: floor.to_string(),
            base: BASE.to_string(),
            ticks: ticks(scale, &self.source.audit().timezone),
            spans: spans(&dated, scale),
            edges,
            outside,
        })
    }

    /// The scale that holds the deployment window as well, unless that would leave the stages less than half of it; the
    /// edges of the window that lie in it, and a sentence about those that do not.
    fn window(&self, stages: Scale) -> (Scale, Vec<Edge>, Option<String>) {
        let Some((opens, closes)) = self.source.audit().window else { return (stages, Vec::new(), None) };
        // A window closes at the end of its last day.
        let edges = [("window opens", opens.at.seconds()), ("window closes", closes.end().seconds() + 1)];
        let [whole_from, whole_to] = [edges[0].1.min(stages.from), edges[1].1.max(stages.to)];
        let fits = (whole_to - whole_from) / 2 <= stages.to - stages.from;
        let scale = if fits { Scale { from: whole_from, to: whole_to } } else { stages };
        let inside = |at: i64| (scale.from..=scale.to).contains(&at);
        let shown = edges.iter().filter(|(_, at)| inside(*at)).map(|(label, at)| Edge {
            x: scale.x(*at),
            anchor: side(scale.is_left(*at, 50)),
            label: (*label).to_owned(),
        });
        let hidden: Vec<String> = edges
            .iter()
            .filter(|(_, at)| !inside(*at))
            .filter_map(|(label, at)| Some(format!("the {label} {}", self.source.when(Instant::from_seconds(*at)?))))
            .collect();
        let outside = (!hidden.is_empty()).then(|| format!("Not drawn: {}.", format::and_list(&hidden)));
        (scale, shown.collect(), outside)
    }

    fn told(&self, dated: &[Dated<'_>]) -> String {
        let when = |at: i64| Instant::from_seconds(at).map_or_else(String::new, |at| self.source.when(at));
        let told = dated.iter().map(|Dated { stage, starts, soaked }| {
            format!("{}: {}, {} to {}.", stage.title, super::share(stage), when(*starts), when(*soaked))
        });
        told.collect::<Vec<_>>().join(" ")
    }
}

/// On which side of a place a text stands.
fn side(after: bool) -> String {
    if after { "start" } else { "end" }.to_owned()
}

/// Height of a share: never above everybody or below nobody.
fn height(share: &Number) -> Number {
    let share = share.clone().max(Number::zero()).min(Number::one());
    Number::from(BASE) - share * Number::from(BASE - TOP)
}

fn spans(dated: &[Dated<'_>], scale: Scale) -> Vec<Span> {
    let mut labelled: Option<(Number, Number)> = None;
    let mut spans = Vec::new();
    for (row, this) in dated.iter().enumerate() {
        let Dated { stage, starts, soaked } = this;
        let until = dated.get(row + 1).map_or(*soaked, |next| next.starts);
        let to_y = height(&stage.to);
        let reaches = (stage.to != stage.from || row == 0).then(|| (scale.across(*starts), to_y.clone()));
        let reaches = reaches.filter(|place| labelled.as_ref().is_none_or(|before| apart(before, place)));
        labelled = reaches.clone().or(labelled);
        let (place, label_x) = match (scale.is_left(*soaked, 50), scale.is_left(*starts, 50)) {
            (true, _) => ("after", scale.x(*soaked)),
            (false, false) => ("before", scale.x(*starts)),
            (false, true) => ("inside", scale.x(*starts)),
        };
        spans.push(Span {
            x: scale.x(*starts),
            width: scale.width(*starts, *soaked),
            y: (FIRST_BAR + u32::try_from(row).unwrap_or_default() * PITCH).to_string(),
            label: format::shortened(&stage.title, LABEL),
            place: place.to_owned(),
            label_x,
            until: scale.x(until),
            lasts: scale.width(*starts, until.max(*starts)),
            from_y: height(&stage.from).to_rounded(1),
            tall: (Number::from(BASE) - to_y.clone()).to_rounded(1),
            to_y: to_y.to_rounded(1),
            reaches: reaches.map(|(x, _)| Edge {
                x: x.to_rounded(2),
                anchor: side(scale.is_left(*starts, 85)),
                label: format::percent(&stage.to),
            }),
        });
    }
    spans
}

/// Is there room for a label each at these two places?
fn apart(one: &(Number, Number), other: &(Number, Number)) -> bool {
    let far = |a: &Number, b: &Number, least: i64| (a - b).abs() >= Number::from(least);
    far(&one.0, &other.0, NEAR_ACROSS) || far(&one.1, &other.1, NEAR_UP)
}

/// Dates that are round in the zone of the audit.
fn ticks(scale: Scale, zone: &str) -> Vec<Tick> {
    let length = scale.to - scale.from;
    let Some(step) = STEPS.into_iter().find(|step| length / step < TICKS) else { return Vec::new() };
    let offset = |at: i64| {
        let zoned = Timestamp::from_second(at).ok().and_then(|time| time.in_tz(zone).ok());
        zoned.map_or(0, |zoned| i64::from(zoned.offset().seconds()))
    };
    // Counted in local time, so that a date is at midnight on both sides of a change of the clocks.
    let first = (scale.from + offset(scale.from)).div_euclid(step) * step;
    let local = (0..=TICKS + 1).map(|count| first + count * step);
    let moments = local.map(|local| (local, local - offset(local - offset(scale.from))));
    moments
        // The last one would have no room for its label.
        .filter(|(_, at)| *at >= scale.from && scale.is_left(*at, 88))
        .filter_map(|(local, at)| Some(Tick { x: scale.x(at), label: label(local, step)? }))
        .collect()
}

/// The day at midnight, the time else.
fn label(local: i64, step: i64) -> Option<String> {
    let form = if step >= DAY || local.rem_euclid(DAY) == 0 { "%-d %b" } else { "%H:%M" };
    Some(Timestamp::from_second(local).ok()?.strftime(form).to_string())
}
