//! What is known around a Lease that may be stuck: its elector, who led last, and whose Pods may lead.

use crate::elector::catalogue::{Name, Times};
use crate::model::elector::{Confidence, Library, hostname_of, is_tool};
use crate::model::timing::{Source, Timing};
use crate::model::{Election, LeaseRecord, Micros};
use crate::transfer::repair::{Leader, Standing};

/// What is known of an election beside its Lease.
pub(in crate::command) struct Known {
    pub(super) elector: Option<Name>,
    pub(super) times: Times,
    pub(super) election: Option<Election>,
    /// Whether everything could be read: what was not read is not known to be absent.
    pub(super) whole: bool,
}

impl Known {
    /// What is known of this Election; `named` where the person knows its library better.
    pub(in crate::command) fn of(election: Election, whole: bool, named: Option<(Name, Times)>) -> Self {
        let recognised = (election.elector.confidence != Confidence::Guess).then_some(election.elector.library);
        let elector = named.map(|(name, _)| name).or(recognised.and_then(Name::of));
        let stated = times(&election.elector.timing);
        let times = named.map_or(stated, |(_, times)| times.or(stated));
        Self { elector, times, election: Some(election), whole }
    }

    /// Whether there is a workload that contends for no Lease: one that has its name by chance is not its own.
    pub(super) fn leaseless(&self) -> bool {
        self.election.as_ref().is_some_and(|election| election.lease.is_none())
    }

    /// The Pods that may lead, by name; `None` where that is not known.
    pub(super) fn pods(&self, lease: &LeaseRecord) -> Option<Vec<String>> {
        let election = self.election.as_ref().filter(|election| self.whole && election.workload.is_some())?;
        let holder = lease.holder.as_deref().filter(|holder| !holder.is_empty());
        // A holder that is no Pod of the workload is one that is not counted.
        if holder.is_some() && election.holder.pod.is_none() && election.transfer().is_none() {
            return None;
        }
        let running = election.candidates.iter().filter(|one| !one.pod.ended());
        Some(running.map(|one| one.name().to_owned()).collect())
    }

    /// Who led last, and what became of it.
    pub(super) fn leader(&self, lease: &LeaseRecord) -> Leader {
        let fenced = lease.transfer.as_ref().map(|transfer| transfer.from.clone());
        let holder = || lease.holder.clone().filter(|holder| !holder.is_empty());
        let identity = match (fenced, self.elector) {
            (Some(from), _) => from,
            (None, Some(name)) if name.as_str() == Library::KubeLeaderElection.as_str() => {
                holder().or_else(|| writer(lease))
            }
            (None, _) => holder(),
        };
        identity.map_or(Leader::Unknown, |identity| {
            let state = self.standing(&identity);
            Leader::Known { identity, state }
        })
    }

    fn standing(&self, identity: &str) -> Standing {
        let Some(election) = &self.election else { return Standing::Runs };
        let host = hostname_of(identity).unwrap_or(identity);
        let pods = || election.candidates.iter().map(|one| &one.pod);
        match pods().find(|pod| pod.key.name == host || pod.host() == host) {
            Some(pod) if pod.ended() => Standing::Ended,
            Some(_) => Standing::Runs,
            // An identity that is not named as its workload's Pods are need not be a Pod's.
            None => match &election.workload {
                Some(workload) if self.whole && host.starts_with(&format!("{}-", workload.name)) => Standing::Gone,
                _ => Standing::Runs,
            },
        }
    }
}

/// kube-leader-election writes under the identity of whoever writes (`kube-leader-election/src/lib.rs`).
fn writer(lease: &LeaseRecord) -> Option<String> {
    let electors = lease.owners.iter().filter(|owner| owner.manager != "hactl" && !is_tool(&owner.manager));
    electors.filter(|owner| !owner.fields.is_empty()).max_by_key(|owner| owner.time).map(|owner| owner.manager.clone())
}

/// The timing, but for what the Lease itself says now, which may be what is wrong, and for what is only a default.
fn times(timing: &Timing) -> Times {
    let stated = |known: crate::model::timing::Known| {
        known.value.filter(|_| !matches!(known.source, Source::Lease | Source::Default)).map(Micros::from)
    };
    Times {
        lease_duration: stated(timing.lease_duration),
        renew_deadline: stated(timing.renew_deadline),
        retry_period: stated(timing.retry_period),
        grace_period: stated(timing.grace_period),
    }
}
