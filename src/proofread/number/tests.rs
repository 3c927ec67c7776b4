//! Tests of `number`.

use proptest::prelude::*;

use super::*;
use crate::model::printed::parse_fraction_text;

/// What is counted: each mention as written, with its kind and its unit or noun.
fn counted(text: &str) -> String {
    let told = |mention: &Mention| {
        let unit = if mention.unit().is_empty() { String::new() } else { format!(" of {}", mention.unit()) };
        format!("{} [{}{unit}]", &text[mention.span.clone()], mention.kind().word())
    };
    mentions(text).iter().map(told).collect::<Vec<_>>().join("; ")
}

#[test]
fn numbers_are_counted_as_a_careful_reader_would() {
    for (text, expected) in [
        ("13 rules", "13 [count of rules]"),
        ("Claimed: 13 alert rules loaded and active", "13 [count of alert rules loaded]"),
        ("1,026/1,044 (98.28%)", "1,026/1,044 (98.28%) [fraction]"),
        ("98.28% (1,026/1,044 tests)", "98.28% (1,026/1,044 tests) [fraction of tests]"),
        ("Monitoring: 9.8/10, all operational", "9.8/10 [score]"),
        ("Feature Flags: 10/10 (42/42 tests, one)", "10/10 [score]; 42/42 [fraction of tests]"),
        ("47.8 hours (2.0 days)", "47.8 hours [duration of hours]; 2.0 days [duration of days]"),
        ("written at ~19:15 UTC on Oct 20", "~19:15 UTC on Oct 20 [time]"),
        ("10+", "10+ [count]"),
        ("HALO 110ms < 150ms target", "110ms [duration of ms]; < 150ms [duration of ms]"),
        ("HTDAG <150ms, error rate <1%", "<150ms [duration of ms]; <1% [percent of %]"),
        ("16,372,408,320 bytes (15.2 GB)", "16,372,408,320 bytes [bytes of bytes]; 15.2 GB [bytes of GB]"),
        ("17 total: 10 enabled, 7 staged", "17 [count of total]; 10 [count of enabled]; 7 [count of staged]"),
        ("Deployment: October 18, 2025 at 20:43 UTC", "October 18, 2025 at 20:43 UTC [time]"),
        ("P95 latency <200ms for 1 hour", "<200ms [duration of ms]; 1 hour [duration of hour]"),
        ("5/5 health checks passing (100%)", "5/5 health checks passing (100%) [fraction of health checks passing]"),
        ("spot-checked 123/123 = 100%", "123/123 = 100% [fraction]"),
        ("2+ days continuous uptime", "2+ days [duration of days]"),
        ("a 24-hour soak", "24-hour [duration of hour]"),
        ("0% → 5% (24 hours)", "0% [percent of %]; 5% [percent of %]; 24 hours [duration of hours]"),
        ("46.3% faster, 2.5x cheaper", "46.3% [percent of %]; 2.5x [factor of x]"),
        ("No dry-run performed (-1.0 points)", "-1.0 [number of points]"),
        ("took 4-6 h, $100, 15 MB/s", "4-6 h [range of h]; 100 [money]; 15 MB [rate of MB]"),
        ("rose from 80% to 95%", "80% [percent of %]; 95% [percent of %]"),
        ("takes 4 to 6 hours", "4 to 6 hours [range of hours]"),
        ("Passed: 5", "5 [count]"),
        ("44 passed in 0.52s", "44 [count of passed]; 0.52s [duration of s]"),
        ("scripts/deploy.py (17K)", "17K [count]"),
        ("exported: '2025-10-24T22:05Z'", "2025-10-24T22:05Z [time]"),
        ("Python 3.12.3, 3 key packages", "3 [count of key packages]"),
        ("Docker reports: \"Up 2 days\" (consistent)", "Up 2 days [duration of days]"),
        ("Up About an hour", "Up About an hour [duration]"),
        ("Took PT47H and P3D.", "PT47H [duration of H]; P3D [duration of D]"),
        ("Took PT47H, not P3D, and not at least 5 but 6 h", "PT47H [duration of H]; 6 h [duration of h]"),
        ("5/5 health-checks (100%)", "5/5 health-checks (100%) [fraction of health-checks]"),
        ("1.2 million users and 3,000 spot-checks", "1.2 million [count of users]; 3,000 [count of spot-checks]"),
        ("between 4 and 6 hours", "between 4 and 6 hours [range of hours]"),
        ("Total:17, passed", "17 [count]"),
        ("100 ± 5 ms, then 3 s", "3 s [duration of s]"),
        ("237X better, +3.9pp over goal, 9.4 KB", "237X [factor of X]; 3.9pp [number of pp]; 9.4 KB [bytes of KB]"),
        ("at least 3 of 5 nodes", "at least 3 [count]; 5 [count of nodes]"),
    ] {
        assert_eq!(counted(text), expected, "{text}");
    }
}

#[test]
fn names_are_not_numbers() {
    for text in [
        "Phase 4 rollout of Layer 3 (A2A), Task 1: validation",
        "Python 3.12.3 and version 12.2.0, v2.0",
        "commit 92f1fba9b4b6700328e99e97328d6639df8ddc3d",
        "phase_4_deployment, GPT-4, UTF-8, SHA-256",
        "http://localhost:9090/api/v1/rules and localhost:9090",
        "see #123, L10-20 and lines 60-330",
        "1. TrajectoryPool",
        "2) SE Operators",
        "no P0/P1 blockers, P95, Q3, 24/7, CI/CD, N/A",
        "tests/2025/test_3.py, report-2025.md, 404.html, README.md:58:12",
        "127.0.0.1, 10.0.0.1:8080",
        "550e8400-e29b-41d4-a716-446655440000",
        "97,5 % of 1,02",
        "Day 6-7, Steps and Step 3, Option 2",
        "as noted in [3]",
        "## 3.5 Security and version: 1.0",
        "Phases 1, 2 and 3",
        "Epoch 1/3: 100%|███| 5/5",
        "in 2025, since 2024",
        "mail a1@b2.example",
        "3rd 4xx 12px 1e5 x86",
    ] {
        assert_eq!(counted(text), "", "{text}");
    }
}

