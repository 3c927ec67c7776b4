//! Every rule: what it is called, what it holds, how much it counts, and the function that looks. A new rule is a file
//! here and a row below; the command line, its help and the README follow.

mod parts;
mod rows;
mod share;
mod totals;

use super::finding::Level;
use super::sink::Sink;
use super::view::View;

/// A rule.
pub struct Rule {
    /// What it is called.
    pub id: &'static str,
    /// What it holds, a sentence.
    pub summary: &'static str,
    /// How much a finding of it counts where nobody says otherwise.
    pub level: Level,
    /// When it looks, what it accepts, and when it stays silent.
    pub explain: &'static str,
    /// Looks at a document.
    pub(super) check: fn(&View<'_>, &mut Sink<'_, '_>),
}

/// Every rule, in the order in which they are listed.
pub const RULES: &[Rule] = &[
    Rule {
        id: "pct-of",
        summary: "A percentage is that of the part and the whole beside it: `242/244 (99.18%)`.",
        level: Level::Error,
        explain: "Looks at `a/b (p%)`, `a/b = p%`, `a of b (p%)` and `p% (a/b ...)` in one sentence or cell. Rounding to the \
             nearest, cutting off and rounding up are all accepted, and so is the share of the rest where a word of \
             failure or loss stands near. `8/10 (77%)` without a noun is a score beside another percentage.",
        check: share::pct_of,
    },
    Rule {
        id: "rounded-to-all",
        summary: "\"100%\" is said of all, and \"0%\" of none: 1,999 of 2,000 is not all.",
        level: Level::Warning,
        explain: "Looks at the same places as `pct-of`, and at those only where rounding makes the percentage true.",
        check: share::rounded_to_all,
    },
    Rule {
        id: "row-parts",
        summary: "In a row of results, those that passed, failed and the rest make the total.",
        level: Level::Error,
        explain: "Looks at tables with a column for the total, for what passed and for what failed. Any of the other \
             outcomes may count or not. Silent where the table says that something was skipped, pending or left out.",
        check: rows::row_parts,
    },
    Rule {
        id: "row-rate",
        summary: "In a row of results, the rate is that of its counts.",
        level: Level::Error,
        explain: "The rate may be of all, of those that passed or failed, or of all but some of the other outcomes. Silent \
             where the table says that something was skipped, pending or left out.",
        check: rows::row_rate,
    },
    Rule {
        id: "table-total",
        summary: "The total row of a table is what its rows add up to.",
        level: Level::Error,
        explain: "Looks at columns of counts, money, bytes and lengths of time under a header that can be added up; never at \
             rates, scores, means or what was before and after. Silent with empty or `-` cells, estimates, rows inside \
             rows and several units. A warning only when the sum is off by more than half and no other column adds up: \
             then rows may be missing.",
        check: totals::table_total,
    },
    Rule {
        id: "parts",
        summary: "The parts that a sentence or a list names make the whole that it names.",
        level: Level::Error,
        explain: "Looks at `17 total: 10 enabled, 7 staged`, `20 tests (15 passed, 5 failed)` and at labels one below the \
             other (`Total: 20`, `Passed: 15`, `Failed: 5`). Any part but the first may overlap another, so some of \
             them making the whole is enough.",
        check: parts::parts,
    },
];
