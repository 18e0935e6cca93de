//! hactl in a world: it moves leadership by the very protocol that runs, and a Pod that it evicts ends as Pods do.

use std::collections::VecDeque;

use super::Span;
use super::api::Writer;
use super::fault::{Drain, Fault};
use super::measure::Story;
use super::world::Simulator;
use crate::elector::{Now, Settings};
use crate::model::Micros;
use crate::model::write::{Manager, Refusal, Write};
use crate::transfer::{Answer, Body, End, Input, Machine, No, Request, Sight, Terms};

/// How hactl moves leadership, and what becomes of the Pod that led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The terms. The leader of an undisturbed election is the first replica, the first standby is the second.
    pub terms: Terms,
    /// How the leader's work ends once its Pod is evicted, where that takes time.
    pub drain: Option<Drain>,
    /// What passes from the end of a process until the API server knows of it: the kubelet's report.
    pub reported: Span,
    /// An end that nobody asked for counts if it is dated so long after the first write; kubelets cut the fraction of the
    /// second off. `None` where it never does: the Pod is not known, or others of its containers go on.
    pub exit_counts: Option<Micros>,
    /// How long after the eviction there is another Pod, without its start-up; one with the same identity comes only
    /// once the end of the first is reported. `None` where nobody replaces it.
    pub replaced: Option<Span>,
}

/// How a transfer went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// How it ended, as far as hactl knows; `None` if hactl itself was gone before.
    pub end: Option<End>,
    /// From the first write, or the eviction, until then; `None` where nothing was written.
    pub whole: Option<Micros>,
    /// Which replica acts at the end of the trial, if exactly one does.
    pub leader: Option<usize>,
}

/// hactl, if it is there.
#[derive(Clone, Debug)]
pub(super) struct Mover {
    was_there: bool,
    machine: Option<Machine>,
    wake: Micros,
    mail: Mail,
    mail_at: Micros,
    /// What the watches will tell, and when: the next first.
    news: VecDeque<(Micros, Input)>,
    /// When the watch of each has told all so far.
    lease_told: Micros,
    body_told: Micros,
    /// What the API server knows of the Pod that led, and what it will know next.
    body: Body,
    next_body: Option<(Micros, Body)>,
    evicted: bool,
    first_write: Option<Micros>,
    end: Option<(Micros, End)>,
    /// When it is due next, by all of these.
    due: Micros,
}

/// A request or an answer on its way.
#[derive(Clone, Copy, Debug)]
enum Mail {
    None,
    Going(Request),
    Coming(Answer),
}

impl Mover {
    /// Nobody.
    pub(super) fn new() -> Self {
        Self {
            was_there: false,
            machine: None,
            wake: Micros::NEVER,
            mail: Mail::None,
            mail_at: Micros::NEVER,
            news: VecDeque::new(),
            lease_told: Micros::ZERO,
            body_told: Micros::ZERO,
            body: Body::Running,
            next_body: None,
            evicted: false,
            first_write: None,
            end: None,
            due: Micros::NEVER,
        }
    }

    /// A new trial, in which it is not there yet. Most are without it altogether, and are to pay nothing for it.
    pub(super) fn begin(&mut self) {
        if self.was_there {
            let mut news = std::mem::take(&mut self.news);
            news.clear();
            *self = Self { news, ..Self::new() };
        }
    }

    /// Whether it is there in this trial, or was.
    pub(super) fn was_there(&self) -> bool {
        self.was_there
    }

    pub(super) fn due(&self) -> Micros {
        self.due
    }

    /// Whether this replica's Pod was told to end: its container is not started again.
    pub(super) fn evicted(&self) -> bool {
        self.evicted
    }

    /// Works out when it is due next.
    fn schedule(&mut self) {
        let mail = if matches!(self.mail, Mail::None) { Micros::NEVER } else { self.mail_at };
        let news = self.news.front().map_or(Micros::NEVER, |(at, _)| *at);
        let body = self.next_body.map_or(Micros::NEVER, |(at, _)| at);
        self.due = self.wake.min(mail).min(news).min(body);
    }

