//! What each rule finds and where it stays silent, in documents written for it.

mod charity;
mod properties;
mod prose;

use crate::proofread::finding::{Finding, Level};
use crate::proofread::rules::RULES;
use crate::proofread::{Settings, proofread};

/// The findings with every rule on.
fn all(text: &str) -> Vec<Finding> {
    let off = RULES.iter().filter(|rule| rule.level == Level::Off);
    let levels = off.map(|rule| (rule.id, Level::Info)).collect();
    proofread(text, &Settings { levels, today: None }).findings
}

/// The names of the rules that find something, apart from what rounding explains.
fn found(text: &str) -> Vec<&'static str> {
    let off = |rule: &str| RULES.iter().any(|known| known.id == rule && known.level == Level::Off);
    let wrong = all(text).into_iter().filter(|finding| finding.level > Level::Info || off(finding.rule));
    // What is only named in another way is not wrong.
    let wrong = wrong.filter(|finding| finding.rule != "unit-label");
    wrong.map(|finding| finding.rule).collect()
}

fn checked(text: &str, rule: &str) -> u64 {
    let levels = RULES.iter().map(|known| (known.id, Level::Error)).collect();
    let done = proofread(text, &Settings { levels, today: None });
    done.coverage.checked.get(rule).copied().unwrap_or_default()
}

/// Each text has exactly this finding.
fn finds(rule: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(found(text), [rule], "{text}");
        assert!(all(text).iter().all(|finding| finding.anchors.len() >= 2), "{text}");
    }
}

/// Each text is checked by the rule, and nothing is found in it.
fn holds(rule: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(found(text), [] as [&str; 0], "{text}");
        assert!(checked(text, rule) > 0, "not looked at: {text}");
    }
}

/// Nothing is found in any of these.
fn silent(texts: &[&str]) {
    for text in texts {
        assert_eq!(found(text), [] as [&str; 0], "{text}");
    }
}

fn table(head: &str, rows: &[&str]) -> String {
    let line = format!("|{}\n", "---|".repeat(head.matches('|').count() - 1));
    format!("{head}\n{line}{}\n", rows.join("\n"))
}

#[test]
fn percent_of() {
    finds(
        "pct-of",
        &[
            "242/244 (99.3%) pass.",
            "All well: 31/33 = 100%",
            "64% of tests\n\n12 of 17 tests (64%)",
            "80% pass rate (31/33 tests)",
        ],
    );
    holds(
        "pct-of",
        &[
            "242/244 (99.18%)",
            "11/17 (64%)",
            "1,026 of 1,044 tests (98.28 %)",
            "2/10 tests failed (80%)",
            "~66% (2/3)",
            "338/338 = 100%",
        ],
    );
    silent(&[
        "8/10 (77%)",
        "26/27 passing (100% stable)",
        "85-90/100 (12%)",
        "20/25 (-20%)",
        "`1/2 (90%)`",
        "48% cost reduction (16/16 tests)",
    ]);
}

#[test]
fn rounded_to_all() {
    finds("rounded-to-all", &["1,999/2,000 (100%)", "1/3,000 (0%)"]);
    holds("rounded-to-all", &["2,000/2,000 (100%)", "0/20 (0%)"]);
}

#[test]
fn grim() {
    finds("grim", &["We saw 45.9% of 64 users."]);
    holds("grim", &["We saw 45.3% of 64 users.", "12.5% of the 8 hosts"]);
    silent(&["99.95% of 12 months", "45% of 64 users", "0.1% of 1,000,000 rows"]);
}

#[test]
fn rows_of_results() {
    let head = "| Suite | Total | Passed | Failed | Skipped | Pass Rate |";
    let row = |cells: &str| table(head, &[cells]);
    finds("row-parts", &[&row("| a | 140 | 135 | 4 | 0 | 97.1% |")]);
    finds("row-rate", &[&row("| a | 140 | 135 | 5 | 0 | 90% |")]);
    for rule in ["row-parts", "row-rate"] {
        let consistent =
            ["| a | 140 | 135 | 5 | 0 | 96% |", "| a | 12 | 9 | 2 | 1 | 82% |", "| a | 11 | 9 | 2 | 1 | 82% |"];
        for cells in consistent {
            holds(rule, &[&row(cells)]);
        }
    }
    let left_out = table(head, &["| a | 140 | 135 | 4 | – | 97% |", "| b | 5 | 0 | 0 | 0 | N/A |"]);
    silent(&[&left_out, &table("| Suite | Tests | Passing | Failing | Note |", &["| a | 20 | 15 | 2 | pending |"])]);
    let fraction = |rate: &str| table("| Group | Result | Pass Rate |", &[&format!("| a | 44/50 | {rate} |")]);
    finds("row-rate", &[&fraction("98%")]);
    holds("row-rate", &[&fraction("88%")]);
}

