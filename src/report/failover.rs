//! `FailoverSimulation`, `FailoverComparison`, `FailoverTuning`: what simulated failovers came to.

mod spread;
mod story;
mod system;
mod tuning;
mod warning;

use jiff::Timestamp;
use serde::Serialize;

use super::{API_VERSION, Instant, Seconds};
use crate::elector::catalogue::{Name, Times};
use crate::elector::setup::Setup;
use crate::elector::{Bound, Rhythm};
use crate::model::{Election, Micros};
use crate::sim::plan::{Plan, Played};

pub use spread::{Confidence, Histogram, Phase, Spread};
pub use story::{Line, Track};
pub use system::{ClaimItem, GuideItem, GuideMoment, StepItem, SystemItem};
pub use tuning::{Closest, FailoverTuning, Setting, Target, Tuned};
pub use warning::Warning;

/// A document about one simulation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailoverSimulation {
    #[serde(flatten)]
    head: Head,
    /// The simulation.
    #[serde(flatten)]
    pub item: Simulation,
}

/// A document about several, side by side or along a sweep.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailoverComparison {
    #[serde(flatten)]
    head: Head,
    /// What was varied; `null` where the settings were named one by one.
    pub swept: Option<&'static str>,
    /// The simulations.
    pub items: Vec<Simulation>,
    /// Settings that the library would not start with, and why.
    pub refused: Vec<Refused>,
}

/// A setting that a library would not start with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The setting.
    pub setting: String,
    /// The rule that it breaks.
    pub reason: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    api_version: &'static str,
    kind: &'static str,
    generated_at: Instant,
    context: Option<String>,
}

/// One simulation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Simulation {
    /// The Election whose values were taken; `null` where none was named.
    pub election: Option<ElectionRef>,
    /// What was played.
    pub parameters: Parameters,
    /// The system's own part, if it is of one that hactl knows.
    pub system: Option<SystemItem>,
    /// From the fault to another's start, where another started first.
    pub takeover_seconds: Spread,
    /// How long nobody acted.
    pub leaderless_seconds: Spread,
    /// How long two acted at once.
    pub overlap_seconds: Spread,
    /// How long the system did not serve.
    pub outage_seconds: Spread,
    /// In what share of the trials the old leader started again first.
    pub by_self_share: f64,
    /// The parts of an outage.
    pub phases: Vec<Phase>,
    /// How the takeovers, or where there are none the outages, are distributed.
    pub distribution: Option<Histogram>,
    /// The trial in the middle.
    pub timeline: Vec<Line>,
    /// The slowest.
    pub worst: Vec<Line>,
    /// Who acted when in the trial in the middle; for pictures.
    #[serde(skip)]
    pub tracks: Vec<Track>,
    /// What the setting bears.
    pub tolerates: Tolerates,
    /// What it costs without any fault.
    pub cost: Cost,
    /// What to know.
    pub warnings: Vec<Warning>,
}

/// An Election by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ElectionRef {
    /// Its namespace.
    pub namespace: String,
    /// Its Lease.
    pub lease: Option<String>,
}

/// What was played.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// The library, with its version where it matters; `null` for a system without an election.
    pub elector: Option<&'static str>,
    /// `measured` against the real library, or only `read`.
    pub model: &'static str,
    /// How long a record counts after its last renewal.
    pub lease_duration_seconds: Option<Seconds>,
    /// How long a leader goes on trying to renew.
    pub renew_deadline_seconds: Option<Seconds>,
    /// How often a leader renews and a standby looks.
    pub retry_period_seconds: Option<Seconds>,
    /// How long before expiry a leader renews.
    pub grace_period_seconds: Option<Seconds>,
    /// Where each of these comes from.
    pub sources: Sources,
    /// Replicas beside the leader.
    pub standbys: u8,
    /// What happened, as it is typed.
    pub fault: String,
    /// What a new leader needs before it serves.
    pub warmup_seconds: Seconds,
    /// After how long a process that ended by itself was started again; `null` for never.
    pub restart_seconds: Option<Seconds>,
    /// Whether a process that started again had another identity.
    pub new_identity: bool,
    /// What a request takes one way, and its answer back: at least and at most.
    pub api_latency_seconds: [Seconds; 2],
    /// What share of the requests the API answered with an error.
    pub api_error_share: f64,
    /// How far the standbys' wall clocks were ahead.
    pub skew_seconds: Seconds,
    /// How many trials.
    pub trials: u32,
    /// Which.
    pub seed: u64,
    /// When a trial's story ended at the latest.
    pub horizon_seconds: Seconds,
    /// It in a clause, for people.
    #[serde(skip)]
    pub clause: String,
    /// Whether the values are those of a real Election, so that what was inferred has to be marked.
    #[serde(skip)]
    pub observed: bool,
}

/// Where the values of a timing come from.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sources {
    /// Of the lease duration.
    pub lease_duration_seconds: &'static str,
    /// Of the renew deadline.
    pub renew_deadline_seconds: &'static str,
    /// Of the retry period.
    pub retry_period_seconds: &'static str,
    /// Of the grace period.
    pub grace_period_seconds: &'static str,
}

/// What a setting bears.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tolerates {
    /// The longest API outage that the leader surely survives.
    pub api_outage_seconds: Option<Limit>,
    /// By how much a standby's clock may be ahead.
    pub clock_skew_seconds: Option<Limit>,
}

/// A bound: a number of seconds, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Limit {
    /// Up to this.
    UpTo(Seconds),
    /// However much: the word `unlimited`.
    Unlimited(&'static str),
}

/// What a setting costs without any fault.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Writes to the Lease.
    pub writes_per_minute: f64,
}

