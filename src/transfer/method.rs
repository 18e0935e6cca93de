//! Which method fits an elector, and the waits that make it safe: from its settings, and from what is assumed of requests.

use std::fmt;

use super::terms::{Fence, Freeing, Proof, Way};
use crate::elector::Settings;
use crate::elector::client_go::ClientGo;
use crate::elector::kube_lease_manager::KubeLeaseManager;
use crate::elector::kubert::Kubert;
use crate::elector::polling;
use crate::elector::setup::{Setup, Visitor};
use crate::model::Micros;

/// How leadership is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Fence, wait, hand over.
    HandOver,
    /// End the leader's Pod.
    Evict,
    /// Ask the controller of a coordinated election.
    Prefer,
}

impl Method {
    /// The word in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HandOver => "hand-over",
            Self::Evict => "evict",
            Self::Prefer => "prefer",
        }
    }

    /// The method that is used unless another is asked for: the one that costs an elector's users least. A leader of
    /// client-go exits when it loses its Lease, so that fencing it costs its process *and* the wait.
    #[must_use]
    pub const fn preferred(setup: Setup) -> Self {
        match setup {
            Setup::KubeLeaseManager(_) | Setup::Kubert(_) => Self::HandOver,
            Setup::Coordinated(_) => Self::Prefer,
            _ => Self::Evict,
        }
    }
}

/// What is assumed of clocks and requests. Every plan prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assumed {
    /// No request of an elector takes longer than this, there and back.
    pub request: Micros,
    /// No candidate's wall clock is further than this from the API server's, either way.
    pub skew: Micros,
}

impl Assumed {
    /// How long after the end of the old leader's process something that it has sent may still change the Lease: not at
    /// all where every write names the version that it was decided on.
    #[must_use]
    pub fn stragglers(self, setup: Setup) -> Micros {
        struct Guarded;
        impl Visitor for Guarded {
            type Output = bool;
            fn visit<S: Settings + Send + Sync>(self, _: S) -> bool {
                S::GUARDED
            }
        }
        // By then it has arrived, and not in that very moment.
        if setup.visit(Guarded) { Micros::ZERO } else { self.request + Micros::TICK }
    }
}

/// Why an election cannot be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unfit {
    /// The leader does not stop before its lease duration is over: a fence that is left behind could make two leaders.
    Margin {
        /// By how much it stops before.
        margin: Micros,
    },
    /// The wait between acknowledgement and take-over, or between two renewals, is too short for the requests in it.
    Requests {
        /// What there is.
        room: Micros,
        /// What is needed.
        needed: Micros,
    },
    /// The library's behaviour was never measured.
    Unmeasured,
    /// The Lease has a strategy: its controller names the holder, and whoever else does leaves nobody leading.
    Coordinated,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Margin { margin } => write!(
                f,
                "its lease duration is no longer than its renew deadline and retry period together ({margin} left): a \
                 fence that is left behind could make two leaders"
            ),
            Self::Requests { room, needed } => {
                write!(f, "its timing leaves {room} for requests that may take {needed} together")
            }
            Self::Unmeasured => f.write_str("how its elector takes a hand-over was never measured"),
            Self::Coordinated => f.write_str("the Lease has a strategy: its controller names the holder"),
        }
    }
}

impl Way {
    /// The hand-over for this elector. `deadline_known` says whether its renew deadline is known; if not, it is bounded
    /// by the lease duration, which every library of that kind wants to be longer.
    ///
    /// # Errors
    /// Why none is safe.
    pub fn hand_over(setup: Setup, deadline_known: bool, assumed: Assumed) -> Result<Self, Unfit> {
        match setup {
            Setup::ClientGo(client_go) => by_time(&client_go, deadline_known, assumed),
            Setup::KubeLeaseManager(manager) => by_acknowledgement(&manager, assumed),
            Setup::Kubert(kubert) => by_renewal(&kubert, assumed),
            Setup::Coordinated(_) => Err(Unfit::Coordinated),
            Setup::KubeLeaderElection(_) | Setup::Fabric8(_) | Setup::Polling(_) => Err(Unfit::Unmeasured),
        }
    }

