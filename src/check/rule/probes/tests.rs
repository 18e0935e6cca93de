//! Probes at their edges: names of ports, addresses, and who else may listen.

use serde_json::{Value as Json, json};

use super::Address;
use crate::check::Severity;
use crate::check::rule::tests::{told, workload};

#[test]
fn addresses_are_read_as_go_does() {
    let at = |port: i64, local: bool| Some(Address::At { port, local });
    for (text, expected) in [
        (":8081", at(8081, false)),
        ("0.0.0.0:8081", at(8081, false)),
        ("[::]:8081", at(8081, false)),
        ("127.0.0.1:8081", at(8081, true)),
        ("localhost:8081", at(8081, true)),
        ("[::1]:8081", at(8081, true)),
        ("8081", at(8081, false)),
        ("0", Some(Address::Nowhere)),
        ("", Some(Address::Nowhere)),
        (":http", None),
    ] {
        assert_eq!(Address::read(text), expected, "{text}");
    }
}

/// What is said of a readiness probe of `/readyz` that asks this, of a container with these words and ports.
fn judged(asked: Json, args: &[&str], ports: Json, others: &[Json]) -> Option<Severity> {
    let mut asked = asked;
    asked["path"] = asked.get("path").cloned().unwrap_or(json!("/readyz"));
    let own = json!({"name": "c", "args": args, "ports": ports, "readinessProbe": {"httpGet": asked}});
    let all: Vec<_> = std::iter::once(own).chain(others.iter().cloned()).collect();
    told("HA0701", &[workload("Deployment", &json!({}), &json!({"containers": all}))]).map(|(severity, _)| severity)
}

#[test]
fn a_port_is_known_by_the_names_of_its_own_container() {
    let port = |name: &str| json!([{"name": name, "containerPort": 8081}]);
    assert_eq!(judged(json!({"port": "health"}), &[], port("health"), &[]), None);
    assert_eq!(judged(json!({"port": "healthz"}), &[], port("health"), &[]), Some(Severity::Error));
    assert_eq!(judged(json!({"port": "8081"}), &[], port("health"), &[]), None, "a number in quotes");
    let other = json!({"name": "proxy", "ports": port("health")});
    assert_eq!(judged(json!({"port": "health"}), &[], json!([]), &[other]), Some(Severity::Error));
    assert_eq!(judged(json!({"port": 10254}), &[], port("http"), &[]), None, "what is not declared may be there");
}

#[test]
fn a_probe_of_a_port_that_is_not_there_is_never_asked() {
    let judged = |probe: &str| {
        let pod = json!({"containers": [{"name": "c", probe: {"tcpSocket": {"port": "health"}}}]});
        told("HA0701", &[workload("Deployment", &json!({}), &pod)]).map(|(severity, _)| severity)
    };
    assert_eq!(judged("livenessProbe"), Some(Severity::Warning), "it never fires");
    assert_eq!(judged("startupProbe"), Some(Severity::Error));
    assert_eq!(judged("readinessProbe"), Some(Severity::Error));
}

#[test]
fn a_port_is_held_against_where_the_program_was_told_to_listen() {
    let at = |port: i64| json!({"port": port});
    let error = Some(Severity::Error);
    for (asked, args, expected) in [
        (at(8081), &["--health-probe-bind-address=:8081"][..], None),
        (at(8081), &["--health-probe-bind-address=:9440"], error),
        (at(8081), &["-health-addr", ":9440"], error),
        (at(8081), &["--health-probe-bind-address=0"], error),
        (at(8081), &["--health-probe-bind-address=127.0.0.1:8081"], error),
        (json!({"port": 8081, "host": "127.0.0.1"}), &["--health-probe-bind-address=127.0.0.1:8081"], None),
        (json!({"port": 8081, "scheme": "HTTPS"}), &["--health-probe-bind-address=:8081"], error),
        // Nothing is known of other paths, other flags, or what a variable says.
        (json!({"port": 8081, "path": "/status"}), &["--health-probe-bind-address=:9440"], None),
        (at(8081), &["--metrics-bind-address=:9440"], None),
        (at(8081), &["--health-probe-bind-address=$(ADDRESS_SERVICE_HOST)"], None),
        (at(8081), &["--health-probe-bind-address=:9440", "--webhook-addr=:8081"], None),
        // The last of several counts.
        (at(8081), &["--health-probe-bind-address=:1", "--health-probe-bind-address=:8081"], None),
    ] {
        assert_eq!(judged(asked.clone(), args, json!([]), &[]), expected, "{asked} {args:?}");
    }
}

#[test]
fn another_server_may_listen_there() {
    let args = ["--health-probe-bind-address=:9440"];
    let ports = |name: &str| json!([{"name": name, "containerPort": 8081}]);
    let told = |ports: Json, others: &[Json]| judged(json!({"port": 8081}), &args, ports, others);
    assert_eq!(told(ports("http"), &[]), Some(Severity::Warning));
    assert_eq!(told(ports("healthz"), &[]), Some(Severity::Error));
    assert_eq!(told(json!([]), &[json!({"name": "proxy", "ports": ports("http")})]), None);
    assert_eq!(told(json!([]), &[json!({"name": "proxy", "args": ["--listen", "0.0.0.0:8081"]})]), None);
}

#[test]
fn one_container_that_is_asked_is_enough() {
    let told = |replicas: i64, pod: Json| {
        told("HA0702", &[workload("Deployment", &json!({"replicas": replicas}), &pod)]).is_some()
    };
    let probed = json!({"name": "a", "readinessProbe": {"exec": {"command": ["true"]}}});
    assert!(told(2, json!({"containers": [{"name": "b"}]})) && !told(1, json!({"containers": [{"name": "b"}]})));
    assert!(!told(2, json!({"containers": [{"name": "b"}, probed]})));
    assert!(!told(2, json!({"containers": [{"name": "b"}], "readinessGates": [{"conditionType": "x"}]})));
    assert!(told(2, json!({"containers": [{"name": "b", "livenessProbe": {"tcpSocket": {"port": 1}}}]})));
}
