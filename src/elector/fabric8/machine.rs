//! One process's elector: `tryAcquireOrRenew`, the loops around it, and the HTTP client's repetitions under it.

use super::Fabric8;
use crate::elector::{Answer, Draws, Event, Input, Machine, Now, Output, Request, rule};
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Manager, Refusal, Spec, Version, Write};

/// A request that comes to nothing, or is answered with a 5xx, is repeated ten times: after 0.1 s, twice as long each
/// time, 3.2 s at most (`io/fabric8/kubernetes/client/Config.java`, `DEFAULT_REQUEST_RETRY_BACKOFFLIMIT` and
/// `…INTERVAL`; `ExponentialBackoffIntervalCalculator.java`).
const REPEATS: u8 = 10;
const FIRST_PAUSE: Micros = Micros::from_millis(100);
const LONGEST_DOUBLING: u32 = 5;

/// After so long without an answer a request has come to nothing (`Config.java`, `DEFAULT_REQUEST_TIMEOUT`).
const TIMEOUT: Micros = Micros::from_secs(10);

/// The pause before the repetition with this number, from zero on.
fn pause(number: u8) -> Micros {
    FIRST_PAUSE * (1 << u32::from(number).min(LONGEST_DOUBLING))
}

/// When a request is sent and sent again, counted from the first time, if each fails at once.
pub(super) fn repetitions() -> impl Iterator<Item = Micros> {
    let later = (0..REPEATS).scan(Micros::ZERO, |at, number| {
        *at += pause(number);
        Some(*at)
    });
    std::iter::once(Micros::ZERO).chain(later)
}

/// One process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Elector {
    settings: Fabric8,
    me: Identity,
    at: At,
    /// What `observedRecord` says, and whether the work was told that it leads.
    holds: bool,
    acting: bool,
    /// Whether the Lease was won and its renewals have begun.
    renewing: bool,
    closing: bool,
    /// By the wall clock: when the try began, and when the renewals are given up.
    begun: Micros,
    renew_by: Micros,
    /// The request under way, to be repeated, and when it has come to nothing.
    request: Request,
    repeats: u8,
    limit: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Start,
    Resting(Micros),
    Calling(Call),
    Repeating(Call, Micros),
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Call {
    Look,
    Create,
    Take,
    ReleaseLook,
    Release,
}

impl Elector {
    pub(super) fn new(settings: Fabric8, me: Identity) -> Self {
        Self {
            settings,
            me,
            at: At::Start,
            holds: false,
            acting: false,
            renewing: false,
            closing: false,
            begun: Micros::ZERO,
            renew_by: Micros::NEVER,
            request: Request::Get,
            repeats: 0,
            limit: Micros::NEVER,
        }
    }

    fn call(&mut self, call: Call, request: Request, now: Now) -> Output {
        self.request = request;
        self.repeats = 0;
        self.send(call, now)
    }

    fn send(&mut self, call: Call, now: Now) -> Output {
        self.at = At::Calling(call);
        self.limit = now.monotonic + TIMEOUT;
        Output::request(self.request, self.limit)
    }

    fn write(&mut self, call: Call, write: Write, now: Now) -> Output {
        // Every replica writes under the name that its client has.
        self.call(call, Request::Write(Manager::of(0), write), now)
    }

    fn attempt(&mut self, now: Now) -> Output {
        self.begun = now.wall;
        self.call(Call::Look, Request::Get, now)
    }

    /// `updateObserved`: the work is told at once when the name changes to its own, or from it.
    fn observe(&mut self, holds: bool) -> Option<Event> {
        self.holds = holds;
        if self.acting == holds {
            return None;
        }
        self.acting = holds;
        Some(if holds { Event::Started } else { Event::Stopped })
    }

    /// The try is over, with an exception of the client or without one.
    fn rest(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        if self.closing {
            return self.stop(now);
        }
        let period = self.settings.retry_period;
        let pause = if self.renewing { period } else { draws.between(period, period * 11 / 5) };
        self.at = At::Resting(now.monotonic + pause);
        Output::wake_at(now.monotonic + pause)
    }

    /// The try has written the Lease.
    fn succeed(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        let event = self.observe(true);
        self.renew_by = now.wall + self.settings.renew_deadline;
        let output = if self.renewing || self.closing {
            self.rest(now, draws)
        } else {
            self.renewing = true;
            // The loop of renewals begins with one.
            self.attempt(now)
        };
        Output { event: output.event.or(event), ..output }
    }

    /// `stopLeading`.
    fn stop(&mut self, now: Now) -> Output {
        if self.holds && self.settings.release_on_cancel {
            return self.call(Call::ReleaseLook, Request::Get, now);
        }
        self.exit()
    }

