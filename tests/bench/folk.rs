//! How leadership is moved: by hactl, or by hand, as kubectl would write it, which names no version.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::cell::{Method, Setup, Timing};
use crate::election::{Cast, Election, NAME};
use crate::run::transfer;
use crate::support::block_on;

/// A way to move leadership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// `hactl transfer`.
    Hactl(Method),
    /// `kubectl patch lease … holderIdentity: B`.
    Overwrite,
    /// `kubectl patch lease … holderIdentity: ""`.
    Clear,
    /// `kubectl delete lease`.
    DeleteLease,
    /// `kubectl delete pod`, of the leader.
    DeletePod,
    /// `kubectl rollout restart`.
    Restart,
}

impl Way {
    pub(crate) const ALL: [Self; 7] = [
        Self::Hactl(Method::Evict),
        Self::Hactl(Method::HandOver),
        Self::Overwrite,
        Self::Clear,
        Self::DeleteLease,
        Self::DeletePod,
        Self::Restart,
    ];

    pub(crate) fn name(self) -> String {
        match self {
            Self::Hactl(method) => format!("hactl transfer --method {}", method.as_str()),
            Self::Overwrite => "kubectl patch: another's holderIdentity".to_owned(),
            Self::Clear => "kubectl patch: an empty holderIdentity".to_owned(),
            Self::DeleteLease => "kubectl delete lease".to_owned(),
            Self::DeletePod => "kubectl delete pod".to_owned(),
            Self::Restart => "kubectl rollout restart".to_owned(),
        }
    }

    /// So long nobody leads at the most, by the elector's own times: from the stop of the old leader until a standby
    /// looks. Of what is done by hand nothing is promised.
    pub(crate) fn floor(self, setup: Setup) -> Option<f64> {
        let Self::Hactl(method) = self else { return None };
        Some(match (setup.timing, method) {
            // A standby looks every retry period, with a jitter of 1.2 (`client-go/tools/leaderelection`, `JitterFactor`).
            (Timing::Deadline(_, _, retry), Method::Evict) => 2.2 * f64::from(retry),
            // The leader may stop as much as one retry period before its renew deadline and a retry period are over.
            (Timing::Deadline(_, _, retry), Method::HandOver) => 3.2 * f64::from(retry),
            // The leader reads the fence when it has renewed, and a standby wakes when that record has run out.
            (Timing::Grace(_, grace), Method::HandOver) => grace.into(),
            // A standby sleeps until the record that it has seen last has run out.
            (Timing::Grace(duration, _), Method::Evict) => duration.into(),
        })
    }

    /// How many runs one election bears: a container that exits again and again is made to wait, and nobody may lead any
    /// more when a Lease was deleted.
    pub(crate) fn in_a_row(self, setup: Setup) -> usize {
        match self {
            Self::DeleteLease => 1,
            Self::DeletePod | Self::Restart | Self::Hactl(Method::Evict) => 5,
            Self::Hactl(Method::HandOver) | Self::Overwrite | Self::Clear if setup.library.exits() => 2,
            Self::Hactl(Method::HandOver) | Self::Overwrite | Self::Clear => 5,
        }
    }

    /// Does it. Of hactl the exit code, where that is not 0.
    pub(crate) fn act(self, election: &Election<'_>, cast: &Cast, patience: Duration) -> Option<String> {
        let wanted = cast.standbys.last().map(String::as_str).unwrap_or_default();
        match self {
            Self::Hactl(method) => {
                let run = transfer(election, method).kubeconfig(election.ns.kubeconfig()).timeout(patience);
                // Whom an evicted leader of these is followed by is the choice of whoever wakes first.
                let anyone = method == Method::Evict && !election.library().exits();
                let run = if anyone { run } else { run.args(["--to", wanted]) };
                let out = run.run();
                return (out.code != Some(0)).then(|| format!("{:?}: {}", out.code, out.stderr));
            }
            Self::Overwrite => patch_lease(election, &json!({"spec": {"holderIdentity": wanted}})),
            Self::Clear => patch_lease(election, &json!({"spec": {"holderIdentity": ""}})),
            Self::DeleteLease => {
                block_on(election.ns.api::<Lease>().delete(NAME, &DeleteParams::default())).expect("deleted");
            }
            Self::DeletePod => {
                let pods = election.ns.api::<Pod>();
                block_on(pods.delete(&cast.leader.name, &DeleteParams::default())).expect("deleted");
            }
            Self::Restart => {
                let at = format!("{:.0}", Timestamp::now());
                let annotations = json!({"kubectl.kubernetes.io/restartedAt": at});
                let body = json!({"spec": {"template": {"metadata": {"annotations": annotations}}}});
                let params = PatchParams { field_manager: Some("kubectl-rollout".into()), ..PatchParams::default() };
                block_on(election.ns.api::<Deployment>().patch(NAME, &params, &Patch::Strategic(body)))
                    .expect("patched");
            }
        }
        None
    }
}

fn patch_lease(election: &Election<'_>, body: &Value) {
    let params = PatchParams { field_manager: Some("kubectl-patch".into()), ..PatchParams::default() };
    block_on(election.ns.api::<Lease>().patch(NAME, &params, &Patch::Merge(body))).expect("patched");
}
