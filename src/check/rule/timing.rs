//! Timing: whether a program starts with the times it is given, whether two can lead, and how long nobody does.

mod objective;
mod sense;
#[cfg(test)]
mod tests;

use super::super::catalogue::{Check, Severity};
use super::super::election::said::Place;
use super::super::election::timing::{Source, Span, Timing, Value};
use super::super::election::words::Unit;
use super::super::election::{Elector, Elects};
use super::super::scene::Scene;
use super::super::verdict::Verdicts;
use super::super::workload::Workload;
use super::electors::{each, elects};
use super::resetting;
use crate::elector::catalogue::{Name, Times};
use crate::elector::kube_lease_manager::Edition;
use crate::elector::rule::Broken;
use crate::elector::setup::Setup;
use crate::model::Micros;
use crate::model::elector::Library;

pub(in crate::check) const CHECKS: &[Check] = &[
    Check {
        id: "HA0401",
        severity: Severity::Error,
        title: "an elector starts with the times that it is given",
        page: include_str!("../pages/HA0401.md"),
        judge: starts,
    },
    sense::NEVER_TWO,
    sense::BEARS,
    sense::SOON,
    objective::MEETS,
    sense::STOPS,
];

/// How far a finding reaches where it hangs on a value that nobody has said.
fn assuming(elector: &Elector<'_>) -> String {
    match elector.library {
        Library::ClientGo => "if what is not said is client-go's default (15 s, 10 s, 2 s)".to_owned(),
        other => format!("if what is not said is {}'s default", other.as_str()),
    }
}

/// Whether it elects, or may and is told how fast.
fn is_timed(elector: &Elector<'_>) -> bool {
    elects(elector) || elector.timing.is_said()
}

fn starts(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, is_timed, |elector, verdicts| {
        if let Some((span, text)) = elector.timing.spans().find_map(nonsense) {
            nonsensical(elector, span, text, verdicts);
            return false;
        }
        let Some(times) = times(&elector.timing) else {
            return skipped(elector.workload, &elector.timing, verdicts);
        };
        let Err(broken) = setup(elector, times).check() else { return true };
        let spans = involved(&elector.timing, &broken);
        let Some(said) = spans.iter().find_map(|span| span.said()) else { return true };
        let assumed = spans.iter().any(|span| matches!(span.source, Source::Assumed));
        let condition = if assumed { format!(", {}", assuming(elector)) } else { String::new() };
        let message = format!(
            "{} ({}): {} ends at its start{condition}",
            told(&broken),
            spans.iter().filter_map(|span| Some(span.said()?.whole_name())).collect::<Vec<_>>().join(", "),
            elector.workload.object
        );
        let severity = if assumed { Severity::Warning } else { certain(elector) };
        let failed = said.fail(verdicts, message).severity(severity);
        if let Some(fix) = sounder(elector) {
            failed.fix(fix);
        }
        false
    });
}

fn nonsense<'t, 'o>(span: &'t Span<'o>) -> Option<(&'t Span<'o>, &'t str)> {
    if let Value::Nonsense(text) = &span.value { Some((span, text)) } else { None }
}

fn nonsensical(elector: &Elector<'_>, span: &Span<'_>, text: &str, verdicts: &mut Verdicts<'_>) {
    let Some(said) = span.said() else { return };
    let object = elector.workload.object;
    let wanted = match said.fit.unit {
        Unit::Unsaid => "length of time (15s, 1m30s)",
        Unit::Seconds | Unit::Milliseconds => "number",
    };
    // Flags and typed files are read strictly; what a program makes of a variable only it knows.
    let strict = matches!(said.place, Place::Flag | Place::File { typed: true, .. });
    let follows = if strict { "ends at its start" } else { "ends at its start, or goes by its default" };
    let message = format!("{} is {text:?}, which is no {wanted}: {object} {follows}", said.whole_name());
    let severity = if strict { certain(elector) } else { Severity::Warning };
    let failed = said.fail(verdicts, message).severity(severity);
    if let Some(fix) = sounder(elector) {
        failed.fix(fix);
    }
}

/// How bad it is if a program cannot elect: where it is not known to, it may never try.
fn certain(elector: &Elector<'_>) -> Severity {
    if elector.election.elects == Elects::Yes { Severity::Error } else { Severity::Warning }
}

/// What cannot be known of a timing; a verdict was given where that is worth a word.
fn skipped(workload: Workload<'_>, timing: &Timing<'_>, verdicts: &mut Verdicts<'_>) -> bool {
    let open = timing.spans().find(|span| span.value == Value::Open).and_then(Span::said);
    if let Some(said) = open {
        let why = format!("what {} comes to hangs on what was not given", said.name);
        verdicts.skip(workload.object, why);
    } else if timing.is_seen() {
        verdicts.skip(workload.object, "its Lease tells how long it lasts, and nothing how it is renewed");
    }
    false
}

/// The rule that is broken, without its source: that stands on the page.
fn told(broken: &Broken) -> String {
    let told = broken.to_string();
    told.rsplit_once(" (").map_or(told.clone(), |(rule, _)| rule.to_owned())
}

