//! What the flags and an Election come to: a plan that the library would start with, or the rule that it breaks.

use crate::cli::failover::Failover;
use crate::elector::catalogue::{Name, TimedBy, Times};
use crate::elector::kube_lease_manager::Edition;
use crate::error::{Error, Result};
use crate::model::elector::hostname_of;
use crate::model::timing::{Known, Source};
use crate::model::{Election, Micros};
use crate::sim::plan::{Plan, Sources};
use crate::sim::question::Question;
use crate::system::profile::Elects;
use crate::system::{Profile, System};

/// Played where no number is given.
const TRIALS: u32 = 100_000;

/// The plan that the flags ask for; with an Election, what is known of it stands where no flag does.
pub(super) fn plan(args: &Failover, election: Option<&Election>) -> Result<Plan> {
    let profile = profile(args, election)?;
    let elects = profile.as_ref().and_then(Profile::elects);
    let name = match (args.elector, election, elects) {
        (Some(name), ..) => name,
        (None, Some(election), _) => recognised(election)?,
        (None, None, Some(elects)) => system_elector(elects),
        (None, None, None) if args.grace_period.is_some() => Name::KubeLeaseManager(Edition::Since0_11_1),
        (None, None, None) => Name::ClientGo,
    };
    let flags = Times {
        lease_duration: args.lease_duration,
        renew_deadline: args.renew_deadline,
        retry_period: args.retry_period,
        grace_period: args.grace_period,
    };
    fits(name, flags)?;
    if profile.as_ref().is_some_and(|profile| profile.elects().is_none()) {
        of_one_pod(args, flags)?;
    }
    let (times, sources) = timing(name, flags, election, elects);
    let candidates = election.map_or(0, |election| election.candidates.len());
    let standbys = u8::try_from(candidates.saturating_sub(1)).unwrap_or(99);
    let plan = Plan {
        name,
        times,
        sources,
        standbys: args.standbys.unwrap_or(if candidates == 0 { 1 } else { standbys.min(99) }),
        question: args.what_if.map_or(args.fault, Question::Write),
        restart: args.restart,
        new_identity: args.new_identity || renamed(election, profile.as_ref()),
        releases: args.release_on_cancel,
        warmup: args.warmup.unwrap_or_default(),
        profile,
        latency: args.api_latency,
        errors: args.api_errors,
        skew: args.skew,
        trials: args.trials.unwrap_or(TRIALS),
        seed: args.seed,
    };
    sound(plan)
}

/// Refuses what means nothing to a system that is one Pod.
fn of_one_pod(args: &Failover, flags: Times) -> Result<()> {
    let several = args.rto.is_some() || args.sweep.is_some() || !args.compare.is_empty();
    if several || flags != Times::default() || args.elector.is_some() || args.standbys.is_some() {
        return Err(Error::usage(
            "federated-etl is one Pod without a Lease: it has no elector, no timing and no standbys",
        )
        .hint("ask for --fault crash, stop or node-loss, and set its steps with --step"));
    }
    Ok(())
}

/// Whether a process that starts again has another identity: `<hostname>_<uuid>` is made at its start, and
/// controller-runtime has no other (`pkg/leaderelection/leader_election.go`).
fn renamed(election: Option<&Election>, profile: Option<&Profile>) -> bool {
    match election.and_then(|election| election.holder.identity.as_deref()) {
        Some(identity) => hostname_of(identity).is_some(),
        None => profile.is_some_and(|profile| profile.system == System::Operator),
    }
}

/// The system and its steps, as the flags set them.
fn profile(args: &Failover, election: Option<&Election>) -> Result<Option<Profile>> {
    let Some(system) = args.system.or_else(|| election.and_then(|election| election.system)) else {
        return match args.steps.first() {
            None => Ok(None),
            Some((step, _)) => {
                Err(Error::usage(format!("--step {step} belongs to a system")).hint("name one with --system"))
            }
        };
    };
    let mut profile = system.failover();
    for (step, value) in &args.steps {
        if !profile.set(step, *value) {
            let known: Vec<_> = profile.settings().iter().map(|step| step.id).collect();
            return Err(Error::usage(format!("{} has no step {step} that can be set", system.as_str()))
                .hint(format!("it has {}", known.join(", "))));
        }
    }
    Ok(Some(profile))
}

