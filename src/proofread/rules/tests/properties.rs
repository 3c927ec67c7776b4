//! What holds for every document: scale, one changed digit, moved text, any bytes.

use proptest::prelude::*;

use super::{all, found, table};
use crate::proofread::finding::Finding;

fn results(scale: u64, suites: &[(u64, u64)]) -> String {
    let mut rows: Vec<String> = Vec::new();
    let mut sums = (0, 0);
    for (index, (passed, failed)) in suites.iter().enumerate() {
        let (passed, failed) = (passed * scale, failed * scale);
        sums = (sums.0 + passed, sums.1 + failed);
        rows.push(format!("| suite {index} | {} | {passed} | {failed} |", passed + failed));
    }
    rows.push(format!("| **Total** | {} | {} | {} |", sums.0 + sums.1, sums.0, sums.1));
    table("| Suite | Tests | Passed | Failed |", &rows.iter().map(String::as_str).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn a_consistent_table_stays_so_in_every_scale(
        suites in prop::collection::vec((1_u64..500, 1_u64..500), 2..8),
        scale in 1_u64..1_000,
    ) {
        prop_assert_eq!(found(&results(1, &suites)), [] as [&str; 0]);
        prop_assert_eq!(found(&results(scale, &suites)), [] as [&str; 0]);
    }

    #[test]
    fn one_other_digit_of_an_exact_relation_is_found(part in 0_u64..900, rest in 1_u64..100, at in 0_usize..5, other in 0_u8..10) {
        // Five digits of a percentage are exact enough that each of them counts.
        let whole = part + rest;
        let share = format!("{:07.3}", part as f64 * 100.0 / whole as f64);
        let digit = share.char_indices().filter(|(_, c)| c.is_ascii_digit()).nth(at + 1).unwrap().0;
        let changed = format!("{}{other}{}", &share[..digit], &share[digit + 1..]);
        let text = |share: &str| format!("Of all, {part}/{whole} ({}%) pass.\n", share.trim_start_matches('0').trim_start_matches('.'));
        // 89.0625 is as well rounded up as to the even digit.
        prop_assume!(part * 200_000 % (2 * whole) != whole);
        prop_assume!(share != changed && !share.starts_with("00") && !changed.starts_with("00") && whole > 10 && whole != 100);
        let wrong: Vec<Finding> = all(&text(&changed)).into_iter().filter(|finding| finding.rule == "pct-of").collect();
        prop_assert!(!wrong.is_empty(), "{}", text(&changed));
    }

    #[test]
    fn text_around_and_line_breaks_change_nothing(before in "[a-z ]{0,40}", breaks in prop::collection::vec(any::<bool>(), 12)) {
        let words = "Of the suite 242/244 (99.3%) pass and 12/17 (71%) of the rest do too".split(' ');
        let mut wrapped = String::new();
        for (word, breaks) in words.zip(breaks.iter().chain(std::iter::repeat(&false))) {
            wrapped.push_str(word);
            wrapped.push(if *breaks { '\n' } else { ' ' });
        }
        let text = format!("# Title\n\n{before}\n\n## Results\n\n{wrapped}\n");
        let said = |text: &str| all(text).into_iter().map(|one| (one.rule, one.message)).collect::<Vec<_>>();
        let plain = "## Results\n\nOf the suite 242/244 (99.3%) pass and 12/17 (71%) of the rest do too\n";
        prop_assert_eq!(said(&text), said(plain));
    }

    #[test]
    fn any_bytes_are_read_to_the_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_pieces_of_reports_are_read_to_the_end(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let text = pieces.concat();
        for finding in all(&text) {
            prop_assert!(finding.anchors.iter().all(|anchor| text.get(anchor.bytes.clone()).is_some()), "{finding:?}");
        }
    }
}

/// What reports are made of, in any order.
const PIECES: &[&str] = &[
    "| ",
    " | ",
    "|\n",
    "|---|---|\n",
    "Total",
    "Passed: ",
    "Failed",
    "%",
    "(",
    ")",
    "- ",
    "\n",
    "\n\n",
    "# ",
    "**",
    "12",
    "1,026",
    "/",
    " → ",
    "->",
    "0.5",
    "100%",
    " of ",
    "bytes",
    " GB",
    " hours",
    "Day 1: ",
    "```\n",
    "<!-- countersign: allow pct-of -->",
    "[M-01]",
    "Severity",
    "High",
    "Score",
    "Weight",
    "2+ days uptime",
    "Actual: ",
    "P95",
    "Max",
    " = ",
    " + ",
    "é",
    "–",
    "\u{feff}",
    "Before",
    "After",
    "Change",
    "(-1.5 points)",
    "9.5/10",
    "Oct 23-30, 2025 (7 days)",
    "2025-10-18 20:43 UTC",
    "Target",
    "<150ms",
    "✅",
    "~",
    "99999999999999999999999999",
    "1e400",
    "0",
];
