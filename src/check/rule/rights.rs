//! Rights: whether who elects may do with its Lease what its library does, and what is wrong with roles and bindings that are
//! meant for it.

mod accounts;
mod electing;
mod missing;
mod paste;
mod people;
mod reviewed;
#[cfg(test)]
mod tests;
mod token;

use std::cmp::Reverse;

use serde_json::json;

use self::electing::{Electing, is_known, on_leases, verbs};
use self::missing::{Looked, is_for_electing, is_for_old_locks, look};
use self::people::{People, runs};
use super::super::catalogue::{Check, Severity};
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::yaml;
use crate::access::{Account, Answer, Binding, Policy, Right, Role, Rule, Scope};
use crate::model::elector::Library;
use crate::model::object::Object;
use crate::model::review::Question;

pub(in crate::check) const CHECKS: &[Check] = &[
    Check {
        id: "HA0301",
        severity: Severity::Error,
        title: "who elects may do with its Lease what its library does",
        page: include_str!("../pages/HA0301.md"),
        judge: may_elect,
    },
    Check {
        id: "HA0302",
        severity: Severity::Error,
        title: "creating Leases is not limited to names",
        page: include_str!("../pages/HA0302.md"),
        judge: may_create,
    },
    Check {
        id: "HA0303",
        severity: Severity::Info,
        title: "who elects may touch the Leases of one namespace only",
        page: include_str!("../pages/HA0303.md"),
        judge: not_everywhere,
    },
    Check {
        id: "HA0304",
        severity: Severity::Info,
        title: "who elects may say so in Events",
        page: include_str!("../pages/HA0304.md"),
        judge: may_tell,
    },
    Check {
        id: "HA0305",
        severity: Severity::Error,
        title: "a binding for an election refers to a role that is there",
        page: include_str!("../pages/HA0305.md"),
        judge: refers,
    },
    Check {
        id: "HA0306",
        severity: Severity::Warning,
        title: "a role for an election is about Leases",
        page: include_str!("../pages/HA0306.md"),
        judge: about_leases,
    },
    Check {
        id: "HA0307",
        severity: Severity::Warning,
        title: "roles and bindings name a namespace where everything else does",
        page: include_str!("../pages/HA0307.md"),
        judge: name_their_namespace,
    },
    Check {
        id: "HA0308",
        severity: Severity::Warning,
        title: "a binding for an election is for somebody who is there",
        page: include_str!("../pages/HA0308.md"),
        judge: bind_somebody,
    },
    Check {
        id: "HA0309",
        severity: Severity::Error,
        title: "who elects has a token, and the files beside it",
        page: include_str!("../pages/HA0309.md"),
        judge: token::has_token,
    },
    Check {
        id: "HA0310",
        severity: Severity::Warning,
        title: "the ServiceAccount that a workload runs as is there",
        page: include_str!("../pages/HA0310.md"),
        judge: accounts::has_account,
    },
];

fn may_elect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let people = People::of(scene);
    let mut told = true;
    for electing in electing::all(scene) {
        if !is_known(electing.library) {
            let why = format!("what {} does with its Lease is not known", electing.library.as_str());
            verdicts.skip(electing.workload, why);
            continue;
        }
        told &= reviewed::told(scene, &electing).is_some();
        match look(scene, &people, &electing) {
            Looked::Enough => verdicts.pass(electing.workload),
            Looked::Open(why) => verdicts.skip(electing.workload, why),
            Looked::Lacks(lack) => {
                let Electing { workload, account, scope, evidence, library, .. } = &electing;
                let message = format!(
                    "{workload} elects ({evidence}) as serviceaccount/{}, which may not {} leases in {scope}, as {} does: {}",
                    account.name,
                    lack.verbs.join(", "),
                    library.as_str(),
                    lack.why
                );
                let severity = if electing.guessed { Severity::Warning } else { lack.severity };
                verdicts.fail(lack.object, lack.field, message).severity(severity).fix(lack.fix);
            }
        }
    }
    for object in electing::by_kubeconfig(scene) {
        verdicts.skip(object, "it goes by a kubeconfig, and who it is by that is not known");
    }
    if told {
        scene.needs_no_rbac();
    }
}

/// So much is asked at the most. Beyond it roles and bindings tell.
const MOST_QUESTIONS: usize = 60;

/// What the API server is to be asked about the rights of those of these workloads that elect.
#[must_use]
pub fn questions(scene: &Scene<'_>, workloads: &[Object]) -> Vec<Question> {
    reviewed::questions(scene, workloads).into_iter().take(MOST_QUESTIONS).collect()
}

