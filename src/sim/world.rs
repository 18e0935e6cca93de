//! A world: replicas with their clocks, the way to the API, the Lease, and the order in which things happen.

use super::Random;
use super::measure::{Meter, Moment, Story, Trial, What};
use super::replica::{Mail, Replica};
use super::scenario::{Fault, Met, Restart, Scenario};
use crate::elector::{Answer, Draws, Event, Failure, Input, Machine, Now, Output, Request, Rhythm, Settings};
use crate::model::Micros;
use crate::model::write::{Identity, Manager, Place, Refusal, Spec, Write};

/// The API server's clock at the beginning, but for the fraction of a second, which is drawn.
const EPOCH: Micros = Micros::from_secs(1_000_000);

/// Process numbers of restarted containers begin here, above the replicas'.
const RESTARTED: u8 = 128;

/// Plays trials of one scenario. Nothing is allocated for a trial.
#[derive(Clone, Debug)]
pub struct Simulator<'s, S: Settings> {
    scenario: &'s Scenario<S>,
    rhythm: Rhythm,
    /// No Lease, or an empty one for those that need one: where every trial begins.
    vacant: Place,
    place: Place,
    replicas: Vec<Replica<S::Machine>>,
    random: Random,
    epoch: Micros,
    now: Micros,
    /// How many steps were made: whoever's last is longest ago goes first among those due at the same time.
    steps: u64,
    restarts: u8,
    /// When the fault is to happen, and then when the freeze ends.
    agenda: Micros,
    fault_at: Micros,
    /// Until when the API cannot be reached, and by whom.
    out_until: Micros,
    /// Who led when the fault happened.
    old: usize,
    meter: Meter,
    takeover: Option<Micros>,
    by_self: bool,
    /// When the trial is over if nothing changes.
    over: Micros,
}

impl<'s, S: Settings> Simulator<'s, S> {
    /// A simulator for this scenario, which has a hundred replicas at most.
    #[must_use]
    pub fn new(scenario: &'s Scenario<S>) -> Self {
        let mut vacant = Place::default();
        if !S::CREATES {
            let created = vacant.write(Manager::ADMINISTRATOR, &Write::Create(Spec::default()));
            debug_assert!(created.is_ok(), "an empty Lease is valid");
        }
        let replica = |number: u8| {
            let ahead = scenario.clocks.get(usize::from(number)).copied().unwrap_or_default();
            Replica::new(scenario.settings.machine(Identity::of(number), number), Identity::of(number), ahead)
        };
        Self {
            scenario,
            rhythm: scenario.settings.rhythm(),
            vacant,
            place: vacant,
            replicas: (0..=scenario.standbys.min(99)).map(replica).collect(),
            random: Random::stream(0, 0),
            epoch: EPOCH,
            now: Micros::ZERO,
            steps: 0,
            restarts: 0,
            agenda: Micros::NEVER,
            fault_at: Micros::NEVER,
            out_until: Micros::ZERO,
            old: 0,
            meter: Meter::NEW,
            takeover: None,
            by_self: false,
            over: Micros::NEVER,
        }
    }

    /// Plays one trial on this stream of random numbers.
    pub fn trial(&mut self, random: Random, story: &mut impl Story) -> Trial {
        self.begin(random);
        loop {
            let (due, replica) = self.next();
            let next = due.min(self.agenda);
            if next > self.over {
                return self.end();
            }
            self.now = next;
            // Who wakes from a freeze may find at once that it leads no more.
            if self.agenda < due {
                self.happen(story);
            } else {
                self.act(replica, story);
            }
        }
    }

    /// The leader starts first, the others at random within the time between two looks, so that at the fault, which
    /// comes at a random time between two renewals, every phase is as likely as in an election that runs for ever.
    fn begin(&mut self, mut random: Random) {
        let Rhythm { renewal, look, warm_up, .. } = self.rhythm;
        self.epoch = EPOCH + random.between(Micros::ZERO, Micros::SECOND - Micros::TICK);
        let settled = self.scenario.latency.high * 20 + Micros::TICK;
        for (number, replica) in (0..).zip(&mut self.replicas) {
            let start = if number == 0 { Micros::ZERO } else { settled + random.between(Micros::ZERO, look) };
            replica.begin(self.scenario.settings.machine(Identity::of(number), number), Identity::of(number), start);
        }
        self.place = self.vacant;
        self.fault_at = settled + look + warm_up + random.between(Micros::ZERO, renewal - Micros::TICK);
        self.random = random;
        self.now = Micros::ZERO;
        self.steps = 0;
        self.restarts = 0;
        self.agenda = self.fault_at;
        self.out_until = Micros::ZERO;
        self.old = 0;
        self.meter = Meter::NEW;
        self.takeover = None;
        self.by_self = false;
        self.over = Micros::NEVER;
    }

