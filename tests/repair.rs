//! `hactl repair` on a real API server: kube-lease-manager 0.8 really deadlocked and brought back, and what is refused.
//!
//! Of .NET, kube-leader-election, Java and fabric8 there are no real electors here: their Leases are, in the shapes that
//! stop them, and what takes them afterwards is the test. (What the libraries make of them is played by their machines,
//! in the unit tests.)

#![expect(clippy::disallowed_methods, reason = "tests live in real time")]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use kube::ResourceExt;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::support::fixtures::{LeaseFixture, Write, create, elector_deployment, lease};
use crate::support::kubelet::Change;
use crate::support::{Hactl, Namespace, Output, Testbed, block_on, hactl};

/// For Pods to be scheduled and started, and for a failover at a few seconds.
const SOON: Duration = Duration::from_secs(60);

const HOUR: Duration = Duration::from_secs(3600);

fn repair(namespace: &Namespace<'_>, args: &[&str]) -> Hactl {
    hactl().args(["repair"]).args(args).kubeconfig(namespace.kubeconfig()).timeout(Duration::from_secs(150))
}

/// The one document that hactl prints, and its exit code.
fn document(out: &Output) -> (Value, Option<i32>) {
    (serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:?}")), out.code)
}

fn change(namespace: &Namespace<'_>, name: &str, spec: &Value) {
    let params = PatchParams { field_manager: Some("kubectl-patch".into()), ..PatchParams::default() };
    let patch = Patch::Merge(json!({"spec": spec}));
    block_on(namespace.api::<Lease>().patch(name, &params, &patch)).expect("changed");
}

fn spec(namespace: &Namespace<'_>, name: &str) -> Value {
    let lease = block_on(namespace.api::<Lease>().get(name)).expect("a Lease");
    serde_json::to_value(lease.spec.unwrap_or_default()).expect("JSON")
}

fn version(namespace: &Namespace<'_>, name: &str) -> Option<String> {
    block_on(namespace.api::<Lease>().get(name)).expect("a Lease").resource_version()
}

/// Takes a Lease as an elector would, as soon as its holder is this.
fn take_when(namespace: &Namespace<'_>, name: &str, holder: &Value) -> Value {
    let free = namespace.wait_for(SOON, "hactl has written", || {
        let spec = spec(namespace, name);
        (spec["holderIdentity"] == *holder).then_some(spec)
    });
    let now = format!("{:.6}", Timestamp::now());
    change(
        namespace,
        name,
        &json!({"holderIdentity": "web-1", "leaseDurationSeconds": 15, "renewTime": now, "acquireTime": now}),
    );
    free
}

/// Whether a Pod says of itself that it acts as the leader.
fn acts(namespace: &Namespace<'_>, pod: &str) -> bool {
    let events = namespace.running(pod).events();
    let last = events.iter().rev().find(|event| !matches!(event.event, Change::Error));
    last.is_some_and(|event| matches!(event.event, Change::Start))
}

