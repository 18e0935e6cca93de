//! client-go's elector, and controller-runtime's on top of it.
//!
//! A standby looks at jittered intervals and takes over once the record has not changed for the *record's* duration, by
//! its own monotonic clock. A leader renews every retry period; from the first try that fails it goes on for a renew
//! deadline, still acting, and then ends. As of `k8s.io/client-go/tools/leaderelection/leaderelection.go` 0.36.3.

mod machine;

pub use machine::Elector;

use super::rule::{self, Broken};
use super::{Bound, Rhythm, Settings, Tolerance};
use crate::model::Micros;
use crate::model::write::Identity;

/// Where the rules stand.
const PLACE: &str = "k8s.io/client-go/tools/leaderelection/leaderelection.go";

/// How an elector is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientGo {
    /// `LeaseDuration`.
    pub lease_duration: Micros,
    /// `RenewDeadline`.
    pub renew_deadline: Micros,
    /// `RetryPeriod`.
    pub retry_period: Micros,
    /// `ReleaseOnCancel`: give the Lease up at the end.
    pub release_on_cancel: bool,
    /// The client's own limit for a call with all its repetitions; [`Micros::NEVER`] for none.
    pub timeout: Micros,
}

impl ClientGo {
    /// As controller-runtime sets it up: a call may take half the renew deadline, and a second at least
    /// (`sigs.k8s.io/controller-runtime/pkg/leaderelection/leader_election.go`); nothing is released.
    #[must_use]
    pub fn new(lease_duration: Micros, renew_deadline: Micros, retry_period: Micros) -> Self {
        let timeout = (renew_deadline / 2).max(Micros::SECOND);
        Self { lease_duration, renew_deadline, retry_period, release_on_cancel: false, timeout }
    }

    /// By how much a leader that is cut off stops before another may start. Only if this is positive can there never be
    /// two; the library's own rule does not ask for it.
    ///
    /// The last renewal is followed by a pause of a retry period, and the renew deadline counts from the try that fails
    /// first. What stands in the record are whole seconds, of the duration and of the times: where renewals follow each
    /// other within a second, a standby counts from the first of them.
    #[must_use]
    pub fn margin(&self) -> Micros {
        self.patience() - self.renew_deadline - self.retry_period
    }

    /// For how long after a renewal no standby can take over.
    fn patience(&self) -> Micros {
        let hidden = if self.retry_period < Micros::SECOND { Micros::SECOND } else { Micros::ZERO };
        Micros::from_secs(rule::seconds(self.lease_duration).into()) - hidden
    }
}

impl Settings for ClientGo {
    type Machine = Elector;
    const GUARDED: bool = true;
    const CREATES: bool = true;

    fn machine(&self, identity: Identity, _process: u8) -> Elector {
        Elector::new(*self, identity, false)
    }

    fn check(&self) -> Result<(), Broken> {
        let Self { lease_duration, renew_deadline, retry_period, .. } = *self;
        rule::positive("lease duration", lease_duration, PLACE)?;
        rule::positive("renew deadline", renew_deadline, PLACE)?;
        rule::positive("retry period", retry_period, PLACE)?;
        if lease_duration <= renew_deadline {
            return Err(Broken::DeadlineBeyondDuration { lease_duration, renew_deadline, place: PLACE });
        }
        if renew_deadline * 5 <= retry_period * 6 {
            return Err(Broken::DeadlineWithinRetry { renew_deadline, retry_period, place: PLACE });
        }
        // The library takes fractions and drops them as it writes: less than a second would be no duration at all.
        if lease_duration < Micros::SECOND { rule::whole("lease duration", lease_duration, PLACE) } else { Ok(()) }
    }

    fn rhythm(&self) -> Rhythm {
        Rhythm {
            renewal: self.retry_period,
            look: self.retry_period * 8 / 5,
            warm_up: self.retry_period * 4,
            settling: self.lease_duration + self.renew_deadline + self.retry_period * 6,
        }
    }

    /// The first try that fails comes at once in the worst case, the others a retry period apart, before the renew
    /// deadline. The one that succeeds has to come before a standby's patience ends, or who is first is a matter of
    /// chance: at 15/10/2 the fifth try comes 8 s after the first. Only its own monotonic clock counts.
    fn tolerates(&self) -> Tolerance {
        let Self { renew_deadline, retry_period, .. } = *self;
        let tries = (renew_deadline - Micros::TICK) / retry_period;
        let unseen = (self.patience() - Micros::TICK) / retry_period - 1;
        Tolerance { outage: Bound::UpTo(retry_period * tries.min(unseen).max(0)), skew: Bound::Unlimited }
    }
}
