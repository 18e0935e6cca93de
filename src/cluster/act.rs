//! Writes. [`Writer`] writes, [`Rehearsal`] has the server check the same writes and store nothing, and a [`Reader`]
//! can do neither.
//!
//! Every write names the version or the uid that it was decided on, is sent once and never repeated, and ends in one of
//! four ways: done, or [`Unwritten`].

mod body;
mod request;

use std::fmt;

use super::{Failure, Reader};
use crate::model::event::EventDraft;
use crate::model::{Key, LeasePatch, LeaseRecord};
use request::Sender;

/// Proof that a person, or `--yes`, has agreed to what is about to be written.
///
/// Only `command::agree` makes one; `tests/architecture.rs` keeps that true. Who agrees to several writes at once agrees to
/// each of them.
#[derive(Clone, Debug)]
pub struct Consent(());

impl Consent {
    /// The command line says `--yes`.
    #[must_use]
    pub fn by_flag() -> Self {
        Self(())
    }

    /// What a person has answered.
    #[must_use]
    pub fn by_answer(agreed: bool) -> Option<Self> {
        agreed.then_some(Self(()))
    }
}

/// Writes to one cluster.
pub struct Writer(Sender);

impl Writer {
    /// Writes where `reader` reads, now that there is consent.
    #[must_use]
    pub fn new(reader: Reader, _: Consent) -> Self {
        Self(Sender { reader, rehearsed: false })
    }
}

/// Has the API server check writes (admission, validation, versions, budgets) without storing anything: `dryRun=All`.
pub struct Rehearsal(Sender);

impl Rehearsal {
    /// Rehearses where `reader` reads.
    #[must_use]
    pub fn new(reader: Reader) -> Self {
        Self(Sender { reader, rehearsed: true })
    }
}

/// The writes that moving leadership takes, in earnest or rehearsed.
pub trait Pen {
    /// Changes a Lease if it is still what the patch was decided on; tells what it is now.
    ///
    /// # Errors
    ///
    /// [`Refused::Stale`] where the Lease has changed since.
    fn patch(&self, lease: &Key, patch: &LeasePatch) -> impl Future<Output = Result<LeaseRecord, Unwritten>>;

    /// Deletes a Pod if its disruption budget has room for that. Who has this right may lack the one to delete.
    ///
    /// # Errors
    ///
    /// [`Refused::Budget`] where there is no room, [`Refused::Gone`] where the Pod of that name is another one. Of that an
    /// API server takes note after it has counted the disruption: the budget is smaller by one until the server finds,
    /// within two minutes, that nothing was disrupted (`k8s.io/kubernetes/pkg/registry/core/pod/storage/eviction.go`).
    fn evict(&self, pod: &Key, uid: &str) -> impl Future<Output = Result<(), Unwritten>>;

    /// Deletes a Pod, whatever its disruption budget says, with the time to end that the Pod asks for.
    ///
    /// # Errors
    ///
    /// [`Refused::Gone`] where the Pod of that name is another one.
    fn delete(&self, pod: &Key, uid: &str) -> impl Future<Output = Result<(), Unwritten>>;

    /// Tells the cluster what happened.
    ///
    /// # Errors
    ///
    /// Any [`Unwritten`]; nothing depends on an Event.
    fn record(&self, event: &EventDraft) -> impl Future<Output = Result<(), Unwritten>>;
}

impl Pen for Writer {
    async fn patch(&self, lease: &Key, patch: &LeasePatch) -> Result<LeaseRecord, Unwritten> {
        self.0.patch(lease, patch).await
    }
    async fn evict(&self, pod: &Key, uid: &str) -> Result<(), Unwritten> {
        self.0.evict(pod, uid).await
    }
    async fn delete(&self, pod: &Key, uid: &str) -> Result<(), Unwritten> {
        self.0.delete(pod, uid).await
    }
    async fn record(&self, event: &EventDraft) -> Result<(), Unwritten> {
        self.0.record(event).await
    }
}

impl Pen for Rehearsal {
    async fn patch(&self, lease: &Key, patch: &LeasePatch) -> Result<LeaseRecord, Unwritten> {
        self.0.patch(lease, patch).await
    }
    async fn evict(&self, pod: &Key, uid: &str) -> Result<(), Unwritten> {
        self.0.evict(pod, uid).await
    }
    async fn delete(&self, pod: &Key, uid: &str) -> Result<(), Unwritten> {
        self.0.delete(pod, uid).await
    }
    async fn record(&self, event: &EventDraft) -> Result<(), Unwritten> {
        self.0.record(event).await
    }
}

/// Why it is not known that something was written.
#[derive(Clone, Debug)]
pub enum Unwritten {
    /// The server said no: nothing was changed.
    Refused {
        /// What it has against it.
        why: Refused,
        /// The same in words.
        failure: Failure,
    },
    /// There was no answer, or none that tells: it may have been done. The failure ends a run with
    /// [`Exit::Indeterminate`](crate::error::Exit::Indeterminate).
    Unknown(Failure),
    /// It was never sent, because no connection could be made or nobody could log in: nothing was changed.
    Never(Failure),
}

/// What the server has against a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// 409: it has changed since it was read.
    Stale,
    /// 404, or another of the same name stands there (409 or 422, about the uid).
    Gone,
    /// A disruption budget has no room, or the server cannot tell which budget counts: in the server's own words, which
    /// name what the budget needs.
    Budget(String),
    /// 429, from a server that is overloaded.
    Overloaded,
    /// 403: a right is missing, or a policy of the cluster is against it.
    Forbidden,
    /// 400 or 422: no such object may be stored.
    Invalid,
    /// Anything else, such as credentials that are not accepted.
    Other,
}

impl Unwritten {
    /// The failure in words.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Refused { failure, .. } | Self::Unknown(failure) | Self::Never(failure) => failure,
        }
    }

    /// What the server has against it, if it said so.
    #[must_use]
    pub fn refused(&self) -> Option<&Refused> {
        if let Self::Refused { why, .. } = self { Some(why) } else { None }
    }
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure().error.fmt(f)
    }
}
