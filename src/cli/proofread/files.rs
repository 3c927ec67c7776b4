//! Which files are read, and what each of them comes to. Many at once; the order of the results is that of the names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use walkdir::{DirEntry, WalkDir};

use super::super::{Failure, terminal};
use crate::proofread::document::{Lines, MAX_BYTES, at_most};
use crate::proofread::{Coverage, Level, Settings, proofread};

/// Directories that hold what others wrote, or what is made.
const LEFT_OUT: [&str; 2] = ["node_modules", "target"];

/// A place in a file, lines and columns from 1.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
    /// What stands there, without markup.
    pub(super) text: String,
    /// The line it begins in, as it stands in the file.
    pub(super) source: Arc<str>,
}

/// A finding with its places in the file.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) rule: &'static str,
    pub(super) level: Level,
    pub(super) message: String,
    pub(super) claimed: String,
    pub(super) recomputed: String,
    pub(super) readings: Vec<&'static str>,
    pub(super) spots: Vec<Spot>,
    pub(super) under: Vec<String>,
    pub(super) allowed: Option<String>,
}

/// What one file came to.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Its path as named, with `/`.
    pub(super) path: String,
    pub(super) findings: Vec<Finding>,
    pub(super) coverage: Coverage,
    /// Why it was not read, or not as it stands.
    pub(super) note: Option<&'static str>,
    /// Was it read at all?
    pub(super) read: bool,
}

/// What all of them came to.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) files: Vec<File>,
}

impl Read {
    /// Every finding with the path of its file.
    pub(super) fn findings(&self) -> impl Iterator<Item = (&str, &Finding)> {
        self.files.iter().flat_map(|file| file.findings.iter().map(|finding| (file.path.as_str(), finding)))
    }

    /// Those that are listed at this gate: warnings in any case, and what somebody allowed as well.
    pub(super) fn listed(&self, gate: Level) -> impl Iterator<Item = (&str, &Finding)> {
        self.findings().filter(move |(_, finding)| finding.level >= gate.min(Level::Warning))
    }

    /// Those that are shown at this gate: what is listed and nobody allowed.
    pub(super) fn shown(&self, gate: Level) -> impl Iterator<Item = (&str, &Finding)> {
        self.listed(gate).filter(|(_, finding)| finding.allowed.is_none())
    }

    /// What was looked at in all files.
    pub(super) fn coverage(&self) -> Coverage {
        let mut all = Coverage::default();
        for file in &self.files {
            all.add(&file.coverage);
        }
        all
    }
}

/// Reads every named file, and those in every named directory.
pub(super) fn read_all(named: &[PathBuf], settings: &Settings) -> Result<Read, Failure> {
    let mut paths = Vec::new();
    for path in named {
        if path.is_dir() {
            paths.extend(walk(path));
        } else if path.as_os_str() == "-" || path.exists() {
            paths.push(path.clone());
        } else {
            let shown = terminal::visible(&path.to_string_lossy());
            let help = "name Markdown files, directories, or - for standard input";
            return Err(Failure::new(format!("could not read {shown}: there is no such file"), help));
        }
    }
    // `. README.md` names one file in two ways.
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));
    let read = in_parallel(&paths, settings);
    // What was named by itself must be readable.
    let failed = |file: &&File| !file.read && named.iter().any(|path| shown(path) == file.path);
    if let Some(file) = read.files.iter().find(failed) {
        let why = file.note.unwrap_or("it cannot be read");
        let message = format!("could not read {}: {why}", terminal::visible(&file.path));
        return Err(Failure::new(message, "name a file that can be read"));
    }
    Ok(read)
}

/// The Markdown files below a directory, in the order of their names, and what could not be looked into: to read that
/// fails as well, and says so.
fn walk(root: &Path) -> impl Iterator<Item = PathBuf> {
    let kept = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        let left_out = entry.file_type().is_dir() && (name.starts_with('.') || LEFT_OUT.contains(&name.as_ref()));
        entry.depth() == 0 || !left_out
    };
    let entries = WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(kept);
    let markdown = |path: &Path| {
        path.extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("md") || extension.eq_ignore_ascii_case("markdown"))
    };
    entries.filter_map(move |entry| match entry {
        Ok(entry) => (entry.file_type().is_file() && markdown(entry.path())).then(|| entry.into_path()),
        Err(error) => Some(error.path().unwrap_or(root).to_path_buf()),
    })
}

/// One thread for each core; each takes the next file until none is left.
fn in_parallel(paths: &[PathBuf], settings: &Settings) -> Read {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, File)>> = Mutex::new(Vec::with_capacity(paths.len()));
    let work = || {
        let mut mine = Vec::new();
        while let Some((index, path)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, paths.get(at)?)))
        {
            mine.push((index, read(path, settings)));
        }
        if let Ok(mut done) = done.lock() {
            done.extend(mine);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut files = done.into_inner().unwrap_or_default();
    files.sort_by_key(|(index, _)| *index);
    Read { files: files.into_iter().map(|(_, file)| file).collect() }
}

fn read(path: &Path, settings: &Settings) -> File {
    let mut file = File { path: shown(path), ..File::default() };
    let bytes = match bytes(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            file.note = Some("it is larger than 64 MiB");
            return file;
        }
        Err(_) => {
            file.note = Some("it cannot be read");
            return file;
        }
    };
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        file.note = Some("it is no UTF-8 text: what is none was replaced");
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    });
    file.read = true;
    let done = proofread(&text, settings);
    file.coverage = done.coverage;
    if !done.findings.is_empty() {
        let lines = Lines::of(&text);
        let mut sources = BTreeMap::new();
        let located = |finding| located(&text, &lines, &mut sources, finding);
        file.findings = done.findings.into_iter().map(located).collect();
    }
    file
}

/// `None` for a file that is too large.
fn bytes(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match path.as_os_str() == "-" {
        true => at_most(io::stdin().lock(), MAX_BYTES),
        false => at_most(fs::File::open(path)?, MAX_BYTES),
    }
}

/// A path as it is printed: with `/`, without `./` before it.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

/// `sources` are the lines that were quoted before: one long line with many findings is held once.
fn located(
    text: &str,
    lines: &Lines,
    sources: &mut BTreeMap<u32, Arc<str>>,
    finding: crate::proofread::Finding,
) -> Finding {
    let spots = finding.anchors.into_iter().map(|anchor| {
        let (line, column) = lines.line_column(text, anchor.bytes.start);
        let (end_line, end_column) = lines.line_column(text, anchor.bytes.end);
        let source = sources.entry(line).or_insert_with(|| text[lines.range(text, line).unwrap_or_default()].into());
        Spot { line, column, end_line, end_column, text: anchor.text, source: Arc::clone(source) }
    });
    Finding {
        rule: finding.rule,
        level: finding.level,
        message: finding.message,
        claimed: finding.claimed,
        recomputed: finding.recomputed,
        readings: finding.readings,
        spots: spots.collect(),
        under: finding.under,
        allowed: finding.allowed,
    }
}
