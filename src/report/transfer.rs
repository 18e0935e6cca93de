//! `TransferResult`: a transfer that was planned, done, or not done.

use jiff::Timestamp;
use serde::Serialize;

use super::election_list::CandidateItem;
use super::role::Role;
use super::{API_VERSION, Instant, Seconds};
use crate::model::audit::Between;
use crate::model::{Election, Right};
use crate::transfer::moments::Seen;
use crate::transfer::plan::{Party, Plan};
use crate::transfer::{Doubt, Why};

/// The method where nobody leads, because another transfer left its fence behind: what `hactl repair` does.
pub const CLEARING: &str = "repair";

/// A document about one transfer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferResult {
    api_version: &'static str,
    kind: &'static str,
    generated_at: Instant,
    /// The context; `null` in a cluster.
    pub context: Option<String>,
    /// The transfer.
    #[serde(flatten)]
    pub item: Transfer,
}

/// A document about several transfers, in the order in which they were done.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferResultList {
    api_version: &'static str,
    kind: &'static str,
    generated_at: Instant,
    /// The context; `null` in a cluster.
    pub context: Option<String>,
    /// The transfers.
    pub items: Vec<Transfer>,
}

impl TransferResultList {
    /// A document about them.
    #[must_use]
    pub fn new(at: Timestamp, context: Option<String>, items: Vec<Transfer>) -> Self {
        Self { api_version: API_VERSION, kind: "TransferResultList", generated_at: Instant(at), context, items }
    }
}

/// How it ended, in a word that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing was done, and nothing was to be done.
    Planned,
    /// The wanted one leads.
    Done,
    /// It did so before.
    Already,
    /// Nothing was changed: a rule is against it.
    Refused,
    /// The person said no.
    Declined,
    /// Something was changed, and what came of it was not seen.
    Unknown,
    /// Another leads than the wanted one.
    MovedElsewhere,
    /// Moved as wanted, but something that follows failed.
    FollowUpFailed,
}

impl Outcome {
    /// The word in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Already => "already",
            Self::Refused => "refused",
            Self::Declined => "declined",
            Self::Unknown => "unknown",
            Self::MovedElsewhere => "moved-elsewhere",
            Self::FollowUpFailed => "follow-up-failed",
        }
    }
}

/// One transfer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// Its id; `null` where nothing was begun.
    pub id: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// The Lease's namespace.
    pub namespace: Option<String>,
    /// The Lease's name.
    pub lease: Option<String>,
    /// By which method.
    pub method: Option<&'static str>,
    /// Why by this one.
    pub method_reason: Option<String>,
    /// Who led.
    pub from: PartyItem,
    /// Who was to lead; `null` for anyone.
    pub to: Option<PartyItem>,
    /// Why this one.
    pub to_reason: Option<String>,
    /// Who was seen to lead in the end.
    pub leader: Option<PartyItem>,
    /// The Pods that took part before.
    pub candidates: Vec<CandidateItem>,
    /// The elector.
    pub elector: Option<ElectorItem>,
    /// What the disruption budgets leave, in words.
    pub budget: Option<String>,
    /// What it was said to cost.
    pub predicted: Option<Predicted>,
    /// What it did cost, as far as that was seen.
    pub measured: Option<Measured>,
    /// What was done and seen, in order.
    pub steps: Vec<Line>,
    /// What could go wrong, or is not as one would expect.
    pub risks: Vec<String>,
    /// The least Roles that it can run with.
    pub roles: Vec<Role>,
    /// How long it may take at the longest.
    pub longest_seconds: Option<Seconds>,
    /// When it is given up.
    pub timeout_seconds: Option<Seconds>,
    /// Why it ended so.
    pub reason: Option<String>,
    /// How it undoes itself.
    pub undo: Option<String>,
}

/// One side of a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PartyItem {
    /// Its identity.
    pub identity: Option<String>,
    /// Its Pod.
    pub pod: Option<String>,
    /// Its node.
    pub node: Option<String>,
}

impl PartyItem {
    /// The Pod's name, or else the identity.
    #[must_use]
    pub fn name(&self) -> &str {
        self.pod.as_deref().or(self.identity.as_deref()).unwrap_or("nobody")
    }
}

impl From<&Party> for PartyItem {
    fn from(party: &Party) -> Self {
        let pod = party.pod.as_deref().map(|pod| pod.key.name.clone());
        Self { identity: party.identity.clone(), pod, node: party.node.clone() }
    }
}

/// The elector as it was recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ElectorItem {
    /// Its name.
    pub name: String,
    /// How sure that is.
    pub confidence: &'static str,
}

/// What a transfer is said to cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Predicted {
    /// How long nobody leads.
    pub leaderless_seconds: Spread,
    /// How long two lead.
    pub overlap_seconds: Most,
    /// In what share of the elections that were played the wanted one leads next; `null` where anyone will do.
    pub target_leads: Option<f64>,
    /// In what share of them the same Pod leads again.
    pub same_pod_leads: Option<f64>,
    /// What it assumes.
    pub assumptions: Vec<String>,
}

/// A spread; `null` where it could not be played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// The least.
    pub min: Option<Seconds>,
    /// The median.
    pub p50: Option<Seconds>,
    /// The most.
    pub max: Option<Seconds>,
}