/// Whether everyone that a role is bound to may do this there, one way or another; `None` where nobody is, or nobody knows.
fn all_may<'o>(policy: &Policy<'o>, role: Role<'o>, right: impl Fn(Scope<'o>) -> Right<'o>) -> Option<bool> {
    let mut may = None;
    for binding in policy.bindings_of(role) {
        for account in binding.accounts() {
            let scope = if binding.scope == Scope::Cluster { account.scope } else { binding.scope };
            match policy.allows(account, &right(scope)) {
                Answer::Allowed(_) => may = may.or(Some(true)),
                Answer::Denied(_) => may = Some(false),
                Answer::Unknown(_) => return None,
            }
        }
    }
    may
}

fn may_create(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let policy = scene.policy();
    for role in policy.roles() {
        let rules: Vec<_> = policy.rules(*role).into_iter().filter(|rule| std::ptr::eq(rule.of, role.object)).collect();
        let mut about =
            rules.iter().filter(|rule| rule.has_group("coordination.k8s.io") && rule.names_resource("leases"));
        let limited = |rule: &&Rule<'_>| rule.has_verb("create") && rule.is_limited();
        let Some(rule) = about.clone().find(limited) else {
            if about.next().is_some() {
                verdicts.pass(role.object);
            }
            continue;
        };
        if all_may(policy, *role, |scope| on_leases("create", scope, None)) == Some(true) {
            verdicts.pass(role.object);
            continue;
        }
        let names = rule.texts("resourceNames").collect::<Vec<_>>().join(", ");
        let message = format!(
            "create is limited to the names {names}, and a request that creates has no name yet: it is refused, and the \
             Lease is never made"
        );
        let fix = paste::with_rules(role.object, [paste::lease_rule(&["create"], &[])]);
        verdicts.fail(role.object, format!("rules[{}].resourceNames", rule.index), message).fix(fix);
    }
}

fn not_everywhere(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for electing in electing::all(scene) {
        let verb = verbs(electing.library)[2];
        let Answer::Allowed(grant) =
            scene.policy().allows(electing.account, &on_leases(verb, Scope::Cluster, electing.lease))
        else {
            verdicts.pass(electing.workload);
            continue;
        };
        let message = format!(
            "serviceaccount/{} may {verb} every Lease of the cluster, those of other leaders and of the nodes among them: \
             those in {} are enough",
            electing.account.name, electing.scope
        );
        match grant.rule {
            Some(rule) => verdicts.fail(rule.of, format!("rules[{}]", rule.index), message),
            None => verdicts.fail(grant.binding.object, "roleRef", message),
        };
    }
}

fn may_tell(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let (policy, people) = (scene.policy(), People::of(scene));
    for electing in electing::all(scene) {
        let right = |verb, group| Right { verb, group, resource: "events", scope: electing.scope, name: None };
        let ask = |group| policy.allows(electing.account, &right("create", group));
        match (ask(""), ask("events.k8s.io")) {
            _ if electing.library != Library::ClientGo => {
                verdicts.skip(electing.workload, format!("{} makes no Events", electing.library.as_str()));
            }
            _ if policy.bindings_for(electing.account).next().is_none() => {
                verdicts.skip(electing.workload, "its bindings are not in what was given");
            }
            (Answer::Denied(_), Answer::Denied(_)) if matches!(look(scene, &people, &electing), Looked::Open(_)) => {
                verdicts.skip(electing.workload, "where its Lease is hangs on what was not given");
            }
            (Answer::Allowed(_), _) | (_, Answer::Allowed(_)) => verdicts.pass(electing.workload),
            (Answer::Unknown(_), _) | (_, Answer::Unknown(_)) => {
                verdicts.skip(electing.workload, "what it may do hangs on roles that were not given");
            }
            _ => {
                let message = format!(
                    "serviceaccount/{} may not create events in {}: changes of the leader are not to be seen afterwards",
                    electing.account.name, electing.scope
                );
                verdicts.fail(electing.workload, electing.field, message);
            }
        }
    }
}

/// Whether a binding is meant for an election: by its name, or by the role's.
fn is_meant(binding: Binding<'_>) -> bool {
    is_for_electing(&binding.object.name) || is_for_electing(binding.refers().1)
}

