//! Budgets, where an example of a page is not enough.

use serde_json::{Value as Json, json};

use super::{told, workload};
use crate::check::{Scene, Severity, catalogue, judge};
use crate::model::node::Node;
use crate::model::object::{Object, Origin};

fn budget(spec: &Json) -> Json {
    let mut budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
        "spec": {"selector": {"matchLabels": {"app": "x"}}}});
    for (field, value) in spec.as_object().expect("fields") {
        budget["spec"][field] = value.clone();
    }
    budget
}

#[test]
fn a_budget_over_what_has_no_scale_is_reckoned_as_the_controller_does() {
    let two = || workload("Deployment", &json!({"replicas": 2}), &json!({}));
    let other = |kind: &str, hook: bool| {
        let template = json!({"metadata": {"labels": {"app": "x"}}, "spec": {}});
        let mut other = json!({"apiVersion": "batch/v1", "kind": kind, "metadata": {"name": "y"}});
        match kind {
            "CronJob" => other["spec"] = json!({"jobTemplate": {"spec": {"template": template}}}),
            _ => other["spec"] = json!({"template": template}),
        }
        if hook {
            other["metadata"]["annotations"] = json!({"helm.sh/hook": "post-install"});
        }
        other
    };
    let told = |spec: Json, other: Json| told("HA0201", &[two(), budget(&spec), other]).map(|(severity, _)| severity);
    assert_eq!(told(json!({"maxUnavailable": 1}), other("CronJob", false)), Some(Severity::Error));
    assert_eq!(told(json!({"minAvailable": "50%"}), other("Job", false)), Some(Severity::Error));
    assert_eq!(told(json!({"maxUnavailable": 1}), other("DaemonSet", false)), Some(Severity::Error));
    assert_eq!(told(json!({"maxUnavailable": 1}), other("Job", true)), Some(Severity::Warning));
    assert_eq!(told(json!({"minAvailable": 1}), other("CronJob", false)), None, "no scale is needed for a number");
    let mut elsewhere = other("CronJob", false);
    elsewhere["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]["app"] = json!("y");
    assert_eq!(told(json!({"maxUnavailable": 1}), elsewhere), None);
}

#[test]
fn a_budget_says_how_many_in_a_way_that_is_accepted() {
    let told = |spec: Json| told("HA0205", &[budget(&spec)]).map(|(_, field)| field);
    assert_eq!(told(json!({"minAvailable": "1"})), Some("spec.minAvailable".to_owned()));
    assert_eq!(told(json!({"maxUnavailable": ""})), Some("spec.maxUnavailable".to_owned()));
    assert_eq!(told(json!({"maxUnavailable": "25%"})), None);
    assert_eq!(told(json!({"maxUnavailable": 0})), None);
}

#[test]
fn numbers_that_the_api_cannot_hold_are_refused_and_end_nothing() {
    let refused = |spec: Json| told("HA0205", &[budget(&spec)]).map(|(_, field)| field);
    for beyond in
        [json!("9223372036854775807%"), json!(i64::MIN), json!(i64::MAX), json!(-1), json!("-5%"), json!("+5%")]
    {
        assert_eq!(refused(json!({"minAvailable": beyond})), Some("spec.minAvailable".to_owned()));
        assert_eq!(refused(json!({"maxUnavailable": beyond})), Some("spec.maxUnavailable".to_owned()));
    }
    let counts =
        [json!(i64::MAX), json!(i64::MIN), json!(i32::MAX), json!("2147483647%"), json!("9223372036854775807%")];
    let hosts = json!([{"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "x"}}}]);
    let pod = json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": hosts}}});
    for count in &counts {
        let strategy = json!({"rollingUpdate": {"maxSurge": count, "maxUnavailable": 0}});
        let many = workload("Deployment", &json!({"replicas": counts[2], "strategy": strategy}), &pod);
        let mut more = workload("Deployment", &json!({"replicas": count, "strategy": strategy}), &pod);
        more["metadata"]["name"] = json!("y");
        for field in ["minAvailable", "maxUnavailable"] {
            let all = [&many, &more, &budget(&json!({field: count}))];
            let all = all.map(|json| Object::new(Node::from(json), Origin::Live).expect("an object"));
            assert!(!judge(&Scene::new(&all), catalogue::all()).is_empty(), "it ends");
        }
    }
}

#[test]
fn a_budget_in_another_namespace_selects_nothing() {
    let told = |budgets: &str, workloads: &[&str]| {
        let mut all = vec![budget(&json!({"maxUnavailable": 1}))];
        all[0]["metadata"]["namespace"] = json!(budgets);
        for namespace in workloads {
            let mut made = workload("Deployment", &json!({}), &json!({}));
            made["metadata"]["namespace"] = json!(namespace);
            all.push(made);
        }
        told("HA0202", &all).map(|(_, field)| field)
    };
    assert_eq!(told("one", &["two"]), Some("metadata.namespace".to_owned()));
    assert_eq!(told("one", &["one"]), None);
    assert_eq!(told("one", &["two", "one"]), None);
    assert_eq!(told("one", &["two", "three"]), None, "nobody knows which");
}

#[test]
fn a_budget_over_several_workloads_protects_each_of_them() {
    let told = |spec: Json, replicas: [i64; 2]| {
        let made = replicas.map(|replicas| workload("Deployment", &json!({"replicas": replicas}), &json!({})));
        let [one, mut other] = made;
        other["metadata"]["name"] = json!("y");
        told("HA0206", &[one, other, budget(&spec)]).map(|(severity, _)| severity)
    };
    assert_eq!(told(json!({"minAvailable": 1}), [2, 2]), Some(Severity::Warning));
    assert_eq!(told(json!({"minAvailable": 3}), [2, 2]), None);
    assert_eq!(told(json!({"maxUnavailable": 1}), [2, 2]), None);
    assert_eq!(told(json!({"maxUnavailable": 1}), [1, 1]), None, "one replica is gone with any eviction");
}

#[test]
fn a_budget_asks_for_its_release_where_its_workload_does() {
    let told = |own: Json, asked: Json| {
        let mut made = workload("Deployment", &json!({"replicas": 2}), &json!({}));
        made["spec"]["selector"]["matchLabels"] = own.clone();
        made["spec"]["template"]["metadata"]["labels"] = own;
        let mut budget = budget(&json!({"maxUnavailable": 1}));
        budget["spec"]["selector"]["matchLabels"] = asked;
        told("HA0206", &[made, budget]).map(|(severity, _)| severity)
    };
    let own = || json!({"app": "x", "release": "r1", "full": "r1-x"});
    assert_eq!(told(own(), json!({"app": "x"})), Some(Severity::Info));
    assert_eq!(told(own(), json!({"app": "x", "release": "r1"})), None);
    assert_eq!(told(own(), json!({"full": "r1-x"})), None, "that has the release in it");
    assert_eq!(told(json!({"app": "x"}), json!({"app": "x"})), None);
}

#[test]
fn a_budget_that_lets_all_go_is_none() {
    let told = |spec: Json, replicas: i64| {
        let made = workload("Deployment", &json!({"replicas": replicas}), &json!({}));
        told("HA0207", &[made, budget(&spec)]).map(|(_, field)| field)
    };
    assert_eq!(told(json!({"minAvailable": 0}), 2), Some("spec.minAvailable".to_owned()));
    assert_eq!(told(json!({"maxUnavailable": "100%"}), 2), Some("spec.maxUnavailable".to_owned()));
    assert_eq!(told(json!({"maxUnavailable": 2}), 3), None);
    assert_eq!(told(json!({"minAvailable": 0}), 1), None, "of one there is nothing to keep");
}

#[test]
fn a_budget_over_pods_of_which_one_is_ready_lets_none_go() {
    let told = |spec: Json, path: &str| {
        let pod = json!({"containers": [{"name": "c", "readinessProbe": {"httpGet": {"path": path}}}]});
        let mut budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "x"},
            "spec": {"selector": {"matchLabels": {"app": "x"}}}});
        for (field, value) in spec.as_object().expect("fields") {
            budget["spec"][field] = value.clone();
        }
        told("HA0201", &[workload("Deployment", &json!({"replicas": 3}), &pod), budget]).is_some()
    };
    assert!(told(json!({"minAvailable": 1}), "/leader") && !told(json!({"minAvailable": 1}), "/readyz"));
    assert!(told(json!({"maxUnavailable": 2}), "/leader") && !told(json!({"maxUnavailable": 3}), "/leader"));
    assert!(!told(json!({"minAvailable": 0}), "/leader"));
}

#[test]
fn a_budget_for_what_is_switched_off_is_not_for_what_is_protected() {
    let asking = |name: &str, label: &str| {
        let mut budget = budget(&json!({"maxUnavailable": 1}));
        budget["metadata"]["name"] = json!(name);
        budget["spec"]["selector"]["matchLabels"] = json!({"app": "x", "part": label});
        budget
    };
    let mut made = workload("Deployment", &json!({"replicas": 2}), &json!({}));
    made["spec"]["template"]["metadata"]["labels"]["part"] = json!("one");
    let told = |objects: &[Json]| told("HA0202", objects).map(|(severity, _)| severity);
    assert_eq!(told(&[made.clone(), asking("two", "two")]), Some(Severity::Error));
    assert_eq!(told(&[made.clone(), asking("two", "two"), asking("one", "one")]), Some(Severity::Warning));
    assert_eq!(told(&[made.clone(), asking("one", "one")]), None);
    // A budget that covers both by mistake is not its own.
    let mut other = made.clone();
    other["metadata"]["name"] = json!("y");
    assert_eq!(told(&[made, other, asking("two", "two"), asking("one", "one")]), Some(Severity::Error));
}

#[test]
fn a_budget_may_ask_for_what_a_controller_or_a_program_gives() {
    let told = |kind: &str, selector: Json| {
        let made = workload(kind, &json!({"replicas": 2}), &json!({}));
        let mut budget = budget(&json!({"maxUnavailable": 1}));
        budget["spec"]["selector"] = selector;
        told("HA0202", &[made, budget]).map(|(severity, _)| severity)
    };
    let labels = |more: &str, value: &str| json!({"matchLabels": {"app": "x", more: value}});
    assert_eq!(told("StatefulSet", labels("role", "master")), None);
    assert_eq!(told("StatefulSet", labels("statefulset.kubernetes.io/pod-name", "x-0")), None);
    let index = json!([{"key": "apps.kubernetes.io/pod-index", "operator": "Exists"}]);
    assert_eq!(told("StatefulSet", json!({"matchLabels": {"app": "x"}, "matchExpressions": index})), None);
    let other = json!([{"key": "app", "operator": "In", "values": ["y"]}]);
    assert!(told("StatefulSet", json!({"matchLabels": {"name": "x"}, "matchExpressions": other})).is_some());
    assert_eq!(told("Deployment", labels("app.kubernetes.io/component", "y")), Some(Severity::Error));
    assert_eq!(told("Deployment", labels("name", "y")), Some(Severity::Error));
}

#[test]
fn what_all_of_a_release_has_does_not_tell_whom_a_budget_is_for() {
    let told = |shared: &str| {
        let named = |name: &str| {
            let mut made = workload("Deployment", &json!({"replicas": 2}), &json!({}));
            made["metadata"]["name"] = json!(name);
            made["spec"]["template"]["metadata"]["labels"] = json!({shared: "r", "app": name});
            made
        };
        let mut budget = budget(&json!({"maxUnavailable": 1}));
        budget["spec"]["selector"]["matchLabels"] = json!({shared: "r", "app": "z"});
        told("HA0202", &[named("x"), named("y"), budget]).is_some()
    };
    assert!(!told("app.kubernetes.io/instance") && told("app.kubernetes.io/name"));
}

#[test]
fn a_pod_by_itself_has_labels_as_well() {
    let pod = |labels: Json| {
        let ports = json!([{"name": "http", "containerPort": 80}]);
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": labels},
            "spec": {"containers": [{"name": "c", "ports": ports}]}})
    };
    let mut made = workload("Deployment", &json!({"replicas": 2}), &json!({}));
    made["spec"]["template"]["metadata"]["labels"] = json!({"app": "x", "name": "a"});
    let mut budget = budget(&json!({"maxUnavailable": 1}));
    budget["spec"]["selector"]["matchLabels"]["name"] = json!("b");
    assert!(told("HA0202", &[made.clone(), budget.clone()]).is_some());
    assert!(told("HA0202", &[made, budget, pod(json!({"app": "x", "name": "b"}))]).is_none());
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"},
        "spec": {"selector": {"app": "p"}, "ports": [{"port": 80, "targetPort": "http"}]}});
    assert!(told("HA0703", &[pod(json!({"app": "p"})), service.clone()]).is_none());
    assert!(told("HA0705", &[pod(json!({"app": "p"})), service]).is_none());
}

