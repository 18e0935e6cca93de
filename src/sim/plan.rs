//! What is simulated: a library with its timing, who takes part, what happens, and how often it is played.

use super::fault::{Drain, Fault, Latency, Restart, Span, Then};
use super::outcome::Outcome;
use super::question::Question;
use super::scenario::Scenario;
use crate::elector::catalogue::{Name, Times};
use crate::elector::rule::Broken;
use crate::elector::setup::{Setup, Visitor};
use crate::elector::{Bound, Settings};
use crate::model::Micros;
use crate::model::timeline::Timeline;
use crate::model::timing::Source;
use crate::system::profile::Succession;
use crate::system::step::total;
use crate::system::{Profile, Step};

/// Where each value of a timing comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Of the lease duration.
    pub lease_duration: Source,
    /// Of the renew deadline.
    pub renew_deadline: Source,
    /// Of the retry period.
    pub retry_period: Source,
    /// Of the grace period.
    pub grace_period: Source,
}

/// A simulation before it is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The library.
    pub name: Name,
    /// Its timing, whole.
    pub times: Times,
    /// Where that comes from.
    pub sources: Sources,
    /// How many replicas beside the leader.
    pub standbys: u8,
    /// What happens.
    pub question: Question,
    /// After how long a process that ended by itself is started again in place, if it is.
    pub restart: Option<Micros>,
    /// Whether a process that starts again has another identity than before.
    pub new_identity: bool,
    /// Whether the program gives its Lease up whenever it ends, also where the question says nothing of it.
    pub releases: bool,
    /// What a new leader needs before it serves.
    pub warmup: Micros,
    /// The system whose own steps come before and after.
    pub profile: Option<Profile>,
    /// What a request takes.
    pub latency: Latency,
    /// How many requests in a million the API answers with a 5xx, from the fault on.
    pub errors: u32,
    /// How far the standbys' wall clocks are ahead of the leader's.
    pub skew: Micros,
    /// How often it is played.
    pub trials: u32,
    /// Which random numbers.
    pub seed: u64,
}

/// What a plan came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// Over all trials.
    pub outcome: Outcome,
    /// The story of the trial in the middle, by how long the system did not serve, or two led.
    pub typical: Timeline,
    /// And of the last one.
    pub worst: Timeline,
}

/// Enough to see whether a crash is survived always, sometimes or never.
const NEXT_CRASHES: u64 = 200;

/// The shortest story: long enough for any timing that is common, and for a Pod's replacement.
const SHORTEST: Micros = Micros::from_secs(600);

