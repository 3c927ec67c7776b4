//! The documents: a frozen view of the record, and Markdown and HTML from it. Sees nothing but the record and evidence.
//!
//! The same record gives the same bytes on any machine at any time: no clock, no locale, no environment is read here.

use std::io::Write;

use crate::model::evidence::Blob;
use crate::model::record::Record;
use crate::model::signoff::SignOff;

mod build;
pub mod embedded;
mod ended;
mod filters;
pub mod line;
pub mod notices;
mod prose;
pub mod stated;
mod templates;
pub mod view;

pub use prose::plain;
use templates::Shown;
pub use templates::{NAMES as TEMPLATE_NAMES, Templates};
use view::View;

const MARKDOWN: &str = "report.md.j2";
const HTML: &str = "report.html.j2";
const BRIEF_MARKDOWN: &str = "brief.md.j2";
const BRIEF_HTML: &str = "brief.html.j2";

/// Gives the kept bytes of an answer, from the bundle.
pub trait Evidence: Sync {
    /// The first bytes of a blob, as many as the bundle cares to give; `None` when they are not there.
    fn excerpt(&self, blob: &Blob) -> Option<Vec<u8>>;
}

/// Why a document could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportProblem {
    /// A template is wrong.
    #[error("template \"{template}\"{}: {message}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Template {
        /// Its name, relative to the folder of templates.
        template: String,
        /// The line, from 1, when it is known.
        line: Option<usize>,
        /// What is wrong, with the offending name.
        message: String,
    },
    /// It could not be written where it belongs.
    #[error("it cannot be written: {0}")]
    Unwritable(String),
}

impl ReportProblem {
    /// What to do about it, a sentence.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Template { .. } => {
                "Compare with the built-in template of that name, or leave it out to use the built-in one."
            }
            Self::Unwritable(_) => "Make room there, or choose another place.",
        }
    }
}

/// What the documents show of a record and its sign-offs. `canonical` are the canonical bytes of the record,
/// `record_sha256` is their digest, and neither is made again.
pub fn view(
    record: &Record,
    canonical: &[u8],
    record_sha256: &str,
    signoffs: &[SignOff],
    evidence: &dyn Evidence,
) -> View {
    let embeds = embedded::fits(canonical, signoffs);
    let noted = embedded::Noted::new(evidence, embeds);
    let mut view = build::view(record, record_sha256, signoffs, embeds, &noted);
    view.embedded = embedded::embed(canonical, signoffs, &noted.into_excerpts());
    view
}

/// What a list of audits says of one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// The verdict.
    pub verdict: view::Mark,
    /// How the needed signatures stand, counted as the report counts them; `None` where nobody must sign and nobody rejects.
    pub signed: Option<Signed>,
}

/// How the signatures of a record, or of one role, stand. People are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signed {
    /// How many have approved, of those who are needed.
    pub signed: usize,
    /// How many are needed.
    pub needed: usize,
    /// How many of them approve on conditions.
    pub conditional: usize,
    /// How many reject, and have not approved since.
    pub rejected: usize,
    /// How many have only signed an earlier record.
    pub stale: usize,
}

impl Signed {
    /// In a list of runs: `1 of 2`, `1 of 1 on conditions, rejected by 1`.
    pub fn words(&self) -> String {
        let conditional = if self.conditional > 0 { " on conditions" } else { "" };
        let signed = (self.needed > 0).then(|| format!("{} of {}{conditional}", self.signed, self.needed));
        let rejected = (self.rejected > 0).then(|| format!("rejected by {}", self.rejected));
        signed.into_iter().chain(rejected).collect::<Vec<_>>().join(", ")
    }
}

/// What a list of audits says of this one.
pub fn headline(record: &Record, signoffs: &[SignOff]) -> Headline {
    build::headline(record, signoffs)
}

/// Where a document says that the bytes of an answer are kept, relative to the bundle: `evidence/...`.
pub fn evidence_file(blob: &Blob) -> String {
    build::evidence_file(blob)
}

/// The Markdown document.
pub fn markdown(view: &View, templates: &Templates) -> Result<String, ReportProblem> {
    rendered(MARKDOWN, &Shown::of(view), templates)
}

/// The HTML document: one file, no requests, and one script that filters what is there already.
pub fn html(view: &View, templates: &Templates) -> Result<String, ReportProblem> {
    rendered(HTML, &Shown::of(view), templates)
}

/// The Markdown and the HTML document.
pub fn both(view: &View, templates: &Templates) -> Result<(String, String), ReportProblem> {
    let (mut markdown, mut html) = (Vec::new(), Vec::new());
    write_both(view, templates, &mut markdown, &mut html)?;
    Ok((text(markdown)?, text(html)?))
}

/// The Markdown and the HTML document, each written as it comes. An error of a writer is for whoever gave it.
pub fn write_both(
    view: &View,
    templates: &Templates,
    markdown: impl Write + Send,
    html: impl Write,
) -> Result<(), ReportProblem> {
    let shown = Shown::of(view);
    // Neither needs the other.
    let (markdown, html) = std::thread::scope(|scope| {
        let markdown = scope.spawn(|| templates.render(MARKDOWN, &shown, markdown));
        let html = templates.render(HTML, &shown, html);
        (markdown.join(), html)
    });
    markdown.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(html)
}

/// The one-page document, as Markdown and as HTML: what decided, areas, what it would take, who has signed.
pub fn brief(view: &View, templates: &Templates) -> Result<(String, String), ReportProblem> {
    let shown = Shown::of(view);
    Ok((rendered(BRIEF_MARKDOWN, &shown, templates)?, rendered(BRIEF_HTML, &shown, templates)?))
}

fn rendered(name: &str, shown: &Shown, templates: &Templates) -> Result<String, ReportProblem> {
    let mut bytes = Vec::new();
    templates.render(name, shown, &mut bytes)?;
    text(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, ReportProblem> {
    String::from_utf8(bytes).map_err(|error| ReportProblem::Unwritable(error.to_string()))
}
