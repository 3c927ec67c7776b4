//! `countersign publish`: pages of audits for a documentation site. What the pages say is asked of `crate::publish`; here is
//! which files are read, compared and written.

mod bundle;
mod emptied;
mod ground;
mod shelf;
mod writing;

use std::fs;
use std::path::Path;

use self::ground::Ground;
use self::shelf::Shelf;
use self::writing::{Change, Writing};
use super::arguments::{HowMuch, Publish};
use super::{Exit, Failure, terminal};
use crate::publish::site::Serves;
use crate::publish::{BADGE, Entry, Place, SITES, Site, TREND, badge, in_a_link, relative, trend, with_part};
use crate::record::bundle::hold;

/// Publishes bundles.
pub(crate) fn publish(arguments: &Publish, quiet: bool) -> Result<Exit, Failure> {
    let (Some(name), Some(to)) = (&arguments.site, &arguments.to) else {
        terminal::exact(&if arguments.markdown { markdown_table() } else { list() })?;
        return Ok(Exit::Clean);
    };
    let site = SITES.iter().find(|site| site.name == name).ok_or_else(|| {
        Failure::new(
            format!("there is no kind of site \"{name}\""),
            "`countersign publish --list` says which there are",
        )
    })?;
    let evidence = how_much(site, arguments.evidence)?;
    let ground = Ground::find(site, to, arguments.static_files.as_deref())?;
    let mut opened = Vec::new();
    for directory in &arguments.bundles {
        match bundle::open(directory)? {
            Ok(bundle) => opened.push(bundle),
            Err(damaged) => {
                terminal::failure(&damaged);
                return Ok(Exit::NotIntact);
            }
        }
    }
    let _held = if arguments.dry_run { None } else { Some(held(&ground.pages)?) };
    let place = Place { site, section: &ground.section };
    let mut shelf = Shelf::read(site, &ground)?;
    let mut writing = Writing::new(&ground);
    for bundle in &opened {
        let added = bundle::add(&place, bundle, evidence, &mut shelf, &mut writing)?;
        if let (Some(said), false) = (added, quiet) {
            terminal::message(&format!("{said}\n"));
        }
    }
    let entries = shelf.sorted()?;
    let Some(newest) = entries.first() else {
        emptied::emptied(&place, &ground, &mut writing)?;
        let changes = writing.finish(arguments.dry_run)?;
        if changes.is_empty() {
            return Err(Failure::new(
                format!("there is no run in \"{}\"", to.display()),
                "name the bundle to publish, as `countersign run` wrote it",
            ));
        }
        if !quiet || arguments.dry_run {
            say(&changes, arguments.dry_run)?;
        }
        return Ok(Exit::Clean);
    };
    let told = about_all(&place, &ground, &entries, &mut writing)?;
    let changes = writing.finish(arguments.dry_run)?;
    if !quiet || arguments.dry_run {
        say(&changes, arguments.dry_run)?;
    }
    if !quiet {
        if changes.is_empty() {
            terminal::message("everything is there already: nothing was written\n");
        }
        if let Some(lines) = told {
            terminal::message(&format!("\n{}{lines}", place.hint(newest, &ground.folder, &ground.in_repository())));
        }
    }
    Ok(Exit::Clean)
}

/// How much evidence to publish: as much as the site can, unless it was said.
fn how_much(site: &Site, said: Option<HowMuch>) -> Result<HowMuch, Failure> {
    match (said, site.serves) {
        (Some(HowMuch::Files), Serves::Nothing) => Err(Failure::new(
            format!("a site of kind \"{}\" does not give out files, so evidence cannot be published there", site.name),
            "leave --evidence out, or use --evidence excerpts or none",
        )),
        (Some(said), _) => Ok(said),
        (None, Serves::Nothing) => Ok(HowMuch::Excerpts),
        (None, _) => Ok(HowMuch::Files),
    }
}

