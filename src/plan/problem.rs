//! What is wrong with an audit file, where, and what to write instead. All of it at once.

use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;

use super::node::Span;
use super::render;
use crate::model::format;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What kind of problem it is: a stable name, for people who filter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name, kebab-case.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// A file cannot be read.
    Unreadable = "unreadable",
    /// A file, a list or a mapping without content.
    Empty = "empty",
    /// Beyond the limits of size, depth or count.
    TooLarge = "too-large",
    /// Not YAML, or YAML that has no meaning here.
    YamlSyntax = "yaml-syntax",
    /// A key twice in one mapping.
    DuplicateKey = "duplicate-key",
    /// A key that is not known here.
    UnknownKey = "unknown-key",
    /// A key that must be there and is not.
    MissingKey = "missing-key",
    /// A value of another type.
    WrongType = "wrong-type",
    /// A value that is none of those allowed.
    UnknownValue = "unknown-value",
    /// A value outside its range.
    OutOfRange = "out-of-range",
    /// Options that a kind does not accept.
    InvalidOption = "invalid-option",
    /// Not an id.
    InvalidId = "invalid-id",
    /// Two things of the same id.
    DuplicateId = "duplicate-id",
    /// Something refers to an id that is not there.
    UnknownId = "unknown-id",
    /// Checks that wait for each other.
    DependencyCycle = "dependency-cycle",
    /// A check without a kind, or with two.
    KindCount = "kind-count",
    /// A fact that the kind does not find.
    UnknownFact = "unknown-fact",
    /// A condition that cannot be read, or that does not fit its fact.
    InvalidCondition = "invalid-condition",
    /// A condition that no value of its fact can fail.
    CannotFail = "cannot-fail",
    /// Expectations that pass over what belongs to what they ask.
    Overlooks = "overlooks",
    /// `warn` without `expect`.
    WarnAlone = "warn-alone",
    /// A claim that cannot be held against anything.
    InvalidClaim = "invalid-claim",
    /// A name of a place in a document that cannot be read.
    InvalidLocator = "invalid-locator",
    /// A place that the document does not have, or a document that is not there.
    NoPlace = "no-place",
    /// A credential that would be written into the record.
    LiteralSecret = "literal-secret",
    /// Points in a weighted area, or none in an area of deductions.
    Points = "points",
    /// Not a time, a time without a zone, or one in the wrong order.
    InvalidTime = "invalid-time",
    /// Not a length of time.
    InvalidDuration = "invalid-duration",
    /// A zone that is not known.
    UnknownZone = "unknown-zone",
    /// A waiver that nobody could accept.
    InvalidWaiver = "invalid-waiver",
    /// A file that includes itself, directly or not.
    IncludeCycle = "include-cycle",
    /// A file that is included twice.
    DuplicateInclude = "duplicate-include",
    /// A path or glob under `include` without a file.
    IncludeNothing = "include-nothing",
    /// A glob that can match nothing.
    InvalidGlob = "invalid-glob",
    /// A placeholder that is not understood.
    InvalidPlaceholder = "invalid-placeholder",
    /// A variable that is not defined.
    UnknownVar = "unknown-var",
    /// A variable that nothing uses.
    UnusedVar = "unused-var",
    /// Variables that stand for each other.
    VarCycle = "var-cycle",
    /// A variable of the environment that is not set.
    MissingEnv = "missing-env",
    /// A secret where it would be recorded.
    MisplacedSecret = "misplaced-secret",
    /// A sign-off that could never count.
    Unsignable = "unsignable",
    /// A name between braces in prose that names nothing.
    UnknownName = "unknown-name",
    /// A waiver that does nothing.
    DeadWaiver = "dead-waiver",
    /// A condition that nothing closes, or that closes whatever happens.
    NeverClosed = "never-closed",
    /// An area that nothing measured stands behind.
    NoEvidence = "no-evidence",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The audit cannot run.
    Error,
    /// The audit can run, and should be looked at.
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// From 1; 0 when the file as a whole is meant.
    pub line: u32,
    /// In characters, from 1; 0 when the file as a whole is meant.
    pub column: u32,
    /// Line and column after the last character meant.
    pub end: (u32, u32),
    /// The way to the value, `checks[2].expect.up`; empty when there is none.
    pub path: String,
    /// How bad.
    pub level: Level,
    /// What kind of problem.
    pub code: Code,
    /// A lower-case fragment with the wrong value in quotes.
    pub message: String,
    /// What to do, a sentence.
    pub help: String,
    pub(super) span: Span,
}

/// A file that was read: its path as the reader knows it, and its text.
pub type Source = (PathBuf, String);

