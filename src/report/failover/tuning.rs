//! `FailoverTuning`: settings that meet a target, and what they give up.

use jiff::Timestamp;
use serde::Serialize;

use super::{Head, Limit, Seconds, Simulation, Warning, round};
use crate::model::Micros;
use crate::sim::plan::Plan;
use crate::sim::tuning::Price;

/// Settings that meet a target.
#[derive(Clone, Debug, Serialize)]
pub struct FailoverTuning {
    #[serde(flatten)]
    head: Head,
    /// The target.
    pub target: Target,
    /// The setting that was given, whether it meets the target or not.
    pub current: Setting,
    /// Every setting that was tried and meets it.
    pub items: Vec<Tuned>,
    /// Those that no other beats in all of what they give up.
    pub front: Vec<Setting>,
    /// What to know.
    pub warnings: Vec<Warning>,
}

/// What is asked for, and under which assumptions.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The library.
    pub elector: &'static str,
    /// What happens.
    pub fault: String,
    /// The longest outage that is wanted.
    pub rto_seconds: Seconds,
    /// What of the outages has to stay within it.
    pub quantile: &'static str,
    /// How many API outages a month are assumed.
    pub outages_per_month: u32,
    /// How long they are on average.
    pub outage_mean_seconds: Seconds,
    /// How many settings were tried.
    pub tried: usize,
    /// The setting with the shortest outage, by a first look at each.
    pub closest: Option<Closest>,
    /// What happens, in a clause, for people.
    #[serde(skip)]
    pub clause: String,
}

/// The setting with the shortest outage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Closest {
    /// As it is typed: `client-go 4s/2s/1s`.
    pub timing: String,
    /// The wanted quantile of its outage.
    pub outage_seconds: Option<Seconds>,
}

impl Closest {
    /// A setting and its outage.
    #[must_use]
    pub fn new(plan: &Plan, outage: Micros) -> Self {
        Self { timing: plan.label(), outage_seconds: Some(outage.into()) }
    }
}

/// A simulation of a setting that meets the target.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tuned {
    /// The simulation.
    #[serde(flatten)]
    pub item: Simulation,
    /// How many failovers a month nobody needed, under the target's assumptions.
    pub false_failovers_per_month: f64,
}

/// A setting, and what it gives up.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setting {
    /// As it is typed: `15s/10s/2s`.
    #[serde(skip)]
    pub timing: String,
    /// How long a record counts after its last renewal.
    pub lease_duration_seconds: Option<Seconds>,
    /// How long a leader goes on trying to renew.
    pub renew_deadline_seconds: Option<Seconds>,
    /// How often a leader renews and a standby looks.
    pub retry_period_seconds: Option<Seconds>,
    /// How long before expiry a leader renews.
    pub grace_period_seconds: Option<Seconds>,
    /// The wanted quantile of the outage.
    pub outage_seconds: Option<Seconds>,
    /// The longest API outage that the leader surely survives.
    pub api_outage_seconds: Option<Limit>,
    /// How many failovers a month nobody needed.
    pub false_failovers_per_month: f64,
    /// How many writes a minute.
    pub writes_per_minute: f64,
}

impl FailoverTuning {
    /// A document; `front` holds positions of `items`.
    #[must_use]
    pub fn new(
        at: Timestamp,
        context: Option<String>,
        target: Target,
        current: &Tuned,
        items: Vec<Tuned>,
        front: &[usize],
    ) -> Self {
        let current = setting(current, &target);
        let front = front.iter().filter_map(|position| items.get(*position)).map(|tuned| setting(tuned, &target));
        let front = front.collect();
        let mut warnings: Vec<Warning> = Vec::new();
        for warning in items.iter().flat_map(|tuned| &tuned.item.warnings).filter(|warning| !warning.counts()) {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        Self { head: Head::new("FailoverTuning", at, context), target, current, items, front, warnings }
    }
}

impl Target {
    /// A target for the library and the fault of a plan.
    #[must_use]
    pub fn new(
        plan: &Plan,
        rto: Seconds,
        quantile: &'static str,
        outages: (u32, Seconds),
        tried: usize,
        closest: Option<Closest>,
    ) -> Self {
        Self {
            elector: plan.name.as_str(),
            fault: plan.question.to_string(),
            rto_seconds: rto,
            quantile,
            outages_per_month: outages.0,
            outage_mean_seconds: outages.1,
            tried,
            closest,
            clause: plan.clause(),
        }
    }
}

impl Tuned {
    /// A simulation with its price.
    #[must_use]
    pub fn new(item: Simulation, price: &Price) -> Self {
        Self { item, false_failovers_per_month: round(price.false_failovers, 4) }
    }
}

fn setting(tuned: &Tuned, target: &Target) -> Setting {
    let Tuned { item, false_failovers_per_month } = tuned;
    let parameters = &item.parameters;
    let outage = &item.outage_seconds;
    Setting {
        timing: parameters.timing(),
        lease_duration_seconds: parameters.lease_duration_seconds,
        renew_deadline_seconds: parameters.renew_deadline_seconds,
        retry_period_seconds: parameters.retry_period_seconds,
        grace_period_seconds: parameters.grace_period_seconds,
        outage_seconds: match target.quantile {
            "p50" => outage.p50,
            "p95" => outage.p95,
            "p99" => outage.p99,
            _ => outage.max,
        },
        api_outage_seconds: item.tolerates.api_outage_seconds,
        false_failovers_per_month: *false_failovers_per_month,
        writes_per_minute: item.cost.writes_per_minute,
    }
}
