//! Volumes that only one node, or one Pod, may have: whether a standby or the new Pod of a roll-out needs one that another
//! has.
//!
//! What ReadWriteOnce keeps is the attaching of a disk (`k8s.io/kubernetes/pkg/controller/volume/attachdetach/reconciler`,
//! "Multi-Attach error"), and what ReadWriteOncePod keeps is the scheduler's
//! (`pkg/scheduler/framework/plugins/volumerestrictions`).

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::json;

use super::super::catalogue::{Check, Severity};
use super::super::election::Elects;
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::{Replaced, Workload};
use super::{nodes, yaml};
use crate::model::object::Object;

pub(in crate::check) const SECOND_POD: Check = Check {
    id: "HA0601",
    severity: Severity::Error,
    title: "a standby, or the new Pod of a roll-out, needs no volume that another Pod keeps",
    page: include_str!("../pages/HA0601.md"),
    judge: second_pod,
};

pub(in crate::check) const ONE_USER: Check = Check {
    id: "HA0602",
    severity: Severity::Warning,
    title: "a volume of one node is used by one workload",
    page: include_str!("../pages/HA0602.md"),
    judge: one_user,
};

/// Who may have a volume at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Has {
    OnePod,
    OneNode,
    Anybody,
}

/// By its access modes: a volume has all that its claim asks for, and is attached where any of them allows it.
fn has(claim: &Object) -> Option<Has> {
    let modes = claim.root.at("spec.accessModes").list();
    let all = |mode: &str| !modes.is_empty() && modes.iter().all(|one| one.text() == Some(mode));
    match () {
        () if modes.is_empty() => None,
        () if all("ReadWriteOncePod") => Some(Has::OnePod),
        () if all("ReadWriteOnce") => Some(Has::OneNode),
        () => Some(Has::Anybody),
    }
}

/// Words of classes and provisioners whose volumes stand on a node: their Pods come to where they are.
const ON_A_NODE: &[&str] = &["hostpath", "host-path", "local-path", "localpath", "local-storage", "no-provisioner"];

/// Words of those whose volumes are mounted over the network and attached to no node, so that nobody keeps ReadWriteOnce.
const ATTACHED_NOWHERE: &[&str] =
    &["azurefile", "cephfs", "efs", "filestore", "fsx", "glusterfs", "juicefs", "nfs", "smb"];

/// One of these whose name says it by no word of its own (<https://github.com/kubernetes-sigs/azurefile-csi-driver>).
const AZURE_FILE: &str = "file.csi.azure.com";

/// Those that a volume names by a field of its own (`k8s.io/api/core/v1`, `PersistentVolumeSource`).
const NETWORK_FIELDS: &[&str] = &["azureFile", "cephfs", "glusterfs", "nfs"];

/// Where the volume of a claim is, as far as its class and what was given of it tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    OnANode,
    Nowhere,
    Unknown,
}

fn stands(scene: &Scene<'_>, claim: &Object) -> Stands {
    let class = claim.root.at("spec.storageClassName").text().unwrap_or_default();
    let of = |kind: &'static str, name: &str| scene.of_kind(kind).iter().find(|object| &*object.name == name).copied();
    let provisioner = of("StorageClass", class).and_then(|class| class.root.get("provisioner").text());
    let volume = claim.root.at("spec.volumeName").text().and_then(|name| of("PersistentVolume", name));
    let driver = volume.and_then(|volume| volume.root.at("spec.csi.driver").text());
    let names = [class, provisioner.unwrap_or_default(), driver.unwrap_or_default()];
    let is = |kinds: &[&str]| {
        volume.is_some_and(|volume| kinds.iter().any(|kind| !volume.root.get("spec").get(kind).is_null()))
    };
    let mut words = names.iter().flat_map(|name| name.split(|letter: char| !letter.is_ascii_alphanumeric()));
    if is(&["hostPath", "local"]) || ON_A_NODE.iter().any(|word| names.iter().any(|name| name.contains(word))) {
        Stands::OnANode
    } else if is(NETWORK_FIELDS) || names.contains(&AZURE_FILE) || words.any(|word| ATTACHED_NOWHERE.contains(&word)) {
        Stands::Nowhere
    } else {
        Stands::Unknown
    }
}

/// A claim that the Pods of a workload name.
struct Claim<'o> {
    name: &'o str,
    /// `spec.template.spec.volumes[0].persistentVolumeClaim.claimName`.
    field: String,
    /// The claim, if it was given.
    object: Option<&'o Object>,
}

/// Claims by their namespaces and names.
type Claims<'o> = HashMap<(Option<&'o str>, &'o str), &'o Object>;

fn claims<'o>(scene: &Scene<'o>, all: &Claims<'o>, workload: Workload<'o>) -> Vec<Claim<'o>> {
    let volumes = workload.pod().get("volumes").list().iter().enumerate();
    let claimed = volumes.filter_map(|(index, volume)| {
        let name = volume.at("persistentVolumeClaim.claimName").text()?;
        let object = all.get(&(scene.namespace(workload.object), name)).copied();
        let field = format!("spec.template.spec.volumes[{index}].persistentVolumeClaim.claimName");
        Some(Claim { name, field, object })
    });
    claimed.collect()
}

