//! Who is told nothing of electing, and holds a Lease.

use serde_json::{Value as Json, json};

use super::{deployment, fails, is, lease, led, pod, said, sound};
use crate::check::tests::cluster;
use crate::check::{Outcome, Scene, Severity, catalogue, judge};
use crate::model::Micros;

/// A Lease as kube-lease-manager leaves it, for so many seconds.
fn written(seconds: i64) -> Json {
    let mut lease = lease("web-7d4b9-a", "11:59:59");
    lease["spec"]["leaseDurationSeconds"] = json!(seconds);
    lease["metadata"]["managedFields"] = json!([{
        "manager": "kube-lease-manager-web", "operation": "Apply", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:holderIdentity": {}, "f:renewTime": {}, "f:leaseDurationSeconds": {}}},
    }]);
    lease
}

fn rights(verbs: &[&str]) -> Vec<Json> {
    let meta = json!({"name": "web", "namespace": "n"});
    vec![
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta,
            "rules": [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs}]}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"},
            "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "n"}]}),
    ]
}

/// A Deployment of so many, of which the first Pod holds this Lease.
fn holding(lease: Json, replicas: i64, verbs: &[&str]) -> Vec<Json> {
    let mut web = deployment(replicas, json!({}));
    web["spec"]["template"]["spec"]["serviceAccountName"] = json!("web");
    [vec![lease, web, sound("a"), sound("b")], rights(verbs)].concat()
}

#[test]
fn whoever_holds_a_lease_is_judged_as_its_library_does() {
    let with = |verbs: &[&str]| holding(written(30), 2, verbs);
    let words = "elects (its Pod holds lease/web in n) as serviceaccount/web, which may not patch leases";
    fails("HA0301", &with(&["get", "create"]), Severity::Error, words);
    fails("HA0301", &with(&["get", "create"]), Severity::Error, "as kube-lease-manager does");
    is("HA0301", &with(&["get", "create", "patch"]), Outcome::Pass);
    for check in ["HA0102", "HA0103", "HA0504", "HA0910"] {
        is(check, &with(&["get", "create", "patch"]), Outcome::Pass);
    }
    fails("HA0103", &holding(written(30), 1, &[]), Severity::Warning, "its Pod holds lease/web in n");
}

/// By its fields it may be another program's, which writes otherwise.
#[test]
fn what_its_library_is_guessed_to_be_is_no_error() {
    let mut lease = written(15);
    lease["metadata"]["managedFields"][0]["manager"] = json!("web");
    lease["metadata"]["managedFields"][0]["operation"] = json!("Update");
    fails("HA0301", &holding(lease.clone(), 2, &["get"]), Severity::Warning, "create, update leases");
    lease["metadata"]["managedFields"] = json!([]);
    is("HA0301", &holding(lease.clone(), 2, &["get"]), Outcome::Skipped);
    lease["metadata"]["name"] = json!("web-7d4b9-a");
    let (_, _, message) = said("HA0103", &holding(lease, 1, &["get"]));
    assert!(message.contains("nothing says that it elects"), "its own sign of life: {message}");
}

#[test]
fn its_lease_tells_its_timing() {
    let wanted = |lease: Json, seconds: i64| {
        let (live, objects) = cluster(&holding(lease, 2, &["get", "create", "patch"]));
        let mut scene = Scene::live(&objects, &[], &live);
        scene.rto = Some(Micros::from_secs(seconds));
        let verdicts = judge(&scene, catalogue::named("HA0405"));
        (verdicts[0].outcome, verdicts[0].severity, verdicts[0].message.to_string())
    };
    let (outcome, severity, message) = wanted(written(30), 20);
    assert_eq!((outcome, severity), (Outcome::Fail, Severity::Warning), "{message}");
    assert!(message.contains("if what is not said is kube-lease-manager's default"), "{message}");
    assert_eq!(wanted(written(30), 60).0, Outcome::Pass);
    let long = |seconds| holding(written(seconds), 2, &["get", "create", "patch"]);
    is("HA0404", &long(30), Outcome::Pass);
    is("HA0404", &long(20), Outcome::Skipped);
}

#[test]
fn who_is_told_not_to_elect_and_who_is_only_thought_to_hold_it_are_not_taken_to() {
    let mut off = holding(written(30), 2, &["get"]);
    off[1]["spec"]["template"]["spec"]["containers"][0]["args"] = json!(["--leader-elect=false"]);
    is("HA0102", &off, Outcome::Fail);
    let free = led(sound("a"), Some(pod("b", true, "10:00:00", json!({}))));
    let mut nobodys = free.clone();
    nobodys[0]["spec"]["holderIdentity"] = json!("somebody");
    is("HA0103", &free, Outcome::Pass);
    is("HA0103", &nobodys, Outcome::Skipped);
}

/// Of several programs it is the one under whose name the Lease is renewed.
#[test]
fn of_several_programs_the_one_that_renews_elects() {
    let mut lease = written(15);
    lease["metadata"]["managedFields"][0]["manager"] = json!("manager");
    lease["metadata"]["managedFields"][0]["operation"] = json!("Update");
    let mut all = holding(lease, 2, &["get", "create"]);
    let containers =
        json!([{"name": "proxy", "image": "proxy"}, {"name": "main", "image": "web", "command": ["/manager"]}]);
    all[1]["spec"]["template"]["spec"]["containers"] = containers;
    let (live, objects) = cluster(&all);
    let scene = Scene::live(&objects, &[], &live);
    let electors: Vec<_> = scene.electors().all().iter().map(|elector| elector.program.name()).collect();
    assert_eq!(electors, ["main"]);
}

/// No Lease tells that nobody leads where nobody has come so far as to make it.
#[test]
fn who_is_to_elect_and_never_runs_has_no_leader() {
    let pods = |created: &str, states: [Json; 2]| {
        let [a, b] = states;
        let mut web = deployment(2, json!({}));
        web["spec"]["template"]["spec"]["containers"][0]["args"] = json!(["--leader-elect"]);
        vec![web, pod("a", false, created, a), pod("b", false, created, b)]
    };
    let crashed = || json!({"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 4});
    let unpulled = || json!({"state": {"waiting": {"reason": "ErrImagePull"}}});
    let late = "11:50:00";
    let words = "none of its Pods runs (web-7d4b9-b: CrashLoopBackOff). Next: kubectl logs web-7d4b9-b -n n --previous";
    fails("HA0901", &pods(late, [crashed(), crashed()]), Severity::Error, words);
    let described = "ErrImagePull). Next: kubectl describe pod/web-7d4b9-b -n n";
    fails("HA0901", &pods(late, [unpulled(), unpulled()]), Severity::Error, described);
    let silent = |documents: &[Json]| {
        let (live, objects) = cluster(documents);
        let verdicts = judge(&Scene::live(&objects, &[], &live), catalogue::named("HA0901"));
        assert!(verdicts.iter().all(|verdict| verdict.outcome != Outcome::Fail), "{verdicts:#?}");
    };
    silent(&pods("11:59:00", [crashed(), crashed()]));
    silent(&pods(late, [crashed(), json!({"state": {"running": {}}})]));
    let mut unled = pods(late, [crashed(), crashed()]);
    unled[0] = deployment(2, json!({}));
    silent(&unled);
    // Then its Lease tells, once.
    let with = [vec![lease("web-7d4b9-a_x", "11:00:00")], pods(late, [crashed(), crashed()])].concat();
    let (outcome, _, message) = said("HA0901", &with);
    assert!(outcome == Outcome::Fail && message.contains("lease/web"), "{message}");
}
