//! What a plan says of itself.

use super::method::Method;
use super::plan::rule::rolling_out;
use super::plan::{Asked, Party, Plan};
use super::scheme::Scheme;
use super::terms::{Freeing, Proof, Way};
use crate::elector::setup::Setup;
use crate::model::budget::Budget;
use crate::model::elector::Confidence;
use crate::model::{Election, Micros, Role};

/// A party as it is told: its Pod where that is known, else its identity.
pub(super) fn who(party: &Party) -> String {
    let pod = party.pod.as_deref().map(|pod| pod.key.name.clone());
    pod.or_else(|| party.identity.clone()).unwrap_or_else(|| "nobody".to_owned())
}

/// A time as it is typed, and no less than it is: `12.5s`, `0.25s`.
pub(super) fn time(time: Micros) -> String {
    let step = if time < Micros::SECOND { Micros::from_millis(10) } else { Micros::from_millis(100) };
    let rounded = step * ((time + step - Micros::TICK) / step);
    rounded.to_string().replace(' ', "")
}

/// Why by this method.
pub(super) fn why(method: Method, setup: Setup, asked: bool) -> String {
    let why = match (method, setup) {
        (Method::Evict, Setup::ClientGo(_)) => {
            "a leader of client-go exits when it loses its Lease: ended first, it is off sooner, and nothing is fenced"
        }
        (Method::Evict, _) => "the leader's Pod ends, and then nothing of it can act",
        (Method::HandOver, Setup::ClientGo(_)) => {
            "the Lease is fenced until the leader has given up; its container exits then, and starts again in place"
        }
        (Method::HandOver, Setup::KubeLeaseManager(_)) => {
            "the leader dates its Lease without looking at its name: that shows when it is about to find the fence"
        }
        (Method::HandOver, _) => "the leader finds the fence at its next renewal; its Pod lives on",
        (Method::Prefer, _) => {
            "a controller of the API server names the holder of this Lease: the leader is asked to yield, gives up, and the \
             Lease runs out"
        }
    };
    if asked { format!("asked for with --method; {why}") } else { why.to_owned() }
}

/// How a method undoes itself.
impl Way {
    /// What happens by itself if hactl is gone in the middle.
    #[must_use]
    pub fn undone(self, setup: Setup) -> String {
        let heals = time(self.heals(setup));
        match self {
            Self::HandOver { .. } => {
                format!("if hactl is killed, its fence runs out by itself: somebody leads within {heals}")
            }
            Self::Evict => {
                format!("if hactl is killed, the Pod ends all the same: somebody leads within {heals} of that")
            }
            Self::Prefer => format!(
                "if hactl is killed, the controller goes on alone: somebody leads within {heals}, unless the leader's process \
                 does not end; then: hactl repair"
            ),
        }
    }
}

/// What the plan counts on.
pub(super) fn assumptions(plan: &Plan, election: &Election, scheme: Scheme, deadline_known: bool) -> Vec<String> {
    let mut told = Vec::new();
    if election.elector.confidence != Confidence::Certain {
        told.push(format!(
            "the elector is {} ({}: {})",
            plan.name,
            election.elector.confidence.as_str(),
            election.elector.evidence
        ));
    }
    told.extend(timing(plan, election, deadline_known));
    match plan.way {
        Way::HandOver { proof, .. } => {
            told.push(format!("none of its requests takes longer than {}", time(plan.assumed.request)));
            told.push("no process stands still for longer than that: no pause, no suspended node".to_owned());
            if let Proof::Acknowledged { ask: true, .. } = proof {
                told.push("the leader says itself whether it leads: nobody is named before it says no".to_owned());
            } else if let Proof::Acknowledged { .. } = proof {
                told.push(format!(
                    "the leader reads its Lease within {} after it has written: hactl sees that it wrote, not that it read",
                    time(plan.assumed.request)
                ));
            }
            if !matches!(plan.setup, Setup::ClientGo(_)) {
                told.push(format!("its clock is within {} of the API server's", time(plan.assumed.skew)));
            }
        }
        Way::Evict => told.push("the leader's work ends with its process".to_owned()),
        Way::Prefer => {
            told.push(
                "the leader's process ends once it leads no more, and has another identity when it is back".to_owned(),
            );
            told.push("the next one answers the controller within 5s".to_owned());
        }
    }
    if plan.named && plan.way != Way::Prefer {
        told.push(format!("each candidate's identity is {}, as the leader's is", scheme.as_str()));
    }
    told
}

/// What of its timing is inferred.
fn timing(plan: &Plan, election: &Election, deadline_known: bool) -> Vec<String> {
    let timing = election.elector.timing;
    let rhythm = plan.setup.rhythm().renewal;
    let mut told = Vec::new();
    let waits = matches!(plan.way, Way::HandOver { .. });
    if matches!(plan.setup, Setup::ClientGo(_)) && !deadline_known && waits {
        told.push("its renew deadline is not known: at most its lease duration, as the library wants it".to_owned());
    } else if let Some(value) = timing.renew_deadline.value.filter(|_| !deadline_known) {
        told.push(format!("its renew deadline is {} ({})", time(value.into()), timing.renew_deadline.source.as_str()));
    }
    if let (Setup::Coordinated(settings), Way::Prefer, false) = (plan.setup, plan.way, deadline_known) {
        told.push(format!("it gives up {} after its first failed renewal", time(settings.client.renew_deadline)));
    }
    let stated =
        [timing.retry_period, timing.grace_period].iter().any(|known| known.value.is_some() && !known.inferred());
    if !stated && waits {
        told.push(format!("it renews every {}, as was measured", time(rhythm)));
    } else if !stated {
        told.push(format!("it renews every {}", time(rhythm)));
    }
    told
}

