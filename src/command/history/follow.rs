//! `hactl history -w`: a line for each new thing, of the Lease and of its Events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::stream::{StreamExt, select};
use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};

use super::{Args, End, begin, printable, unread};
use crate::cli::history::Output;
use crate::cluster::{Change, Reader, follow_events, follow_one};
use crate::error::{Error, Exit};
use crate::model::event::record::EventRecord;
use crate::model::history::{Happening, History, Source};
use crate::model::snapshot::Object;
use crate::model::wire::WireLease;
use crate::model::{Key, Kind, LeaseRecord};
use crate::report::history::TransferHistory;
use crate::terminal::Terminal;
use crate::view::{history, machine};

/// How often it is asked whether the Lease has run out: no event tells that.
const TICK: Duration = Duration::from_secs(1);

/// How long an API server may take to say whether it has.
const ASK_BOUND: Duration = Duration::from_secs(2);

/// What is known of the Lease, and what of that was told.
#[derive(Default)]
struct Followed {
    lease: Option<LeaseRecord>,
    events: BTreeMap<Key, EventRecord>,
    /// Whether the Lease was read, and whether the Events were, or cannot be.
    read: [bool; 2],
    free_since: Option<Timestamp>,
    /// What only whoever watches can see.
    seen: Vec<Happening>,
    told: BTreeSet<String>,
    unreadable: usize,
    lost: bool,
}

/// Follows until nobody reads on.
pub(super) async fn run(args: &Args, terminal: &Terminal, reader: &Reader, key: &Key) -> Result<Exit, End> {
    let mut changes = select(follow_one::<WireLease>(reader, key), follow_events(reader, key));
    let mut followed = Followed::default();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Some(change) = changes.next() => followed.apply(change, reader.now().at, terminal)?,
            _ = tick.tick() => {}
        }
        if followed.read != [true, true] {
            continue;
        }
        let mut new = followed.new_items(reader.now().at);
        // A record that ran out may have been renewed unseen: it is read again before that is told.
        if new.iter().any(expired) {
            match tokio::time::timeout(ASK_BOUND, reader.lease(key)).await {
                Ok(Ok(lease)) if !followed.lost => {
                    followed.lease = lease;
                    new = followed.new_items(reader.now().at);
                }
                _ => new.retain(|item| !expired(item)),
            }
        }
        if let Some(begin) = begin(args, reader.now().at) {
            new.retain(|item| item.at >= begin);
        }
        followed.tell(new, args, terminal, reader, key)?;
    }
}

impl Followed {
    fn apply(&mut self, change: Change, now: Timestamp, terminal: &Terminal) -> Result<(), Error> {
        match change {
            Change::Listed(Kind::Leases, objects, _) => {
                let lease = objects.into_iter().find_map(lease_of);
                if self.read[0] && lease.is_none() && self.lease.is_some() {
                    self.deleted(now);
                }
                self.lease = lease;
                self.read[0] = true;
                self.found(terminal);
            }
            Change::Listed(_, objects, _) => {
                self.events =
                    objects.into_iter().filter_map(event_of).map(|event| (event.key.clone(), event)).collect();
                self.read[1] = true;
            }
            Change::Put(Object::Lease(lease)) => {
                let held = |lease: &LeaseRecord| lease.holder.as_ref().is_some_and(|holder| !holder.is_empty());
                if self.lease.as_ref().is_some_and(held) && !held(&lease) {
                    self.free_since = Some(now);
                }
                self.lease = Some(lease);
            }
            Change::Put(object) => {
                self.events.extend(event_of(object).map(|event| (event.key.clone(), event)));
            }
            Change::Gone(Object::Lease(_)) => self.deleted(now),
            // An Event that is forgotten has been told.
            Change::Gone(_) => {}
            Change::Found(Kind::Leases) => self.found(terminal),
            Change::Found(_) => {}
            Change::Unread(Kind::Leases, _, error) => return Err(error),
            Change::Unread(_, short, _) => self.without_events(&short, terminal),
            Change::Lost(Kind::Leases, error) if !self.read[0] => return Err(error),
            Change::Lost(Kind::Leases, error) => {
                if !std::mem::replace(&mut self.lost, true) {
                    terminal.say(format_args!("connection lost, trying again: {error}"));
                }
            }
            Change::Lost(_, error) if !self.read[1] => self.without_events(&error.to_string(), terminal),
            Change::Lost(..) => {}
        }
        Ok(())
    }

    fn deleted(&mut self, now: Timestamp) {
        self.lease = None;
        self.seen.push(Happening::seen(now, "deleted"));
    }

    fn found(&mut self, terminal: &Terminal) {
        if std::mem::take(&mut self.lost) {
            terminal.say("connection found again");
        }
    }

    fn without_events(&mut self, why: &str, terminal: &Terminal) {
        if !std::mem::replace(&mut self.read[1], true) {
            terminal.say(format_args!("warning: events could not be read: {why}"));
        }
    }

    /// What has not been told yet.
    fn new_items(&mut self, now: Timestamp) -> Vec<Happening> {
        let events: Vec<_> = self.events.values().cloned().collect();
        let known = History::of(self.lease.as_ref(), &events, self.free_since, now);
        self.unreadable = known.unreadable;
        let items = known.items.into_iter().chain(self.seen.iter().cloned());
        items.filter(|item| !self.told.contains(&format!("{item:?}"))).collect()
    }

    fn tell(
        &mut self,
        new: Vec<Happening>,
        args: &Args,
        terminal: &Terminal,
        reader: &Reader,
        key: &Key,
    ) -> Result<(), End> {
        if new.is_empty() {
            return Ok(());
        }
        if self.told.is_empty() {
            unread(self.unreadable, terminal);
        }
        self.told.extend(new.iter().map(|item| format!("{item:?}")));
        let report = TransferHistory::of(reader.context.clone(), key, reader.now(), new, self.unreadable);
        terminal.result(&match args.output {
            Output::Json => machine::json_line(&report),
            Output::Yaml => format!("---\n{}", machine::yaml(&report)),
            Output::Table => printable(&report.items).iter().map(|item| history::line(item, terminal.style)).collect(),
        })?;
        Ok(())
    }
}

fn expired(item: &Happening) -> bool {
    item.source == Source::Lease && item.result.as_deref() == Some("expired")
}

fn lease_of(object: Object) -> Option<LeaseRecord> {
    if let Object::Lease(lease) = object { Some(lease) } else { None }
}

fn event_of(object: Object) -> Option<EventRecord> {
    if let Object::Event(event) = object { Some(event) } else { None }
}