#[test]
fn a_budget_counts_pods_whoever_has_made_them() {
    let other = |kind: &str, app: &str, owners: Json| {
        json!({"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": "y", "ownerReferences": owners},
            "spec": {"template": {"metadata": {"labels": {"app": app}}, "spec": {}}}})
    };
    let told = |spec: Json, more: Vec<Json>| {
        let made = workload("Deployment", &json!({"replicas": 1}), &json!({}));
        let all: Vec<_> = [made, budget(&spec)].into_iter().chain(more).collect();
        told("HA0201", &all).is_some()
    };
    let one = || json!({"minAvailable": 1});
    assert!(told(one(), vec![]));
    assert!(
        !told(one(), vec![other("Rollout", "x", Json::Null)])
            && !told(one(), vec![other("DaemonSet", "x", Json::Null)])
    );
    assert!(told(one(), vec![other("Rollout", "y", Json::Null)]), "it does not cover that");
    assert!(told(one(), vec![other("ReplicaSet", "x", json!([{"kind": "Deployment", "name": "x"}]))]), "its own");
    assert!(told(one(), vec![other("CronJob", "x", Json::Null)]));
    for never in [json!({"minAvailable": "100%"}), json!({"maxUnavailable": 0}), json!({"maxUnavailable": "0%"})] {
        assert!(told(never, vec![other("Rollout", "x", Json::Null)]), "of none, however many there are");
    }
}

