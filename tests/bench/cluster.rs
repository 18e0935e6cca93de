//! What the cluster holds: workloads whose Pods hold Leases, as they are in a cluster that runs many operators.
//!
//! Neither a controller-manager nor a kubelet runs here: nothing else uses the processor while something is measured,
//! and nothing changes between two runs.

use futures::{StreamExt, stream};
use jiff::Timestamp;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Namespace, Node, Pod};
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::{Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::block_on;
use crate::table::grouped;

const NAMESPACES: usize = 50;
const NODES: usize = 4;
/// In each namespace.
const DEPLOYMENTS: usize = 2;
/// Of each Deployment.
const REPLICAS: usize = 2;

/// Requests that are sent at once.
const AT_ONCE: usize = 16;

/// The field manager of the Leases: what a controller-runtime manager is called if nobody gives it a name.
const MANAGER: &str = "manager";

/// Nobody renews them, and an expired Lease of a running Pod would be read again before that is said.
const LEASE_SECONDS: i32 = 3600;

/// What is in the cluster so far.
pub(crate) struct Cluster {
    client: Client,
    leases: usize,
    /// Of the first Deployment in the first namespace.
    replicas: usize,
}

impl Cluster {
    /// Everything but Leases.
    pub(crate) fn fill(client: Client) -> Self {
        block_on(async {
            let nodes = (0..NODES).map(|n| create(Api::<Node>::all(client.clone()), node(n)));
            all(nodes).await;
            let namespaces = (0..NAMESPACES).map(|n| {
                let manifest = json!({ "metadata": { "name": namespace(n) } });
                create(Api::<Namespace>::all(client.clone()), manifest)
            });
            all(namespaces).await;
            all((0..NAMESPACES * DEPLOYMENTS).map(|n| workload(&client, n % NAMESPACES, n / NAMESPACES))).await;
        });
        Self { client, leases: 0, replicas: REPLICAS }
    }

    /// Creates Leases until there are so many, spread over the namespaces and held by their Pods.
    pub(crate) fn leases(&mut self, total: usize) {
        let missing = (self.leases..total).map(|n| {
            let ns = n % NAMESPACES;
            create(api::<Lease>(&self.client, ns), lease(n))
        });
        block_on(all(missing));
        self.leases = total;
    }

    /// Creates Pods of the first Deployment until there are so many, and says where it is: namespace and name.
    pub(crate) fn replicas(&mut self, total: usize) -> (String, String) {
        block_on(all((self.replicas..total).map(|n| pod(&self.client, 0, 0, n))));
        self.replicas = self.replicas.max(total);
        (namespace(0), operator(0))
    }

    /// In words, for the head of a table.
    pub(crate) fn words(&self) -> String {
        let deployments = NAMESPACES * DEPLOYMENTS;
        let pods = deployments * REPLICAS;
        let leases = grouped(self.leases as u64);
        format!("{leases} Leases in {NAMESPACES} namespaces, {deployments} Deployments, {pods} Pods, {NODES} Nodes")
    }
}

/// Runs them all, some at once.
async fn all(tasks: impl Iterator<Item = impl Future<Output = ()>>) {
    stream::iter(tasks).buffer_unordered(AT_ONCE).collect::<()>().await;
}

fn api<K>(client: &Client, ns: usize) -> Api<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
{
    Api::namespaced(client.clone(), &namespace(ns))
}

async fn create<K: Clone + std::fmt::Debug + Serialize + DeserializeOwned>(api: Api<K>, manifest: Value) {
    let object = serde_json::from_value(manifest).expect("a manifest is an object");
    let params = PostParams { field_manager: Some(MANAGER.into()), ..PostParams::default() };
    api.create(&params, &object).await.unwrap_or_else(|error| panic!("filling the cluster: {error}"));
}

/// A Deployment, and its Pods as a kubelet would have them by now.
async fn workload(client: &Client, ns: usize, deployment: usize) {
    create(api::<Deployment>(client, ns), deployment_of(deployment)).await;
    for replica in 0..REPLICAS {
        pod(client, ns, deployment, replica).await;
    }
}

async fn pod(client: &Client, ns: usize, deployment: usize, replica: usize) {
    create(api::<Pod>(client, ns), pod_of(ns, deployment, replica)).await;
    let api = api::<Pod>(client, ns);
    let name = pod_name(ns, deployment, replica);
    let condition =
        |kind: &str| json!({ "type": kind, "status": "True", "lastTransitionTime": Timestamp::now().to_string() });
    let conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition);
    let status = json!({ "status": {
        "phase": "Running",
        "podIP": format!("10.{ns}.{}.{}", 100 * deployment + replica / 250, replica % 250 + 1),
        "conditions": conditions,
        "containerStatuses": [{
            "name": "manager", "image": "registry.example/operator:v1", "imageID": "", "ready": true,
            "restartCount": 0, "started": true, "state": { "running": {} },
        }],
    }});
    let patched = api.patch_status(&name, &PatchParams::default(), &Patch::Merge(status)).await;
    assert!(patched.is_ok_and(|pod| pod.name_any() == name), "filling the cluster: the status of a Pod");
}

