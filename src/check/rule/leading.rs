//! Probes that say whether a Pod leads: as readiness they stop a roll-out, as liveness they kill the standbys.

use serde_json::json;

use super::super::catalogue::{Check, Severity};
use super::super::election::{self, Elects, words};
use super::super::program::Program;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::{Replaced, Workload};
use super::{paste, yaml};
use crate::model::node::Node;

pub(in crate::check) const ROLLS: Check = Check {
    id: "HA0203",
    severity: Severity::Error,
    title: "a roll-out does not wait for a standby to be Ready that never will be",
    page: include_str!("../pages/HA0203.md"),
    judge: rolls,
};

pub(in crate::check) const LIVES: Check = Check {
    id: "HA0208",
    severity: Severity::Error,
    title: "a standby is not killed for not leading",
    page: include_str!("../pages/HA0208.md"),
    judge: lives,
};

/// Paths that only a leader answers, of programs that do not say so in the path, where leader election is on: `/ready` of
/// klag-exporter 0.1.29 (`src/http/server.rs`), `/readyz` of runlore (its chart's `templates/deployment.yaml`).
const GATED: &[(&str, &str)] = &[("klag-exporter", "/ready"), ("runlore", "/readyz")];

/// What in a path asks whether a Pod leads: not `/leaderboard`.
const LEADS: &[&str] = &["isleader", "leader", "leadership", "leaderz", "leading"];

/// The file that the first operator-sdk's operators made when they had become leader (operator-sdk `pkg/ready`, and
/// <https://github.com/operator-framework/operator-sdk/issues/920>).
const READY_FILE: &str = "operator-sdk-ready";

/// How it is known that a probe passes only where a Pod leads; `None` where nothing says so.
fn gate<'o>(scene: &Scene<'o>, workload: Workload<'o>, program: &Program<'o>, probe: &Node) -> Option<String> {
    let asks = |command: &Node| command.text().is_some_and(|word| word.contains(READY_FILE));
    if probe.at("exec.command").list().iter().any(asks) {
        return Some(format!("the file {READY_FILE} is made by whoever has become leader"));
    }
    let path = probe.at("httpGet.path").text()?;
    let path = path.split('?').next().unwrap_or(path);
    if let Some((name, _)) = GATED.iter().find(|(name, gated)| program.is(name) && path == *gated) {
        let elects = election::of(scene, workload, program).is_some_and(|election| election.elects == Elects::Yes);
        return elects.then(|| format!("only the leader of {name} answers {path}"));
    }
    // Consul and Nomad answer with who leads, whoever is asked (their HTTP API, `/v1/status/leader`).
    if path.contains("/status/leader") || path.contains("/leader/status") {
        return None;
    }
    let leads = path.split('/').any(|part| {
        // A health check of the election itself passes in a standby too (client-go `leaderelection/healthzadaptor.go`).
        let mut words = part.split(|letter: char| !letter.is_ascii_alphanumeric()).map(words::plain);
        words.any(|word| LEADS.contains(&word.as_str())) && !words::plain(part).contains("leaderelect")
    });
    leads.then(|| format!("by its path {path}, only the leader answers it"))
}

/// Whether the Pods of a workload are Ready only where they lead.
pub(in crate::check) fn readiness_gated<'o>(scene: &Scene<'o>, workload: Workload<'o>) -> bool {
    let programs = Program::all(scene, workload);
    programs.iter().any(|program| gate(scene, workload, program, program.container.get("readinessProbe")).is_some())
}

/// The Deployment controller takes an old Pod that is Ready only while at least `replicas − maxUnavailable` others are
/// (`k8s.io/kubernetes/pkg/controller/deployment/rolling.go`, `reconcileOldReplicaSets`); the old leader is the only one
/// that is. A StatefulSet's waits for each new Pod to be Ready before it takes the next
/// (`pkg/controller/statefulset/stateful_set_control.go`).
fn rolls(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let programs = Program::all(scene, workload);
        let gated = programs.iter().find_map(|program| {
            let probe = program.container.get("readinessProbe");
            Some((program, gate(scene, workload, program, probe)?))
        });
        let Some((program, why)) = gated else {
            verdicts.skip(workload.object, "nothing says that its readiness depends on leading");
            continue;
        };
        let replicas = scene.most(workload);
        let needed = match workload.replaced(replicas) {
            Replaced::Rolling { unavailable, .. } => replicas - unavailable,
            Replaced::Recreate | Replaced::OnDelete => 0,
        };
        if needed < 1 {
            verdicts.pass(workload.object);
            continue;
        }
        let field = format!("{}.readinessProbe", program.path);
        if workload.is_deployment() {
            let message = format!(
                "a Pod is Ready only while it leads ({why}), and a roll-out keeps {needed} of {replicas} Ready: the old \
                 leader is never stopped, no new Pod ever leads, and the roll-out never ends"
            );
            let fix = json!({"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}});
            verdicts.fail(workload.object, field, message).fix(yaml(&fix));
        } else {
            let message = format!(
                "a Pod is Ready only while it leads ({why}), and each new Pod has to be Ready before the next is \
                 replaced: the roll-out never comes to the leader"
            );
            let fix = json!({"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": null}}});
            verdicts.fail(workload.object, field, message).fix(yaml(&fix));
        }
    }
}

fn lives(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let mut probed = false;
        let mut found = false;
        for program in Program::all(scene, workload) {
            let probe = program.container.get("livenessProbe");
            probed |= !probe.is_null();
            let Some(why) = gate(scene, workload, &program, probe) else { continue };
            found = true;
            let several = scene.most(workload) > 1;
            let severity = if several { Severity::Error } else { Severity::Warning };
            let message = format!(
                "a Pod is alive only while it leads ({why}): the kubelet kills each standby again and again, and none is \
                 there when the leader is lost"
            );
            let field = format!("{}.livenessProbe", program.path);
            let failed = verdicts.fail(workload.object, field, message).severity(severity);
            let fix = election::is_klag_exporter(&program)
                .then(|| paste::container(&program, json!({"livenessProbe": {"httpGet": {"path": "/health"}}})));
            if let Some(fix) = fix.flatten() {
                failed.fix(fix);
            }
        }
        if found {
            continue;
        }
        if probed {
            verdicts.pass(workload.object);
        } else {
            verdicts.skip(workload.object, "it has no liveness probe");
        }
    }
}
