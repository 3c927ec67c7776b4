//! Markdown in a repository, as GitHub, GitLab and others show it.

use crate::publish::site::{Dialect, FrontForm, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "gfm",
    summary: "Markdown in a repository, as GitHub and GitLab show it.",
    dialect: Dialect::Universal,
    front: &[],
    front_form: FrontForm::Lines,
    shows_title: false,
    run: "{run}.md",
    latest: "latest.md",
    index: "README.md",
    folder: "{run}",
    pictures: "",
    serves: Serves::Beside,
    to_pages: Reach::Source,
    to_files: Reach::Source,
    to_pictures: Reach::Source,
    runs_front_matter: false,
    hint: "nothing; a link for the README:\n  [![Audit]({top link}/badge.svg)]({top link}/README.md)\n",
    lists: None,
};
