//! Workloads: what owns the Pods that contend for a Lease.

use super::setting::Setting;

/// The kind of thing that owns Pods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    /// `apps/v1` Deployment.
    Deployment,
    /// `apps/v1` StatefulSet.
    StatefulSet,
    /// Pods that a kubelet runs from files: one workload is the Pods of one name on all nodes.
    StaticPod,
    /// A Pod without an owner.
    Pod,
    /// Anything else, by the kind that the owner reference names (DaemonSet, ReplicaSet, Rollout, Job …).
    Other(String),
}

impl WorkloadKind {
    /// The kind as the API spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::StaticPod => "StaticPod",
            Self::Pod => "Pod",
            Self::Other(kind) => kind,
        }
    }

    /// The kind as kubectl abbreviates it.
    #[must_use]
    pub fn short(&self) -> &str {
        match self {
            Self::Deployment => "deploy",
            Self::StatefulSet => "sts",
            Self::StaticPod => "static",
            Self::Pod => "pod",
            Self::Other(kind) if kind == "DaemonSet" => "ds",
            Self::Other(kind) if kind == "ReplicaSet" => "rs",
            Self::Other(kind) => kind,
        }
    }

    /// The kind that an API object's `kind` names.
    #[must_use]
    pub fn parse(kind: &str) -> Self {
        match kind {
            "Deployment" => Self::Deployment,
            "StatefulSet" => Self::StatefulSet,
            "Pod" => Self::Pod,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A workload's kind and name, in the namespace of the Pods that it owns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Workload {
    /// Kind.
    pub kind: WorkloadKind,
    /// Name.
    pub name: String,
}

impl Workload {
    /// A workload from its two parts.
    pub fn new(kind: WorkloadKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }
}

impl std::fmt::Display for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind.short(), self.name)
    }
}

/// A Deployment or StatefulSet as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadSpec {
    /// Namespace.
    pub namespace: String,
    /// Kind and name.
    pub workload: Workload,
    /// `spec.replicas`; the API's default is 1.
    pub replicas: i64,
    /// What its Pod template says about leader election.
    pub settings: Vec<Setting>,
}

/// Whether `pod` is a name that the controller of `workload` could have given to a Pod.
///
/// A Deployment's Pods are `<deployment>-<template hash>-<5 letters>`, a StatefulSet's `<set>-<ordinal>`. The names
/// of Deployments' Pods may have been cut, so the hash is not looked at closer than its alphabet.
#[must_use]
pub fn could_own(workload: &Workload, pod: &str) -> bool {
    let Some(rest) = pod.strip_prefix(workload.name.as_str()).and_then(|rest| rest.strip_prefix('-')) else {
        return false;
    };
    match workload.kind {
        WorkloadKind::StatefulSet => !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()),
        WorkloadKind::Deployment => rest.split_once('-').is_some_and(|(hash, suffix)| {
            let safe = |text: &str, len: std::ops::RangeInclusive<usize>| {
                len.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            safe(hash, 1..=10) && safe(suffix, 5..=5)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pods_name_tells_its_controller() {
        let deploy = Workload::new(WorkloadKind::Deployment, "ingest");
        assert!(could_own(&deploy, "ingest-7d4b9c6f5-qq8zk"));
        assert!(!could_own(&deploy, "ingest-worker-7d4b9c6f5-qq8zk"));
        assert!(!could_own(&deploy, "ingest-0"));
        assert!(!could_own(&deploy, "ingest-7d4b9c6f5ab-qq8zk"), "no hash is so long");
        let set = Workload::new(WorkloadKind::StatefulSet, "export");
        assert!(could_own(&set, "export-12"));
        assert!(!could_own(&set, "export-"));
        assert!(!could_own(&set, "export-a"));
    }
}