#[test]
fn totals_of_tables() {
    let of = |values: [&str; 4]| {
        let [a, b, c, total] = values;
        table(
            "| File | nSLOC |",
            &[
                &format!("| a | {a} |"),
                &format!("| b | {b} |"),
                &format!("| c | {c} |"),
                &format!("| **Total** | **{total}** |"),
            ],
        )
    };
    finds(
        "table-total",
        &[&of(["10", "20", "30", "65"]), &of(["1.5 GB", "2 GB", "1 GB", "9 GB"]), &of(["8/10", "5/6", "1/4", "15/20"])],
    );
    holds(
        "table-total",
        &[
            &of(["10", "20", "30", "60"]),
            &of(["$1.2M", "$0.8M", "$3M", "$5.0M"]),
            &of(["8/10", "5/6", "1/4", "14/20"]),
            &of(["0.5 h", "90 min", "2 h", "4 h"]),
        ],
    );
    silent(&[
        &of(["10", "-", "30", "65"]),
        &of(["10", "7+", "30", "65"]),
        &of(["10", "20%", "30", "65"]),
        &of(["8/10", "7/10", "9/10", "9/10"]),
    ]);
    // Partial tables are a warning, off by less an error.
    let far = &all(&of(["10", "20", "30", "260"]))[0];
    assert_eq!((far.level, far.message.contains("rows may be missing")), (Level::Warning, true));
    assert_eq!(all(&of(["10", "20", "30", "65"]))[0].level, Level::Error);
    for header in ["Avg latency", "Before", "ROI", "Pass rate", "ops/sec", "P95"] {
        silent(&[&of(["10", "20", "30", "65"]).replace("nSLOC", header)]);
    }
    silent(&[
        &table(
            "| Case | Time |",
            &["| a | 512.4 ms |", "| b | 480.1 ms |", "| c | 2.1 ms |", "| **Overall** | **331 ms avg** |"],
        ),
        &table("| Entity | Cases |", &["| a | 411 |", "| b | 182 |", "| c | 141 |", "| Overall | 473 |"]),
        &table("| Area | Lines |", &["| **Core** | 30 |", "| a | 10 |", "| b | 20 |", "| **Total** | 30 |"]),
        &table(
            "| Metric | Value |",
            &["| Requests | 10 |", "| Errors | 2 |", "| Users | 7 |", "| Total requests | 10 |"],
        ),
    ]);
    let weights = |last: &str| {
        table("| Area | Weight |", &["| a | 35% |", "| b | 25% |", &format!("| c | {last} |"), "| Total | 100% |"])
    };
    finds("table-total", &[&weights("30%")]);
    holds("table-total", &[&weights("40%")]);
    // "Sum" above other rows may be one of the things that are listed.
    silent(&[&table("| Kind | Found |", &["| sum | 9 |", "| mean | 1 |", "| order | 2 |"])]);
}

#[test]
fn sums_cut_off_at_their_last_digit_are_rounding() {
    let rows =
        ["| a | 900,445.459473 |", "| b | 69,058.642933 |", "| c | 830,495.897591 |", "| Total | 1,800,000.000000 |"];
    let text = table("| Holder | Amount |", &rows);
    assert_eq!(found(&text), [] as [&str; 0]);
    let info: Vec<Level> = all(&text).iter().map(|finding| finding.level).collect();
    assert_eq!(info, [Level::Info]);
}

#[test]
fn parts_of_a_whole() {
    finds(
        "parts",
        &[
            "17 total: 10 enabled, 6 staged",
            "17 flags (10 enabled, 6 disabled)",
            "Test files: 45 total (24 passing, 20 failing)",
            "134 tests total (42 new + 93 existing)",
            "- Total: 20\n- Passed: 15\n- Failed: 4\n",
            "**Total tests:** 20\n**Passed:** 15\n**Failed:** 4\n",
        ],
    );
    holds(
        "parts",
        &[
            "17 total: 10 enabled, 7 staged",
            "20 tests (15 passed, 4 failed, 1 skipped)",
            "20 tests (15 passed, 5 failed, 1 flaky)",
            "- Total: 21\n- Passed: 15\n- Failed: 5\n- Skipped: 1\n",
        ],
    );
    silent(&[
        "17 files (3 new, 2 changed)",
        "12 issues (3 open, 2 fixed)",
        "326 tests total (35 new, 12 slow)",
        "36 failed tests (60 passed, 36 failed)",
        "20 tests (3 failed)",
    ]);
}

