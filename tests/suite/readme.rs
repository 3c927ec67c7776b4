//! What the README shows is what the program prints.

use std::fs;

use crate::support::{countersign, golden, ran, repository};

/// The README with the text between `<!-- NAME: begin ... -->` and `<!-- NAME: end -->` replaced.
fn with(readme: &str, name: &str, text: &str) -> String {
    let begin = readme.find(&format!("<!-- {name}: begin")).expect("a begin marker");
    let from = begin + readme[begin..].find("-->\n").expect("its end") + 4;
    let to = readme.find(&format!("<!-- {name}: end -->")).expect("an end marker");
    format!("{}{text}{}", &readme[..from], &readme[to..])
}

#[test]
fn its_tables_are_what_the_program_prints() {
    let path = repository().join("README.md");
    let mut readme = fs::read_to_string(&path).expect("a README");
    for (name, known) in [("kinds", "service-uptime"), ("formats", "junit")] {
        let table = ran(countersign().args([name, "--markdown"])).stdout;
        assert!(table.contains(known), "{table}");
        readme = with(&readme, name, &format!("\n{table}\n"));
    }
    golden(&path, &readme);
}

#[test]
fn the_audit_file_it_shows_is_valid() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    let example = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let place = tempfile::tempdir().expect("a scratch folder");
    fs::write(place.path().join("audit.yaml"), example).expect("a file");
    let ran = ran(countersign().arg("lint").arg(place.path()));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
