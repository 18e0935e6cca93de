//! Coordinated leader election (KEP-4355): a controller in the API server names the leader, and client-go's elector
//! takes part with `Coordinated: true`.
//!
//! A process registers a LeaseCandidate and looks whether it is named; it never creates a Lease or takes one that has run
//! out. A holder that sees a `preferredHolder`, even itself, renews no more. As of
//! `k8s.io/client-go/tools/leaderelection/leaderelection.go` 0.36.3 (`tryCoordinatedRenew`); the controller, from
//! `kubernetes/pkg/controlplane/controller/leaderelection` 1.36.3, belongs to who drives the machines.

use super::client_go::{ClientGo, Elector};
use super::rule::Broken;
use super::{Bound, Rhythm, Settings, Tolerance};
use crate::model::Micros;
use crate::model::write::Identity;

/// What the controller writes as the lease duration of whom it names: 5 s, until the named one renews
/// (`leaderelection_controller.go`, `defaultLeaseDurationSeconds`).
pub const NAMED_FOR: Micros = Micros::from_secs(5);

/// After so long the controller looks again (`defaultRequeueInterval`).
pub const LOOK_AGAIN: Micros = Micros::from_secs(5);

/// For so long it waits for candidates that were asked whether they are there (`electionDuration`).
pub const ASKING: Micros = Micros::from_secs(5);

/// How an elector is set up: the timing is client-go's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Coordinated {
    /// As without coordination.
    pub client: ClientGo,
}

impl Settings for Coordinated {
    type Machine = Elector;
    const GUARDED: bool = true;
    const CREATES: bool = true;
    const COORDINATED: bool = true;

    fn machine(&self, identity: Identity, _process: u8) -> Elector {
        Elector::new(self.client, identity, true)
    }

    fn check(&self) -> Result<(), Broken> {
        self.client.check()
    }

    fn rhythm(&self) -> Rhythm {
        let Rhythm { renewal, look, warm_up, settling } = self.client.rhythm();
        Rhythm { renewal, look, warm_up: warm_up + LOOK_AGAIN, settling: settling + (LOOK_AGAIN + ASKING) * 2 }
    }

    /// The leader's own part is client-go's. Who decides whether the Lease has run out is the controller, by the API
    /// server's clock; a live leader that it asks answers, and is named again.
    fn tolerates(&self) -> Tolerance {
        let Tolerance { outage, .. } = self.client.tolerates();
        Tolerance { outage, skew: Bound::Unlimited }
    }
}
