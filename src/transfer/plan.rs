//! The plan: everything that is decided, and told, before anything is written.

mod elector;
pub(super) mod rule;

use std::sync::Arc;

use jiff::Timestamp;

use elector::{Elector, elector};

use super::method::{Assumed, Method};
use super::nominee::{nominee, possible};
use super::scheme::Scheme;
use super::target::{Target, Wanted, choose};
use super::terms::{Freeing, Proof, Way};
use super::words;
use crate::elector::catalogue::{Name, Times};
use crate::elector::setup::Setup;
use crate::error::{Error, Result};
use crate::model::budget::Budget;
use crate::model::elector::{Confidence, Library, hostname_of};
use crate::model::lease_candidate::LeaseCandidate;
use crate::model::{Election, Key, LeaseRecord, Micros, Pod, Role, WorkloadKind};
use crate::system::{Endpoint, System};

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Who is to lead.
    pub wanted: Wanted,
    /// Who has to lead now.
    pub from: Option<String>,
    /// By which method.
    pub method: Option<Method>,
    /// The library with its timing, where the person knows better.
    pub elector: Option<(Name, Times)>,
    /// Even where the disruption budget has no room.
    pub disrupt: bool,
    /// How long it may take.
    pub timeout: Option<Micros>,
}

/// What was measured before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// From one renewal of the leader to its next.
    pub interval: Option<Micros>,
    /// How far the leader's clock is from the API server's, at most, either way.
    pub skew: Option<Micros>,
    /// The longest that a request of hactl's own took.
    pub round_trip: Micros,
    /// What came of asking the leader whether it leads.
    pub asked: Asked,
}

/// What came of asking the leader whether it leads, before anything is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nothing says where it could be asked.
    #[default]
    Nowhere,
    /// hactl may not.
    Forbidden,
    /// It gave no clear answer, or not the one that it leads.
    Unclear,
    /// It says that it leads: then its no will be waited for.
    Leads,
}

/// One side of a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Its identity, where it is known.
    pub identity: Option<String>,
    /// Its Pod.
    pub pod: Option<Arc<Pod>>,
    /// Its node.
    pub node: Option<String>,
}

impl Party {
    /// What tells it from every other: its identity, and its Pod's uid.
    fn who(&self) -> (Option<&str>, Option<&str>) {
        (self.identity.as_deref(), self.pod.as_deref().map(|pod| pod.uid.as_str()))
    }
}

/// What is going to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The Lease as it was read.
    pub lease: Arc<LeaseRecord>,
    /// Who leads.
    pub from: Party,
    /// Who is to lead; `None` for anyone.
    pub to: Option<Party>,
    /// Why this one.
    pub why_to: String,
    /// Whether it is known under which name the next one leads.
    pub named: bool,
    /// Why by this method.
    pub why_method: String,
    /// The elector.
    pub name: Name,
    /// With its settings.
    pub setup: Setup,
    /// The protocol.
    pub way: Way,
    /// What came of asking the leader whether it leads.
    pub asked: Asked,
    /// What frees the Lease.
    pub freeing: Freeing,
    /// Whether the leader's replacement has its identity.
    pub returns: bool,
    /// Whether a candidate is left of an ended process that the controller would rather have.
    pub haunted: bool,
    /// Whether the leader's Pod is deleted rather than evicted, because its budget has no room.
    pub forced: bool,
    /// What the disruption budgets leave, in words.
    pub budget: String,
    /// What the waits assume.
    pub assumed: Assumed,
    /// The same and more, in words.
    pub assumptions: Vec<String>,
    /// What can go wrong, or is not as one would expect.
    pub risks: Vec<String>,
    /// How it undoes itself.
    pub undo: String,
    /// What happens by itself once hactl does no more.
    pub by_itself: String,
    /// How many standbys there are.
    pub standbys: u8,
    /// How long it takes at the longest.
    pub longest: Micros,
    /// When it is given up.
    pub timeout: Micros,
}

/// What is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is so already.
    Already(Party),
    /// This.
    Move(Box<Plan>),
}

/// No request of an elector is assumed to be quicker than this, there and back.
const QUICKEST_REQUEST: Micros = Micros::from_millis(250);

/// The clocks of two nodes that run NTP are not assumed to agree any better, where nothing was measured.
const UNMEASURED_SKEW: Micros = Micros::SECOND;

