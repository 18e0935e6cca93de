//! What to know about a simulation, in plain sentences.

use serde::Serialize;

use super::round;
use crate::elector::Bound;
use crate::elector::catalogue::{Name, TimedBy, Times};
use crate::elector::polling::Library;
use crate::elector::setup::Setup;
use crate::model::Micros;
use crate::model::elector::Confidence;
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
    /// Who says so; `null` for what follows from the simulation or its model.
    pub source: Option<&'static str>,
}

impl Warning {
    /// Whether it tells numbers of one simulation, so that it says nothing of others.
    #[must_use]
    pub fn counts(&self) -> bool {
        ["two-leaders", "two-leaders-for-good", "no-leader", "next-crash-unsurvived"].contains(&self.id)
    }
}

/// An overlap of clock ticks is none that anyone would see.
const TELLING: Micros = Micros::from_millis(5);

/// A rule: what there is to say about a simulation, if there is.
type Rule = fn(&Plan, &Outcome) -> Option<String>;

const RULES: &[(&str, Rule)] = &[
    ("two-leaders", two_leaders),
    ("two-leaders-for-good", two_for_good),
    ("no-leader", no_leader),
    ("next-crash-unsurvived", lost_to_the_next),
    ("no-margin", no_margin),
    ("no-self-fencing", no_self_fencing),
    ("ends-for-good", ends_for_good),
    ("cannot-release", cannot_release),
    ("release-unseen", release_unseen),
    ("skew-steals", skew_steals),
    ("no-standby", no_standby),
    ("fraction-dropped", fraction_dropped),
    ("inferred", inferred),
    ("read-model", read_model),
    ("guessed-elector", guessed_elector),
];

pub(super) fn all(plan: &Plan, outcome: &Outcome) -> Vec<Warning> {
    let say =
        |(id, rule): &(&'static str, Rule)| rule(plan, outcome).map(|message| Warning { id, message, source: None });
    let notes = plan.profile.iter().flat_map(|profile| &profile.notes);
    let notes = notes.map(|note| Warning { id: note.id, message: note.message.to_owned(), source: Some(note.source) });
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
    let overlap = outcome.overlap.filter(|overlap| overlap.max >= TELLING)?;
    let share = percent(overlap.positive, overlap.count);
    Some(format!("two leaders act at once in {share} of the trials, for up to {}", tenths(overlap.max)))
}

fn two_for_good(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let share = (outcome.overlapping_at_end > 0).then(|| percent(outcome.overlapping_at_end, outcome.trials))?;
    Some(format!("in {share} of the trials two still act {} later", plan.horizon()))
}

fn no_leader(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let nobody = outcome.leaderless_at_end;
    let share = (nobody > 0 && plan.standbys > 0).then(|| percent(nobody, outcome.trials))?;
    Some(format!("in {share} of the trials nobody leads {} later", plan.horizon()))
}

/// What nothing shows of now, the next crash does.
fn lost_to_the_next(plan: &Plan, outcome: &Outcome) -> Option<String> {
    if !matches!(plan.question, Question::Write(_)) || outcome.lost > 0 || plan.standbys == 0 {
        return None;
    }
    let (taken, trials) = plan.next_crash()?;
    (taken < trials).then(|| {
        format!(
            "nothing shows yet, but when the leader crashes after that, nobody takes over in {} of the trials within {}",
            percent(trials - taken, trials),
            plan.horizon()
        )
    })
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

/// A kubelet would start the container again: whether it does is for the person to say.
fn ends_for_good(plan: &Plan, outcome: &Outcome) -> Option<String> {
    use Question::{Freeze, Outage, Partition, Write};
    let survived = matches!(plan.question, Freeze(_) | Outage(..) | Partition(..) | Write(_));
    let ends = !matches!(plan.name, Name::KubeLeaseManager(_) | Name::KubeLeaderElection);
    (survived && ends && plan.restart.is_none() && outcome.lost > 0).then(|| {
        "a process that loses its Lease ends, and here nobody starts it again: --restart 1s has it come back, and \
         --new-identity under another identity"
            .to_owned()
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
            "a standby of {} does not notice a release: it does not watch the Lease, and looks only when the expiry that \
             it remembers has come",
            plan.name
        )
    })
}

fn skew_steals(plan: &Plan, _: &Outcome) -> Option<String> {
    match plan.setup().tolerates().skew {
        Bound::UpTo(bound) if plan.skew > bound => Some(format!(
            "a standby's clock that is put ahead by {} takes a Lease that is still held: this setting bears {bound}. That is \
             what was played, and not {}",
            plan.skew, plan.question
        )),
        _ => None,
    }
}

fn no_standby(plan: &Plan, outcome: &Outcome) -> Option<String> {
    (plan.standbys == 0 && outcome.takeover.is_none()).then(|| "there is no standby: nobody can take over".to_owned())
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

/// A system whose source is closed.
fn guessed_elector(plan: &Plan, _: &Outcome) -> Option<String> {
    let profile = plan.profile.as_ref()?;
    let guess = profile.elects().is_some_and(|elects| elects.confidence == Confidence::Guess);
    guess.then(|| {
        format!(
            "how {} elects its leader is not public: the library and its timing are hactl's guess, unless you say better",
            profile.system.as_str()
        )
    })
}

fn read_model(plan: &Plan, _: &Outcome) -> Option<String> {
    (!plan.name.measured()).then(|| {
        format!("the model of {} follows its source and was never compared with the running library", plan.name)
    })
}
