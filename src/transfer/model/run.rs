//! The transfers: each the real protocol, with its watches, driven as the program drives it.

use super::super::{Answer, Body, End, Input, No, Request, Sight};
use super::arena::{Arena, Tampered};
use super::choice::Choices;
use super::world::{Mail, Orphan, World, Wrong};
use crate::elector::{Now, Settings};
use crate::model::Micros;
use crate::model::write::{Identity, Manager, Refusal, Write};

impl<S: Settings> Arena<S> {
    pub(super) fn run_step(&self, world: &mut World<S::Machine>, number: usize, input: Input, choices: &mut Choices) {
        let now = Now { monotonic: world.now, wall: world.now };
        let Some(run) = &mut world.runs[number] else { return };
        let output = run.machine.step(now, input);
        // Whoever waits for an answer is woken by nothing else.
        run.wake = output.wake.unwrap_or(Micros::NEVER);
        if let Some(request) = output.request {
            let late = self.late(world, choices);
            let there = if late { self.request } else { Micros::ZERO };
            if let Some(run) = &mut world.runs[number] {
                run.mail = Mail::Going(world.now + there, late, request);
            }
        }
        if let Some(end) = output.end {
            self.end(world, number, end);
        }
    }

    fn end(&self, world: &mut World<S::Machine>, number: usize, end: End) {
        let changed = world.runs[number].take().is_some_and(|run| run.changed);
        let wrong = match end {
            End::Done(who) | End::Elsewhere(who) => {
                // The answer to what it has written may still be on its way to it.
                world.said = Some((who, world.now + self.request * self.claims));
                !world.held.contains(&who)
            }
            End::Refused(_) | End::Interrupted | End::Already => changed,
            // Something may have been changed, and it is said that it may.
            End::Unknown(_) => false,
        };
        if wrong {
            world.wrong = Some(Wrong::Said);
        }
    }

    pub(super) fn run_mail(&self, world: &mut World<S::Machine>, number: usize, choices: &mut Choices) {
        let Some(run) = &mut world.runs[number] else { return };
        match run.mail {
            Mail::Nothing => {}
            Mail::Coming(_, answer) => {
                run.mail = Mail::Nothing;
                if self.tampered == Tampered::Premature && answer == Answer::Accepted {
                    run.bodies.push((world.now, Body::Ended));
                }
                self.run_step(world, number, Input::Answer(answer), choices);
            }
            Mail::Going(_, late, request) => {
                // An answer that is lost: to what was done, or to what was not.
                let lost = if world.left.losses > 0 { choices.pick(3) } else { 0 };
                world.left.losses -= u8::from(lost > 0);
                let answer = if lost == 2 { Answer::Lost } else { self.serve(world, number, request, choices) };
                let answer = if lost == 1 { Answer::Lost } else { answer };
                let back = if !late && self.late(world, choices) { self.request } else { Micros::ZERO };
                if let Some(run) = &mut world.runs[number] {
                    run.mail = Mail::Coming(world.now + back, answer);
                }
            }
        }
    }

    fn serve(&self, world: &mut World<S::Machine>, number: usize, request: Request, choices: &mut Choices) -> Answer {
        let (answer, changed) = match request {
            Request::Lease => (Answer::Lease(world.place.get().map(Sight::of)), false),
            Request::Pod => (Answer::Pod(world.pod.body), false),
            Request::Ask => (Answer::Leads(Some(world.candidates[0].acting)), false),
            Request::Write { .. } => {
                let write = self.written(request);
                match self.write(world, Manager::ADMINISTRATOR, &write, choices) {
                    Ok(_) => (world.place.get().map_or(Answer::Lost, |lease| Answer::Written(Sight::of(lease))), true),
                    Err(Refusal::Stale) => (Answer::Refused(No::Stale), false),
                    Err(Refusal::NotFound) => (Answer::Refused(No::Gone), false),
                    Err(_) => (Answer::Refused(No::Never), false),
                }
            }
            Request::Evict => {
                let accepted = self.evict(world, choices);
                (if accepted { Answer::Accepted } else { Answer::Refused(No::Gone) }, accepted)
            }
        };
        if let Some(run) = &mut world.runs[number] {
            run.changed |= changed;
        }
        answer
    }

    /// What arrives of a write of hactl's.
    fn written(&self, request: Request) -> Write {
        let Request::Write { step, fields, version } = request else { panic!("no write: {request:?}") };
        let guarded = self.tampered != Tampered::Unguarded(step);
        Write::Patch { fields, version: guarded.then_some(version) }
    }

    /// kill -9. What it has sent goes on, or does not.
    pub(super) fn kill(&self, world: &mut World<S::Machine>, arrives: bool) {
        world.left.kills -= 1;
        let Some(run) = world.runs[0].take() else { return };
        let Mail::Going(at, _, request) = run.mail else { return };
        match request {
            Request::Write { .. } if arrives => {
                let write = self.written(request);
                self.leave(world, at, Orphan::Write(Manager::ADMINISTRATOR, write));
            }
            Request::Evict if arrives => self.leave(world, at, Orphan::Evict),
            _ => {}
        }
    }

    pub(super) fn watch_lease(&self, world: &mut World<S::Machine>, number: usize, choices: &mut Choices) {
        let Some(run) = &mut world.runs[number] else { return };
        let (_, sight) = run.leases.remove(0);
        self.run_step(world, number, Input::Lease(sight), choices);
    }

    pub(super) fn watch_body(&self, world: &mut World<S::Machine>, number: usize, choices: &mut Choices) {
        let Some(run) = &mut world.runs[number] else { return };
        let (_, body) = run.bodies.remove(0);
        self.run_step(world, number, Input::Pod(body), choices);
    }

    /// Everyone who watches will hear what the Lease looks like now.
    pub(super) fn publish(&self, world: &mut World<S::Machine>, choices: &mut Choices) {
        let sight = world.place.get().map(Sight::of);
        let holder = sight.and_then(|sight| sight.spec.holder).filter(|holder| *holder != Identity::EMPTY);
        if let Some(holder) = holder.filter(|holder| !world.held.contains(holder)) {
            world.held.push(holder);
        }
        for number in 0..world.runs.len() {
            if world.runs[number].is_none() {
                continue;
            }
            let at = world.now + if self.late(world, choices) { self.watch } else { Micros::ZERO };
            if let Some(run) = &mut world.runs[number] {
                let at = run.leases.last().map_or(at, |(last, _)| at.max(*last));
                run.leases.push((at, sight));
            }
        }
    }

    pub(super) fn publish_body(&self, world: &mut World<S::Machine>, choices: &mut Choices) {
        for number in 0..world.runs.len() {
            if world.runs[number].is_none() {
                continue;
            }
            let at = world.now + if self.late(world, choices) { self.watch } else { Micros::ZERO };
            let body = world.pod.body;
            if let Some(run) = &mut world.runs[number] {
                let at = run.bodies.last().map_or(at, |(last, _)| at.max(*last));
                run.bodies.push((at, body));
            }
        }
    }
}
