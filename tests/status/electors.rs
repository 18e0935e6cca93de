//! Real electors on a real cluster: what `hactl status` says of them is compared with what they log of themselves.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{DeleteParams, Patch, PatchParams, WatchEvent, WatchParams};
use serde_json::{Value, json};

use super::{items, status};
use crate::support::fixtures::elector_deployment;
use crate::support::kubelet::Change;
use crate::support::{Namespace, Running, Testbed, block_on, hactl};

/// For Pods to be scheduled and started, and for a failover at a few seconds.
const SOON: Duration = Duration::from_secs(60);

/// Each elector of the testbed, and how its Lease gives it away.
const ELECTORS: [(&str, &str, &str, &str); 5] = [
    ("manager", "manager", "client-go", "likely"),
    ("bare", "client-go", "client-go", "guess"),
    ("klm", "kube-lease-manager-0.13", "kube-lease-manager", "certain"),
    ("klm-old", "kube-lease-manager-0.8", "kube-lease-manager", "certain"),
    ("kubert", "kubert", "kubert", "certain"),
];

fn item(namespace: &Namespace<'_>, args: &[&str], lease: &str) -> Value {
    item_of(namespace, namespace.name(), args, lease)
}

fn item_of(namespace: &Namespace<'_>, of: &str, args: &[&str], lease: &str) -> Value {
    let found = items(namespace, args).into_iter().find(|item| item["lease"] == lease && item["namespace"] == of);
    found.unwrap_or_else(|| panic!("{of}/{lease} is not shown"))
}

/// The Pod that says of itself that it acts as leader.
fn acting(namespace: &Namespace<'_>, name: &str) -> String {
    let acts = |pod: &str| {
        let events = namespace.running(pod).events();
        // A process that starts again is up, and acts no more.
        let last = events.iter().rev().find(|event| !matches!(event.event, Change::Error));
        last.is_some_and(|event| matches!(event.event, Change::Start))
    };
    namespace.wait_for(SOON, "one Pod acts", || {
        let names: Vec<_> = namespace.pods(name).into_iter().filter_map(|pod| pod.metadata.name).collect();
        let mut acting: Vec<_> = names.into_iter().filter(|pod| acts(pod)).collect();
        acting.pop().filter(|_| acting.is_empty())
    })
}

#[test]
fn every_elector_is_recognised_with_its_pod_node_and_zone() {
    let namespace = Testbed::shared().namespace("electors");
    for (name, image, ..) in ELECTORS {
        elector_deployment(name, image, 2).apply(&namespace);
    }
    for (name, _, library, confidence) in ELECTORS {
        namespace.wait_ready(name, 2, SOON);
        let leader = acting(&namespace, name);
        let item = item(&namespace, &["-A"], name);
        assert_eq!(item["health"], "Healthy", "{item:#}");
        assert_eq!(
            (&item["elector"]["name"], &item["elector"]["confidence"]),
            (&json!(library), &json!(confidence)),
            "{item:#}"
        );
        assert_eq!(item["workload"], json!({"kind": "Deployment", "name": name}));
        assert_eq!(item["holder"]["pod"], json!(leader));
        let node = namespace.pod(&leader).and_then(|pod| pod.spec?.node_name).expect("it is scheduled");
        assert_eq!(item["holder"]["node"], json!(node));
        assert!(item["holder"]["zone"].as_str().is_some_and(|zone| zone.starts_with("zone-")), "{item:#}");
        let candidates = item["candidates"].as_array().expect("candidates");
        let roles: Vec<_> = candidates.iter().map(|candidate| (&candidate["role"], &candidate["ready"])).collect();
        assert_eq!(roles, [(&json!("leader"), &json!(true)), (&json!("standby"), &json!(true))], "{item:#}");
    }
}

#[test]
fn the_control_planes_own_elections_are_healthy_though_they_run_in_no_pod() {
    let namespace = Testbed::shared().namespace("own");
    for component in ["kube-controller-manager", "kube-scheduler"] {
        let item = item_of(&namespace, "kube-system", &["-A"], component);
        assert_eq!((&item["namespace"], &item["health"]), (&json!("kube-system"), &json!("Healthy")), "{item:#}");
        assert_eq!(
            (&item["elector"]["name"], &item["elector"]["confidence"]),
            (&json!("client-go"), &json!("certain"))
        );
        assert_eq!((&item["holder"]["pod"], &item["candidates"]), (&json!(null), &json!([])));
        assert!(item["reasons"].to_string().contains("candidates are unknown"), "{item:#}");
    }
}

