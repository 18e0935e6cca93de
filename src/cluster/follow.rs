//! Follows one kind of object: list, then watch, for ever.
//!
//! The stream never ends by itself. A watch that the server ends is taken up where it stopped; one that has expired
//! (410) starts with a new list; a connection that is lost, or silent for longer than the server's bookmarks allow, is
//! made anew with a growing pause between tries. What happens is told, so that nobody takes an old state for a new one.

mod event;

use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures::AsyncBufReadExt;
use futures::stream::{self, Stream, StreamExt};
use jiff::Timestamp;
use tokio::time::Instant;

use self::event::Told;
use super::gather::Scope;
use super::list::{Query, list};
use super::{Failure, Reader};
use crate::clock;
use crate::error::Error;
use crate::model::snapshot::Object;
use crate::model::wire::{Shape, Wire};
use crate::model::{Key, Kind};

/// The API server sends a bookmark about once a minute: a watch that is silent for longer is dead.
const SILENCE: Duration = Duration::from_secs(90);

/// Pauses between tries grow from the first to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// A kind that may not be read is asked for again after this long: rights can be given.
const FORBIDDEN_PAUSE: Duration = Duration::from_secs(30);

/// What following a kind of object tells.
#[derive(Debug)]
pub enum Change {
    /// The whole list, new: everything known before is out of date. It was asked for at this instant, by the server's
    /// clock.
    Listed(Kind, Vec<Object>, Timestamp),
    /// An object was added or changed.
    Put(Object),
    /// An object is gone; this is what it was when it went. Between a lost watch and the next list an object may go, and
    /// another of the same name come, without being told here: then it is not in the list, or has another uid.
    Gone(Object),
    /// The connection is lost; it is being tried again.
    Lost(Kind, Error),
    /// The connection is back.
    Found(Kind),
    /// This kind may not be read.
    Unread(Kind, String, Error),
}

/// Follows the objects of one kind in `scope`.
pub fn follow<T: Wire>(reader: &Reader, scope: &Scope) -> Pin<Box<dyn Stream<Item = Change>>> {
    follow_all(reader, scope.query(T::KIND), Shape::of::<T>())
}

/// Follows one object by its name, whether it is there or not.
///
/// The server filters: a right that is limited to this name (`resourceNames`) is enough to list and to watch it
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources>).
pub fn follow_one<T: Wire>(reader: &Reader, key: &Key) -> Pin<Box<dyn Stream<Item = Change>>> {
    follow_all(reader, Query::one(key), Shape::of::<T>())
}

pub(super) fn follow_all(reader: &Reader, query: Query, shape: Shape) -> Pin<Box<dyn Stream<Item = Change>>> {
    let reader = reader.clone();
    let follower = Follower { reader, query, shape, phase: Phase::List, pause: PAUSES.0, lost: false };
    Box::pin(stream::unfold(follower, |mut follower| async move { Some((follower.next().await, follower)) }))
}

/// A watch is one line of JSON after the other.
type Lines = Pin<Box<dyn Stream<Item = io::Result<String>>>>;

enum Phase {
    List,
    Watch { version: String },
    Events { version: String, lines: Lines, since: Instant },
}

struct Follower {
    reader: Reader,
    query: Query,
    shape: Shape,
    phase: Phase,
    pause: Duration,
    lost: bool,
}

impl Follower {
    /// The next thing to tell.
    async fn next(&mut self) -> Change {
        loop {
            let told = match std::mem::replace(&mut self.phase, Phase::List) {
                Phase::List => self.list().await,
                Phase::Watch { version } => self.watch(version).await,
                Phase::Events { version, lines, since } => self.event(version, lines, since).await,
            };
            if let Some(change) = told {
                return change;
            }
        }
    }

    async fn list(&mut self) -> Option<Change> {
        let began = clock::local_now();
        match list(&self.reader, &self.query, self.shape).await {
            Ok(listed) => {
                self.phase = Phase::Watch { version: listed.version };
                self.lost = false;
                Some(Change::Listed(self.shape.kind, listed.objects, self.reader.now_at(began).at))
            }
            Err(failure) => Some(self.failed(failure, Phase::List).await),
        }
    }

    async fn watch(&mut self, version: String) -> Option<Change> {
        let answer = async {
            let request = self.query.watch(self.shape.kind, &version).map_err(kube::Error::BuildRequest)?;
            self.reader.client.request_stream(request).await
        };
        match self.reader.within(answer).await {
            Ok(text) => {
                self.phase = Phase::Events { version, lines: Box::pin(text.lines()), since: Instant::now() };
                std::mem::take(&mut self.lost).then_some(Change::Found(self.shape.kind))
            }
            Err(Failure { status: Some(410), .. }) => None,
            Err(failure) => Some(self.failed(failure, Phase::Watch { version }).await),
        }
    }

    async fn event(&mut self, version: String, mut lines: Lines, since: Instant) -> Option<Change> {
        // A watch that lasted was a good one; a server that ends each at once is not asked without a pause.
        if since.elapsed() > PAUSES.1 {
            self.pause = PAUSES.0;
        }
        let told = match tokio::time::timeout(SILENCE, lines.next()).await {
            Ok(Some(Ok(line))) => event::read(self.shape, &line),
            // Ended by the server after its own time, or cut, or silent.
            Ok(Some(Err(_)) | None) | Err(_) => Told::End,
        };
        let (change, version) = match told {
            Told::Put(object, version) => (Some(Change::Put(object)), version),
            Told::Gone(object, version) => (Some(Change::Gone(object)), version),
            Told::Bookmark(version) => (None, version),
            Told::Expired => {
                tokio::time::sleep(self.longer_pause()).await;
                return None;
            }
            Told::End => {
                tokio::time::sleep(self.longer_pause()).await;
                self.phase = Phase::Watch { version };
                return None;
            }
        };
        self.phase = Phase::Events { version, lines, since };
        change
    }

    async fn failed(&mut self, failure: Failure, again: Phase) -> Change {
        self.phase = again;
        if failure.status == Some(403) {
            if std::mem::replace(&mut self.lost, true) {
                tokio::time::sleep(FORBIDDEN_PAUSE).await;
            }
            return Change::Unread(self.shape.kind, failure.short, failure.error);
        }
        if std::mem::replace(&mut self.lost, true) {
            tokio::time::sleep(self.longer_pause()).await;
        }
        Change::Lost(self.shape.kind, failure.error)
    }

    fn longer_pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(PAUSES.1);
        pause
    }
}

#[cfg(test)]
mod tests;
