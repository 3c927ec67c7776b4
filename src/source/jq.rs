//! jq, the filter language of the people who write audits, as a pure function from JSON to JSON.
//!
//! Numbers keep the spelling they had in the input, so that `2.50` and a 30-digit integer stay exact. What could end our
//! process, read the environment, tell the time or write to a stream is not part of the language here. It knows no kind
//! and judges nothing.

mod by_item;
mod confined;
mod prelude;
mod quick;
mod run;
mod stack;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::parse::Def;
use jaq_core::load::{Arena, File, Lexer, Loader};
use jaq_core::{Compiler, compile, data, load, native};
use jaq_json::Val;
use serde::{Deserialize, Serialize};

use by_item::ByItem;
pub use confined::serve;

use crate::model::fact::Value;
use crate::model::number::Number;

/// Longest filter that is read, in bytes.
const MAX_FILTER: usize = 10_000;
/// Filters up to this size, in bytes, cannot nest deeper than any stack allows, and are compiled where they are.
const SHORT: usize = 96;
/// Outputs of one filter beyond which it is stopped, unless the caller wants fewer.
pub const MAX_OUTPUTS: usize = 100_000;
/// How many compiled filters are kept for the next check that uses the same text.
const KEPT: usize = 256;
/// Filters that run at once. Each takes a thread, and thousands of threads take longer than thousands of filters.
const AT_ONCE: usize = 16;
/// Helpers that run filters at once, because each may take much memory.
const HELPERS: usize = 4;

/// What is left out of jq: it would end the process, read the environment or the clock, or write to a stream.
const LEFT_OUT: [&str; 14] = [
    "halt",
    "halt_error",
    "env",
    "input",
    "inputs",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
    "input_filename",
    "now",
    "localtime",
    "strflocaltime",
    "input_line_number",
];

type Data = data::JustLut<Val>;
type Compiled = jaq_core::Filter<Data>;

/// A compiled filter.
#[derive(Clone)]
pub struct Filter {
    program: Arc<Program>,
}

struct Program {
    text: String,
    /// The text that was compiled in its place, where that is another one.
    strict: Option<String>,
    whole: Compiled,
    by_item: OnceLock<Option<ByItem>>,
}

impl Program {
    /// The same for one item of a list at a time, made when the first large document comes.
    fn by_item(&self) -> Option<&ByItem> {
        self.by_item.get_or_init(|| ByItem::of(&self.text, self.strict.as_deref())).as_ref()
    }
}

impl std::fmt::Debug for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Filter").field(&self.program.text).finish()
    }
}

/// Why a filter is no filter, or did not come to an end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JqProblem {
    /// A lower-case fragment with the wrong part in quotes.
    pub message: String,
    /// What to do about it, a sentence.
    pub help: String,
}

impl JqProblem {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// A JSON value with exact numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number, exact.
    Number(Number),
    /// What jq calls a number and is none: `NaN`, `Infinity`, or one too large to write down.
    NotANumber(String),
    /// A string; what was not UTF-8 in it is replaced by U+FFFD.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order of the input.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The member of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What it is, for a message: `a string`, `an object`.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::NotANumber(_) => "no finite number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// As a scalar's text: `7.50` as `7.5`, a string as it is; `None` for null, lists and objects.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::NotANumber(text) | Self::Text(text) => Some(text.clone()),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }
}

/// Runs `work`, which compiles a filter and runs it on a document of `size` bytes, without keeping the tasks of the runtime
/// waiting. It is given up after 30 seconds; `filter` names it then.
pub async fn apart<T: Send + 'static>(
    filter: &str,
    size: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JqProblem> {
    run::apart(filter, size, work).await
}

/// A fact's value of a JSON value. `null`, objects, `NaN`, and lists of anything but scalars are none.
pub fn to_value(json: &Json) -> Option<Value> {
    match json {
        Json::Flag(flag) => Some(Value::Flag(*flag)),
        Json::Number(number) => Some(Value::Number(number.clone())),
        Json::Text(text) => Some(Value::Text(text.clone())),
        Json::List(items) => items.iter().map(Json::to_text).collect::<Option<Vec<_>>>().map(Value::List),
        Json::Null | Json::NotANumber(_) | Json::Object(_) => None,
    }
}

impl Filter {
    /// Reads a filter. The same text is compiled once.
    pub fn compile(text: &str) -> Result<Self, JqProblem> {
        static COMPILED: Mutex<BTreeMap<String, Arc<Program>>> = Mutex::new(BTreeMap::new());
        let kept = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = kept().get(text) {
            return Ok(Self { program: Arc::clone(program) });
        }
        if text.len() > MAX_FILTER {
            return Err(JqProblem::new(
                format!("the jq filter has {} bytes, more than {MAX_FILTER}", text.len()),
                "Shorten it.",
            ));
        }
        let (whole, strict) = if text.len() <= SHORT {
            read(text)?
        } else {
            let owned = text.to_owned();
            stack::on_big_stack(move || read(&owned)).unwrap_or_else(|| {
                Err(JqProblem::new(format!("\"{text}\" cannot be read as a jq filter"), "Write it with less nesting."))
            })?
        };
        let program = Arc::new(Program { text: text.to_owned(), strict, whole, by_item: OnceLock::new() });
        let mut kept = kept();
        if kept.len() < KEPT {
            kept.insert(text.to_owned(), Arc::clone(&program));
        }
        Ok(Self { program })
    }

    /// The filter as written.
    pub fn text(&self) -> &str {
        &self.program.text
    }