#[test]
fn a_manager_is_an_operator_and_its_flags_tell_its_timing() {
    let namespace = Testbed::shared().namespace("operator");
    let flags = [
        "--leader-elect",
        "--leader-elect-lease-duration=12s",
        "--leader-elect-renew-deadline=8s",
        "--leader-elect-retry-period=1s",
    ];
    elector_deployment("op", "manager", 2).args(flags).apply(&namespace);
    namespace.wait_ready("op", 2, SOON);
    namespace.wait_leader("op", SOON);
    let item = item(&namespace, &["deploy/op"], "op");
    assert_eq!(item["system"], "operator", "{item:#}");
    let timing = &item["elector"]["timing"];
    let stated = |name: &str| (timing[name]["value"].clone(), timing[name]["source"].clone());
    assert_eq!(stated("leaseDurationSeconds"), (json!(12), json!("lease")));
    assert_eq!(stated("renewDeadlineSeconds"), (json!(8), json!("args")));
    assert_eq!(stated("retryPeriodSeconds"), (json!(1), json!("args")));
    assert_eq!(stated("gracePeriodSeconds"), (json!(null), json!("unknown")));
}

#[test]
fn where_pods_may_not_be_read_the_lease_is_judged_alone() {
    let namespace = Testbed::shared().namespace("alone");
    elector_deployment("klm", "kube-lease-manager-0.13", 2).apply(&namespace);
    namespace.wait_leader("klm", SOON);
    grant(&namespace, "klm", &["leases"]);
    let run = |args: &[&str]| hactl().args(["status"]).args(args).kubeconfig(namespace.kubeconfig_as("klm"));
    let mut watch = run(&["-w", "-o", "json"]).spawn();
    let (watched, _) = until(&mut watch, |_| true);
    let out = run(&["-o", "json"]).run();
    let looked = serde_json::from_str::<Value>(&out.stdout).expect("JSON")["items"][0].clone();
    for item in [watched, looked] {
        assert_eq!(item["health"], "Healthy", "{item:#}");
        assert!(item["reasons"].to_string().contains("Pods could not be read (forbidden: "), "{item:#}");
    }
    assert_eq!(out.code, Some(0));
    assert!(out.stderr.contains("warning: pods could not be read: forbidden: "), "{}", out.stderr);
    assert_eq!(run(&["--exit-code"]).run().code, Some(3));
}

/// Lets a ServiceAccount list and watch these resources.
fn grant(namespace: &Namespace<'_>, account: &str, resources: &[&str]) {
    let groups = ["", "apps", "coordination.k8s.io"];
    let rules = json!([{"apiGroups": groups, "resources": resources, "verbs": ["list", "watch"]}]);
    for manifest in [
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reader"}, "rules": rules}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "reader"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": account}]}),
    ] {
        crate::support::fixtures::create(namespace, manifest);
    }
}

/// The first watched document whose one item satisfies `wanted`, and when its line came.
fn until(watch: &mut Running, wanted: impl Fn(&Value) -> bool) -> (Value, Instant) {
    loop {
        let line = watch.next_line(SOON).expect("the watch goes on");
        let document: Value = serde_json::from_str(&line.text).expect("a document a line");
        let item = document["items"][0].clone();
        if wanted(&item) {
            return (item, line.at);
        }
    }
}

/// When the API server's event arrives that another than `former` holds the Lease.
fn taken_over(namespace: &Namespace<'_>, lease: &str, former: &str) -> JoinHandle<Instant> {
    let (api, former) = (namespace.api::<Lease>(), former.to_owned());
    let params = WatchParams::default().fields(&format!("metadata.name={lease}"));
    let holder = |lease: Lease| lease.spec?.holder_identity.filter(|holder| !holder.is_empty());
    let watch = async move {
        let mut events = Box::pin(api.watch(&params, "0").await.expect("a watch"));
        while let Some(event) = events.try_next().await.expect("an event") {
            if let WatchEvent::Added(lease) | WatchEvent::Modified(lease) = event
                && holder(lease).is_some_and(|holder| holder != former)
            {
                return Instant::now();
            }
        }
        panic!("the watch ended");
    };
    std::thread::spawn(|| block_on(watch))
}

#[test]
fn a_killed_leader_is_followed_to_its_successor() {
    let namespace = Testbed::shared().namespace("killed");
    elector_deployment("op", "manager", 2).quick().apply(&namespace);
    namespace.wait_ready("op", 2, SOON);
    let former = namespace.wait_leader("op", SOON);
    let leader = acting(&namespace, "op");
    let mut watch = hactl().args(["status", "lease/op", "-w", "-o", "json"]).kubeconfig(namespace.kubeconfig()).spawn();
    let (first, _) = until(&mut watch, |_| true);
    assert_eq!(first["holder"]["pod"], json!(leader));

    let event = taken_over(&namespace, "op", &former);
    namespace.running(&leader).kill9();
    let seen =
        until(&mut watch, |item| item["holder"]["identity"] != json!(former) && !item["holder"]["identity"].is_null());
    let event = event.join().expect("the watch found it");
    let late = seen.1.saturating_duration_since(event);
    assert!(late < Duration::from_secs(1), "told {late:?} after the API server's event");
    assert_eq!(seen.0["holder"]["pod"], json!(acting(&namespace, "op")));
    let now = item(&namespace, &["lease/op"], "op");
    assert_ne!(now["holder"]["identity"], json!(former));
}