/// No two may write there at the same time.
fn held(pages: &Path) -> Result<crate::record::bundle::Held, Failure> {
    fs::create_dir_all(pages).map_err(|error| writing::unwritable(pages, &error))?;
    hold(pages).map_err(|problem| Failure::new(problem.to_string(), problem.help()))
}

/// The pages about all runs. What comes back are the lines to show with the hint of the site; `None` where nobody needs it.
fn about_all(
    place: &Place<'_>,
    ground: &Ground,
    entries: &[Entry],
    writing: &mut Writing<'_>,
) -> Result<Option<String>, Failure> {
    let Some(newest) = entries.first() else { return Ok(None) };
    let site = place.site;
    writing.sealed(ground.files.join(place.picture(newest, BADGE)), badge(newest))?;
    let line = ground.files.join(place.picture(newest, TREND));
    match trend(entries) {
        Some(trend) => writing.sealed(line, trend)?,
        None => writing.unmade(line),
    }
    writing.sealed(ground.pages.join(newest.latest(site)), place.latest_page(newest))?;
    let index = ground.pages.join(newest.index(site));
    let first = !index.exists();
    let page = place.index_page(entries).unwrap_or_default();
    let part = place.index_part(entries).unwrap_or_default();
    writing.listed(index, page, &part)?;
    if site.lists.is_none() {
        return Ok(first.then(String::new));
    }
    let lines = keep_lists(place, ground, &newest.index(site), entries, writing);
    Ok(lines.map(|lines| format!("<!-- countersign:begin -->\n{lines}<!-- countersign:end -->\n")))
}

/// Writes the lists of pages that others keep, where they have our marks; where none has, the lines that would stand there.
fn keep_lists(
    place: &Place<'_>,
    ground: &Ground,
    index: &str,
    entries: &[Entry],
    writing: &mut Writing<'_>,
) -> Option<String> {
    let lists = place.site.lists?;
    let mut kept = false;
    for name in lists.files {
        let mut folders = ground.pages.ancestors().take(if lists.above { usize::MAX } else { 1 });
        let Some(folder) = folders.find(|folder| folder.join(name).is_file()) else { continue };
        let file = folder.join(name);
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let below = place.list_part(index, entries, &ground.below(folder));
        if let Some(text) = with_part(&text, &below, false) {
            writing.part(file, text);
            kept = true;
        }
    }
    let below = lists.above.then(|| ground.pages.ancestors().find(|folder| folder.join(lists.files[0]).is_file()));
    let below = below.flatten().map_or_else(|| ground.below(&ground.pages), |folder| ground.below(folder));
    (!kept).then(|| place.list_part(index, entries, &below))
}

/// One line for each file, to standard output.
fn say(changes: &[Change], dry: bool) -> Result<(), Failure> {
    let here = std::env::current_dir().unwrap_or_default();
    let lines: String = changes
        .iter()
        .map(|change| {
            let path = change.path.strip_prefix(&here).unwrap_or(&change.path);
            format!(
                "{}{:<8} {}\n",
                if dry { "would be " } else { "" },
                change.what,
                terminal::visible(&path.display().to_string())
            )
        })
        .collect();
    terminal::data(&lines)
}

/// The kinds of site, one line each.
fn list() -> String {
    let width = SITES.iter().map(|site| site.name.len()).max().unwrap_or_default();
    SITES.iter().map(|site| format!("{:width$}  {}\n", site.name, site.summary)).collect()
}

/// The kinds of site as a Markdown table.
fn markdown_table() -> String {
    let mut text = "| site | what for | page of a run |\n| --- | --- | --- |\n".to_owned();
    for site in SITES {
        text.push_str(&format!("| `{}` | {} | `{}` |\n", site.name, site.summary, site.run));
    }
    text
}

/// The way from a folder to another, with slashes, one that a Markdown link takes.
fn way(from: &Path, to: &Path) -> String {
    let parts =
        |path: &Path| path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>();
    let way = relative(&parts(from).join("/"), &parts(to).join("/"));
    let way = if way == "." { String::new() } else { format!("{way}/") };
    in_a_link(&way)
}
