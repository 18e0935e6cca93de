//! The longest outage that is wanted after a crash, beside the one that is to be expected.

use std::collections::HashMap;

use super::super::super::catalogue::{Check, Severity};
use super::super::super::scene::Scene;
use super::super::super::verdict::{Name, Verdict, Verdicts};
use super::super::electors::{each, elects};
use super::sense::is_well;
use super::{Elector, assuming, kept, name, retimed, setup, times, times_or_default};
use crate::elector::Settings;
use crate::elector::catalogue::Times;
use crate::elector::setup::Visitor;
use crate::model::Micros;
use crate::sim;
use crate::sim::plan::{Plan, Sources};
use crate::sim::question::{self, Question};
use crate::sim::{Latency, Spread};
use crate::system::{Profile, System};

pub(super) const MEETS: Check = Check {
    id: "HA0405",
    severity: Severity::Error,
    title: "a crash costs no more than the outage that is wanted at most",
    page: include_str!("../../pages/HA0405.md"),
    judge: meets,
};

/// Where an object says how long an outage may be: `hactl.dev/rto: 15s`.
const ANNOTATION: &str = "hactl.dev/rto";

/// Enough to tell a 99th percentile to some tenths of a second.
const TRIALS: u32 = 2_000;

/// So many tries of a standby are played in all, or it takes longer than anybody waits for a check; and fewer trials than
/// this tell no 99th percentile.
const TRIES: u64 = 2_000_000;
const FEWEST: u32 = 200;

/// As `hactl failover` without `--seed`.
const SEED: u64 = 1;

/// More standbys than these make no difference that could be seen.
const MOST_STANDBYS: i64 = 9;

/// Retry periods to offer, in seconds: the rarer, the less the API server has to do.
const PERIODS: [i64; 3] = [5, 2, 1];

/// So many lease durations are tried for each of them.
const TRIED: i64 = 4;

/// Predictions, each made once.
#[derive(Default)]
struct Oracle {
    known: HashMap<(String, u8, Option<Micros>), Option<Spread>>,
}

impl Oracle {
    /// The outage after a crash of the leader.
    fn crash(&mut self, elector: &Elector<'_>, times: Times, standbys: u8) -> Option<Spread> {
        let trials = trials(times)?;
        let klag = elector.is_klag_exporter();
        let plan = Plan {
            name: name(elector),
            times,
            sources: Sources::default(),
            standbys,
            question: Question::Crash,
            restart: None,
            new_identity: false,
            releases: false,
            warmup: Micros::ZERO,
            profile: klag.then(|| exporter(elector)),
            latency: Latency::NONE,
            errors: 0,
            skew: Micros::ZERO,
            trials,
            seed: SEED,
        };
        let key = (plan.label(), standbys, elector.poll.filter(|_| klag));
        *self.known.entry(key).or_insert_with(|| plan.setup().visit(Played(&plan)))
    }
}

/// What klag-exporter needs until its metrics are there, with its own poll interval.
fn exporter(elector: &Elector<'_>) -> Profile {
    let mut profile = System::KlagExporter.failover();
    // Where nothing is said, it is the profile's own.
    let _ = elector.poll.is_some_and(|poll| profile.set("poll-interval", poll));
    profile
}

struct Played<'p>(&'p Plan);

impl Visitor for Played<'_> {
    type Output = Option<Spread>;

    fn visit<S: Settings + Send + Sync>(self, settings: S) -> Option<Spread> {
        sim::run(&self.0.scenario(settings), self.0.trials.into(), self.0.seed).outage
    }
}

