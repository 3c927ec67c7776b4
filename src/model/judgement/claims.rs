//! What was concluded about claims: under checks, about scores, in the list, row by row in tables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::fact::Value;
use crate::model::format;
use crate::model::id::Id;
use crate::model::judgement::Verdict;

/// How a claim compares with what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimStatus {
    /// Equal.
    Exact,
    /// The actual lies in the interval that the printed digits stand for.
    Rounds,
    /// Differs by what time explains.
    Progressed,
    /// Inside the declared tolerance.
    WithinTolerance,
    /// Only a one-sided reading makes it true.
    Truncated,
    /// A bound that is still true and no longer informative.
    Stale,
    /// Refuted; it makes things look better than they are.
    Overstated,
    /// Refuted; it makes things look worse than they are.
    Understated,
    /// Refuted, where neither more nor less is better.
    Refuted,
    /// There is no actual to compare with.
    Unverified,
    /// The place it was said to stand at does not hold exactly one value.
    NotFound,
    /// The audit file says one value and the place another.
    Misquoted,
}

impl ClaimStatus {
    /// Is it true under some admissible reading?
    pub const fn is_upheld(self) -> bool {
        matches!(
            self,
            Self::Exact | Self::Rounds | Self::Progressed | Self::WithinTolerance | Self::Truncated | Self::Stale
        )
    }

    /// Is it false under every admissible reading?
    pub const fn is_refuted(self) -> bool {
        matches!(self, Self::Overstated | Self::Understated | Self::Refuted)
    }

    /// The higher, the worse: what decides where several results make one.
    pub const fn weight(self) -> u8 {
        match self {
            Self::Exact => 0,
            Self::Rounds => 1,
            Self::Progressed => 2,
            Self::WithinTolerance => 3,
            Self::Truncated => 4,
            Self::Stale => 5,
            Self::Unverified => 6,
            Self::NotFound => 7,
            Self::Misquoted => 8,
            Self::Understated => 9,
            Self::Refuted => 10,
            Self::Overstated => 11,
        }
    }

    /// The word, as the documents print it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Rounds => "rounds",
            Self::Progressed => "progressed",
            Self::WithinTolerance => "within tolerance",
            Self::Truncated => "truncated",
            Self::Stale => "stale",
            Self::Overstated => "overstated",
            Self::Understated => "understated",
            Self::Refuted => "refuted",
            Self::Unverified => "unverified",
            Self::NotFound => "not found",
            Self::Misquoted => "misquoted",
        }
    }
}

/// One claim set beside the actual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimResult {
    /// Index into the check's claims.
    pub claim: u32,
    /// The result.
    pub status: ClaimStatus,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// Why, one sentence without a full stop, with the numbers ("47 h at 19:15 is 48 h 13 min at 20:28").
    pub reason: String,
    /// For a refuted claim: what would change if the claimed value were the measured one; `None` is "harmless".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matters: Option<String>,
    /// For a refuted claim that changes no condition: the verdict if it were true, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// For a claimed table: row beside row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<JoinedTable>,
}

impl ClaimResult {
    /// Is it upheld, or any row of its table?
    pub fn holds_in_part(&self) -> bool {
        self.status.is_upheld() || self.rows().any(|row| row.status.is_upheld())
    }

    /// The rows of its table, the total last; none where it is no table.
    pub fn rows(&self) -> impl Iterator<Item = &JoinedRow> {
        self.table.iter().flat_map(|table| table.rows.iter().chain(&table.total))
    }
}

/// A claimed table beside the measured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedTable {
    /// One for each claimed row, in the order of the document, the total left out.
    pub rows: Vec<JoinedRow>,
    /// The row of totals, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<JoinedRow>,
    /// Measured rows that nobody claimed, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unclaimed: Vec<String>,
}

/// A claimed row beside the measured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedRow {
    /// Its name in the document.
    pub name: String,
    /// Its line in the document.
    pub line: u32,
    /// The result: that of its worst cell.
    pub status: ClaimStatus,
    /// Why, one sentence without a full stop.
    pub reason: String,
    /// One for each claimed column.
    pub cells: Vec<JoinedCell>,
}

/// A claimed cell beside the measured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedCell {
    /// The column of the measured table.
    pub column: String,
    /// What the document says.
    pub claimed: String,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// The result.
    pub status: ClaimStatus,
}

/// A claim of the list, with all its places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedResult {
    /// Index into the audit's list of claims.
    pub claim: u32,
    /// The result: that of its worst place.
    pub status: ClaimStatus,
    /// What was measured, or stated in the audit file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// Why, one sentence without a full stop, with the places that decide it.
    pub reason: String,
    /// For a refuted claim: what would change if the claimed value were the measured one; `None` is "harmless".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matters: Option<String>,
    /// One for each place, in the order of the audit.
    pub places: Vec<PlaceResult>,
}

/// One place of a listed claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceResult {
    /// The locator; what it leads to stands in the record's places.
    pub at: String,
    /// The result.
    pub status: ClaimStatus,
    /// Why, one sentence without a full stop.
    pub reason: String,
}

/// A claim about an area's score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreClaim {
    /// The area.
    pub area: Id,
    /// Index into the area's claims.
    pub claim: u32,
    /// The result.
    pub status: ClaimStatus,
    /// Why.
    pub reason: String,
}

/// How a claimant's claims did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimantRecord {
    /// Who.
    pub by: String,
    /// True under some admissible reading.
    pub upheld: u32,
    /// False under every one.
    pub refuted: u32,
    /// Nothing to compare with.
    pub unverified: u32,
}

impl ClaimantRecord {
    /// How many claims there were.
    pub fn claims(&self) -> u64 {
        u64::from(self.upheld) + u64::from(self.refuted) + u64::from(self.unverified)
    }
}

/// Several records of claims, added up: of all claimants of one run, or of one claimant in several runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many claims were upheld.
    pub upheld: u64,
    /// How many were refuted.
    pub refuted: u64,
    /// How many there were.
    pub claims: u64,
    /// How many records were added.
    pub records: u64,
}

impl Tally {
    /// Adds a record.
    pub fn add(&mut self, record: &ClaimantRecord) {
        self.upheld += u64::from(record.upheld);
        self.refuted += u64::from(record.refuted);
        self.claims += record.claims();
        self.records += 1;
    }

    /// `9 of 11`; `None` where nothing was claimed.
    pub fn of_all(&self) -> Option<String> {
        (self.claims > 0).then(|| format!("{} of {}", self.upheld, self.claims))
    }

    /// Of one claimant, a record for each run: `9 of 11 upheld, 2 refuted, in 3 runs`.
    pub fn over_runs(&self) -> String {
        let refuted = if self.refuted > 0 { format!(", {} refuted,", self.refuted) } else { String::new() };
        let runs = format::plural(self.records, "run", "runs");
        format!("{} of {} upheld{refuted} in {runs}", self.upheld, self.claims)
    }
}

impl<'a> FromIterator<&'a ClaimantRecord> for Tally {
    fn from_iter<I: IntoIterator<Item = &'a ClaimantRecord>>(records: I) -> Self {
        let mut tally = Self::default();
        records.into_iter().for_each(|record| tally.add(record));
        tally
    }
}
