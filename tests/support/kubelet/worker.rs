//! The life of one Pod: credentials, init containers, containers, reports, and the end.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Pod};
use kube::api::{DeleteParams, Preconditions};
use kube::{Api, Client};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use super::container::{End, Keeper, Restart};
use super::credentials;
use super::pod::RunningPod;
use super::proxy::Cut;
use super::status::Reporter;
use super::wish::{Wish, Wishes, is_stopped, own_grace, stopped_within};
use crate::support::testbed::Access;
use crate::support::wait::runtime;

/// Until the API server is asked again that did not answer, or refused.
const PAUSE: Duration = Duration::from_secs(1);

/// A handle on the task that is the life of a Pod.
pub(super) struct Worker {
    pub(super) running: Arc<RunningPod>,
    own_grace: Duration,
    wish: watch::Sender<Wish>,
    task: AbortHandle,
}

impl Worker {
    pub(super) fn start(running: Arc<RunningPod>, pod: Pod, client: Client, access: Access) -> Self {
        let own_grace = own_grace(&pod);
        let (wish, wishes) = watch::channel(Wish::of(&pod));
        let life = Life { running: Arc::clone(&running), pod: Arc::new(pod), client, access, wishes };
        let task = runtime().spawn(life.live()).abort_handle();
        Self { running, own_grace, wish, task }
    }

    /// Its object has changed.
    pub(super) fn see(&self, pod: &Pod) {
        self.wish.send_if_modified(|wish| wish.hasten(Wish::of(pod)));
    }

    /// Its object is gone.
    pub(super) fn lose(&self) {
        self.wish.send_modify(|wish| wish.lose_object(self.own_grace));
    }

    /// The end without a word, as on a machine that loses power.
    pub(super) fn crash(&self) {
        self.task.abort();
        self.running.kill_all();
        self.running.proxy.cut(Some(Cut::Refuse));
    }

    pub(super) fn ended(&self) -> bool {
        self.task.is_finished()
    }
}

/// What the task has.
#[derive(Clone)]
struct Life {
    running: Arc<RunningPod>,
    pod: Arc<Pod>,
    client: Client,
    access: Access,
    wishes: Wishes,
}

impl Life {
    async fn live(mut self) {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &self.running.namespace);
        let mut reporter = Reporter::new(api.clone(), Arc::clone(&self.running), &self.pod);
        // A task of its own: containers must not wait for a slow API server. It ends with the set, that is, with us.
        let mut work = JoinSet::new();
        work.spawn(self.clone().work());
        loop {
            let reported = reporter.report().await.is_ok();
            // Ordered so that the last report has seen the end of the work.
            if reported && work.is_empty() && is_stopped(&self.wishes) {
                break;
            }
            tokio::select! {
                () = self.running.changed.notified() => {}
                Some(_) = work.join_next() => {}
                _ = self.wishes.changed() => {}
                () = sleep(PAUSE), if !reported => {}
            }
        }
        self.delete(&api).await;
        self.running.proxy.cut(Some(Cut::Refuse));
        let _ = fs::remove_dir_all(&self.running.folder);
    }

    /// All that the containers do.
    async fn work(mut self) {
        let folder = &self.running.folder;
        fs::create_dir_all(folder).unwrap_or_else(|error| panic!("making {}: {error}", folder.display()));
        let kubeconfig = loop {
            match credentials::write(&self.client, &self.access, &self.running, &self.pod).await {
                Ok(kubeconfig) => break kubeconfig,
                // As the real one, which waits for the volume with the token.
                Err(error) => {
                    self.running.explain(&error.to_string());
                    if stopped_within(PAUSE, &mut self.wishes).await {
                        return;
                    }
                }
            }
        };
        let kubeconfig = kubeconfig.as_deref();
        let spec = self.pod.spec.as_ref().expect("a Pod has a spec");
        let restart = Restart::of(spec);
        for container in spec.init_containers.iter().flatten() {
            let keeper = self.keeper(container, restart.for_init(), kubeconfig);
            if keeper.keep(self.wishes.clone()).await != End::Succeeded {
                return;
            }
        }
        let mut containers = JoinSet::new();
        for container in &spec.containers {
            let keeper = self.keeper(container, restart, kubeconfig);
            let wishes = self.wishes.clone();
            containers.spawn(async move { keeper.keep(wishes).await });
        }
        while containers.join_next().await.is_some() {}
    }

    fn keeper(&self, container: &Container, restart: Restart, kubeconfig: Option<&Path>) -> Keeper {
        Keeper {
            running: Arc::clone(&self.running),
            pod: Arc::clone(&self.pod),
            container: container.clone(),
            restart,
            client: self.client.clone(),
            kubeconfig: kubeconfig.map(Path::to_path_buf),
        }
    }

    /// Removes the object, which Kubernetes leaves to the kubelet.
    async fn delete(&self, api: &Api<Pod>) {
        let only_this = Preconditions { uid: Some(self.running.uid.clone()), ..Preconditions::default() };
        let now = DeleteParams::default().grace_period(0).preconditions(only_this);
        while matches!(*self.wishes.borrow(), Wish::Stop { object: true, .. }) {
            match api.delete(&self.running.name, &now).await {
                Ok(_) => return,
                // It, or at least this one, is already gone.
                Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => return,
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}
