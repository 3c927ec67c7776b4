//! jq's own definitions, read once, and which of them a filter needs. To compile all of them with every filter takes
//! most of a millisecond, which ten thousand checks would notice.

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use jaq_core::load::parse;

use super::LEFT_OUT;

type Def = parse::Def<&'static str>;

/// A definition, and the places of others that occur in it, looked for when it is first needed.
struct Known {
    def: Def,
    mentions: OnceLock<Vec<usize>>,
}

static ALL: LazyLock<Vec<Known>> =
    LazyLock::new(|| all().map(|def| Known { def, mentions: OnceLock::new() }).collect());

impl Known {
    fn mentions(&self) -> &[usize] {
        self.mentions.get_or_init(|| {
            // Every name stands in quotes in the debug form; what is a name and no call makes the list longer, never
            // shorter.
            let body = format!("{:?}", self.def.body);
            let words: BTreeSet<&str> = body.split('"').collect();
            (0..ALL.len()).filter(|at| words.contains(ALL[*at].def.name)).collect()
        })
    }
}

/// Everything that is part of the language here.
pub(super) fn all() -> impl Iterator<Item = Def> {
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    defs.filter(|def| !LEFT_OUT.contains(&def.name))
}

/// The definitions whose names occur in a filter, and those that they need, in their order.
pub(super) fn needed(text: &str) -> Vec<Def> {
    let all = &*ALL;
    let mut wanted = vec![false; all.len()];
    // As in names and formats (`@csv`): a word that is a field's name makes the list longer, never shorter.
    let words: BTreeSet<&str> = text.split(|next: char| !next.is_ascii_alphanumeric() && next != '_').collect();
    let is_named = |at: &usize| words.contains(all[*at].def.name.trim_start_matches('@'));
    let mut waiting: Vec<usize> = (0..all.len()).filter(is_named).collect();
    while let Some(at) = waiting.pop() {
        if !std::mem::replace(&mut wanted[at], true) {
            waiting.extend(all[at].mentions());
        }
    }
    all.iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(known, _)| known.def.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_gets_what_it_names_and_what_that_needs() {
        let names = |text| needed(text).iter().map(|def| def.name).collect::<Vec<_>>();
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
            assert!(super::super::build_with(&call, needed(&call)).is_ok(), "{call}");
        }
    }
}
