//! Digital Garden, as notes in the repository that builds the site.

use crate::publish::site::{Dialect, Front, FrontForm, Key, Reach, Serves, Site, Static};

pub(super) const SITE: Site = Site {
    name: "obsidian-digital-garden-repository",
    summary: "Obsidian Digital Garden, in its repository: notes in `src/site/notes/`.",
    dialect: Dialect::Universal,
    front: &[
        Key::all("dg-publish", Front::Is(true)),
        Key::all("permalink", Front::Permalink),
        Key::all("title", Front::Title),
        Key::all("tags", Front::Words(&["audit"])),
    ],
    front_form: FrontForm::Object,
    shows_title: false,
    run: "{run}.md",
    latest: "latest.md",
    index: "index.md",
    folder: "{run}",
    pictures: "",
    serves: Serves::Static(Static { marks: &[".eleventy.js"], pages: "src/site/notes", folder: "src/site/img" }),
    to_pages: Reach::Rooted("/"),
    to_files: Reach::Rooted("/img/"),
    to_pictures: Reach::Rooted("/img/"),
    runs_front_matter: false,
    hint: "nothing; a link for a note:\n  [Audits](/{folder link}/)\n",
    lists: None,
};
