//! Which identities find which Pod, and which Leases which workload.

use super::super::snapshot::{Node, Object};
use super::super::wire::tests::{lease, pod};
use super::*;

const UUID: &str = "5a1e0c1c-7ad0-4d8e-9f35-0f6a3b1f2d11";

fn world(pods: &[&str]) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for json in pods {
        snapshot.insert(Object::Pod(pod(json)));
    }
    for name in ["cp1", "n1.example.com"] {
        let hostname = name.split('.').next().map(str::to_owned);
        snapshot.insert(Object::Node(Node { name: name.to_owned(), zone: None, hostname }));
    }
    snapshot
}

fn find(snapshot: &Snapshot, lease: &str, identity: &str) -> String {
    let (namespace, name) = lease.split_once('/').expect("namespace/name");
    match Index::new(snapshot).holder(&Key::new(namespace, name), identity) {
        Holder::Pod { pod, guess } => format!("{}{}", pod.key, if guess.is_some() { " (guess)" } else { "" }),
        Holder::Ambiguous(pods) => {
            format!("one of {}", pods.iter().map(|pod| pod.key.to_string()).collect::<Vec<_>>().join(", "))
        }
        Holder::Node { node, hosted } if hosted.is_empty() => format!("node {node}"),
        Holder::Node { node, hosted } => {
            let names: Vec<_> = hosted.iter().map(|pod| pod.key.name.as_str()).collect();
            format!("node {node}, perhaps {}", names.join(", "))
        }
        Holder::Unmapped => "unmapped".to_owned(),
    }
}

const DEPLOYED: &str = r#"{"metadata":{"namespace":"n","name":"web-7d4b9-qq8zk","uid":"u1","labels":{"pod-template-hash":"7d4b9"},
    "ownerReferences":[{"kind":"ReplicaSet","name":"web-7d4b9","controller":true}]},"status":{"podIP":"10.0.0.7"}}"#;

#[test]
fn the_usual_identities_find_their_pod() {
    let world = world(&[DEPLOYED]);
    for identity in ["web-7d4b9-qq8zk", &format!("web-7d4b9-qq8zk_{UUID}"), "n/web-7d4b9-qq8zk", "u1", "10.0.0.7"] {
        assert_eq!(find(&world, "n/l", identity), "n/web-7d4b9-qq8zk", "{identity}");
    }
    let suffixed = "web-7d4b9-qq8zk-external-cert-manager-controller";
    assert_eq!(find(&world, "n/l", suffixed), "n/web-7d4b9-qq8zk (guess)");
    for identity in ["", "_", "klag-6b1f", "web", "web-7d4b9", "x7Gh2kQ9"] {
        assert_eq!(find(&world, "n/l", identity), "unmapped", "{identity}");
    }
}

#[test]
fn an_endless_identity_costs_no_time() {
    let endless = format!("x{}", "é-".repeat(300_000));
    assert_eq!(find(&world(&[DEPLOYED]), "n/l", &endless), "unmapped");
}

#[test]
fn a_bare_pod_is_not_found_by_a_part_of_an_identity() {
    let world = world(&[r#"{"metadata":{"namespace":"n","name":"web"}}"#]);
    assert_eq!(find(&world, "n/l", "web-7d4b9-aaaaa"), "unmapped");
    assert_eq!(find(&world, "n/l", "web"), "n/web");
}

#[test]
fn a_cut_or_chosen_host_name_finds_its_pod() {
    let long = format!("{}-7d4b9c6f5-qq8zk", "a".repeat(60));
    let world = world(&[
        &format!(r#"{{"metadata":{{"namespace":"n","name":"{long}"}}}}"#),
        r#"{"metadata":{"namespace":"n","name":"p"},"spec":{"hostname":"chosen"}}"#,
    ]);
    assert_eq!(find(&world, "n/l", &format!("{}_{UUID}", &long[..63])), format!("n/{long}"));
    assert_eq!(find(&world, "n/l", &format!("chosen_{UUID}")), "n/p");
}

#[test]
fn pods_on_the_hosts_network_are_told_apart_by_the_leases_name() {
    let on_host = |name: &str, node: &str| {
        format!(
            r#"{{"metadata":{{"namespace":"kube-system","name":"{name}-{node}","ownerReferences":[{{"kind":"Node","name":"{node}","controller":true}}]}},
                "spec":{{"nodeName":"{node}","hostNetwork":true}}}}"#
        )
    };
    let world = world(&[
        &on_host("kube-scheduler", "cp1"),
        &on_host("kube-controller-manager", "cp1"),
        &on_host("etcd", "cp1"),
        &on_host("proxy", "n1.example.com"),
    ]);
    let identity = format!("cp1_{UUID}");
    assert_eq!(find(&world, "kube-system/kube-scheduler", &identity), "kube-system/kube-scheduler-cp1");
    assert_eq!(
        find(&world, "kube-system/other", &identity),
        "node cp1, perhaps etcd-cp1, kube-controller-manager-cp1, kube-scheduler-cp1"
    );
    assert_eq!(find(&world, "kube-system/proxy", "n1"), "kube-system/proxy-n1.example.com");
    // The only Pod on the host's network is not the leader of everything that runs there.
    assert_eq!(find(&world, "kube-system/x", "n1"), "node n1.example.com, perhaps proxy-n1.example.com");
    assert_eq!(find(&world, "other/x", "n1"), "node n1.example.com");
}

/// Two Pods on the network of the same host, the first with this argument.
fn on_cp1(names: [&str; 2], argument: &str) -> Snapshot {
    let pod = |name: &str, args: &str| {
        format!(
            r#"{{"metadata":{{"namespace":"n","name":"{name}-0","uid":"{name}",
                "ownerReferences":[{{"kind":"StatefulSet","name":"{name}","controller":true}}]}},
                "spec":{{"nodeName":"cp1","hostNetwork":true,"containers":[{{"name":"c","args":[{args}]}}]}},
                "status":{{"podIP":"192.0.2.1"}}}}"#
        )
    };
    world(&[&pod(names[0], argument), &pod(names[1], "")])
}

