//! What is so now, at its edges.

mod seen;

use serde_json::{Value as Json, json};

use crate::check::tests::{cluster, failed};
use crate::check::{Outcome, Scene, Severity, Verdict, catalogue, judge};
use crate::model::Right;
use crate::model::unread::Unread;

fn deployment(replicas: i64, status: Json) -> Json {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "n", "generation": 2},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": "web"}]},
        }},
        "status": status,
    })
}

fn lease(holder: &str, renewed: &str) -> Json {
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "web", "namespace": "n"},
        "spec": {
            "holderIdentity": holder, "leaseDurationSeconds": 15, "acquireTime": "2026-11-21T11:00:00.000000Z",
            "renewTime": format!("2026-11-21T{renewed}.000000Z"), "leaseTransitions": 1,
        },
    })
}

fn pod(name: &str, ready: bool, created: &str, container: Json) -> Json {
    let mut status = json!({"name": "main", "restartCount": 0});
    status.as_object_mut().expect("a map").extend(container.as_object().cloned().expect("a map"));
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {
            "name": format!("web-7d4b9-{name}"), "namespace": "n", "labels": {"pod-template-hash": "7d4b9"},
            "creationTimestamp": format!("2026-11-21T{created}Z"),
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d4b9", "controller": true}],
        },
        "spec": {"nodeName": format!("on-{name}"), "containers": [{"name": "main", "image": "web"}]},
        "status": {
            "phase": "Running", "containerStatuses": [status],
            "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}],
        },
    })
}

fn sound(name: &str) -> Json {
    pod(name, true, "10:00:00", json!({"state": {"running": {}}}))
}

/// What a check says of these documents, if it says one thing.
#[track_caller]
fn said(check: &str, documents: &[Json]) -> (Outcome, Severity, String) {
    let (live, objects) = cluster(documents);
    let verdicts = judge(&Scene::live(&objects, &[], &live), catalogue::named(check));
    let [Verdict { outcome, severity, message, .. }] = verdicts.as_slice() else { panic!("{verdicts:#?}") };
    (*outcome, *severity, message.to_string())
}

#[track_caller]
fn fails(check: &str, documents: &[Json], severity: Severity, words: &str) {
    let (outcome, found, message) = said(check, documents);
    assert_eq!((outcome, found), (Outcome::Fail, severity), "{message}");
    assert!(message.contains(words), "{message}");
}

#[track_caller]
fn is(check: &str, documents: &[Json], outcome: Outcome) {
    let (found, _, message) = said(check, documents);
    assert_eq!(found, outcome, "{message}");
}

/// A Lease that is led by the first of these Pods, of a Deployment of two.
fn led(first: Json, second: Option<Json>) -> Vec<Json> {
    let holder = format!("{}_x", first["metadata"]["name"].as_str().expect("a name"));
    [lease(&holder, "11:59:59"), deployment(2, json!({})), first].into_iter().chain(second).collect()
}

#[test]
fn a_standby_that_starts_is_waited_for_and_one_that_never_will_is_not() {
    let standby = |created: &str, state: Json| led(sound("a"), Some(pod("b", false, created, state)));
    let waits = |reason: &str| json!({"state": {"waiting": {"reason": reason}}});
    is("HA0904", &led(sound("a"), Some(sound("b"))), Outcome::Pass);
    fails("HA0904", &standby("11:59:00", waits("ContainerCreating")), Severity::Warning, "no standby is Ready");
    fails(
        "HA0904",
        &standby("11:50:00", waits("ContainerCreating")),
        Severity::Error,
        "web-7d4b9-b: ContainerCreating",
    );
    fails("HA0904", &standby("11:59:00", waits("CrashLoopBackOff")), Severity::Error, "CrashLoopBackOff");
    fails("HA0904", &led(sound("a"), None), Severity::Error, "there is no standby");
    let mut alone = led(sound("a"), None);
    alone[1] = deployment(1, json!({}));
    is("HA0904", &alone, Outcome::Skipped);
}

