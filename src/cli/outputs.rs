//! `--format NAME[=PATH]`: which results and documents go where. Every place is tried before anything is measured, and a
//! file takes its name only when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Failure, terminal};
use crate::ci::{self, Base, FORMATS, Format, GITHUB, MOST_SUMMARY};
use crate::model::record::Record;
use crate::plan;

/// The variable in which GitHub's runner names the file of the job summary.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A document of the bundle, under the name it has as a format.
struct Document {
    name: &'static str,
    summary: &'static str,
    file: &'static str,
}

const DOCUMENTS: &[Document] = &[
    Document { name: "markdown", summary: "The whole report as Markdown.", file: "report.md" },
    Document { name: "html", summary: "The whole report as one HTML file.", file: "report.html" },
];

/// Every format: name, what it is for, and the name of its file.
fn listed() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let formats = FORMATS.iter().map(|format| (format.name, format.summary, format.file));
    formats.chain(DOCUMENTS.iter().map(|document| (document.name, document.summary, document.file)))
}

/// The formats, one line each.
pub(crate) fn list() -> String {
    let width = listed().map(|(name, ..)| name.len()).max().unwrap_or_default();
    listed().map(|(name, summary, _)| format!("{name:width$}  {summary}\n")).collect()
}

/// The formats as a Markdown table.
pub(crate) fn markdown_table() -> String {
    let mut text = "| format | what reads it | file in a directory |\n| --- | --- | --- |\n".to_owned();
    for (name, summary, file) in listed() {
        text.push_str(&format!("| `{name}` | {summary} | `{file}` |\n"));
    }
    text
}

/// The long help of `--format`.
pub(crate) fn long_help() -> String {
    format!(
        "Write the results in a format for CI, or a document: NAME to standard output, NAME=PATH to a file, several with \
         commas between them; may be repeated. In a directory the file gets the format's own name. `github` prints \
         annotations, and its PATH is that of the job summary [default: $GITHUB_STEP_SUMMARY].\n\n{}",
        list()
    )
}

#[derive(Clone, Copy)]
enum What {
    Results(&'static Format),
    Document(&'static Document),
}

impl What {
    fn find(name: &str) -> Option<Self> {
        let format = || FORMATS.iter().find(|format| format.name == name).map(Self::Results);
        let document = || DOCUMENTS.iter().find(|document| document.name == name).map(Self::Document);
        format().or_else(document)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Results(format) => format.name,
            Self::Document(document) => document.name,
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Self::Results(format) => format.file,
            Self::Document(document) => document.file,
        }
    }
}

/// A file that gets its name when it is whole.
struct Target {
    path: PathBuf,
    /// What is renamed to `path`; `None` for a device or a pipe, which keeps its name.
    partial: Option<PathBuf>,
    file: File,
}

impl Target {
    /// Opens what will be written, so that a place that cannot be written to is known at once.
    fn open(path: &Path, name: &str, made: &mut MadeFolders) -> io::Result<Self> {
        let is_directory = path.is_dir() || path.to_string_lossy().ends_with('/');
        let path = if is_directory { path.join(name) } else { path.to_owned() };
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            made.create(parent)?;
        }
        if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
            return Ok(Self { file: OpenOptions::new().write(true).open(&path)?, path, partial: None });
        }
        let name = path.file_name().ok_or_else(|| io::Error::other("it has no file name"))?;
        let partial = path.with_file_name(format!(".{}.{}.partial", name.to_string_lossy(), std::process::id()));
        Ok(Self { file: File::create(&partial)?, path, partial: Some(partial) })
    }

    fn write(mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.file.flush()?;
        match self.partial.take() {
            Some(partial) => fs::rename(partial, &self.path),
            None => Ok(()),
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // A run that ended early leaves nothing half written behind.
        if let Some(partial) = &self.partial {
            let _ = fs::remove_file(partial);
        }
    }
}

