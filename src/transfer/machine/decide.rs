//! From all that is known to the one thing to do.

use super::super::terms::{Fence, Proof, Way};
use super::super::word::{Body, Doubt, End, Output, Request, Sight, Step, Why};
use super::{Fenced, Flight, Known, Machine, PAUSE, TRIES};
use crate::elector::Now;
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity};

/// So long after a Lease has run out the controller of coordinated elections has named the next: it looks every five
/// seconds, may find the old leader's last answer still fresh in its first look, and then waits five seconds for another
/// (`k8s.io/kubernetes/pkg/controlplane/controller/leaderelection/leaderelection_controller.go`).
pub(in crate::transfer) const CHOSEN: Micros = Micros::from_secs(20);

impl Machine {
    pub(super) fn decide(&mut self, now: Now) -> Output {
        if now.monotonic < self.pause && now.monotonic < self.deadline {
            return Output { wake: Some(self.pause.min(self.deadline)), ..Output::default() };
        }
        if self.interrupted && !self.touched {
            return ended(End::Interrupted);
        }
        if now.monotonic >= self.deadline {
            return self.time_is_up();
        }
        if self.unread {
            return self.ask(Flight::Lease, Request::Lease);
        }
        let lease = match self.lease {
            Known::Seen(lease) => lease,
            Known::Nothing | Known::Missing if self.touched => return ended(End::Unknown(Doubt::Missing)),
            Known::Nothing | Known::Missing => return ended(End::Refused(Why::Missing)),
        };
        let holder = lease.spec.holder.filter(|holder| *holder != Identity::EMPTY);
        // Where the answer to the first write was lost, whoever holds the Lease now may do so because of it.
        let begun = self.under_way || self.touched;
        match (holder, self.fence) {
            (Some(holder), Some(fence)) if holder == self.terms.fence => self.fenced(&lease, fence, now),
            _ if self.interrupted => ended(End::Unknown(Doubt::Interrupted)),
            (Some(holder), _) if holder == self.terms.from => self.held_by_the_old(&lease, now),
            (Some(holder), _) if begun => self.held_by(holder),
            (Some(holder), _) if Some(holder) == self.terms.to && lives(&lease, now) => ended(End::Already),
            (None, _) if begun => self.free(&lease, now),
            (holder, _) => ended(End::Refused(Why::Holder(holder))),
        }
    }

    fn time_is_up(&self) -> Output {
        ended(match self.touched {
            true if self.undenied() => End::Unknown(Doubt::Acts),
            true => End::Unknown(Doubt::Time),
            false => End::Refused(Why::Time),
        })
    }

    /// Nothing to do before then, unless something new is heard.
    fn wait(&self, until: Micros) -> Output {
        Output { wake: Some(until.min(self.deadline)), ..Output::default() }
    }

    fn write(&mut self, step: Step, fields: Fields, lease: &Sight) -> Output {
        self.offered |= matches!(step, Step::HandOver | Step::Free);
        self.ask(Flight::Write(step), Request::Write { step, fields, version: lease.version })
    }

    fn held_by_the_old(&mut self, lease: &Sight, now: Now) -> Output {
        if self.body == Body::Ended && self.fence.is_some() {
            // It has claimed what ran out on its way out, and leaves it behind.
            return self.release(lease, now);
        }
        if self.offered && self.fence.is_some() {
            // It was off by then: its container has come back, and was first.
            let back = self.leads(self.terms.from);
            return if back { ended(End::Elsewhere(self.terms.from)) } else { self.wait(Micros::NEVER) };
        }
        if self.undenied() {
            // It was the first to look as the fence ran out.
            return ended(End::Unknown(Doubt::Acts));
        }
        if self.fence.is_some() {
            // Only someone else can have put the name back: whoever is fenced out does not.
            return ended(End::Unknown(Doubt::Restored));
        }
        if !self.under_way {
            return self.begin(lease, now);
        }
        match self.terms.way {
            Way::HandOver { .. } => self.wait(Micros::NEVER),
            Way::Prefer => self.asked(lease, now),
            Way::Evict => match self.body {
                Body::Replaced if self.leads(self.terms.from) => ended(End::Elsewhere(self.terms.from)),
                Body::Ended => self.release(lease, now),
                _ => self.wait(Micros::NEVER),
            },
        }
    }

    /// The old leader is asked to yield. Where it is still the controller's best once it has, because its process has not
    /// ended or is back by the same name, nobody is named, and it yields for as long as it is asked to.
    fn asked(&mut self, lease: &Sight, now: Now) -> Output {
        let Some(expires) = lease.spec.expires().filter(|_| lease.spec.preferred.is_some()) else {
            return self.wait(Micros::NEVER);
        };
        let chosen = expires + CHOSEN;
        if now.wall > chosen && self.touched {
            return self.write(Step::Relent, Fields { preferred: Change::Null, ..Fields::default() }, lease);
        }
        self.wait(now.monotonic + (chosen - now.wall).max(PAUSE))
    }

