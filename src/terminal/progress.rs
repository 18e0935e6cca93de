//! Progress on anything that takes longer than a second.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A spinner on stderr while something is awaited; nothing where stderr is no terminal.
#[derive(Clone, Copy, Debug)]
pub struct Progress;

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

    fn target() -> ProgressDrawTarget {
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
    }
}
