//! Roll-outs, probes and places, where an example of a page is not enough.

mod budget;
mod places;

use serde_json::{Value as Json, json};

use crate::check::{Outcome, Scene, Severity, catalogue, judge};
use crate::model::node::Node;
use crate::model::object::{Object, Origin};

/// What a check says of these objects: `None` where it passes or is skipped, and else how bad it is and where.
pub(super) fn told(id: &str, objects: &[Json]) -> Option<(Severity, String)> {
    let objects: Vec<_> =
        objects.iter().map(|json| Object::new(Node::from(json), Origin::Live).expect("an object")).collect();
    let verdicts = judge(&Scene::new(&objects), catalogue::named(id));
    let failed = verdicts.iter().find(|verdict| verdict.outcome == Outcome::Fail)?;
    Some((failed.severity, failed.spot.field.replace("spec.template.spec.", "")))
}

pub(super) fn workload(kind: &str, spec: &Json, pod: &Json) -> Json {
    let mut pod = pod.clone();
    if pod["containers"].is_null() {
        pod["containers"] = json!([{"name": "c"}]);
    }
    let mut spec = spec.clone();
    spec["template"] = json!({"metadata": {"labels": {"app": "x"}}, "spec": pod});
    spec["selector"] = json!({"matchLabels": {"app": "x"}});
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec})
}

fn scaler(most: i64) -> Json {
    json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "x"}, "minReplicas": 2, "maxReplicas": most}})
}

/// Whether the roll-out of what is Ready only where it leads is said never to end.
fn hangs(kind: &str, spec: &Json, scaler: Option<Json>) -> bool {
    let pod = json!({"containers": [{"name": "c", "readinessProbe": {"httpGet": {"path": "/leader"}}}]});
    let objects: Vec<_> = std::iter::once(workload(kind, spec, &pod)).chain(scaler).collect();
    told("HA0203", &objects).is_some()
}

#[test]
fn a_roll_out_hangs_by_the_controllers_arithmetic() {
    let rolling = |replicas: i64, unavailable: Json| json!({"replicas": replicas, "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": unavailable}}});
    for (spec, expected) in [
        (json!({"replicas": 1}), true),
        (json!({"replicas": 2}), true),
        (rolling(1, json!(1)), false),
        (rolling(2, json!(1)), true),
        (rolling(2, json!(2)), false),
        (rolling(2, json!("50%")), true),
        (rolling(3, json!("67%")), true),
        (rolling(3, json!("99%")), true),
        (rolling(3, json!("100%")), false),
        // Both 0 is 1 that may be missing.
        (json!({"replicas": 1, "strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}}), false),
        (json!({"replicas": 2, "strategy": {"type": "Recreate"}}), false),
        (json!({"replicas": 0}), false),
    ] {
        assert_eq!(hangs("Deployment", &spec, None), expected, "{spec}");
    }
    // However many an autoscaler wants, a number is soon too small, and all of them are not.
    assert!(hangs("Deployment", &rolling(1, json!(1)), Some(scaler(3))));
    assert!(!hangs("Deployment", &rolling(1, json!("100%")), Some(scaler(3))));
    // A StatefulSet takes one after the other.
    assert!(hangs("StatefulSet", &json!({"replicas": 2}), None));
    assert!(!hangs("StatefulSet", &json!({"replicas": 1}), None));
    assert!(!hangs("StatefulSet", &json!({"replicas": 2, "updateStrategy": {"type": "OnDelete"}}), None));
}

#[test]
fn a_probe_tells_whether_it_asks_for_the_leader() {
    let gated = |probe: Json| {
        let pod = json!({"containers": [{"name": "c", "readinessProbe": probe}]});
        told("HA0203", &[workload("Deployment", &json!({"replicas": 2}), &pod)]).is_some()
    };
    for path in ["/leader", "/api/v1/is-leader?x=1", "/readyz/leader", "/leaderz"] {
        assert!(gated(json!({"httpGet": {"path": path}})), "{path}");
    }
    for path in ["/readyz", "/leaderboard", "/healthz/leader-election", "/healthz/leaderElection", "/ready?leader=no"] {
        assert!(!gated(json!({"httpGet": {"path": path}})), "{path}");
    }
    assert!(gated(json!({"exec": {"command": ["sh", "-c", "test -f /tmp/operator-sdk-ready"]}})));
    assert!(!gated(json!({"exec": {"command": ["cat", "/tmp/ready"]}})));
}

#[test]
fn klag_exporter_is_ready_where_it_leads_only_with_leadership() {
    let told = |enabled: bool| {
        let container = json!({"name": "klag-exporter",
            "readinessProbe": {"httpGet": {"path": "/ready"}}, "livenessProbe": {"httpGet": {"path": "/ready"}},
            "volumeMounts": [{"name": "c", "mountPath": "/app/config.toml", "subPath": "config.toml"}]});
        let pod = json!({"containers": [container], "volumes": [{"name": "c", "configMap": {"name": "m"}}]});
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"},
            "data": {"config.toml": format!("[exporter.leadership]\nenabled = {enabled}\n")}});
        let all = [workload("Deployment", &json!({"replicas": 2}), &pod), map];
        ["HA0102", "HA0203", "HA0207", "HA0208"].map(|id| told(id, &all).map(|(severity, _)| severity))
    };
    let error = Some(Severity::Error);
    assert_eq!(told(true), [None, error, None, error]);
    assert_eq!(told(false), [error, None, Some(Severity::Warning), None]);
}

