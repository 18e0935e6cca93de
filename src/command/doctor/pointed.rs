//! What the arguments point at: workloads among the objects, and Leases.

use crate::check::live::Live;
use crate::command::look::unselected;
use crate::error::{Error, Exit, Result};
use crate::model::election::without_lease;
use crate::model::near::likeness;
use crate::model::object::Object;
use crate::model::selection::{Target, Unselected, select};
use crate::model::{Election, Key, Workload, WorkloadKind};

/// So many names are said where nothing answers to one.
const NEAR: usize = 3;

/// What the arguments point at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pointed {
    /// Workloads, by their positions among the objects.
    pub(super) workloads: Vec<usize>,
    /// Their Leases.
    pub(super) leases: Vec<Key>,
}

/// What these targets point at.
///
/// # Errors
///
/// Where nothing answers to one of them, or several things do.
pub(super) fn point(
    targets: &[Target],
    live: &Live,
    objects: &[Object],
    namespace: Option<&str>,
    everywhere: bool,
) -> Result<Pointed> {
    let mut pointed = Pointed::default();
    for target in targets {
        let elections = &live.elections;
        let bare = without_lease(&live.snapshot, target, elections);
        let all: Vec<Election> = elections.iter().cloned().chain(bare).collect();
        match select(&all, target) {
            Ok(found) => found.into_iter().for_each(|at| pointed.add(&all[at], objects)),
            Err(Unselected::NotFound(near)) => {
                let found = of_that_name(objects, target);
                if found.is_empty() {
                    let near = if near.is_empty() { nearest(objects, target) } else { near };
                    let error = unselected(Unselected::NotFound(near), Some(target), namespace, everywhere);
                    // What was looked for may be in the part that could not be read.
                    let read = live.snapshot.unread.is_empty();
                    return Err(if read { error } else { Error { exit: Exit::Unknown, ..error } });
                }
                pointed.workloads.extend(found);
            }
            Err(why) => return Err(unselected(why, Some(target), namespace, everywhere)),
        }
    }
    pointed.workloads.sort_unstable();
    pointed.workloads.dedup();
    Ok(pointed)
}

impl Pointed {
    fn add(&mut self, election: &Election, objects: &[Object]) {
        self.leases.extend(election.lease.as_ref().map(|lease| lease.key.clone()));
        let Some(workload) = &election.workload else { return };
        let is = |object: &Object| {
            object.namespace.as_deref() == Some(&election.workload_namespace) && is_workload(object, workload)
        };
        self.workloads.extend(objects.iter().position(is));
    }

    /// The objects with those that are pointed at behind all others, and how many these are.
    pub(super) fn last(&self, mut objects: Vec<Object>) -> (Vec<Object>, usize) {
        let wanted: Vec<_> = self.workloads.iter().rev().map(|at| objects.remove(*at)).collect();
        let count = wanted.len();
        objects.extend(wanted);
        (objects, count)
    }
}

fn is_workload(object: &Object, workload: &Workload) -> bool {
    object.group() == "apps" && *object.kind == *workload.kind.as_str() && *object.name == *workload.name
}

/// Whether a target is the name of this workload.
pub(super) fn is_meant(object: &Object, target: &Target) -> bool {
    match target {
        Target::Workload(workload) => is_workload(object, workload),
        Target::Name(name) => &*object.name == name.as_str() && short(object).is_some(),
        Target::Lease(_) => false,
    }
}

/// Workloads that only manifests have.
fn of_that_name(objects: &[Object], target: &Target) -> Vec<usize> {
    (0..objects.len()).filter(|at| is_meant(&objects[*at], target)).collect()
}

/// What comes closest to a name.
fn nearest(objects: &[Object], target: &Target) -> Vec<String> {
    let wanted = match target {
        Target::Lease(name) | Target::Name(name) => name,
        Target::Workload(workload) => &workload.name,
    };
    let near = objects.iter().filter_map(|object| Some((likeness(wanted, &object.name)?, short(object)?)));
    let mut near: Vec<_> = near.collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    near.into_iter().take(NEAR).map(|(_, name)| name).collect()
}

/// `deploy/payments`.
pub(super) fn short(object: &Object) -> Option<String> {
    let kind = WorkloadKind::parse(&object.kind);
    let known = object.group() == "apps" && matches!(kind, WorkloadKind::Deployment | WorkloadKind::StatefulSet);
    known.then(|| Workload::new(kind, &*object.name).to_string())
}
