//! The way to the API and the API itself: what arrives, what is answered, and what becomes of the Lease.

use super::fault::Met;
use super::measure::{Moment, Story, What};
use super::replica::Mail;
use super::world::Simulator;
use crate::elector::{Answer, Draws, Failure, Request, Settings};
use crate::model::Micros;
use crate::model::write::{Identity, Manager, Place, Refusal, Spec, Version, Write};

const MILLION: i64 = 1_000_000;

/// The API cannot be reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    pub(super) until: Micros,
    pub(super) met: Met,
    /// By this replica alone, or by nobody.
    pub(super) only: Option<usize>,
}

impl Cut {
    pub(super) const NONE: Self = Self { until: Micros::ZERO, met: Met::Refused, only: None };
}

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Writer {
    Replica(usize),
    Administrator,
    /// The controller of coordinated elections, for this replica.
    Controller(usize),
}

/// What the Lease says of the old leader, followed from the fault on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Under which name it led.
    old: Identity,
    /// When a write took the Lease away from it, or when it had run out before that write.
    lost: Option<Micros>,
    /// For a story only: when it was written last, and when it will have run out.
    written: Micros,
    expiry: Micros,
    /// What has been told already.
    failed: bool,
    renewed: bool,
    expired: bool,
}

impl Record {
    pub(super) const NEW: Self = Self {
        old: Identity::NOBODY,
        lost: None,
        written: Micros::ZERO,
        expiry: Micros::NEVER,
        failed: false,
        renewed: false,
        expired: false,
    };

    /// Since when the Lease no longer counts for the old leader, if another has it now.
    pub(super) fn gone(&self, place: &Place, epoch: Micros, now: Micros) -> Micros {
        self.lost.unwrap_or_else(|| place.get().map_or(now, |lease| ran_out(&lease.spec, epoch, now)))
    }
}

/// When a record ran out, or now: one that does not say when holds nothing.
fn ran_out(spec: &Spec, epoch: Micros, now: Micros) -> Micros {
    spec.expires().map_or(now, |expiry| (expiry - epoch).min(now))
}

