//! klag-exporter as its own documents say that it is installed, and what `hactl preflight` says of that.

use serde_json::Value;

use super::document;

/// What its guide to high availability has people apply (`docs/high-availability.md`, Kubernetes Setup), in other words.
const GUIDE: &str = r#"
apiVersion: v1
kind: ServiceAccount
metadata: {name: klag-exporter, namespace: monitoring}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: leases, namespace: monitoring}
rules:
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, update]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: leases, namespace: monitoring}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: leases}
subjects: [{kind: ServiceAccount, name: klag-exporter, namespace: monitoring}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: klag-exporter, namespace: monitoring}
spec:
  replicas: 2
  selector: {matchLabels: {app: klag-exporter}}
  template:
    metadata: {labels: {app: klag-exporter}}
    spec:
      serviceAccountName: klag-exporter
      containers:
      - name: klag-exporter
        image: ghcr.io/softwaremill/klag-exporter:0.1.29
        ports: [{name: http, containerPort: 8000}]
        env:
        - {name: POD_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        livenessProbe: {httpGet: {path: /health, port: http}}
        readinessProbe: {httpGet: {path: /ready, port: http}}
        resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 128Mi}}
        volumeMounts: [{name: config, mountPath: /etc/klag-exporter}]
      volumes: [{name: config, configMap: {name: klag-exporter-config}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: klag-exporter-config, namespace: monitoring}
data:
  config.toml: |
    [exporter]
    poll_interval = "30s"
    http_port = 8000

    [exporter.leadership]
    enabled = true
    lease_name = "klag-exporter"
    lease_namespace = "${POD_NAMESPACE}"

    [[clusters]]
    name = "production"
    bootstrap_servers = "kafka:9092"
---
apiVersion: v1
kind: Service
metadata: {name: klag-exporter, namespace: monitoring, labels: {app: klag-exporter}}
spec:
  selector: {app: klag-exporter}
  ports: [{name: http, port: 8000, targetPort: http}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: klag-exporter, namespace: monitoring}
spec:
  selector: {matchLabels: {app: klag-exporter}}
  endpoints: [{port: http, interval: 30s, path: /metrics}]
"#;

/// What fails of standbys that are not Ready, rights and klag-exporter itself: how bad, which check, and on what.
fn failures(text: &str) -> Vec<String> {
    let told = document(text, &["--select", "HA0203,HA0208,HA03,HA08"]);
    let failed = told["results"].as_array().expect("results").iter().filter(|result| result["outcome"] == "fail");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |result: &Value| {
        format!("{} {} {}", word(&result["severity"]), word(&result["id"]), word(&result["object"]["kind"]))
    };
    let mut lines: Vec<_> = failed.map(line).collect();
    lines.sort();
    lines
}

#[test]
fn what_the_guide_has_people_apply_never_leads() {
    assert_eq!(
        failures(GUIDE),
        [
            "error HA0203 Deployment",
            "error HA0301 Role",
            "error HA0801 Deployment",
            "info HA0810 ServiceMonitor",
            "warning HA0808 Deployment",
        ]
    );
}

#[test]
fn what_the_guide_means_is_sound() {
    let mended = GUIDE
        .replace("[get, create, update]", "[get, create, patch]")
        .replace("        env:\n", "        args: [--config, /etc/klag-exporter/config.toml]\n        env:\n")
        .replace("  replicas: 2\n", "  replicas: 2\n  strategy: {type: Recreate}\n")
        .replace("ghcr.io/softwaremill/klag-exporter:0.1.29", "registry.example.com/klag-exporter:0.1.29")
        .replace("metadata: {labels: {app: klag-exporter}}", "metadata: {labels: {app: klag-exporter}, annotations: {checksum/config: \"1\"}}")
        .replace("path: /metrics}", "path: /metrics, relabelings: [{sourceLabels: [__meta_kubernetes_pod_ready], regex: \"true\", action: keep}]}");
    assert_eq!(failures(&mended), [""; 0]);
    // And each of the words matters.
    for (sound, broken, told) in [
        ("[get, create, patch]", "[get, create, update]", "error HA0301 Role"),
        ("/config.toml]", "/klag.toml]", "error HA0108 Deployment"),
        ("${POD_NAMESPACE}", "${NAMESPACE}", "error HA0803 Deployment"),
        ("\"${POD_NAMESPACE}\"", "\"\"", "error HA0803 ConfigMap"),
        ("    enabled = true\n", "    enable = true\n", "error HA0805 ConfigMap"),
        ("http_port = 8000", "http_port = 9000", "error HA0807 Deployment"),
        ("/health,", "/healthz,", "error HA0807 Deployment"),
        ("    lease_name =", "    lease_duration_secs = 4\n    lease_name =", "error HA0401 ConfigMap"),
        ("    lease_name =", "    lease_duration_secs = 15s\n    lease_name =", "error HA0802 ConfigMap"),
        ("endpoints: [{port: http", "endpoints: [{port: metrics", "warning HA0809 ServiceMonitor"),
    ] {
        let text = mended.replace(sound, broken);
        let document = document(&text, &["--select", told.split(' ').nth(1).expect("an id")]);
        let results = document["results"].as_array().expect("results").iter();
        let mut failed = results.filter(|result| result["outcome"] == "fail");
        let kind = told.rsplit(' ').next().expect("a kind");
        assert!(failed.any(|result| result["object"]["kind"] == kind), "{told}: {document:#}");
    }
}

#[test]
fn a_place_in_a_file_is_one_in_the_manifest() {
    let text = GUIDE.replace("\"${POD_NAMESPACE}\"", "\"\"");
    let line = 1 + text.lines().position(|line| line.contains("lease_namespace")).expect("a line");
    let told = document(&text, &["--select", "HA0803"]);
    let failed = told["results"].as_array().expect("results").iter().find(|result| result["outcome"] == "fail");
    let place = &failed.expect("it fails")["where"];
    assert_eq!((place["line"].as_u64(), place["field"].as_str()), (Some(line as u64), Some("data.config.toml")));
    assert_eq!(place["column"], 23);
    // In a text that is no block its lines are not those of the manifest: the place is its name's.
    let quoted = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: klag-exporter-config, namespace: monitoring}\ndata:\n  \
        config.toml: \"[exporter]\\n[exporter.leadership]\\nenabled = true\\nlease_namespace = ''\\n\"\n";
    let (before, after) = text.split_at(text.find("apiVersion: v1\nkind: ConfigMap").expect("it"));
    let after = &after[after.find("---").expect("another")..];
    let told = document(&format!("{before}{quoted}{after}"), &["--select", "HA0803"]);
    let failed = told["results"].as_array().expect("results").iter().find(|result| result["outcome"] == "fail");
    let place = &failed.expect("it fails")["where"];
    assert_eq!((place["line"].as_u64(), place["column"].as_u64()), (Some(before.lines().count() as u64 + 5), Some(3)));
}
