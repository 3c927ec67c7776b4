//! Eleventy 3. Its template languages are switched off for each page.

use crate::publish::site::{Dialect, Front, FrontForm, Key, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "eleventy",
    summary: "Eleventy: a folder for each page.",
    dialect: Dialect::Universal,
    front: &[
        Key::all("title", Front::Title),
        Key::all("description", Front::Description),
        Key::run("date", Front::Day),
        Key::all("tags", Front::Words(&["audits"])),
        Key::all("templateEngineOverride", Front::Text("md")),
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
    runs_front_matter: false,
    hint: "in eleventy.config.js, so that records and evidence are copied:\n  eleventyConfig.addPassthroughCopy(\"**/{folder}/**/*.{json,txt,svg}\");\n",
    lists: None,
};
