//! Which results of a run are the same test run again: it keeps a number of eight bytes for each result, never a name.

use super::test_run::{Counts, Outcome};

/// Results beyond which repeats are no longer looked for: 32 MB of keys.
const MAX_KEYS: usize = 4_000_000;

/// Results, each with the test that it is of.
#[derive(Debug, Clone, Default)]
pub struct Repeats {
    /// Each result counted.
    each: Counts,
    /// One for each result: 61 bits of a hash of its name, then whether it is flaky, then its outcome.
    keys: Vec<u64>,
    too_many: bool,
}

impl Repeats {
    /// Takes in one result. `key` is the [`key`] of its test.
    pub fn add(&mut self, key: u64, outcome: Outcome, flaky: bool) {
        self.each.add(outcome, flaky);
        if self.keys.len() < MAX_KEYS {
            self.keys.push((key & !7) | (u64::from(flaky) << 2) | outcome as u64);
        } else {
            self.too_many = true;
        }
    }

    /// Each result counted, however often its test was run.
    pub fn each(&self) -> Counts {
        self.each
    }

    /// Each test counted once: failed when any of its results did, flaky when it passed more than once. `None` when
    /// there were too many results to look.
    pub fn once(&mut self) -> Option<Counts> {
        if self.too_many {
            return None;
        }
        self.keys.sort_unstable();
        let mut counts = Counts::default();
        for group in self.keys.chunk_by(|one, other| one >> 3 == other >> 3) {
            let outcome = match group.iter().map(|key| key & 3).max() {
                Some(3) => Outcome::Failed,
                Some(2) => Outcome::Errored,
                Some(1) => Outcome::Skipped,
                _ => Outcome::Passed,
            };
            counts.add(outcome, group.len() > 1 || group.iter().any(|key| key & 4 != 0));
        }
        Some(counts)
    }
}

/// A number that stands for a name of several parts; the same in every run. Eight bytes are taken at a time, because this
/// is done for every test: two names of one number are as unlikely as chance makes them, unless somebody wants them, who
/// gains a remark.
pub fn key(parts: &[&str]) -> u64 {
    let mut sum = 0x2545_f491_4f6c_dd1d_u64;
    for part in parts {
        let (chunks, rest) = part.as_bytes().as_chunks::<8>();
        for chunk in chunks {
            sum = mix(sum, u64::from_le_bytes(*chunk));
        }
        let mut last = [0_u8; 8];
        last[..rest.len()].copy_from_slice(rest);
        sum = mix(mix(sum, u64::from_le_bytes(last)), part.len() as u64);
    }
    // Spreads the last part over all bits, as in SplitMix64 (Steele, Lea and Flood, 2014).
    sum = (sum ^ (sum >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    sum = (sum ^ (sum >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    sum ^ (sum >> 31)
}

/// Two numbers as one that depends on their order.
pub fn mix(one: u64, other: u64) -> u64 {
    let product = (one.rotate_left(23) ^ other).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn two_names_have_two_numbers(one in ".{0,40}", other in ".{0,40}", split in 0_usize..40) {
            prop_assert_eq!(one == other, key(&[&one]) == key(&[&other]));
            let at = one.char_indices().map(|(at, _)| at).nth(split).unwrap_or(0);
            prop_assert_ne!(key(&[&one]), key(&[&one[..at], &one[at..]]));
        }

        #[test]
        fn numbered_names_have_two_numbers(one in 0_u32..100_000, other in 0_u32..100_000) {
            let name = |number: u32| format!("test_the_thing_number_{number}_does_what_it_says");
            prop_assert_eq!(one == other, key(&[&name(one)]) >> 3 == key(&[&name(other)]) >> 3);
        }
    }

    #[test]
    fn a_test_that_failed_once_has_failed() {
        let mut repeats = Repeats::default();
        for (name, outcome) in [("a", Outcome::Failed), ("a", Outcome::Passed), ("b", Outcome::Passed)] {
            repeats.add(key(&[name]), outcome, false);
        }
        assert_eq!(repeats.each().total(), 3);
        assert_eq!(repeats.once(), Some(Counts { passed: 1, failed: 1, ..Counts::default() }));
        assert_ne!(key(&["a", "bc"]), key(&["ab", "c"]));
    }
}
