//! One process's elector: a try, and the loops around it.

use super::Polling;
use super::library::{Library, Shape};
use crate::elector::{Answer, Draws, Event, Input, Machine, Now, Output, Request, rule};
use crate::model::Micros;
use crate::model::write::{Identity, Manager, Refusal, Spec, Version, Write};

/// One process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Elector {
    settings: Polling,
    me: Identity,
    at: At,
    leading: bool,
    /// The record as it was seen or written last, and when, by the wall clock.
    seen: Option<Spec>,
    seen_at: Micros,
    version: Option<Version>,
    /// When the current try began, by the wall clock, and what it would write.
    begun: Micros,
    draft: Spec,
    /// When the current renewal is given up, and when a standby's try.
    limit: Micros,
    try_limit: Micros,
    /// How long a standby rests, and when its process started.
    pace: Micros,
    started: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Start,
    Resting(Micros),
    Calling(Call),
    /// Java: it has the Lease, and its main thread has not looked yet.
    Unnoticed(Micros),
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Call {
    Look,
    Create,
    Take,
    Release,
}

impl Elector {
    pub(super) fn new(settings: Polling, me: Identity) -> Self {
        Self {
            settings,
            me,
            at: At::Start,
            leading: false,
            seen: None,
            seen_at: Micros::ZERO,
            version: None,
            begun: Micros::ZERO,
            draft: Spec::default(),
            limit: Micros::NEVER,
            try_limit: Micros::NEVER,
            pace: Micros::ZERO,
            started: Micros::ZERO,
        }
    }

    fn holds(&self) -> bool {
        self.seen.is_some_and(|seen| seen.holder == Some(self.me))
    }

    fn see(&mut self, spec: Spec, now: Now) {
        self.seen = Some(spec);
        self.seen_at = now.wall;
    }

    fn start(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        self.started = now.monotonic;
        self.pace = self.settings.library.pace(self.settings.retry_period, draws);
        self.attempt(now, draws)
    }

    /// `tryAcquireOrRenew`, from its beginning.
    fn attempt(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        self.begun = now.wall;
        if !self.leading {
            let patience = self.settings.library.patience(self.settings.retry_period, draws);
            self.try_limit = now.monotonic + patience;
        }
        self.call(Call::Look, Request::Get)
    }

    /// A renewal, which begins its deadline anew.
    fn renew(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        self.limit = now.monotonic + self.settings.renew_deadline;
        self.try_limit = Micros::NEVER;
        self.attempt(now, draws)
    }

    fn call(&mut self, call: Call, request: Request) -> Output {
        self.at = At::Calling(call);
        Output::request(request, self.deadline())
    }

    /// When a call is given up. Python asks what time it is only between two tries.
    fn deadline(&self) -> Micros {
        if self.settings.library == Library::Python { Micros::NEVER } else { self.limit.min(self.try_limit) }
    }

    fn put(&mut self, acquired: Option<Micros>, transitions: Option<i32>) -> Output {
        self.draft = self.record(acquired, transitions);
        self.write(Call::Take, Write::Put { spec: self.draft, version: self.version })
    }

    fn write(&mut self, call: Call, write: Write) -> Output {
        // Every replica writes under the name that its client has.
        self.call(call, Request::Write(Manager::of(0), write))
    }

    fn record(&self, acquired: Option<Micros>, transitions: Option<i32>) -> Spec {
        Spec {
            holder: Some(self.me),
            duration: Some(rule::seconds(self.settings.lease_duration)),
            acquired,
            renewed: Some(self.begun),
            transitions,
            preferred: None,
        }
    }

    fn rest(&mut self, until: Micros) -> Output {
        self.at = At::Resting(until);
        // Python sleeps on, whatever the deadline.
        let limit = if self.settings.library == Library::Python { Micros::NEVER } else { self.limit };
        Output::wake_at(until.min(limit))
    }

    /// The try has failed.
    fn fail(&mut self, now: Now) -> Output {
        let pause = if self.leading { self.settings.retry_period } else { self.pace };
        self.rest(now.monotonic + pause)
    }

    /// The try has written the Lease.
    fn succeed(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        self.see(self.draft, now);
        if self.leading {
            self.limit = Micros::NEVER;
            return self.rest(now.monotonic + self.settings.retry_period);
        }
        if self.settings.library != Library::Java {
            return self.lead(now, draws);
        }
        // The main thread looks every retry period since the start.
        let period = self.settings.retry_period;
        let looks = (now.monotonic - self.started - Micros::TICK) / period + 1;
        let noticed = self.started + period * looks;
        self.at = At::Unnoticed(noticed);
        Output::wake_at(noticed)
    }