#[test]
fn a_standby_that_is_ready_only_when_it_leads_has_to_run() {
    let gated = |state: Json| {
        let mut all = led(sound("a"), Some(pod("b", false, "10:00:00", state)));
        let probe = json!({"httpGet": {"path": "/is-leader", "port": 80}});
        all[1]["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = probe;
        all
    };
    is("HA0904", &gated(json!({"state": {"running": {}}})), Outcome::Pass);
    fails("HA0904", &gated(json!({"state": {"waiting": {"reason": "Error"}}})), Severity::Error, "no standby runs");
}

#[test]
fn a_leader_is_not_sound_for_so_long_after_its_process_ended() {
    let ended = |reason: &str, at: &str, restarts: i64| {
        let last = json!({"terminated": {"reason": reason, "finishedAt": format!("2026-11-{at}Z")}});
        let state = json!({"state": {"running": {}}, "lastState": last, "restartCount": restarts});
        led(pod("a", true, "08:00:00", state), Some(sound("b")))
    };
    fails("HA0903", &ended("OOMKilled", "21T04:00:00", 1), Severity::Warning, "OOMKilled");
    is("HA0903", &ended("OOMKilled", "20T11:00:00", 1), Outcome::Pass);
    fails("HA0903", &ended("Error", "21T11:30:00", 3), Severity::Warning, "3 times anew, last 30m 0s ago (Error)");
    is("HA0903", &ended("Error", "21T11:30:00", 2), Outcome::Pass);
    is("HA0903", &ended("Error", "21T10:30:00", 9), Outcome::Pass);
    let ill = led(pod("a", false, "08:00:00", json!({"state": {"running": {}}})), Some(sound("b")));
    fails("HA0903", &ill, Severity::Warning, "is not Ready, and leads");
}

#[test]
fn one_zone_of_several_is_worth_knowing() {
    let node = |name: &str, zone: &str| json!({"kind": "Node", "metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": zone}}});
    let mut all = led(sound("a"), Some(sound("b")));
    is("HA0905", &all, Outcome::Skipped);
    all.extend([node("on-a", "z1"), node("on-b", "z1")]);
    is("HA0905", &all, Outcome::Pass);
    all.push(node("n3", "z2"));
    fails("HA0905", &all, Severity::Info, "in zone z1");
    all[3]["spec"]["nodeName"] = json!("on-a");
    fails("HA0905", &all, Severity::Warning, "on node on-a of 3");
}

#[test]
fn a_budget_is_judged_by_what_its_controller_says() {
    let budget = |expected: i64, wanted: i64, healthy: i64, allowed: i64| {
        json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": "n", "generation": 1}, "spec": {"minAvailable": 1},
            "status": {
                "observedGeneration": 1, "expectedPods": expected, "desiredHealthy": wanted, "currentHealthy": healthy,
                "disruptionsAllowed": allowed,
            },
        })
    };
    is("HA0906", &[budget(2, 1, 2, 1)], Outcome::Pass);
    is("HA0906", &[budget(2, 2, 2, 0)], Outcome::Skipped);
    is("HA0906", &[budget(0, 0, 0, 0)], Outcome::Skipped);
    is("HA0906", &[budget(2, 1, 2, 0)], Outcome::Skipped);
    fails("HA0906", &[budget(3, 2, 2, 0)], Severity::Warning, "2 of its 3 Pods are healthy, and 2 have to be");
    let mut failed = budget(0, 0, 0, 0);
    failed["status"]["conditions"] = json!([{"type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed", "message": "found no controller"}]);
    fails("HA0906", &[failed], Severity::Error, "found no controller");
    let mut stale = budget(3, 2, 2, 0);
    stale["metadata"]["generation"] = json!(2);
    is("HA0906", &[stale], Outcome::Skipped);
}

/// The Pods of a custom resource are those of no workload that hactl reads.
#[test]
fn a_budget_that_its_controller_finds_pods_for_selects_them() {
    let budget = |expected: i64| {
        json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web", "namespace": "n"},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "webs"}}},
            "status": {"expectedPods": expected},
        })
    };
    is("HA0202", &[deployment(2, json!({})), budget(0)], Outcome::Fail);
    is("HA0202", &[deployment(2, json!({})), budget(3)], Outcome::Pass);
}