    /// Everything the filter yields for one JSON document, at most `cap` values: more is an error, and so is a document
    /// that is not JSON, an error that the filter raises, and a filter that does not end.
    pub fn run(&self, json: &[u8], cap: usize) -> Result<Vec<Json>, JqProblem> {
        run::run(self, json, cap.min(MAX_OUTPUTS))
    }

    /// What the filter yields first; `None` when it yields nothing.
    pub fn first(&self, json: &[u8]) -> Result<Option<Json>, JqProblem> {
        run::first(self, json)
    }
}

/// The filter, and the text that it was compiled from where that is not this one.
fn read(text: &str) -> Result<(Compiled, Option<String>), JqProblem> {
    // What is wrong is said of the filter as it was written.
    let strict = counting_what_is_there(text).and_then(|strict| Some((build(&strict).ok()?, Some(strict))));
    strict.map_or_else(|| Ok((build(text)?, None)), Ok)
}

/// To jq the length of null is 0, so that `.vulnerabilities | length` counts nothing where nothing of that name is: as
/// the result of a filter, that is an error.
fn counting_what_is_there(text: &str) -> Option<String> {
    let before = text.trim_end().strip_suffix("length")?;
    before.trim_end().strip_suffix('|')?;
    let reason = r#""there is nothing to count before the last \"length\": it is null""#;
    Some(format!("{before}if . == null then error({reason}) else length end"))
}

fn build(text: &str) -> Result<Compiled, JqProblem> {
    if let Ok(tokens) = Lexer::new(text).lex() {
        refuse_definitions(&tokens)?;
    }
    // What is wrong is said by the whole language.
    let needed = prelude::needed(text);
    let few = build_with(text, needed.defs(), needed.functions());
    few.or_else(|_| build_with(text, prelude::all().collect(), functions()))
}

fn build_with<'t>(
    text: &'t str,
    defs: Vec<Def<&'t str>>,
    functions: impl Iterator<Item = native::Fun<Data>>,
) -> Result<Compiled, JqProblem> {
    let arena = Arena::default();
    let modules = Loader::new(defs)
        .load(&arena, File { code: text, path: () })
        .map_err(|errors| errors.first().map_or_else(|| unreadable(text), |(_, error)| load_problem(text, error)))?;
    Compiler::default().with_funs(functions).compile(modules).map_err(|errors| {
        let first = errors.iter().find_map(|(_, errors)| errors.first());
        first.map_or_else(|| unreadable(text), |(name, undefined)| undefined_problem(text, name, undefined))
    })
}

/// What is part of the language and not written in it.
fn functions() -> impl Iterator<Item = native::Fun<Data>> {
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    funs.filter(|(name, ..)| !LEFT_OUT.contains(name))
}

/// A definition may call itself, and one that does so without end overflows the stack, which ends the process.
fn refuse_definitions(tokens: &[Token<&str>]) -> Result<(), JqProblem> {
    let mut before = "";
    for Token(word, token) in tokens {
        match token {
            // `.def` is the name of a field.
            Tok::Word if *word == "def" && before != "." && before != "?." => {
                return Err(JqProblem::new(
                    "\"def\" is not available in the jq of an audit file",
                    "Write the filter without a definition of its own.",
                ));
            }
            Tok::Block(inner) => refuse_definitions(inner)?,
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(Token(_, Tok::Block(inner))) = part {
                        refuse_definitions(inner)?;
                    }
                }
            }
            _ => {}
        }
        before = word;
    }
    Ok(())
}

fn unreadable(text: &str) -> JqProblem {
    JqProblem::new(format!("\"{text}\" is not a jq filter"), "Try it with the jq command first.")
}

fn at(text: &str, part: &str) -> usize {
    load::span(text, part).start + 1
}

fn load_problem(text: &str, error: &load::Error<&str>) -> JqProblem {
    let expected = |wanted: &str, found: &str| {
        let place = if found.is_empty() {
            format!("at the end of \"{text}\"")
        } else {
            let found: String = found.chars().take(20).collect();
            format!("before \"{found}\"")
        };
        let place =
            if found.is_empty() { place } else { format!("{place} at character {} of \"{text}\"", at(text, found)) };
        JqProblem::new(format!("expected {wanted} {place}"), "Try the filter with the jq command first.")
    };
    match error {
        load::Error::Io(imports) => JqProblem::new(
            format!("\"{}\" cannot be imported", imports.first().map_or("", |(path, _)| path)),
            "A filter of an audit file stands on its own: leave `import` and `include` out.",
        ),
        load::Error::Lex(errors) => {
            errors.first().map_or_else(|| unreadable(text), |(wanted, found)| expected(wanted.as_str(), found))
        }
        load::Error::Parse(errors) => {
            errors.first().map_or_else(|| unreadable(text), |(wanted, found)| expected(wanted.as_str(), found))
        }
    }
}

fn undefined_problem(text: &str, name: &str, undefined: &compile::Undefined) -> JqProblem {
    if LEFT_OUT.contains(&name) || name == "$ENV" {
        return JqProblem::new(
            format!("\"{name}\" is not available in the jq of an audit file"),
            "A filter sees its input and nothing else, so that it says the same on replay.",
        );
    }
    let what = match undefined {
        compile::Undefined::Filter(arity) if *arity > 0 => format!("filter with {arity} argument(s)"),
        other => other.as_str().to_owned(),
    };
    JqProblem::new(
        format!("unknown {what} \"{name}\" at character {} of \"{text}\"", at(text, name)),
        "Look it up in the jq manual; some filters of newer or older versions of jq are missing here.",
    )
}
