//! What every reader of coverage reports says in the end: for each source file, which of its parts were run.
//!
//! It counts what the report lists, and sets beside it what the report says of itself. Nothing here divides.

pub mod cobertura;
pub mod jacoco;
pub mod lcov;
pub mod summaries;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};

/// Source files beyond which a report is refused.
const MAX_FILES: usize = 200_000;
/// Lines, branches and functions together beyond which a report is refused.
pub(crate) const MAX_ITEMS: usize = 20_000_000;
/// Sentences kept.
const MAX_NOTES: usize = 5;
/// The sorts of parts, in the order in which readers keep them.
const SORTS: [&str; 3] = ["lines", "branches", "functions"];

/// How many of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that were run.
    pub covered: u64,
    /// All.
    pub total: u64,
}

impl Tally {
    /// Counts in another one.
    pub fn add(&mut self, other: Self) {
        self.covered = self.covered.saturating_add(other.covered);
        self.total = self.total.saturating_add(other.total);
    }
}

/// Lines, branches or functions of one source file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Part {
    /// The report does not tell.
    #[default]
    Untold,
    /// How many, and not which.
    Totals(Tally),
    /// Each of them, by what names it: a line has one, the branches of a line may be several.
    Items(BTreeMap<u64, (u32, u32)>),
    /// Two reports tell of it, and cannot be put together.
    Conflict,
}

impl Part {
    /// Adds one: `covered` of `total` (1 of 1, or 0 of 1, for what is not made of several).
    pub fn add(&mut self, key: u64, covered: u32, total: u32) {
        if !matches!(self, Self::Items(_)) {
            *self = Self::Items(BTreeMap::new());
        }
        if let Self::Items(items) = self {
            let item = items.entry(key).or_default();
            *item = (item.0.max(covered.min(total)), item.1.max(total));
        }
    }

    /// How many of how many; `None` where nobody tells.
    pub fn tally(&self) -> Option<Tally> {
        match self {
            Self::Untold | Self::Conflict => None,
            Self::Totals(tally) => Some(*tally),
            Self::Items(items) => Some(items.values().fold(Tally::default(), |mut all, (covered, total)| {
                all.add(Tally { covered: u64::from(*covered), total: u64::from(*total) });
                all
            })),
        }
    }

    /// May both be of one text? Not where they list other items.
    fn lists_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Items(one), Self::Items(other)) => one.keys().eq(other.keys()),
            _ => true,
        }
    }

    /// What two reports say of the same file. `alike` wants both to list the same: tools name a branch by its number, and
    /// number only those that they have seen.
    fn merge(self, other: Self, alike: bool) -> Self {
        match (self, other) {
            (Self::Untold, one) | (one, Self::Untold) => one,
            (Self::Items(one), Self::Items(other)) => {
                let same =
                    || one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| a.0 == b.0 && a.1.1 == b.1.1);
                // Of `1 of 2` and `1 of 2`, nobody knows whether it was the same one.
                let doubt = |key: &u64, item: &(u32, u32)| {
                    other.get(key).is_some_and(|beside| {
                        let partly = |(covered, total): &(u32, u32)| *covered > 0 && covered < total;
                        partly(item) && partly(beside)
                    })
                };
                if alike && (!same() || one.iter().any(|(key, item)| doubt(key, item))) {
                    return Self::Conflict;
                }
                let mut merged = Self::Items(one);
                for (key, (covered, total)) in other {
                    merged.add(key, covered, total);
                }
                merged
            }
            _ => Self::Conflict,
        }
    }
}

/// One source file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// Lines that hold something to run.
    pub lines: Part,
    /// Ways out of decisions.
    pub branches: Part,
    /// Functions and methods.
    pub functions: Part,
    /// Is its name told from a root that several reports do not name, so that they may mean several files?
    pub doubtful: bool,
    /// From where its name is told, where the report says so.
    root: Option<String>,
}

impl SourceFile {
    /// Takes in what is said elsewhere of the same file: what is run is what one of both says.
    fn merge(self, other: Self) -> Self {
        Self {
            lines: self.lines.merge(other.lines, false),
            branches: self.branches.merge(other.branches, true),
            functions: self.functions.merge(other.functions, false),
            doubtful: self.doubtful || other.doubtful,
            root: self.root.or(other.root),
        }
    }
}

/// What reports say about source files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// By the name that the reports give them.
    pub files: BTreeMap<String, SourceFile>,
    /// What a reader should know besides, one sentence each.
    pub notes: Vec<String>,
    /// Why what is listed of lines, branches and functions is not all, a fragment each.
    unlisted: [Option<String>; 3],
    silent: usize,
    items: usize,
}

impl Coverage {
    /// The file of that name, which is a new one unless it was named before.
    pub fn file(&mut self, name: &str) -> Result<&mut SourceFile, String> {
        if self.files.len() >= MAX_FILES && !self.files.contains_key(name) {
            return Err(format!("it names more than {MAX_FILES} source files"));
        }
        Ok(self.files.entry(name.to_owned()).or_default())
    }

