//! The rollout in the documents: one computed sentence, the stages over time, what decides, and the review of the plan.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use countersign::model::record::Record;
use countersign::report::view::View;
use countersign::report::view::rollout::Rollout;
use countersign::report::{self, Templates};
use pulldown_cmark::{Event, Options, Parser};

use crate::report::view_of;
use crate::report_safety::{anchors_meet, nothing_acts, tags};
use crate::support::{countersign, ran, run};

const STAGES: &str = "
    - name: canary
      to: 5%
      soak: 12h
      enable: [otel]
      run: deploy 5
      proceed-when: [error-rate < 1% for 1h]
      roll-back-when: [error-rate > 0.5% for 5m, load > 3]
    - name: half
      title: Half of them
      to: 50%
      soak: 24h
      enable: [search]
      proceed-when: [error-rate < 0.1% for 1h]
      roll-back-when: [error-rate > 0.5% for 5m]
    - name: all
      title: Everybody
      to: 100%
      soak: 120h
      roll-back-when: [error-rate > 2% 3 times in a row, 'ops.flags.enabled > 3']
";

/// Writes an audit whose rollout has these stages, and these lines before them.
fn written(directory: &Path, header: &str, before: &str, stages: &str) {
    let audit = format!(
        "\
audit: {{id: shop, title: Shop, subject: {{name: Shop}}{header}}}
areas:
  - area: ops
    checks:
      - id: flags
        title: The flags
        flag-count: {{file: flags.yaml, flags: .flags, enabled: .value}}
        expect: {{total: == 3}}
rollout:
  strategy: canary
  owner: Cora
  flags: ops/flags
{before}
  signals:
    - id: error-rate
      title: Failing requests
      metric: {{prometheus: 'http://localhost:9090', query: 'sum(rate(failed[5m]))', unit: ratio}}
    - id: spare
      metric: {{prometheus: 'http://localhost:9090', query: up}}
  stages:{stages}"
    );
    fs::write(directory.join("audit.yaml"), audit).unwrap();
    fs::write(directory.join("flags.yaml"), "flags: {otel: true, search: false, risky: false}\n").unwrap();
}

const DATED: &str = ", go-live: 2025-10-23T00:00Z, window: 2025-10-23..2025-10-30";
const WAY_BACK: &str = "  must-stay-off: [risky]\n  way-back: deploy --back";

