//! Reports as they could be, to be shown in tests.

use jiff::{SignedDuration, Timestamp};

use crate::model::Micros;
use crate::report::Seconds;
use crate::report::failover::{
    Confidence, Cost, ElectionRef, FailoverComparison, FailoverSimulation, FailoverTuning, Histogram, Limit, Line,
    Parameters, Phase, Refused, Simulation, Sources, Spread, Target, Tolerates, Track, Tuned, Warning,
};

/// What someone could call things to break a page.
pub(super) const HOSTILE: &str = "</title></style></text><script>alert(1)</script>\"' onload=x & ]]> -->";

pub(super) fn seconds(seconds: f64) -> Seconds {
    Seconds(SignedDuration::from_millis((seconds * 1000.0).round() as i64))
}

pub(super) fn spread(p50: f64, share: f64) -> Spread {
    let around = |value: f64| Some([seconds(value - 0.01), seconds(value + 0.01)]);
    let value = |part: f64| Some(seconds(p50 * part));
    Spread {
        min: value(0.7),
        mean: value(1.01),
        p50: value(1.0),
        p95: value(1.2),
        p99: value(1.25),
        max: value(1.4),
        share,
        censored_share: 0.0,
        confidence95: Confidence {
            mean: around(p50 * 1.01),
            p50: around(p50),
            p95: around(p50 * 1.2),
            p99: around(p50 * 1.25),
            share: [share * 0.99, (share * 1.01).min(1.0)],
        },
    }
}

fn none() -> Spread {
    let mut none = spread(0.0, 0.0);
    none.confidence95.share = [0.0, 0.001];
    none
}

fn track(actor: &str, spans: &[(Option<f64>, Option<f64>)]) -> Track {
    let at = |at: Option<f64>| at.map(|at| Micros::from_millis((at * 1000.0) as i64));
    Track { actor: actor.to_owned(), spans: spans.iter().map(|(from, until)| (at(*from), at(*until))).collect() }
}

/// A crash: somebody takes over after 17 seconds.
pub(super) fn crash() -> Simulation {
    let takeover = spread(17.0, 1.0);
    let told = [
        (-1.5, "leader", "renews the Lease"),
        (0.0, "leader", "crashes"),
        (0.0, "leader", "ends"),
        (13.5, "Lease", "runs out"),
        (13.6, "standby-1", "looks for the first time since the Lease ran out"),
        (17.0, "standby-1", "takes the Lease"),
        (17.0, "standby-1", "acts as the leader"),
    ];
    let line = |(at, actor, event): &(f64, &str, &str)| Line {
        at_seconds: seconds(*at),
        actor: (*actor).to_owned(),
        event: (*event).to_owned(),
    };
    let phase = |name, of: Spread| Phase {
        name,
        min: of.min,
        mean: of.mean,
        p50: of.p50,
        p95: of.p95,
        p99: of.p99,
        max: of.max,
    };
    Simulation {
        election: None,
        system: None,
        parameters: Parameters {
            api_error_share: 0.0,
            elector: Some("client-go"),
            model: "measured",
            lease_duration_seconds: Some(seconds(15.0)),
            renew_deadline_seconds: Some(seconds(10.0)),
            retry_period_seconds: Some(seconds(2.0)),
            grace_period_seconds: None,
            sources: Sources {
                lease_duration_seconds: "lease",
                renew_deadline_seconds: "default",
                retry_period_seconds: "flag",
                grace_period_seconds: "unknown",
            },
            standbys: 1,
            fault: "crash".to_owned(),
            new_identity: true,
            restart_seconds: None,
            warmup_seconds: seconds(0.0),
            api_latency_seconds: [seconds(0.005), seconds(0.05)],
            skew_seconds: seconds(-1.0),
            trials: 1000,
            seed: 1,
            horizon_seconds: seconds(600.0),
            clause: "the leader crashes, and its Pod does not come back".to_owned(),
            observed: true,
        },
        takeover_seconds: takeover,
        leaderless_seconds: takeover,
        overlap_seconds: none(),
        outage_seconds: takeover,
        by_self_share: 0.0,
        phases: vec![phase("detection", spread(13.5, 1.0)), phase("election", spread(3.5, 1.0))],
        distribution: Some(Histogram {
            of: "takeover",
            from_seconds: seconds(12.0),
            bin_seconds: seconds(0.5),
            counts: vec![1, 5, 20, 60, 100, 80, 0, 0, 30, 10, 2, 1, 0, 0, 1],
        }),
        timeline: told.iter().map(line).collect(),
        worst: told.iter().map(line).collect(),
        tracks: vec![track("leader", &[(None, Some(0.0))]), track("standby-1", &[(Some(17.0), None)])],
        tolerates: Tolerates {
            api_outage_seconds: Some(Limit::UpTo(seconds(8.0))),
            clock_skew_seconds: Some(Limit::Unlimited("unlimited")),
        },
        cost: Cost { writes_per_minute: 30.0 },
        warnings: Vec::new(),
    }
}

