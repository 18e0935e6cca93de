//! Autoscalers: whether there is what they scale, how few Pods they leave, and who else says how many there are.

use serde_json::json;

use super::super::catalogue::{Check, Severity};
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::yaml;
use crate::model::object::Origin;

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

pub(in crate::check) const IS_AIMED: Check = Check {
    id: "HA0109",
    severity: Severity::Warning,
    title: "an autoscaler scales what is there",
    page: include_str!("../pages/HA0109.md"),
    judge: is_aimed,
};

/// The controller looks for what it scales by group, kind and name, whatever the version
/// (`k8s.io/kubernetes/pkg/controller/podautoscaler/horizontal.go`, `scaleForResourceMappings`).
fn is_aimed(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &scaler in scene.of_kind("HorizontalPodAutoscaler") {
        let target = scaler.root.at("spec.scaleTargetRef");
        let text = |field: &str| target.get(field).text().unwrap_or_default();
        let (kind, name) = (text("kind"), text("name"));
        let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        let (mut same, mut like) = (None, None);
        for workload in scene.workloads_beside(scaler) {
            let object = workload.object;
            match (&*object.name == name, &*object.kind == kind) {
                (true, true) => same = Some(object),
                (true, false) => like = Some(object),
                (false, true) if object.name == scaler.name => like = like.or(Some(object)),
                _ => {}
            }
        }
        let wrong = match (same, like) {
            (Some(object), _) if object.group() == group => None,
            // What was called that way once is served as apps now.
            (Some(object), _) if object.group() == "extensions" => None,
            (Some(object), _) => Some((object, "apiVersion")),
            (None, _) if scene.has_beside(kind, name, scaler) => None,
            (None, Some(object)) if &*object.name == name => Some((object, "kind")),
            (None, Some(object)) => Some((object, "name")),
            (None, None) => {
                verdicts.skip(scaler, "what it scales is not in what was given");
                continue;
            }
        };
        let Some((meant, field)) = wrong else {
            verdicts.pass(scaler);
            continue;
        };
        let message = format!(
            "it scales {field} {}, and there is {meant} of {}: it finds nothing, and the number of Pods stays as it is",
            text(field),
            meant.api_version
        );
        let fix = json!({"apiVersion": "apps/v1", "kind": &*meant.kind, "name": &*meant.name});
        let fix = yaml(&json!({"spec": {"scaleTargetRef": fix}}));
        verdicts.fail(scaler, format!("spec.scaleTargetRef.{field}"), message).fix(fix);
    }
}

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
        // The API server fills it in, and the autoscaler writes it: also in what was got from a cluster and written to a file.
        let got = !workload.object.root.at("metadata.uid").is_null();
        if got || (scene.is_live() && workload.object.origin == Origin::Live) {
            verdicts.skip(workload.object, "whether its manifest says how many there are is not seen in a cluster");
            continue;
        }
        let message = format!(
            "replicas {fixed}, and {scaler} says how many there are: whoever applies this again sets it back to {fixed}, \
             and stops or starts Pods"
        );
        verdicts.fail(workload.object, "spec.replicas", message).fix(yaml(&json!({"spec": {"replicas": null}})));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::tests::cluster;
    use crate::check::{Outcome, Scene, catalogue, judge};

    #[test]
    fn what_the_api_server_fills_in_nobody_has_said() {
        let all = [
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "namespace": "shop"}, "spec": {
                "replicas": 3, "selector": {"matchLabels": {"app": "x"}}, "template": {"metadata": {"labels": {"app": "x"}},
                "spec": {"containers": [{"name": "c", "image": "x"}]}}}}),
            json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "x", "namespace": "shop"},
                "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "x"}, "minReplicas": 2, "maxReplicas": 5}}),
        ];
        let (live, objects) = cluster(&all);
        let outcome = |scene: &Scene<'_>| judge(scene, catalogue::named("HA0105"))[0].outcome;
        assert_eq!(outcome(&Scene::live(&objects, &[], &live)), Outcome::Skipped);
        assert_eq!(outcome(&Scene::new(&objects)), Outcome::Fail);
    }
}
