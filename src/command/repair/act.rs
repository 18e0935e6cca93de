//! The write, and what is seen of it afterwards.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

use super::prepare::Ready;
use super::record::record;
use crate::clock::local_now;
use crate::cluster::{Consent, Pen, Reader, Refused, Unwritten, Writer};
use crate::error::Exit;
use crate::model::lease::{FENCE_PREFIX, Tenure};
use crate::model::{Key, LeaseRecord};
use crate::report::Seconds;
use crate::report::repair::Item;
use crate::report::transfer::{Line, Outcome};
use crate::terminal::{Interrupts, Terminal, Waiting};

/// How often it is looked whether somebody leads.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Steps as they happen.
struct Steps<'a> {
    terminal: &'a Terminal,
    begun: jiff::Timestamp,
    lines: Vec<Line>,
    waiting: Waiting,
}

impl Steps<'_> {
    fn line(&mut self, action: &'static str, result: String) {
        let at = local_now().duration_since(self.begun);
        let mut shown = result.clone();
        crate::report::make_printable(&mut shown);
        let told = format!("  +{:.2}s  {shown}", at.as_secs_f64());
        self.waiting.aside(|| self.terminal.say(&told));
        self.lines.push(Line { at_seconds: Seconds(at), action, result });
    }
}

/// Does it.
pub(in crate::command) async fn act(
    ready: Ready,
    consent: Consent,
    why: Option<String>,
    terminal: &Terminal,
    interrupts: &mut Interrupts,
) -> (Item, Exit) {
    let Ready { reader, key, lease, repair, patch, anyone, mut item } = ready;
    let at = reader.now().at;
    let id = format!("{:08x}", RandomState::new().hash_one((&lease.uid, at)) >> 32);
    let writer = Writer::new(reader.clone(), consent);
    let mut steps = Steps { terminal, begun: local_now(), lines: Vec::new(), waiting: Waiting::new() };
    let written = match writer.patch(&key, &patch).await {
        Ok(written) => written,
        Err(unwritten) => {
            let (outcome, reason, exit) = failed(&unwritten);
            (item.outcome, item.reason) = (outcome, Some(reason));
            return (item, exit);
        }
    };
    item.id = Some(id.clone());
    let fields: Vec<_> = item.writes.iter().map(|written| written.field.as_str()).collect();
    steps.line("write", format!("{} {} written", fields.join(", "), if fields.len() == 1 { "is" } else { "are" }));
    let exit = if !repair.advice.is_empty() {
        (item.outcome, item.reason) = (Outcome::Done, Some(repair.advice.join("; ")));
        Exit::Success
    } else if !anyone {
        (item.outcome, item.reason) =
            (Outcome::Done, Some("nobody is there to lead: no Pod of its workload runs".into()));
        Exit::Success
    } else {
        let within = Duration::try_from(repair.within).unwrap_or_default();
        steps.waiting.show("waiting until somebody leads".to_owned());
        let seen = tokio::select! {
            seen = led(&reader, &key, &written, within) => seen.ok_or(format!("not within {within:?}")),
            _ = interrupts.next() => Err("interrupted".to_owned()),
        };
        match seen {
            Ok(leader) => {
                steps.line("verify", format!("{leader} has taken the Lease and dated it"));
                (item.outcome, item.leader) = (Outcome::Done, Some(leader));
                Exit::Success
            }
            Err(why) => {
                (item.outcome, item.reason) = (Outcome::Unknown, Some(why));
                Exit::Indeterminate
            }
        }
    };
    steps.waiting.finish();
    item.steps = std::mem::take(&mut steps.lines);
    if let Err(error) = record(&reader, &writer, &lease, (id, at), why, &item).await {
        terminal.say(format_args!("warning: the repair could not be recorded: {}", error.message));
    }
    (item, exit)
}

/// Who leads after the write: somebody who has dated the Lease since.
async fn led(reader: &Reader, key: &Key, written: &LeaseRecord, within: Duration) -> Option<String> {
    let deadline = Instant::now() + within;
    while Instant::now() < deadline {
        tokio::time::sleep(LOOK_EVERY).await;
        let Ok(Some(lease)) = reader.lease(key).await else { continue };
        if lease.renewed != written.renewed
            && let Tenure::Held { holder, .. } = lease.tenure(reader.now().at)
            && !holder.starts_with(FENCE_PREFIX)
        {
            return Some(holder.to_owned());
        }
    }
    None
}

/// A write that is not known to have been done.
fn failed(unwritten: &Unwritten) -> (Outcome, String, Exit) {
    let message = unwritten.failure().error.message.clone();
    match unwritten {
        Unwritten::Refused { why: Refused::Stale | Refused::Gone, .. } => {
            let moved = "the Lease has changed since it was looked at: it may have healed, look again".to_owned();
            (Outcome::Refused, moved, Exit::Refused)
        }
        Unwritten::Refused { why: Refused::Overloaded | Refused::Other, .. } | Unwritten::Never(_) => {
            (Outcome::Refused, message, Exit::Unknown)
        }
        Unwritten::Refused { .. } => (Outcome::Refused, message, Exit::Refused),
        Unwritten::Unknown(_) => (Outcome::Unknown, message, Exit::Indeterminate),
    }
}