/// Folders that were not there before. Those that nothing was written to go when this is dropped.
#[derive(Default)]
struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    fn create(&mut self, folder: &Path) -> io::Result<()> {
        let missing = folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists());
        let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        self.0.extend(missing.into_iter().rev());
        fs::create_dir_all(folder)
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // One that holds something stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

enum To {
    Stdout,
    File(Target),
    /// Annotations to standard output; the summary to a file of its own or at the end of the runner's.
    Runner(Option<Summary>),
}

enum Summary {
    File(Target),
    Append(PathBuf),
}

/// Everything that was asked for, each place open.
pub(crate) struct Outputs {
    places: Vec<(What, To)>,
    /// Dropped after what stands in them.
    made: MadeFolders,
}

impl Outputs {
    /// Reads `--format` and opens every place. Fails when a name is unknown, a place cannot be written to, or two formats
    /// go to the same place.
    pub(crate) fn open(wanted: &[String]) -> Result<Self, Failure> {
        let mut named: Vec<(What, Option<PathBuf>)> = Vec::new();
        for text in wanted {
            let (name, path) = text.split_once('=').map_or((text.as_str(), None), |(name, path)| (name, Some(path)));
            let what = What::find(name.trim()).ok_or_else(|| unknown(name))?;
            if path == Some("") {
                return Err(Failure::new(format!("\"{text}\" names no file"), "write a path after the `=`"));
            }
            named.push((what, path.map(PathBuf::from)));
        }
        let aloud: Vec<&str> = named
            .iter()
            .filter(|(what, path)| path.is_none() || what.name() == GITHUB)
            .map(|(what, _)| what.name())
            .collect();
        if let [first, second, ..] = aloud.as_slice() {
            return Err(Failure::new(
                format!("both \"{first}\" and \"{second}\" would go to standard output"),
                format!("give one of them a file, such as --format {second}=PATH"),
            ));
        }
        let mut outputs = Self { places: Vec::new(), made: MadeFolders::default() };
        for (what, path) in named {
            let to = open(what, path.as_deref(), &mut outputs.made)?;
            outputs.places.push((what, to));
        }
        outputs.all_different()?;
        Ok(outputs)
    }

    fn all_different(&self) -> Result<(), Failure> {
        let mut taken: Vec<PathBuf> = Vec::new();
        for path in self.paths() {
            let place = place(&path);
            if taken.contains(&place) {
                let message = format!("two formats would go to \"{}\"", terminal::visible(&path.to_string_lossy()));
                return Err(Failure::new(message, "give each of them a file of its own"));
            }
            taken.push(place);
        }
        Ok(())
    }