    fn end(&self) -> Trial {
        let (leaderless, overlap, censored) = self.meter.end(self.over);
        Trial { takeover: self.takeover, by_self: self.by_self, leaderless, overlap, censored }
    }

    /// Who is due next, and when.
    fn next(&self) -> (Micros, usize) {
        let mut first = 0;
        for (number, replica) in self.replicas.iter().enumerate().skip(1) {
            let before = &self.replicas[first];
            if replica.due < before.due || (replica.due == before.due && replica.last_step < before.last_step) {
                first = number;
            }
        }
        (self.replicas[first].due, first)
    }

    fn tell(&self, replica: usize, what: What, story: &mut impl Story) {
        story.tell(Moment { at: self.now - self.fault_at, replica, what });
    }

    /// The fault, or the end of a freeze.
    fn happen(&mut self, story: &mut impl Story) {
        self.agenda = Micros::NEVER;
        if self.meter.has_begun() {
            self.tell(self.old, What::Thawed, story);
            self.count(self.old);
            self.settle();
            return;
        }
        self.meter.begin(self.now);
        self.old = self.replicas.iter().position(|replica| replica.acting).unwrap_or(0);
        self.tell(self.old, What::Fault, story);
        match self.scenario.fault {
            Fault::Nothing => {}
            Fault::Crash => self.kill(self.old, None, story),
            Fault::CrashRestart(restart) => self.kill(self.old, Some(restart), story),
            Fault::Shutdown => self.step(self.old, Input::Shutdown, story),
            Fault::Partition(outage) | Fault::Outage(outage) => self.out_until = self.now + outage.lasting,
            Fault::Freeze(lasting) => {
                let until = self.now + lasting;
                let replica = &mut self.replicas[self.old];
                replica.frozen_until = until;
                replica.schedule();
                self.agenda = until;
                self.count(self.old);
            }
            Fault::Skew(by) => {
                let others = self.replicas.iter_mut().enumerate().filter(|(number, _)| *number != self.old);
                others.for_each(|(_, replica)| replica.put_forward = by);
            }
            Fault::Write(tampering) => {
                let before = self.place.get().map(|lease| lease.spec).unwrap_or_default();
                let write = tampering.write(&before, self.epoch + self.now);
                // A Lease that is gone, or a duration that is none: then nothing happens.
                let _refused = self.place.write(Manager::ADMINISTRATOR, &write);
            }
        }
        self.settle();
    }

    /// A process is gone; what it has sent goes on.
    fn kill(&mut self, number: usize, restart: Option<Restart>, story: &mut impl Story) {
        let restart_at = restart.map_or(Micros::NEVER, |restart| self.now + restart.after);
        let replica = &mut self.replicas[number];
        replica.acting = false;
        replica.alive = false;
        replica.wake = restart_at;
        if !matches!(replica.mail, Mail::Going(_)) {
            replica.mail = Mail::None;
        }
        replica.schedule();
        self.tell(number, What::Exited, story);
        self.count(number);
    }

    /// Counts a replica among those that act, or no more.
    fn count(&mut self, number: usize) {
        let replica = &mut self.replicas[number];
        let more = replica.acting && self.now >= replica.frozen_until;
        if replica.counted == more {
            return;
        }
        replica.counted = more;
        self.meter.change(more, self.now);
        if !self.meter.has_begun() {
            return;
        }
        if more && self.takeover.is_none() && !self.by_self {
            if number == self.old {
                self.by_self = true;
            } else {
                self.takeover = Some(self.now - self.fault_at);
            }
        }
        self.settle();
    }

    /// When the trial is over if nothing changes from now on: at once where nothing can follow any more.
    fn settle(&mut self) {
        let horizon = self.fault_at + self.scenario.horizon;
        if self.meter.acting() != 1 || self.agenda != Micros::NEVER {
            self.over = horizon;
            return;
        }
        let old = &self.replicas[self.old];
        let final_ = S::GUARDED && !old.alive && old.wake == Micros::NEVER && self.now >= self.out_until;
        let quiet = if final_ { Micros::ZERO } else { self.rhythm.settling };
        self.over = (self.now.max(self.out_until) + quiet).min(horizon);
    }

