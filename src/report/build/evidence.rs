//! Evidence: what a reader can run again, what came back, and where it is kept.

use std::fmt::Write as _;

use super::{Source, words};
use crate::model::captured;
use crate::model::evidence::{Answer, Blob, Exchange, FileKind, Question, Stat};
use crate::model::format;
use crate::model::id::CheckId;
use crate::model::number::Number;
use crate::report::view::evidence;

/// Most commands shown with a check; Appendix A has all of them.
const COMMANDS: usize = 6;
/// Most excerpts shown with a check.
const EXCERPTS: usize = 3;
/// Longest excerpt, in lines and in characters.
const EXCERPT_LINES: usize = 40;
const EXCERPT_CHARS: usize = 4_000;

/// What a reader can run to see it again, and how much more there is.
pub(super) fn repeat(source: &Source<'_>, id: &CheckId) -> (Vec<String>, Option<String>) {
    let mut commands: Vec<String> = Vec::new();
    let mut more = 0;
    for exchange in exchanges(source, id).iter().filter(|exchange| exchange.question != Question::Clock) {
        if commands.len() >= COMMANDS {
            more += 1;
            continue;
        }
        let command = command(&exchange.question);
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    let rest =
        (more > 0).then(|| format!("{} in Appendix A.", words::counted(more, "more question", "more questions")));
    (commands, rest)
}

/// What came back, cut for reading.
pub(super) fn excerpts(source: &Source<'_>, id: &CheckId) -> Vec<evidence::Excerpt> {
    let blobs = exchanges(source, id).iter().flat_map(blobs);
    blobs
        .filter(|(_, blob)| blob.kept > 0)
        .take(EXCERPTS)
        .filter_map(|(title, blob)| excerpt(source, title, blob))
        .collect()
}

/// Appendix A.
pub(super) fn trails(source: &Source<'_>) -> Vec<evidence::Trail> {
    let with_exchanges = source.record.observations.iter().filter(|seen| !seen.exchanges.is_empty());
    with_exchanges
        .map(|seen| evidence::Trail {
            anchor: words::anchor("e", &seen.check),
            check: seen.check.to_string(),
            check_anchor: words::anchor("c", &seen.check),
            exchanges: seen.exchanges.iter().map(shown).collect(),
        })
        .collect()
}

fn exchanges<'a>(source: &Source<'a>, id: &CheckId) -> &'a [Exchange] {
    source.observations.get(id).map(|seen| seen.exchanges.as_slice()).unwrap_or_default()
}

fn shown(exchange: &Exchange) -> evidence::Exchange {
    let seconds = Number::ratio(exchange.elapsed_us, 1_000_000).unwrap_or_else(Number::zero);
    let mut took = format::duration(&seconds);
    if exchange.attempts > 1 {
        let _ = write!(took, ", {} attempts", exchange.attempts);
    }
    evidence::Exchange {
        question: command(&exchange.question),
        asked_at: exchange.asked_at.to_string(),
        took,
        outcome: outcome(&exchange.answer),
        blobs: blobs(exchange).map(|(title, blob)| kept(title, blob)).collect(),
    }
}

/// The kept bytes of an answer, each with what they are.
fn blobs(exchange: &Exchange) -> impl Iterator<Item = (&str, &Blob)> {
    let both = match (&exchange.answer, &exchange.question) {
        (Answer::Http { body, .. }, _) => [Some(("body", body)), None],
        (Answer::Command { stdout, stderr, .. }, _) => [Some(("stdout", stdout)), Some(("stderr", stderr))],
        (Answer::Content { content, .. }, Question::Read { path }) => [Some((path.as_str(), content)), None],
        (Answer::Content { content, .. }, _) => [Some(("content", content)), None],
        _ => [None, None],
    };
    both.into_iter().flatten().filter(|(title, blob)| *title != "stderr" || blob.bytes > 0)
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
fn file(blob: &Blob) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = blob.file.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    format!("evidence/{name}")
}

