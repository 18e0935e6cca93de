//! How long a transfer can take, and how soon somebody leads again if hactl dies in the middle: bounds, not samples.

use super::method::Assumed;
use super::terms::{Proof, Way};
use crate::elector::Settings;
use crate::elector::client_go::ClientGo;
use crate::elector::setup::Setup;
use crate::model::Micros;

/// A kubelet reports a container's end with its next look at the Pod's processes: after a second, or at once
/// (`k8s.io/kubernetes/pkg/kubelet/pleg/generic.go`); with room for a slow API.
const REPORT: Micros = Micros::from_secs(5);

/// The controller of coordinated elections looks every five seconds, and waits as long for answers; where the candidate of
/// an earlier process keeps it asking, the old leader's last answer may count for one look more
/// (`k8s.io/kubernetes/pkg/controlplane/controller/leaderelection/leaderelection_controller.go`).
const CONTROLLER: Micros = Micros::from_secs(15);

impl Way {
    /// From the first request to the moment that the next leader's own renewal is seen, at the longest. `grace` is the
    /// time that the leader's Pod may take to end.
    #[must_use]
    pub fn longest(self, setup: Setup, assumed: Assumed, grace: Micros) -> Micros {
        let requests = assumed.request * 8;
        requests
            + match self {
                Self::Evict => grace + REPORT + taken(setup) + renewal(setup),
                // The fence waits for a quiet moment, the proof for its time, and the next leader for its own renewal.
                Self::HandOver { proof, .. } => match proof {
                    Proof::Elapsed { wait, .. } => renewal(setup) + wait + taken(setup) + renewal(setup),
                    Proof::Acknowledged { interval, rest, within, ask } => {
                        // Its no may come as late as the fence runs out, and then everyone waits for that.
                        interval + rest + within + interval + if ask { within } else { Micros::ZERO }
                    }
                    Proof::Renewal { wait, .. } => wait + taken(setup) + renewal(setup),
                },
                Self::Prefer => {
                    let client = match setup {
                        Setup::Coordinated(settings) => settings.client,
                        _ => ClientGo::new(Micros::ZERO, Micros::ZERO, Micros::ZERO),
                    };
                    client.retry_period + client.renew_deadline + client.lease_duration + CONTROLLER + look(&client)
                }
            }
    }

    /// How soon somebody leads again if hactl dies after its first write, at the longest; requests come on top.
    #[must_use]
    pub fn heals(self, setup: Setup) -> Micros {
        match (self, setup) {
            // Its standbys first see the fence, and then look once more after its duration.
            (Self::HandOver { .. }, Setup::ClientGo(settings)) => settings.lease_duration + look(&settings) * 2,
            // The leader dates the fence once more, and then everyone waits until that has run out.
            (Self::HandOver { .. }, Setup::KubeLeaseManager(settings)) => {
                settings.renewal() + settings.lease_duration + Micros::SECOND
            }
            (Self::HandOver { .. }, Setup::Kubert(settings)) => settings.lease_duration,
            // Nothing was written that could stand in anyone's way: as after any end of a leader.
            _ => match setup {
                Setup::ClientGo(settings) => settings.lease_duration + look(&settings) * 2,
                Setup::Coordinated(settings) => {
                    settings.client.lease_duration + CONTROLLER + look(&settings.client) * 2
                }
                Setup::KubeLeaseManager(settings) => settings.lease_duration + Micros::SECOND,
                Setup::Kubert(settings) => settings.lease_duration,
                other => other.rhythm().settling,
            },
        }
    }
}

/// A standby's longest pause between two looks: `JitterUntil` with a factor of 1.2.
fn look(settings: &ClientGo) -> Micros {
    settings.retry_period * 11 / 5
}

/// How long it takes until a Lease that is free, or has another's name in it, is found so.
fn taken(setup: Setup) -> Micros {
    match setup {
        Setup::ClientGo(settings) => look(&settings),
        Setup::KubeLeaseManager(settings) => settings.lease_duration + Micros::SECOND,
        Setup::Kubert(settings) => settings.rhythm().look,
        other => other.rhythm().settling,
    }
}

fn renewal(setup: Setup) -> Micros {
    setup.rhythm().renewal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elector::kube_lease_manager::{Edition, KubeLeaseManager};

    #[test]
    fn what_is_left_behind_heals_as_it_was_measured() {
        let secs = Micros::from_secs;
        let assumed = Assumed { request: Micros::from_millis(250), skew: Micros::ZERO };
        let heals = |setup| Way::hand_over(setup, true, assumed).map(|way| way.heals(setup));
        let client_go = Setup::ClientGo(ClientGo::new(secs(15), secs(10), secs(2)));
        assert_eq!(heals(client_go), Ok(Micros::from_millis(23_800)), "15 s and two looks of up to 4.4 s");
        let manager = Setup::KubeLeaseManager(KubeLeaseManager::new(secs(15), secs(5), Edition::Before0_11_1));
        assert_eq!(heals(manager), Ok(secs(26)));
    }
}
