//! Everything before the write: what is stuck, and whether it is proved that nobody leads.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::known::Known;
use crate::cli::Global;
use crate::cli::repair::Repair as Args;
use crate::clock::local_now;
use crate::cluster::{Reader, missing};
use crate::command::one::{connect_one, find_whole, namespace};
use crate::elector::catalogue::Name;
use crate::error::{Exit, Result};
use crate::model::health::words;
use crate::model::selection::Target;
use crate::model::{Key, LeasePatch, LeaseRecord};
use crate::report::repair::Item;
use crate::report::transfer::Outcome;
use crate::terminal::{Terminal, Waiting};
use crate::transfer::repair::{Case, Leader, Proof, Repair, diagnose};
use crate::transfer::rights;

/// How often a Lease is read again while hactl waits.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is ready to be written.
pub(in crate::command) struct Ready {
    pub(in crate::command) reader: Reader,
    pub(in crate::command) key: Key,
    /// The Lease that it was decided on.
    pub(in crate::command) lease: LeaseRecord,
    pub(in crate::command) repair: Repair,
    pub(in crate::command) patch: LeasePatch,
    /// Whether any Pod is there to lead; also where that is not known.
    pub(in crate::command) anyone: bool,
    pub(in crate::command) item: Item,
}

/// What came of the looking.
pub(in crate::command) enum Prepared {
    /// Nothing is stuck.
    Sound(Option<String>, Item),
    /// It is, and nothing may be written.
    Refused(Option<String>, Item),
    Ready(Box<Ready>),
}

/// Looks, waits if that is wanted, and decides.
pub(super) async fn prepare(args: &Args, global: &Global, terminal: &Terminal) -> Result<Prepared> {
    let reader = connect_one(global, "a repair is of one cluster").await?;
    let (key, known) = look(&reader, args, global, terminal).await?;
    decide(reader, key, known, args.wait.then_some(args.timeout)).await
}

/// Decides, once it is proved that nobody leads: so long it may wait for that, if it may.
pub(in crate::command) async fn decide(
    reader: Reader,
    key: Key,
    known: Known,
    patience: Option<Duration>,
) -> Result<Prepared> {
    let context = reader.context.clone();
    let elector = known.elector.map(Name::as_str);
    let (lease, found) = proved(&reader, &key, &known, patience).await?;
    let Some(repair) = found else {
        let mut item = Item::sound(&key.namespace, lease.as_ref().map(|_| key.name.as_str()), elector);
        item.reason = known
            .election
            .filter(|election| !election.reasons.is_empty())
            .map(|election| format!("{}, {}", election.health.as_str(), election.reasons.join("; ")));
        return Ok(Prepared::Sound(context, item));
    };
    let item = Item::planned(&key, lease.is_some(), elector, &repair);
    let refused = |reason: String| {
        let item = Item { outcome: Outcome::Refused, reason: Some(reason), ..item.clone() };
        Ok(Prepared::Refused(context.clone(), item))
    };
    let (Some(patch), Some(lease)) = (repair.write().cloned(), lease) else {
        return refused(match &repair.proof {
            Proof::Missing { what, wait: Some(wait) } if patience.is_none() => {
                format!("{what}; try again in {}, or with --wait", words(*wait))
            }
            Proof::Missing { what, .. } => what.clone(),
            Proof::Proved(_) => "no write helps".to_owned(),
        });
    };
    let missing = missing(&reader, &rights::to_repair(&key)).await?;
    if !missing.is_empty() {
        let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
        return refused(format!("not allowed to {}", missing.join(", nor to ")));
    }
    let anyone = known.pods(&lease).is_none_or(|pods| !pods.is_empty());
    Ok(Prepared::Ready(Box::new(Ready { reader, key, lease, repair, patch, anyone, item })))
}

/// The Lease that is meant, and what is known around it.
async fn look(reader: &Reader, args: &Args, global: &Global, terminal: &Terminal) -> Result<(Key, Known)> {
    let named = args.elector.map(|elector| (elector.name, elector.times));
    let (election, whole) = match find_whole(reader, &args.target, global, terminal).await {
        Ok((election, whole)) => (election, whole),
        // A Lease that is gone can be what is wrong, to whoever knows whose it was.
        Err(error) => match (&args.target, named) {
            (Target::Lease(name) | Target::Name(name), Some((name_of, times))) if error.exit == Exit::Usage => {
                let known = Known { elector: Some(name_of), times, election: None, whole: false };
                return Ok((Key::new(namespace(reader, global), name), known));
            }
            _ => return Err(error),
        },
    };
    let key = match &election.lease {
        Some(lease) => lease.key.clone(),
        None => Key::new(&election.namespace, election.workload.as_ref().map_or("", |workload| &workload.name)),
    };
    Ok((key, Known::of(election, whole, named)))
}

/// What is stuck, as soon as it is proved that nobody leads, or as late as is waited for that.
async fn proved(
    reader: &Reader,
    key: &Key,
    known: &Known,
    patience: Option<Duration>,
) -> Result<(Option<LeaseRecord>, Option<Repair>)> {
    let begun = local_now();
    let mut waiting = Waiting::new();
    let (mut seen, mut version): (Timestamp, Option<String>) = (begun, None);
    loop {
        let asked = local_now();
        let lease = if known.leaseless() { None } else { reader.lease(key).await? };
        let is = lease.as_ref().map(|lease| lease.version.clone());
        if version != is {
            // It was read this late, and may have been written as late.
            (version, seen) = (is, local_now());
        }
        let now = reader.now();
        let found = diagnose(&Case {
            lease: lease.as_ref(),
            elector: known.elector,
            times: known.times,
            leader: lease.as_ref().map_or(Leader::Unknown, |lease| known.leader(lease)),
            pods: lease.as_ref().and_then(|lease| known.pods(lease)),
            now: now.at,
            error: now.error,
            watched: asked.duration_since(seen).max(SignedDuration::ZERO),
        });
        let wait = match &found {
            Some(Repair { proof: Proof::Missing { wait: Some(wait), .. }, .. }) => *wait,
            _ => return Ok((lease, found)),
        };
        let left = patience.and_then(|patience| SignedDuration::try_from(patience).ok()).unwrap_or_default();
        // What would take longer than is waited for is refused at once.
        if wait > left - local_now().duration_since(begun) {
            return Ok((lease, found));
        }
        waiting.show(format!("waiting until it is proved that nobody leads: {} to go", words(wait)));
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
