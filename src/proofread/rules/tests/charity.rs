//! Right documents that a hasty reading calls wrong, and beside them wrong ones of the same shape, which are still found.

use super::{all, finds, found, holds, silent, table};
use crate::proofread::finding::Level;

#[test]
fn what_a_container_holds_is_more_than_the_containers() {
    silent(&[
        "We ran 3 test suites: 40 passed, 2 failed.",
        "In 3 browsers: 120 passed, 4 failed.",
        "CI ran 4 jobs (118 passed, 2 failed).",
        "We host 20 clusters (300 healthy, 2 unhealthy).",
        "3 regions: 45 up, 1 down.",
        "We looked at 3 suites of tests (4 passed, 2 failed).",
        "The 6 hypervisors (30 up, 1 down) are new.",
    ]);
    holds("parts", &["4 jobs (3 passed, 1 failed)", "We host 20 clusters (18 healthy, 2 unhealthy)."]);
    finds(
        "parts",
        &[
            "20 tests (25 passed, 6 failed)",
            "17 flags (10 enabled, 8 disabled)",
            "20 jobs (15 passed, 4 failed)",
            "6 hypervisors (5 up, 2 down)",
        ],
    );
}

#[test]
fn outcomes_may_have_any_name() {
    let row = |name: &str, count: &str| {
        table(&format!("| Suite | Total | Passed | Failed | {name} |"), &[&format!("| a | 100 | 90 | 5 | {count} |")])
    };
    for name in ["Not run", "Cancelled", "N/A", "Quarantined", "In progress", "Waived", "Manual", "Retried"] {
        holds("row-parts", &[&row(name, "5")]);
        finds("row-parts", &[&row(name, "4")]);
    }
    silent(&[&row("Not run", "–")]);
    finds("row-parts", &[&row("Duration (s)", "5"), &row("Owner", "Ann"), &row("#", "5")]);
    let list = |last: &str| format!("- Total: 100\n- Passed: 90\n- Failed: 5\n- {last}\n");
    silent(&[&list("Not run: 5"), &list("Quarantined: 5"), &list("Not run: the slow ones")]);
    finds("parts", &[&list("Not run: 4"), &list("Owner: Ann")]);
}

#[test]
fn a_share_or_a_multiple_is_held_against_the_product() {
    holds(
        "bytes-human",
        &[
            "5% of 10 GB (500 MB) is reserved.",
            "33% of 900 MB (0.3 GB) is reserved.",
            "10% of 2 TB = 200 GB.",
            "The pool has 4 disks of 500 GB (2 TB).",
            "8 shards of 250 MB = 2 GB.",
            "Two disks of 500 GB (1 TB) hold it.",
            "Two thirds of 900 MB (0.6 GB) are free.",
            "A third of 900 MB (0.3 GB) is free.",
            "5% of 10 GB (10,000 MB) is reserved.",
            "2 GB of 16,372,408,320 bytes (15.2 GB)",
        ],
    );
    holds(
        "unit-pair",
        &[
            "Error budget: 0.1% of 30 days = 43.2 minutes.",
            "4 runs of 30 min (2 hours).",
            "4 runs of 30 min (0.5 hours) each.",
            "Half of 90 minutes = 45 min.",
            "Half of 90 minutes = 0.75 h.",
            "3 times 90 minutes (4.5 hours)",
            "1000 × 352 ms = 5.87 minutes",
        ],
    );
    silent(&["Shards of 250 MB (2 GB) are kept.", "Most of 10 GB (9,200 MB) is free.", "10 s + 50 s (1 min)"]);
    finds(
        "bytes-human",
        &[
            "5% of 10 GB (900 MB) is reserved.",
            "10% of 2 TB = 300 GB.",
            "The pool has 4 disks of 500 GB (5 TB).",
            "It has a size of 16,372,408,320 bytes (17.2 GB).",
            "2 GB of 16,372,408,320 bytes (17.2 GB)",
        ],
    );
    finds("unit-pair", &["4 runs of 30 min (5 hours).", "It consists of 90 minutes (2.5 hours)."]);
    let message = &all("5% of 10 GB (900 MB) is reserved.")[0].message;
    assert!(message.starts_with("5% of 10 GB is "), "{message}");
    holds("equation", &["30 days × 24 = 720 hours", "90 min / 60 = 1.5 h", "2 GB × 1000 = 2000 MB"]);
    finds("equation", &["30 days × 24 = 750 hours", "30 days × 24 = 700 hours", "3 × 24 hours = 80 hours"]);
}

