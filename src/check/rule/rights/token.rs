//! Tokens: whether who elects has one, and the files beside it without which its library does not find its namespace or trust
//! the API server.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::electing::on_leases;
use super::people::People;
use crate::access::{Answer, Grant};
use crate::check::catalogue::Severity;
use crate::check::election::elector::account;
use crate::check::election::{self, Elects, way, words};
use crate::check::program::Program;
use crate::check::rule::{paste, yaml};
use crate::check::scene::Scene;
use crate::check::verdict::Verdicts;
use crate::check::workload::Workload;
use crate::model::node::Node;

/// Where libraries look (client-go `rest/config.go`, kube-rs `kube-client/src/config/incluster_config.rs`), and where the API
/// server mounts what they look for, unless a container has something else there
/// (`k8s.io/kubernetes/plugin/pkg/admission/serviceaccount`).
const FOLDERS: &[&str] =
    &["/var/run/secrets/kubernetes.io/serviceaccount", "/run/secrets/kubernetes.io/serviceaccount"];

/// What is there, and what happens without it.
const FILES: &[(&str, &str)] = &[
    ("token", "the program has nothing to prove with who it is, and does not start"),
    ("ca.crt", "the program does not trust the API server, and every request fails"),
    ("namespace", "the program cannot tell where its Lease is, and does not start"),
];

/// What a container finds where its token should be.
enum Found<'o> {
    /// What the API server mounts.
    All,
    /// Nothing at all.
    Nothing,
    /// What somebody mounts there by hand, without this; and the volume, where it is the only one.
    Without(usize, Option<(&'o Node, String)>),
}

/// A container that needs its token, and why.
struct Needs<'o> {
    program: Program<'o>,
    evidence: String,
    /// Whether it is told to elect, and not only allowed to.
    by_word: bool,
}

pub(super) fn has_token(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let people = People::of(scene);
    for &workload in scene.workloads() {
        let all = needs(scene, &people, workload);
        if all.is_empty() {
            verdicts.skip(workload.object, "nothing says that it elects a leader");
            continue;
        }
        let mut failed = false;
        for Needs { program, evidence, by_word } in all {
            match found(scene, &people, workload, &program) {
                Found::All => continue,
                Found::Nothing => {
                    let own = workload.pod().get("automountServiceAccountToken").bool() == Some(false);
                    // Some clusters mount it as Pods are made, where only the ServiceAccount says no: Gardener's
                    // `projected-token-mount` webhook does.
                    let (field, unless) = match own {
                        true => ("automountServiceAccountToken", ""),
                        false => ("serviceAccountName", "unless the cluster mounts it all the same, "),
                    };
                    let severity = if own && by_word { Severity::Error } else { Severity::Warning };
                    let message = format!(
                        "it elects ({evidence}), and its token is not mounted (automountServiceAccountToken): {unless}it \
                         can ask the API server for nothing, and never leads"
                    );
                    let fix = json!({"spec": {"template": {"spec": {"automountServiceAccountToken": true}}}});
                    let field = format!("spec.template.spec.{field}");
                    verdicts.fail(workload.object, field, message).severity(severity).fix(yaml(&fix));
                }
                Found::Without(file, _) if FILES[file].0 == "namespace" && is_told(&program) => continue,
                Found::Without(file, volume) => {
                    let (name, follows) = FILES[file];
                    let message = format!(
                        "it elects ({evidence}), and what is mounted by hand where its token is looked for has no \
                         {name}: {follows}"
                    );
                    let field = volume.as_ref().map_or(program.path.clone(), |(_, field)| field.clone());
                    let verdict = verdicts.fail(workload.object, field, message);
                    if let Some(fix) = volume.and_then(|(volume, _)| with(volume, name)) {
                        verdict.fix(fix);
                    }
                }
            }
            failed = true;
            break;
        }
        if !failed {
            verdicts.pass(workload.object);
        }
    }
}

