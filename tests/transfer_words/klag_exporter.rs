//! A leader that says itself whether it leads, as klag-exporter does at `/leader`: its no is waited for. The elector is
//! kube-lease-manager 0.8, as klag-exporter's; an API server proxies to no loopback address, so what stands for its Pod
//! proxy here is a gate, which asks the Pod itself.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::roles::account;
use super::{PATIENCE, SOON, document};
use crate::support::fixtures::{create, elector_deployment};
use crate::support::gate::{Act, Gate};
use crate::support::kubelet::Change;
use crate::support::{Hactl, Namespace, Testbed, hactl};

const ARGS: [&str; 6] = ["transfer", "lease/app", "--yes", "--elector", "kube-lease-manager@0.8:8/3", "-o"];

/// An election of it; a leader that has lost its Lease goes on for so many seconds.
fn klag_exporter(linger: &str) -> (Namespace<'static>, String) {
    let namespace = Testbed::shared().namespace("asked");
    namespace.testbed().kubelet();
    let deployment = elector_deployment("app", "kube-lease-manager-0.8", 2)
        .env("LEASE_DURATION", "8")
        .env("GRACE_PERIOD", "3")
        .env("LINGER", linger)
        .ready_when_leading();
    for mut manifest in deployment.manifests() {
        if manifest["kind"] == "Deployment" {
            manifest["spec"]["template"]["spec"]["containers"][0]["name"] = json!("klag-exporter");
        }
        create(&namespace, manifest);
    }
    namespace.wait_ready("app", 1, SOON);
    let leader = namespace.wait_leader("app", SOON);
    // Only leaders are ever Ready: that a standby has run for a while has to do.
    std::thread::sleep(Duration::from_secs(31));
    (namespace, leader)
}

/// hactl, and how often it asked the leader.
fn through_a_gate(namespace: &Namespace<'_>, leader: &str) -> (Gate, Hactl) {
    let to = SocketAddr::from((namespace.running(leader).ip, 8080));
    let path = format!("/api/v1/namespaces/{}/pods/{leader}:8080/proxy/leader", namespace.name());
    let gate = Gate::before(namespace.testbed().access(), move |asked| match asked.path == path {
        true => Act::Forward(to, "/leader"),
        false => Act::Pass,
    });
    let run = hactl().args(ARGS).args(["json"]).kubeconfig(gate.kubeconfig(namespace)).timeout(PATIENCE);
    (gate, run)
}

fn asked(gate: &Gate) -> usize {
    gate.asked().iter().filter(|asked| asked.path.contains("/proxy/")).count()
}

fn steps(document: &Value) -> Vec<(&str, f64)> {
    let steps = document["steps"].as_array().into_iter().flatten();
    steps.filter_map(|step| Some((step["action"].as_str()?, step["atSeconds"].as_f64()?))).collect()
}

fn actions(document: &Value) -> Vec<&str> {
    steps(document).into_iter().map(|(action, _)| action).collect()
}

/// When a Pod last said of itself that it began to act, or ended.
fn last(namespace: &Namespace<'_>, pod: &str, change: Change) -> Option<Timestamp> {
    namespace.running(pod).events().into_iter().filter(|event| event.event == change).map(|event| event.at).next_back()
}

fn says(document: &Value, part: &str, what: &str) -> bool {
    let all = if part == "risks" { &document["risks"] } else { &document["predicted"]["assumptions"] };
    all.to_string().contains(what)
}

#[test]
fn its_no_is_waited_for() {
    let (namespace, leader) = klag_exporter("2");
    let (gate, run) = through_a_gate(&namespace, &leader);
    let out = run.run();
    let done = document(&out);
    assert_eq!((out.code, &done["outcome"]), (Some(0), &json!("done")), "{out:#?}");
    assert_eq!(actions(&done), ["fence", "acknowledge", "acknowledge", "hand-over", "verify"], "{out:#?}");
    let at: Vec<_> = steps(&done).into_iter().map(|(_, at)| at).collect();
    assert!(at[2] - at[1] > 1.0 && asked(&gate) > 3, "asked {} times: {out:#?}", asked(&gate));
    assert!(says(&done, "assumptions", "nobody is named before it says no"), "{out:#?}");
    let next = done["leader"]["pod"].as_str().expect("a leader");
    let (stop, start) = (last(&namespace, &leader, Change::Stop), last(&namespace, next, Change::Start));
    assert!(stop.is_some() && stop < start, "two acted: {stop:?} {start:?}");
}

#[test]
fn one_that_never_says_it_is_not_followed_by_name() {
    let (namespace, leader) = klag_exporter("600");
    let (gate, run) = through_a_gate(&namespace, &leader);
    let out = run.run();
    let left = document(&out);
    assert_eq!((out.code, &left["outcome"]), (Some(12), &json!("unknown")), "{out:#?}");
    assert!(left["reason"].as_str().is_some_and(|why| why.contains("did not say that it leads no more")), "{out:#?}");
    assert!(!actions(&left).contains(&"hand-over") && asked(&gate) > 3, "{out:#?}");
    let handed = gate.asked().into_iter().filter(|asked| asked.step() == Some("hand-over")).count();
    assert_eq!(handed, 0, "{out:#?}");
}

#[test]
fn where_it_cannot_be_asked_the_plan_says_what_is_left_open() {
    let (namespace, _) = klag_exporter("1");
    let admin = || hactl().args(ARGS).kubeconfig(namespace.kubeconfig()).timeout(PATIENCE);
    let plan = document(&admin().args(["json", "--dry-run=client"]).run());
    // The API server does not proxy to this Pod.
    assert!(says(&plan, "risks", "asked before, it did not say that it leads"), "{plan:#}");
    let [role] = plan["roles"].as_array().expect("Roles").as_slice() else { panic!("one Role: {plan:#}") };
    assert!(!role.to_string().contains("proxy"), "it is no must: {plan:#}");
    let account = account(&namespace, "mover", role["rules"].as_array().expect("rules"));
    let out = hactl().args(ARGS).args(["json"]).kubeconfig(account).timeout(PATIENCE).run();
    let done = document(&out);
    assert_eq!((out.code, &done["outcome"]), (Some(0), &json!("done")), "{out:#?}");
    assert!(says(&done, "risks", "that takes the right to get pods/proxy"), "{out:#?}");
    assert!(says(&done, "assumptions", "hactl sees that it wrote, not that it read"), "{out:#?}");
}
