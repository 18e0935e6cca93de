//! What can happen next: whatever is due first, and what may happen at any time.

use super::super::Body;
use super::arena::{Arena, FENCE};
use super::choice::Choices;
use super::world::{Left, Line, Mail, Orphan, World, Wrong};
use crate::elector::{Input, Settings};
use crate::model::Micros;
use crate::model::write::{Manager, Write};

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// A candidate's request arrives, or the answer to it.
    Mail(usize),
    /// A candidate's timer.
    Wake(usize),
    /// A request of hactl's arrives, or the answer to it.
    RunMail(usize),
    RunWake(usize),
    /// A watch tells hactl.
    Lease(usize),
    Body(usize),
    /// What nobody waits for arrives.
    Orphan,
    /// The old leader's process is told to end, its end is reported, another takes its place.
    Signal,
    Report,
    Replace,
    /// kill -9, and whether what hactl has sent goes on.
    Kill(bool),
    Interrupt,
    /// Someone deletes the old leader's Pod, or writes an annotation, or a holder.
    Delete,
    Touch,
    Folk,
    /// The old leader's process dies.
    Crash,
    /// The same, while it is ending.
    Impatience,
    /// Its node is cut off, and is back.
    Cut,
    Heal,
}

impl<M> World<M> {
    /// What is due next, and when. Of what is due at the same instant, each may be first.
    pub(super) fn due(&self) -> (Micros, Vec<Event>) {
        let mut due = Due(Micros::NEVER, Vec::new());
        for (number, candidate) in self.candidates.iter().enumerate() {
            due.add(candidate.mail.due(), Event::Mail(number));
            due.add(candidate.wake, Event::Wake(number));
        }
        for (number, run) in self.runs.iter().enumerate() {
            let Some(run) = run else { continue };
            due.add(run.mail.due(), Event::RunMail(number));
            due.add(run.wake, Event::RunWake(number));
            due.add(run.leases.first().map_or(Micros::NEVER, |(at, _)| *at), Event::Lease(number));
            due.add(run.bodies.first().map_or(Micros::NEVER, |(at, _)| *at), Event::Body(number));
        }
        due.add(self.orphans.first().map_or(Micros::NEVER, |(at, _)| *at), Event::Orphan);
        due.add(self.pod.signal, Event::Signal);
        due.add(self.pod.report, Event::Report);
        due.add(self.pod.replace, Event::Replace);
        (due.0, due.1)
    }

    /// What may happen at any time.
    pub(super) fn at_any_time(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let Left { kills, interrupts, deletions, touches, folk, crashes, impatience, cuts, heals, .. } = self.left;
        if let Some(Some(run)) = self.runs.first() {
            if kills > 0 {
                events.push(Event::Kill(false));
                if matches!(run.mail, Mail::Going(..)) {
                    events.push(Event::Kill(true));
                }
            }
            if interrupts > 0 {
                events.push(Event::Interrupt);
            }
        }
        let old = &self.candidates[0];
        let fenced = self.place.get().is_some_and(|lease| lease.spec.holder == Some(FENCE));
        let ends = self.pod.body == Body::Terminating && self.pod.signal == Micros::NEVER;
        let others = [
            (deletions > 0 && self.pod.body == Body::Running && old.alive, Event::Delete),
            (touches > 0, Event::Touch),
            (folk > 0, Event::Folk),
            (crashes > 0 && old.alive, Event::Crash),
            (impatience > 0 && ends && old.alive, Event::Impatience),
            (cuts > 0 && fenced && old.alive, Event::Cut),
            (heals > 0 && old.line == Line::Silent, Event::Heal),
        ];
        events.extend(others.iter().filter(|(may, _)| *may).map(|(_, event)| *event));
        events
    }

    /// When it happens.
    pub(super) fn when(&self, event: Event) -> Micros {
        match event {
            Event::Kill(_)
            | Event::Interrupt
            | Event::Delete
            | Event::Touch
            | Event::Folk
            | Event::Crash
            | Event::Impatience
            | Event::Cut
            | Event::Heal => self.now,
            _ => self.due().0,
        }
    }
}

struct Due(Micros, Vec<Event>);

