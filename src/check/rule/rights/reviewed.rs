//! What the API server says of the rights of who elects: it is asked what would be reckoned, and its word counts.

use std::collections::BTreeSet;

use super::electing::{self, Electing, verbs};
use super::missing::{asked, missing};
use crate::access::Scope;
use crate::check::scene::Scene;
use crate::model::object::Object;
use crate::model::review::Question;
use crate::model::{Key, Right};

/// The verbs that are missing, as the API server says; `None` where it was not asked, or has not told.
pub(super) fn told<'o>(scene: &Scene<'o>, electing: &Electing<'_, 'o>) -> Option<Vec<&'static str>> {
    let answers = scene.answers?;
    let name = missing(scene, electing).ok().and_then(|(_, name)| name);
    let mut lacks = Vec::new();
    for verb in verbs(electing.library) {
        if !*answers.get(&question(electing, verb, name)?)? {
            lacks.push(*verb);
        }
    }
    Some(lacks)
}

/// What the API server can be asked about an elector; `None` where a namespace is not known.
fn question(electing: &Electing<'_, '_>, verb: &'static str, name: Option<&str>) -> Option<Question> {
    let (Scope::Namespace(own), Scope::Namespace(namespace)) = (electing.account.scope, electing.scope) else {
        return None;
    };
    let right = asked(electing, verb, name);
    let right = Right {
        verb,
        group: "coordination.k8s.io",
        resource: "leases",
        subresource: None,
        namespace: namespace.to_owned(),
        name: right.name.map(str::to_owned),
    };
    Some(Question { account: Key::new(own, electing.account.name), right })
}

/// All that the API server can be asked about those of these workloads that elect: nothing where manifests change who may do
/// what, as it knows only what is applied.
pub(super) fn questions(scene: &Scene<'_>, workloads: &[Object]) -> BTreeSet<Question> {
    if scene.changes_rbac() {
        return BTreeSet::new();
    }
    let all = electing::all(scene);
    let wanted = all.iter().filter(|one| workloads.iter().any(|workload| std::ptr::eq(workload, one.workload)));
    let asked = wanted.flat_map(|electing| {
        let name = missing(scene, electing).ok().and_then(|(_, name)| name);
        verbs(electing.library).iter().filter_map(move |verb| question(electing, verb, name))
    });
    asked.collect()
}
