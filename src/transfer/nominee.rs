//! Whom the controller of a coordinated election names next, once its holder has been asked to yield.
//!
//! `spec.preferredHolder` means "yield", whoever is named in it: the holder renews no more, gives up, and its Lease runs
//! out; the controller then asks all candidates whether they are there, and names the best of those that answer by the
//! Lease's strategy (`k8s.io/kubernetes/pkg/controlplane/controller/leaderelection/leaderelection_controller.go` 1.36.3,
//! `reconcileElectionStep`). Nobody else can be made the leader. And where the best is still the holder, by the same name,
//! the controller has nothing to change, the holder goes on yielding, and nobody leads, for ever: so it was measured.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::plan::Party;
use super::target::{Wanted, unfit};
use crate::error::{Error, Result};
use crate::model::elector::hostname_of;
use crate::model::lease_candidate::{LeaseCandidate, OLDEST_EMULATION_VERSION};
use crate::model::{Candidate, Election, LeaseRecord, Role};

/// Who would be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nominee {
    pub(super) party: Party,
    /// Why this one.
    pub(super) why: String,
    /// Who else it may be, by chance.
    pub(super) rival: Option<String>,
    /// Whether a candidate is left of an ended process that the controller would rather have than the leader: it looks and
    /// asks for as long, and whoever has just answered counts, even the leader that has just ended.
    pub(super) haunted: bool,
}

/// Who would be named, if that is who is wanted.
///
/// # Errors
///
/// Where the controller would name nobody, the same one, or another than is wanted; and where that is not known.
pub(super) fn nominee(
    election: &Election,
    lease: &LeaseRecord,
    stand: Option<&[LeaseCandidate]>,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Nominee> {
    let holder = possible(lease)?;
    let stand = stand.ok_or_else(|| {
        Error::refused("a coordinated election's controller chooses who leads next, and its candidates were not read")
            .hint("ask whom with: hactl transfer … --dry-run=client")
    })?;
    let mut others: Vec<_> = standing(election, stand, now).into_iter().filter(|one| one.name != holder).collect();
    others.sort_by(|a, b| a.order(b).then_with(|| a.name.cmp(&b.name)));
    let Some(best) = others.first().copied() else {
        return Err(Error::refused("no other candidate stands: the controller would name nobody else")
            .hint("scale the workload up, and wait until another Pod is there"));
    };
    let leads = stand.iter().find(|one| one.name == holder);
    agreed(others.iter().copied().chain(leads))?;
    let party = party(election, best);
    let name = |party: &Party| super::words::who(party);
    let Some(leads) = leads.filter(|leads| leads.order(best).is_le()) else {
        return Err(Error::refused(format!(
            "the controller itself is about to ask the leader to yield: {} is better by its strategy",
            name(&party)
        ))
        .hint("wait, and look with: hactl status -w"));
    };
    // It comes back as the youngest of its versions.
    if leads.versions < best.versions && !wanted.best_effort {
        return Err(Error::refused(format!(
            "the controller would name the leader's Pod again, as soon as its container is back: it is of an older version \
             than {}",
            name(&party)
        ))
        .hint("it leads until it is upgraded or gone; take the chance that it comes back too late with --best-effort"));
    }
    let rival = others.get(1).filter(|rival| rival.order(best).is_eq()).map(|one| name(&self::party(election, one)));
    is_wanted(election, best, &party, rival.as_deref(), wanted)?;
    if let Some(why) = candidate(election, best).and_then(|candidate| unfit(candidate, election, now)) {
        return Err(Error::refused(format!("the controller would name {}: {why}", name(&party))).hint(EVICT));
    }
    let why = match others.len() {
        1 => "the only other candidate".to_owned(),
        count => format!("of {count} candidates the controller's next: the oldest of the lowest version"),
    };
    let haunted = stand.iter().any(|one| one.versions.is_some() && !one.expired(now) && one.order(leads).is_lt());
    Ok(Nominee { party, why, rival, haunted })
}

const EVICT: &str = "end the leader's Pod instead, and the controller will choose: --method evict";

/// Who holds the Lease, if nothing in the Lease itself is against asking it to yield.
///
/// # Errors
///
/// What is.
pub(super) fn possible(lease: &LeaseRecord) -> Result<&str> {
    let holder = lease.holder.as_deref().unwrap_or_default();
    let strategy = lease.strategy.as_deref().unwrap_or_default();
    if strategy != OLDEST_EMULATION_VERSION {
        return Err(Error::refused(format!(
            "the Lease's strategy is {strategy}, and whom that prefers is not known: the API server leaves it to others"
        ))
        .hint(EVICT));
    }
    if let Some(preferred) = lease.preferred_holder.as_deref().filter(|preferred| !preferred.is_empty()) {
        return Err(Error::refused(format!("the leader is asked to yield already: preferredHolder is {preferred}"))
            .hint("wait, and look with: hactl status -w; if nobody leads in the end: hactl repair"));
    }
    if hostname_of(holder).is_none() {
        return Err(Error::refused(format!(
            "{holder} would be the leader's identity after a restart too: its controller would find it the best again, \
             and nobody would lead, for it yields for as long as it is asked to"
        ))
        .hint(EVICT));
    }
    Ok(holder)
}

/// The strategy is the candidates' own (`pickBestStrategy`).
fn agreed<'c>(mut candidates: impl Iterator<Item = &'c LeaseCandidate>) -> Result<()> {
    match candidates.find(|one| one.strategy != OLDEST_EMULATION_VERSION) {
        None => Ok(()),
        Some(other) => {
            Err(Error::refused(format!("{} wants another strategy: {}", other.name, other.strategy)).hint(EVICT))
        }
    }
}

