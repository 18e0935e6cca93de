//! Who lacks a right by preflight does not keep leading, and everybody else does: with real electors of both libraries, each as its
//! ServiceAccount on a real API server.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Electors, SOON, account, apply, binding, findings, klag_file, role};
use crate::support::kubelet::{Change, ElectorEvent};
use crate::support::{Namespace, Testbed};

/// So much longer than the slowest that does lead do the others get: many tries.
const NEVER: Duration = Duration::from_secs(12);

const GO: &str = "manager";
const KLAG: &str = "klag-exporter:0.1.29";

/// Rights, and who of the two leads with them.
struct Case {
    what: &'static str,
    rules: Value,
    subject: Option<Value>,
    go: bool,
    klag: bool,
}

fn on(resource: &str, verbs: &[&str]) -> Value {
    json!({"apiGroups": ["coordination.k8s.io"], "resources": [resource], "verbs": verbs})
}

fn named(name: &str, verbs: &[&str]) -> Value {
    let mut rule = on("leases", verbs);
    rule["resourceNames"] = json!([name]);
    rule
}

fn cases(namespace: &str) -> Vec<Case> {
    let own = || Some(json!({"kind": "ServiceAccount", "name": "web", "namespace": namespace}));
    let case = |what, rules: Value, go, klag| Case { what, rules, subject: own(), go, klag };
    let all = ["get", "create", "update", "patch"];
    let group = json!({"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": format!("system:serviceaccounts:{namespace}")});
    vec![
        case("what client-go needs", json!([on("leases", &["get", "create", "update"])]), true, false),
        case("what kube-lease-manager needs", json!([on("leases", &["get", "create", "patch"])]), false, true),
        case("all", json!([on("leases", &all)]), true, true),
        case("every verb", json!([on("*", &["*"])]), true, true),
        case("no create", json!([on("leases", &["get", "update", "patch"])]), false, false),
        case("no get", json!([on("leases", &["create", "update", "patch"])]), false, false),
        case("create for a name", json!([named("web", &all)]), false, false),
        case(
            "the rest for a name",
            json!([named("web", &["get", "update", "patch"]), on("leases", &["create"])]),
            true,
            true,
        ),
        case(
            "the rest for another name",
            json!([named("api", &["get", "update", "patch"]), on("leases", &["create"])]),
            false,
            false,
        ),
        case("the status alone", json!([on("leases/status", &all)]), false, false),
        case(
            "ConfigMaps",
            json!([{"apiGroups": [""], "resources": ["configmaps", "leases"], "verbs": all}]),
            false,
            false,
        ),
        Case { what: "nothing is bound", rules: json!([on("leases", &all)]), subject: None, go: false, klag: false },
        Case {
            what: "another is bound",
            rules: json!([on("leases", &all)]),
            subject: Some(json!({"kind": "ServiceAccount", "name": "api", "namespace": namespace})),
            go: false,
            klag: false,
        },
        Case {
            what: "its group is bound",
            rules: json!([on("leases", &all)]),
            subject: Some(group),
            go: true,
            klag: true,
        },
    ]
}

#[test]
fn who_has_the_rights_by_preflight_keeps_leading_and_nobody_else() {
    let testbed = Testbed::shared();
    let mut running = Vec::new();
    for image in [GO, KLAG] {
        for at in 0..cases("").len() {
            let namespace = testbed.namespace("rights");
            let case = cases(namespace.name()).swap_remove(at);
            let leads = if image == GO { case.go } else { case.klag };
            let electors = Electors { kind: "Deployment", image, replicas: 1, strategy: Value::Null, gated: false };
            let mut manifests = vec![account(), role(case.rules), klag_file(namespace.name())];
            manifests.extend(case.subject.map(binding));
            manifests.push(electors.manifest());
            // As whoever installs it would: everything is in this namespace.
            for manifest in &mut manifests {
                manifest["metadata"]["namespace"] = json!(namespace.name());
            }
            let found = findings(&manifests, "HA0301,HA0302");
            assert_eq!(found.is_empty(), leads, "{image}: {}: {found:?}", case.what);
            apply(&namespace, &manifests);
            running.push((namespace, format!("{image}: {}", case.what), leads));
        }
    }
    for (namespace, what, leads) in &running {
        let wanted = if *leads { Change::Start } else { Change::Up };
        let has = || events(namespace).into_iter().find(|event| event.event == wanted);
        namespace.wait_for(SOON, &format!("{what}: {wanted:?}"), has);
    }
    std::thread::sleep(NEVER);
    for (namespace, what, leads) in &running {
        // client-go may create a Lease that it may not update: it leads for as long as that one is valid, and then ends.
        let events = events(namespace);
        let kept = events.last().is_some_and(|event| event.event == Change::Start);
        assert_eq!(kept, *leads, "{what}: {events:#?}");
    }
}

/// What the elector of a namespace has said of itself.
fn events(namespace: &Namespace<'_>) -> Vec<ElectorEvent> {
    let pods = namespace.testbed().kubelet().pods(namespace.name());
    pods.iter().flat_map(|pod| pod.events()).collect()
}
