//! Disruption budgets, as the disruption controller has them now.

use super::look;
use crate::check::catalogue::{Check, Severity};
use crate::check::scene::Scene;
use crate::check::verdict::Verdicts;

pub(super) const ALLOWS_NOW: Check = Check {
    id: "HA0906",
    severity: Severity::Warning,
    title: "a Pod may be evicted now",
    page: include_str!("../../pages/HA0906.md"),
    judge: allows_now,
};

fn allows_now(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    if look(scene, &["PodDisruptionBudget"], verdicts).is_none() {
        return;
    }
    for budget in scene.of_kind("PodDisruptionBudget").iter().filter(|budget| budget.group() == "policy") {
        let status = budget.root.get("status");
        let number = |name: &str| status.get(name).int();
        let seen = number("observedGeneration") >= budget.root.at("metadata.generation").int();
        let (Some(allowed), Some(expected), true) = (number("disruptionsAllowed"), number("expectedPods"), seen) else {
            verdicts.skip(budget, "its controller has not looked at it since it was changed");
            continue;
        };
        let (healthy, wanted) = (number("currentHealthy").unwrap_or(0), number("desiredHealthy").unwrap_or(0));
        let conditions = status.get("conditions").list().iter();
        let failed = conditions.clone().find(|condition| condition.get("reason").text() == Some("SyncFailed"));
        if let Some(failed) = failed {
            let why = failed.get("message").text().unwrap_or_default();
            let message = format!("its controller cannot reckon with it, and lets no Pod be evicted: {why}");
            verdicts.fail(budget, "status.conditions", message).severity(Severity::Error);
        } else if allowed > 0 {
            verdicts.pass(budget);
        } else if expected == 0 {
            verdicts.skip(budget, "it selects no Pods now");
        } else if expected <= wanted {
            verdicts.skip(budget, "it leaves no room by itself: HA0201");
        } else if healthy >= expected {
            verdicts.skip(budget, "evictions that it has allowed are under way");
        } else {
            let stuck = budget.root.at("spec.unhealthyPodEvictionPolicy").text() != Some("AlwaysAllow");
            let policy = if stuck {
                ". Those that are not may not be evicted either: unhealthyPodEvictionPolicy: AlwaysAllow would let them"
            } else {
                ""
            };
            let message = format!(
                "{healthy} of its {expected} Pods are healthy, and {wanted} have to be: a drain waits until more are{policy}"
            );
            verdicts.fail(budget, "status.disruptionsAllowed", message);
        }
    }
}
