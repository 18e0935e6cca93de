//! The Snapshot: every object that was read, and what could not be read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::record::EventRecord;
use super::workload::{Workload, WorkloadSpec};
use super::{Key, LeaseRecord, Pod};

/// The kinds of objects that hactl reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `coordination.k8s.io/v1` Leases.
    Leases,
    /// Pods.
    Pods,
    /// Nodes, their metadata only.
    Nodes,
    /// `apps/v1` Deployments.
    Deployments,
    /// `apps/v1` StatefulSets.
    StatefulSets,
    /// Events: what was said of an object. They are no part of a [`Snapshot`].
    Events,
}

impl Kind {
    /// The resource's name as kubectl and RBAC spell it.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            Self::Leases => "leases.coordination.k8s.io",
            Self::Pods => "pods",
            Self::Nodes => "nodes",
            Self::Deployments => "deployments.apps",
            Self::StatefulSets => "statefulsets.apps",
            Self::Events => "events",
        }
    }
}

/// A Node's name and labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Name.
    pub name: String,
    /// Label `topology.kubernetes.io/zone`.
    pub zone: Option<Arc<str>>,
    /// Label `kubernetes.io/hostname`.
    pub hostname: Option<String>,
}

/// One object of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// A Lease.
    Lease(LeaseRecord),
    /// A Pod.
    Pod(Pod),
    /// A Node.
    Node(Node),
    /// A Deployment or StatefulSet.
    Workload(WorkloadSpec),
    /// An Event.
    Event(EventRecord),
}

/// All that was read of one cluster, and what could not be read.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The context that it was read from; `None` in a cluster.
    pub context: Option<String>,
    /// Leases; shared with the Elections, because there can be many.
    pub leases: BTreeMap<Key, Arc<LeaseRecord>>,
    /// Pods; shared with the Elections.
    pub pods: BTreeMap<Key, Arc<Pod>>,
    /// Nodes by name.
    pub nodes: BTreeMap<String, Node>,
    /// Deployments and StatefulSets by namespace.
    pub workloads: BTreeMap<(String, Workload), WorkloadSpec>,
    /// Kinds that could not be read, and why.
    pub unread: BTreeMap<Kind, String>,
}

impl Snapshot {
    /// Adds an object, or replaces its earlier state.
    pub fn insert(&mut self, object: Object) {
        match object {
            Object::Lease(lease) => drop(self.leases.insert(lease.key.clone(), Arc::new(lease))),
            Object::Pod(pod) => drop(self.pods.insert(pod.key.clone(), Arc::new(pod))),
            Object::Node(node) => drop(self.nodes.insert(node.name.clone(), node)),
            Object::Workload(spec) => {
                drop(self.workloads.insert((spec.namespace.clone(), spec.workload.clone()), spec));
            }
            Object::Event(_) => {}
        }
    }

    /// Takes an object out.
    pub fn remove(&mut self, object: &Object) {
        match object {
            Object::Lease(lease) => drop(self.leases.remove(&lease.key)),
            Object::Pod(pod) => drop(self.pods.remove(&pod.key)),
            Object::Node(node) => drop(self.nodes.remove(&node.name)),
            Object::Workload(spec) => {
                drop(self.workloads.remove(&(spec.namespace.clone(), spec.workload.clone())));
            }
            Object::Event(_) => {}
        }
    }

    /// Takes out every object of one kind: a new list of them follows.
    pub fn clear(&mut self, kind: Kind) {
        use super::WorkloadKind::{Deployment, StatefulSet};
        match kind {
            Kind::Leases => self.leases.clear(),
            Kind::Pods => self.pods.clear(),
            Kind::Nodes => self.nodes.clear(),
            Kind::Deployments => self.workloads.retain(|(_, workload), _| workload.kind != Deployment),
            Kind::StatefulSets => self.workloads.retain(|(_, workload), _| workload.kind != StatefulSet),
            Kind::Events => {}
        }
    }

    /// Why a kind could not be read; `None` if it was read.
    #[must_use]
    pub fn unread(&self, kind: Kind) -> Option<&str> {
        self.unread.get(&kind).map(String::as_str)
    }

    /// A node's zone.
    #[must_use]
    pub fn zone(&self, node: &str) -> Option<&Arc<str>> {
        self.nodes.get(node)?.zone.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::super::WorkloadKind;
    use super::*;

    #[test]
    fn a_new_list_of_one_kind_leaves_the_other_workloads() {
        let left = |kind| {
            let mut snapshot = Snapshot::default();
            for kind in [WorkloadKind::Deployment, WorkloadKind::StatefulSet] {
                let workload = Workload::new(kind, "w");
                snapshot.insert(Object::Workload(WorkloadSpec {
                    namespace: "n".to_owned(),
                    workload,
                    replicas: 1,
                    settings: Vec::new(),
                }));
            }
            snapshot.clear(kind);
            snapshot.workloads.keys().map(|(_, workload)| workload.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!([left(Kind::Deployments), left(Kind::StatefulSets)], ["sts/w", "deploy/w"]);
        assert_eq!(left(Kind::Pods), "deploy/w sts/w");
    }
}
