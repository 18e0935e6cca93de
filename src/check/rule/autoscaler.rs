//! Autoscalers: how few Pods they leave, and who else says how many there are.

use serde_json::json;

use super::super::catalogue::{Check, Severity};
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::yaml;

pub(in crate::check) const LEAVES_TWO: Check = Check {
    id: "HA0104",
    severity: Severity::Warning,
    title: "an autoscaler leaves two replicas",
    page: include_str!("../pages/HA0104.md"),
    judge: leaves_two,
};

pub(in crate::check) const SAYS_ALONE: Check = Check {
    id: "HA0105",
    severity: Severity::Warning,
    title: "where there is an autoscaler, nobody else says how many replicas there are",
    page: include_str!("../pages/HA0105.md"),
    judge: says_alone,
};

fn leaves_two(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for workload in scene.workloads() {
        let Some(scaler) = scene.autoscaler(*workload) else {
            verdicts.skip(workload.object, "no autoscaler of it is in what was given");
            continue;
        };
        let least = scene.least(*workload);
        if least >= 2 {
            verdicts.pass(scaler);
            continue;
        }
        let message = format!(
            "it may shrink {} to {least}: then there is no second Pod to take over, and none that a drain could leave",
            workload.object
        );
        verdicts.fail(scaler, "spec.minReplicas", message).fix(yaml(&json!({"spec": {"minReplicas": 2}})));
    }
}

fn says_alone(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for workload in scene.workloads() {
        let Some(scaler) = scene.autoscaler(*workload) else {
            verdicts.skip(workload.object, "no autoscaler of it is in what was given");
            continue;
        };
        let Some(fixed) = workload.object.root.at("spec.replicas").int() else {
            verdicts.pass(workload.object);
            continue;
        };
        let message = format!(
            "replicas {fixed}, and {scaler} says how many there are: whoever applies this again sets it back to {fixed}, \
             and stops or starts Pods"
        );
        verdicts.fail(workload.object, "spec.replicas", message).fix(yaml(&json!({"spec": {"replicas": null}})));
    }
}
