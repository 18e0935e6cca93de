//! The protocol: what is known by now, and the one thing to do about it.
//!
//! It goes by what is so, not by what has just happened: every step takes in what is new and then decides from all that
//! is known. A write whose answer was lost, a watch that was late, a rival's write: each only changes what is known.

mod decide;
#[cfg(test)]
mod relative;

pub(super) use decide::CHOSEN;

use super::terms::{Freeing, Proof, Terms, Way};
use super::word::{Answer, Awaited, Body, Doubt, End, Input, No, Output, Request, Sight, Step, Told, Why};
use crate::elector::Now;
use crate::model::Micros;
use crate::model::write::{Identity, Manager, Version};

/// After a request that did not even arrive, or was too much for the server, it is made again this much later.
const PAUSE: Micros = Micros::from_millis(250);

/// How often the first write is tried on a Lease that changes under it.
const TRIES: u8 = 20;

/// One transfer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Machine {
    pub(super) terms: Terms,
    /// The newest that is known of the Lease.
    pub(super) lease: Known,
    /// Whether it has to be read before anything else is decided.
    pub(super) unread: bool,
    pub(super) body: Body,
    /// Since when it is known that the process that led has ended.
    pub(super) off: Micros,
    /// What is on its way.
    pub(super) flight: Option<Flight>,
    /// Whether anything was changed, or may have been.
    pub(super) touched: bool,
    /// Whether it is past its first checks.
    pub(super) under_way: bool,
    /// The fence, from when it was seen stored.
    pub(super) fence: Option<Fenced>,
    /// Whether the next leader was named, or the Lease freed.
    pub(super) offered: bool,
    /// Who was found in the Lease instead of the old leader and the fence.
    pub(super) taken: Option<Taken>,
    /// Whether the old leader, asked, has said that it leads no more.
    pub(super) denied: bool,
    /// The version of the Lease for which it is known that no replacement of the old leader existed when it was read.
    pub(super) checked: Option<Version>,
    pub(super) interrupted: bool,
    pub(super) tries: u8,
    /// Nothing is asked for before then.
    pub(super) pause: Micros,
    /// When it ends at the latest; before its beginning never.
    pub(super) deadline: Micros,
    over: bool,
}

/// What is known of the Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Known {
    /// Nothing yet.
    Nothing,
    /// There is none.
    Missing,
    /// This.
    Seen(Sight),
}

/// What is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Flight {
    Lease,
    /// With the Lease's version when it was sent.
    Pod(Option<Version>),
    Ask,
    Write(Step),
    Evict,
}

/// The fence as it was seen stored first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fenced {
    /// When, by the monotonic clock.
    pub(super) at: Micros,
    /// The old leader's last renewal, and who wrote it.
    pub(super) renewed: Option<Micros>,
    pub(super) renewer: Option<Manager>,
    /// When it was renewed last, by the monotonic clock.
    pub(super) kept: Micros,
    /// When the old leader was seen to have dated it, by the monotonic clock.
    pub(super) acknowledged: Option<Micros>,
}

/// A holder who is neither the old leader nor the fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Taken {
    pub(super) by: Identity,
    /// The record's date when it was first seen there.
    renewed: Option<Micros>,
    /// Whether it has written the Lease by itself.
    pub(super) leads: bool,
}

