//! What is in a namespace, and waiting for it.

use std::fmt::{Debug, Write};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::api::ListParams;
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::Namespace;
use crate::support::kubelet::RunningPod;
use crate::support::wait::{block_on, try_until};

/// How many lines of each Pod's log a failure shows.
const LAST_LINES: usize = 5;
/// How long the API server is asked for what a failure shows.
const DESCRIBE: Duration = Duration::from_secs(3);

impl Namespace<'_> {
    /// The Pods of a workload, by their label `app`; `""` for all.
    pub(crate) fn pods(&self, app: &str) -> Vec<Pod> {
        let mut which = ListParams::default();
        if !app.is_empty() {
            which = which.labels(&format!("app={app}"));
        }
        let pods = block_on(self.api::<Pod>().list(&which));
        pods.unwrap_or_else(|error| panic!("listing the Pods of {}: {error}", self.name())).items
    }

    /// The Pod's object, if there is one.
    pub(crate) fn pod(&self, name: &str) -> Option<Pod> {
        let pod = block_on(self.api::<Pod>().get_opt(name));
        pod.unwrap_or_else(|error| panic!("reading Pod {}/{name}: {error}", self.name()))
    }

    /// The Lease, if there is one.
    pub(crate) fn lease(&self, name: &str) -> Option<Lease> {
        let lease = block_on(self.api::<Lease>().get_opt(name));
        lease.unwrap_or_else(|error| panic!("reading Lease {}/{name}: {error}", self.name()))
    }

    /// Who holds a Lease now; nobody is `None`.
    pub(crate) fn holder(&self, lease: &str) -> Option<String> {
        self.lease(lease)?.spec?.holder_identity.filter(|holder| !holder.is_empty())
    }

    /// A Pod of this namespace as the kubelet knows it, to be hurt.
    pub(crate) fn running(&self, name: &str) -> Arc<RunningPod> {
        self.testbed().kubelet().pod(self.name(), name)
    }

    /// The Pod of an elector that has this identity: its name, or its name, `_` and something.
    pub(crate) fn running_as(&self, holder: &str) -> Arc<RunningPod> {
        self.running(holder.split('_').next().unwrap_or(holder))
    }

    /// Waits until so many Pods of a workload are Ready, and returns these.
    ///
    /// # Panics
    /// If that takes too long; so do the others that wait.
    pub(crate) fn wait_ready(&self, app: &str, number: usize, timeout: Duration) -> Vec<Pod> {
        let what = format!("{number} Pods of {app} are Ready");
        self.wait_for(timeout, &what, || {
            let mut pods = self.pods(app);
            pods.retain(is_ready);
            (pods.len() == number).then_some(pods)
        })
    }

    /// Waits until somebody holds a Lease, and returns the identity.
    pub(crate) fn wait_leader(&self, lease: &str, timeout: Duration) -> String {
        self.wait_for(timeout, &format!("somebody holds {lease}"), || self.holder(lease))
    }

    /// Waits until another than `former` holds a Lease, and returns the identity.
    pub(crate) fn wait_other_leader(&self, lease: &str, former: &str, timeout: Duration) -> String {
        let what = format!("another than {former} holds {lease}");
        self.wait_for(timeout, &what, || self.holder(lease).filter(|holder| holder != former))
    }

    /// Waits until `attempt` gives something.
    pub(crate) fn wait_for<T>(&self, timeout: Duration, what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
        try_until(timeout, || {
            let result = attempt();
            async { result }
        })
        .unwrap_or_else(|| panic!("waited {timeout:?} in vain until {what}"))
    }

    /// The Pods with the ends of their logs, and the Leases, for whoever has to find out why a test failed.
    pub(super) fn describe(&self) -> String {
        let mut text = format!("namespace {}:\n", self.name());
        for pod in self.list::<Pod>() {
            let name = pod.name_any();
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()).unwrap_or("no Node");
            let status = pod.status.unwrap_or_default();
            let phase = status.phase.unwrap_or_default();
            let _ = writeln!(text, "  Pod {name} on {node}: {phase}");
            for status in status.container_statuses.into_iter().flatten() {
                let ContainerStatus { name, ready, restart_count, state, .. } = status;
                let state = state.unwrap_or_default();
                let _ = writeln!(text, "    {name}: ready={ready} restarts={restart_count} {state:?}");
            }
        }
        let kubelet = self.testbed().started_kubelet();
        for running in kubelet.map(|kubelet| kubelet.pods(self.name())).unwrap_or_default() {
            let _ = writeln!(text, "  log of {}:", running.name);
            let lines = running.logs();
            for line in &lines[lines.len().saturating_sub(LAST_LINES)..] {
                let _ = writeln!(text, "    {} {:?}: {}", line.at, line.stream, line.text);
            }
        }
        for lease in self.list::<Lease>() {
            let _ = writeln!(text, "  Lease {}: {:?}", lease.name_any(), lease.spec.unwrap_or_default());
        }
        text
    }

    /// All there are, or nothing where the API server does not say: a test may just have stopped it.
    fn list<K>(&self) -> Vec<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
    {
        let api = self.api::<K>();
        let list = async { timeout(DESCRIBE, api.list(&ListParams::default())).await };
        block_on(list).ok().and_then(Result::ok).map(|list| list.items).unwrap_or_default()
    }
}

fn is_ready(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