impl Plan {
    /// The library with its settings.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let setup = self.name.setup(self.times);
        match self.question.releases() {
            Some(releases) => setup.releasing(releases),
            None if self.releases => setup.releasing(true),
            None => setup,
        }
    }

    /// The setting in a word: `client-go 15s/10s/2s`.
    #[must_use]
    pub fn label(&self) -> String {
        let Times { lease_duration, renew_deadline, retry_period, grace_period } = self.times;
        let typed = |time: Micros| time.to_string().replace(' ', "");
        let times = [lease_duration, renew_deadline, retry_period, grace_period];
        let times: Vec<_> = times.into_iter().flatten().map(typed).collect();
        format!("{} {}", self.name, times.join("/"))
    }

    /// Whether the library would start with this timing.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn check(&self) -> Result<(), Broken> {
        self.setup().check()
    }

    /// How long after the fault the story ends at the latest: ten minutes, or longer where the timing or the fault is.
    #[must_use]
    pub fn horizon(&self) -> Micros {
        SHORTEST.max(self.setup().rhythm().settling * 3 + self.question.lasting())
    }

    /// How long the leader's work takes to end, where the system says so and it is stopped gracefully.
    fn drain(&self) -> Option<Drain> {
        let profile = self.profile.as_ref()?;
        let Succession::Election(elects) = &profile.succession else { return None };
        let (low, high) = total(&profile.before);
        (high > Micros::ZERO).then_some(Drain { lasting: Span { low, high }, grace: elects.termination_grace })
    }

    /// What the system needs after a takeover, one step after the other.
    fn after(&self) -> Vec<Span> {
        let steps = self.profile.iter().flat_map(|profile| &profile.after).filter(|step| step.counts);
        steps.map(|step| Span { low: step.low, high: step.high }).collect()
    }

    /// How the system comes back where it has no election, and whether it is the same Pod that does.
    #[must_use]
    pub fn replacement(&self) -> Option<(&[Step], bool)> {
        let Succession::Replacement(replacement) = &self.profile.as_ref()?.succession else { return None };
        match self.question {
            Question::Crash | Question::CrashRestart(_) => Some((&replacement.crash, true)),
            Question::NodeLoss => Some((&replacement.node_loss, false)),
            Question::Release | Question::Stop => Some((&replacement.stop, false)),
            _ => Some((&[], true)),
        }
    }

    /// Whether the question makes sense to a system without an election.
    #[must_use]
    pub fn asks_of_one_pod(&self) -> bool {
        use Question::{Crash, CrashRestart, NodeLoss, Release, Stop};
        matches!(self.question, Crash | CrashRestart(_) | NodeLoss | Release | Stop)
    }

    /// Whether the standbys' clocks are so far ahead that one takes the Lease of a live leader.
    #[must_use]
    pub fn steals(&self) -> bool {
        matches!(self.setup().tolerates().skew, Bound::UpTo(bound) if self.skew > bound)
    }

    /// What happens, in a clause.
    #[must_use]
    pub fn clause(&self) -> String {
        let identity = if self.new_identity { "another identity" } else { "the same identity" };
        match self.question {
            _ if self.steals() => format!("the standbys' clocks are put ahead by {}", self.skew),
            Question::CrashRestart(_) => format!("{}, with {identity}", self.question.clause()),
            question => question.clause(),
        }
    }

    /// In how many of so many trials a crash some time after the fault is survived: another takes over.
    #[must_use]
    pub fn next_crash(&self) -> Option<(u64, u64)> {
        struct Next<'p>(&'p Plan);
        impl Visitor for Next<'_> {
            type Output = u64;
            fn visit<S: Settings + Send + Sync>(self, settings: S) -> u64 {
                let after = self.0.setup().rhythm().settling * 2;
                let then = Some(Then { after, fault: Fault::Crash });
                let mut scenario = self.0.scenario(settings);
                (scenario.then, scenario.horizon) = (then, scenario.horizon + after);
                super::run(&scenario, NEXT_CRASHES, self.0.seed).takeover.map_or(0, |takeover| takeover.count)
            }
        }
        self.replacement().is_none().then(|| (self.setup().visit(Next(self)), NEXT_CRASHES))
    }

    /// The world for it.
    #[must_use]
    pub fn scenario<S: Settings>(&self, settings: S) -> Scenario<S> {
        let horizon = self.horizon();
        let fault = match (self.question.fault(horizon), self.drain()) {
            // There is no steady election to break: the theft itself is played.
            _ if self.steals() => Fault::Skew(self.skew),
            (Fault::Shutdown, Some(drain)) => Fault::Drain(drain),
            (Fault::CrashRestart(restart), _) => {
                Fault::CrashRestart(Restart { same_identity: !self.new_identity, ..restart })
            }
            (fault, _) => fault,
        };
        // The leader's clock is right: what counts is the difference.
        let ahead = |replica| if replica == 0 { Micros::ZERO } else { self.skew };
        Scenario {
            standbys: self.standbys,
            latency: self.latency,
            errors: self.errors,
            clocks: if self.skew == Micros::ZERO || self.steals() {
                Vec::new()
            } else {
                (0..=self.standbys).map(ahead).collect()
            },
            restart: self.restart.map(|after| Restart { after, same_identity: !self.new_identity }),
            warmup: Span { low: self.warmup, high: self.warmup },
            phases: self.after(),
            horizon,
            ..Scenario::new(settings, fault)
        }
    }
}