/// The values that a rule is about, the one to change first.
fn involved<'t, 'o>(timing: &'t Timing<'o>, broken: &Broken) -> Vec<&'t Span<'o>> {
    let Timing { lease_duration, renew_deadline, retry_period, grace_period } = timing;
    let spans = match broken {
        Broken::DeadlineBeyondDuration { .. } => [renew_deadline, lease_duration],
        Broken::DeadlineWithinRetry { .. } => [renew_deadline, retry_period],
        Broken::GraceBeyondDuration { .. } => [grace_period, lease_duration],
        Broken::NotPositive { name, .. } | Broken::Fraction { name, .. } | Broken::TooLong { name, .. } => {
            return timing.spans().filter(|span| span.what == *name).collect();
        }
        _ => return timing.spans().collect(),
    };
    spans.into_iter().flatten().collect()
}

/// All of a timing, if all of it is known.
fn times(timing: &Timing<'_>) -> Option<Times> {
    let time = |span: &Option<Span<'_>>| span.as_ref().map(|span| span.time().ok_or(())).transpose().ok();
    Some(Times {
        lease_duration: time(&timing.lease_duration)?,
        renew_deadline: time(&timing.renew_deadline)?,
        retry_period: time(&timing.retry_period)?,
        grace_period: time(&timing.grace_period)?,
    })
}

/// The library as the simulator has it. klag-exporter locks kube-lease-manager 0.8 (its `Cargo.lock`).
fn name(elector: &Elector<'_>) -> Name {
    match elector.library {
        Library::KubeLeaseManager if elector.is_klag_exporter() => Name::KubeLeaseManager(Edition::Before0_11_1),
        // Of a program that is only seen no version is known.
        library => Name::of(library).unwrap_or(Name::ClientGo),
    }
}

fn setup(elector: &Elector<'_>, times: Times) -> Setup {
    name(elector).setup(times)
}

/// Another timing, as close to this one as one with which all is well.
fn sounder(elector: &Elector<'_>) -> Option<String> {
    let now = times_or_default(elector);
    let seconds = |time: Option<Micros>| time.map_or(0, |time| time.whole_seconds().clamp(0, 3600));
    let lease = seconds(now.lease_duration);
    let longer = seconds(now.renew_deadline) * 3 / 2;
    let tried = [lease, longer.max(seconds(now.grace_period) * 3), 15, 30, 60];
    let tried = tried.into_iter().map(|lease| proportioned(name(elector), lease));
    retimed(elector, tried.into_iter().find(|new| sense::is_well(elector, kept(elector, now, *new)))?)
}

/// A timing of this lease duration, in the proportions of the library's defaults.
fn proportioned(name: Name, lease: i64) -> Times {
    let secs = |seconds: i64| Some(Micros::from_secs(seconds));
    if let Name::KubeLeaseManager(_) = name {
        return Times { lease_duration: secs(lease), grace_period: secs((lease / 3).max(1)), ..Times::default() };
    }
    let deadline = (lease * 2 / 3).max(2);
    Times {
        lease_duration: secs(lease),
        renew_deadline: secs(deadline),
        retry_period: secs((deadline / 5).max(1)),
        grace_period: None,
    }
}

/// What holds if what is said is said anew, and the rest stays as it is.
fn kept(elector: &Elector<'_>, now: Times, new: Times) -> Times {
    let Timing { lease_duration, renew_deadline, retry_period, grace_period } = &elector.timing;
    let said = |span: &Option<Span<'_>>| span.as_ref().is_some_and(|span| span.said().is_some());
    Times {
        lease_duration: if said(lease_duration) { new.lease_duration } else { now.lease_duration },
        renew_deadline: if said(renew_deadline) { new.renew_deadline } else { now.renew_deadline },
        retry_period: if said(retry_period) { new.retry_period } else { now.retry_period },
        grace_period: if said(grace_period) { new.grace_period } else { now.grace_period },
    }
}

/// What is known of a timing, and the library's default elsewhere.
fn times_or_default(elector: &Elector<'_>) -> Times {
    let time = |span: &Option<Span<'_>>| span.as_ref().and_then(Span::time);
    let Timing { lease_duration, renew_deadline, retry_period, grace_period } = &elector.timing;
    let known = Times {
        lease_duration: time(lease_duration),
        renew_deadline: time(renew_deadline),
        retry_period: time(retry_period),
        grace_period: time(grace_period),
    };
    known.or(name(elector).defaults())
}

/// What to paste for another timing: of it only what is said already.
fn retimed(elector: &Elector<'_>, new: Times) -> Option<String> {
    let Timing { lease_duration, renew_deadline, retry_period, grace_period } = &elector.timing;
    let pairs = [
        (lease_duration, new.lease_duration),
        (renew_deadline, new.renew_deadline),
        (retry_period, new.retry_period),
        (grace_period, new.grace_period),
    ];
    let changes = pairs.into_iter().filter_map(|(span, new)| {
        let span = span.as_ref().filter(|span| span.said().is_some())?;
        Some((span, new?))
    });
    resetting::times(elector, &changes.collect::<Vec<_>>())
}
