//! What many trials came to.

use super::Trial;
use super::spread::{Distribution, Share, Spread};
use crate::model::Micros;

/// Trials, before they are counted. Samples of several threads can be joined in any order.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    takeover: Vec<Micros>,
    detection: Vec<Micros>,
    election: Vec<Micros>,
    leaderless: Vec<Micros>,
    overlap: Vec<Micros>,
    outage: Vec<Micros>,
    /// For the trials in which someone started when nobody acted.
    warmup: Vec<Micros>,
    system: Vec<Micros>,
    by_self: u64,
    lost: u64,
    censored: u64,
    leaderless_at_end: u64,
}

impl Sample {
    /// One more.
    pub fn add(&mut self, trial: &Trial) {
        self.takeover.extend(trial.takeover);
        self.detection.extend(trial.detection);
        self.election.extend(trial.election());
        self.leaderless.push(trial.leaderless);
        self.overlap.push(trial.overlap);
        self.outage.push(trial.outage);
        if trial.gaps > 0 {
            self.warmup.push(trial.warmup);
            self.system.push(trial.system);
        }
        self.by_self += u64::from(trial.by_self);
        self.lost += u64::from(trial.old_stopped.is_some() || trial.takeover.is_some());
        self.leaderless_at_end += u64::from(trial.acting_at_end == 0);
        self.censored += u64::from(trial.censored);
    }

    /// Another sample's trials too.
    pub fn join(&mut self, other: Self) {
        self.takeover.extend(other.takeover);
        self.detection.extend(other.detection);
        self.election.extend(other.election);
        self.leaderless.extend(other.leaderless);
        self.overlap.extend(other.overlap);
        self.outage.extend(other.outage);
        self.warmup.extend(other.warmup);
        self.system.extend(other.system);
        self.by_self += other.by_self;
        self.lost += other.lost;
        self.leaderless_at_end += other.leaderless_at_end;
        self.censored += other.censored;
    }

    /// Counts them.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        let trials = self.leaderless.len() as u64;
        let (takeovers, outages) = (Distribution::of(self.takeover), Distribution::of(self.outage));
        Outcome {
            trials,
            takeover: takeovers.spread(),
            detection: Spread::of(self.detection),
            election: Spread::of(self.election),
            leaderless: Spread::of(self.leaderless),
            overlap: Spread::of(self.overlap),
            warmup: Spread::of(self.warmup),
            system: Spread::of(self.system),
            outage: outages.spread(),
            by_self: self.by_self,
            lost: self.lost,
            censored: self.censored,
            leaderless_at_end: self.leaderless_at_end,
            overlapping_at_end: self.censored - self.leaderless_at_end,
            takeovers,
            outages,
        }
    }
}

/// What the trials came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many there were.
    pub trials: u64,
    /// When another took over, over the trials in which one did.
    pub takeover: Option<Spread>,
    /// When the Lease no longer counted for the old leader, over the same trials.
    pub detection: Option<Spread>,
    /// How long it took from there until another acted, over the same trials.
    pub election: Option<Spread>,
    /// How long nobody acted, over all trials.
    pub leaderless: Option<Spread>,
    /// How long two or more acted, over all trials.
    pub overlap: Option<Spread>,
    /// What those took to do the work who started when nobody acted, over the trials in which someone did.
    pub warmup: Option<Spread>,
    /// What else passed then before the work's effect was seen again, over the same trials.
    pub system: Option<Spread>,
    /// How long the work was not done or its effect not seen, over all trials.
    pub outage: Option<Spread>,
    /// In how many the old leader started again first.
    pub by_self: u64,
    /// In how many the old leader did not simply lead on: it stopped, or another started.
    pub lost: u64,
    /// In how many there was not exactly one leader at the end.
    pub censored: u64,
    /// In how many of these there was none.
    pub leaderless_at_end: u64,
    /// And in how many there were two or more.
    pub overlapping_at_end: u64,
    /// Every takeover, for a histogram.
    pub takeovers: Distribution,
    /// Every trial's outage, for a histogram.
    pub outages: Distribution,
}

impl Outcome {
    /// Whether two ever acted at once, but for clock ticks.
    #[must_use]
    pub fn overlapped(&self) -> bool {
        self.overlap.is_some_and(|overlap| overlap.max >= Micros::from_millis(5))
    }

    /// In which share of all possible trials something is so that was so in this many.
    #[must_use]
    pub fn share(&self, hits: u64) -> Share {
        Share::of(hits, self.trials)
    }
}
