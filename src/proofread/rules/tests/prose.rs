//! What sentences say of the lists and numbers beside them: errors as audits and READMEs have them, and what reads alike and
//! is right.

use super::{all, checked, finds, found, holds, silent, table};
use crate::proofread::finding::Level;

fn list(lead: &str, items: &[&str]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("- {item}\n")).collect();
    format!("# Title\n\n{lead}\n\n{}\n## Next\n\nMore.\n", items.concat())
}

const FOUR: &[&str] = &["gateway", "ledger", "payout", "risk"];

#[test]
fn a_list_has_as_many_items_as_are_announced() {
    for lead in [
        "The following five services were reviewed:",
        "There are 5 services:",
        "It supports three modes:",
        "Some text. The package includes **three** new features to the API:",
        "It can be called in three ways:",
        "Errors fall into five categories:",
        "You will need the following three PRs as follows:",
        "This happens for one of three reasons:",
        "The three gates are:",
        "Before the rollout, the five gates are:",
        "Our 5 stages were:",
    ] {
        finds("count-items", &[&list(lead, FOUR)]);
        holds("count-items", &[&list(&lead.replace("three", "four").replace("five", "four").replace('5', "4"), FOUR)]);
    }
    finds(
        "count-items",
        &[
            "Release takes 3 steps:\n\n1. Tag\n2. Build\n3. Publish\n4. Announce\n",
            "- Modes\n\n  There are three modes:\n  - fast\n  - slow\n",
            "> There are three modes:\n>\n> * fast\n> * slow\n",
            "- There are five rules:\n  1. one\n  1. another\n  1. a third\n",
        ],
    );
    let message = &all(&list("There are 5 services:", FOUR))[0].message;
    assert_eq!(message, "\"5 services\" are announced, 4 are listed");
}

#[test]
fn a_line_may_announce_something_else() {
    for lead in [
        "Run the following on these three hosts:",
        "Run these commands on three hosts:",
        "Two crates that provide three traits:",
        "There are three crates that provide:",
        "There are three functions with these parameters:",
        "It has at least three modes:",
        "It takes up to three arguments:",
        "There are three or more modes:",
        "It needs three hours:",
        "It took three attempts to find this:",
        "Phase 3 services:",
        "It supports TLS 1.3 services:",
        "There are three services.",
        "There are three services: see below. These are others:",
        "It has +3 services:",
        "The first three gates are:",
        "The other three gates are:",
        "The three are:",
        "The three gates of it are:",
        "The three gates here are:",
        "What the three gates are:",
        "The three gates and stages are:",
        "The three hours are:",
    ] {
        let text = list(lead, FOUR);
        silent(&[&text]);
        assert_eq!(checked(&text, "count-items"), 0, "{lead}");
    }
}

#[test]
fn a_list_may_hold_more_or_fewer_than_its_items() {
    let of = |count: &str, items: &[&str]| list(&format!("It has {count} parts:"), items);
    silent(&[
        &of("six", &["(`try_`)transmute", "(`try_`)transmute_ref", "(`try_`)transmute_mut"]),
        &of("three", &["`cron.add` / `cron.remove`", "thread.run"]),
        &of("five", &["two thermometers", "2 barometers", "one hygrometer"]),
        &of("four", &["this and that", "one", "another"]),
        &of("five", &["one", "two more", "another", "..."]),
        &of("three", &["one\n  - a\n  - b", "another"]),
        &of("two", &["one", "another", "Note: both are small"]),
        &of("two", &["one", "another", "a third (planned)"]),
        &of("twenty", FOUR),
        &of("12", FOUR),
        // A list that goes on.
        "It has five parts:\n\n- a\n- b\n- c\n\nAnd then:\n\n- d\n- e\n",
        "It has three parts:\n\n- a\n- b\n\n```\ncode\n```\n\n- c\n- d\n",
        "It has three parts:\n\n- a\n- b\n-\n",
        "It has three parts:\n\n- a\n- b\n- ![](x.png)\n",
        // Lists beside it that are no part of it.
        "It has two parts:\n\n1. a\n  - more of a\n2. b\n",
        "It has two parts:\n\n- a\n- b\n\n<!-- -->\n\n- c\n",
        "It has two parts:\n\n- a\n- b\n\n\n- c\n",
        "It has two parts:\n\n- a\n- b\n\n* c\n",
        "It has two parts:\n\n1. a\n2. b\n1. c\n",
        "It has two parts:\n\n- a\n- b\n\n***\n\n- c\n",
        "```\nIt has two parts:\n- a\n- b\n- c\n```\n",
    ]);
    finds(
        "count-items",
        &[&of("three", &["a: this and that", "b: (large)"]), &of("two", &["one", "another", "a third"])],
    );
}

