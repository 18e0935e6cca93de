//! One process's elector: `tryAcquireOrRenew` and the loops around it.
//!
//! The loops are those of `k8s.io/apimachinery/pkg/util/wait`, the repeated GET is that of the REST client.

#[cfg(test)]
mod relative;

use super::ClientGo;
use crate::elector::{Answer, Draws, Event, Failure, Input, Machine, Now, Output, Request, rule};
use crate::model::Micros;
use crate::model::write::{Identity, Manager, Refusal, Spec, Version, Write};

/// The REST client repeats a GET on a broken connection after a second, ten times at most; writes it does not repeat
/// (`rest/request.go` and `rest/with_retry.go`).
const REPEAT_AFTER: Micros = Micros::SECOND;
const REPEATS: u8 = 10;

/// One process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Elector {
    settings: ClientGo,
    me: Identity,
    /// Whether someone else says who leads.
    coordinated: bool,
    at: At,
    /// Whether the work runs.
    leading: bool,
    /// The record as it was seen or written last, and when.
    seen: Seen,
    seen_at: Micros,
    /// The record as it was *read* last, to notice a change.
    read: Option<Raw>,
    /// The version of the object at hand.
    version: Option<Version>,
    /// When the current try began, and what it would write.
    begun: Now,
    acquired: Option<Micros>,
    transitions: i32,
    /// When the current renewal, or the release, is given up.
    limit: Micros,
    /// When the ticker of the current renewal ticks next.
    tick: Micros,
    /// When the client gives the current call up, and how often it has repeated it.
    call_limit: Micros,
    repeats: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Start,
    /// Until the next look, renewal or tick.
    Resting(Micros),
    /// A request is under way.
    Calling(Call),
    /// A GET is repeated then.
    Repeating(Call, Micros),
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Call {
    /// The fast path: PUT over the version at hand.
    Renew,
    Look,
    Create,
    Take,
    ReleaseLook,
    Release,
}

/// What is kept of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Seen {
    holder: Identity,
    duration: i32,
    acquired: Option<Micros>,
    transitions: i32,
}

/// A record as it is compared: in JSON, with times in whole seconds. A renewal within the same second is no change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Raw {
    holder: Identity,
    duration: i32,
    transitions: i32,
    acquired: Option<i64>,
    renewed: Option<i64>,
    preferred: Option<Identity>,
}

impl Seen {
    /// Null reads as zero, and as the empty string.
    fn of(spec: &Spec) -> Self {
        Self {
            holder: spec.holder.unwrap_or(Identity::EMPTY),
            duration: spec.duration.unwrap_or(0),
            acquired: spec.acquired,
            transitions: spec.transitions.unwrap_or(0),
        }
    }
}

impl Raw {
    fn of(spec: &Spec) -> Self {
        let Seen { holder, duration, transitions, .. } = Seen::of(spec);
        let seconds = |time: Option<Micros>| time.map(Micros::whole_seconds);
        let (acquired, renewed) = (seconds(spec.acquired), seconds(spec.renewed));
        Self { holder, duration, transitions, acquired, renewed, preferred: spec.preferred }
    }
}

impl Elector {
    pub(in crate::elector) fn new(settings: ClientGo, me: Identity, coordinated: bool) -> Self {
        let zero = Now { monotonic: Micros::ZERO, wall: Micros::ZERO };
        Self {
            settings,
            me,
            coordinated,
            at: At::Start,
            leading: false,
            seen: Seen { holder: Identity::EMPTY, duration: 0, acquired: None, transitions: 0 },
            seen_at: Micros::ZERO,
            read: None,
            version: None,
            begun: zero,
            acquired: None,
            transitions: 0,
            limit: Micros::NEVER,
            tick: Micros::NEVER,
            call_limit: Micros::NEVER,
            repeats: 0,
        }
    }

    /// `IsLeader`: by the record at hand.
    fn holds(&self) -> bool {
        self.seen.holder == self.me
    }

    /// `isLeaseValid`, at the time when the try began.
    fn valid(&self) -> bool {
        self.seen_at + Micros::from_secs(self.seen.duration.into()) > self.begun.monotonic
    }

    fn see(&mut self, seen: Seen, now: Now) {
        self.seen = seen;
        self.seen_at = now.monotonic;
    }

    /// `tryAcquireOrRenew`, from its beginning.
    fn attempt(&mut self, now: Now) -> Output {
        self.begun = now;
        self.acquired = Some(now.wall);
        self.transitions = 0;
        if !self.coordinated && self.holds() && self.valid() {
            self.acquired = self.seen.acquired;
            self.transitions = self.seen.transitions;
            return self.put(Call::Renew, now);
        }
        self.look(Call::Look, now)
    }

