//! `ElectionList`: what `hactl status` found.

use jiff::SignedDuration;
use serde::{Serialize, Serializer};

use super::{API_VERSION, Instant, Seconds};
use crate::model::health::{Health, Now};
use crate::model::lease::Transfer;
use crate::model::timing::{Known, Timing};
use crate::model::{Candidate, Election, Role};
use crate::transfer::Method;
use crate::transfer::plan::how;

/// Elections at an instant.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ElectionList {
    api_version: &'static str,
    kind: &'static str,
    generated_at: Instant,
    /// The one context that was asked; `null` in a cluster, or where there are several (each item names its own).
    pub context: Option<String>,
    /// The Elections.
    pub items: Vec<Item>,
}

impl ElectionList {
    /// A list of `items`, told by the API server's clock.
    #[must_use]
    pub fn new(context: Option<String>, now: Now, items: Vec<Item>) -> Self {
        Self { api_version: API_VERSION, kind: "ElectionList", generated_at: Instant(now.at), context, items }
    }
}

/// One Election.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Namespace.
    pub namespace: String,
    /// The Lease's name.
    pub lease: Option<String>,
    /// The context that it was read from.
    pub context: Option<String>,
    /// The system that it belongs to.
    pub system: Option<&'static str>,
    /// The workload that contends for it.
    pub workload: Option<WorkloadItem>,
    /// Who holds it.
    pub holder: HolderItem,
    /// The Pods that take part.
    pub candidates: Vec<CandidateItem>,
    /// The elector and its timing.
    pub elector: ElectorItem,
    /// How long ago it was renewed; negative where renewTime lies in the future.
    pub renewed_seconds_ago: Option<Seconds>,
    /// How long until it expires; negative where it has.
    pub expires_in_seconds: Option<Seconds>,
    /// How often leadership changed, as far as the elector counts.
    pub transitions: Option<i64>,
    /// A transfer in progress, or one left behind.
    pub transfer: Option<TransferItem>,
    /// The verdict.
    #[serde(serialize_with = "health")]
    pub health: Health,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// Standbys that count, and all of them; for people, who need not count.
    #[serde(skip)]
    pub standbys: Option<(usize, usize)>,
    /// For how long the holder has led.
    #[serde(skip)]
    pub held: Option<SignedDuration>,
    /// By which method it can be transferred, or why not; where one Election alone is shown.
    #[serde(skip)]
    pub moves: Option<Result<&'static str, String>>,
    /// How far the holder's clock is ahead of the server's, and how sure that is; where it was watched.
    #[serde(skip)]
    pub skew: Option<(SignedDuration, SignedDuration)>,
}

/// A workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkloadItem {
    /// Kind, as the API spells it.
    pub kind: String,
    /// Name.
    pub name: String,
    /// As an argument: `deploy/NAME`.
    #[serde(skip)]
    pub short: String,
}

/// A holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HolderItem {
    /// What stands in the Lease.
    pub identity: Option<String>,
    /// The Pod that it maps to.
    pub pod: Option<String>,
    /// The Pod's node.
    pub node: Option<String>,
    /// The node's zone.
    pub zone: Option<String>,
}

/// A candidate.
#[derive(Clone, Debug, Serialize)]
pub struct CandidateItem {
    /// The Pod's name.
    pub pod: String,
    /// `leader` or `standby`.
    #[serde(serialize_with = "role")]
    pub role: Role,
    /// The Pod's Ready condition.
    pub ready: bool,
    /// Whether it is on its way out.
    pub terminating: bool,
    /// Its node.
    pub node: Option<String>,
    /// The node's zone.
    pub zone: Option<String>,
    /// How often its containers were restarted.
    #[serde(skip)]
    pub restarts: i64,
    /// What is worth saying about it.
    #[serde(skip)]
    pub note: Option<String>,
}

/// An elector.
#[derive(Clone, Debug, Serialize)]
pub struct ElectorItem {
    /// The library.
    pub name: &'static str,
    /// `certain`, `likely` or `guess`.
    pub confidence: &'static str,
    /// Its timing.
    #[serde(serialize_with = "timing")]
    pub timing: Timing,
    /// What the library was told by.
    #[serde(skip)]
    pub evidence: String,
}

/// A transfer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferItem {
    id: String,
    from: Option<String>,
    to: Option<String>,
    started_at: Option<Instant>,
}

