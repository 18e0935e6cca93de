//! What a protocol is told, what it asks for, and how it ends.

use crate::model::Micros;
use crate::model::write::{Fields, Identity, Manager, Spec, Stored, Version};

/// What a protocol is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The time that it asked for has come; at first: begin.
    Wake,
    /// What the Lease looks like by now; `None` where there is none.
    Lease(Option<Sight>),
    /// What became of the old leader's Pod.
    Pod(Body),
    /// What came of the last request. Every request is answered: whoever makes it bounds it.
    Answer(Answer),
    /// The person wants it to end.
    Interrupt,
}

/// A Lease as it was read or stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sight {
    /// Its fields.
    pub spec: Spec,
    /// Its version; a later one is greater.
    pub version: Version,
    /// Under whose name `renewTime` was written, as far as that is recorded.
    pub renewer: Option<Manager>,
}

impl Sight {
    /// What whoever reads it sees.
    #[must_use]
    pub fn of(stored: &Stored) -> Self {
        Self { spec: stored.spec, version: stored.version, renewer: stored.renewer() }
    }
}

/// What is known of the old leader's Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// Its process runs, for all that is known.
    Running,
    /// It was told to end, and may run until it has.
    Terminating,
    /// The process that led has ended, and its container comes back.
    Exited,
    /// It was told to end, and all its containers are reported terminated: none comes back.
    Ended,
    /// The Pod is gone, and nobody has reported the end of its containers: its node may be out of reach.
    Lost,
    /// Another Pod has its name.
    Replaced,
}

impl Body {
    /// Whether the process that led can act no more.
    #[must_use]
    pub fn off(self) -> bool {
        matches!(self, Self::Exited | Self::Ended)
    }
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The Lease that was asked for; `None` where there is none.
    Lease(Option<Sight>),
    /// The write is done, and this is stored.
    Written(Sight),
    /// The eviction is accepted.
    Accepted,
    /// The Pod that was asked for.
    Pod(Body),
    /// Whether the old leader says that it leads; `None` where it did not answer.
    Leads(Option<bool>),
    /// The server said no; nothing was changed.
    Refused(No),
    /// No answer, or none that tells: it may have been done.
    Lost,
}

/// Why a server said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum No {
    /// It has another version by now.
    Stale,
    /// It is not there, or is another one by now.
    Gone,
    /// A disruption budget has no room.
    Budget,
    /// Not allowed, or not valid: it would not help to ask again.
    Never,
    /// It was not even asked, or is too busy: it can be asked again.
    Later,
    /// It was not asked: who was to be named is gone.
    Target,
}

/// What a protocol asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// GET the Lease.
    Lease,
    /// GET the old leader's Pod.
    Pod,
    /// Ask the old leader whether it leads.
    Ask,
    /// PATCH the Lease.
    Write {
        /// What for.
        step: Step,
        /// What is to change.
        fields: Fields,
        /// The version that it was decided on.
        version: Version,
    },
    /// End the old leader's Pod, and no other one.
    Evict,
}

/// What a write is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Keep everyone from the Lease.
    Fence,
    /// Keep on doing so.
    Renew,
    /// Name the next leader.
    HandOver,
    /// Let anyone take the Lease.
    Free,
    /// Ask the controller for another leader.
    Prefer,
    /// Put the old leader's name back.
    TakeBack,
    /// Ask for no other leader any more.
    Relent,
}

/// What a protocol does in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Output {
    /// The request to make.
    pub request: Option<Request>,
    /// When to wake it, by the monotonic clock, if nothing else happens before.
    pub wake: Option<Micros>,
    /// What is new.
    pub told: Option<Told>,
    /// How it has ended: there is no further step.
    pub end: Option<End>,
}

/// What is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// A write is stored.
    Stored(Step),
    /// The eviction is accepted.
    Evicting,
    /// The old leader's Pod ends, and it was someone else who ended it.
    Ending,
    /// The old leader has dated the fence.
    Acknowledged,
    /// The old leader says that it leads no more.
    Denied,
    /// The process that led has ended.
    Ended,
    /// The old leader gave the Lease up.
    Released,
    /// The Pod is gone, and nobody reported its end.
    Lost,
    /// Someone else wrote this holder.
    Foreign(Option<Identity>),
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Awaited {
    /// A moment at which the fence may go up.
    Quiet,
    /// That the old leader is off.
    Proof,
    /// The end of the old leader's Pod.
    End,
    /// The next leader.
    Leader,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The wanted one leads, or anyone where nobody was wanted.
    Done(Identity),
    /// It did so before anything was done.
    Already,
    /// Nothing was changed.
    Refused(Why),
    /// The person ended it before anything was changed.
    Interrupted,
    /// Another leads than the wanted one.
    Elsewhere(Identity),
    /// Something was changed, and what came of it was not seen.
    Unknown(Doubt),
}

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// There is no Lease.
    Missing,
    /// Someone else holds it, or nobody.
    Holder(Option<Identity>),
    /// It has run out: nobody is there to be moved.
    Expired,
    /// The old leader's Pod is gone, or its process has ended.
    Pod,
    /// A disruption budget has no room.
    Budget,
    /// The server does not allow it.
    Denied,
    /// The Lease changed under every try, or the server never answered.
    Time,
}

/// What was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// Nobody has led by the time that there was.
    Time,
    /// The old leader did not date the fence in time: it is cut off, and may act for ever.
    CutOff,
    /// The old leader has dated the fence, and has not said that it leads no more.
    Acts,
    /// The person ended it.
    Interrupted,
    /// The person ended it, and the old leader's name stands in the Lease again.
    TakenBack,
    /// The server allowed one write and not the next.
    Denied,
    /// The Lease was deleted meanwhile.
    Missing,
    /// The old leader leads on: someone else put its name back.
    Restored,
    /// The controller named nobody else, and is asked for nobody any more.
    Unheard,
}