    /// It is gone, or has ended. What it has sent arrives.
    fn leave(&mut self) {
        self.machine = None;
        self.wake = Micros::NEVER;
        self.news.clear();
        if let Mail::Coming(_) = self.mail {
            self.mail = Mail::None;
        }
        self.schedule();
    }

    /// The watches tell in order what concerns the same object.
    fn hear(&mut self, at: Micros, input: Input) {
        if self.machine.is_none() {
            return;
        }
        let position = self.news.partition_point(|(before, _)| *before <= at);
        self.news.insert(position, (at, input));
    }
}

impl<'s, S: Settings> Simulator<'s, S> {
    /// How the transfer of the last trial went, if there was one.
    #[must_use]
    pub fn moved(&self) -> Moved {
        let mut acting = self.replicas.iter().enumerate().filter(|(_, replica)| replica.counted);
        let leader = acting.next().map(|(number, _)| number).filter(|_| acting.next().is_none());
        let Mover { first_write, end, .. } = &*self.mover;
        let whole = first_write.zip(*end).map(|(first, (last, _))| last - first);
        Moved { end: end.map(|(_, end)| end), whole, leader }
    }

    /// hactl begins.
    pub(super) fn begin_move(&mut self, terms: Terms) {
        self.mover.was_there = true;
        self.mover.machine = Some(Machine::new(terms));
        self.mover.wake = self.now;
        self.mover.schedule();
    }

    /// hactl is gone.
    pub(super) fn abandon(&mut self) {
        self.mover.leave();
    }

    /// What is due for hactl, or for the Pod that it moves leadership from.
    #[cold]
    pub(super) fn move_on<T: Story>(&mut self, story: &mut T) {
        let now = self.now;
        if let Some((_, body)) = self.mover.next_body.filter(|(at, _)| *at <= now) {
            self.mover.next_body = None;
            self.report_body(body);
        } else if self.mover.mail_at <= now && !matches!(self.mover.mail, Mail::None) {
            match std::mem::replace(&mut self.mover.mail, Mail::None) {
                Mail::Going(request) => {
                    let answer = self.attend(&request, story);
                    let back = self.latency();
                    self.mover.mail_at = now + back.max(Micros::TICK);
                    self.mover.mail = if self.mover.machine.is_some() { Mail::Coming(answer) } else { Mail::None };
                }
                Mail::Coming(answer) => self.instruct(Input::Answer(answer), story),
                Mail::None => {}
            }
        } else if let Some((_, input)) = self.mover.news.front().copied().filter(|(at, _)| *at <= now) {
            self.mover.news.pop_front();
            self.instruct(input, story);
        } else {
            self.instruct(Input::Wake, story);
        }
        self.mover.schedule();
    }

    /// A step of the protocol.
    fn instruct<T: Story>(&mut self, input: Input, story: &mut T) {
        let now = Now { monotonic: self.now, wall: self.epoch + self.now };
        let Some(machine) = &mut self.mover.machine else { return };
        let output = machine.step(now, input);
        // Timers are never early, and take their time.
        self.mover.wake = output.wake.map_or(Micros::NEVER, |wake| wake.max(self.now + Micros::TICK));
        if let Some(end) = output.end {
            self.mover.end = Some((self.now, end));
            self.mover.leave();
        }
        let Some(request) = output.request else { return };
        if matches!(request, Request::Write { .. } | Request::Evict) {
            self.mover.first_write.get_or_insert(self.now);
        }
        let there = self.latency();
        self.mover.mail_at = self.now + there.max(Micros::TICK);
        self.mover.mail =
            if there == Micros::ZERO { Mail::Coming(self.attend(&request, story)) } else { Mail::Going(request) };
    }

