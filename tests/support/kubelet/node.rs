//! Node objects and their heartbeats.

use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Node as KubeNode;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use super::Kubelet;
use crate::support::wait::runtime;

/// As in the real kubelet: a Node is dead for Kubernetes when its Lease is some 40 seconds old.
const LEASE_SECONDS: u32 = 40;
const HEARTBEAT: Duration = Duration::from_secs(10);
const LEASES: &str = "kube-node-lease";
const KUBELET: &str = "kubelet";

/// The label, and the key of the taint, of the Nodes of a [`Pool`].
pub(crate) const POOL: &str = "testbed/pool";

/// A machine to be.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    zone: String,
    pool: Option<String>,
}

impl Node {
    pub(crate) fn new(name: &str, zone: &str) -> Self {
        Self { name: name.to_owned(), zone: zone.to_owned(), pool: None }
    }

    /// Creates the Node, Ready.
    pub(super) async fn register(&self, client: &kube::Client, address: Ipv4Addr) -> kube::Result<()> {
        let api: Api<KubeNode> = Api::all(client.clone());
        let node = serde_json::from_value(self.object()).expect("a valid Node");
        api.create(&PostParams::default(), &node).await?;
        let status = Patch::Merge(json!({"status": self.status(address)}));
        api.patch_status(&self.name, &PatchParams::default(), &status).await?;
        // Admission marks every new Node as not ready, and a controller takes that back some time later; until then the
        // scheduler would put all Pods on the other Nodes.
        let taints = Patch::Merge(json!({"spec": {"taints": self.taints()}}));
        api.patch(&self.name, &PatchParams::default(), &taints).await?;
        Ok(())
    }

    fn object(&self) -> Value {
        let mut node = json!({
            "spec": {"taints": self.taints()},
            "metadata": {"name": self.name, "labels": {
                "kubernetes.io/hostname": self.name,
                "kubernetes.io/os": "linux",
                "topology.kubernetes.io/region": "testbed",
                "topology.kubernetes.io/zone": self.zone,
            }},
        });
        if let Some(pool) = &self.pool {
            node["metadata"]["labels"][POOL] = json!(pool);
        }
        node
    }

    fn taints(&self) -> Value {
        self.pool.iter().map(|pool| json!({"key": POOL, "value": pool, "effect": "NoSchedule"})).collect()
    }

    fn status(&self, address: Ipv4Addr) -> Value {
        let now = Timestamp::now();
        let condition = |kind: &str, status: &str, reason: &str| {
            json!({"type": kind, "status": status, "reason": reason,
                   "lastHeartbeatTime": now, "lastTransitionTime": now})
        };
        let resources = json!({"cpu": "16", "memory": "64Gi", "ephemeral-storage": "100Gi", "pods": "110"});
        json!({
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": self.name}],
            "capacity": resources,
            "allocatable": resources,
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID"),
                condition("Ready", "True", "KubeletReady"),
            ],
        })
    }
}

/// Renews the Lease of a Node until it is aborted. The real kubelet also repeats the Node's status, every 5 minutes;
/// the Lease is enough for Kubernetes.
pub(super) async fn heartbeat(client: kube::Client, node: String) {
    let api: Api<Lease> = Api::namespaced(client.clone(), LEASES);
    loop {
        let pause = match beat(&api, &client, &node).await {
            Ok(()) => HEARTBEAT,
            Err(_) => Duration::from_secs(1),
        };
        tokio::time::sleep(pause).await;
    }
}

async fn beat(api: &Api<Lease>, client: &kube::Client, node: &str) -> kube::Result<()> {
    let renew_time = format!("{:.6}", Timestamp::now());
    let renewal = Patch::Merge(json!({"spec": {"renewTime": renew_time}}));
    let params = PatchParams { field_manager: Some(KUBELET.into()), ..PatchParams::default() };
    match api.patch(node, &params, &renewal).await {
        Err(kube::Error::Api(status)) if status.is_not_found() => {}
        result => return result.map(drop),
    }
    let owner = Api::<KubeNode>::all(client.clone()).get(node).await?;
    let lease = json!({
        "metadata": {"name": node, "ownerReferences": [
            {"apiVersion": "v1", "kind": "Node", "name": node, "uid": owner.metadata.uid},
        ]},
        "spec": {"holderIdentity": node, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": renew_time},
    });
    let lease = serde_json::from_value(lease).expect("a valid Lease");
    let params = PostParams { field_manager: Some(KUBELET.into()), ..PostParams::default() };
    api.create(&params, &lease).await.map(drop)
}

/// Nodes that only Pods go to which ask for them; see [`Kubelet::pool`].
pub(crate) struct Pool<'k> {
    kubelet: &'k Kubelet,
    /// What Pods ask for.
    pub(crate) name: String,
    /// The names of its Nodes.
    pub(crate) nodes: Vec<String>,
}

impl<'k> Pool<'k> {
    pub(super) fn register(kubelet: &'k Kubelet, name: &str, zones: &[&str]) -> Self {
        let mut nodes = Vec::new();
        for (number, zone) in (1..).zip(zones) {
            let node = Node { pool: Some(name.to_owned()), ..Node::new(&format!("{name}-{number}"), zone) };
            kubelet.add_node(&node);
            nodes.push(node.name);
        }
        Self { kubelet, name: name.to_owned(), nodes }
    }
}

impl Drop for Pool<'_> {
    fn drop(&mut self) {
        let api: Api<KubeNode> = Api::all(self.kubelet.shared.client.clone());
        for node in &self.nodes {
            let alive = self.kubelet.shared.state().nodes.contains_key(node);
            if alive {
                self.kubelet.kill_node(node);
            }
            let (api, node) = (api.clone(), node.clone());
            runtime().spawn(async move { api.delete(&node, &DeleteParams::default()).await });
        }
    }
}