    fn exit(&mut self) -> Output {
        self.at = At::Gone;
        Output { event: Some(Event::Exited), ..Output::default() }
    }

    fn judge(&mut self, spec: &Spec, version: Version, now: Now, draws: &mut impl Draws) -> Output {
        // LeaseLock.java, toRecord: null is no duration and no time. The exception ends the loop.
        let (Some(expiry), Some(acquired)) = (spec.expires(), spec.acquired) else { return self.stop(now) };
        let mine = spec.holder == Some(self.me);
        let event = self.observe(mine);
        let free = spec.holder.is_none_or(|holder| holder == Identity::EMPTY) || self.begun > expiry;
        if !mine && !free {
            // Who led ends, and who did not looks again later.
            return if self.renewing { self.exit() } else { self.rest(now, draws).with(event) };
        }
        let transitions = spec.transitions.unwrap_or(0).saturating_add(i32::from(!mine));
        let fields = Fields {
            holder: Change::Set(self.me),
            duration: Change::Set(rule::seconds(self.settings.lease_duration)),
            acquired: Change::Set(if mine { acquired } else { self.begun }),
            renewed: Change::Set(self.begun),
            transitions: Change::Set(transitions),
            preferred: Change::Keep,
        };
        self.write(Call::Take, Write::Patch { fields, version: Some(version) }, now).with(event)
    }

    fn create(&mut self, now: Now) -> Output {
        let spec = Spec {
            holder: Some(self.me),
            duration: Some(rule::seconds(self.settings.lease_duration)),
            acquired: Some(self.begun),
            renewed: Some(self.begun),
            transitions: Some(0),
            preferred: None,
        };
        self.write(Call::Create, Write::Create(spec), now)
    }

    /// The holder is null, which a merge patch of this client leaves out: it stays, for a second.
    fn release(&mut self, version: Version, now: Now) -> Output {
        let fields = Fields {
            duration: Change::Set(1),
            acquired: Change::Set(now.wall),
            renewed: Change::Set(now.wall),
            ..Fields::default()
        };
        self.write(Call::Release, Write::Patch { fields, version: Some(version) }, now)
    }

    fn answer(&mut self, call: Call, answer: Answer, now: Now, draws: &mut impl Draws) -> Output {
        match (call, answer) {
            (_, Answer::Failed(_)) => self.fail(call, now, draws),
            (Call::Look, Answer::Found(spec, version)) => self.judge(&spec, version, now, draws),
            (Call::Look, Answer::Rejected(Refusal::NotFound)) => self.create(now),
            (Call::Create | Call::Take, Answer::Written(_)) => self.succeed(now, draws),
            (Call::ReleaseLook, Answer::Found(spec, version)) if spec.holder == Some(self.me) => {
                self.release(version, now)
            }
            (Call::ReleaseLook | Call::Release, _) => self.exit(),
            // A conflict, for one: an exception that is written down.
            _ => self.rest(now, draws),
        }
    }

    fn fail(&mut self, call: Call, now: Now, draws: &mut impl Draws) -> Output {
        if self.repeats < REPEATS {
            let until = now.monotonic + pause(self.repeats);
            self.repeats += 1;
            self.at = At::Repeating(call, until);
            return Output::wake_at(until);
        }
        match call {
            Call::ReleaseLook | Call::Release => self.exit(),
            Call::Look | Call::Create | Call::Take => self.rest(now, draws),
        }
    }

    fn wake(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        match self.at {
            At::Start => self.attempt(now),
            At::Resting(until) | At::Repeating(_, until) if now.monotonic < until => Output::wake_at(until),
            At::Resting(_) if self.renewing && now.wall > self.renew_by => self.stop(now),
            At::Resting(_) => self.attempt(now),
            At::Repeating(call, _) => self.send(call, now),
            At::Calling(call) if now.monotonic >= self.limit => self.fail(call, now, draws),
            At::Calling(_) => Output::wake_at(self.limit),
            At::Gone => Output::default(),
        }
    }

    /// The future is cancelled. A try that is under way is finished first, with all its repetitions.
    fn shut_down(&mut self, now: Now) -> Output {
        self.closing = true;
        match self.at {
            At::Start | At::Resting(_) => self.stop(now),
            At::Calling(_) => Output::wake_at(self.limit),
            At::Repeating(_, until) => Output::wake_at(until),
            At::Gone => Output::default(),
        }
    }
}

impl Machine for Elector {
    fn step(&mut self, now: Now, input: Input, draws: &mut impl Draws) -> Output {
        match (input, self.at) {
            (_, At::Gone) => Output::default(),
            (Input::Shutdown, _) => self.shut_down(now),
            (Input::Answer(answer), At::Calling(call)) => self.answer(call, answer, now, draws),
            _ => self.wake(now, draws),
        }
    }
}
