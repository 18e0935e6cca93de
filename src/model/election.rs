//! The Election: a workload that should have one leader, with its Lease and everything that takes part.

use jiff::{SignedDuration, Timestamp};

use super::elector::{Elector, Library};
use super::health::{Facts, Health, Now, judge};
use super::holder::{Holder, Index};
use super::lease::{LeaseRecord, Tenure, Transfer};
use super::selection::Target;
use super::setting::Setting;
use super::{Key, Kind, Pod, Snapshot, Workload};
use crate::system::System;

/// An Election at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Election {
    /// The context that it was read from; `None` in a cluster.
    pub context: Option<String>,
    /// Its namespace.
    pub namespace: String,
    /// Its Lease as it was read; `None` for a workload without one.
    pub lease: Option<LeaseRecord>,
    /// The system that it belongs to, if it is one that hactl knows by name.
    pub system: Option<System>,
    /// The workload that contends for the Lease, and its namespace where that is not the Lease's.
    pub workload: Option<Workload>,
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
    /// The Lease looks expired while its holder's Pod runs: it has to be read again before that is said.
    pub doubtful: bool,
}

/// Who holds the Lease, and where that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolderFacts {
    /// The identity in the Lease; `None` where it is null or empty, or hactl's own fence.
    pub identity: Option<String>,
    /// The name of its Pod.
    pub pod: Option<String>,
    /// Its node.
    pub node: Option<String>,
    /// The node's zone.
    pub zone: Option<String>,
}

/// What a candidate does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It holds the Lease.
    Leader,
    /// It stands by.
    Standby,
}

/// A Pod that takes part in an Election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The Pod's name.
    pub name: String,
    /// What it does now.
    pub role: Role,
    /// Its Ready condition.
    pub ready: bool,
    /// Whether all its containers run.
    pub running: bool,
    /// Whether it is on its way out.
    pub terminating: bool,
    /// When it was told to go, as far as it is known.
    pub terminating_since: Option<Timestamp>,
    /// How long it was given to go.
    pub grace: Option<SignedDuration>,
    /// Its node.
    pub node: Option<String>,
    /// The node's zone.
    pub zone: Option<String>,
    /// How often its containers were restarted.
    pub restarts: i64,
    /// Why it is not Ready, as far as it is known.
    pub trouble: Option<String>,
}

impl Candidate {
    fn new(pod: &Pod, role: Role, snapshot: &Snapshot) -> Self {
        let grace = pod.grace_seconds.map(SignedDuration::from_secs);
        Self {
            name: pod.key.name.clone(),
            role,
            ready: pod.ready,
            running: pod.all_running(),
            terminating: pod.terminating(),
            // deletionTimestamp is when the grace period ends.
            terminating_since: pod.deleted.and_then(|at| at.checked_sub(grace.unwrap_or_default()).ok()),
            grace,
            node: pod.node.clone(),
            zone: pod.node.as_deref().and_then(|node| snapshot.zone(node)).map(str::to_owned),
            restarts: pod.restarts(),
            trouble: pod.waiting_reason().map(str::to_owned).filter(|_| !pod.ready),
        }
    }

    /// For how long it has been on its way out.
    #[must_use]
    pub fn terminating_for(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(now.duration_since(self.terminating_since?))
    }
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

    /// The standbys that count (Ready, or running where Ready means leading), and all of them.
    #[must_use]
    pub fn standbys(&self) -> Option<(usize, usize)> {
        let never_ready = self.system.is_some_and(System::standbys_are_never_ready);
        let standbys = || self.candidates.iter().filter(|candidate| candidate.role == Role::Standby);
        let counts = |c: &&Candidate| !c.terminating && (c.ready || (never_ready && c.running));
        (!self.candidates.is_empty()).then(|| (standbys().filter(counts).count(), standbys().count()))
    }
}

/// What was seen of an Election over time: by a watch, or by what the cluster remembers.
pub trait Memory {
    /// Changes of the holder within the flapping window.
    fn changes(&self, lease: &Key) -> i64;
    /// The interval between two renewals.
    fn interval(&self, lease: &Key) -> Option<SignedDuration>;
}

/// No memory: a single look.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstLook;

