//! Everything that is tried.

use std::collections::BTreeMap;

use super::{Course, Kind, Point};
use crate::cell::{Library, Method, Setup, Timing};
use crate::support::gate::Act;

/// What becomes of a write.
const ACTS: [Act; 9] = [
    Act::Answer(409, "the object has been modified"),
    Act::Answer(429, "too many requests"),
    Act::Answer(500, "etcdserver: request timed out"),
    Act::ResetBefore,
    Act::ResetAfter,
    Act::HangBefore,
    Act::HangAfter,
    Act::KillBefore,
    Act::KillAfter,
];

/// So many requests no run makes.
const REQUESTS: usize = 48;

/// The elections and methods, and how thoroughly each is tried.
fn pairs() -> Vec<(Setup, Method, Effort)> {
    use Effort::{EachRequest, Full, Rivals};
    use Library::{ClientGo, KubeLeaseManager08, KubeLeaseManager013, Kubert, Manager};
    use Method::{Evict, HandOver};
    let (deadline, grace, kubert) = (Timing::Deadline(6, 4, 1), Timing::Grace(8, 3), Timing::Grace(6, 1));
    vec![
        (Setup::new(ClientGo, deadline), Evict, EachRequest),
        (Setup::new(ClientGo, deadline), HandOver, Full),
        (Setup::new(ClientGo, deadline).releasing(), HandOver, Rivals),
        (Setup::new(Manager, deadline), Evict, Rivals),
        (Setup::new(Manager, deadline).releasing(), Evict, Rivals),
        (Setup::new(KubeLeaseManager08, grace), HandOver, Rivals),
        (Setup::new(KubeLeaseManager013, grace), HandOver, EachRequest),
        (Setup::new(KubeLeaseManager013, grace), Evict, Rivals),
        (Setup::new(Kubert, kubert), HandOver, Full),
    ]
}

/// How thoroughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    /// What others do.
    Rivals,
    /// That, and all that can become of a write.
    Full,
    /// That, and a death at every single request.
    EachRequest,
}

/// All of them; in the long mode `many` of each sort, over all elections and writes together.
pub(crate) fn courses(many: Option<usize>) -> Vec<Course> {
    let all: Vec<_> = pairs()
        .into_iter()
        .map(|(setup, method, effort)| {
            let effort = if many.is_some() && effort == Effort::Rivals { Effort::Full } else { effort };
            Course { setup, method, kinds: kinds(setup, method, effort) }
        })
        .collect();
    let Some(many) = many else { return all };
    let mut each: BTreeMap<String, usize> = BTreeMap::new();
    for kind in all.iter().flat_map(|course| &course.kinds) {
        *each.entry(kind.sort()).or_default() += 1;
    }
    let times = |kind: &Kind| match kind {
        Kind::Request { at: Point::Number(_), .. } => 1,
        kind => many.div_ceil(each[&kind.sort()]),
    };
    let longer = all.iter().map(|course| {
        let kinds = course.kinds.iter().flat_map(|kind| std::iter::repeat_n(kind.clone(), times(kind))).collect();
        Course { kinds, ..*course }
    });
    longer.collect()
}

/// Every kind comes at least twice among all elections.
fn kinds(setup: Setup, method: Method, effort: Effort) -> Vec<Kind> {
    let steps: &[&str] = match (method, setup.library.exits()) {
        (Method::HandOver, true) => &["fence", "renew", "hand-over", "record", "event"],
        (Method::HandOver, false) => &["fence", "hand-over", "record", "event"],
        (Method::Evict, _) => &["evict", "hand-over", "record", "event"],
    };
    let mut kinds = Vec::new();
    let first = steps[0];
    if effort != Effort::Rivals {
        for step in steps {
            // What only records changes nothing else: that hactl outlives its loss is seen with one kind of it.
            let acts = if matches!(*step, "record" | "event") { &ACTS[2..4] } else { &ACTS[..] };
            // There is one elector whose fence is renewed, and one that is evicted.
            let times = if matches!(*step, "renew" | "evict") { 2 } else { 1 };
            let each = acts.iter().map(|act| Kind::Request { at: Point::Step(step), act: act.clone() });
            kinds.extend((0..times).flat_map(|_| each.clone()));
        }
        kinds.push(Kind::Always { step: first, act: Act::Answer(500, "etcdserver: no leader") });
        kinds.push(Kind::Always { step: first, act: Act::HangBefore });
    }
    if effort == Effort::EachRequest {
        let acts = [Act::KillBefore, Act::KillAfter];
        let numbers = (0..REQUESTS).flat_map(|number| acts.clone().map(|act| (number, act)));
        kinds.extend(numbers.map(|(number, act)| Kind::Request { at: Point::Number(number), act }));
    }
    if setup.library != Library::Manager {
        kinds.extend([Kind::TargetDies, Kind::TwoAtOnce]);
    }
    if method == Method::HandOver {
        kinds.extend([Kind::OldDeleted, Kind::LeaderCut]);
    }
    if method == Method::Evict || setup.library.exits() {
        kinds.push(Kind::BudgetRefuses { hidden: false });
    }
    if method == Method::Evict {
        kinds.push(Kind::BudgetRefuses { hidden: true });
    }
    kinds
}

#[test]
fn in_the_long_mode_there_are_so_many_of_each_sort() {
    let mut each: BTreeMap<String, usize> = BTreeMap::new();
    for kind in courses(Some(100)).iter().flat_map(|course| &course.kinds) {
        *each.entry(kind.sort()).or_default() += 1;
    }
    assert!(each.len() > 15 && each.values().all(|count| *count >= 90), "{each:?}");
}