#[test]
fn a_budget_is_believed_how_many_pods_its_controller_counts() {
    let told = |expected: i64| {
        let mut budget = budget(&json!({"minAvailable": 1}));
        budget["status"] = json!({"expectedPods": expected});
        told("HA0201", &[workload("Deployment", &json!({"replicas": 1}), &json!({})), budget]).is_some()
    };
    assert!(told(1) && told(2), "a roll-out has one more");
    assert!(!told(3));
}

/// The lesson's budget: it asks for a label that no scaffold of an operator has.
#[test]
fn a_budget_beside_one_workload_is_for_it() {
    let said = |workload: &str, namespace: &str, asked: &str| {
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": workload, "namespace": namespace},
            "spec": {"replicas": 3, "template": {
                "metadata": {"labels": {"control-plane": "controller-manager"}},
                "spec": {"containers": [{"name": "manager", "image": "controller"}]},
            }},
        });
        let budget = json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "pdb", "namespace": namespace},
            "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": asked}}},
        });
        told("HA0202", &[deployment, budget]).map(|(severity, _)| severity)
    };
    assert_eq!(said("controller-manager", "postgres-operator-system", "postgres-operator"), Some(Severity::Error));
    assert_eq!(said("postgres-operator-controller-manager", "operators", "postgres-operator"), Some(Severity::Error));
    assert_eq!(said("controller-manager", "operators", "postgres-operator"), Some(Severity::Warning));
}