impl<S: Settings> Simulator<'_, S> {
    pub(super) fn latency(&mut self) -> Micros {
        self.scenario.latency.draw(&mut self.random)
    }

    /// How a replica meets an API that it cannot reach now.
    pub(super) fn met(&self, number: usize) -> Option<Met> {
        if self.now >= self.out_until {
            return None;
        }
        let hits = |cut: &&Cut| self.now < cut.until && cut.only.is_none_or(|only| only == number);
        self.cuts.iter().find(hits).map(|cut| cut.met)
    }

    pub(super) fn send<T: Story>(&mut self, number: usize, request: &Request, story: &mut T) {
        let there = self.latency();
        // However fast, an answer is later than its request: two writes in a row do not carry the same time.
        self.replicas[number].mail_at = self.now + there.max(Micros::TICK);
        if there == Micros::ZERO || self.met(number).is_some() {
            self.arrive(number, request, story);
        } else {
            self.replicas[number].mail = Mail::Going(*request);
        }
    }

    /// The request arrives, or breaks on the way: the answer is on its way then, if one comes.
    pub(super) fn arrive<T: Story>(&mut self, number: usize, request: &Request, story: &mut T) {
        let failure = if let Some(met) = self.met(number) {
            match met {
                Met::Hang => None,
                Met::Refused => Some(Failure::Refused),
                Met::Reset => Some(Failure::Reset),
            }
        } else if self.errs() {
            Some(Failure::ServerError)
        } else {
            return self.serve(number, request, story);
        };
        self.replicas[number].mail = failure.map_or(Mail::None, |failure| Mail::Coming(Answer::Failed(failure)));
        self.fail(number, story);
    }

    /// The API answers.
    #[inline]
    fn serve<T: Story>(&mut self, number: usize, request: &Request, story: &mut T) {
        let answer = match request {
            Request::Get => {
                if T::HEARD {
                    self.look(number, story);
                }
                match self.place.get() {
                    Some(lease) => Answer::Found(lease.spec, lease.version),
                    None => Answer::Rejected(Refusal::NotFound),
                }
            }
            Request::Write(manager, write) => match self.write(Writer::Replica(number), *manager, write, story) {
                Ok(version) => Answer::Written(version),
                Err(refusal) => Answer::Rejected(refusal),
            },
        };
        self.replicas[number].mail = Mail::Coming(answer);
    }

    /// Whether the API answers this request with a 5xx.
    pub(super) fn errs(&mut self) -> bool {
        self.scenario.errors > 0
            && self.meter.has_begun()
            && self.random.between(Micros::ZERO, Micros::new(MILLION - 1)).get() < self.scenario.errors.into()
    }

    /// A write: of a replica, an administrator, or the controller.
    #[inline]
    pub(super) fn write<T: Story>(
        &mut self,
        by: Writer,
        manager: Manager,
        write: &Write,
        story: &mut T,
    ) -> Result<Version, Refusal> {
        if S::COORDINATED {
            self.coordinator.notice(self.now);
        }
        if T::HEARD || self.meter.has_begun() {
            self.write_followed(by, manager, write, story)
        } else {
            self.place.write(manager, write)
        }
    }

    /// Seldom: most writes of a trial come before its fault.
    #[cold]
    fn write_followed<T: Story>(
        &mut self,
        by: Writer,
        manager: Manager,
        write: &Write,
        story: &mut T,
    ) -> Result<Version, Refusal> {
        let before = self.place.get().map(|lease| lease.spec);
        let version = self.place.write(manager, write)?;
        let after = self.place.get().map(|lease| lease.spec);
        if self.meter.has_begun() {
            self.follow(before, after);
            if self.mover.was_there() {
                self.notice_write();
            }
        }
        if T::HEARD {
            self.report(by, before, after, story);
        }
        Ok(version)
    }

    /// What the Lease says of the old leader after a write.
    fn follow(&mut self, before: Option<Spec>, after: Option<Spec>) {
        let old = Some(self.record.old);
        let held = before.filter(|spec| spec.holder == old);
        if after.is_some_and(|spec| spec.holder == old) {
            self.record.lost = None;
        } else if let Some(before) = held {
            self.record.lost = Some(ran_out(&before, self.epoch, self.now).max(self.fault_at));
        }
    }

    /// The fault comes: from here on the record is followed, and the story told.
    pub(super) fn begin_record<T: Story>(&mut self, story: &mut T) {
        let holder = self.place.get().and_then(|lease| lease.spec.holder);
        self.record.old = self.replicas[self.old].identity;
        self.record.lost = (holder != Some(self.record.old)).then_some(self.now);
        if T::HEARD && holder == Some(self.record.old) {
            let at = self.record.written - self.fault_at;
            story.tell(Moment { at, replica: self.old, what: What::Renewed });
        }
    }

    /// Tells of a request that came to nothing.
    pub(super) fn fail<T: Story>(&mut self, number: usize, story: &mut T) {
        if T::HEARD && number == self.old && !self.record.failed && self.meter.has_begun() {
            self.record.failed = true;
            self.tell(number, What::Failed, story);
        }
    }

    /// Tells that the Lease has run out, if it does so by then.
    pub(super) fn expire<T: Story>(&mut self, by: Micros, story: &mut T) {
        let Record { expiry, .. } = self.record;
        if !self.meter.has_begun() || expiry >= by {
            return;
        }
        self.record.expiry = Micros::NEVER;
        self.record.expired = true;
        let holder = self.place.get().and_then(|lease| lease.spec.holder);
        let replica = self.replicas.iter().position(|replica| Some(replica.identity) == holder).unwrap_or(self.old);
        // It may have been run out when the fault came.
        let at = expiry.max(self.now) - self.fault_at;
        story.tell(Moment { at, replica, what: What::Expired });
    }

    /// Tells of the first look at a Lease that has run out.
    fn look<T: Story>(&mut self, number: usize, story: &mut T) {
        if self.record.expired && number != self.old {
            self.record.expired = false;
            self.tell(number, What::Looked, story);
        }
    }

    /// Tells what a write has done.
    fn report<T: Story>(&mut self, by: Writer, before: Option<Spec>, after: Option<Spec>, story: &mut T) {
        let named = |spec: Option<Spec>| spec.and_then(|spec| spec.holder).filter(|holder| *holder != Identity::EMPTY);
        let (was, is) = (named(before), named(after));
        self.record.written = self.now;
        self.record.expired = false;
        let expiry = after.filter(|_| is.is_some()).and_then(|spec| spec.expires());
        self.record.expiry = expiry.map_or(Micros::NEVER, |expiry| expiry - self.epoch);
        if !self.meter.has_begun() {
            return;
        }
        let number = match by {
            Writer::Replica(number) => number,
            Writer::Administrator => return self.tell(self.old, What::Tampered, story),
            Writer::Controller(number) if was != is => return self.tell(number, What::Named, story),
            Writer::Controller(number) => return self.tell(number, What::Preferred, story),
        };
        let me = Some(self.replicas[number].identity);
        let what = match (was == me, is == me) {
            (false, true) => What::Acquired,
            (true, true) if number == self.old && !self.record.renewed => {
                self.record.renewed = true;
                What::Renewed
            }
            (true, false) => What::Released,
            (false, false) if was.is_some() && is.is_none() => What::Freed,
            _ => return,
        };
        self.tell(number, what, story);
    }
}
