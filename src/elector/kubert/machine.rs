//! One process's elector: `spawn()`, `ensure_claimed()` and `vacate()`, as a state for each place where they wait.

#[cfg(test)]
mod relative;

use super::Kubert;
use crate::elector::{Answer, Draws, Event, Input, Machine, Now, Output, Request, rule};
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Manager, Refusal, Spec, Version, Write};

/// `API_TIMEOUT`.
const TIMEOUT: Micros = Micros::from_secs(10);

/// `backon`'s defaults, since the builder's own settings are dropped: one second, doubled up to the grace period (none
/// for a standby), three times at most.
const FIRST_RETRY: Micros = Micros::SECOND;
const RETRIES: u8 = 3;

/// The delay that follows one, if none may be longer than that.
fn longer(delay: Micros, longest: Micros) -> Micros {
    if delay < longest { delay * 2 } else { delay }.min(longest)
}

/// When a leader tries again, counted from the first try.
pub(super) fn retries(grace: Micros) -> impl Iterator<Item = Micros> {
    let delays = std::iter::successors(Some(FIRST_RETRY), move |delay| Some(longer(*delay, grace)));
    delays.take(RETRIES.into()).scan(Micros::ZERO, |at, delay| {
        *at += delay;
        Some(*at)
    })
}

/// One process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Elector {
    settings: Kubert,
    me: Identity,
    at: At,
    /// The claim and the version as they were read or written last.
    claim: Option<Claim>,
    version: Option<Version>,
    transitions: i32,
    /// What the receivers were told last, and whether the work runs on it.
    told: Option<Claim>,
    acting: bool,
    closing: bool,
    retries: u8,
    delay: Micros,
    /// When the call under way fails, and the time that its record would carry.
    limit: Micros,
    written: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Start,
    Calling(Call),
    /// Until the claim is to be renewed, or has run out.
    Resting(Micros),
    Retrying(Micros),
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Call {
    /// The constructor's GET.
    Open,
    Sync,
    Renew,
    Acquire,
    Vacate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Claim {
    holder: Identity,
    expiry: Micros,
}

impl Elector {
    pub(super) fn new(settings: Kubert, me: Identity) -> Self {
        Self {
            settings,
            me,
            at: At::Start,
            claim: None,
            version: None,
            transitions: 0,
            told: None,
            acting: false,
            closing: false,
            retries: 0,
            delay: FIRST_RETRY,
            limit: Micros::NEVER,
            written: Micros::ZERO,
        }
    }

    fn mine(&self, claim: Claim) -> bool {
        claim.holder == self.me
    }

    fn call(&mut self, call: Call, request: Request, now: Now) -> Output {
        self.at = At::Calling(call);
        self.limit = now.monotonic + TIMEOUT;
        self.written = now.wall;
        Output::request(request, self.limit)
    }

    fn write(&mut self, call: Call, write: Write, now: Now) -> Output {
        // One name for all replicas: `kubert`, or what the program sets.
        self.call(call, Request::Write(Manager::of(0), write), now)
    }

    /// `ensure_claimed`, from the top of its loop.
    fn ensure(&mut self, now: Now) -> Output {
        let duration = Change::Set(rule::seconds(self.settings.lease_duration));
        let (renewed, version) = (Change::Set(now.wall), self.version);
        match self.claim {
            Some(claim) if self.mine(claim) => {
                if now.wall < claim.expiry - self.settings.grace_period {
                    return self.tell(claim, now);
                }
                let fields = Fields { renewed, duration, ..Fields::default() };
                self.write(Call::Renew, Write::Patch { fields, version }, now)
            }
            Some(claim) if now.wall < claim.expiry => self.tell(claim, now),
            _ => {
                let transitions = Change::Set(self.transitions.saturating_add(1));
                let (holder, preferred) = (Change::Set(self.me), Change::Keep);
                let fields = Fields { holder, duration, acquired: renewed, renewed, transitions, preferred };
                // There is no name in its body.
                self.write(Call::Acquire, Write::Apply { fields, force: true, version, named: false }, now)
            }
        }
    }

    /// A claim is known to be current: the receivers are told.
    fn tell(&mut self, claim: Claim, now: Now) -> Output {
        self.claim = Some(claim);
        self.told = Some(claim);
        self.retries = 0;
        self.delay = FIRST_RETRY;
        if self.closing {
            return self.vacate(now);
        }
        let acts = self.mine(claim) && now.wall < claim.expiry;
        let event = match (self.acting, acts) {
            (false, true) => Some(Event::Started),
            (true, false) => Some(Event::Stopped),
            _ => None,
        };
        self.acting = acts;
        let grace = if self.mine(claim) { self.settings.grace_period } else { Micros::ZERO };
        let pause = (claim.expiry - now.wall - grace).max(Micros::ZERO);
        self.at = At::Resting(now.monotonic + pause);
        Output::wake_at(now.monotonic + pause).with(event)
    }

    fn vacate(&mut self, now: Now) -> Output {
        match self.claim.take() {
            Some(claim) if self.mine(claim) && now.wall < claim.expiry => {
                self.write(Call::Vacate, Write::Patch { fields: Fields::RELEASED, version: self.version }, now)
            }
            _ => self.exit(),
        }
    }

    fn exit(&mut self) -> Output {
        self.at = At::Gone;
        self.acting = false;
        Output { event: Some(Event::Exited), ..Output::default() }
    }

    /// The call came to nothing: a few more tries, and the task is over.
    fn give_up(&mut self, call: Call, now: Now) -> Output {
        let Some(told) = self.told else { return self.exit() };
        if matches!(call, Call::Open | Call::Vacate) || self.retries >= RETRIES {
            return self.exit();
        }
        let longest = if self.mine(told) { self.settings.grace_period } else { Micros::ZERO };
        if self.retries > 0 {
            self.delay = longer(self.delay, longest);
        }
        self.retries += 1;
        let until = now.monotonic + self.delay;
        self.at = At::Retrying(until);
        Output::wake_at(until)
    }

    /// `get`: a claim that lacks anything, or has run out, is none. An empty holder is one.
    fn read(&mut self, spec: &Spec, version: Version, now: Now) {
        self.version = Some(version);
        self.transitions = spec.transitions.unwrap_or(0);
        self.claim = spec
            .holder
            .zip(spec.expires())
            .filter(|(_, expiry)| *expiry > now.wall)
            .map(|(holder, expiry)| Claim { holder, expiry });
    }

    fn answer(&mut self, call: Call, answer: Answer, now: Now) -> Output {
        match (call, answer) {
            (Call::Open | Call::Sync, Answer::Found(spec, version)) => {
                self.read(&spec, version, now);
                self.ensure(now)
            }
            (Call::Renew | Call::Acquire, Answer::Written(version)) => {
                self.version = Some(version);
                self.transitions += i32::from(call == Call::Acquire);
                let seconds = rule::seconds(self.settings.lease_duration);
                self.tell(Claim { holder: self.me, expiry: self.written + Micros::from_secs(seconds.into()) }, now)
            }
            (Call::Renew | Call::Acquire, Answer::Rejected(Refusal::Stale | Refusal::Owned)) => {
                self.call(Call::Sync, Request::Get, now)
            }
            (Call::Vacate, _) => self.exit(),
            _ => self.give_up(call, now),
        }
    }

    fn wake(&mut self, now: Now) -> Output {
        match self.at {
            At::Start => self.call(Call::Open, Request::Get, now),
            At::Calling(call) if now.monotonic >= self.limit => self.give_up(call, now),
            At::Calling(_) => Output::wake_at(self.limit),
            At::Resting(until) | At::Retrying(until) if now.monotonic < until => Output::wake_at(until),
            At::Resting(_) | At::Retrying(_) => self.ensure(now),
            At::Gone => Output::default(),
        }
    }

    /// The receivers are dropped: a wait ends at once, a claim in progress is finished first.
    fn shut_down(&mut self, now: Now) -> Output {
        if !self.settings.releases || self.told.is_none() {
            return self.exit();
        }
        self.acting = false;
        self.closing = true;
        let output = match self.at {
            At::Resting(_) => self.vacate(now),
            At::Calling(_) => Output::wake_at(self.limit),
            At::Retrying(until) => Output::wake_at(until),
            At::Start | At::Gone => self.exit(),
        };
        Output { event: output.event.or(Some(Event::Stopped)), ..output }
    }

    /// `is_current_for`: the work ends with the claim that it was told of, whatever the task is doing.
    fn lapse(&mut self, now: Now, output: Output) -> Output {
        let Some(told) = self.told.filter(|_| self.acting) else { return output };
        if now.wall >= told.expiry {
            self.acting = false;
            return output.with(Some(Event::Stopped));
        }
        let lapse = now.monotonic + (told.expiry - now.wall);
        Output { wake: Some(output.wake.map_or(lapse, |wake| wake.min(lapse))), ..output }
    }
}

impl Machine for Elector {
    fn step(&mut self, now: Now, input: Input, _draws: &mut impl Draws) -> Output {
        let output = match (input, self.at) {
            (_, At::Gone) => return Output::default(),
            (Input::Shutdown, _) => self.shut_down(now),
            (Input::Answer(answer), At::Calling(call)) => self.answer(call, answer, now),
            _ => self.wake(now),
        };
        self.lapse(now, output)
    }
}
