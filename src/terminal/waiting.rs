//! What is waited for, shown on stderr while lines go by above it; nothing where stderr is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::progress::Progress;

/// A spinner with a changing message.
#[derive(Debug)]
pub struct Waiting {
    bar: ProgressBar,
    shown: bool,
}

impl Default for Waiting {
    fn default() -> Self {
        Self::new()
    }
}

impl Waiting {
    /// Nothing is shown so far.
    #[must_use]
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}") {
            bar.set_style(style);
        }
        Self { bar, shown: false }
    }

    /// Shows what is waited for.
    pub fn show(&mut self, message: String) {
        if !self.shown {
            self.shown = true;
            self.bar.set_draw_target(Progress::target());
            self.bar.enable_steady_tick(Duration::from_millis(100));
        }
        self.bar.set_message(message);
    }

    /// Does something that writes to stderr.
    pub fn aside(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    /// Takes it away.
    pub fn finish(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
