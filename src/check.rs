//! JUDGEMENT: what stands in the way of the next failover, roll-out or drain. Objects in, verdicts out.
//!
//! The [catalogue] holds the checks: each is data, a page that explains it, and one pure function over a [`Scene`], the
//! objects as they were read with what belongs together. What a function says are [`Verdict`]s: pass, fail with evidence
//! and a fix, skipped with a reason, or unknown. Where the objects come from, live or from files, no check knows.

pub mod catalogue;
mod count;
mod rule;
pub mod scene;
mod selector;
pub mod verdict;
mod workload;

#[cfg(test)]
mod tests;

pub use catalogue::{Check, Severity};
pub use scene::Scene;
pub use verdict::{Outcome, Verdict};

/// Judges a scene by these checks, in their order; the verdicts of one check in the order of the objects.
#[must_use]
pub fn judge<'c>(scene: &Scene<'_>, checks: impl IntoIterator<Item = &'c Check>) -> Vec<Verdict<'c>> {
    let mut all = Vec::new();
    for check in checks {
        let mut verdicts = verdict::Verdicts::new(check);
        (check.judge)(scene, &mut verdicts);
        all.extend(verdicts.given);
    }
    all
}
