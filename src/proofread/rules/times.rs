//! `elapsed`, `date-range` and `sequence`: lengths of time between times, and days that follow each other.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::Regex;

use crate::model::fact::Unit;
use crate::model::format::duration;
use crate::model::number::Number;
use crate::model::printed::{Printed, PrintedTime, Qualifier};
use crate::proofread::document::BlockKind;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::number::{Mention, Stated};
use crate::proofread::relation::{Verdict, Worked, best};
use crate::proofread::rules::Gather;
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View, only};
use crate::proofread::words::{Words, is_among};

const DAY: u32 = 86_400;
/// Longer spans are not counted day by day.
const MOST_DAYS: i64 = 4_000;
static STARTS: Words = Words::of("start started began begin deployed launched from");
static ENDS: Words = Words::of("end ended finished completed stopped finish stop to");
static LENGTHS: Words = Words::of("duration elapsed runtime uptime took length");
/// `Oct 23-30, 2025 (7 days)`
static DAYS: Pattern = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?\s(?P<first>\d{1,2})\s?[-–]\s?(?P<last>\d{1,2})(?:,?\s(?P<year>\d{4}))?\s\((?P<count>\d+)\s(?P<unit>days?|calendar days)\)",
    )
    .ok()
});
/// A number of days or weeks in brackets.
static COUNTED: Pattern = LazyLock::new(|| Regex::new(r"\([~≈]?\d+\s(?:[a-z]+\s)?(?:days?|weeks?)\b").ok());
/// What stands between two dates of a range.
const BETWEEN: &[&str] = &["-", "–", "—", "to", "→", "->", "through", "until"];
/// `Day 3 (Oct 25): 10% → 25%`
static STEP: Pattern = LazyLock::new(|| {
    Regex::new(r"^\W*(?:Day|Step|Phase|Stage|Week|Wave)\s(?P<number>\d+)(?:\s?\((?P<date>[^)]*)\))?\s?:\s*(?:\p{L}+\s)?(?P<steps>\d+(?:\.\d+)?%(?:\s*(?:→|->)\s*\d+(?:\.\d+)?%)+)").ok()
});

/// `Day 1:5%->6%`
const SHORTEST_STEP: usize = 12;

/// Holds a labelled length of time against its labelled start and end.
pub(super) fn elapsed(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for list in view.lists().iter().filter(|list| !list.in_code && list.items.len() >= 3) {
        let group = &list.items;
        let times = |names: &Words| -> Vec<(usize, &PrintedTime)> {
            let found = group.iter().filter_map(|block| Some((*block, labelled_time(view, *block, names)?)));
            found.collect()
        };
        let lengths: Vec<(usize, &Mention, &Printed)> =
            group.iter().filter_map(|block| labelled_length(view, *block)).collect();
        let (starts, ends) = (times(&STARTS), times(&ENDS));
        let ([(first, start)], [(last, end)], [(block, mention, claimed)]) = (&*starts, &*ends, &*lengths) else {
            continue;
        };
        let (Some(from), Some(to)) = (start.moments(), end.moments()) else {
            sink.skip("a time without date or zone");
            continue;
        };
        // Between two days the duration may be one of work.
        let is_day = |time: &PrintedTime| time.stamp.as_ref().is_ok_and(|stamp| stamp.precision == DAY);
        if is_day(start) || is_day(end) {
            sink.skip("a duration between days without a time of day");
            continue;
        }
        let seconds =
            [to.0.seconds_since(from.1), to.1.seconds_since(from.0)].map(|span| Worked::exact(Number::from(span)));
        let Some(worked) = Worked::hull(&seconds) else { continue };
        let verdict = worked.against(claimed);
        // As somebody would who subtracts what stands there: the bounds are for the verdict alone.
        let shown = duration(&Number::from(to.0.seconds_since(from.0)));
        sink.judge(verdict, || Draft {
            message: format!("from {} to {} it is {shown}, the text says {}", start.text, end.text, claimed.text),
            claimed: claimed.text.clone(),
            recomputed: shown.clone(),
            readings: &["nearest", "cut off or rounded up"],
            anchors: vec![
                view.anchor(*block, mention.span.clone()),
                view.anchor(*first, start.span.clone()),
                view.anchor(*last, end.span.clone()),
            ],
            at_most: Level::Error,
        });
    }
}

fn labelled_time<'a>(view: &View<'a>, block: usize, names: &Words) -> Option<&'a PrintedTime> {
    let labelled = view.label(block)?;
    let label = view.label_words(labelled);
    if label.len() > 3 || !label.iter().any(|word| is_among(word, names)) {
        return None;
    }
    let times = view.mentions(block).filter_map(|mention| match &mention.stated {
        Stated::Time(time) if time.span.start >= labelled.value.start => Some(time),
        _ => None,
    });
    only(times)
}

fn labelled_length<'a>(view: &View<'a>, block: usize) -> Option<(usize, &'a Mention, &'a Printed)> {
    let labelled = view.label(block)?;
    let label = view.label_words(labelled);
    if label.len() > 3 || !label.iter().any(|word| is_among(word, &LENGTHS)) {
        return None;
    }
    let mention = view.behind(block, labelled).next()?;
    match &mention.stated {
        Stated::Number(printed) if printed.unit == Unit::Seconds && printed.qualifier != Qualifier::Range => {
            Some((block, mention, printed))
        }
        _ => None,
    }
}

/// Holds the number of days beside two dates, the last day counted or not, or working days alone.
pub(super) fn date_range(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for block in view.prose(&COUNTED) {
        in_one_month(view, block, sink);
        let mentions: Vec<&Mention> = view.mentions(block).collect();
        for triple in mentions.windows(3) {
            let [first, last, length] = triple else { continue };
            two_dates(view, block, (first, last, length), sink);
        }
    }
}

