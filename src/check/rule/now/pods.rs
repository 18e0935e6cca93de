//! The Pods that take part: whether the leader's is sound, whether a standby could take over, and whether one node takes all.

use jiff::{SignedDuration, Timestamp};

use super::super::leading;
use super::start::{HOPELESS, STARTS};
use super::{ELECTIONS, lease, led, look, subject, workload};
use crate::check::catalogue::{Check, Severity};
use crate::check::live::Live;
use crate::check::scene::Scene;
use crate::check::verdict::Verdicts;
use crate::model::health::words;
use crate::model::pod::Container;
use crate::model::{Candidate, Election, Role};

pub(super) const LEADER_IS_SOUND: Check = Check {
    id: "HA0903",
    severity: Severity::Warning,
    title: "the leader's Pod is Ready and does not start again and again",
    page: include_str!("../../pages/HA0903.md"),
    judge: leader_is_sound,
};

pub(super) const STANDBY_IS_READY: Check = Check {
    id: "HA0904",
    severity: Severity::Error,
    title: "a standby is ready to take over",
    page: include_str!("../../pages/HA0904.md"),
    judge: standby_is_ready,
};

pub(super) const APART_NOW: Check = Check {
    id: "HA0905",
    severity: Severity::Warning,
    title: "no node, and no zone, has all candidates",
    page: include_str!("../../pages/HA0905.md"),
    judge: apart_now,
};

/// With the nodes.
const PLACES: &[&str] = &["Lease", "Pod", "Deployment", "StatefulSet", "Node"];

/// What was killed for its memory within this time will be again.
const KILLED_LATELY: SignedDuration = SignedDuration::from_hours(24);

/// So many restarts, the last one within this time, are no accident.
const RESTARTS: i64 = 3;
const RESTARTED_LATELY: SignedDuration = SignedDuration::from_hours(1);

fn leader(election: &Election) -> Option<&Candidate> {
    election.candidates.iter().find(|candidate| candidate.role == Role::Leader)
}

fn leader_is_sound(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, ELECTIONS, verdicts) else { return };
    for election in led(live) {
        let on = subject(scene, election);
        let Some(leader) = leader(election) else {
            verdicts.skip_on(on, format!("which Pod holds {} is not known", lease(election)));
            continue;
        };
        if leader.pod.terminating() {
            verdicts.skip_on(on, format!("the leader's Pod {} is on its way out", leader.name()));
            continue;
        }
        match trouble(leader, live.now.at) {
            Some(trouble) => {
                let message = format!("the leader's Pod {} {trouble}", leader.name());
                verdicts.fail_on(on, message);
            }
            None => verdicts.pass_on(on),
        }
    }
}

/// What is wrong with a leader's Pod.
fn trouble(leader: &Candidate, now: Timestamp) -> Option<String> {
    let lately =
        |container: &Container, within| container.finished.map(|at| now.duration_since(at)).filter(|ago| *ago < within);
    let containers = || leader.pod.containers.iter();
    let killed = containers().find_map(|container| {
        let killed = container.ended_by.as_deref() == Some("OOMKilled");
        Some((container, lately(container, KILLED_LATELY).filter(|_| killed)?))
    });
    if let Some((Container { name, .. }, ago)) = killed {
        return Some(format!(
            "had its container {name} killed {} ago for the memory that it took (OOMKilled): each time the Lease has to \
             run out before another leads. Raise resources.limits.memory",
            words(ago)
        ));
    }
    let again = containers().find_map(|container| {
        let ago = lately(container, RESTARTED_LATELY).filter(|_| container.restarts >= RESTARTS)?;
        Some((container, ago))
    });
    if let Some((Container { name, restarts, ended_by, .. }, ago)) = again {
        let why = ended_by.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        return Some(format!("has started its container {name} {restarts} times anew, last {} ago{why}", words(ago)));
    }
    let why = leader.trouble().map(|why| format!(" ({why})")).unwrap_or_default();
    (!leader.pod.ready).then(|| format!("is not Ready{why}, and leads"))
}

fn standby_is_ready(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, ELECTIONS, verdicts) else { return };
    for election in led(live) {
        let on = subject(scene, election);
        let of = workload(scene, election);
        if of.is_some_and(|of| scene.least(of) < 2) {
            verdicts.skip_on(on, "it may have one replica only: HA0103");
            continue;
        }
        if leader(election).is_none() {
            verdicts.skip_on(on, format!("who stands by for {} is not known", lease(election)));
            continue;
        }
        let never_ready =
            election.standbys_are_never_ready() || of.is_some_and(|of| leading::readiness_gated(scene, of));
        let standbys = || election.candidates.iter().filter(|one| one.role == Role::Standby && !one.pod.terminating());
        let counts = |one: &Candidate| one.pod.ready || (never_ready && one.pod.all_running());
        if standbys().any(counts) {
            verdicts.pass_on(on);
            continue;
        }
        let (what, severity) = match standbys().min_by_key(|one| starting(one, live)) {
            Some(first) => {
                let why = first.trouble().map(|why| format!(": {why}")).unwrap_or_default();
                let severity = if starting(first, live) { Severity::Warning } else { Severity::Error };
                let ready = if never_ready { "runs" } else { "is Ready" };
                (format!("no standby {ready} ({}{why})", first.name()), severity)
            }
            None if of.is_none() => {
                verdicts.skip_on(on, "how many replicas it should have is not known");
                continue;
            }
            None => ("there is no standby".to_owned(), Severity::Error),
        };
        let message = format!("{what}: when the leader is lost, nobody leads until a Pod has started");
        verdicts.fail_on(on, message).severity(severity);
    }
}

/// Whether a Pod that is not Ready may only be starting.
fn starting(standby: &Candidate, live: &Live) -> bool {
    let young = standby.pod.created.is_some_and(|at| live.now.at.duration_since(at) < STARTS);
    young && !standby.trouble().is_some_and(|why| HOPELESS.contains(&why))
}

fn apart_now(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, PLACES, verdicts) else { return };
    for election in led(live) {
        let on = subject(scene, election);
        let there: Vec<_> = election.candidates.iter().filter(|one| !one.pod.terminating()).collect();
        let nodes: Option<Vec<_>> = there.iter().map(|one| one.pod.node.as_deref()).collect();
        let Some(nodes) = nodes.filter(|nodes| nodes.len() > 1) else {
            verdicts.skip_on(on, "fewer than two candidates are on nodes");
            continue;
        };
        let all = live.snapshot.nodes.len();
        if all < 2 {
            verdicts.skip_on(on, "the cluster has one node");
            continue;
        }
        let count = nodes.len();
        if nodes.iter().all(|node| *node == nodes[0]) {
            let message = format!(
                "all {count} candidates are on node {} of {all}: when it is lost or drained, nobody can take over",
                nodes[0]
            );
            verdicts.fail_on(on, message);
            continue;
        }
        let zones: Option<Vec<_>> = there.iter().map(|one| one.zone.as_deref()).collect();
        let mut others = live.snapshot.nodes.values().filter_map(|node| node.zone.as_deref());
        match zones.as_deref() {
            Some([first, rest @ ..]) if rest.iter().all(|zone| zone == first) && others.any(|zone| zone != *first) => {
                let message = format!("all {count} candidates are in zone {first}, and the cluster has others");
                verdicts.fail_on(on, message).severity(Severity::Info);
            }
            _ => verdicts.pass_on(on),
        }
    }
}
