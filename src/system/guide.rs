//! What a system's own guide says about its failover, to be shown beside what happens.

use crate::model::Micros;

/// What a guide says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guide {
    /// Where it stands.
    pub source: &'static str,
    /// How it tells a failover with the system's defaults, moment by moment.
    pub timeline: &'static [Moment],
    /// How long it says that a failover takes, with the timing that it says it for.
    pub claims: &'static [Claim],
}

/// A moment of a failover as a guide tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When, after the fault.
    pub at: Micros,
    /// What it says happens.
    pub says: &'static str,
    /// What does.
    pub happens: &'static str,
}

/// A failover time that a guide promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Where in the guide, or what it calls the timing.
    pub name: &'static str,
    /// With this lease duration.
    pub lease_duration: Micros,
    /// With this grace period.
    pub grace_period: Micros,
    /// At least.
    pub low: Micros,
    /// At most.
    pub high: Micros,
}

impl Claim {
    /// A claim, everything in seconds.
    #[must_use]
    pub const fn new(name: &'static str, (duration, grace): (i64, i64), (low, high): (i64, i64)) -> Self {
        let (lease_duration, grace_period) = (Micros::from_secs(duration), Micros::from_secs(grace));
        Self { name, lease_duration, grace_period, low: Micros::from_secs(low), high: Micros::from_secs(high) }
    }

    /// From the crash to a standby that leads, at least and at most: kube-lease-manager renews a grace period before
    /// expiry, and a standby waits 0.1 to 1 s after it (kube-lease-manager `src/manager.rs`).
    #[must_use]
    pub fn takeover(&self) -> (Micros, Micros) {
        (self.grace_period + Micros::from_millis(100), self.lease_duration + Micros::SECOND)
    }
}
