//! `hactl history` on a real API server: real electors' Events and Leases, and what others have left there.

#![expect(clippy::disallowed_methods, reason = "tests live in real time")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::support::fixtures::{Write, create, elector_deployment, lease};
use crate::support::{Namespace, Output, Signal, Testbed, block_on, hactl};

/// For Pods to be scheduled and started, and for a failover at a few seconds.
const SOON: Duration = Duration::from_secs(60);

fn history(namespace: &Namespace<'_>, args: &[&str]) -> Output {
    hactl().args(["history"]).args(args).kubeconfig(namespace.kubeconfig()).run()
}

/// The one document that hactl prints.
fn document(namespace: &Namespace<'_>, args: &[&str]) -> Value {
    let out = history(namespace, &[args, &["-o", "json"]].concat());
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    serde_json::from_str(&out.stdout).expect("one JSON document")
}

fn items(namespace: &Namespace<'_>, args: &[&str]) -> Vec<Value> {
    document(namespace, args)["items"].as_array().expect("items").clone()
}

fn of<'i>(items: &'i [Value], source: &str) -> Vec<&'i Value> {
    items.iter().filter(|item| item["source"] == source).collect()
}

/// The time so many seconds ago.
fn ago(seconds: i64) -> String {
    format!("{:.6}", Timestamp::now() - SignedDuration::from_secs(seconds))
}

/// A Lease that `web-0` holds, with this annotation.
fn held(namespace: &Namespace<'_>, name: &str, annotation: &str) {
    lease(name)
        .holder("web-0")
        .duration_seconds(3600)
        .transitions(4)
        .renewed(Duration::ZERO)
        .acquired(Duration::from_secs(60))
        .metadata("annotations", json!({"hactl.dev/history": annotation}))
        .write(namespace, Write::Create, "web");
}

/// An Event about a Lease, in the new form or in the old one.
fn event(namespace: &Namespace<'_>, of: &str, name: &str, reporter: &str, note: &str) {
    let regarding =
        json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "namespace": namespace.name(), "name": of});
    create(
        namespace,
        json!({
            "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": name}, "regarding": regarding,
            "eventTime": ago(30), "reportingController": reporter, "reportingInstance": "here", "action": "Transfer",
            "reason": "TransferCompleted", "type": "Normal", "note": note,
        }),
    );
}

#[test]
fn an_elector_tells_its_changes_of_leader_by_events_and_by_its_lease() {
    let namespace = Testbed::shared().namespace("changes");
    elector_deployment("op", "manager", 2).quick().apply(&namespace);
    namespace.wait_ready("op", 2, SOON);
    let first = namespace.wait_leader("op", SOON);
    // The elector dates its acquisition before it asks for the Lease, the server when it makes it: either may be first.
    let before = items(&namespace, &["deploy/op"]);
    let acquired: Vec<_> = of(&before, "lease").into_iter().filter(|item| item["result"] == "acquired").collect();
    assert_eq!((acquired.len(), &acquired[0]["to"]), (1, &json!(first)));
    let pod = first.rsplit_once('_').expect("<hostname>_<uuid>").0;
    namespace.running(pod).kill9();
    let second = namespace.wait_other_leader("op", &first, SOON);
    // Events are written in the background.
    let items = namespace.wait_for(SOON, "both changes are told", || {
        let items = items(&namespace, &["deploy/op"]);
        (of(&items, "event").len() >= 2).then_some(items)
    });
    let came: Vec<_> = of(&items, "event").into_iter().filter(|item| item["result"] == "became leader").collect();
    let came: Vec<_> = came.into_iter().map(|item| item["to"].clone()).collect();
    assert_eq!(came, [json!(first), json!(second)], "{items:#?}");
    let acquired: Vec<_> = of(&items, "lease").into_iter().filter(|item| item["result"] == "acquired").collect();
    assert_eq!((acquired.len(), &acquired[0]["to"], &acquired[0]["note"]), (1, &json!(second), &json!("transition 1")));
    assert_eq!(of(&items, "managedFields"), [&json!(null); 0], "the elector itself is no foreign hand");
    let times: Vec<_> = items.iter().map(|item| item["at"].as_str().expect("a time").to_owned()).collect();
    assert!(times.is_sorted(), "{times:?}");
    // An incident is looked at with what a person has just done.
    let patch = Patch::Merge(json!({"spec": {"leaseTransitions": 7}}));
    let params = PatchParams { field_manager: Some("kubectl-patch".into()), ..PatchParams::default() };
    block_on(namespace.api::<Lease>().patch("op", &params, &patch)).expect("patched");
    let table = history(&namespace, &["lease/op"]);
    assert!(table.stdout.contains(&format!("{second} became leader")), "{}", table.stdout);
    assert!(table.stdout.contains("managedFields  kubectl-patch wrote leaseTransitions"), "{}", table.stdout);
    assert_eq!(table.stderr, "");
}

