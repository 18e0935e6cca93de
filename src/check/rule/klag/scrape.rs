//! Whether Prometheus reaches klag-exporter, and whom of its replicas.

use serde_json::{Value as Json, json};

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::super::{paste, yaml};
use super::probe;
use super::{Klag, is_monitor};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::selector::Selector;

pub(super) const REACHES: Check = Check {
    id: "HA0809",
    severity: Severity::Warning,
    title: "Prometheus reaches klag-exporter",
    page: include_str!("../../pages/HA0809.md"),
    judge: reaches,
};

pub(super) const ONE: Check = Check {
    id: "HA0810",
    severity: Severity::Info,
    title: "Prometheus scrapes the klag-exporter that leads",
    page: include_str!("../../pages/HA0810.md"),
    judge: one,
};

/// What stands between Prometheus and klag-exporter.
struct Scrape<'o> {
    services: Vec<&'o Object>,
    /// Which of its Services each selects: none where it selects none at all, and nothing of one that selects others.
    service_monitors: Vec<(&'o Object, Vec<&'o Object>)>,
    pod_monitors: Vec<&'o Object>,
}

impl<'o> Scrape<'o> {
    fn of(scene: &Scene<'o>, klag: &Klag<'o>) -> Self {
        let object = klag.workload.object;
        let beside = scene.of_kind_beside("Service", object);
        let selects = |service: &&Object| {
            let selector = Selector::plain(service.root.at("spec.selector"));
            !selector.is_empty() && selector.matches(klag.workload.labels())
        };
        let services: Vec<_> = beside.iter().copied().filter(selects).collect();
        let there = monitors(scene, "ServiceMonitor").filter(|monitor| is_there(scene, monitor, object));
        let service_monitors = there.filter_map(|monitor| {
            let selector = Selector::read(monitor.root.at("spec.selector"));
            let selected = |service: &&Object| selector.matches(service.root.at("metadata.labels"));
            let own: Vec<_> = services.iter().copied().filter(selected).collect();
            let others = own.is_empty() && beside.iter().copied().any(|service| selected(&service));
            (!others).then_some((monitor, own))
        });
        let pod_monitors = monitors(scene, "PodMonitor").filter(|monitor| {
            let selector = Selector::read(monitor.root.at("spec.selector"));
            is_there(scene, monitor, object) && selector.matches(klag.workload.labels())
        });
        Self { service_monitors: service_monitors.collect(), pod_monitors: pod_monitors.collect(), services }
    }
}

/// The monitors of a kind that were given. No cluster is asked for them: it may not know what they are.
fn monitors<'o>(scene: &Scene<'o>, kind: &'static str) -> impl Iterator<Item = &'o Object> {
    scene.objects().iter().filter(move |object| is_monitor(object) && &*object.kind == kind)
}

/// Whether a monitor looks into the namespace of a workload: its own where it names none.
fn is_there(scene: &Scene<'_>, monitor: &Object, workload: &Object) -> bool {
    let selector = monitor.root.at("spec.namespaceSelector");
    let namespace = scene.namespace(workload);
    if selector.get("any").bool() == Some(true) {
        return true;
    }
    let names = selector.get("matchNames").list();
    if names.is_empty() {
        scene.namespace(monitor) == namespace
    } else {
        names.iter().any(|name| name.text() == namespace)
    }
}

fn reaches(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let scrape = Scrape::of(scene, &klag);
        let before = verdicts.given.len();
        services(&klag, &scrape, verdicts);
        for (monitor, selected) in &scrape.service_monitors {
            service_monitor(&klag, monitor, selected, verdicts);
        }
        for monitor in &scrape.pod_monitors {
            endpoints(monitor, "podMetricsEndpoints", "its container", &ports(&klag), verdicts);
        }
        if verdicts.given.len() > before {
            continue;
        }
        let monitored = scrape.service_monitors.iter().any(|(_, selected)| !selected.is_empty());
        if monitored || !scrape.pod_monitors.is_empty() || !scrape.services.is_empty() {
            verdicts.pass(klag.workload.object);
        } else {
            verdicts.skip(klag.workload.object, "no Service, ServiceMonitor or PodMonitor of it was given");
        }
    }
}

/// Whether one of a Service's ports leads to it. What a Service selects is HA0703, and the names of its ports HA0705.
fn services(klag: &Klag<'_>, scrape: &Scrape<'_>, verdicts: &mut Verdicts<'_>) {
    let config = klag.config().and_then(|(_, config)| config.ok());
    let Some(listens) = config.and_then(|config| config.http_port.value).map(i64::from) else { return };
    for service in &scrape.services {
        let ports = service.root.at("spec.ports").list();
        let target = |port: &Node| {
            let target = port.get("targetPort");
            probe::number(klag, if target.is_null() { port.get("port") } else { target })
        };
        let may = |port: &Node| target(port).is_none_or(|number| number == listens);
        if ports.is_empty() || ports.iter().any(may) {
            continue;
        }
        let message = format!(
            "none of its ports leads to {listens}, where klag-exporter listens (http_port): nothing is scraped"
        );
        let failed = verdicts.fail(service, "spec.ports", message);
        if let [only] = ports {
            let mut port = paste::value(only);
            port["targetPort"] = json!(listens);
            failed.fix(yaml(&json!({"spec": {"ports": [port]}})));
        }
    }
}

