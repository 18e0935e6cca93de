//! Whether somebody leads, whether anybody could, and for how long it lasts.

use jiff::SignedDuration;

use super::{ELECTIONS, lease, led, look, pods, start, subject};
use crate::check::catalogue::{Check, Severity};
use crate::check::election::Elector;
use crate::check::live::Live;
use crate::check::scene::Scene;
use crate::check::verdict::{Name, Verdicts};
use crate::check::workload::Workload;
use crate::model::elector::Library;
use crate::model::health::{FLAPPING_CHANGES, Health, words};
use crate::model::{Election, Pod};

pub(super) const LEADS: Check = Check {
    id: "HA0901",
    severity: Severity::Error,
    title: "somebody leads",
    page: include_str!("../../pages/HA0901.md"),
    judge: leads,
};

pub(super) const HAS_CANDIDATES: Check = Check {
    id: "HA0902",
    severity: Severity::Info,
    title: "a Lease has somebody who could hold it",
    page: include_str!("../../pages/HA0902.md"),
    judge: has_candidates,
};

pub(super) const STAYS: Check = Check {
    id: "HA0908",
    severity: Severity::Warning,
    title: "leadership does not change all the time",
    page: include_str!("../../pages/HA0908.md"),
    judge: stays,
};

/// A leader that stays for less than this, on average, does not stay.
const STAY: SignedDuration = SignedDuration::from_mins(30);

fn leads(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, ELECTIONS, verdicts) else { return };
    for election in &live.elections {
        let on = subject(scene, election);
        let (name, why) = (lease(election), election.reasons.join("; "));
        match election.health {
            Health::Healthy | Health::AtRisk | Health::Draining => verdicts.pass_on(on),
            Health::NoLeader => {
                let place = format!("-n {}", election.namespace);
                // Held by nobody, it cannot be a process that is only late.
                let lease = election.lease_name().unwrap_or_default();
                let next = match election.holder.identity {
                    None => format!("hactl repair lease/{lease} {place}"),
                    Some(_) => format!("hactl status lease/{lease} {place} -o wide"),
                };
                verdicts.fail_on(on, format!("nobody leads by {name}: {why}. Next: {next}"));
            }
            // The next candidate to look takes it: within the time that it waits between two looks.
            Health::Released | Health::NeverHeld => verdicts.skip_on(on, format!("{name}: {why}")),
            Health::Orphaned => verdicts.skip_on(on, "nobody is there who could lead: HA0902"),
            Health::Unknown => verdicts.unknown_on(on, format!("{name}: {why}")),
        }
    }
    for &workload in scene.workloads() {
        nobody_ever(scene, live, workload, verdicts);
    }
}

/// Who is to elect, and does not come so far: there is no Lease that could tell.
fn nobody_ever<'o>(scene: &Scene<'o>, live: &Live, workload: Workload<'o>, verdicts: &mut Verdicts<'_>) {
    let there: Vec<_> = pods(live, workload).collect();
    let dead = |pod: &&Pod| !pod.ready && !pod.all_running() && start::is_late(pod, live.now.at);
    let Some(first) = start::telling(there.iter().copied()).filter(|_| there.iter().all(dead)) else { return };
    let elects = |elector: &Elector<'_>| elector.is_presumed() && elector.leases;
    // What they are told may stand in what may not be read: that is asked last.
    let has_lease = scene.elections_of(workload).any(|election| election.lease.is_some());
    if has_lease || !scene.electors().in_pods_of(workload).iter().any(elects) {
        return;
    }
    let message = format!(
        "nobody leads, and there is no Lease: none of its Pods runs ({}). Next: {}",
        start::why(first),
        start::next(first)
    );
    verdicts.fail_on(Name::of(workload.object), message);
}

fn has_candidates(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, ELECTIONS, verdicts) else { return };
    for election in &live.elections {
        let on = subject(scene, election);
        if election.health != Health::Orphaned {
            verdicts.pass_on(on);
            continue;
        }
        let (name, why) = (lease(election), election.reasons.join("; "));
        let message = format!("{name} is left over: {why}. Whoever comes takes it without harm; it may be deleted");
        verdicts.fail_on(on, message);
    }
}

/// How many changes of its holder a Lease tells, and in how long: `None` where its library does not count them, or counts
/// something else.
fn changes(election: &Election, at: jiff::Timestamp) -> Option<(i64, SignedDuration)> {
    let lease = election.lease.as_ref()?;
    let library = election.elector.library;
    let counts = matches!(library, Library::ClientGo | Library::KubeLeaseManager | Library::Kubert | Library::Java);
    // One that was restored from elsewhere is younger than what it counts.
    let created = lease.created.filter(|created| lease.acquired.is_none_or(|acquired| acquired >= *created))?;
    let first = i64::from(library.renews_before_expiry());
    counts.then_some((lease.transitions? - first, at.duration_since(created)))
}

fn stays(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, ELECTIONS, verdicts) else { return };
    for election in led(live) {
        let on = subject(scene, election);
        let Some((changes, age)) = changes(election, live.now.at) else {
            verdicts.skip_on(on, "its Lease does not tell how often the leader has changed");
            continue;
        };
        let Some(stay) = i32::try_from(changes).ok().filter(|_| changes >= FLAPPING_CHANGES).map(|n| age / n) else {
            verdicts.pass_on(on);
            continue;
        };
        if stay >= STAY {
            verdicts.pass_on(on);
            continue;
        }
        let message = format!(
            "{changes} changes of leader by {} in {}, one every {}: leaders lose the Lease to a slow API server, a starved \
             processor, a crash, or each other. Next: hactl history lease/{} -n {}",
            lease(election),
            words(age),
            words(stay),
            election.lease_name().unwrap_or_default(),
            election.namespace
        );
        verdicts.fail_on(on, message);
    }
}
