//! TIME: elections in a world of their own, with a seed, event by event.
//!
//! A [`Scenario`] says who takes part and what goes wrong; a [`Simulator`] plays it, one trial after the other, with the
//! machines of [`elector`](crate::elector) against the writes of [`model::write`](crate::model::write); an [`Outcome`]
//! counts what the trials cost. Trial *n* of a seed is the same on every machine, alone or among others.

mod api;
pub mod contender;
mod coordinator;
mod effect;
mod fault;
mod measure;
mod mover;
mod outcome;
pub mod plan;
pub mod prediction;
pub mod question;
mod random;
mod replacement;
mod replica;
mod scenario;
mod spread;
pub mod sweep;
mod tale;
pub mod tuning;
mod world;

pub use fault::{Drain, Fault, Lasting, Latency, Met, NodeLoss, Outage, Restart, Span, Tampering, Then};
pub use measure::{Moment, Story, Trial, What};
pub use mover::{Move, Moved};
pub use outcome::{Outcome, Sample};
pub use random::Random;
pub use replacement::Replacement;
pub use scenario::Scenario;
pub use spread::{Distribution, Interval, Share, Spread};
pub use tale::timeline;
pub use world::Simulator;

use crate::elector::Settings;

/// Plays a scenario that many times.
#[must_use]
pub fn run<S: Settings>(scenario: &Scenario<S>, trials: u64, seed: u64) -> Outcome {
    let mut sample = Sample::default();
    let mut simulator = Simulator::new(scenario);
    for trial in 0..trials {
        sample.add(&simulator.trial(Random::stream(seed, trial), &mut ()));
    }
    sample.outcome()
}

#[cfg(test)]
mod tests;