#[test]
fn words_that_are_lost_are_as_bad_as_what_they_turn_off() {
    let told = |replicas: i64, args: &[&str]| {
        let pod = json!({"containers": [{"name": "c", "args": args}]});
        told("HA0106", &[workload("Deployment", &json!({"replicas": replicas}), &pod)])
    };
    let at = |index: usize| format!("containers[0].args[{index}]");
    for (replicas, args, expected) in [
        (2, &["--crds", "true", "--leader-elect"][..], Some((Severity::Error, at(1)))),
        (1, &["--crds", "true", "--leader-elect"], Some((Severity::Warning, at(1)))),
        (2, &["--leader-elect", "false"], Some((Severity::Warning, at(1)))),
        (2, &["--leader-elect", "true", "--v=1"], Some((Severity::Warning, at(1)))),
        (2, &["--leader-elect", "true"], None),
        (2, &["--v=1", "leader-election=true"], Some((Severity::Error, at(1)))),
        (2, &["--v=1", "leader-election=false"], Some((Severity::Warning, at(1)))),
        (2, &["--v=1", "", "--leader-elect=false"], Some((Severity::Warning, at(1)))),
        (2, &["--v=1", ""], None),
        (2, &["--leader-elect", "--v", "1"], None),
    ] {
        assert_eq!(told(replicas, args), expected, "{replicas} {args:?}");
    }
}

#[test]
fn what_may_be_a_secret_is_never_told() {
    let pod =
        json!({"containers": [{"name": "c", "args": ["--crds", "true", "--password=hunter2", "--leader-elect"]}]});
    let objects = [workload("Deployment", &json!({"replicas": 2}), &pod)];
    let objects = objects.map(|json| Object::new(Node::from(&json), Origin::Live).expect("an object"));
    let verdicts = judge(&Scene::new(&objects), catalogue::all());
    assert!(verdicts.iter().any(|verdict| verdict.check.id == "HA0106" && verdict.outcome == Outcome::Fail));
    assert!(!format!("{verdicts:?}").contains("hunter2"), "{verdicts:?}");
}

#[test]
fn a_leader_needs_the_time_that_its_program_takes_to_stop() {
    let told = |grace: Option<i64>, args: &[&str]| {
        let pod = json!({"terminationGracePeriodSeconds": grace, "containers": [{"name": "manager", "args": args}]});
        told("HA0209", &[workload("Deployment", &json!({"replicas": 2}), &pod)]).is_some()
    };
    let scaffold = ["--leader-elect", "--health-probe-bind-address=:8081"];
    assert!(told(Some(10), &scaffold) && !told(None, &scaffold) && !told(Some(30), &scaffold));
    assert!(told(None, &["--leader-elect", "--graceful-shutdown-timeout=1m30s"]));
    assert!(!told(Some(10), &["--leader-elect", "--graceful-shutdown-timeout", "5s"]));
    assert!(
        !told(Some(10), &["--leader-elect=false", "--health-probe-bind-address=:8081"]),
        "it has nothing to release"
    );
    assert!(!told(Some(10), &["--leader-elect"]), "how long it takes is not known");
}

