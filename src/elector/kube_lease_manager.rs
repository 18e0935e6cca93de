//! The Rust crate kube-lease-manager: the wall clock decides, nothing names a version, and nobody watches.
//!
//! Who holds the Lease renews a grace period before the expiry that it remembers; who does not sleeps until the expiry
//! that it remembers, nulls what has expired, waits a random moment and applies. A leader that cannot reach the API goes
//! on. As of `kube-lease-manager/src/manager.rs`, `state.rs` and `backoff.rs`, 0.8.0 and 0.13.1.

mod machine;

pub use machine::Elector;

use super::rule::{self, Broken};
use super::{Rhythm, Settings};
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
}
