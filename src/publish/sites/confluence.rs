//! Confluence, in its storage format: bodies to be sent to its REST interface.

use crate::publish::site::{Dialect, FrontForm, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "confluence",
    summary: "Confluence: bodies in storage format, for its REST interface.",
    dialect: Dialect::Storage,
    front: &[],
    front_form: FrontForm::Lines,
    shows_title: true,
    run: "{run}.xml",
    latest: "latest.xml",
    index: "index.xml",
    folder: "{run}",
    pictures: "",
    serves: Serves::Nothing,
    to_pages: Reach::Title,
    to_files: Reach::Nothing,
    to_pictures: Reach::Nothing,
    runs_front_matter: false,
    hint: "each file is the `body.storage.value` of a page, with `representation: \"storage\"`; the pages of run, latest and list are called\n  {titles}\n",
    lists: None,
};
