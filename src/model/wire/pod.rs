//! Pods: their containers, what these are told, and what the kubelet says of their processes.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::super::Kind;
use super::super::pod::{Container, KEPT_LABELS, Pod};
use super::super::setting::{self, Setting};
use super::super::snapshot::Object;
use super::{Meta, Wire, any_time, null_is_default};

/// A Pod on the wire.
#[derive(Clone, Debug, Deserialize)]
pub struct WirePod {
    metadata: Meta,
    #[serde(default)]
    spec: PodSpec,
    #[serde(default)]
    status: PodStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PodSpec {
    node_name: Option<String>,
    hostname: Option<String>,
    host_network: bool,
    termination_grace_period_seconds: Option<i64>,
    #[serde(deserialize_with = "null_is_default")]
    pub(super) containers: Vec<ContainerSpec>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContainerSpec {
    name: String,
    image: String,
    #[serde(deserialize_with = "null_is_default")]
    command: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    args: Vec<String>,
    #[serde(deserialize_with = "null_is_default")]
    env: Vec<EnvVar>,
    #[serde(deserialize_with = "null_is_default")]
    ports: Vec<Port>,
    #[serde(rename = "readinessProbe")]
    readiness: Option<Probe>,
    #[serde(rename = "livenessProbe")]
    liveness: Option<Probe>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Port {
    name: Option<String>,
    container_port: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Probe {
    http_get: Option<HttpGet>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct HttpGet {
    /// Its number, or its name.
    port: Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct EnvVar {
    name: String,
    value: String,
}

impl ContainerSpec {
    pub(super) fn settings(&self) -> Vec<Setting> {
        let mut settings = setting::from_args(self.command.iter().chain(&self.args).map(String::as_str));
        settings.extend(self.env.iter().filter_map(|var| setting::from_env(&var.name, &var.value)));
        settings
    }

    /// The port at which it is probed by HTTP, or else the only one that it names.
    fn http_port(&self) -> Option<u16> {
        let named = |name: &str| self.ports.iter().find(|port| port.name.as_deref() == Some(name));
        let probes = [&self.readiness, &self.liveness].into_iter().flatten();
        let mut probed = probes.filter_map(|probe| match &probe.http_get.as_ref()?.port {
            Value::Number(number) => number.as_i64(),
            Value::String(name) => named(name).map(|port| port.container_port),
            _ => None,
        });
        let only = || self.ports.first().filter(|_| self.ports.len() == 1).map(|port| port.container_port);
        u16::try_from(probed.next().or_else(only)?).ok()
    }

    /// The container with what the kubelet says of it, if it says anything.
    fn with(self, status: Option<&ContainerStatus>) -> Container {
        let state = status.map(|status| &status.state);
        let running = state.and_then(|state| state.running.as_ref());
        let terminated = state.and_then(|state| state.terminated.as_ref());
        let last = terminated.or_else(|| status?.last_state.terminated.as_ref());
        Container {
            settings: self.settings(),
            http_port: self.http_port(),
            restarts: status.map_or(0, |status| status.restart_count),
            running: running.is_some(),
            waiting: state.and_then(|state| state.waiting.as_ref()?.reason.clone()),
            terminated: terminated.is_some(),
            started: running.and_then(|running| running.started_at),
            finished: last.and_then(|last| last.finished_at),
            ended_by: last.and_then(|last| last.reason.clone()),
            name: self.name,
            image: self.image,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PodStatus {
    phase: String,
    #[serde(rename = "podIP")]
    pod_ip: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    conditions: Vec<Condition>,
    #[serde(deserialize_with = "null_is_default")]
    container_statuses: Vec<ContainerStatus>,
    #[serde(deserialize_with = "null_is_default")]
    init_container_statuses: Vec<ContainerStatus>,
}

#[derive(Clone, Debug, Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ContainerStatus {
    name: String,
    restart_count: i64,
    state: ContainerState,
    last_state: ContainerState,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerState {
    running: Option<Running>,
    waiting: Option<Waiting>,
    terminated: Option<Terminated>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Running {
    #[serde(deserialize_with = "any_time")]
    started_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Terminated {
    #[serde(deserialize_with = "any_time")]
    finished_at: Option<Timestamp>,
    reason: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Waiting {
    reason: Option<String>,
}

impl From<WirePod> for Pod {
    fn from(WirePod { metadata, spec, status }: WirePod) -> Self {
        let containers = spec.containers.into_iter().map(|container| {
            let status = status.container_statuses.iter().find(|status| status.name == container.name);
            container.with(status)
        });
        Self {
            containers: containers.collect(),
            key: metadata.key(),
            init_running: status.init_container_statuses.iter().any(|status| status.state.running.is_some()),
            uid: metadata.uid,
            created: metadata.creation_timestamp,
            controller: metadata
                .owner_references
                .into_iter()
                .find(|owner| owner.controller == Some(true))
                .map(|owner| (owner.kind, owner.name)),
            labels: metadata.labels.into_iter().filter(|(name, _)| KEPT_LABELS.contains(&name.as_str())).collect(),
            node: spec.node_name,
            hostname: spec.hostname.filter(|name| !name.is_empty()),
            host_network: spec.host_network,
            ip: status.pod_ip,
            deleted: metadata.deletion_timestamp,
            termination_grace: spec.termination_grace_period_seconds,
            grace_seconds: metadata.deletion_grace_period_seconds,
            running: status.phase == "Running",
            finished: matches!(status.phase.as_str(), "Succeeded" | "Failed"),
            ready: status.conditions.iter().any(|c| c.kind == "Ready" && c.status == "True"),
        }
    }
}

impl Wire for WirePod {
    const KIND: Kind = Kind::Pods;
    fn resource_version(&self) -> &str {
        &self.metadata.resource_version
    }
    fn into_object(self) -> Object {
        Object::Pod(self.into())
    }
}
