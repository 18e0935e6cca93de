//! What proves that nobody leads any more.

use jiff::{SignedDuration, Timestamp};

use super::{Case, Leader, Standing};
use crate::elector::catalogue::Name;
use crate::model::elector::is_tool;
use crate::model::health::words;

/// Whether a precondition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It does, because of this.
    Proved(String),
    /// It is not known to.
    Missing {
        /// What is missing.
        what: String,
        /// How long to wait for it, where waiting helps.
        wait: Option<SignedDuration>,
    },
}

impl Proof {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self, Self::Proved(_))
    }
}

/// kube-lease-manager's pauses after errors grow up to this, and in each it sends nothing (`src/manager.rs`, `watch`).
const LONGEST_BACKOFF: SignedDuration = SignedDuration::from_secs(30);

/// How long a leader of fabric8 goes on after its last renewal, beyond its lease duration: a retry period, and twice the
/// 19.1 s that its HTTP client repeats a failing request for (`Config.java`, `StandardHttpClient.shouldRetry`).
const FABRIC8_RETRIES: SignedDuration = SignedDuration::from_secs(40);

/// For how long after its last renewal a leader may still act, or still send a renewal that was decided on before. `None`
/// where no time is long enough.
///
/// A leader of kube-lease-manager that is cut off from the API acts on for ever, and there is no time after which that
/// were proved; but what it could still do to the *Lease*, it would have done by then.
fn longest(case: &Case<'_>, elector: Name) -> Option<SignedDuration> {
    let (duration, retry) = (case.duration(elector), case.retry(elector));
    Some(match elector {
        // The renew deadline is shorter than the lease duration, by each library's own validation; and a leader that
        // releases on its way out and is cut off asks for another before its work ends (`Way::hand_over`).
        Name::ClientGo => duration * 2 + retry,
        // The retry period before the deadline begins, and the one that it is noticed in.
        Name::Polling(_) => duration + retry * 2,
        Name::Fabric8 => duration + FABRIC8_RETRIES,
        // Its claim runs out by itself (`kubert/src/lease.rs`, `Claim::is_current_for`).
        Name::Kubert => duration,
        Name::KubeLeaseManager(_) => duration + LONGEST_BACKOFF,
        // 15 s is the least that its candidates dare to count (`client-go/tools/leaderelection`), whatever the controller
        // has written: it names a holder for 5 s at first.
        Name::Coordinated => duration.max(SignedDuration::from_secs(15)) * 2 + retry,
        Name::KubeLeaderElection => return None,
    })
}

/// Nobody leads: the last leader has ended, or nobody has renewed for so long that nobody can be about to.
pub(super) fn nobody_leads(case: &Case<'_>, elector: Name) -> Proof {
    if let Leader::Known { identity, state: Standing::Ended } = &case.leader {
        return Proof::Proved(format!("the processes of {identity} have ended"));
    }
    let Some(longest) = longest(case, elector) else {
        return leader_gone(case, case.duration(elector) + case.retry(elector) * 2);
    };
    silent(case, longest)
}

/// The last leader's processes have ended, as a kubelet says; or there is none left, and nobody has renewed for so long.
pub(super) fn leader_gone(case: &Case<'_>, silence: SignedDuration) -> Proof {
    let missing = |what: String| Proof::Missing { what, wait: None };
    match (&case.leader, &case.pods) {
        (Leader::Known { identity, state: Standing::Ended }, _) => {
            Proof::Proved(format!("the processes of {identity} have ended"))
        }
        (Leader::Known { state: Standing::Gone, .. }, _) => silent(case, silence),
        (Leader::Unknown, Some(pods)) if pods.is_empty() => silent(case, silence),
        (Leader::Known { identity, state: Standing::Runs }, _) => {
            missing(format!("{identity} runs, and may act as the leader: end it first"))
        }
        (Leader::Unknown, Some(pods)) => {
            missing(format!("any of {} may act as the leader: end them first", pods.join(", ")))
        }
        (Leader::Unknown, None) => {
            missing("who led last is not known, and which Pods run could not be read".to_owned())
        }
    }
}

/// Nobody has renewed for so long: by the dates that stand there, or because hactl has watched it.
fn silent(case: &Case<'_>, long: SignedDuration) -> Proof {
    let dated = last_sign(case).map(|at| case.now.duration_since(at) - case.error);
    let passed = dated.unwrap_or_default().max(case.watched);
    if passed >= long {
        return Proof::Proved(format!("nobody has renewed it for {}", words(passed)));
    }
    let wait = long - passed;
    let so_far = match dated {
        Some(dated) if dated < -case.error - SignedDuration::from_secs(1) => {
            "its last renewal lies in the future".to_owned()
        }
        Some(_) => format!("it was renewed {} ago", words(passed)),
        None => "when it was renewed last is not recorded".to_owned(),
    };
    Proof::Missing {
        what: format!(
            "{so_far}, and only after {} can no renewal come any more: {} are missing",
            words(long),
            words(wait)
        ),
        wait: Some(wait),
    }
}

/// The last sign of a renewal: its date by the clock of whoever renewed, or by the API server's own, to the second.
fn last_sign(case: &Case<'_>) -> Option<Timestamp> {
    let lease = case.lease?;
    // A date that a person wrote is no renewal, and counts as what it says.
    let renewals = lease.owners.iter().filter(|owner| owner.fields.renewed && !is_tool(&owner.manager));
    let kept = renewals.filter_map(|owner| owner.time?.checked_add(SignedDuration::from_secs(1)).ok());
    // Without its date a Lease shows only writes of other fields.
    lease.renewed?;
    kept.chain(lease.renewed).max()
}
