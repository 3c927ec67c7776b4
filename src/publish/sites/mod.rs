//! The kinds of site, a file each.

use super::site::Site;

mod confluence;
mod docusaurus;
mod eleventy;
mod garden_repository;
mod garden_vault;
mod gfm;
mod github_wiki;
mod hugo;
mod jekyll;
mod mdbook;
mod mkdocs;
mod obsidian_publish;
mod starlight;
mod vitepress;

/// Every kind of site, in the order in which they are listed.
pub const SITES: &[Site] = &[
    garden_vault::SITE,
    garden_repository::SITE,
    obsidian_publish::SITE,
    mkdocs::SITE,
    docusaurus::SITE,
    hugo::SITE,
    jekyll::SITE,
    vitepress::SITE,
    starlight::SITE,
    mdbook::SITE,
    eleventy::SITE,
    github_wiki::SITE,
    gfm::SITE,
    confluence::SITE,
];