impl Memory for FirstLook {
    fn changes(&self, _: &Key) -> i64 {
        0
    }
    fn interval(&self, _: &Key) -> Option<SignedDuration> {
        None
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
        elections.iter().any(|e| e.namespace == namespace && e.workload.as_ref() == Some(workload))
    };
    if let Target::Name(name) = target
        && elections.iter().any(|election| election.lease_name() == Some(name))
    {
        return Vec::new();
    }
    let index = Index::new(snapshot);
    snapshot
        .workloads
        .values()
        .filter(|spec| named(&spec.workload) && !contends(&spec.namespace, &spec.workload))
        .map(|spec| {
            let pods: Vec<_> = index.pods_of(&spec.namespace, &spec.workload).collect();
            let mut candidates: Vec<_> = pods.iter().map(|pod| Candidate::new(pod, Role::Standby, snapshot)).collect();
            candidates.sort_by(|a, b| a.name.cmp(&b.name));
            let asks = spec.settings.iter().any(|s| s.name.contains("leader-elect") && s.value != "false");
            let though = if asks { ", though its containers ask for leader election" } else { "" };
            Election {
                context: snapshot.context.clone(),
                namespace: spec.namespace.clone(),
                lease: None,
                system: pods.iter().find_map(|pod| System::of(pod, Library::Unknown)),
                workload: Some(spec.workload.clone()),
                holder: HolderFacts::default(),
                candidates,
                elector: Elector::unknown("there is no Lease to tell it by"),
                health: Health::NeverHeld,
                reasons: vec![format!("no Lease could be found that {} contends for{though}", spec.workload)],
                doubtful: false,
            }
        })
        .collect()
}

fn election(lease: &LeaseRecord, snapshot: &Snapshot, index: &Index<'_>, now: Now, memory: &impl Memory) -> Election {
    let identity = lease.holder.as_deref().filter(|_| !matches!(lease.tenure(now.at), Tenure::Fenced { .. }));
    let identity = identity.filter(|identity| !identity.is_empty());
    let found = identity.map(|identity| index.holder(&lease.key, identity));
    let pod = match &found {
        Some(Holder::Pod { pod, .. }) => Some(*pod),
        _ => None,
    };
    let contenders = Contenders::find(lease, pod, snapshot, index);
    let settings: Vec<Setting> = contenders.settings(index);
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
        holder_note: note.as_deref().filter(|_| unread.is_none()),
        scaled_to_zero: contenders.scaled_to_zero(index),
        ready_means_leading: system.is_some_and(System::standbys_are_never_ready),
        nodes: node_count(snapshot),
        recent_changes: memory.changes(&lease.key).max(changes_since_creation(lease, now.at)),
    };
    let (health, mut reasons) = judge(&facts, now);
    reasons.extend(contenders.note);
    Election {
        context: snapshot.context.clone(),
        namespace: lease.key.namespace.clone(),
        holder: holder_facts(identity, found.as_ref(), snapshot),
        doubtful: matches!(lease.tenure(now.at), Tenure::Expired { .. })
            && pod.is_some_and(|pod| pod.running && !pod.terminating()),
        lease: Some(lease.clone()),
        system,
        workload: contenders.workload,
        candidates,
        elector,
        health,
        reasons,
    }
}

/// The Pods that contend for one Lease.
struct Contenders<'a> {
    namespace: &'a str,
    workload: Option<Workload>,
    pods: Vec<&'a Pod>,
    /// What is worth saying about how the workload was found, or about a second one.
    note: Option<String>,
    /// Why the candidates are not known.
    unknown: Option<String>,
}

