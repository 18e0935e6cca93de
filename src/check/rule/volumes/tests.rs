//! Claims at their edges: who may have them, where Pods are kept, and what stands in place.

use serde_json::{Value as Json, json};

use crate::check::Severity;
use crate::check::rule::tests::{told, workload};

fn claim(mode: &str, class: &str) -> Json {
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "x"},
        "spec": {"accessModes": [mode], "storageClassName": class}})
}

fn using(kind: &str, spec: &Json, pod: Json) -> Json {
    let mut pod = pod;
    pod["volumes"] = json!([{"name": "v", "persistentVolumeClaim": {"claimName": "x"}}]);
    workload(kind, spec, &pod)
}

/// Whether a second Pod of this workload is said to wait for a claim.
fn waits(kind: &str, spec: Json, pod: Json, claim: Json) -> bool {
    told("HA0601", &[using(kind, &spec, pod), claim]).is_some()
}

#[test]
fn a_claim_of_one_node_is_waited_for_by_a_surge_and_by_a_standby() {
    let rwo = || claim("ReadWriteOnce", "fast");
    let rolling = |replicas: i64, surge: i64, unavailable: i64| json!({"replicas": replicas, "strategy": {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}});
    for (kind, spec, expected) in [
        ("Deployment", json!({}), true),
        ("Deployment", rolling(1, 1, 0), true),
        ("Deployment", rolling(1, 0, 1), false),
        // The old Pod is stopped at once.
        ("Deployment", rolling(1, 1, 1), false),
        ("Deployment", json!({"strategy": {"type": "Recreate"}}), false),
        ("Deployment", json!({"replicas": 0}), false),
        ("Deployment", json!({"replicas": 2, "strategy": {"type": "Recreate"}}), true),
        ("StatefulSet", json!({"replicas": 1}), false),
        ("StatefulSet", json!({"replicas": 2}), true),
    ] {
        assert_eq!(waits(kind, spec.clone(), json!({}), rwo()), expected, "{kind} {spec}");
    }
    assert!(!waits("Deployment", json!({}), json!({}), claim("ReadWriteMany", "fast")));
    assert!(told("HA0601", &[using("Deployment", &json!({"replicas": 2}), json!({}))]).is_none(), "it is not here");
    let both = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "x"},
        "spec": {"accessModes": ["ReadWriteOnce", "ReadOnlyMany"]}});
    assert!(!waits("Deployment", json!({}), json!({}), both));
}

#[test]
fn pods_that_are_kept_on_one_node_share_what_it_has() {
    let host = "kubernetes.io/hostname";
    let on = |nodes: &[&str]| {
        let asked = json!({"key": host, "operator": "In", "values": nodes});
        json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms": [{"matchExpressions": [asked]}]}}}})
    };
    let together = |labels: Json| {
        json!({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            [{"topologyKey": host, "labelSelector": {"matchLabels": labels}}]}}})
    };
    let waits = |pod: Json, mode: &str| waits("Deployment", json!({}), pod, claim(mode, ""));
    for (pod, expected) in [
        (json!({}), true),
        (json!({"nodeName": "n1"}), false),
        (json!({"nodeSelector": {host: "n1"}}), false),
        (json!({"nodeSelector": {"disk": "fast"}}), true),
        (on(&["n1"]), false),
        (on(&["n1", "n2"]), true),
        (together(json!({"app": "x"})), false),
        (together(json!({"app": "y"})), true),
    ] {
        assert_eq!(waits(pod.clone(), "ReadWriteOnce"), expected, "{pod}");
        assert!(waits(pod, "ReadWriteOncePod"), "it is for one Pod, wherever that is");
    }
}

#[test]
fn what_stands_on_a_node_is_found_there() {
    let waits = |replicas: i64, class: &str, volume: Option<Json>| {
        let mut claim = claim("ReadWriteOnce", class);
        claim["spec"]["volumeName"] = json!("pv");
        let all: Vec<_> =
            [using("Deployment", &json!({"replicas": replicas}), json!({})), claim].into_iter().chain(volume).collect();
        told("HA0601", &all).is_some()
    };
    let volume = |kind: &str| json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": {kind: {}}});
    assert!(waits(1, "fast", None) && !waits(1, "local-path", None) && !waits(1, "csi-nfs", None));
    assert!(!waits(1, "", Some(volume("nfs"))) && waits(1, "", Some(volume("csi"))));
    assert!(waits(2, "local-path", None), "all of them are lost with that node");
    assert!(!waits(2, "csi-nfs", None) && waits(2, "prefs", None));
}

#[test]
fn what_is_mounted_over_the_network_is_kept_by_nobody() {
    let waits = |volume: Json, provisioner: &str| {
        let mut claim = claim("ReadWriteOnce", "files");
        claim["spec"]["volumeName"] = json!("pv");
        let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "files"},
            "provisioner": provisioner});
        let volume =
            json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": volume});
        told("HA0601", &[using("Deployment", &json!({"replicas": 2}), json!({})), claim, class, volume]).is_some()
    };
    for provisioner in [
        "csi.juicefs.com",
        "file.csi.azure.com",
        "filestore.csi.storage.gke.io",
        "fsx.csi.aws.com",
        "kubernetes.io/glusterfs",
        "smb.csi.k8s.io",
    ] {
        assert!(!waits(json!({}), provisioner), "{provisioner}");
    }
    for block in ["disk.csi.azure.com", "ebs.csi.aws.com", "pd.csi.storage.gke.io"] {
        assert!(waits(json!({}), block), "{block}");
    }
    for field in ["azureFile", "cephfs", "glusterfs", "nfs"] {
        assert!(!waits(json!({field: {}}), "other"), "{field}");
    }
}

#[test]
fn two_workloads_share_a_claim_where_they_share_a_node() {
    let other = |pod: Json| {
        let mut other = using("Deployment", &json!({}), pod);
        other["metadata"]["name"] = json!("y");
        other["spec"]["template"]["metadata"]["labels"]["app"] = json!("y");
        other
    };
    let told = |other: Json| {
        let all = [using("Deployment", &json!({}), json!({})), other, claim("ReadWriteOnce", "fast")];
        told("HA0602", &all).map(|(severity, _)| severity)
    };
    assert_eq!(told(other(json!({}))), Some(Severity::Warning));
    let beside = json!({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
        [{"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "x"}}}]}}});
    assert_eq!(told(other(beside)), None);
    let mut off = other(json!({}));
    off["spec"]["replicas"] = json!(0);
    assert_eq!(told(off), None);
}
