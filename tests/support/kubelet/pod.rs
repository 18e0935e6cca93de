//! One Pod that runs here: what its tasks share, and the ways to hurt it.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use k8s_openapi::api::core::v1::{Container, ContainerState, ContainerStateWaiting, ContainerStatus, Pod};
use kube::ResourceExt;
use tokio::sync::Notify;

use super::log::{ElectorEvent, Line, Log};
use super::network::Network;
use super::proxy::{Cut, Proxy};
use crate::support::process::{self, Signal};
use crate::support::testbed::Access;
use crate::support::wait::block_on;

/// A Pod of one of our Nodes, from its start on; it can still be asked for its log when it is gone.
pub(crate) struct RunningPod {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) node: String,
    /// Its own address, or with `hostNetwork` its Node's.
    pub(crate) ip: Ipv4Addr,
    pub(super) host_ip: Ipv4Addr,
    /// For what belongs to this Pod.
    pub(super) folder: PathBuf,
    pub(super) proxy: Proxy,
    pub(super) log: Log,
    containers: Mutex<Vec<Slot>>,
    /// Told of each change of a container's state.
    pub(super) changed: Notify,
}

/// One container as it is now.
pub(super) struct Slot {
    pub(super) status: ContainerStatus,
    /// While it runs.
    pub(super) pid: Option<u32>,
    /// An init container.
    pub(super) init: bool,
}

impl RunningPod {
    pub(super) fn new(pod: &Pod, host_ip: Ipv4Addr, network: &Network, access: &Access, pods: &Path) -> Self {
        let uid = pod.uid().unwrap_or_default();
        let spec = pod.spec.as_ref().expect("a Pod has a spec");
        let init_containers = spec.init_containers.iter().flatten();
        let waits_for = if spec.init_containers.is_some() { "PodInitializing" } else { "ContainerCreating" };
        let slots = init_containers
            .map(|container| Slot::new(container, true, waits_for))
            .chain(spec.containers.iter().map(|container| Slot::new(container, false, waits_for)))
            .collect();
        Self {
            namespace: pod.namespace().unwrap_or_default(),
            name: pod.name_any(),
            node: spec.node_name.clone().unwrap_or_default(),
            ip: if spec.host_network == Some(true) { host_ip } else { network.address() },
            host_ip,
            folder: pods.join(&uid),
            uid,
            proxy: Proxy::before(access.address()),
            log: Log::default(),
            containers: Mutex::new(slots),
            changed: Notify::new(),
        }
    }

    /// The process of a container, while it runs.
    pub(crate) fn pid(&self, container: &str) -> Option<u32> {
        self.containers().iter().find(|slot| slot.status.name == container)?.pid
    }

    /// How the process of a container ended that does not run, nor waits to: its exit code, or 128 and a signal.
    pub(crate) fn exit_code(&self, container: &str) -> Option<i32> {
        let containers = self.containers();
        let slot = containers.iter().find(|slot| slot.status.name == container)?;
        Some(slot.status.state.as_ref()?.terminated.as_ref()?.exit_code)
    }

    /// Kills its processes, which then start again in place if the Pod's restart policy says so.
    ///
    /// # Panics
    /// If none runs; so do the other ways to hurt a Pod.
    pub(crate) fn kill9(&self) {
        self.signal(Signal::KILL);
    }

    /// Stops its processes without their noticing.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets frozen processes go on.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Breaks the network between it and the API server.
    pub(crate) fn cut_off(&self, how: Cut) {
        self.proxy.cut(Some(how));
        if how == Cut::Refuse {
            // A promise about the very next connection, and the proxy needs a moment.
            block_on(self.proxy.refused());
        }
    }

    /// Ends what [`RunningPod::cut_off`] began.
    pub(crate) fn restore(&self) {
        self.proxy.cut(None);
    }

    /// All lines that its containers have printed.
    pub(crate) fn logs(&self) -> Vec<Line> {
        self.log.lines()
    }

    /// What the elector in it has said.
    pub(crate) fn events(&self) -> Vec<ElectorEvent> {
        self.log.events()
    }

    /// Why nothing has started yet; the real kubelet has Events for that.
    pub(super) fn explain(&self, message: &str) {
        for slot in self.containers().iter_mut() {
            if let Some(waiting) = slot.status.state.as_mut().and_then(|state| state.waiting.as_mut()) {
                waiting.message = Some(message.to_owned());
            }
        }
        self.changed.notify_one();
    }

    /// Kills whatever runs.
    pub(super) fn kill_all(&self) {
        for pid in self.containers().iter().filter_map(|slot| slot.pid) {
            process::signal_group(pid, Signal::KILL);
        }
    }

    fn signal(&self, signal: Signal) {
        let pids: Vec<u32> = self.containers().iter().filter_map(|slot| slot.pid).collect();
        assert!(!pids.is_empty(), "nothing runs in Pod {}/{}", self.namespace, self.name);
        for pid in pids {
            process::signal_group(pid, signal);
        }
    }

    pub(super) fn containers(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.containers.lock().expect("no panic while it is held")
    }

    /// Changes what is known of a container.
    pub(super) fn update(&self, container: &str, change: impl FnOnce(&mut Slot)) {
        let mut slots = self.containers();
        let slot = slots.iter_mut().find(|slot| slot.status.name == container);
        change(slot.expect("every container of the Pod has a slot"));
        drop(slots);
        self.changed.notify_one();
    }
}

impl Slot {
    fn new(container: &Container, init: bool, waits_for: &str) -> Self {
        let image = container.image.clone().unwrap_or_default();
        let status = ContainerStatus {
            name: container.name.clone(),
            image,
            started: Some(false),
            state: Some(waiting(waits_for, None)),
            ..ContainerStatus::default()
        };
        Self { status, pid: None, init }
    }
}

pub(super) fn waiting(reason: &str, message: Option<String>) -> ContainerState {
    ContainerState {
        waiting: Some(ContainerStateWaiting { reason: Some(reason.to_owned()), message }),
        ..ContainerState::default()
    }
}