fn meets(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    let mut oracle = Oracle::default();
    each(scene, verdicts, elects, |elector, verdicts| {
        let object = elector.workload.object;
        let said = object.root.at("metadata.annotations").get(ANNOTATION).text();
        let wanted = match said.map(question::time) {
            Some(Ok(time)) => time,
            Some(Err(why)) => {
                let message = format!("the annotation {ANNOTATION} is {:?}: {why}", said.unwrap_or_default());
                verdicts.fail(object, "metadata.annotations", message).severity(Severity::Warning);
                let Some(time) = scene.rto else { return false };
                time
            }
            None => match scene.rto {
                Some(time) => time,
                None => {
                    let why = format!(
                        "nobody has said how long an outage may last: --rto, rto in hactl.toml, or the annotation {ANNOTATION}"
                    );
                    verdicts.skip(object, why);
                    return false;
                }
            },
        };
        let standbys = scene.least(elector.workload).saturating_sub(1);
        let (Some(times), true) = (times(&elector.timing), standbys > 0) else {
            let why = if standbys > 0 { "its timing is not known" } else { "it has no standby that could take over" };
            verdicts.skip(object, why);
            return false;
        };
        if setup(elector, times).check().is_err() {
            verdicts.skip(object, "it does not start with its timing: HA0401");
            return false;
        }
        let standbys = u8::try_from(standbys.min(MOST_STANDBYS)).unwrap_or(1);
        if trials(times).is_none() {
            verdicts.skip(object, "its retry period is too short beside its lease duration for a crash to be played");
            return false;
        }
        let Some(outage) = oracle.crash(elector, times, standbys) else { return true };
        if outage.p99 <= wanted {
            return true;
        }
        let assumed = elector.timing.is_assumed();
        let condition = if assumed { format!(", {}", assuming(elector)) } else { String::new() };
        let after = if elector.is_klag_exporter() { ", with its next poll, collection and scrape" } else { "" };
        let message = format!(
            "after a crash of the leader the outage is longer than {} in one case of a hundred{after}{condition}: no more \
             than {wanted} is wanted",
            tenths(outage.p99)
        );
        // Sidecars of one Pod that are timed alike have one answer.
        let said = |verdict: &Verdict<'_>| verdict.message == message && verdict.spot.object == Name::of(object);
        if verdicts.given.iter().any(said) {
            return false;
        }
        let fix = shorter(&mut oracle, elector, standbys, wanted);
        let failed = match elector.timing.spans().find_map(|span| span.said()) {
            Some(said) => said.fail(verdicts, message),
            None => verdicts.fail(object, elector.election.field.as_str(), message),
        };
        // What it does not say may be set elsewhere.
        let failed = if assumed { failed.severity(Severity::Warning) } else { failed };
        if let Some(fix) = fix {
            failed.fix(fix);
        }
        false
    });
}

/// How many trials are played: a standby looks once in a retry period, for as long as the Lease lasts. None where that is too
/// often.
fn trials(times: Times) -> Option<u32> {
    let lease = times.lease_duration.map_or(15_000_000, Micros::get).max(1).unsigned_abs();
    let period = times.retry_period.map_or(2_000_000, Micros::get).max(1).unsigned_abs();
    let trials = u32::try_from(TRIES / (lease / period).max(1)).unwrap_or(TRIALS);
    (trials >= FEWEST).then_some(trials.min(TRIALS))
}

/// What to paste for the longest timing that meets an objective, if there is one with which all is well.
fn shorter(oracle: &mut Oracle, elector: &Elector<'_>, standbys: u8, wanted: Micros) -> Option<String> {
    if !elector.timing.is_said() {
        return None;
    }
    let now = times_or_default(elector);
    let whole = wanted.whole_seconds();
    let klag = elector.is_klag_exporter();
    let secs = |seconds: i64| Some(Micros::from_secs(seconds));
    for period in PERIODS {
        // A standby looks a little over three retry periods late in one case of a hundred.
        for lease in (whole - period * 3 - TRIED + 1..=whole - period * 3 + 1).rev() {
            let new = if klag {
                Times { lease_duration: secs(lease), grace_period: secs(lease / 3), ..Times::default() }
            } else {
                // The longest that lets a cut-off leader stop before another may start: it bears the longest outage.
                let deadline = lease - period - 1;
                Times {
                    lease_duration: secs(lease),
                    renew_deadline: secs(deadline),
                    retry_period: secs(period),
                    grace_period: None,
                }
            };
            let then = kept(elector, now, new);
            if !is_well(elector, then) {
                continue;
            }
            if oracle.crash(elector, then, standbys).is_some_and(|outage| outage.p99 <= wanted) {
                return retimed(elector, new);
            }
        }
    }
    None
}

/// A time to a tenth of a second, as precise as it is known.
fn tenths(time: Micros) -> Micros {
    let tenth = Micros::from_millis(100);
    tenth * (time / tenth)
}
