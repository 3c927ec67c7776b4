//! Evidence: what a reader can run again, what came back, and where it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::spread::spread;
use super::{Source, words};
use crate::model::captured::{self, shortened};
use crate::model::evidence::{Answer, Blob, Exchange, FileKind, Question, Stat};
use crate::model::exact::exact;
use crate::model::format;
use crate::model::id::CheckId;
use crate::model::number::Number;
use crate::model::record::Observation;
use crate::model::repeat::repeat_exchange;
use crate::report::view::many::Many;
use crate::report::view::{Reference, evidence};

/// Most commands shown with a check; Appendix A has all of them.
const COMMANDS: usize = 6;
/// Most excerpts shown with a check.
const EXCERPTS: usize = 3;
/// Most answers shown or named with a check.
const MENTIONS: usize = 8;
/// Longest excerpt, in lines and in characters.
const EXCERPT_LINES: usize = 25;
const EXCERPT_CHARS: usize = 1_200;
/// Longest address above an excerpt.
const URL_CHARS: usize = 90;

/// What a reader can run to see it again, and how much more there is.
pub(super) fn repeat(source: &Source<'_>, id: &CheckId) -> (Vec<String>, Option<String>) {
    let mut commands: Vec<String> = Vec::new();
    let mut more = 0;
    for exchange in exchanges(source, id).iter().filter(|exchange| exchange.question != Question::Clock) {
        if commands.len() >= COMMANDS {
            more += 1;
            continue;
        }
        let command = captured::block(&repeat_exchange(exchange)).into_owned();
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    let rest =
        (more > 0).then(|| format!("{} in Appendix A.", words::counted(more, "more question", "more questions")));
    (commands, rest)
}

/// Where each answer is shown: under the first check that got it, by its digest.
#[derive(Default)]
pub(super) struct Shown<'a>(BTreeMap<&'a str, &'a CheckId>);

/// What came back, cut for reading, and how much more there is. In full is shown what no check before has shown, and of
/// several questions alike (one for each container) only the first answer.
pub(super) fn excerpts<'a>(
    source: &Source<'a>,
    id: &'a CheckId,
    shown: &mut Shown<'a>,
) -> (Vec<evidence::Excerpt>, Option<String>) {
    let mut sorts = BTreeSet::new();
    let mut told: Vec<(&Question, &str)> = Vec::new();
    let (mut excerpts, mut full, mut more) = (Vec::new(), 0, 0);
    for exchange in exchanges(source, id) {
        let first = sorts.insert(sort(&exchange.question));
        for (title, blob) in blobs(exchange).filter(|(_, blob)| blob.kept > 0 && !blob.binary) {
            // Whoever asks the same again and again is often told the same.
            if told.contains(&(&exchange.question, blob.file.as_str())) {
                continue;
            }
            if told.len() < MENTIONS {
                told.push((&exchange.question, blob.file.as_str()));
            }
            let title = match &exchange.question {
                Question::Http { url, .. } => shortened(url, URL_CHARS),
                _ => title.to_owned(),
            };
            let before = shown.0.get(blob.sha256.as_str()).copied();
            let in_full = (before.is_none() && first && full < EXCERPTS).then(|| excerpt(source, &title, blob));
            if let Some(Some(excerpt)) = in_full {
                shown.0.insert(blob.sha256.as_str(), id);
                excerpts.push(excerpt);
                full += 1;
            } else if excerpts.len() >= MENTIONS {
                more += 1;
            } else {
                let same_as = before.filter(|before| *before != id).map(|before| source.check(before));
                excerpts.push(mention(title, blob, same_as));
            }
        }
    }
    let rest = (more > 0).then(|| format!("{} in Appendix A.", words::counted(more, "more answer", "more answers")));
    (exact(excerpts), rest)
}

/// What questions that are alike have in common.
fn sort(question: &Question) -> String {
    match question {
        Question::Http { url, .. } => {
            let path = url.split(['?', '#']).next().unwrap_or_default();
            let parts: Vec<&str> = path.split('/').collect();
            let host = parts.get(2).copied().unwrap_or_default();
            format!("http {host} {} {}", parts.len(), parts.last().copied().unwrap_or_default())
        }
        Question::Command { argv, .. } => {
            format!("command {}", argv.iter().take(2).cloned().collect::<Vec<_>>().join(" "))
        }
        Question::Read { path } => format!("read {}", path.rsplit_once('.').map_or("", |(_, ending)| ending)),
        _ => "other".to_owned(),
    }
}

