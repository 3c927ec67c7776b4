//! What Prometheus, `ps` and services themselves say, and how the clocks of several machines are held against each other.

use std::collections::BTreeMap;

use super::{Processes, Seen, Service, Speaker, Speakers, Stand, Targets};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::endpoint::{beginning, not_let_in, sent_on};
use crate::source::jq::{self, Filter, Json};
use crate::source::process::{Process, processes};
use crate::source::prometheus::{Prometheus, Samples, Series};
use crate::witness::{HttpAnswer, Witness};

/// Clocks of two machines that differ by no more than that many seconds are taken for one.
const CLOSE: i64 = 5;

/// The beginning of 1990, in seconds since 1970. Nothing that is up today was started before it: a start in the year 1, in
/// 1970 or of 0 is how programs write that there was none.
const EARLIEST: i64 = 631_152_000;

/// Is that a start, and no way to write that there was none?
fn is_start(started: Instant) -> bool {
    started.seconds() >= EARLIEST
}

/// The time to count from: that of the server's own clock when it is known and differs from ours by more than a little,
/// because what the server says of its services is said by that clock.
pub(super) fn clock(server: Option<Instant>, ours: Instant, whose: &str, notes: &mut Vec<String>) -> Instant {
    let Some(server) = server.filter(|server| server.seconds_since(ours).abs() > CLOSE) else { return ours };
    notes.push(format!("{whose} has {server} where it is {ours} here; uptimes are counted by the former."));
    server
}

impl Service {
    /// Since when it is up, as of `now`. A start that is still to come says that two clocks differ: by a little, and it
    /// has just been started; by more, and nothing is known.
    pub(super) fn up_since(mut self, started: Option<Instant>, now: Instant, notes: &mut Vec<String>) -> Self {
        let Some(started) = started else { return self };
        if !is_start(started) {
            let name = &self.name;
            self.ageless =
                Some(format!("\"{name}\" says that it was started at {started}, which stands for no start at all"));
            return self;
        }
        self.started = Some(started);
        let age = now.seconds_since(started);
        if age >= 0 {
            self.uptime = Some(age.into());
        } else if self.runs() && age >= -CLOSE {
            let name = &self.name;
            notes.push(format!(
                "\"{name}\" was started at {started}, {} s after the {now} it is here; its uptime counts as 0.",
                -age
            ));
            self.uptime = Some(Number::zero());
        } else {
            self.ageless =
                Some(format!("the clocks differ: {} was started at {started}, and it is {now} here", self.name));
        }
        self
    }
}

/// A number of seconds since 1970, to the second below.
fn instant(seconds: &Number) -> Option<Instant> {
    // Exact: 1795421278.61 is 179542127861/100.
    let text = seconds.to_string();
    let whole = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
    whole.parse().ok().and_then(Instant::from_seconds).filter(|_| !seconds.is_negative())
}

pub(super) async fn at_targets(asked: &Targets, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let endpoint = asked.endpoint();
    let server = Prometheus { endpoint: &endpoint, witness };
    let mut up = server.query("up").await?.whole()?;
    let starts = server.query("process_start_time_seconds").await?.whole()?;
    let mut stale = Vec::new();
    if let Some(most) = asked.max_age.as_deref().and_then(|age| parse_duration(age).ok()) {
        stale = without_stale(&mut up, &server.query("timestamp(up)").await?.whole()?, &most);
    }
    let mut seen = target_services(&asked.services, &up, &starts, witness.now().await?);
    seen.notes.extend(stale);
    Ok(seen)
}

/// Takes the values from those targets whose sample is older than `most` seconds, or of no known age.
pub(super) fn without_stale(up: &mut Samples, times: &Samples, most: &Number) -> Vec<String> {
    let taken: BTreeMap<_, _> = times
        .series
        .iter()
        .filter_map(|series| Some((own_labels(series), series.points.last()?.value.clone()?)))
        .collect();
    let mut notes = Vec::new();
    for series in &mut up.series {
        let name = full_name(series);
        let taken = taken.get(&own_labels(series)).cloned();
        let Some(point) = series.points.last_mut() else { continue };
        let age = taken.map(|taken| &point.at - &taken);
        if age.as_ref().is_none_or(|age| age > most) {
            let age = age.map_or_else(|| "of no known age".to_owned(), |age| format!("{} s old", age.to_rounded(0)));
            notes.push(format!("The newest sample of {name} is {age}: no data."));
            point.value = None;
        }
    }
    notes
}

/// Everything that tells a series from the others of its name: two clusters may have targets of one job and instance.
fn own_labels(series: &Series) -> BTreeMap<String, String> {
    let mut labels = series.labels.clone();
    labels.remove("__name__");
    labels
}

/// When the processes behind targets were started.
struct Starts<'a> {
    /// How many targets have a job and an instance.
    targets: BTreeMap<(&'a str, &'a str), usize>,
    by_target: BTreeMap<(&'a str, &'a str), Vec<&'a Series>>,
    all: Vec<&'a Series>,
}