#[test]
fn what_stands_in_the_wrong_place_is_told_with_the_right_one() {
    let told = |kind: &str, spec: Json, pod: Json| told("HA0212", &[workload(kind, &spec, &pod)]);
    let recreate = json!({"strategy": {"type": "Recreate"}});
    assert_eq!(told("Deployment", json!({}), recreate.clone()), Some((Severity::Error, "strategy".to_owned())));
    // It is said in the right place as well.
    assert_eq!(
        told("Deployment", recreate.clone(), recreate.clone()),
        Some((Severity::Warning, "strategy".to_owned()))
    );
    let grace = json!({"terminationGracePeriodSeconds": 5});
    let at = "spec.terminationGracePeriodSeconds".to_owned();
    assert_eq!(told("Deployment", grace, json!({})), Some((Severity::Warning, at)));
    assert_eq!(told("StatefulSet", recreate, json!({})), Some((Severity::Warning, "spec.strategy".to_owned())));
    assert_eq!(told("Deployment", json!({"replicas": 2}), json!({"terminationGracePeriodSeconds": 5})), None);
}

#[test]
fn anti_affinity_is_judged_by_whom_it_selects_and_by_the_nodes_that_are_left() {
    let term =
        |labels: Json| json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}});
    let told = |replicas: i64, labels: Json, node: Json, others: &[Json]| {
        let affinity = json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term(labels)]}});
        let pod = json!({"affinity": affinity, "nodeSelector": node});
        let own = workload("Deployment", &json!({"replicas": replicas}), &pod);
        let all: Vec<_> = std::iter::once(own).chain(others.iter().cloned()).collect();
        told("HA0211", &all).map(|(severity, _)| severity)
    };
    let (own, role) = (json!({"app": "x"}), json!({"node-role.kubernetes.io/control-plane": ""}));
    assert_eq!(told(1, own.clone(), Json::Null, &[]), Some(Severity::Info), "a cluster may have one node");
    assert_eq!(told(2, own.clone(), Json::Null, &[]), Some(Severity::Info));
    assert_eq!(told(1, own.clone(), role, &[]), Some(Severity::Warning));
    assert_eq!(told(1, own.clone(), json!({"kubernetes.io/hostname": "n1"}), &[]), Some(Severity::Error));
    // With four, one may be missing, and none has to be placed beside them.
    assert_eq!(told(4, own, Json::Null, &[]), None);
    assert_eq!(told(2, json!({"app": "y"}), Json::Null, &[]), Some(Severity::Warning));
    assert_eq!(
        told(2, json!({"name": "x"}), Json::Null, &[]),
        Some(Severity::Warning),
        "the value, under another name"
    );
    assert_eq!(told(2, json!({"tier": "db"}), Json::Null, &[]), None, "somebody else's, who is not here");
    let mut other = workload("Deployment", &json!({}), &json!({}));
    other["metadata"]["name"] = json!("y");
    other["spec"]["template"]["metadata"]["labels"]["app"] = json!("y");
    assert_eq!(told(2, json!({"app": "y"}), Json::Null, &[other]), None, "somebody else's, who is");
}

#[test]
fn a_term_may_name_its_own_namespace() {
    let told = |namespaces: Json| {
        let mut term = json!({"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "y"}}});
        term["namespaces"] = namespaces;
        let affinity = json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}});
        let mut own = workload("Deployment", &json!({"replicas": 2}), &json!({"affinity": affinity}));
        own["metadata"]["namespace"] = json!("shop");
        told("HA0211", &[own]).is_some()
    };
    assert!(told(json!(["shop"])) && told(json!([])) && !told(json!(["other"])) && !told(json!(["shop", "other"])));
}