    /// The API answers hactl.
    fn attend<T: Story>(&mut self, request: &Request, story: &mut T) -> Answer {
        if self.now < self.out_until && self.cuts.iter().any(|cut| cut.only.is_none() && self.now < cut.until) {
            return Answer::Lost;
        }
        if self.errs() {
            return Answer::Refused(No::Later);
        }
        match *request {
            Request::Lease => Answer::Lease(self.sight()),
            Request::Pod => Answer::Pod(self.mover.body),
            Request::Ask => {
                let old = &self.replicas[self.old];
                Answer::Leads((old.alive && self.now >= old.frozen_until).then_some(old.acting))
            }
            Request::Write { fields, version, .. } => {
                let write = Write::Patch { fields, version: Some(version) };
                let written = self.write(Writer::Administrator, Manager::ADMINISTRATOR, &write, story);
                match (written, self.sight()) {
                    (Ok(_), Some(sight)) => Answer::Written(sight),
                    (Err(Refusal::Stale), _) => Answer::Refused(No::Stale),
                    (Err(Refusal::NotFound), _) | (Ok(_), None) => Answer::Refused(No::Gone),
                    (Err(_), _) => Answer::Refused(No::Never),
                }
            }
            Request::Evict => self.evict(story),
        }
    }

    fn sight(&self) -> Option<Sight> {
        self.place.get().map(Sight::of)
    }

    /// The Lease was written: hactl's watch will tell.
    #[cold]
    pub(super) fn notice_write(&mut self) {
        if self.mover.machine.is_some() {
            let (there, sight) = (self.latency(), self.sight());
            self.mover.lease_told = self.mover.lease_told.max(self.now + there);
            self.mover.hear(self.mover.lease_told, Input::Lease(sight));
            self.mover.schedule();
            self.set_agenda();
        }
    }

    fn moving(&self) -> Option<&'s Move> {
        match &self.scenario.fault {
            Fault::Move(moving) => Some(moving),
            _ => None,
        }
    }

    /// An eviction is accepted: the leader's process is asked to end, and another Pod comes.
    fn evict<T: Story>(&mut self, story: &mut T) -> Answer {
        let Some(moving) = self.moving().filter(|_| !self.mover.evicted) else { return Answer::Refused(No::Gone) };
        self.mover.evicted = true;
        self.report_body(Body::Terminating);
        if let Some(after) = moving.replaced.filter(|_| !moving.terms.returns) {
            let after = after.draw(&mut self.random) + self.scenario.start_up.draw(&mut self.random);
            self.join(after);
        }
        if self.replicas[self.old].alive {
            self.strike(moving.drain.map_or(Fault::Shutdown, Fault::Drain), 0, story);
        } else {
            // Its container was about to come back.
            self.replicas[self.old].wake = Micros::NEVER;
            self.replicas[self.old].schedule();
            self.notice_end(self.old);
        }
        Answer::Accepted
    }

    /// A process has ended: the kubelet will report it, if it is of the Pod that led.
    #[cold]
    pub(super) fn notice_end(&mut self, number: usize) {
        let Some(moving) = self.moving().filter(|_| number == self.old && self.mover.body != Body::Replaced) else {
            return;
        };
        let at = self.now + moving.reported.draw(&mut self.random);
        let body = if self.mover.evicted { Body::Ended } else { Body::Exited };
        if body == Body::Exited {
            let fenced = self.mover.first_write.unwrap_or(Micros::NEVER);
            let dated = Micros::from_secs((self.epoch + self.now).whole_seconds()) - self.epoch;
            if moving.exit_counts.is_none_or(|after| dated <= fenced + after) {
                return;
            }
        }
        self.mover.next_body = Some((at, body));
        self.mover.schedule();
        self.set_agenda();
    }

    /// The API server knows this of the Pod that led: hactl's watch will tell.
    fn report_body(&mut self, body: Body) {
        self.mover.body = body;
        let there = self.latency();
        self.mover.body_told = self.mover.body_told.max(self.now + there);
        self.mover.hear(self.mover.body_told, Input::Pod(body));
        let Some(moving) = self.moving().filter(|moving| moving.terms.returns) else { return };
        match (body, moving.replaced) {
            (Body::Ended, Some(after)) => {
                self.mover.next_body = Some((self.now + after.draw(&mut self.random), Body::Replaced));
            }
            (Body::Replaced, _) => self.come_back(),
            _ => {}
        }
    }

    /// The replacement of the Pod that led has its identity.
    fn come_back(&mut self) {
        let start_up = self.scenario.start_up.draw(&mut self.random);
        let replica = &mut self.replicas[self.old];
        replica.keeps_identity = true;
        replica.wake = self.now + start_up;
        replica.schedule();
    }
}
