//! How much it asks: bulk lists in few waves, however many Pods there are.

use k8s_openapi::api::core::v1::Pod;
use kube::api::PostParams;
use serde_json::json;

use super::{apply, document, results, troubled};
use crate::support::gate::{Act, Asked, Gate};
use crate::support::{Component, Testbed, block_on, hactl};

#[test]
fn it_asks_the_same_however_many_pods_there_are() {
    // Nobody collects Pods whose owner was never there.
    let testbed = Testbed::own(&[Component::Etcd, Component::ApiServer]);
    let namespace = testbed.namespace("many");
    apply(&namespace, troubled("payments"));
    let mut asked = Vec::new();
    let mut made = 0;
    for pods in [3, 300] {
        let owner = json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "payments-7d4b9", "uid": "none", "controller": true,
        });
        let create = (made..pods).map(|number| {
            let pod = json!({
                "metadata": {
                    "name": format!("payments-7d4b9-{number:05}"),
                    "labels": {"app": "payments", "pod-template-hash": "7d4b9"}, "ownerReferences": [owner],
                },
                "spec": {"containers": [{"name": "main", "image": "manager"}]},
            });
            serde_json::from_value::<Pod>(pod).expect("a Pod")
        });
        let api = namespace.api::<Pod>();
        for pod in create {
            block_on(api.create(&PostParams::default(), &pod)).expect("it is created");
        }
        made = pods;
        let gate = Gate::before(testbed.access(), |_| Act::Pass);
        let args = ["doctor", "deploy/payments", "-o", "json"];
        let out = hactl().args(args).kubeconfig(gate.kubeconfig(&namespace)).run();
        assert_eq!(out.code, Some(1), "{out:#?}");
        document(&out);
        let mut requests: Vec<_> =
            gate.asked().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect();
        requests.sort_unstable();
        assert!(requests.len() <= 20, "{requests:#?}");
        let reviews = requests.iter().filter(|request| request.starts_with("POST ")).count();
        assert_eq!(reviews, 3, "get, create, update: {requests:#?}");
        let gets: Vec<_> = requests.iter().filter(|request| request.starts_with("GET ")).collect();
        assert!(gets.iter().all(|request| request.contains("&limit=500")), "bulk lists only: {gets:#?}");
        assert!(requests.iter().all(|request| !request.contains("secrets")), "{requests:#?}");
        asked.push(requests);
    }
    assert_eq!(asked[0], asked[1]);
}

/// A proxy that does not know the path says so in the same way as an API server that does not have an API.
#[test]
fn a_server_that_knows_nothing_is_no_empty_cluster() {
    let testbed = Testbed::shared();
    let namespace = testbed.namespace("astray");
    apply(&namespace, troubled("payments"));
    let without = |path: &'static str| {
        let rule = move |asked: &Asked| if asked.path.contains(path) { Act::Answer(404, "{}") } else { Act::Pass };
        let gate = Gate::before(testbed.access(), rule);
        hactl().args(["doctor", "-o", "json"]).kubeconfig(gate.kubeconfig(&namespace)).run()
    };
    let out = without("/");
    assert_eq!((out.code, out.stdout.as_str()), (Some(3), ""), "{out:#?}");
    let unknown = |path: &'static str| {
        let document = document(&without(path));
        results(&document).iter().filter(|result| result["outcome"] == "unknown").count()
    };
    assert!(unknown("/leases") > 0);
    assert_eq!(unknown("/poddisruptionbudgets"), 0, "not every cluster has these");
}