#[test]
fn times_are_times_and_not_numbers() {
    for text in
        ["2025-10-20", "2025-10-20T19:15Z", "20:28", "Oct 23-30", "October 20, 2025", "20 October 2025", "09:00-17:00"]
    {
        let found = mentions(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].kind(), Kind::Time, "{text}");
    }
}

#[test]
fn parts_can_be_named() {
    let part = |text: &str, part: Part| {
        let found = mentions(text);
        found[0].part(part).map(|span| text[span].to_owned())
    };
    let fraction = "pass rate: 98.28% (1,026/1,044 tests)";
    assert_eq!(part(fraction, Part::Numerator).unwrap(), "1,026");
    assert_eq!(part(fraction, Part::Denominator).unwrap(), "1,044");
    assert_eq!(part(fraction, Part::Percent).unwrap(), "98.28%");
    assert_eq!(part(fraction, Part::Low), None);
    assert_eq!(part("about then, 4-6 h", Part::High).unwrap(), "6");
    assert_eq!(part("about then, 4-6 h", Part::Low).unwrap(), "4");
    assert_eq!(part("Score: 9.8/10", Part::Numerator).unwrap(), "9.8");
    assert_eq!(part("Score: 9.8/10", Part::Denominator).unwrap(), "10");
    assert_eq!(mentions(fraction)[0].parts().len(), 3);
}

#[test]
fn units_and_nouns_narrow_a_search() {
    let first = |text: &str| mentions(text).remove(0);
    assert!(first("13 alert rules loaded").counts("rules"));
    assert!(first("13 alert rules loaded").counts("alert rules loaded"));
    assert!(first("1 rule").counts("rules"));
    assert!(!first("13 flags").counts("rules"));
    assert!(first("47h").counts("hours") && first("47 hours").counts("h"));
    assert!(!first("47h").counts("min") && !first("47h").counts(""));
    assert!(first("98%").counts("%") && first("98%").counts("percent"));
    assert!(first("10/10").is_kind(Kind::Score) && first("10/10").is_kind(Kind::Fraction));
    assert!(first("4-6 h").is_kind(Kind::Duration) && first("17K").is_kind(Kind::Bytes));
    assert!(!first("13 rules").is_kind(Kind::Percent));
}

#[test]
fn every_word_for_a_kind_or_a_part_names_it() {
    assert!(Kind::ALL.into_iter().all(|kind| Kind::named(kind.word()) == Some(kind)));
    assert!(Part::ALL.into_iter().all(|part| Part::named(part.word()) == Some(part)));
    assert_eq!((Kind::named("colour"), Part::named("middle")), (None, None));
}

proptest! {
    #[test]
    fn spans_stand_in_order_and_never_split_a_character(text in "(\\PC|[-~<>0-9.,:/% ()a-z]|[0-9]{1,3}|[0-9]/[0-9]|Oct |over |\n){0,40}") {
        let mut end = 0;
        for mention in mentions(&text) {
            prop_assert!(mention.span.start >= end && mention.span.end > mention.span.start, "{:?}", mention);
            prop_assert!(text.get(mention.span.clone()).is_some(), "{:?}", mention);
            for (_, part) in mention.parts() {
                prop_assert!(mention.span.start <= part.start && part.end <= mention.span.end, "{:?}", mention);
                prop_assert!(text.get(part).is_some(), "{:?}", mention);
            }
            end = mention.span.end;
        }
    }

    #[test]
    fn whatever_is_found_reads_the_same_alone(text in "([-~<>(]|over |at least |between )?[0-9]{1,4}[.,/ :]?[0-9]{0,3}( of | to |-|/| and )?[0-9]{0,3}(%|h| days| GB|k|\\+| million)?[ ,.)]?( tests)?( \\([0-9]{1,3}%\\))?") {
        for mention in mentions(&text) {
            let alone = &text[mention.span.clone()];
            match &mention.stated {
                Stated::Number(printed) => {
                    let again = Printed::parse(alone).unwrap();
                    prop_assert_eq!((&again.readings, again.unit), (&printed.readings, printed.unit), "{}", text);
                }
                Stated::Fraction(fraction) => {
                    let again = parse_fraction_text(alone).unwrap();
                    prop_assert_eq!((&again.part, &again.whole), (&fraction.part, &fraction.whole), "{}", text);
                    prop_assert_eq!(again.percent.is_some(), fraction.percent.is_some(), "{}", text);
                }
                Stated::Time(time) => prop_assert_eq!(&time.text, alone),
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = mentions(&text);
    }

    #[test]
    fn a_number_among_words_is_found(
        before in "([a-z]{4,9} ){0,4}",
        number in 0_u64..10_000_000_000,
        unit in "(|%|ms| GB| rules|h)",
        after in "( [a-z]{4,9}){0,4}",
    ) {
        let printed = format!("{number}{unit}");
        let text = format!("Xyzzy {before}: {printed},{after}");
        let found = mentions(&text);
        prop_assert_eq!(found.len(), 1, "{}", text);
        let digits = number.to_string();
        prop_assert!(text[found[0].span.clone()].starts_with(&digits), "{}", text);
    }
}
