//! The record of a transfer: in a ring on the Lease, and as Events on the Lease and on both Pods.

use jiff::Timestamp;

use crate::cluster::{Pen, Reader};
use crate::command::ring;
use crate::error::{Error, Result};
use crate::model::Micros;
use crate::model::audit::{Between, Entry};
use crate::model::event::{EventDraft, EventKind, Subject};
use crate::report::transfer::{Outcome, Transfer};
use crate::transfer::plan::Plan;

/// What is known of a transfer from its beginning on.
pub(super) struct Begun {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) who: Option<String>,
    pub(super) why: Option<String>,
}

/// Writes down that it begins: first what changes nothing that anyone goes by.
pub(super) async fn begin<P: Pen>(reader: &Reader, pen: &P, plan: &Plan, begun: &Begun) -> Result<()> {
    let note = format!("transfer {} begins: {}", begun.id, plan.method().as_str());
    let event = draft((&*plan.lease).into(), EventKind::Normal, "LeadershipTransferRequested", note);
    if let Err(unwritten) = pen.record(&event).await {
        return Err(Error::refused(unwritten.failure().error.message.clone()));
    }
    ring::write(reader, pen, &plan.lease.key, entry(plan, begun)).await
}

/// Writes down how it ended.
pub(super) async fn end<P: Pen>(reader: &Reader, pen: &P, plan: &Plan, begun: &Begun, item: &Transfer) -> Result<()> {
    let leaderless = item.measured.map(|measured| {
        let micros = |seconds: crate::report::Seconds| Micros::from(seconds.0);
        let bounds = measured.leaderless_seconds;
        Between { min: micros(bounds.min), max: micros(bounds.max) }
    });
    let entry = Entry {
        finished: Some(reader.now().at),
        to: item.leader.as_ref().and_then(|leader| leader.identity.clone()),
        leaderless,
        result: Some(item.outcome.as_str().to_owned()),
        ..entry(plan, begun)
    };
    let (kind, reason) = match item.outcome {
        Outcome::Done => (EventKind::Normal, "LeadershipTransferred"),
        _ => (EventKind::Warning, "LeadershipTransferFailed"),
    };
    let leader = item.leader.as_ref().map_or("nobody", |leader| leader.name());
    let note = format!("transfer {} from {} to {leader}: {}", begun.id, item.from.name(), item.outcome.as_str());
    let written = ring::write(reader, pen, &plan.lease.key, entry).await;
    let lease = Subject::from(&*plan.lease);
    let pods = [plan.from.pod.as_deref(), plan.to.as_ref().and_then(|to| to.pod.as_deref())];
    let subjects = pods.into_iter().flatten().map(Subject::from);
    let mut recorded = Ok(());
    for subject in std::iter::once(lease).chain(subjects) {
        recorded = pen.record(&draft(subject, kind, reason, note.clone())).await;
        if recorded.is_err() {
            break;
        }
    }
    written.and(recorded.map_err(|unwritten| unwritten.failure().error.clone()))
}

fn entry(plan: &Plan, begun: &Begun) -> Entry {
    Entry {
        id: begun.id.clone(),
        at: begun.at,
        finished: None,
        who: begun.who.clone(),
        why: begun.why.clone(),
        from: plan.from.identity.clone(),
        to: plan.to.as_ref().and_then(|to| to.identity.clone()),
        method: Some(plan.method().as_str().to_owned()),
        leaderless: None,
        result: None,
    }
}

fn draft(regarding: Subject, kind: EventKind, reason: &'static str, note: String) -> EventDraft {
    EventDraft { regarding, related: None, kind, reason, action: "Transfer", note }
}
