//! The one clock. Nothing else in the program may ask what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::instant::Instant;

/// The time of the machine, in whole seconds, rounded down. A clock before 1970 or after 9999 reads as 1970.
#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
pub fn now() -> Instant {
    instant(SystemTime::now()).unwrap_or(EPOCH)
}

/// As [`now`], and how many nanoseconds ago that second began: what tells the runs of one second apart.
#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
pub fn now_within_the_second() -> (Instant, u32) {
    let time = SystemTime::now();
    let after = time.duration_since(UNIX_EPOCH).ok();
    instant(time).zip(after).map_or((EPOCH, 0), |(second, after)| (second, after.subsec_nanos()))
}

/// As [`now`], and never before `earlier`: a clock that was set back must not let anything end before it began.
pub fn now_after(earlier: Instant) -> Instant {
    now().max(earlier)
}

/// The clock of a run: set when it begins, and steady from then on. Whoever sets the clock of the machine meanwhile makes
/// nothing last longer than it was seen to; neither does a machine that sleeps, where its steady clock sleeps with it.
#[derive(Debug)]
pub(super) struct Steady {
    began: SystemTime,
    since: tokio::time::Instant,
}

impl Steady {
    /// From now on.
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub(super) fn start() -> Self {
        Self { began: SystemTime::now(), since: tokio::time::Instant::now() }
    }

    /// As [`now`].
    pub(super) fn now(&self) -> Instant {
        instant(self.began + self.since.elapsed()).unwrap_or(EPOCH)
    }
}

/// A file's time as an instant; `None` outside the years that can be written.
pub(super) fn instant(time: SystemTime) -> Option<Instant> {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).ok()?,
        Err(before) => {
            let before = before.duration();
            -i64::try_from(before.as_secs()).ok()? - i64::from(before.subsec_nanos() > 0)
        }
    };
    Instant::from_seconds(seconds)
}

const EPOCH: Instant = match Instant::from_seconds(0) {
    Some(epoch) => epoch,
    None => unreachable!(),
};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn nothing_ends_before_it_began_whatever_the_clock_was_set_to() {
        let (past, future) = (EPOCH, Instant::from_seconds(32_503_680_000).unwrap());
        assert!(now_after(past) > past);
        assert_eq!(now_after(future), future);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_goes_by_the_time_that_passed_and_not_by_what_the_clock_was_set_to() {
        let (steady, before) = (Steady::start(), now());
        tokio::time::advance(Duration::from_secs(3600)).await;
        let passed = steady.now().seconds_since(before);
        assert!((3599..=3601).contains(&passed), "{passed}");
        assert!(now().seconds_since(before) < 3599, "the machine's own clock did not move");
    }

    #[test]
    fn a_time_is_rounded_down_also_before_1970() {
        let half = Duration::from_millis(1500);
        assert_eq!(instant(UNIX_EPOCH + half).unwrap().seconds(), 1);
        assert_eq!(instant(UNIX_EPOCH - half).unwrap().seconds(), -2);
    }
}
