//! The Election: a workload that should have one leader, with its Lease and everything that takes part.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::contenders::Contenders;
use super::elector::{Elector, Library};
use super::health::{Facts, Health, Now, judge, words};
use super::holder::{Holder, Index};
use super::lease::{LeaseRecord, Tenure, Transfer};
use super::memory::Memory;
use super::selection::Target;
use super::{Candidate, Key, Kind, Pod, Role, Snapshot, Workload};
use crate::system::System;

/// An Election at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Election {
    /// The context that it was read from; `None` in a cluster.
    pub context: Option<String>,
    /// Its namespace.
    pub namespace: String,
    /// Its Lease as it was read; `None` for a workload without one.
    pub lease: Option<Arc<LeaseRecord>>,
    /// The system that it belongs to, if it is one that hactl knows by name.
    pub system: Option<System>,
    /// The workload that contends for the Lease.
    pub workload: Option<Workload>,
    /// The workload's namespace, which need not be the Lease's.
    pub workload_namespace: String,
    /// Who holds the Lease.
    pub holder: HolderFacts,
    /// The Pods that take part, the leader first, then by name.
    pub candidates: Vec<Candidate>,
    /// The elector.
    pub elector: Elector,
    /// The verdict.
    pub health: Health,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// The Lease ran out after it was last known to be current: it may have been renewed unseen, is not called expired,
    /// and has to be read again.
    pub unconfirmed: bool,
    /// The Lease has expired though its holder's Pod runs: it is read again for a moment before that is said.
    pub doubtful: bool,
}

/// Who holds the Lease, and where that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolderFacts {
    /// The identity in the Lease; `None` where it is null or empty, or hactl's own fence.
    pub identity: Option<String>,
    /// The name of its Pod.
    pub pod: Option<String>,
    /// Whether that this is its Pod is a guess.
    pub guessed: bool,
    /// Its node.
    pub node: Option<String>,
    /// The node's zone.
    pub zone: Option<Arc<str>>,
}

impl Election {
    /// How long ago the Lease was renewed; negative where renewTime lies in the future.
    #[must_use]
    pub fn renewed_ago(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(now.duration_since(self.lease.as_ref()?.renewed?))
    }

    /// How long until the Lease expires; negative where it has.
    #[must_use]
    pub fn expires_in(&self, now: Timestamp) -> Option<SignedDuration> {
        self.holder.identity.as_ref()?;
        Some(self.lease.as_ref()?.expires()?.duration_since(now))
    }

    /// `spec.leaseTransitions`. Some electors never touch it.
    #[must_use]
    pub fn transitions(&self) -> Option<i64> {
        self.lease.as_ref()?.transitions
    }

    /// A transfer in progress, or one left behind.
    #[must_use]
    pub fn transfer(&self) -> Option<&Transfer> {
        self.lease.as_ref()?.transfer.as_ref()
    }

    /// The Lease's name.
    #[must_use]
    pub fn lease_name(&self) -> Option<&str> {
        self.lease.as_ref().map(|lease| lease.key.name.as_str())
    }

    /// Whether its system is known for standbys that are never Ready.
    #[must_use]
    pub fn standbys_are_never_ready(&self) -> bool {
        self.system.is_some_and(System::standbys_are_never_ready)
    }

    /// The standbys that count (Ready, or running where Ready means leading), and all of them.
    #[must_use]
    pub fn standbys(&self) -> Option<(usize, usize)> {
        let never_ready = self.standbys_are_never_ready();
        let standbys = || self.candidates.iter().filter(|candidate| candidate.role == Role::Standby);
        let counts = |c: &&Candidate| !c.pod.terminating() && (c.pod.ready || (never_ready && c.pod.all_running()));
        (!self.candidates.is_empty()).then(|| (standbys().filter(counts).count(), standbys().count()))
    }
}

/// Joins a Snapshot into its Elections, by namespace and name. Heartbeats are left out unless `all_kinds`.
#[must_use]
pub fn elections(snapshot: &Snapshot, now: Now, all_kinds: bool, memory: &impl Memory) -> Vec<Election> {
    let index = Index::new(snapshot);
    let shown = snapshot.leases.values().filter(|lease| all_kinds || !lease.heartbeat);
    shown.map(|lease| election(lease, snapshot, &index, now, memory)).collect()
}

