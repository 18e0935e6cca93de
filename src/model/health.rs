//! Health: one word for an Election at an instant, and the reasons in words.
//!
//! The table is part of what scripts rely on: the first row that holds counts.

use jiff::{SignedDuration, Timestamp};

use super::lease::{LeaseRecord, Tenure};
use super::{Candidate, Role};

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Renewed in time, and no known danger.
    Healthy,
    /// Renewed in time, but a known danger.
    AtRisk,
    /// Renewed in time by a Pod that is on its way out.
    Draining,
    /// Given up by its holder, and not taken yet.
    Released,
    /// No holder, and no sign that there ever was one.
    NeverHeld,
    /// Nobody leads.
    NoLeader,
    /// Expired, and nobody is there to take over.
    Orphaned,
    /// The Lease could not be read or makes no sense.
    Unknown,
}

impl Health {
    /// The word in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::AtRisk => "AtRisk",
            Self::Draining => "Draining",
            Self::Released => "Released",
            Self::NeverHeld => "NeverHeld",
            Self::NoLeader => "NoLeader",
            Self::Orphaned => "Orphaned",
            Self::Unknown => "Unknown",
        }
    }
}

/// An instant by the API server's clock, and how far off it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The instant.
    pub at: Timestamp,
    /// It can be this much earlier or later.
    pub error: SignedDuration,
}

/// A released Lease with candidates is without a leader after this long: client-go's slowest take-over of a released
/// Lease at 15/10/2 is 4.4 s, kubert's at 30/1 is 29 s.
const RELEASE_IS_STUCK_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Changes of the holder in [`FLAPPING_WINDOW`] that count as flapping.
pub const FLAPPING_CHANGES: i64 = 3;

/// The window in which changes are counted.
pub const FLAPPING_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// A renewal this far in the future shows a clock that is ahead, beyond the uncertainty of "now".
pub const FUTURE_TOLERANCE: SignedDuration = SignedDuration::from_millis(100);

/// What health is judged by, beside the record.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) lease: &'a LeaseRecord,
    pub(super) candidates: &'a [Candidate],
    /// Pods may not be read: the Lease is judged alone.
    pub(super) pods_unread: bool,
    /// Why the candidates are not known; `None` if they are.
    pub(super) candidates_unknown: Option<&'a str>,
    /// What is said of a holder that maps to no Pod of its own.
    pub(super) holder_note: Option<&'a str>,
    /// The holder's Pod is known to be gone.
    pub(super) holder_gone: bool,
    /// Since when nobody holds it, where that was seen.
    pub(super) free_since: Option<Timestamp>,
    /// Several Pods answer to the holder's identity.
    pub(super) holder_ambiguous: bool,
    /// The workload is known to be scaled to 0.
    pub(super) scaled_to_zero: bool,
    /// Standbys are Ready only when leading: running counts instead.
    pub(super) ready_means_leading: bool,
    /// How many nodes the cluster is known to have.
    pub(super) nodes: usize,
    /// Changes of the holder that were seen in the window.
    pub(super) recent_changes: i64,
}

/// Judges an Election; the first row of the table that holds counts.
pub(super) fn judge(facts: &Facts<'_>, now: Now) -> (Health, Vec<String>) {
    let lease = facts.lease;
    let (health, mut reasons) = match lease.tenure(now.at) {
        Tenure::Undated { holder, missing } => (
            Health::Unknown,
            vec![format!("held by {holder} without {missing}: whether it has expired cannot be told")],
        ),
        Tenure::Fenced { expired } => (Health::NoLeader, vec![fenced(lease, expired)]),
        Tenure::Stuck => {
            let reason =
                "stuck: no holder though renewTime is set; kube-lease-manager up to 0.11.0 never recovers from this";
            (Health::NoLeader, vec![reason.to_owned()])
        }
        Tenure::NeverHeld => (Health::NeverHeld, vec!["nobody has held this Lease yet".to_owned()]),
        Tenure::Released => released(facts, now.at),
        Tenure::Expired { holder, since } => expired(facts, holder, now.at.duration_since(since)),
        Tenure::Held { holder, .. } => held(facts, holder, now),
    };
    // Orphaned has said already that nobody is known.
    reasons.extend(facts.candidates_unknown.filter(|_| health != Health::Orphaned).map(str::to_owned));
    (health, reasons)
}

fn fenced(lease: &LeaseRecord, expired: bool) -> String {
    let since = lease.transfer.as_ref().and_then(|transfer| transfer.started_at).or(lease.acquired);
    let since = since.map_or_else(String::new, |at| format!(" since {at:.0}"));
    match expired {
        true => {
            format!("a transfer was left behind{since}: its fence has run out, the next candidate to look takes over")
        }
        false => format!("transfer in progress{since}: nobody leads until it ends"),
    }
}

/// client-go dates its release. kube-lease-manager and kubert null the times, and what they leave in managedFields keeps
/// the time of an earlier write: there it is only known since when if it was seen.
fn released(facts: &Facts<'_>, now: Timestamp) -> (Health, Vec<String>) {
    let scaled = facts.scaled_to_zero.then(|| "its workload is scaled to 0".to_owned());
    let Some(since) = facts.lease.renewed.or(facts.free_since) else {
        let reason = "given up by its last holder; when is not recorded".to_owned();
        return (Health::Released, [reason].into_iter().chain(scaled).collect());
    };
    let ago = now.duration_since(since);
    let reason = format!("given up {} ago", words(ago));
    if ago > RELEASE_IS_STUCK_AFTER && !facts.candidates.is_empty() {
        return (Health::NoLeader, vec![format!("{reason}, and no candidate has taken it")]);
    }
    (Health::Released, [reason].into_iter().chain(scaled).collect())
}

