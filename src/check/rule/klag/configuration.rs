//! Whether klag-exporter starts with its configuration, and whether it takes all of it for what it is.

use serde_json::json;

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::super::paste;
use super::{Klag, edit, entry, field};
use crate::system::klag_exporter::config::{Fault, Stranger, Unread};

pub(super) const STARTS: Check = Check {
    id: "HA0802",
    severity: Severity::Error,
    title: "klag-exporter starts with its configuration",
    page: include_str!("../../pages/HA0802.md"),
    judge: starts,
};

pub(super) const KNOWS: Check = Check {
    id: "HA0805",
    severity: Severity::Warning,
    title: "klag-exporter knows each setting of its leader election",
    page: include_str!("../../pages/HA0805.md"),
    judge: knows,
};

pub(super) const GIVEN: Check = Check {
    id: "HA0806",
    severity: Severity::Warning,
    title: "each variable in klag-exporter's configuration is given",
    page: include_str!("../../pages/HA0806.md"),
    judge: given,
};

fn starts(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let faults = match klag.config() {
            Some((_, Err(Unread::Broken(fault)))) => vec![fault],
            Some((_, Ok(config))) => config.faults,
            _ => {
                klag.read(verdicts);
                continue;
            }
        };
        let Some(file) = klag.meant() else { continue };
        for fault in &faults {
            let Fault { mark, about, says } = fault;
            let message = format!("klag-exporter ends when it starts: line {} of {}: {says}", mark.line, file.key);
            let failed = verdicts.fail(file.config_map, field(file), message).inside(entry(file), *mark);
            let key = about.rsplit('.').next().unwrap_or_default();
            if let Some(fix) = sound(key).and_then(|sound| edit::line(file, mark.line, key, sound)) {
                failed.fix(fix);
            }
        }
        if faults.is_empty() {
            verdicts.pass(klag.workload.object);
        }
    }
}

/// What certainly is taken for a setting of leadership: its default.
fn sound(key: &str) -> Option<&'static str> {
    match key {
        "provider" => Some("provider = \"kubernetes\""),
        "lease_duration_secs" => Some("lease_duration_secs = 15"),
        "grace_period_secs" => Some("grace_period_secs = 5"),
        _ => None,
    }
}

fn knows(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let Some((file, config)) = klag.read(verdicts) else { continue };
        for stranger in &config.strangers {
            let several = scene.most(klag.workload) > 1;
            let off = stranger.turns_on && several && config.leadership.enabled.value == Some(false);
            let severity = match stranger.meant {
                _ if off => Severity::Error,
                Some(_) => Severity::Warning,
                None => Severity::Info,
            };
            let meant = stranger.meant.as_ref().map(|meant| format!(", and {meant} is what it would read"));
            let follows = if off { ": leader election stays off, and each replica does all of the work" } else { "" };
            let message = format!(
                "line {} of {}: klag-exporter knows no {}, and passes over it without a word{}{follows}",
                stranger.mark.line,
                file.key,
                stranger.name,
                meant.unwrap_or_default()
            );
            let failed = verdicts.fail(file.config_map, field(file), message).severity(severity);
            let failed = failed.inside(entry(file), stranger.mark);
            if let Some(fix) = renamed(file, stranger) {
                failed.fix(fix);
            }
        }
        if config.strangers.is_empty() {
            verdicts.pass(klag.workload.object);
        }
    }
}

/// The file with the name that was meant; only where it stands at its place otherwise.
fn renamed(file: &super::File<'_>, stranger: &Stranger) -> Option<String> {
    let meant = stranger.meant.as_deref()?;
    if meant == "exporter.leadership" {
        return edit::head(file, stranger.mark.line, "[exporter.leadership]");
    }
    let key = stranger.name.strip_prefix("exporter.leadership.")?;
    let line = super::text(file).lines().nth(usize::try_from(stranger.mark.line).ok()? - 1)?;
    let (_, value) = line.split_once('=')?;
    edit::line(file, stranger.mark.line, key, &format!("{} ={value}", meant.strip_prefix("exporter.leadership.")?))
}

fn given(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let Some((file, config)) = klag.read(verdicts) else { continue };
        for unset in &config.unset {
            let message = format!(
                "line {} of {} in {} has ${{{name}}}, and neither env nor envFrom gives the container {name}: it is empty \
                 there",
                unset.mark.line,
                file.key,
                file.config_map,
                name = unset.about
            );
            let failed = verdicts.fail(klag.workload.object, klag.program.path.as_str(), message);
            if let Some(fix) = downward(&klag, &unset.about) {
                failed.fix(fix);
            }
        }
        if config.unset.is_empty() {
            verdicts.pass(klag.workload.object);
        }
    }
}

/// The variable, where its name says which field of the Pod it is.
pub(super) fn downward(klag: &Klag<'_>, name: &str) -> Option<String> {
    let path = match name {
        "POD_NAMESPACE" | "NAMESPACE" | "MY_POD_NAMESPACE" | "K8S_NAMESPACE" => "metadata.namespace",
        "POD_NAME" | "MY_POD_NAME" => "metadata.name",
        "POD_IP" => "status.podIP",
        "NODE_NAME" => "spec.nodeName",
        _ => return None,
    };
    let variable = json!({"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}});
    paste::container(&klag.program, json!({"env": [variable]}))
}
