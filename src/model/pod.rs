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
    /// `metadata.creationTimestamp`, in whole seconds.
    pub created: Option<Timestamp>,
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
    /// `spec.terminationGracePeriodSeconds`: how long it may take to end.
    pub termination_grace: Option<i64>,
    /// `metadata.deletionGracePeriodSeconds`.
    pub grace_seconds: Option<i64>,
    /// `status.phase` is Running.
    pub running: bool,
    /// `status.phase` is Succeeded or Failed: it will never lead again.
    pub finished: bool,
    /// The Ready condition.
    pub ready: bool,
    /// Its containers, without those that initialise it.
    pub containers: Vec<Container>,
    /// Whether an init container's process runs: one with `restartPolicy: Always`, a sidecar, outlives the containers.
    pub init_running: bool,
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
    /// The port at which it is probed by HTTP, or else the only one that it names.
    pub http_port: Option<u16>,
    /// How often it was restarted.
    pub restarts: i64,
    /// Whether its process runs now.
    pub running: bool,
    /// Why it waits (`CrashLoopBackOff`, `ImagePullBackOff` …), if it waits.
    pub waiting: Option<String>,
    /// Whether its process has ended, and no other has taken its place so far.
    pub terminated: bool,
    /// When the process that runs now was started, by its node's clock, in whole seconds.
    pub started: Option<Timestamp>,
    /// When the process that ran last ended, by its node's clock, in whole seconds. Its kubelet does not always know.
    pub finished: Option<Timestamp>,
    /// Why that process ended: `Error`, `OOMKilled`, `Completed`.
    pub ended_by: Option<String>,
}

/// Labels that tell of which template a Pod is: a Deployment's, an Argo Rollout's, a StatefulSet's or DaemonSet's.
pub const REVISION_LABELS: &[&str] = &["pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash"];

/// Labels that are kept of a Pod.
pub(super) const KEPT_LABELS: &[&str] = &[
    "pod-template-hash",
    "rollouts-pod-template-hash",
    "controller-revision-hash",
    "component",
    "control-plane",
    "app",
    "app.kubernetes.io/name",
];

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

    /// Whether the kubelet reports that none of its processes runs any more. Until the Pod is gone or finished, the kubelet
    /// may start them anew; and where there is no report, they may still run.
    ///
    /// The phase alone proves nothing. `Failed` is written by PodGC for a Pod on a node that is gone or out of service, which
    /// may only be cut off (`k8s.io/kubernetes/pkg/controller/podgc/gc_controller.go`,
    /// `markFailedAndDeletePodWithCondition`), and by the kubelet's eviction before it ends the processes
    /// (`pkg/kubelet/eviction/eviction_manager.go`, `evictPod`). Neither touches the states of the containers.
    #[must_use]
    pub fn ended(&self) -> bool {
        !self.containers.is_empty() && self.containers.iter().all(|one| one.terminated) && !self.init_running
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
    use super::*;

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

    /// A Pod of two containers and perhaps a sidecar, with these states.
    fn in_states(phase: &str, states: [&str; 2], sidecar: &str) -> Pod {
        let [first, second] = states;
        pod(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"p"}},
                "spec":{{"containers":[{{"name":"a"}},{{"name":"b"}}],"initContainers":[{{"name":"s"}}]}},
                "status":{{"phase":"{phase}","initContainerStatuses":[{{"name":"s","state":{{{sidecar}}}}}],
                    "containerStatuses":[{{"name":"a","state":{{{first}}}}},{{"name":"b","state":{{{second}}}}}]}}}}"#
        ))
    }

    const RUNNING: &str = r#""running":{"startedAt":"2026-11-21T12:00:00Z"}"#;
    const TERMINATED: &str = r#""terminated":{"exitCode":0,"finishedAt":"2026-11-21T12:00:05Z"}"#;

    #[test]
    fn a_pod_has_ended_if_every_container_has() {
        assert!(in_states("Succeeded", [TERMINATED, TERMINATED], TERMINATED).ended());
        // A kubelet that has lost sight of a container does not know when it ended.
        let lost =
            r#""terminated":{"exitCode":137,"reason":"ContainerStatusUnknown","startedAt":null,"finishedAt":null}"#;
        let pod = in_states("Running", [lost, TERMINATED], "");
        assert!(pod.ended() && pod.containers[0].finished.is_none());
        // The word of PodGC, or of an eviction that has only begun.
        assert!(!in_states("Failed", [RUNNING, TERMINATED], "").ended());
        assert!(!in_states("Failed", [TERMINATED, ""], "").ended());
        assert!(!in_states("Succeeded", [TERMINATED, TERMINATED], RUNNING).ended());
        assert!(!pod_without_containers().ended());
    }

    fn pod_without_containers() -> Pod {
        pod(r#"{"metadata":{"namespace":"n","name":"p"},"status":{"phase":"Failed"}}"#)
    }

    #[test]
    fn a_container_tells_when_its_process_began_and_when_the_last_one_ended() {
        let at = |second: &str| Some(format!("2026-11-21T12:00:{second}Z").parse().expect("a time"));
        let restarted = format!(r#"{RUNNING}}},"lastState":{{{}"#, TERMINATED.replace(":05Z", ":03Z"));
        let pod = in_states("Running", [&restarted, TERMINATED], "");
        let seen = |i: usize| (pod.containers[i].terminated, pod.containers[i].started, pod.containers[i].finished);
        assert_eq!([seen(0), seen(1)], [(false, at("00"), at("03")), (true, None, at("05"))]);
    }

    #[test]
    fn an_owner_that_is_no_controller_is_not_its_workload() {
        let owned = pod(r#"{"metadata":{"namespace":"n","name":"p","ownerReferences":[{"kind":"ConfigMap","name":"x"},
                {"kind":"ConfigMap","name":"y","controller":false}]}}"#);
        assert_eq!(owned.workload().to_string(), "pod/p");
    }
}
