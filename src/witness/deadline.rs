//! How much time is left of a run, for work that asks nothing and could still go on for long: a filter over an answer.

use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static UNTIL: Instant;
}

/// Whatever `work` waits for by [`patience`] ends with the run.
pub(super) async fn within<F: Future>(until: Option<Instant>, work: F) -> F::Output {
    match until {
        Some(until) => UNTIL.scope(until, work).await,
        None => work.await,
    }
}

/// How long to wait: so long at most, and no longer than the run may take.
pub fn patience(most: Duration) -> Duration {
    UNTIL.try_with(|until| until.saturating_duration_since(Instant::now())).map_or(most, |left| left.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_the_run_lasts() {
        assert_eq!(within(None, async { patience(MOST) }).await, MOST);
        let soon = Some(Instant::now() + Duration::from_secs(2));
        assert_eq!(within(soon, async { patience(MOST) }).await, Duration::from_secs(2));
        assert_eq!(within(soon, async { patience(Duration::from_secs(1)) }).await, Duration::from_secs(1));
    }
}