    /// The first write, or its like, once the checks hold.
    fn begin(&mut self, lease: &Sight, now: Now) -> Output {
        if !lives(lease, now) && !self.touched {
            return ended(End::Refused(Why::Expired));
        }
        match (self.terms.way, self.body) {
            (_, Body::Running) => self.first_write(lease, now),
            // Someone else ends it, or the answer to the eviction was lost: what follows is the same.
            (Way::Evict, body) if body == Body::Terminating || self.touched => {
                self.under_way = true;
                self.held_by_the_old(lease, now)
            }
            _ if self.touched => self.wait(Micros::NEVER),
            _ => ended(End::Refused(Why::Pod)),
        }
    }

    fn first_write(&mut self, lease: &Sight, now: Now) -> Output {
        if let Some(until) = self.too_near_a_renewal(lease, now) {
            return self.wait(until);
        }
        self.tries += 1;
        if self.tries > TRIES {
            return self.time_is_up();
        }
        match self.terms.way {
            Way::HandOver { .. } => {
                let fields = self.terms.fenced(&lease.spec, now.wall);
                self.write(Step::Fence, fields, lease)
            }
            // Whether the last try was heard is asked before the next.
            Way::Evict if self.touched && self.checked.is_none() => {
                self.ask(Flight::Pod(Some(lease.version)), Request::Pod)
            }
            Way::Evict => {
                self.checked = None;
                self.ask(Flight::Evict, Request::Evict)
            }
            // The controller was quicker, or the answer to the same write was lost.
            Way::Prefer if lease.spec.preferred.is_some() => {
                self.under_way = true;
                self.asked(lease, now)
            }
            Way::Prefer => {
                let preferred = self.terms.to.map_or(Change::Keep, Change::Set);
                self.write(Step::Prefer, Fields { preferred, ..Fields::default() }, lease)
            }
        }
    }

    /// Until when the old leader is so near to a renewal that it could read the fence without dating it.
    fn too_near_a_renewal(&mut self, lease: &Sight, now: Now) -> Option<Micros> {
        let Way::HandOver { proof: Proof::Acknowledged { interval, rest, .. }, .. } = self.terms.way else {
            return None;
        };
        let passed = now.wall - lease.spec.renewed?;
        if passed < rest {
            return Some(now.monotonic + (rest - passed));
        }
        if passed <= interval - rest {
            return None;
        }
        // The watch tells of the renewal; or it is late, and so the Lease is read.
        self.unread = passed > interval + rest;
        Some(now.monotonic + (interval + rest - passed).max(PAUSE))
    }

    /// The fence stands.
    fn fenced(&mut self, lease: &Sight, fence: Fenced, now: Now) -> Output {
        let Way::HandOver { fence: kind, proof } = self.terms.way else { return self.time_is_up() };
        if self.interrupted {
            return self.take_back(lease, fence, proof, now);
        }
        let since = |renewed: Micros, span: Micros| now.monotonic + (renewed + span - now.wall);
        let renewed = fence.renewed.unwrap_or(now.wall);
        let proved = match proof {
            Proof::Elapsed { wait, .. } => fence.at + wait,
            Proof::Renewal { wait, .. } => since(renewed, wait),
            Proof::Acknowledged { rest, ask, .. } => match fence.acknowledged {
                None => Micros::NEVER,
                // Of a process that has ended nothing is asked; what is out of reach cannot be, and may act.
                Some(_) if ask && !self.denied && self.body == Body::Running => {
                    return self.ask(Flight::Ask, Request::Ask);
                }
                Some(_) if ask && !self.denied && !self.ended() => Micros::NEVER,
                Some(at) => at + rest,
            },
        };
        // Whoever is told to end may act until its process is gone, and may write to the Lease on its way out.
        let proved = match self.body {
            Body::Terminating => Micros::NEVER,
            body if body.off() => self.alone(),
            _ => proved,
        };
        if now.monotonic >= proved {
            // Whoever looks as the fence runs out may write without naming a version: by then nobody else is named.
            return match proof {
                Proof::Acknowledged { rest, .. } if !lasts(lease, rest, now) => self.wait(Micros::NEVER),
                _ => self.hand_over(lease, now),
            };
        }
        let cut_off = match proof {
            Proof::Acknowledged { within, .. } if fence.acknowledged.is_none() && self.body == Body::Running => {
                since(renewed, within)
            }
            _ => Micros::NEVER,
        };
        if now.monotonic > cut_off {
            return ended(End::Unknown(Doubt::CutOff));
        }
        let kept = match kind {
            Fence::Renewed(every) => fence.kept + every,
            Fence::Named => Micros::NEVER,
        };
        if now.monotonic >= kept {
            let fields = self.terms.fenced(&lease.spec, now.wall);
            return self.write(Step::Renew, fields, lease);
        }
        self.wait(proved.min(kept).min(cut_off.max(now.monotonic) + Micros::TICK))
    }

