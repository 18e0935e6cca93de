//! A small kubelet: Nodes that the real scheduler binds Pods to, and Pods that run as processes.
//!
//! What it does, it does as the real one, so that tools see the same objects: Node heartbeats, container states,
//! restarts in place with the crash back-off, probes, termination with a grace period. Each Pod has a loopback address
//! and a kubeconfig with a token of its own ServiceAccount; between that and the API server lies a proxy of the Pod's
//! own, so that one Pod can be cut off.
//!
//! What it does not do: volumes (of ConfigMaps and Secrets too; use `env`), images (the table in `image.rs` names
//! programs), `exec` and `grpc` probes (they always succeed), lifecycle hooks, sidecars (init containers that go on),
//! resource limits, eviction, Events. It notices an exit at once, the real one within a second. A Pod is one process
//! for each container; processes that these start end with them, but may survive the death of the test run.

mod backoff;
mod container;
mod credentials;
mod environment;
mod follow;
mod image;
mod log;
mod network;
mod node;
mod pod;
mod probe;
mod proxy;
mod status;
mod wish;
mod worker;

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use k8s_openapi::api::core::v1::Pod;
use kube::{Client, ResourceExt};
use tokio::task::AbortHandle;

pub(crate) use self::image::name as image_name;
pub(crate) use self::log::{Change, ElectorEvent, Line, Stream};
use self::network::Network;
pub(crate) use self::node::{Node, POOL, Pool};
pub(crate) use self::pod::RunningPod;
pub(crate) use self::proxy::{Cut, Proxy};
use self::worker::Worker;
use super::testbed::Access;
use super::wait::{block_on, runtime};
use super::{programs, scratch};

/// Runs the Pods of its Nodes until it is dropped.
pub(crate) struct Kubelet {
    shared: Arc<Shared>,
    follow: AbortHandle,
}

/// What its tasks share.
struct Shared {
    client: Client,
    access: Access,
    network: Network,
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The Nodes that live: address and heartbeat.
    nodes: BTreeMap<String, (Ipv4Addr, AbortHandle)>,
    /// By the uid of the Pod.
    workers: HashMap<String, Worker>,
    /// The newest Pod of each namespace and name, also when it is gone: its log is still of interest.
    pods: HashMap<(String, String), Arc<RunningPod>>,
}

impl Kubelet {
    /// Registers the Nodes, and from then on runs what is bound to them.
    pub(super) fn start(client: Client, access: &Access, nodes: &[Node]) -> Self {
        programs::electors();
        let folder = scratch::path("pods");
        std::fs::create_dir(&folder).expect("a folder in the temporary folder");
        let shared = Arc::new(Shared {
            client,
            access: access.clone(),
            network: Network::claim(),
            folder,
            state: Mutex::default(),
        });
        let follow = runtime().spawn(follow::follow(Arc::clone(&shared))).abort_handle();
        let kubelet = Self { shared, follow };
        for node in nodes {
            kubelet.add_node(node);
        }
        kubelet
    }

    /// Registers one more Node.
    pub(crate) fn add_node(&self, node: &Node) {
        let shared = &self.shared;
        let address = shared.network.address();
        block_on(node.register(&shared.client, address))
            .unwrap_or_else(|error| panic!("registering Node {}: {error}", node.name));
        let heartbeat = runtime().spawn(node::heartbeat(shared.client.clone(), node.name.clone()));
        shared.state().nodes.insert(node.name.clone(), (address, heartbeat.abort_handle()));
    }

    /// Nodes for the Pods of one test only, one in each of `zones`, named `name-1`, `name-2` and so on.
    /// They are removed when the result is dropped.
    pub(crate) fn pool(&self, name: &str, zones: &[&str]) -> Pool<'_> {
        Pool::register(self, name, zones)
    }

    /// The crash of a machine: its processes are gone, and nothing is reported of it any more.
    pub(crate) fn kill_node(&self, node: &str) {
        let mut state = self.shared.state();
        let (_, heartbeat) = state.nodes.remove(node).unwrap_or_else(|| panic!("no living Node {node}"));
        heartbeat.abort();
        state.workers.retain(|_, worker| {
            let here = worker.running.node == node;
            if here {
                worker.crash();
            }
            !here
        });
    }

    /// The Pod of this name that runs here, or that ran here last.
    pub(crate) fn pod(&self, namespace: &str, name: &str) -> Arc<RunningPod> {
        let key = (namespace.to_owned(), name.to_owned());
        let pod = self.shared.state().pods.get(&key).cloned();
        pod.unwrap_or_else(|| panic!("Pod {namespace}/{name} has never run here"))
    }

    /// All Pods of a namespace that run here or have run here.
    pub(crate) fn pods(&self, namespace: &str) -> Vec<Arc<RunningPod>> {
        let state = self.shared.state();
        state.pods.values().filter(|pod| pod.namespace == namespace).cloned().collect()
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        self.follow.abort();
        let state = self.shared.state();
        state.nodes.values().for_each(|(_, heartbeat)| heartbeat.abort());
        state.workers.values().for_each(Worker::crash);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while it is held")
    }

    /// A Pod was added or has changed.
    fn see(&self, pod: Pod) {
        let Some(uid) = pod.uid() else { return };
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()).unwrap_or_default();
        let mut state = self.state();
        let Some((host_ip, _)) = state.nodes.get(node) else { return };
        if let Some(worker) = state.workers.get(&uid) {
            return worker.see(&pod);
        }
        let running = Arc::new(RunningPod::new(&pod, *host_ip, &self.network, &self.access, &self.folder));
        let name = (running.namespace.clone(), running.name.clone());
        state.pods.insert(name, Arc::clone(&running));
        state.workers.retain(|_, worker| !worker.ended());
        let worker = Worker::start(running, pod, self.client.clone(), self.access.clone());
        state.workers.insert(uid, worker);
    }

    /// A Pod's object is gone, perhaps before its processes are.
    fn lose(&self, uid: &str) {
        if let Some(worker) = self.state().workers.get(uid) {
            worker.lose();
        }
    }

    /// Everything that there is; what is missing is gone.
    fn see_all(&self, pods: Vec<Pod>) {
        let known: Vec<String> = self.state().workers.keys().cloned().collect();
        for uid in known {
            if !pods.iter().any(|pod| pod.metadata.uid.as_ref() == Some(&uid)) {
                self.lose(&uid);
            }
        }
        for pod in pods {
            self.see(pod);
        }
    }
}

/// The Nodes of a testbed: three machines in three zones.
pub(super) fn default_nodes() -> [Node; 3] {
    ["a", "b", "c"].map(|letter| Node::new(&format!("node-{letter}"), &format!("zone-{letter}")))
}