impl Machine {
    /// A transfer that is about to begin.
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            lease: Known::Nothing,
            unread: true,
            body: Body::Running,
            off: Micros::NEVER,
            flight: None,
            touched: false,
            under_way: false,
            fence: None,
            offered: false,
            taken: None,
            denied: false,
            checked: None,
            interrupted: false,
            tries: 0,
            pause: Micros::ZERO,
            deadline: Micros::NEVER,
            over: false,
        }
    }

    /// Whether anything was changed, or may have been.
    #[must_use]
    pub fn touched(&self) -> bool {
        self.touched || matches!(self.flight, Some(Flight::Write(_) | Flight::Evict))
    }

    /// What is waited for, for the person: until when by the monotonic clock, where that is known.
    #[must_use]
    pub fn awaits(&self) -> (Awaited, Option<Micros>) {
        let proof = match (self.terms.way, self.fence) {
            (Way::HandOver { proof: Proof::Elapsed { wait, .. }, .. }, Some(fence)) => Some(fence.at + wait),
            _ => None,
        };
        match self.fence {
            _ if self.offered => (Awaited::Leader, None),
            Some(_) if self.body == Body::Terminating => (Awaited::End, None),
            Some(_) => (Awaited::Proof, proof),
            None if !self.under_way => (Awaited::Quiet, None),
            None if self.terms.way == Way::Evict && !self.body.off() => (Awaited::End, None),
            None => (Awaited::Leader, None),
        }
    }

    /// One step. `now.wall` is the API server's clock, as far as it is known.
    pub fn step(&mut self, now: Now, input: Input) -> Output {
        if self.over {
            return Output::default();
        }
        if self.deadline == Micros::NEVER {
            self.deadline = now.monotonic + self.terms.timeout;
        }
        let (told, end) = self.take_in(now, input);
        let output = match end {
            Some(end) => Output { end: Some(end), ..Output::default() },
            None if self.flight.is_some() => Output::default(),
            None => self.decide(now),
        };
        self.over = output.end.is_some();
        Output { told, ..output }
    }

    /// What is new.
    fn take_in(&mut self, now: Now, input: Input) -> (Option<Told>, Option<End>) {
        match input {
            Input::Wake => (None, None),
            Input::Interrupt => {
                self.interrupted = true;
                (None, None)
            }
            Input::Lease(sight) => (self.see(sight, now), None),
            Input::Pod(body) => (self.see_body(body, now), None),
            Input::Answer(answer) => self.hear(answer, now),
        }
    }

    fn see_body(&mut self, body: Body, now: Now) -> Option<Told> {
        // What has ended stays so, whatever becomes of its object. A container that comes back may lead again by the old
        // name, unless the fence is there.
        let kept = match self.body {
            Body::Ended => body != Body::Replaced,
            Body::Exited => self.fence.is_some() && !matches!(body, Body::Ended | Body::Replaced),
            // A watch may be behind an answer: what it tells of the one that was replaced says nothing of the other.
            Body::Replaced => true,
            _ => false,
        };
        if kept || body == self.body {
            return None;
        }
        let before = std::mem::replace(&mut self.body, body);
        if body.off() && !before.off() {
            self.off = now.monotonic;
        }
        let asked = matches!(self.terms.way, Way::Evict) && self.touched();
        match body {
            Body::Terminating if !asked => Some(Told::Ending),
            Body::Exited | Body::Ended if !before.off() => Some(Told::Ended),
            Body::Lost => Some(Told::Lost),
            // Whoever has the old leader's name now is another one.
            Body::Replaced => {
                self.taken = None;
                None
            }
            _ => None,
        }
    }

    /// What the Lease looks like by now. A watch may tell what was superseded long ago.
    fn see(&mut self, sight: Option<Sight>, now: Now) -> Option<Told> {
        let Some(sight) = sight else {
            self.lease = Known::Missing;
            return None;
        };
        let before = match self.lease {
            Known::Seen(before) if before.version >= sight.version => return None,
            Known::Seen(before) => Some(before),
            Known::Nothing | Known::Missing => None,
        };
        self.lease = Known::Seen(sight);
        let holder = sight.spec.holder.filter(|holder| *holder != Identity::EMPTY);
        if holder == Some(self.terms.fence) {
            return self.see_fence(sight, before, now);
        }
        self.see_taken(sight, holder, before);
        let changed = before.is_some_and(|before| before.spec.holder != sight.spec.holder);
        match holder {
            _ if !changed || !self.under_way => None,
            None if !self.offered && self.body != Body::Running => Some(Told::Released),
            None if !self.offered && self.fence.is_none() => Some(Told::Released),
            None if self.offered => None,
            Some(holder) if self.offered && Some(holder) == self.terms.to => None,
            // Its own write: the watch was quicker than the answer.
            Some(holder) if self.flight == Some(Flight::Write(Step::TakeBack)) && holder == self.terms.from => None,
            holder if self.fence.is_some() && !self.offered => Some(Told::Foreign(holder)),
            _ => None,
        }
    }

    fn see_fence(&mut self, sight: Sight, before: Option<Sight>, now: Now) -> Option<Told> {
        // That it is there is all that counts, also where the answer to the write never came.
        self.touched = true;
        self.under_way = true;
        let Some(fence) = &mut self.fence else {
            let last = before.unwrap_or(sight);
            let (renewed, renewer) = (last.spec.renewed, last.renewer);
            self.fence = Some(Fenced { at: now.monotonic, renewed, renewer, kept: now.monotonic, acknowledged: None });
            return None;
        };
        let dated = matches!(self.terms.way, Way::HandOver { proof: Proof::Acknowledged { .. }, .. });
        let own = sight.renewer.is_some() && sight.renewer == fence.renewer;
        if !dated || !own || fence.acknowledged.is_some() || sight.spec.renewed == fence.renewed {
            return None;
        }
        fence.acknowledged = Some(now.monotonic);
        Some(Told::Acknowledged)
    }

    /// Whoever is found there leads as soon as the Lease is written by itself: taken over with a date of its own, or
    /// renewed after someone else named it.
    fn see_taken(&mut self, sight: Sight, holder: Option<Identity>, before: Option<Sight>) {
        let Some(by) = holder else {
            self.taken = None;
            return;
        };
        let renewed = sight.spec.renewed;
        let foreign = sight.renewer.is_none_or(|renewer| renewer == Manager::ADMINISTRATOR);
        let own = !foreign && !self.terms.chosen && before.is_some_and(|before| before.spec.renewed != renewed);
        self.taken = match self.taken {
            Some(taken) if taken.by == by => {
                Some(Taken { leads: taken.leads || own || (!foreign && renewed != taken.renewed), ..taken })
            }
            _ => Some(Taken { by, renewed, leads: own }),
        };
    }

    /// What came of the last request.
    fn hear(&mut self, answer: Answer, now: Now) -> (Option<Told>, Option<End>) {
        let Some(flight) = self.flight.take() else { return (None, None) };
        match (flight, answer) {
            (Flight::Lease, Answer::Lease(sight)) => {
                self.unread = false;
                (self.see(sight, now), None)
            }
            (Flight::Write(step), Answer::Written(sight)) => {
                self.touched = true;
                self.under_way = true;
                self.see(Some(sight), now);
                if let (Step::Renew, Some(fence)) = (step, &mut self.fence) {
                    fence.kept = now.monotonic;
                }
                let end = match step {
                    Step::TakeBack => Some(End::Unknown(Doubt::TakenBack)),
                    Step::Relent => Some(End::Unknown(Doubt::Unheard)),
                    _ => None,
                };
                if end.is_some() {
                    return (Some(Told::Stored(step)), end);
                }
                (Some(Told::Stored(step)), None)
            }
            (Flight::Evict, Answer::Accepted) => {
                self.touched = true;
                self.under_way = true;
                (Some(Told::Evicting), None)
            }
            (Flight::Pod(version), Answer::Pod(body)) => {
                self.checked = version;
                // Whoever asked because an answer was lost has the answer now.
                self.under_way |= body != Body::Running;
                (self.see_body(body, now), None)
            }
            (Flight::Ask, Answer::Leads(leads)) => {
                self.pause = now.monotonic + PAUSE;
                self.denied |= leads == Some(false);
                ((leads == Some(false)).then_some(Told::Denied), None)
            }
            (flight, Answer::Refused(no)) => self.refused(flight, no, now),
            (flight, _) => {
                // It may have been done: what is known by now tells.
                self.unread = true;
                self.pause = now.monotonic + PAUSE;
                self.touched |= matches!(flight, Flight::Write(_) | Flight::Evict);
                (None, None)
            }
        }
    }

    fn refused(&mut self, flight: Flight, no: No, now: Now) -> (Option<Told>, Option<End>) {
        self.unread = true;
        match no {
            No::Stale => {}
            // The Lease is freed instead, or left to run out where a free one could be taken by two.
            No::Target => {
                self.terms.to = None;
                self.offered = false;
                if self.terms.freeing == Freeing::Cleared {
                    self.terms.freeing = Freeing::Nothing;
                }
            }
            No::Later => self.pause = now.monotonic + PAUSE,
            No::Gone if flight == Flight::Evict => return (self.see_body(Body::Lost, now), None),
            No::Gone => self.lease = Known::Missing,
            No::Budget if !self.touched => return (None, Some(End::Refused(Why::Budget))),
            No::Never if !self.touched => return (None, Some(End::Refused(Why::Denied))),
            No::Budget | No::Never => return (None, Some(End::Unknown(Doubt::Denied))),
        }
        (None, None)
    }

    fn ask(&mut self, flight: Flight, request: Request) -> Output {
        self.flight = Some(flight);
        Output { request: Some(request), ..Output::default() }
    }
}