/// That the leader could not be asked, where its system would say whether it leads.
fn unasked(asked: Asked) -> Option<String> {
    let why = match asked {
        Asked::Nowhere | Asked::Leads => return None,
        Asked::Forbidden => "that takes the right to get pods/proxy",
        Asked::Unclear => "asked before, it did not say that it leads",
    };
    Some(format!(
        "the leader is not asked whether it still acts ({why}): that it has stopped is known by its Lease alone"
    ))
}

/// What is not as one would expect.
pub(super) fn risks(plan: &Plan, election: &Election, deadline_known: bool) -> Vec<String> {
    let mut told = Vec::new();
    let client_go = matches!(plan.setup, Setup::ClientGo(_));
    let from = plan.from.pod.as_deref();
    match plan.way {
        Way::HandOver { .. } if client_go => {
            told.push("the leader's container exits when it has given up, and starts again in place".to_owned());
            told.push(
                "if the leader is cut off from the API server meanwhile, and releases on its way out with a client-go before \
                 0.31, nothing but its own time limit of a request ends that: until then it acts"
                    .to_owned(),
            );
            if !deadline_known {
                told.push(
                    "if hactl is killed, and the renew deadline is so long that with the retry period it is longer than the \
                     lease duration, two lead for the difference: rule that out with --elector client-go:15/10/2"
                        .to_owned(),
                );
            }
            if !plan.named {
                told.push(
                    "who leads next cannot be named: anyone, possibly the same Pod, whose container is back by then"
                        .to_owned(),
                );
            }
        }
        Way::HandOver { .. } => {
            told.extend(unasked(plan.asked));
            if plan.standbys > 1 && matches!(plan.setup, Setup::KubeLeaseManager(_)) {
                told.push(
                    "if hactl is killed, its fence runs out as the Lease of a leader that died: where several contend for \
                     that, kube-lease-manager can make two leaders of it by itself"
                        .to_owned(),
                );
            }
        }
        Way::Evict => {
            if plan.freeing == Freeing::Nothing {
                told.push("no record is known that is free to this elector: the Lease is left to run out".to_owned());
            }
            if plan.returns {
                told.push(
                    "the leader's replacement has its name: if it is quicker than the others it leads again".to_owned(),
                );
            }
            if !plan.named && !plan.returns {
                told.push("who leads next cannot be named: the leader's own replacement may be first".to_owned());
            }
            told.push("a node that does not report proves nothing: the Lease is then left to run out".to_owned());
        }
        Way::Prefer => {
            told.push(
                "who leads next is the controller's choice, by its strategy: hactl foresees it, and cannot name another"
                    .to_owned(),
            );
            told.push("the leader's container exits when it has given up, and starts again in place".to_owned());
            told.push(format!(
                "if the leader does not end, the controller names nobody: {} after the Lease has run out it is asked to \
                 yield no more",
                time(super::machine::CHOSEN)
            ));
        }
    }
    if plan.forced {
        told.push("its disruption budget has no room: it is deleted all the same (--disrupt)".to_owned());
    }
    if matches!(plan.way, Way::HandOver { .. }) && from.is_none() {
        told.push("the leader's Pod is not known: that it has ended cannot be seen".to_owned());
    }
    if let Some(pod) = from.filter(|pod| pod.terminating()) {
        told.push(format!("{} is Terminating already", pod.key.name));
    }
    if rolling_out(election) {
        told.push("a roll-out is in progress: its candidates may elect with different settings".to_owned());
    }
    if election.candidates.iter().filter(|one| one.role == Role::Standby).count() == 1 && plan.method() == Method::Evict
    {
        told.push("there is one standby: until the leader's replacement runs, nobody stands by".to_owned());
    }
    told
}

/// That chance has a part in it.
pub(super) fn either(plan: &Plan, rival: &str) -> String {
    let next = plan.to.as_ref().map_or_else(String::new, who);
    format!(
        "{next} and {rival} began in the same second: the controller takes either, and may go on moving leadership between \
         them"
    )
}

/// What the disruption budgets leave.
#[must_use]
pub(super) fn budget(budgets: Option<&[Budget]>) -> String {
    match budgets {
        None => "not known: disruption budgets could not be read".to_owned(),
        Some([]) => "no disruption budget counts the leader's Pod".to_owned(),
        Some(budgets) => {
            let told = |budget: &Budget| match budget.room() {
                true => format!("{} has room for {}", budget.name, budget.disruptions_allowed),
                false => format!("{} has no room: {}", budget.name, no_room(budget)),
            };
            budgets.iter().map(told).collect::<Vec<_>>().join("; ")
        }
    }
}

/// Why a budget leaves no room.
pub(super) fn no_room(budget: &Budget) -> String {
    if !budget.judged {
        return "its controller has not judged it yet".to_owned();
    }
    format!("it wants {} healthy Pods, and there are {}", budget.desired_healthy, budget.current_healthy)
}
