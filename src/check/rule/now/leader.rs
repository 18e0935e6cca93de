//! Whether somebody leads, and whether anybody could.

use super::{lease, look, subject};
use crate::check::catalogue::{Check, Severity};
use crate::check::scene::Scene;
use crate::check::verdict::Verdicts;
use crate::model::Election;
use crate::model::health::Health;

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

/// What an Election is judged by.
const KINDS: &[&str] = &["Lease", "Pod", "Deployment", "StatefulSet"];

fn with_lease(elections: &[Election]) -> impl Iterator<Item = &Election> {
    elections.iter().filter(|election| election.lease.is_some())
}

fn leads(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, KINDS, verdicts) else { return };
    for election in with_lease(&live.elections) {
        let on = subject(scene, election);
        let (name, why) = (lease(election), election.reasons.join("; "));
        match election.health {
            Health::Healthy | Health::AtRisk | Health::Draining => verdicts.pass_on(on),
            Health::NoLeader => {
                let place = format!("-n {}", election.namespace);
                // Held by nobody it cannot be a process that is only late.
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
}

fn has_candidates(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let Some(live) = look(scene, KINDS, verdicts) else { return };
    for election in with_lease(&live.elections) {
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
