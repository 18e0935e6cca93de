//! A real election on the testbed: its Pods, its Lease, and who acts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use hactl::elector::Draws;
use hactl::model::Micros;
use hactl::model::lease::{FENCE_PREFIX, TRANSFER_ANNOTATION};
use hactl::sim::Random;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use serde_json::json;

use crate::cell::{Library, Setup, Timing};
use crate::journal::Journal;
use crate::run::seconds;
use crate::support::fixtures::{create, elector_deployment};
use crate::support::kubelet::RunningPod;
use crate::support::lateness::now;
use crate::support::wait::try_until;
use crate::support::{Namespace, Testbed};

/// The name of everything in its namespace.
pub(crate) const NAME: &str = "app";

/// Three: who is named has a rival.
pub(crate) const REPLICAS: usize = 3;

/// Until all Pods are Ready: some wait for the kubelet's back-off.
const READY: Duration = Duration::from_secs(120);

/// An election that runs.
pub(crate) struct Election<'t> {
    pub(crate) ns: Namespace<'t>,
    pub(crate) setup: Setup,
    /// Every Pod that ever ran, by uid: those that are gone have told things too.
    pods: Mutex<BTreeMap<String, Arc<RunningPod>>>,
    killed: Mutex<Vec<(Micros, String)>>,
}

/// The Lease as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) holder: String,
    pub(crate) transitions: i32,
    pub(crate) acquired: Option<Micros>,
    pub(crate) renewed: Option<Micros>,
    /// Whether a transfer has left its annotation there.
    pub(crate) annotated: bool,
    pub(crate) version: String,
}

/// Who does what at the beginning of a run.
#[derive(Clone)]
pub(crate) struct Cast {
    /// The Pod that leads.
    pub(crate) leader: Arc<RunningPod>,
    /// The names of the others.
    pub(crate) standbys: Vec<String>,
    pub(crate) record: Record,
}

impl<'t> Election<'t> {
    /// Sets it up; somebody leads when it returns.
    pub(crate) fn start(bed: &'t Testbed, setup: Setup) -> Self {
        let ns = bed.namespace("move");
        let mut workload = elector_deployment(NAME, setup.library.image(), u32::try_from(REPLICAS).expect("a few"))
            .env("RELEASE_ON_CANCEL", &setup.releases.to_string());
        workload = match setup.timing {
            Timing::Deadline(duration, deadline, retry) => workload
                .env("LEASE_DURATION", &duration.to_string())
                .env("RENEW_DEADLINE", &deadline.to_string())
                .env("RETRY_PERIOD", &retry.to_string()),
            Timing::Grace(duration, grace) => {
                workload.env("LEASE_DURATION", &duration.to_string()).env("GRACE_PERIOD", &grace.to_string())
            }
        };
        if setup.stateful {
            ns.testbed().kubelet();
            for mut manifest in workload.manifests() {
                if manifest["kind"] == "Deployment" {
                    manifest["kind"] = json!("StatefulSet");
                    manifest["spec"]["serviceName"] = json!(NAME);
                    manifest["spec"]["podManagementPolicy"] = json!("Parallel");
                    manifest["spec"]["template"]["spec"]["topologySpreadConstraints"] = json!([]);
                }
                create(&ns, manifest);
            }
        } else {
            workload.apply(&ns);
        }
        Self { ns, setup, pods: Mutex::default(), killed: Mutex::default() }
    }

    /// Waits until all Pods are Ready and one of them, which holds the Lease, acts alone; and then for any moment of its
    /// rhythm.
    ///
    /// # Panics
    /// If that takes too long.
    pub(crate) fn settle(&self) -> Cast {
        let mut random = Random::stream(now().get().unsigned_abs(), 1);
        loop {
            let cast = try_until(READY, || async { self.cast() });
            let Some(cast) = cast else { panic!("{}: no leader and {} standbys", self.setup, REPLICAS - 1) };
            let pause = random.between(Micros::SECOND, Micros::SECOND + seconds(self.setup.renewal()));
            sleep(Duration::from_micros(pause.get().unsigned_abs()));
            // What came before may not have come to its end then.
            if let Some(again) = self.cast().filter(|again| again.leader.uid == cast.leader.uid) {
                return again;
            }
        }
    }

    /// Who does what now, where all are Ready and the one that holds the Lease acts alone.
    pub(crate) fn cast(&self) -> Option<Cast> {
        self.note();
        let pods = self.ns.pods(NAME);
        if pods.len() != REPLICAS || !pods.iter().all(|pod| ready(pod) && pod.metadata.deletion_timestamp.is_none()) {
            return None;
        }
        let record = self.record()?;
        let leader = self.holder(&record)?;
        let journal = self.journal();
        let standbys = pods.iter().map(ResourceExt::name_any).filter(|name| *name != leader.name).collect();
        let fresh = now() - record.renewed? < Micros::from_secs(self.setup.lease_duration() as i64);
        (fresh && journal.acting(now()) == [leader.uid.as_str()]).then_some(Cast { leader, standbys, record })
    }

    /// The Pod that this Lease names, as it runs.
    pub(crate) fn holder(&self, record: &Record) -> Option<Arc<RunningPod>> {
        let name = record.holder.split('_').next().filter(|_| !record.holder.starts_with(FENCE_PREFIX))?;
        let kubelet = self.ns.testbed().kubelet();
        kubelet.pods(self.ns.name()).into_iter().find(|pod| pod.name == name)
    }

    pub(crate) fn record(&self) -> Option<Record> {
        self.ns.lease(NAME).map(|lease| Record::of(&lease))
    }

    /// Keeps in mind whoever runs now.
    pub(crate) fn note(&self) {
        let mut pods = lock(&self.pods);
        for pod in self.ns.testbed().kubelet().pods(self.ns.name()) {
            pods.entry(pod.uid.clone()).or_insert(pod);
        }
    }

    pub(crate) fn journal(&self) -> Journal {
        self.note();
        let pods: Vec<_> = lock(&self.pods).values().cloned().collect();
        Journal::of(&pods, &lock(&self.killed))
    }

    /// Kills a Pod's processes, and remembers when: they cannot.
    pub(crate) fn kill(&self, pod: &RunningPod) {
        pod.kill9();
        lock(&self.killed).push((now(), pod.uid.clone()));
    }

    /// The name of a Pod.
    pub(crate) fn name_of(&self, uid: &str) -> String {
        lock(&self.pods).get(uid).map_or_else(|| uid.to_owned(), |pod| pod.name.clone())
    }

    pub(crate) fn library(&self) -> Library {
        self.setup.library
    }
}

impl Record {
    fn of(lease: &Lease) -> Self {
        let spec = lease.spec.clone().unwrap_or_default();
        let micros = |time: Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime>| {
            time.map(|time| Micros::new(time.0.as_microsecond()))
        };
        Self {
            holder: spec.holder_identity.unwrap_or_default(),
            transitions: spec.lease_transitions.unwrap_or_default(),
            acquired: micros(spec.acquire_time),
            renewed: micros(spec.renew_time),
            annotated: lease.annotations().contains_key(TRANSFER_ANNOTATION),
            version: lease.resource_version().unwrap_or_default(),
        }
    }
}

pub(crate) fn ready(pod: &Pod) -> bool {
    let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