#[test]
fn kube_lease_manager_0_8_is_deadlocked_and_brought_back() {
    let namespace = Testbed::shared().namespace("deadlock");
    elector_deployment("klm", "kube-lease-manager-0.8", 2).quick().apply(&namespace);
    namespace.wait_ready("klm", 2, SOON);
    namespace.wait_leader("klm", SOON);
    let (sound, code) = document(&repair(&namespace, &["lease/klm", "-o", "json"]).run());
    assert_eq!((&sound["outcome"], &sound["problem"], code), (&json!("already"), &Value::Null, Some(0)), "{sound:#}");

    change(&namespace, "klm", &json!({"holderIdentity": null}));
    // The leader has not noticed, and renews once more.
    let (early, code) = document(&repair(&namespace, &["lease/klm", "--yes", "-o", "json"]).run());
    assert_eq!(
        (&early["outcome"], &early["problem"], code),
        (&json!("refused"), &json!("deadlock"), Some(10)),
        "{early:#}"
    );
    assert_eq!((&early["precondition"]["proved"], &early["id"]), (&json!(false), &Value::Null));
    assert!(early["precondition"]["waitSeconds"].as_f64().is_some_and(|wait| wait > 25.0), "{early:#}");
    // 4 s and the longest backoff.
    let refused = repair(&namespace, &["deploy/klm", "--yes"]).run();
    assert_eq!(refused.code, Some(10));
    assert!(refused.stderr.contains("MISSING   it was renewed"), "{}", refused.stderr);
    assert!(refused.stdout.starts_with("Refused, nothing was changed: it was renewed"), "{}", refused.stdout);
    let soon = repair(&namespace, &["lease/klm", "--yes", "--wait", "--timeout", "5s"]).run();
    assert_eq!(soon.code, Some(10), "{}", soon.stderr);
    std::thread::sleep(Duration::from_secs(15));
    let before = version(&namespace, "klm");
    std::thread::sleep(Duration::from_secs(15));
    assert_eq!(version(&namespace, "klm"), before, "nobody takes it, and nobody can");
    assert_eq!(spec(&namespace, "klm")["holderIdentity"], Value::Null);
    let pods: Vec<_> = namespace.pods("klm").into_iter().filter_map(|pod| pod.metadata.name).collect();
    assert!(pods.iter().all(|pod| !acts(&namespace, pod)), "nobody leads");

    let plan = repair(&namespace, &["lease/klm", "--dry-run=client", "--wait"]).run();
    assert_eq!(plan.code, Some(0), "{}", plan.stderr);
    assert!(plan.stdout.contains("PROVED    nobody has renewed it for 3"), "{}", plan.stdout);
    assert!(
        plan.stdout.contains("WRITES    holderIdentity: null\n          leaseDurationSeconds: null\n"),
        "{}",
        plan.stdout
    );
    let (planned, code) = document(&repair(&namespace, &["lease/klm", "--dry-run=server", "-o", "json"]).run());
    assert_eq!((&planned["outcome"], code), (&json!("planned"), Some(0)), "{planned:#}");
    let unasked = repair(&namespace, &["lease/klm"]).run();
    assert_eq!((unasked.code, unasked.stdout.as_str()), (Some(2), ""), "{}", unasked.stderr);
    assert!(unasked.stderr.contains("--yes"), "{}", unasked.stderr);
    assert_eq!(version(&namespace, "klm"), before, "dry runs change nothing");

    let begun = Instant::now();
    let (done, code) = document(&repair(&namespace, &["lease/klm", "--yes", "--reason", "a test", "-o", "json"]).run());
    assert_eq!((&done["outcome"], code), (&json!("done"), Some(0)), "{done:#}");
    let leader = done["leader"].as_str().expect("a leader").to_owned();
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    namespace.wait_for(SOON, "it acts", || acts(&namespace, &leader).then_some(()));
    let after = repair(&namespace, &["lease/klm", "-o", "json"]).run();
    assert_eq!(document(&after).0["outcome"], "already");
    let out = hactl().args(["history", "lease/klm", "-o", "json"]).kubeconfig(namespace.kubeconfig()).run();
    let history: Value = serde_json::from_str(&out.stdout).expect("one document");
    let items = history["items"].as_array().expect("items");
    let own: Vec<_> = items.iter().filter(|item| item["method"] == "repair").collect();
    assert_eq!((own.len(), &own[0]["why"], &own[0]["to"]), (1, &json!("a test"), &json!(leader)), "{history:#}");
    assert!(own[0]["who"].is_string(), "{history:#}");
    assert!(items.iter().all(|item| item["source"] != "event"), "its own Event is told once: {history:#}");
}

#[test]
fn a_deleted_lease_of_kube_lease_manager_is_advice() {
    let namespace = Testbed::shared().namespace("no-lease");
    elector_deployment("klm", "kube-lease-manager-0.13", 2).quick().apply(&namespace);
    namespace.wait_ready("klm", 2, SOON);
    let leader = namespace.wait_leader("klm", SOON);
    // Its name stands in the Lease before it knows.
    namespace.wait_for(SOON, "it acts", || acts(&namespace, &leader).then_some(()));
    block_on(namespace.api::<Lease>().delete("klm", &DeleteParams::default())).expect("deleted");
    std::thread::sleep(Duration::from_secs(8));
    assert!(acts(&namespace, &leader), "it leads on without a Lease");
    assert_eq!(repair(&namespace, &["lease/klm", "--yes"]).run().code, Some(2));
    for target in ["lease/klm", "deploy/klm"] {
        let out = repair(&namespace, &[target, "--elector", "kube-lease-manager", "--yes", "-o", "json"]).run();
        let (told, code) = document(&out);
        assert_eq!(
            (&told["outcome"], &told["problem"], code),
            (&json!("refused"), &json!("lease-deleted"), Some(10)),
            "{told:#}"
        );
        assert!(told["advice"][0].as_str().is_some_and(|advice| advice.contains("restart one standby")), "{told:#}");
        assert_eq!((&told["lease"], &told["writes"]), (&Value::Null, &json!([])));
    }
}

