//! The controller of coordinated elections, in the API server: it asks the candidates whether they are there, and names
//! the oldest that answers.
//!
//! Step by step as `reconcileElectionStep` in
//! `kubernetes/pkg/controlplane/controller/leaderelection/leaderelection_controller.go` 1.36.3, for candidates of one
//! version. Left out: what takes a quarter of an hour (silent candidates are asked again, then forgotten), and that the
//! controller itself has to be elected anew when its API server is gone: it rests during an outage of everyone's.

use super::Random;
use super::api::Writer;
use super::measure::Story;
use super::world::Simulator;
use crate::elector::coordinated::{ASKING, LOOK_AGAIN, NAMED_FOR};
use crate::elector::{Draws, Settings};
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Manager, Spec, Write};

/// What the controller knows.
#[derive(Clone, Debug)]
pub(super) struct Coordinator {
    candidates: Vec<Candidate>,
    /// When an event is to be looked at, and when it looks without one.
    event: Micros,
    again: Micros,
}

/// A LeaseCandidate, oldest first.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    replica: usize,
    identity: Identity,
    /// When it was asked last, and when it last said that it is there.
    asked: Option<Micros>,
    renewed: Micros,
    /// When its answer will have arrived.
    answer: Micros,
}

impl Candidate {
    fn silent(&self) -> bool {
        self.asked.is_some_and(|asked| self.renewed < asked)
    }

    fn asked_lately(&self, now: Micros) -> bool {
        self.asked.is_some_and(|asked| asked + ASKING > now)
    }
}

impl Coordinator {
    pub(super) fn new() -> Self {
        Self { candidates: Vec::with_capacity(16), event: Micros::NEVER, again: Micros::NEVER }
    }

    /// A new trial. Its looks and the leader's renewals have drifted to any phase in an election that runs for ever.
    pub(super) fn begin(&mut self, random: &mut Random, haunted: bool) {
        self.candidates.clear();
        if haunted {
            // Asked once, and silent ever since.
            let (asked, renewed) = (Some(Micros::ZERO - ASKING * 2), Micros::ZERO - ASKING * 3);
            let (identity, answer) = (Identity::NOBODY, Micros::NEVER);
            self.candidates.push(Candidate { replica: 0, identity, asked, renewed, answer });
        }
        self.event = Micros::NEVER;
        self.again = random.between(Micros::ZERO, LOOK_AGAIN - Micros::TICK);
    }

    pub(super) fn due(&self) -> Micros {
        let answers = self.candidates.iter().map(|candidate| candidate.answer);
        answers.fold(self.event.min(self.again), Micros::min)
    }

    /// The Lease was written.
    pub(super) fn notice(&mut self, now: Micros) {
        self.event = self.event.min(now + Micros::TICK);
    }

    /// A process has started: it creates its candidate, or finds that of its identity and renews it.
    pub(super) fn register(&mut self, replica: usize, identity: Identity, now: Micros) {
        match self.candidates.iter_mut().find(|candidate| candidate.identity == identity) {
            Some(candidate) => candidate.renewed = now,
            None => {
                self.candidates.push(Candidate { replica, identity, asked: None, renewed: now, answer: Micros::NEVER })
            }
        }
        self.notice(now);
    }
}