#[test]
fn a_term_of_anti_affinity_that_is_a_list_is_refused() {
    let told = |term: Json| {
        let list = json!([{"weight": 1, "podAffinityTerm": term}]);
        let affinity = json!({"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": list}});
        told("HA0211", &[workload("StatefulSet", &json!({}), &json!({"affinity": affinity}))])
    };
    let term = json!({"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "x"}}});
    assert_eq!(told(term.clone()), None);
    assert_eq!(told(json!([term])).map(|(severity, _)| severity), Some(Severity::Error));
    let mut bare = term;
    bare.as_object_mut().expect("fields").remove("topologyKey");
    assert_eq!(told(bare).map(|(severity, _)| severity), Some(Severity::Error));
}

#[test]
fn an_autoscaler_is_held_against_what_is_beside_it() {
    let told = |target: Json| {
        let mut scaler = scaler(3);
        scaler["spec"]["scaleTargetRef"] = target;
        let field = told("HA0109", &[workload("StatefulSet", &json!({}), &json!({})), scaler]).map(|(_, field)| field);
        field.map(|field| field.replace("spec.scaleTargetRef.", ""))
    };
    let target = |version: &str, kind: &str, name: &str| json!({"apiVersion": version, "kind": kind, "name": name});
    assert_eq!(told(target("apps/v1", "StatefulSet", "x")), None);
    assert_eq!(told(target("apps/v1beta1", "StatefulSet", "x")), None, "the version does not matter");
    assert_eq!(told(target("apps/v1", "Statefulset", "x")), Some("kind".to_owned()));
    assert_eq!(told(target("apps/v1", "Deployment", "x")), Some("kind".to_owned()));
    assert_eq!(told(target("extensions/v1beta1", "StatefulSet", "x")), Some("apiVersion".to_owned()));
    assert_eq!(told(target("apps/v1", "StatefulSet", "x-server")), Some("name".to_owned()), "it is called like it");
    assert_eq!(told(target("apps/v1", "Deployment", "y")), None, "that may be elsewhere");
    let rollout = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "x"}});
    let mut scaler = scaler(3);
    scaler["spec"]["scaleTargetRef"] = target("argoproj.io/v1alpha1", "Rollout", "x");
    assert_eq!(self::told("HA0109", &[workload("Deployment", &json!({}), &json!({})), rollout, scaler]), None);
}

#[test]
fn one_that_elects_nobody_is_replaced_before_it_starts_again() {
    let told = |kind: &str, spec: Json, args: &[&str]| {
        let pod = json!({"containers": [{"name": "c", "args": args}]});
        told("HA0110", &[workload(kind, &spec, &pod)]).is_some()
    };
    let off = &["--leader-elect=false"][..];
    assert!(told("Deployment", json!({}), off));
    assert!(!told("Deployment", json!({}), &["--leader-elect"]) && !told("Deployment", json!({}), &[]));
    assert!(!told("Deployment", json!({"strategy": {"type": "Recreate"}}), off));
    assert!(!told("Deployment", json!({"strategy": {"rollingUpdate": {"maxSurge": 0}}}), off));
    assert!(!told("Deployment", json!({"replicas": 2}), off), "that is HA0102");
    assert!(!told("StatefulSet", json!({}), off), "a StatefulSet never runs two of a name");
}

