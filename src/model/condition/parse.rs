//! From text to condition: `or` binds weaker than `and`, `and` weaker than `not`.

use super::{Comparison, ConditionProblem, Literal, Node, Pattern, Shift};
use crate::model::fact::Unit;
use crate::model::format::shortened;
use crate::model::number::Number;
use crate::model::printed::Printed;

/// Longer texts are no conditions.
const MAX_TEXT: usize = 2000;
/// Parentheses and `not` in one another.
const MAX_DEPTH: usize = 20;

const FORMS: &str = "write a condition such as `== 13`, `>= 95%`, `in 4..6`, `one of [main, release]` or `not empty`";

type Parsed<T> = Result<T, ConditionProblem>;

pub(super) fn condition(text: &str) -> Parsed<Node> {
    if text.len() > MAX_TEXT {
        return Err(problem("a condition", text, "is too long", "shorten it, or split it into several facts"));
    }
    let mut parser = Parser { rest: text.trim(), depth: 0, open: 0 };
    if parser.rest.is_empty() {
        return Err(ConditionProblem::new("\"\" is not a condition", FORMS));
    }
    let node = parser.any()?;
    if parser.rest.is_empty() {
        return Ok(node);
    }
    Err(problem("", parser.rest, "was not expected here", "join conditions with `and` or `or`, or put text in quotes"))
}

fn problem(before: &str, part: &str, after: &str, help: &str) -> ConditionProblem {
    let space = if before.is_empty() { "" } else { " " };
    ConditionProblem::new(format!("{before}{space}\"{}\" {after}", shortened(part, 60)), help)
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    open: usize,
}

