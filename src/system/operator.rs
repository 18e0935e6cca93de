//! A controller-runtime operator as kubebuilder makes it: a leader that is stopped waits for its reconcilers first, and
//! the next one fills its caches.

use super::System;
use super::profile::{Elects, Note, Profile, Succession, by_default};
use super::step::Step;
use crate::model::Micros;
use crate::model::elector::{Confidence, Library};
use crate::model::timing::Timing;

/// How long a manager waits for what it runs (`defaultGracefulShutdownPeriod`).
const GRACEFUL_SHUTDOWN: Micros = Micros::from_secs(30);

/// How long a controller waits for its caches before it gives up, and the process with it.
const CACHE_SYNC: Micros = Micros::from_secs(120);

/// What a failover means to an operator.
pub(super) fn failover() -> Profile {
    let elects = Elects {
        library: Library::ClientGo,
        version: None,
        confidence: Confidence::Certain,
        timing: Timing {
            lease_duration: by_default(15),
            renew_deadline: by_default(10),
            retry_period: by_default(2),
            ..Timing::default()
        },
        releases: Some(false),
        termination_grace: Micros::from_secs(10),
        source: "controller-runtime pkg/manager/internal.go; kubebuilder testdata/project-v4 cmd/main.go, \
            config/manager/manager.yaml",
    };
    Profile {
        system: System::Operator,
        succession: Succession::Election(elects),
        before: vec![Step::up_to("shutdown", "runnables stop", Micros::SECOND).limited(GRACEFUL_SHUTDOWN).assumed(
            "Reconciles that have begun are waited for, 30 s at most, and only then the election ends.",
            "assumed; controller-runtime pkg/manager/internal.go (engageStopProcedure)",
        )],
        after: vec![Step::up_to("cache-sync", "cache sync", Micros::SECOND).limited(CACHE_SYNC).assumed(
            "The controllers start, and list what they watch; the more objects, the longer.",
            "assumed; controller-runtime pkg/internal/controller/controller.go (Start), \
                pkg/controller/controller.go (CacheSyncTimeout)",
        )],
        serves: "the new leader reconciles",
        age: None,
        notes: vec![
            Note {
                id: "release-off-by-default",
                message: "A scaffolded operator does not release its Lease when it is stopped: \
                    LeaderElectionReleaseOnCancel stands in a comment, so a rolling update costs what a crash \
                    costs.",
                source: "kubebuilder testdata/project-v4 cmd/main.go",
            },
            Note {
                id: "killed-before-release",
                message: "The Lease is released only after everything has stopped, which may take 30 s, and the \
                    scaffold's Pod is killed after 10 s: reconciles that run longer make a graceful stop a crash.",
                source: "controller-runtime pkg/manager/internal.go (engageStopProcedure); kubebuilder \
                    testdata/project-v4 config/manager/manager.yaml",
            },
            Note {
                id: "first-reconciles",
                message: "Every object is reconciled once after a takeover, which is not counted; before \
                    controller-runtime 0.23, without a priority queue, new changes wait behind that.",
                source: "controller-runtime pkg/controller/controller.go (UsePriorityQueue)",
            },
            Note {
                id: "warmup",
                message: "With EnableWarmup (controller-runtime 0.22) a standby has its caches already: give \
                    --cache-sync 0s.",
                source: "controller-runtime pkg/controller/controller.go (EnableWarmup)",
            },
        ],
        guide: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::step::total;

    #[test]
    fn slow_reconciles_turn_a_graceful_stop_into_a_crash() {
        let mut profile = failover();
        assert!(!profile.can_be_killed());
        assert!(profile.set("shutdown", Micros::from_secs(9)));
        assert!(!profile.can_be_killed());
        assert!(profile.set("shutdown", Micros::from_secs(45)));
        assert!(profile.can_be_killed());
        assert_eq!(total(&profile.before).1, GRACEFUL_SHUTDOWN);
    }
}
