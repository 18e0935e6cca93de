//! Answers that no authorizer gives: what objects in files leave open, and what comes close. That the others are those of
//! Kubernetes is shown in `tests/access.rs`, by asking it.

use serde_json::{Value as Json, json};

use super::{Account, Answer, Miss, Policy, Right, Scope};
use crate::model::node::Node;
use crate::model::object::{Object, Origin};

fn objects(documents: &[Json]) -> Vec<Object> {
    documents.iter().map(|document| Object::new(Node::from(document), Origin::Live).expect("an object")).collect()
}

fn role(name: &str, namespace: Option<&str>, verbs: &[&str]) -> Json {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name, "namespace": namespace},
        "rules": [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs}],
    })
}

fn binding(name: &str, namespace: Option<&str>, role: (&str, &str), account: (Option<&str>, &str)) -> Json {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1beta1", "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": namespace},
        "roleRef": {"kind": role.0, "name": role.1},
        "subjects": [{"kind": "ServiceAccount", "namespace": account.0, "name": account.1}],
    })
}

fn update(scope: Scope<'_>) -> Right<'_> {
    Right { verb: "update", group: "coordination.k8s.io", resource: "leases", scope, name: Some("payments") }
}

fn asked<'o>(policy: &Policy<'o>, namespace: Option<&str>) -> Answer<'o> {
    let scope = policy.scope(namespace);
    policy.allows(Account { scope, name: "payments" }, &update(scope))
}

#[test]
fn what_names_no_namespace_is_beside_everything_else_that_names_none() {
    let all = objects(&[
        role("payments", None, &["update"]),
        binding("payments", None, ("Role", "payments"), (None, "payments")),
    ]);
    let policy = Policy::new(&all);
    assert!(asked(&policy, None).is_allowed());
    assert!(!asked(&policy, Some("default")).is_allowed());
}

#[test]
fn subjects_tell_where_what_names_no_namespace_will_be() {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "payments"}});
    let all = objects(&[
        account,
        role("payments", None, &["update"]),
        binding("payments", Some("shop"), ("Role", "payments"), (Some("shop"), "payments")),
    ]);
    let policy = Policy::new(&all);
    assert_eq!(policy.scope(None), Scope::Namespace("shop"));
    assert!(asked(&policy, None).is_allowed());
}

#[test]
fn what_the_cluster_brings_along_is_known_or_said_to_be_unknown() {
    for (role, allowed) in [("cluster-admin", Some(true)), ("view", Some(false)), ("edit", None), ("mine", Some(false))]
    {
        let all = objects(&[binding("b", Some("shop"), ("ClusterRole", role), (None, "payments"))]);
        let answer = asked(&Policy::new(&all), Some("shop"));
        match allowed {
            Some(true) => assert!(answer.is_allowed(), "{role}"),
            Some(false) => assert!(matches!(answer, Answer::Denied(_)), "{role}: {answer:?}"),
            None => assert!(matches!(answer, Answer::Unknown(_)), "{role}: {answer:?}"),
        }
    }
    let mut more = role("more", None, &["update"]);
    more["kind"] = json!("ClusterRole");
    more["metadata"]["labels"] = json!({"rbac.authorization.k8s.io/aggregate-to-view": "true"});
    let all = objects(&[more, binding("b", Some("shop"), ("ClusterRole", "edit"), (None, "payments"))]);
    assert!(asked(&Policy::new(&all), Some("shop")).is_allowed(), "a part of view is a part of edit");
}

#[test]
fn roles_that_aggregate_others_have_their_rules_and_not_their_own() {
    let aggregate = |name: &str, label: &str| {
        let mut it = role(name, None, &["update"]);
        it["kind"] = json!("ClusterRole");
        it["metadata"]["labels"] = json!({"part": name});
        it["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": {"part": label}}]});
        it
    };
    let bound = binding("b", Some("shop"), ("ClusterRole", "top"), (None, "payments"));
    let none = objects(&[aggregate("top", "nobody"), bound.clone()]);
    assert!(matches!(asked(&Policy::new(&none), Some("shop")), Answer::Unknown(_)), "others may fill it");
    let mut leaf = role("leaf", None, &["update"]);
    leaf["kind"] = json!("ClusterRole");
    leaf["metadata"]["labels"] = json!({"part": "leaf"});
    let chain = objects(&[aggregate("top", "middle"), aggregate("middle", "leaf"), leaf, bound.clone()]);
    assert!(asked(&Policy::new(&chain), Some("shop")).is_allowed());
    let ring = objects(&[aggregate("top", "middle"), aggregate("middle", "top"), bound]);
    assert!(!asked(&Policy::new(&ring), Some("shop")).is_allowed(), "and it ends");
}

#[test]
fn what_comes_close_is_told_the_closest_first() {
    let kinds = |documents: &[Json]| {
        let all = objects(documents);
        let Answer::Denied(misses) = asked(&Policy::new(&all), Some("shop")) else { panic!("allowed") };
        let kind = |miss: &Miss<'_>| format!("{miss:?}").split('(').next().unwrap_or_default().to_owned();
        misses.iter().map(kind).collect::<Vec<_>>()
    };
    let mine = (None, "payments");
    let (shop, other) = (Some("shop"), Some("other"));
    let good = role("good", shop, &["update"]);
    assert_eq!(kinds(std::slice::from_ref(&good)), ["Unbound"]);
    assert_eq!(kinds(&[good.clone(), binding("b", shop, ("Role", "goood"), mine)]), ["Dangling", "Unbound"]);
    assert_eq!(kinds(&[good, binding("b", shop, ("Role", "good"), (None, "cart"))]), ["Others"]);
    let bad = role("bad", shop, &["get"]);
    assert_eq!(kinds(&[bad, binding("b", shop, ("Role", "bad"), mine)]), ["Verb"]);
    let far = role("far", other, &["update"]);
    assert_eq!(kinds(&[far, binding("b", other, ("Role", "far"), (shop, "payments"))]), ["Elsewhere"]);
    let mut limited = role("limited", shop, &["update"]);
    limited["rules"][0]["resourceNames"] = json!(["cart"]);
    assert_eq!(kinds(&[limited, binding("b", shop, ("Role", "limited"), mine)]), ["Name"]);
    let mut core = role("core", shop, &["update"]);
    core["rules"][0]["apiGroups"] = json!([""]);
    assert_eq!(kinds(&[core, binding("b", shop, ("Role", "core"), mine)]), ["Group"]);
}
