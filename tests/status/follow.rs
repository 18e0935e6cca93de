//! `-w` and `--wait`: changes are told within a second, and lost connections are made anew.

use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::Lease;
use kube::api::DeleteParams;
use serde_json::{Value, json};

use super::{change, create, held_by, in_seconds, status};
use crate::support::{Component, Signal, Testbed, block_on, hactl, send_signal};

const SOON: Duration = Duration::from_secs(10);

/// What hactl adds at most to the time that the API server takes.
const A_SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_change_of_leader_is_told_within_a_second() {
    let namespace = Testbed::shared().namespace("watch");
    create(&namespace, "lead", &held_by("first"));
    let mut watch = hactl().args(["status", "-w"]).kubeconfig(namespace.kubeconfig()).spawn();
    let line = watch.next_line(SOON).expect("a line").text;
    assert!(line.contains(&format!("{}/lead Healthy leader first", namespace.name())), "{line}");

    change(&namespace, "lead", &json!({"holderIdentity": "second", "leaseTransitions": 1}));
    let changed = Instant::now();
    let line = watch.next_line(SOON).expect("a line");
    assert!(line.text.contains("leader second"), "{}", line.text);
    assert!(line.at.duration_since(changed) < A_SECOND, "{:?}", line.at.duration_since(changed));

    // A renewal is no change.
    change(&namespace, "lead", &json!({"renewTime": in_seconds(0)}));
    block_on(namespace.api::<Lease>().delete("lead", &DeleteParams::default())).expect("deleted");
    let line = watch.next_line(SOON).expect("a line").text;
    assert!(line.ends_with("/lead gone"), "{line}");

    watch.signal(Signal::INT);
    assert_eq!(watch.wait(SOON).code, Some(130));
}

#[test]
fn expiry_is_told_though_no_event_comes() {
    let namespace = Testbed::shared().namespace("expiry");
    create(
        &namespace,
        "lead",
        &json!({"holderIdentity": "gone-0", "leaseDurationSeconds": 2, "renewTime": in_seconds(0)}),
    );
    let mut watch = hactl().args(["status", "-w", "-o", "json"]).kubeconfig(namespace.kubeconfig()).spawn();
    let health = |line: &str| -> Value {
        serde_json::from_str::<Value>(line).expect("a document a line")["items"][0]["health"].clone()
    };
    assert_eq!(health(&watch.next_line(SOON).expect("a line").text), "Healthy");
    assert_eq!(health(&watch.next_line(SOON).expect("a line").text), "Orphaned");
}

#[test]
fn a_restarted_api_server_is_found_again_and_nothing_is_called_expired_meanwhile() {
    let testbed = Testbed::own(&[Component::Etcd, Component::ApiServer]);
    let namespace = testbed.namespace("restart");
    create(
        &namespace,
        "lead",
        &json!({"holderIdentity": "first", "leaseDurationSeconds": 4, "renewTime": in_seconds(0)}),
    );
    let mut watch = hactl().args(["status", "-w"]).kubeconfig(namespace.kubeconfig()).spawn();
    assert!(watch.next_line(SOON).expect("a line").text.contains("leader first"));
    testbed.kill(Component::ApiServer);
    // Longer than the Lease counts.
    std::thread::sleep(Duration::from_secs(7));
    let restarted = Instant::now();
    testbed.start(Component::ApiServer);
    change(
        &namespace,
        "lead",
        &json!({"holderIdentity": "second", "renewTime": in_seconds(0), "leaseDurationSeconds": 3600}),
    );
    loop {
        let line = watch.next_line(SOON).expect("a line");
        if line.text.contains("leader second") {
            break;
        }
        // Only once the server is back can the old Lease be found expired.
        let expired = line.text.contains("Orphaned") || line.text.contains("NoLeader");
        assert!(!expired || line.at > restarted, "{}", line.text);
    }
    watch.signal(Signal::TERM);
    let out = watch.wait(SOON);
    assert_eq!(out.code, Some(143));
    assert!(
        out.stderr.contains("connection lost, trying again") && out.stderr.contains("connection found again"),
        "{}",
        out.stderr
    );
}

