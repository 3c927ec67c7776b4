//! Jekyll, GitHub Pages and Just the Docs. It runs whatever begins with front matter, evidence too.

use crate::publish::site::{Dialect, Front, FrontForm, Key, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "jekyll",
    summary: "Jekyll, with GitHub Pages or Just the Docs: a folder for each page.",
    dialect: Dialect::Universal,
    front: &[
        Key::all("layout", Front::Text("default")),
        Key::all("title", Front::Title),
        Key::all("description", Front::Description),
        Key::run("parent", Front::IndexTitle),
        Key::index("has_children", Front::Is(true)),
        Key::run("nav_order", Front::Order),
        Key::all("render_with_liquid", Front::Is(false)),
    ],
    front_form: FrontForm::Lines,
    shows_title: false,
    run: "{run}/index.md",
    latest: "latest/index.md",
    index: "index.md",
    folder: "{run}",
    pictures: "",
    serves: Serves::Beside,
    to_pages: Reach::Address,
    to_files: Reach::Address,
    to_pictures: Reach::Address,
    runs_front_matter: true,
    hint: "nothing in _config.yml; the layout is `default`, and Just the Docs finds the pages by `parent`. A link for a menu:\n  [Audits]({folder link}/)\n",
    lists: None,
};