#[test]
fn columns_that_nobody_adds_up_stand_beside_one_that_foots() {
    let beside = |header: &str, [a, b, c, total]: [&str; 4]| {
        table(
            &format!("| Area | Tests | {header} |"),
            &[
                &format!("| a | 10 | {a} |"),
                &format!("| b | 20 | {b} |"),
                &format!("| c | 30 | {c} |"),
                &format!("| **Total** | **60** | **{total}** |"),
            ],
        )
    };
    silent(&[
        &beside("Temp", ["20", "22", "25", "22"]),
        &beside("Age", ["30", "40", "36", "35"]),
        &beside("Users", ["120", "90", "110", "110"]),
        &beside("Velocity", ["20", "28", "25", "73.5"]),
        &beside("Velocity", ["20", "28", "25", "70"]),
        &beside("Headcount", ["10", "12", "12", "12"]),
        &beside("Open", ["9", "4", "6", "6"]),
        &beside("Regions", ["3", "2", "4", "5"]),
    ]);
    let wrong = beside("Lines", ["10", "20", "30", "65"]);
    assert_eq!((found(&wrong).as_slice(), all(&wrong)[0].level), (["table-total"].as_slice(), Level::Error));
    finds("table-total", &[&beside("Lines", ["100", "3", "2", "100"])]);
    // No sum is less than what is added.
    let less = all(&beside("Stock", ["40", "22", "35", "14"]));
    assert_eq!((less[0].level, less[0].message.contains("no sum")), (Level::Warning, true));
    let more = all(&beside("Stock", ["40", "22", "35", "260"]));
    assert_eq!(more[0].level, Level::Error);
}

#[test]
fn rows_may_overlap_or_be_taken_off() {
    let rows = |rows: &[(&str, &str)]| {
        let rows: Vec<String> = rows.iter().map(|(label, value)| format!("| {label} | {value} |")).collect();
        table("| Item | Count |", &rows.iter().map(String::as_str).collect::<Vec<_>>())
    };
    holds(
        "table-total",
        &[
            &rows(&[("Total", "16"), ("Used", "8"), ("Free", "2"), ("Buff/cache", "6"), ("Available", "7")]),
            &rows(&[("Passed", "90"), ("Failed", "10"), ("Flaky", "3"), ("Total", "100")]),
            &rows(&[("Added", "1,200"), ("Removed", "300"), ("Total", "900")]),
            &rows(&[("Added", "1,200"), ("Removed", "300"), ("Total", "1,500")]),
        ],
    );
    finds(
        "table-total",
        &[
            &rows(&[("Total", "19"), ("Used", "8"), ("Free", "2"), ("Buff/cache", "6"), ("Available", "7")]),
            &rows(&[("Passed", "90"), ("Failed", "10"), ("Flaky", "3"), ("Total", "101")]),
            &rows(&[("Added", "1,200"), ("Removed", "300"), ("Total", "1,400")]),
            &rows(&[("Router", "10"), ("Planner", "20"), ("Unknown", "5"), ("Total", "30")]),
        ],
    );
}

#[test]
fn two_numbers_with_a_slash_may_be_a_date_or_a_split() {
    silent(&[
        "- Rollout on 11/15 (50%)",
        "- 11/22 (100%)",
        "- Canary 11/15 (5%)",
        "- Week of 11/15 (50%)",
        "Slowly: 11/15 (5%), 11/22 (50%), 11/29 (100%)",
        "Deployed 3 of 5 regions (100% success)",
        "- Traffic split 70/30 (70%)",
        "- Canary 70/30 (80%)",
        "Migrated 3 of 12 services (100% success rate).",
        &table("| Stage | Date |", &["| canary | 11/15 (50%) |"]),
    ]);
    finds(
        "pct-of",
        &[
            "All well: 5/6 (90%)",
            "- 11/15 tests (50%)",
            "- Rollout to 11/15 (50%)",
            "31 of 33 tests passed (100% pass rate).",
            "Migrated 31/33 (100% success rate).",
            "Passed 31 of 33 tests (100% success).",
            "Kept 40/60 (50%)",
        ],
    );
    finds("pct-of", &[&table("| Suite | Passed |", &["| a | 11/15 (50%) |"])]);
}

