//! What is wrong with a text that is not YAML, in words of the one who wrote it: the parser says at which character it gave
//! up, and that is rarely where the mistake is.

use std::ops::Range;

use granit_parser::ErrorKind;

use super::MAX_DEPTH;
use crate::plan::node::clip;
use crate::plan::problem::Code;

/// A mistake: where, what, and what to write.
pub(super) struct Mistake {
    pub(super) place: Range<usize>,
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: String,
}

/// Explains that the parser gave up at a byte of a text, and why.
pub(super) fn explain(text: &str, at: usize, kind: &ErrorKind, info: &str) -> Mistake {
    let told = Told { text, at };
    let (place, message, help) = match kind {
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("nested deeper than {MAX_DEPTH}");
            return Mistake { place: at..at, code: Code::TooLarge, message, help: "Write it flatter.".to_owned() };
        }
        ErrorKind::TabInPlainScalar
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabAtBlockScalarStart => told.tab(),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::InvalidIndentation => {
            told.indentation()
        }
        ErrorKind::MappingValueNotAllowed => told.colon(),
        ErrorKind::InvalidColonPlacement
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator => told.between_brackets(),
        ErrorKind::UnclosedFlowCollection { open } => told.unclosed(at, *open),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            let help = format!("Write `{}` where it ends.", closing(*open));
            (at..at + 1, format!("this `{open}` is closed by `{close}`"), help)
        }
        ErrorKind::MisplacedFlowCollectionEnd => {
            let bracket = told.first();
            let help = format!("Remove it; put a text that begins with it in quotes: {}.", quoted(told.value()));
            (at..at + bracket.len(), format!("this `{bracket}` closes nothing"), help)
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => told.escape(),
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => told.unclosed_quote(),
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            told.behind_quote()
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            let message = format!("a control character stands here, U+{:04X}", u32::from(*character));
            (at..at, message, "Remove it.".to_owned())
        }
        ErrorKind::UnknownAnchor => {
            let name = told.value().trim_start_matches('*');
            let message = "this alias names an anchor that does not stand above".to_owned();
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
            let quotes = format!("ut a text in quotes: {}.", quoted(told.value()));
            let help = match is_name {
                true => format!("Define it with `&{}` above; p{quotes}", clip(name)),
                false => format!("P{quotes}"),
            };
            (told.whole_value(), message, help)
        }
        ErrorKind::UnexpectedCharacter { .. }
        | ErrorKind::MissingAnchorOrAliasName
        | ErrorKind::UnexpectedEofBlockMapping
            if !told.value().is_empty() =>
        {
            let help = format!("Put it in quotes: {}.", quoted(told.value()));
            (told.whole_value(), format!("a text without quotes cannot begin with `{}`", told.first()), help)
        }
        ErrorKind::InvalidBlockScalarHeader => {
            let help =
                format!("Put it in quotes: {}. A text of several lines begins in the next line.", quoted(told.value()));
            (told.whole_value(), format!("`{}` begins a text of several lines", told.first()), help)
        }
        ErrorKind::BlockSequenceEntryNotAllowed => {
            let items = told.value().trim_start_matches('-').trim_start();
            let help =
                format!("Write it below the key, every item with `- ` in a line of its own; or `[{}]`.", clip(items));
            (told.whole_value(), "a list cannot begin in the line of its key".to_owned(), help)
        }
        ErrorKind::BlockEntryInFlowCollection => {
            let help = "Write `[a, b]`, with commas and without `-`.".to_owned();
            (at..at, "`-` is no item between brackets".to_owned(), help)
        }
        ErrorKind::UnexpectedEofImplicitFlowMapping => {
            let help = "Write what is missing there, or remove a comma.".to_owned();
            (at..at, "nothing stands between two commas".to_owned(), help)
        }
        ErrorKind::CommentInterceptedScalar => {
            let help = "Put the text in quotes, or the comment in a line above it.".to_owned();
            (at..at, "a comment stands inside of a text of several lines".to_owned(), help)
        }
        ErrorKind::ExpectedDocumentStart | ErrorKind::MissingDocumentEndBeforeDirective => {
            let help = "Put quotes around a text; a remark begins with `#`.".to_owned();
            (at..at, "no line of an audit file can begin with `%`".to_owned(), help)
        }
        _ => {
            let help = "Put quotes around a text with `: `, ` #`, or a first `*`, `&`, `!`, `%`, `@`, `>`, `[` or `{`.";
            (at..at, format!("this is not YAML: {info}"), help.to_owned())
        }
    };
    Mistake { place, code: Code::YamlSyntax, message, help }
}