impl FailoverSimulation {
    /// A document.
    #[must_use]
    pub fn new(at: Timestamp, context: Option<String>, item: Simulation) -> Self {
        Self { head: Head::new("FailoverSimulation", at, context), item }
    }
}

impl FailoverComparison {
    /// A document.
    #[must_use]
    pub fn new(
        at: Timestamp,
        context: Option<String>,
        swept: Option<&'static str>,
        items: Vec<Simulation>,
        refused: Vec<Refused>,
    ) -> Self {
        Self { head: Head::new("FailoverComparison", at, context), swept, items, refused }
    }
}

impl Head {
    fn new(kind: &'static str, at: Timestamp, context: Option<String>) -> Self {
        Self { api_version: API_VERSION, kind, generated_at: Instant(at), context }
    }
}

impl Simulation {
    /// What a plan came to.
    #[must_use]
    pub fn new(plan: &Plan, election: Option<&Election>, played: &Played) -> Self {
        let outcome = &played.outcome;
        let setup = plan.setup();
        let (tolerance, elects) = (setup.tolerates(), plan.replacement().is_none());
        let share = |count: u64| round(count as f64 / outcome.trials.max(1) as f64, 6);
        Self {
            election: election.map(|election| ElectionRef {
                namespace: election.namespace.clone(),
                lease: election.lease_name().map(str::to_owned),
            }),
            parameters: Parameters::new(plan, election.is_some()),
            system: SystemItem::of(plan),
            takeover_seconds: Spread::partial(outcome.takeover.as_ref(), outcome),
            leaderless_seconds: Spread::total(outcome.leaderless.as_ref(), outcome.leaderless_at_end, outcome),
            overlap_seconds: Spread::total(outcome.overlap.as_ref(), outcome.overlapping_at_end, outcome),
            outage_seconds: Spread::total(outcome.outage.as_ref(), outcome.leaderless_at_end, outcome),
            by_self_share: share(outcome.by_self),
            phases: Phase::all(outcome),
            distribution: Histogram::of(outcome),
            timeline: story::lines(&played.typical),
            worst: story::lines(&played.worst),
            tracks: story::tracks(&played.typical),
            tolerates: Tolerates {
                // The bound is that of an API that answers at once.
                api_outage_seconds: (elects && plan.latency.high == Micros::ZERO).then(|| Limit::of(tolerance.outage)),
                clock_skew_seconds: elects.then(|| Limit::of(tolerance.skew)),
            },
            cost: if elects { Cost::of(setup) } else { Cost { writes_per_minute: 0.0 } },
            warnings: warning::all(plan, outcome),
        }
    }
}

impl Parameters {
    fn new(plan: &Plan, observed: bool) -> Self {
        let seconds = Seconds::from;
        let elects = plan.replacement().is_none();
        let times = if elects { plan.times } else { Times::default() };
        Self {
            elector: elects.then(|| plan.name.as_str()),
            model: if elects { model(plan.name) } else { "read" },
            lease_duration_seconds: times.lease_duration.map(seconds),
            renew_deadline_seconds: times.renew_deadline.map(seconds),
            retry_period_seconds: times.retry_period.map(seconds),
            grace_period_seconds: times.grace_period.map(seconds),
            sources: Sources {
                lease_duration_seconds: plan.sources.lease_duration.as_str(),
                renew_deadline_seconds: plan.sources.renew_deadline.as_str(),
                retry_period_seconds: plan.sources.retry_period.as_str(),
                grace_period_seconds: plan.sources.grace_period.as_str(),
            },
            standbys: plan.standbys,
            fault: plan.question.to_string(),
            warmup_seconds: seconds(plan.warmup),
            restart_seconds: plan.restart.map(Seconds::from),
            new_identity: plan.new_identity,
            api_latency_seconds: [seconds(plan.latency.low), seconds(plan.latency.high)],
            api_error_share: f64::from(plan.errors) / 1e6,
            skew_seconds: seconds(plan.skew),
            trials: plan.trials,
            seed: plan.seed,
            horizon_seconds: seconds(plan.horizon()),
            clause: plan.clause(),
            observed,
        }
    }

    /// The timing in a word: `15s/10s/2s`, or `30s/5s`; `?` marks what was inferred.
    #[must_use]
    pub fn timing(&self) -> String {
        let values = [
            (self.lease_duration_seconds, self.sources.lease_duration_seconds),
            (self.renew_deadline_seconds, self.sources.renew_deadline_seconds),
            (self.retry_period_seconds, self.sources.retry_period_seconds),
            (self.grace_period_seconds, self.sources.grace_period_seconds),
        ];
        let told = |(value, source): &(Option<Seconds>, &str)| {
            let mark = if self.observed && ["default", "measured"].contains(source) { "?" } else { "" };
            value.map(|value| format!("{}s{mark}", value.0.as_secs_f64()))
        };
        values.iter().filter_map(told).collect::<Vec<_>>().join("/")
    }
}

fn model(name: Name) -> &'static str {
    if name.measured() { "measured" } else { "read" }
}

impl Limit {
    fn of(bound: Bound) -> Self {
        match bound {
            Bound::UpTo(time) => Self::UpTo(time.into()),
            Bound::Unlimited => Self::Unlimited("unlimited"),
        }
    }
}

impl Cost {
    fn of(setup: Setup) -> Self {
        let Rhythm { renewal, .. } = setup.rhythm();
        Self { writes_per_minute: round(60.0 / renewal.as_secs_f64(), 3) }
    }
}

/// So many decimals and no more: the last bits of a float mean nothing to a reader.
fn round(value: f64, decimals: i32) -> f64 {
    let unit = 10f64.powi(decimals);
    (value * unit).round() / unit
}