#[test]
fn no_row_stands_twice() {
    let head = "| Platform | Status |";
    let rows = |again: &str| table(head, &["| Linux | ok |", "| macOS | ok |", again, "| Windows | beta |"]);
    finds("duplicate-row", &[&rows("| Linux | ok |"), &rows("|Linux|  ok|"), &rows("| macOS | ok |")]);
    holds("duplicate-row", &[&rows("| BSD | ok |"), &rows("| Linux | beta |"), &rows("| linux | ok |")]);
    silent(&[
        &rows("| Linux | |"),
        &rows("| Linux | - |"),
        // Names that are in several rows are none.
        &table(head, &["| a | 1 |", "| a | 1 |", "| b | 2 |", "| b | 3 |"]),
        &table(head, &["| a | 1 |", "| a | 1 |", "| a | 1 |"]),
        &table(head, &["| 1 | x |", "| 1 | x |", "| 2 | y |"]),
        // The same words, and another link.
        &table(head, &["| Linux | [log](a) |", "| Linux | [log](b) |", "| macOS | [log](c) |"]),
        &table(head, &["| Linux | ok |", "| Linux | ok |"]),
    ]);
    finds("duplicate-id", &[&table("| ID | Title |", &["| R-01 | a |", "| R-01 | a |", "| R-02 | b |"])]);
}

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
fn a_share_of_a_score_or_a_quantity_has_the_room_that_rounding_leaves() {
    finds(
        "pct-of",
        &[
            "Score: 8.5/10 = 90 %.",
            "Score: 9/10 = 80 %.",
            "We got 3.2/5 = 68 %.",
            "Memory: 1.5 GB of 2.0 GB (90 %).",
            "Memory: 1.50 GB out of 2.00 GB used (80 %).",
            "Disk: 410 GB of 512 GB = 85 %",
            "It took 45.0 min of 60.0 min (85%).",
            "1.50 of 2.00 GiB (85%)",
            "Disk: 120 GB / 512 GB (33 % used)",
            "Disk: 120 GB of 512 GB (70 % free)",
        ],
    );
    holds(
        "pct-of",
        &[
            "Score: 8.5/10 = 85 %.",
            "Score: 8.5/10 = ~86 %.",
            "Score: 9/10 = 90 %.",
            // What 1.6 cut off and 2 rounded up may be.
            "Memory: 1.5 GB of 2 GB (80 %).",
            "Memory: 1.5 GB of 2.0 GB (75 %).",
            "Memory: 1.5 GB of 2.0 GB (25 % free).",
            "Memory: 7.9 GB of 16 GB (51 %).",
            "Memory: 1.50 GiB of 2.00 GB (80 %).",
            "500 MB of 2.00 GB (25 %)",
            "Disk: 120 GB / 512 GB (23 % used)",
        ],
    );
    silent(&[
        "Score: 8.5/10 (90 %)",
        "Score: 8/10 (77%)",
        "0.2 × 8.5/10 = 17 %",
        "7 + 8.5/10 = 90 %",
        "8.5/10 = 90 % of the target",
        "8.5/10 = 90 % × 0.94",
        "Memory: 1.50 GB of 2.00 GB (80 % threshold)",
        "Memory: 1.50 GB of 2.00 GB (-80 %)",
        "Memory: 1.50 GB of 2.00 GB (+80 %)",
        "Memory: up to 1.50 GB of 2.00 GB (90 %)",
        "2 × 1.50 GB of 2.00 GB (90 %)",
        "4 disks of 500 GB (20 %)",
        "1.50 GB of RAM, 2.00 GB of swap (20 %)",
        "30 s of 2.00 GB (20 %)",
        "`1.50 GB of 2.00 GB (90 %)`",
    ]);
    assert_eq!(all("Memory: 1.5 GB of 2.0 GB (90 %).")[0].level, Level::Warning);
    let message = &all("Memory: 1.5 GB of 2.0 GB (90 %).")[0].message;
    assert_eq!(message, "1.5 GB of 2.0 GB is 75 %, the text says 90 %");
}

