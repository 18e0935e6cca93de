//! The Rust crate kube-lease-manager: the wall clock decides, nothing names a version, and nobody watches.
//!
//! Who holds the Lease renews a grace period before the expiry that it remembers; who does not sleeps until the expiry
//! that it remembers, nulls what has expired, waits a random moment and applies. A leader that cannot reach the API goes
//! on. As of `kube-lease-manager/src/manager.rs`, `state.rs` and `backoff.rs`, 0.8.0 and 0.13.1.

mod machine;

pub use machine::Elector;

use super::rule::{self, Broken};
use super::{Bound, Rhythm, Settings, Tolerance};
use crate::model::Micros;
use crate::model::write::Identity;

/// Where the rules stand.
const PLACE: &str = "kube-lease-manager/src/manager.rs";

/// The longest pause after an error: 30 s (`MAX_WATCHER_BACKOFF_TIME`).
const LONGEST_BACKOFF: Micros = Micros::from_secs(30);

/// The versions that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edition {
    /// Up to 0.11.0 (klag-exporter has 0.8.0): a null holder beside other fields locks everyone out for ever.
    Before0_11_1,
    /// Since 0.11.1: such a record counts as held by someone unknown and as expired.
    Since0_11_1,
}

/// How an elector is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KubeLeaseManager {
    /// `duration`, in whole seconds.
    pub lease_duration: Micros,
    /// `grace`, in whole seconds.
    pub grace_period: Micros,
    /// Which version.
    pub edition: Edition,
    /// Whether the program drops its channel and waits for the release before it ends.
    pub releases: bool,
    /// After how long a silent connection fails: 295 s with kube 0.99 (0.8.0), never with kube 5 (0.13.1)
    /// (`kube-client/src/config/mod.rs`).
    pub timeout: Micros,
}

impl KubeLeaseManager {
    /// With the defaults of the version.
    #[must_use]
    pub fn new(lease_duration: Micros, grace_period: Micros, edition: Edition) -> Self {
        let timeout = match edition {
            Edition::Before0_11_1 => Micros::from_secs(295),
            Edition::Since0_11_1 => Micros::NEVER,
        };
        Self { lease_duration, grace_period, edition, releases: true, timeout }
    }

    /// How long after a renewal comes the next.
    #[must_use]
    pub fn renewal(&self) -> Micros {
        self.lease_duration - self.grace_period
    }
}

impl Settings for KubeLeaseManager {
    type Machine = Elector;
    const GUARDED: bool = false;
    const CREATES: bool = true;

    fn machine(&self, identity: Identity, process: u8) -> Elector {
        Elector::new(*self, identity, process)
    }

    fn check(&self) -> Result<(), Broken> {
        let Self { lease_duration, grace_period, .. } = *self;
        rule::whole("lease duration", lease_duration, PLACE)?;
        rule::whole("grace period", grace_period, PLACE)?;
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
            settling: self.lease_duration * 2 + LONGEST_BACKOFF,
        }
    }

    /// A renewal that fails comes a grace period before expiry, and is tried again after a pause of 1 to 2 s, and then of
    /// up to twice the pause before. This is for the first trouble since the leader began to lead: the pauses grow no
    /// shorter until the leader changes. A standby goes by its own wall clock, and looks again as late as it can.
    fn tolerates(&self) -> Tolerance {
        Tolerance { outage: Bound::UpTo(survived(self.grace_period)), skew: Bound::UpTo(self.grace_period) }
    }
}

/// The longest outage after which a renewal comes for certain within a grace period from its first try.
///
/// The outage can end just after the try that followed the *k*-th pause. If that pause was `b` long, those before it took
/// the least time if each was half of the next, and a second at least; the next can be `2 b` long. What has passed by the
/// *k*-th pause is `T(b) = Σ max(1, b / 2ⁱ)` for `i < k`, and it is too long if `T(b) + 2 b` is more than the grace
/// period: where that begins is solved here between two powers of two, in which `b` lies.
fn survived(grace: Micros) -> Micros {
    const PAUSE: Micros = Micros::SECOND;
    if grace < PAUSE * 2 {
        return Micros::ZERO;
    }
    let mut survived = grace;
    for k in 1.. {
        if survived <= PAUSE * k {
            break;
        }
        let limit = (0..k.min(32)).find_map(|power| {
            let unit = 1 << power;
            let last = (grace - PAUSE * (k - 1 - power)) * unit / (unit * 4 - 1);
            let here = PAUSE * unit <= last && last <= PAUSE * (unit * 2);
            here.then(|| grace - last * 2)
        });
        // Too long already if every pause was as short as can be.
        let limit = if PAUSE * (k + 2) > grace { Some(PAUSE * k) } else { limit };
        survived = survived.min(limit.unwrap_or(survived));
    }
    survived
}