#[test]
fn totals_and_sums_of_lists() {
    finds(
        "list-sum",
        &[
            "Warnings (26 total):\n\n1. Documentation (19)\n2. Unused (4)\n3. Ranges (4):\n",
            "## Work (6 hours)\n\n- Tests: 1 hour\n- Docs: 90 min\n",
        ],
    );
    holds(
        "list-sum",
        &[
            "Warnings (27 total):\n\n1. Documentation (19)\n2. Unused (4)\n3. Ranges (4):\n",
            "## Work (2.5 hours)\n\n- Tests: 1 hour\n- Docs: 90 min\n",
            "Failures (3 files):\n\n- a: 4 files\n- b: 2 files\n- c: 9 files\n",
        ],
    );
    finds(
        "block-total",
        &[
            "```\nA: 44/44 tests\nB: 34/35 tests\nTotal: 79/79 tests\n```\n",
            "- Unit: 120\n- End to end: 30\n- **Total: 160**\n",
        ],
    );
    holds(
        "block-total",
        &[
            "```\n✅ A: 44/44 tests\n✅ B: 35/35 tests\nTotal: 79/79 tests\n```\n",
            "- Unit: 120\n- End to end: 30\n- **Total:** 150\n",
        ],
    );
    silent(&[
        "- Direct: 23 files\n- Transitive: 56 files\n- Total tests available: 342\n",
        "- Average: 10\n- Peak: 20\n- Total: 300\n",
    ]);
}

const FINDINGS: &str = "| ID | Title | Severity |\n|---|---|---|\n| [C-01] | a | Critical |\n| [H-01] | b | High |\n| [М-01] | c | Medium |\n| [M-02] | d | Medium |\n";

#[test]
fn counts_of_rows() {
    let of = |claims: &str| format!("{claims}\n\n{FINDINGS}");
    finds(
        "count-rows",
        &[
            &of("- **Critical** and **High** issues: 2\n- **Medium** issues: 3"),
            &of("- Medium issues: 2\n- Info issues: 4"),
        ],
    );
    holds("count-rows", &[&of("- **Critical** and **High** issues: 2\n- **Medium** issues: 2\n- Low: 0")]);
    finds("duplicate-id", &[&FINDINGS.replace("M-02", "M-01"), &FINDINGS.replace("H-01", "C-01")]);
    holds("duplicate-id", &[FINDINGS]);
}

#[test]
fn counts_of_lists() {
    finds("count-list", &["Updated (3 files):\n\n- src/a.rs\n- src/b.rs\n"]);
    holds("count-list", &["Updated (2 files):\n\n- src/a.rs\n- src/b.rs: the rest\n"]);
    silent(&[
        "Updated (3 files):\n\n- the parser\n- the printer\n",
        "Updated (9 files):\n\n- src/a.rs\n- src/b.rs and more\n",
    ]);
    let flags = "```\nCritical flags (on):\n- phase_one: x and y\n- tracing_on\nTrial flags (off):\n- new_parser\n- new_printer\nEmergency flags:\n- stop_all\n- read_only\n```\n\n";
    let claim = |count: &str, named: &str| format!("{flags}- **Kept off:** {count} ({named})\n");
    finds("count-groups", &[&claim("5", "trial + emergency"), &claim("10", "critical production flags")]);
    holds("count-groups", &[&claim("4", "trial + emergency"), &claim("2", "critical")]);
    silent(&[&claim("7", "unknown + others"), &claim("7", "trial + 3 more")]);
}

#[test]
fn scores() {
    finds("deduction", &["**Readiness: 8/10**\n- Team incomplete (-1.5 points)\n- No rehearsal (−1.0 points)\n"]);
    holds(
        "deduction",
        &["**Readiness: 7.5/10**\n- Team incomplete (-1.5 points)\n- No rehearsal (−1.0 points)\n- Told everybody\n"],
    );
    silent(&["- Team incomplete (-1.5 points)\n- No rehearsal (-1.0 points)\n"]);
    let card = |total: &str, weighted: &str| {
        table(
            "| Area | Score | Weight | Weighted Score |",
            &[
                "| a | 10/10 | 60% | 6.00 |",
                &format!("| b | 9/10 | 40% | {weighted} |"),
                &format!("| **Total** | **{total}/10** | **100%** | **9.60** |"),
            ],
        )
    };
    finds("mean", &[&card("9.2", "3.60")]);
    assert_eq!(found(&card("9.6", "3.50")), ["mean", "table-total"]);
    holds("mean", &[&card("9.6", "3.60")]);
    finds("mean", &["- Speed: 8/10\n- Safety: 9/10\n- Overall: 9.5/10\n"]);
    holds("mean", &["- Speed: 8/10\n- Safety: 9/10\n- Overall: 8.6/10\n"]);
}

