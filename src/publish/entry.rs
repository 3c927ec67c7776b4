//! A run, as the pages about all of them speak of it.

use crate::model::captured;
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::record::Record;
use crate::model::signoff::SignOff;
use crate::report::{self, Signed, view::Mark};

use super::escape;
use super::site::{Said, Site};

/// A run in the list of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name of its page: the day it ended and the end of its run id, `2025-10-20-284a45a0`.
    pub name: String,
    /// Its run id: of the runs that ended in the same second, that of the later one is greater.
    pub run: String,
    /// The audit's id.
    pub audit: String,
    /// The audit's title.
    pub title: String,
    /// What was audited.
    pub subject: String,
    /// Its version.
    pub version: Option<String>,
    /// When its last measurement ended.
    pub finished: Instant,
    /// The verdict.
    pub verdict: Mark,
    /// The raw score.
    pub score: Option<Number>,
    /// How the needed signatures stand; `None` where nobody must sign and nobody rejects.
    pub signed: Option<Signed>,
    /// What must be known before the rest is believed, sentences: where the evidence comes from, what the run was not.
    pub caveats: Vec<String>,
    /// SHA-256 of its record.
    pub sha256: String,
}

impl Entry {
    /// Of a record with this digest, and its sign-offs.
    pub fn of(record: &Record, sha256: &str, signoffs: &[SignOff]) -> Self {
        let headline = report::headline(record, signoffs);
        Self {
            name: run_name(record.run.finished_at, &record.run.run_id),
            run: record.run.run_id.clone(),
            audit: record.audit.id.to_string(),
            title: captured::line(&record.audit.title).into_owned(),
            subject: captured::line(&record.audit.subject.name).into_owned(),
            version: record.audit.subject.version.as_deref().map(|version| captured::line(version).into_owned()),
            finished: record.run.finished_at,
            verdict: headline.verdict,
            score: record.judgement.overall.score.clone().filter(|_| !record.run.claims_only),
            signed: headline.signed,
            caveats: report::notices::caveats(record).iter().map(|said| captured::line(said).into_owned()).collect(),
            sha256: sha256.to_owned(),
        }
    }

    /// The day it ended, `2025-10-20`, in UTC.
    pub(crate) fn day(&self) -> String {
        day(self.finished)
    }

    /// The score as it is printed: `8.8`.
    pub(crate) fn score_words(&self) -> Option<String> {
        self.score.as_ref().map(format::score)
    }

    /// Verdict, score and day.
    pub(crate) fn sentence(&self) -> String {
        let score = self.score_words().map(|score| format!(", score {score} of 10")).unwrap_or_default();
        format!("{}{score}, {}", self.verdict.word, format::day(self.finished))
    }

    /// The title of its page: no other page of its site has the same.
    pub(crate) fn page_title(&self) -> String {
        escape::title(&format!("{} {}", escape::title(&self.title), self.name))
    }

    /// The file of its page.
    pub fn page(&self, site: &Site) -> String {
        self.fill(site.run)
    }

    /// The file of the page that says which run is the latest.
    pub fn latest(&self, site: &Site) -> String {
        self.fill(site.latest)
    }

    /// The file of the list of all runs.
    pub fn index(&self, site: &Site) -> String {
        self.fill(site.index)
    }

    /// How many have signed, and how many reject: `1 of 2`.
    pub fn signed_words(&self) -> String {
        self.signed.map_or_else(|| "–".to_owned(), |signed| signed.words())
    }

    /// The folder of its record, sign-offs and evidence.
    pub fn folder(&self, site: &Site) -> String {
        self.fill(site.folder)
    }

    /// A pattern of a site with the names of this run in it.
    pub(crate) fn fill(&self, pattern: &str) -> String {
        pattern.replace("{run}", &self.name).replace("{audit}", &self.audit)
    }

    /// What its pages say in their front matter.
    pub(crate) fn said<T>(&self, page: PageSaid<'_>, then: impl FnOnce(&Said<'_>) -> T) -> T {
        let (day, moment) = (self.day(), self.finished.to_string());
        let (index_title, description) =
            (index_title(&self.subject), escape::title(&format::sentence_case(&self.sentence())));
        then(&Said {
            title: page.title,
            index_title: &index_title,
            description: page.description.unwrap_or(&description),
            day: &day,
            moment: &moment,
            name: page.name,
            order: page.order.unwrap_or_else(|| order(self.finished)),
            permalink: page.permalink,
        })
    }
}

/// What differs from page to page of one run.
pub(crate) struct PageSaid<'a> {
    pub(crate) title: &'a str,
    pub(crate) name: &'a str,
    pub(crate) permalink: &'a str,
    pub(crate) order: Option<i64>,
    pub(crate) description: Option<&'a str>,
}

/// The title of the list, fit for front matter.
pub(crate) fn index_title(subject: &str) -> String {
    escape::title(&format!("Audits of {subject}"))
}

/// `2025-10-20-284a45a0`. The end of a run id differs between runs of the same minute; its beginning is the time.
fn run_name(finished: Instant, run_id: &str) -> String {
    let plain: String = run_id.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let end = plain.get(plain.len().saturating_sub(8)..).unwrap_or_default();
    format!("{}-{end}", day(finished))
}

fn day(at: Instant) -> String {
    at.to_string().split('T').next().unwrap_or_default().to_owned()
}

/// Minutes until the year 2200: smaller for what is newer, and never the 1 and 2 of the other pages.
fn order(at: Instant) -> i64 {
    const YEAR_2200: i64 = 7_258_118_400;
    ((YEAR_2200 - at.seconds()) / 60).max(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_one_minute_have_pages_of_their_own() {
        let at: Instant = "2025-10-20T23:59:59Z".parse().unwrap();
        let one = run_name(at, "019a0412-5c00-7a3e-9c1b-6f6c284a45a0");
        assert_eq!(one, "2025-10-20-284a45a0");
        assert_ne!(one, run_name(at, "019a0412-5c00-7b11-8d00-000011112222"));
        assert_eq!(run_name(at, "../../X"), "2025-10-20-x");
    }

    #[test]
    fn newer_runs_come_first() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        assert!(order(at("2026-01-01")) < order(at("2025-12-31")));
        assert!(order(at("9999-01-01")) > 2);
    }
}
