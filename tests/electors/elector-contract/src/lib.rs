//! What the Rust electors have in common: how they are told what to do
//! (environment), and how they tell what they do (stdout and HTTP). The Go
//! electors of the testbed keep the same contract.

mod config;
mod http;
mod journal;

use std::{error::Error, fmt, process::ExitCode, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    select,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing_subscriber::filter::LevelFilter;

use config::Config;
pub use config::Defaults;
use journal::Journal;

/// Why an elector ended.
pub type Failure = Box<dyn Error + Send + Sync>;

/// How long electors may take to give their Leases away.
const RELEASE_LIMIT: Duration = Duration::from_secs(10);

/// One competitor for one Lease.
pub struct Elector {
    /// Name of the Lease.
    pub lease: String,
    /// Its namespace.
    pub namespace: String,
    /// What it writes into `holderIdentity`.
    pub identity: String,
    /// `leaseDurationSeconds`.
    pub lease_duration: Duration,
    /// How long before the end of that it renews.
    pub grace_period: Duration,
    /// A leader that has lost its Lease acts for so long beyond that.
    pub linger: Duration,
    entry: journal::Entry,
    shutdown: watch::Receiver<bool>,
}

impl Elector {
    /// Notes that it acts as leader from now on, or no longer.
    pub fn set_acting(&self, acting: bool) {
        self.entry.set_acting(acting);
    }

    /// Notes what went wrong.
    pub fn error(&self, message: impl fmt::Display) {
        self.entry.error(&message.to_string());
    }

    /// Returns when it has to give its Lease away and end.
    pub async fn shutdown(&self) {
        // An error means that nobody can ask any more: the process is ending.
        let _ = self.shutdown.clone().wait_for(|asked| *asked).await;
    }
}

/// Runs `compete` for each Lease, until all have ended or a signal asks for it.
pub async fn run<F>(defaults: Defaults, compete: impl Fn(Elector) -> F) -> ExitCode
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    match try_run(defaults, compete).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn try_run<F>(defaults: Defaults, compete: impl Fn(Elector) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let config = Config::from_env(defaults)?;
    log_to_stderr();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    let journal = Arc::new(Journal::default());
    if let Some(address) = &config.listen {
        let listener = TcpListener::bind(address).await?;
        tokio::spawn(http::serve(listener, Arc::clone(&journal), config.ready_when_leading));
    }

    let (ask_to_end, shutdown) = watch::channel(false);
    let mut running = JoinSet::new();
    for (number, lease) in (0..).zip(config.leases()) {
        let entry = Journal::up(&journal, &config.namespace, &lease, &config.identity);
        let competition = compete(Elector {
            lease,
            namespace: config.namespace.clone(),
            identity: config.identity.clone(),
            lease_duration: config.lease_duration,
            grace_period: config.grace_period,
            linger: config.linger,
            entry,
            shutdown: shutdown.clone(),
        });
        let start = config.start_of(number);
        running.spawn(async move {
            sleep(start).await;
            competition.await
        });
    }

    select! {
        result = all(&mut running) => {
            // Where there are many, one that failed just ends.
            return if config.count == 1 { result } else { Ok(()) };
        }
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // In this order: it must not act any more when it gives its Lease away.
    journal.stop_all();
    if config.release_on_cancel {
        let _ = ask_to_end.send(true);
        let _ = timeout(RELEASE_LIMIT, all(&mut running)).await;
    }
    Ok(())
}

/// Waits for all electors and returns the last failure.
async fn all(running: &mut JoinSet<Result<(), Failure>>) -> Result<(), Failure> {
    let mut result = Ok(());
    while let Some(ended) = running.join_next().await {
        if let Err(failure) = ended.unwrap_or_else(|panic| Err(panic.into())) {
            result = Err(failure);
        }
    }
    result
}

/// stdout belongs to the journal. `RUST_LOG` may name a level.
fn log_to_stderr() {
    let level = std::env::var("RUST_LOG").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(level.unwrap_or(LevelFilter::INFO))
        .init();
}