/// The containers of a workload that need a token for an election.
fn needs<'o>(scene: &Scene<'o>, people: &People<'o>, workload: Workload<'o>) -> Vec<Needs<'o>> {
    let programs = Program::all(scene, workload);
    let (mut by_word, mut others) = (Vec::new(), Vec::new());
    for program in programs {
        match election::of(scene, workload, &program) {
            Some(election) if election.elects == Elects::Yes => {
                by_word.push(Needs { program, evidence: election.evidence, by_word: true });
            }
            Some(election) if election.elects == Elects::No => {}
            _ => others.push(program),
        }
    }
    if !by_word.is_empty() {
        return by_word;
    }
    let Some(evidence) = by_rights(scene, people, workload) else { return Vec::new() };
    // Which of several it is for is told by what is mounted there; and where there is one only, it is that.
    let chosen =
        |program: &Program<'_>| program.container.get("volumeMounts").list().iter().any(|one| inside(one).is_some());
    let by_hand = others.iter().any(chosen);
    let alone = others.len() == 1;
    let chosen = others.into_iter().filter(|program| if by_hand { chosen(program) } else { alone });
    chosen.map(|program| Needs { program, evidence: evidence.clone(), by_word: false }).collect()
}

/// Whether a ServiceAccount that nothing else runs as may create Leases by a rule that names them: then it elects.
fn by_rights<'o>(scene: &Scene<'o>, people: &People<'o>, workload: Workload<'o>) -> Option<String> {
    let policy = scene.policy();
    let who = account(policy, workload.object);
    let own = policy.scope(workload.object.namespace.as_deref());
    let answer = policy.allows(who, &on_leases("create", own, None));
    let Answer::Allowed(Grant { rule: Some(rule), .. }) = answer else { return None };
    let alone = people.running(who.scope).iter().filter(|(account, _)| *account == who).count() == 1;
    (rule.names_resource("leases") && alone).then(|| format!("by {}, it may create Leases", rule.of))
}

/// Which file of the folder a mount brings, or all of them: `""`.
fn inside(mount: &Node) -> Option<&str> {
    let path = mount.get("mountPath").text()?.trim_end_matches('/');
    let rest = FOLDERS.iter().find_map(|folder| path.strip_prefix(folder))?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

fn found<'o>(scene: &Scene<'o>, people: &People<'o>, workload: Workload<'o>, program: &Program<'o>) -> Found<'o> {
    let mounts = program.container.get("volumeMounts").list();
    let by_hand: Vec<_> = mounts.iter().filter_map(|mount| Some((inside(mount)?, mount))).collect();
    let whole = by_hand.iter().any(|(file, _)| file.is_empty());
    if !whole && automounted(scene, people, workload) {
        return Found::All;
    }
    if by_hand.is_empty() {
        let elsewhere =
            way::is_its_own(scene, workload, program) || mounts.iter().any(|mount| brings_a_token(workload, mount));
        return if elsewhere { Found::All } else { Found::Nothing };
    }
    let mut has = [false; FILES.len()];
    for (file, mount) in &by_hand {
        let Some((_, volume)) = volume(workload, mount) else { return Found::All };
        for (index, (name, _)) in FILES.iter().enumerate() {
            has[index] |= match *file {
                "" => holds(volume, name).unwrap_or(true),
                one => one == *name,
            };
        }
    }
    let Some(missing) = has.iter().position(|has| !has) else { return Found::All };
    let only = if let [("", mount)] = *by_hand { volume(workload, mount) } else { None };
    Found::Without(missing, only.map(|(index, volume)| (volume, format!("spec.template.spec.volumes[{index}]"))))
}

/// The volume that a mount is of.
fn volume<'o>(workload: Workload<'o>, mount: &Node) -> Option<(usize, &'o Node)> {
    let name = mount.get("name").text()?;
    let volumes = workload.pod().get("volumes").list().iter().enumerate();
    volumes.into_iter().find(|(_, volume)| volume.get("name").text() == Some(name))
}

