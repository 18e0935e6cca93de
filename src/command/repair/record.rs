//! The record of a repair: in the ring on the Lease, and as an Event about it.

use jiff::Timestamp;

use crate::cluster::{Pen, Reader};
use crate::command::ring;
use crate::error::Result;
use crate::model::LeaseRecord;
use crate::model::audit::Entry;
use crate::model::event::{EventDraft, EventKind};
use crate::report::repair::Item;
use crate::report::transfer::Outcome;

/// Writes down what was done and what came of it.
pub(super) async fn record<P: Pen>(
    reader: &Reader,
    pen: &P,
    lease: &LeaseRecord,
    (id, at): (String, Timestamp),
    why: Option<String>,
    item: &Item,
) -> Result<()> {
    let problem = item.problem.unwrap_or_default();
    let result = item.outcome.as_str();
    let (kind, reason) = match item.outcome {
        Outcome::Done => (EventKind::Normal, "LeadershipRepaired"),
        _ => (EventKind::Warning, "LeadershipRepairUnconfirmed"),
    };
    let leader = item.leader.as_ref().map_or_else(String::new, |leader| format!("; {leader} leads"));
    let note = format!("repair {id} of {problem}: {result}{leader}");
    let entry = Entry {
        id,
        at,
        finished: Some(reader.now().at),
        who: reader.whoami().await.ok(),
        why: Some(why.unwrap_or_else(|| problem.to_owned())),
        from: None,
        to: item.leader.clone(),
        method: Some("repair".to_owned()),
        leaderless: None,
        result: Some(result.to_owned()),
    };
    let written = ring::write(reader, pen, &lease.key, entry).await;
    let event = EventDraft { regarding: lease.into(), related: None, kind, reason, action: "Repair", note };
    let recorded = pen.record(&event).await.map_err(|unwritten| unwritten.failure().error.clone());
    written.and(recorded)
}
