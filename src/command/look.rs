//! One look at one cluster: the Elections that a command is pointed at.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::local_now;
use crate::cluster::{Reader, Scope, gather, reread};
use crate::error::{Error, Result};
use crate::model::election::{elections, without_lease};
use crate::model::health::Now;
use crate::model::memory::Look;
use crate::model::selection::{Target, Unselected, select};
use crate::model::snapshot::Object;
use crate::model::{Election, Key, Snapshot};

/// A Lease that looks expired while its holder's Pod runs is read again for so long before that is said.
const DOUBT: SignedDuration = SignedDuration::from_secs(2);

/// How often it is read again.
const DOUBT_STEP: Duration = Duration::from_millis(400);

/// What one look at one cluster found.
pub(super) struct Found {
    /// What there is.
    pub(super) elections: Vec<Election>,
    /// Kinds that could not be read.
    pub(super) unread: Vec<String>,
    /// By the API server's clock.
    pub(super) now: Now,
}

/// Looks, and looks again where a Lease may only seem to have expired.
pub(super) async fn look_at(reader: &Reader, scope: &Scope, target: Option<&Target>) -> Result<Found> {
    let began = local_now();
    let mut snapshot = gather(reader, scope).await?;
    if scope.exact && snapshot.leases.is_empty() {
        // Not there: the others may show what was meant.
        let all = gather(reader, &Scope { exact: false, ..scope.clone() }).await;
        snapshot = all.unwrap_or(snapshot);
    }
    let mut found = settled(reader, scope, &mut snapshot, began).await?;
    if let Some(target) = target {
        found.extend(without_lease(&snapshot, target, &found));
    }
    Ok(Found { elections: found, unread: unread(&snapshot), now: reader.now() })
}

/// The Elections of what was read from the instant `began` on; where a Lease may only seem to have expired, it is read again.
pub(super) async fn settled(
    reader: &Reader,
    scope: &Scope,
    snapshot: &mut Snapshot,
    began: Timestamp,
) -> Result<Vec<Election>> {
    let mut look = Look::began(reader.now_at(began).at);
    let mut found = elections(snapshot, reader.now(), scope.all_kinds, &look);
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
        found = elections(snapshot, reader.now(), scope.all_kinds, &look);
        // A record that runs out at this very moment is asked for once more, and no oftener.
        if local_now().duration_since(read) >= DOUBT {
            break;
        }
    }
    Ok(found)
}

/// The Leases of the Elections that are `wanted`.
pub(super) fn keys(elections: &[Election], wanted: impl Fn(&Election) -> bool) -> Vec<Key> {
    let leases = elections.iter().filter(|election| wanted(election)).filter_map(|election| election.lease.as_ref());
    leases.map(|lease| lease.key.clone()).collect()
}

/// What could not be read, in words.
pub(super) fn unread(snapshot: &Snapshot) -> Vec<String> {
    snapshot.unread.iter().map(|(kind, why)| format!("{} could not be read: {why}", kind.resource())).collect()
}

/// The Elections that the target selects, or all.
pub(super) fn selected(
    mut found: Vec<Election>,
    target: Option<&Target>,
) -> std::result::Result<Vec<Election>, Unselected> {
    let Some(target) = target else { return Ok(found) };
    let positions = select(&found, target)?;
    let mut position = 0;
    found.retain(|_| {
        position += 1;
        positions.contains(&(position - 1))
    });
    Ok(found)
}

/// Why nothing was selected, in words; `namespace` is the one that was asked for, `everywhere` whether all were.
pub(super) fn unselected(why: Unselected, target: Option<&Target>, namespace: Option<&str>, everywhere: bool) -> Error {
    let target = target.map_or_else(String::new, ToString::to_string);
    match why {
        Unselected::Ambiguous(names) => {
            Error::usage(format!("{target} is ambiguous: {} Elections answer to it", names.len()))
                .hint(format!("say which one is meant:\n{}", names.join("\n")))
        }
        Unselected::NotFound(near) => {
            let place = match (namespace, everywhere) {
                (_, true) => " in any namespace".to_owned(),
                (Some(namespace), false) => format!(" in namespace {namespace}"),
                (None, false) => " in the context's namespace".to_owned(),
            };
            let error = Error::usage(format!("no Election answers to {target}{place}"));
            match near.as_slice() {
                [] if everywhere => error.hint("list them with: hactl status -A"),
                [] => error.hint("list them with: hactl status, or look everywhere with -A"),
                near => error.hint(format!("did you mean {}?", near.join(" or "))),
            }
        }
    }
}
