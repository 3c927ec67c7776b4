//! The templates: built in, or taken from the user's folder by the same name. They place what the view has and compute
//! nothing; a name the view does not have is an error that says where.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use base64::Engine as _;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context};
use sha2::{Digest as _, Sha256};

use super::ended::Ended;
use super::view::View;
use super::view::area::Check;
use super::view::encoded;
use super::view::rollout::Rollout;
use super::{ReportProblem, filters};
use crate::model::captured;
use crate::model::format;

/// The style sheet and the script; they are neighbours of the templates and can be overridden like them.
const STYLE: &str = "style.css";
const SCRIPT: &str = "report.js";

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        /// Names of the templates that come with countersign, each of which a user may replace.
        pub const NAMES: &[&str] = &[$($name),*];

        fn builtin(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some(include_str!(concat!("../../templates/", $name))),)*
                _ => None,
            }
        }
    };
}
builtin!(
    "report.md.j2",
    "markdown/since.md.j2",
    "markdown/trend.md.j2",
    "markdown/area.md.j2",
    "markdown/claims.md.j2",
    "markdown/places.md.j2",
    "markdown/outcome.md.j2",
    "markdown/signoff.md.j2",
    "markdown/todo.md.j2",
    "markdown/rollout.md.j2",
    "markdown/appendices.md.j2",
    "brief.md.j2",
    "report.html.j2",
    "html/macros.html.j2",
    "html/charts.html.j2",
    "html/since.html.j2",
    "html/trend.html.j2",
    "html/filters.html.j2",
    "html/area.html.j2",
    "html/check.html.j2",
    "html/claims.html.j2",
    "html/places.html.j2",
    "html/outcome.html.j2",
    "html/signoff.html.j2",
    "html/todo.html.j2",
    "html/rollout.html.j2",
    "html/appendices.html.j2",
    "brief.html.j2",
    "style.css",
    "report.js",
);

/// Instructions a document may take whatever its size, and for each thing it shows. Far above what the built-in
/// templates need; an endless loop runs out in about a second.
const FUEL: u64 = 1_000_000;
const FUEL_EACH: u64 = 20_000;

type Read = dyn Fn(&str) -> Result<Option<String>, String> + Send + Sync;

/// The view as templates see it, for as many documents as are made of it.
pub(super) struct Shown {
    view: Value,
    /// SHA-256 of the record, in hex.
    record: String,
    /// How many things there are to show, which is what a document may take time for.
    things: usize,
}

impl Shown {
    pub(super) fn of(view: &View) -> Self {
        let rows = |check: &Check| {
            check.claims.iter().filter_map(|claim| claim.table.as_ref()).map(|table| table.rows.len()).sum::<usize>()
        };
        let rollout = |rollout: &Rollout| {
            let rows = rollout.flags.len() + rollout.deciding.len() + 1;
            rollout.stages.len() * rows + rollout.review.iter().map(|rule| rule.findings.len()).sum::<usize>()
        };
        let things: usize = view.areas.iter().map(|area| area.checks.len()).sum::<usize>()
            + view.evidence.iter().map(|trail| trail.exchanges.len()).sum::<usize>()
            + view.ledger.as_ref().map_or(0, |ledger| ledger.claims.len() + ledger.listed.len())
            + view.areas.iter().flat_map(|area| &area.checks).map(rows).sum::<usize>()
            + view.documents.iter().map(|document| document.places.len()).sum::<usize>()
            + view.trend.as_ref().map_or(0, |trend| trend.runs.len() + trend.claimants.len())
            + view.rollout.as_ref().map_or(0, rollout);
        Self { view: Value::from(Serde(view)), record: view.verify.record.clone(), things }
    }
}

/// A set of templates.
#[derive(Clone)]
pub struct Templates {
    read: Option<Arc<Read>>,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("overridden", &self.read.is_some()).finish()
    }
}

impl Templates {
    /// The templates that come with countersign.
    pub fn builtin() -> Self {
        Self { read: None }
    }

    /// The user's templates, and the built-in one where the user has none of that name. `read` is given a relative path
    /// without `..` and answers with the text, `None` when there is no such file, or why it cannot be read.
    pub fn overridden(read: impl Fn(&str) -> Result<Option<String>, String> + Send + Sync + 'static) -> Self {
        Self { read: Some(Arc::new(read)) }
    }

    /// Writes a document to `out`, as it comes. An error of `out` itself is for whoever gave it.
    pub(super) fn render(&self, name: &str, shown: &Shown, out: impl Write) -> Result<(), ReportProblem> {
        let style = format!("{}{}", self.beside(STYLE, "</style")?, running(&shown.record));
        let script = self.beside(SCRIPT, "</script")?;
        let environment = self.environment(shown.things);
        let template = environment.get_template(name).map_err(|error| problem(name, &error))?;
        let mut ended = Ended::new(out);
        let written = template.render_captured_to(
            context! {
                view => shown.view.clone(),
                style_sha256 => sha256(&style),
                style => Value::from_safe_string(style),
                script_sha256 => sha256(&script),
                script => Value::from_safe_string(script),
            },
            &mut ended,
        );
        written.map_err(|error| problem(name, &error))?;
        ended.finish().map_err(|error| ReportProblem::Unwritable(error.to_string()))
    }