#[test]
fn a_workload_named_after_the_lease_is_told_from_others_on_its_host() {
    assert_eq!(find(&on_cp1(["foo-ctl", "bar"], ""), "n/foo", "cp1"), "n/foo-ctl-0");
    assert_eq!(find(&on_cp1(["foo", "bar"], ""), "n/foo-lock", "cp1"), "n/foo-0");
    assert_eq!(find(&on_cp1(["foo", "bar"], ""), "other/foo", "cp1"), "n/foo-0");
}

#[test]
fn an_argument_that_names_the_lease_tells_who_is_meant_on_a_host() {
    let world = on_cp1(["one", "two"], r#""--leader-elect-resource-name=foo""#);
    assert_eq!(find(&world, "n/foo", "cp1"), "n/one-0");
    assert_eq!(find(&world, "n/other", "cp1"), "node cp1, perhaps one-0, two-0");
}

#[test]
fn the_address_of_a_host_is_no_pods_own() {
    assert_eq!(find(&on_cp1(["one", "two"], ""), "n/l", "192.0.2.1"), "unmapped");
    let ended = DEPLOYED.replace(r#""podIP""#, r#""phase":"Failed","podIP""#);
    assert_eq!(find(&world(&[&ended]), "n/l", "10.0.0.7"), "unmapped");
}

#[test]
fn a_workload_is_found_without_its_pod() {
    let found = |pod: &str, holder: &str, lease_name: &str, owners: &str| {
        let lease = lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"{lease_name}","ownerReferences":[{owners}]}},"spec":{{"holderIdentity":"{holder}"}}}}"#
        ));
        let snapshot = world(&[pod]);
        let found = Index::new(&snapshot).workload_of(&lease);
        found.map(|(workload, by)| format!("{workload}: {by}"))
    };
    let owner = |name: &str| format!(r#"{{"kind":"Deployment","name":"{name}"}}"#);
    let naming = DEPLOYED
        .replace(r#""status":"#, r#""spec":{"containers":[{"name":"c","args":["--leader-election-id=l"]}]},"status":"#);
    let cases = [
        (found(DEPLOYED, "x7Gh2kQ9", "l", &owner("web")), Some("deploy/web: it owns the Lease")),
        (found(DEPLOYED, "x7Gh2kQ9", "l", &owner("gone")), None),
        (found(&naming, "x7Gh2kQ9", "l", ""), Some("deploy/web: its containers name the Lease")),
        (found(DEPLOYED, "web-7d4b9-zzzzz", "l", ""), Some("deploy/web: its controller made the Pod web-7d4b9-zzzzz")),
        (found(&naming.replace("election-id", "election-namespace"), "x7Gh2kQ9", "l", ""), None),
        (found(DEPLOYED, "x7Gh2kQ9", "web", ""), Some("deploy/web: a guess: it has the Lease's name")),
    ];
    for (found, expected) in cases {
        assert_eq!(found.as_deref(), expected);
    }
}

#[test]
fn a_process_on_a_node_is_named_by_it() {
    assert_eq!(find(&world(&[]), "n/l", &format!("cp1_{UUID}")), "node cp1");
    assert_eq!(find(&world(&[]), "n/l", "n1"), "node n1.example.com");
}

#[test]
fn the_leases_own_namespace_comes_first() {
    let twin = DEPLOYED.replace("\"n\"", "\"other\"").replace("\"u1\"", "\"u2\"").replace("10.0.0.7", "10.0.0.8");
    let world = world(&[DEPLOYED, &twin]);
    assert_eq!(find(&world, "other/l", "web-7d4b9-qq8zk"), "other/web-7d4b9-qq8zk");
    assert_eq!(find(&world, "third/l", "web-7d4b9-qq8zk"), "one of n/web-7d4b9-qq8zk, other/web-7d4b9-qq8zk");
}

#[test]
fn a_plain_name_in_another_namespace_is_somebody_else() {
    let set = r#"{"metadata":{"namespace":"tb","name":"postgres-0",
        "ownerReferences":[{"kind":"StatefulSet","name":"postgres","controller":true}]}}"#;
    let world = world(&[set, r#"{"metadata":{"namespace":"tb","name":"bare"}}"#, DEPLOYED]);
    assert_eq!(find(&world, "ta/patroni", "postgres-0"), "unmapped");
    assert_eq!(find(&world, "ta/patroni", "bare"), "unmapped");
    assert_eq!(find(&world, "tb/patroni", "postgres-0"), "tb/postgres-0");
    assert_eq!(find(&world, "kube-system/web", "web-7d4b9-qq8zk"), "n/web-7d4b9-qq8zk");
}