    /// A renewal, which begins its deadline and its ticker anew.
    fn renew(&mut self, now: Now) -> Output {
        self.limit = now.monotonic + self.settings.renew_deadline;
        self.tick = now.monotonic + self.settings.retry_period;
        self.attempt(now)
    }

    fn draft(&self) -> Spec {
        Spec {
            holder: Some(self.me),
            duration: Some(rule::seconds(self.settings.lease_duration)),
            acquired: self.acquired,
            renewed: Some(self.begun.wall),
            transitions: Some(self.transitions),
            preferred: None,
        }
    }

    fn call(&mut self, call: Call, request: Request, now: Now) -> Output {
        self.at = At::Calling(call);
        self.call_limit = now.monotonic + self.settings.timeout;
        self.repeats = 0;
        Output::request(request, self.call_limit.min(self.limit))
    }

    fn look(&mut self, call: Call, now: Now) -> Output {
        self.call(call, Request::Get, now)
    }

    fn put(&mut self, call: Call, now: Now) -> Output {
        let spec = self.draft();
        self.write(call, Write::Put { spec, version: self.version }, now)
    }

    fn write(&mut self, call: Call, write: Write, now: Now) -> Output {
        // Every replica writes as the name of its binary: one manager for all.
        self.call(call, Request::Write(Manager::of(0), write), now)
    }

    fn rest(&mut self, until: Micros) -> Output {
        self.at = At::Resting(until);
        Output::wake_at(until.min(self.limit))
    }

    /// The try has failed.
    fn fail(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        let period = self.settings.retry_period;
        if !self.leading {
            // `JitterUntil` with a factor of 1.2, counted from the end of the try.
            return self.rest(now.monotonic + draws.between(period, period * 11 / 5));
        }
        if now.monotonic >= self.limit {
            return self.lose(now);
        }
        let late = now.monotonic - self.tick;
        if late >= Micros::ZERO {
            // The ticker kept one tick, and stays on its grid.
            self.tick += period * (late / period + 1);
            return self.attempt(now);
        }
        let tick = self.tick;
        self.tick += period;
        self.rest(tick)
    }

    /// The try has written the Lease.
    fn succeed(&mut self, now: Now) -> Output {
        let Spec { duration, .. } = self.draft();
        let (acquired, transitions) = (self.acquired, self.transitions);
        self.see(Seen { holder: self.me, duration: duration.unwrap_or(0), acquired, transitions }, now);
        if self.leading {
            self.limit = Micros::NEVER;
            return self.rest(now.monotonic + self.settings.retry_period);
        }
        self.leading = true;
        // The loop of renewals begins with one.
        self.renew(now).with(Some(Event::Started))
    }

    /// The renewals are over. The work is told so only after the release, if there is one.
    fn lose(&mut self, now: Now) -> Output {
        if !self.settings.release_on_cancel {
            return self.exit();
        }
        self.limit = now.monotonic + self.settings.renew_deadline;
        self.look(Call::ReleaseLook, now)
    }

    fn exit(&mut self) -> Output {
        self.at = At::Gone;
        Output { event: Some(Event::Exited), ..Output::default() }
    }

    fn shut_down(&mut self, now: Now) -> Output {
        if !self.leading {
            return self.exit();
        }
        // The work's context hangs on the same one: it ends at once, before the release.
        let releasing = matches!(
            self.at,
            At::Calling(Call::ReleaseLook | Call::Release) | At::Repeating(Call::ReleaseLook | Call::Release, _)
        );
        let output = if releasing { Output::wake_at(self.call_limit.min(self.limit)) } else { self.lose(now) };
        Output { event: output.event.or(Some(Event::Stopped)), ..output }
    }

    fn wake(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        let limited = now.monotonic >= self.limit;
        match self.at {
            At::Start => self.attempt(now),
            At::Resting(_) if limited => self.lose(now),
            At::Resting(until) if now.monotonic >= until => {
                if self.leading && self.limit == Micros::NEVER {
                    self.renew(now)
                } else {
                    self.attempt(now)
                }
            }
            At::Resting(until) => self.rest(until),
            At::Calling(call) | At::Repeating(call, _) if limited => match call {
                Call::ReleaseLook | Call::Release => self.exit(),
                _ => self.lose(now),
            },
            At::Calling(call) | At::Repeating(call, _) if now.monotonic >= self.call_limit => {
                self.give_up(call, now, draws)
            }
            At::Repeating(call, until) if now.monotonic >= until => {
                self.at = At::Calling(call);
                Output::request(Request::Get, self.call_limit.min(self.limit))
            }
            At::Repeating(_, until) => Output::wake_at(until.min(self.call_limit).min(self.limit)),
            At::Calling(_) => Output::wake_at(self.call_limit.min(self.limit)),
            At::Gone => Output::default(),
        }
    }

