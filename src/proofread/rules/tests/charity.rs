//! Right documents that a hasty reading calls wrong, and beside them wrong ones of the same shape, which are still found.

use super::{finds, holds, silent, table};

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