fn expired(facts: &Facts<'_>, holder: &str, ago: SignedDuration) -> (Health, Vec<String>) {
    let mut reasons = vec![format!("{holder} has not renewed: expired {} ago", words(ago))];
    reasons.extend(facts.holder_note.map(str::to_owned));
    if facts.scaled_to_zero {
        reasons.push("its workload is scaled to 0".to_owned());
        return (Health::Orphaned, reasons);
    }
    let live = facts.candidates.iter().filter(|candidate| !candidate.pod.terminating()).count();
    if facts.candidates.is_empty() && !facts.pods_unread && !facts.holder_ambiguous {
        reasons.push("no candidate is known".to_owned());
        return (Health::Orphaned, reasons);
    }
    match facts.candidates.iter().find(|candidate| candidate.role == Role::Leader) {
        Some(leader) if leader.pod.terminating() => reasons.push(format!("its Pod {} is Terminating", leader.name())),
        Some(leader) => {
            reasons.extend(leader.trouble().map(|trouble| format!("its Pod {}: {trouble}", leader.name())));
        }
        None => {}
    }
    if !facts.pods_unread && !facts.candidates.is_empty() {
        let (are, s) = if live == 1 { ("is", "") } else { ("are", "s") };
        reasons.push(format!("there {are} {live} candidate{s}: none has taken over yet"));
    }
    (Health::NoLeader, reasons)
}

fn held(facts: &Facts<'_>, holder: &str, now: Now) -> (Health, Vec<String>) {
    let leader = facts.candidates.iter().find(|candidate| candidate.role == Role::Leader);
    if let Some(leader) = leader
        && leader.pod.terminating()
    {
        let since = leader.terminating_for(now.at).map_or_else(String::new, |ago| format!(" for {}", words(ago)));
        let grace = leader.grace().map_or_else(String::new, |grace| format!(" (grace {})", words(grace)));
        return (Health::Draining, vec![format!("the leader's Pod {} is Terminating{since}{grace}", leader.name())]);
    }
    let mut reasons: Vec<String> = facts.holder_note.map(str::to_owned).into_iter().collect();
    let dangers = dangers(facts, holder, leader, now);
    let health = if dangers.is_empty() { Health::Healthy } else { Health::AtRisk };
    reasons.extend(dangers);
    if facts.lease.preferred_holder.as_deref().is_some_and(|preferred| !preferred.is_empty()) {
        reasons.push("the leader was asked to yield (preferredHolder is set)".to_owned());
    }
    (health, reasons)
}

fn dangers(facts: &Facts<'_>, holder: &str, leader: Option<&Candidate>, now: Now) -> Vec<String> {
    let mut dangers = Vec::new();
    if let Some(renewed) = facts.lease.renewed {
        let ahead = renewed.duration_since(now.at);
        if ahead > now.error + FUTURE_TOLERANCE {
            dangers.push(format!("renewTime lies {} in the future: the clock of {holder} is ahead", words(ahead)));
        }
    }
    if facts.scaled_to_zero {
        dangers.push("its workload is scaled to 0".to_owned());
    } else if facts.holder_gone {
        dangers.push("the leader's Pod is gone".to_owned());
    }
    if let Some(leader) = leader {
        if !leader.pod.ready {
            let why = leader.trouble().map_or_else(String::new, |trouble| format!(" ({trouble})"));
            dangers.push(format!("the leader's Pod {} is not Ready{why}", leader.name()));
        }
        dangers.extend(standby_danger(facts));
    }
    if facts.recent_changes >= FLAPPING_CHANGES {
        dangers.push(format!("flapping: {} changes of leader in {}", facts.recent_changes, words(FLAPPING_WINDOW)));
    }
    dangers
}

fn standby_danger(facts: &Facts<'_>) -> Option<String> {
    let standbys = || facts.candidates.iter().filter(|c| c.role == Role::Standby && !c.pod.terminating());
    let Some(first) = standbys().next() else { return Some("no standby".to_owned()) };
    let counts = |candidate: &Candidate| {
        if facts.ready_means_leading { candidate.pod.all_running() } else { candidate.pod.ready }
    };
    if !standbys().any(counts) {
        let why = first.trouble().map_or_else(String::new, |trouble| format!(" ({}: {trouble})", first.name()));
        return Some(match facts.ready_means_leading {
            true => format!("no standby is running{why}"),
            false => format!("no standby is Ready{why}"),
        });
    }
    let mut nodes: Vec<_> = facts.candidates.iter().filter_map(|candidate| candidate.pod.node.as_deref()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    match nodes.as_slice() {
        [node] if facts.nodes > 1 => Some(format!("all candidates are on node {node}")),
        _ => None,
    }
}

/// A duration in words, to the precision that a person can use: `0.4s`, `13.8s`, `52s`, `3m 20s`, `2d 3h`.
#[must_use]
pub fn words(duration: SignedDuration) -> String {
    let millis = duration.as_millis().abs();
    let seconds = millis / 1000;
    match seconds {
        0..20 => format!("{}.{}s", seconds, millis % 1000 / 100),
        20..120 => format!("{seconds}s"),
        120..3600 => format!("{}m {}s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{}h {}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

#[cfg(test)]
pub(crate) mod tests;