impl<'a> Starts<'a> {
    fn of(up: &'a Samples, starts: &'a Samples) -> Self {
        let (mut targets, mut by_target) = (BTreeMap::new(), BTreeMap::<_, Vec<&Series>>::new());
        for series in &up.series {
            *targets.entry(target(series)).or_default() += 1;
        }
        for series in &starts.series {
            by_target.entry(target(series)).or_default().push(series);
        }
        Self { targets, by_target, all: starts.series.iter().collect() }
    }

    /// When the youngest process behind a target was started: of those series of its job and instance that have all of its
    /// labels, or, where no other target has its job and instance, of all of these.
    fn youngest(&self, up: &Series) -> Option<Instant> {
        let labels = own_labels(up);
        let has_all = |start: &Series| labels.iter().all(|(name, value)| start.labels.get(name) == Some(value));
        let alike = self.by_target.get(&target(up));
        // One that has all labels of a target has its job and instance, where it has these.
        let named = ["job", "instance"].iter().all(|label| labels.contains_key(*label));
        let near = if named { alike } else { Some(&self.all) };
        let mut own: Vec<_> = near.into_iter().flatten().filter(|start| has_all(start)).collect();
        if own.is_empty() && self.targets.get(&target(up)) == Some(&1) {
            own = alike.into_iter().flatten().collect();
        }
        // A start that cannot be read may be the youngest.
        let starts = own.iter().map(|series| series.points.last().and_then(|point| instant(point.value.as_ref()?)));
        starts.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

/// What a target is called by.
fn target(series: &Series) -> (&str, &str) {
    let label = |name| series.labels.get(name).map_or("", String::as_str);
    (label("job"), label("instance"))
}

pub(super) fn target_services(names: &[String], up: &Samples, starts: &Samples, now: Instant) -> Seen {
    let mut notes: Vec<_> =
        up.infos.iter().chain(&starts.infos).map(|info| format!("Prometheus remarks: {info}")).collect();
    let evaluated = up.series.iter().find_map(|series| instant(&series.points.last()?.at));
    // A time that could not be read stands there as 0.
    let evaluated = evaluated.filter(|at| at.seconds() > 0);
    let now = clock(evaluated, now, "Prometheus", &mut notes);
    let mut skewed = Vec::new();
    let known = Starts::of(up, starts);
    let mut service = |name: &str, targets: &[&Series]| {
        let values: Vec<_> =
            targets.iter().map(|series| series.points.last().and_then(|point| point.value.clone())).collect();
        let alive = values.iter().filter(|value| **value == Some(Number::one())).count();
        let (stand, word) = match values.len() {
            0 => (Stand::NoData, "no data".to_owned()),
            _ if values.iter().any(Option::is_none) => (Stand::NoData, "no data".to_owned()),
            all if alive == all => (Stand::Up, "up".to_owned()),
            1 => (Stand::Down, "down".to_owned()),
            all => (Stand::Down, format!("{alive} of {all} up")),
        };
        // All of its targets must say it, or the youngest might be one that does not.
        let starts: Option<Vec<_>> = targets.iter().map(|series| known.youngest(series)).collect();
        let started = starts.and_then(|starts| starts.into_iter().max());
        Service::new(name, stand, word).up_since(started, now, &mut skewed)
    };
    let services: Vec<_> = if names.is_empty() {
        notes.extend(up.series.is_empty().then(|| "Prometheus has not scraped any target yet.".to_owned()));
        up.series.iter().map(|series| service(&full_name(series), &[series])).collect()
    } else {
        let mut by_name = BTreeMap::<&str, Vec<&Series>>::new();
        for series in &up.series {
            let (job, instance) = target(series);
            by_name.entry(job).or_default().push(series);
            if instance != job {
                by_name.entry(instance).or_default().push(series);
            }
        }
        let of = |name: &String| by_name.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        names.iter().map(|name| service(name, of(name))).collect()
    };
    notes.extend(skewed);
    Seen { services, notes, ..Seen::default() }
}

fn full_name(series: &Series) -> String {
    let (job, instance) = target(series);
    format!("{job} {instance}").trim().to_owned()
}

pub(super) async fn at_processes(asked: &Processes, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let all = processes(witness).await?;
    Ok(process_services(asked, &all, witness.now().await?))
}

pub(super) fn process_services(asked: &Processes, all: &[Process], now: Instant) -> Seen {
    let mut notes = Vec::new();
    let mut service = |name: String, matching: Vec<&Process>| {
        let oldest = matching.iter().filter(|process| !process.zombie).map(|process| process.age).max();
        let zombies = matching.iter().filter(|process| process.zombie).count();
        if zombies > 0 {
            notes.push(format!("{zombies} process(es) of \"{name}\" ended and were not cleared away."));
        }
        let started = oldest.and_then(|age| Instant::from_seconds(now.seconds() - i64::try_from(age).ok()?));
        let (stand, word) = match (oldest, zombies) {
            (Some(_), _) => (Stand::Up, "running"),
            (None, 0) => (Stand::Down, "missing"),
            (None, _) => (Stand::Down, "zombie"),
        };
        Service { started, uptime: oldest.map(Number::from), ..Service::new(name, stand, word) }
    };
    let mut services = Vec::new();
    for name in &asked.names {
        services.push(service(name.clone(), all.iter().filter(|process| process.runs(name)).collect()));
    }
    for pid in &asked.pids {
        services.push(service(format!("process {pid}"), all.iter().filter(|process| process.pid == *pid).collect()));
    }
    Seen { services, notes, ..Seen::default() }
}

pub(super) async fn at_speakers(asked: &Speakers, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let mut seen = Seen { tells_health: true, ..Seen::default() };
    for speaker in &asked.services {
        let answer = witness
            .http(speaker.endpoint().get_itself())
            .await
            .map_err(|problem| Unmeasurable::new(format!("{}: {}", speaker.name, problem.reason), problem.help))?;
        let now = witness.now().await?;
        let filters = [&speaker.started, &speaker.uptime].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        let (asked, size) = (speaker.clone(), answer.body.len());
        let read = move || {
            let mut notes = Vec::new();
            speaker_service(&asked, &answer, now, &mut notes).map(|service| (service, notes))
        };
        let read = jq::apart(&filters, size, read).await;
        let (service, notes) =
            read.map_err(|problem| Unmeasurable::new(format!("{}: {}", speaker.name, problem.message), problem.help))??;
        seen.services.push(service);
        seen.notes.extend(notes);
    }
    Ok(seen)
}

pub(super) fn speaker_service(
    speaker: &Speaker,
    answer: &HttpAnswer,
    now: Instant,
    notes: &mut Vec<String>,
) -> Result<Service, Unmeasurable> {
    let name = speaker.name.clone();
    if let Some(refused) = not_let_in(answer, &name) {
        return Err(refused);
    }
    if let Some(place) = sent_on(answer, &speaker.url) {
        let reason = format!("\"{name}\" does not say since when it runs: sent on to {place}");
        return Err(Unmeasurable::new(reason, "If that is what is meant, ask there."));
    }
    if !(200..300).contains(&answer.status) {
        notes.push(format!("\"{name}\" answered {}: {}", answer.status, beginning(&answer.body)));
        let word = format!("answers {}", answer.status);
        return Ok(Service::new(name, Stand::Unhealthy, word));
    }
    let ask = |filter: &Option<String>| -> Result<Option<Json>, Unmeasurable> {
        let Some(filter) = filter else { return Ok(None) };
        let found = Filter::compile(filter).and_then(|filter| filter.first(&answer.body));
        found.map_err(|problem| Unmeasurable::new(format!("{name}: {}", problem.message), problem.help))
    };
    let started = ask(&speaker.started)?.and_then(|json| match json {
        Json::Number(seconds) => instant(&seconds),
        Json::Text(text) => text.parse().ok(),
        _ => None,
    });
    // Words such as "2 days" are cut off, numbers are not.
    let mut exact = true;
    let said = ask(&speaker.uptime)?.and_then(|json| match json {
        Json::Number(seconds) => Some(seconds),
        Json::Text(text) => text.parse().ok().or_else(|| {
            exact = false;
            parse_duration(&text).ok()
        }),
        _ => None,
    });
    let service = Service::new(&name, Stand::Up, "answers");
    let now = clock(answer_clock(answer), now, &name, notes);
    Ok(match said {
        Some(uptime) if !uptime.is_negative() && started.is_some_and(|at| contradict(&uptime, exact, at, now)) => {
            let at = started.map_or_else(String::new, |at| at.to_string());
            let ageless = format!(
                "uptime and start contradict each other: {name} says that it has been up for {uptime} s, and that it was \
                 started at {at}"
            );
            Service { ageless: Some(ageless), ..service }
        }
        Some(uptime) => match started.or_else(|| instant(&(Number::from(now.seconds()) - uptime.clone()))) {
            Some(started) if !uptime.is_negative() && is_start(started) => {
                Service { started: Some(started), uptime: Some(uptime), ..service }
            }
            // Longer than any service runs, it is a point in time or in another unit.
            _ => Service { ageless: Some(format!("\"{name}\" says that it has been up for {uptime} s")), ..service },
        },
        None => {
            if started.is_none() {
                notes.push(format!("The answer of \"{name}\" does not say since when it runs."));
            }
            service.up_since(started, now, notes)
        }
    })
}

/// Can an uptime and a start not both be true? They may be measured a little apart, by clocks that do not run quite alike.
fn contradict(uptime: &Number, exact: bool, started: Instant, now: Instant) -> bool {
    let age = Number::from(now.seconds_since(started));
    let apart = (uptime - &age).abs();
    let longer = age.max(uptime.clone());
    let share = if exact { Number::ratio(1, 100_u32) } else { Number::ratio(1, 2_u32) };
    let most = share.map_or_else(Number::zero, |share| longer * share).max(Number::from(CLOSE));
    apart > most
}

/// The time on the clock of the server that answered, as HTTP has it in a header.
fn answer_clock(answer: &HttpAnswer) -> Option<Instant> {
    Instant::from_http_date(answer.headers.get("date")?)
}
