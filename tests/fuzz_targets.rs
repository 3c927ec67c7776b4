//! The fuzz targets without a fuzzer: each of their seeds as it is, and some two hundred times with a few bytes changed.
//!
//! A fuzzer finds more, and takes an hour and a build of its own for each; this much is looked at whenever the tests run.

#![expect(unused_attributes, reason = "what a program of the fuzzer needs means nothing in a module")]
#![expect(clippy::print_stderr, reason = "what a target cannot take is shown where it fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

// The targets take their macro from the crate of the fuzzer, which we are here.
extern crate self as libfuzzer_sys;

#[path = "../fuzz/fuzz_targets/audit.rs"]
mod audit;
#[path = "../fuzz/fuzz_targets/condition.rs"]
mod condition;
#[path = "../fuzz/fuzz_targets/coverage.rs"]
mod coverage;
#[path = "../fuzz/fuzz_targets/document.rs"]
mod document;
#[path = "../fuzz/fuzz_targets/flags.rs"]
mod flags;
#[path = "../fuzz/fuzz_targets/locator.rs"]
mod locator;
#[path = "../fuzz/fuzz_targets/printed.rs"]
mod printed;
#[path = "../fuzz/fuzz_targets/prometheus_rules.rs"]
mod prometheus_rules;
#[path = "../fuzz/fuzz_targets/proofread.rs"]
mod proofread;
#[path = "../fuzz/fuzz_targets/record.rs"]
mod record;
#[path = "../fuzz/fuzz_targets/rule_files.rs"]
mod rule_files;
#[path = "../fuzz/fuzz_targets/signoff.rs"]
mod signoff;
#[path = "../fuzz/fuzz_targets/templates.rs"]
mod templates;
#[path = "../fuzz/fuzz_targets/test_results.rs"]
mod test_results;
#[path = "../fuzz/fuzz_targets/vulnerabilities.rs"]
mod vulnerabilities;
#[path = "../fuzz/fuzz_targets/xml_rpc.rs"]
mod xml_rpc;

/// Changed inputs for each target.
const CHANGED: u64 = 200;
/// Longest input, in bytes; some targets take time that grows with it, and these tests are not optimised.
const LONGEST: usize = 4_096;

static SEEDS: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seed");
    let seeded = Command::new(&script).arg(folder.path()).status().expect("fuzz/seed starts");
    assert!(seeded.success(), "fuzz/seed: {seeded}");
    folder
});

/// Gives a target its seeds and what is like them. What it cannot take is said before it ends.
fn takes(module: &str, target: impl Fn(&[u8])) {
    let name = module.rsplit("::").next().expect("a name");
    let mut seeds: Vec<Vec<u8>> =
        paths(&SEEDS.path().join(name)).iter().map(|path| fs::read(path).expect("a seed")).collect();
    assert!(!seeds.is_empty(), "fuzz/seed has nothing for {name}");
    seeds.iter_mut().for_each(|seed| seed.truncate(LONGEST));
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let changed = (0..CHANGED).map(|_| dice.changed(&seeds)).collect::<Vec<_>>();
    for input in seeds.iter().take(200).chain(&changed) {
        let shown = Shown(name, input);
        target(input);
        std::mem::forget(shown);
    }
}

/// Shows an input when the target that takes it panics.
struct Shown<'a>(&'a str, &'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        eprintln!("{} does not take \"{}\"", self.0, self.1.escape_ascii());
    }
}

/// The same numbers in every run (xorshift64*), so that what is found once is found again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).expect("31 bits") % end.max(1)
    }

    /// One of the seeds with up to four changes.
    fn changed(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            let from = self.below(input.len());
            let to = (from + self.below(16)).min(input.len());
            match self.below(5) {
                0 => input.truncate(to),
                1 => drop(input.drain(from..to)),
                2 => input.extend_from_within(from..to),
                3 => drop(input.splice(from..to, ODD[self.below(ODD.len())].bytes())),
                _ => {
                    let other = &seeds[self.below(seeds.len())];
                    let at = self.below(other.len());
                    drop(input.splice(from..to, other[at..].iter().take(64).copied()));
                }
            }
        }
        input.truncate(LONGEST);
        input
    }
}

/// What parsers stumble over.
const ODD: &[&str] = &[
    "",
    "\0",
    "\n",
    "\r",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "é",
    "٣",
    "💥",
    "-1",
    "0",
    "00",
    "1e999",
    "9223372036854775808",
    "NaN",
    "99999999999999999999999999999999",
    "1/0",
    "100%",
    "[[[[[[[[",
    "{{{{",
    "<![CDATA[",
    "&lol;",
    "&a *a",
    "|",
    "`",
    "# ",
    "---",
    "...",
    "\\u",
    "\"",
    "'",
    ": ",
    "- ",
    "\t",
    ",",
    "..",
    "~",
];

fn paths(folder: &Path) -> BTreeSet<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn every_target_is_taken_from_its_file() {
    let source = include_str!("fuzz_targets.rs");
    for path in paths(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets")) {
        let name = path.file_name().expect("a name").to_string_lossy();
        assert!(source.contains(&format!("fuzz_targets/{name}\"]")), "no test runs {name}");
    }
}

// At the end of the file, so that the targets have it by its name in the crate, as they say.
/// A target as a test. Where it wants text, bytes that are none are passed over.
#[macro_export]
macro_rules! fuzz_target {
    (|$bytes:ident: &[u8]| $body:block) => {
        #[test]
        fn takes_what_is_like_its_seeds() {
            $crate::takes(module_path!(), |$bytes: &[u8]| $body);
        }
    };
    (|$text:ident: &str| $body:block) => {
        #[test]
        fn takes_what_is_like_its_seeds() {
            $crate::takes(module_path!(), |bytes: &[u8]| {
                let Ok($text) = std::str::from_utf8(bytes) else { return };
                $body
            });
        }
    };
}
