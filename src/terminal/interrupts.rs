//! When the person, or the system, wants a run to end.

use crate::error::Exit;

/// Listens for interruptions, and misses none from its making on.
#[derive(Debug)]
pub struct Interrupts {
    #[cfg(unix)]
    signals: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

impl Interrupts {
    /// Begins to listen.
    #[must_use]
    pub fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let signals = signal(SignalKind::interrupt()).and_then(|i| Ok((i, signal(SignalKind::terminate())?)));
            Self { signals: signals.ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// The next one: how the run would end.
    pub async fn next(&mut self) -> Exit {
        #[cfg(unix)]
        if let Some((interrupt, terminate)) = &mut self.signals {
            return tokio::select! {
                _ = interrupt.recv() => Exit::Interrupted,
                _ = terminate.recv() => Exit::Terminated,
            };
        }
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            // Without signals the run ends by itself.
            Err(_) => std::future::pending().await,
        }
    }
}
