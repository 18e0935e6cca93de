//! Each workload's electors, judged one by one, and one verdict where all is well with them.

use super::super::election::{Elector, Elects};
use super::super::scene::Scene;
use super::super::verdict::{Outcome, Verdicts};

/// Judges the wanted electors of each workload, of those that elect or may. It passes where one of them is said to be fine
/// and none fails; else the first reason to skip stands for them all.
pub(super) fn each<'s, 'o>(
    scene: &'s Scene<'o>,
    verdicts: &mut Verdicts<'_>,
    wanted: impl Fn(&Elector<'o>) -> bool,
    mut judge: impl FnMut(&'s Elector<'o>, &mut Verdicts<'_>) -> bool,
) {
    for &workload in scene.workloads() {
        let electors = scene.electors().in_pods_of(workload).iter();
        let mut electors =
            electors.filter(|elector| elector.election.elects != Elects::No && wanted(elector)).peekable();
        if electors.peek().is_none() {
            verdicts.skip(workload.object, "nothing says that it elects a leader");
            continue;
        }
        let (before, mut fine) = (verdicts.given.len(), false);
        for elector in electors {
            fine |= judge(elector, verdicts);
        }
        let given = &mut verdicts.given;
        if given[before..].iter().any(|verdict| verdict.outcome == Outcome::Fail) {
            let judged = given.split_off(before);
            given.extend(judged.into_iter().filter(|verdict| verdict.outcome == Outcome::Fail));
        } else if fine {
            given.truncate(before);
            verdicts.pass(workload.object);
        } else {
            given.truncate(before + 1);
        }
    }
}

/// Whether it is known to elect.
pub(super) fn elects(elector: &Elector<'_>) -> bool {
    elector.election.elects == Elects::Yes
}