/// An answer that is named and not shown.
fn mention(title: String, blob: &Blob, same_as: Option<Reference>) -> evidence::Excerpt {
    let kept = kept(&title, blob);
    evidence::Excerpt {
        title,
        text: String::new(),
        same_as,
        file: Some(kept.file),
        sha256: Some(kept.sha256),
        note: Some(kept.size),
    }
}

/// Appendix A.
pub(super) fn trails(source: &Source<'_>) -> Many<evidence::Trail> {
    let with_exchanges = source.record.observations.iter().filter(|seen| source.has_evidence(&seen.check)).collect();
    let trail = |seen: &Observation| evidence::Trail {
        anchor: words::anchor("e", &seen.check),
        check: seen.check.to_string(),
        title: source.check(&seen.check).text,
        check_anchor: words::anchor("c", &seen.check),
        exchanges: seen.exchanges.iter().map(shown).collect(),
    };
    spread(with_exchanges, trail).collect()
}

fn exchanges<'a>(source: &Source<'a>, id: &CheckId) -> &'a [Exchange] {
    source.observations.get(id).map(|seen| seen.exchanges.as_slice()).unwrap_or_default()
}

/// A question and its answer, for Appendix A.
pub(super) fn shown(exchange: &Exchange) -> evidence::Exchange {
    let seconds = Number::ratio(exchange.elapsed_us, 1_000_000).unwrap_or_else(Number::zero);
    let mut took = format::duration(&seconds);
    if exchange.attempts > 1 {
        let _ = write!(took, ", {} attempts", exchange.attempts);
    }
    evidence::Exchange {
        question: command(&repeat_exchange(exchange)),
        asked_at: exchange.asked_at.to_string(),
        took,
        outcome: outcome(&exchange.answer),
        blobs: exact(blobs(exchange).map(|(title, blob)| kept(title, blob))),
    }
}

/// The kept bytes of an answer, each with what they are.
fn blobs(exchange: &Exchange) -> impl Iterator<Item = (&str, &Blob)> {
    let titled = |(title, blob)| match &exchange.question {
        Question::Read { path } => (path.as_str(), blob),
        _ => (title, blob),
    };
    let told = exchange.answer.named_blobs().into_iter().filter(|(title, blob)| *title != "stderr" || blob.bytes > 0);
    told.map(titled)
}

fn kept(title: &str, blob: &Blob) -> evidence::Blob {
    let size = |bytes: u64| format::bytes(&Number::from(bytes));
    let mut said = if blob.cut || blob.kept < blob.bytes && blob.redactions == 0 {
        format!("{} kept of {}", size(blob.kept), size(blob.bytes))
    } else {
        size(blob.kept)
    };
    if blob.redactions > 0 {
        let _ =
            write!(said, ", {}", format::plural(blob.redactions.into(), "secret blacked out", "secrets blacked out"));
    }
    if blob.binary {
        said.push_str(", binary");
    }
    evidence::Blob { title: title.to_owned(), file: file(blob), sha256: blob.sha256.clone(), size: said }
}

/// Where the bytes are kept, as a path relative to the document. A name that is not a plain file name leads nowhere.
pub(in crate::report) fn file(blob: &Blob) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if blob.file.chars().all(plain) {
        return format!("evidence/{}", blob.file);
    }
    let name: String = blob.file.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    format!("evidence/{name}")
}

fn excerpt(source: &Source<'_>, title: &str, blob: &Blob) -> Option<evidence::Excerpt> {
    let bytes = source.evidence.excerpt(blob)?;
    let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX) < blob.kept;
    let (text, note) = cut(&String::from_utf8_lossy(&bytes), more);
    (!text.trim().is_empty()).then(|| evidence::Excerpt {
        title: title.to_owned(),
        text,
        same_as: None,
        file: Some(file(blob)),
        sha256: Some(blob.sha256.clone()),
        note,
    })
}

/// The first lines of a text, and what is missing of it.
fn cut(text: &str, mut more: bool) -> (String, Option<String>) {
    let text = captured::block(text.trim_end());
    let mut shown = String::new();
    let mut room = EXCERPT_CHARS;
    for (number, line) in text.split('\n').enumerate() {
        if number >= EXCERPT_LINES || room == 0 {
            more = true;
            break;
        }
        if number > 0 {
            shown.push('\n');
        }
        let part: String = line.chars().take(room).collect();
        room -= part.chars().count();
        if part.len() < line.len() {
            more = true;
            // Half a line is worth showing only when there is no whole one.
            if number > 0 {
                shown.pop();
                break;
            }
            room = 0;
        }
        shown.push_str(&part);
    }
    (shown, more.then(|| "Only the beginning is shown; the file has the rest.".to_owned()))
}

