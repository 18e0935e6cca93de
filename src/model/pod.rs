//! Pods: the candidates.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::setting::Setting;
use super::{Key, Workload, WorkloadKind};

/// A Pod, cut down to what tells who it is, where it is and whether it can lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Namespace and name.
    pub key: Key,
    /// `metadata.uid`.
    pub uid: String,
    /// The controller's kind and name, as the owner reference has them.
    pub controller: Option<(String, String)>,
    /// The labels that tell a template's revision or a mirror Pod apart, and what the Pod is.
    pub labels: BTreeMap<String, String>,
    /// `spec.nodeName`.
    pub node: Option<String>,
    /// `spec.hostname`.
    pub hostname: Option<String>,
    /// `spec.hostNetwork`.
    pub host_network: bool,
    /// `status.podIP`.
    pub ip: Option<String>,
    /// `metadata.deletionTimestamp`: when it has to be gone.
    pub deleted: Option<Timestamp>,
    /// `metadata.deletionGracePeriodSeconds`.
    pub grace_seconds: Option<i64>,
    /// `status.phase` is Running.
    pub running: bool,
    /// `status.phase` is Succeeded or Failed: it will never lead again.
    pub finished: bool,
    /// The Ready condition.
    pub ready: bool,
    /// Its containers.
    pub containers: Vec<Container>,
}

/// One container of a Pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Name.
    pub name: String,
    /// Image.
    pub image: String,
    /// What its arguments and environment say about leader election.
    pub settings: Vec<Setting>,
    /// How often it was restarted.
    pub restarts: i64,
    /// Whether its process runs now.
    pub running: bool,
    /// Why it waits (`CrashLoopBackOff`, `ImagePullBackOff` …), if it waits.
    pub waiting: Option<String>,
}

/// Labels that are kept of a Pod.
pub(super) const KEPT_LABELS: &[&str] =
    &["pod-template-hash", "rollouts-pod-template-hash", "component", "control-plane", "app", "app.kubernetes.io/name"];

impl Pod {
    /// The workload that owns this Pod.
    ///
    /// A ReplicaSet made by a Deployment is named `<deployment>-<hash>`, and its Pods carry that hash as a label
    /// (`k8s.io/kubernetes/pkg/controller/deployment/sync.go`, `getNewReplicaSet`): the Deployment's name is known
    /// without reading ReplicaSets.
    #[must_use]
    pub fn workload(&self) -> Workload {
        let Some((kind, name)) = &self.controller else {
            return Workload::new(WorkloadKind::Pod, &self.key.name);
        };
        let without = |suffix: Option<&String>| {
            suffix.and_then(|hash| name.strip_suffix(hash.as_str())?.strip_suffix('-')).map(str::to_owned)
        };
        match kind.as_str() {
            "ReplicaSet" => {
                if let Some(deployment) = without(self.labels.get("pod-template-hash")) {
                    return Workload::new(WorkloadKind::Deployment, deployment);
                }
                if let Some(rollout) = without(self.labels.get("rollouts-pod-template-hash")) {
                    return Workload::new(WorkloadKind::Other("Rollout".to_owned()), rollout);
                }
                Workload::new(WorkloadKind::parse(kind), name)
            }
            // A mirror Pod is named `<name in the file>-<node>`, and its node owns it.
            "Node" => {
                let stem = self.key.name.strip_suffix(name.as_str()).and_then(|stem| stem.strip_suffix('-'));
                Workload::new(WorkloadKind::StaticPod, stem.unwrap_or(&self.key.name))
            }
            _ => Workload::new(WorkloadKind::parse(kind), name),
        }
    }

    /// The host name that its containers see: what most electors take as their identity.
    ///
    /// The kubelet cuts the name at 63 characters and then takes trailing dashes and dots off
    /// (`k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go`, `truncatePodHostnameIfNeeded`). With the host's network it
    /// is the host's own name, which usually is the node's.
    #[must_use]
    pub fn host(&self) -> &str {
        if self.host_network
            && let Some(node) = &self.node
        {
            return node;
        }
        let name = self.hostname.as_deref().unwrap_or(&self.key.name);
        let cut = name.get(..63).unwrap_or(name);
        if cut.len() < name.len() { cut.trim_end_matches(['-', '.']) } else { cut }
    }

    /// Whether it is on its way out.
    #[must_use]
    pub fn terminating(&self) -> bool {
        self.deleted.is_some()
    }

    /// Whether every container's process runs, ready or not.
    #[must_use]
    pub fn all_running(&self) -> bool {
        self.running && self.containers.iter().all(|container| container.running)
    }

    /// All that its containers say about leader election.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.containers.iter().flat_map(|container| &container.settings)
    }

    /// How often its containers were restarted, together.
    #[must_use]
    pub fn restarts(&self) -> i64 {
        self.containers.iter().map(|container| container.restarts).sum()
    }

    /// Why it is not Ready, as far as its containers say: `CrashLoopBackOff`, `ImagePullBackOff` …
    #[must_use]
    pub fn waiting_reason(&self) -> Option<&str> {
        self.containers.iter().find_map(|container| container.waiting.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::tests::pod;

    #[test]
    fn a_long_name_is_cut_as_the_kubelet_cuts_it() {
        let name = format!("{}-tail-7d4b9c6f5-qq8zk", "a".repeat(62));
        let pod = pod(&format!(r#"{{"metadata":{{"namespace":"n","name":"{name}"}}}}"#));
        assert_eq!(pod.host(), "a".repeat(62));
    }

    #[test]
    fn the_owner_is_known_without_its_replica_set() {
        let pod =
            pod(r#"{"metadata":{"namespace":"n","name":"ingest-7d4b9-qq8zk","labels":{"pod-template-hash":"7d4b9"},
                "ownerReferences":[{"kind":"ReplicaSet","name":"ingest-7d4b9","controller":true}]}}"#);
        assert_eq!(pod.workload().to_string(), "deploy/ingest");
    }

    #[test]
    fn the_pods_of_one_static_name_are_one_workload() {
        let pod = pod(r#"{"metadata":{"namespace":"kube-system","name":"kube-scheduler-cp1",
                "ownerReferences":[{"kind":"Node","name":"cp1","controller":true}]},"spec":{"nodeName":"cp1","hostNetwork":true}}"#);
        assert_eq!(pod.workload().to_string(), "static/kube-scheduler");
        assert_eq!(pod.host(), "cp1");
    }

    #[test]
    fn a_pod_runs_if_it_and_all_its_containers_do() {
        let runs = |phase: &str, second: &str| {
            let json = format!(
                r#"{{"metadata":{{"namespace":"n","name":"p"}},"spec":{{"containers":[{{"name":"a"}},{{"name":"b"}}]}},"status":{{"phase":"{phase}",
                    "containerStatuses":[{{"name":"a","state":{{"running":{{}}}}}},{{"name":"b","state":{{"{second}":{{}}}}}}]}}}}"#
            );
            pod(&json).all_running()
        };
        assert!(runs("Running", "running"));
        assert!(!runs("Unknown", "running"));
        assert!(!runs("Running", "waiting"));
    }

    #[test]
    fn an_owner_that_is_no_controller_is_not_its_workload() {
        let owned = pod(r#"{"metadata":{"namespace":"n","name":"p","ownerReferences":[{"kind":"ConfigMap","name":"x"},
                {"kind":"ConfigMap","name":"y","controller":false}]}}"#);
        assert_eq!(owned.workload().to_string(), "pod/p");
    }
}
