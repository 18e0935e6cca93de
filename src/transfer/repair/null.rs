//! Libraries that cannot read a null: .NET, kube-leader-election, the official Java client, fabric8.
//!
//! - KubernetesClient for .NET creates the Lease anew where holder, acquireTime or renewTime is null, is told that there is
//!   one (409), and does so for ever (`LeaderElector.cs`).
//! - kube-leader-election fails on any null of four (`kube-leader-election/src/lib.rs`).
//! - The official Java client unboxes leaseDurationSeconds and leaseTransitions (`LeaseLock.java`), fabric8's
//!   leaseDurationSeconds, acquireTime and renewTime (`LeaseLock.java`, `toRecord`); its loop ends by that, in every process.
//!
//! What is null is set to what anyone may take: a holder that is empty, and dates that have run out. A holder that is
//! there stays, and its dates become new: whoever it is leads on, or is followed when they have run out.

use jiff::{SignedDuration, Timestamp};

use super::proof::{Proof, leader_gone, nobody_leads};
use super::{Case, Problem, Repair};
use crate::elector::catalogue::Name;
use crate::elector::polling::Library;
use crate::model::write::Change;
use crate::model::{LeasePatch, LeaseRecord};

/// A date that has run out for everyone, whatever the lease duration and whoever's clock.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(1);

/// Beyond the lease duration: looks of the slowest library.
const LOOKS: SignedDuration = SignedDuration::from_secs(30);

/// Which fields a library cannot do without: holder, duration, acquired, renewed, transitions.
const fn needs(elector: Name) -> [bool; 5] {
    match elector {
        Name::Polling(Library::DotNet) => [true, false, true, true, false],
        Name::Polling(Library::Java) => [false, true, false, false, true],
        Name::KubeLeaderElection => [true, true, false, true, true],
        Name::Fabric8 => [false, true, true, true, false],
        _ => [false; 5],
    }
}

pub(super) fn diagnose(case: &Case<'_>, lease: &LeaseRecord, elector: Name) -> Option<Repair> {
    let missing = nulls(lease).zip(needs(elector)).filter(|((_, null), needed)| *null && *needed);
    let missing: Vec<_> = missing.map(|((name, _), _)| name).collect();
    if missing.is_empty() {
        return None;
    }
    let held = lease.holder.as_deref().is_some_and(|holder| !holder.is_empty());
    let (precondition, proof) = match elector {
        // Its loops have ended, and what was led goes on, for all that is known.
        Name::Fabric8 => {
            let silence = case.duration(elector) + SignedDuration::from_secs(40);
            ("the last leader's process has ended", leader_gone(case, silence))
        }
        _ if held => {
            ("nobody else is named", Proof::Proved("the holder stays who it is, and its dates become new".to_owned()))
        }
        _ => ("nobody leads any more", nobody_leads(case, elector)),
    };
    let restart = "restart its Pods afterwards: their election loops have ended, and none begins by itself".to_owned();
    Some(Repair {
        problem: Problem::NullField,
        evidence: format!("{}: {elector} cannot go on without {}", shape(lease), missing.join(" and ")),
        precondition,
        proof,
        patch: Some(restored(case, lease, elector, held)),
        within: case.duration(elector) * 2 + LOOKS,
        advice: if elector == Name::Fabric8 { vec![restart] } else { Vec::new() },
    })
}

/// The nulls filled in.
fn restored(case: &Case<'_>, lease: &LeaseRecord, elector: Name, held: bool) -> LeasePatch {
    let mut patch = LeasePatch::of(lease);
    let at = if held { case.now } else { case.now.checked_sub(LONG_AGO).unwrap_or(case.now) };
    let duration = case.duration(elector).as_secs().max(1);
    // kube-leader-election goes by the record's own duration, and an empty holder has to run out like any other.
    let duration = if elector == Name::KubeLeaderElection && !held { 1 } else { duration };
    if lease.holder.is_none() {
        patch.holder = Change::Set(String::new());
    }
    fill(&mut patch, lease, duration, at);
    // What was dated before nobody could read it says nothing of the holder now.
    if held {
        patch.renewed = Change::Set(lease.renewed.map_or(at, |renewed| renewed.max(at)));
    }
    patch
}

/// Fills in what is null beside the holder.
fn fill(patch: &mut LeasePatch, lease: &LeaseRecord, duration: i64, at: Timestamp) {
    if lease.duration.is_none() {
        patch.duration = Change::Set(i32::try_from(duration).unwrap_or(i32::MAX));
    }
    if lease.acquired.is_none() {
        patch.acquired = Change::Set(at);
    }
    if lease.renewed.is_none() {
        patch.renewed = Change::Set(at);
    }
    if lease.transitions.is_none() {
        patch.transitions = Change::Set(0);
    }
}

/// Fills in what is null beside the holder, for a library that cannot read a null.
pub(super) fn filled(mut patch: LeasePatch, case: &Case<'_>, lease: &LeaseRecord, elector: Name) -> LeasePatch {
    if needs(elector).contains(&true) {
        let at = case.now.checked_sub(LONG_AGO).unwrap_or(case.now);
        fill(&mut patch, lease, case.duration(elector).as_secs().max(1), at);
    }
    patch
}

/// The fields of a record, and which of them are null.
fn nulls(lease: &LeaseRecord) -> impl Iterator<Item = (&'static str, bool)> {
    [
        ("holderIdentity", lease.holder.is_none()),
        ("leaseDurationSeconds", lease.duration.is_none()),
        ("acquireTime", lease.acquired.is_none()),
        ("renewTime", lease.renewed.is_none()),
        ("leaseTransitions", lease.transitions.is_none()),
    ]
    .into_iter()
}

/// What a record looks like, in words.
pub(super) fn shape(lease: &LeaseRecord) -> String {
    let (null, set): (Vec<_>, Vec<_>) = nulls(lease).partition(|(_, null)| *null);
    let names = |fields: &[(&'static str, bool)]| fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    match set.as_slice() {
        [] => "all of its fields are null".to_owned(),
        _ if null.is_empty() => "all of its fields are set".to_owned(),
        _ => format!("{} null beside {}", names(&null), names(&set)),
    }
}