#[test]
fn transfers_are_read_from_the_lease_and_not_told_twice() {
    let namespace = Testbed::shared().namespace("ring");
    let reason = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}kernel";
    let entry = json!({
        "id": "x7", "at": ago(40), "finished": ago(30), "who": "jane", "why": reason, "from": "web-1", "to": "web-0",
        "method": "hand-over", "leaderlessSeconds": {"min": 4.95, "max": 5.01}, "result": "done",
    });
    held(&namespace, "lead", &json!([{"id": "nobody knows"}, entry]).to_string());
    event(&namespace, "lead", "lead.1", "hactl", "transfer x7 from web-1 to web-0: done");
    event(&namespace, "lead", "lead.2", "hactl", "transfer x6, which the ring has forgotten");
    event(&namespace, "other", "other.1", "hactl", "of another Lease");
    let document = document(&namespace, &["lease/lead"]);
    assert_eq!((&document["kind"], &document["lease"]), (&json!("TransferHistory"), &json!("lead")));
    assert_eq!((&document["apiVersion"], &document["unreadable"]), (&json!("hactl.dev/v1"), &json!(1)));
    let items = document["items"].as_array().expect("items");
    let transfers = of(items, "annotation");
    assert_eq!((transfers.len(), &transfers[0]["id"]), (1, &json!("x7")));
    assert_eq!(transfers[0]["leaderlessSeconds"], json!({"min": 4.95, "max": 5.01}));
    // JSON escapes what it holds; a terminal is not handed it at all.
    assert_eq!(transfers[0]["why"], json!(reason));
    let notes: Vec<_> = of(items, "event").into_iter().map(|item| &item["result"]).collect();
    assert_eq!(notes, ["transfer x6, which the ring has forgotten"]);
    let out = history(&namespace, &["lead"]);
    assert!(!out.stdout.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{:?}", out.stdout);
    let told = "web-1 -> web-0 by hand-over: done, nobody led for 4.9s to 5.0s; jane: \u{fffd}]0;owned\u{fffd}";
    assert!(out.stdout.contains(told), "{}", out.stdout);
    assert_eq!(out.stderr, "warning: 1 entry of the annotation hactl.dev/history cannot be read\n");
}

#[test]
fn what_is_not_there_is_told_from_what_has_no_past() {
    let namespace = Testbed::shared().namespace("nothing");
    let out = history(&namespace, &["lease/lead"]);
    assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{}", out.stderr);
    assert!(out.stderr.starts_with("error: no Election answers to lease/lead"), "{}", out.stderr);
    lease("lead").create(&namespace);
    std::thread::sleep(Duration::from_secs(2));
    let out = history(&namespace, &["lead", "--since", "1s"]);
    assert_eq!((out.code, out.stdout.as_str()), (Some(0), "TIME  SOURCE  WHAT\n"), "{}", out.stderr);
    assert!(out.stderr.starts_with("nothing is recorded since then"), "{}", out.stderr);
    assert_eq!(history(&namespace, &["lead", "--since", "7d", "--no-headers"]).stdout.lines().count(), 1);
    assert_eq!(history(&namespace, &["lead", "--since", "0s"]).code, Some(2));
    assert_eq!(history(&namespace, &[]).code, Some(2));
    assert_eq!(history(&namespace, &["lead", "--context", "a", "--context", "b"]).code, Some(2));
}

#[test]
fn a_deleted_lease_has_left_its_events() {
    let namespace = Testbed::shared().namespace("deleted");
    event(&namespace, "lead", "lead.1", "web", "somebody wrote this");
    let out = history(&namespace, &["lease/lead"]);
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    assert!(out.stdout.contains("event   web: TransferCompleted: somebody wrote this"), "{}", out.stdout);
    let gone = format!("warning: there is no Lease {}/lead any more: these are its Events\n", namespace.name());
    assert_eq!(out.stderr, gone);
}