#[test]
fn a_frozen_api_server_leaves_nothing_expired_until_it_answers() {
    let testbed = Testbed::own(&[Component::Etcd, Component::ApiServer]);
    let namespace = testbed.namespace("freeze");
    let spec = json!({"holderIdentity": "first", "leaseDurationSeconds": 3, "renewTime": in_seconds(0)});
    create(&namespace, "lead", &spec);
    let mut watch = hactl().args(["status", "-w"]).kubeconfig(namespace.kubeconfig()).spawn();
    assert!(watch.next_line(SOON).expect("a line").text.contains("Healthy leader first"));
    // Connections stay open and silent: nothing tells the watch that it is dead.
    let server = testbed.pid(Component::ApiServer);
    send_signal(server, Signal::STOP);
    std::thread::sleep(Duration::from_secs(8));
    let thawed = Instant::now();
    send_signal(server, Signal::CONT);
    loop {
        let line = watch.next_line(SOON).expect("a line");
        let expired = line.text.contains(" Orphaned ");
        assert_eq!(expired, line.at > thawed && expired, "{}", line.text);
        assert!(!line.text.contains("AtRisk"), "no clock stands still: {}", line.text);
        if expired {
            break;
        }
    }
    watch.signal(Signal::INT);
    let out = watch.wait(SOON);
    assert!(out.stderr.contains("connection lost, trying again: "), "{}", out.stderr);
    assert!(out.stderr.contains("connection found again"), "{}", out.stderr);
}

#[test]
fn what_was_shown_may_go_and_come_again() {
    let namespace = Testbed::shared().namespace("gone");
    create(&namespace, "lead", &held_by("first"));
    let mut watch = hactl().args(["status", "lease/lead", "-w"]).kubeconfig(namespace.kubeconfig()).spawn();
    assert!(watch.next_line(SOON).expect("a line").text.contains("leader first"));
    block_on(namespace.api::<Lease>().delete("lead", &DeleteParams::default())).expect("deleted");
    assert!(watch.next_line(SOON).expect("a line").text.ends_with("/lead gone"));
    create(&namespace, "lead", &held_by("second"));
    assert!(watch.next_line(SOON).expect("a line").text.contains("leader second"));
}

#[test]
fn waiting_ends_when_the_condition_holds() {
    let namespace = Testbed::shared().namespace("wait");
    let wait = |condition: &str| {
        let args = ["status", "lead", "--wait", condition, "--timeout", "20s", "-o", "json"];
        hactl().args(args).kubeconfig(namespace.kubeconfig()).spawn()
    };
    let (leader, holder) = (wait("--for=leader"), wait("--for=holder=second"));
    std::thread::sleep(Duration::from_millis(500));
    create(&namespace, "lead", &held_by("first"));
    let out = leader.wait(SOON);
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    let document: Value = serde_json::from_str(&out.stdout).expect("one document");
    assert_eq!(document["items"][0]["holder"]["identity"], "first");
    change(&namespace, "lead", &json!({"holderIdentity": "second"}));
    assert_eq!(holder.wait(SOON).code, Some(0));
}

#[test]
fn waiting_in_vain_is_a_no() {
    let namespace = Testbed::shared().namespace("vain");
    let out = status(&namespace, &["lead", "--wait", "--for=leader", "--timeout", "4s"]);
    assert_eq!(out.code, Some(1), "{}", out.stderr);
    assert!(
        out.stderr.contains("leader did not come to hold within 4s: no Election answers to lead"),
        "{}",
        out.stderr
    );
    create(&namespace, "lead", &json!({}));
    let out = status(&namespace, &["lead", "--wait", "--for=healthy", "--timeout", "4s"]);
    assert_eq!(out.code, Some(1), "{}", out.stderr);
    assert!(out.stdout.contains("NeverHeld"), "{}", out.stdout);
    assert_eq!(out.stderr, "error: healthy did not come to hold within 4s\n");
}

#[test]
fn waiting_for_a_server_that_is_away_is_unknown() {
    let namespace = Testbed::shared().namespace("away");
    let path = namespace.kubeconfig();
    let kubeconfig = std::fs::read_to_string(&path).expect("written");
    let server = &namespace.testbed().access().server;
    std::fs::write(&path, kubeconfig.replace(server.as_str(), "https://127.0.0.1:1")).expect("written");
    let args = ["status", "lead", "--wait", "--for=leader", "--timeout", "1s"];
    let out = hactl().args(args).kubeconfig(&path).run();
    assert_eq!((out.code, out.stdout.as_str()), (Some(3), ""), "{}", out.stderr);
}
