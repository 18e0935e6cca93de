//! What the faults do to a world, and how processes end and begin in it.

use super::api::{Cut, Writer};
use super::fault::{Drain, Fault, NodeLoss, Outage, Restart};
use super::measure::{Story, What};
use super::replica::Mail;
use super::world::Simulator;
use crate::elector::{Input, Settings};
use crate::model::Micros;
use crate::model::write::{Identity, Manager};

/// Process numbers of restarted containers begin here, above the replicas'.
const RESTARTED: u8 = 128;

impl<S: Settings> Simulator<'_, S> {
    /// What is to happen from without: a fault, the end of a freeze or of the old leader's work, a step of hactl's.
    pub(super) fn happen<T: Story>(&mut self, story: &mut T) {
        let now = self.now;
        if self.thaw <= now {
            self.thaw = Micros::NEVER;
            self.tell(self.old, What::Thawed, story);
            self.count(self.old);
            if std::mem::take(&mut self.ending) {
                self.step(self.old, Input::Shutdown, story);
            }
        } else if self.drained_at <= now {
            self.drained_at = Micros::NEVER;
            if let Some(fault) = self.drained.take() {
                self.strike(fault, 0, story);
            }
        } else if self.next_fault > now {
            self.move_on(story);
        } else if self.meter.has_begun() {
            self.next_fault = Micros::NEVER;
            if let Some(then) = self.scenario.then {
                // Whoever came back since may be followed now.
                self.by_self = false;
                self.tell(self.old, What::Fault, story);
                self.strike(then.fault, 1, story);
            }
        } else {
            self.meter.begin(now);
            self.old = self.replicas.iter().position(|replica| replica.acting).unwrap_or(0);
            self.next_fault = self.scenario.then.map_or(Micros::NEVER, |then| now + then.after);
            self.begin_record(story);
            self.tell(self.old, What::Fault, story);
            self.strike(self.scenario.fault, 0, story);
        }
        self.set_agenda();
        self.settle();
    }

    /// Works out when something is to happen from without next.
    pub(super) fn set_agenda(&mut self) {
        self.agenda = self.next_fault.min(self.thaw).min(self.drained_at).min(self.mover.due());
    }

    /// What a fault does; it is the first one, or the second.
    pub(super) fn strike<T: Story>(&mut self, fault: Fault, which: usize, story: &mut T) {
        match fault {
            Fault::Nothing => {}
            Fault::Crash => self.kill(self.old, None, story),
            Fault::CrashRestart(restart) => self.kill(self.old, Some(restart), story),
            Fault::NodeLoss(loss) => self.lose_node(loss, story),
            Fault::Shutdown => {
                // Who stands still is told when it goes on.
                if self.thaw < Micros::NEVER {
                    self.ending = true;
                } else if self.replicas[self.old].alive {
                    self.step(self.old, Input::Shutdown, story);
                }
            }
            Fault::Drain(drain) => self.drain(drain, story),
            Fault::Partition(outage) => self.cut(which, outage, Some(self.old)),
            Fault::Outage(outage) => self.cut(which, outage, None),
            Fault::DrawnOutage(lasting, met) => {
                let lasting = lasting.draw(&mut self.random);
                self.cut(which, Outage { lasting, met }, None);
            }
            Fault::Freeze(lasting) => {
                self.thaw = self.now + lasting;
                let replica = &mut self.replicas[self.old];
                replica.frozen_until = self.thaw;
                replica.schedule();
                self.count(self.old);
            }
            Fault::Skew(by) => {
                let others = self.replicas.iter_mut().enumerate().filter(|(number, _)| *number != self.old);
                others.for_each(|(_, replica)| replica.put_forward += by);
            }
            Fault::Write(tampering) => {
                let before = self.place.get().map(|lease| lease.spec).unwrap_or_default();
                let write = tampering.write(&before, self.epoch + self.now);
                // A Lease that is gone, or a duration that is none: then nothing happens.
                let _refused = self.write(Writer::Administrator, Manager::ADMINISTRATOR, &write, story);
            }
            Fault::Join => self.join(Micros::ZERO),
            Fault::Move(moving) => self.begin_move(moving.terms),
            Fault::Abandon => self.abandon(),
        }
    }

    /// The old leader's work ends now, and its process later.
    fn drain<T: Story>(&mut self, Drain { lasting, grace }: Drain, story: &mut T) {
        let lasting = lasting.draw(&mut self.random);
        let replica = &mut self.replicas[self.old];
        if !replica.alive {
            return;
        }
        replica.drains = true;
        self.drained = Some(if lasting < grace { Fault::Shutdown } else { Fault::Crash });
        self.drained_at = self.now + lasting.min(grace);
        self.note_stop(self.old);
        self.tell(self.old, What::Stopped, story);
        self.count(self.old);
    }

    fn cut(&mut self, which: usize, Outage { lasting, met }: Outage, only: Option<usize>) {
        let until = self.now + lasting;
        self.cuts[which] = Cut { until, met, only };
        self.out_until = self.out_until.max(until);
    }

    /// A process is gone; what it has sent goes on.
    pub(super) fn kill<T: Story>(&mut self, number: usize, restart: Option<Restart>, story: &mut T) {
        let evicted = number == self.old && self.mover.evicted();
        let restart_at = match restart.filter(|_| !evicted) {
            None => Micros::NEVER,
            Some(restart) => self.now + restart.after + self.scenario.start_up.draw(&mut self.random),
        };
        let replica = &mut self.replicas[number];
        if !replica.alive {
            return;
        }
        let acted = replica.acting;
        replica.acting = false;
        replica.alive = false;
        replica.keeps_identity = restart.is_none_or(|restart| restart.same_identity);
        replica.wake = restart_at;
        if !matches!(replica.mail, Mail::Going(_)) {
            replica.mail = Mail::None;
        }
        replica.schedule();
        if acted {
            self.note_stop(number);
        }
        self.tell(number, What::Exited, story);
        if self.mover.was_there() {
            self.notice_end(number);
        }
        self.count(number);
    }

    /// The node takes along what was on its way, too.
    fn lose_node<T: Story>(&mut self, loss: NodeLoss, story: &mut T) {
        self.kill(self.old, None, story);
        let replica = &mut self.replicas[self.old];
        replica.mail = Mail::None;
        replica.wake = Micros::NEVER;
        replica.schedule();
        if let Some(after) = loss.replaced {
            let start_up = self.scenario.start_up.draw(&mut self.random);
            self.join(after + start_up);
        }
    }

    /// One of the replicas that were not there yet starts after that time.
    pub(super) fn join(&mut self, after: Micros) {
        if let Some(replica) = self.replicas.get_mut(self.spare) {
            replica.wake = self.now + after;
            replica.schedule();
            self.spare += 1;
        }
    }

    /// A container that has ended starts again, or one that was not there yet for the first time.
    pub(super) fn restart<T: Story>(&mut self, number: usize, story: &mut T) {
        let process = RESTARTED + self.restarts;
        self.restarts = (self.restarts + 1) % 100;
        let replica = &mut self.replicas[number];
        let what = if replica.started { What::Restarted } else { What::Joined };
        if !replica.keeps_identity {
            replica.identity = Identity::of(process);
        }
        replica.machine = self.scenario.settings.machine(replica.identity, process);
        replica.alive = true;
        replica.drains = false;
        replica.started = true;
        if S::COORDINATED {
            self.coordinator.register(number, self.replicas[number].identity, self.now);
        }
        self.tell(number, what, story);
        self.step(number, Input::Wake, story);
    }
}
