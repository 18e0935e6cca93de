//! How an Election got here: what stands in hactl's ring, what was said in Events, and what the Lease itself still shows.
//!
//! None of the three is complete. The ring knows only of hactl's own transfers, an API server forgets Events after an
//! hour, and a Lease shows its last change alone. So each piece says where it comes from, and what two of them tell of
//! the same transfer is told once.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::LeaseRecord;
use super::audit::{Between, Entry, HISTORY_ANNOTATION, Ring};
use super::event::record::EventRecord;

mod record;

/// The reason of the Events that client-go writes (`k8s.io/client-go/tools/leaderelection/resourcelock/leaselock.go`).
const LEADER_ELECTION: &str = "LeaderElection";

/// The name under which hactl writes, and reports.
const HACTL: &str = "hactl";

/// Where a piece of history comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// hactl's ring on the Lease.
    Annotation,
    /// A Kubernetes Event.
    Event,
    /// The Lease's own fields.
    Lease,
    /// Who wrote the Lease's fields, as the API server keeps it.
    ManagedFields,
}

impl Source {
    /// The word in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Annotation => "annotation",
            Self::Event => "event",
            Self::Lease => "lease",
            Self::ManagedFields => "managedFields",
        }
    }
}

/// Something that happened to an Election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When; by the API server's clock where it is hactl's or the server's own word, else by the clock of whoever said it.
    pub at: Timestamp,
    /// Where it comes from.
    pub source: Source,
    /// The id of the transfer that it was part of.
    pub id: Option<String>,
    /// Who did it, or says so: a person, a program, a field manager.
    pub who: Option<String>,
    /// Why, in the words of whoever did it.
    pub why: Option<String>,
    /// The identity that led before.
    pub from: Option<String>,
    /// The identity that led afterwards.
    pub to: Option<String>,
    /// By which method.
    pub method: Option<String>,
    /// For how long nobody led.
    pub leaderless: Option<Between>,
    /// What came of it, in few words.
    pub result: Option<String>,
    /// What else is to be known of it.
    pub note: Option<String>,
}

impl Happening {
    fn new(at: Timestamp, source: Source, result: &str) -> Self {
        Self {
            at,
            source,
            id: None,
            who: None,
            why: None,
            from: None,
            to: None,
            method: None,
            leaderless: None,
            result: Some(result.to_owned()),
            note: None,
        }
    }
}

impl Happening {
    /// Something that was seen to happen to the Lease itself.
    #[must_use]
    pub fn seen(at: Timestamp, result: &str) -> Self {
        Self::new(at, Source::Lease, result)
    }
}

impl From<Entry> for Happening {
    fn from(entry: Entry) -> Self {
        Self {
            at: entry.at,
            source: Source::Annotation,
            id: Some(entry.id),
            who: entry.who,
            why: entry.why,
            from: entry.from,
            to: entry.to,
            method: entry.method,
            leaderless: entry.leaderless,
            result: entry.result,
            note: None,
        }
    }
}

/// What is known of an Election's past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// In the order of time.
    pub items: Vec<Happening>,
    /// Entries of the ring that cannot be read.
    pub unreadable: usize,
}

impl History {
    /// Joins what the Lease and the Events about it tell, as of the instant `now` by the API server's clock.
    ///
    /// `free_since` is when it was seen that nobody holds the Lease any more, where that was seen.
    #[must_use]
    pub fn of(
        lease: Option<&LeaseRecord>,
        events: &[EventRecord],
        free_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let annotation = lease.and_then(|lease| lease.annotations.get(HISTORY_ANNOTATION));
        let ring = annotation.map(|text| Ring::parse(text)).unwrap_or_default();
        let entries = ring.entries();
        let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        let told = |event: &&EventRecord| event.reporter == HACTL && words(&event.note).any(|word| ids.contains(word));
        let mut items: Vec<_> = events.iter().filter(|event| !told(event)).filter_map(event).collect();
        if let Some(lease) = lease {
            items.extend(record::state(lease, free_since, now));
            items.extend(record::foreign_writes(lease, &entries));
        }
        items.extend(entries.into_iter().map(Happening::from));
        items.sort_by(|a, b| (a.at, a.source, &a.id, &a.result).cmp(&(b.at, b.source, &b.id, &b.result)));
        Self { items, unreadable: ring.unreadable() }
    }

    /// Leaves only what happened since this instant.
    pub fn since(&mut self, begin: Timestamp) {
        self.items.retain(|item| item.at >= begin);
    }
}

/// The words of a note: an id has letters, digits and hyphens.
fn words(note: &str) -> impl Iterator<Item = &str> {
    note.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
}

/// What an Event tells; nothing where it is not even dated.
fn event(event: &EventRecord) -> Option<Happening> {
    let mut happening = Happening::new(event.last?, Source::Event, &event.note);
    happening.who = Some(event.reporter.clone()).filter(|reporter| !reporter.is_empty());
    if event.reason == LEADER_ELECTION
        && let Some((identity, verb)) = change_of_leader(&event.note)
    {
        happening.result = Some(verb.to_owned());
        match verb {
            "became leader" => happening.to = Some(identity.to_owned()),
            _ => happening.from = Some(identity.to_owned()),
        }
    } else {
        happening.why = Some(event.reason.clone()).filter(|reason| !reason.is_empty());
    }
    if event.count > 1 {
        let since = event.first.map_or_else(String::new, |first| format!(" since {first:.0}"));
        happening.note = Some(format!("{} times{since}", event.count));
    }
    Some(happening)
}

/// `web-0_5a1e became leader`, `web-0_5a1e stopped leading`: an identity can be any text, blanks and all.
fn change_of_leader(note: &str) -> Option<(&str, &'static str)> {
    let verbs = ["became leader", "stopped leading"];
    verbs.into_iter().find_map(|verb| Some((note.strip_suffix(verb)?.strip_suffix(' ')?, verb)))
}

#[cfg(test)]
mod tests;