/// Decides. `stand` are those who stand in a coordinated election, where they were read.
///
/// # Errors
///
/// The rule that is against it.
pub fn decide(
    election: &Election,
    wish: &Wish,
    measured: &Measured,
    budgets: Option<&[Budget]>,
    stand: Option<&[LeaseCandidate]>,
    now: Timestamp,
) -> Result<Decision> {
    let lease = election.lease.as_ref().ok_or_else(|| Error::refused("there is no Lease to be moved"))?;
    let identity = rule::held(lease, now)?;
    let from = leader(election, identity);
    if let Some(guard) = wish.from.as_deref().filter(|guard| !is(guard, &from)) {
        return Err(Error::refused(format!("{guard} does not lead: {} does", words::who(&from)))
            .hint("look again with: hactl status"));
    }
    if already(election, wish, &from) {
        return Ok(Decision::Already(from));
    }
    let Elector { name, setup, deadline_known } = elector(election, wish, measured)?;
    // Its controller would rather have another than whoever is named there, and then nobody leads.
    let coordinated = lease.strategy.is_some();
    let scheme = from.pod.as_deref().filter(|_| !coordinated);
    let scheme = scheme.map_or(Scheme::Hidden, |pod| Scheme::of(identity, pod));
    let method = rule::method(election, wish, setup, &from)?;
    let (mut rival, mut haunted) = (None, false);
    let target = match method {
        Method::Prefer => {
            let next = nominee(election, lease, stand, &wish.wanted, now)?;
            (rival, haunted) = (next.rival, next.haunted);
            Some((next.party, next.why))
        }
        _ => choose(election, scheme, &wish.wanted, now)?
            .map(|Target { pod, identity, why }| (Party { identity, node: pod.node.clone(), pod: Some(pod) }, why)),
    };
    let assumed = Assumed {
        request: QUICKEST_REQUEST.max(measured.round_trip * 2),
        skew: measured.skew.unwrap_or(UNMEASURED_SKEW),
    };
    let way = match method {
        Method::HandOver => Way::hand_over(setup, deadline_known, assumed).map_err(|unfit| {
            Error::refused(format!("this election cannot be handed over: {unfit}"))
                .hint("end its Pod instead: --method evict")
        })?,
        Method::Evict => Way::Evict,
        Method::Prefer => Way::Prefer,
    };
    let way = if measured.asked == Asked::Leads { way.asking() } else { way };
    let forced = rule::room(method, setup, budgets, wish.disrupt, &from)?;
    let sure = wish.elector.is_some() || election.elector.confidence != Confidence::Guess;
    let freeing = if !coordinated && (sure || name == Name::ClientGo) { Freeing::of(setup) } else { Freeing::Nothing };
    let (to, why_to) = target.map_or_else(Default::default, |(party, why)| (Some(party), why));
    let named = to.as_ref().is_some_and(|to: &Party| to.identity.is_some());
    let stateful = election.workload.as_ref().is_some_and(|workload| workload.kind == WorkloadKind::StatefulSet);
    let grace = from.pod.as_deref().map_or(Micros::ZERO, grace);
    let longest = way.longest(setup, assumed, grace);
    let mut plan = Plan {
        lease: Arc::clone(lease),
        why_to,
        to,
        from,
        named,
        why_method: words::why(method, setup, wish.method.is_some()),
        name,
        setup,
        way,
        asked: measured.asked,
        freeing,
        returns: stateful && scheme != Scheme::Hidden,
        haunted,
        forced,
        budget: words::budget(budgets),
        assumed,
        assumptions: Vec::new(),
        risks: Vec::new(),
        undo: way.undone(setup),
        by_itself: format!("somebody leads by itself within {}", words::time(way.heals(setup))),
        standbys: u8::try_from(election.candidates.iter().filter(|one| one.role == Role::Standby).count())
            .unwrap_or(99),
        longest,
        timeout: rule::timeout(wish.timeout, longest)?,
    };
    plan.assumptions = words::assumptions(&plan, election, scheme, deadline_known);
    plan.risks = words::risks(&plan, election, deadline_known);
    plan.risks.extend(rival.map(|rival| words::either(&plan, &rival)));
    Ok(Decision::Move(Box::new(plan)))
}

