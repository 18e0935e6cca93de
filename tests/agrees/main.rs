//! What preflight says of manifests, and what Kubernetes and the electors then make of them.

mod drain;
mod klag_exporter;
mod rights;
mod rollout;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::fixtures::create;
use crate::support::kubelet::image_name;
use crate::support::{Namespace, hactl};

/// For Pods to start and to find a leader, with many others beside them.
const SOON: Duration = Duration::from_secs(90);

/// Creates these objects, and has a kubelet to run what they make.
fn apply(namespace: &Namespace<'_>, manifests: &[Value]) {
    namespace.testbed().kubelet();
    for manifest in manifests {
        create(namespace, manifest.clone());
    }
}

/// The severities of what some checks find in these manifests, without any cluster.
fn findings(manifests: &[Value], select: &str) -> Vec<String> {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": manifests});
    let out = hactl().args(["preflight", "-", "-o", "json", "--select", select]).stdin(list.to_string()).run();
    let document: Value = serde_json::from_str(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:#?}"));
    assert_eq!(document["summary"]["unknown"], 0, "{out:#?}");
    let results = document["results"].as_array().expect("results").iter();
    let failed = results.filter(|result| result["outcome"] == "fail");
    failed.map(|result| result["severity"].as_str().expect("a word").to_owned()).collect()
}

/// Electors in a Deployment or a StatefulSet, all with the name `web`: `manager` is told by flags, `klag-exporter` by its
/// file. Which of their Pods are Ready depends on `gated`: the leader's alone, or all of them.
struct Electors {
    kind: &'static str,
    image: &'static str,
    replicas: u32,
    /// The strategy of either kind.
    strategy: Value,
    gated: bool,
}

impl Electors {
    fn manifest(&self) -> Value {
        let field = if self.kind == "Deployment" { "strategy" } else { "updateStrategy" };
        let mut spec = json!({
            "replicas": self.replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": self.pod()},
        });
        if !self.strategy.is_null() {
            spec[field] = self.strategy.clone();
        }
        if self.kind == "StatefulSet" {
            spec["serviceName"] = json!("web");
            // Whoever is never Ready would be the only one there is.
            spec["podManagementPolicy"] = json!("Parallel");
        }
        json!({"apiVersion": "apps/v1", "kind": self.kind, "metadata": {"name": "web", "labels": {"app": "web"}}, "spec": spec})
    }

    fn pod(&self) -> Value {
        let field = json!({"fieldRef": {"fieldPath": "metadata.namespace"}});
        let go = image_name(self.image) == "manager";
        let mut env = vec![
            json!({"name": "LEASE_NAME", "value": "web"}),
            json!({"name": "LEASE_NAMESPACE", "valueFrom": field}),
            json!({"name": "LEASE_DURATION", "value": "4"}),
            json!({"name": "READY_WHEN", "value": if self.gated { "leading" } else { "always" }}),
        ];
        // A leader that is told to end says good-bye, so that the next one need not wait.
        env.push(json!({"name": "RELEASE_ON_CANCEL", "value": "true"}));
        let times: &[(&str, &str)] =
            if go { &[("RENEW_DEADLINE", "3"), ("RETRY_PERIOD", "1")] } else { &[("GRACE_PERIOD", "1")] };
        env.extend(times.iter().map(|(name, value)| json!({"name": name, "value": value})));
        let args = if go { json!(["--leader-elect", "--leader-election-id=web"]) } else { json!([]) };
        let path = if self.gated { "/ready" } else { "/healthz" };
        let mut pod = json!({
            "serviceAccountName": "web",
            "terminationGracePeriodSeconds": 5,
            "containers": [{
                "name": "elector",
                "image": self.image,
                "args": args,
                "env": env,
                "ports": [{"name": "http", "containerPort": 8080}],
                "readinessProbe": {"httpGet": {"path": path, "port": "http"}, "periodSeconds": 1},
            }],
        });
        if !go {
            pod["containers"][0]["volumeMounts"] = json!([{"name": "config", "mountPath": "/app"}]);
            pod["volumes"] = json!([{"name": "config", "configMap": {"name": "web"}}]);
        }
        pod
    }
}

/// What tells klag-exporter, and hactl, that there is an election in this namespace.
fn klag_file(namespace: &str) -> Value {
    let text = format!(
        "[exporter.leadership]\nenabled = true\nlease_name = \"web\"\nlease_namespace = \"{namespace}\"\n\
         lease_duration_secs = 4\ngrace_period_secs = 1\n"
    );
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"config.toml": text}})
}

fn account() -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}})
}

/// A Role `web` with these rules.
fn role(rules: Value) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "web"}, "rules": rules})
}

/// A binding of the Role `web` to this subject.
fn binding(subject: Value) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "web"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"}, "subjects": [subject],
    })
}

/// Everything that an elector needs besides.
fn rights(namespace: &str) -> Vec<Value> {
    let verbs = ["get", "create", "update", "patch"];
    let rules = json!([{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs}]);
    vec![account(), role(rules), binding(json!({"kind": "ServiceAccount", "name": "web"})), klag_file(namespace)]
}