impl<'a> Contenders<'a> {
    fn find(lease: &'a LeaseRecord, holder: Option<&'a Pod>, snapshot: &Snapshot, index: &Index<'a>) -> Self {
        let namespace = holder.map_or(lease.key.namespace.as_str(), |pod| pod.key.namespace.as_str());
        let found = match holder {
            Some(pod) => Some((pod.workload(), None)),
            None => index.workload_of(lease).map(|(workload, by)| (workload, Some(by))),
        };
        let Some((workload, by)) = found else {
            let unknown = lease
                .holder
                .as_deref()
                .filter(|holder| !holder.is_empty() && snapshot.unread(Kind::Pods).is_none())
                .map(|_| "candidates are unknown: no workload could be found for this Lease".to_owned());
            return Self { namespace, workload: None, pods: Vec::new(), note: None, unknown };
        };
        let mut pods: Vec<_> = index.pods_of(namespace, &workload).collect();
        let mut notes = Vec::new();
        notes.extend(by.map(|by| format!("workload {workload} found another way: {by}")));
        let others: Vec<_> = index.naming(&lease.key).filter(|other| **other != workload).cloned().collect();
        for other in &others {
            pods.extend(index.pods_of(&lease.key.namespace, other));
        }
        if !others.is_empty() {
            let names: Vec<_> = std::iter::once(&workload).chain(&others).map(ToString::to_string).collect();
            notes.push(format!("{} workloads name this Lease: {}", names.len(), names.join(", ")));
        }
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        Self { namespace, workload: Some(workload), pods, note, unknown: None }
    }

    fn candidates(&self, holder: Option<&Pod>, snapshot: &Snapshot) -> Vec<Candidate> {
        let role = |pod: &Pod| match holder {
            Some(holder) if holder.key == pod.key => Role::Leader,
            _ => Role::Standby,
        };
        let mut candidates: Vec<_> = self.pods.iter().map(|pod| Candidate::new(pod, role(pod), snapshot)).collect();
        candidates.sort_by(|a, b| (a.role == Role::Standby, &a.name).cmp(&(b.role == Role::Standby, &b.name)));
        candidates
    }

    fn settings(&self, index: &Index<'_>) -> Vec<Setting> {
        match self.pods.first() {
            Some(pod) => pod.settings().cloned().collect(),
            None => self.spec(index).map_or_else(Vec::new, |spec| spec.settings.clone()),
        }
    }

    fn scaled_to_zero(&self, index: &Index<'_>) -> bool {
        self.pods.is_empty() && self.spec(index).is_some_and(|spec| spec.replicas == 0)
    }

    fn spec<'i>(&self, index: &Index<'i>) -> Option<&'i super::workload::WorkloadSpec> {
        index.spec(self.namespace, self.workload.as_ref()?)
    }
}

fn holder_facts(identity: Option<&str>, found: Option<&Holder<'_>>, snapshot: &Snapshot) -> HolderFacts {
    let (pod, node) = match found {
        Some(Holder::Pod { pod, .. }) => (Some(pod.key.name.clone()), pod.node.clone()),
        Some(Holder::Node(node)) => (None, Some((*node).to_owned())),
        _ => (None, None),
    };
    let zone = node.as_deref().and_then(|node| snapshot.zone(node)).map(str::to_owned);
    HolderFacts { identity: identity.map(str::to_owned), pod, node, zone }
}

fn holder_note(identity: &str, found: &Holder<'_>, lease: &Key) -> Option<String> {
    match found {
        Holder::Pod { pod, guess: Some(how) } => Some(format!("Pod {} is a guess: {how}", pod.key.name)),
        Holder::Pod { pod, .. } if pod.finished => Some(format!("the holder's Pod {} has ended", pod.key.name)),
        Holder::Pod { pod, .. } if pod.key.namespace != lease.namespace => {
            Some(format!("the holder's Pod is in namespace {}", pod.key.namespace))
        }
        Holder::Pod { .. } => None,
        Holder::Ambiguous(pods) => {
            let names: Vec<_> = pods.iter().take(5).map(|pod| pod.key.to_string()).collect();
            let more = pods.len().saturating_sub(names.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Some(format!("{identity} could be any of the Pods {}{more}", names.join(", ")))
        }
        Holder::Node(node) => Some(format!("{identity} is a process on node {node}, no Pod of its own")),
        Holder::Unmapped => Some(format!("{identity} is not mappable to a Pod")),
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

/// A Lease that is younger than the window has all its transitions inside it.
fn changes_since_creation(lease: &LeaseRecord, now: Timestamp) -> i64 {
    let young = lease.created.is_some_and(|at| now.duration_since(at) < super::health::FLAPPING_WINDOW);
    if young { lease.transitions.unwrap_or_default() } else { 0 }
}