    /// Its method.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::HandOver { .. } => Method::HandOver,
            Self::Evict => Method::Evict,
            Self::Prefer => Method::Prefer,
        }
    }
}

/// The last renewal before the fence is answered a request later, the next try comes a retry period after that, and the
/// renew deadline counts from it. A leader that would release asks once more before its work ends, for another renew
/// deadline where nobody answers (`client-go/tools/leaderelection`: `OnStoppedLeading` comes after `release`, which has
/// that time limit since 0.31). Neither whether it releases nor whether it is cut off can be seen from outside; that its
/// container has ended can, and then nobody waits any longer.
fn by_time(settings: &ClientGo, deadline_known: bool, assumed: Assumed) -> Result<Way, Unfit> {
    let ClientGo { lease_duration, renew_deadline, retry_period, .. } = *settings;
    let slack = assumed.request * 2;
    let deadline = if deadline_known { renew_deadline } else { lease_duration };
    if deadline_known && settings.margin() <= Micros::ZERO {
        return Err(Unfit::Margin { margin: settings.margin() });
    }
    // Records are compared in whole seconds: a renewal sooner than that is no news.
    let every = retry_period.min(lease_duration / 3).max(Micros::SECOND);
    // When it gives up is not known either: its name is never put back.
    let undo = if deadline_known { renew_deadline - retry_period - slack } else { Micros::ZERO };
    let proof = Proof::Elapsed { wait: deadline * 2 + retry_period + slack, undo };
    Ok(Way::HandOver { fence: Fence::Renewed(every), proof })
}

/// The standby wakes a grace period after the acknowledgement: by then the leader has to have read the fence, and the
/// next leader's name has to stand there, which hactl learns of and writes in a request each.
///
/// A standby that has read the fence wakes only as the leader's last date runs out, late by the skew of its clock, and is
/// to renew, in two requests, before hactl's date runs out for anyone else, early by the skew of theirs. The leader's date
/// may be early by its skew too: hactl's has to be later by all of that.
fn by_acknowledgement(settings: &KubeLeaseManager, assumed: Assumed) -> Result<Way, Unfit> {
    // The leader has written and read by then, and not in that very moment.
    let (interval, rest) = (settings.renewal(), assumed.request * 2 + assumed.skew * 3 + Micros::TICK);
    enough(settings.grace_period, rest + assumed.request * 2)?;
    enough(interval, rest * 2 + Micros::SECOND)?;
    let proof = Proof::Acknowledged { interval, rest, within: settings.lease_duration + assumed.skew, ask: false };
    Ok(Way::HandOver { fence: Fence::Named, proof })
}

/// The leader's next renewal meets another version, and it reads the Lease: by its own clock, which has dated the last
/// one. Where clocks differ by so much that the standby could be awake before the next leader's name stands there, its own
/// claim has to run out first.
fn by_renewal(settings: &Kubert, assumed: Assumed) -> Result<Way, Unfit> {
    let Kubert { lease_duration, grace_period, .. } = *settings;
    let (interval, slack) = (settings.renewal(), assumed.request * 2 + Micros::TICK);
    enough(interval, slack * 2 + assumed.skew * 2)?;
    let prompt = slack + assumed.skew * 2 + assumed.request < grace_period;
    let wait = if prompt { interval + slack + assumed.skew } else { lease_duration + assumed.skew };
    Ok(Way::HandOver { fence: Fence::Named, proof: Proof::Renewal { wait, undo: interval - slack - assumed.skew } })
}

fn enough(room: Micros, needed: Micros) -> Result<(), Unfit> {
    if room > needed { Ok(()) } else { Err(Unfit::Requests { room, needed }) }
}

