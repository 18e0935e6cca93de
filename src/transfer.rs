//! THE MOVE: the protocols by which hactl moves leadership, and the plan that is made before one runs.
//!
//! A [`Machine`] is the protocol itself, without I/O, clock or randomness: it is told what the Lease and the old leader's
//! Pod look like, and says which one request to make and when to wake it. What the planner plays through in virtual time
//! and the model checker explores is what runs. [`Terms`] are what it has to know beforehand.
//!
//! There are three methods. **Hand-over** fences the Lease (its holder is then hactl's own, and nobody else's), waits until
//! the old leader is provably off, and names the next one. **Evict** ends the old leader's Pod, and writes nothing before
//! its containers are reported terminated. **Prefer** asks the leader of a coordinated election to yield, where
//! its controller would then name another. Every write names the
//! version of the Lease that it was decided on, so that it changes nothing that hactl has not seen.

mod bound;
mod machine;
mod method;
pub mod moments;
mod names;
mod nominee;
pub mod plan;
pub mod repair;
pub mod rights;
pub mod scheme;
pub mod target;
mod terms;
mod word;
mod words;

pub use machine::Machine;
pub use method::{Assumed, Method, Unfit};
pub use names::{Names, micros};
pub use terms::{Fence, Freeing, Proof, Terms, Way};
pub use word::{Answer, Awaited, Body, Doubt, End, Input, No, Output, Request, Sight, Step, Told, Why};

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
