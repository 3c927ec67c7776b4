//! What lies below the root, live: a bounded walk that follows no link. It is how a first audit is drafted, before there is
//! a check to ask a question for, so nothing of it is recorded. It must not open a file but `.gitignore`.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, FileType};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::session::{Mode, Session};
use crate::model::fact::Unmeasurable;

/// A larger `.gitignore` is not read.
const MAX_IGNORE: u64 = 1 << 20;

/// How far a walk goes.
#[derive(Debug, Clone)]
pub struct TreeBounds {
    /// Folders in one another.
    pub depth: usize,
    /// Entries that are looked at in folders that git keeps.
    pub entries: usize,
    /// Folders in one another below one that git ignores.
    pub built_depth: usize,
    /// Entries that are looked at in folders that git ignores.
    pub built_entries: usize,
    /// How long it may take.
    pub time: Duration,
    /// Names of folders that are never entered.
    pub never: &'static [&'static str],
    /// Names of folders that hold what was built, whether git ignores them or not.
    pub built: &'static [&'static str],
}

/// What lies below a root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The files, sorted by their path.
    pub files: Vec<TreeFile>,
    /// Was there more than the bounds let see?
    pub cut: bool,
    /// How many files were left out because of their names: those that are not UTF-8, or hold control characters.
    pub unnamed: usize,
}

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TreeFile {
    /// Relative to the root, with `/`.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// May somebody execute it?
    pub executable: bool,
    /// Was it built: does git ignore it, or a folder above it?
    pub built: bool,
}

impl Session {
    /// Walks the audit's root, wide before deep: what git keeps first, then what it ignores.
    pub async fn tree(&self, bounds: TreeBounds) -> Result<Tree, Unmeasurable> {
        let Mode::Live(live) = &self.inner.mode else {
            return Err(Unmeasurable::new("nothing is walked in a replay", "Look at the directory itself."));
        };
        let root = live.root().to_owned();
        let walked = tokio::task::spawn_blocking(move || Walk::new(&root, &bounds).run()).await;
        walked.map_err(|_| Unmeasurable::new("the file system could not be read", "Try it again."))
    }
}

/// A folder to look into.
struct Folder {
    place: PathBuf,
    /// How deep below the root, or below the first folder that git ignores.
    depth: usize,
    ignores: Option<Arc<Ignores>>,
}

/// The `.gitignore` files of a folder and of those above it.
struct Ignores {
    own: Gitignore,
    above: Option<Arc<Ignores>>,
}

impl Ignores {
    fn has(&self, place: &Path, is_dir: bool) -> bool {
        match self.own.matched(place, is_dir) {
            Match::Ignore(_) => true,
            Match::Whitelist(_) => false,
            Match::None => self.above.as_ref().is_some_and(|above| above.has(place, is_dir)),
        }
    }
}

struct Walk<'a> {
    root: &'a Path,
    bounds: &'a TreeBounds,
    began: Instant,
    kept: VecDeque<Folder>,
    built: VecDeque<Folder>,
    found: Tree,
}

impl<'a> Walk<'a> {
    fn new(root: &'a Path, bounds: &'a TreeBounds) -> Self {
        let first = Folder { place: root.to_owned(), depth: 0, ignores: None };
        Self {
            root,
            bounds,
            began: Instant::now(),
            kept: VecDeque::from([first]),
            built: VecDeque::new(),
            found: Tree::default(),
        }
    }

    fn run(mut self) -> Tree {
        let mut left = self.bounds.entries;
        while let Some(folder) = self.kept.pop_front() {
            self.folder(folder, false, &mut left);
        }
        let mut left = self.bounds.built_entries;
        while let Some(folder) = self.built.pop_front() {
            self.folder(folder, true, &mut left);
        }
        self.found.files.sort();
        self.found
    }

    fn folder(&mut self, folder: Folder, built: bool, left: &mut usize) {
        if *left == 0 || self.began.elapsed() > self.bounds.time {
            self.found.cut = true;
            return;
        }
        // What may not be looked into holds nothing that an audit of this user could measure.
        let Ok(listed) = fs::read_dir(&folder.place) else { return };
        let mut entries = Vec::new();
        for entry in listed.filter_map(Result::ok) {
            if *left == 0 {
                self.found.cut = true;
                break;
            }
            *left -= 1;
            entries.push(entry);
        }
        if is_bundle(&entries) {
            return;
        }
        entries.sort_by_key(DirEntry::file_name);
        let ignores = if built { None } else { ignores(&folder, &entries) };
        for entry in entries {
            let Ok(kind) = entry.file_type() else { continue };
            self.entry(&entry, kind, &folder, built, ignores.as_ref());
        }
    }