fn service_monitor(klag: &Klag<'_>, monitor: &Object, selected: &[&Object], verdicts: &mut Verdicts<'_>) {
    if selected.is_empty() {
        // Only one that is called like it was meant to be its own.
        if monitor.name != klag.workload.object.name {
            return;
        }
        let message = format!("it selects no Service of {}: nothing is scraped", klag.workload.object);
        verdicts.fail(monitor, "spec.selector", message);
        return;
    }
    for service in selected {
        let ports: Vec<_> =
            service.root.at("spec.ports").list().iter().filter_map(|port| port.get("name").text()).collect();
        endpoints(monitor, "endpoints", &service.to_string(), &ports, verdicts);
    }
}

/// Whether each endpoint of a monitor names a port that is there, and the path of the metrics.
fn endpoints(monitor: &Object, list: &str, of: &str, names: &[&str], verdicts: &mut Verdicts<'_>) {
    for (index, endpoint) in monitor.root.get("spec").get(list).list().iter().enumerate() {
        let field = format!("spec.{list}[{index}]");
        if let Some(port) = endpoint.get("port").text().filter(|port| !names.contains(port)) {
            let known = if names.is_empty() {
                "none of them has a name".to_owned()
            } else {
                format!("they are {}", names.join(", "))
            };
            let message =
                format!("it scrapes the port {port}, and {of} has no port of that name ({known}): nothing is scraped");
            let failed = verdicts.fail(monitor, format!("{field}.port"), message);
            if let [only] = names {
                failed.fix(changed(monitor, list, index, "port", &json!(only)));
            }
        }
        let path = endpoint.get("path").text().unwrap_or("/metrics");
        if path != "/metrics" {
            let message = format!("it scrapes {path}, and klag-exporter has its metrics at /metrics");
            let fix = changed(monitor, list, index, "path", &json!("/metrics"));
            verdicts.fail(monitor, format!("{field}.path"), message).fix(fix);
        }
    }
}

/// The names of the ports of klag-exporter's container.
fn ports<'o>(klag: &Klag<'o>) -> Vec<&'o str> {
    klag.program.container.get("ports").list().iter().filter_map(|port| port.get("name").text()).collect()
}

/// The endpoints of a monitor with something else in one of them.
fn changed(monitor: &Object, list: &str, index: usize, key: &str, new: &Json) -> String {
    let mut endpoints = paste::value(monitor.root.get("spec").get(list));
    endpoints[index][key] = new.clone();
    yaml(&json!({"spec": {list: endpoints}}))
}

/// Prometheus also finds endpoints that are not Ready (`discovery/kubernetes/endpointslice.go`), and prometheus-operator
/// does not leave them out.
fn one(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let Some((_, config)) = klag.read(verdicts) else { continue };
        let object = klag.workload.object;
        let gated = klag.program.container.at("readinessProbe.httpGet.path").text() == Some("/ready");
        if config.leadership.enabled.value != Some(true) || !gated || scene.most(klag.workload) < 2 {
            verdicts.skip(object, "it has no standby that is not Ready by design");
            continue;
        }
        let scrape = Scrape::of(scene, &klag);
        let monitors = scrape.service_monitors.iter().filter(|(_, selected)| !selected.is_empty());
        let monitors = monitors.map(|(monitor, _)| (*monitor, "endpoints"));
        let all: Vec<_> =
            monitors.chain(scrape.pod_monitors.iter().map(|monitor| (*monitor, "podMetricsEndpoints"))).collect();
        if all.is_empty() {
            verdicts.skip(object, "no ServiceMonitor or PodMonitor of it was given");
        }
        for (monitor, list) in all {
            let endpoints = monitor.root.get("spec").get(list).list();
            let open = endpoints.iter().position(|endpoint| !keeps_ready(endpoint));
            let Some(index) = open else {
                verdicts.pass(monitor);
                continue;
            };
            let message = format!(
                "it also scrapes the replicas of {object} that are not Ready: a standby has no lag to tell, but `up` and \
                 `kafka_lag_exporter_up` count it, and an alert on what is absent in one of them is wrong"
            );
            let mut relabelings = paste::value(endpoints[index].get("relabelings"));
            let keep = json!({"sourceLabels": ["__meta_kubernetes_pod_ready"], "regex": "true", "action": "keep"});
            match &mut relabelings {
                Json::Array(entries) => entries.push(keep),
                other => *other = json!([keep]),
            }
            let fix = changed(monitor, list, index, "relabelings", &relabelings);
            verdicts.fail(monitor, format!("spec.{list}[{index}]"), message).fix(fix);
        }
    }
}

/// Whether an endpoint leaves out what is not Ready.
fn keeps_ready(endpoint: &Node) -> bool {
    endpoint.get("relabelings").list().iter().any(|relabeling| {
        let sources = relabeling.get("sourceLabels").list().iter();
        sources.filter_map(Node::text).any(|source| source.ends_with("_ready"))
    })
}
