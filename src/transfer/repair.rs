//! THE REPAIR: the states in which an election is stuck for good, and what brings each of them back.
//!
//! Values in, value out: [`diagnose`] looks at a Lease and at what is known around it, and names the problem, what has to
//! be proved before anything is written, and what is written then. Nothing is written that its precondition does not prove:
//! an election without a leader is better than one with two. Where no write helps, the repair is advice alone.

mod blind;
mod coordinated;
mod deleted;
mod fence;
mod kube_lease_manager;
mod null;
mod proof;

use jiff::{SignedDuration, Timestamp};

use crate::elector::catalogue::{Name, Times};
use crate::model::lease::Tenure;
use crate::model::{LeasePatch, LeaseRecord};
pub use proof::Proof;

/// What is known of an election that may be stuck.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Its Lease as it was read last; `None` where there is none.
    pub lease: Option<&'a LeaseRecord>,
    /// Its elector; `None` where that is not known well enough to write by.
    pub elector: Option<Name>,
    /// The elector's timing, as far as it is known.
    pub times: Times,
    /// Who led last.
    pub leader: Leader,
    /// The names of its Pods whose processes may run; `None` where that is not known.
    pub pods: Option<Vec<String>>,
    /// Now, by the API server's clock.
    pub now: Timestamp,
    /// How far off that can be.
    pub error: SignedDuration,
    /// For how long hactl itself has seen the Lease stand as it stands.
    pub watched: SignedDuration,
}

/// Who led last, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leader {
    /// Nothing says who it was.
    Unknown,
    /// It is known.
    Known {
        /// Its identity.
        identity: String,
        /// What became of it.
        state: Standing,
    },
}

/// What became of a process that led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It runs, for all that is known.
    Runs,
    /// The kubelet has reported the end of its containers.
    Ended,
    /// There is no Pod of that name, or another one by now. Its node may only be out of reach.
    Gone,
}

/// In which way an election is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// hactl's own fence stands in the Lease.
    Fence,
    /// The Lease has no holder, and every write that would take it conflicts with an earlier one of its elector.
    Deadlock,
    /// A field is null that the elector cannot do without.
    NullField,
    /// The Lease is gone, and its elector does not make it anew.
    LeaseDeleted,
    /// The holder of a coordinated election was asked to yield, and nobody renews.
    UnansweredYield,
    /// The standbys do not look at the Lease until long after it may have run out.
    BlindStandbys,
    /// It looks stuck, and what would help depends on an elector that is not known.
    UnknownElector,
}

impl Problem {
    /// The word in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fence => "fence-left-behind",
            Self::Deadlock => "deadlock",
            Self::NullField => "null-field",
            Self::LeaseDeleted => "lease-deleted",
            Self::UnansweredYield => "unanswered-yield",
            Self::BlindStandbys => "blind-standbys",
            Self::UnknownElector => "unknown-elector",
        }
    }
}

/// A stuck election, and what brings it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What is wrong.
    pub problem: Problem,
    /// What shows that.
    pub evidence: String,
    /// What has to be true before anything is written.
    pub precondition: &'static str,
    /// Whether it is.
    pub proof: Proof,
    /// What is written then; `None` where no write helps.
    pub patch: Option<LeasePatch>,
    /// How long it may take until somebody leads.
    pub within: SignedDuration,
    /// What a person has to do: before, afterwards, or instead.
    pub advice: Vec<String>,
}

impl Repair {
    /// What may be written: nothing, unless the precondition is proved.
    #[must_use]
    pub fn write(&self) -> Option<&LeasePatch> {
        self.patch.as_ref().filter(|_| self.proof.holds())
    }
}

/// What is stuck, if anything is.
#[must_use]
pub fn diagnose(case: &Case<'_>) -> Option<Repair> {
    let Some(lease) = case.lease else { return deleted::diagnose(case) };
    // A fence is hactl's own, whoever the elector is.
    if matches!(lease.tenure(case.now), Tenure::Fenced { .. }) {
        return Some(fence::diagnose(case, lease));
    }
    match case.elector {
        Some(elector) => by_elector(case, lease, elector),
        None => unknown(case, lease),
    }
}

fn by_elector(case: &Case<'_>, lease: &LeaseRecord, elector: Name) -> Option<Repair> {
    if lease.strategy.is_some() || elector == Name::Coordinated {
        return coordinated::diagnose(case, lease);
    }
    match elector {
        Name::KubeLeaseManager(_) => {
            kube_lease_manager::diagnose(case, lease).or_else(|| blind::diagnose(case, lease, elector))
        }
        Name::Kubert => blind::diagnose(case, lease, elector),
        Name::KubeLeaderElection | Name::Polling(_) | Name::Fabric8 => null::diagnose(case, lease, elector),
        // It takes whatever it finds.
        Name::ClientGo | Name::Coordinated => None,
    }
}

/// A record that could be a stuck one, of an elector that is not known: nothing is guessed.
fn unknown(case: &Case<'_>, lease: &LeaseRecord) -> Option<Repair> {
    // Coordinated elections say so themselves.
    if lease.strategy.is_some() {
        return coordinated::diagnose(case, lease);
    }
    if !matches!(lease.tenure(case.now), Tenure::Stuck | Tenure::Undated { .. }) {
        return None;
    }
    let stuck = |name: &&Name| by_elector(case, lease, **name).is_some();
    let names: Vec<_> = Name::ALL.iter().filter(stuck).map(|name| name.as_str()).collect();
    (!names.is_empty()).then(|| Repair {
        problem: Problem::UnknownElector,
        evidence: format!("{}: that stops some election libraries for good", null::shape(lease)),
        precondition: "the elector is known",
        proof: Proof::Missing {
            what: format!("which library it is: name it with --elector (it would matter for {})", names.join(", ")),
            wait: None,
        },
        patch: None,
        within: SignedDuration::ZERO,
        advice: Vec::new(),
    })
}

impl Case<'_> {
    /// How long a record counts: what stands in the Lease, or else what its elector is set to.
    fn duration(&self, elector: Name) -> SignedDuration {
        let stated = self.lease.and_then(|lease| lease.duration);
        stated.unwrap_or_else(|| self.usual(elector))
    }

    /// The lease duration that its elector is set to, or else its library's default.
    fn usual(&self, elector: Name) -> SignedDuration {
        self.times.or(elector.defaults()).lease_duration.map_or(SignedDuration::ZERO, Into::into)
    }

    /// The longest time from one try to the next; where that is not known, the longest that a library would take.
    fn retry(&self, elector: Name) -> SignedDuration {
        self.times.retry_period.map_or_else(|| self.duration(elector), Into::into)
    }
}

#[cfg(test)]
mod tests;