/// Two leaders, for ten seconds.
pub(super) fn overlapping() -> Simulation {
    let mut item = crash();
    item.overlap_seconds = spread(10.0, 0.6);
    item.tracks[0].spans.push(track("", &[(Some(25.0), Some(35.0))]).spans[0]);
    item.warnings = vec![Warning { id: "two-leaders", message: "two leaders act at once".to_owned(), source: None }];
    item
}

/// Nobody ever takes over, and little is known.
pub(super) fn bare() -> Simulation {
    let mut item = crash();
    let nothing = Spread { min: None, mean: None, p50: None, p95: None, p99: None, max: None, ..none() };
    (item.takeover_seconds, item.outage_seconds, item.leaderless_seconds) = (nothing, nothing, nothing);
    (item.distribution, item.phases) = (None, Vec::new());
    (item.timeline, item.worst, item.tracks) = (Vec::new(), Vec::new(), Vec::new());
    item.tolerates = Tolerates { api_outage_seconds: None, clock_skew_seconds: None };
    item.parameters.elector = None;
    item
}

/// With names that would break a page, everywhere where one can stand.
pub(super) fn hostile() -> Simulation {
    let mut item = overlapping();
    let hostile = || HOSTILE.to_owned();
    item.election = Some(ElectionRef { namespace: hostile(), lease: Some(hostile()) });
    (item.parameters.fault, item.parameters.clause) = (hostile(), hostile());
    item.timeline.iter_mut().for_each(|line| (line.actor, line.event) = (hostile(), hostile()));
    item.worst = item.timeline.clone();
    item.tracks[1].actor = hostile();
    item.warnings = vec![Warning { id: "hostile", message: hostile(), source: None }];
    item
}

pub(super) fn simulation(item: Simulation) -> FailoverSimulation {
    FailoverSimulation::new(Timestamp::UNIX_EPOCH, Some("context".to_owned()), item)
}

pub(super) fn comparison(swept: Option<&'static str>, items: Vec<Simulation>) -> FailoverComparison {
    let refused = vec![Refused { setting: HOSTILE.to_owned(), reason: HOSTILE.to_owned() }];
    FailoverComparison::new(Timestamp::UNIX_EPOCH, None, swept, items, refused)
}

/// Settings whose outage grows, and with it what they tolerate.
pub(super) fn settings(leases: &[f64]) -> Vec<Simulation> {
    let setting = |lease: &f64| {
        let mut item = if *lease > 20.0 { overlapping() } else { crash() };
        item.parameters.lease_duration_seconds = Some(seconds(*lease));
        item.outage_seconds = spread(lease * 1.1, 1.0);
        item.tolerates.api_outage_seconds = Some(Limit::UpTo(seconds(lease / 2.0)));
        item
    };
    leases.iter().map(setting).collect()
}

pub(super) fn tuning(items: Vec<Simulation>) -> FailoverTuning {
    let target = Target {
        elector: "client-go",
        fault: "crash".to_owned(),
        rto_seconds: seconds(30.0),
        quantile: "p99",
        outages_per_month: 4,
        outage_mean_seconds: seconds(10.0),
        tried: 70,
        closest: None,
        clause: HOSTILE.to_owned(),
    };
    let front = if items.is_empty() { vec![] } else { vec![0, items.len() - 1] };
    let items: Vec<_> = items.into_iter().map(|item| Tuned { item, false_failovers_per_month: 0.5 }).collect();
    let current = Tuned { item: crash(), false_failovers_per_month: 0.5 };
    FailoverTuning::new(Timestamp::UNIX_EPOCH, None, target, &current, items, &front)
}