#[test]
fn a_strategy_is_one_that_the_api_server_takes() {
    let told = |kind: &str, spec: Json| {
        let found = told("HA0212", &[workload(kind, &spec, &json!({}))]);
        found.map(|(severity, field)| (severity == Severity::Error, field))
    };
    let error = |field: &str| Some((true, field.to_owned()));
    let warning = |field: &str| Some((false, field.to_owned()));
    let strategy = |strategy: Json| told("Deployment", json!({"strategy": strategy}));
    let update = |strategy: Json| told("StatefulSet", json!({"updateStrategy": strategy}));
    assert_eq!(strategy(json!({"type": "Recreate", "rollingUpdate": {}})), error("spec.strategy.rollingUpdate"));
    assert_eq!(strategy(json!({"type": "Recreate", "rollingUpdate": null})), None);
    assert_eq!(strategy(json!({"type": "OnDelete"})), error("spec.strategy.type"));
    assert_eq!(update(json!({"type": "OnDelete"})), None);
    assert_eq!(update(json!({"type": "Recreate"})), error("spec.updateStrategy.type"));
    let both = json!({"maxSurge": "0%", "maxUnavailable": 0});
    assert_eq!(strategy(json!({"rollingUpdate": both})), error("spec.strategy.rollingUpdate"));
    assert_eq!(strategy(json!({"rollingUpdate": {"maxSurge": 0}})), None, "a quarter may be missing");
    assert_eq!(strategy(json!({"maxUnavailable": 1})), warning("spec.strategy.maxUnavailable"));
    assert_eq!(update(json!({"partition": 1})), warning("spec.updateStrategy.partition"));
    assert_eq!(told("Deployment", json!({"rollingUpdate": {"maxSurge": 1}})), warning("spec.rollingUpdate"));
    assert_eq!(told("Deployment", json!({"maxUnavailable": 1})), warning("spec.maxUnavailable"));
}

#[test]
fn a_roll_out_that_may_stop_all_is_like_recreate() {
    let told = |replicas: i64, unavailable: Json| {
        let spec = json!({"replicas": replicas, "strategy": {"rollingUpdate": {"maxUnavailable": unavailable}}});
        told("HA0210", &[workload("Deployment", &spec, &json!({}))]).is_some()
    };
    assert!(told(2, json!("100%")) && told(2, json!(2)));
    assert!(!told(2, json!(1)) && !told(1, json!(1)));
}

#[test]
fn what_belongs_to_a_pod_does_not_stand_in_its_containers() {
    let told = |container: Json| {
        let pod = json!({"containers": [{"name": "a"}, container]});
        told("HA0212", &[workload("StatefulSet", &json!({}), &pod)]).map(|(_, field)| field)
    };
    let probe = json!({"terminationGracePeriodSeconds": 5});
    assert_eq!(told(json!({"name": "b", "livenessProbe": probe})), None);
    let told = told(json!({"name": "b", "terminationGracePeriodSeconds": 5}));
    assert_eq!(told, Some("containers[1].terminationGracePeriodSeconds".to_owned()));
}

#[test]
fn several_replicas_are_asked_whether_they_elect() {
    let told = |replicas: i64, container: Json, scaler: Option<Json>| {
        let pod = json!({"containers": [container]});
        let all: Vec<_> =
            std::iter::once(workload("Deployment", &json!({"replicas": replicas}), &pod)).chain(scaler).collect();
        told("HA0102", &all).map(|(severity, _)| severity)
    };
    let off = json!({"name": "c", "args": ["--leader-elect=false"]});
    assert_eq!(told(1, off.clone(), None), None);
    assert_eq!(told(2, off.clone(), None), Some(Severity::Error));
    assert_eq!(told(1, off, Some(scaler(3))), Some(Severity::Error));
    let silent = json!({"name": "c", "command": ["/manager"]});
    assert_eq!(told(2, silent, None), Some(Severity::Warning), "it only looks as if");
    let hidden = json!({"name": "c", "command": ["/manager"], "envFrom": [{"secretRef": {"name": "s"}}]});
    assert_eq!(told(2, hidden, None), None, "a Secret may say it");
    assert_eq!(told(2, json!({"name": "web"}), None), None);
}

