//! Digital Garden, as notes of an Obsidian vault that its plugin publishes. It publishes notes alone.

use crate::publish::site::{Dialect, Front, FrontForm, Key, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "obsidian-digital-garden",
    summary: "Obsidian Digital Garden, by its plugin: notes in a vault.",
    dialect: Dialect::Universal,
    front: &[
        Key::all("dg-publish", Front::Is(true)),
        Key::all("title", Front::Title),
        Key::all("tags", Front::Words(&["audit"])),
    ],
    front_form: FrontForm::Lines,
    shows_title: false,
    run: "{run}.md",
    latest: "{audit}-latest.md",
    index: "{audit}-audits.md",
    folder: "{run}",
    pictures: "",
    serves: Serves::Nothing,
    to_pages: Reach::Wiki,
    to_files: Reach::Nothing,
    to_pictures: Reach::Source,
    runs_front_matter: false,
    hint: "publish the notes with the plugin; the list of all audits is the note\n  {index}\n",
    lists: None,
};
