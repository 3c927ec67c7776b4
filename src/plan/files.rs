//! Reading the audit file and everything it includes. The files are read once; problems are shown in these very texts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use globset::GlobMatcher;

use super::DEFAULT_NAME;
use super::bounds::{self, Held};
use super::node::{Node, Span, Value};
use super::problem::{Code, Sink, Source};
use super::vars::Vars;
use super::yaml;
use crate::model::audit::text;
use crate::model::glob::{depth, is_glob};

/// More files than this are a loop that was not seen, or not an audit.
const MAX_FILES: usize = 1_000;

/// A file that was read.
pub(super) struct Read {
    /// Its number among the sources.
    pub file: u32,
    /// What it says.
    pub root: Node,
}

/// What to do about an audit file that cannot be read: where there is one by another name, that is named.
fn instead_of(path: &Path) -> String {
    let below = path.with_file_name("checks").join(DEFAULT_NAME);
    let other = path.with_extension("yml");
    if path.file_name().is_none_or(|name| name != DEFAULT_NAME) || path.exists() {
        "Check the path.".to_owned()
    } else if other.is_file() {
        format!("Name \"{}\", or rename it to \"{DEFAULT_NAME}\".", shown(&other))
    } else if below.is_file() {
        format!("Name \"{}\".", shown(&below))
    } else {
        "Check the path; `countersign init` writes a first audit file.".to_owned()
    }
}

/// Reads files and keeps their texts.
pub(super) struct Files<'a> {
    sink: &'a Sink,
    sources: Vec<Source>,
    /// Where each line of each source begins.
    lines: Vec<Vec<u32>>,
    seen: BTreeSet<PathBuf>,
    /// Texts that are read in place of files, by what they would be.
    given: BTreeMap<PathBuf, String>,
    /// How large it may be and where it may lie, when nobody here wrote it.
    bounds: Option<Held>,
}

impl<'a> Files<'a> {
    /// Nothing read yet.
    pub(super) fn new(sink: &'a Sink) -> Self {
        Self {
            sink,
            sources: Vec::new(),
            lines: Vec::new(),
            seen: BTreeSet::new(),
            given: BTreeMap::new(),
            bounds: None,
        }
    }

    /// Nothing read yet, of an audit that nobody here wrote.
    pub(super) fn bounded(sink: &'a Sink, bounds: Held) -> Self {
        Self { bounds: Some(bounds), ..Self::new(sink) }
    }

    /// The bounds of an audit that nobody here wrote.
    pub(super) fn bounds(&self) -> Option<&Held> {
        self.bounds.as_ref()
    }

    /// Reads this text in place of the file of that path, whether it is there or not.
    pub(super) fn give(&mut self, path: &Path, text: String) {
        self.given.insert(identity(path), text);
    }

    /// The texts that were read.
    pub(super) fn into_sources(self) -> Vec<Source> {
        self.sources
    }

    /// The path of a file that was read.
    pub(super) fn path(&self, file: u32) -> &Path {
        self.sources.get(file as usize).map_or(Path::new(""), |(path, _)| path.as_path())
    }

