//! `hactl status`: who leads, whether it is healthy, and why.

mod follow;
mod show;

use futures::future::join_all;

use super::look::{Found, look_at, selected};
use super::{End, connect, ended, look};
use crate::cli::Global;
use crate::cli::status::Status;
use crate::cluster::{Reader, Scope};
use crate::error::{Error, Exit, Result};
use crate::model::health::Health;
use crate::model::selection::{Target, Unselected};
use crate::terminal::{Progress, Stop, Terminal};
use show::Shown;

/// Runs `hactl status`.
///
/// # Errors
///
/// Where nothing could be read, or nothing answers to the name.
pub async fn run(args: &Status, global: &Global, terminal: Terminal) -> Result<Exit> {
    let mut readers = Vec::new();
    let mut failures = Vec::new();
    for connected in connect(global).await {
        match connected {
            Ok(reader) => readers.push(reader),
            // A context that does not exist is a slip of the hand, not a cluster that is away.
            Err(error) if error.exit == Exit::Usage => return Err(error),
            Err(error) => failures.push(error),
        }
    }
    ended(match args.watch || args.wait {
        true => follow::run(args, global, &terminal, &readers, failures).await,
        false => once(args, global, &terminal, &readers, failures).await,
    })
}

/// What of a cluster the arguments ask for.
fn scope(args: &Status, global: &Global, reader: &Reader) -> Scope {
    let namespace = global.namespace.clone().unwrap_or_else(|| reader.namespace.clone());
    Scope {
        namespace: (!args.all_namespaces).then_some(namespace),
        selector: args.selector.clone(),
        all_kinds: args.all_kinds,
        lease: match &args.target {
            Some(Target::Lease(name) | Target::Name(name)) => Some(name.clone()),
            _ => None,
        },
        exact: matches!(args.target, Some(Target::Lease(_))),
    }
}

/// One look at every cluster.
async fn once(
    args: &Status,
    global: &Global,
    terminal: &Terminal,
    readers: &[Reader],
    mut failures: Vec<Error>,
) -> std::result::Result<Exit, End> {
    let target = args.target.as_ref();
    let looks = readers.iter().map(|reader| async { look_at(reader, &scope(args, global, reader), target).await });
    let names: Vec<_> = readers.iter().map(|reader| reader.server.as_str()).collect();
    let looks = Progress::during(format!("reading {}", names.join(", ")), join_all(looks)).await;
    let (mut found, mut unread, mut now) = (Vec::new(), Vec::new(), None);
    for (look, reader) in looks.into_iter().zip(readers) {
        match look {
            Ok(Found { elections, unread: parts, now: at }) => {
                found.extend(elections);
                let context = reader.context.as_ref().filter(|_| readers.len() > 1);
                let context = context.map_or_else(String::new, |context| format!("{context}: "));
                unread.extend(parts.into_iter().map(|part| format!("{context}{part}")));
                now = Some(at);
            }
            Err(error) => failures.push(error),
        }
    }
    let Some(now) = now else {
        // Nothing could be read at all. `failures` has one for every context, and there is always one context.
        let mut failures = failures.into_iter();
        let first = failures.next().unwrap_or_else(|| Error::unknown("no cluster could be read"));
        failures.for_each(|other| terminal.say(other.rendered().to_string().trim_end()));
        return Err(first.into());
    };
    let shown = match selected(found, target) {
        Ok(shown) => shown,
        Err(why) if failures.is_empty() && unread.is_empty() => return Err(unselected(why, args, global).into()),
        Err(why) => {
            // What was looked for may be in the part that could not be read.
            unread.iter().for_each(|part| terminal.say(format_args!("warning: {part}")));
            failures.iter().for_each(|failure| terminal.say(failure.rendered().to_string().trim_end()));
            return Err(Error { exit: Exit::Unknown, ..unselected(why, args, global) }.into());
        }
    };
    let health: Vec<_> = shown.iter().map(|election| election.health).collect();
    match Shown::new(args, global, terminal, readers).once(shown, now) {
        // Whoever asks for the code asks for it without reading on, too.
        Err(Stop::Unread) if args.exit_code => {}
        written => written?,
    }
    for part in &unread {
        terminal.say(format_args!("warning: {part}"));
    }
    for failure in &failures {
        terminal.say(failure.rendered().to_string().trim_end());
    }
    Ok(exit(args, &health, !unread.is_empty(), !failures.is_empty()))
}

/// The exit code: 1 wins over 3, and a part that could not be read counts only where the code is asked for.
fn exit(args: &Status, health: &[Health], part_unread: bool, cluster_unread: bool) -> Exit {
    let unhealthy = health.iter().any(|health| !matches!(health, Health::Healthy | Health::Unknown));
    let unknown = health.contains(&Health::Unknown) || part_unread;
    match args.exit_code {
        true if unhealthy => Exit::No,
        true if unknown || cluster_unread => Exit::Unknown,
        false if cluster_unread => Exit::Unknown,
        _ => Exit::Success,
    }
}

/// Why nothing is shown, in words.
fn unselected(why: Unselected, args: &Status, global: &Global) -> Error {
    look::unselected(why, args.target.as_ref(), global.namespace.as_deref(), args.all_namespaces)
}
