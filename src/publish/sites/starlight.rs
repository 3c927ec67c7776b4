//! Starlight on Astro. It shows the title of each page itself and resolves no links between files.

use crate::publish::site::{Dialect, Front, FrontForm, Key, Reach, Serves, Site, Static};

pub(super) const SITE: Site = Site {
    name: "starlight",
    summary: "Starlight: pages in `src/content/docs/`, files in `public/`.",
    dialect: Dialect::Universal,
    front: &[
        Key::all("title", Front::Title),
        Key::all("description", Front::Description),
        Key::all("editUrl", Front::Is(false)),
        Key::all("sidebar", Front::OrderBelow("order")),
    ],
    front_form: FrontForm::Lines,
    shows_title: true,
    run: "{run}.md",
    latest: "latest.md",
    index: "index.md",
    folder: "{run}",
    pictures: "",
    serves: Serves::Static(Static {
        marks: &["astro.config.mjs", "astro.config.js", "astro.config.ts", "astro.config.mts"],
        pages: "src/content/docs",
        folder: "public",
    }),
    to_pages: Reach::Address,
    to_files: Reach::Address,
    to_pictures: Reach::Address,
    runs_front_matter: false,
    hint: "in astro.config, in the list `sidebar`:\n  {label: \"Audits\", items: [{autogenerate: {directory: \"{folder}\"}}]}\n",
    lists: None,
};
