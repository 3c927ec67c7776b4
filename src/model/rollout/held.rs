//! Has something held for long enough? A pure function of what was seen and when.
//!
//! A sample that could not be taken is bridged when it stands alone between two others; two in a row are a gap, and
//! whether something held across a gap is not known.

use super::Window;
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::number::Number;

/// One look: when, and whether the condition held; `None` when that could not be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Instant,
    /// Did it hold?
    pub holds: Option<bool>,
}

/// How long it has held without a break up to the newest look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// Looks one after another in which it held, the newest last.
    pub looks: u32,
    /// Seconds from the first of them to the newest.
    pub seconds: u64,
}

/// The run up to the newest look.
pub fn run(looks: &[Look]) -> Run {
    let seen = without_bridged(looks);
    let held: Vec<&Look> = seen.iter().rev().take_while(|look| look.holds == Some(true)).collect();
    let ends = held.first().zip(held.last());
    let seconds = ends.map_or(0, |(newest, oldest)| newest.at.seconds_since(oldest.at));
    Run { looks: u32::try_from(held.len()).unwrap_or(u32::MAX), seconds: u64::try_from(seconds).unwrap_or(0) }
}

/// Has it held in this way, up to the newest look? An error says why that is not known, as a fragment.
pub fn held(window: Window, looks: &[Look]) -> Result<bool, String> {
    let seen = without_bridged(looks);
    let Some(newest) = seen.last() else { return Err("nothing was seen".to_owned()) };
    if let Window::OutOf { least, of } = window {
        return out_of(&seen, least, of);
    }
    match newest.holds {
        None => return Err("the newest sample could not be taken".to_owned()),
        Some(false) => return Ok(false),
        Some(true) => {}
    }
    let run = run(looks);
    let (enough, so_far) = match window {
        Window::Now | Window::OutOf { .. } => return Ok(true),
        Window::For(seconds) => {
            let duration = |seconds: u64| format::duration(&Number::from(seconds));
            (
                run.seconds >= seconds,
                format!("it has been seen to hold for {} of {}", duration(run.seconds), duration(seconds)),
            )
        }
        Window::InARow(times) => {
            (run.looks >= times, format!("it has been seen to hold {} of {times} times", run.looks))
        }
    };
    let before = seen.len().checked_sub(run.looks as usize + 1).and_then(|at| seen.get(at));
    match (enough, before.map(|look| look.holds)) {
        (true, _) => Ok(true),
        // It did not hold just before: however long it holds from now on, it has not yet.
        (false, Some(Some(_))) => Ok(false),
        (false, Some(None)) => Err(format!("{so_far}, and before that nothing could be seen")),
        (false, None) => Err(format!("{so_far}, and nobody looked before")),
    }
}

fn out_of(seen: &[Look], least: u32, of: u32) -> Result<bool, String> {
    let newest = seen.iter().rev().take(of as usize);
    let (mut held, mut not) = (0, 0);
    for look in newest {
        match look.holds {
            Some(true) => held += 1,
            Some(false) => not += 1,
            None => {}
        }
    }
    if held >= least {
        return Ok(true);
    }
    if of - not < least {
        return Ok(false);
    }
    Err(format!("it held in {held} of {} samples, and {least} of {of} are asked for", held + not))
}

/// The looks, without those that could not be taken and stand alone between two that could.
fn without_bridged(looks: &[Look]) -> Vec<Look> {
    let seen = |at: Option<usize>| at.and_then(|at| looks.get(at)).is_some_and(|look| look.holds.is_some());
    let bridged = |at: usize| seen(at.checked_sub(1)) && seen(Some(at + 1));
    looks.iter().enumerate().filter(|(at, look)| look.holds.is_some() || !bridged(*at)).map(|(_, look)| *look).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A look every minute: `+` held, `-` did not, `?` could not be taken.
    fn looks(text: &str) -> Vec<Look> {
        let look = |(minute, sign): (usize, char)| Look {
            at: Instant::from_seconds(60 * i64::try_from(minute).unwrap_or(0)).unwrap_or_else(|| unreachable!()),
            holds: match sign {
                '+' => Some(true),
                '-' => Some(false),
                _ => None,
            },
        };
        text.chars().enumerate().map(look).collect()
    }

    fn answer(window: Window, text: &str) -> &'static str {
        match held(window, &looks(text)) {
            Ok(true) => "yes",
            Ok(false) => "no",
            Err(_) => "unknown",
        }
    }

    #[test]
    fn for_so_long_means_without_a_break_up_to_now() {
        let window = Window::For(180);
        let cases = [
            ("++++", "yes"),
            ("-++++", "yes"),
            ("-+++", "no"),
            ("+++-", "no"),
            ("-", "no"),
            ("+++", "unknown"),
            ("+", "unknown"),
            ("", "unknown"),
            ("+?++", "yes"),
            ("+??+++", "unknown"),
            ("++++?", "unknown"),
            ("??++++", "yes"),
            ("-?+++", "no"),
        ];
        for (text, expected) in cases {
            assert_eq!(answer(window, text), expected, "{text}");
        }
    }

    #[test]
    fn in_a_row_counts_looks() {
        let window = Window::InARow(3);
        let cases =
            [("+++", "yes"), ("++", "unknown"), ("-++", "no"), ("++-", "no"), ("+?++", "yes"), ("+??++", "unknown")];
        for (text, expected) in cases {
            assert_eq!(answer(window, text), expected, "{text}");
        }
    }

    #[test]
    fn out_of_counts_the_newest_looks() {
        let window = Window::OutOf { least: 3, of: 5 };
        let cases = [
            ("+-+-+", "yes"),
            ("+--+-", "no"),
            ("++", "unknown"),
            ("---", "no"),
            ("+++----", "no"),
            ("++??-", "unknown"),
        ];
        for (text, expected) in cases {
            assert_eq!(answer(window, text), expected, "{text}");
        }
    }

    #[test]
    fn now_is_the_newest_look() {
        for (text, expected) in [("-+", "yes"), ("+-", "no"), ("+?", "unknown"), ("", "unknown")] {
            assert_eq!(answer(Window::Now, text), expected, "{text}");
        }
    }

    proptest! {
        /// What is known stays so when more of the past is known.
        #[test]
        fn more_of_the_past_changes_no_answer(text in "[-+]{1,12}", more in "[-+]{0,6}", span in 60_u64..600, times in 1_u32..8) {
            for window in [Window::Now, Window::For(span), Window::InARow(times), Window::OutOf { least: times.div_ceil(2), of: times }] {
                let known = answer(window, &text);
                let later = answer(window, &format!("{more}{text}"));
                prop_assert!(known == "unknown" || known == later, "{window:?}: {text} {known}, {more}{text} {later}");
            }
        }

        /// A sample that could not be taken never makes a yes of a no, or a no of a yes.
        #[test]
        fn a_missing_sample_never_turns_an_answer_around(text in "[-+]{2,12}", at in 0_usize..12, span in 60_u64..600) {
            let at = at % text.len();
            let mut missing = text.clone();
            missing.replace_range(at..=at, "?");
            for window in [Window::For(span), Window::InARow(2), Window::OutOf { least: 2, of: 3 }] {
                let others: Vec<&str> = ["+", "-"].into_iter().map(|sign| {
                    let mut other = text.clone();
                    other.replace_range(at..=at, sign);
                    answer(window, &other)
                }).collect();
                let found = answer(window, &missing);
                prop_assert!(found == "unknown" || others.contains(&found) || others.contains(&"unknown"), "{window:?} {missing}: {found}, {others:?}");
            }
        }
    }
}