    /// The files that will be written.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        let path = |(_, to): &(What, To)| match to {
            To::File(target) | To::Runner(Some(Summary::File(target))) => Some(target.path.clone()),
            To::Runner(Some(Summary::Append(path))) => Some(path.clone()),
            To::Stdout | To::Runner(None) => None,
        };
        self.places.iter().filter_map(path).collect()
    }

    /// Was nothing asked for?
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Does a format take standard output? Then what people read goes to standard error.
    pub(crate) fn take_stdout(&self) -> bool {
        self.places.iter().any(|(_, to)| !matches!(to, To::File(_)))
    }

    /// Writes all of them. `document` gives the text of `report.md` or `report.html`.
    pub(crate) fn write(
        self,
        record: &Record,
        sha256: &str,
        base: &Base,
        document: &dyn Fn(&str) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        let results = ci::results(record, sha256, base);
        for (what, to) in self.places {
            let text = match what {
                What::Document(wanted) => document(wanted.file)?,
                What::Results(format) => (format.render)(&results).map_err(|problem| {
                    Failure::new(problem.to_string(), "this is a bug in countersign: please report it")
                })?,
            };
            match (to, what) {
                // A document may quote captured lines as they are.
                (To::Stdout, What::Document(_)) => terminal::data(&text)?,
                (To::Stdout, What::Results(_)) => terminal::exact(&text)?,
                (To::File(target), _) => {
                    let path = target.path.clone();
                    target.write(&text).map_err(|error| unwritable(&path, &error))?;
                }
                (To::Runner(summary), _) => {
                    terminal::exact(&text)?;
                    if let Some(summary) = summary {
                        summary.write(&results)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Summary {
    fn write(self, results: &ci::results::Results) -> Result<(), Failure> {
        match self {
            Self::File(target) => {
                let path = target.path.clone();
                target.write(&ci::github_summary(results, MOST_SUMMARY)).map_err(|error| unwritable(&path, &error))
            }
            Self::Append(path) => append(&path, results).map_err(|error| unwritable(&path, &error)),
        }
    }
}

/// GitHub drops the whole summary of a step when it is too large: what stands there already counts.
fn append(path: &Path, results: &ci::results::Results) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let there = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    // A line feed, because whoever wrote before may have left a line open.
    let gap = if there > 0 { "\n" } else { "" };
    let text = ci::github_summary(results, MOST_SUMMARY.saturating_sub(there).saturating_sub(gap.len()));
    file.write_all(format!("{gap}{text}").as_bytes())
}

fn open(what: What, path: Option<&Path>, made: &mut MadeFolders) -> Result<To, Failure> {
    let mut target = |path: &Path| Target::open(path, what.file(), made).map_err(|error| unwritable(path, &error));
    if what.name() != GITHUB {
        return Ok(path.map(target).transpose()?.map_or(To::Stdout, To::File));
    }
    if let Some(path) = path {
        return Ok(To::Runner(Some(Summary::File(target(path)?))));
    }
    let Some(path) = plan::environment(STEP_SUMMARY).filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(To::Runner(None));
    };
    OpenOptions::new().append(true).create(true).open(&path).map_err(|error| unwritable(&path, &error))?;
    Ok(To::Runner(Some(Summary::Append(path))))
}

/// Where a file will stand, whatever way leads there. Its folder is there by then; a link in its own place is replaced.
fn place(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    path.file_name().map_or(folder.clone(), |name| folder.join(name))
}

fn unknown(name: &str) -> Failure {
    let known: Vec<&str> = listed().map(|(name, ..)| name).collect();
    Failure::new(
        format!("there is no format \"{}\"", terminal::visible(name)),
        format!("the formats are {}", known.join(", ")),
    )
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        format!("could not write to \"{}\": {error}", terminal::visible(&path.to_string_lossy())),
        "choose another place after the `=` of --format",
    )
}

/// Where an audit stands in its repository: the nearest directory above it that git made one, else the current directory.
pub(crate) fn base(audit: &Path, root: &Path) -> Base {
    let file = if audit.is_dir() { audit.join(plan::DEFAULT_NAME) } else { audit.to_owned() };
    let real = |path: &Path| fs::canonicalize(path).ok();
    let Some(directory) = real(&file).and_then(|file| file.parent().map(Path::to_owned)) else {
        return Base::default();
    };
    let repository = repository(&directory).map(Path::to_owned);
    let current = || real(Path::new(".")).filter(|current| directory.starts_with(current));
    let top = repository.or_else(current).unwrap_or_else(|| directory.clone());
    let inside = |path: &Path| relative(path, &top);
    Base {
        audit: inside(&directory).unwrap_or_default(),
        file: file.file_name().map(|name| name.to_string_lossy().into_owned()),
        // A root outside the repository has no path in it.
        root: real(root).and_then(|root| inside(&root)).unwrap_or_else(|| "..".to_owned()),
    }
}

/// A file as its repository calls it, with `/` between the parts; `None` where there is no such file or no repository.
pub(crate) fn in_repository(path: &Path) -> Option<String> {
    let file = fs::canonicalize(path).ok()?;
    relative(&file, repository(file.parent()?)?)
}

/// The nearest directory that git made a repository of.
fn repository(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|above| above.join(".git").exists())
}

fn relative(path: &Path, top: &Path) -> Option<String> {
    let relative = path.strip_prefix(top).ok()?;
    Some(relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}