    /// The source at a place, as written.
    pub(super) fn text(&self, span: Span) -> &str {
        let text = self.sources.get(span.file as usize).map_or("", |(_, text)| text.as_str());
        text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The line on which a place begins, from 1.
    pub(super) fn line(&self, span: Span) -> u32 {
        let starts = self.lines.get(span.file as usize).map(Vec::as_slice).unwrap_or_default();
        u32::try_from(starts.partition_point(|start| *start <= span.start)).unwrap_or(u32::MAX)
    }

    fn keep(&mut self, path: &Path, text: String) {
        let starts = text.match_indices('\n').map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX));
        self.lines.push(std::iter::once(0).chain(starts).collect());
        self.sources.push((path.to_owned(), text));
    }

    /// Reads one file; `None` when that is not possible, and the sink knows why. Where the place of the file's name is
    /// known, problems of reading are shown there.
    pub(super) fn read(&mut self, path: &Path, named: Option<(Span, &str)>) -> Option<Read> {
        let file = u32::try_from(self.sources.len()).ok()?;
        let unreadable = |message: String, help: &str| match named {
            Some((span, at)) => self.sink.error(span, at, Code::Unreadable, message, help),
            None => self.sink.error(Span::start_of(file), "", Code::Unreadable, message, help),
        };
        if let Some(bounds) = self.bounds.as_ref().filter(|bounds| bounds.leaves(path)) {
            let (message, help) = bounds.refusal(&shown(path));
            unreadable(message, &help);
            if named.is_none() {
                self.keep(path, String::new());
            }
            return None;
        }
        let given = self.given.get(&identity(path)).map(|text| Ok(text.clone().into_bytes()));
        let bytes = match given.unwrap_or_else(|| content(path, self.bounds.is_some())) {
            Ok(bytes) => bytes,
            Err(error) => {
                let help = named.map_or_else(|| instead_of(path), |_| "Check the path.".to_owned());
                unreadable(format!("could not read \"{}\": {}", shown(path), reason(&error)), &help);
                if named.is_none() {
                    self.keep(path, String::new());
                }
                return None;
            }
        };
        self.seen.insert(identity(path));
        if let Some(most) = self.bounds.as_mut().and_then(|bounds| bounds.take_bytes(bytes.len())) {
            self.too_large(file, path, most);
            return None;
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                unreadable(format!("\"{}\" is not UTF-8 from byte {at} on", shown(path)), "Save it as UTF-8.");
                self.keep(path, String::new());
                return None;
            }
        };
        let root = match self.bounds {
            Some(_) => yaml::parse_within(file, &text, bounds::MOST_WRITTEN_OUT, self.sink),
            None => yaml::parse(file, &text, self.sink),
        };
        self.keep(path, text);
        let root = root?;
        if let Some(most) = self.bounds.as_mut().and_then(|bounds| bounds.take_values(&root)) {
            self.too_large(file, path, most);
            return None;
        }
        if !matches!(root.value, Value::Mapping(_)) {
            let message = format!("expected a mapping, found {}", root.describe());
            self.sink.error(root.span, "", Code::WrongType, message, "Begin with `audit:` or `area:`.");
            return None;
        }
        Some(Read { file, root })
    }

    fn too_large(&mut self, file: u32, path: &Path, most: String) {
        if self.sources.len() == file as usize {
            self.keep(path, String::new());
        }
        let message = format!("the files of this audit have more than {most} together (--untrusted)");
        let help = "Run it without --untrusted, if you trust whoever wrote it.";
        self.sink.error(Span::start_of(file), "", Code::TooLarge, message, help);
    }

    /// How many files it may be made of.
    fn most_files(&self) -> usize {
        if self.bounds.is_some() { bounds::MOST_FILES } else { MAX_FILES }
    }

    /// Reads what a file includes, and what that includes, in order.
    pub(super) fn include(&mut self, read: &mut Read, vars: &mut Vars<'_>, ring: &[PathBuf]) -> Vec<Read> {
        let mut found = Vec::new();
        let base = self.path(read.file).parent().map(Path::to_owned).unwrap_or_default();
        let mut ring = ring.to_vec();
        ring.push(identity(self.path(read.file)));
        for entry in read.root.take(|key| key == "include") {
            for (node, at) in self.patterns(entry.value) {
                let mut node = node;
                vars.expand(&mut node, &at, false, self.sink);
                let pattern = node.text().unwrap_or_default().to_owned();
                for path in self.matching(&base, &pattern, node.span, &at, &ring) {
                    let most = self.most_files();
                    if self.sources.len() >= most {
                        let message = format!("more than {most} files are included");
                        self.sink.error(node.span, &at, Code::TooLarge, message, "Include fewer files.");
                        return found;
                    }
                    if let Some(mut inner) = self.read(&path, Some((node.span, &at))) {
                        let below = self.include(&mut inner, vars, &ring);
                        found.push(inner);
                        found.extend(below);
                    }
                }
            }
        }
        found
    }

    /// The texts under `include:`, one or several.
    fn patterns(&self, node: Node) -> Vec<(Node, String)> {
        let span = node.span;
        let items = match node.value {
            Value::List(items) if items.is_empty() => {
                self.sink.error(span, "include", Code::Empty, "the list is empty", "Name a file, or remove the key.");
                Vec::new()
            }
            Value::List(items) => items,
            value => vec![Node { span, value }],
        };
        let mut patterns = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let at = format!("include[{index}]");
            if item.text().is_some_and(|text| !text.is_empty()) && !item.is_null() {
                patterns.push((item, at));
            } else {
                let message = format!("expected a path, found {}", item.describe());
                self.sink.error(item.span, &at, Code::WrongType, message, "Write the path of a file.");
            }
        }
        patterns
    }

    fn matching(&self, base: &Path, pattern: &str, span: Span, at: &str, ring: &[PathBuf]) -> Vec<PathBuf> {
        let mut wanted = Vec::new();
        if !is_glob(pattern) {
            let path = normal(&base.join(pattern));
            let id = identity(&path);
            if self.refused(&path, pattern, span, at) {
            } else if !path.is_file() {
                let message = format!("there is no file \"{}\"", shown(&path));
                let help = "Check the path: it is relative to the file that includes it.";
                self.sink.error(span, at, Code::IncludeNothing, message, help);
            } else if ring.contains(&id) {
                let message = format!("\"{pattern}\" includes itself, directly or through others");
                self.sink.error(span, at, Code::IncludeCycle, message, "Remove one of the includes.");
            } else if self.seen.contains(&id) {
                let message = format!("\"{pattern}\" is included already");
                self.sink.error(span, at, Code::DuplicateInclude, message, "Remove one of the two.");
            } else {
                wanted.push(path);
            }
            return wanted;
        }
        let mut matched = BTreeSet::new();
        for path in self.glob(base, pattern, span, at) {
            let id = identity(&path);
            // A glob such as `*.yaml` meets the file it stands in; nobody means that.
            if ring.contains(&id) {
                continue;
            }
            if self.seen.contains(&id) || !matched.insert(id) {
                let message = format!("\"{}\" is included already", shown(&path));
                self.sink.error(span, at, Code::DuplicateInclude, message, "Narrow the pattern, or remove the other.");
            } else {
                wanted.push(path);
            }
        }
        wanted
    }

    /// Notes that an untrusted audit names what lies outside of its bounds, if it does.
    fn refused(&self, path: &Path, pattern: &str, span: Span, at: &str) -> bool {
        let Some(bounds) = self.bounds.as_ref().filter(|bounds| bounds.leaves(path)) else { return false };
        let (message, help) = bounds.refusal(pattern);
        self.sink.error(span, at, Code::Unreadable, message, help);
        true
    }

    fn glob(&self, base: &Path, pattern: &str, span: Span, at: &str) -> Vec<PathBuf> {
        let (fixed, rest) = split(pattern);
        let start = normal(&base.join(fixed));
        if self.refused(&start, pattern, span, at) {
            return Vec::new();
        }
        let glob = match globset::GlobBuilder::new(&rest).literal_separator(true).build() {
            Ok(glob) => glob.compile_matcher(),
            Err(error) => {
                let message = format!("\"{pattern}\" is not a pattern: {}", error.kind());
                self.sink.error(span, at, Code::InvalidGlob, message, "Close every `[` and `{`.");
                return Vec::new();
            }
        };
        let leaves = |path: &Path| self.bounds.as_ref().is_some_and(|bounds| bounds.leaves(path));
        match walk(&start, depth(&rest), &glob, &leaves) {
            Ok(found) if found.is_empty() => {
                let message = format!("\"{pattern}\" matches no file");
                let help = "Check the pattern: it is relative to the file that includes it.";
                self.sink.error(span, at, Code::IncludeNothing, message, help);
                found
            }
            Ok(found) => found,
            // A shorter list would leave checks out, and nobody would know.
            Err((path, error)) => {
                let message = format!("could not look for \"{pattern}\" in \"{}\": {}", shown(&path), reason(&error));
                let help = "Make it readable, or narrow the pattern.";
                self.sink.error(span, at, Code::Unreadable, message, help);
                Vec::new()
            }
        }
    }
}

