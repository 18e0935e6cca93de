//! Everything before the write: what is stuck, and whether it is proved that nobody leads.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::cli::Global;
use crate::cli::repair::Repair as Args;
use crate::clock::local_now;
use crate::cluster::{Reader, missing};
use crate::command::one::{connect_one, find_whole, namespace};
use crate::elector::catalogue::{Name, Times};
use crate::error::{Exit, Result};
use crate::model::elector::{Confidence, Library, hostname_of, is_tool};
use crate::model::health::words;
use crate::model::selection::Target;
use crate::model::timing::{Source, Timing};
use crate::model::{Election, Key, LeasePatch, LeaseRecord, Micros};
use crate::report::repair::Item;
use crate::report::transfer::Outcome;
use crate::terminal::{Terminal, Waiting};
use crate::transfer::repair::{Case, Leader, Proof, Repair, Standing, diagnose};
use crate::transfer::rights;

/// How often a Lease is read again while hactl waits.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is ready to be written.
pub(super) struct Ready {
    pub(super) reader: Reader,
    pub(super) key: Key,
    /// The Lease that it was decided on.
    pub(super) lease: LeaseRecord,
    pub(super) repair: Repair,
    pub(super) patch: LeasePatch,
    /// Whether any Pod is there to lead; also where that is not known.
    pub(super) anyone: bool,
    pub(super) item: Item,
}

/// What came of the looking.
pub(super) enum Prepared {
    /// Nothing is stuck.
    Sound(Option<String>, Item),
    /// It is, and nothing may be written.
    Refused(Option<String>, Item),
    Ready(Box<Ready>),
}

/// What is known of an election beside its Lease.
struct Known {
    elector: Option<Name>,
    times: Times,
    election: Option<Election>,
    /// Whether everything could be read: what was not read is not known to be absent.
    whole: bool,
}

/// Looks, waits if that is wanted, and decides.
pub(super) async fn prepare(args: &Args, global: &Global, terminal: &Terminal) -> Result<Prepared> {
    let reader = connect_one(global, "a repair is of one cluster").await?;
    let (key, known) = look(&reader, args, global, terminal).await?;
    let context = reader.context.clone();
    let elector = known.elector.map(Name::as_str);
    let (lease, found) = proved(&reader, &key, &known, args).await?;
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
            Proof::Missing { what, wait: Some(wait) } if !args.wait => {
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
    let recognised = (election.elector.confidence != Confidence::Guess).then_some(election.elector.library);
    let elector = named.map(|(name, _)| name).or(recognised.and_then(Name::of));
    let stated = times(&election.elector.timing);
    let times = named.map_or(stated, |(_, times)| times.or(stated));
    Ok((key, Known { elector, times, election: Some(election), whole }))
}

/// The timing, but for what the Lease itself says now, which may be what is wrong, and for what is only a default.
fn times(timing: &Timing) -> Times {
    let stated = |known: crate::model::timing::Known| {
        known.value.filter(|_| !matches!(known.source, Source::Lease | Source::Default)).map(Micros::from)
    };
    Times {
        lease_duration: stated(timing.lease_duration),
        renew_deadline: stated(timing.renew_deadline),
        retry_period: stated(timing.retry_period),
        grace_period: stated(timing.grace_period),
    }
}

/// What is stuck, as soon as it is proved that nobody leads, or as late as is waited for that.
async fn proved(
    reader: &Reader,
    key: &Key,
    known: &Known,
    args: &Args,
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
        let left = SignedDuration::try_from(args.timeout).unwrap_or_default() - local_now().duration_since(begun);
        // What would take longer than is waited for is refused at once.
        if !args.wait || wait > left {
            return Ok((lease, found));
        }
        waiting.show(format!("waiting until it is proved that nobody leads: {} to go", words(wait)));
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Known {
    /// Whether there is a workload that contends for no Lease: one that has its name by chance is not its own.
    fn leaseless(&self) -> bool {
        self.election.as_ref().is_some_and(|election| election.lease.is_none())
    }

    /// The Pods that may lead, by name; `None` where that is not known.
    fn pods(&self, lease: &LeaseRecord) -> Option<Vec<String>> {
        let election = self.election.as_ref().filter(|election| self.whole && election.workload.is_some())?;
        let holder = lease.holder.as_deref().filter(|holder| !holder.is_empty());
        // A holder that is no Pod of the workload is one that is not counted.
        if holder.is_some() && election.holder.pod.is_none() && election.transfer().is_none() {
            return None;
        }
        let running = election.candidates.iter().filter(|one| !one.pod.ended());
        Some(running.map(|one| one.name().to_owned()).collect())
    }

    /// Who led last, and what became of it.
    fn leader(&self, lease: &LeaseRecord) -> Leader {
        let fenced = lease.transfer.as_ref().map(|transfer| transfer.from.clone());
        let holder = || lease.holder.clone().filter(|holder| !holder.is_empty());
        let identity = match (fenced, self.elector) {
            (Some(from), _) => from,
            (None, Some(name)) if name.as_str() == Library::KubeLeaderElection.as_str() => {
                holder().or_else(|| writer(lease))
            }
            (None, _) => holder(),
        };
        identity.map_or(Leader::Unknown, |identity| {
            let state = self.standing(&identity);
            Leader::Known { identity, state }
        })
    }

    fn standing(&self, identity: &str) -> Standing {
        let Some(election) = &self.election else { return Standing::Runs };
        let host = hostname_of(identity).unwrap_or(identity);
        let pods = || election.candidates.iter().map(|one| &one.pod);
        match pods().find(|pod| pod.key.name == host || pod.host() == host) {
            Some(pod) if pod.ended() => Standing::Ended,
            Some(_) => Standing::Runs,
            // An identity that is not named as its workload's Pods are need not be a Pod's.
            None => match &election.workload {
                Some(workload) if self.whole && host.starts_with(&format!("{}-", workload.name)) => Standing::Gone,
                _ => Standing::Runs,
            },
        }
    }
}

/// kube-leader-election writes under the identity of whoever writes (`kube-leader-election/src/lib.rs`).
fn writer(lease: &LeaseRecord) -> Option<String> {
    let electors = lease.owners.iter().filter(|owner| owner.manager != "hactl" && !is_tool(&owner.manager));
    electors.filter(|owner| !owner.fields.is_empty()).max_by_key(|owner| owner.time).map(|owner| owner.manager.clone())
}
