//! jq's own definitions, read once, and which of them a filter needs. To compile all of them with every filter takes
//! most of a millisecond, which ten thousand checks would notice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

use jaq_core::load::parse;
use jaq_core::native;

use super::{Data, LEFT_OUT, functions};

type Def = parse::Def<&'static str>;

/// A definition, with the words of its body, looked for when it is first needed.
struct Known {
    def: Def,
    words: OnceLock<BTreeSet<String>>,
}

static DEFINED: LazyLock<Vec<Known>> =
    LazyLock::new(|| all().map(|def| Known { def, words: OnceLock::new() }).collect());

/// Where in [`DEFINED`] and in [`functions`] a name stands, without its `@`: once for each number of arguments.
#[derive(Default)]
struct Places {
    defined: Vec<usize>,
    native: Vec<usize>,
}

static NAMED: LazyLock<BTreeMap<&'static str, Places>> = LazyLock::new(|| {
    let mut named: BTreeMap<_, Places> = BTreeMap::new();
    for (at, known) in DEFINED.iter().enumerate() {
        named.entry(bare(known.def.name)).or_default().defined.push(at);
    }
    for (at, (name, ..)) in functions().enumerate() {
        named.entry(bare(name)).or_default().native.push(at);
    }
    named
});

/// A name without what makes a format of it: `csv` of `@csv`.
fn bare(name: &str) -> &str {
    name.trim_start_matches('@')
}

impl Known {
    /// Every name stands in quotes in the debug form; what is a name and no call makes the list longer, never shorter.
    fn words(&self) -> &BTreeSet<String> {
        self.words.get_or_init(|| format!("{:?}", self.def.body).split('"').map(|word| bare(word).to_owned()).collect())
    }
}

/// What a filter needs of the language, by its places there, in their order.
#[derive(Default)]
pub(super) struct Needed {
    defined: BTreeSet<usize>,
    native: BTreeSet<usize>,
}

impl Needed {
    /// The definitions.
    pub(super) fn defs(&self) -> Vec<Def> {
        self.defined.iter().map(|at| DEFINED[*at].def.clone()).collect()
    }

    /// What is not written in the language itself.
    pub(super) fn functions(&self) -> impl Iterator<Item = native::Fun<Data>> {
        // They cannot be copied, and to make all of them takes longer than most filters do.
        let made = if self.native.is_empty() { None } else { Some(functions()) };
        made.into_iter().flatten().enumerate().filter(|(at, _)| self.native.contains(at)).map(|(_, function)| function)
    }
}

/// Everything that is part of the language here.
pub(super) fn all() -> impl Iterator<Item = Def> {
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    defs.filter(|def| !LEFT_OUT.contains(&def.name))
}

/// What occurs in a filter by name, and what that needs.
pub(super) fn needed(text: &str) -> Needed {
    // As in names and formats (`@csv`): a word that is a field's name makes the list longer, never shorter.
    let mut words: Vec<&str> = text.split(|next: char| !next.is_ascii_alphanumeric() && next != '_').collect();
    let mut needed = Needed::default();
    while let Some(word) = words.pop() {
        let Some(places) = NAMED.get(word) else { continue };
        needed.native.extend(&places.native);
        for at in &places.defined {
            if needed.defined.insert(*at) {
                words.extend(DEFINED[*at].words().iter().map(String::as_str));
            }
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_gets_what_it_names_and_what_that_needs() {
        let names = |text| needed(text).defs().iter().map(|def| def.name).collect::<Vec<_>>();
        assert!(names(".a.b + 1").is_empty());
        assert!(names(".valuesmap + 1").is_empty());
        assert!(names("map(.a)").contains(&"map"));
        let text = names("[.[] | todate] | unique_by(.)");
        assert!(text.contains(&"unique_by") && text.contains(&"todate"), "{text:?}");
        assert!(text.len() < all().count(), "{text:?}");
    }

    #[test]
    fn every_definition_compiles_with_no_more_than_it_needs() {
        for def in all() {
            let arguments = vec!["."; def.args.len()].join("; ");
            let call = if def.args.is_empty() { def.name.to_owned() } else { format!("{}({arguments})", def.name) };
            let needed = needed(&call);
            assert!(super::super::build_with(&call, needed.defs(), needed.functions()).is_ok(), "{call}");
        }
    }
}