/// The workloads that `target` names and that contend in none of `elections`: each is an Election without a Lease.
#[must_use]
pub fn without_lease(snapshot: &Snapshot, target: &Target, elections: &[Election]) -> Vec<Election> {
    let named = |workload: &Workload| match target {
        Target::Workload(wanted) => wanted == workload,
        Target::Name(name) => *name == workload.name,
        Target::Lease(_) => false,
    };
    let contends = |namespace: &str, workload: &Workload| {
        elections.iter().any(|e| e.workload_namespace == namespace && e.workload.as_ref() == Some(workload))
    };
    if let Target::Name(name) = target
        && elections.iter().any(|election| election.lease_name() == Some(name))
    {
        return Vec::new();
    }
    let index = Index::new(snapshot);
    // A Lease that nobody holds does not tell whose it is.
    let nobodys = |namespace: &str| {
        let free = elections.iter().filter(|e| e.namespace == namespace && e.workload.is_none());
        free.filter(|e| e.holder.identity.is_none()).filter_map(Election::lease_name).collect::<Vec<_>>()
    };
    snapshot
        .workloads
        .values()
        .filter(|spec| named(&spec.workload) && !contends(&spec.namespace, &spec.workload))
        .map(|spec| {
            let pods: Vec<_> = index.pods_of(&spec.namespace, &spec.workload).collect();
            let mut candidates: Vec<_> = pods.iter().map(|pod| Candidate::new(pod, Role::Standby, snapshot)).collect();
            candidates.sort_by(|a, b| a.name().cmp(b.name()));
            let asks = spec.settings.iter().any(|s| s.name.contains("leader-elect") && s.value != "false");
            let though = if asks { ", though its containers ask for leader election" } else { "" };
            let mut reasons = vec![format!("no Lease could be found that {} contends for{though}", spec.workload)];
            let free = nobodys(&spec.namespace);
            if !free.is_empty() {
                reasons.push(format!("it may be one that nobody holds now: {}", free.join(", ")));
            }
            Election {
                context: snapshot.context.clone(),
                namespace: spec.namespace.clone(),
                lease: None,
                system: pods.iter().find_map(|pod| System::of(pod, Library::Unknown)),
                workload: Some(spec.workload.clone()),
                workload_namespace: spec.namespace.clone(),
                holder: HolderFacts::default(),
                candidates,
                elector: Elector::unknown("there is no Lease to tell it by"),
                health: if free.is_empty() { Health::NeverHeld } else { Health::Unknown },
                reasons,
                unconfirmed: false,
                doubtful: false,
            }
        })
        .collect()
}

fn election(
    lease: &Arc<LeaseRecord>,
    snapshot: &Snapshot,
    index: &Index<'_>,
    now: Now,
    memory: &impl Memory,
) -> Election {
    let identity = lease.holder.as_deref().filter(|_| !matches!(lease.tenure(now.at), Tenure::Fenced { .. }));
    let identity = identity.filter(|identity| !identity.is_empty());
    let found = identity.map(|identity| index.holder(&lease.key, identity));
    let pod = match &found {
        Some(Holder::Pod { pod, .. }) => Some(*pod),
        _ => None,
    };
    // Who held it last tells whose Lease it is, where nobody holds it now.
    let last = memory.last_holder(&lease.key).or(lease.transfer.as_ref().and_then(|transfer| transfer.from.as_deref()));
    let last = match last.filter(|_| identity.is_none()).map(|identity| index.holder(&lease.key, identity)) {
        Some(Holder::Pod { pod, .. }) => Some(pod),
        _ => None,
    };
    let contenders = Contenders::find(lease, pod.or(last), now.at, snapshot, index);
    let settings = contenders.settings(lease, index);
    let mut elector = Elector::of(lease, &settings);
    if let Some(interval) = memory.interval(&lease.key) {
        elector.measured(interval);
    }
    let system = contenders.pods.iter().find_map(|pod| System::of(pod, elector.library));
    let candidates = contenders.candidates(pod, snapshot);
    let unread =
        snapshot.unread(Kind::Pods).map(|why| format!("Pods could not be read ({why}): the Lease is judged alone"));
    let note = identity.zip(found.as_ref()).and_then(|(identity, found)| holder_note(identity, found, &lease.key));
    let facts = Facts {
        lease,
        candidates: &candidates,
        pods_unread: unread.is_some(),
        candidates_unknown: unread.as_deref().or(contenders.unknown.as_deref().filter(|_| candidates.is_empty())),
        holder_note: note.as_deref().filter(|_| unread.is_none() && !contenders.gone),
        holder_gone: contenders.gone,
        free_since: memory.free_since(&lease.key),
        holder_ambiguous: matches!(found, Some(Holder::Ambiguous(_))),
        scaled_to_zero: contenders.scaled_to_zero(index),
        ready_means_leading: system.is_some_and(System::standbys_are_never_ready),
        nodes: node_count(snapshot),
        recent_changes: memory.changes(&lease.key).max(changes_since_creation(lease, &elector, now.at)),
    };
    let unconfirmed = unconfirmed(lease, now, memory.current_at(&lease.key));
    let judged_at = unconfirmed.unwrap_or(now.at);
    let (health, mut reasons) = judge(&facts, Now { at: judged_at, ..now });
    let health = if unconfirmed.is_some() { Health::Unknown } else { health };
    reasons.extend(unconfirmed.map(|expired| {
        let ago = words(now.at.duration_since(expired));
        format!("looks expired for {ago}, but the API server could not be asked whether it was renewed")
    }));
    reasons.extend(contenders.note);
    Election {
        context: snapshot.context.clone(),
        namespace: lease.key.namespace.clone(),
        holder: holder_facts(identity, found.as_ref(), snapshot),
        unconfirmed: unconfirmed.is_some(),
        doubtful: matches!(lease.tenure(judged_at), Tenure::Expired { .. })
            && pod.is_some_and(|pod| pod.running && !pod.terminating()),
        lease: Some(Arc::clone(lease)),
        system,
        workload_namespace: contenders.namespace.to_owned(),
        workload: contenders.workload,
        candidates,
        elector,
        health,
        reasons,
    }
}