    fn environment(&self, things: usize) -> Environment<'static> {
        let mut environment = Environment::new();
        let mut syntax = SyntaxConfig::builder();
        if let Ok(syntax) = syntax.trim_blocks(true).lstrip_blocks(true).build() {
            environment.set_syntax(syntax);
        }
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(true);
        if self.read.is_some() {
            // Ours come to an end, and to count what each of their steps takes is a twentieth of it.
            environment.set_fuel(Some(FUEL + FUEL_EACH * u64::try_from(things).unwrap_or(u64::MAX / FUEL_EACH / 2)));
        }
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".md.j2") { AutoEscape::Custom("md".into()) } else { AutoEscape::Html }
        });
        environment.set_formatter(print);
        filters::add(&mut environment);
        let read = self.read.clone();
        environment.set_loader(move |name| {
            source(read.as_deref(), name).map_err(|reason| Error::new(ErrorKind::BadInclude, reason))
        });
        environment
    }

    /// The text of what stands in the page as it is, which must not say how its element ends.
    fn beside(&self, name: &str, end: &str) -> Result<String, ReportProblem> {
        let wrong = |message: String| ReportProblem::Template { template: name.to_owned(), line: None, message };
        let text = source(self.read.as_deref(), name).map_err(wrong)?.unwrap_or_default();
        if text.to_lowercase().contains(end) || text.contains("<!--") {
            return Err(wrong(format!("\"{end}\" and \"<!--\" would end its element")));
        }
        Ok(text)
    }
}

/// What runs along the foot of every printed page: which record it is of. A style sheet has no names to fill in, and
/// nothing else reaches the margin of a page.
fn running(record: &str) -> String {
    let record: String = record.chars().filter(char::is_ascii_hexdigit).collect();
    format!("@page {{ @bottom-left {{ content: \"Record sha256:{record}\"; }} }}\n")
}

fn sha256(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// The text of a template: the user's, else the built-in one.
fn source(read: Option<&Read>, name: &str) -> Result<Option<String>, String> {
    let parts_ok = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !parts_ok || name.contains(['\\', ':']) || name.chars().any(char::is_control) {
        return Err(format!("\"{}\" is not a path below the folder of the templates", captured::line(name)));
    }
    let own = match read {
        Some(read) => read(name)?,
        None => None,
    };
    Ok(own.or_else(|| builtin(name).map(str::to_owned)))
}

/// Prints a value: escaped for the document it stands in, unless a filter has made it markup.
fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let number;
    let text = match value.kind() {
        ValueKind::Undefined | ValueKind::None => return Ok(()),
        ValueKind::Bool => format::yes_no(value.is_true()),
        ValueKind::Number => {
            number = value.to_string();
            &number
        }
        ValueKind::String if value.is_safe() => {
            return out.write_str(value.as_str().unwrap_or_default()).map_err(Error::from);
        }
        ValueKind::String => value.as_str().unwrap_or_default(),
        // Letters, digits and three signs that mean nothing in either document: see `encoded`.
        ValueKind::Plain if value.downcast_object_ref::<encoded::Bytes>().is_some() => {
            return write!(out, "{value}").map_err(Error::from);
        }
        kind => {
            let message = format!("a {kind} cannot be printed; print its parts");
            return Err(Error::new(ErrorKind::InvalidOperation, message));
        }
    };
    let escaped = match state.auto_escape() {
        AutoEscape::Custom(_) => filters::markdown_text(text),
        AutoEscape::None => Cow::Borrowed(text),
        _ => filters::html_text(text),
    };
    out.write_str(&escaped).map_err(Error::from)
}

/// The innermost error: the outer ones only say which templates include which.
fn problem(name: &str, error: &Error) -> ReportProblem {
    let mut innermost = error;
    let mut next: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(inner) = next {
        if let Some(inner) = inner.downcast_ref::<Error>()
            && inner.line().is_some()
        {
            innermost = inner;
        }
        next = inner.source();
    }
    let mut message = innermost.kind().to_string();
    if let Some(detail) = innermost.detail() {
        let _ = write!(message, ": {detail}");
    }
    let part = innermost.range().and_then(|range| innermost.template_source()?.get(range));
    if let Some(part) = part.map(captured::line).filter(|part| !part.is_empty()) {
        let _ = write!(message, ", at \"{part}\"");
    }
    ReportProblem::Template { template: innermost.name().unwrap_or(name).to_owned(), line: innermost.line(), message }
}
