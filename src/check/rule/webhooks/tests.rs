//! Webhooks at their edges: who is called, who may be missing, and what they are asked about.

use serde_json::{Value as Json, json};

use crate::check::rule::tests::{told, workload};
use crate::check::tests::objects;
use crate::check::{Outcome, Scene, Severity, catalogue, judge};

fn configuration(webhook: Json) -> Json {
    let mut own = json!({"name": "w.x.example", "failurePolicy": "Fail",
        "clientConfig": {"service": {"namespace": "shop", "name": "x"}},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"]}]});
    for (field, value) in webhook.as_object().expect("fields") {
        own[field] = value.clone();
    }
    json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "x"}, "webhooks": [own]})
}

fn service(name: &str, namespace: &str) -> Json {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": "x"}, "ports": [{"port": 443, "targetPort": 9443}]}})
}

/// A Deployment of so many in shop, behind the Service x.
fn answering(replicas: i64) -> [Json; 2] {
    let mut own = workload("Deployment", &json!({"replicas": replicas}), &json!({}));
    own["metadata"]["namespace"] = json!("shop");
    [own, service("x", "shop")]
}

fn judged(id: &str, replicas: i64, webhook: Json, more: &[Json]) -> Option<Severity> {
    let all: Vec<_> =
        answering(replicas).into_iter().chain([configuration(webhook)]).chain(more.iter().cloned()).collect();
    told(id, &all).map(|(severity, _)| severity)
}

#[test]
fn a_service_is_there_by_name_namespace_and_port() {
    let calls = |name: &str, namespace: &str, port: Json| {
        let service = json!({"name": name, "namespace": namespace, "port": port});
        judged("HA0706", 2, json!({"clientConfig": {"service": service}}), &[])
    };
    assert_eq!(calls("x", "shop", Json::Null), None);
    assert_eq!(calls("x", "shop", json!(9443)), Some(Severity::Error), "that is the Pods' port");
    assert_eq!(calls("x", "bank", Json::Null), Some(Severity::Error), "it is in another namespace");
    assert_eq!(calls("other", "shop", Json::Null), None, "nothing of that kind was given");
    let ignored = json!({"failurePolicy": "Ignore", "clientConfig": {"service": {"name": "x", "namespace": "bank"}}});
    assert_eq!(judged("HA0706", 2, ignored, &[]), Some(Severity::Warning));
    let elsewhere = json!({"clientConfig": {"url": "https://x.example", "service": null}});
    assert_eq!(judged("HA0706", 2, elsewhere, &[]), None);
    // A Service that names no namespace is wherever it is applied.
    let mut unnamed = service("x", "");
    unnamed["metadata"] = json!({"name": "x"});
    assert!(told("HA0706", &[configuration(json!({})), unnamed]).is_none());
}

#[test]
fn a_service_of_a_like_name_is_meant_only_by_a_slip() {
    let calls = |called: &str, given: &str| {
        let called = json!({"clientConfig": {"service": {"name": called, "namespace": "shop"}}});
        told("HA0706", &[configuration(called), service(given, "shop")]).is_some()
    };
    assert!(calls("payments-webhook", "payment-webhook") && calls("payments-webhook", "payments-webhok"));
    assert!(!calls("payments-webhook", "payments-metrics") && !calls("payments-webhook", "payments-webhook-metrics"));
    assert!(!calls("payments-v1-webhook", "payments-v2-webhook"), "another version");
}

#[test]
fn what_must_answer_has_a_second_replica() {
    assert_eq!(judged("HA0707", 1, json!({}), &[]), Some(Severity::Warning));
    assert_eq!(judged("HA0707", 2, json!({}), &[]), None);
    assert_eq!(judged("HA0707", 1, json!({"failurePolicy": "Ignore"}), &[]), None);
    assert_eq!(judged("HA0707", 1, json!({"failurePolicy": null}), &[]), Some(Severity::Warning), "v1 means Fail");
}