#[test]
fn parts_by_severity_make_the_whole() {
    finds(
        "parts",
        &[
            "12 rules: 5 critical, 4 warning, 2 info.",
            "We have 12 alert rules loaded: 5 critical, 4 warning and 2 info.",
            "12 findings (2 critical, 3 high, 4 medium, 2 low)",
            "12 rules: 5 critical rules, 4 warning rules, 2 info rules.",
            "12 rules: 8 critical, 6 warning.",
            "10 issues: 4 major, 5 minor, 3 trivial.",
        ],
    );
    holds("parts", &["12 rules: 5 critical, 4 warning, 3 info.", "13 findings (2 critical, 3 high, 4 medium, 4 low)"]);
    silent(&[
        // Some of them.
        "12 rules: 5 critical, 4 warning.",
        "12 rules: 5 critical, 4 high, 2 medium.",
        "12 rules: 5 critical, 4 warning, 2 info, plus 1 without.",
        "12 rules: 5 critical, 4 warning, 2 info; 1 is off.",
        "12 rules: 5 critical, 4 warning, 2 info (1 muted).",
        "12 rules: 5 critical, 4 warning, 2 info. The other one is muted.",
        "12 rules: 5 critical, 4 warning, 2 info. 1 has none.",
        "12 rules: 5 critical, 4 warning, 2 info each.",
        "12 rules: 5 critical, 4 warning, 2 info, 1 muted.",
        "~12 rules: 5 critical, 4 warning, 2 info.",
        "12+ rules: 5 critical, 4 warning, 2 info.",
        // What was found, and not what is counted.
        "25 checks: 1 critical, 3 warning, 2 info.",
        "20 files: 5 critical, 4 warning, 2 info.",
        "12 rule groups: 5 critical, 4 warning, 2 info.",
        "12 hosts with alerts: 5 critical, 4 warning, 2 info.",
        "12 groups of rules: 5 critical, 4 warning, 2 info.",
        "120 rules: 2 critical, 3 warning, 5 info.",
        "3 rules: 5 critical, 4 warning, 2 info.",
        "12 rules: 5 errors, 4 warnings, 2 notices.",
        "12 rules: 5 critical, 4 critical, 2 info.",
    ]);
    assert_eq!(all("12 rules: 5 critical, 4 warning, 2 info.")[0].level, Level::Warning);
}

#[test]
fn a_sum_may_stand_before_its_terms() {
    finds(
        "equation",
        &[
            "Total 15 = 4 + 5 + 7.",
            "- **Total:** 15 = 4 + 5 + 7\n",
            "So 15 tests = 4 unit + 5 integration + 7 others.",
            "In total 15 = 8 + 9.",
            "The sum (15 = 4 + 5 + 7) is wrong.",
        ],
    );
    holds(
        "equation",
        &["Total 16 = 4 + 5 + 7.", "So 16 tests = 4 unit + 5 integration + 7 slow.", "In total 17 = 8 + 9."],
    );
    silent(&[
        "Plan 1 = 2 + 3",
        "Level 3 = 10 - 20",
        "Level 3 = 10 – 20 + 5 + 6",
        "Total 15 = 4 × 5",
        "Total 15 ≈ 4 + 5 + 7",
        "n + 15 = 4 + 5 + 7",
        "n = 15 = 4 + 5 + 7",
        "Total 15 = 4 + 5 + 7 - 1",
        "Total 15 = 4 + 5 + 7 new - 1 old",
        "Total 15 = 4 + 5 + ...",
        "Total 15 = 4 + 5 + others",
        "Total 15 = 2 + 3 + 4 and 6 more",
        "Total 15 = 2 + 3 + 4 (and 6)",
        "Total 15 = 4 + 5 + e2e 6",
        "Total 15 s = 4 + 5 + 7",
        "`15 = 4 + 5 + 7`",
    ]);
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
            "Latency fell by 60 % from 10 ms to 6 ms.",
            // Of the number after it would be 67 %.
            "Latency fell by 67 % from 100 ms to 60 ms.",
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
            "Latency fell by 40 % from 10 ms to 6 ms.",
            // 9.9 and 5.1, rounded up: that is no error, and told as what it is.
            "Latency fell by 50 % from 10 ms to 6 ms.",
        ],
    );
    assert_eq!(all("Latency fell by 50 % from 10 ms to 6 ms.")[0].level, Level::Info);
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
