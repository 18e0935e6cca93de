//! A real control plane: one that all tests share, or one of a test's own that it may stop.

mod control_plane;
mod kubeconfig;
mod namespace;
mod observe;

use std::future::Future;
use std::path::Path;
use std::sync::OnceLock;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use self::control_plane::ControlPlane;
pub(crate) use self::control_plane::{Access, Component};
pub(crate) use self::kubeconfig::{mint_token, write_kubeconfig};
pub(crate) use self::namespace::Namespace;
use super::kubelet::{Kubelet, default_nodes};
use super::wait::{block_on, runtime};

/// A control plane that runs, and a client of its administrator.
pub(crate) struct Testbed {
    // Before the control plane, which it should not outlive.
    kubelet: OnceLock<Kubelet>,
    control_plane: ControlPlane,
    client: Client,
}

impl Testbed {
    /// The one for all tests, started at the first call; it ends with this process, however that ends.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Testbed> = OnceLock::new();
        SHARED.get_or_init(|| Self::own(&Component::ALL))
    }

    /// One for a single test, with these components only; it ends when it is dropped.
    ///
    /// Without the controller-manager nobody makes ReplicaSets or Pods, deletes what is in a deleted
    /// namespace, or notices dead Nodes; without the scheduler Pods need a `nodeName`.
    pub(crate) fn own(only: &[Component]) -> Self {
        Self::on(ControlPlane::start(only, None))
    }

    /// As [`Testbed::own`], and its API server writes to `log` what it is asked: one JSON line for each request.
    pub(crate) fn audited(only: &[Component], log: &Path) -> Self {
        Self::on(ControlPlane::start(only, Some(log)))
    }

    /// One for a single test, with coordinated leader election (KEP-4355) on.
    pub(crate) fn coordinated() -> Self {
        Self::on(ControlPlane::start_with(&Component::ALL, &["--coordinated".as_ref()]))
    }

    fn on(control_plane: ControlPlane) -> Self {
        let client = block_on(client(&control_plane.access().kubeconfig));
        Self { kubelet: OnceLock::new(), control_plane, client }
    }

    /// The administrator's client, which does not retry.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// The administrator's kubeconfig, without a namespace.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.access().kubeconfig
    }

    /// Where the API server is, and how it is trusted.
    pub(crate) fn access(&self) -> &Access {
        self.control_plane.access()
    }

    /// Its Nodes, and the kubelet that runs what is bound to them; started at the first call.
    pub(crate) fn kubelet(&self) -> &Kubelet {
        self.kubelet.get_or_init(|| Kubelet::start(self.client(), self.access(), &default_nodes()))
    }

    /// The kubelet, if anybody has asked for it.
    pub(crate) fn started_kubelet(&self) -> Option<&Kubelet> {
        self.kubelet.get()
    }

    /// A new namespace, named `prefix` and a number.
    pub(crate) fn namespace(&self, prefix: &str) -> Namespace<'_> {
        Namespace::create(self, prefix)
    }

    /// Runs `future` to its end.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }

    /// Kills a component, as a crash would.
    pub(crate) fn kill(&self, component: Component) {
        self.control_plane.command("kill", component);
    }

    /// Ends a component in an orderly way.
    pub(crate) fn stop(&self, component: Component) {
        self.control_plane.command("stop", component);
    }

    /// Starts a component that was killed or stopped, and waits until it works.
    pub(crate) fn start(&self, component: Component) {
        self.control_plane.command("start", component);
    }

    /// The process of a component as it was started first.
    pub(crate) fn pid(&self, component: Component) -> u32 {
        self.control_plane.pid(component)
    }

    /// The processes that were started first: the supervisor, then the components.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.control_plane.pids()
    }
}

/// A client that does not retry.
pub(crate) async fn client(kubeconfig: &Path) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("the control plane's kubeconfig");
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .expect("the control plane's kubeconfig");
    // Answers such as 429 are what tests ask about.
    config.default_retry = false;
    let _in_runtime = runtime().enter();
    Client::try_from(config).expect("a client of the control plane")
}