    /// What is due for a replica.
    fn act(&mut self, number: usize, story: &mut impl Story) {
        let now = self.now;
        let replica = &mut self.replicas[number];
        match replica.mail {
            Mail::Going(request) if replica.mail_at <= now => {
                let answer = self.arrive(number, &request);
                let back = self.latency();
                let replica = &mut self.replicas[number];
                replica.mail = answer.filter(|_| replica.alive).map_or(Mail::None, Mail::Coming);
                replica.mail_at = now + back.max(Micros::TICK);
                replica.last_step = self.steps;
                replica.schedule();
            }
            Mail::Coming(answer) if replica.mail_at <= now => {
                replica.mail = Mail::None;
                match (self.met(number), answer) {
                    (None, _) | (_, Answer::Failed(_)) => self.step(number, Input::Answer(answer), story),
                    (Some(Met::Hang), _) => self.replicas[number].schedule(),
                    (Some(_), _) => self.step(number, Input::Answer(Answer::Failed(Failure::Reset)), story),
                }
            }
            _ if !replica.alive => self.restart(number, story),
            _ => self.step(number, Input::Wake, story),
        }
    }

    fn restart(&mut self, number: usize, story: &mut impl Story) {
        let same = match (self.scenario.fault, self.scenario.restart) {
            (Fault::CrashRestart(restart), _) | (_, Some(restart)) => restart.same_identity,
            _ => true,
        };
        let process = RESTARTED + self.restarts;
        self.restarts = (self.restarts + 1) % 100;
        let replica = &mut self.replicas[number];
        if !same {
            replica.identity = Identity::of(process);
        }
        replica.machine = self.scenario.settings.machine(replica.identity, process);
        replica.alive = true;
        self.tell(number, What::Restarted, story);
        self.step(number, Input::Wake, story);
    }

    fn step(&mut self, number: usize, input: Input, story: &mut impl Story) {
        self.steps += 1;
        let replica = &mut self.replicas[number];
        replica.last_step = self.steps;
        let now = Now { monotonic: self.now, wall: self.epoch + self.now + replica.ahead + replica.put_forward };
        let Output { request, wake, event } = replica.machine.step(now, input, &mut self.random);
        replica.wake = wake.unwrap_or(Micros::NEVER);
        if let Some(request) = request {
            self.send(number, request);
        }
        self.replicas[number].schedule();
        match event {
            None => {}
            Some(Event::Started) => self.turn(number, true, story),
            Some(Event::Stopped) => self.turn(number, false, story),
            Some(Event::Exited) => self.kill(number, self.scenario.restart, story),
        }
    }

    fn turn(&mut self, number: usize, acting: bool, story: &mut impl Story) {
        let replica = &mut self.replicas[number];
        if replica.acting != acting {
            replica.acting = acting;
            self.tell(number, if acting { What::Started } else { What::Stopped }, story);
            self.count(number);
        }
    }

    fn latency(&mut self) -> Micros {
        let way = self.scenario.latency;
        if way.high == Micros::ZERO { Micros::ZERO } else { self.random.between(way.low, way.high) }
    }

    /// How a replica meets an API that it cannot reach now.
    fn met(&self, number: usize) -> Option<Met> {
        if self.now >= self.out_until {
            return None;
        }
        match self.scenario.fault {
            Fault::Outage(outage) => Some(outage.met),
            Fault::Partition(outage) if number == self.old => Some(outage.met),
            _ => None,
        }
    }

    fn send(&mut self, number: usize, request: Request) {
        let there = self.latency();
        let mail = if there == Micros::ZERO || self.met(number).is_some() {
            self.arrive(number, &request).map_or(Mail::None, Mail::Coming)
        } else {
            Mail::Going(request)
        };
        let replica = &mut self.replicas[number];
        replica.mail = mail;
        // However fast, an answer is later than its request: two writes in a row do not carry the same time.
        replica.mail_at = self.now + there.max(Micros::TICK);
    }

    /// The request arrives, or breaks on the way.
    fn arrive(&mut self, number: usize, request: &Request) -> Option<Answer> {
        match self.met(number) {
            Some(Met::Hang) => return None,
            Some(Met::Refused) => return Some(Answer::Failed(Failure::Refused)),
            Some(Met::Reset) => return Some(Answer::Failed(Failure::Reset)),
            None => {}
        }
        Some(match request {
            Request::Get => match self.place.get() {
                Some(lease) => Answer::Found(lease.spec, lease.version),
                None => Answer::Rejected(Refusal::NotFound),
            },
            Request::Write(manager, write) => match self.place.write(*manager, write) {
                Ok(version) => Answer::Written(version),
                Err(refusal) => Answer::Rejected(refusal),
            },
        })
    }
}
