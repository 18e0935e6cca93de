//! Between Prometheus and klag-exporter.

use serde_json::{Value as Json, json};

use super::{Told, case};
use crate::check::Severity;

fn service(selector: &Json, ports: &Json) -> Json {
    json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "lag", "namespace": "shop", "labels": {"app": "lag"}},
        "spec": {"selector": selector, "ports": ports}})
}

fn monitor(kind: &str, name: &str, selector: &Json, endpoint: &Json) -> Json {
    let list = if kind == "PodMonitor" { "podMetricsEndpoints" } else { "endpoints" };
    json!({"apiVersion": "monitoring.coreos.com/v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"matchLabels": selector}, list: [endpoint]}})
}

#[test]
fn prometheus_finds_its_way() {
    let app = json!({"app": "lag"});
    let ports = json!([{"name": "metrics", "port": 80, "targetPort": "http"}]);
    let sound = || case().with(service(&app, &ports));
    assert_eq!(case().told("HA0809"), Told::Nothing);
    assert_eq!(sound().told("HA0809"), Told::Pass);
    let told = |name: &str, selector: Json, endpoint: Json| {
        sound().with(monitor("ServiceMonitor", name, &selector, &endpoint))
    };
    assert_eq!(told("lag", app.clone(), json!({"port": "metrics", "path": "/metrics"})).told("HA0809"), Told::Pass);
    // A number is another field.
    assert_eq!(told("lag", app.clone(), json!({"targetPort": 8000})).told("HA0809"), Told::Pass);
    let port = told("x", app.clone(), json!({"port": "http"}));
    port.fails(
        "HA0809",
        Severity::Warning,
        "ServiceMonitor spec.endpoints[0].port: it scrapes the port http, and service/lag has no",
    );
    told("x", app.clone(), json!({"port": "metrics", "path": "/prometheus"})).fails(
        "HA0809",
        Severity::Warning,
        "/prometheus",
    );
    told("lag", json!({"app": "klag"}), json!({"port": "metrics"})).fails(
        "HA0809",
        Severity::Warning,
        "selects no Service",
    );
    // Another one's.
    assert_eq!(told("x", json!({"app": "klag"}), json!({"port": "metrics"})).told("HA0809"), Told::Pass);
    let mut elsewhere = monitor("ServiceMonitor", "lag", &app, &json!({"port": "http"}));
    elsewhere["metadata"]["namespace"] = json!("monitoring");
    assert_eq!(sound().with(elsewhere.clone()).told("HA0809"), Told::Pass, "it looks only where it is");
    elsewhere["spec"]["namespaceSelector"] = json!({"matchNames": ["shop"]});
    sound().with(elsewhere).fails("HA0809", Severity::Warning, "it scrapes the port http");
    let pods = |port: &str| case().with(monitor("PodMonitor", "x", &app, &json!({"port": port}))).told("HA0809");
    assert_eq!(pods("http"), Told::Pass);
    assert_ne!(pods("metrics"), Told::Pass);
}

#[test]
fn a_service_leads_to_it() {
    let app = json!({"app": "lag"});
    let told = |selector: &Json, ports: Json| case().with(service(selector, &ports));
    for ports in [
        json!([{"port": 8000}]),
        json!([{"port": 80, "targetPort": 8000}]),
        json!([{"port": 80, "targetPort": "http"}, {"port": 9000}]),
    ] {
        assert_eq!(told(&app, ports.clone()).told("HA0809"), Told::Pass, "{ports}");
    }
    told(&app, json!([{"port": 9090}])).fails("HA0809", Severity::Warning, "none of its ports leads to 8000");
    // Names, and whom it selects, are judged by other rules; what is wrong with a Service is not wrong with its monitor.
    assert_eq!(told(&app, json!([{"port": 80, "targetPort": "web"}])).told("HA0809"), Told::Pass);
    let other = told(&json!({"app": "klag"}), json!([{"port": 8000}]));
    assert_eq!(other.told("HA0809"), Told::Nothing);
    let both = other.with(monitor("ServiceMonitor", "lag", &app, &json!({"port": "http"})));
    assert_eq!(both.told("HA0809"), Told::Nothing);
}

#[test]
fn standbys_are_scraped_unless_it_is_said_otherwise() {
    let app = json!({"app": "lag"});
    let gated = || {
        let probe = json!({"readinessProbe": {"httpGet": {"path": "/ready", "port": 8000}}});
        case().container(probe).with(service(&app, &json!([{"name": "http", "port": 8000}])))
    };
    let monitored = |relabelings: Json| {
        gated().with(monitor("ServiceMonitor", "x", &app, &json!({"port": "http", "relabelings": relabelings})))
    };
    monitored(Json::Null).fails(
        "HA0810",
        Severity::Info,
        "also scrapes the replicas of deployment/lag that are not Ready",
    );
    monitored(json!([{"targetLabel": "team", "replacement": "a"}])).fails("HA0810", Severity::Info, "not Ready");
    for label in ["__meta_kubernetes_pod_ready", "__meta_kubernetes_endpointslice_endpoint_conditions_ready"] {
        assert_eq!(
            monitored(json!([{"sourceLabels": [label], "regex": "true", "action": "keep"}])).told("HA0810"),
            Told::Pass
        );
    }
    assert_eq!(gated().told("HA0810"), Told::Nothing);
    assert_eq!(monitored(Json::Null).leadership("").told("HA0810"), Told::Nothing, "all of them are Ready");
}
