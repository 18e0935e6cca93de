//! What a transfer will cost, before anything is touched: it is played.

use super::fault::{Drain, Fault, Latency, Restart, Span, Tampering, Then};
use super::mover::Move;
use super::scenario::Scenario;
use super::world::Simulator;
use super::{Random, Spread};
use crate::elector::Settings;
use crate::elector::setup::{Setup, Visitor};
use crate::model::Micros;
use crate::model::write::Identity;
use crate::transfer::{Assumed, End, Freeing, Terms, Way};

/// A transfer before it is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The library with its settings.
    pub setup: Setup,
    /// By which method.
    pub way: Way,
    /// Whether a certain standby is to lead, or whoever comes first.
    pub named: bool,
    /// What frees the Lease for whoever comes first.
    pub freeing: Freeing,
    /// How many replicas beside the leader, of which one at least.
    pub standbys: u8,
    /// What a request takes, there or back: an elector's and hactl's. A watch tells as late.
    pub latency: Latency,
    /// How a container comes back whose process ended by itself, if it does.
    pub restart: Option<Restart>,
    /// What a container takes to start, from its beginning to its elector's.
    pub start_up: Span,
    /// How the leader's work ends once its Pod is evicted, where that takes time.
    pub drain: Option<Drain>,
    /// What passes from the end of a process until the API server knows of it: the kubelet's report.
    pub reported: Span,
    /// How long after the first write an end that nobody asked for has to be dated to count, if it ever does.
    pub exit_counts: Option<Micros>,
    /// How long after the eviction there is another Pod, without its start-up.
    pub replaced: Option<Span>,
    /// Whether that has the identity of the one before, as in a StatefulSet. Then it comes only after that one's end.
    pub returns: bool,
    /// Whether there is the candidate of a process that ended before, and that a controller would rather have.
    pub haunted: bool,
    /// How far the standbys' wall clocks are ahead of the leader's, which is right.
    pub skew: Micros,
    /// After how long hactl ends at the latest.
    pub timeout: Micros,
    /// If it does not even come so far: how long after its beginning hactl is gone.
    pub gone_after: Option<Micros>,
    /// How often it is played.
    pub trials: u32,
    /// Which random numbers.
    pub seed: u64,
}

/// What a transfer costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// How many trials there were.
    pub trials: u64,
    /// How long nobody acted, over all trials: mostly from the old leader's stop to the next one's start.
    pub leaderless: Option<Spread>,
    /// How long two or more acted, over all trials.
    pub overlap: Option<Spread>,
    /// How long it took from the first write, or the eviction, to hactl's end, over the trials that came so far.
    pub whole: Option<Spread>,
    /// In how many hactl saw the transfer done.
    pub done: u64,
    /// In how many it saw another lead than the wanted one.
    pub elsewhere: u64,
    /// In how many it changed something, and did not see what came of it.
    pub unknown: u64,
    /// In how many it changed nothing.
    pub unchanged: u64,
    /// In how many the wanted one leads at the end; where nobody is named, in none.
    pub target_leads: u64,
    /// In how many the old leader's Pod does: its container come back, or its replacement with the same identity.
    pub same_pod_leads: u64,
    /// In how many it is not exactly one that leads.
    pub not_one_leads: u64,
}

