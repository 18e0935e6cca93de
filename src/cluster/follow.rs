//! Follows one kind of object: list, then watch, for ever.
//!
//! The stream never ends by itself. A watch that the server ends is taken up where it stopped; one that has expired
//! (410) starts with a new list; a connection that is lost, or silent for longer than the server's bookmarks allow, is
//! made anew with a growing pause between tries. What happens is told, so that nobody takes an old state for a new one.

use std::pin::Pin;
use std::time::Duration;

use futures::stream::{self, Stream, StreamExt};
use jiff::Timestamp;
use kube::core::WatchEvent;
use tokio::time::Instant;

use super::gather::Scope;
use super::list::{Query, list};
use super::{Failure, Reader};
use crate::clock;
use crate::error::Error;
use crate::model::snapshot::Object;
use crate::model::wire::Wire;
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
    follow_all::<T>(reader, scope.query(T::KIND))
}

/// Follows one object by its name, whether it is there or not.
///
/// The server filters: a right that is limited to this name (`resourceNames`) is enough to list and to watch it
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources>).
pub fn follow_one<T: Wire>(reader: &Reader, key: &Key) -> Pin<Box<dyn Stream<Item = Change>>> {
    follow_all::<T>(reader, Query::one(key))
}

pub(super) fn follow_all<T: Wire>(reader: &Reader, query: Query) -> Pin<Box<dyn Stream<Item = Change>>> {
    let reader = reader.clone();
    let follower = Follower::<T> { reader, query, phase: Phase::List, pause: PAUSES.0, lost: false };
    Box::pin(stream::unfold(follower, |mut follower| async move { Some((follower.next().await, follower)) }))
}

type Events<T> = Pin<Box<dyn Stream<Item = kube::Result<WatchEvent<T>>>>>;

enum Phase<T> {
    List,
    Watch { version: String },
    Events { version: String, events: Events<T>, since: Instant },
}

struct Follower<T> {
    reader: Reader,
    query: Query,
    phase: Phase<T>,
    pause: Duration,
    lost: bool,
}

impl<T: Wire> Follower<T> {
    /// The next thing to tell.
    async fn next(&mut self) -> Change {
        loop {
            let told = match std::mem::replace(&mut self.phase, Phase::List) {
                Phase::List => self.list().await,
                Phase::Watch { version } => self.watch(version).await,
                Phase::Events { version, events, since } => self.event(version, events, since).await,
            };
            if let Some(change) = told {
                return change;
            }
        }
    }

    async fn list(&mut self) -> Option<Change> {
        let began = clock::local_now();
        match list::<T>(&self.reader, &self.query).await {
            Ok(listed) => {
                self.phase = Phase::Watch { version: listed.version };
                self.lost = false;
                Some(Change::Listed(T::KIND, listed.objects, self.reader.now_at(began).at))
            }
            Err(failure) => Some(self.failed(failure, Phase::List).await),
        }
    }

    async fn watch(&mut self, version: String) -> Option<Change> {
        let answer = async {
            let request = self.query.watch::<T>(&version).map_err(kube::Error::BuildRequest)?;
            self.reader.client.request_events::<T>(request).await
        };
        match self.reader.within(answer).await {
            Ok(events) => {
                self.phase = Phase::Events { version, events: Box::pin(events), since: Instant::now() };
                std::mem::take(&mut self.lost).then_some(Change::Found(T::KIND))
            }
            Err(Failure { status: Some(410), .. }) => None,
            Err(failure) => Some(self.failed(failure, Phase::Watch { version }).await),
        }
    }

    async fn event(&mut self, version: String, mut events: Events<T>, since: Instant) -> Option<Change> {
        // A watch that lasted was a good one; a server that ends each at once is not asked without a pause.
        if since.elapsed() > PAUSES.1 {
            self.pause = PAUSES.0;
        }
        let (change, version) = match tokio::time::timeout(SILENCE, events.next()).await {
            Ok(Some(Ok(WatchEvent::Added(object) | WatchEvent::Modified(object)))) => {
                let version = object.resource_version().to_owned();
                (Some(Change::Put(object.into_object())), version)
            }
            Ok(Some(Ok(WatchEvent::Deleted(object)))) => {
                let version = object.resource_version().to_owned();
                (Some(Change::Gone(object.into_object())), version)
            }
            Ok(Some(Ok(WatchEvent::Bookmark(bookmark)))) => (None, bookmark.metadata.resource_version),
            // Expired, or anything else that the server has against this version: the list is read anew.
            Ok(Some(Ok(WatchEvent::Error(_)) | Err(kube::Error::Api(_)))) => {
                tokio::time::sleep(self.longer_pause()).await;
                return None;
            }
            // Ended by the server after its own time, or cut, or silent: the watch goes on where it stopped.
            Ok(Some(Err(_)) | None) | Err(_) => {
                tokio::time::sleep(self.longer_pause()).await;
                self.phase = Phase::Watch { version };
                return None;
            }
        };
        self.phase = Phase::Events { version, events, since };
        change
    }

    async fn failed(&mut self, failure: Failure, again: Phase<T>) -> Change {
        self.phase = again;
        if failure.status == Some(403) {
            if std::mem::replace(&mut self.lost, true) {
                tokio::time::sleep(FORBIDDEN_PAUSE).await;
            }
            return Change::Unread(T::KIND, failure.short, failure.error);
        }
        if std::mem::replace(&mut self.lost, true) {
            tokio::time::sleep(self.longer_pause()).await;
        }
        Change::Lost(T::KIND, failure.error)
    }

    fn longer_pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 2).min(PAUSES.1);
        pause
    }
}

#[cfg(test)]
mod tests;