fn excerpt(source: &Source<'_>, title: &str, blob: &Blob) -> Option<evidence::Excerpt> {
    let (text, note) = if blob.binary {
        return None;
    } else {
        let bytes = source.evidence.excerpt(blob)?;
        cut(&String::from_utf8_lossy(&bytes), u64::try_from(bytes.len()).unwrap_or(u64::MAX) < blob.kept)
    };
    (!text.trim().is_empty()).then(|| evidence::Excerpt {
        title: title.to_owned(),
        text,
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
            room = 0;
        }
        shown.push_str(&part);
    }
    (shown, more.then(|| "Only the beginning is shown; the file has the rest.".to_owned()))
}

fn outcome(answer: &Answer) -> String {
    match answer {
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
        Answer::Clock(at) => at.to_string(),
        Answer::Failed { reason, .. } => format!("no answer: {reason}"),
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

/// A question as a line for a POSIX shell. Secrets stay placeholders.
pub(super) fn command(question: &Question) -> String {
    let line = match question {
        Question::Http { method, url, socket, headers, body } => {
            let mut line = match method.as_str() {
                "GET" if body.is_none() => "curl -sS".to_owned(),
                "HEAD" => "curl -sS --head".to_owned(),
                method => format!("curl -sS -X {}", quoted(method)),
            };
            if let Some(socket) = socket {
                let _ = write!(line, " --unix-socket {}", quoted(socket));
            }
            for (name, value) in headers {
                let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
            }
            if let Some(body) = body {
                let _ = write!(line, " --data-binary {}", quoted(body));
            }
            format!("{line} {}", quoted(url))
        }
        Question::Command { argv, dir, env } => {
            let mut line = dir.as_ref().map(|dir| format!("cd {} && ", quoted(dir))).unwrap_or_default();
            for (name, value) in env {
                let _ = write!(line, "{name}={} ", quoted(value));
            }
            line + &argv.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
        }
        Question::Read { path } => format!("cat {}", quoted(path)),
        Question::Stat { path } => format!("ls -ld {}", quoted(path)),
        Question::List { glob } => format!("# files that match {glob}"),
        Question::Connect { address } => {
            let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
            format!("nc -vz {} {}", quoted(host), quoted(port))
        }
        Question::Clock => "date -u".to_owned(),
    };
    captured::line(&line).into_owned()
}

/// A word for a POSIX shell. A word with a zero byte cannot be one; it is shown as it is.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_request_becomes_a_line_that_can_be_pasted() {
        let question = Question::Http {
            method: "POST".to_owned(),
            url: "http://localhost:9090/api/v1/query?a=1&b=2".to_owned(),
            socket: None,
            headers: BTreeMap::from([("authorization".to_owned(), "Bearer ${secret:TOKEN}".to_owned())]),
            body: Some("it's".to_owned()),
        };
        assert_eq!(
            command(&question),
            "curl -sS -X POST -H 'authorization: Bearer ${secret:TOKEN}' --data-binary \"it's\" \
             'http://localhost:9090/api/v1/query?a=1&b=2'"
        );
    }

    #[test]
    fn a_command_keeps_its_words_apart() {
        let argv = ["sh", "-c", "echo $HOME; rm \u{1b}[0m"].map(str::to_owned).to_vec();
        let question = Question::Command { argv, dir: Some("a b".to_owned()), env: BTreeMap::new() };
        assert_eq!(command(&question), "cd 'a b' && sh -c 'echo $HOME; rm \\u{1b}[0m'");
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
        let blob = Blob {
            file: "../../etc/passwd".to_owned(),
            sha256: String::new(),
            bytes: 0,
            kept: 0,
            cut: false,
            redactions: 0,
            binary: false,
        };
        assert_eq!(file(&blob), "evidence/.._.._etc_passwd");
    }
}