/// The directory to start from, and the pattern below it.
fn split(pattern: &str) -> (PathBuf, String) {
    let parts = || Path::new(pattern).components().filter(|part| *part != Component::CurDir);
    let fixed = |part: &Component<'_>| !is_glob(&part.as_os_str().to_string_lossy());
    let rest: Vec<_> = parts().skip_while(fixed).map(|part| part.as_os_str().to_string_lossy()).collect();
    (parts().take_while(fixed).collect(), rest.join("/"))
}

/// The files below `start` that match, sorted, links to files among them; else what could not be looked at, and why.
fn walk(
    start: &Path,
    depth: usize,
    glob: &GlobMatcher,
    leaves: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, (PathBuf, std::io::Error)> {
    let mut found = Vec::new();
    // The directory that we are in has no name here.
    let root = if start.as_os_str().is_empty() { Path::new(".") } else { start };
    for entry in walkdir::WalkDir::new(root).max_depth(depth) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                match (error.depth(), std::io::Error::from(error)) {
                    (0, error) if error.kind() == std::io::ErrorKind::NotFound => break,
                    (_, error) => return Err((path, error)),
                }
            }
        };
        let path = entry.path();
        let Some(below) = path.strip_prefix(root).ok().filter(|below| glob.is_match(below)) else { continue };
        // A link is what it leads to, as for a path without a pattern; to a directory it is not followed. What is out of
        // bounds is not even looked at: reading it will be refused.
        let is_file = if !entry.path_is_symlink() {
            entry.file_type().is_file()
        } else {
            leaves(path) || std::fs::metadata(path).map_err(|error| (path.to_owned(), error))?.is_file()
        };
        if is_file {
            found.push(start.join(below));
        }
    }
    found.sort();
    Ok(found)
}

/// The bytes of a file, or of what streams into one unless it must be `regular`; not more than are looked at.
fn content(path: &Path, regular: bool) -> std::io::Result<Vec<u8>> {
    if regular && !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(text::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The file itself, whatever way leads to it.
fn identity(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| normal(path))
}

/// Without `.` and, where that is possible, without `..`.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(parts.components().next_back(), Some(Component::Normal(_))) => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}

/// The way from one existing directory to a file, with forward slashes.
pub(super) fn relative(path: &Path, root: &Path) -> String {
    let (path, root) = (identity(path), identity(root));
    let shared = path.components().zip(root.components()).take_while(|(a, b)| a == b).count();
    let up = root.components().skip(shared).map(|_| "..".to_owned());
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The system's reason without its number, which differs between systems.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}
