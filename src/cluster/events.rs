//! What was said about one Lease: its Events, read once or followed.
//!
//! They are asked for as `v1` Events, by the field selectors that both of their APIs know: the same objects are served
//! there as by `events.k8s.io/v1`, and a Role for the older API is the more common one.

use std::pin::Pin;

use futures::stream::Stream;

use super::follow::follow_all;
use super::list::{Query, list};
use super::{Change, Failure, Reader};
use crate::model::Key;
use crate::model::event::record::EventRecord;
use crate::model::snapshot::Object;
use crate::model::wire::{Shape, WireEvent};

/// The Events about a Lease, in the order of the server.
///
/// # Errors
///
/// Why they could not be read, in few words: they are an addition, and their absence is no failure.
pub async fn events(reader: &Reader, lease: &Key) -> Result<Vec<EventRecord>, String> {
    let listed =
        list(reader, &Query::about(lease), Shape::of::<WireEvent>()).await.map_err(|Failure { short, .. }| short)?;
    let event = |object| if let Object::Event(event) = object { Some(event) } else { None };
    Ok(listed.objects.into_iter().filter_map(event).collect())
}

/// Follows the Events about a Lease, whether it is there or not.
pub fn follow_events(reader: &Reader, lease: &Key) -> Pin<Box<dyn Stream<Item = Change>>> {
    follow_all(reader, Query::about(lease), Shape::of::<WireEvent>())
}
