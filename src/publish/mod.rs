//! Pages of an audit for documentation sites: what differs between the kinds of site, and what is the same for all.
//!
//! A page is made from the report's own Markdown, read as a tree and written in what the site reads without change. It is a
//! function of the view, and asks nothing. Another kind of site is a file in `sites`, a row in [`SITES`] and a folder of
//! goldens; the command line, its help and the README follow.

mod badge;
mod entry;
mod escape;
mod evidence;
mod inline;
mod links;
mod pages;
mod seal;
pub mod site;
mod sites;
mod tree;
mod trend;
mod write;

pub use badge::badge;
pub use entry::Entry;
pub use evidence::published_name;
pub use links::{in_a_link, relative};
pub use pages::{BADGE, Place, Published, RECORD, TREND};
pub use seal::{is_ours, with_part};
pub use site::Site;
pub use sites::SITES;
pub use trend::trend;
