//! The status of a Pod: worked out as the real kubelet does, and sent when it has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::container::Restart;
use super::pod::RunningPod;

/// Sends the status of one Pod.
pub(super) struct Reporter {
    api: Api<Pod>,
    running: Arc<RunningPod>,
    restart: Restart,
    start_time: Time,
    /// Whether nobody but us can say that the Pod has a Node: it was made with `nodeName`.
    unscheduled: bool,
    conditions: Conditions,
    sent: Value,
}

impl Reporter {
    pub(super) fn new(api: Api<Pod>, running: Arc<RunningPod>, pod: &Pod) -> Self {
        let mut conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
        Self {
            api,
            running,
            restart: Restart::of(pod.spec.as_ref().expect("a Pod has a spec")),
            start_time: Time(Timestamp::now()),
            unscheduled: !conditions.any(|condition| condition.type_ == "PodScheduled"),
            conditions: Conditions::default(),
            sent: Value::Null,
        }
    }

    /// Sends the status if it has changed. That the Pod is gone is no error.
    pub(super) async fn report(&mut self) -> kube::Result<()> {
        let status = self.status();
        if status == self.sent {
            return Ok(());
        }
        // The uid keeps it from the next Pod of the same name.
        let patch = Patch::Strategic(json!({"metadata": {"uid": self.running.uid}, "status": status}));
        match self.api.patch_status(&self.running.name, &PatchParams::default(), &patch).await {
            Err(kube::Error::Api(answer)) if answer.is_not_found() || answer.is_conflict() => {}
            result => drop(result?),
        }
        self.sent = status;
        Ok(())
    }

    fn status(&mut self) -> Value {
        let slots = self.running.containers();
        let of = |init: bool| -> Vec<ContainerStatus> {
            slots.iter().filter(|slot| slot.init == init).map(|slot| slot.status.clone()).collect()
        };
        let (init, main) = (of(true), of(false));
        drop(slots);

        let phase = phase(&init, &main, self.restart);
        self.note_conditions(phase, &init, &main);
        let ip = self.running.ip;
        let host_ip = self.running.host_ip;
        json!({
            "phase": phase,
            "startTime": self.start_time,
            "hostIP": host_ip,
            "hostIPs": [{"ip": host_ip}],
            "podIP": ip,
            "podIPs": [{"ip": ip}],
            "conditions": self.conditions.to_json(),
            "initContainerStatuses": init,
            "containerStatuses": main,
        })
    }

    fn note_conditions(&mut self, phase: Phase, init: &[ContainerStatus], main: &[ContainerStatus]) {
        let over = match phase {
            Phase::Succeeded => Some("PodCompleted"),
            Phase::Failed => Some("PodFailed"),
            Phase::Pending | Phase::Running => None,
        };
        let unready = names(main, |status| !status.ready);
        let ready = match over {
            Some(reason) => Some((reason, None)),
            None if unready.is_empty() => None,
            None => Some(("ContainersNotReady", Some(format!("containers with unready status: [{unready}]")))),
        };
        let incomplete = names(init, |status| exit_code(status) != Some(0));
        let initialized = (!incomplete.is_empty())
            .then(|| ("ContainersNotInitialized", Some(format!("containers with incomplete status: [{incomplete}]"))));

        if self.unscheduled {
            self.conditions.set("PodScheduled", None);
        }
        self.conditions.set("PodReadyToStartContainers", None);
        self.conditions.set("Initialized", initialized);
        self.conditions.set("ContainersReady", ready.clone());
        self.conditions.set("Ready", ready);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
enum Phase {
    Pending,
    Running,
    Succeeded,
    Failed,
}

fn phase(init: &[ContainerStatus], main: &[ContainerStatus], restart: Restart) -> Phase {
    for status in init {
        match exit_code(status) {
            Some(0) => {}
            Some(_) if restart == Restart::Never => return Phase::Failed,
            _ => return Phase::Pending,
        }
    }
    let running = main.iter().any(|status| status.state.as_ref().is_some_and(|state| state.running.is_some()));
    let never_ran = main.iter().any(|status| status.container_id.is_none());
    let codes: Option<Vec<i32>> = main.iter().map(exit_code).collect();
    match codes {
        _ if never_ran => Phase::Pending,
        // Whoever waits for a restart counts as running, too.
        None => Phase::Running,
        Some(_) if running || restart == Restart::Always => Phase::Running,
        Some(codes) if codes.iter().all(|code| *code == 0) => Phase::Succeeded,
        Some(_) if restart == Restart::Never => Phase::Failed,
        Some(_) => Phase::Running,
    }
}

/// How a container has ended that does not run, nor waits to.
fn exit_code(status: &ContainerStatus) -> Option<i32> {
    Some(status.state.as_ref()?.terminated.as_ref()?.exit_code)
}

fn names(statuses: &[ContainerStatus], which: impl Fn(&ContainerStatus) -> bool) -> String {
    let names: Vec<&str> = statuses.iter().filter(|status| which(status)).map(|status| status.name.as_str()).collect();
    names.join(" ")
}

/// The conditions by type: since when, and why not.
#[derive(Default)]
struct Conditions(BTreeMap<&'static str, (Time, Option<Why>)>);

type Why = (&'static str, Option<String>);

impl Conditions {
    /// True, or false with a reason.
    fn set(&mut self, kind: &'static str, why_not: Option<Why>) {
        let since = match self.0.get(kind) {
            Some((since, former)) if former.is_none() == why_not.is_none() => since.clone(),
            _ => Time(Timestamp::now()),
        };
        self.0.insert(kind, (since, why_not));
    }

    fn to_json(&self) -> Vec<Value> {
        let conditions = self.0.iter().map(|(kind, (since, why_not))| {
            let (reason, message) = why_not.clone().unzip();
            json!({
                "type": kind,
                "status": if why_not.is_none() { "True" } else { "False" },
                "lastTransitionTime": since,
                // The server merges conditions, so that what no longer holds must be taken back.
                "reason": reason,
                "message": message.flatten(),
            })
        });
        conditions.collect()
    }
}
