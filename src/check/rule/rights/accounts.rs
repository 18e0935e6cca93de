//! ServiceAccounts: whether the one that a workload runs as is there.

use serde_json::json;

use super::people::People;
use crate::access::{Account, Scope};
use crate::check::catalogue::Severity;
use crate::check::election::elector::account;
use crate::check::rule::yaml;
use crate::check::scene::Scene;
use crate::check::verdict::Verdicts;
use crate::model::near;

pub(super) fn has_account(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let (policy, people) = (scene.policy(), People::of(scene));
    for &workload in scene.workloads() {
        let who = account(policy, workload.object);
        // The control plane makes it in every namespace (`pkg/controller/serviceaccount`).
        if who.name == "default" || people.made(who).is_some() {
            verdicts.pass(workload.object);
            continue;
        }
        let all = scene.of_kind("ServiceAccount").iter();
        let all = all.map(|one| Account { scope: policy.scope(one.namespace.as_deref()), name: &one.name });
        let beside: Vec<_> = all.filter(|one| one.scope == who.scope).collect();
        if scene.is_live() && scene.knows(who.scope) {
            let message =
                format!("it runs as serviceaccount/{}, which is not there: none of its Pods is created", who.name);
            let field = "spec.template.spec.serviceAccountName";
            verdicts.fail(workload.object, field, message).severity(Severity::Error).fix(made(who));
            continue;
        }
        if beside.is_empty() {
            verdicts.skip(workload.object, "no ServiceAccounts of its namespace are in what was given");
            continue;
        }
        // One that nothing runs as, and that is called almost the same, is the one that was meant.
        let running = people.running(who.scope);
        let idle = |one: &&Account<'_>| !running.iter().any(|(other, _)| other == *one);
        let near = |name: &&str| {
            near::likeness(who.name, name).is_some() || name.contains(who.name) || who.name.contains(name)
        };
        let meant = beside.iter().filter(idle).map(|one| one.name).find(near);
        let (severity, others) = match meant {
            Some(meant) => (Severity::Warning, format!("{meant} is, as which nothing runs")),
            None => (Severity::Info, "others of its namespace are".to_owned()),
        };
        let message = format!(
            "it runs as serviceaccount/{}, which is not in what was given, though {others}: unless somebody else makes it, \
             none of its Pods is ever created",
            who.name
        );
        let fix = match meant {
            Some(meant) => yaml(&json!({"spec": {"template": {"spec": {"serviceAccountName": meant}}}})),
            None => made(who),
        };
        let field = "spec.template.spec.serviceAccountName";
        verdicts.fail(workload.object, field, message).severity(severity).fix(fix);
    }
}

/// The ServiceAccount itself.
fn made(who: Account<'_>) -> String {
    let metadata = match who.scope {
        Scope::Namespace(namespace) => json!({"name": who.name, "namespace": namespace}),
        Scope::Unnamed | Scope::Cluster => json!({"name": who.name}),
    };
    yaml(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}))
}
