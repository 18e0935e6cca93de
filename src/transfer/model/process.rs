//! The candidates: each a real elector, in a process that may end, on a way to the API that takes its time.

use super::super::Body;
use super::arena::{ALL, ANEW, Arena};
use super::choice::Choices;
use super::world::{Candidate, Line, Mail, Orphan, World};
use crate::elector::{Answer, Event, Failure, Input, Machine, Now, Request, Settings};
use crate::model::Micros;
use crate::model::write::{Manager, Refusal, Version, Write};

impl<S: Settings> Arena<S> {
    pub(super) fn step(&self, world: &mut World<S::Machine>, number: usize, input: Input, choices: &mut Choices) {
        let now = Now { monotonic: world.now, wall: world.now };
        let candidate = &mut world.candidates[number];
        if !candidate.alive {
            return;
        }
        let output = candidate.machine.step(now, input, choices);
        candidate.wake = output.wake.unwrap_or(Micros::NEVER);
        if let Some(request) = output.request {
            self.send(world, number, request, choices);
        }
        let candidate = &mut world.candidates[number];
        match output.event {
            None => {}
            Some(Event::Started) => {
                candidate.acting = true;
                if !world.led.contains(&candidate.identity) {
                    world.led.push(candidate.identity);
                }
            }
            Some(Event::Stopped) => candidate.acting = false,
            Some(Event::Exited) => self.exit(world, number, choices),
        }
    }

    /// Whether this message takes as long as it may.
    pub(super) fn late(&self, world: &mut World<S::Machine>, choices: &mut Choices) -> bool {
        let late = world.left.late > 0 && choices.pick(2) == 1;
        if late && world.left.late < ALL {
            world.left.late -= 1;
        }
        late
    }

    fn send(&self, world: &mut World<S::Machine>, number: usize, request: Request, choices: &mut Choices) {
        self.give_up(world, number);
        world.candidates[number].mail = match world.candidates[number].line {
            Line::Refused => Mail::Coming(world.now, Answer::Failed(Failure::Refused)),
            Line::Silent => Mail::Going(Micros::NEVER, true, request),
            Line::Up => {
                let late = self.late(world, choices);
                let there = if late { self.request } else { Micros::ZERO };
                Mail::Going(world.now + there, late, request)
            }
        };
    }

    /// Nobody waits for what is on its way any more, and a write arrives all the same.
    fn give_up(&self, world: &mut World<S::Machine>, number: usize) {
        let mail = std::mem::replace(&mut world.candidates[number].mail, Mail::Nothing);
        if let Mail::Going(at, _, Request::Write(by, write)) = mail {
            self.leave(world, at, Orphan::Write(by, write));
        }
    }

    pub(super) fn leave(&self, world: &mut World<S::Machine>, at: Micros, orphan: Orphan) {
        let place = world.orphans.partition_point(|(other, _)| *other <= at);
        world.orphans.insert(place, (at, orphan));
    }

    pub(super) fn mail(&self, world: &mut World<S::Machine>, number: usize, choices: &mut Choices) {
        match world.candidates[number].mail {
            Mail::Nothing => {}
            Mail::Coming(_, answer) => {
                world.candidates[number].mail = Mail::Nothing;
                self.step(world, number, Input::Answer(answer), choices);
            }
            Mail::Going(_, late, request) => {
                let answer = match request {
                    Request::Get => match world.place.get() {
                        Some(lease) => Answer::Found(lease.spec, lease.version),
                        None => Answer::Rejected(Refusal::NotFound),
                    },
                    Request::Write(by, write) => match self.write(world, by, &write, choices) {
                        Ok(version) => Answer::Written(version),
                        Err(refusal) => Answer::Rejected(refusal),
                    },
                };
                // There and back it never takes more than it may.
                let back = if !late && self.late(world, choices) { self.request } else { Micros::ZERO };
                world.candidates[number].mail = Mail::Coming(world.now + back, answer);
            }
        }
    }

