//! klag-exporter 0.1.29: a new leader collects at its next poll tick, and Prometheus scrapes it after that.

pub mod command_line;
pub mod config;

use super::System;
use super::guide::{Claim, Guide, Moment};
use super::profile::{Elects, Note, Profile, Succession, by_default};
use super::step::Step;
use crate::model::elector::{Confidence, Library};
use crate::model::pod::Container;
use crate::model::timing::Timing;
use crate::model::{Micros, Pod};

const GUIDE: Guide = Guide {
    source: "klag-exporter docs/high-availability.md (0.1.15)",
    timeline: &[
        Moment {
            at: Micros::ZERO,
            says: "the leader crashes",
            happens: "up to 10 s after its last renewal: it renews every lease duration − grace period",
        },
        Moment {
            at: Micros::from_secs(5),
            says: "a renewal is missed",
            happens: "the next renewal would have come up to 10 s after the crash; the grace period is no interval, \
                but what is left then",
        },
        Moment {
            at: Micros::from_secs(15),
            says: "the Lease expires",
            happens: "15 s after the last renewal, which is 5 to 15 s after the crash",
        },
        Moment {
            at: Micros::from_secs(15),
            says: "a standby takes it, and leads",
            happens: "0.1 to 1 s after the expiry, which it waits at random",
        },
        Moment {
            at: Micros::from_secs(16),
            says: "the new leader collects",
            happens: "at its next poll tick, up to 30 s after it leads",
        },
    ],
    claims: &[
        Claim::new("overview", (15, 5), (15, 30)),
        Claim::new("timeline", (15, 5), (15, 20)),
        Claim::new("fast failover", (10, 3), (10, 13)),
        Claim::new("balanced (default)", (15, 5), (15, 20)),
        Claim::new("stable (flaky network)", (30, 10), (30, 40)),
    ],
};

/// Where a Pod can be asked whether it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its HTTP port.
    pub port: u16,
    /// The path; its answer is JSON.
    pub path: &'static str,
    /// The field of the answer, which is a truth value.
    pub field: &'static str,
}

/// What it listens on unless it is told otherwise (klag-exporter 0.1.29).
const DEFAULT_PORT: u16 = 8000;

/// `/leader` of klag-exporter answers `{"is_leader":true}` or `false`, whether it is Ready or not
/// (`src/http/server.rs`). Its port is the one at which it is probed.
pub(super) fn endpoint(pod: &Pod) -> Option<Endpoint> {
    let own = |one: &&Container| one.name == NAME || super::image_name(&one.image) == NAME;
    let container = pod.containers.iter().find(own)?;
    Some(Endpoint { port: container.http_port.unwrap_or(DEFAULT_PORT), path: "leader", field: "is_leader" })
}

/// Its image's name, and its container's in its own chart.
pub(super) const NAME: &str = "klag-exporter";

