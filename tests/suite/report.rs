//! The documents, rendered from a record made by hand: every section, every kind of result, hostile captured text.

use std::path::{Path, PathBuf};

use countersign::model::evidence::Blob;
use countersign::model::record::Record;
use countersign::report::{self, Evidence, Templates, view::View};
use sha2::{Digest as _, Sha256};

pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// Evidence in a folder.
pub(crate) struct Folder(PathBuf);

impl Evidence for Folder {
    fn excerpt(&self, blob: &Blob) -> Option<Vec<u8>> {
        std::fs::read(self.0.join(&blob.file)).ok()
    }
}

pub(crate) fn sample() -> Record {
    serde_json::from_slice(&std::fs::read(fixture("records/sample/record.json")).unwrap()).unwrap()
}

pub(crate) fn view_of(record: &Record) -> View {
    let canonical = serde_json_canonicalizer::to_vec(record).unwrap();
    let digest: String = Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect();
    report::view(record, &digest, &Folder(fixture("records/sample/evidence"))).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "whether to rewrite golden files is said by the one who runs the tests")]
fn golden(path: &str, found: &str) {
    let path = fixture(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} differs: look at it after UPDATE_GOLDEN=1 cargo test", path.display());
}

#[test]
fn the_markdown_of_the_sample_is_the_one_in_the_repository() {
    golden("reports/sample.md", &report::markdown(&view_of(&sample()), &Templates::builtin()).unwrap());
}

#[test]
fn the_html_of_the_sample_is_the_one_in_the_repository() {
    golden("reports/sample.html", &report::html(&view_of(&sample()), &Templates::builtin()).unwrap());
}