/// The most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Most {
    /// The most.
    pub max: Option<Seconds>,
}

/// What was measured: bounds, because nobody can see a leader stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    /// How long nobody led.
    pub leaderless_seconds: Bounds,
    /// How long two led.
    pub overlap_seconds: Bounds,
    /// What shows that the old leader stopped.
    pub evidence: &'static str,
}

/// Between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// Not less.
    pub min: Seconds,
    /// Not more.
    pub max: Seconds,
}

impl From<Between> for Bounds {
    fn from(between: Between) -> Self {
        Self { min: between.min.into(), max: between.max.into() }
    }
}

impl From<Seen> for Measured {
    fn from(seen: Seen) -> Self {
        let (leaderless_seconds, overlap_seconds) = (seen.leaderless.into(), seen.overlap.into());
        Self { leaderless_seconds, overlap_seconds, evidence: seen.evidence.as_str() }
    }
}

/// Something that was done or seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When, counted from the beginning of the run.
    pub at_seconds: Seconds,
    /// What was done, or what changed.
    pub action: &'static str,
    /// What came of it.
    pub result: String,
}

impl TransferResult {
    /// A document about it.
    #[must_use]
    pub fn new(at: Timestamp, context: Option<String>, item: Transfer) -> Self {
        Self { api_version: API_VERSION, kind: "TransferResult", generated_at: Instant(at), context, item }
    }
}

impl Transfer {
    /// One of which nothing is known but how it ended.
    #[must_use]
    pub fn nothing(outcome: Outcome, reason: Option<String>) -> Self {
        Self {
            id: None,
            outcome,
            namespace: None,
            lease: None,
            method: None,
            method_reason: None,
            from: PartyItem::default(),
            to: None,
            to_reason: None,
            leader: None,
            candidates: Vec::new(),
            elector: None,
            budget: None,
            predicted: None,
            measured: None,
            steps: Vec::new(),
            risks: Vec::new(),
            roles: Vec::new(),
            longest_seconds: None,
            timeout_seconds: None,
            reason,
            undo: None,
        }
    }

    /// One about this Election.
    #[must_use]
    pub fn of(election: &Election, outcome: Outcome, reason: Option<String>) -> Self {
        let from = PartyItem {
            identity: election.holder.identity.clone(),
            pod: election.holder.pod.clone(),
            node: election.holder.node.clone(),
        };
        let elector = &election.elector;
        Self {
            namespace: Some(election.namespace.clone()),
            lease: election.lease_name().map(str::to_owned),
            from,
            candidates: election.candidates.iter().map(CandidateItem::bare).collect(),
            elector: Some(ElectorItem {
                name: elector.library.as_str().to_owned(),
                confidence: elector.confidence.as_str(),
            }),
            ..Self::nothing(outcome, reason)
        }
    }

    /// One that is planned.
    #[must_use]
    pub fn planned(election: &Election, plan: &Plan, rights: &[Right], predicted: Predicted) -> Self {
        Self {
            method: Some(plan.method().as_str()),
            method_reason: Some(plan.why_method.clone()),
            from: (&plan.from).into(),
            to: plan.to.as_ref().map(PartyItem::from),
            to_reason: (!plan.why_to.is_empty()).then(|| plan.why_to.clone()),
            elector: Some(ElectorItem {
                name: plan.name.to_string(),
                confidence: election.elector.confidence.as_str(),
            }),
            budget: Some(plan.budget.clone()),
            predicted: Some(Predicted { assumptions: plan.assumptions.clone(), ..predicted }),
            risks: plan.risks.clone(),
            roles: Role::of(rights),
            longest_seconds: Some(plan.longest.into()),
            timeout_seconds: Some(plan.timeout.into()),
            undo: Some(plan.undo.clone()),
            ..Self::of(election, Outcome::Planned, None)
        }
    }
}

/// Why nothing was changed, in words.
#[must_use]
pub fn refusal(why: Why) -> &'static str {
    match why {
        Why::Missing => "the Lease is gone",
        Why::Holder(_) => "another holds the Lease by now",
        Why::Expired => "the Lease has run out: there is no leader to be moved",
        Why::Pod => "the leader's Pod has ended by now",
        Why::Budget => "the disruption budget has no room for the leader's Pod",
        Why::Denied => "the API server does not allow it",
        Why::Time => "the Lease could not be written in time",
    }
}

/// What was not seen, in words.
#[must_use]
pub fn doubt(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Time => "nobody was seen to lead by the time that there was",
        Doubt::CutOff => {
            "the leader did not renew under the fence: it is cut off from the API server, and may act until its process \
             ends; a standby takes over all the same"
        }
        Doubt::Acts => {
            "the leader has renewed under the fence, and did not say that it leads no more: nobody is named, and whoever looks \
             first when the fence has run out takes the Lease; the leader may act until its process ends"
        }
        Doubt::Interrupted => "interrupted after the first write",
        Doubt::TakenBack => "interrupted: the leader's name stands in the Lease again, and it goes on",
        Doubt::Denied => "the API server allowed one write and not the next",
        Doubt::Missing => "the Lease was deleted meanwhile",
        Doubt::Unheard => {
            "the leader yielded, and the controller named nobody else: it is asked to yield no more, and may lead again"
        }
        Doubt::Restored => "someone else put the leader's name back: it goes on",
    }
}