impl Item {
    /// An Election as it is reported.
    #[must_use]
    pub fn new(election: &Election, now: Now) -> Self {
        let holder = &election.holder;
        let held = holder.identity.as_ref().and(election.lease.as_ref()).and_then(|lease| lease.acquired);
        Self {
            namespace: election.namespace.clone(),
            lease: election.lease_name().map(str::to_owned),
            context: election.context.clone(),
            system: election.system.map(|system| system.as_str()),
            workload: election.workload.as_ref().map(|workload| WorkloadItem {
                kind: workload.kind.as_str().to_owned(),
                name: workload.name.clone(),
                short: workload.to_string(),
            }),
            holder: HolderItem {
                identity: holder.identity.clone(),
                pod: holder.pod.clone(),
                node: holder.node.clone(),
                zone: holder.zone.as_deref().map(str::to_owned),
            },
            candidates: election.candidates.iter().map(|candidate| CandidateItem::new(candidate, now)).collect(),
            elector: ElectorItem {
                name: election.elector.library.as_str(),
                confidence: election.elector.confidence.as_str(),
                timing: election.elector.timing,
                evidence: election.elector.evidence.clone(),
            },
            renewed_seconds_ago: election.renewed_ago(now.at).map(Seconds),
            expires_in_seconds: election.expires_in(now.at).map(Seconds),
            transitions: election.transitions(),
            transfer: election.transfer().map(TransferItem::from),
            health: election.health,
            reasons: election.reasons.clone(),
            standbys: election.standbys(),
            held: held.map(|since| now.at.duration_since(since)),
            moves: None,
            skew: None,
        }
    }

    /// The same with whether it can be transferred.
    #[must_use]
    pub fn with_moves(self, election: &Election, now: Now) -> Self {
        let moves = how(election, now.at).map(Method::as_str).map_err(|error| error.message);
        Self { moves: Some(moves), ..self }
    }
}

impl Item {
    /// Takes out what a terminal would obey: an identity is any text that somebody wrote into a Lease.
    pub fn make_printable(&mut self) {
        let texts = [Some(&mut self.elector.evidence), self.holder.identity.as_mut()];
        for text in texts.into_iter().flatten().chain(&mut self.reasons) {
            if text.contains(char::is_control) {
                *text = text.replace(char::is_control, "\u{fffd}");
            }
        }
    }
}

impl CandidateItem {
    /// A candidate with what is worth saying about it now.
    fn new(candidate: &Candidate, now: Now) -> Self {
        let going = candidate.pod.terminating().then(|| {
            let since =
                candidate.terminating_for(now.at).map(|ago| format!(" for {}", crate::model::health::words(ago)));
            format!("Terminating{}", since.unwrap_or_default())
        });
        let note = going.or_else(|| candidate.trouble().map(str::to_owned));
        Self { note, ..Self::bare(candidate) }
    }

    /// A candidate, and no more than machines read of it.
    #[must_use]
    pub fn bare(candidate: &Candidate) -> Self {
        Self {
            pod: candidate.name().to_owned(),
            role: candidate.role,
            ready: candidate.pod.ready,
            terminating: candidate.pod.terminating(),
            node: candidate.pod.node.clone(),
            zone: candidate.zone.as_deref().map(str::to_owned),
            restarts: candidate.pod.restarts(),
            note: None,
        }
    }
}

impl From<&Transfer> for TransferItem {
    fn from(transfer: &Transfer) -> Self {
        Self {
            id: transfer.id.clone(),
            from: transfer.from.clone(),
            to: transfer.to.clone(),
            started_at: transfer.started_at.map(Instant),
        }
    }
}

fn health<S: Serializer>(health: &Health, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(health.as_str())
}

fn role<S: Serializer>(role: &Role, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match role {
        Role::Leader => "leader",
        Role::Standby => "standby",
    })
}

fn timing<S: Serializer>(timing: &Timing, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Value {
        value: Option<Seconds>,
        source: &'static str,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Values {
        lease_duration_seconds: Value,
        renew_deadline_seconds: Value,
        retry_period_seconds: Value,
        grace_period_seconds: Value,
    }
    let value = |known: Known| Value { value: known.value.map(Seconds), source: known.source.as_str() };
    Values {
        lease_duration_seconds: value(timing.lease_duration),
        renew_deadline_seconds: value(timing.renew_deadline),
        retry_period_seconds: value(timing.retry_period),
        grace_period_seconds: value(timing.grace_period),
    }
    .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::tests::{HELD, at, deleted, election_after, web, world};

    fn item(pod: &str) -> Item {
        let now = Now { at: at(0).parse().expect("a time"), error: SignedDuration::ZERO };
        Item::new(&election_after(&world(HELD, &[pod]), 0), now)
    }

    #[test]
    fn what_a_terminal_would_obey_is_taken_out() {
        let mut item = item(&web("aaaaa", "n1", true, ""));
        item.holder.identity = Some("a\x1b[2Jb".to_owned());
        item.elector.evidence = "a\nb".to_owned();
        item.reasons = vec!["a\u{9b}b".to_owned(), "plain…".to_owned()];
        item.make_printable();
        assert_eq!(item.holder.identity.as_deref(), Some("a\u{fffd}[2Jb"));
        assert_eq!(
            (item.elector.evidence.as_str(), item.reasons.concat().as_str()),
            ("a\u{fffd}b", "a\u{fffd}bplain…")
        );
    }

    #[test]
    fn a_candidate_on_its_way_out_is_noted_as_such_first() {
        let note = |metadata: &str| {
            let waiting = r#""waiting":{"reason":"CrashLoopBackOff"}"#;
            item(&web("aaaaa", "n1", false, metadata).replace(r#""running":{}"#, waiting)).candidates.remove(0).note
        };
        assert_eq!(note("").as_deref(), Some("CrashLoopBackOff"));
        assert_eq!(note(&deleted(22)).as_deref(), Some("Terminating for 52s"));
    }
}