    /// Writes, and whoever watches will hear of it.
    pub(super) fn write(
        &self,
        world: &mut World<S::Machine>,
        by: Manager,
        write: &Write,
        choices: &mut Choices,
    ) -> Result<Version, Refusal> {
        let before = world.place.get().map(|lease| lease.version);
        let version = world.place.write(by, write)?;
        if before != Some(version) {
            self.publish(world, choices);
        }
        Ok(version)
    }

    /// A process ends.
    pub(super) fn exit(&self, world: &mut World<S::Machine>, number: usize, choices: &mut Choices) {
        self.give_up(world, number);
        let candidate = &mut world.candidates[number];
        (candidate.alive, candidate.acting, candidate.wake) = (false, false, Micros::NEVER);
        if number > 0 || matches!(world.pod.body, Body::Lost | Body::Replaced) {
            return;
        }
        // Its kubelet is cut off with it.
        let silent = world.candidates[0].line == Line::Silent;
        world.pod.report = if silent { Micros::NEVER } else { world.now + choices.among(&self.reports) };
        world.pod.signal = Micros::NEVER;
        // A container comes back in its Pod; a Pod is replaced only when its end is reported.
        if let (Some((after, namesake)), false) = (self.restart, world.pod.body == Body::Terminating) {
            world.pod.replace = world.now + after;
            world.pod.namesake = namesake;
        }
    }

    pub(super) fn report(&self, world: &mut World<S::Machine>, choices: &mut Choices) {
        world.pod.report = Micros::NEVER;
        if world.pod.body == Body::Terminating {
            world.pod.body = Body::Ended;
            if let Some((after, namesake)) = self.restart {
                world.pod.replace = world.now + after;
                world.pod.namesake = namesake;
            }
        } else if world.pod.body == Body::Running {
            world.pod.body = Body::Exited;
        }
        self.publish_body(world, choices);
    }

    /// The old leader's node is cut off: what is on its way to it or from it may just have passed, or is kept.
    pub(super) fn cut(&self, world: &mut World<S::Machine>, choices: &mut Choices) {
        world.left.cuts -= 1;
        let old = &mut world.candidates[0];
        old.line = Line::Silent;
        let (Mail::Going(at, ..) | Mail::Coming(at, _)) = &mut old.mail else { return };
        if choices.pick(2) == 1 {
            *at = Micros::NEVER;
        }
    }

    /// It is back, and what was kept arrives.
    pub(super) fn heal(&self, world: &mut World<S::Machine>) {
        world.left.heals -= 1;
        let now = world.now;
        let old = &mut world.candidates[0];
        old.line = Line::Up;
        if let Mail::Going(at, ..) | Mail::Coming(at, _) = &mut old.mail {
            *at = now.min(*at);
        }
        if !old.alive && world.pod.body == Body::Running {
            world.pod.report = now;
        }
        for (at, _) in &mut world.orphans {
            *at = now.min(*at);
        }
    }

    /// Another process takes the place of the one that has ended.
    pub(super) fn replace(&self, world: &mut World<S::Machine>, choices: &mut Choices) {
        world.pod.replace = Micros::NEVER;
        let identity = if world.pod.namesake { world.candidates[0].identity } else { ANEW };
        let machine = self.settings.machine(identity, 9);
        world.candidates[0] = Candidate::new(machine, identity, world.now);
        if world.pod.body == Body::Ended && world.pod.namesake {
            world.pod.body = Body::Replaced;
            self.publish_body(world, choices);
        }
    }

    /// The Pod is deleted: whether that was so.
    pub(super) fn evict(&self, world: &mut World<S::Machine>, choices: &mut Choices) -> bool {
        match world.pod.body {
            Body::Lost | Body::Replaced | Body::Ended => return false,
            Body::Terminating => return true,
            Body::Running | Body::Exited => {}
        }
        world.pod.body = Body::Terminating;
        let lost = if self.lost { choices.pick(3) } else { 0 };
        if lost > 0 {
            world.pod.body = Body::Lost;
            if lost > 1 {
                world.candidates[0].line = Line::Refused;
            }
        } else if world.candidates[0].alive {
            world.pod.signal = world.now + choices.among(&self.stops);
        } else {
            world.pod.report = world.now;
        }
        self.publish_body(world, choices);
        true
    }
}