#[test]
fn files_are_looked_for_where_only_the_manifest_decides_what_is_there() {
    let told = |args: &[&str], mount: Json, volume: Json| {
        let mut volume = volume;
        volume["name"] = json!("v");
        let mut mount = mount;
        mount["name"] = json!("v");
        let pod = json!({"containers": [{"name": "c", "args": args, "volumeMounts": [mount]}], "volumes": [volume]});
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a.yaml": ""}});
        told("HA0108", &[workload("Deployment", &json!({}), &pod), map]).is_some()
    };
    let map = || json!({"configMap": {"name": "m"}});
    let at = |path: &str| json!({"mountPath": path});
    assert!(!told(&["--config=/etc/m/a.yaml"], at("/etc/m/"), map()));
    assert!(told(&["--config=/etc/m/b.yaml"], at("/etc/m"), map()));
    assert!(told(&["--config", "/etc/m/b.yaml"], at("/etc/m"), map()));
    assert!(!told(&["--config=/etc/mm/b.yaml"], at("/etc/m"), map()), "it may be in the image");
    assert!(told(&["--config=/etc/a.yaml"], at("/etc/a.yaml"), map()));
    assert!(!told(&["--config=/etc/a.yaml"], json!({"mountPath": "/etc/a.yaml", "subPath": "a.yaml"}), map()));
    assert!(!told(&["--dir=/etc/m"], at("/etc/m"), map()) && told(&["--key-file=/etc/m"], at("/etc/m"), map()));
    let items = json!({"configMap": {"name": "m", "items": [{"key": "a.yaml", "path": "b.yaml"}]}});
    assert!(!told(&["--config=/etc/m/b.yaml"], at("/etc/m"), items.clone()));
    assert!(told(&["--config=/etc/m/a.yaml"], at("/etc/m"), items));
    assert!(!told(&["--config=/etc/m/b.yaml"], at("/etc/m"), json!({"configMap": {"name": "other"}})));
    assert!(told(&["--tls-file=/etc/m"], at("/etc/m"), json!({"secret": {"secretName": "s"}})));
    assert!(!told(&["--tls-file=/etc/m/x"], at("/etc/m"), json!({"secret": {"secretName": "s"}})));
    assert!(!told(&["--log-file=/etc/m"], at("/etc/m"), json!({"emptyDir": {}})), "who writes it decides");
}

#[test]
fn selectors_overlap_only_within_a_namespace() {
    let of = |name: &str, namespace: &str, selector: Json, labels: Json| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": selector, "template": {"metadata": {"labels": labels}, "spec": {}}}})
    };
    let plain = |name: &str, namespace: &str| {
        of(name, namespace, json!({"matchLabels": {"app": "x"}}), json!({"app": "x", "part": name}))
    };
    assert!(told("HA0213", &[plain("a", "n"), plain("b", "n")]).is_some());
    assert!(told("HA0213", &[plain("a", "n"), plain("b", "m")]).is_none());
    assert!(told("HA0213", &[plain("a", "n")]).is_none(), "itself");
    let apart = |name: &str| {
        let expression = json!([{"key": "part", "operator": "In", "values": [name]}]);
        let selector = json!({"matchLabels": {"app": "x"}, "matchExpressions": expression});
        of(name, "n", selector, json!({"app": "x", "part": name}))
    };
    assert!(told("HA0213", &[apart("a"), apart("b")]).is_none());
    assert!(told("HA0213", &[apart("a"), plain("b", "n")]).is_some(), "one way is enough");
}

#[test]
fn what_names_no_namespace_is_where_every_workload_is() {
    let told = |budget: Json, workloads: &[Json]| {
        let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": budget,
            "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "x"}}}});
        let all: Vec<_> = workloads.iter().cloned().chain([budget]).collect();
        told("HA0201", &all).is_some()
    };
    let within = |namespace: Json| {
        let mut made = workload("Deployment", &json!({"replicas": 2}), &json!({}));
        made["metadata"]["namespace"] = namespace;
        made
    };
    let unnamed = || json!({"name": "b"});
    assert!(told(unnamed(), &[within(json!("one"))]) && told(unnamed(), &[within(Json::Null)]));
    assert!(!told(unnamed(), &[within(json!("one")), within(json!("two"))]), "nobody knows which");
    let mut other = within(Json::Null);
    other["spec"]["template"]["metadata"]["labels"]["app"] = json!("y");
    assert!(!told(unnamed(), &[within(json!("one")), other]), "with the one that names none either");
    assert!(!told(json!({"name": "b", "namespace": "two"}), &[within(json!("one"))]));
}
