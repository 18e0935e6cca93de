//! What a Lease still shows of its past: when it was made and taken, how it was left, and who else wrote to it.

use jiff::{SignedDuration, Timestamp};

use super::{HACTL, Happening, Source};
use crate::model::LeaseRecord;
use crate::model::audit::Entry;
use crate::model::elector::{is_tool, renewer};
use crate::model::lease::{FieldOwner, SpecFields, Tenure};

/// How far around a transfer hactl's own writes are the transfer's: managedFields are dated to the second.
const AROUND: SignedDuration = SignedDuration::from_secs(2);

/// What the record says at the instant `now`.
pub(super) fn state(lease: &LeaseRecord, free_since: Option<Timestamp>, now: Timestamp) -> Vec<Happening> {
    let happening = |at, result| Happening::new(at, Source::Lease, result);
    let mut items: Vec<_> = lease.created.map(|at| happening(at, "created")).into_iter().collect();
    let tenure = lease.tenure(now);
    if let Tenure::Held { holder, .. } | Tenure::Expired { holder, .. } | Tenure::Undated { holder, .. } = tenure
        && let Some(at) = lease.acquired
    {
        let note = lease.transitions.map(|number| format!("transition {number}"));
        items.push(Happening { to: Some(holder.to_owned()), note, ..happening(at, "acquired") });
    }
    match tenure {
        Tenure::Expired { holder, since } => {
            let note = lease.renewed.map(|at| format!("last renewed {at:.3}"));
            items.push(Happening { from: Some(holder.to_owned()), note, ..happening(since, "expired") });
        }
        Tenure::Fenced { expired } => items.extend(fenced(lease, expired)),
        // kube-lease-manager and kubert date nothing when they give a Lease up; that it is free can be seen.
        Tenure::Released => items.extend(lease.renewed.or(free_since).map(|at| happening(at, "released"))),
        // Since then at the earliest: the holder was taken out, and the date of its last renewal was left.
        Tenure::Stuck => items.extend(lease.renewed.map(|at| happening(at, "renewed last, without a holder since"))),
        Tenure::Held { .. } | Tenure::Undated { .. } | Tenure::NeverHeld => {}
    }
    items
}

/// hactl's own fence.
fn fenced(lease: &LeaseRecord, expired: bool) -> Option<Happening> {
    let transfer = lease.transfer.as_ref()?;
    let at = transfer.started_at.or(lease.acquired).or(lease.renewed)?;
    let result = if expired { "left behind" } else { "in progress" };
    Some(Happening {
        id: Some(transfer.id.clone()),
        who: Some(HACTL.to_owned()),
        from: transfer.from.clone(),
        to: transfer.to.clone(),
        ..Happening::new(at, Source::Lease, result)
    })
}

/// Writes to the spec by anybody but the elector, as far as managedFields still show them: a field that is null, or that
/// was changed again since, has no other owner any more.
pub(super) fn foreign_writes(lease: &LeaseRecord, entries: &[Entry]) -> Vec<Happening> {
    let elector = renewer(lease).filter(|owner| !is_tool(&owner.manager));
    let foreign = |owner: &&FieldOwner| match owner.manager.as_str() {
        HACTL => {
            lease.transfer.is_none() && owner.time.is_some_and(|at| !entries.iter().any(|entry| during(entry, at)))
        }
        manager => is_tool(manager) || elector.is_some_and(|elector| !same(&elector.manager, manager)),
    };
    let writes = lease.owners.iter().filter(|owner| !owner.fields.is_empty()).filter(foreign);
    writes
        .filter_map(|owner| {
            Some(Happening {
                who: Some(owner.manager.clone()),
                note: Some(names(owner.fields).join(", ")),
                ..Happening::new(owner.time?, Source::ManagedFields, "wrote")
            })
        })
        .collect()
}

/// Every process of kube-lease-manager has a name of its own behind the library's.
fn same(one: &str, other: &str) -> bool {
    let library = "kube-lease-manager";
    one == other || (one.starts_with(library) && other.starts_with(library))
}

fn during(entry: &Entry, at: Timestamp) -> bool {
    let end = entry.finished.unwrap_or(entry.at);
    at.duration_since(entry.at) >= -AROUND && at.duration_since(end) <= AROUND
}

fn names(fields: SpecFields) -> Vec<&'static str> {
    let all = [
        (fields.holder, "holderIdentity"),
        (fields.duration, "leaseDurationSeconds"),
        (fields.acquired, "acquireTime"),
        (fields.renewed, "renewTime"),
        (fields.transitions, "leaseTransitions"),
    ];
    all.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect()
}