#[test]
fn a_roll_out_is_stuck_when_its_controller_says_so() {
    let status = |new: i64, available: i64, progressing: (&str, &str)| {
        let (status, reason) = progressing;
        json!({
            "observedGeneration": 2, "replicas": 2, "updatedReplicas": new, "availableReplicas": available,
            "conditions": [{"type": "Progressing", "status": status, "reason": reason}],
        })
    };
    let (late, going) = (("False", "ProgressDeadlineExceeded"), ("True", "ReplicaSetUpdated"));
    is("HA0907", &[deployment(2, status(2, 2, going))], Outcome::Pass);
    is("HA0907", &[deployment(2, status(1, 1, going))], Outcome::Skipped);
    let mut later = deployment(2, status(2, 1, late));
    later["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "2"});
    fails("HA0907", &[later.clone()], Severity::Error, "Next: kubectl rollout undo deploy/web -n n");
    // There is nothing to go back to before the first has come to its end.
    later["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "1"});
    fails("HA0907", &[later.clone()], Severity::Error, "Next: kubectl describe deploy/web -n n");
    let waits = |reason: &str| json!({"state": {"waiting": {"reason": reason}}, "restartCount": 5});
    let crashes = pod("b", false, "11:40:00", waits("CrashLoopBackOff"));
    let words = "1 of all 2 available (web-7d4b9-b: CrashLoopBackOff). Next: kubectl logs web-7d4b9-b -n n --previous";
    fails("HA0907", &[later, sound("a"), crashes], Severity::Error, words);
    // One of two is Ready where only the leader is: such a roll-out has ended, though its controller never says so.
    let mut gated = deployment(2, status(2, 1, late));
    gated["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] =
        json!({"httpGet": {"path": "/leader", "port": 80}});
    is("HA0907", &[gated.clone()], Outcome::Pass);
    gated["status"]["updatedReplicas"] = json!(1);
    fails("HA0907", &[gated], Severity::Error, "HA0203");
    let mut refused = deployment(2, status(0, 0, going));
    refused["status"]["conditions"] = json!([{
        "type": "ReplicaFailure", "status": "True", "message": "serviceaccount \"web\" not found",
    }]);
    fails("HA0907", &[refused], Severity::Error, "serviceaccount \"web\" not found");
    let mut paused = deployment(2, status(1, 1, going));
    paused["spec"]["paused"] = json!(true);
    is("HA0907", &[paused], Outcome::Skipped);
    let mut stale = deployment(2, status(2, 1, late));
    stale["metadata"]["generation"] = json!(3);
    is("HA0907", &[stale], Outcome::Skipped);
}

#[test]
fn a_stateful_set_waits_for_a_pod_for_ten_minutes() {
    let set = |partition: i64| {
        json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet",
            "metadata": {"name": "web", "namespace": "n", "generation": 1},
            "spec": {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": partition}}},
            "status": {
                "observedGeneration": 1, "replicas": 3, "updatedReplicas": 1, "currentRevision": "web-1",
                "updateRevision": "web-2",
            },
        })
    };
    let pod = |created: &str| {
        let mut pod = pod("2", false, created, json!({"state": {"waiting": {"reason": "ErrImagePull"}}}));
        pod["metadata"]["labels"] = json!({"controller-revision-hash": "web-2"});
        pod["metadata"]["ownerReferences"] = json!([{"kind": "StatefulSet", "name": "web", "controller": true}]);
        pod
    };
    fails("HA0907", &[set(0), pod("11:40:00")], Severity::Error, "is not Ready since 20m 0s (ErrImagePull)");
    is("HA0907", &[set(0), pod("11:55:00")], Outcome::Skipped);
    let ready = |mut set: Json, revision: &str, ready: i64, new: i64| {
        set["status"]["currentRevision"] = json!(revision);
        set["status"]["readyReplicas"] = json!(ready);
        set["status"]["updatedReplicas"] = json!(new);
        set
    };
    is("HA0907", &[ready(set(2), "web-1", 3, 1)], Outcome::Pass);
    is("HA0907", &[ready(set(0), "web-2", 3, 3)], Outcome::Pass);
    // All are replaced, and the last is not Ready.
    fails("HA0907", &[ready(set(2), "web-1", 2, 1), pod("11:40:00")], Severity::Error, "ErrImagePull");
    fails("HA0907", &[ready(set(0), "web-1", 2, 3), pod("11:40:00")], Severity::Error, "ErrImagePull");
    is("HA0907", &[ready(set(0), "web-1", 3, 3)], Outcome::Skipped);
    // The first one of all, too.
    let first = || ready(set(0), "web-2", 2, 3);
    fails(
        "HA0907",
        &[first(), pod("11:40:00")],
        Severity::Error,
        "2 of 3 Pods are Ready, and web-7d4b9-2 is not (ErrImage",
    );
    is("HA0907", &[first(), pod("11:55:00")], Outcome::Skipped);
    let mut restarted = pod("10:00:00");
    restarted["status"]["containerStatuses"][0]["state"] = json!({"running": {}});
    is("HA0907", &[first(), restarted], Outcome::Skipped);
    let mut by_hand = set(0);
    by_hand["spec"]["updateStrategy"] = json!({"type": "OnDelete"});
    is("HA0907", &[by_hand, pod("11:40:00")], Outcome::Skipped);
}

#[test]
fn who_does_not_lead_is_told_with_the_next_step() {
    let pods = || [sound("a"), sound("b"), deployment(2, json!({}))];
    let with = |lease: Json| [vec![lease], pods().to_vec()].concat();
    fails("HA0901", &with(lease("web-7d4b9-a_x", "11:00:00")), Severity::Error, "hactl status lease/web -n n");
    let mut stuck = lease("", "11:00:00");
    stuck["spec"]["holderIdentity"] = Json::Null;
    fails("HA0901", &with(stuck), Severity::Error, "hactl repair lease/web -n n");
    let mut undated = lease("web-7d4b9-a_x", "11:00:00");
    undated["spec"]["renewTime"] = Json::Null;
    is("HA0901", &with(undated), Outcome::Unknown);
    is("HA0909", &led(sound("a"), None), Outcome::Pass);
    let mut ahead = led(sound("a"), None);
    ahead[0]["spec"]["renewTime"] = json!("2026-11-21T12:00:05.000000Z");
    fails("HA0909", &ahead, Severity::Warning, "5.0s in the future: the leader's clock on node on-a is ahead");
}

#[test]
fn who_elects_makes_a_lease_and_one_of_it_is_ready() {
    let mut all = led(sound("a"), Some(sound("b")));
    all[1]["spec"]["template"]["spec"]["containers"][0]["args"] = json!(["--leader-elect"]);
    is("HA0910", &all, Outcome::Pass);
    let without = &all[1..];
    fails("HA0910", without, Severity::Warning, "there is no Lease of theirs");
    // One that nobody holds may be the one.
    let free = json!({"kind": "Lease", "metadata": {"name": "x.example.org", "namespace": "n"}, "spec": {}});
    is("HA0910", &[without, std::slice::from_ref(&free)].concat(), Outcome::Skipped);
    let with = |args: Json| {
        let mut all = without.to_vec();
        all[0]["spec"]["template"]["spec"]["containers"][0]["args"] = args;
        all
    };
    let named = with(json!(["--leader-elect", "--leader-election-id=web"]));
    fails("HA0910", &[named, vec![free]].concat(), Severity::Warning, "there is no Lease");
    is("HA0910", &with(json!(["--leader-elect", "--leader-election-namespace=locks"])), Outcome::Skipped);
    is("HA0910", &with(json!(["--leader-elect=false"])), Outcome::Skipped);
    let mut young = without.to_vec();
    for pod in &mut young[1..] {
        pod["metadata"]["creationTimestamp"] = json!("2026-11-21T11:59:30Z");
    }
    is("HA0910", &young, Outcome::Skipped);
    // Two that are Ready where only a leader is.
    all[1]["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] =
        json!({"httpGet": {"path": "/leader", "port": 80}});
    // It may just have been handed over.
    is("HA0910", &all, Outcome::Pass);
    all[0] = lease("web-7d4b9-gone_x", "11:00:00");
    fails("HA0910", &all, Severity::Error, "and 2 are: each acts");
    fails("HA0910", &all[1..], Severity::Error, "and 2 are: each acts");
}

/// What a check asks for is what it needs: where that was not read it says nothing else, and others are not touched.
#[test]
fn what_could_not_be_read_is_unknown_for_whoever_asks_for_it() {
    let (live, objects) = cluster(&led(sound("a"), None));
    let nodes = Unread {
        kind: "Node",
        right: Right {
            verb: "list",
            group: "",
            resource: "nodes",
            subresource: None,
            namespace: String::new(),
            name: None,
        },
        why: "forbidden".to_owned(),
        forbidden: true,
    };
    let unread = [nodes];
    let scene = Scene::live(&objects, &unread, &live);
    let verdicts = judge(&scene, catalogue::named("HA09"));
    let unknown: Vec<_> = verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Unknown).collect();
    let [only] = unknown.as_slice() else { panic!("{unknown:#?}") };
    assert_eq!((only.check.id, &*only.message), ("HA0905", "not known: the right to list nodes is missing"));
    assert_eq!(failed(&verdicts).len(), 1, "there is no standby: {verdicts:#?}");
}

#[test]
fn manifests_tell_nothing_of_what_is_so_now() {
    let (_, objects) = cluster(&led(sound("a"), None));
    let verdicts = judge(&Scene::new(&objects), catalogue::named("HA09"));
    assert_eq!(verdicts.len(), catalogue::named("HA09").len());
    assert!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::Skipped && verdict.spot.object.kind.is_empty()));
}