fn namespace(n: usize) -> String {
    format!("team-{n:02}")
}

fn operator(n: usize) -> String {
    format!("operator-{n}-controller-manager")
}

/// As the controllers of Deployment and ReplicaSet name it.
fn pod_name(ns: usize, deployment: usize, replica: usize) -> String {
    format!("{}-{}-x{ns:02}{deployment}{replica}", operator(deployment), template_hash(ns))
}

fn template_hash(ns: usize) -> String {
    format!("7d9f8c{ns:04}")
}

fn node(n: usize) -> Value {
    let name = format!("node-{n}");
    let zone = format!("zone-{}", n % 3);
    let labels = json!({ "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone });
    json!({ "metadata": { "name": name, "labels": labels } })
}

fn labels(deployment: usize) -> Value {
    json!({ "control-plane": "controller-manager", "app.kubernetes.io/name": operator(deployment) })
}

fn containers() -> Value {
    json!([{
        "name": "manager",
        "image": "registry.example/operator:v1",
        "args": ["--leader-elect", "--health-probe-bind-address=:8081", "--metrics-bind-address=:8443"],
        "env": [{ "name": "POD_NAMESPACE", "valueFrom": { "fieldRef": { "fieldPath": "metadata.namespace" } } }],
        "livenessProbe": { "httpGet": { "path": "/healthz", "port": 8081 }, "periodSeconds": 20 },
        "readinessProbe": { "httpGet": { "path": "/readyz", "port": 8081 }, "periodSeconds": 10 },
        "resources": { "limits": { "cpu": "500m", "memory": "128Mi" }, "requests": { "cpu": "10m", "memory": "64Mi" } },
    }])
}

fn deployment_of(n: usize) -> Value {
    json!({
        "metadata": { "name": operator(n), "labels": labels(n) },
        "spec": {
            "replicas": REPLICAS,
            "selector": { "matchLabels": labels(n) },
            "template": { "metadata": { "labels": labels(n) }, "spec": { "containers": containers() } },
        },
    })
}

fn pod_of(ns: usize, deployment: usize, replica: usize) -> Value {
    let hash = template_hash(ns);
    let mut labels = labels(deployment);
    labels["pod-template-hash"] = json!(hash);
    json!({
        "metadata": {
            "name": pod_name(ns, deployment, replica),
            "labels": labels,
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{}-{hash}", operator(deployment)),
                "uid": uuid(ns * DEPLOYMENTS + deployment), "controller": true, "blockOwnerDeletion": true,
            }],
        },
        "spec": { "nodeName": format!("node-{}", (ns + deployment + replica) % NODES), "containers": containers() },
    })
}

/// As a controller-runtime manager writes it.
fn lease(n: usize) -> Value {
    let (ns, deployment) = (n % NAMESPACES, n / NAMESPACES % DEPLOYMENTS);
    let now = format!("{:.6}", Timestamp::now());
    json!({
        "metadata": { "name": format!("{n:08x}.operator.example.com") },
        "spec": {
            "holderIdentity": format!("{}_{}", pod_name(ns, deployment, 0), uuid(n)),
            "leaseDurationSeconds": LEASE_SECONDS,
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": 0,
        },
    })
}

fn uuid(n: usize) -> String {
    format!("{n:08x}-7ad0-4d8e-9f35-{:012x}", n.wrapping_mul(0x9e37_79b9))
}