#[test]
fn its_own_pods_are_told_by_rules_and_selectors() {
    let rules = |group: &str, resource: &str, operation: &str| json!({"rules": [{"apiGroups": [group], "resources": [resource], "operations": [operation]}]});
    let except = |key: &str, operator: &str, value: &str| json!({"namespaceSelector": {"matchExpressions": [{"key": key, "operator": operator, "values": [value]}]}});
    let name = "kubernetes.io/metadata.name";
    for (webhook, expected) in [
        (json!({}), true),
        (rules("*", "*", "*"), true),
        (rules("", "pods", "UPDATE"), false),
        (rules("", "pods/status", "*"), false),
        (rules("apps", "*", "*"), false),
        (json!({"failurePolicy": "Ignore"}), false),
        (except(name, "NotIn", "shop"), false),
        (except(name, "NotIn", "kube-system"), true),
        (except(name, "In", "bank"), false),
        (except("inject", "DoesNotExist", ""), false),
        (json!({"objectSelector": {"matchLabels": {"inject": "yes"}}}), false),
        (json!({"objectSelector": {"matchLabels": {"app": "x"}}}), true),
        (json!({"matchConditions": [{"name": "x", "expression": "false"}]}), false),
    ] {
        let severity = judged("HA0708", 2, webhook.clone(), &[]);
        assert_eq!(severity, expected.then_some(Severity::Warning), "{webhook}");
    }
    assert_eq!(judged("HA0708", 1, json!({}), &[]), Some(Severity::Error));
    // What labels a namespace has is known where it was given.
    let namespace =
        |labels: Json| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}});
    let excepted = except("inject", "NotIn", "no");
    assert_eq!(judged("HA0708", 2, excepted.clone(), &[namespace(json!({"inject": "no"}))]), None);
    assert_eq!(judged("HA0708", 2, excepted, &[namespace(json!({}))]), Some(Severity::Warning));
}

#[test]
fn leases_are_everybodys() {
    let told = |webhook: Json| told("HA0709", &[configuration(webhook)]).is_some();
    let all = json!([{"apiGroups": ["*"], "resources": ["*/*"], "operations": ["*"]}]);
    assert!(told(json!({"rules": all})));
    assert!(!told(json!({"rules": all, "failurePolicy": "Ignore"})));
    assert!(!told(json!({})), "it is about Pods");
    assert!(!told(json!({"rules": [{"apiGroups": ["*"], "resources": ["*"], "operations": ["CREATE", "DELETE"]}]})));
    assert!(!told(json!({"rules": all, "objectSelector": {"matchLabels": {"a": "b"}}})));
    let except = |name: &str| {
        json!({"rules": all, "namespaceSelector": {"matchExpressions":
            [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [name]}]}})
    };
    assert!(!told(except("kube-system")) && told(except("shop")));
}

/// Not to know is not to pass.
#[test]
fn what_a_webhook_is_asked_about_is_not_always_known() {
    let outcome = |id: &str, mut webhook: Json| {
        webhook["rules"] = json!([{"apiGroups": ["*"], "resources": ["*"], "operations": ["*"]}]);
        let all: Vec<_> = answering(2).into_iter().chain([configuration(webhook)]).collect();
        let objects = objects(&all);
        let verdicts = judge(&Scene::new(&objects), catalogue::named(id));
        let [verdict] = verdicts.as_slice() else { panic!("{verdicts:#?}") };
        verdict.outcome
    };
    let labelled = json!({"key": "inject", "operator": "NotIn", "values": ["no"]});
    let elsewhere = |own: &str| json!({"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [own]});
    let conditions = json!([{"name": "x", "expression": "false"}]);
    for (id, own) in [("HA0708", "shop"), ("HA0709", "kube-system")] {
        let by = |expressions: Json| json!({"namespaceSelector": {"matchExpressions": expressions}});
        for (webhook, expected) in [
            (by(json!([labelled])), Outcome::Skipped),
            (by(json!([labelled, elsewhere(own)])), Outcome::Pass),
            (by(json!([labelled, elsewhere("bank")])), Outcome::Skipped),
            (json!({"matchConditions": conditions}), Outcome::Skipped),
            (json!({"matchConditions": conditions, "failurePolicy": "Ignore"}), Outcome::Pass),
            (json!({}), Outcome::Fail),
        ] {
            assert_eq!(outcome(id, webhook.clone()), expected, "{id} {webhook}");
        }
    }
}
