//! Probes: whether something listens where they ask, and whether a roll-out has one to wait for.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::super::catalogue::{Check, Severity};
use super::super::election::words;
use super::super::program::Program;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use super::paste;
use crate::model::near;
use crate::model::node::{Node, Value as Written};

pub(in crate::check) const IS_ANSWERED: Check = Check {
    id: "HA0701",
    severity: Severity::Error,
    title: "a probe asks where the program listens",
    page: include_str!("../pages/HA0701.md"),
    judge: is_answered,
};

pub(in crate::check) const IS_ASKED: Check = Check {
    id: "HA0702",
    severity: Severity::Warning,
    title: "several replicas have a readiness probe",
    page: include_str!("../pages/HA0702.md"),
    judge: is_asked,
};

const PROBES: &[&str] = &["readinessProbe", "livenessProbe", "startupProbe"];

/// What the flag is called that says where a program answers probes, without its dashes: kubebuilder's scaffold has the first,
/// others of controller-runtime the rest.
const ADDRESSES: &[&str] = &[
    "healthprobebindaddress",
    "healthprobeaddr",
    "healthprobeport",
    "healthaddr",
    "healthbindaddress",
    "healthzaddr",
    "healthzbindaddress",
    "healthport",
    "healthzport",
    "probeaddr",
];

/// Where a program was told to answer probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Address {
    /// Nowhere: controller-runtime takes `0` and nothing at all for that (`pkg/manager/manager.go`,
    /// `defaultHealthProbeBindAddress`).
    Nowhere,
    /// At a port of every address, or of this host only.
    At { port: i64, local: bool },
}

impl Address {
    /// `:8081`, `0.0.0.0:8081`, `[::1]:8081`, `8081`.
    fn read(text: &str) -> Option<Self> {
        if matches!(text, "" | "0") {
            return Some(Self::Nowhere);
        }
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        let host = host.trim_matches(['[', ']']);
        let local = host == "localhost" || host == "::1" || host.starts_with("127.");
        port.parse().ok().map(|port| Self::At { port, local })
    }
}

/// The flag by which a program was told where to answer probes, and what it says.
fn told(program: &Program<'_>) -> Option<(String, Address)> {
    let flags = program.flags();
    let flag = flags.all.iter().rev().find(|flag| ADDRESSES.contains(&words::plain(flag.name).as_str()))?;
    let open = flag.argument.open || (flag.set.is_none() && flag.next.is_some_and(|next| next.open));
    let address = Address::read(flag.value().filter(|_| !open)?)?;
    Some((format!("--{}", flag.name), address))
}

/// What a probe asks.
struct Asks<'o> {
    /// `readinessProbe`.
    probe: &'static str,
    /// `httpGet`, `tcpSocket` or `grpc`.
    how: &'static str,
    asked: &'o Node,
}

fn asks<'o>(program: &Program<'o>) -> Vec<Asks<'o>> {
    let all = PROBES.iter().flat_map(|&probe| {
        let node = program.container.get(probe);
        ["httpGet", "tcpSocket", "grpc"].into_iter().map(move |how| Asks { probe, how, asked: node.get(how) })
    });
    all.filter(|asks| !asks.asked.is_null()).collect()
}

/// The port that a probe asks, by number; the name where its container has none of that name, as the kubelet resolves it
/// (`k8s.io/kubernetes/pkg/probe/util.go`, `ResolveContainerPort`).
fn port<'o>(program: &Program<'o>, asked: &'o Node) -> Result<Option<i64>, &'o str> {
    match &asked.get("port").value {
        Written::Int(port) => Ok(Some(*port)),
        Written::Text(name) => {
            let ports = program.container.get("ports").list();
            let named = ports.iter().find(|port| port.get("name").text() == Some(name));
            match named {
                Some(port) => Ok(port.get("containerPort").int()),
                None => name.parse().map(Some).map_err(|_| &**name),
            }
        }
        _ => Ok(None),
    }
}

fn is_answered(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let programs = Program::all(scene, workload);
        let (mut found, mut probed) = (false, false);
        for program in &programs {
            for asks in asks(program) {
                probed = true;
                let Some((severity, why, right)) = wrong(workload, &programs, program, &asks) else { continue };
                found = true;
                let resolved = port(program, asks.asked).is_ok();
                let follows = match asks.probe {
                    "livenessProbe" if !resolved => "it is never asked, and a container that hangs is never killed",
                    "startupProbe" if !resolved => "it is never asked, no Pod is ever Ready, and a roll-out never ends",
                    "readinessProbe" => "no Pod is ever Ready, and a roll-out never ends",
                    _ => "the kubelet kills the container again and again",
                };
                let message = format!("the {} of {} {why}: {follows}", asks.probe, program.name());
                let field = format!("{}.{}.{}", program.path, asks.probe, asks.how);
                let failed = verdicts.fail(workload.object, format!("{field}.port"), message).severity(severity);
                let fix = right.and_then(|right| paste::container(program, json!({asks.probe: {asks.how: right}})));
                if let Some(fix) = fix {
                    failed.fix(fix);
                }
            }
        }
        match (found, probed) {
            (true, _) => {}
            (false, true) => verdicts.pass(workload.object),
            (false, false) => verdicts.skip(workload.object, "it has no probe of a port"),
        }
    }
}

