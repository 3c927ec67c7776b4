//! What sentences say of the lists and numbers beside them: errors as audits and READMEs have them, and what reads alike and
//! is right.

use super::{all, finds, found, holds, silent};
use crate::proofread::finding::Level;

#[test]
fn a_share_with_words_between() {
    finds(
        "pct-of",
        &[
            "Of 412 tests, 398 passed, which is 97.6%.",
            "Of the 412 tests, 398 passed (97.6%).",
            "398 of the 412 tests passed, or 97.6%.",
            "We saw that 398 out of 412 tests passed, that is 97.6%.",
            "398 of 412 tests passed, a 97.6% pass rate.",
        ],
    );
    holds(
        "pct-of",
        &[
            "Of 412 tests, 398 passed, which is 96.6%.",
            "Of 412 tests, 398 passed, which is 97%.",
            "398 of the 412 tests passed, or ~97%.",
            "Of 40 issues, 10 remain open (75%).",
        ],
    );
    silent(&[
        "Of 40 issues, 10 are new (75% done).",
        "5 of 8 hosts moved, a 40% cost reduction.",
        "Of 200 users, 150 voted, or 80% turnout.",
        "Of 412 tests, 398 passed and 10 failed (2.4%).",
        "`Of 412 tests, 398 passed (97.6%)`",
    ]);
    assert_eq!(all("Of 412 tests, 398 passed, which is 97.6%.")[0].level, Level::Warning);
}

#[test]
fn a_change_in_words() {
    finds(
        "delta",
        &[
            "Pods rose from 8 to 12, a 40% increase.",
            "Throughput went up from 1,000 to 1,500 ops/s, a 40% improvement.",
            "Throughput went from 1,000 to 1,500 ops/s, a 40% improvement.",
            "Latency fell by 60% from 90 ms to 45.0 ms.",
            "Coverage rose from 71.0% to 78.0%, an increase of 9 percentage points.",
            "Pods grew from 8 to 12 (+40%).",
            "The cost dropped from $90 to $45 – a 60% drop.",
        ],
    );
    holds(
        "delta",
        &[
            "Pods rose from 8 to 12, a 50% increase.",
            "Throughput went up from 1,000 to 1,500 ops/s, a 50% improvement.",
            "Latency fell by 50% from 90 ms to 45 ms.",
            "Coverage rose from 71% to 78%, an increase of 7 percentage points.",
            "Coverage rose from 40% to 60%, a 50% increase.",
            "Pods grew from 8 to 12 (+50%).",
        ],
    );
    silent(&[
        "Workers were increased from 4 to 8, a 60% improvement.",
        "We scaled from 4 to 8 workers, a 60% speedup.",
        "Sales grew from 2024 to 2025, a 30% increase.",
        "Sales grew by 30% from 2024 to 2025.",
        "Pods rose from 8 to 12, a 40% increase in cost.",
        "Prices rose from 8 to 12, a 20% discount.",
    ]);
    let message = &all("Coverage 40% → 56% (+20)")[0].message;
    assert_eq!(message, "from 40% to 56% is 16, the text says 20");
    assert_eq!(found("Coverage rose from 71% to 78%, an increase of 9 percentage points."), [] as [&str; 0]);
}
