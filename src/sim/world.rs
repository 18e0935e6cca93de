//! A world: replicas with their clocks, the way to the API, the Lease, and the order in which things happen.

use super::api::{Cut, Record};
use super::coordinator::Coordinator;
use super::fault::Fault;
use super::measure::{Meter, Moment, Story, Trial, What};
use super::mover::Mover;
use super::replica::{Mail, Replica};
use super::scenario::Scenario;
use super::{Random, Span};
use crate::elector::{Answer, Draws, Event, Failure, Input, Machine, Rhythm, Settings};
use crate::model::Micros;
use crate::model::write::{Identity, Manager, Place, Spec, Write};

/// The API server's clock at the beginning, but for the fraction of a second, which is drawn.
const EPOCH: Micros = Micros::from_secs(1_000_000);

/// Plays trials of one scenario. Nothing is allocated for a trial.
#[derive(Clone, Debug)]
pub struct Simulator<'s, S: Settings> {
    pub(super) scenario: &'s Scenario<S>,
    rhythm: Rhythm,
    /// Whether something may always happen, whoever leads: then no trial ends before the horizon.
    restless: bool,
    /// No Lease, or an empty one for those that need one: where every trial begins.
    vacant: Place,
    pub(super) place: Place,
    pub(super) record: Record,
    /// At work only where elections are coordinated.
    pub(super) coordinator: Coordinator,
    /// At work only while hactl is.
    pub(super) mover: Box<Mover>,
    pub(super) replicas: Vec<Replica<S::Machine>>,
    /// The first of those replicas that start only later.
    pub(super) spare: usize,
    pub(super) random: Random,
    pub(super) epoch: Micros,
    pub(super) now: Micros,
    /// How many steps were made: whoever's last is longest ago goes first among those due at the same time.
    steps: u64,
    pub(super) restarts: u8,
    /// When something is to happen from without: the earliest of all of these.
    pub(super) agenda: Micros,
    pub(super) next_fault: Micros,
    pub(super) thaw: Micros,
    /// Whether who stands still is to end as soon as it goes on.
    pub(super) ending: bool,
    /// What follows when the old leader's work has ended.
    pub(super) drained: Option<Fault>,
    pub(super) drained_at: Micros,
    pub(super) fault_at: Micros,
    /// What the faults did to the way to the API, and until when any of it lasts.
    pub(super) cuts: [Cut; 2],
    pub(super) out_until: Micros,
    /// Who led when the fault happened.
    pub(super) old: usize,
    pub(super) meter: Meter,
    takeover: Option<Micros>,
    detection: Option<Micros>,
    pub(super) by_self: bool,
    pub(super) old_stopped: Option<Micros>,
    gaps: u32,
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
            let rate = scenario.rates.get(usize::from(number)).copied().unwrap_or_default();
            Replica::new(scenario.settings.machine(Identity::of(number), number), Identity::of(number), ahead, rate)
        };
        let standbys = scenario.standbys.min(99);
        Self {
            scenario,
            rhythm: scenario.settings.rhythm(),
            restless: scenario.errors > 0 || scenario.rates.iter().any(|rate| *rate != 0),
            vacant,
            place: vacant,
            record: Record::NEW,
            coordinator: Coordinator::new(),
            mover: Box::new(Mover::new()),
            replicas: (0..=standbys + scenario.spares()).map(replica).collect(),
            spare: 0,
            random: Random::stream(0, 0),
            epoch: EPOCH,
            now: Micros::ZERO,
            steps: 0,
            restarts: 0,
            agenda: Micros::NEVER,
            next_fault: Micros::NEVER,
            thaw: Micros::NEVER,
            ending: false,
            drained: None,
            drained_at: Micros::NEVER,
            fault_at: Micros::NEVER,
            cuts: [Cut::NONE; 2],
            out_until: Micros::ZERO,
            old: 0,
            meter: Meter::NEW,
            takeover: None,
            detection: None,
            by_self: false,
            old_stopped: None,
            gaps: 0,
            over: Micros::NEVER,
        }
    }

    /// Plays one trial on this stream of random numbers.
    pub fn trial<T: Story>(&mut self, random: Random, story: &mut T) -> Trial {
        self.begin(random);
        loop {
            let (due, replica) = self.next();
            let coordinator = if S::COORDINATED { self.coordinator.due() } else { Micros::NEVER };
            let next = due.min(self.agenda).min(coordinator);
            if T::HEARD {
                self.expire(next.min(self.over), story);
            }
            if next > self.over {
                return self.end();
            }
            self.now = next;
            // Who wakes from a freeze may find at once that it leads no more.
            if S::COORDINATED && coordinator < due.min(self.agenda) {
                self.coordinate(story);
            } else if self.agenda < due {
                self.happen(story);
            } else {
                self.act(replica, story);
            }
        }
    }

    /// The leader starts first, the others at random within the time between two looks, so that at the fault, which
    /// comes at a random time from one renewal to the next (a rest and a request), every phase is as likely as in an
    /// election that runs for ever.
    fn begin(&mut self, mut random: Random) {
        let Rhythm { renewal, look, warm_up, .. } = self.rhythm;
        self.epoch = EPOCH + random.between(Micros::ZERO, Micros::SECOND - Micros::TICK);
        let Span { low, high } = self.scenario.latency;
        let settled = high * 20 + Micros::TICK;
        self.spare = usize::from(self.scenario.standbys.min(99)) + 1;
        for (number, replica) in (0..).zip(&mut self.replicas) {
            let (machine, identity) =
                (self.scenario.settings.machine(Identity::of(number), number), Identity::of(number));
            if usize::from(number) >= self.spare {
                replica.wait(machine, identity);
                continue;
            }
            let start = if number == 0 { Micros::ZERO } else { settled + random.between(Micros::ZERO, look) };
            replica.begin(machine, identity, start);
        }
        self.place = self.vacant;
        self.record = Record::NEW;
        if S::COORDINATED {
            self.coordinator.begin(&mut random, self.scenario.haunted);
        }
        self.fault_at = settled + look + warm_up + random.between(Micros::ZERO, renewal + low + high - Micros::TICK);
        self.random = random;
        self.now = Micros::ZERO;
        self.steps = 0;
        self.restarts = 0;
        self.next_fault = self.fault_at;
        self.thaw = Micros::NEVER;
        self.ending = false;
        self.drained = None;
        self.drained_at = Micros::NEVER;
        self.mover.begin();
        self.agenda = self.fault_at;
        self.cuts = [Cut::NONE; 2];
        self.out_until = Micros::ZERO;
        self.old = 0;
        self.meter = Meter::NEW;
        self.takeover = None;
        self.detection = None;
        self.by_self = false;
        self.old_stopped = None;
        self.gaps = 0;
        self.over = Micros::NEVER;
    }

    fn end(&mut self) -> Trial {
        let (leaderless, overlap, censored) = self.meter.end(self.over);
        // Drawn after everything else, so that an election does not change with what follows it.
        let (mut warmup, mut system) = (Micros::ZERO, Micros::ZERO);
        for _ in 0..self.gaps {
            warmup += self.scenario.warmup.draw(&mut self.random);
            for phase in &self.scenario.phases {
                system += phase.draw(&mut self.random);
            }
        }
        Trial {
            takeover: self.takeover,
            detection: self.detection,
            by_self: self.by_self,
            old_stopped: self.old_stopped,
            leaderless,
            gaps: self.gaps,
            overlap,
            warmup,
            system,
            outage: leaderless + warmup + system,
            censored,
            acting_at_end: self.meter.acting(),
        }
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

    pub(super) fn tell(&self, replica: usize, what: What, story: &mut impl Story) {
        story.tell(Moment { at: self.now - self.fault_at, replica, what });
    }

    /// Counts a replica among those that act, or no more.
    pub(super) fn count(&mut self, number: usize) {
        let replica = &mut self.replicas[number];
        let more = replica.acting && self.now >= replica.frozen_until && !replica.drains;
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
                self.detection = Some(self.record.gone(&self.place, self.epoch, self.now) - self.fault_at);
            }
        }
        self.settle();
    }

    /// When the trial is over if nothing changes from now on: at once where nothing can follow any more.
    pub(super) fn settle(&mut self) {
        let horizon = self.fault_at + self.scenario.horizon;
        if self.meter.acting() != 1 || self.agenda != Micros::NEVER || self.restless {
            self.over = horizon;
            return;
        }
        let old = &self.replicas[self.old];
        let final_ =
            S::GUARDED && !S::COORDINATED && !old.alive && old.wake == Micros::NEVER && self.now >= self.out_until;
        let quiet = if final_ { Micros::ZERO } else { self.rhythm.settling };
        self.over = (self.now.max(self.out_until) + quiet).min(horizon);
    }

    /// What is due for a replica.
    fn act(&mut self, number: usize, story: &mut impl Story) {
        let now = self.now;
        let replica = &mut self.replicas[number];
        match replica.mail {
            Mail::Going(request) if replica.mail_at <= now => {
                self.arrive(number, &request, story);
                let back = self.latency();
                let replica = &mut self.replicas[number];
                if !replica.alive {
                    replica.mail = Mail::None;
                }
                replica.mail_at = now + back.max(Micros::TICK);
                replica.last_step = self.steps;
                replica.schedule();
            }
            Mail::Coming(answer) if replica.mail_at <= now => {
                replica.mail = Mail::None;
                let lost = if matches!(answer, Answer::Failed(_)) { None } else { self.met(number) };
                match lost {
                    None => self.step(number, Input::Answer(answer), story),
                    Some(met) => {
                        self.fail(number, story);
                        match met {
                            super::Met::Hang => self.replicas[number].schedule(),
                            _ => self.step(number, Input::Answer(Answer::Failed(Failure::Reset)), story),
                        }
                    }
                }
            }
            _ if !replica.alive => self.restart(number, story),
            _ => {
                // The first step of all.
                if S::COORDINATED && replica.last_step == 0 {
                    let identity = replica.identity;
                    self.coordinator.register(number, identity, now);
                }
                self.step(number, Input::Wake, story);
            }
        }
    }

    pub(super) fn step(&mut self, number: usize, input: Input, story: &mut impl Story) {
        self.steps += 1;
        let replica = &mut self.replicas[number];
        replica.last_step = self.steps;
        let now = replica.clocks(self.now, self.epoch);
        // Looked at where it is: taking it apart would cost a copy of all.
        let output = replica.machine.step(now, input, &mut self.random);
        replica.wake = replica.due_at(output.wake.unwrap_or(Micros::NEVER));
        if let Some(request) = &output.request {
            self.send(number, request, story);
        }
        self.replicas[number].schedule();
        match output.event {
            None => {}
            Some(Event::Started) => self.turn(number, true, story),
            Some(Event::Stopped) => self.turn(number, false, story),
            Some(Event::Exited) => self.kill(number, self.scenario.restart, story),
        }
    }

    fn turn(&mut self, number: usize, acting: bool, story: &mut impl Story) {
        let replica = &mut self.replicas[number];
        if replica.acting == acting {
            return;
        }
        replica.acting = acting;
        self.tell(number, if acting { What::Started } else { What::Stopped }, story);
        if !acting {
            self.note_stop(number);
        } else if self.meter.has_begun() && self.meter.acting() == 0 {
            self.gaps += 1;
        }
        self.count(number);
    }

    /// A replica that acted acts no more.
    pub(super) fn note_stop(&mut self, number: usize) {
        if number == self.old && self.meter.has_begun() && self.old_stopped.is_none() {
            self.old_stopped = Some(self.now - self.fault_at);
        }
    }
}
