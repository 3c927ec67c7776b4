//! MkDocs with Material or its bare theme, and Zensical, which builds the same pages.

use crate::publish::site::{Dialect, Front, FrontForm, Key, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "mkdocs",
    summary: "MkDocs, with or without Material, and Zensical: pages in `docs/`.",
    dialect: Dialect::Universal,
    front: &[Key::all("title", Front::Title), Key::all("description", Front::Description)],
    front_form: FrontForm::Lines,
    shows_title: false,
    run: "{run}.md",
    latest: "latest.md",
    index: "index.md",
    folder: "{run}",
    pictures: "",
    serves: Serves::Beside,
    to_pages: Reach::Source,
    to_files: Reach::Source,
    to_pictures: Reach::Source,
    runs_front_matter: false,
    hint: "in mkdocs.yml, unless it has no `nav`:\n  nav:\n    - Audits:\n      - {index}\n      - {latest}\n",
    lists: None,
};
