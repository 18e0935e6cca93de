//! Who takes part, and what goes wrong.

use crate::elector::Settings;
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Spec, Write};

/// A scenario: an undisturbed election, and then a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario<S> {
    /// The elector of every replica.
    pub settings: S,
    /// How many replicas beside the leader.
    pub standbys: u8,
    /// What happens.
    pub fault: Fault,
    /// What a request takes.
    pub latency: Latency,
    /// By how much each replica's wall clock is ahead of the API server's, the first leader's first; those that are not
    /// named are right.
    pub clocks: Vec<Micros>,
    /// Whether a process that ended by itself is started again in place.
    pub restart: Option<Restart>,
    /// How long after the fault the story ends at the latest.
    pub horizon: Micros,
}

impl<S: Settings> Scenario<S> {
    /// One standby, equal clocks, an API that answers at once, and nothing that is restarted; ten minutes, or more where
    /// the timing is that slow.
    #[must_use]
    pub fn new(settings: S, fault: Fault) -> Self {
        Self {
            settings,
            standbys: 1,
            fault,
            latency: Latency::NONE,
            clocks: Vec::new(),
            restart: None,
            horizon: Micros::from_secs(600).max(settings.rhythm().settling * 3),
        }
    }
}

/// What a request takes on its way, and its answer on the way back: a uniform draw for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// At least.
    pub low: Micros,
    /// At most.
    pub high: Micros,
}

impl Latency {
    /// None at all.
    pub const NONE: Self = Self { low: Micros::ZERO, high: Micros::ZERO };
}

/// How a container comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// After how long.
    pub after: Micros,
    /// Whether the new process has the identity of the old one, as with a host name, or its own, as with a UUID.
    pub same_identity: bool,
}

/// What happens to the leader, to the API, or to the Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: what clocks and latency do by themselves.
    Nothing,
    /// The leader's process is gone.
    Crash,
    /// The leader's process is gone, and its container comes back.
    CrashRestart(Restart),
    /// The leader is asked to end. Whether it gives the Lease up is its settings' matter.
    Shutdown,
    /// The leader cannot reach the API.
    Partition(Outage),
    /// Nobody can reach the API.
    Outage(Outage),
    /// The leader's process stands still for so long, as in a pause for garbage collection.
    Freeze(Micros),
    /// Everyone's wall clock but the leader's is put forward by so much.
    Skew(Micros),
    /// Someone else writes to the Lease.
    Write(Tampering),
}

/// An API out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// For how long.
    pub lasting: Micros,
    /// How it is met.
    pub met: Met,
}

/// How an API out of reach is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Nobody listens.
    Refused,
    /// Connections break: the usual face of an API server that restarts behind a balancer.
    Reset,
    /// No answer, ever: also not when the outage is over.
    Hang,
}

/// What someone else writes to a held Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// The first standby as the holder, freshly renewed.
    Holder,
    /// A holder that is nobody, freshly renewed.
    Sentinel,
    /// An empty holder.
    Clear,
    /// A null holder.
    ClearNull,
    /// Everything null but the transitions.
    ClearAll,
    /// Nothing: the Lease is deleted.
    Delete,
    /// A lease duration of so many seconds.
    Duration(i32),
}

impl Tampering {
    /// The write that it is, for a Lease like `before`, at this time of the API server's clock.
    #[must_use]
    pub(super) fn write(self, before: &Spec, wall: Micros) -> Write {
        let keep = Fields::default();
        let transitions = Change::Set(before.transitions.unwrap_or(0).saturating_add(1));
        let handed = |to| Fields {
            holder: Change::Set(to),
            acquired: Change::Set(wall),
            renewed: Change::Set(wall),
            transitions,
            ..keep
        };
        let fields = match self {
            Self::Holder => handed(Identity::of(1)),
            Self::Sentinel => handed(Identity::NOBODY),
            Self::Clear => Fields { holder: Change::Set(Identity::EMPTY), ..keep },
            Self::ClearNull => Fields { holder: Change::Null, ..keep },
            Self::ClearAll => Fields::RELEASED,
            Self::Delete => return Write::Delete { version: None },
            Self::Duration(seconds) => Fields { duration: Change::Set(seconds), ..keep },
        };
        Write::Patch { fields, version: None }
    }
}