    /// Counts what is held in memory.
    pub fn hold(&mut self, items: usize) -> Result<(), String> {
        self.items += items;
        if self.items > MAX_ITEMS { Err(format!("it lists more than {MAX_ITEMS} lines and branches")) } else { Ok(()) }
    }

    /// Adds a sentence for the reader.
    pub fn note(&mut self, sentence: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(sentence);
        } else {
            self.silent += 1;
        }
    }

    /// How many sentences of that sort were left out.
    pub fn left_out(&self) -> usize {
        self.silent
    }

    /// Says from where the names of its files are told.
    fn rooted(&mut self, root: &str) {
        for file in self.files.values_mut() {
            file.root = Some(root.to_owned());
        }
    }

    /// Takes in another report of the same tree. A file of which both tell is run where one of them says so.
    pub fn absorb(&mut self, other: Self) -> Result<(), String> {
        self.take_in(other, |_, _, _| Beside::Same)
    }

    /// Takes in another report, which may be of another tree: `src/main.py` of two services is two files. Where both say
    /// from where they tell their names, that decides; where one does not, nobody knows.
    pub fn absorb_another(&mut self, other: Self) -> Result<(), String> {
        self.take_in(other, |name, mine, theirs| match (&mine.root, &theirs.root) {
            (Some(one), Some(other)) if one != other && !is_absolute(name) => {
                Beside::Other(format!("{}/{name}", other.trim_end_matches('/')))
            }
            // Two containers may each have an `/app`: what lists other lines is another file, or the file at another time.
            (one, other) if is_absolute(name) || (one.is_some() && other.is_some()) => {
                if mine.lines.lists_as(&theirs.lines) { Beside::Same } else { Beside::Unknown }
            }
            _ => Beside::Unknown,
        })
    }

    fn take_in(&mut self, other: Self, beside: fn(&str, &SourceFile, &SourceFile) -> Beside) -> Result<(), String> {
        self.hold(other.items)?;
        for (name, mut file) in other.files {
            let known = self.files.get(&name).map_or(Beside::Same, |mine| beside(&name, mine, &file));
            file.doubtful |= matches!(known, Beside::Unknown);
            let name = if let Beside::Other(longer) = known { longer } else { name };
            let merged = std::mem::take(self.file(&name)?).merge(file);
            self.files.insert(name, merged);
        }
        for (mine, theirs) in self.unlisted.iter_mut().zip(other.unlisted) {
            *mine = mine.take().or(theirs);
        }
        self.silent += other.silent;
        for note in other.notes {
            self.note(note);
        }
        Ok(())
    }

    /// Why what is listed of a sort of parts is not all of it.
    pub fn unlisted(&self, what: &str) -> Option<&str> {
        SORTS.iter().position(|known| *known == what).and_then(|sort| self.unlisted[sort].as_deref())
    }

    /// Holds what a report says of itself beside what it lists. That it says more of them, or that more were not run, means
    /// that it does not list all: what it lists may be all that was run. Up to `explained`, it counts some of them twice.
    fn compare(&mut self, sort: usize, place: &str, said: Tally, listed: Tally, explained: u64) {
        if said == listed {
            return;
        }
        let what = SORTS[sort];
        let told = format!(
            "{place} says {} of {} {what} and lists {} of {}",
            said.covered, said.total, listed.covered, listed.total
        );
        let missed = |tally: Tally| tally.total.saturating_sub(tally.covered);
        let twice = said.total > listed.total && said.total <= explained;
        if !twice && (said.total > listed.total || missed(said) > missed(listed)) {
            self.unlisted[sort].get_or_insert(told);
        } else {
            let mut told = told;
            told[..1].make_ascii_uppercase();
            self.note(format!("{told}: what it lists counts."));
        }
    }
}

/// Whether two reports mean the same file by one name.
enum Beside {
    Same,
    /// No, and by this name it is told from the first one.
    Other(String),
    Unknown,
}