/// Those that will answer, for all that can be seen, and can be chosen.
fn standing<'c>(election: &Election, stand: &'c [LeaseCandidate], now: Timestamp) -> Vec<&'c LeaseCandidate> {
    // A process that ends leaves its candidate behind: of a Pod only the newest is there.
    let mut newest: BTreeMap<&str, &LeaseCandidate> = BTreeMap::new();
    let mut standing = Vec::new();
    // Where the leader is a Pod, the others are too.
    let pods = election.candidates.iter().any(|one| one.role == Role::Leader) && !election.holder.guessed;
    let there = |one: &LeaseCandidate| {
        !pods || candidate(election, one).is_some_and(|there| !there.pod.terminating() && !there.pod.finished)
    };
    for one in stand.iter().filter(|one| one.versions.is_some() && !one.silent(now) && there(one)) {
        match hostname_of(&one.name) {
            Some(host) => {
                let last = newest.entry(host).or_insert(one);
                if (last.created, last.renewed) < (one.created, one.renewed) {
                    *last = one;
                }
            }
            None => standing.push(one),
        }
    }
    standing.extend(newest.into_values());
    standing
}

/// Its Pod.
fn candidate<'e>(election: &'e Election, one: &LeaseCandidate) -> Option<&'e Candidate> {
    let host = hostname_of(&one.name).unwrap_or(&one.name);
    election.candidates.iter().find(|there| there.pod.host() == host || there.name() == host)
}

fn party(election: &Election, one: &LeaseCandidate) -> Party {
    let pod = candidate(election, one).map(|there| std::sync::Arc::clone(&there.pod));
    Party { identity: Some(one.name.clone()), node: pod.as_ref().and_then(|pod| pod.node.clone()), pod }
}

/// Whether that is who is wanted.
fn is_wanted(
    election: &Election,
    best: &LeaseCandidate,
    party: &Party,
    rival: Option<&str>,
    wanted: &Wanted,
) -> Result<()> {
    let name = super::words::who(party);
    let zone = candidate(election, best).and_then(|there| there.zone.clone());
    let workload = election.workload.as_ref().map_or("", |workload| workload.name.as_str());
    let refused = |why: String| Err(Error::refused(why).hint("leave it to the controller: leave out --to and --not-…"));
    if let Some(to) = &wanted.to {
        let pod = to.strip_prefix("pod/").unwrap_or(to);
        let ordinal = to.bytes().all(|b| b.is_ascii_digit()) && name == format!("{workload}-{to}");
        if name != pod && best.name != *to && !ordinal {
            return refused(format!(
                "{to} cannot be made the next leader: the controller chooses by its strategy, and would name {name}"
            ));
        }
        if let Some(rival) = rival.filter(|_| !wanted.best_effort) {
            return refused(format!(
                "{to} cannot be promised: it and {rival} began in the same second, and the controller takes either"
            ));
        }
    }
    if !wanted.allows(&name, party.node.as_deref(), zone.as_deref()) {
        return refused(format!("the controller would name {name}, which is excluded"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