    fn lead(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        self.leading = true;
        // The loop of renewals begins with one.
        self.renew(now, draws).with(Some(Event::Started))
    }

    fn exit(&mut self) -> Output {
        self.at = At::Gone;
        Output { event: Some(Event::Exited), ..Output::default() }
    }

    fn judge(&mut self, spec: &Spec, version: Version, now: Now) -> Output {
        let library = self.settings.library;
        self.version = Some(version);
        match library.shape(spec) {
            Shape::Broken if self.leading => return self.exit(),
            Shape::Broken => return self.fail(now),
            Shape::Missing => return self.create(),
            // Before anything is noted of it.
            Shape::Free if library != Library::DotNet => {
                return self.put(Some(self.begun), library.transitions(spec.transitions, false));
            }
            Shape::Free | Shape::Whole => {}
        }
        if self.seen != Some(*spec) {
            self.see(*spec, now);
        }
        let counts = library.counts(spec, self.settings.lease_duration);
        let free = library.shape(spec) == Shape::Free;
        if !free && !self.holds() && self.seen_at + counts > self.begun {
            return self.fail(now);
        }
        let acquired = if self.holds() { spec.acquired } else { Some(self.begun) };
        self.put(acquired, library.transitions(spec.transitions, self.holds()))
    }

    fn create(&mut self) -> Output {
        let transitions = self.settings.library.transitions(None, true);
        self.draft = self.record(Some(self.begun), transitions);
        self.write(Call::Create, Write::Create(self.draft))
    }

    fn answer(&mut self, call: Call, answer: Answer, now: Now, draws: &mut impl Draws) -> Output {
        match (call, answer) {
            (Call::Release, _) => self.exit(),
            (_, Answer::Failed(failure)) if self.settings.library.ends_with(failure) => self.exit(),
            (Call::Look, Answer::Found(spec, version)) => self.judge(&spec, version, now),
            (Call::Look, Answer::Rejected(Refusal::NotFound)) => self.create(),
            (Call::Create | Call::Take, Answer::Written(version)) => {
                self.version = Some(version);
                self.succeed(now, draws)
            }
            _ => self.fail(now),
        }
    }

    fn wake(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        let limited = now.monotonic >= self.limit;
        match self.at {
            At::Start => self.start(now, draws),
            At::Resting(until) if now.monotonic < until && (!limited || self.settings.library == Library::Python) => {
                self.rest(until)
            }
            At::Resting(_) if limited => self.exit(),
            At::Resting(_) if self.leading && self.limit == Micros::NEVER => self.renew(now, draws),
            At::Resting(_) => self.attempt(now, draws),
            At::Calling(Call::Release) => Output::wake_at(Micros::NEVER),
            At::Calling(_) if now.monotonic < self.deadline() => Output::wake_at(self.deadline()),
            At::Calling(_) if self.leading => self.exit(),
            // .NET's next try begins beside the one that hangs; Java's after a rest.
            At::Calling(_) if self.settings.library == Library::DotNet => self.attempt(now, draws),
            At::Calling(_) => self.fail(now),
            At::Unnoticed(until) if now.monotonic < until => Output::wake_at(until),
            At::Unnoticed(_) => self.lead(now, draws),
            At::Gone => Output::default(),
        }
    }

    /// `close()`: the work is interrupted, and then what is held is replaced by a record without holder and times, over
    /// the version that was read or written last.
    fn shut_down(&mut self) -> Output {
        let Some(seen) = self.seen.filter(|_| self.settings.releases && self.holds()) else { return self.exit() };
        if matches!(self.at, At::Calling(Call::Release)) {
            return Output::wake_at(Micros::NEVER);
        }
        self.limit = Micros::NEVER;
        self.try_limit = Micros::NEVER;
        let duration = Some(rule::seconds(self.settings.lease_duration));
        let spec = Spec { duration, transitions: Some(seen.transitions.unwrap_or(0)), ..Spec::default() };
        self.write(Call::Release, Write::Put { spec, version: self.version }).with(Some(Event::Stopped))
    }
}

impl Machine for Elector {
    fn step(&mut self, now: Now, input: Input, draws: &mut impl Draws) -> Output {
        match (input, self.at) {
            (_, At::Gone) => Output::default(),
            (Input::Shutdown, _) => self.shut_down(),
            (Input::Answer(answer), At::Calling(call)) => self.answer(call, answer, now, draws),
            _ => self.wake(now, draws),
        }
    }
}
