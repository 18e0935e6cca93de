//! BEHAVIOUR: one state machine for each election library, without I/O, clock or randomness of its own.
//!
//! A [`Machine`] is told that it is time, what the API answered, or that the process is to end; it says which one
//! request to make, when to wake it, and whether it began or ceased to lead. Who drives it decides what time it is, and
//! gives each random draw: a simulator, a model checker, a planner or a process can drive the same machine.

pub mod catalogue;
pub mod client_go;
pub mod coordinated;
pub mod fabric8;
pub mod kube_leader_election;
pub mod kube_lease_manager;
pub mod kubert;
pub mod polling;
pub mod rule;
pub mod setup;

use std::hash::Hash;

use crate::model::Micros;
use crate::model::write::{Identity, Manager, Refusal, Spec, Version, Write};

/// What time it is, by a process's two clocks. Libraries differ in which they trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Now {
    /// The clock that timers run on.
    pub monotonic: Micros,
    /// The clock that stands in records: another process's may differ.
    pub wall: Micros,
}

/// What a machine is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The wake-up time that it asked for has come; at first: the process has started. While a request is under way, it
    /// is the request's own time limit, and no answer to it is to come any more.
    Wake,
    /// The answer to its last request.
    Answer(Answer),
    /// The process is to end (SIGTERM).
    Shutdown,
}

/// An answer of the API, or of the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The Lease that was asked for.
    Found(Spec, Version),
    /// The write is done, and this is the version.
    Written(Version),
    /// The API server says no; for a GET, that there is none.
    Rejected(Refusal),
    /// The request came to nothing.
    Failed(Failure),
}

/// How a request comes to nothing. (That no answer comes at all is noticed by a time limit.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Nobody listens: connection refused.
    Refused,
    /// The connection broke: reset by peer, or end of file. A write may have been done.
    Reset,
    /// The server answered with a 5xx.
    ServerError,
}

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// GET the Lease.
    Get,
    /// Write it, under this name.
    Write(Manager, Write),
}

/// What a machine does in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Output {
    /// The request to make. An earlier one without an answer is given up by it.
    pub request: Option<Request>,
    /// When to wake it next, by the monotonic clock, if nothing else happens before.
    pub wake: Option<Micros>,
    /// What this changes for the work that is led.
    pub event: Option<Event>,
}

impl Output {
    /// To be woken at that time, and nothing else.
    #[must_use]
    pub fn wake_at(at: Micros) -> Self {
        Self { wake: Some(at), ..Self::default() }
    }

    /// A request, and its time limit.
    #[must_use]
    pub fn request(request: Request, limit: Micros) -> Self {
        Self { request: Some(request), wake: Some(limit), event: None }
    }

    /// The same with an event.
    #[must_use]
    pub fn with(self, event: Option<Event>) -> Self {
        Self { event: event.or(self.event), ..self }
    }
}

/// What changes for the work that is led.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The process acts as the leader from now on.
    Started,
    /// It acts no more, and may again.
    Stopped,
    /// The elector has ended, and whatever it led with it: there is no further step.
    Exited,
}

/// Where random numbers come from.
pub trait Draws {
    /// A uniform draw from `low` to `high`, both included.
    fn between(&mut self, low: Micros, high: Micros) -> Micros;
}

/// One process's elector. A state is small, can be compared and hashed, and holds no float.
pub trait Machine: Clone + Eq + Hash {
    /// One step: nothing is allocated.
    fn step(&mut self, now: Now, input: Input, draws: &mut impl Draws) -> Output;
}

/// A library with its settings: how machines begin.
pub trait Settings: Copy {
    /// What begins with them.
    type Machine: Machine;

    /// Whether every write names the version that it was decided on, so that no two can believe they won.
    const GUARDED: bool;

    /// Whether it creates a Lease that is missing, or has to find one.
    const CREATES: bool;

    /// Whether a controller of the API server says who leads.
    const COORDINATED: bool = false;

    /// A process that is about to start. `process` is another number for each process, also where one takes over the
    /// identity of an earlier one.
    fn machine(&self, identity: Identity, process: u8) -> Self::Machine;

    /// The library's own validation.
    ///
    /// # Errors
    /// The rule that is broken, with its source.
    fn check(&self) -> Result<(), rule::Broken>;

    /// The rhythm of an undisturbed election.
    fn rhythm(&self) -> Rhythm;

    /// What it takes without a change of leader.
    fn tolerates(&self) -> Tolerance;
}

/// What an undisturbed election takes for certain, whatever the moment: by an API that answers at once. What a request
/// takes comes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// The longest time for which nobody can connect to the API (connection refused), after which the same leader still
    /// leads, has done so all the time, and never had another beside it.
    pub outage: Bound,
    /// How far a standby's wall clock may be ahead of the leader's, or be put ahead, before it can take a live Lease.
    pub skew: Bound,
}

/// How much of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// So much; with zero, any of it can be too much.
    UpTo(Micros),
    /// Any.
    Unlimited,
}

/// The rhythm of an undisturbed election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// How long the leader takes from one renewal to the next.
    pub renewal: Micros,
    /// How long a standby takes from one look to the next, on average.
    pub look: Micros,
    /// How long after everyone has started it still shows how they started.
    pub warm_up: Micros,
    /// How long a change can stay without a consequence that is still to come.
    pub settling: Micros,
}

#[cfg(test)]
mod relative;
#[cfg(test)]
mod tests;