impl<'a> Parser<'a> {
    fn spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes a whole word.
    fn word(&mut self, word: &str) -> bool {
        self.spaces();
        let Some(after) = self.rest.strip_prefix(word) else { return false };
        if !after.is_empty() && !after.starts_with([' ', '\t', '\n', '(', ')', '[', '"']) {
            return false;
        }
        self.rest = after;
        self.spaces();
        true
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.spaces();
        let found = self.rest.strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn any(&mut self) -> Parsed<Node> {
        let first = self.all()?;
        if !self.word("or") {
            return Ok(first);
        }
        let mut nodes = vec![first, self.all()?];
        while self.word("or") {
            nodes.push(self.all()?);
        }
        Ok(Node::Any(nodes))
    }

    fn all(&mut self) -> Parsed<Node> {
        let first = self.negated()?;
        if !self.word("and") {
            return Ok(first);
        }
        let mut nodes = vec![first, self.negated()?];
        while self.word("and") {
            nodes.push(self.negated()?);
        }
        Ok(Node::All(nodes))
    }

    fn negated(&mut self) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(problem("", self.rest, "is nested too deeply", "write it with fewer parentheses"));
        }
        let node = if self.word("not") {
            Node::Not(Box::new(self.negated()?))
        } else if self.sign("(") {
            self.open += 1;
            let inner = self.any()?;
            if !self.sign(")") {
                return Err(problem("", self.rest, "where `)` was expected", "close the parenthesis"));
            }
            self.open -= 1;
            self.spaces();
            inner
        } else {
            self.atom()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn atom(&mut self) -> Parsed<Node> {
        if let Some(comparison) = self.comparison() {
            return self.compared(comparison);
        }
        if self.sign("+-") || self.sign("±") {
            return self.near_baseline();
        }
        if self.word("in") {
            return self.between();
        }
        if self.word("matches") {
            return self.pattern();
        }
        if self.word("one of") {
            return self.one_of();
        }
        if self.word("contains") {
            return self.operand("contains").map(|(text, _)| Node::Contains(text));
        }
        if self.word("true") {
            return Ok(Node::Is(true));
        }
        if self.word("false") {
            return Ok(Node::Is(false));
        }
        if self.word("empty") {
            return Ok(Node::Empty);
        }
        let help = match self.rest.strip_prefix('=') {
            Some(rest) => match rest.chars().next() {
                Some(turned @ ('>' | '<')) => format!("write `{turned}=`"),
                _ => "write `==`".to_owned(),
            },
            None if Printed::quantity(self.rest).is_some() => format!("write `== {}`", shortened(self.rest, 40)),
            None => FORMS.to_owned(),
        };
        Err(problem("", self.rest, "is not a condition", &help))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        const SIGNS: [(&str, Comparison); 8] = [
            ("==", Comparison::Equal),
            ("!=", Comparison::Different),
            (">=", Comparison::AtLeast),
            ("≥", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            ("≤", Comparison::AtMost),
            (">", Comparison::Above),
            ("<", Comparison::Below),
        ];
        SIGNS.iter().find(|(sign, _)| self.sign(sign)).map(|(_, comparison)| *comparison)
    }

    fn compared(&mut self, comparison: Comparison) -> Parsed<Node> {
        let (text, quoted) = self.operand(comparison.sign())?;
        if !quoted && let Some(shift) = text.strip_prefix("baseline") {
            return Ok(Node::Baseline(comparison, shift_of(shift)?));
        }
        let literal = literal(text, quoted);
        if !comparison.is_equality() && literal.quantity.is_none() && literal.time.is_none() {
            let help = "write a number with its unit (95%, 24h, 8GiB) or a time (2025-10-18)";
            return Err(problem("", &literal.text, &format!("cannot stand behind `{}`", comparison.sign()), help));
        }
        Ok(Node::Compare(comparison, literal))
    }

    fn near_baseline(&mut self) -> Parsed<Node> {
        let (text, _) = self.operand("+-")?;
        let share = text.strip_suffix("baseline").map(str::trim_end).and_then(|head| head.strip_suffix("of"));
        match share.and_then(|share| Printed::quantity(share.trim())) {
            Some((share, Unit::Ratio)) if !share.is_negative() => Ok(Node::NearBaseline(share)),
            _ => Err(problem("", &text, "is no distance from a baseline", "write `+-10% of baseline`")),
        }
    }

    fn between(&mut self) -> Parsed<Node> {
        let (text, _) = self.operand("in")?;
        let wrong = || problem("", &text, "is not a range", "write `in 4..6`; both ends belong to it");
        let (low, high) = text.split_once("..").ok_or_else(wrong)?;
        let high = literal(high.trim().to_owned(), false);
        let mut low = literal(low.trim().to_owned(), false);
        if let (Some((_, Unit::One)), Some((_, unit))) = (&low.quantity, &high.quantity)
            && *unit != Unit::One
        {
            // `in 4..6h`: the unit is said once and meant twice.
            let unit = high.text.trim_start_matches(|c: char| !c.is_alphabetic() && c != '%');
            low = literal(format!("{}{unit}", low.text), false);
        }
        let ordered = match (&low.quantity, &high.quantity) {
            (Some((low, unit)), Some((high, other))) => unit == other && low <= high,
            _ => matches!((low.time, high.time), (Some(low), Some(high)) if low.at <= high.end()),
        };
        if ordered { Ok(Node::Between(low, high)) } else { Err(wrong()) }
    }

    fn pattern(&mut self) -> Parsed<Node> {
        let quoted = self.rest.starts_with('"');
        let pattern = if quoted {
            self.operand("matches")?.0
        } else {
            let pattern = self.bare_pattern();
            if pattern.contains(" and ") || pattern.contains(" or ") || (self.open > 0 && pattern.ends_with(')')) {
                let help = "put the pattern in double quotes, so that its end is clear";
                return Err(problem("the pattern", pattern, "could end in several places", help));
            }
            pattern.to_owned()
        };
        if pattern.is_empty() {
            return Err(ConditionProblem::new("\"matches\" has no pattern behind it", "write `matches ^main$`"));
        }
        if !quoted {
            not_in_marks(&pattern, true)?;
        }
        Pattern::new(&pattern).map(Node::Matches).map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
            problem(
                "the pattern",
                &pattern,
                &format!("cannot be used: {why}"),
                "see https://docs.rs/regex for the syntax",
            )
        })
    }