/// The library that a system elects with.
fn system_elector(elects: &Elects) -> Name {
    let versioned = elects.version.map(|version| format!("{}@{version}", elects.library.as_str()));
    let named = versioned.and_then(|name| name.parse().ok());
    named.or_else(|| Name::of(elects.library)).unwrap_or(Name::ClientGo)
}

/// The plan, if the library would start with it.
pub(super) fn sound(plan: Plan) -> Result<Plan> {
    if plan.replacement().is_some() {
        if plan.asks_of_one_pod() {
            return Ok(plan);
        }
        return Err(Error::usage(format!(
            "--system federated-etl is one Pod without a Lease: {} means nothing to it",
            plan.question
        ))
        .hint("ask for crash, stop or node-loss"));
    }
    match plan.check() {
        Ok(()) => Ok(plan),
        Err(broken) => Err(Error::usage(format!("{} cannot run like this: {broken}", plan.name)).hint(others(plan))),
    }
}

/// What else can be changed where a rule is broken.
fn others(plan: Plan) -> String {
    let times = plan.times;
    let told = |name: &str, value: Option<Micros>| value.map(|value| format!("{name} {}", typed(value)));
    let all = [
        told("--lease-duration", times.lease_duration),
        told("--renew-deadline", times.renew_deadline),
        told("--retry-period", times.retry_period),
        told("--grace-period", times.grace_period),
    ];
    format!("these values were taken together: {}", all.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// A time as it is typed.
pub(super) fn typed(time: Micros) -> String {
    time.to_string().replace(' ', "")
}

/// The library of an Election.
fn recognised(election: &Election) -> Result<Name> {
    let library = election.elector.library;
    Name::of(library).ok_or_else(|| {
        let lease = election.lease_name().unwrap_or("-");
        Error::usage(format!("the library behind lease/{lease} is {}, which hactl cannot simulate", library.as_str()))
            .hint("name one that it is like with --elector")
    })
}

/// Refuses a flag that the library has no word for.
fn fits(name: Name, flags: Times) -> Result<()> {
    let timed_by = name.timed_by();
    let alien = [
        ("--renew-deadline", flags.renew_deadline, timed_by == TimedBy::Deadline),
        ("--retry-period", flags.retry_period, timed_by != TimedBy::Grace),
        ("--grace-period", flags.grace_period, timed_by == TimedBy::Grace),
    ];
    let Some((flag, ..)) = alien.iter().find(|(_, value, fits)| value.is_some() && !fits) else { return Ok(()) };
    let takes = match timed_by {
        TimedBy::Deadline => "--lease-duration, --renew-deadline and --retry-period",
        TimedBy::Period => "--lease-duration and --retry-period",
        TimedBy::Grace => "--lease-duration and --grace-period",
    };
    let what = flag.trim_start_matches('-').replace('-', " ");
    Err(Error::usage(format!("{name} has no {what}")).hint(format!("it is timed by {takes}")))
}

/// Each value with where it comes from: a flag, the Election, or the library's default.
fn timing(name: Name, flags: Times, election: Option<&Election>, elects: Option<&Elects>) -> (Times, Sources) {
    // What a system starts with counts only where its Election does not say better.
    let system = elects.map(|elects| elects.timing).unwrap_or_default();
    let found = election.map(|election| election.elector.timing).unwrap_or_default().or(system);
    let defaults = name.defaults();
    let choose = |flag: Option<Micros>, known: Known, default: Option<Micros>| match (flag, known.value, default) {
        (Some(flag), ..) => (Some(flag), Source::Flag),
        // What the library has no word for does not matter, whatever was found.
        (None, _, None) => (None, Source::Unknown),
        (None, Some(value), _) => (Some(Micros::from(value)), known.source),
        (None, None, default) => (default, Source::Default),
    };
    let (lease_duration, lease) = choose(flags.lease_duration, found.lease_duration, defaults.lease_duration);
    let (renew_deadline, deadline) = choose(flags.renew_deadline, found.renew_deadline, defaults.renew_deadline);
    let (retry_period, retry) = choose(flags.retry_period, found.retry_period, defaults.retry_period);
    let (grace_period, grace) = choose(flags.grace_period, found.grace_period, defaults.grace_period);
    let times = Times { lease_duration, renew_deadline, retry_period, grace_period };
    let sources = Sources { lease_duration: lease, renew_deadline: deadline, retry_period: retry, grace_period: grace };
    (times, sources)
}
