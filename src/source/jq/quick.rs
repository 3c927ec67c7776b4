//! Filters that take no longer than reading a small document, whatever stands in it. They run where they are: to hand one
//! to another thread takes longer than the filter.

use super::SHORT;

/// Documents up to this size, in bytes. To take one list from another takes as long as the product of their lengths, which
/// of such a document is a fraction of a second.
const SMALL: usize = 16 << 10;
/// `.+.|.+.` doubles its input twice.
const MOST_SUMS: usize = 4;

/// What takes no longer than its input is long. Neither loops nor regular expressions, nothing that repeats a text.
const WORDS: [&str; 37] = [
    "add",
    "all",
    "and",
    "any",
    "ascii_downcase",
    "ceil",
    "elif",
    "else",
    "empty",
    "end",
    "endswith",
    "false",
    "first",
    "floor",
    "has",
    "if",
    "keys",
    "last",
    "length",
    "map",
    "max",
    "min",
    "not",
    "null",
    "nulls",
    "or",
    "reverse",
    "round",
    "select",
    "sort",
    "startswith",
    "then",
    "tonumber",
    "tostring",
    "true",
    "type",
    "unique",
];
/// Goes through what is in a list, as `[]` does.
const THROUGH: [&str; 3] = ["all", "any", "map"];

/// Does a filter take no longer than reading its document, of `size` bytes? It may go through one list once: two lists in
/// one another could be as long as the square of the document, and a comma gives everything behind it twice as much to do.
pub(super) fn is_quick(text: &str, size: usize) -> bool {
    if size > SMALL || text.len() > SHORT || text.contains("..") {
        return false;
    }
    let mut rest = text;
    let (mut sums, mut lists, mut before) = (0, 0, ' ');
    while let Some(next) = rest.chars().next() {
        let word_end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (token, behind) = match next {
            '"' => match rest[1..].split_once('"') {
                Some((quoted, behind)) if !quoted.contains('\\') => ("\"", behind),
                _ => return false,
            },
            _ if word_end > 0 => rest.split_at(word_end),
            _ => rest.split_at(next.len_utf8()),
        };
        let is_field = before == '.';
        match token {
            "+" => sums += 1,
            "]" if before == '[' => lists += 1,
            "\"" | " " | "." | "[" | "]" | "(" | ")" | "|" | ":" | "<" | ">" | "=" | "!" | "-" | "/" | "%" | "?" => {}
            _ if word_end == 0 => return false,
            _ if is_field || token.bytes().all(|byte| byte.is_ascii_digit()) => {}
            word if WORDS.contains(&word) => lists += usize::from(THROUGH.contains(&word)),
            _ => return false,
        }
        if next != ' ' {
            before = token.chars().next_back().unwrap_or(' ');
        }
        rest = behind;
    }
    sums <= MOST_SUMS && lists <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_through_one_list_once_is_quick() {
        for text in [
            ".",
            ".value + 2",
            ".status == \"UP\"",
            ".a.map.recurse",
            "[.[] | select(.value[1] | tonumber > 0.5)] | length",
            "[.data.result[] | select(.metric.job == \"api\")] | length",
            "map(.n) | add",
            "if .a then 1 else 2 end",
            ".\"a,b*c\" | keys | length",
            ".a / .b % 7 - 1",
        ] {
            assert!(is_quick(text, SMALL), "{text}");
        }
    }

    #[test]
    fn what_could_take_long_is_not() {
        for text in [
            "..",
            ".[] + .[]",
            "[.[] | .x[]]",
            "[.[ ] | .x[ ]]",
            "map(map(.x))",
            "any(.[]; .)",
            "contains(.a)",
            ".,.|.,.",
            ".+.|.+.|.+.|.+.|.+.",
            "\"x\" * 1000000000",
            "range(1e9)",
            "repeat(.)",
            "recurse",
            "[limit(3; .[])]",
            "test(\"a\")",
            "\"\\(range(1e9))\"",
            "until(false; .)",
            ". as $x | $x",
            "@json",
            "{a: .}",
            "\"open",
            "ｍap",
            &".a | ".repeat(40),
        ] {
            assert!(!is_quick(text, 1), "{text}");
        }
        assert!(!is_quick(".a", SMALL + 1));
    }
}