#[test]
fn where_events_may_not_be_read_the_rest_is_told() {
    let namespace = Testbed::shared().namespace("events");
    held(&namespace, "lead", "[]");
    create(&namespace, json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}}));
    let rules =
        json!([{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "list", "watch"]}]);
    let rbac = "rbac.authorization.k8s.io";
    let metadata = json!({"name": "reader"});
    let version = format!("{rbac}/v1");
    create(&namespace, json!({"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": rules}));
    create(
        &namespace,
        json!({"apiVersion": version, "kind": "RoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "reader"}]}),
    );
    let kubeconfig = namespace.kubeconfig_as("reader");
    let run = || hactl().args(["history", "lease/lead"]).kubeconfig(&kubeconfig).run();
    let out =
        namespace.wait_for(SOON, "the account's rights are known", || Some(run()).filter(|out| out.code == Some(0)));
    assert!(out.stdout.contains("web-0 holds the Lease since then, transition 4"), "{}", out.stdout);
    assert!(out.stderr.contains("warning: events could not be read: forbidden: "), "{}", out.stderr);
    let mut watch = hactl().args(["history", "lease/lead", "-w"]).kubeconfig(&kubeconfig).spawn();
    assert!(watch.next_line(SOON).expect("a line").text.contains(" lease "));
    watch.signal(Signal::INT);
    assert!(watch.wait(SOON).stderr.contains("warning: events could not be read: forbidden: "));
}

#[test]
fn what_happens_is_told_as_it_happens() {
    let namespace = Testbed::shared().namespace("watched");
    held(&namespace, "lead", "[]");
    let watch = |args: &[&str]| {
        hactl().args(["history", "lease/lead", "-w"]).args(args).kubeconfig(namespace.kubeconfig()).spawn()
    };
    let (mut lines, mut documents) = (watch(&[]), watch(&["-o", "json"]));
    assert!(lines.next_line(SOON).expect("a line").text.contains(" lease web-0 holds the Lease"));
    assert!(lines.next_line(SOON).expect("a line").text.ends_with(" lease the Lease was created"));
    let mut next = move || -> Value {
        let line = documents.next_line(SOON).expect("a line").text;
        serde_json::from_str(&line).expect("a document a line")
    };
    assert_eq!(next()["items"].as_array().map(Vec::len), Some(2));

    let leases = namespace.api::<Lease>();
    let change = |spec: Value| {
        let params = PatchParams { field_manager: Some("web".into()), ..PatchParams::default() };
        block_on(leases.patch("lead", &params, &Patch::Merge(json!({"spec": spec})))).expect("patched");
    };
    // A renewal is nothing new.
    change(json!({"renewTime": ago(0)}));
    change(json!({"holderIdentity": "web-1", "acquireTime": ago(0), "leaseTransitions": 5}));
    let told = next();
    assert_eq!((&told["kind"], told["items"].as_array().map(Vec::len)), (&json!("TransferHistory"), Some(1)));
    assert_eq!((&told["items"][0]["to"], &told["items"][0]["result"]), (&json!("web-1"), &json!("acquired")));
    assert!(lines.next_line(SOON).expect("a line").text.ends_with(" web-1 holds the Lease since then, transition 5"));
    event(&namespace, "lead", "lead.1", "web", "an Event");
    assert!(lines.next_line(SOON).expect("a line").text.ends_with(" event web: TransferCompleted: an Event"));
    // kube-lease-manager dates nothing when it gives a Lease up; whoever watches sees it.
    change(json!({"holderIdentity": null, "acquireTime": null, "renewTime": null, "leaseDurationSeconds": null}));
    assert!(lines.next_line(SOON).expect("a line").text.ends_with(" lease the Lease was released"));
    // What runs out tells it by no event.
    change(json!({"holderIdentity": "web-2", "acquireTime": ago(0), "renewTime": ago(0), "leaseDurationSeconds": 2}));
    assert!(lines.next_line(SOON).expect("a line").text.contains(" web-2 holds the Lease"));
    assert!(lines.next_line(SOON).expect("a line").text.contains(" the Lease of web-2 ran out, last renewed "));
    block_on(leases.delete("lead", &DeleteParams::default())).expect("deleted");
    assert!(lines.next_line(SOON).expect("a line").text.ends_with(" lease the Lease was deleted"));
    lines.signal(Signal::INT);
    let out = lines.wait(SOON);
    assert_eq!((out.code, out.stderr.as_str()), (Some(130), ""));
}