#[test]
fn changes() {
    finds(
        "delta",
        &[
            "120 → 150 (+20%)",
            "Latency: 51.2% faster (225.93ms → 190.18ms)",
            "From 10 → 12 (+3)",
            "40 s → 20 s (3x faster)",
        ],
    );
    holds(
        "delta",
        &[
            "120 → 150 (+25%)",
            "40% → 56% (+16%)",
            "40% → 56% (+40%)",
            "Latency: 51.2% faster (225.93ms → 110.18ms)",
            "352 ms → 1 ms (352x faster)",
            "10 → 12 (+2)",
            "26 -> 1742 (+6,600%)",
        ],
    );
    silent(&["60-75% faster (6s → 2s)", "5% → 10% → 25% (+15%)", "0 → 11 (+100%)", "10 → 12 (+7.5 weighted points)"]);
    let row = |cells: &str| table("| What | Before | After | Change |", &[cells]);
    finds("delta", &[&row("| a | 26 | 1,742 | +5,600% |")]);
    holds(
        "delta",
        &[
            &row("| a | 26 | 1,742 | +6,600% |"),
            &row("| a | 36.2% | 45.0% | +8.9 pp |"),
            &row("| a | $21,000 | $9,000 | -57% |"),
            &row("| a | 11 | 0 | -100% |"),
        ],
    );
    silent(&[
        &row("| a | 2000+ | 1900 | -100 |"),
        &row("| a | 12/week | 19/week | +58% |"),
        &row("| a | 0 | 11 | +100% |"),
    ]);
}

#[test]
fn units() {
    finds("bytes-human", &["16,372,408,320 bytes (17.2 GB)", "```\n16372408320 bytes (14.1 GB)\n```\n"]);
    holds(
        "bytes-human",
        &["16,372,408,320 bytes (15.2 GB)", "16,372,408,320 bytes (16.4 GB)", "1,048,576 bytes = 1 MiB"],
    );
    assert_eq!(found("16,372,408,320 bytes (15.2 GB)").len(), 0);
    assert!(all("16,372,408,320 bytes (15.2 GB)").iter().any(|finding| finding.rule == "unit-label"));
    finds("unit-pair", &["It took 90 minutes (2.5 hours).", "Timeout: 5400 s = 3 h"]);
    holds(
        "unit-pair",
        &["It took 90 minutes (1.5 hours).", "6 hours (1 day)", "2 weeks (10 days)", "47.8 hours (2.0 days)"],
    );
    silent(&["1000 × 352 ms = 5.87 minutes", "2 hours (30 minutes each)", "24 hours (every 6 hours)"]);
}

#[test]
fn times() {
    let run = |length: &str| {
        format!("- Started: 2025-10-18 20:43 UTC\n- Ended: 2025-10-20 20:28 UTC\n- Duration: {length}\n")
    };
    finds("elapsed", &[&run("49 hours")]);
    holds("elapsed", &[&run("47.8 hours"), &run("48 h")]);
    silent(&["- Started: 2025-10-26\n- Completed: 2025-10-28\n- Duration: 6 hours\n"]);
    silent(&["- Started: 20:43\n- Ended: 21:00\n- Duration: 3 hours\n"]);
    finds("date-range", &["Oct 23-30, 2025 (10 days)", "2025-10-23 to 2025-11-02 (3 weeks)"]);
    holds(
        "date-range",
        &[
            "October 23-30, 2025 (7 days)",
            "October 23-30, 2025 (8 days)",
            "2025-10-20 – 2025-10-31 (10 days)",
            "2025-10-23 to 2025-11-06 (2 weeks)",
        ],
    );
    let steps = |second: &str| format!("```\nDay 1 (Oct 23): 0% → 5%\nDay 2 (Oct 24): {second} → 25%\n```\n");
    finds("sequence", &[&steps("10%")]);
    holds("sequence", &[&steps("5%"), &steps("5% → 10%")]);
}

