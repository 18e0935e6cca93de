//! Whether klag-exporter's replicas follow a change of their configuration together.

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::{File, Klag};
use crate::model::node::Node;

pub(super) const FOLLOWS: Check = Check {
    id: "HA0811",
    severity: Severity::Info,
    title: "a change of klag-exporter's configuration restarts all of its replicas",
    page: include_str!("../../pages/HA0811.md"),
    judge: follows,
};

fn follows(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let object = klag.workload.object;
        let Some(file) = klag.file() else {
            verdicts.skip(object, "its configuration is in no ConfigMap that was given: -f takes that, too");
            continue;
        };
        if scene.most(klag.workload) < 2 {
            verdicts.skip(object, "it has no second replica");
        } else if follows_by_name(&klag) || is_fixed(file) {
            verdicts.pass(object);
        } else {
            let message = format!(
                "klag-exporter reads {} of {} when it starts, and never again; nothing in its Pods' template changes with it. \
                 After a change the replicas go by different settings, until each has been restarted: a new lease_name makes \
                 two leaders",
                file.key, file.config_map
            );
            verdicts.fail(object, "spec.template.metadata", message);
        }
    }
}

/// Whether something of the workload changes with the file, as charts do it, or asks for restarts, as Stakater's Reloader
/// does: by its name.
fn follows_by_name(klag: &Klag<'_>) -> bool {
    let template = klag.workload.object.root.at("spec.template.metadata");
    let own = klag.workload.object.root.at("metadata.annotations");
    let named = [template.get("annotations"), template.get("labels"), own].into_iter().flat_map(Node::fields);
    named.map(|field| field.name.to_ascii_lowercase()).any(|name| SIGNS.iter().any(|sign| name.contains(sign)))
}

/// What such annotations are called.
const SIGNS: &[&str] = &["checksum", "hash", "sha256", "sha1", "md5", "digest", "reloader", "config-version"];

/// Whether the ConfigMap is a new one with every change: it may not be changed, or its name ends with what kustomize makes
/// of its content (ten letters and digits, `kyaml/hasher`).
fn is_fixed(file: &File<'_>) -> bool {
    let map = file.config_map;
    let ending = map.name.rsplit('-').next().unwrap_or_default();
    let hashed = ending.len() == 10
        && ending.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && ending.bytes().any(|byte| byte.is_ascii_digit());
    map.root.get("immutable").bool() == Some(true) || hashed
}
