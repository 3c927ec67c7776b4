//! How a file is known again as ours. A page ends in a line with the digest of all before it: as long as that is right,
//! nobody but us has written it. In a list that others may write in, ours stands between two marks.

use crate::model::digest::sha256;

const SEAL: &str = "<!-- countersign: written by it, sha256 ";
const BEGIN: &str = "<!-- countersign:begin -->";
const END: &str = "<!-- countersign:end -->";

/// A text with the line that seals it.
pub(crate) fn sealed(text: &str) -> String {
    // In Markdown a line below a paragraph would be a part of it.
    let text = format!("{text}\n");
    format!("{text}{SEAL}{} -->\n", sha256(text.as_bytes()))
}

/// Is it, byte for byte, what was sealed?
pub fn is_ours(text: &str) -> bool {
    let Some((before, line)) = text.rfind(SEAL).map(|at| text.split_at(at)) else { return false };
    line.strip_prefix(SEAL).and_then(|rest| rest.strip_suffix(" -->\n")) == Some(sha256(before.as_bytes()).as_str())
}

/// A part between our marks, each in a line of its own.
pub(crate) fn marked(part: &str) -> String {
    format!("{BEGIN}\n\n{}\n\n{END}\n", part.trim_end())
}

/// A text with another part between the marks in it; `None` where there are none, or one alone, or several.
pub fn with_part(text: &str, part: &str, spaced: bool) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    if before.contains(END) || after.contains(BEGIN) || after.contains(END) {
        return None;
    }
    let gap = if spaced { "\n\n" } else { "\n" };
    Some(format!("{before}{BEGIN}{gap}{}{gap}{END}{after}", part.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_somebody_changed_is_not_ours() {
        let page = sealed("# Title\n");
        assert!(is_ours(&page));
        assert!(!is_ours(&page.replace("Title", "Other")));
        assert!(!is_ours(&format!("{page}more")));
        assert!(!is_ours("# Title\n"));
    }

    #[test]
    fn only_what_stands_between_the_marks_changes() {
        let text = format!("mine\n{}yours\n", marked("old"));
        assert_eq!(with_part(&text, "new\n", true).unwrap(), format!("mine\n{}yours\n", marked("new")));
        assert_eq!(with_part(&text, "old", true).unwrap(), text);
        for none in ["", BEGIN, END, &format!("{END}{BEGIN}"), &format!("{BEGIN}{BEGIN}{END}{END}")] {
            assert_eq!(with_part(none, "x", true), None, "{none}");
        }
    }
}
