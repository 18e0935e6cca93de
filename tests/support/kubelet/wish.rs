//! What is to become of a Pod, as the API server last said it.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// What Kubernetes gives a Pod that does not say.
const DEFAULT_GRACE: i64 = 30;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    Run,
    Stop {
        /// What still runs then is killed.
        deadline: Instant,
        /// Whether the object is still there, and has to be deleted in the end.
        object: bool,
    },
}

impl Wish {
    pub(super) fn of(pod: &Pod) -> Self {
        if pod.metadata.deletion_timestamp.is_none() {
            return Self::Run;
        }
        let grace = grace(pod.metadata.deletion_grace_period_seconds);
        Self::Stop { deadline: Instant::now() + grace, object: true }
    }

    /// Takes over a newer wish; a Pod can only ever get less time. Tells whether that changes anything.
    pub(super) fn hasten(&mut self, newer: Self) -> bool {
        let sooner = match (&*self, newer) {
            (_, Self::Run) => false,
            (Self::Run, Self::Stop { .. }) => true,
            (Self::Stop { deadline: old, .. }, Self::Stop { deadline, .. }) => deadline < *old,
        };
        if sooner {
            *self = newer;
        }
        sooner
    }

    /// The object is gone; that alone is no reason for haste. (A deletion by force is one: just before the object goes
    /// it gets a grace period of 0.)
    pub(super) fn lose_object(&mut self, own_grace: Duration) {
        let deadline = match *self {
            Self::Run => Instant::now() + own_grace,
            Self::Stop { deadline, .. } => deadline,
        };
        *self = Self::Stop { deadline, object: false };
    }
}

/// The grace period that the Pod itself asks for.
pub(super) fn own_grace(pod: &Pod) -> Duration {
    grace(pod.spec.as_ref().and_then(|spec| spec.termination_grace_period_seconds))
}

/// The real kubelet grants every process at least one second, even in a deletion by force
/// (kubernetes v1.36 pkg/kubelet/pod_workers.go, calculateEffectiveGracePeriod).
fn grace(seconds: Option<i64>) -> Duration {
    Duration::from_secs(u64::try_from(seconds.unwrap_or(DEFAULT_GRACE)).unwrap_or(0).max(1))
}

pub(super) type Wishes = watch::Receiver<Wish>;

pub(super) fn is_stopped(wishes: &Wishes) -> bool {
    matches!(*wishes.borrow(), Wish::Stop { .. })
}

/// Waits until the Pod is to end, or is to end before `deadline`, and tells when.
pub(super) async fn stopped_before(deadline: Option<Instant>, wishes: &mut Wishes) -> Instant {
    let mut at = None;
    let sooner = |wish: &Wish| {
        at = match wish {
            Wish::Stop { deadline: new, .. } if deadline.is_none_or(|old| *new < old) => Some(*new),
            _ => None,
        };
        at.is_some()
    };
    let _ = wishes.wait_for(sooner).await;
    match at {
        Some(at) => at,
        // Nobody can wish anything any more: this task is about to be aborted.
        None => std::future::pending().await,
    }
}

/// Waits, and tells whether the Pod is to end before the time is over.
pub(super) async fn stopped_within(pause: Duration, wishes: &mut Wishes) -> bool {
    timeout(pause, stopped_before(None, wishes)).await.is_ok()
}