/// By which method an election would be moved, if it can be: for all that is known without measuring.
///
/// # Errors
///
/// The rule that is against it.
pub fn how(election: &Election, now: Timestamp) -> Result<Method> {
    // Whom its controller would name is asked by a transfer only.
    if let Some(lease) = election.lease.as_ref().filter(|lease| lease.strategy.is_some()) {
        return rule::held(lease, now).and_then(|_| possible(lease)).map(|_| Method::Prefer);
    }
    // Whatever is measured, it cannot be better than that.
    let measured = Measured { skew: Some(Micros::ZERO), ..Measured::default() };
    match decide(election, &Wish::default(), &measured, None, None, now)? {
        Decision::Move(plan) => Ok(plan.method()),
        Decision::Already(_) => Err(Error::refused("it is where it should be")),
    }
}

/// Where a leader's Pod says whether it leads, if that is known of its system.
fn endpoint(pod: &Pod, setup: Setup) -> Option<Endpoint> {
    // The only systems that say so elect with this library.
    let library = matches!(setup, Setup::KubeLeaseManager(_)).then_some(Library::KubeLeaseManager)?;
    System::of(pod, library)?.endpoint(pod)
}

fn leader(election: &Election, identity: &str) -> Party {
    // The end of a Pod that is only guessed to be the leader's would prove nothing.
    let leader = election.candidates.iter().find(|one| one.role == Role::Leader && !election.holder.guessed);
    let pod = leader.map(|one| Arc::clone(&one.pod));
    let node = pod.as_ref().and_then(|pod| pod.node.clone()).or_else(|| election.holder.node.clone());
    Party { identity: Some(identity.to_owned()), pod, node }
}

/// Whether this is the one that is meant: by its identity or its Pod.
fn is(text: &str, party: &Party) -> bool {
    let pod = party.pod.as_deref().map(|pod| pod.key.name.as_str());
    party.identity.as_deref() == Some(text) || pod == Some(text.strip_prefix("pod/").unwrap_or(text))
}

/// Whether who leads is who is wanted.
fn already(election: &Election, wish: &Wish, from: &Party) -> bool {
    let Wanted { to, .. } = &wish.wanted;
    let Some(to) = to else {
        // Whoever only wants it away from somewhere has it, if it is not there.
        let name = from.pod.as_deref().map_or("", |pod| pod.key.name.as_str());
        let allowed = wish.wanted.allows(name, from.node.as_deref(), election.holder.zone.as_deref());
        return !wish.wanted.anyone() && from.pod.is_some() && allowed;
    };
    let name = election.workload.as_ref().map_or("", |workload| workload.name.as_str());
    let ordinal = to.bytes().all(|b| b.is_ascii_digit()) && is(&format!("{name}-{to}"), from);
    is(to, from) || ordinal
}

/// How long a Pod may take to end: what Kubernetes gives it, if it does not say otherwise.
fn grace(pod: &Pod) -> Micros {
    Micros::from_secs(pod.termination_grace.unwrap_or(30))
}

impl Plan {
    /// Its method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.way.method()
    }

    /// Where the leader can be asked whether it leads, if that is what is waited for.
    #[must_use]
    pub fn endpoint(&self) -> Option<(&Key, Endpoint)> {
        let pod = self.from.pod.as_deref()?;
        Some((&pod.key, endpoint(pod, self.setup)?))
    }

    /// Whether the elector waits for its own acknowledgement, whose wait no clock can tell.
    #[must_use]
    pub fn acknowledged(&self) -> bool {
        matches!(self.way, Way::HandOver { proof: Proof::Acknowledged { .. }, .. })
    }

    /// Whether it is the same as another for whoever has to agree: who leads, who will, and how.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        self.ends(other) && self.to.as_ref().map(Party::who) == other.to.as_ref().map(Party::who)
    }

    /// Whether it ends the same leader's term in the same way, whoever is next.
    #[must_use]
    pub fn ends(&self, other: &Self) -> bool {
        self.from.who() == other.from.who() && (self.method(), self.forced) == (other.method(), other.forced)
    }

    /// Whether a process that starts again in place has another identity.
    #[must_use]
    pub fn renamed(&self) -> bool {
        self.from.identity.as_deref().and_then(hostname_of).is_some()
    }
}

#[cfg(test)]
mod tests;
