//! The first write, checked by the API server without being stored.

use super::prepare::Ready;
use crate::cluster::{Pen, Refused, Rehearsal, Unwritten};
use crate::error::{Error, Result};
use crate::model::LeasePatch;
use crate::model::lease::FENCE_PREFIX;
use crate::model::write::Change;
use crate::transfer::Method;

/// How often it is tried on a Lease that changes under it.
const TRIES: u32 = 10;

/// Has the server check it: rights, admission, validation and budgets.
pub(super) async fn rehearse(ready: &Ready) -> Result<()> {
    let Ready { reader, plan, .. } = ready;
    let pen = Rehearsal::new(reader.clone());
    let key = &plan.lease.key;
    for _ in 0..TRIES {
        let Some(lease) = reader.lease(key).await? else { return Err(Error::refused("the Lease is gone")) };
        let patch = match plan.method() {
            // An eviction writes to the Lease too, once the Pod has ended.
            Method::HandOver | Method::Evict => {
                LeasePatch { holder: Change::Set(format!("{FENCE_PREFIX}dry-run")), ..LeasePatch::of(&lease) }
            }
            Method::Prefer => {
                let to = plan.to.as_ref().and_then(|to| to.identity.clone()).unwrap_or_default();
                LeasePatch { preferred: Change::Set(to), ..LeasePatch::of(&lease) }
            }
        };
        match pen.patch(key, &patch).await {
            Ok(_) => return rehearse_end(ready, &pen).await,
            Err(Unwritten::Refused { why: Refused::Stale, .. }) => {}
            Err(unwritten) => return Err(refused(&unwritten)),
        }
    }
    Err(Error::unknown("the Lease changed under every try"))
}

/// The end of the Pod, where that is how it is done.
async fn rehearse_end(ready: &Ready, pen: &Rehearsal) -> Result<()> {
    let plan = &ready.plan;
    let Some(pod) = plan.from.pod.as_deref().filter(|_| plan.method() == Method::Evict) else { return Ok(()) };
    let ended = match plan.forced {
        true => pen.delete(&pod.key, &pod.uid).await,
        false => pen.evict(&pod.key, &pod.uid).await,
    };
    ended.map_err(|unwritten| refused(&unwritten))
}

/// Whatever the server has against it would have been met before anything was changed.
fn refused(unwritten: &Unwritten) -> Error {
    let error = unwritten.failure().error.clone();
    match unwritten.refused() {
        Some(Refused::Budget(said)) => Error::refused(format!("the Pod may not be evicted: {said}")),
        Some(_) => Error { exit: crate::error::Exit::Refused, ..error },
        None => Error { exit: crate::error::Exit::Unknown, ..error },
    }
}