/// A Lease of one of these managers.
fn written_by(manager: &str, lease: &LeaseFixture, namespace: &Namespace<'_>) {
    lease.write(namespace, Write::Create, manager);
}

#[test]
fn a_fence_is_left_alone_until_it_has_run_out() {
    let namespace = Testbed::shared().namespace("fence");
    let fence =
        |name: &str, ago| lease(name).holder("hactl-transfer/x7").duration_seconds(15).transitions(3).renewed(ago);
    written_by("web", &fence("fresh", Duration::from_secs(1)), &namespace);
    written_by("kubectl", &fence("left", HOUR), &namespace);
    let fresh = repair(&namespace, &["lease/fresh", "--elector", "client-go", "--yes"]).run();
    assert_eq!(fresh.code, Some(10), "{}", fresh.stderr);
    assert!(fresh.stdout.contains("a transfer is running: x7"), "{}", fresh.stdout);
    let unknown = repair(&namespace, &["lease/left", "--yes"]).run();
    assert_eq!(unknown.code, Some(10), "{}", unknown.stderr);
    assert!(unknown.stdout.contains("name it with --elector"), "{}", unknown.stdout);
    let running = repair(&namespace, &["lease/left", "--elector", "client-go", "--yes", "-o", "json"]).spawn();
    let free = take_when(&namespace, "left", &json!(""));
    assert_eq!((&free["leaseDurationSeconds"], &free["leaseTransitions"]), (&json!(15), &json!(3)));
    let (done, code) = document(&running.wait(SOON));
    assert_eq!((&done["outcome"], &done["leader"], code), (&json!("done"), &json!("web-1"), Some(0)), "{done:#}");
}

#[test]
fn nulls_are_filled_in_for_who_cannot_read_them() {
    let namespace = Testbed::shared().namespace("nulls");
    // .NET: all null, as after a release by kube-lease-manager or by hand. Nothing dates it: it has to be watched.
    written_by("kubernetes-csharp", &lease("dotnet").transitions(3), &namespace);
    let unwatched = repair(&namespace, &["lease/dotnet", "--yes"]).run();
    assert_eq!(unwatched.code, Some(10), "{}", unwatched.stderr);
    assert!(unwatched.stdout.contains("when it was renewed last is not recorded"), "{}", unwatched.stdout);
    let args = ["lease/dotnet", "--elector", "dotnet:3/2/1", "--wait", "--yes", "-o", "json"];
    let begun = Instant::now();
    let running = repair(&namespace, &args).spawn();
    let free = take_when(&namespace, "dotnet", &json!(""));
    assert!(begun.elapsed() > Duration::from_secs(5), "3 s and two retry periods: {:?}", begun.elapsed());
    assert!(free["acquireTime"].is_string() && free["renewTime"].is_string(), "{free:#}");
    assert_eq!((&free["leaseDurationSeconds"], &free["leaseTransitions"]), (&json!(3), &json!(3)));
    let (done, code) = document(&running.wait(SOON));
    assert_eq!((&done["outcome"], &done["problem"], code), (&json!("done"), &json!("null-field"), Some(0)), "{done:#}");

    // Java: the transitions are null; its holder stays.
    let java = lease("java").holder("web-0").duration_seconds(15).renewed(HOUR).acquired(HOUR);
    written_by("Kubernetes%20Java%20Client", &java, &namespace);
    let running = repair(&namespace, &["lease/java", "--yes", "-o", "json"]).spawn();
    let restored = namespace.wait_for(SOON, "hactl has written", || {
        let spec = spec(&namespace, "java");
        spec["leaseTransitions"].is_number().then_some(spec)
    });
    assert_eq!((&restored["holderIdentity"], &restored["leaseTransitions"]), (&json!("web-0"), &json!(0)));
    take_when(&namespace, "java", &json!("web-0"));
    assert_eq!(document(&running.wait(SOON)).1, Some(0));

    // kube-leader-election writes under its identity, which is a Pod that may live.
    written_by("web-0", &lease("kle").holder("web-0").duration_seconds(15).transitions(1).renewed(HOUR), &namespace);
    change(&namespace, "kle", &json!({"holderIdentity": null}));
    let refused = repair(&namespace, &["lease/kle", "--elector", "kube-leader-election", "--yes"]).run();
    assert_eq!(refused.code, Some(10), "{}", refused.stderr);
    assert!(refused.stdout.contains("web-0 runs, and may act as the leader: end it first"), "{}", refused.stdout);

    // fabric8: its loops have ended; who led has to be ended before, and all be restarted after.
    written_by("fabric8-kubernetes-client", &lease("fabric8").holder("web-0").renewed(HOUR).transitions(1), &namespace);
    let (told, code) = document(&repair(&namespace, &["lease/fabric8", "--yes", "-o", "json"]).run());
    assert_eq!((&told["outcome"], code), (&json!("refused"), Some(10)), "{told:#}");
    assert!(told["advice"][0].as_str().is_some_and(|advice| advice.contains("restart its Pods")), "{told:#}");
    assert_eq!(spec(&namespace, "fabric8")["leaseDurationSeconds"], Value::Null);

    // Nobody knows whose this is.
    written_by("test", &lease("odd").holder("web-0").renewed(HOUR), &namespace);
    let odd = repair(&namespace, &["lease/odd", "--yes"]).run();
    assert_eq!(odd.code, Some(10), "{}", odd.stderr);
    assert!(odd.stderr.contains("PROBLEM   unknown-elector") && odd.stdout.contains("--elector"), "{odd:?}");
}

