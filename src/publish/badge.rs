//! The status badge: one picture with its own text, no fonts and no script.

use super::entry::Entry;
use super::escape;
use super::seal::sealed;

const LABEL: &str = "audit";
/// Behind the label, and behind a verdict of each tone. White on any of these has a contrast of 4.5 and more.
const LABEL_GROUND: &str = "#3d444d";
const GROUNDS: &[(&str, &str)] = &[("good", "#1a7f37"), ("warn", "#8a5a00"), ("bad", "#b3261e")];
const OTHER_GROUND: &str = "#57606a";
/// Width of a character, and the room at each end, in pixels.
const CHARACTER: usize = 7;
const ROOM: usize = 7;

/// What the badge says, for those who do not see it.
pub(crate) fn described(entry: &Entry) -> String {
    format!("Audit: {}", entry.sentence())
}

/// The badge of a run.
pub fn badge(entry: &Entry) -> String {
    let score = entry.score_words().map(|score| format!(" {score}")).unwrap_or_default();
    let verdict = format!("{}{score}", entry.verdict.word);
    let ground =
        GROUNDS.iter().find(|(tone, _)| *tone == entry.verdict.tone).map_or(OTHER_GROUND, |(_, ground)| ground);
    let text = |text: &str| text.chars().count() * CHARACTER;
    let (left, right) = (text(LABEL) + 2 * ROOM, text(&verdict) + 2 * ROOM);
    let all = left + right;
    let said = escape::xml(&described(entry));
    // The length of a text is set, so that it fits whatever face it is drawn in.
    let word = |x: usize, text_of: &str| {
        format!(
            "  <text x=\"{}\" y=\"14\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>\n",
            x + ROOM,
            text(text_of),
            escape::xml(text_of)
        )
    };
    sealed(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" viewBox=\"0 0 {all} 20\" role=\"img\" \
         aria-label=\"{said}\">\n  <title>{said}</title>\n  <rect width=\"{all}\" height=\"20\" rx=\"3\" \
         fill=\"{LABEL_GROUND}\"/>\n  <path d=\"M{left} 0h{}a3 3 0 0 1 3 3v14a3 3 0 0 1 -3 3h-{}z\" fill=\"{ground}\"/>\n\
         \x20 <g fill=\"#ffffff\" font-family=\"Verdana, DejaVu Sans, sans-serif\" font-size=\"11\">\n{}{}  </g>\n</svg>\n",
        right - 3,
        right - 3,
        word(0, LABEL),
        word(left, &verdict),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        let linear = |part: f64| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5))
    }

    #[test]
    fn white_can_be_read_on_every_ground() {
        for ground in GROUNDS.iter().map(|(_, ground)| *ground).chain([LABEL_GROUND, OTHER_GROUND]) {
            let contrast = 1.05 / (luminance(ground) + 0.05);
            assert!(contrast >= 4.5, "{ground}: {contrast:.2}");
        }
    }
}