#[test]
fn brackets_behind_an_arrow_need_not_hold_the_change() {
    silent(&[
        "Kubernetes 28 -> 30 (3 clusters)",
        "Kubernetes 28 -> 30 (3 new clusters)",
        "Chrome 120 → 121 (0 regressions)",
        "Open bugs: 40 → 25 (20 fixed)",
        "Tests: 100 → 150 (90% passing)",
        "Ring 1 → 2 (30% traffic)",
        "Revenue 2024 → 2025 (+12%)",
    ]);
    holds("delta", &["Tests: 100 → 150 (50 new tests)", "Errors: 40 → 20 (50% fewer)", "Tests: 100 → 150 (50%)"]);
    finds(
        "delta",
        &[
            "Tests: 100 → 150 (60 new tests)",
            "Errors: 40 → 20 (40% fewer)",
            "Load: 40 → 20 (40% reduction)",
            "Tests: 100 → 150 (+60 passing)",
            "Rows: 2,024 → 2,125 (+12%)",
        ],
    );
}

#[test]
fn items_may_say_how_the_others_stand() {
    holds(
        "list-sum",
        &[
            "Bugs (10 total):\n\n- Critical: 2\n- Major: 5\n- Minor: 3\n- Fixed: 8\n",
            "Bugs (10 total):\n\n- Fixed: 8\n- Critical: 2\n- Major: 5\n- Minor: 3\n",
            "Tests (120 total):\n\n- Unit: 100\n- Integration: 20\n- Skipped: 3\n- Duration: 45\n",
        ],
    );
    finds(
        "list-sum",
        &[
            "Bugs (11 total):\n\n- Critical: 2\n- Major: 5\n- Minor: 3\n- Fixed: 8\n",
            "Tests (130 total):\n\n- Unit: 100\n- Integration: 20\n- Skipped: 3\n- Duration: 45\n",
        ],
    );
}

#[test]
fn points_are_given_as_well_as_taken() {
    let score = |said: &str| {
        format!(
            "Score: {said}/100\n\n- Missing docs (-5 points)\n- No tests for X (-10 points)\n- Bonus for speed (+5 points)\n"
        )
    };
    holds("deduction", &[&score("90"), &score("85")]);
    finds("deduction", &[&score("95")]);
    let message = &all(&score("95"))[0].message;
    assert!(message.starts_with("100 less 15 and plus 5 is 90"), "{message}");
}

#[test]
fn the_column_that_names_the_rows_is_no_target() {
    for name in ["SLO", "Goal", "Requirement", "Objective"] {
        let of = |first: &str, second: &str| {
            table(
                &format!("| {name} | Target | Actual | Status |"),
                &[
                    &format!("| Availability | ≥ 99.9% | {first} | ✅ |"),
                    &format!("| p95 | < 200 ms | {second} | ✅ |"),
                ],
            )
        };
        assert_eq!(found(&of("99.8%", "210 ms")), ["threshold"; 2], "{name}");
        holds("threshold", &[&of("99.95%", "190 ms")]);
    }
    let two = table("| Check | Goal | Target | Actual | Status |", &["| a | fast | < 200 ms | 210 ms | ✅ |"]);
    finds("threshold", &[&two]);
    finds("threshold", &[&table("| Target | Actual | Status |", &["| < 200 ms | 210 ms | ✅ |"])]);
}

#[test]
fn what_is_to_be_is_no_count() {
    silent(&[
        "99.9% of 500 requests must be answered within 1 s.",
        "We promise 99.5% of 100 users an answer",
        "0.1% of 100 requests may fail",
        "SLO: 99.9% of 500 requests",
        "We aim for 99.9% of 500 requests",
    ]);
    finds("grim", &["All must be fast. We saw 45.9% of 64 users. It should be more."]);
}

#[test]
fn an_id_stands_in_several_rows_where_ids_are_mapped() {
    let rows = ["| R-01 | T-01 |", "| R-01 | T-02 |", "| R-02 | T-03 |"];
    silent(&[
        &table("| ID | Test |", &rows),
        &table("| ID | Tests |", &["| R-01 | T-01, T-02 |", "| R-01 | AC-3(1) |", "| R-02 | - |"]),
    ]);
    finds("duplicate-id", &[&table("| ID | Title |", &["| R-01 | a |", "| R-01 | b |", "| R-02 | T-03 |"])]);
}
