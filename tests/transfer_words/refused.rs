//! What is refused, and changes nothing.

use std::time::Duration;

use serde_json::{Value, json};

use super::{App, SOON, facts, refused};
use crate::support::fixtures::{Write, create, elector_deployment, lease};
use crate::support::ill::{Answer, Server};
use crate::support::{Namespace, Output, Testbed, hactl};

#[test]
fn what_makes_no_sense_and_what_no_rule_allows() {
    let app = App::start(2);
    let before = app.facts();
    let yes = |args: &[&str]| app.hactl(&["--yes", "-o", "json"]).args(args).run();

    // Nobody is there to answer.
    let out = app.hactl(&["-o", "json"]).run();
    assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{out:#?}");
    assert!(out.stderr.contains("no terminal") && out.stderr.contains("--yes"), "{out:#?}");
    for (method, why) in
        [("swap", "two lead meanwhile"), ("clear", "the old leader itself"), ("force", "expected hand-over")]
    {
        let out = yes(&["--method", method]);
        assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{out:#?}");
        assert!(out.stderr.contains(why), "{out:#?}");
    }
    let out = yes(&["--to", "nobody"]);
    assert_eq!(out.code, Some(2), "{out:#?}");
    assert!(out.stderr.contains(&app.standbys[0]), "it names those who are there: {out:#?}");

    refused(&yes(&["--from", &app.standbys[0]]), "does not lead");
    refused(&yes(&["--timeout", "1s"]), "--timeout is shorter");
    refused(&yes(&["--not", &app.standbys[0], "--not", &app.leader]), "every standby is excluded");
    for to in [app.leader.clone(), format!("pod/{}", app.leader)] {
        let out = yes(&["--to", &to]);
        let document = super::document(&out);
        assert_eq!((out.code, &document["outcome"]), (Some(0), &json!("already")), "{out:#?}");
        assert_eq!(document["leader"]["pod"], app.leader.as_str(), "{out:#?}");
    }
    // In words it is an error, and stdout is empty.
    let out = app.hactl(&["--yes", "--from", "nobody"]).run();
    assert_eq!((out.code, out.stdout.as_str()), (Some(10), ""), "{out:#?}");
    assert!(out.stderr.starts_with("error: nobody does not lead"), "{out:#?}");
    assert_eq!(app.facts(), before);
}

#[test]
fn without_a_fit_standby_nothing_is_moved() {
    let alone = App::start(1);
    let before = alone.facts();
    refused(&alone.hactl(&["--yes", "-o", "json"]).run(), "no standby");
    assert_eq!(alone.facts(), before);

    let namespace = Testbed::shared().namespace("words");
    elector_deployment("app", "client-go", 2).quick().ready_when_leading().apply(&namespace);
    namespace.wait_ready("app", 1, SOON);
    let leader = namespace.wait_leader("app", SOON);
    let names: Vec<_> = namespace.wait_for(SOON, "both Pods run", || {
        let names: Vec<_> = namespace.pods("app").into_iter().filter_map(|pod| pod.metadata.name).collect();
        (names.len() == 2).then_some(names)
    });
    let standby = names.iter().find(|name| **name != leader).expect("another");
    let before = facts(&namespace, "app");
    let run = |args: &[&str]| transfer(&namespace, "app", args);
    refused(&run(&["--to", standby]), "not Ready");
    refused(&run(&[]), "no standby is fit");
    assert_eq!(facts(&namespace, "app"), before);
}

/// A run that was agreed to.
fn transfer(namespace: &Namespace<'_>, name: &str, args: &[&str]) -> Output {
    let target = format!("lease/{name}");
    hactl().args(["transfer", &target, "--yes", "-o", "json"]).args(args).kubeconfig(namespace.kubeconfig()).run()
}

#[test]
fn a_lease_that_nobody_can_be_moved_off() {
    let namespace = Testbed::shared().namespace("words");
    let held = |name: &str, holder: &str, ago: u64| {
        let ago = Duration::from_secs(ago);
        lease(name).holder(holder).duration_seconds(60).transitions(3).renewed(ago).acquired(Duration::from_secs(900))
    };
    held("expired", "web-0", 600).create(&namespace);
    let mark = json!({"hactl.dev/transfer": "{\"id\":\"7\",\"from\":\"web-0\",\"to\":\"web-1\",\"startedAt\":\"2026-01-01T00:00:00Z\"}"});
    held("fenced", "hactl-transfer/7", 1).metadata("annotations", mark.clone()).create(&namespace);
    held("left", "hactl-transfer/7", 600).metadata("annotations", mark).create(&namespace);
    held("heartbeat", "apiserver-x", 1)
        .metadata("labels", json!({"apiserver.kubernetes.io/identity": "kube-apiserver"}))
        .create(&namespace);
    held("released", "", 1).create(&namespace);
    lease("never").create(&namespace);
    // As an elector writes; but nobody knows whose Pod that is.
    held("hidden", "somebody", 1).write(&namespace, Write::Create, "web");
    for (name, why) in [
        ("expired", "has not renewed in time"),
        ("fenced", "in progress"),
        ("left", "left its fence behind"),
        ("released", "nobody holds"),
        ("never", "nobody holds"),
    ] {
        let before = namespace.lease(name);
        refused(&transfer(&namespace, name, &[]), why);
        assert_eq!(namespace.lease(name), before, "{name}");
    }
    let before = namespace.lease("hidden");
    let out = transfer(&namespace, "hidden", &["--elector", "client-go"]);
    assert_eq!(out.code, Some(10), "{out:#?}");
    assert_eq!(namespace.lease("hidden"), before);
    // A heartbeat is no election, and neither is what is not there.
    let before = namespace.lease("heartbeat");
    for name in ["heartbeat", "missing"] {
        let out = transfer(&namespace, name, &[]);
        assert_eq!((out.code, out.stdout.as_str()), (Some(2), ""), "{out:#?}");
        assert!(out.stderr.contains("no Election answers"), "{out:#?}");
    }
    assert_eq!(namespace.lease("heartbeat"), before);
}

/// An API server with one Lease that a controller elects for, and two Pods; and what it says of LeaseCandidates.
fn coordinated(candidates: &'static (dyn Fn(&str) -> (u16, Value) + Sync)) -> Server {
    Server::https(move |path, _| {
        let renewed = format!("{:.6}", jiff::Timestamp::now());
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"namespace": "default", "name": "app", "uid": "u", "resourceVersion": "7"},
            "spec": {"holderIdentity": "app-0", "leaseDurationSeconds": 15, "renewTime": renewed, "acquireTime": renewed,
                     "leaseTransitions": 1, "strategy": "OldestEmulationVersion"},
        });
        let pod = |name: &str| {
            let ready = json!([{"type": "Ready", "status": "True"}]);
            let owner = json!([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "app", "uid": "s", "controller": true}]);
            json!({"metadata": {"namespace": "default", "name": name, "uid": name, "ownerReferences": owner, "labels": {"app": "app"}},
                   "spec": {"nodeName": "n", "containers": [{"name": "c"}]},
                   "status": {"phase": "Running", "conditions": ready,
                              "containerStatuses": [{"name": "c", "ready": true, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}})
        };
        let list = |items: Value| json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": items});
        let body = match path {
            path if path.contains("/leasecandidates") => {
                let (status, body) = candidates(path);
                return Answer::Says { status, headers: "Content-Type: application/json\r\n", body: body.to_string() };
            }
            path if path.contains("accessreviews") => {
                json!({"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}, "spec": {}, "status": {"allowed": true}})
            }
            path if path.contains("/leases/app") => lease,
            path if path.contains("/leases") => list(json!([lease])),
            path if path.contains("/pods") => list(json!([pod("app-0"), pod("app-1")])),
            _ => list(json!([])),
        };
        Answer::Says { status: 200, headers: "Content-Type: application/json\r\n", body: body.to_string() }
    })
}

#[test]
fn a_lease_with_a_strategy_is_its_controllers() {
    for (args, code) in
        [(&["--method", "hand-over"][..], 10), (&["--method", "hand-over", "--elector", "client-go:15/10/2"][..], 10)]
    {
        let server = coordinated(&|_| panic!("nobody asks for them"));
        let out = hactl()
            .args(["transfer", "lease/app", "--yes", "-o", "json"])
            .args(args)
            .kubeconfig(server.kubeconfig())
            .run();
        assert_eq!(out.code, Some(code), "{out:#?}");
        refused(&out, "strategy");
        let written: Vec<_> = server.asked().into_iter().filter(|path| path.contains("fieldManager")).collect();
        assert_eq!(written, [""; 0]);
    }
}

#[test]
fn whom_the_controller_would_name_is_asked_in_every_version_and_never_guessed() {
    let run = |server: &Server, args: &[&str]| {
        let line = ["transfer", "lease/app", "--yes", "-o", "json"];
        hactl().args(line).args(args).kubeconfig(server.kubeconfig()).run()
    };
    let asked = |server: &Server| {
        let asked = server.asked().into_iter();
        let asked: Vec<_> =
            asked.filter(|path| path.contains("leasecandidates") || path.contains("fieldManager")).collect();
        asked.iter().map(|path| path.split('/').nth(3).unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let unserved = coordinated(&|_| (404, json!("404 page not found")));
    for args in [&[][..], &["--method", "prefer"], &["--method", "prefer", "--elector", "coordinated"]] {
        refused(&run(&unserved, args), "knows no LeaseCandidates");
    }
    assert_eq!(asked(&unserved), ["v1beta1", "v1alpha2"].repeat(3));
    // Evicting does not depend on them.
    let out = run(&unserved, &["--method", "evict", "--dry-run=client"]);
    assert_eq!(out.code, Some(0), "{out:#?}");
    assert_eq!(asked(&unserved).len(), 6);

    // The identity is the Pod's name: after a restart it would be the best again.
    let older = coordinated(&|path| match path {
        path if path.contains("v1beta1") => (404, json!("404 page not found")),
        _ => (
            200,
            json!({"kind": "LeaseCandidateList", "metadata": {}, "items": [
            {"metadata": {"name": "app-0", "namespace": "default"}, "spec": {"leaseName": "app"}}]}),
        ),
    });
    refused(&run(&older, &["--method", "prefer"]), "nobody would lead");
    assert_eq!(asked(&older), ["v1beta1", "v1alpha2"]);

    let broken =
        coordinated(&|_| (500, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 500})));
    let out = run(&broken, &["--method", "prefer"]);
    assert_eq!(out.code, Some(3), "{out:#?}");
    // Where nobody takes note of it.
    let namespace = Testbed::shared().namespace("words");
    elector_deployment("app", "client-go", 2).quick().apply(&namespace);
    namespace.wait_ready("app", 2, SOON);
    namespace.wait_leader("app", SOON);
    let out = transfer(&namespace, "app", &["--method", "prefer", "--elector", "client-go:4/3/1"]);
    refused(&out, "the Lease has no strategy");
}

#[test]
fn a_secret_is_never_quoted() {
    let secret = "s3cr3t-0f-payments";
    let namespace = Testbed::shared().namespace("words");
    create(
        &namespace,
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token"}, "stringData": {"value": secret}}),
    );
    let deployment = elector_deployment("app", "client-go", 2).quick().env("PASSWORD", secret);
    for mut manifest in deployment.manifests() {
        if manifest["kind"] == "Deployment" {
            let container = &mut manifest["spec"]["template"]["spec"]["containers"][0];
            let env = container["env"].as_array_mut().expect("an environment");
            env.push(json!({"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "token", "key": "value"}}}));
        }
        namespace.testbed().kubelet();
        create(&namespace, manifest);
    }
    namespace.wait_ready("app", 2, SOON);
    namespace.wait_leader("app", SOON);
    let run =
        |args: &[&str]| hactl().args(["transfer", "lease/app"]).args(args).kubeconfig(namespace.kubeconfig()).run();
    for args in [
        &["--dry-run=client"][..],
        &["--dry-run=client", "-o", "yaml"],
        &["--from", "x", "--yes"],
        &["--yes", "-o", "json"],
    ] {
        let out = run(args);
        assert!(!out.stdout.contains(secret) && !out.stderr.contains(secret), "{args:?}: {out:#?}");
    }
    let lease = serde_json::to_string(&namespace.lease("app")).expect("JSON");
    assert!(lease.contains("hactl.dev/history") && !lease.contains(secret), "{lease}");
}