fn refers(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let policy = scene.policy();
    for binding in policy.bindings().iter().copied().filter(|binding| is_meant(*binding)) {
        if !policy.is_dangling(binding) {
            verdicts.pass(binding.object);
            continue;
        }
        // A file of its own for each object is usual, and hooks look at one file at a time.
        if policy.roles().is_empty() {
            verdicts.skip(binding.object, "no roles are in what was given: add the files that have them with -f");
            continue;
        }
        let (kind, name) = binding.refers();
        let would_do = |role: &&Role<'_>| {
            policy.bindings_of(**role).next().is_none()
                && (is_for_electing(&role.object.name) || &*role.object.name == name)
        };
        let near = policy.roles().iter().find(would_do);
        // A roleRef cannot be changed: the binding would have to be deleted and made again.
        let hint = near.map(|role| format!(" ({} is, in {}, and nothing binds it)", role.object, role.scope));
        let message = format!(
            "it refers to {kind} {name}, which is not in {}{}: whoever it is for gets nothing by it",
            if kind == "Role" { binding.scope } else { Scope::Cluster },
            hint.unwrap_or_default()
        );
        let verdict = verdicts.fail(binding.object, "roleRef.name", message);
        if let Some(role) = near.filter(|role| role.scope == Scope::Cluster || role.scope == binding.scope) {
            let role = json!({"kind": &*role.object.kind, "name": &*role.object.name});
            verdict.fix(yaml(&json!({"roleRef": role})));
        }
    }
}

fn about_leases(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let policy = scene.policy();
    let electing = electing::all(scene);
    for role in policy.roles().iter().copied() {
        let rules = policy.rules(role);
        if !is_for_electing(&role.object.name) && !rules.iter().any(|rule| is_for_old_locks(role, *rule)) {
            continue;
        }
        let leases = rules.iter().any(|rule| rule.has_group("coordination.k8s.io") && rule.has_resource("leases"));
        let Some(old) = rules.iter().find(|rule| is_for_old_locks(role, **rule)) else {
            if leases {
                verdicts.pass(role.object);
            }
            continue;
        };
        let told = |binding: Binding<'_>| {
            electing.iter().any(|electing| binding.is_for(electing.account) && binding.reaches(electing.scope))
        };
        if leases || all_may(policy, role, |scope| on_leases("create", scope, None)) == Some(true) {
            verdicts.pass(role.object);
        } else if policy.bindings_of(role).any(told) {
            verdicts.skip(role.object, "what who elects lacks is said of it: HA0301");
        } else {
            let message = "it is meant for an election, and is about configmaps, where locks were kept once, and not about \
                           leases: whoever elects with a Lease is refused";
            let fix = paste::with_rules(role.object, [paste::lease_rule(verbs(Library::ClientGo), &[])]);
            verdicts.fail(role.object, format!("rules[{}].resources", old.index), message).fix(fix);
        }
    }
}

fn name_their_namespace(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let others = scene.objects().iter().filter(|object| runs(object) || &*object.kind == "ServiceAccount");
    let mut namespaces: Vec<_> = others.map(|object| object.namespace.as_deref()).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let one = if let [Some(one)] = *namespaces { Some(one) } else { None };
    let policy = scene.policy();
    let roles = policy.roles().iter().map(|role| (role.object, role.scope));
    let all = roles.chain(policy.bindings().iter().map(|binding| (binding.object, binding.scope)));
    for (object, _) in all.filter(|(_, scope)| *scope != Scope::Cluster) {
        match (&object.namespace, one) {
            (None, Some(one)) => {
                let message = format!(
                    "it names no namespace, and everything that runs here is in {one}: it holds wherever it happens to be \
                     applied"
                );
                let fix = yaml(&json!({"metadata": {"namespace": one}}));
                verdicts.fail(object, "metadata", message).fix(fix);
            }
            _ => verdicts.pass(object),
        }
    }
}

fn bind_somebody(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let (policy, people) = (scene.policy(), People::of(scene));
    let meant = policy.bindings().iter().copied().filter(|binding| is_meant(*binding));
    for binding in meant {
        let accounts: Vec<Account<'_>> = binding.accounts().collect();
        let Some(first) = accounts.first() else { continue };
        if accounts.iter().any(|account| people.has(*account)) {
            verdicts.pass(binding.object);
            continue;
        }
        let scope = if binding.scope == Scope::Cluster { first.scope } else { binding.scope };
        let lacks =
            |(who, _): &&(Account<'_>, &Object)| !policy.allows(*who, &on_leases("create", scope, None)).is_allowed();
        let beside = people.running(first.scope).iter().filter(lacks);
        let likest = beside.max_by_key(|(_, object)| (shared(&object.name, first.name), Reverse(object.name.len())));
        let Some((who, meant)) = likest else {
            verdicts.skip(binding.object, "nothing beside whom it is for was given");
            continue;
        };
        let message = format!(
            "it is for serviceaccount/{}, which is not there, and which nothing runs as: {meant} runs as {}",
            first.name, who.name
        );
        let mut subject = json!({"kind": "ServiceAccount", "name": who.name});
        if let Scope::Namespace(namespace) = who.scope {
            subject["namespace"] = json!(namespace);
        }
        verdicts.fail(binding.object, "subjects", message).fix(yaml(&json!({"subjects": [subject]})));
    }
}

/// How much of the beginning two names have in common.
fn shared(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}
