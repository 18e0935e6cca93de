//! `--rto`: settings that meet a target, and what they give up.

use super::play::play;
use super::several::context;
use crate::cli::failover::{Failover, Quantile};
use crate::clock::generated_at;
use crate::elector::catalogue::Times;
use crate::error::Result;
use crate::model::timing::Source;
use crate::model::{Election, Micros};
use crate::report::Seconds;
use crate::report::failover::{Closest, FailoverTuning, Simulation, Target, Tuned};
use crate::sim::plan::{Plan, Sources};
use crate::sim::question::Question;
use crate::sim::tuning::{Price, candidates, front};
use crate::sim::{Met, Spread};
use crate::terminal::Progress;

/// Trials for each setting, unless a number is given: enough to tell a 99th percentile to about a tenth of a second.
pub(super) const TRIALS: u32 = 10_000;

/// The share of false failovers needs fewer: it is an estimate under an assumption.
const OUTAGES: u32 = 4_000;

/// A first look drops what is far from the target.
const FIRST_LOOK: u32 = 1_000;

/// Tries what may meet the target.
pub(super) async fn tune(
    args: &Failover,
    target: Micros,
    election: Option<&Election>,
    base: &Plan,
    threads: u32,
) -> Result<FailoverTuning> {
    let tried = candidates(base.name, target);
    let progress = Progress::counting("trying settings", tried.len());
    let (mut items, mut prices, mut closest) = (Vec::new(), Vec::new(), None);
    for times in &tried {
        let plan = Plan { times: *times, sources: chosen(times), ..base.clone() };
        let first = play(&Plan { trials: plan.trials.min(FIRST_LOOK), ..plan.clone() }, threads).await;
        // The median is told well enough by the first look; what fails it by far needs no second.
        progress.step();
        let Some(outage) = first.outcome.outage else { continue };
        let seen = quantile(&outage, args.quantile);
        if closest.as_ref().is_none_or(|(best, _)| seen < *best) {
            closest = Some((seen, plan.clone()));
        }
        let hopeless = outage.p50 > target;
        if hopeless {
            continue;
        }
        let played = play(&plan, threads).await;
        // Two leaders are worse than none: whatever makes them meets no target.
        let meets = |outage: Spread| quantile(&outage, args.quantile) <= target;
        if played.outcome.overlapped() || !played.outcome.outage.is_some_and(meets) {
            continue;
        }
        let outage = played.outcome.outage.map_or(Micros::NEVER, |outage| quantile(&outage, args.quantile));
        let price = price(&plan, args, outage, threads).await;
        items.push(Tuned::new(Simulation::new(&plan, election, &played), &price));
        prices.push(price);
    }
    let now = play(base, threads).await;
    let outage = now.outcome.outage.map_or(Micros::NEVER, |outage| quantile(&outage, args.quantile));
    let current = Tuned::new(Simulation::new(base, election, &now), &price(base, args, outage, threads).await);
    let seconds = Seconds::from;
    let outages = (args.outages_per_month, seconds(args.outage_mean));
    let closest = closest.map(|(outage, plan)| Closest::new(&plan, outage));
    let target = Target::new(base, seconds(target), name(args.quantile), outages, tried.len(), closest);
    Ok(FailoverTuning::new(generated_at(), context(election), target, &current, items, &front(&prices)))
}

/// What a setting gives up: its false failovers are those of API outages whose lengths are drawn.
async fn price(plan: &Plan, args: &Failover, outage: Micros, threads: u32) -> Price {
    let question = Question::AnyOutage(args.outage_mean, Met::Refused);
    let outages = Plan { question, trials: plan.trials.min(OUTAGES), profile: None, ..plan.clone() };
    let played = play(&outages, threads).await;
    let share = played.outcome.lost as f64 / played.outcome.trials.max(1) as f64;
    let setup = plan.setup();
    Price {
        tolerance: setup.tolerates(),
        false_failovers: share * f64::from(args.outages_per_month),
        writes: 60.0 / setup.rhythm().renewal.as_secs_f64(),
        outage,
    }
}

fn quantile(spread: &Spread, quantile: Quantile) -> Micros {
    match quantile {
        Quantile::P50 => spread.p50,
        Quantile::P95 => spread.p95,
        Quantile::P99 => spread.p99,
        Quantile::Max => spread.max,
    }
}

fn name(quantile: Quantile) -> &'static str {
    match quantile {
        Quantile::P50 => "p50",
        Quantile::P95 => "p95",
        Quantile::P99 => "p99",
        Quantile::Max => "max",
    }
}

/// Every value was chosen here.
fn chosen(times: &Times) -> Sources {
    let source = |value: Option<Micros>| if value.is_some() { Source::Flag } else { Source::Unknown };
    Sources {
        lease_duration: source(times.lease_duration),
        renew_deadline: source(times.renew_deadline),
        retry_period: source(times.retry_period),
        grace_period: source(times.grace_period),
    }
}
