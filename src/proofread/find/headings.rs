//! Which headings a locator's `under` names: a subsequence of the headings above a place.

use super::missing::{self, NONE, clipped, listed, nearest_to, quoted};
use crate::model::quote::NotThere;
use crate::proofread::document::{Document, ScopeKind};
use crate::proofread::locator::{Locator, Matcher};

/// How far down its `under` every heading of a document gets.
pub(in crate::proofread) struct Headings<'a> {
    under: &'a [Matcher],
    /// For each scope: how many of `under` it and the scopes around it match, in order.
    matched: Vec<usize>,
}

impl<'a> Headings<'a> {
    /// Looks at every heading once.
    pub(in crate::proofread) fn of(document: &Document, under: &'a [Matcher]) -> Self {
        let prepared: Vec<_> = under.iter().map(Matcher::prepared).collect();
        let mut matched: Vec<usize> = Vec::with_capacity(document.scopes.len());
        for scope in &document.scopes {
            let above = scope.parent.map_or(0, |parent| matched[parent]);
            let next = prepared.get(above).is_some_and(|next| next.matches(&scope.title, &scope.normal));
            matched.push(above + usize::from(next));
        }
        Self { under, matched }
    }

    /// An error when nothing stands under all of them.
    pub(super) fn check(&self, document: &Document, locator: &Locator) -> Result<(), NotThere> {
        if self.under.is_empty() || self.matched.contains(&self.under.len()) {
            return Ok(());
        }
        Err(self.missing(document, locator))
    }

    /// Does it stand under all of the headings?
    pub(in crate::proofread) fn reach(&self, scope: Option<usize>) -> bool {
        self.under.is_empty() || scope.is_some_and(|scope| self.matched[scope] == self.under.len())
    }

    /// The innermost heading that the locator names, for a sentence.
    pub(super) fn name(&self) -> String {
        self.under.last().map_or_else(|| "the document".to_owned(), quoted)
    }

    fn missing(&self, document: &Document, locator: &Locator) -> NotThere {
        let far = self.matched.iter().copied().max().unwrap_or_default();
        let wanted = &self.under[far];
        let parent = far.checked_sub(1).map_or_else(|| "the document".to_owned(), |above| quoted(&self.under[above]));
        let inside = |at: &usize| {
            let above = document.scopes[*at].parent.map_or(0, |parent| self.matched[parent]);
            above == far
        };
        let here: Vec<usize> = (0..document.scopes.len()).filter(inside).collect();
        let prepared = wanted.prepared();
        let elsewhere = (0..document.scopes.len()).filter(|at| !inside(at));
        let elsewhere =
            elsewhere.filter(|at| prepared.matches(&document.scopes[*at].title, &document.scopes[*at].normal));
        let entry = |at: usize| {
            let scope = &document.scopes[at];
            let above = scope.parent.map(|parent| format!(" under \"{}\"", clipped(&document.scopes[parent].title)));
            let under = above.filter(|_| far == 0 || !inside(&at)).unwrap_or_default();
            let what = if scope.kind == ScopeKind::Item { "item" } else { "heading" };
            format!("{what} \"{}\"{under} ({})", clipped(&scope.title), document.line(scope.start))
        };
        let meant = nearest_to(wanted, here.iter().map(|at| document.scopes[*at].title.as_str()));
        let is_meant = |at: &usize| meant == Some(document.scopes[*at].title.as_str());
        let near: Vec<usize> = match meant {
            Some(_) => here.into_iter().filter(is_meant).collect(),
            None => elsewhere
                .take(3)
                .chain(here.into_iter().filter(|at| document.scopes[*at].kind != ScopeKind::Item))
                .collect(),
        };
        let help = match meant {
            Some(meant) => format!("Did {} become \"{}\"?", quoted(wanted), clipped(meant)),
            None if missing::is_label(document, wanted) => {
                format!("{} is a label: it stands last in a locator, without a slash behind it.", quoted(wanted))
            }
            None => missing::ask_locate(&locator.doc),
        };
        let reason = format!("{parent} has no heading {}", quoted(wanted));
        missing::not_there(NONE, reason, listed(near.into_iter().map(entry)), help)
    }
}
