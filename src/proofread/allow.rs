//! What somebody allowed, and why: `<!-- countersign: allow RULE reason="..." until=2027-06-01 -->` before a block,
//! `allow-file` for the whole document, and `# countersign: allow ...` in the front matter.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::check::Settings;
use super::document::{BlockKind, Document, ScopeKind};
use super::finding::{Anchor, Finding, Level};
use super::rules::RULES;
use super::view::{Pattern, View, matches};

/// The rule under which mistakes in allowances are reported.
pub(super) const RULE: &str = "allow";

static COMMENT: Pattern =
    LazyLock::new(|| Regex::new(r"<!--\s*countersign:\s*(?P<word>allow(?:-file)?)\b(?P<rest>(?s:.*?))-->").ok());
static IN_FRONT: Pattern =
    LazyLock::new(|| Regex::new(r"(?m)^\s*#\s*countersign:\s*(?P<word>allow)\b(?P<rest>.*)$").ok());
static REASON: Pattern = LazyLock::new(|| Regex::new(r#"\breason="(?P<reason>[^"]*)""#).ok());
static UNTIL: Pattern = LazyLock::new(|| Regex::new(r"\buntil=(?P<until>\S+)").ok());

/// An allowance as written.
struct Allowance {
    /// Where it stands.
    at: Range<usize>,
    rules: Vec<String>,
    reason: Option<String>,
    until: Option<String>,
    /// What it is for: bytes of the document.
    covers: Range<usize>,
    used: bool,
}

/// Marks what is allowed among findings in the order of the document; a finding for each allowance that is wrong, expired or
/// of no use.
pub(super) fn apply(text: &str, settings: &Settings, findings: &mut [Finding]) -> Vec<Finding> {
    if !text.contains("countersign:") {
        return Vec::new();
    }
    // An allowance may be of what stands in another section.
    let document = &Document::parse(text);
    let view = View::of(document);
    let mut problems = Vec::new();
    for mut allowance in allowances(document) {
        match problem(&allowance, settings) {
            Some(problem) => problems.push(finding(&view, &allowance, problem)),
            None => {
                use_up(&mut allowance, findings);
                let looked_for = allowance.rules.iter().any(|rule| settings.level(rule) != Level::Off);
                if !allowance.used && looked_for {
                    problems.push(finding(
                        &view,
                        &allowance,
                        "this allows nothing: no finding of the rule is there".to_owned(),
                    ));
                }
            }
        }
    }
    problems
}

/// The findings are in the order of the document.
fn use_up(allowance: &mut Allowance, findings: &mut [Finding]) {
    let first = findings.partition_point(|finding| finding.start() < allowance.covers.start);
    let here = findings[first..].iter_mut().take_while(|finding| finding.start() < allowance.covers.end);
    for finding in here.filter(|finding| finding.allowed.is_none()) {
        if allowance.rules.iter().any(|rule| rule == finding.rule) {
            finding.allowed.clone_from(&allowance.reason);
            allowance.used = true;
        }
    }
}

/// Why an allowance does not hold.
fn problem(allowance: &Allowance, settings: &Settings) -> Option<String> {
    if allowance.rules.is_empty() {
        return Some("this allows no rule: write its name after \"allow\"".to_owned());
    }
    let unknown = allowance.rules.iter().find(|name| RULES.iter().all(|rule| rule.id != name.as_str()));
    if let Some(name) = unknown {
        return Some(format!("there is no rule \"{name}\""));
    }
    if allowance.reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
        return Some("this gives no reason: write reason=\"...\"".to_owned());
    }
    let until = allowance.until.as_ref()?;
    match until.parse::<jiff::civil::Date>() {
        Err(_) => Some(format!("\"{until}\" is no date: write until=2027-06-01")),
        Ok(date) if settings.today.is_some_and(|today| date < today) => Some(format!("this was allowed until {until}")),
        Ok(_) => None,
    }
}

fn finding(view: &View<'_>, allowance: &Allowance, message: String) -> Finding {
    let quoted = |range: &Range<usize>| {
        let text = view.document.text()[range.clone()].lines().next().unwrap_or_default();
        Anchor { bytes: range.clone(), text: text.chars().take(120).collect() }
    };
    let covers = allowance.covers.start..allowance.covers.start;
    Finding {
        rule: RULE,
        level: Level::Warning,
        message,
        claimed: quoted(&allowance.at).text,
        recomputed: String::new(),
        readings: Vec::new(),
        anchors: vec![quoted(&allowance.at), quoted(&covers)],
        under: view.under(allowance.at.start),
        allowed: None,
    }
}

fn allowances(document: &Document) -> Vec<Allowance> {
    let text = document.text();
    let mut found = Vec::new();
    for comment in COMMENT.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let Some(at) = comment.get(0).map(|whole| whole.range()) else { continue };
        // In code a comment is shown, and is an example.
        if is_shown(document, at.start) {
            continue;
        }
        let covers = if &comment["word"] == "allow-file" { 0..text.len() } else { covered(document, &at) };
        found.push(allowance(at, &comment["rest"], covers));
    }
    let front = document.blocks.iter().filter(|block| match block.kind {
        BlockKind::Code(fence) => document.fences[fence].language.as_deref() == Some("front-matter"),
        _ => false,
    });
    for block in front.filter(|block| matches(&IN_FRONT, block.shown.text())) {
        let shown = block.shown.text();
        let line = IN_FRONT.as_ref().and_then(|pattern| pattern.captures(shown));
        found.extend(line.map(|line| allowance(block.shown.source(0..shown.len()), &line["rest"], 0..text.len())));
    }
    found
}

