//! What is measured in a trial: who acts from when to when, and so how long nobody did, or two at once.

use crate::model::Micros;

/// What a trial came to, in times since the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// When a process other than the old leader started to act, if none but such a one started first.
    pub takeover: Option<Micros>,
    /// Whether the old leader, or its container come back, started again before anyone else.
    pub by_self: bool,
    /// How long nobody acted, all in all.
    pub leaderless: Micros,
    /// How long two or more acted at once, all in all.
    pub overlap: Micros,
    /// Whether at the end there was still not exactly one.
    pub censored: bool,
}

/// A moment of a trial's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When, counted from the fault.
    pub at: Micros,
    /// Which replica; the first is the one that led at the beginning.
    pub replica: usize,
    /// What.
    pub what: What,
}

/// What happens to a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The fault hits it, or the API or Lease that it leads by.
    Fault,
    /// It starts to act.
    Started,
    /// It acts no more.
    Stopped,
    /// Its process ends.
    Exited,
    /// Its container is started again.
    Restarted,
    /// It goes on after a freeze.
    Thawed,
}

/// Who wants to hear a trial's story.
pub trait Story {
    /// It goes on.
    fn tell(&mut self, moment: Moment);
}

/// Nobody.
impl Story for () {
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