    /// The old leader's name goes back only while it is sure to look once more before it gives up.
    fn take_back(&mut self, lease: &Sight, fence: Fenced, proof: Proof, now: Now) -> Output {
        let sure = match proof {
            Proof::Elapsed { undo, .. } => now.monotonic < fence.at + undo,
            Proof::Renewal { undo, .. } => fence.renewed.is_some_and(|renewed| now.wall < renewed + undo),
            Proof::Acknowledged { interval, rest, .. } => {
                let due = |renewed: Micros| now.wall < renewed + interval - rest;
                fence.acknowledged.is_none() && fence.renewed.is_some_and(due)
            }
        };
        if !sure || self.body != Body::Running {
            return ended(End::Unknown(Doubt::Interrupted));
        }
        let fields = self.terms.restored(&lease.spec, now.wall);
        self.write(Step::TakeBack, fields, lease)
    }

    /// The old leader is off, and the Lease is hactl's to give.
    fn hand_over(&mut self, lease: &Sight, now: Now) -> Output {
        if let Some(to) = self.terms.to {
            let fields = self.terms.handed(to, &lease.spec, now.wall);
            return self.write(Step::HandOver, fields, lease);
        }
        match self.terms.freed() {
            Some(fields) => self.write(Step::Free, fields, lease),
            // The fence runs out by itself.
            None => self.wait(Micros::NEVER),
        }
    }

    /// The old leader's process has ended, and its name still stands in the Lease.
    fn release(&mut self, lease: &Sight, now: Now) -> Output {
        if now.monotonic < self.alone() {
            return self.wait(self.alone());
        }
        if self.terms.returns && self.checked != Some(lease.version) {
            // Read after the Lease: if there is no replacement now, it did not write what was read before.
            return self.ask(Flight::Pod(Some(lease.version)), Request::Pod);
        }
        self.hand_over(lease, now)
    }

    /// Nobody holds the Lease.
    fn free(&mut self, lease: &Sight, now: Now) -> Output {
        match self.terms.to {
            // Whoever else writes a holder into a coordinated election leaves nobody leading.
            _ if self.terms.way == Way::Prefer => self.wait(Micros::NEVER),
            // Given up by the old leader on its way out, and still free.
            Some(_) if self.body.off() && now.monotonic < self.alone() => self.wait(self.alone()),
            Some(_) if self.body.off() => self.hand_over(lease, now),
            _ => self.wait(Micros::NEVER),
        }
    }

    /// When all that the old leader has sent has arrived.
    fn alone(&self) -> Micros {
        self.off + self.terms.stragglers
    }

    fn leads(&self, who: Identity) -> bool {
        self.taken.is_some_and(|taken| taken.by == who && taken.leads)
    }

    /// Whether the process that led is known to have ended, whatever has become of its Pod since.
    fn ended(&self) -> bool {
        self.off < Micros::NEVER
    }

    /// Whether the old leader was to acknowledge the fence, and neither did nor has ended.
    fn unacknowledged(&self) -> bool {
        let acknowledges = matches!(self.terms.way, Way::HandOver { proof: Proof::Acknowledged { .. }, .. });
        let silent = self.fence.is_some_and(|fence| fence.acknowledged.is_none()) && !self.ended();
        acknowledges && silent && !self.offered
    }

    /// Whether the old leader, which has dated the fence, has still not said that it leads no more.
    fn undenied(&self) -> bool {
        let asks = matches!(self.terms.way, Way::HandOver { proof: Proof::Acknowledged { ask: true, .. }, .. });
        let dated = self.fence.is_some_and(|fence| fence.acknowledged.is_some()) && !self.ended();
        asks && dated && !self.denied && !self.offered
    }

    fn held_by(&self, holder: Identity) -> Output {
        match self.terms.to {
            _ if !self.leads(holder) => self.wait(Micros::NEVER),
            // It is being ended, and may have given the Lease up: its kubelet is about to say so.
            _ if self.body == Body::Terminating && (self.unacknowledged() || self.undenied()) => {
                self.wait(Micros::NEVER)
            }
            // What ran out was taken, and the old leader, which never dated the fence, may act beside whoever took it.
            _ if self.unacknowledged() => ended(End::Unknown(Doubt::CutOff)),
            _ if self.undenied() => ended(End::Unknown(Doubt::Acts)),
            Some(to) if to != holder => ended(End::Elsewhere(holder)),
            _ => ended(End::Done(holder)),
        }
    }
}

/// Whether the record has not run out, by the API server's clock.
fn lives(lease: &Sight, now: Now) -> bool {
    lease.spec.expires().is_some_and(|expires| expires >= now.wall)
}

/// Whether the record counts for so much longer.
fn lasts(lease: &Sight, span: Micros, now: Now) -> bool {
    lease.spec.expires().is_some_and(|expires| expires - span >= now.wall)
}

fn ended(end: End) -> Output {
    Output { end: Some(end), ..Output::default() }
}
