//! `hactl status`: who leads, whether it is healthy, and why.

mod follow;
mod show;

use std::time::Duration;

use futures::future::join_all;
use jiff::SignedDuration;

use super::{End, connect, ended};
use crate::cli::Global;
use crate::cli::status::Status;
use crate::clock::local_now;
use crate::cluster::{Reader, Scope, gather, reread};
use crate::error::{Error, Exit, Result};
use crate::model::election::{elections, without_lease};
use crate::model::health::{Health, Now};
use crate::model::memory::Look;
use crate::model::selection::{Target, Unselected, select};
use crate::model::snapshot::Object;
use crate::model::{Election, Key, Snapshot};
use crate::terminal::{Progress, Stop, Terminal};
use show::Shown;

/// A Lease that looks expired while its holder's Pod runs is read again for so long before that is said.
const DOUBT: SignedDuration = SignedDuration::from_secs(2);

/// How often it is read again.
const DOUBT_STEP: Duration = Duration::from_millis(400);

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
        false => look(args, global, &terminal, &readers, failures).await,
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
async fn look(
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

/// What one look at one cluster found.
struct Found {
    elections: Vec<Election>,
    /// Kinds that could not be read.
    unread: Vec<String>,
    now: Now,
}

async fn look_at(reader: &Reader, scope: &Scope, target: Option<&Target>) -> Result<Found> {
    let began = local_now();
    let mut snapshot = gather(reader, scope).await?;
    if scope.exact && snapshot.leases.is_empty() {
        // Not there: the others may show what was meant.
        let all = gather(reader, &Scope { exact: false, ..scope.clone() }).await;
        snapshot = all.unwrap_or(snapshot);
    }
    let mut look = Look::began(reader.now_at(began).at);
    let mut found = elections(&snapshot, reader.now(), scope.all_kinds, &look);
    let read = local_now();
    loop {
        let unconfirmed = found.iter().any(|election| election.unconfirmed);
        let in_doubt = found.iter().any(|election| election.doubtful) && local_now().duration_since(read) < DOUBT;
        if !unconfirmed && !in_doubt {
            break;
        }
        if !unconfirmed {
            tokio::time::sleep(DOUBT_STEP).await;
        }
        let asked = local_now();
        let keys = keys(&found, |election| election.unconfirmed || election.doubtful);
        for (key, lease) in reread(reader, scope, &keys).await? {
            look.read_again(key.clone(), reader.now_at(asked).at);
            match lease {
                Some(lease) => snapshot.insert(Object::Lease(lease)),
                None => drop(snapshot.leases.remove(&key)),
            }
        }
        found = elections(&snapshot, reader.now(), scope.all_kinds, &look);
        // A record that runs out at this very moment is asked for once more, and no oftener.
        if local_now().duration_since(read) >= DOUBT {
            break;
        }
    }
    if let Some(target) = target {
        found.extend(without_lease(&snapshot, target, &found));
    }
    Ok(Found { elections: found, unread: unread(&snapshot), now: reader.now() })
}

/// The Leases of the Elections that are `wanted`.
fn keys(elections: &[Election], wanted: impl Fn(&Election) -> bool) -> Vec<Key> {
    let leases = elections.iter().filter(|election| wanted(election)).filter_map(|election| election.lease.as_ref());
    leases.map(|lease| lease.key.clone()).collect()
}

/// What could not be read, in words.
fn unread(snapshot: &Snapshot) -> Vec<String> {
    snapshot.unread.iter().map(|(kind, why)| format!("{} could not be read: {why}", kind.resource())).collect()
}

/// The Elections that the target selects, or all.
fn selected(mut found: Vec<Election>, target: Option<&Target>) -> std::result::Result<Vec<Election>, Unselected> {
    let Some(target) = target else { return Ok(found) };
    let positions = select(&found, target)?;
    let mut position = 0;
    found.retain(|_| {
        position += 1;
        positions.contains(&(position - 1))
    });
    Ok(found)
}

/// Why nothing is shown, in words.
fn unselected(why: Unselected, args: &Status, global: &Global) -> Error {
    let target = args.target.as_ref().map_or_else(String::new, ToString::to_string);
    match why {
        Unselected::Ambiguous(names) => {
            Error::usage(format!("{target} is ambiguous: {} Elections answer to it", names.len()))
                .hint(format!("say which one is meant:\n{}", names.join("\n")))
        }
        Unselected::NotFound(near) => {
            let place = match (&global.namespace, args.all_namespaces) {
                (_, true) => " in any namespace".to_owned(),
                (Some(namespace), false) => format!(" in namespace {namespace}"),
                (None, false) => " in the context's namespace".to_owned(),
            };
            let error = Error::usage(format!("no Election answers to {target}{place}"));
            match near.as_slice() {
                [] if args.all_namespaces => error.hint("list them with: hactl status -A"),
                [] => error.hint("list them with: hactl status, or look everywhere with -A"),
                near => error.hint(format!("did you mean {}?", near.join(" or "))),
            }
        }
    }
}