impl<S: Settings> Simulator<'_, S> {
    /// What is due for the controller.
    pub(super) fn coordinate<T: Story>(&mut self, story: &mut T) {
        let now = self.now;
        if now < self.out_until && self.cuts.iter().any(|cut| cut.only.is_none() && now < cut.until) {
            self.coordinator.event = self.out_until;
            self.coordinator.again = Micros::NEVER;
            self.coordinator.candidates.iter_mut().for_each(|candidate| candidate.answer = Micros::NEVER);
            return;
        }
        for candidate in &mut self.coordinator.candidates {
            if candidate.answer <= now {
                candidate.answer = Micros::NEVER;
                candidate.renewed = now;
            }
        }
        self.coordinator.event = Micros::NEVER;
        if self.coordinator.again <= now {
            self.coordinator.again = Micros::NEVER;
        }
        if self.reconcile(story) {
            // The queue keeps the earlier of two times.
            self.coordinator.again = self.coordinator.again.min(now + LOOK_AGAIN);
        }
    }

    /// A step of an election; whether to look again without an event.
    fn reconcile<T: Story>(&mut self, story: &mut T) -> bool {
        let now = self.now;
        let Some(oldest) = self.coordinator.candidates.first().map(|candidate| candidate.identity) else {
            return false;
        };
        let renewed = self.epoch + now;
        let lease = self.place.get().map(|lease| lease.spec);
        let named = |spec: &Spec| spec.holder.filter(|holder| *holder != Identity::EMPTY);
        let expired = |spec: &Spec| spec.expires().is_none_or(|expiry| expiry < renewed);
        let content = |spec: &Spec| !expired(spec) && named(spec) == Some(oldest);
        if lease.as_ref().is_some_and(content) || !self.ask() {
            return true;
        }
        if self.coordinator.candidates.iter().any(|candidate| candidate.silent() && candidate.asked_lately(now)) {
            return false;
        }
        let Some(best) = self.coordinator.candidates.iter().find(|candidate| candidate.renewed + ASKING > now) else {
            return false;
        };
        let (replica, best) = (best.replica, best.identity);
        let seconds = i32::try_from(NAMED_FOR.whole_seconds()).unwrap_or(i32::MAX);
        let write = match lease {
            None => Write::Create(Spec {
                holder: Some(best),
                duration: Some(seconds),
                renewed: Some(renewed),
                ..Spec::default()
            }),
            Some(spec) if named(&spec).is_none() || (expired(&spec) && named(&spec) != Some(best)) => patch(Fields {
                holder: Change::Set(best),
                duration: Change::Set(seconds),
                acquired: Change::Null,
                renewed: Change::Set(renewed),
                transitions: Change::Keep,
                preferred: Change::Null,
            }),
            Some(spec) if named(&spec) != Some(best) && spec.preferred != Some(best) => {
                patch(Fields { preferred: Change::Set(best), ..Fields::default() })
            }
            // All as it should be. Who is named but does not renew, because it is to give up for someone who is gone, too.
            Some(_) => return true,
        };
        let _refused = self.write(Writer::Controller(replica), Manager::ADMINISTRATOR, &write, story);
        true
    }

    /// Asks who was not heard of lately, and says whether nobody is to be waited for.
    fn ask(&mut self) -> bool {
        let now = self.now;
        let mut ready = true;
        for number in 0..self.coordinator.candidates.len() {
            let candidate = self.coordinator.candidates[number];
            if candidate.silent() && candidate.asked_lately(now) {
                ready = false;
                continue;
            }
            if candidate.renewed + ASKING > now {
                continue;
            }
            // Only who has answered the last time is asked again.
            let outdated = candidate.asked.is_some_and(|asked| asked + ASKING < now);
            if candidate.asked.is_none() || (outdated && !candidate.silent()) {
                let answer = self.answer(&candidate);
                let candidate = &mut self.coordinator.candidates[number];
                candidate.asked = Some(now);
                candidate.answer = answer;
                ready = false;
            }
        }
        ready
    }

    /// When a candidate's answer arrives: it watches, and writes its LeaseCandidate.
    fn answer(&mut self, candidate: &Candidate) -> Micros {
        let there = self.latency() + self.latency();
        let replica = &self.replicas[candidate.replica];
        let lives = replica.alive && replica.identity == candidate.identity;
        if lives && self.met(candidate.replica).is_none() {
            (self.now + there.max(Micros::TICK)).max(replica.frozen_until)
        } else {
            Micros::NEVER
        }
    }
}

fn patch(fields: Fields) -> Write {
    Write::Patch { fields, version: None }
}
