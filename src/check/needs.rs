//! What checks ask for, and so what has to be read of a cluster before they judge it.

use super::related::{mentioned, serves};
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
    "Service",
    "ConfigMap",
    "LimitRange",
    "ClusterRole",
    "ClusterRoleBinding",
];

/// Those that count where a workload answers for a Service.
pub const SERVED: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Those that count where a workload claims a volume.
pub const CLAIMED: &[&str] = &["PersistentVolumeClaim", "StorageClass"];

/// Those that checks look at in manifests, and that would have to be read for a whole cluster to learn little: there can be
/// thousands of volumes, and a definition has the schema of all its versions.
pub const LEFT_OUT: &[&str] = &["APIService", "CustomResourceDefinition", "Namespace", "PersistentVolume"];

/// The kinds that count, beside those that always do, to whoever judges some of these objects.
pub fn more(objects: &[Object], judged: &[Object]) -> Vec<&'static str> {
    let workloads = || judged.iter().filter_map(Workload::of);
    let claims = |workload: Workload<'_>| {
        let own = !workload.object.root.at("spec.volumeClaimTemplates").list().is_empty();
        own || mentioned(workload.pod()).iter().any(|(kind, _)| *kind == "PersistentVolumeClaim")
    };
    let services = || objects.iter().filter(|object| &*object.kind == "Service");
    let answers = |workload: Workload<'_>| services().any(|service| serves(workload, service));
    let served = if workloads().any(answers) { SERVED } else { &[] };
    let claimed = if workloads().any(claims) { CLAIMED } else { &[] };
    [served, claimed].concat()
}

/// Whether a kind is known to be asked for. One that is not would seem to have no objects in a cluster.
#[cfg(test)]
pub(super) fn is_known(kind: &str) -> bool {
    [ALWAYS, SERVED, CLAIMED, LEFT_OUT].iter().any(|kinds| kinds.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With what is asked about the rights of one election: get, create, and update or patch.
    #[test]
    fn a_workload_is_judged_by_twenty_requests_and_two_more_for_its_volumes() {
        assert_eq!(ALWAYS.len() + SERVED.len() + 3, 20);
        assert_eq!(CLAIMED.len(), 2);
    }
}