/// What the documents of such an audit show.
fn shown(header: &str, before: &str, stages: &str) -> View {
    let place = tempfile::tempdir().unwrap();
    written(place.path(), header, before, stages);
    let ran = run(place.path());
    assert!(ran.code < 4, "{}", ran.stderr);
    let record: Record = serde_json::from_slice(&fs::read(place.path().join("bundle/record.json")).unwrap()).unwrap();
    let view = view_of(&record);
    for (name, text, from, to) in [
        ("report.html", html(&view), "<section id=\"rollout\"", "</section>"),
        ("report.md", markdown(&view), "<a id=\"rollout\">", "<a id=\"recommendation\">"),
    ] {
        let written = fs::read_to_string(place.path().join("bundle").join(name)).unwrap();
        assert_eq!(between(&written, from, to), between(&text, from, to), "as the binary writes it");
    }
    view
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

fn rollout(view: &View) -> &Rollout {
    view.rollout.as_ref().unwrap()
}

fn html(view: &View) -> String {
    report::html(view, &Templates::builtin()).unwrap()
}

fn markdown(view: &View) -> String {
    report::markdown(view, &Templates::builtin()).unwrap()
}

#[test]
fn one_sentence_says_how_many_stages_from_when_to_when_and_how_long() {
    let view = shown(DATED, WAY_BACK, STAGES);
    let sentence = "Canary rollout in 3 stages, 0 % to 100 %, from 23 October 2025, 00:00 UTC to 29 October 2025, 12:00 UTC: \
                    6 d 12 h.";
    assert_eq!(rollout(&view).sentence, sentence);
    for document in [html(&view), markdown(&view)] {
        assert!(document.contains(sentence), "{document}");
    }
    assert!(view.contents.iter().any(|entry| entry.anchor == "rollout" && entry.figure.as_deref() == Some("3")));
    let brief = view.brief.rollout.unwrap();
    assert!(brief.starts_with(sentence) && brief.contains("finding"), "{brief}");
}

#[test]
fn a_soak_that_nobody_says_is_not_counted_and_that_is_said() {
    let view = shown(DATED, WAY_BACK, &STAGES.replace("      soak: 120h\n", ""));
    let sentence = &rollout(&view).sentence;
    assert!(sentence.ends_with("12:00 UTC: 36 h, without the soak of 1 stage, which nobody says."), "{sentence}");
    let last = rollout(&view).stages.last().unwrap();
    assert_eq!((&*last.soak, &*last.ends), ("–", "–"));
    assert_eq!(rollout(&view).timeline.as_ref().unwrap().spans[2].width, "0", "it is drawn as a moment");
}

#[test]
fn bars_and_shares_stand_where_their_dates_are() {
    let view = shown(DATED, WAY_BACK, STAGES);
    let timeline = rollout(&view).timeline.as_ref().unwrap();
    // The window is the eight days until the end of 30 October.
    let drawn: Vec<[&str; 3]> = timeline.spans.iter().map(|span| [&*span.x, &*span.width, &*span.lasts]).collect();
    assert_eq!(drawn, [["0", "6.25", "6.25"], ["6.25", "12.5", "12.5"], ["18.75", "62.5", "62.5"]]);
    let heights: Vec<[&str; 2]> = timeline.spans.iter().map(|span| [&*span.from_y, &*span.to_y]).collect();
    assert_eq!(heights, [["130", "125.5"], ["125.5", "85"], ["85", "40"]]);
    let ticks: Vec<[&str; 2]> = timeline.ticks.iter().map(|tick| [&*tick.x, &*tick.label]).collect();
    assert_eq!(ticks, [["0", "23 Oct"], ["25", "25 Oct"], ["50", "27 Oct"], ["75", "29 Oct"]]);
    let edges: Vec<[&str; 2]> = timeline.edges.iter().map(|edge| [&*edge.x, &*edge.label]).collect();
    assert_eq!(edges, [["0", "window opens"], ["100", "window closes"]]);
    assert!(timeline.description.contains("Half of them: 5 % to 50 %, 23 October 2025, 12:00 UTC to 24 October 2025"));
}

#[test]
fn a_window_far_wider_than_the_rollout_is_told_and_not_drawn() {
    let view = shown(", go-live: 2025-10-23T00:00Z, window: 2025-10-01..2025-12-31", WAY_BACK, STAGES);
    let timeline = rollout(&view).timeline.as_ref().unwrap();
    assert!(timeline.edges.is_empty());
    assert_eq!(timeline.spans[2].width, "76.92");
    let outside =
        "Not drawn: the window opens 1 October 2025, 00:00 UTC and the window closes 1 January 2026, 00:00 UTC.";
    assert_eq!(timeline.outside.as_deref(), Some(outside));
}

#[test]
fn dates_stand_at_midnight_of_the_audits_zone_on_both_sides_of_a_change_of_the_clocks() {
    let zone = ", go-live: 2025-10-23T00:00Z, timezone: Europe/Berlin";
    let view = shown(zone, WAY_BACK, STAGES);
    let ticks = &rollout(&view).timeline.as_ref().unwrap().ticks;
    let found: Vec<[&str; 2]> = ticks.iter().map(|tick| [&*tick.x, &*tick.label]).collect();
    // 22:00 UTC on the 24th; from the 26th on midnight is at 23:00 UTC.
    assert_eq!(found, [["29.49", "25 Oct"], ["60.9", "27 Oct"]]);
}

#[test]
fn without_a_date_nothing_is_drawn_and_the_table_says_how_long() {
    let view = shown("", WAY_BACK, STAGES);
    assert!(rollout(&view).timeline.is_none());
    assert_eq!(rollout(&view).sentence, "Canary rollout in 3 stages, 0 % to 100 %, 6 d 12 h in all; no date is known.");
    let page = html(&view);
    assert!(!page.contains("class=\"timeline\"") && page.contains("The stages, run by Cora; no date is known"));
    assert!(!page.contains(">Starts</th>") && page.contains("data-label=\"soaks for\">24 h<"));
    assert!(markdown(&view).contains("| Stage | Share | Soaks for | Switches on |\n"));
}

#[test]
fn a_rollout_of_one_stage_without_flags_has_no_matrix() {
    let one = "\n    - {name: all, to: 100%, soak: 1h, roll-back-when: [error-rate > 1%]}\n";
    let view = shown(DATED, "", one);
    assert!(rollout(&view).flags.is_empty() && !rollout(&view).columns.flags);
    assert!(rollout(&view).sentence.starts_with("Canary rollout in 1 stage, 0 % to 100 %, from 23 October"));
    let ticks: Vec<&str> =
        rollout(&view).timeline.as_ref().unwrap().ticks.iter().map(|tick| tick.label.as_str()).collect();
    assert_eq!(ticks, ["23 Oct", "00:15", "00:30", "00:45"], "an hour is told in quarters");
    for document in [html(&view), markdown(&view)] {
        assert!(!document.contains("Flags by stage") && !document.contains("Switches on"));
        assert!(!document.contains("Command reference"));
    }
}

#[test]
fn a_flag_is_on_from_its_stage_and_one_that_must_stay_off_and_does_not_stands_out() {
    let view = shown(DATED, WAY_BACK, &STAGES.replace("[search]", "[search, risky]"));
    let row = |name: &str| -> Vec<&str> {
        let flag = rollout(&view).flags.iter().find(|flag| flag.name == name).unwrap();
        flag.stages.iter().map(|mark| &*mark.word).collect()
    };
    assert_eq!(row("otel"), ["on from here", "on", "on"]);
    assert_eq!(row("search"), ["not yet", "on from here", "on"]);
    assert_eq!(row("risky"), ["stays off", "on, and must stay off", "on, and must stay off"]);
    let page = html(&view);
    assert!(
        page.contains("<td colspan=\"2\" data-label=\"Half of them, Everybody:\"><span class=\"mark bad\">"),
        "{page}"
    );
}

#[test]
fn thresholds_are_told_stage_by_stage_and_neighbours_with_the_same_stand_together() {
    let view = shown(DATED, WAY_BACK, STAGES);
    let told = |name: &str| {
        let thing = rollout(&view).deciding.iter().find(|thing| thing.name == name).unwrap();
        let mut told = String::new();
        for row in &thing.rows {
            for cell in row.cells.iter().filter(|cell| !cell.conditions.is_empty()) {
                let _ = writeln!(told, "{}: {}: {}", row.word, cell.stages, cell.conditions.join(", "));
            }
        }
        told
    };
    let error_rate = "\
goes on: Canary: < 1% for 1 h
goes on: Half of them: < 0.1% for 1 h
rolls back: Canary, Half of them: > 0.5% for 5 min
rolls back: Everybody: > 2%, 3 times in a row
";
    assert_eq!(told("error-rate"), error_rate);
    let names: Vec<&str> = rollout(&view).deciding.iter().map(|thing| thing.name.as_str()).collect();
    assert_eq!(names, ["error-rate", "ops.flags.enabled", "load"], "signals, then facts, then what nothing measures");
    let page = html(&view);
    assert!(page.contains("colspan=\"2\" data-label=\"Canary, Half of them:\">&gt; 0.5% for 5 min</td>"));
    assert!(markdown(&view).contains("(#signal-error-rate) | Canary, Half of them |  | &gt; 0.5% for 5 min |"));
}

#[test]
fn each_signal_says_what_measures_it_and_what_is_asked() {
    let view = shown(DATED, WAY_BACK, STAGES);
    let signals = &rollout(&view).signals;
    let by_name = |name: &str| signals.iter().find(|signal| signal.name == name).unwrap();
    let rate = by_name("error-rate");
    assert_eq!((&*rate.how, &*rate.title), ("value of metric", "Failing requests"));
    assert!(rate.asks.iter().any(|ask| ask.label == "query" && ask.value == "sum(rate(failed[5m]))"), "{rate:?}");
    assert!(rate.declared.starts_with("audit.yaml:"));
    assert!(by_name("spare").idle && !rate.idle);
    let fact = by_name("ops.flags.enabled");
    assert_eq!(fact.check.as_ref().unwrap().anchor.as_deref(), Some("c-ops--flags"));
    assert!(by_name("load").unmeasured);
    let page = html(&view);
    assert!(page.contains("<code>sum(rate(failed[5m]))</code>") && page.contains("nothing measures it"));
    assert!(markdown(&view).contains("query `sum(rate(failed[5m]))`"));
}

#[test]
fn each_matter_is_said_once_and_its_condition_leads_to_it_and_back() {
    let view = shown(DATED, WAY_BACK, STAGES);
    let review = &rollout(&view).review;
    let measured = review.iter().find(|rule| rule.anchor == "rollout-measured").unwrap();
    assert_eq!(measured.mark.word, "broken");
    let finding = &measured.findings[0];
    assert_eq!(finding.says, "Nothing measures \"load\", which canary is decided by.");
    assert!(finding.declared.starts_with("audit.yaml:"), "{finding:?}");
    for document in [html(&view).replace("&quot;", "\""), markdown(&view)] {
        assert_eq!(document.matches("Nothing measures \"load\"").count(), 1);
        assert!(document.contains("everything that decides is measured."));
    }
    let page = html(&view);
    anchors_meet(&page);
    assert!(page.contains("The plan review has 1 finding about canary."));
    assert!(page.contains("From <a href=\"#rollout-measured\">the rollout</a>"));
    assert!(page.contains("<a href=\"#condition-rollout-measured\">It is a condition.</a>"));
    assert!(markdown(&view).contains("(#condition-rollout-measured)"));
    let reviewed = &rollout(&view).reviewed;
    assert!(reviewed.starts_with("Of 11 rules for rollout plans ") && reviewed.contains(" are broken"), "{reviewed}");
}

#[test]
fn who_runs_every_stage_is_said_once_and_who_runs_one_in_its_row() {
    let view = shown(DATED, WAY_BACK, STAGES);
    assert!(!rollout(&view).columns.owner && markdown(&view).contains("Every stage is run by Cora."));
    let view = shown(DATED, WAY_BACK, &STAGES.replace("soak: 12h", "soak: 12h\n      owner: Zenith"));
    assert_eq!(rollout(&view).run_by, None);
    let owners: Vec<&str> = rollout(&view).stages.iter().map(|stage| stage.owner.as_str()).collect();
    assert_eq!(owners, ["Zenith", "Cora", "Cora"]);
    assert!(html(&view).contains("data-label=\"owner\">Zenith</td>"));
}

#[test]
fn commands_stand_as_they_are_pasted_with_the_way_back_last() {
    let view = shown(DATED, WAY_BACK, STAGES);
    let text = markdown(&view);
    assert!(text.contains("#### Canary, 0 % to 5 %\n\n```sh\ndeploy 5\n```\n"), "{text}");
    assert!(text.contains("#### The way back, at any time\n\n```sh\ndeploy --back\n```\n"));
    assert!(!text.contains("#### Everybody"), "a stage without commands has none to show");
    assert!(html(&view).contains("<pre><code>deploy --back</code></pre>"));
}

#[test]
fn claims_alone_say_nothing_about_the_rollout() {
    let place = tempfile::tempdir().unwrap();
    written(place.path(), DATED, WAY_BACK, STAGES);
    let bundle = place.path().join("bundle");
    let ran = ran(countersign().arg("run").arg(place.path()).arg("--claims-only").arg("--to").arg(&bundle));
    assert!(ran.code < 4, "{}", ran.stderr);
    let text = fs::read_to_string(bundle.join("report.md")).unwrap();
    assert!(!text.contains("ollout"), "{text}");
}

/// The rollout with this text wherever somebody may write what they like.
fn said_everywhere(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    let one_word = serde_json::to_string(&format!("{}_x > 3", text.split_whitespace().collect::<String>())).unwrap();
    format!(
        "
    - name: one
      title: {quoted}
      to: 5%
      soak: 1h
      enable: [{quoted}]
      owner: {quoted}
      run: {quoted}
      proceed-when: [error-rate < 1%]
      roll-back-when: [{one_word}]
    - name: two
      to: 100%
      soak: 1h
      must-stay-off: [{quoted}]
      roll-back-when: [error-rate > 1%]
"
    )
}

#[test]
fn what_a_plan_says_cannot_change_the_structure_of_a_document() {
    let structure = |text: &str| {
        let quoted = serde_json::to_string(text).unwrap();
        let before = format!("  way-back: {quoted}\n  must-stay-off: [{quoted}]");
        let view = shown(DATED, &before, &said_everywhere(text));
        let page = html(&view);
        nothing_acts(&page);
        anchors_meet(&page);
        let elements: Vec<String> = tags(&page).into_iter().map(|(name, _)| name).collect();
        let mut options = Options::empty();
        options.insert(Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS);
        let text = markdown(&view);
        let blocks: Vec<String> = Parser::new_ext(text.splitn(3, "---\n").nth(2).unwrap(), options)
            .filter_map(|event| match event {
                Event::Start(tag) => Some(format!("{tag:?}").split(['(', ' ', '{']).next().unwrap().to_owned()),
                Event::Html(_) | Event::InlineHtml(_) => Some("html".to_owned()),
                _ => None,
            })
            .collect();
        (elements, blocks)
    };
    let plain = structure("plain");
    for hostile in [
        "</code></pre></table><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "`` ` ``` ~~~",
        "x\n\nA heading\n===\n\n1. an item\n\n    code",
        "**bold** _x_ ~~y~~ [l](javascript:alert(1)) ![i](x) <http://x.example>",
        "{{ 7*7 }}{% include \"x\" %} ::error:: \u{1b}[2J \u{202e}",
    ] {
        let (elements, blocks) = structure(hostile);
        assert!(elements == plain.0, "{hostile}");
        assert!(blocks == plain.1, "{hostile}\n{blocks:?}\n{:?}", plain.1);
    }
}

#[test]
fn prose_names_the_figures_of_the_rollout_and_lint_says_which_it_knows() {
    let place = tempfile::tempdir().unwrap();
    let prose = ", summary: 'It takes {{ rollout.length }} in {{ rollout.stages }} stages, until {{ rollout.ends }}.'";
    written(place.path(), &format!("{DATED}{prose}"), WAY_BACK, STAGES);
    assert!(run(place.path()).code < 4);
    let text = fs::read_to_string(place.path().join("bundle/report.md")).unwrap();
    assert!(text.contains("It takes 6 d 12 h in 3 stages, until 29 October 2025, 12:00 UTC."), "{text}");
    let linted = |header: &str| {
        written(place.path(), header, WAY_BACK, STAGES);
        ran(countersign().arg("lint").arg(place.path()))
    };
    let wrong = linted(", summary: '{{ rollout.canry.starts }}'");
    assert_eq!(wrong.code, 4);
    assert!(wrong.stderr.contains("the rollout has no stage \"canry\"; did you mean \"canary\"?"), "{}", wrong.stderr);
    let audit = fs::read_to_string(place.path().join("audit.yaml")).unwrap();
    let area = audit.replace("canry.starts", "length").replace("area: ops", "area: rollout");
    fs::write(place.path().join("audit.yaml"), area.replace("ops/flags", "rollout/flags").replace("ops.", "rollout."))
        .unwrap();
    let taken = ran(countersign().arg("lint").arg(place.path()));
    assert_eq!(taken.code, 4);
    assert!(taken.stderr.contains("an area is called \"rollout\", so these names mean that area"), "{}", taken.stderr);
}
