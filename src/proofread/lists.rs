//! The lists of a document: which items stand side by side, and what they stand under. A list in a code block counts as
//! one too, and says so.

use std::collections::BTreeMap;

use super::document::{BlockKind, Document};

/// Items that stand side by side.
#[derive(Debug, Clone, Default)]
pub(super) struct List {
    /// The block right before the first item, which may announce it.
    pub(super) lead: Option<usize>,
    /// The blocks of the items.
    pub(super) items: Vec<usize>,
    /// Does it stand in a code block?
    pub(super) in_code: bool,
}

/// Every list, in the order of its first item.
pub(super) fn lists(document: &Document) -> Vec<List> {
    let mut lists: Vec<List> = Vec::new();
    let mut open: BTreeMap<Option<usize>, usize> = BTreeMap::new();
    let mut code: Option<(usize, usize)> = None;
    for (index, block) in document.blocks.iter().enumerate() {
        let lead = index.checked_sub(1);
        match block.kind {
            BlockKind::Item => match open.get(&block.scope) {
                Some(list) => lists[*list].items.push(index),
                None => {
                    open.insert(block.scope, lists.len());
                    lists.push(List { lead, items: vec![index], in_code: false });
                }
            },
            BlockKind::Heading => open.clear(),
            BlockKind::Code(fence) => {
                if !is_item(block.shown.text()) {
                    code = None;
                } else if let Some((_, list)) = code.filter(|(last, _)| *last == fence) {
                    lists[list].items.push(index);
                } else {
                    let lead = lead.filter(|lead| document.blocks[*lead].kind == block.kind);
                    code = Some((fence, lists.len()));
                    lists.push(List { lead, items: vec![index], in_code: true });
                }
            }
            // What belongs to an item stands in its scope; anything else ends the list.
            BlockKind::Paragraph | BlockKind::Cell { .. } => {
                open.remove(&block.scope);
            }
        }
    }
    lists
}

/// Does a line of code begin like an item?
fn is_item(line: &str) -> bool {
    line.trim_start().strip_prefix(['-', '*', '•']).is_some_and(|rest| rest.starts_with(' '))
}