/// When a record ran out that may have been renewed since, for all that is known: it expired after it was last current.
fn unconfirmed(lease: &LeaseRecord, now: Now, current_at: Option<Timestamp>) -> Option<Timestamp> {
    let Tenure::Expired { since, .. } = lease.tenure(now.at) else { return None };
    (since >= current_at?).then_some(since)
}

fn holder_facts(identity: Option<&str>, found: Option<&Holder<'_>>, snapshot: &Snapshot) -> HolderFacts {
    let (pod, node) = match found {
        Some(Holder::Pod { pod, .. }) => (Some(pod.key.name.clone()), pod.node.clone()),
        Some(Holder::Node { node, .. }) => (None, Some((*node).to_owned())),
        _ => (None, None),
    };
    let zone = node.as_deref().and_then(|node| snapshot.zone(node)).cloned();
    let guessed = matches!(found, Some(Holder::Pod { guess: Some(_), .. }));
    HolderFacts { identity: identity.map(str::to_owned), pod, guessed, node, zone }
}

fn holder_note(identity: &str, found: &Holder<'_>, lease: &Key) -> Option<String> {
    match found {
        Holder::Pod { pod, guess: Some(how) } => Some(format!("Pod {} is a guess: {how}", pod.key.name)),
        Holder::Pod { pod, .. } if pod.finished => Some(format!("the holder's Pod {} has ended", pod.key.name)),
        Holder::Pod { pod, .. } if pod.key.namespace != lease.namespace => {
            Some(format!("the holder's Pod is in namespace {}", pod.key.namespace))
        }
        Holder::Pod { .. } => None,
        Holder::Ambiguous(pods) => Some(format!("{identity} could be any of the Pods {}", several(pods))),
        Holder::Node { node, hosted } if hosted.is_empty() => {
            Some(format!("{identity} is a process on node {node}, no Pod of its own"))
        }
        Holder::Node { node, hosted } => {
            Some(format!("{identity} is a process on node {node}, perhaps of the Pods {}", several(hosted)))
        }
        Holder::Unmapped => Some(format!("{identity} is not mappable to a Pod")),
    }
}

/// The first names of several Pods, and how many more there are.
fn several(pods: &[&Arc<Pod>]) -> String {
    let names: Vec<_> = pods.iter().take(5).map(|pod| pod.key.to_string()).collect();
    match pods.len() - names.len() {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// Nodes that are known, by their own list or by the Pods that run on them.
fn node_count(snapshot: &Snapshot) -> usize {
    if !snapshot.nodes.is_empty() {
        return snapshot.nodes.len();
    }
    let mut nodes: Vec<_> = snapshot.pods.values().filter_map(|pod| pod.node.as_deref()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes.len()
}

/// A Lease that is younger than the window has all its transitions inside it, unless it was restored from elsewhere:
/// then it was acquired before it was created. kube-lease-manager and kubert count the first holder, too.
fn changes_since_creation(lease: &LeaseRecord, elector: &Elector, now: Timestamp) -> i64 {
    let young = lease.created.is_some_and(|at| now.duration_since(at) < super::health::FLAPPING_WINDOW);
    // Creation is dated to the second.
    let own = lease.acquired.zip(lease.created).is_none_or(|(acquired, created)| acquired >= created);
    let first = i64::from(elector.library.renews_before_expiry());
    if young && own { lease.transitions.unwrap_or_default() - first } else { 0 }
}

#[cfg(test)]
mod tests;
