//! The Lease that klag-exporter elects with: whether it can be made, and whether it is where its Pods are.

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::Verdicts;
use super::{File, Klag, configuration, edit, entry, environment, field};
use crate::model::node::Mark;
use crate::system::klag_exporter::config::Setting;

pub(super) const NAMES: Check = Check {
    id: "HA0803",
    severity: Severity::Error,
    title: "klag-exporter's Lease has a namespace",
    page: include_str!("../../pages/HA0803.md"),
    judge: names,
};

pub(super) const BESIDE: Check = Check {
    id: "HA0804",
    severity: Severity::Warning,
    title: "klag-exporter's Lease is in the namespace of its Pods",
    page: include_str!("../../pages/HA0804.md"),
    judge: beside,
};

fn names(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let Some((file, config)) = klag.read(verdicts) else { continue };
        if config.leadership.enabled.value == Some(false) {
            verdicts.skip(klag.workload.object, "its leader election is off");
            continue;
        }
        // Its name is HA0504.
        let namespace = &config.leadership.lease_namespace;
        match namespace.value.as_deref().and_then(wrong) {
            Some(wrong) => told(&klag, file, namespace, &wrong, verdicts),
            None => verdicts.pass(klag.workload.object),
        }
    }
}

/// Why something is no name of a namespace (`k8s.io/apimachinery/pkg/util/validation`, `IsDNS1123Label`).
fn wrong(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = name.bytes().next().is_some_and(plain) && name.bytes().last().is_some_and(plain);
    let fits = name.len() <= 63 && ends && name.bytes().all(|byte| plain(byte) || byte == b'-');
    let shown: String = name.chars().take(63).collect();
    (!fits).then(|| format!("is \"{shown}\", which no namespace can be called"))
}

fn told(klag: &Klag<'_>, file: &File<'_>, setting: &Setting<String>, wrong: &str, verdicts: &mut Verdicts<'_>) {
    let mark = setting.mark.unwrap_or_default();
    let nobody = "klag-exporter cannot make its Lease, and every replica stays a standby";
    // A variable that nobody gives is missing in the workload, and not in the file.
    let unset = setting.variable.as_deref().filter(|name| klag.program.environment.get(name).is_none());
    if let Some(name) = unset {
        let message = format!(
            "lease_namespace {wrong}: it is ${{{name}}} on line {} of {} in {}, and neither env nor envFrom gives {name}: {nobody}",
            mark.line, file.key, file.config_map
        );
        let failed = verdicts.fail(klag.workload.object, klag.program.path.as_str(), message);
        if let Some(fix) = configuration::downward(klag, name) {
            failed.fix(fix);
        }
        return;
    }
    let message = format!("line {} of {}: lease_namespace {wrong}: {nobody}", mark.line, file.key);
    let failed = verdicts.fail(file.config_map, field(file), message).inside(entry(file), mark);
    let sound = klag.namespace;
    if let Some(fix) = sound
        .and_then(|sound| edit::line(file, mark.line, "lease_namespace", &format!("lease_namespace = \"{sound}\"")))
    {
        failed.fix(fix);
    }
}

fn beside(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for klag in Klag::all(scene) {
        let Some((file, config)) = klag.read(verdicts) else { continue };
        let object = klag.workload.object;
        let setting = &config.leadership.lease_namespace;
        let variable = setting.variable.as_deref();
        if config.leadership.enabled.value == Some(false) {
            verdicts.skip(object, "its leader election is off");
        } else if variable.is_some_and(|name| environment::is_namespace(&klag, name)) {
            verdicts.pass(object);
        } else if let (Some(lease), Some(own)) = (setting.value.as_deref(), klag.namespace) {
            if lease == own || lease.is_empty() || setting.is_said() {
                // Who writes another one down means it: whether it may, is HA0301.
                verdicts.pass(object);
                continue;
            }
            let message = format!(
                "nothing says lease_namespace: the Lease is in {lease}, and the Pods are in {own}; a Role in {own} does not \
                 count there, and a klag-exporter of any other namespace that says nothing either takes the same Lease"
            );
            let head = config.leadership.enabled.mark.unwrap_or(Mark { line: 1, column: 1 });
            let failed = verdicts.fail(file.config_map, field(file), message).inside(entry(file), head);
            let line = format!("lease_namespace = \"{own}\"");
            if let Some(fix) = edit::behind(file, "[exporter.leadership]", &line) {
                failed.fix(fix);
            }
        } else {
            verdicts.skip(object, "the namespace of its Pods, or that of its Lease, is not known");
        }
    }
}
