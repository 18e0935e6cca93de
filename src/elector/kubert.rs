//! The Rust crate kubert, as linkerd's policy controller uses it: the wall clock decides, and every write names the
//! version that it was decided on.
//!
//! Who holds the Lease renews a grace period before it runs out; who does not claims it as it runs out, and learns of a
//! renewal by the conflict. A claim carries its own expiry, so a leader that is cut off acts no longer than that; its
//! task ends after a few errors. As of `kubert/src/lease.rs` 0.25.0, with `backon` 1.6 for the retries.

mod machine;

pub use machine::Elector;

use super::rule::{self, Broken};
use super::{Bound, Rhythm, Settings, Tolerance};
use crate::model::Micros;
use crate::model::write::Identity;

/// Where the rules stand.
const PLACE: &str = "kubert/src/lease.rs";

/// How an elector is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kubert {
    /// `lease_duration`.
    pub lease_duration: Micros,
    /// `renew_grace_period`.
    pub grace_period: Micros,
    /// Whether the program drops its receivers and waits for the task before it ends.
    pub releases: bool,
}

impl Kubert {
    /// With release at the end.
    #[must_use]
    pub fn new(lease_duration: Micros, grace_period: Micros) -> Self {
        Self { lease_duration, grace_period, releases: true }
    }

    /// How long after a renewal comes the next.
    #[must_use]
    pub fn renewal(&self) -> Micros {
        self.lease_duration - self.grace_period
    }
}

impl Settings for Kubert {
    type Machine = Elector;
    const GUARDED: bool = true;
    const CREATES: bool = false;

    fn machine(&self, identity: Identity, _process: u8) -> Elector {
        Elector::new(*self, identity)
    }

    /// kubert itself checks nothing: a fraction of a second is lost in the record, so that two processes disagree, and a
    /// grace of a whole duration renews without a pause.
    fn check(&self) -> Result<(), Broken> {
        let Self { lease_duration, grace_period, .. } = *self;
        rule::whole("lease duration", lease_duration, PLACE)?;
        rule::positive("grace period", grace_period, PLACE)?;
        if grace_period >= lease_duration {
            return Err(Broken::GraceBeyondDuration { lease_duration, grace_period, place: PLACE });
        }
        Ok(())
    }

    fn rhythm(&self) -> Rhythm {
        Rhythm {
            renewal: self.renewal(),
            look: self.lease_duration,
            warm_up: self.lease_duration,
            settling: self.lease_duration * 2,
        }
    }

    /// A renewal that fails comes a grace period before the claim runs out, and is tried again a few times: with a grace
    /// of 1 s or less, none of them comes before that. A standby goes by its own wall clock.
    fn tolerates(&self) -> Tolerance {
        let before = |at: &Micros| *at < self.grace_period;
        let outage = machine::retries(self.grace_period).take_while(before).last().unwrap_or_default();
        Tolerance { outage: Bound::UpTo(outage), skew: Bound::UpTo(self.grace_period) }
    }
}
