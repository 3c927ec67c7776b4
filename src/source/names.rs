//! Names that stand twice in one object of JSON. Programs do not agree on which of both counts, so that a file could say one
//! thing to us and another to whoever else reads it.

use std::borrow::Cow;
use std::collections::HashSet;

use super::output::printable;

/// Names of one object that are looked through one by one; more are looked up.
const FEW: usize = 16;

/// What is wrong with JSON that its grammar allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Lists and objects inside each other are more than were allowed.
    TooDeep,
    /// A name stands twice in one object.
    Twice(Twice),
}

/// A name that stands twice, and where it does so again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twice {
    /// The name, cut to be shown.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// The byte in it, from 1.
    pub column: usize,
}

/// The first fault. Of what is no JSON it may say anything: who reads it finds what is wrong. One pass over the bytes, which
/// keeps nothing but the places of the names of those objects that are open.
pub fn fault(json: &[u8], most_depth: usize) -> Option<Fault> {
    let mut open: Vec<Option<Names<'_>>> = Vec::new();
    // Room of objects that were closed, for the next: most documents have many small ones.
    let mut spare: Vec<Names<'_>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        match byte {
            b'{' | b'[' if open.len() >= most_depth => return Some(Fault::TooDeep),
            b'{' => open.push(Some(spare.pop().unwrap_or_default())),
            b'[' => open.push(None),
            b'}' | b']' => spare.extend(open.pop().flatten().map(Names::emptied)),
            b'"' => {
                let end = end_of_text(json, at)?;
                let is_name = json[end..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                if is_name && let Some(Some(names)) = open.last_mut() {
                    let name = name_in(&json[at..end]);
                    if !names.add(name.clone()) {
                        return Some(Fault::Twice(Twice::at(json, at, &name)));
                    }
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the quotation mark that ends the text which begins at `from`.
fn end_of_text(json: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// What a text in its quotation marks says: `"\u0061"` is `a`.
fn name_in(text: &[u8]) -> Cow<'_, [u8]> {
    let plain = &text[1..text.len() - 1];
    let read = plain.contains(&b'\\').then(|| serde_json::from_slice::<String>(text).ok()).flatten();
    read.map_or(Cow::Borrowed(plain), |name| Cow::Owned(name.into_bytes()))
}

/// The names of an object.
#[derive(Default)]
struct Names<'a> {
    few: Vec<Cow<'a, [u8]>>,
    many: HashSet<Cow<'a, [u8]>>,
}

impl<'a> Names<'a> {
    fn emptied(mut self) -> Self {
        self.few.clear();
        self.many.clear();
        self
    }

    /// Is it a new one?
    fn add(&mut self, name: Cow<'a, [u8]>) -> bool {
        if self.few.len() < FEW {
            let new = !self.few.contains(&name);
            self.few.push(name);
            return new;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().cloned());
        }
        self.many.insert(name)
    }
}

impl Twice {
    fn at(json: &[u8], at: usize, name: &[u8]) -> Self {
        let name = printable(&String::from_utf8_lossy(name), 100);
        let before = &json[..at];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Self { name, line, column: at - line_start + 1 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn twice(json: &[u8]) -> Option<Twice> {
        match fault(json, 128)? {
            Fault::Twice(twice) => Some(twice),
            Fault::TooDeep => None,
        }
    }

    #[test]
    fn a_name_that_stands_twice_in_one_object_is_found_with_its_place() {
        let many: String = (0..40).map(|number| format!("\"n{number}\": {number}, ")).collect();
        for fine in [
            r#"{"a": {"a": 1.50, "b": [{"a": null}, {"a": -1}]}, "b": "a", "c": "\"b\":"}"#,
            "[\"a\", \"a\", 1e999999]",
            "\"a\"",
            "",
            &format!("{{{many}\"z\": 1}}"),
        ] {
            assert_eq!(twice(fine.as_bytes()), None, "{fine}");
        }
        let at = |json: &str| twice(json.as_bytes()).map(|twice| (twice.name, twice.line, twice.column));
        for (json, name, line, column) in [
            (r#"{"a": 1, "a": 1}"#, "a", 1, 10),
            ("{\"a\": 1,\n  \"a\" : 2}", "a", 2, 3),
            (r#"[{"b": {"a": 1, "c": 2, "\u0061": 3}}]"#, "a", 1, 25),
            (r#"{"a\\": [{"x": {}}], "b": 0, "a\\": 1}"#, "a\\", 1, 30),
            (&format!("{{{many}\n\"n3\": 1}}"), "n3", 2, 1),
            (&format!("{{{many}\n\"n39\": 1}}"), "n39", 2, 1),
        ] {
            assert_eq!(at(json), Some((name.to_owned(), line, column)), "{json}");
        }
    }

    #[test]
    fn no_more_is_kept_than_is_allowed_to_be_open() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |depth: usize| fault(format!("{}1{}", open.repeat(depth), close.repeat(depth)).as_bytes(), 9);
            assert_eq!((nested(9), nested(10)), (None, Some(Fault::TooDeep)));
        }
        assert_eq!(fault(b"[\"[[[[\", [], [], {}]", 2), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in r#"[{}\[\]":,\\a u0-9]{0,60}"#, bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _either = (twice(text.as_bytes()), twice(&bytes));
        }

        #[test]
        fn it_finds_what_a_parser_finds(names in proptest::collection::vec("[ab\\\\\"é]{0,2}", 0..30)) {
            let members: Vec<String> =
                names.iter().map(|name| format!("{}: {{}}", serde_json::to_string(name).expect("a text"))).collect();
            let distinct: HashSet<&String> = names.iter().collect();
            prop_assert_eq!(twice(format!("{{{}}}", members.join(",")).as_bytes()).is_some(), distinct.len() < names.len());
        }
    }
}