/// Everything that is wrong, in the order of the files, and the files to show it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// Sorted by file, line and column.
    pub list: Vec<Problem>,
    /// The files that were read.
    pub sources: Vec<Source>,
}

impl Problems {
    /// Every problem with its source line, a caret and a way out; `colour` adds terminal escapes.
    pub fn render(&self, colour: bool) -> String {
        render::problems(self, colour)
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|problem| problem.level == Level::Error).count()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

/// More problems than this help nobody.
const MAX_PROBLEMS: usize = 1_000;

/// Collects problems while a file is read.
#[derive(Debug, Default)]
pub struct Sink {
    found: RefCell<Vec<Found>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    span: Span,
    /// The part of it that is meant, when it is a long text.
    part: Option<String>,
    path: String,
    level: Level,
    code: Code,
    message: String,
    help: String,
}

impl Sink {
    /// Notes an error.
    pub fn error(&self, span: Span, path: &str, code: Code, message: impl Into<String>, help: impl Into<String>) {
        self.note(Level::Error, span, path, code, message.into(), &help.into());
    }

    /// Notes a warning.
    pub fn warning(&self, span: Span, path: &str, code: Code, message: impl Into<String>, help: impl Into<String>) {
        self.note(Level::Warning, span, path, code, message.into(), &help.into());
    }

    /// Notes an error about a part of a text that may run over many lines: shown where that part stands.
    pub(super) fn error_in(
        &self,
        span: Span,
        part: &str,
        path: &str,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let found = self.note(Level::Error, span, path, code, message.into(), &help.into());
        if found && let Some(last) = self.found.borrow_mut().last_mut() {
            last.part = Some(part.to_owned());
        }
    }

    fn note(&self, level: Level, span: Span, path: &str, code: Code, message: String, help: &str) -> bool {
        // Other layers may hand over a fragment.
        let help = format::sentence(help);
        let found = Found { span, part: None, path: path.to_owned(), level, code, message, help };
        let mut all = self.found.borrow_mut();
        let known = |other: &Found| other.span == span && other.code == code && other.message == found.message;
        // No number of warnings hides an error.
        let errors = || all.iter().filter(|other| other.level == Level::Error).count();
        let room = all.len() < MAX_PROBLEMS || (level == Level::Error && errors() < MAX_PROBLEMS);
        let fresh = span != Span::NOWHERE && room && !all.iter().any(known);
        if fresh {
            all.push(found);
        }
        fresh
    }

    /// How many things were noted so far.
    pub fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// Are there errors so far?
    pub fn has_errors(&self) -> bool {
        self.found.borrow().iter().any(|found| found.level == Level::Error)
    }

    /// Places everything that was noted in the files.
    pub fn finish(self, sources: Vec<Source>) -> Problems {
        let mut found = self.found.into_inner();
        found.iter_mut().for_each(|found| found.narrow(&sources));
        found.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
        let list = found.into_iter().map(|found| place(found, &sources)).collect();
        Problems { list, sources }
    }
}

impl Found {
    fn narrow(&mut self, sources: &[Source]) {
        let Span { file, start, end } = self.span;
        let source = sources.get(file as usize).and_then(|(_, text)| text.get(start as usize..end as usize));
        let Some((part, at)) = self.part.take().and_then(|part| Some((part.len(), source?.find(&part)?))) else {
            return;
        };
        let byte = |at: usize| start + u32::try_from(at).unwrap_or(0);
        self.span = Span { file, start: byte(at), end: byte(at + part) };
    }
}

fn place(found: Found, sources: &[Source]) -> Problem {
    let Found { span, path, level, code, message, help, .. } = found;
    let (file, text) = sources.get(span.file as usize).map_or((None, ""), |(file, text)| (Some(file), text.as_str()));
    let whole = span.start == 0 && span.end == 0;
    let (line, column) = if whole { (0, 0) } else { position(text, span.start as usize) };
    let end = if whole { (0, 0) } else { position(text, span.end as usize) };
    let file = file.cloned().unwrap_or_default();
    Problem { file, line, column, end, path, level, code, message, help, span }
}

/// Line and column of a byte, both from 1, the column in characters.
pub fn position(text: &str, byte: usize) -> (u32, u32) {
    let before = text.get(..byte.min(text.len())).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_warnings_hides_an_error() {
        let sink = Sink::default();
        for start in 0..=MAX_PROBLEMS {
            let span = Span { file: 0, start: u32::try_from(start).unwrap(), end: 0 };
            sink.warning(span, "", Code::CannotFail, "it cannot fail", "Remove it.");
        }
        sink.error(Span::start_of(0), "", Code::Unreadable, "it is outside", "Move it.");
        assert!(sink.has_errors());
        assert_eq!(sink.count(), MAX_PROBLEMS + 1);
    }
}
