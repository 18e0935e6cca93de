//! Several simulations: settings side by side, and one value along a range.

use super::options::sound;
use super::play::play;
use crate::cli::failover::Failover;
use crate::clock::generated_at;
use crate::elector::catalogue::Times;
use crate::error::{Error, Result};
use crate::model::timing::Source;
use crate::model::{Election, Micros};
use crate::report::failover::{FailoverComparison, Refused, Simulation};
use crate::sim::contender::Contender;
use crate::sim::plan::{Plan, Sources};
use crate::sim::sweep::{Knob, Sweep};
use crate::terminal::Progress;

/// Plays several plans, and says which ones no library would start with.
async fn all(plans: Vec<Plan>, election: Option<&Election>, threads: u32) -> (Vec<Simulation>, Vec<Refused>) {
    let (mut items, mut refused) = (Vec::new(), Vec::new());
    let progress = Progress::counting("simulating", plans.len());
    for plan in plans {
        match plan.check() {
            Ok(()) => {
                let played = play(&plan, threads).await;
                items.push(Simulation::new(&plan, election, &played));
            }
            Err(broken) => refused.push(Refused { setting: plan.label(), reason: broken.to_string() }),
        }
        progress.step();
    }
    (items, refused)
}

/// `--compare`: every setting has to be one that its library would start with.
pub(super) async fn compare(
    args: &Failover,
    election: Option<&Election>,
    base: &Plan,
    threads: u32,
) -> Result<FailoverComparison> {
    let with = |contender: &Contender| {
        let Contender { name, named, times } = *contender;
        // Values alone are those of the library at hand, if it is timed like that.
        let alike = !named && base.name.timed_by() == name.timed_by();
        let name = if alike { base.name } else { name };
        let given = |value: Option<Micros>, default: Option<Micros>| match (value, default) {
            (Some(_), _) => Source::Flag,
            (None, Some(_)) => Source::Default,
            (None, None) => Source::Unknown,
        };
        let defaults = name.defaults();
        let sources = Sources {
            lease_duration: given(times.lease_duration, defaults.lease_duration),
            renew_deadline: given(times.renew_deadline, defaults.renew_deadline),
            retry_period: given(times.retry_period, defaults.retry_period),
            grace_period: given(times.grace_period, defaults.grace_period),
        };
        sound(Plan { name, times: times.or(defaults), sources, ..base.clone() })
    };
    let mut plans: Vec<_> = args.compare.iter().map(with).collect::<Result<_>>()?;
    if election.is_some() {
        // What there is now comes first.
        plans.insert(0, base.clone());
    }
    let (items, refused) = all(plans, election, threads).await;
    Ok(FailoverComparison::new(generated_at(), context(election), None, items, refused))
}

/// `--sweep`: where a library would not start with some of the values, that is said, and the others are played.
pub(super) async fn sweep(
    sweep: &Sweep,
    args: &Failover,
    election: Option<&Election>,
    base: &Plan,
    threads: u32,
) -> Result<FailoverComparison> {
    let plans: Vec<_> = sweep.values.iter().map(|value| turned(base.clone(), args, sweep.knob, *value)).collect();
    if let Some(reason) = alien(base, sweep.knob) {
        return Err(Error::usage(reason));
    }
    let (items, refused) = all(plans, election, threads).await;
    match (items.is_empty(), refused.first()) {
        (true, Some(first)) => Err(Error::usage(format!("{} can run with none of these: {}", base.name, first.reason))),
        _ => Ok(FailoverComparison::new(generated_at(), context(election), Some(sweep.knob.as_str()), items, refused)),
    }
}

/// Why this knob means nothing to the library.
fn alien(plan: &Plan, knob: Knob) -> Option<String> {
    let missing = match knob {
        Knob::LeaseDuration | Knob::Standbys => false,
        Knob::RenewDeadline => plan.times.renew_deadline.is_none(),
        Knob::RetryPeriod => plan.times.retry_period.is_none(),
        Knob::GracePeriod => plan.times.grace_period.is_none(),
    };
    missing.then(|| format!("{} has no {}", plan.name, knob.as_str().replace('-', " ")))
}

/// The plan with one value changed. With the lease duration the library's other values keep their proportion to it,
/// in whole seconds, unless a flag sets them.
fn turned(mut plan: Plan, args: &Failover, knob: Knob, value: Micros) -> Plan {
    let times = &mut plan.times;
    match knob {
        Knob::Standbys => plan.standbys = u8::try_from(value.whole_seconds()).unwrap_or(99),
        Knob::RenewDeadline => (times.renew_deadline, plan.sources.renew_deadline) = (Some(value), Source::Flag),
        Knob::RetryPeriod => (times.retry_period, plan.sources.retry_period) = (Some(value), Source::Flag),
        Knob::GracePeriod => (times.grace_period, plan.sources.grace_period) = (Some(value), Source::Flag),
        Knob::LeaseDuration => {
            let before = *times;
            let scaled = |now: Option<Micros>| now.map(|now| in_proportion(now, before.lease_duration, value));
            *times = Times {
                lease_duration: Some(value),
                renew_deadline: if args.renew_deadline.is_some() {
                    times.renew_deadline
                } else {
                    scaled(times.renew_deadline)
                },
                retry_period: if args.retry_period.is_some() { times.retry_period } else { scaled(times.retry_period) },
                grace_period: if args.grace_period.is_some() { times.grace_period } else { scaled(times.grace_period) },
            };
            // What follows in proportion was chosen here, as much as what was given.
            let chosen = |value: Option<Micros>| if value.is_some() { Source::Flag } else { Source::Unknown };
            plan.sources = Sources {
                lease_duration: Source::Flag,
                renew_deadline: chosen(plan.times.renew_deadline),
                retry_period: chosen(plan.times.retry_period),
                grace_period: chosen(plan.times.grace_period),
            };
        }
    }
    plan
}

fn in_proportion(value: Micros, from: Option<Micros>, to: Micros) -> Micros {
    let from = from.map_or(1, Micros::get).max(1);
    let scaled = i128::from(value.get()) * i128::from(to.get()) / i128::from(from);
    let seconds = Micros::new(i64::try_from(scaled).unwrap_or(i64::MAX)).whole_seconds();
    Micros::from_secs(seconds.max(1))
}

pub(super) fn context(election: Option<&Election>) -> Option<String> {
    election.and_then(|election| election.context.clone())
}
