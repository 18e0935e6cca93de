//! From a holder's identity to its Pod, and from a Lease to the workload that contends for it.
//!
//! An identity is any text. Most are a Pod's name, or its host name with something behind it; with the host's network
//! it is the node's name; some are random. [`Index`] looks each reading up and says how it found what it found; where
//! several Pods answer to one identity it says that, and takes none.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::elector::hostname_of;
use super::workload::{Workload, WorkloadKind, WorkloadSpec, could_own};
use super::{Key, LeaseRecord, Pod, Snapshot};

/// Identities are looked at up to this many bytes: twice what a Kubernetes name can have.
const LONGEST_IDENTITY: usize = 512;

/// What an identity was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder<'a> {
    /// One Pod.
    Pod {
        /// The Pod.
        pod: &'a Arc<Pod>,
        /// Set where the reading is a guess: how it was read.
        guess: Option<&'static str>,
    },
    /// Several Pods answer to it.
    Ambiguous(Vec<&'a Arc<Pod>>),
    /// A process on this node that is no Pod which could be told apart.
    Node {
        /// The node's name.
        node: &'a str,
        /// The Pods on the node's network in the Lease's namespace: one of them may be meant.
        hosted: Vec<&'a Arc<Pod>>,
    },
    /// No Pod and no node.
    Unmapped,
}

/// By what a workload was found without its Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// It owns the Lease.
    Owning,
    /// Its containers name the Lease.
    Naming,
    /// The holder has a name that its controller gives to Pods: that Pod is gone.
    PodName(String),
    /// It has the Lease's name: a guess.
    LeaseName,
}

impl std::fmt::Display for FoundBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Owning => f.write_str("it owns the Lease"),
            Self::Naming => f.write_str("its containers name the Lease"),
            Self::PodName(pod) => write!(f, "its controller made the Pod {pod}"),
            Self::LeaseName => f.write_str("a guess: it has the Lease's name"),
        }
    }
}

/// A Snapshot's Pods and workloads by everything that an identity or a Lease could name.
#[derive(Debug)]
pub struct Index<'a> {
    by_name: HashMap<&'a str, Vec<&'a Arc<Pod>>>,
    by_host: HashMap<&'a str, Vec<&'a Arc<Pod>>>,
    by_address: HashMap<&'a str, &'a Arc<Pod>>,
    by_workload: HashMap<(&'a str, Workload), Vec<&'a Arc<Pod>>>,
    naming: BTreeMap<(&'a str, &'a str), BTreeSet<Workload>>,
    nodes: HashMap<&'a str, &'a str>,
    specs: &'a BTreeMap<(String, Workload), WorkloadSpec>,
}