type Said = (Range<usize>, String, String);

/// A text, and where the parser gave up.
struct Told<'a> {
    text: &'a str,
    at: usize,
}

/// A line, and what it begins with.
#[derive(Clone, Copy)]
struct Line<'a> {
    /// Its first byte.
    start: usize,
    number: u32,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// How far it is indented.
    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches([' ', '\t']).len()
    }

    fn is_item(&self) -> bool {
        let text = self.text.trim();
        text == "-" || text.starts_with("- ")
    }

    /// Where its key or value begins, behind the dashes of items.
    fn content(&self) -> usize {
        let mut at = self.indent();
        while let Some(rest) = self.text[at..].strip_prefix("- ") {
            at = self.text.len() - rest.trim_start_matches(' ').len();
        }
        at
    }

    /// Its key, with or without a value behind it; `None` where there is none.
    fn key(&self) -> Option<(&'a str, &'a str)> {
        let text = self.text[self.content()..].trim_end();
        text.split_once(": ").or_else(|| text.strip_suffix(':').map(|key| (key, "")))
    }

    /// What it is called in a message.
    fn name(&self) -> String {
        let name = self.key().map_or(self.text.trim(), |(key, _)| key);
        clip(name)
    }
}

impl<'a> Told<'a> {
    fn lines(&self) -> impl Iterator<Item = Line<'a>> {
        let mut start = 0;
        (1..).zip(self.text.split_inclusive('\n')).map(move |(number, line)| {
            let this = Line { start, number, text: line.trim_end_matches(['\n', '\r']) };
            start += line.len();
            this
        })
    }

    /// The lines that say something, before the one in which the parser gave up.
    fn before(&self) -> Vec<Line<'a>> {
        let here = self.line().start;
        let says = |line: &Line<'_>| !line.text.trim().is_empty() && !line.text.trim_start().starts_with('#');
        self.lines().take_while(|line| line.start < here).filter(says).collect()
    }

    fn line(&self) -> Line<'a> {
        let last = self.lines().take_while(|line| line.start <= self.at).last();
        last.unwrap_or(Line { start: 0, number: 1, text: "" })
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default().lines().next().unwrap_or_default()
    }

    /// The first character there.
    fn first(&self) -> &'a str {
        let rest = self.rest();
        &rest[..rest.chars().next().map_or(0, char::len_utf8)]
    }

    /// The value that begins there, as its author meant it: to the end of the line, of the entry, or before a comment.
    fn value(&self) -> &'a str {
        let rest = self.rest();
        let rest = rest.split(" #").next().unwrap_or(rest);
        let flow = open_bracket(self.text, self.at).is_some();
        let end = rest.char_indices().skip(1).find(|(_, c)| flow && matches!(c, ',' | ']' | '}'));
        rest[..end.map_or(rest.len(), |(at, _)| at)].trim_end()
    }

    fn whole_value(&self) -> Range<usize> {
        self.at..self.at + self.value().len()
    }

    fn tab(&self) -> Said {
        let here = self.line().start;
        let indents = self.lines().filter(|line| line.start >= here);
        let tab = indents.filter_map(|line| Some(line.start + line.text[..line.indent()].find('\t')?)).next();
        match tab {
            Some(tab) => (tab..tab + 1, "a tab cannot indent YAML".to_owned(), "Indent with spaces.".to_owned()),
            None => (self.at..self.at, "a tab cannot stand here".to_owned(), "Write spaces in its place.".to_owned()),
        }
    }

    /// A line that is indented like nothing that it could belong to, or an item among keys and a key among items.
    fn indentation(&self) -> Said {
        let line = self.line();
        let (own, place) = (line.indent(), line.start + line.indent()..line.start + line.text.len());
        let open = open_lines(&self.before());
        let told =
            |(indent, line): &(usize, Line<'_>)| format!("by {indent} like `{}` (line {})", line.name(), line.number);
        if open.iter().any(|(indent, _)| *indent == own) {
            return if line.is_item() {
                let help = "Write it below a key of its own, or give it a key in place of the `-`.".to_owned();
                (place, "an item of a list stands among keys".to_owned(), help)
            } else {
                let help =
                    "Begin it with `- ` if it is an item; else indent it like the keys that it belongs to.".to_owned();
                (place, "a key stands among the items of a list".to_owned(), help)
            };
        }
        let less = open.iter().rev().find(|(indent, _)| *indent < own).map(told);
        let more = open.iter().find(|(indent, _)| *indent > own).map(told);
        let ways: Vec<String> = less.into_iter().chain(more).collect();
        let help = match ways.is_empty() {
            true => "Indent it like the lines that it belongs to.".to_owned(),
            false => format!("Indent it like what it belongs to: {}.", ways.join(", or ")),
        };
        (place, format!("this line is indented by {own}, like nothing above that it could belong to"), help)
    }

    /// A colon where no key can be: of a text that goes on, of a key that is indented too far, or of a second one.
    fn colon(&self) -> Said {
        let line = self.line();
        let content = line.start + line.content();
        if let Some((key, value)) = self.text.get(content..self.at).and_then(|before| before.split_once(": ")) {
            let rest = &self.text[content + key.len() + 2..line.start + line.text.len()];
            let rest = rest.split(" #").next().unwrap_or(rest).trim_end();
            let start = self.at - value.len();
            let help = format!("Put the value in quotes: `{}: {}`.", clip(key), quoted(rest).trim_matches('`'));
            return (
                start..start + rest.len(),
                "a second colon makes a key of what should be a value".to_owned(),
                help,
            );
        }
        let here = line.start + line.indent()..line.start + line.text.len();
        let Some(above) = self.before().pop() else {
            return (here, "this cannot be a key".to_owned(), "Put it in quotes.".to_owned());
        };
        let whole = above.start + above.content()..above.start + above.text.trim_end().len();
        let said = self.text.get(whole.clone()).unwrap_or_default();
        match (above.key(), said.split_once(':')) {
            (Some((key, _)), _) => {
                let what = if line.is_item() { "item" } else { "key" };
                let (key, indent) = (clip(key), above.content());
                let message =
                    format!("this {what} is indented deeper than `{key}` above it, which has a value already");
                let help = format!(
                    "Indent it by {indent} like `{key}` (line {}), or remove the value there if this belongs below it.",
                    above.number
                );
                (here, message, help)
            }
            (None, Some((key, value))) if !value.is_empty() => {
                let help = format!("Write `{}: {}`.", clip(key), clip(value));
                (whole, "a space is missing behind the colon".to_owned(), help)
            }
            (None, _) => {
                let help = format!("Write `{}:` if it is a key.", clip(said));
                (whole, "a colon is missing behind this, or it belongs to the line above".to_owned(), help)
            }
        }
    }

    /// What follows no entry between brackets: one of them is not closed, a comma is missing, or a text needs quotes.
    fn between_brackets(&self) -> Said {
        let line = self.line();
        let open = open_bracket(self.text, self.at);
        if let Some((start, bracket)) = open
            && start < line.start
        {
            let first = Told { text: self.text, at: start }.line();
            if line.indent() <= first.indent() {
                return Told { text: self.text, at: start }.unclosed(start, bracket);
            }
        }
        let behind_bracket = open.map_or(line.start, |(start, _)| start + 1).max(line.start);
        let before = self.text.get(behind_bracket..self.at).unwrap_or_default();
        let entry = before.rsplit(", ").next().unwrap_or(before);
        let value = entry.rsplit_once(": ").map_or(entry, |(_, value)| value).trim_start();
        let start = self.at - value.len();
        let meant = Told { text: self.text, at: start }.value();
        let word = value.rsplit(' ').next().unwrap_or(value);
        let quotes = format!("ut a text with a colon in quotes: {}.", quoted(meant));
        let help = if value.contains(' ') {
            format!("Write a comma before `{}` if it is a key of its own; p{quotes}", clip(word))
        } else if behind_bracket == line.start && before.trim_start() == value {
            format!("Write a comma at the end of the line above; p{quotes}")
        } else {
            format!("P{quotes}")
        };
        (start..start + meant.len(), "a second colon stands in one entry".to_owned(), help)
    }

    fn unclosed(&self, at: usize, open: char) -> Said {
        let close = closing(open);
        let help = match self.rest().contains(" #") {
            true => format!("Write `{close}` where it ends, before the ` #`: all behind that is a comment."),
            false => format!("Write `{close}` where it ends."),
        };
        (at..at + 1, format!("this `{open}` is not closed"), help)
    }

    /// The escape that none is: a backslash is meant as itself.
    fn escape(&self) -> Said {
        let inner = self.text.get(self.at + 1..).unwrap_or_default();
        let mut letters = inner.char_indices();
        let mut wrong = None;
        while let Some((at, c)) = letters.next() {
            let behind = match c {
                '"' => break,
                '\\' => letters.next().map(|(_, next)| next),
                _ => continue,
            };
            let digits =
                |many: usize| inner[at + 2..].chars().take(many).filter(char::is_ascii_hexdigit).count() == many;
            let fits = match behind {
                Some('x') => digits(2),
                Some('u') => digits(4) && !inner[at + 2..].starts_with(['d', 'D']),
                Some('U') => digits(8) && inner[at + 2..].starts_with("000"),
                Some(next) => "0abtnvfre \"/\\N_LP\t\n\r".contains(next),
                None => false,
            };
            if !fits {
                wrong = Some((at, behind));
                break;
            }
        }
        let line = inner.lines().next().unwrap_or_default();
        let whole = line.split('"').next().filter(|whole| !whole.contains('\'') && line.len() > whole.len());
        let single = whole.map_or_else(String::new, |whole| format!(": `'{}'`", clip(whole)));
        let (at, letter) = wrong.map_or((0, None), |(at, letter)| (at, letter));
        let letter = letter.map_or_else(String::new, String::from);
        let place = self.at + 1 + at..self.at + 1 + at + 1 + letter.len();
        let help = format!("Write `\\\\{letter}`; or take single quotes, in which a backslash is one{single}.");
        (place, format!("`\\{letter}` is no character in double quotes"), help)
    }

    fn unclosed_quote(&self) -> Said {
        let quote = if self.first() == "'" { '\'' } else { '"' };
        let help = format!("Write `{quote}` where the text ends; lines that belong to it are indented.");
        (self.at..self.at + self.first().len(), "this quote is not closed".to_owned(), help)
    }

    /// More text behind the quote that was to be its end.
    fn behind_quote(&self) -> Said {
        let line = self.line();
        let content = line.start + line.content();
        let (from, before) = self.text.get(content..self.at).map_or((self.at, ""), |before| (content, before));
        // The key may stand in quotes itself.
        let open = before.find([' ', '{', '[', ',']).map_or(0, |at| at + 1);
        let open = before[open..].find(['"', '\'']).map_or(from, |at| from + open + at);
        let value = Told { text: self.text, at: open }.value();
        let quote = if value.starts_with('\'') { '\'' } else { '"' };
        let inner = value.strip_prefix(quote).unwrap_or(value);
        let help = match inner.strip_suffix(quote) {
            Some(inner) if quote == '\'' => {
                format!("Write a quote inside of it twice, or take double quotes: {}.", quoted(inner))
            }
            Some(inner) => format!("Put `\\` before a quote inside of it, or take single quotes: {}.", quoted(inner)),
            None => format!("Put quotes around all of it: {}.", quoted(value)),
        };
        (open..open + value.len(), "text stands behind the quote that ends it".to_owned(), help)
    }
}

