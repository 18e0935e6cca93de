//! Every shape that electors, transfers and people leave a Lease in.

use serde_json::json;

use super::{create, held_by, in_seconds, items, status};
use crate::support::Testbed;

#[test]
fn every_shape_has_its_verdict() {
    let namespace = Testbed::shared().namespace("shapes");
    let dated = |holder: serde_json::Value, ago: i64| json!({"holderIdentity": holder, "leaseDurationSeconds": 15, "renewTime": in_seconds(-ago), "acquireTime": in_seconds(-ago)});
    let shapes = [
        ("held", held_by("somebody"), "Healthy"),
        ("expired", dated(json!("nobody-7d4b9c6f5-qq8zk"), 60), "Orphaned"),
        ("empty-spec", json!({}), "NeverHeld"),
        ("empty-holder", json!({"holderIdentity": ""}), "NeverHeld"),
        (
            "released-by-client-go",
            json!({"holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": in_seconds(0), "acquireTime": in_seconds(0), "leaseTransitions": 0}),
            "Released",
        ),
        ("released-by-kubert", json!({"leaseTransitions": 4}), "Released"),
        ("stuck", dated(json!(null), 3), "NoLeader"),
        ("fenced", dated(json!("hactl-transfer/x7"), 1), "NoLeader"),
        ("fence-left-behind", dated(json!("hactl-transfer/x8"), 60), "NoLeader"),
        ("without-duration", json!({"holderIdentity": "a", "renewTime": in_seconds(0)}), "Unknown"),
        ("without-renewal", json!({"holderIdentity": "a", "leaseDurationSeconds": 15}), "Unknown"),
        ("from-the-future", dated(json!("a"), -30), "AtRisk"),
        (
            "until-the-end-of-time",
            json!({"holderIdentity": "a", "leaseDurationSeconds": i32::MAX, "renewTime": "9999-12-31T23:59:59.000000Z", "leaseTransitions": i32::MAX}),
            "AtRisk",
        ),
    ];
    for (name, spec, _) in &shapes {
        create(&namespace, name, spec);
    }
    let items = items(&namespace, &[]);
    assert_eq!(items.len(), shapes.len());
    for (name, _, expected) in &shapes {
        let item = items.iter().find(|item| item["lease"] == *name).expect("every Lease is shown");
        assert_eq!(item["health"], *expected, "{item:#}");
        let reasons = item["reasons"].as_array().expect("reasons");
        assert!(*expected == "Healthy" || !reasons.is_empty(), "{item:#}");
    }
    let future = items.iter().find(|item| item["lease"] == "from-the-future").expect("shown");
    assert!(future["renewedSecondsAgo"].as_f64().expect("a number") < -20.0, "{future:#}");
    let fenced = items.iter().find(|item| item["lease"] == "fenced").expect("shown");
    assert_eq!((&fenced["transfer"]["id"], &fenced["holder"]["identity"]), (&json!("x7"), &json!(null)));
}

#[test]
fn a_named_lease_is_shown_in_full() {
    let namespace = Testbed::shared().namespace("detail");
    create(&namespace, "mine", &held_by("somebody"));
    let out = status(&namespace, &["lease/mine"]);
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    let first: Vec<_> = out.stdout.lines().take(4).collect();
    assert_eq!(first[0], format!("LEASE       {}/mine", namespace.name()));
    assert_eq!(first[2], "HEALTH      Healthy");
    assert_eq!(first[3], "LEADER      somebody");
    assert!(out.stdout.contains("ELECTOR     client-go (guess: manager updates renewTime"), "{}", out.stdout);
    assert_eq!(out.stderr, "");
}

#[test]
fn a_table_has_a_row_for_each_and_says_why_under_it() {
    let namespace = Testbed::shared().namespace("table");
    create(&namespace, "good", &held_by("somebody"));
    create(&namespace, "new", &json!({}));
    let out = status(&namespace, &[]);
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    let lines: Vec<_> = out.stdout.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["LEASE", "LEADER", "RENEWED", "EXPIRES", "STANDBYS", "HEALTH"]
    );
    assert!(lines[1].starts_with("good") && lines[1].ends_with("Healthy"), "{}", out.stdout);
    assert!(lines[2].starts_with("new") && lines[2].ends_with("NeverHeld"), "{}", out.stdout);
    assert_eq!(lines[3..], ["", "  new: nobody has held this Lease yet"]);
    assert!(!out.stdout.contains('\x1b'), "no colours where there is no terminal");
    let bare = status(&namespace, &["--no-headers"]);
    assert!(bare.stdout.starts_with("good"), "{}", bare.stdout);
}

#[test]
fn heartbeats_are_hidden_unless_asked_for() {
    let namespace = Testbed::shared().namespace("heartbeats");
    let shown = |args: &[&str]| status(&namespace, &[args, &["-n", "kube-system", "-o", "name"]].concat()).stdout;
    let apiserver = |text: &str| text.lines().any(|line| line.starts_with("lease.coordination.k8s.io/apiserver-"));
    assert!(!apiserver(&shown(&[])), "{}", shown(&[]));
    assert!(apiserver(&shown(&["--all-kinds"])), "{}", shown(&["--all-kinds"]));
    assert!(shown(&[]).contains("lease.coordination.k8s.io/kube-scheduler\n"));
}

#[test]
fn an_empty_namespace_says_so_on_stderr() {
    let namespace = Testbed::shared().namespace("empty");
    let out = status(&namespace, &[]);
    assert_eq!((out.code, out.stdout.as_str()), (Some(0), ""));
    assert_eq!(out.stderr, "no Elections in this namespace: look everywhere with -A\n");
}

#[test]
fn labels_select_leases() {
    let namespace = Testbed::shared().namespace("labels");
    create(&namespace, "one", &held_by("a"));
    create(&namespace, "two", &held_by("b"));
    let out = status(&namespace, &["-l", "app=two", "-o", "name"]);
    assert_eq!(out.stdout, "lease.coordination.k8s.io/two\n");
}

#[test]
fn an_identity_cannot_give_orders_to_the_terminal() {
    let namespace = Testbed::shared().namespace("hostile");
    create(&namespace, "hostile", &held_by("a\u{1b}[2Jb\nc"));
    for args in [&[][..], &["-o", "wide"], &["lease/hostile"]] {
        let out = status(&namespace, args);
        assert!(out.stdout.contains("a\u{fffd}[2Jb\u{fffd}c") && !out.stdout.contains('\x1b'), "{:?}", out.stdout);
    }
    assert_eq!(items(&namespace, &[])[0]["holder"]["identity"], "a\u{1b}[2Jb\nc");
}