impl<'a> Index<'a> {
    /// Indexes a Snapshot.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let mut index = Self {
            by_name: HashMap::new(),
            by_host: HashMap::new(),
            by_address: HashMap::new(),
            by_workload: HashMap::new(),
            naming: BTreeMap::new(),
            nodes: HashMap::new(),
            specs: &snapshot.workloads,
        };
        for node in snapshot.nodes.values() {
            index.nodes.insert(&node.name, &node.name);
            index.nodes.extend(node.hostname.as_deref().map(|host| (host, node.name.as_str())));
        }
        for pod in snapshot.pods.values() {
            index.add_pod(pod, snapshot);
        }
        for spec in snapshot.workloads.values() {
            index.add_naming(&spec.namespace, &spec.workload, spec.settings.iter());
        }
        index
    }

    fn add_pod(&mut self, pod: &'a Arc<Pod>, snapshot: &'a Snapshot) {
        let workload = pod.workload();
        self.by_name.entry(&pod.key.name).or_default().push(pod);
        let host = pod.host();
        if host != pod.key.name {
            self.by_host.entry(host).or_default().push(pod);
        }
        if pod.host_network
            && let Some(alias) = pod.node.as_ref().and_then(|node| snapshot.nodes.get(node)?.hostname.as_deref())
            && alias != host
        {
            self.by_host.entry(alias).or_default().push(pod);
        }
        self.by_address.insert(&pod.uid, pod);
        // The address of a Pod that has ended belongs to another by now.
        if !pod.host_network
            && !pod.finished
            && let Some(ip) = &pod.ip
        {
            self.by_address.insert(ip, pod);
        }
        self.add_naming(&pod.key.namespace, &workload, pod.settings());
        self.by_workload.entry((&pod.key.namespace, workload)).or_default().push(pod);
    }

    fn add_naming(
        &mut self,
        namespace: &'a str,
        workload: &Workload,
        settings: impl Iterator<Item = &'a super::setting::Setting>,
    ) {
        for setting in settings.filter(|s| !s.value.is_empty() && !s.name.ends_with("namespace")) {
            self.naming.entry((namespace, &setting.value)).or_default().insert(workload.clone());
        }
    }

    /// Maps the identity that holds `lease` to what it names.
    #[must_use]
    pub fn holder(&self, lease: &Key, identity: &str) -> Holder<'a> {
        let end = (0..=LONGEST_IDENTITY).rev().find(|end| identity.is_char_boundary(*end));
        let identity = end.and_then(|end| identity.get(..end)).unwrap_or(identity);
        if let Some(pod) = self.by_address.get(identity) {
            return Holder::Pod { pod, guess: None };
        }
        for (reading, guess) in readings(identity) {
            let mut pods = self.answering(lease, reading);
            if guess.is_some() {
                // `web-1-x` is no sign of a bare Pod named `web`: only names that a controller made are so long.
                pods.retain(|pod| pod.controller.is_some());
            }
            match pods.as_slice() {
                [] => {
                    if let Some(node) = self.node(lease, reading) {
                        return node;
                    }
                }
                [pod] => return Holder::Pod { pod, guess },
                _ => return Holder::Ambiguous(pods),
            }
        }
        Holder::Unmapped
    }

    /// The Pods that answer to one reading.
    ///
    /// A name counts in the Lease's own namespace; elsewhere only if it is one that no two Pods have, with a random
    /// end: `postgres-0` of another namespace is somebody else. Pods on the host's network all have the host's name,
    /// and so only those count that name this Lease, or are named like it.
    fn answering(&self, lease: &Key, reading: &str) -> Vec<&'a Arc<Pod>> {
        let pods = |of: &HashMap<&'a str, Vec<&'a Arc<Pod>>>| of.get(reading).cloned().unwrap_or_default();
        let mut all: Vec<_> = pods(&self.by_name);
        all.extend(pods(&self.by_host).into_iter().filter(|pod| !pod.host_network || self.related(lease, pod)));
        let here: Vec<_> = all.iter().copied().filter(|pod| pod.key.namespace == lease.namespace).collect();
        if here.is_empty() {
            all.retain(|pod| pod.host_network || has_random_name(pod));
            return all;
        }
        here
    }

    /// The node that a reading names, with the Pods on its network that could be meant.
    fn node(&self, lease: &Key, reading: &str) -> Option<Holder<'a>> {
        let mut hosted = self.by_host.get(reading).cloned().unwrap_or_default();
        hosted.retain(|pod| pod.host_network);
        let node = self.nodes.get(reading).copied().or_else(|| hosted.first()?.node.as_deref())?;
        hosted.retain(|pod| pod.key.namespace == lease.namespace);
        Some(Holder::Node { node, hosted })
    }

    fn related(&self, lease: &Key, pod: &Pod) -> bool {
        let workload = pod.workload();
        let names_it = pod.settings().any(|setting| setting.value == lease.name);
        names_it || lease.name.starts_with(&workload.name) || workload.name.starts_with(&lease.name)
    }

    /// The Pods of a workload, without those that have ended.
    pub fn pods_of(&self, namespace: &str, workload: &Workload) -> impl Iterator<Item = &'a Arc<Pod>> + use<'a> {
        let pods = self.by_workload.get(&(namespace, workload.clone()));
        pods.into_iter().flatten().copied().filter(|pod| !pod.finished).collect::<Vec<_>>().into_iter()
    }

    /// The Deployment or StatefulSet as it was read.
    #[must_use]
    pub fn spec(&self, namespace: &str, workload: &Workload) -> Option<&'a WorkloadSpec> {
        self.specs.get(&(namespace.to_owned(), workload.clone()))
    }

    /// The workloads whose containers name this Lease in an argument or a variable.
    pub fn naming<'s>(&'s self, lease: &'s Key) -> impl Iterator<Item = &'s Workload> {
        self.naming.get(&(lease.namespace.as_str(), lease.name.as_str())).into_iter().flatten()
    }

    /// Finds the workload of a Lease whose holder's Pod cannot be found, and by what.
    #[must_use]
    pub fn workload_of(&self, lease: &LeaseRecord) -> Option<(Workload, FoundBy)> {
        let namespace = lease.key.namespace.as_str();
        let exists = |workload: &Workload| {
            self.spec(namespace, workload).is_some() || self.by_workload.contains_key(&(namespace, workload.clone()))
        };
        for (kind, name) in &lease.owned_by {
            let owner = Workload::new(WorkloadKind::parse(kind), name);
            if exists(&owner) {
                return Some((owner, FoundBy::Owning));
            }
        }
        if let Some(host) = lease.holder.as_deref().map(|identity| hostname_of(identity).unwrap_or(identity))
            && let Some(workload) = possible_owners(host).into_iter().find(|w| could_own(w, host) && exists(w))
        {
            return Some((workload, FoundBy::PodName(host.to_owned())));
        }
        let mut naming = self.naming(&lease.key);
        if let (Some(workload), None) = (naming.next(), naming.next()) {
            return Some((workload.clone(), FoundBy::Naming));
        }
        [WorkloadKind::Deployment, WorkloadKind::StatefulSet]
            .into_iter()
            .map(|kind| Workload::new(kind, &lease.key.name))
            .find(exists)
            .map(|workload| (workload, FoundBy::LeaseName))
    }
}

/// Whether the Pod's name has a random end, which its controller gave it.
fn has_random_name(pod: &Pod) -> bool {
    pod.controller.as_ref().is_some_and(|(kind, _)| matches!(kind.as_str(), "ReplicaSet" | "DaemonSet" | "Job"))
}

/// The Deployment and the StatefulSet that could own a Pod of this name.
fn possible_owners(pod: &str) -> Vec<Workload> {
    let mut owners = Vec::new();
    if let Some((set, _)) = pod.rsplit_once('-') {
        owners.push(Workload::new(WorkloadKind::StatefulSet, set));
        if let Some((deployment, _)) = set.rsplit_once('-') {
            owners.push(Workload::new(WorkloadKind::Deployment, deployment));
        }
    }
    owners
}

/// The ways to read an identity, the surest first; the text marks a guess.
fn readings(identity: &str) -> impl Iterator<Item = (&str, Option<&'static str>)> {
    let cuts = |at: fn(char) -> bool| identity.rmatch_indices(at).map(|(i, _)| &identity[..i]);
    std::iter::once(identity)
        .chain(hostname_of(identity))
        .chain(identity.rsplit_once('/').map(|(_, name)| name))
        .chain(cuts(|c| matches!(c, '_' | '/' | ':' | '@' | '.' | ' ')))
        .map(|name| (name, None))
        .chain(cuts(|c| c == '-').map(|name| (name, Some("the identity begins with the Pod's name"))))
}

#[cfg(test)]
mod tests;