impl Due {
    fn add(&mut self, at: Micros, event: Event) {
        if at < self.0 {
            *self = Self(at, vec![event]);
        } else if at == self.0 && at < Micros::NEVER {
            self.1.push(event);
        }
    }
}

impl<S: Settings> Arena<S> {
    /// Whether what follows is of no interest any more.
    pub(super) fn over(&self, world: &World<S::Machine>) -> bool {
        world.wrong.is_some() || world.quiet.is_some_and(|(since, _)| world.now - since > self.horizon)
    }

    /// It happens.
    pub(super) fn happen(&self, world: &mut World<S::Machine>, event: Event, choices: &mut Choices) {
        let at = world.when(event);
        self.pass(world, at);
        match event {
            Event::Mail(number) => self.mail(world, number, choices),
            Event::Wake(number) => self.step(world, number, Input::Wake, choices),
            Event::RunMail(number) => self.run_mail(world, number, choices),
            Event::RunWake(number) => self.run_step(world, number, super::super::Input::Wake, choices),
            Event::Lease(number) => self.watch_lease(world, number, choices),
            Event::Body(number) => self.watch_body(world, number, choices),
            Event::Orphan => match world.orphans.remove(0).1 {
                Orphan::Evict => {
                    self.evict(world, choices);
                }
                Orphan::Write(by, write) => {
                    // Nobody hears of a refusal.
                    let _refused = self.write(world, by, &write, choices);
                }
            },
            Event::Signal => {
                world.pod.signal = Micros::NEVER;
                self.step(world, 0, Input::Shutdown, choices);
            }
            Event::Report => self.report(world, choices),
            Event::Replace => self.replace(world, choices),
            Event::Kill(arrives) => self.kill(world, arrives),
            Event::Interrupt => {
                world.left.interrupts -= 1;
                self.run_step(world, 0, super::super::Input::Interrupt, choices);
            }
            Event::Delete => {
                world.left.deletions -= 1;
                self.evict(world, choices);
            }
            Event::Touch => {
                world.left.touches -= 1;
                world.place.touch();
                self.publish(world, choices);
            }
            Event::Folk => {
                world.left.folk -= 1;
                if let Some(lease) = world.place.get() {
                    let fields = (self.folk)(&lease.spec, world.now);
                    let write = Write::Patch { fields, version: None };
                    self.write(world, Manager::ADMINISTRATOR, &write, choices).expect("there is a Lease");
                }
            }
            Event::Crash => {
                world.left.crashes -= 1;
                self.exit(world, 0, choices);
            }
            Event::Impatience => {
                world.left.impatience -= 1;
                self.exit(world, 0, choices);
            }
            Event::Cut => self.cut(world, choices),
            Event::Heal => self.heal(world),
        }
        self.count(world);
    }

    /// Time passes. What is so until then was so for longer than an instant.
    fn pass(&self, world: &mut World<S::Machine>, at: Micros) {
        if at <= world.now {
            return;
        }
        if world.acting() > 1 {
            world.wrong = Some(Wrong::TwoLead);
        }
        if let Some(since) = world.vacant {
            let (quiet, vacancy, bound) = match world.quiet {
                None => (false, at - since, self.gap),
                // A process that someone else ends does so in its own time.
                Some((over, _)) if world.pod.body != Body::Running => (true, at - over.max(since), self.after),
                Some((over, _)) => (true, at - over, self.after),
            };
            self.note(quiet, vacancy);
            if vacancy > bound {
                world.wrong = Some(Wrong::NobodyLeads);
            }
        }
        let acts = |who| world.candidates.iter().any(|candidate| candidate.acting && candidate.identity == who);
        if world.said.is_some_and(|(who, by)| at > by && !world.led.contains(&who) && !acts(who)) {
            world.wrong = Some(Wrong::Said);
        }
        world.now = at;
    }

    fn count(&self, world: &mut World<S::Machine>) {
        let none = world.acting() == 0;
        world.vacant = none.then(|| world.vacant.unwrap_or(world.now));
        if world.quiet.is_none() && !world.runs.is_empty() && world.runs.iter().all(Option::is_none) {
            world.quiet = Some((world.now, world.said.is_some()));
        }
    }
}
