//! One more entry in the ring on a Lease, over the Lease as it is now.

use std::collections::BTreeMap;

use crate::cluster::{Pen, Reader, Refused, Unwritten};
use crate::error::{Error, Result};
use crate::model::audit::{Entry, HISTORY_ANNOTATION, Ring};
use crate::model::lease::{FENCE_PREFIX, TRANSFER_ANNOTATION};
use crate::model::{Key, LeasePatch};

/// How often it is written to a Lease that changes under it: its leader renews no oftener than once a second.
const TRIES: u32 = 10;

/// Writes it, in place of an earlier one with its id.
pub(super) async fn write<P: Pen>(reader: &Reader, pen: &P, key: &Key, entry: Entry) -> Result<()> {
    for _ in 0..TRIES {
        let Some(lease) = reader.lease(key).await? else {
            return Err(Error::unknown("the Lease is gone"));
        };
        let ring = Ring::parse(lease.annotations.get(HISTORY_ANNOTATION).map_or("", String::as_str));
        let mut annotations = BTreeMap::from([(HISTORY_ANNOTATION.to_owned(), Some(ring.with(entry.clone())))]);
        // A fence that ran out was taken by someone who does not know what stands beside it.
        let fenced = lease.holder.as_deref().is_some_and(|holder| holder.starts_with(FENCE_PREFIX));
        if !fenced && lease.annotations.contains_key(TRANSFER_ANNOTATION) {
            annotations.insert(TRANSFER_ANNOTATION.to_owned(), None);
        }
        match pen.patch(key, &LeasePatch { annotations, ..LeasePatch::of(&lease) }).await {
            Ok(_) => return Ok(()),
            Err(Unwritten::Refused { why: Refused::Stale, .. }) => {}
            Err(unwritten) => return Err(unwritten.failure().error.clone()),
        }
    }
    Err(Error::unknown("the Lease changed under every try"))
}