#[test]
fn standbys_that_were_put_to_sleep_are_told() {
    let namespace = Testbed::shared().namespace("blind");
    let held = lease("klm").holder("web-0").duration_seconds(15).transitions(1).renewed(Duration::ZERO).acquired(HOUR);
    written_by("kube-lease-manager-a", &held, &namespace);
    change(&namespace, "klm", &json!({"leaseDurationSeconds": 7200}));
    let (told, code) = document(&repair(&namespace, &["lease/klm", "--yes", "-o", "json"]).run());
    assert_eq!((&told["problem"], code), (&json!("blind-standbys"), Some(10)), "{told:#}");
    assert!(told["evidence"].as_str().is_some_and(|evidence| evidence.contains("kubectl-patch")), "{told:#}");
}

#[test]
fn a_right_that_is_missing_is_named_before_anything_is_written() {
    let namespace = Testbed::shared().namespace("no-right");
    written_by("kubectl", &lease("left").holder("hactl-transfer/x7").duration_seconds(15).renewed(HOUR), &namespace);
    let version = "rbac.authorization.k8s.io/v1";
    let metadata = json!({"name": "reader"});
    let rules = json!([
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "list"]},
        {"apiGroups": ["", "apps"], "resources": ["pods", "deployments", "statefulsets"], "verbs": ["get", "list"]},
    ]);
    create(&namespace, json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}));
    create(&namespace, json!({"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": rules}));
    create(
        &namespace,
        json!({"apiVersion": version, "kind": "RoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "reader"}]}),
    );
    let kubeconfig = namespace.kubeconfig_as("reader");
    let args = ["repair", "lease/left", "--elector", "client-go", "--yes", "-o", "json"];
    let run = || hactl().args(args).kubeconfig(&kubeconfig).run();
    let out =
        namespace.wait_for(SOON, "the account's rights are known", || Some(run()).filter(|out| out.code != Some(3)));
    let (told, code) = document(&out);
    assert_eq!((&told["outcome"], code), (&json!("refused"), Some(10)), "{told:#}");
    let right = format!("not allowed to patch leases.coordination.k8s.io \"left\" in namespace {}", namespace.name());
    assert_eq!(told["reason"], json!(right));
    assert_eq!(spec(&namespace, "left")["holderIdentity"], json!("hactl-transfer/x7"));
}

#[test]
fn a_document_has_the_same_fields_whatever_came_of_it() {
    let namespace = Testbed::shared().namespace("fields");
    written_by("web", &lease("sound").holder("web-0").duration_seconds(3600).renewed(Duration::ZERO), &namespace);
    written_by("kubectl", &lease("left").holder("hactl-transfer/x7").duration_seconds(15).renewed(HOUR), &namespace);
    let fields = |args: &[&str], expected: &str| {
        let (document, _) = document(&repair(&namespace, &[args, &["-o", "json"]].concat()).run());
        assert_eq!(
            (&document["kind"], &document["outcome"]),
            (&json!("RepairResult"), &json!(expected)),
            "{document:#}"
        );
        document.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>())
    };
    let sound = fields(&["lease/sound"], "already");
    assert_eq!(fields(&["lease/left"], "refused"), sound);
    assert_eq!(fields(&["lease/left", "--elector", "client-go", "--dry-run=client"], "planned"), sound);
    let sentence = repair(&namespace, &["lease/sound"]).run();
    assert!(sentence.stdout.starts_with(&format!("Nothing to repair in {}/sound", namespace.name())), "{sentence:?}");
}
