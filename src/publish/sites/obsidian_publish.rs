//! Obsidian Publish: notes of a vault on the service of its makers. It publishes notes and pictures.

use crate::publish::site::{Front, Key, Site};

pub(super) const SITE: Site = Site {
    name: "obsidian-publish",
    summary: "Obsidian Publish: notes in a vault.",
    front: &[
        Key::all("publish", Front::Is(true)),
        Key::all("title", Front::Title),
        Key::all("description", Front::Description),
        Key::all("tags", Front::Words(&["audit"])),
    ],
    hint: "publish the notes from Obsidian; the list of all audits is the note\n  {index}\n",
    // Notes of the same vault, under the same names.
    ..super::garden_vault::SITE
};