fn second_pod(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let all = scene.of_kind("PersistentVolumeClaim").iter();
    let all: Claims<'_> = all.map(|&claim| ((scene.namespace(claim), &*claim.name), claim)).collect();
    for &workload in scene.workloads() {
        let claims = claims(scene, &all, workload);
        if claims.is_empty() {
            verdicts.skip(workload.object, "it names no claim of a volume");
            continue;
        }
        let mut found = false;
        for claim in &claims {
            found |= claim.object.is_some_and(|object| held(scene, workload, claim, object, verdicts));
        }
        match claims.iter().find(|claim| claim.object.is_none()) {
            _ if found => {}
            Some(claim) => {
                let name = claim.name;
                verdicts.skip(workload.object, match scene.is_live() {
                    true => format!("persistentvolumeclaim/{name} is not there"),
                    false => format!(
                        "persistentvolumeclaim/{name} is not in what was given: give it too (-f), or ask the cluster (hactl \
                         doctor)"
                    ),
                });
            }
            None => verdicts.pass(workload.object),
        }
    }
}

/// Says what goes wrong with a claim, if anything does.
fn held<'o>(
    scene: &Scene<'o>,
    workload: Workload<'o>,
    claim: &Claim<'o>,
    object: &Object,
    verdicts: &mut Verdicts<'_>,
) -> bool {
    let (only, mode) = match has(object) {
        Some(Has::OnePod) => ("one Pod", "ReadWriteOncePod"),
        // Where all are on one node anyway, each of them may have it.
        Some(Has::OneNode)
            if !nodes::together(workload)
                && nodes::pinned(workload.pod()).is_none()
                && stands(scene, object) != Stands::Nowhere =>
        {
            ("one node", "ReadWriteOnce")
        }
        _ => return false,
    };
    let stands = mode == "ReadWriteOnce" && stands(scene, object) == Stands::OnANode;
    let most = scene.most(workload);
    if most > 1 {
        let follows = match (mode, stands) {
            ("ReadWriteOncePod", _) => "all but one of them never start",
            (_, true) => "all of them run where the volume is, and are lost with that node",
            _ => "on another node they never start, and on the same one all of them are lost with it",
        };
        let message = format!(
            "its {most} replicas share {object}, which is {mode}: {only} may have it at a time, so {follows}. A volume of \
             its own for each (a StatefulSet with volumeClaimTemplates), or one that is ReadWriteMany, would do"
        );
        let failed = verdicts.fail(workload.object, claim.field.as_str(), message);
        // Where a standby is wanted, one replica is no fix.
        let elects = scene.electors().in_pods_of(workload).iter().any(|one| one.election.elects == Elects::Yes);
        if !elects && scene.autoscaler(workload).is_none() {
            failed.fix(yaml(&match workload.is_deployment() {
                true => json!({"spec": {"replicas": 1, "strategy": {"type": "Recreate", "rollingUpdate": null}}}),
                false => json!({"spec": {"replicas": 1}}),
            }));
        }
        return true;
    }
    let Replaced::Rolling { surge: 1.., unavailable: 0 } = workload.replaced(most) else { return false };
    if most < 1 || stands {
        return false;
    }
    // Where the new Pod comes to the same node, it starts.
    let (severity, follows) = match mode {
        "ReadWriteOncePod" => (Severity::Error, "the new Pod is never scheduled"),
        _ => (Severity::Warning, "on another node the new Pod waits for the volume for ever"),
    };
    let message = format!(
        "a roll-out starts the new Pod before it stops the old one, which keeps {object}, and that is {mode}: {follows}, and \
         the old Pod for the new one to be Ready"
    );
    let fix = json!({"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}});
    verdicts.fail(workload.object, claim.field.as_str(), message).severity(severity).fix(yaml(&fix));
    true
}

fn one_user(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let mut users: HashMap<(Option<&str>, &str), Vec<Workload<'_>>> = HashMap::new();
    for &workload in scene.workloads().iter().filter(|workload| scene.most(**workload) > 0) {
        for volume in workload.pod().get("volumes").list() {
            let Some(name) = volume.at("persistentVolumeClaim.claimName").text() else { continue };
            users.entry((scene.namespace(workload.object), name)).or_default().push(workload);
        }
    }
    for &object in scene.of_kind("PersistentVolumeClaim") {
        let only = match has(object) {
            Some(Has::OnePod) => "one Pod",
            Some(Has::OneNode) if stands(scene, object) == Stands::Unknown => "one node",
            Some(_) => {
                verdicts.pass(object);
                continue;
            }
            None => continue,
        };
        let key = (scene.namespace(object), &*object.name);
        let users = users.get(&key).map_or(&[][..], Vec::as_slice);
        let [first, others @ ..] = users else {
            verdicts.skip(object, "nothing of what was given names it");
            continue;
        };
        // Those that have to run where another does share its node.
        let kept = |other: &Workload<'_>| {
            nodes::attracted(*other, first.labels())
                || nodes::attracted(*first, other.labels())
                || [first, other].iter().all(|user| nodes::pinned(user.pod()).is_some())
        };
        let Some(other) = others.iter().find(|other| !kept(other)) else {
            verdicts.pass(object);
            continue;
        };
        let message = format!(
            "{} and {} both use it, and {only} may have it at a time: whichever comes to another node does not start",
            first.object, other.object
        );
        verdicts.fail(object, "spec.accessModes", message);
    }
}
