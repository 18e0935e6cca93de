//! A replica in a world: its elector, its clocks, what it waits for, and what is on its way.

use crate::elector::{Answer, Now, Request};
use crate::model::Micros;
use crate::model::write::Identity;

#[derive(Clone, Debug)]
pub(super) struct Replica<M> {
    pub(super) machine: M,
    pub(super) identity: Identity,
    /// How far its wall clock is ahead.
    pub(super) ahead: Micros,
    /// How far it was put forward since.
    pub(super) put_forward: Micros,
    /// By how many parts in a million its clocks run fast.
    pub(super) rate: i32,
    /// Whether it was ever there, and is.
    pub(super) started: bool,
    pub(super) alive: bool,
    /// Whether its next process has this one's identity.
    pub(super) keeps_identity: bool,
    /// Whether it thinks that it leads, and whether it is counted: not while it stands still.
    pub(super) acting: bool,
    pub(super) counted: bool,
    /// Its work has ended, though it still renews its Lease.
    pub(super) drains: bool,
    /// It stands still until then.
    pub(super) frozen_until: Micros,
    pub(super) wake: Micros,
    pub(super) mail: Mail,
    pub(super) mail_at: Micros,
    /// When it is due next, by all of these.
    pub(super) due: Micros,
    pub(super) last_step: u64,
}

/// A request or an answer on its way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mail {
    None,
    Going(Request),
    Coming(Answer),
}

impl<M> Replica<M> {
    pub(super) fn new(machine: M, identity: Identity, ahead: Micros, rate: i32) -> Self {
        Self {
            machine,
            identity,
            ahead,
            put_forward: Micros::ZERO,
            rate,
            started: true,
            alive: true,
            keeps_identity: true,
            acting: false,
            counted: false,
            drains: false,
            frozen_until: Micros::ZERO,
            wake: Micros::ZERO,
            mail: Mail::None,
            mail_at: Micros::NEVER,
            due: Micros::ZERO,
            last_step: 0,
        }
    }

    /// A new trial: the process starts at that time.
    pub(super) fn begin(&mut self, machine: M, identity: Identity, start: Micros) {
        *self = Self { wake: start, due: start, ..Self::new(machine, identity, self.ahead, self.rate) };
    }

    /// A new trial, in which it is not there yet.
    pub(super) fn wait(&mut self, machine: M, identity: Identity) {
        self.begin(machine, identity, Micros::NEVER);
        self.started = false;
        self.alive = false;
    }

    /// Works out when it is due next.
    pub(super) fn schedule(&mut self) {
        let mail = match self.mail {
            Mail::None => Micros::NEVER,
            // It is on its way already.
            Mail::Going(_) => self.mail_at,
            Mail::Coming(_) => self.mail_at.max(self.frozen_until),
        };
        self.due = self.wake.max(self.frozen_until).min(mail);
    }

    /// What its clocks show at a time of the world; `epoch` is what the API server's showed at its beginning.
    pub(super) fn clocks(&self, world: Micros, epoch: Micros) -> Now {
        let monotonic = if self.rate == 0 { world } else { self.passed(world) };
        Now { monotonic, wall: epoch + monotonic + self.ahead + self.put_forward }
    }

    #[cold]
    fn passed(&self, world: Micros) -> Micros {
        let gained = i128::from(world.get()) * i128::from(self.rate) / MILLION;
        world + Micros::new(i64::try_from(gained).unwrap_or(i64::MAX))
    }

    /// When its timer for that time of its monotonic clock goes off: not earlier than that clock shows it.
    pub(super) fn due_at(&self, monotonic: Micros) -> Micros {
        if self.rate == 0 || monotonic == Micros::NEVER { monotonic } else { self.reached(monotonic) }
    }

    #[cold]
    fn reached(&self, monotonic: Micros) -> Micros {
        // A clock that does not run at all is none.
        let speed = (MILLION + i128::from(self.rate)).max(1);
        let mut world = Micros::new(i64::try_from(i128::from(monotonic.get()) * MILLION / speed).unwrap_or(i64::MAX));
        while self.passed(world) < monotonic && world < Micros::NEVER {
            world += Micros::TICK;
        }
        world
    }
}

const MILLION: i128 = 1_000_000;
