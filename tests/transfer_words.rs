//! `hactl transfer` at its edges: what it refuses, what it prints where, what it leaves as it was. (That it moves
//! leadership as it should is seen in `transfer/`.)

#![expect(clippy::disallowed_methods, reason = "tests live in real time")]

mod asked;
mod interrupted;
mod klag_exporter;
mod left;
mod refused;
mod roles;
mod unchanged;

use std::time::Duration;

use serde_json::Value;

use crate::support::fixtures::{ElectorDeployment, elector_deployment};
use crate::support::{Hactl, Namespace, Output, Testbed, hactl};

/// For Pods to be scheduled and started.
const SOON: Duration = Duration::from_secs(60);

/// Longer than any run here may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// The fields of every document.
const FIELDS: [&str; 14] = [
    "apiVersion",
    "kind",
    "generatedAt",
    "context",
    "outcome",
    "namespace",
    "lease",
    "method",
    "from",
    "to",
    "predicted",
    "measured",
    "steps",
    "reason",
];

/// An election of client-go named `app`, with short times: its leader, and its standbys.
struct App<'t> {
    namespace: Namespace<'t>,
    leader: String,
    standbys: Vec<String>,
}

/// What must not change.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    holder: Option<String>,
    transitions: Option<i32>,
    annotations: Vec<String>,
    /// Who has ever written the Lease.
    writers: Vec<String>,
    /// The Pods by uid, and whether they are told to end.
    pods: Vec<(String, bool)>,
}

impl App<'static> {
    fn start(replicas: u32) -> Self {
        Self::of(
            elector_deployment("app", "client-go", replicas)
                .env("LEASE_DURATION", "6")
                .env("RENEW_DEADLINE", "4")
                .env("RETRY_PERIOD", "1"),
            replicas,
        )
    }

    fn of(deployment: ElectorDeployment, replicas: u32) -> Self {
        let namespace = Testbed::shared().namespace("words");
        deployment.apply(&namespace);
        namespace.wait_ready("app", replicas.try_into().expect("a few"), SOON);
        let leader = namespace.wait_leader("app", SOON);
        let names = namespace.pods("app").into_iter().filter_map(|pod| pod.metadata.name);
        let standbys = names.filter(|name| *name != leader).collect();
        Self { namespace, leader, standbys }
    }
}

impl App<'_> {
    fn hactl(&self, args: &[&str]) -> Hactl {
        let elector = ["--elector", "client-go:6/4/1"];
        hactl()
            .args(["transfer", "lease/app"])
            .args(elector)
            .args(args)
            .timeout(PATIENCE)
            .kubeconfig(self.namespace.kubeconfig())
    }

    fn facts(&self) -> Facts {
        facts(&self.namespace, "app")
    }
}

fn facts(namespace: &Namespace<'_>, name: &str) -> Facts {
    let lease = namespace.lease(name).expect("a Lease");
    let spec = lease.spec.unwrap_or_default();
    let mut pods: Vec<_> = namespace
        .pods("")
        .into_iter()
        .map(|pod| pod.metadata)
        .map(|meta| (meta.uid.unwrap_or_default(), meta.deletion_timestamp.is_some()))
        .collect();
    pods.sort();
    let managers = lease.metadata.managed_fields.unwrap_or_default().into_iter();
    let mut writers: Vec<_> = managers.filter_map(|entry| entry.manager).collect();
    writers.sort();
    let annotations = lease.metadata.annotations.unwrap_or_default().into_keys().collect();
    Facts { holder: spec.holder_identity, transitions: spec.lease_transitions, annotations, writers, pods }
}

/// The one document on stdout, with every field that there always is.
#[track_caller]
fn document(output: &Output) -> Value {
    let document: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:#?}"));
    let object = document.as_object().expect("an object");
    for field in FIELDS {
        assert!(object.contains_key(field), "no {field}: {output:#?}");
    }
    assert_eq!(document["kind"], "TransferResult");
    document
}

/// Refused with this in the words, and as a document.
#[track_caller]
fn refused(output: &Output, with: &str) {
    assert_eq!(output.code, Some(10), "{output:#?}");
    let document = document(output);
    assert_eq!((&document["outcome"], &document["measured"]), (&"refused".into(), &Value::Null), "{output:#?}");
    assert!(document["reason"].as_str().is_some_and(|reason| reason.contains(with)), "{with}: {output:#?}");
    assert!(output.stderr.contains(with), "{with}: {output:#?}");
}