/// What the Pod says counts, and else what its ServiceAccount says.
fn automounted(scene: &Scene<'_>, people: &People<'_>, workload: Workload<'_>) -> bool {
    let own = workload.pod().get("automountServiceAccountToken").bool();
    let of_account = || {
        let made = people.made(account(scene.policy(), workload.object))?;
        made.root.get("automountServiceAccountToken").bool()
    };
    own.or_else(of_account).unwrap_or(true)
}

/// Whether a volume has a file of this name; `None` where that is not known.
fn holds(volume: &Node, name: &str) -> Option<bool> {
    let chosen = |source: &Node, field: &str| {
        let items = source.get(field);
        // A Secret for a token has all three (`pkg/controller/serviceaccount/tokens_controller.go`).
        (!items.is_null()).then(|| items.list().iter().any(|item| item.get("path").text() == Some(name)))
    };
    if !volume.get("secret").is_null() {
        return chosen(volume.get("secret"), "items");
    }
    let sources = volume.at("projected.sources");
    if sources.is_null() {
        return None;
    }
    let mut known = Some(false);
    for source in sources.list() {
        let token = source.get("serviceAccountToken");
        let has = if !token.is_null() {
            Some(token.get("path").text() == Some(name))
        } else if !source.get("downwardAPI").is_null() {
            chosen(source.get("downwardAPI"), "items").or(Some(false))
        } else if source.at("configMap.name").text() == Some("kube-root-ca.crt") {
            chosen(source.get("configMap"), "items").or(Some(name == "ca.crt"))
        } else {
            ["configMap", "secret"].iter().find_map(|kind| chosen(source.get(kind), "items"))
        };
        match has {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = None,
        }
    }
    known
}

/// Whether a mount brings a token to another place, of which the program is told in some way.
fn brings_a_token(workload: Workload<'_>, mount: &Node) -> bool {
    let Some((_, volume)) = volume(workload, mount) else { return false };
    let projected = volume.at("projected.sources").list();
    // What is in a Secret, on a node, or comes by a driver nobody knows: it may be a kubeconfig.
    ["secret", "hostPath", "csi"].iter().any(|kind| !volume.get(kind).is_null())
        || projected
            .iter()
            .any(|source| ["serviceAccountToken", "secret"].iter().any(|kind| !source.get(kind).is_null()))
}

/// Whether a program is told in which namespace it elects.
fn is_told(program: &Program<'_>) -> bool {
    let named = |name: &str| {
        let plain = words::plain(name);
        plain.ends_with("namespace") && (plain.contains("elect") || plain.contains("lease") || plain.contains("lock"))
    };
    program.flags().all.iter().any(|flag| named(flag.name)) || program.environment.all().any(|one| named(&one.name))
}

/// The volume with a file more.
fn with(volume: &Node, file: &str) -> Option<String> {
    let name = volume.get("name").text()?;
    let list = |node: &Node| node.list().iter().map(paste::value).collect::<Vec<_>>();
    let changed = if volume.get("secret").is_null() {
        let mut sources = list(volume.at("projected.sources"));
        sources.push(match file {
            "token" => json!({"serviceAccountToken": {"path": "token"}}),
            "ca.crt" => json!({"configMap": {"name": "kube-root-ca.crt", "items": [{"key": file, "path": file}]}}),
            _ => json!({"downwardAPI": {"items": [
                {"path": file, "fieldRef": {"fieldPath": "metadata.namespace"}},
            ]}}),
        });
        json!({"name": name, "projected": {"sources": sources}})
    } else {
        let mut items = list(volume.at("secret.items"));
        items.push(json!({"key": file, "path": file}));
        json!({"name": name, "secret": {"items": items}})
    };
    let volumes: Value = json!([changed]);
    Some(yaml(&json!({"spec": {"template": {"spec": {"volumes": volumes}}}})))
}