/// What a failover means to klag-exporter.
pub(super) fn failover() -> Profile {
    let elects = Elects {
        library: Library::KubeLeaseManager,
        version: Some("0.8"),
        confidence: Confidence::Certain,
        timing: Timing { lease_duration: by_default(15), grace_period: by_default(5), ..Timing::default() },
        releases: Some(true),
        // The chart sets none: Kubernetes' own default.
        termination_grace: Micros::from_secs(30),
        source: "klag-exporter Cargo.lock, src/config.rs (default_lease_duration, default_grace_period), src/main.rs",
    };
    Profile {
        system: System::KlagExporter,
        succession: Succession::Election(elects),
        before: vec![
            // The same id as below: what a collection takes.
            Step::up_to("collection", "collection ends", Micros::SECOND).limited(Micros::from_secs(10)).assumed(
                "A collection that has begun is waited for, 10 s at most, and only then the Lease is released.",
                "klag-exporter src/main.rs (async_main), src/cluster/manager.rs (run)",
            ),
        ],
        after: vec![
            Step::up_to("poll-interval", "poll tick", Micros::from_secs(30)).default(
                "A standby's poll ticks go on, and only at a tick does it see that it leads.",
                "klag-exporter src/cluster/manager.rs (run), src/config.rs (default_poll_interval)",
            ),
            Step::up_to("collection", "collection", Micros::SECOND).assumed(
                "Offsets are read from Kafka; kafka_lag_exporter_scrape_duration_seconds tells how long that takes.",
                "assumed from the guide's timeline; klag-exporter src/cluster/manager.rs (collect_once)",
            ),
            Step::up_to("readiness-period", "readiness", Micros::from_secs(10)).aside().default(
                "The kubelet sees /ready answer 200, and the Service sends requests to the Pod.",
                "klag-exporter helm/klag-exporter/values.yaml; kubernetes pkg/apis/core/v1/defaults.go (PeriodSeconds)",
            ),
            Step::up_to("scrape-interval", "scrape", Micros::from_secs(30)).default(
                "Prometheus scrapes the Pod: every 30 s with the chart's ServiceMonitor.",
                "klag-exporter helm/klag-exporter/templates/servicemonitor.yaml",
            ),
        ],
        serves: "Prometheus has lag from the new leader",
        age: None,
        notes: vec![
            Note {
                id: "standby-never-ready",
                message: "/ready of a standby answers 503 by design, so one replica is Ready at most: an eviction \
                    of the leader fails under a PodDisruptionBudget that asks for one.",
                source: "klag-exporter src/http/server.rs (ready_handler)",
            },
            Note {
                id: "scrape-ignores-readiness",
                message: "A ServiceMonitor scrapes Pods that are not Ready, too, so readiness adds nothing; where \
                    the scrape goes through the Service or keeps only Ready Pods, give --step readiness-period=5s.",
                source: "prometheus discovery/kubernetes/endpointslice.go",
            },
            Note {
                id: "collection-limit",
                message: "A collection is cut off after the poll interval less 5 s (after the poll interval, if \
                    that is 10 s or less), and tried again at the next tick.",
                source: "klag-exporter src/cluster/manager.rs (collection_timeout)",
            },
            Note {
                id: "time-lag-later",
                message: "Lag in seconds is missing for at least one more poll interval: its rate needs two \
                    collections, and a standby makes none.",
                source: "klag-exporter src/collector/rate_sampler.rs (compute_rate)",
            },
            Note {
                id: "restart-waits-a-poll",
                message: "A leader whose container restarts in place leads again at once, but its first poll tick may \
                    come before it knows: it can take a whole poll interval until it collects.",
                source: "klag-exporter src/main.rs (create_leadership_provider), src/cluster/manager.rs (run)",
            },
            Note {
                id: "standby-without-election",
                message: "A replica whose first request to the API fails stays a standby for ever, and its liveness \
                    says nothing: it will not take over.",
                source: "klag-exporter src/leadership/kubernetes.rs (run_election)",
            },
        ],
        guide: Some(GUIDE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elector::kube_lease_manager::{Edition, KubeLeaseManager};
    use crate::sim::{self, Fault, Scenario};
    use crate::system::step::total;

    const fn secs(seconds: i64) -> Micros {
        Micros::from_secs(seconds)
    }

    #[test]
    fn a_poll_tick_and_a_scrape_can_cost_a_minute_more_than_the_election() {
        let mut profile = failover();
        assert_eq!(total(&profile.after), (secs(0), secs(30 + 1 + 30)));
        assert!(profile.set("readiness-period", secs(5)));
        assert_eq!(total(&profile.after).1, secs(30 + 1 + 5 + 30));
        assert!(profile.set("poll-interval", secs(10)) && profile.set("scrape-interval", secs(15)));
        assert_eq!(total(&profile.after).1, secs(10 + 1 + 5 + 15));
    }

    #[test]
    fn a_graceful_stop_waits_ten_seconds_for_a_collection_at_most() {
        let mut profile = failover();
        assert!(profile.set("collection", secs(25)));
        assert_eq!(total(&profile.before), (secs(0), secs(10)));
        assert_eq!(profile.after[1].high, secs(25));
        assert!(!profile.can_be_killed());
    }

    /// The guide counts a lease duration from the crash, the elector from the last renewal. So a standby leads from
    /// grace period + 0.1 s to lease duration + 1 s after the crash: earlier than any row says. With the wait for a
    /// poll tick, metrics can come later than any row says.
    #[test]
    fn no_row_of_the_guide_is_what_the_elector_does() {
        let poll = failover().after[0].high;
        for claim in GUIDE.claims {
            let elector = KubeLeaseManager::new(claim.lease_duration, claim.grace_period, Edition::Before0_11_1);
            let took =
                sim::run(&Scenario::new(elector, Fault::Crash), 20_000, 1).takeover.expect("a standby takes over");
            let bounds = claim.takeover();
            let near = |seen: Micros, bound: Micros| (seen - bound).get().abs() < 300_000;
            assert!(near(took.min, bounds.0) && near(took.max, bounds.1), "{}: {took:?}", claim.name);
            assert!(took.min < claim.low && took.max < claim.high && claim.high < took.max + poll, "{}", claim.name);
        }
    }

    #[test]
    fn the_timeline_is_the_default_timing() {
        let at: Vec<i64> = GUIDE.timeline.iter().map(|moment| moment.at.whole_seconds()).collect();
        assert_eq!(at, [0, 5, 15, 15, 16]);
    }
}
