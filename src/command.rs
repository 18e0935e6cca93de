//! VERBS: one file a command. Gather, think, report.

mod agree;
mod checked;
pub mod doctor;
pub mod explain;
pub mod failover;
pub mod history;
mod look;
mod manifests;
mod one;
pub mod preflight;
pub mod repair;
mod ring;
pub mod status;
pub mod transfer;

use futures::future::join_all;

use crate::cli::{Cli, Command, Global};
use crate::cluster::{Connection, Reader};
use crate::error::{Error, Exit, Result};
use crate::terminal::{Interrupts, Progress, Stop, Terminal};

/// Runs the command that was typed.
///
/// # Errors
///
/// What the user has to know, with its exit code.
pub async fn run(cli: Cli, terminal: Terminal) -> Result<Exit> {
    let global = cli.global;
    match cli.command {
        Command::Status(args) => unless_interrupted(status::run(&args, &global, terminal)).await,
        Command::Failover(args) => unless_interrupted(failover::run(&args, &global, terminal)).await,
        Command::History(args) => unless_interrupted(history::run(&args, &global, terminal)).await,
        Command::Doctor(args) => unless_interrupted(doctor::run(&args, &global, terminal)).await,
        Command::Preflight(args) => unless_interrupted(preflight::run(&args, terminal)).await,
        Command::Explain(args) => explain::run(&args, &terminal),
        // Once it has written it does not just stop.
        Command::Repair(args) => repair::run(&args, &global, terminal).await,
        Command::Transfer(args) => transfer::run(&args, &global, terminal).await,
    }
}

/// A run that only looks may be ended at any time.
async fn unless_interrupted(run: impl Future<Output = Result<Exit>>) -> Result<Exit> {
    let mut interrupts = Interrupts::listen();
    tokio::select! {
        outcome = run => outcome,
        exit = interrupts.next() => Ok(exit),
    }
}

/// How a command ends early: by a failure, or because nobody reads on.
enum End {
    Failed(Error),
    Stopped,
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Unread => Self::Stopped,
            Stop::Failed(why) => Self::Failed(Error::unknown(format!("the result could not be written: {why}"))),
        }
    }
}

/// A broken pipe is success.
fn ended(end: std::result::Result<Exit, End>) -> Result<Exit> {
    match end {
        Ok(exit) => Ok(exit),
        Err(End::Stopped) => Ok(Exit::Success),
        Err(End::Failed(error)) => Err(error),
    }
}

/// Connects to every context that was named, or to the current one.
async fn connect(global: &Global) -> Vec<Result<Reader>> {
    let connection = |context: Option<&String>| Connection {
        kubeconfig: global.kubeconfig.clone(),
        context: context.cloned(),
        as_user: global.as_user.clone(),
        as_groups: global.as_groups.clone(),
        as_uid: global.as_uid.clone(),
        request_timeout: global.request_timeout,
    };
    let connections: Vec<_> = match global.context.as_slice() {
        [] => vec![connection(None)],
        contexts => contexts.iter().map(|context| connection(Some(context))).collect(),
    };
    Progress::during("logging in".to_owned(), join_all(connections.iter().map(Reader::connect))).await
}