fn outcome(answer: &Answer) -> String {
    match answer {
        Answer::Http { status, location: Some(place), .. } => {
            format!("HTTP {status}, sent on to {}", shortened(place, URL_CHARS))
        }
        Answer::Http { status, .. } => format!("HTTP {status}"),
        Answer::Command { exit: Some(code), .. } => format!("exit code {code}"),
        Answer::Command { signal: Some(signal), .. } => format!("ended by signal {signal}"),
        Answer::Command { .. } => "ended without an exit code".to_owned(),
        Answer::Content { modified: Some(at), .. } => format!("read; last changed {at}"),
        Answer::Content { .. } => "read".to_owned(),
        Answer::Stat(stat) => stat_words(stat),
        Answer::Listing(files) => words::counted(files.len(), "file matches", "files match"),
        Answer::Connected => "connected".to_owned(),
        Answer::Refused => "connection refused".to_owned(),
        Answer::Environment(found) => words::counted(found.len(), "variable is set", "variables are set"),
        Answer::Addresses(found) => words::counted(found.len(), "address", "addresses"),
        Answer::Certificate { refused: None, .. } => "certificate shown, and trusted".to_owned(),
        Answer::Certificate { refused: Some(why), .. } => format!("certificate shown, and not trusted: {why}"),
        Answer::Clock(at) => at.to_string(),
        Answer::Failed { reason, .. } => format!("no answer: {reason}"),
        Answer::NotAllowed { reason, .. } => format!("not asked: {reason}"),
    }
}

fn stat_words(stat: &Stat) -> String {
    let kind = match stat.kind {
        FileKind::Missing => return "missing".to_owned(),
        FileKind::File => "file",
        FileKind::Directory => "directory",
        FileKind::Other => "neither file nor directory",
    };
    let changed = stat.modified.map(|at| format!(", last changed {at}")).unwrap_or_default();
    format!("{kind}, {}, mode {:04o}{changed}", format::bytes(&Number::from(stat.size)), stat.mode & 0o7777)
}

/// A line of a shell as it is printed.
fn command(line: &str) -> String {
    captured::line(line).into_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::repeat::repeat_line;

    #[test]
    fn what_a_question_holds_cannot_act_on_the_reader() {
        let argv = ["sh", "-c", "echo \u{1b}[0m"].map(str::to_owned).to_vec();
        let question = Question::Command { argv, dir: None, env: BTreeMap::new() };
        assert_eq!(command(&repeat_line(&question)), "sh -c 'echo \\u{1b}[0m'");
    }

    #[test]
    fn questions_for_several_things_of_one_sort_are_alike() {
        let get = |url: &str| Question::Http {
            method: "GET".to_owned(),
            url: url.to_owned(),
            socket: None,
            headers: BTreeMap::new(),
            body: None,
            access: crate::model::evidence::Access::default(),
        };
        assert_eq!(sort(&get("http://docker/containers/a/json")), sort(&get("http://docker/containers/b/json")));
        assert_eq!(sort(&get("http://h/api/v1/query?query=a")), sort(&get("http://h/api/v1/query?query=b/c")));
        assert_ne!(sort(&get("http://h/api/health")), sort(&get("http://h/api/version")));
        assert_ne!(sort(&get("http://h/ready")), sort(&get("http://g/ready")));
    }

    #[test]
    fn an_excerpt_says_when_it_is_not_all() {
        assert_eq!(cut("one\ntwo\n", false), ("one\ntwo".to_owned(), None));
        let (text, note) = cut(&"line\n".repeat(100), false);
        assert_eq!(text.lines().count(), EXCERPT_LINES);
        assert!(note.is_some());
        let (text, note) = cut(&"é".repeat(EXCERPT_CHARS + 1), false);
        assert_eq!(text.chars().count(), EXCERPT_CHARS);
        assert!(note.is_some());
        assert!(cut("x", true).1.is_some());
    }

    #[test]
    fn a_file_name_cannot_lead_out_of_the_bundle() {
        assert_eq!(file(&Blob::named("../../etc/passwd")), "evidence/.._.._etc_passwd");
    }
}
