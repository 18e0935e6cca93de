//! Pods and Nodes that something happens to.

use std::thread::sleep;
use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use kube::{Api, ResourceExt};
use serde_json::json;

use super::{SOON, create_pod, merge, namespace, runs, script, wait_container};
use crate::support::fixtures::elector_deployment;
use crate::support::kubelet::{Change, Cut};
use crate::support::{Component, Testbed};

#[test]
fn a_killed_process_starts_again_in_place() {
    let ns = namespace("kill");
    elector_deployment("web", "client-go", 1).apply(&ns);
    let holder = ns.wait_leader("web", SOON);
    let running = ns.running(&holder);
    let former = running.pid("elector");
    running.kill9();

    let again = wait_container(&ns, &holder, "it runs again", |status| status.restart_count == 1 && runs(status));
    let last = again.last_state.and_then(|state| state.terminated).expect("it has run before");
    assert_eq!((last.exit_code, last.reason.as_deref()), (137, Some("Error")));
    assert!(last.started_at <= last.finished_at);
    assert_ne!(last.container_id, again.container_id);
    assert_ne!(running.pid("elector"), former);
    wait_container(&ns, &holder, "it is ready again", |status| status.ready);
}

#[test]
fn a_pod_has_the_rights_of_its_service_account() {
    let ns = namespace("rights");
    elector_deployment("web", "client-go", 1).without_rights().apply(&ns);
    let pod = ns.wait_ready("web", 1, SOON).remove(0);
    let running = ns.running(&pod.name_any());
    let account = format!("system:serviceaccount:{}:web", ns.name());
    let refused =
        |line: &crate::support::kubelet::Line| line.text.contains("forbidden") && line.text.contains(&account);
    ns.wait_for(SOON, "it complains", || running.logs().into_iter().find(refused));
    assert!(ns.lease("web").is_none());
}

#[test]
fn readiness_may_depend_on_the_leadership() {
    let ns = namespace("readiness");
    elector_deployment("web", "client-go", 2).quick().ready_when_leading().apply(&ns);
    let holder = ns.wait_leader("web", SOON);
    let ready = ns.wait_ready("web", 1, SOON);
    assert_eq!(ready[0].name_any(), holder);

    ns.running(&holder).freeze();
    let other = ns.wait_other_leader("web", &holder, SOON);
    wait_container(&ns, &other, "the new leader is ready", |status| status.ready);
    wait_container(&ns, &holder, "the frozen one is not", |status| !status.ready);
}

#[test]
fn a_frozen_process_goes_on_when_it_is_thawed() {
    let ns = namespace("freeze");
    create_pod(&ns, "clock", "sh", &script("while :; do echo tick; sleep 0.1; done"));
    wait_container(&ns, "clock", "it runs", runs);
    let running = ns.running("clock");
    let ticks = || running.logs().len();
    ns.wait_for(SOON, "it ticks", || (ticks() > 2).then_some(()));

    running.freeze();
    sleep(Duration::from_millis(300)); // what was on its way arrives
    let frozen = ticks();
    sleep(Duration::from_millis(500));
    assert_eq!(ticks(), frozen);
    running.thaw();
    ns.wait_for(SOON, "it ticks again", || (ticks() > frozen).then_some(()));
    let status = wait_container(&ns, "clock", "it runs", runs);
    assert_eq!(status.restart_count, 0);
}

#[test]
fn a_failed_liveness_probe_means_a_restart() {
    let ns = namespace("liveness");
    let mut spec = script("exec sleep 1000");
    let probe = json!({"tcpSocket": {"port": 8080}, "periodSeconds": 1, "failureThreshold": 2});
    merge(&mut spec, &json!({"containers": [{"livenessProbe": probe}], "terminationGracePeriodSeconds": 1}));
    create_pod(&ns, "deaf", "sh", &spec);
    let status = wait_container(&ns, "deaf", "it was restarted", |status| status.restart_count == 1);
    let last = status.last_state.and_then(|state| state.terminated).expect("it has run before");
    assert_eq!(last.exit_code, 143);
}

#[test]
fn a_leader_that_is_refused_loses_its_lease() {
    cut_off_the_leader(Cut::Refuse);
}

#[test]
fn a_leader_whose_connections_are_reset_loses_its_lease() {
    cut_off_the_leader(Cut::Reset);
}

#[test]
fn a_leader_in_a_black_hole_loses_its_lease() {
    cut_off_the_leader(Cut::BlackHole);
}

fn cut_off_the_leader(cut: Cut) {
    let ns = namespace("cut");
    elector_deployment("web", "client-go", 2).quick().apply(&ns);
    ns.wait_ready("web", 2, SOON);
    let holder = ns.wait_leader("web", SOON);
    let running = ns.running(&holder);
    running.cut_off(cut);
    ns.wait_other_leader("web", &holder, SOON);
    let count = |change| running.events().iter().filter(|event| event.event == change).count();
    ns.wait_for(SOON, "the old leader knows", || (count(Change::Stop) == 1).then_some(()));

    running.restore();
    // client-go's users end when they lose the Lease, and so start anew.
    let again = wait_container(&ns, &holder, "it runs again", |status| status.ready && status.restart_count > 0);
    assert!(runs(&again) && count(Change::Up) > 1);
}

#[test]
fn what_happens_while_the_api_server_is_away_is_reported_later() {
    let testbed = Testbed::own(&[Component::Etcd, Component::ApiServer]);
    let ns = testbed.namespace("outage");
    let mut spec = script("exec sleep 1000");
    merge(&mut spec, &json!({"nodeName": "node-a"}));
    create_pod(&ns, "main", "sh", &spec);
    wait_container(&ns, "main", "it runs", runs);

    let running = ns.running("main");
    let former = running.pid("main");
    testbed.kill(Component::ApiServer);
    running.kill9();
    ns.wait_for(SOON, "it is restarted without the API server", || {
        running.pid("main").filter(|pid| Some(*pid) != former)
    });
    testbed.start(Component::ApiServer);
    wait_container(&ns, "main", "the restart is reported", |status| status.restart_count == 1 && runs(status));
}

#[test]
fn a_dead_node_says_nothing_any_more() {
    let ns = namespace("node");
    let kubelet = ns.testbed().kubelet();
    let pool = kubelet.pool(ns.name(), &["zone-a", "zone-b"]);
    elector_deployment("web", "client-go", 2).quick().pool(&pool).apply(&ns);
    let pods = ns.wait_ready("web", 2, SOON);
    assert!(pods.iter().all(|pod| pool.nodes.contains(&ns.running(&pod.name_any()).node)));
    let holder = ns.wait_leader("web", SOON);
    let running = ns.running(&holder);

    kubelet.kill_node(&running.node);
    ns.wait_other_leader("web", &holder, SOON);
    let status = wait_container(&ns, &holder, "it still seems to run", runs);
    assert_eq!((status.restart_count, status.ready), (0, true));
    let heartbeats: Api<Lease> = Api::namespaced(ns.testbed().client(), "kube-node-lease");
    let renewed = || {
        let lease = ns.testbed().block_on(heartbeats.get(&running.node)).expect("the Node's Lease is still there");
        lease.spec.and_then(|spec| spec.renew_time)
    };
    let last = renewed();
    assert!(last.is_some());
    sleep(Duration::from_secs(11)); // more than the interval of heartbeats
    assert_eq!(renewed(), last);
}
