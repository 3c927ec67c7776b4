//! Under which name a piece of evidence is published, so that it is nothing but text to whoever serves it.

use base64::Engine as _;

use super::site::Site;
use crate::model::evidence::Blob;

/// How the name of a piece of evidence ends that is published in base64.
pub(crate) const IN_BASE64: &str = "-base64.txt";

/// The name and the bytes to publish a piece of evidence with. It ends in `.txt` and has no other dot: servers go by any of
/// the endings of a name, and sites by the last. A site that runs files which begin like front matter, whatever they are
/// called, is given these in base64.
pub fn published_name(site: &Site, blob: &Blob, bytes: &[u8]) -> (String, Option<Vec<u8>>) {
    let digest: String = blob.sha256.chars().take(16).filter(char::is_ascii_hexdigit).collect();
    let name = blob.file.strip_prefix(&digest).unwrap_or(&blob.file);
    let name = name.strip_suffix(".txt").unwrap_or(name);
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_matches('-');
    let joined = if name.is_empty() { digest } else { format!("{digest}-{name}") };
    if site.runs_front_matter && begins_like_front_matter(bytes) {
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes) + "\n";
        return (format!("{joined}{IN_BASE64}"), Some(encoded.into_bytes()));
    }
    (format!("{joined}.txt"), None)
}

fn begins_like_front_matter(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"---")
}

#[cfg(test)]
mod tests {
    use super::super::SITES;
    use super::*;

    fn blob(file: &str) -> Blob {
        Blob { sha256: "0123456789abcdef".repeat(4), ..Blob::named(file) }
    }

    fn site(name: &str) -> &'static Site {
        SITES.iter().find(|site| site.name == name).unwrap()
    }

    #[test]
    fn evidence_is_text_by_its_name() {
        let name = |file: &str| published_name(site("mkdocs"), &blob(file), b"x").0;
        assert_eq!(name("0123456789abcdef-index.html"), "0123456789abcdef-index-html.txt");
        assert_eq!(name("0123456789abcdef-a.md.txt"), "0123456789abcdef-a-md.txt");
        assert_eq!(name("0123456789abcdef-shell.php.txt"), "0123456789abcdef-shell-php.txt");
        assert_eq!(name("../../.htaccess"), "0123456789abcdef-htaccess.txt");
        assert_eq!(name("0123456789abcdef"), "0123456789abcdef.txt");
    }

    #[test]
    fn what_jekyll_would_run_is_given_to_it_in_another_form() {
        for front in ["---\nlayout: x\n---\n{% include secret.txt %}", "\u{feff}---\n", "\n---\n---\n"] {
            let (name, bytes) = published_name(site("jekyll"), &blob("0123456789abcdef-a.yaml"), front.as_bytes());
            assert_eq!(name, "0123456789abcdef-a-yaml-base64.txt");
            let bytes = bytes.unwrap();
            assert_eq!(base64::engine::general_purpose::STANDARD.decode(bytes.trim_ascii()).unwrap(), front.as_bytes());
            assert_eq!(published_name(site("hugo"), &blob("a"), front.as_bytes()).1, None);
        }
        assert_eq!(published_name(site("jekyll"), &blob("a"), b"a: 1\n---\n").1, None);
    }
}
