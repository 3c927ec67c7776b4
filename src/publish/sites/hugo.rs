//! Hugo. It drops raw HTML from Markdown, so pages are HTML; each is a bundle with its files in it.

use crate::publish::site::{Dialect, Front, FrontForm, Key, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "hugo",
    summary: "Hugo: page bundles in `content/`.",
    dialect: Dialect::Html,
    front: &[
        Key::all("title", Front::Title),
        Key::run("date", Front::Moment),
        Key::all("draft", Front::Is(false)),
        Key::run("weight", Front::Order),
        Key::all("summary", Front::Description),
    ],
    front_form: FrontForm::Lines,
    shows_title: true,
    run: "{run}/index.html",
    latest: "latest/index.html",
    index: "_index.html",
    folder: "{run}",
    pictures: "",
    serves: Serves::Beside,
    to_pages: Reach::Address,
    to_files: Reach::Address,
    to_pictures: Reach::Address,
    runs_front_matter: false,
    hint: "in hugo.toml, for a menu:\n  [[menus.main]]\n    name = \"Audits\"\n    pageRef = \"/{folder}\"\n",
    lists: None,
};
