//! VitePress. What is served as it is lies in `public/`.

use crate::publish::site::{Dialect, Front, FrontForm, Key, Reach, Serves, Site, Static};

pub(super) const SITE: Site = Site {
    name: "vitepress",
    summary: "VitePress: pages beside `.vitepress/`, files in `public/`.",
    dialect: Dialect::Universal,
    front: &[
        Key::all("title", Front::Title),
        Key::all("description", Front::Description),
        Key::all("outline", Front::Numbers(&[2, 3])),
        Key::all("editLink", Front::Is(false)),
    ],
    front_form: FrontForm::Lines,
    shows_title: false,
    run: "{run}.md",
    latest: "latest.md",
    index: "index.md",
    folder: "{run}",
    pictures: "",
    serves: Serves::Static(Static { marks: &[".vitepress"], pages: "", folder: "public" }),
    to_pages: Reach::Source,
    to_files: Reach::Rooted("/"),
    to_pictures: Reach::Rooted("/"),
    runs_front_matter: false,
    hint: "in .vitepress/config, under themeConfig.sidebar:\n  {text: \"Audits\", items: [{text: \"All\", link: \"/{folder}/\"}, {text: \"Latest\", link: \"/{folder}/latest\"}]}\n",
    lists: None,
};
