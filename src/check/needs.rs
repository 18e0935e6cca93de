//! What checks ask for, and so what has to be read of a cluster before they judge it.

use super::related::mentioned;
use super::workload::Workload;
use crate::model::object::Object;

/// The kinds that always count.
pub const ALWAYS: &[&str] = &[
    "Lease",
    "Pod",
    "Node",
    "Deployment",
    "StatefulSet",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "Role",
    "RoleBinding",
    "ServiceAccount",
    "ConfigMap",
    "LimitRange",
    "ClusterRole",
    "ClusterRoleBinding",
];

/// Those that count where a workload claims a volume.
pub const CLAIMED: &[&str] = &["PersistentVolumeClaim", "PersistentVolume", "StorageClass"];

/// The kinds that count, beside those that always do, to whoever judges these objects.
pub fn more<'o>(objects: impl IntoIterator<Item = &'o Object>) -> &'static [&'static str] {
    let claims = |workload: Workload<'_>| {
        let own = !workload.object.root.at("spec.volumeClaimTemplates").list().is_empty();
        own || mentioned(workload.pod()).iter().any(|(kind, _)| *kind == "PersistentVolumeClaim")
    };
    if objects.into_iter().filter_map(Workload::of).any(claims) { CLAIMED } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With what is asked about the rights of one election: get, create, and update or patch.
    #[test]
    fn a_workload_is_judged_by_twenty_requests_at_the_most() {
        assert!(ALWAYS.len() + CLAIMED.len() + 3 <= 20);
    }
}