#[test]
fn bounds() {
    let uptime = |value: &str| {
        format!(
            "All up (2+ days uptime).\n\n**Uptime accuracy:**\n- Claimed: 40 hours\n- Actual at the audit (20:28 UTC): **{value}**\n"
        )
    };
    finds("bound-vs-value", &[&uptime("47.1 hours")]);
    holds("bound-vs-value", &[&uptime("49.1 hours")]);
    silent(&["All up (2+ days uptime).\n\n- Actual: 3 hours\n"]);
    let row = |target: &str, actual: &str, mark: &str| {
        table("| Metric | Target | Actual | Status |", &[&format!("| a | {target} | {actual} | {mark} |")])
    };
    finds(
        "threshold",
        &[
            &row("90%+", "85.8%", "✅ Exceeded"),
            &row("<150ms", "110ms", "❌ FAIL"),
            "160ms < 150ms target",
            "94% (exceeds 95% threshold)",
        ],
    );
    holds(
        "threshold",
        &[
            &row("90%+", "95.8%", "✅"),
            &row("<150ms", "110ms", "PASS"),
            "0.01ms < 150ms target",
            "98.28% (exceeds 95% threshold)",
        ],
    );
    silent(&[&row("<150ms", "160ms", "⚠️"), &row("<2%", "<0.5%", "✅"), "Python 3.7 < 3.10", "10 tests > 5"]);
}

#[test]
fn headings() {
    finds(
        "heading-predicate",
        &[
            "**Modules at 100% coverage:**\n- a.py (100%)\n- b.py (97%)\n",
            "### Works (100% pass rate)\n\n**Services**:\n1. a: 5/5 (100%)\n2. b: 62/66 (94%)\n",
        ],
    );
    holds("heading-predicate", &["**Modules at 100% coverage:**\n- a.py (100%)\n- b.py (100%)\n"]);
    silent(&[
        "**Goal: 100% coverage**\n- a.py (97%)\n- b.py (95%)\n",
        "### Benchmarks (100% complete)\n- a: 47.3%\n- b: 18.2%\n",
    ]);
    let each = |count: &str| {
        format!(
            "### Hubs (10+ imports each)\n\n{}",
            table("| File | Imports |", &["| a | 14 |", &format!("| b | {count} |")])
        )
    };
    finds("heading-predicate", &[&each("9")]);
    holds("heading-predicate", &[&each("10")]);
}

#[test]
fn orders() {
    let stats =
        |p95: &str| table("| Op | P50 | P95 | P99 | Max |", &[&format!("| a | 1.44ms | {p95} | 2.26ms | 2.47ms |")]);
    finds("order", &[&stats("2.29ms")]);
    holds(
        "order",
        &[
            &stats("2.09ms"),
            "- Min: 3 ms\n- Avg: 5 ms\n- Max: 9 ms\n",
            &table("| Stat | A |", &["| P50 | 900 ms |", "| P99 | 1.2 s |"]),
        ],
    );
    finds("order", &["- Min: 3 ms\n- Avg: 12 ms\n- Max: 9 ms\n"]);
    silent(&[&table("| Stat | Speed |", &["| P50 | 166x |", "| P95 | 158x |"])]);
}

#[test]
fn equations() {
    finds(
        "equation",
        &["In all 135 + 19 + 74 = 229.", "So 10 enabled + 7 staged = 18.", "7 × 24 = 160", "600 ÷ 3 = 100"],
    );
    holds(
        "equation",
        &[
            "In all 135 + 19 + 74 = 228.",
            "So 10 enabled + 7 staged = 17.",
            "7 × 24 hours = 168 hours",
            "120,200 ÷ 600 = 200.3",
            "10.0 - 0.5 - 0.2 = 9.3",
        ],
    );
    silent(&["2 × (3 + 4) = 14", "x + 3 = 4", "a = 1 + 1 = 3 mod 1", "`1 + 1 = 3`"]);
}

#[test]
fn the_same_quantity_is_looked_for_only_where_it_is_asked_for() {
    let text = "## Alerts\n\n- Loaded alert rules: 13\n\nMore.\n\n- Loaded alert rules: 12\n";
    assert_eq!(found(text), ["same-quantity"]);
    assert_eq!(proofread(text, &Settings::default()).findings, []);
    silent(&[
        "## A\n\n- Security tests phase 1: 23\n- Security tests phase 2: 37\n",
        "- Pass rate: 85%\n\nLater.\n\n- Pass rate: 32%\n",
    ]);
}

#[test]
fn every_rule_says_what_it_does_and_is_tried_here() {
    let this = concat!(include_str!("tests.rs"), include_str!("tests/prose.rs"));
    for rule in RULES {
        assert!(rule.summary.ends_with(['.', '`']) || rule.summary.ends_with(')'), "{}", rule.id);
        assert!(rule.explain.ends_with('.'), "{}", rule.id);
        assert!(this.contains(&format!("\"{}\"", rule.id)), "{} is not tried", rule.id);
    }
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
}
