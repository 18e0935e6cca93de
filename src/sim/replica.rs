//! A replica in a world: its elector, its clock, what it waits for, and what is on its way.

use crate::elector::{Answer, Request};
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
    pub(super) alive: bool,
    /// Whether it thinks that it leads, and whether it is counted: not while it stands still.
    pub(super) acting: bool,
    pub(super) counted: bool,
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
    pub(super) fn new(machine: M, identity: Identity, ahead: Micros) -> Self {
        Self {
            machine,
            identity,
            ahead,
            put_forward: Micros::ZERO,
            alive: true,
            acting: false,
            counted: false,
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
        *self = Self { wake: start, due: start, ..Self::new(machine, identity, self.ahead) };
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
}
