//! Tokens at their edges: who says no, what is mounted by hand, and who is told another way.

use serde_json::{Value as Json, json};

use crate::check::Severity;
use crate::check::rule::tests::{told, workload};

const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

fn container(args: &[&str], mounts: Json) -> Json {
    json!({"name": "c", "args": args, "volumeMounts": mounts})
}

/// What is said of a Pod with this container and these volumes, whose token is not mounted by the API server.
fn judged(container: Json, volumes: Json) -> Option<Severity> {
    let pod = json!({"automountServiceAccountToken": false, "containers": [container], "volumes": volumes});
    told("HA0309", &[workload("Deployment", &json!({}), &pod)]).map(|(severity, _)| severity)
}

#[test]
fn the_pod_says_it_and_else_its_service_account() {
    let told = |pod: Json, account: Json| {
        let mut pod = pod;
        pod["containers"] = json!([container(&["--leader-elect"], json!([]))]);
        pod["serviceAccountName"] = json!("x");
        let mut of = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "x"}});
        of["automountServiceAccountToken"] = account;
        told("HA0309", &[workload("Deployment", &json!({}), &pod), of]).map(|(severity, _)| severity)
    };
    let pod = |said: bool| json!({"automountServiceAccountToken": said});
    assert_eq!(told(json!({}), Json::Null), None);
    assert_eq!(told(pod(false), json!(true)), Some(Severity::Error));
    assert_eq!(told(pod(true), json!(false)), None);
    assert_eq!(told(json!({}), json!(false)), Some(Severity::Warning), "some clusters mount it all the same");
}

#[test]
fn who_does_not_elect_or_has_another_way_needs_none() {
    for (args, expected) in [
        (&["--leader-elect"][..], Some(Severity::Error)),
        (&["--leader-elect=false"], None),
        (&["--v=1"], None),
        (&["--leader-elect", "--kubeconfig=/etc/k"], None),
        (&["--leader-elect", "--kubeconfig="], Some(Severity::Error)),
    ] {
        assert_eq!(judged(container(args, json!([])), json!([])), expected, "{args:?}");
    }
}

#[test]
fn what_is_mounted_by_hand_has_three_files() {
    let elects = |mounts: Json, volumes: Json, args: &[&str]| {
        judged(container(&[&["--leader-elect"], args].concat(), mounts), volumes).is_some()
    };
    let at = |path: &str| json!([{"name": "v", "mountPath": path}]);
    let item = |name: &str| json!({"key": name, "path": name});
    let secret = |items: Json| json!([{"name": "v", "secret": {"secretName": "s", "items": items}}]);
    let two = json!([item("token"), item("ca.crt")]);
    assert!(elects(at(FOLDER), secret(two.clone()), &[]));
    assert!(elects(at("/run/secrets/kubernetes.io/serviceaccount/"), secret(two.clone()), &[]));
    assert!(!elects(at(FOLDER), secret(two), &["--leader-election-namespace=shop"]), "it is told where");
    assert!(!elects(at(FOLDER), secret(Json::Null), &[]), "such a Secret has all three");
    assert!(!elects(at(FOLDER), secret(json!([item("token"), item("ca.crt"), item("namespace")])), &[]));
    assert!(elects(at(FOLDER), secret(json!([item("ca.crt"), item("namespace")])), &[]));
    // One file of each, as subPath does it.
    let part = |file: &str| json!({"name": "v", "mountPath": format!("{FOLDER}/{file}"), "subPath": file});
    let parts = |files: &[&str]| Json::Array(files.iter().map(|file| part(file)).collect());
    assert!(elects(parts(&["token", "ca.crt"]), secret(Json::Null), &[]));
    assert!(!elects(parts(&["token", "ca.crt", "namespace"]), secret(Json::Null), &[]));
    // Projected: the CA is in a ConfigMap of each namespace, and the namespace is a field of the Pod.
    let projected = |sources: Json| json!([{"name": "v", "projected": {"sources": sources}}]);
    let (token, ca) =
        (json!({"serviceAccountToken": {"path": "token"}}), json!({"configMap": {"name": "kube-root-ca.crt"}}));
    let namespace =
        json!({"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}});
    assert!(!elects(at(FOLDER), projected(json!([token, ca, namespace])), &[]));
    assert!(elects(at(FOLDER), projected(json!([token, namespace])), &[]), "no CA");
    let other = json!({"configMap": {"name": "other"}});
    assert!(!elects(at(FOLDER), projected(json!([token, ca, other])), &[]), "what is in it nobody knows");
    // Another volume says nothing of where the token is.
    assert!(elects(at("/data"), json!([{"name": "v", "emptyDir": {}}]), &[]));
    assert!(!elects(at("/token"), projected(json!([token])), &[]));
    // What nobody can look into may be a kubeconfig.
    assert!(!elects(at("/kc"), projected(json!([{"secret": {"name": "s"}}])), &[]));
    assert!(!elects(at("/kc"), json!([{"name": "v", "hostPath": {"path": "/etc/kc"}}]), &[]));
    assert!(!elects(at("/kc"), json!([{"name": "v", "csi": {"driver": "secrets-store.csi.k8s.io"}}]), &[]));
}

#[test]
fn a_file_that_it_reads_may_name_its_kubeconfig() {
    let judged = |config: &str| {
        let mut container = container(&["--leader-elect", "--config=/etc/c/c.yaml"], json!([]));
        container["volumeMounts"] = json!([{"name": "c", "mountPath": "/etc/c"}]);
        let volumes = json!([{"name": "c", "configMap": {"name": "c"}}]);
        let pod = json!({"automountServiceAccountToken": false, "containers": [container], "volumes": volumes});
        let map =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"c.yaml": config}});
        told("HA0309", &[workload("Deployment", &json!({}), &pod), map]).is_some()
    };
    assert!(!judged("clientConnection:\n  kubeconfig: /etc/kc/kubeconfig\n"));
    assert!(judged("clientConnection:\n  kubeconfig: \"\"\n"));
}