    /// The call came to nothing.
    fn give_up(&mut self, call: Call, now: Now, draws: &mut impl Draws) -> Output {
        match call {
            // Whatever the error, the slow path follows.
            Call::Renew => self.look(Call::Look, now),
            Call::Look | Call::Create | Call::Take => self.fail(now, draws),
            Call::ReleaseLook | Call::Release => self.exit(),
        }
    }

    fn answer(&mut self, call: Call, answer: Answer, now: Now, draws: &mut impl Draws) -> Output {
        match (call, answer) {
            (Call::Look | Call::ReleaseLook, Answer::Failed(Failure::Reset)) if self.repeats < REPEATS => {
                self.repeats += 1;
                let until = now.monotonic + REPEAT_AFTER;
                self.at = At::Repeating(call, until);
                Output::wake_at(until.min(self.call_limit).min(self.limit))
            }
            (Call::Look, Answer::Found(spec, version)) => self.judge(&spec, version, now, draws),
            (Call::Look, Answer::Rejected(Refusal::NotFound)) if !self.coordinated => {
                let spec = self.draft();
                self.write(Call::Create, Write::Create(spec), now)
            }
            (Call::Renew | Call::Create | Call::Take, Answer::Written(version)) => {
                self.version = Some(version);
                self.succeed(now)
            }
            (Call::ReleaseLook, Answer::Found(spec, version)) => self.release(&spec, version, now),
            (Call::Release, Answer::Written(_)) => self.exit(),
            _ => self.give_up(call, now, draws),
        }
    }

    fn judge(&mut self, spec: &Spec, version: Version, now: Now, draws: &mut impl Draws) -> Output {
        self.version = Some(version);
        let raw = Raw::of(spec);
        if self.read != Some(raw) {
            self.see(Seen::of(spec), now);
            self.read = Some(raw);
        }
        let read = Seen::of(spec);
        if self.coordinated {
            return self.judge_coordinated(spec, now, draws);
        }
        if read.holder != Identity::EMPTY && self.valid() && !self.holds() {
            return self.fail(now, draws);
        }
        if self.holds() {
            self.acquired = read.acquired;
            self.transitions = read.transitions;
        } else {
            self.transitions = read.transitions.saturating_add(1);
        }
        self.put(Call::Take, now)
    }

    /// `tryCoordinatedRenew`: what has run out is never taken, and who is to give up does not renew.
    fn judge_coordinated(&mut self, spec: &Spec, now: Now, draws: &mut impl Draws) -> Output {
        let over = self.seen_at + Micros::from_secs(spec.duration.unwrap_or(0).into()) < self.begun.monotonic;
        if over || !self.holds() || spec.preferred.is_some() {
            return self.fail(now, draws);
        }
        self.acquired = spec.acquired;
        self.transitions = spec.transitions.unwrap_or(0);
        self.put(Call::Take, now)
    }

    /// The fresh object is written over though only the record at hand was asked whose it is (since 0.34): another
    /// holder written since the last try is wiped.
    fn release(&mut self, fresh: &Spec, version: Version, now: Now) -> Output {
        if !self.holds() {
            return self.exit();
        }
        let spec = Spec {
            holder: Some(Identity::EMPTY),
            duration: Some(1),
            acquired: Some(now.wall),
            renewed: Some(now.wall),
            transitions: Some(fresh.transitions.unwrap_or(0)),
            preferred: None,
        };
        self.write(Call::Release, Write::Put { spec, version: Some(version) }, now)
    }
}

impl Machine for Elector {
    fn step(&mut self, now: Now, input: Input, draws: &mut impl Draws) -> Output {
        match (input, self.at) {
            (_, At::Gone) => Output::default(),
            (Input::Shutdown, _) => self.shut_down(now),
            // A time limit that has passed comes before an answer that has waited: a process that stood still for longer
            // wakes to both, and Go's runtime runs timers before it looks at the network.
            (Input::Answer(answer), At::Calling(call)) if now.monotonic < self.call_limit.min(self.limit) => {
                self.answer(call, answer, now, draws)
            }
            // An answer to a call that was given up, or a wake-up.
            _ => self.wake(now, draws),
        }
    }
}
