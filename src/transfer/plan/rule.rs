//! The rules that are against a transfer.

use jiff::Timestamp;

use super::super::method::Method;
use super::super::target::revision;
use super::super::words;
use super::{Party, Wish};
use crate::elector::setup::Setup;
use crate::error::{Error, Result};
use crate::model::budget::Budget;
use crate::model::elector::Confidence;
use crate::model::lease::Tenure;
use crate::model::{Election, LeaseRecord, Micros, WorkloadKind};

/// What the default of the timeout adds to the longest run.
pub(super) const PATIENCE: Micros = Micros::from_secs(30);

/// Who holds the Lease, if somebody does who can be moved.
pub(super) fn held(lease: &LeaseRecord, now: Timestamp) -> Result<&str> {
    if lease.heartbeat {
        return Err(Error::refused(format!("lease/{} is a heartbeat: it elects nobody", lease.key.name)));
    }
    match lease.tenure(now) {
        Tenure::Held { holder, .. } => Ok(holder),
        Tenure::Fenced { expired } => {
            let told = lease.transfer.as_ref().map_or_else(String::new, |transfer| format!(" {}", transfer.id));
            Err(match expired {
                false => Error::refused(format!("the transfer{told} is in progress"))
                    .hint("wait for it; if it was left behind it runs out by itself"),
                true => Error::refused(format!("the transfer{told} was left behind: nobody leads")).hint(
                    "the next candidate to look takes over; if none does, hactl transfer and hactl repair clear it",
                ),
            })
        }
        Tenure::Expired { holder, .. } => {
            Err(Error::refused(format!("{holder} has not renewed in time: there is no leader to be moved"))
                .hint("this is a failover, not a transfer; look with: hactl status"))
        }
        Tenure::Undated { holder, missing } => {
            Err(Error::refused(format!("held by {holder} without {missing}: whether it leads cannot be told")))
        }
        Tenure::Released | Tenure::NeverHeld | Tenure::Stuck => {
            Err(Error::refused("nobody holds the Lease: there is no leader to be moved")
                .hint("look with: hactl status"))
        }
    }
}

/// The method, if it may be used here.
pub(super) fn method(election: &Election, wish: &Wish, setup: Setup, from: &Party) -> Result<Method> {
    let coordinated = election.lease.as_ref().is_some_and(|lease| lease.strategy.is_some());
    // Its candidates may elect with different libraries, or differently: only what ends the leader is safe for all.
    let mixed = wish.elector.is_none() && rolling_out(election);
    let usual = match Method::preferred(setup) {
        Method::HandOver if mixed && from.pod.is_some() => Method::Evict,
        usual => usual,
    };
    let method = wish.method.unwrap_or(usual);
    match method {
        Method::Prefer if !coordinated => {
            return Err(Error::refused("the Lease has no strategy: nobody would take note of a preferred holder"));
        }
        Method::HandOver if coordinated => {
            return Err(Error::refused(
                "the Lease has a strategy: its controller names the holder, and whoever else does leaves nobody leading",
            ));
        }
        Method::HandOver if election.elector.confidence == Confidence::Guess && wish.elector.is_none() => {
            return Err(Error::refused(format!(
                "the elector is only guessed to be {} ({}): a fence could make two leaders of another",
                election.elector.library.as_str(),
                election.elector.evidence
            ))
            .hint("name it with --elector, or leave it at --method evict"));
        }
        Method::HandOver if mixed => {
            return Err(Error::refused(
                "a roll-out is in progress: its candidates may elect with different libraries or settings",
            )
            .hint(
                "wait until it is done, end the leader's Pod with --method evict, or vouch for them with --elector",
            ));
        }
        Method::Evict => {
            let Some(pod) = from.pod.as_deref() else {
                let why = "the leader's Pod is not known: there is nothing to evict";
                return Err(Error::refused(why).hint(election.reasons.join("\n")));
            };
            let mirrored = election.workload.as_ref().is_some_and(|workload| workload.kind == WorkloadKind::StaticPod);
            if mirrored {
                return Err(Error::refused(format!(
                    "{} is a static Pod: its kubelet runs it whatever the API says",
                    pod.key.name
                )));
            }
        }
        Method::HandOver | Method::Prefer => {}
    }
    Ok(method)
}

/// Whether its candidates are of more than one revision.
pub(in crate::transfer) fn rolling_out(election: &Election) -> bool {
    let mut revisions = election.candidates.iter().map(|one| revision(&one.pod));
    let first = revisions.next();
    revisions.any(|revision| Some(revision) != first)
}

/// Whether the leader's Pod has to be deleted, because it may not be evicted.
pub(super) fn room(
    method: Method,
    setup: Setup,
    budgets: Option<&[Budget]>,
    disrupt: bool,
    from: &Party,
) -> Result<bool> {
    // A leader of client-go that is fenced, or yields, exits, and counts as disrupted until it is Ready again.
    let disrupts = match method {
        Method::Evict => true,
        Method::HandOver => matches!(setup, Setup::ClientGo(_)),
        Method::Prefer => true,
    };
    let why = match budgets {
        _ if !disrupts => return Ok(false),
        // An eviction is refused by the server itself where there is no room.
        None if method == Method::Evict => return Ok(false),
        None => Some("whether a disruption budget has room is not known: they could not be read".to_owned()),
        Some([_, _, ..]) => {
            Some("several disruption budgets count it, and then it may not be evicted at all".to_owned())
        }
        Some(budgets) => budgets
            .iter()
            .find(|budget| !budget.room())
            .map(|budget| format!("the disruption budget {} has no room: {}", budget.name, words::no_room(budget))),
    };
    let Some(why) = why else { return Ok(false) };
    if disrupt {
        return Ok(method == Method::Evict);
    }
    // A Pod that is not Ready is not counted, and may mostly be evicted: the server says.
    if method == Method::Evict && !from.pod.as_deref().is_some_and(|pod| pod.ready) {
        return Ok(false);
    }
    let hint = match method {
        Method::Evict if !matches!(setup, Setup::ClientGo(_)) => {
            "hand over instead: --method hand-over; or do it all the same: --disrupt"
        }
        Method::Evict => "wait until more replicas are Ready; or do it all the same: --disrupt",
        _ => "its container would exit and start again; do it all the same with --disrupt",
    };
    Err(Error::refused(why).hint(hint))
}

/// When it is given up: never in the middle.
pub(super) fn timeout(asked: Option<Micros>, longest: Micros) -> Result<Micros> {
    match asked {
        None => Ok(longest + PATIENCE),
        Some(asked) if asked < longest => {
            Err(Error::refused(format!("--timeout is shorter than this transfer may take: {}", words::time(longest)))
                .hint("a run that is given up in the middle leaves nobody leading for a while"))
        }
        Some(asked) => Ok(asked),
    }
}