/// What is wrong with what a probe asks, how bad that is, and what it should ask.
fn wrong(
    workload: Workload<'_>,
    programs: &[Program<'_>],
    program: &Program<'_>,
    asks: &Asks<'_>,
) -> Option<(Severity, String, Option<Value>)> {
    let told = told(program);
    let right = told.as_ref().and_then(|(_, address)| match address {
        Address::At { port, local: false } => Some(json!({"port": port})),
        _ => None,
    });
    let port = match port(program, asks.asked) {
        Ok(port) => port?,
        Err(name) => {
            let ports = program.container.get("ports").list().iter().filter_map(|port| port.get("name").text());
            let right = right.or_else(|| near::nearest(name, ports).map(|near| json!({"port": near})));
            let why = format!("asks a port {name}, and this container has none of that name");
            // The kubelet throws away what it could not ask (`pkg/kubelet/prober/worker.go`, `doProbe`).
            let severity = if asks.probe == "livenessProbe" { Severity::Warning } else { Severity::Error };
            return Some((severity, why, right));
        }
    };
    let (flag, address) = told?;
    // What controller-runtime answers (`pkg/manager/manager.go`), and nothing else of the program by that address.
    let path = asks.asked.get("path").text().unwrap_or_default().split('/').nth(1).unwrap_or_default();
    if asks.how != "httpGet"
        || !["healthz", "readyz"].contains(&path)
        || serves(workload, programs, program, &flag, port)
    {
        return None;
    }
    let at = |port: i64| format!("asks port {port}");
    match address {
        Address::Nowhere => {
            Some((Severity::Error, format!("{}, and {flag} says that nothing answers probes", at(port)), None))
        }
        Address::At { port: right_one, .. } if right_one != port => {
            // A port that is declared as something else may be another server's.
            let declared =
                program.container.get("ports").list().iter().find(|one| one.get("containerPort").int() == Some(port));
            let health = |one: &Node| {
                let name = words::plain(one.get("name").text().unwrap_or_default());
                ["health", "probe", "ready", "live"].iter().any(|word| name.contains(word))
            };
            let severity = if declared.is_none_or(health) { Severity::Error } else { Severity::Warning };
            Some((severity, format!("{}, and by {flag} it listens at {right_one}", at(port)), right))
        }
        Address::At { local: true, .. } if asks.asked.get("host").is_null() => Some((
            Severity::Error,
            format!("{} of the Pod, and by {flag} it listens for its own host only", at(port)),
            None,
        )),
        Address::At { .. } if asks.asked.get("scheme").text() == Some("HTTPS") => {
            let why = format!("{} by HTTPS, and probes are answered there by plain HTTP", at(port));
            Some((Severity::Error, why, Some(json!({"scheme": "HTTP"}))))
        }
        Address::At { .. } => None,
    }
}

/// Whether something else may listen at a port: another container that says so, or what another word names.
fn serves(workload: Workload<'_>, programs: &[Program<'_>], own: &Program<'_>, flag: &str, port: i64) -> bool {
    let others = ["containers", "initContainers"].iter().flat_map(|list| workload.pod().get(list).list());
    let mut others = others.filter(|other| !std::ptr::eq(*other, own.container));
    let declares = |one: &Node| one.get("ports").list().iter().any(|one| one.get("containerPort").int() == Some(port));
    let names = |text: &str| text.rsplit([':', '=']).next().is_some_and(|last| last.parse() == Ok(port));
    let words = programs.iter().any(|program| {
        let said = |text: &str| !(std::ptr::eq(program, own) && text.starts_with(flag)) && names(text);
        program.arguments.iter().any(|argument| said(&argument.text))
            || program.environment.all().any(|variable| variable.value.as_deref().is_some_and(names))
    });
    words || others.any(declares)
}

fn is_asked(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let most = scene.most(workload);
        if most < 2 {
            verdicts.skip(workload.object, "it has no second replica");
            continue;
        }
        let programs = Program::all(scene, workload);
        let gates = workload.pod().get("readinessGates").list();
        if !gates.is_empty() || programs.iter().any(|program| !program.container.get("readinessProbe").is_null()) {
            verdicts.pass(workload.object);
            continue;
        }
        let message = format!(
            "its {most} replicas have no readiness probe: a roll-out takes each for Ready as soon as it has started, and \
             replaces all of them by ones that do not work"
        );
        let failed = verdicts.fail(workload.object, "spec.template.spec.containers", message);
        let fix = programs.iter().find_map(|program| match told(program)?.1 {
            Address::At { port, local: false } => {
                let probe = json!({"readinessProbe": {"httpGet": {"path": "/readyz", "port": port}}});
                paste::container(program, probe)
            }
            _ => None,
        });
        if let Some(fix) = fix {
            failed.fix(fix);
        }
    }
}