    fn bare_pattern(&mut self) -> &'a str {
        std::mem::take(&mut self.rest).trim_end()
    }

    fn one_of(&mut self) -> Parsed<Node> {
        let help = "write `one of [main, release]`";
        if !self.sign("[") {
            return Err(problem("", self.rest, "is not a list", help));
        }
        let mut items = Vec::new();
        loop {
            self.spaces();
            if self.rest.starts_with('"') {
                let text = self.quoted()?;
                items.push(literal(text, true));
            } else {
                let end = self.rest.find([',', ']']).unwrap_or(self.rest.len());
                let text = self.rest[..end].trim();
                if text.is_empty() {
                    return Err(problem("", self.rest, "has an empty item", help));
                }
                not_in_marks(text, false)?;
                items.push(literal(text.to_owned(), false));
                self.rest = &self.rest[end..];
            }
            if self.sign("]") {
                self.spaces();
                return Ok(Node::OneOf(items));
            }
            if !self.sign(",") {
                return Err(problem("", self.rest, "where `,` or `]` was expected", help));
            }
        }
    }

    fn quoted(&mut self) -> Parsed<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    self.spaces();
                    return Ok(text);
                }
                '\\' if matches!(self.rest[at + 1..].chars().next(), Some('"' | '\\')) => {
                    text.extend(chars.next().map(|(_, c)| c));
                }
                c => text.push(c),
            }
        }
        Err(problem("", self.rest, "has no closing quote", "end the text with a double quote"))
    }

    /// What stands behind an operator: quoted, or up to `and`, `or`, an unopened `)` or the end.
    fn operand(&mut self, operator: &str) -> Parsed<(String, bool)> {
        self.spaces();
        if self.rest.starts_with('"') {
            return Ok((self.quoted()?, true));
        }
        let mut open = 0_usize;
        let mut end = self.rest.len();
        for (at, c) in self.rest.char_indices() {
            let tail = &self.rest[at..];
            let joins = |word: &str| tail.strip_prefix(word).is_some_and(|t| t.starts_with([' ', '(']) || t.is_empty());
            match c {
                '(' => open += 1,
                ')' if open > 0 => open -= 1,
                ')' if self.open > 0 => end = at,
                ' ' if joins(" and") || joins(" or") => end = at,
                _ => continue,
            }
            if end == at {
                break;
            }
        }
        let text = self.rest[..end].trim();
        if text.is_empty() {
            return Err(ConditionProblem::new(format!("\"{operator}\" has nothing behind it"), FORMS));
        }
        not_in_marks(text, false)?;
        self.rest = self.rest[end..].trim_start();
        Ok((text.to_owned(), false))
    }
}

/// Other languages put patterns between slashes and texts in single quotes. Taken as a part of what is meant, they would
/// match nothing, so that every `not` held.
fn not_in_marks(text: &str, is_pattern: bool) -> Parsed<()> {
    let between = |mark: char| text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    let what = if is_pattern { "the pattern" } else { "" };
    if let Some(inner) = between('\'').filter(|inner| !inner.is_empty()) {
        let inner = shortened(inner, 60);
        let help = format!("leave them out (`{inner}`), or put the text in double quotes if they belong to it");
        return Err(problem(what, text, "stands in single quotes, which have no meaning here", &help));
    }
    // With the letters that may follow a pattern elsewhere: `/error/i`.
    let flagged = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    let flagged = flagged.filter(|(inner, flags)| {
        !inner.is_empty()
            && (flags.is_empty() || (is_pattern && matches!(*flags, "i" | "g" | "gi" | "ig" | "m" | "im" | "mi")))
    });
    if let Some((inner, flags)) = flagged {
        let before = if flags.contains('i') { "(?i)" } else { "" };
        let inner = shortened(inner, 60);
        let help = format!("leave them out (`{before}{inner}`), or write \"{text}\" in double quotes if it is a path");
        return Err(problem(what, text, "stands between slashes, which have no meaning here", &help));
    }
    Ok(())
}

fn literal(text: String, quoted: bool) -> Literal {
    if quoted {
        return Literal { text, quantity: None, time: None };
    }
    Literal { quantity: Printed::quantity(&text), time: text.parse().ok(), text }
}

fn shift_of(text: &str) -> Parsed<Shift> {
    let wrong =
        || problem("", text.trim(), "is no distance from a baseline", "write `<= baseline + 5%` or `>= baseline - 2h`");
    let text = text.trim();
    if text.is_empty() {
        return Ok(Shift::None);
    }
    let (negative, size) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(size), _) => (false, size),
        (_, Some(size)) => (true, size),
        _ => return Err(wrong()),
    };
    let (size, unit) = Printed::quantity(size.trim()).ok_or_else(wrong)?;
    let size = if negative { Number::zero() - size } else { size };
    Ok(if unit == Unit::Ratio { Shift::Relative(size) } else { Shift::Absolute(size, unit) })
}
