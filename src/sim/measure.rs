//! What is measured in a trial: who acts from when to when, and so how long nobody did, or two at once.

use crate::model::Micros;

/// What a trial came to, in times since the (first) fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// When a process other than the old leader started to act, if none but such a one started first.
    pub takeover: Option<Micros>,
    /// For a takeover: when the Lease no longer counted for the old leader, by its record and the API server's clock.
    /// It ran out, or a write took it away; from zero to the takeover.
    pub detection: Option<Micros>,
    /// Whether the old leader, or its container come back, started again before anyone else: after the last fault, if
    /// there were two.
    pub by_self: bool,
    /// When the old leader no longer took itself for the leader, for the first time. (Who stands still may.)
    pub old_stopped: Option<Micros>,
    /// How long nobody acted, all in all.
    pub leaderless: Micros,
    /// How many times someone started to act when nobody did. Who goes on after a freeze does not start.
    pub gaps: u32,
    /// How long two or more acted at once, all in all.
    pub overlap: Micros,
    /// What those who started when nobody acted took before they did the work, all in all.
    pub warmup: Micros,
    /// What else passed each time before the work's effect was seen again, all in all.
    pub system: Micros,
    /// How long the work was not done, or its effect not seen: `leaderless + warmup + system`.
    pub outage: Micros,
    /// Whether at the end there was still not exactly one.
    pub censored: bool,
    /// How many acted at the end.
    pub acting_at_end: u32,
}

impl Trial {
    /// For a takeover: how long it took from the detection on.
    #[must_use]
    pub fn election(&self) -> Option<Micros> {
        Some(self.takeover? - self.detection?)
    }
}

/// A moment of a trial's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When, counted from the (first) fault. Moments are told in this order.
    pub at: Micros,
    /// Which replica; the first is the one that led at the beginning.
    pub replica: usize,
    /// What.
    pub what: What,
}

/// What happens to a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A fault hits it, or the API or Lease that it leads by; the first, or the second.
    Fault,
    /// It renewed its Lease: told of the leader's last renewal before the fault, and of its first one after it.
    Renewed,
    /// A request of the old leader came to nothing, for the first time after the fault.
    Failed,
    /// Its Lease runs out, by its record and the API server's clock.
    Expired,
    /// It looks at the Lease of another, for the first time since that has run out.
    Looked,
    /// It writes itself into the Lease as the holder.
    Acquired,
    /// It gives the Lease up.
    Released,
    /// It takes another's name out of the Lease, and does not yet put its own in.
    Freed,
    /// The controller of coordinated elections writes it into the Lease as the holder.
    Named,
    /// The controller would rather have it lead: the holder is to give up.
    Preferred,
    /// Someone else has written to the Lease by which it leads.
    Tampered,
    /// It starts to act.
    Started,
    /// It acts no more.
    Stopped,
    /// Its process ends.
    Exited,
    /// Its container is started again.
    Restarted,
    /// It starts for the first time, as one more replica.
    Joined,
    /// It goes on after a freeze.
    Thawed,
}

/// Who wants to hear a trial's story.
pub trait Story {
    /// Whether anyone listens: otherwise it is not even made up.
    const HEARD: bool = true;

    /// It goes on.
    fn tell(&mut self, moment: Moment);
}

/// Nobody.
impl Story for () {
    const HEARD: bool = false;

    fn tell(&mut self, _: Moment) {}
}

/// Whoever writes it down.
impl Story for Vec<Moment> {
    fn tell(&mut self, moment: Moment) {
        self.push(moment);
    }
}

/// Adds up, from the fault on, how long nobody acts and how long two do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    since: Micros,
    acting: u32,
    leaderless: Micros,
    overlap: Micros,
}

impl Meter {
    pub(super) const NEW: Self =
        Self { since: Micros::NEVER, acting: 0, leaderless: Micros::ZERO, overlap: Micros::ZERO };

    /// From now on it counts.
    pub(super) fn begin(&mut self, now: Micros) {
        self.since = now;
    }

    pub(super) fn has_begun(&self) -> bool {
        self.since < Micros::NEVER
    }

    pub(super) fn acting(&self) -> u32 {
        self.acting
    }

    /// One more acts, or one less.
    pub(super) fn change(&mut self, more: bool, now: Micros) {
        self.count(now);
        self.acting = if more { self.acting + 1 } else { self.acting.saturating_sub(1) };
    }

    fn count(&mut self, now: Micros) {
        if now <= self.since {
            return;
        }
        let passed = now - self.since;
        self.since = now;
        match self.acting {
            0 => self.leaderless += passed,
            1 => {}
            _ => self.overlap += passed,
        }
    }

    /// The end: how long nobody acted, how long two did, and whether it still is so.
    pub(super) fn end(mut self, now: Micros) -> (Micros, Micros, bool) {
        self.count(now);
        (self.leaderless, self.overlap, self.acting != 1)
    }
}
