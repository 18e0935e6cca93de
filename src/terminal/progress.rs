//! Progress on anything that takes longer than a second.

use std::io::IsTerminal;
use std::time::Duration;

use crate::clock::local_now;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A spinner on stderr while something is awaited; nothing where stderr is no terminal.
#[derive(Clone, Copy, Debug)]
pub struct Progress;

/// A bar on stderr for something that is done step by step; nothing where stderr is no terminal.
#[derive(Debug)]
pub struct Counting {
    bar: ProgressBar,
    /// When it began, as long as it is not shown.
    patience: std::cell::Cell<Option<jiff::Timestamp>>,
}

impl Counting {
    /// One more is done.
    pub fn step(&self) {
        self.bar.inc(1);
        let long = |began: jiff::Timestamp| local_now().duration_since(began).unsigned_abs() >= PATIENCE;
        if self.patience.get().is_some_and(long) {
            self.patience.set(None);
            self.bar.set_draw_target(Progress::target());
        }
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What is done sooner needs no spinner.
const PATIENCE: Duration = Duration::from_secs(1);

impl Progress {
    /// Awaits `work`; what takes longer than a second shows `message` meanwhile.
    pub async fn during<T>(message: String, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut work).await {
            return done;
        }
        let spinner = ProgressBar::with_draw_target(None, Self::target());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            spinner.set_style(style);
        }
        spinner.set_message(message);
        spinner.enable_steady_tick(Duration::from_millis(100));
        let done = work.await;
        spinner.finish_and_clear();
        done
    }

    /// A bar for so many steps.
    #[must_use]
    pub fn counting(message: &'static str, steps: usize) -> Counting {
        let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(message);
        Counting { bar, patience: std::cell::Cell::new(Some(local_now())) }
    }

    pub(super) fn target() -> ProgressDrawTarget {
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
    }
}
