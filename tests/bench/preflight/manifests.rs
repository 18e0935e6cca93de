//! Sound manifests of many workloads, three documents in a file, as a repository of a platform has them.

use std::fs;
use std::path::PathBuf;

use crate::support::scratch;

/// Workloads in one namespace.
const BESIDE: usize = 50;

/// Writes so many files into a new folder.
pub(super) fn write(files: usize) -> PathBuf {
    let folder = scratch::path("manifests");
    for number in 0..files {
        let space = folder.join(format!("team-{}", number / BESIDE));
        fs::create_dir_all(&space).expect("a folder in the temporary folder");
        let text = match number % 3 {
            0 => workload(number),
            1 => rights(number - 1),
            _ => settings(number - 2),
        };
        fs::write(space.join(format!("{number}.yaml")), text).expect("a file in the temporary folder");
    }
    folder
}

/// What names an object of the workload of this number.
fn meta(number: usize) -> String {
    let space = number / BESIDE;
    format!(
        "metadata:\n  name: app-{number}\n  namespace: team-{space}\n  labels:\n    app.kubernetes.io/name: app-{number}\n    \
         app.kubernetes.io/managed-by: platform\n"
    )
}

fn workload(number: usize) -> String {
    let meta = meta(number);
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
{meta}spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: app-{number}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: app-{number}
    spec:
      serviceAccountName: app-{number}
      terminationGracePeriodSeconds: 30
      containers:
        - name: manager
          image: registry.example.com/app-{number}:1.{number}.0
          args:
            - --leader-elect
            - --leader-election-id=app-{number}
            - --health-probe-bind-address=:8081
          env:
            - name: POD_NAMESPACE
              valueFrom:
                fieldRef:
                  fieldPath: metadata.namespace
          ports:
            - name: health
              containerPort: 8081
          livenessProbe:
            httpGet: {{path: /healthz, port: health}}
            initialDelaySeconds: 15
          readinessProbe:
            httpGet: {{path: /readyz, port: health}}
          resources:
            requests: {{cpu: 10m, memory: 64Mi}}
            limits: {{memory: 128Mi}}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app.kubernetes.io/name: app-{number}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
{meta}spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: app-{number}
---
apiVersion: v1
kind: Service
{meta}spec:
  selector:
    app.kubernetes.io/name: app-{number}
  ports:
    - name: health
      port: 8081
      targetPort: health
"
    )
}

fn rights(number: usize) -> String {
    let meta = meta(number);
    format!(
        "\
apiVersion: v1
kind: ServiceAccount
{meta}---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
{meta}rules:
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, create, update]
  - apiGroups: [\"\"]
    resources: [events]
    verbs: [create, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
{meta}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: app-{number}
subjects:
  - kind: ServiceAccount
    name: app-{number}
    namespace: team-{}
",
        number / BESIDE
    )
}

fn settings(number: usize) -> String {
    let meta = meta(number);
    let lines: String = (0..20).map(|line| format!("    key-{line}: value of {number}\n")).collect();
    let web = workload(number).replace(&format!("app-{number}"), &format!("web-{number}"));
    let web: Vec<_> = web.split("---\n").take(2).collect();
    format!("apiVersion: v1\nkind: ConfigMap\n{meta}data:\n  settings.yaml: |\n{lines}---\n{}", web.join("---\n"))
}