#[test]
fn a_frozen_leader_alone_leaves_no_leader() {
    let namespace = Testbed::shared().namespace("frozen");
    elector_deployment("op", "client-go", 1).quick().apply(&namespace);
    namespace.wait_ready("op", 1, SOON);
    let leader = namespace.wait_leader("op", SOON);
    let at_risk = item(&namespace, &[], "op");
    assert_eq!((&at_risk["health"], &at_risk["reasons"]), (&json!("AtRisk"), &json!(["no standby"])), "{at_risk:#}");
    namespace.running(&leader).freeze();
    std::thread::sleep(Duration::from_secs(6));
    let item = item(&namespace, &[], "op");
    assert_eq!(item["health"], "NoLeader", "{item:#}");
    let reasons = item["reasons"].to_string();
    assert!(reasons.contains(&format!("{leader} has not renewed: expired")), "{reasons}");
    assert!(item["expiresInSeconds"].as_f64().expect("a number") < 0.0, "{item:#}");
    namespace.running(&leader).thaw();
}

#[test]
fn an_expired_lease_without_anybody_is_orphaned() {
    let namespace = Testbed::shared().namespace("orphaned");
    elector_deployment("op", "kube-lease-manager-0.13", 1).quick().apply(&namespace);
    namespace.wait_ready("op", 1, SOON);
    let leader = namespace.wait_leader("op", SOON);
    // Killed, it cannot release; scaled to 0, nobody comes after it.
    let scale = Patch::Merge(json!({"spec": {"replicas": 0}}));
    namespace.running(&leader).freeze();
    block_on(namespace.api::<Deployment>().patch("op", &PatchParams::default(), &scale)).expect("scaled");
    let delete = DeleteParams { grace_period_seconds: Some(0), ..DeleteParams::default() };
    let _ = block_on(namespace.api::<k8s_openapi::api::core::v1::Pod>().delete(&leader, &delete));
    namespace.wait_for(SOON, "the Pod is gone", || namespace.pod(&leader).is_none().then_some(()));
    std::thread::sleep(Duration::from_secs(5));
    let item = item(&namespace, &["lease/op"], "op");
    assert_eq!(item["health"], "Orphaned", "{item:#}");
    assert_eq!(item["workload"], json!({"kind": "Deployment", "name": "op"}), "{item:#}");
    assert!(item["reasons"].to_string().contains("its workload is scaled to 0"), "{item:#}");
}

#[test]
fn a_workload_is_shown_with_all_its_candidates() {
    let namespace = Testbed::shared().namespace("candidates");
    elector_deployment("web", "client-go", 3).apply(&namespace);
    namespace.wait_ready("web", 3, SOON);
    let leader = namespace.wait_leader("web", SOON);
    let out = status(&namespace, &["deploy/web"]);
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    let rows: Vec<_> = out.stdout.lines().skip_while(|line| !line.starts_with("  ROLE")).skip(1).take(3).collect();
    assert!(rows[0].starts_with(&format!("* leader   {leader}  yes    0")), "{}", out.stdout);
    assert!(rows[1..].iter().all(|row| row.starts_with("  standby  web-")), "{}", out.stdout);
    // By the name of a Pod that takes part, too.
    assert_eq!(status(&namespace, &[&leader, "-o", "name"]).stdout, "lease.coordination.k8s.io/web\n");
}

#[test]
fn two_workloads_on_one_lease_are_both_told() {
    let namespace = Testbed::shared().namespace("two");
    for name in ["blue", "green"] {
        elector_deployment(name, "client-go", 1).lease("shared").apply(&namespace);
    }
    namespace.wait_ready("blue", 1, SOON);
    namespace.wait_ready("green", 1, SOON);
    namespace.wait_leader("shared", SOON);
    let item = item(&namespace, &[], "shared");
    assert_eq!(item["candidates"].as_array().map(Vec::len), Some(2), "{item:#}");
    let reasons = item["reasons"].to_string();
    assert!(reasons.contains("2 workloads name this Lease: deploy/"), "{reasons}");
}

#[test]
fn only_the_leader_being_ready_is_told_as_a_danger() {
    let namespace = Testbed::shared().namespace("gated");
    elector_deployment("web", "client-go", 2).ready_when_leading().apply(&namespace);
    namespace.wait_leader("web", SOON);
    namespace.wait_ready("web", 1, SOON);
    namespace.wait_for(SOON, "the standby runs", || {
        let item = item(&namespace, &[], "web");
        (item["candidates"].as_array().map(Vec::len) == Some(2)).then_some(())
    });
    let item = item(&namespace, &[], "web");
    assert_eq!(item["health"], "AtRisk", "{item:#}");
    assert!(item["reasons"].to_string().contains("no standby is Ready"), "{item:#}");
}
