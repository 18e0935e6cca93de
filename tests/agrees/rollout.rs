//! Roll-outs that preflight says never end do not, and the others do: with the real controllers, and electors of which only
//! the leader is Ready.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::{Electors, SOON, apply, findings, rights};
use crate::support::{Namespace, Testbed, block_on};

/// For a roll-out that can end: each Pod has to start, and a Lease of 4 s may have to run out.
const ENDS: Duration = Duration::from_secs(90);

/// So much longer than the slowest that has ended do the others get.
const STUCK: Duration = Duration::from_secs(15);

struct Shape {
    electors: Electors,
    /// What is expected of both: of the check, and of the controller.
    ends: bool,
}

fn rolling(surge: Value, unavailable: Value) -> Value {
    json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}})
}

fn shapes() -> Vec<Shape> {
    let shape = |kind, replicas, strategy, gated, ends| Shape {
        electors: Electors { kind, image: "klag-exporter:0.1.29", replicas, strategy, gated },
        ends,
    };
    vec![
        shape("Deployment", 2, Value::Null, true, false),
        shape("Deployment", 1, Value::Null, true, false),
        shape("Deployment", 2, rolling(json!(1), json!(1)), true, false),
        shape("Deployment", 3, rolling(json!(0), json!(2)), true, false),
        shape("Deployment", 3, rolling(json!("25%"), json!("67%")), true, false),
        shape("Deployment", 2, rolling(json!(0), json!("100%")), true, true),
        shape("Deployment", 3, rolling(json!(1), json!(3)), true, true),
        shape("Deployment", 1, rolling(json!("1%"), json!("99%")), true, false),
        shape("Deployment", 1, rolling(json!(0), json!(1)), true, true),
        shape("Deployment", 2, json!({"type": "Recreate"}), true, true),
        shape("Deployment", 2, Value::Null, false, true),
        shape("StatefulSet", 2, Value::Null, true, false),
        shape("StatefulSet", 2, Value::Null, false, true),
    ]
}

#[test]
fn a_roll_out_ends_where_preflight_says_so_and_nowhere_else() {
    let testbed = Testbed::shared();
    let running: Vec<_> = shapes()
        .into_iter()
        .map(|shape| {
            let namespace = testbed.namespace("rollout");
            let mut manifests = rights(namespace.name());
            manifests.push(shape.electors.manifest());
            let found = findings(&manifests, "HA0203");
            let expected: &[&str] = if shape.ends { &[] } else { &["error"] };
            assert_eq!(found, expected, "{:#}", shape.electors.manifest());
            apply(&namespace, &manifests);
            (namespace, shape)
        })
        .collect();
    for (namespace, shape) in &running {
        let ready = if shape.electors.gated { 1 } else { shape.electors.replicas };
        namespace.wait_leader("web", SOON);
        namespace.wait_ready("web", ready as usize, SOON);
    }
    for (namespace, shape) in &running {
        change(namespace, shape.electors.kind);
    }
    for (namespace, shape) in running.iter().filter(|(_, shape)| shape.ends) {
        let what = format!("the roll-out ends: {:#}", shape.electors.strategy);
        namespace.wait_for(ENDS, &what, || is_over(namespace, &shape.electors).then_some(()));
    }
    std::thread::sleep(STUCK);
    for (namespace, shape) in running.iter().filter(|(_, shape)| !shape.ends) {
        assert!(!is_over(namespace, &shape.electors), "it has ended after all: {:#}", shape.electors.strategy);
        assert!(namespace.holder("web").is_some(), "the old leader is never stopped");
    }
}

/// Changes the template of its Pods.
fn change(namespace: &Namespace<'_>, kind: &str) {
    let patch = Patch::Merge(json!({"spec": {"template": {"metadata": {"annotations": {"changed": "yes"}}}}}));
    let params = PatchParams::default();
    let changed = block_on(async {
        match kind {
            "Deployment" => namespace.api::<Deployment>().patch("web", &params, &patch).await.map(|_| ()),
            _ => namespace.api::<StatefulSet>().patch("web", &params, &patch).await.map(|_| ()),
        }
    });
    changed.expect("the template may be changed");
}

/// Whether the controller has replaced every Pod.
fn is_over(namespace: &Namespace<'_>, electors: &Electors) -> bool {
    let wanted = Some(i32::try_from(electors.replicas).expect("few"));
    if electors.kind == "StatefulSet" {
        let set = block_on(namespace.api::<StatefulSet>().get("web")).expect("it is there");
        let status = set.status.unwrap_or_default();
        return status.observed_generation == set.metadata.generation
            && status.updated_replicas == wanted
            && status.current_revision == status.update_revision;
    }
    let deployment = block_on(namespace.api::<Deployment>().get("web")).expect("it is there");
    let status = deployment.status.unwrap_or_default();
    status.observed_generation == deployment.metadata.generation
        && status.updated_replicas == wanted
        && status.replicas == wanted
}