fn in_one_month(view: &View<'_>, block: usize, sink: &mut Sink<'_, '_>) {
    let text = view.text(block);
    let Some(pattern) = DAYS.as_ref() else { return };
    for found in pattern.captures_iter(text) {
        let day = |name: &str| found[name].parse::<i64>().ok();
        let (Some(first), Some(last), Some(claimed)) = (day("first"), day("last"), day("count")) else { continue };
        let (Some(range), Some(count)) = (found.name("first"), found.name("count")) else { continue };
        let days = last - first;
        if !(1..31).contains(&days) {
            continue;
        }
        // Which of these days are no working days depends on the month: any number of them may be.
        let working = days >= 4 && claimed < days && claimed >= (days + 1) - 2 * (days / 7 + 1);
        let verdict = Verdict::of(claimed == days || claimed == days + 1 || working);
        let anchors = vec![
            view.anchor(block, count.range()),
            view.anchor(block, range.start()..found.name("last").map_or(range.end(), |last| last.end())),
        ];
        sink.judge(verdict, || days_draft(days, &format!("{claimed} days"), anchors));
    }
}

fn days_draft(days: i64, claimed: &str, anchors: Vec<Anchor>) -> Draft {
    Draft {
        message: format!("the dates are {days} days apart, {} with both, the text says {claimed}", days + 1),
        claimed: claimed.to_owned(),
        recomputed: format!("{days} or {} days", days + 1),
        readings: &["without the last day", "with both days", "working days"],
        anchors,
        at_most: Level::Error,
    }
}

fn date(mention: &Mention) -> Option<(&PrintedTime, Date)> {
    let Stated::Time(time) = &mention.stated else { return None };
    let stamp = time.stamp.as_ref().ok().filter(|stamp| stamp.precision == DAY)?;
    let moment = jiff::Timestamp::from_second(stamp.at.seconds()).ok()?;
    Some((time, moment.to_zoned(jiff::tz::TimeZone::UTC).date()))
}

fn two_dates(
    view: &View<'_>,
    block: usize,
    (first, last, length): (&Mention, &Mention, &Mention),
    sink: &mut Sink<'_, '_>,
) {
    let text = view.text(block);
    let between = text.get(first.span.end..last.span.start).unwrap_or_default().trim();
    let opens = text.get(last.span.end..length.span.start).unwrap_or_default().trim();
    let (Some((_, from)), Some((_, to)), Stated::Number(claimed)) = (date(first), date(last), &length.stated) else {
        return;
    };
    let closes = text[length.span.end..].trim_start().starts_with([')', ',']);
    let plain = matches!(claimed.qualifier, Qualifier::Plain | Qualifier::About) && claimed.unit == Unit::Seconds;
    let long = claimed.runs.first().and_then(|run| run.scales.first()).is_some_and(|scale| *scale >= Number::from(DAY));
    if !(BETWEEN.contains(&between) && opens == "(" && closes && plain && long) {
        return;
    }
    let Ok(days) = from.until(to).map(|span| i64::from(span.get_days())) else { return };
    if !(0..MOST_DAYS).contains(&days) {
        return;
    }
    let working = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to);
    let working = working.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)).count();
    let counts = [days, days + 1, i64::try_from(working).unwrap_or(days)];
    let verdict = best(counts.iter().map(|days| Worked::exact(Number::from(days * i64::from(DAY))).against(claimed)));
    let anchors = vec![
        view.anchor(block, length.span.clone()),
        view.anchor(block, first.span.clone()),
        view.anchor(block, last.span.clone()),
    ];
    sink.judge(verdict, || days_draft(days, &claimed.text, anchors));
}

/// One line of a schedule.
struct Step {
    anchor: Anchor,
    number: i64,
    shares: Vec<Number>,
}

/// Holds each step of a schedule against the one before it: it begins where that ended.
#[derive(Default)]
pub(super) struct Sequence {
    /// The last step.
    before: Option<Step>,
}

impl Gather for Sequence {
    fn section(&mut self, view: &View<'_>, sink: &mut Sink<'_, '_>) {
        for (index, block) in view.document.blocks.iter().enumerate() {
            let text = block.shown.text();
            if text.len() < SHORTEST_STEP || !text.contains('%') || !text.contains(['→', '>']) {
                // What explains a step may stand between two of them; a heading ends the schedule.
                if matches!(block.kind, BlockKind::Heading) {
                    self.before = None;
                }
                continue;
            }
            let found = STEP.as_ref().and_then(|pattern| pattern.captures(text));
            let Some(step) = found.and_then(|found| step(view.whole(index), &found)) else { continue };
            if let Some(before) = self.before.as_ref().filter(|before| step.number == before.number + 1) {
                judge_step(before, &step, sink);
            }
            self.before = Some(step);
        }
    }
}

fn step(anchor: Anchor, found: &regex::Captures<'_>) -> Option<Step> {
    let shares =
        found["steps"].split(['→', '>']).map(|share| share.trim().trim_end_matches(['-', ' ', '%']).parse().ok());
    Some(Step { anchor, number: found["number"].parse().ok()?, shares: shares.collect::<Option<Vec<Number>>>()? })
}

fn judge_step(before: &Step, step: &Step, sink: &mut Sink<'_, '_>) {
    let (Some(ended), Some(begins)) = (before.shares.last(), step.shares.first()) else { return };
    let verdict = Verdict::of(ended == begins);
    sink.judge(verdict, || Draft {
        message: format!("this step begins at {begins}%, the one before ended at {ended}%"),
        claimed: format!("{begins}%"),
        recomputed: format!("{ended}%"),
        readings: &["as written"],
        anchors: vec![step.anchor.clone(), before.anchor.clone()],
        at_most: Level::Warning,
    });
}
