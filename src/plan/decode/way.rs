//! The way to a value: where decoding began, and the keys and items from there on. Only what is wrong has its way spelled
//! out, so that it is kept in pieces until then.

use std::fmt;

/// The way to a value.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) enum Way<'a> {
    /// Where it begins.
    Start(&'a str),
    /// Under a key of a mapping.
    Key(&'a Self, &'a str),
    /// An item of a list, counted from 0.
    Item(&'a Self, usize),
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(path) => f.write_str(path),
            Self::Key(Self::Start(""), key) => f.write_str(key),
            Self::Key(above, key) => write!(f, "{above}.{key}"),
            Self::Item(above, at) => write!(f, "{above}[{at}]"),
        }
    }
}

/// The way to a value inside another, spelled out.
pub(in crate::plan) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { [path, ".", key].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_spelled_as_it_is_joined() {
        for start in ["", "areas[0].checks[2]"] {
            let began = Way::Start(start);
            assert_eq!(began.to_string(), start);
            let key = Way::Key(&began, "http");
            assert_eq!(key.to_string(), join(start, "http"));
            let item = Way::Item(&key, 3);
            assert_eq!(Way::Key(&item, "url").to_string(), join(&format!("{}[3]", join(start, "http")), "url"));
            assert_eq!(Way::Item(&began, 1).to_string(), format!("{start}[1]"));
        }
    }
}