/// Does a name say by itself which file it is?
fn is_absolute(name: &str) -> bool {
    let drive = name.as_bytes().get(1..3).is_some_and(|after| matches!(after, br":\" | b":/"));
    name.starts_with(['/', '\\']) || drive
}

/// Is it a count, and above zero? gcov has written counts below zero and beyond 64 bits.
fn was_run(count: &str) -> Option<bool> {
    let digits = count.strip_prefix('-').unwrap_or(count);
    let number =
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+'));
    number.then(|| !count.starts_with('-') && digits.bytes().any(|byte| (b'1'..=b'9').contains(&byte)))
}

/// What names an item that has no number: the same in every run, unlike the hash of a `HashMap`.
fn key(parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xFF);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(all: &[(u64, u32, u32)]) -> Part {
        let mut part = Part::default();
        for (key, covered, total) in all {
            part.add(*key, *covered, *total);
        }
        part
    }

    fn of(part: &Part) -> Option<(u64, u64)> {
        part.tally().map(|tally| (tally.covered, tally.total))
    }

    #[test]
    fn a_line_is_run_where_one_of_two_reports_says_so() {
        let (one, other) = (items(&[(1, 1, 1), (2, 0, 1)]), items(&[(2, 1, 1), (3, 0, 1)]));
        assert_eq!(of(&one.clone().merge(other, false)), Some((2, 3)));
        assert_eq!(of(&one.clone().merge(Part::Untold, false)), Some((1, 2)));
        assert_eq!(of(&Part::Untold.merge(one, false)), Some((1, 2)));
    }

    #[test]
    fn branches_are_put_together_only_where_it_is_sure_which_they_are() {
        let merged = |one: &[(u64, u32, u32)], other: &[(u64, u32, u32)]| of(&items(one).merge(items(other), true));
        assert_eq!(merged(&[(1, 1, 1), (2, 0, 1)], &[(1, 0, 1), (2, 1, 1)]), Some((2, 2)));
        assert_eq!(merged(&[(1, 2, 2)], &[(1, 1, 2)]), Some((2, 2)));
        assert_eq!(merged(&[(1, 1, 2)], &[(1, 1, 2)]), None, "they may be the same one, or both");
        assert_eq!(merged(&[(1, 1, 1)], &[(2, 1, 1)]), None, "numbered by another run");
        assert_eq!(merged(&[(1, 1, 1)], &[(1, 1, 2)]), None);
    }

    #[test]
    fn totals_of_one_file_cannot_be_put_together() {
        let totals = || Part::Totals(Tally { covered: 1, total: 2 });
        assert_eq!(totals().merge(totals(), false), Part::Conflict);
        assert_eq!(items(&[(1, 1, 1)]).merge(totals(), false), Part::Conflict);
        assert_eq!(of(&totals().merge(Part::Untold, false)), Some((1, 2)));
    }

    #[test]
    fn one_name_in_reports_of_two_trees_is_two_files_or_doubt() {
        let report = |name: &str, root: Option<&str>, covered| {
            let mut all = Coverage::default();
            all.file(name).expect("room").lines.add(1, covered, 1);
            if let Some(root) = root {
                all.rooted(root);
            }
            all
        };
        let together = |name: &str, roots: &[Option<&str>]| {
            let mut all = report(name, roots[0], 1);
            for root in &roots[1..] {
                all.absorb_another(report(name, *root, 0)).expect("fits");
            }
            all.files.into_iter().map(|(name, file)| (name, of(&file.lines), file.doubtful)).collect::<Vec<_>>()
        };
        let (a, b) = (Some("/a"), Some("/b/"));
        let one = |name: &str, doubtful| vec![(name.to_owned(), Some((1, 1)), doubtful)];
        assert_eq!(together("m.py", &[a, a]), one("m.py", false));
        assert_eq!(together("m.py", &[None, None]), one("m.py", true));
        assert_eq!(together("m.py", &[a, None]), one("m.py", true));
        for absolute in ["/m.py", r"C:\m.py", "C:/m.py", r"\\host\m.py"] {
            assert_eq!(together(absolute, &[None, None]), one(absolute, false));
        }
        let two = vec![("/b/m.py".to_owned(), Some((0, 1)), false), ("m.py".to_owned(), Some((1, 1)), false)];
        assert_eq!(together("m.py", &[a, b]), two);
        let mut of_two_containers = report("m.py", a, 1);
        let mut other = report("m.py", a, 0);
        other.file("m.py").expect("room").lines.add(2, 0, 1);
        of_two_containers.absorb_another(other.clone()).expect("fits");
        assert!(of_two_containers.files["m.py"].doubtful, "it lists other lines");
        let mut absolute = report("/app/m.py", None, 1);
        let mut longer = report("/app/m.py", None, 0);
        longer.file("/app/m.py").expect("room").lines.add(2, 0, 1);
        absolute.absorb_another(longer).expect("fits");
        assert!(absolute.files["/app/m.py"].doubtful);
        let mut of_one_tree = report("m.py", a, 1);
        of_one_tree.absorb(other).expect("fits");
        assert!(!of_one_tree.files["m.py"].doubtful);
        assert_eq!(together("m.py", &[a, b, a, b]), two);
    }

    proptest! {
        #[test]
        fn more_reports_never_take_a_line_away(one in proptest::collection::vec((0..9_u64, 0..2_u32), 0..9), other in proptest::collection::vec((0..9_u64, 0..2_u32), 0..9)) {
            let part = |all: &[(u64, u32)]| items(&all.iter().map(|(key, covered)| (*key, *covered, 1)).collect::<Vec<_>>());
            let before = part(&one).tally().unwrap_or_default();
            let after = part(&one).merge(part(&other), false).tally().unwrap_or_default();
            prop_assert!(after.covered >= before.covered && after.total >= before.total && after.covered <= after.total);
        }
    }
}
