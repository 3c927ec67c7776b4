//! Every rule: what it is called, what it holds, how much it counts, and the function that looks. A new rule is a file
//! here and a row below; the command line, its help and the README follow.

mod bounds;
mod changes;
mod counts;
mod equation;
mod grim;
mod headings;
mod items;
mod lists;
mod order;
mod parts;
mod rows;
mod same;
mod scores;
mod share;
#[cfg(test)]
mod tests;
mod times;
mod totals;
mod units;

use super::finding::Level;
use super::sink::Sink;
use super::view::View;

/// What mistakes in allowances are reported as: name, summary, explanation. No rule looks for them, and nothing allows
/// them.
pub const ALLOW: (&str, &str, &str) = (
    super::allow::RULE,
    "An allowance names a rule, gives a reason, has not expired and allows something.",
    "Looks at `<!-- countersign: allow RULE reason=\"...\" until=DATE -->`; see `countersign proofread --help`.",
);

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
    pub(super) check: Check,
}

/// How a rule looks at a document.
pub(super) enum Check {
    /// At each section by itself.
    Section(fn(&View<'_>, &mut Sink<'_, '_>)),
    /// At each section, and at the end at what it kept of them.
    Document(fn() -> Box<dyn Gather>),
}

/// A rule that holds what stands in one section against what stands in another. It keeps of them what it needs.
pub(super) trait Gather {
    /// Looks at the next section.
    fn section(&mut self, view: &View<'_>, sink: &mut Sink<'_, '_>);

    /// Nothing comes any more.
    fn end(&mut self, _: &mut Sink<'_, '_>) {}
}

/// Every rule, in the order in which they are listed.
pub const RULES: &[Rule] = &[
    Rule {
        id: "pct-of",
        summary: "A percentage is that of the part and the whole beside it: `242/244 (99.18%)`.",
        level: Level::Error,
        explain: "Looks at `a/b (p%)`, `a/b = p%`, `a of b (p%)` and `p% (a/b ...)` in one sentence or cell. Rounding to \
             the nearest, cutting off and rounding up are all accepted, and so is the share of the rest where a word of \
             failure or loss stands near. `8/10 (77%)` without a noun is a score beside another percentage. Silent where \
             two numbers may be a date or a split (`on 11/15 (50%)`, `70/30 (70%)`), and at `3 of 12 services (100% \
             success rate)`. Scores (`8.5/10 = 85%`) and quantities (`1.5 GB of 2.0 GB (75%)`) are rounded, so that their \
             percentage has the room that this leaves, and is a warning. With words between the numbers (`Of 412 tests, 398 passed, which is 96.6%`) it is a warning, \
             and silent where the words behind the percentage say something new.",
        check: Check::Section(share::pct_of),
    },
    Rule {
        id: "rounded-to-all",
        summary: "\"100%\" is said of all, and \"0%\" of none: 1,999 of 2,000 is not all.",
        level: Level::Warning,
        explain: "Looks at the same places as `pct-of`, and at those only where rounding makes the percentage true.",
        check: Check::Section(share::rounded_to_all),
    },
    Rule {
        id: "row-parts",
        summary: "In a row of results, those that passed, failed and the rest make the total.",
        level: Level::Error,
        explain: "Looks at tables with a column for the total, for what passed and for what failed. Any of the other \
             outcomes may count or not, and so may any column of counts whose name we do not know. Silent where the \
             table says that something was skipped, pending or left out.",
        check: Check::Section(rows::row_parts),
    },
    Rule {
        id: "row-rate",
        summary: "In a row of results, the rate is that of its counts.",
        level: Level::Error,
        explain: "The rate may be of all, of those that passed or failed, or of all but some of the other outcomes. Silent \
             where the table says that something was skipped, pending or left out.",
        check: Check::Section(rows::row_rate),
    },
    Rule {
        id: "table-total",
        summary: "The total row of a table is what its rows add up to.",
        level: Level::Error,
        explain: "Looks at columns of counts, money, bytes and lengths of time under a header that can be added up; \
             never at rates, scores, means or what was before and after. Silent with empty or `-` cells, estimates, rows \
             inside rows and several units. A warning only when the sum is off by more than half and no other column \
             adds up (then rows may be missing), or one row is more than the total (then it may be no sum). A row called \
             \"overall\" counts only where another column adds up. Rows such as \"available\" or \"flaky\" may overlap the others, rows such as \"removed\" may be taken off, and a \
             total that is the mean, the last or the largest of its rows may be meant so.",
        check: Check::Section(totals::table_total),
    },
    Rule {
        id: "parts",
        summary: "The parts that a sentence or a list names make the whole that it names.",
        level: Level::Error,
        explain: "Looks at `17 total: 10 enabled, 7 staged`, `20 tests (15 passed, 5 failed)` and at labels one below \
             the other (`Total: 20`, `Passed: 15`, `Failed: 5`). Any part but the first may overlap another, so some of \
             them making the whole is enough. With severities (`12 rules: 5 critical, 4 warning, 3 info`) it is a warning, \
             and looks only where the least of them is named or the parts are more than the whole. Silent where the whole may hold what the parts count (`4 jobs (118 passed, \
             2 failed)`), and where another labelled count makes up the difference.",
        check: Check::Section(parts::parts),
    },
    Rule {
        id: "block-total",
        summary: "The last line of a list or a code block that says \"Total\" is the sum of the lines above it.",
        level: Level::Warning,
        explain: "Looks at lines with one fraction each (`44/44 tests`), whose denominators add up, and at list items with one \
             labelled number each of one unit.",
        check: Check::Section(lists::block_total),
    },
    Rule {
        id: "list-sum",
        summary: "The number in brackets before a list is what its items add up to: `Warnings (26 total):`.",
        level: Level::Error,
        explain: "Every item must end in a number of the same noun or unit. The number of items is accepted too, and so \
             is what the first items make, or all but those that say how the others stand (`Fixed: 8`).",
        check: Check::Section(lists::list_sum),
    },
    Rule {
        id: "count-rows",
        summary: "Counts of findings by severity are those of the rows of the table: `Medium issues: 3`.",
        level: Level::Warning,
        explain: "Looks at documents with one table whose rows have ids and severities, and at labels that name severities \
             alone.",
        check: Check::Document(|| Box::<counts::CountRows>::default()),
    },
    Rule {
        id: "duplicate-id",
        summary: "No two rows of a table have the same id (`[M-03]`).",
        level: Level::Warning,
        explain: "Looks at tables of three rows or more whose first cells are all ids of letters, a hyphen and digits. \
             Silent where another column holds ids: one may belong to several.",
        check: Check::Section(counts::duplicate_id),
    },
    Rule {
        id: "duplicate-row",
        summary: "No row stands in a table twice.",
        level: Level::Warning,
        explain: "Looks at tables of three rows or more whose first cells name each row, all but one of them once. Both rows \
             must be the same letter by letter, without empty cells; ids are looked at by `duplicate-id`.",
        check: Check::Section(counts::duplicate_row),
    },
    Rule {
        id: "count-items",
        summary: "A list has as many items as the line above it announces: `supports three modes:`.",
        level: Level::Warning,
        explain: "Looks at lines that end with a colon, whose last clause has one number from two to fifty, in digits or words, \
             and announces its noun: \"there are\", \"has\", \"supports\", \"the following\", or \"the three gates are\". Silent where the noun may not be \
             what is listed (`two hosts with these ports:`), where one number is twice the other or more, where items \
             may hold several things or be beside the announced ones (`Note: ...`), and where the list may go on.",
        check: Check::Section(items::count_items),
    },
    Rule {
        id: "count-groups",
        summary: "A count with the names of lists in brackets is how many they hold: `7 (experimental + emergency)`.",
        level: Level::Warning,
        explain: "Looks at lists of identifiers under a line that names them (`Critical Flags (...):`), in code blocks too, and \
             at labelled counts whose brackets name such lists by their first word. Where several lists have that name, \
             any of them may be meant.",
        check: Check::Document(|| Box::<counts::CountGroups>::default()),
    },
    Rule {
        id: "count-list",
        summary: "The count in brackets before a list of files or identifiers is how many are listed: `(11 files)`.",
        level: Level::Off,
        explain: "Looks only at lists all of whose items are paths, file names or identifiers, without \"etc.\" or \"more\".",
        check: Check::Section(counts::count_list),
    },
    Rule {
        id: "deduction",
        summary: "A score is what is left of the full score when its own items take their points off.",
        level: Level::Error,
        explain: "Looks at lists right under a score (`7.5/10`) with items such as `(-1.5 points)`; points may be given \
             as well (`(+5 points)`).",
        check: Check::Section(scores::deduction),
    },
    Rule {
        id: "mean",
        summary: "An overall score is the weighted mean of its parts, or at least none lower or higher than all of them.",
        level: Level::Error,
        explain: "With a column of weights the mean is checked, and score times weight where a column holds it. Without \
             weights the overall score only must not lie outside of its parts, which is a warning.",
        check: Check::Section(scores::mean),
    },
    Rule {
        id: "delta",
        summary: "A change is that from the number before to the number after: `120 → 150 (+25%)`.",
        level: Level::Warning,
        explain: "Looks at two numbers with an arrow and the change in brackets, at `51.2% faster (226 ms → 110 ms)`, \
             and at columns named before, after and change. Differences, relative changes, percentage points and factors \
             are all accepted, and the rounding of both numbers counts. Looks as well at `rose from 40 to 50, a 25% increase` \
             and `fell by 20% from 50 ms to 40 ms` (one of the number before); of a speedup or an improvement only where something rose or fell by \
             itself, because it may be one of something else. A number without a sign counts only alone or \
             with a word of change (`50 fewer`); years are no numbers that change.",
        check: Check::Section(changes::delta),
    },
    Rule {
        id: "bytes-human",
        summary: "A size in bytes is the size beside it: `16,372,408,320 bytes (15.2 GB)`.",
        level: Level::Error,
        explain: "Units of 1000 and of 1024 are accepted for kB, MB and GB. Looks into code blocks as well. A share or a \
             multiple is worked out: `5% of 10 GB (500 MB)`, `4 disks of 500 GB (2 TB)`.",
        check: Check::Section(units::bytes_human),
    },
    Rule {
        id: "unit-label",
        summary: "\"GB\" beside a number of bytes is in units of 1000, or else it is GiB.",
        level: Level::Off,
        explain: "Looks at the same places as `bytes-human`.",
        check: Check::Section(units::unit_label),
    },
    Rule {
        id: "unit-pair",
        summary: "A length of time is the one beside it in another unit: `90 minutes (1.5 hours)`.",
        level: Level::Warning,
        explain: "Working days of eight hours and working weeks of five days are accepted too. A share or a multiple is \
             worked out: `4 runs of 30 min (2 hours)`.",
        check: Check::Section(units::unit_pair),
    },
    Rule {
        id: "elapsed",
        summary: "A labelled duration is that between the labelled start and end beside it.",
        level: Level::Error,
        explain: "Looks at lists with one start, one end and one duration. Both times need a date, a time of day and a zone.",
        check: Check::Section(times::elapsed),
    },
    Rule {
        id: "date-range",
        summary: "The number of days beside two dates is how far they are apart: `Oct 23-30, 2025 (7 days)`.",
        level: Level::Error,
        explain: "The last day may count or not, and so may days that are no working days.",
        check: Check::Section(times::date_range),
    },
    Rule {
        id: "bound-vs-value",
        summary: "A bound holds for the value that is stated as measured: \"2+ days uptime\" of 47.8 hours.",
        level: Level::Warning,
        explain: "Looks at bounds of uptime, availability, coverage and downtime, and at the only value under such a heading \
             that a label calls actual, measured or observed.",
        check: Check::Document(|| Box::<bounds::BoundVsValue>::default()),
    },
    Rule {
        id: "threshold",
        summary: "A mark agrees with the value and the target of its row, and `110 ms < 150 ms` is true.",
        level: Level::Warning,
        explain: "Looks at tables with one column each for target, value and mark, where the target is a bound; and at two \
             numbers with a unit and a sign between them. Silent where rounding could decide, and at careful marks.",
        check: Check::Section(bounds::threshold),
    },
    Rule {
        id: "sequence",
        summary: "Each step of a schedule begins where the one before ended: `Day 2: 5% → 10%`.",
        level: Level::Warning,
        explain: "Looks at lines that begin with a numbered day, step, phase, stage, week or wave, in code blocks too.",
        check: Check::Document(|| Box::<times::Sequence>::default()),
    },
    Rule {
        id: "heading-predicate",
        summary: "What a heading says of all holds for each: \"100% coverage\", \"(10+ imports each)\".",
        level: Level::Warning,
        explain: "Looks at a heading with 100% over a list whose items each have one percentage, and at \"each\" over a table \
             with a column of that noun. Silent where the heading speaks of a goal or a way.",
        check: Check::Section(headings::heading_predicate),
    },
    Rule {
        id: "order",
        summary: "Quantiles rise, and a mean lies between minimum and maximum.",
        level: Level::Error,
        explain: "Looks at the columns of a row, at the rows of a column and at labels in one list.",
        check: Check::Section(order::order),
    },
    Rule {
        id: "equation",
        summary: "What is written out comes out: `135 + 19 + 74 = 228`.",
        level: Level::Warning,
        explain: "Looks at sums and differences of one unit, and at products and quotients, with spaces around their signs. With \
             the result first (`total 16 = 4 + 5 + 7`) it looks at sums alone: of three terms, or behind a word for a total.",
        check: Check::Section(equation::equation),
    },
    Rule {
        id: "grim",
        summary: "A percentage with decimals of a stated number is that of a whole number of them: `45.3% of 64 tests`.",
        level: Level::Warning,
        explain: "Looks at percentages with decimals and \"of\" with a count and a noun behind, where the count is small \
             enough that not every percentage is possible. Silent in a sentence that says what is to be (must, target, \
             at least).",
        check: Check::Section(grim::grim),
    },
    Rule {
        id: "same-quantity",
        summary: "Two labels with the same words in one section have the same number.",
        level: Level::Off,
        explain: "A label alone is right about one time in ten. Declare a claim in an audit file instead: one id, many places.",
        check: Check::Document(|| Box::<same::SameQuantity>::default()),
    },
];