/// The lines that a further one may go on with, outermost first, each with how far that is indented.
fn open_lines<'a>(before: &[Line<'a>]) -> Vec<(usize, Line<'a>)> {
    let mut open: Vec<(usize, Line<'a>)> = Vec::new();
    for line in before {
        open.retain(|(indent, _)| *indent < line.indent());
        open.push((line.indent(), *line));
        if line.content() > line.indent() && line.key().is_some() {
            open.push((line.content(), *line));
        }
    }
    open
}

/// The innermost bracket before a byte that is open there, and where it stands.
fn open_bracket(text: &str, at: usize) -> Option<(usize, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut quote: Option<char> = None;
    let mut before = '\n';
    let mut comment = false;
    let mut letters = text.get(..at)?.char_indices();
    while let Some((place, c)) = letters.next() {
        match (quote, c) {
            (_, '\n') if comment => comment = false,
            _ if comment => {}
            (Some('"'), '\\') => drop(letters.next()),
            (Some(one), c) if one == c => quote = None,
            (Some(_), _) => {}
            // Inside of a text neither means anything.
            (None, '"' | '\'') if matches!(before, ' ' | '\n' | '[' | '{' | ',' | ':') => quote = Some(c),
            (None, '#') if before.is_whitespace() => comment = true,
            (None, '[' | '{') if !open.is_empty() || matches!(before, ' ' | '\n') => open.push((place, c)),
            (None, ']' | '}') => drop(open.pop()),
            _ => {}
        }
        before = c;
    }
    open.pop()
}

const fn closing(open: char) -> char {
    if open == '[' { ']' } else { '}' }
}

/// A text in quotes that say it as it is, between backticks.
fn quoted(text: &str) -> String {
    let text = clip(text);
    match text.contains(['"', '\\']) {
        true => format!("`'{}'`", text.replace('\'', "''")),
        false => format!("`\"{text}\"`"),
    }
}
