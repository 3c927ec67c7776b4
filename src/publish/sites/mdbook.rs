//! mdBook. It knows no front matter and shows only what SUMMARY.md names.

use crate::publish::site::{Dialect, FrontForm, Lists, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "mdbook",
    summary: "mdBook: pages in `src/`, named by SUMMARY.md.",
    dialect: Dialect::Universal,
    front: &[],
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
    hint: "in SUMMARY.md, where the audits shall stand; the lines between the marks are then kept up to date:\n",
    lists: Some(Lists { files: &["SUMMARY.md"], above: true }),
};
