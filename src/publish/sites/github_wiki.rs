//! The wiki of a repository on GitHub: all pages in one folder, each named by its file.

use crate::publish::site::{Dialect, FrontForm, Lists, Reach, Serves, Site};

pub(super) const SITE: Site = Site {
    name: "github-wiki",
    summary: "GitHub's wiki: pages by name in the repository of the wiki.",
    dialect: Dialect::Universal,
    front: &[],
    front_form: FrontForm::Lines,
    shows_title: false,
    run: "Audit-{audit}-{run}.md",
    latest: "Audit-{audit}-latest.md",
    index: "Audits-{audit}.md",
    folder: "audits-{audit}/{run}",
    pictures: "audits-{audit}/",
    serves: Serves::Nothing,
    to_pages: Reach::Name,
    to_files: Reach::Nothing,
    to_pictures: Reach::Source,
    runs_front_matter: false,
    hint: "in _Sidebar.md or Home.md, where the audits shall stand; the lines between the marks are then kept up to date:\n",
    lists: Some(Lists { files: &["_Sidebar.md", "Home.md"], above: false }),
};
