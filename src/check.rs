//! JUDGEMENT: what stands in the way of the next failover, roll-out or drain. Objects in, verdicts out.
//!
//! The [catalogue] holds the checks: each is data, a page that explains it, and one pure function over a [`Scene`], the
//! objects as they were read with what belongs together. What a function says are [`Verdict`]s: pass, fail with evidence
//! and a fix, skipped with a reason, or unknown. Where the objects come from, live or from files, no check knows.
//!
//! Which checks are wanted, and how much they count, is a [`Selection`]; a failure does not count where its object is
//! annotated ([`ignore`]), or where it was there before ([`baseline`]).

pub mod baseline;
pub mod catalogue;
mod count;
pub mod document;
mod election;
pub mod ignore;
pub mod live;
pub mod needs;
mod program;
pub mod related;
mod rule;
pub mod scene;
pub mod selection;
pub mod verdict;
mod workload;

#[cfg(test)]
mod tests;

use crate::model::selector;

pub use catalogue::{Check, Severity};
pub use rule::rights::questions;
pub use scene::Scene;
pub use selection::{FailOn, Selection};
pub use verdict::{Outcome, Verdict, Waiver};

/// Judges a scene by these checks, in their order; the verdicts of one check in the order of the objects.
///
/// A check that asks for what could not be read says nothing but that: half of what there is would be half of a truth.
#[must_use]
pub fn judge<'c>(scene: &Scene<'_>, checks: impl IntoIterator<Item = &'c Check>) -> Vec<Verdict<'c>> {
    let mut all = Vec::new();
    for check in checks {
        let mut verdicts = verdict::Verdicts::new(check);
        scene.begin();
        (check.judge)(scene, &mut verdicts);
        if let Some(unread) = scene.missed() {
            verdicts = verdict::Verdicts::new(check);
            verdicts.unknown(unread);
        }
        all.extend(verdicts.given);
    }
    all
}
