//! jq's own definitions, read once, and which of them a filter needs. To compile all of them with every filter takes
//! most of a millisecond, which ten thousand checks would notice.

use std::collections::BTreeSet;
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

static ALL: LazyLock<Vec<Known>> = LazyLock::new(|| all().map(|def| Known { def, words: OnceLock::new() }).collect());

impl Known {
    /// Every name stands in quotes in the debug form; what is a name and no call makes the list longer, never shorter.
    fn words(&self) -> &BTreeSet<String> {
        self.words.get_or_init(|| format!("{:?}", self.def.body).split('"').map(str::to_owned).collect())
    }
}

/// What a filter needs of the language.
pub(super) struct Needed<'t> {
    words: BTreeSet<&'t str>,
    /// Of which definitions, in their order.
    wanted: Vec<bool>,
}

impl Needed<'_> {
    /// The definitions.
    pub(super) fn defs(&self) -> Vec<Def> {
        let wanted = ALL.iter().zip(&self.wanted).filter(|(_, wanted)| **wanted);
        wanted.map(|(known, _)| known.def.clone()).collect()
    }

    /// What is not written in the language itself.
    pub(super) fn functions(&self) -> impl Iterator<Item = native::Fun<Data>> {
        functions().filter(|(name, ..)| self.names(name))
    }

    /// Does the filter, or a definition that it needs, name this?
    fn names(&self, name: &str) -> bool {
        self.words.contains(name.trim_start_matches('@'))
    }
}

/// Everything that is part of the language here.
pub(super) fn all() -> impl Iterator<Item = Def> {
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    defs.filter(|def| !LEFT_OUT.contains(&def.name))
}

/// What occurs in a filter by name, and what that needs.
pub(super) fn needed(text: &str) -> Needed<'_> {
    // As in names and formats (`@csv`): a word that is a field's name makes the list longer, never shorter.
    let words = text.split(|next: char| !next.is_ascii_alphanumeric() && next != '_').collect();
    let mut needed = Needed { words, wanted: vec![false; ALL.len()] };
    let mut found = true;
    while std::mem::take(&mut found) {
        for (at, known) in ALL.iter().enumerate() {
            if !needed.wanted[at] && needed.names(known.def.name) {
                needed.wanted[at] = true;
                needed.words.extend(known.words().iter().map(|word| word.trim_start_matches('@')));
                found = true;
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
