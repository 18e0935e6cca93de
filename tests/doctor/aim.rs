//! What it is pointed at: a workload, a Lease, all of a namespace, manifests on top.

use std::time::Duration;

use serde_json::json;

use super::{apply, doctor, document, findings, results, troubled};
use crate::support::fixtures::lease;
use crate::support::{Testbed, hactl, scratch};

#[test]
fn what_concerns_a_workload_is_said_and_nothing_else() {
    let namespace = Testbed::shared().namespace("aim");
    apply(&namespace, troubled("payments"));
    apply(&namespace, troubled("cart"));
    let all = document(&doctor(&namespace, &["-o", "json"]));
    for name in ["payments", "cart"] {
        for target in [name.to_owned(), format!("deploy/{name}"), format!("deployment.apps/{name}")] {
            let one = doctor(&namespace, &[&target, "-o", "json"]);
            assert_eq!(one.code, Some(1), "{one:#?}");
            let one = document(&one);
            let found = findings(&one);
            for finding in [format!("HA0201 PodDisruptionBudget/{name}"), format!("HA0301 Role/{name}")] {
                assert!(found.contains(&finding), "{target}: {found:?}");
            }
            let of_it: Vec<_> = findings(&all).into_iter().filter(|finding| finding.ends_with(name)).collect();
            assert_eq!(found, of_it);
            let others = results(&one).iter().filter(|result| !result["object"].is_null());
            let others: Vec<_> = others.filter(|result| result["object"]["name"] != name).collect();
            assert!(others.is_empty(), "{target}: {others:#?}");
        }
    }
    let both = document(&doctor(&namespace, &["payments", "deploy/cart", "-o", "json"]));
    assert_eq!(findings(&both), findings(&all));
    assert_eq!(all["context"], "testbed");
    assert!(results(&all).iter().all(|result| result["where"]["file"].is_null()), "{all:#}");
}

#[test]
fn what_is_not_there_is_told_with_what_is_close() {
    let namespace = Testbed::shared().namespace("aim");
    let empty = doctor(&namespace, &[]);
    let why = format!("error: there is no Deployment and no StatefulSet in namespace {}\n", namespace.name());
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(2), ""), "{empty:#?}");
    assert!(empty.stderr.starts_with(&why), "{empty:#?}");
    apply(&namespace, troubled("payments"));
    for target in ["deploy/payment", "payment", "sts/payments"] {
        let out = doctor(&namespace, &[target]);
        assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{out:#?}");
        assert!(out.stderr.contains(&format!("answers to {target}")), "{out:#?}");
        assert!(out.stderr.contains("did you mean deploy/payments?"), "{out:#?}");
    }
    let two = hactl().args(["doctor", "--context", "one", "--context", "two"]).kubeconfig(namespace.kubeconfig()).run();
    assert_eq!((two.code, two.stdout.as_str()), (Some(2), ""), "{two:#?}");
}

#[test]
fn a_lease_that_is_left_alone_in_its_namespace_is_judged() {
    let namespace = Testbed::shared().namespace("left");
    lease("left")
        .duration_seconds(15)
        .holder("gone")
        .renewed(Duration::from_secs(3600))
        .acquired(Duration::from_secs(7200))
        .create(&namespace);
    let out = doctor(&namespace, &["-o", "json"]);
    assert_eq!(out.code, Some(0), "it does no harm: {out:#?}");
    assert_eq!(findings(&document(&out)), ["HA0902 Lease/left"], "{out:#?}");
}

#[test]
fn manifests_stand_in_the_place_of_what_they_would_replace() {
    let namespace = Testbed::shared().namespace("aim");
    apply(&namespace, troubled("payments"));
    let file = scratch::path("manifests").with_extension("yaml");
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "payments"},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "payments"}}},
    });
    let mut worse = troubled("orders").pop().expect("a Deployment");
    worse["spec"]["replicas"] = json!(1);
    std::fs::write(&file, format!("{budget}\n---\n{worse}\n")).expect("a file in the temporary folder");
    let path = file.to_str().expect("a path");
    let before = findings(&document(&doctor(&namespace, &["-o", "json"])));
    let after = document(&doctor(&namespace, &["-f", path, "-o", "json"]));
    let found = findings(&after);
    let blocked = "HA0201 PodDisruptionBudget/payments".to_owned();
    assert!(before.contains(&blocked) && !found.contains(&blocked), "{before:?} {found:?}");
    assert!(found.contains(&"HA0301 Role/payments".to_owned()), "what is live counts still: {found:?}");
    let alone = results(&after).iter().find(|r| r["id"] == "HA0103" && r["object"]["name"] == "orders");
    let alone = alone.unwrap_or_else(|| panic!("{after:#}"));
    assert_eq!((&alone["outcome"], &alone["where"]["line"]), (&json!("fail"), &json!(3)), "{alone:#}");
    assert_eq!(alone["object"]["namespace"], namespace.name(), "{alone:#}");
    // One that only the manifests have can be pointed at, too.
    let only = findings(&document(&doctor(&namespace, &["deploy/orders", "-f", path, "-o", "json"])));
    assert!(!only.is_empty() && only.iter().all(|finding| finding.ends_with("/orders")), "{only:?}");
}

#[test]
fn what_manifests_have_for_the_whole_cluster_is_told() {
    let namespace = Testbed::shared().namespace("aim");
    apply(&namespace, troubled("payments"));
    let file = scratch::path("webhook").with_extension("yaml");
    let webhook = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "leases"},
        "webhooks": [{
            "name": "leases.x.example", "clientConfig": {"url": "https://x.example"}, "sideEffects": "None",
            "admissionReviewVersions": ["v1"], "failurePolicy": "Fail",
            "rules": [{
                "apiGroups": ["coordination.k8s.io"], "apiVersions": ["v1"], "resources": ["leases"],
                "operations": ["UPDATE"],
            }],
        }],
    });
    std::fs::write(&file, webhook.to_string()).expect("a file in the temporary folder");
    let found = findings(&document(&doctor(&namespace, &["-f", file.to_str().expect("a path"), "-o", "json"])));
    assert!(found.contains(&"HA0709 ValidatingWebhookConfiguration/leases".to_owned()), "{found:?}");
}