    fn entry(
        &mut self,
        entry: &DirEntry,
        kind: FileType,
        folder: &Folder,
        built: bool,
        ignores: Option<&Arc<Ignores>>,
    ) {
        let (place, name) = (entry.path(), entry.file_name());
        let is = |names: &[&str]| names.iter().any(|known| name.as_os_str() == OsStr::new(known));
        let ignored = ignores.is_some_and(|ignores| ignores.has(&place, kind.is_dir()));
        if kind.is_file() {
            return self.file(entry, &place, built || ignored);
        }
        // A file of this name says that the folder is a Python environment, whatever it is called.
        if !kind.is_dir() || is(self.bounds.never) || place.join("pyvenv.cfg").is_file() {
            return;
        }
        let becomes_built = !built && (ignored || is(self.bounds.built));
        let depth = if becomes_built { 0 } else { folder.depth + 1 };
        let most = if built || becomes_built { self.bounds.built_depth } else { self.bounds.depth };
        if depth > most {
            self.found.cut |= !built;
            return;
        }
        let next = Folder { place, depth, ignores: ignores.cloned() };
        if built || becomes_built { self.built.push_back(next) } else { self.kept.push_back(next) }
    }

    fn file(&mut self, entry: &DirEntry, place: &Path, built: bool) {
        let path = place.strip_prefix(self.root).ok().and_then(Path::to_str);
        let Some(path) = path.filter(|path| !path.chars().any(char::is_control)) else {
            self.found.unnamed += 1;
            return;
        };
        let Ok(metadata) = entry.metadata() else { return };
        let path = path.replace(std::path::MAIN_SEPARATOR, "/");
        let executable = is_executable(&metadata);
        self.found.files.push(TreeFile { path, size: metadata.len(), executable, built });
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    false
}

/// What earlier audits recorded is no state of this machine.
fn is_bundle(entries: &[DirEntry]) -> bool {
    let has = |name: &str| entries.iter().any(|entry| entry.file_name() == name);
    has("record.json") && has("evidence")
}

fn ignores(folder: &Folder, entries: &[DirEntry]) -> Option<Arc<Ignores>> {
    let above = folder.ignores.clone();
    let own = entries.iter().find(|entry| entry.file_name() == ".gitignore");
    let text = own.and_then(|own| {
        if !own.file_type().ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        fs::File::open(own.path()).ok()?.take(MAX_IGNORE + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= MAX_IGNORE).then_some(bytes)
    });
    let Some(text) = text else { return above };
    let mut builder = GitignoreBuilder::new(&folder.place);
    for line in String::from_utf8_lossy(&text).lines() {
        // A line that is no pattern ignores nothing, as with git.
        let _ = builder.add_line(None, line);
    }
    match builder.build() {
        Ok(own) => Some(Arc::new(Ignores { own, above })),
        Err(_) => above,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn bounds() -> TreeBounds {
        TreeBounds {
            depth: 5,
            entries: 1_000,
            built_depth: 2,
            built_entries: 100,
            time: Duration::from_secs(60),
            never: &["node_modules", ".git"],
            built: &["target"],
        }
    }

    fn walked(root: &Path, bounds: &TreeBounds) -> Vec<String> {
        let tree = Walk::new(root, bounds).run();
        let mark = |file: &TreeFile| format!("{}{}", file.path, if file.built { "*" } else { "" });
        tree.files.iter().map(mark).collect()
    }

    #[test]
    fn what_git_ignores_is_seen_and_marked_and_what_others_wrote_is_not() {
        let root = tree(&[
            (".gitignore", "/out/\n*.log\n!keep.log\n[broken\n"),
            ("a.rs", ""),
            ("a.log", ""),
            ("keep.log", ""),
            ("out/junit.xml", ""),
            ("target/nextest/ci/junit.xml", ""),
            ("target/one/two/three/too-deep.xml", ""),
            ("node_modules/x/package.json", ""),
            ("sub/.gitignore", "gen/\n"),
            ("sub/gen/lcov.info", ""),
            ("sub/b.rs", ""),
            ("old/record.json", "{}"),
            ("old/evidence/junit.xml", ""),
            ("py/pyvenv.cfg", ""),
            ("py/lib/x.py", ""),
        ]);
        let expected = [
            ".gitignore",
            "a.log*",
            "a.rs",
            "keep.log",
            "out/junit.xml*",
            "sub/.gitignore",
            "sub/b.rs",
            "sub/gen/lcov.info*",
            "target/nextest/ci/junit.xml*",
        ];
        assert_eq!(walked(root.path(), &bounds()), expected);
    }

    #[test]
    fn a_tree_without_end_is_cut_and_says_so() {
        let names: Vec<String> = (0..200).map(|number| format!("f{number:03}")).collect();
        let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        let root = tree(&files);
        let found = Walk::new(root.path(), &TreeBounds { entries: 50, ..bounds() }).run();
        assert_eq!((found.files.len(), found.cut), (50, true));
        let root = tree(&[("a/b/c/d.txt", ""), ("e.txt", "")]);
        let found = Walk::new(root.path(), &TreeBounds { depth: 2, ..bounds() }).run();
        assert_eq!((found.files.len(), found.cut), (1, true));
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed_and_odd_names_are_counted() {
        use std::os::unix::ffi::OsStrExt as _;
        let root = tree(&[("real/x.txt", ""), ("two\nlines.txt", "")]);
        std::os::unix::fs::symlink("/etc", root.path().join("etc")).unwrap();
        std::os::unix::fs::symlink("real/x.txt", root.path().join("link.txt")).unwrap();
        fs::write(root.path().join(OsStr::from_bytes(b"\xff.txt")), "").unwrap();
        let found = Walk::new(root.path(), &bounds()).run();
        assert_eq!((found.files.len(), found.unnamed), (1, 2));
    }
}
