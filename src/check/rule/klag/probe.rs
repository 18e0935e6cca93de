//! Whether klag-exporter answers where it is probed.

use serde_json::{Value as Json, json};

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::super::paste;
use super::Klag;
use crate::model::node::Node;
use crate::system::klag_exporter::config::Config;

pub(super) const ANSWERS: Check = Check {
    id: "HA0807",
    severity: Severity::Error,
    title: "klag-exporter answers where it is probed",
    page: include_str!("../../pages/HA0807.md"),
    judge: answers,
};

/// All that it answers (klag-exporter 0.1.29, `src/http/server.rs`).
const PATHS: &[&str] = &["/", "/metrics", "/health", "/ready", "/leader"];

/// The probes, what they should ask, and what happens where that is not answered.
const PROBES: &[(&str, &str, &str)] = &[
    ("livenessProbe", "/health", "the kubelet restarts it again and again"),
    ("readinessProbe", "/ready", "it is never Ready, and no roll-out ends"),
    ("startupProbe", "/health", "the kubelet restarts it again and again"),
];

fn answers(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let config = klag.config().and_then(|(_, config)| config.ok());
        let (mut found, mut probed) = (false, false);
        for (name, path, follows) in PROBES {
            let probe = klag.program.container.get(name);
            probed |= !probe.is_null() && probe.get("exec").is_null();
            let Some((why, mend)) = wrong(&klag, config.as_ref(), name, probe) else { continue };
            found = true;
            let message = format!("the {} of klag-exporter {why}: {follows}", words(name));
            let field = format!("{}.{name}", klag.program.path);
            let failed = verdicts.fail(klag.workload.object, field, message);
            let mend = mend.then(|| mended(&klag, config.as_ref(), name, path)).flatten();
            if let Some(fix) = mend {
                failed.fix(fix);
            }
        }
        if found {
            continue;
        }
        if probed {
            verdicts.pass(klag.workload.object);
        } else {
            verdicts.skip(klag.workload.object, "no request of a probe goes to it");
        }
    }
}

/// Why a probe is not answered, and whether another path and port would mend that.
fn wrong(klag: &Klag<'_>, config: Option<&Config>, name: &str, probe: &Node) -> Option<(String, bool)> {
    let (http, tcp) = (probe.get("httpGet"), probe.get("tcpSocket"));
    if !probe.get("grpc").is_null() {
        return Some(("asks by gRPC, which it does not speak".to_owned(), false));
    }
    let asked = if http.is_null() { tcp } else { http };
    if asked.is_null() {
        return None;
    }
    let path = http.get("path").text().unwrap_or("/");
    let path = path.split('?').next().unwrap_or(path);
    if !http.is_null() && !PATHS.contains(&path) {
        return Some((format!("asks for {path}, which it does not know"), true));
    }
    if http.get("scheme").text() == Some("HTTPS") {
        return Some(("asks by HTTPS, and it speaks HTTP".to_owned(), true));
    }
    let electing = config.is_some_and(|config| config.leadership.enabled.value == Some(true));
    if name == "startupProbe" && path == "/ready" && !http.is_null() && electing {
        return Some(("asks for /ready, which no standby answers with yes".to_owned(), true));
    }
    // Another address than the Pod's is asked on purpose.
    if !asked.get("host").is_null() {
        return None;
    }
    let config = config?;
    let loopback = |host: &&str| host.starts_with("127.") || *host == "[::1]";
    if let Some(host) = config.http_host.value.as_deref().filter(loopback) {
        return Some((format!("is not answered, because it listens on {host} (http_host), inside of its Pod"), false));
    }
    let (port, listens) = (asked.get("port"), i64::from(config.http_port.value?));
    // A name that no port has is HA0701.
    let asked = number(klag, port).filter(|number| *number != listens)?;
    Some((format!("asks at port {asked}, and it listens on {listens} (http_port)"), true))
}

/// The number of a port of klag-exporter's container that is told by its number or its name.
pub(super) fn number(klag: &Klag<'_>, port: &Node) -> Option<i64> {
    let ports = klag.program.container.get("ports").list().iter();
    let named = |name: &str| ports.clone().find(|port| port.get("name").text() == Some(name));
    port.int().or_else(|| named(port.text()?)?.get("containerPort").int())
}

/// The probe at the path that is made for it, and at the port that it listens on.
fn mended(klag: &Klag<'_>, config: Option<&Config>, name: &str, path: &str) -> Option<String> {
    let probe = klag.program.container.get(name);
    let port = config.and_then(|config| config.http_port.value).map(Json::from);
    let port = port.or_else(|| Some(paste::value(probe.at("httpGet.port"))).filter(|port| !port.is_null()))?;
    let get = json!({"path": path, "port": port, "scheme": "HTTP"});
    paste::container(&klag.program, json!({name: {"httpGet": get, "tcpSocket": null}}))
}

fn words(probe: &str) -> &'static str {
    match probe {
        "livenessProbe" => "liveness probe",
        "readinessProbe" => "readiness probe",
        _ => "start-up probe",
    }
}