impl Transfer {
    /// Plays it. The same in every run.
    #[must_use]
    pub fn predict(&self) -> Prediction {
        struct Play<'t>(&'t Transfer);
        impl Visitor for Play<'_> {
            type Output = Prediction;
            fn visit<S: Settings + Send + Sync>(self, settings: S) -> Prediction {
                self.0.play(settings)
            }
        }
        self.setup.visit(Play(self))
    }

    /// How long two lead if someone does this to the Lease instead, by hand.
    #[must_use]
    pub fn overlap_by_hand(&self, tampering: Tampering) -> Option<Spread> {
        struct Play<'t>(&'t Transfer, Tampering);
        impl Visitor for Play<'_> {
            type Output = Option<Spread>;
            fn visit<S: Settings + Send + Sync>(self, settings: S) -> Option<Spread> {
                let scenario = Scenario { then: None, ..self.0.scenario(settings, Fault::Write(self.1)) };
                let mut simulator = Simulator::new(&scenario);
                let trials = 0..self.0.trials.into();
                let play = |trial| simulator.trial(Random::stream(self.0.seed, trial), &mut ()).overlap;
                Spread::of(trials.map(play).collect())
            }
        }
        self.setup.visit(Play(self, tampering))
    }

    /// The terms, with the identities of replicas.
    fn terms(&self) -> Terms {
        Terms {
            from: OLD,
            to: self.named.then_some(TARGET),
            fence: Identity::NOBODY,
            way: self.way,
            duration: i32::try_from(self.setup.lease_duration().whole_seconds()).unwrap_or(i32::MAX),
            freeing: self.freeing,
            returns: self.returns,
            chosen: matches!(self.setup, Setup::Coordinated(_)),
            stragglers: Assumed { request: self.latency.high * 2, skew: self.skew }.stragglers(self.setup),
            timeout: self.timeout,
        }
    }

    /// What it looks like in a world.
    pub(super) fn fault(&self) -> Fault {
        let Self { drain, reported, exit_counts, replaced, .. } = *self;
        Fault::Move(Move { terms: self.terms(), drain, reported, exit_counts, replaced })
    }

    pub(super) fn scenario<S: Settings>(&self, settings: S, fault: Fault) -> Scenario<S> {
        let standbys = self.standbys.max(1);
        let ahead = |replica| if replica == 0 { Micros::ZERO } else { self.skew };
        let clocks = if self.skew == Micros::ZERO { Vec::new() } else { (0..=standbys).map(ahead).collect() };
        let scenario = Scenario::new(settings, fault);
        let horizon = scenario.horizon + self.timeout;
        let (latency, restart, start_up) = (self.latency, self.restart, self.start_up);
        let then = self.gone_after.map(|after| Then { after, fault: Fault::Abandon });
        let haunted = self.haunted;
        Scenario { standbys, then, latency, clocks, restart, start_up, haunted, horizon, ..scenario }
    }

    fn play<S: Settings>(&self, settings: S) -> Prediction {
        let scenario = self.scenario(settings, self.fault());
        let mut simulator = Simulator::new(&scenario);
        let mut prediction = Prediction::NONE;
        let all = || Vec::with_capacity(self.trials as usize);
        let (mut leaderless, mut overlap, mut whole) = (all(), all(), all());
        for trial in 0..self.trials.into() {
            let trial = simulator.trial(Random::stream(self.seed, trial), &mut ());
            let moved = simulator.moved();
            leaderless.push(trial.leaderless);
            overlap.push(trial.overlap);
            whole.extend(moved.whole);
            prediction.count(moved.end, moved.leader, self.named);
        }
        let (leaderless, overlap, whole) = (Spread::of(leaderless), Spread::of(overlap), Spread::of(whole));
        Prediction { leaderless, overlap, whole, ..prediction }
    }
}

/// The leader of an undisturbed election is the first replica.
const OLD: Identity = Identity::of(0);
/// The first standby.
const TARGET: Identity = Identity::of(1);

impl Prediction {
    const NONE: Self = Self {
        trials: 0,
        leaderless: None,
        overlap: None,
        whole: None,
        done: 0,
        elsewhere: 0,
        unknown: 0,
        unchanged: 0,
        target_leads: 0,
        same_pod_leads: 0,
        not_one_leads: 0,
    };

    fn count(&mut self, end: Option<End>, leader: Option<usize>, named: bool) {
        self.trials += 1;
        let seen = match end {
            Some(End::Done(_)) => &mut self.done,
            Some(End::Elsewhere(_)) => &mut self.elsewhere,
            Some(End::Already | End::Refused(_) | End::Interrupted) => &mut self.unchanged,
            Some(End::Unknown(_)) | None => &mut self.unknown,
        };
        *seen += 1;
        match leader {
            Some(0) => self.same_pod_leads += 1,
            Some(1) => self.target_leads += u64::from(named),
            Some(_) => {}
            None => self.not_one_leads += 1,
        }
    }
}
