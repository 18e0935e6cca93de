//! What to know about a simulation, in plain sentences.

use serde::Serialize;

use super::round;
use crate::elector::Bound;
use crate::elector::catalogue::{Name, TimedBy, Times};
use crate::elector::polling::Library;
use crate::elector::setup::Setup;
use crate::model::Micros;
use crate::model::timing::Source;
use crate::sim::Outcome;
use crate::sim::plan::Plan;
use crate::sim::question::Question;

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What kind: stable.
    pub id: &'static str,
    /// The sentence.
    pub message: String,
}

impl Warning {
    /// Whether it tells numbers of one simulation, so that it says nothing of others.
    #[must_use]
    pub fn counts(&self) -> bool {
        ["two-leaders", "no-leader"].contains(&self.id)
    }
}

/// A rule: what there is to say about a simulation, if there is.
type Rule = fn(&Plan, &Outcome) -> Option<String>;

const RULES: &[(&str, Rule)] = &[
    ("two-leaders", two_leaders),
    ("no-leader", no_leader),
    ("no-margin", no_margin),
    ("no-self-fencing", no_self_fencing),
    ("cannot-release", cannot_release),
    ("release-unseen", release_unseen),
    ("skew-steals", skew_steals),
    ("no-standby", no_standby),
    ("fraction-dropped", fraction_dropped),
    ("inferred", inferred),
    ("read-model", read_model),
];

pub(super) fn all(plan: &Plan, outcome: &Outcome) -> Vec<Warning> {
    let say = |(id, rule): &(&'static str, Rule)| rule(plan, outcome).map(|message| Warning { id, message });
    let notes = plan.profile.iter().flat_map(|profile| &profile.notes);
    let notes = notes.map(|note| Warning { id: note.id, message: note.message.to_owned() });
    let rules: &[_] = if plan.replacement().is_none() { RULES } else { &[] };
    rules.iter().filter_map(say).chain(notes).collect()
}

fn percent(part: u64, whole: u64) -> String {
    let percent = 100.0 * part as f64 / whole.max(1) as f64;
    match percent {
        p if p > 0.0 && p < 0.1 => "less than 0.1 %".to_owned(),
        p if p < 10.0 => format!("{} %", round(p, 1)),
        p => format!("{} %", round(p, 0)),
    }
}

/// A time to a tenth of a second.
fn tenths(time: Micros) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn two_leaders(_: &Plan, outcome: &Outcome) -> Option<String> {
    let overlap = outcome.overlap.filter(|overlap| overlap.positive > 0)?;
    let share = percent(overlap.positive, overlap.count);
    Some(format!("two leaders act at once in {share} of the trials, for up to {}", tenths(overlap.max)))
}

fn no_leader(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let share = (outcome.censored > 0 && plan.standbys > 0).then(|| percent(outcome.censored, outcome.trials))?;
    Some(format!("in {share} of the trials there was still not exactly one leader {} later", plan.horizon()))
}

/// The libraries ask only that the lease duration is longer than the renew deadline: the pause of a retry period before
/// the first try that fails comes on top, and whatever that try takes.
fn no_margin(plan: &Plan, _: &Outcome) -> Option<String> {
    let margin = plan.setup().margin().filter(|margin| *margin <= Micros::ZERO)?;
    let Times { lease_duration: Some(lease), renew_deadline: Some(deadline), retry_period: Some(retry), .. } =
        plan.times
    else {
        return None;
    };
    Some(if lease <= deadline + retry {
        format!(
            "the lease duration ({lease}) is not longer than renew deadline + retry period ({}): a leader that is cut \
             off may still act when another starts, though {} accepts it",
            deadline + retry,
            plan.name
        )
    } else {
        format!(
            "a leader of {} that is cut off may act for up to {} after another may start",
            plan.name,
            Micros::ZERO - margin
        )
    })
}

/// Read in the libraries: nothing in them gives a Lease up.
fn cannot_release(plan: &Plan, _: &Outcome) -> Option<String> {
    let cannot = matches!(plan.name, Name::Polling(Library::Python | Library::DotNet));
    (cannot && plan.question == Question::Release)
        .then(|| format!("{} cannot release a Lease: its end is waited for, as after a crash", plan.name))
}

/// kube-lease-manager/src/manager.rs and kube-leader-election/src/lease.rs: no deadline ends a leader's work.
fn no_self_fencing(plan: &Plan, _: &Outcome) -> Option<String> {
    matches!(plan.name, Name::KubeLeaseManager(_) | Name::KubeLeaderElection).then(|| {
        format!(
            "a leader of {} that cannot reach the API goes on acting while another takes over: what it writes has to \
             be fenced elsewhere",
            plan.name
        )
    })
}

fn release_unseen(plan: &Plan, _: &Outcome) -> Option<String> {
    (plan.question == Question::Release && plan.name.timed_by() == TimedBy::Grace).then(|| {
        format!(
            "a release hardly helps: a standby of {} does not watch the Lease, it looks when the expiry that it \
             remembers has come",
            plan.name
        )
    })
}

fn skew_steals(plan: &Plan, _: &Outcome) -> Option<String> {
    match plan.setup().tolerates().skew {
        Bound::UpTo(bound) if plan.skew > bound => Some(format!(
            "a standby's clock that is ahead by {} takes a Lease that is still held: this setting bears {bound}",
            plan.skew
        )),
        _ => None,
    }
}

fn no_standby(plan: &Plan, _: &Outcome) -> Option<String> {
    (plan.standbys == 0).then(|| "there is no standby: nobody can take over".to_owned())
}

fn fraction_dropped(plan: &Plan, _: &Outcome) -> Option<String> {
    let Setup::ClientGo(settings) = plan.setup() else { return None };
    let lease = settings.lease_duration;
    (lease % Micros::SECOND != Micros::ZERO).then(|| {
        format!("a Lease holds whole seconds: of {lease} the standbys see {}", Micros::from_secs(lease.whole_seconds()))
    })
}

fn inferred(plan: &Plan, _: &Outcome) -> Option<String> {
    let sources = &plan.sources;
    let all = [
        ("lease duration", sources.lease_duration),
        ("renew deadline", sources.renew_deadline),
        ("retry period", sources.retry_period),
        ("grace period", sources.grace_period),
    ];
    // Without an Election nothing was there to be inferred from: what is not given is hypothetical.
    let known = all.iter().any(|(_, source)| !matches!(source, Source::Flag | Source::Default | Source::Unknown));
    let guessed: Vec<_> =
        all.iter().filter(|(_, source)| matches!(source, Source::Default | Source::Measured)).collect();
    if !known || guessed.is_empty() {
        return None;
    }
    let names: Vec<_> = guessed.iter().map(|(name, _)| *name).collect();
    Some(format!("inferred, not known: {}; give what you know by flags", names.join(", ")))
}

fn read_model(plan: &Plan, _: &Outcome) -> Option<String> {
    (!plan.name.measured()).then(|| {
        format!("the model of {} follows its source and was never compared with the running library", plan.name)
    })
}