fn allowance(at: Range<usize>, rest: &str, covers: Range<usize>) -> Allowance {
    let group = |pattern: &Pattern, name: &str| Some(pattern.as_ref()?.captures(rest)?.name(name)?.as_str().to_owned());
    let names = rest.split_whitespace().take_while(|word| !word.contains('=')).flat_map(|word| word.split(','));
    Allowance {
        at,
        rules: names.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        reason: group(&REASON, "reason"),
        until: group(&UNTIL, "until"),
        covers,
        used: false,
    }
}

/// Does the reader of the document see it: does it stand in code?
fn is_shown(document: &Document, byte: usize) -> bool {
    holder(document, byte).is_some_and(|index| document.blocks[index].shown.text().contains("countersign:"))
}

/// The block in whose source a byte stands.
fn holder(document: &Document, byte: usize) -> Option<usize> {
    let blocks = &document.blocks;
    let index = blocks.partition_point(|block| block.shown.start() <= byte).checked_sub(1)?;
    (end(document, index) > byte).then_some(index)
}

fn end(document: &Document, block: usize) -> usize {
    let shown = &document.blocks[block].shown;
    shown.source(0..shown.text().len()).end
}

/// The block that a comment stands in, or the next one: a paragraph, a whole list, a whole table, a code block.
fn covered(document: &Document, at: &Range<usize>) -> Range<usize> {
    let blocks = &document.blocks;
    if let Some(index) = holder(document, at.start) {
        return blocks[index].shown.start()..end(document, index);
    }
    let first = blocks.partition_point(|block| block.shown.start() < at.end);
    let Some(block) = blocks.get(first) else { return document.text().len()..document.text().len() };
    let start = block.shown.start();
    let in_item = |scope: Option<usize>| {
        document
            .path(scope)
            .any(|scope| document.scopes[scope].kind == ScopeKind::Item && document.scopes[scope].start >= start)
    };
    let belongs = |index: &usize| {
        let other = &blocks[*index];
        match (block.kind, other.kind) {
            (BlockKind::Cell { table, .. }, BlockKind::Cell { table: own, .. }) => table == own,
            (BlockKind::Code(fence), BlockKind::Code(own)) => fence == own,
            (BlockKind::Item, BlockKind::Item) => other.scope == block.scope || in_item(other.scope),
            (BlockKind::Item, _) => in_item(other.scope),
            _ => *index == first,
        }
    };
    let last = (first..blocks.len()).take_while(belongs).last().unwrap_or(first);
    let mut covers = start..end(document, last);
    if block.kind == BlockKind::Paragraph {
        // A paragraph may fall into several blocks.
        let text = document.text();
        covers.end = covers.end.max(text[start..].find("\n\n").map_or(text.len(), |blank| start + blank));
    }
    covers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofread::proofread;

    fn found(text: &str) -> Vec<(&'static str, bool, String)> {
        let settings = Settings { today: "2026-06-01".parse().ok(), ..Settings::default() };
        let done = proofread(text, &settings);
        done.findings.into_iter().map(|one| (one.rule, one.allowed.is_some(), one.message)).collect()
    }

    const WRONG: &str = "A: 31/33 (100%) passed.\n";

    #[test]
    fn an_allowance_with_a_reason_allows_what_stands_next() {
        for before in [
            "<!-- countersign: allow pct-of reason=\"two are known\" -->\n\n",
            "<!-- countersign: allow pct-of,row-rate reason=\"two are known\" until=2026-06-01 -->\n",
            "<!-- countersign: allow-file pct-of reason=\"two are known\" -->\n\n# Title\n\nText.\n\n",
            "---\ntitle: x\n# countersign: allow pct-of reason=\"two are known\"\n---\n\n",
        ] {
            assert_eq!(
                found(&format!("{before}{WRONG}")).iter().map(|one| (one.0, one.1)).collect::<Vec<_>>(),
                [("pct-of", true)],
                "{before}"
            );
        }
    }

    #[test]
    fn it_covers_a_whole_list_and_nothing_behind_it() {
        let text = "<!-- countersign: allow pct-of reason=\"known\" -->\n- one\n- 31/33 (100%)\n  - 21/22 (100%)\n\nAnd 11/12 (100%).\n";
        let all: Vec<_> = found(text).into_iter().map(|one| one.1).collect();
        assert_eq!(all, [true, true, false]);
    }

    #[test]
    fn a_wrong_allowance_is_a_finding_and_allows_nothing() {
        for (comment, message) in [
            ("allow pct-of", "gives no reason"),
            ("allow pct-of reason=\" \"", "gives no reason"),
            ("allow pct-off reason=\"x\"", "no rule \"pct-off\""),
            ("allow reason=\"x\"", "allows no rule"),
            ("allow pct-of reason=\"x\" until=soon", "\"soon\" is no date"),
            ("allow pct-of reason=\"x\" until=2026-05-31", "was allowed until 2026-05-31"),
        ] {
            let found = found(&format!("<!-- countersign: {comment} -->\n\n{WRONG}"));
            assert_eq!(found.len(), 2, "{comment}: {found:?}");
            assert!(found.iter().any(|one| one.0 == "allow" && one.2.contains(message)), "{comment}: {found:?}");
            assert!(found.iter().any(|one| one.0 == "pct-of" && !one.1), "{comment}: {found:?}");
        }
        let unused = found("<!-- countersign: allow pct-of reason=\"x\" -->\n\nAll is well.\n");
        assert!(unused[0].2.contains("allows nothing"), "{unused:?}");
    }

    #[test]
    fn an_example_in_code_is_none() {
        assert_eq!(found("```html\n<!-- countersign: allow pct-of -->\n```\n\n`<!-- countersign: allow x -->`\n"), []);
    }
}
