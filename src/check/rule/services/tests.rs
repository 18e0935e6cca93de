//! Services at their edges: which Pods are meant, whom several are, and which ports are there.

use serde_json::{Value as Json, json};

use crate::check::rule::tests::told;
use crate::check::tests::cluster;
use crate::check::{Outcome, Scene, Severity, catalogue, judge};
use crate::model::Right;
use crate::model::unread::Unread;

fn makes(name: &str, labels: Json, ports: Json) -> Json {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {
        "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec":
            {"containers": [{"name": "c", "image": format!("{name}:1"), "ports": ports}]}}}})
}

fn service(name: &str, selector: Json, target: Json) -> Json {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": selector, "ports": [{"port": 80, "targetPort": target}]}})
}

fn selects_nothing(service_name: &str, asked: Json, labels: Json) -> bool {
    told("HA0703", &[makes("web", labels, json!([])), service(service_name, asked, json!(80))]).is_some()
}

#[test]
fn a_service_is_meant_for_what_almost_has_its_labels() {
    let has = || json!({"app": "shop-web", "release": "r"});
    for (asked, expected) in [
        (json!({"app": "shop-web"}), false),
        (json!({"app": "shop-webs"}), true),
        (json!({"app": "r-shop-web"}), true),
        (json!({"app.kubernetes.io/name": "shop-web"}), true),
        (json!({"app": "shop-web", "component": "ui"}), true),
        (json!({"app": "shop-web", "release": "other"}), true),
        // Another component's, whose maker is not here.
        (json!({"app": "shop-web-operator"}), false),
        (json!({"app": "cache"}), false),
        (json!({"release": "r"}), false),
        (json!({"release": "other"}), false),
        // What controllers and leaders give to Pods.
        (json!({"app": "shop-web", "statefulset.kubernetes.io/pod-name": "web-0"}), false),
        (json!({"app": "shop-web", "role": "leader"}), false),
    ] {
        assert_eq!(selects_nothing("any", asked.clone(), has()), expected, "{asked}");
    }
    assert!(selects_nothing("web", json!({"app": "cache"}), has()), "it has the workload's very name");
    let mut elsewhere = service("web", json!({"app": "cache"}), json!(80));
    elsewhere["spec"]["type"] = json!("ExternalName");
    assert!(told("HA0703", &[makes("web", has(), json!([])), elsewhere]).is_none());
}

#[test]
fn several_are_one_too_many_where_one_does_not_listen() {
    let labels = || json!({"app": "x"});
    let told = |one: Json, other: Json, target: Json| {
        let all = [makes("a", labels(), one), makes("b", labels(), other), service("s", labels(), target)];
        told("HA0704", &all).map(|(severity, _)| severity)
    };
    let port = |number: i64| json!([{"name": format!("p{number}"), "containerPort": number}]);
    assert_eq!(told(port(80), port(81), json!(80)), Some(Severity::Warning));
    assert_eq!(told(port(80), port(81), json!("p80")), Some(Severity::Warning));
    assert_eq!(told(port(80), port(80), json!(80)), None);
    assert_eq!(told(port(80), json!([]), json!(80)), None, "who declares nothing may listen anywhere");
    let mut headless = service("s", labels(), json!(80));
    headless["spec"]["clusterIP"] = json!("None");
    let all = [makes("a", labels(), port(80)), makes("b", labels(), port(81)), headless];
    assert!(super::super::tests::told("HA0704", &all).is_none(), "they find each other by it");
    let scaffold = || json!({"control-plane": "controller-manager"});
    let alone = [makes("a", scaffold(), json!([])), service("s", scaffold(), json!(8443))];
    assert_eq!(super::super::tests::told("HA0704", &alone).map(|(severity, _)| severity), Some(Severity::Info));
}

#[test]
fn a_name_of_a_port_is_looked_up_in_all_containers() {
    let told = |target: Json, ports: Json| {
        let all = [makes("a", json!({"app": "x"}), ports), service("s", json!({"app": "x"}), target)];
        told("HA0705", &all).is_some()
    };
    let ports = || json!([{"name": "http", "containerPort": 80}]);
    assert!(!told(json!("http"), ports()) && told(json!("https"), ports()));
    assert!(!told(json!(443), ports()) && !told(json!("443"), ports()), "a number need not be declared");
}

/// The outcome of a check in a cluster with these objects and a webhook that calls the Service s, of which these were not read.
fn live(id: &str, mut documents: Vec<Json>, unread: &[Unread]) -> Outcome {
    documents.push(json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "w"}, "webhooks": [{"name": "w.x.example", "failurePolicy": "Fail",
            "clientConfig": {"service": {"name": "s", "namespace": "n"}}}]}));
    for document in &mut documents[..] {
        document["metadata"]["namespace"] = json!("n");
    }
    let (live, objects) = cluster(&documents);
    let verdicts = judge(&Scene::live(&objects, unread, &live), catalogue::named(id));
    let [verdict] = verdicts.as_slice() else { panic!("{verdicts:#?}") };
    verdict.outcome
}

/// A DaemonSet answers many a webhook, and nobody has read it.
#[test]
fn of_a_cluster_only_some_makers_of_pods_are_known() {
    let with =
        |asked: Json| vec![makes("web", json!({"app": "shop-web"}), json!([])), service("s", asked, json!("http"))];
    assert_eq!(live("HA0703", with(json!({"app": "shop-webs"})), &[]), Outcome::Skipped);
    assert_eq!(live("HA0703", with(json!({"app": "shop-web"})), &[]), Outcome::Pass);
}

#[test]
fn what_a_service_selects_is_not_known_where_workloads_could_not_be_read() {
    let right = Right {
        verb: "list",
        group: "apps",
        resource: "deployments",
        subresource: None,
        namespace: "n".into(),
        name: None,
    };
    let unread = [Unread { kind: "Deployment", right, why: "forbidden".to_owned(), forbidden: true }];
    for id in ["HA0703", "HA0704", "HA0705", "HA0707"] {
        let alone = vec![service("s", json!({"app": "x"}), json!("http"))];
        assert_eq!(live(id, alone, &unread), Outcome::Unknown, "{id}");
    }
}
