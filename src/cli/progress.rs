//! The progress line: on a terminal only, on stderr, gone when the work is done.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::visible;
use crate::audit::Progress;
use crate::model::id::CheckId;

/// A line with counts and elapsed time.
pub(crate) struct ProgressLine(ProgressBar);

impl ProgressLine {
    /// Hidden when `quiet`, or where stderr is no terminal.
    pub(crate) fn new(quiet: bool) -> Arc<Self> {
        if quiet || !std::io::stderr().is_terminal() {
            return Arc::new(Self(ProgressBar::hidden()));
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} checks, {elapsed}  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Arc::new(Self(bar))
    }

    /// What an audit tells its progress to.
    pub(crate) fn told(self: &Arc<Self>) -> Progress {
        if self.0.is_hidden() {
            return Arc::new(|_, _, _| {});
        }
        let line = Arc::clone(self);
        Arc::new(move |done, total, last| line.step(done, total, last))
    }

    /// Another check is done.
    fn step(&self, done: usize, total: usize, last: &CheckId) {
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
        self.0.set_message(visible(&last.to_string()));
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
