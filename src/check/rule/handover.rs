//! Stopping a leader: whether it has the time to hand over.

use jiff::SignedDuration;
use serde_json::json;

use super::super::catalogue::{Check, Severity};
use super::super::election::{Elector, Elects, known};
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::yaml;

pub(in crate::check) const HAS_TIME: Check = Check {
    id: "HA0209",
    severity: Severity::Warning,
    title: "a leader that is stopped has the time to release its Lease",
    page: include_str!("../pages/HA0209.md"),
    judge: has_time,
};

/// How long controller-runtime waits for what runs before it releases the Lease (`pkg/manager/internal.go`,
/// `defaultGracefulShutdownPeriod`), in seconds.
const STOPS: i64 = 30;

/// What a Pod has where nothing is said (`k8s.io/kubernetes/pkg/apis/core/v1/defaults.go`), in seconds.
const GRACE: i64 = 30;

/// For the release itself, in seconds: one request to the API server.
const RELEASE: i64 = 5;

fn has_time(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for &workload in scene.workloads() {
        let longest = scene.electors().in_pods_of(workload).iter().filter_map(stops).max();
        let Some(stops) = longest else {
            verdicts.skip(workload.object, "nothing says that it elects a leader and how long it takes to stop");
            continue;
        };
        let grace = workload.pod().get("terminationGracePeriodSeconds").int().unwrap_or(GRACE);
        if grace >= stops {
            verdicts.pass(workload.object);
            continue;
        }
        let message = format!(
            "a leader that is stopped waits up to {stops} s for what it is doing and then releases its Lease, but is \
             killed after {grace} s: then nobody leads until the Lease is over"
        );
        let field = "spec.template.spec.terminationGracePeriodSeconds";
        let fix =
            json!({"spec": {"template": {"spec": {"terminationGracePeriodSeconds": stops.saturating_add(RELEASE)}}}});
        verdicts.fail(workload.object, field, message).fix(yaml(&fix));
    }
}

/// How long a program may take to stop, in seconds, if it elects as controller-runtime does.
fn stops(elector: &Elector<'_>) -> Option<i64> {
    let program = Some(&elector.program).filter(|_| elector.election.elects == Elects::Yes)?;
    let flags = program.flags();
    let told = flags.all.iter().find(|flag| flag.name == "graceful-shutdown-timeout");
    if let Some(flag) = told {
        let told: SignedDuration = flag.value().filter(|_| !flag.argument.open)?.parse().ok()?;
        return Some(told.as_secs());
    }
    known::scaffolded(program).then_some(STOPS)
}