impl Freeing {
    /// The record that this elector's standbys take at their next look, and that locks nobody out.
    #[must_use]
    pub const fn of(setup: Setup) -> Self {
        match setup {
            // Java takes an empty holder for one; so do the Rust electors, and kube-lease-manager up to 0.11.0 never
            // recovers from a null holder beside other fields.
            Setup::ClientGo(_) | Setup::Fabric8(_) => Self::Empty,
            Setup::KubeLeaseManager(_) | Setup::Kubert(_) => Self::Cleared,
            Setup::Polling(settings) => match settings.library {
                polling::Library::Java => Self::Null,
                // .NET creates anew where a field is null, for ever.
                polling::Library::Python | polling::Library::DotNet => Self::Empty,
            },
            // A null is an error to kube-leader-election, and an empty holder has to run out all the same.
            Setup::KubeLeaderElection(_) | Setup::Coordinated(_) => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elector::kube_lease_manager::Edition;

    const ASSUMED: Assumed = Assumed { request: Micros::from_millis(250), skew: Micros::ZERO };

    fn client_go(lease: i64, deadline: i64, retry: i64) -> Setup {
        let secs = Micros::from_secs;
        Setup::ClientGo(ClientGo::new(secs(lease), secs(deadline), secs(retry)))
    }

    fn proof(setup: Setup, deadline_known: bool, assumed: Assumed) -> Result<Proof, Unfit> {
        Way::hand_over(setup, deadline_known, assumed).map(|way| match way {
            Way::HandOver { proof, .. } => proof,
            Way::Evict | Way::Prefer => panic!("no hand-over"),
        })
    }

    #[test]
    fn client_go_is_waited_for_as_long_as_it_may_act() {
        let (wait, undo) = (Micros::from_millis(22_500), Micros::from_millis(7_500));
        assert_eq!(proof(client_go(15, 10, 2), true, ASSUMED), Ok(Proof::Elapsed { wait, undo }));
        let unknown = Ok(Proof::Elapsed { wait: Micros::from_millis(32_500), undo: Micros::ZERO });
        assert_eq!(proof(client_go(15, 10, 2), false, ASSUMED), unknown);
        assert!(matches!(proof(client_go(270, 240, 60), true, ASSUMED), Err(Unfit::Margin { .. })));
        // 0.5 s between renewals: a second of the duration is hidden.
        let quick = ClientGo::new(Micros::from_secs(3), Micros::from_millis(1500), Micros::from_millis(500));
        assert!(matches!(proof(Setup::ClientGo(quick), true, ASSUMED), Err(Unfit::Margin { .. })));
    }

    #[test]
    fn kubert_is_trusted_by_its_date_only_where_clocks_agree() {
        let secs = Micros::from_secs;
        let kubert = Setup::Kubert(Kubert::new(secs(30), secs(1)));
        let wait = |skew| match proof(kubert, true, Assumed { skew, ..ASSUMED }) {
            Ok(Proof::Renewal { wait, .. }) => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait(Micros::from_millis(100)), Micros::from_millis(29_600) + Micros::TICK);
        assert_eq!(wait(Micros::from_millis(150)), Micros::from_millis(30_150));
    }

    #[test]
    fn what_a_process_has_sent_matters_where_it_names_no_version() {
        let secs = Micros::from_secs;
        let manager = Setup::KubeLeaseManager(KubeLeaseManager::new(secs(15), secs(5), Edition::Since0_11_1));
        assert_eq!(ASSUMED.stragglers(manager), ASSUMED.request + Micros::TICK);
        assert_eq!(ASSUMED.stragglers(client_go(15, 10, 2)), Micros::ZERO);
        // The renewal and its read take a request each, and may be at the server only as both are over.
        let Ok(Proof::Acknowledged { rest, .. }) = proof(manager, true, ASSUMED) else { panic!("it acknowledges") };
        assert!(rest > ASSUMED.request * 2);
    }

    #[test]
    fn a_grace_period_has_to_have_room_for_requests() {
        let manager = |lease, grace| {
            let secs = Micros::from_secs;
            Setup::KubeLeaseManager(KubeLeaseManager::new(secs(lease), secs(grace), Edition::Since0_11_1))
        };
        assert!(proof(manager(15, 5), true, ASSUMED).is_ok());
        let slow = Assumed { request: Micros::from_secs(3), ..ASSUMED };
        assert!(matches!(proof(manager(15, 5), true, slow), Err(Unfit::Requests { .. })));
        assert!(matches!(proof(manager(4, 2), true, ASSUMED), Err(Unfit::Requests { .. })));
    }
}
