//! Who takes part, in what surroundings.

use super::fault::{Fault, Latency, Restart, Span, Then};
use crate::elector::Settings;
use crate::model::Micros;

/// A scenario: an undisturbed election, and then a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario<S> {
    /// The elector of every replica.
    pub settings: S,
    /// How many replicas beside the leader.
    pub standbys: u8,
    /// What happens.
    pub fault: Fault,
    /// What happens after that.
    pub then: Option<Then>,
    /// What a request takes.
    pub latency: Latency,
    /// How many requests in a million the API answers with a 5xx, from the fault on. The trial then lasts up to the
    /// horizon, for any of them may be followed by something.
    pub errors: u32,
    /// By how much each replica's wall clock is ahead of the API server's, the first leader's first; those that are not
    /// named are right.
    pub clocks: Vec<Micros>,
    /// By how many parts in a million each replica's clocks run fast, both of them, in the same order, from the start
    /// of the first replica on. With these too a trial lasts up to the horizon.
    pub rates: Vec<i32>,
    /// Whether a process that ended by itself is started again in place.
    pub restart: Option<Restart>,
    /// What a container takes to start once it is restarted, or its Pod replaced: from its beginning to its elector's.
    pub start_up: Span,
    /// What a process takes, once it leads, to do the work: whenever nobody acted before.
    pub warmup: Span,
    /// What else passes, one after the other, before the work's effect is seen again: a tick of some loop, a scrape.
    pub phases: Vec<Span>,
    /// Whether there is the candidate of a process that ended before, and that the controller of a coordinated election
    /// would rather have: for half an hour it goes on asking.
    pub haunted: bool,
    /// How long after the fault the story ends at the latest.
    pub horizon: Micros,
}

impl<S: Settings> Scenario<S> {
    /// One standby, equal clocks, an API that answers at once, work that begins at once, and nothing that is restarted;
    /// ten minutes, or more where the timing is that slow.
    #[must_use]
    pub fn new(settings: S, fault: Fault) -> Self {
        Self {
            settings,
            standbys: 1,
            fault,
            then: None,
            latency: Latency::NONE,
            errors: 0,
            clocks: Vec::new(),
            rates: Vec::new(),
            restart: None,
            start_up: Span::NONE,
            warmup: Span::NONE,
            phases: Vec::new(),
            haunted: false,
            horizon: Micros::from_secs(600).max(settings.rhythm().settling * 3),
        }
    }

    /// How many replicas start only later.
    pub(super) fn spares(&self) -> u8 {
        let spare = |fault| match fault {
            Fault::Join => true,
            Fault::NodeLoss(loss) => loss.replaced.is_some(),
            Fault::Move(moving) => moving.replaced.is_some() && !moving.terms.returns,
            _ => false,
        };
        u8::from(spare(self.fault)) + u8::from(self.then.is_some_and(|then| spare(then.fault)))
    }
}
