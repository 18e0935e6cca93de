//! The Rust crate kube-leader-election: one call that the program's own loop makes, and the wall clock decides.
//!
//! Nothing names a version: two standbys that see the same expiry both believe that they won until their next call.
//! A call that fails says nothing, so a leader that is cut off leads on, as in the crate's own example. As of
//! `kube-leader-election/src/lease.rs` 0.44.0.

use super::rule::{self, Broken};
use super::{Answer, Bound, Draws, Event, Input, Machine, Now, Output, Request, Rhythm, Settings, Tolerance};
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Manager, Refusal, Spec, Write};

/// Where the rules stand.
const PLACE: &str = "kube-leader-election/src/lease.rs";

/// How an elector is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KubeLeaderElection {
    /// `lease_ttl`.
    pub lease_duration: Micros,
    /// How long the program's loop rests between two calls.
    pub period: Micros,
    /// Whether the program calls `step_down` before it ends.
    pub releases: bool,
}

impl KubeLeaderElection {
    /// With `step_down` at the end.
    #[must_use]
    pub fn new(lease_duration: Micros, period: Micros) -> Self {
        Self { lease_duration, period, releases: true }
    }
}

impl Settings for KubeLeaderElection {
    type Machine = Elector;
    const GUARDED: bool = false;
    const CREATES: bool = true;

    fn machine(&self, identity: Identity, process: u8) -> Elector {
        let manager = Manager::of(process);
        Elector { settings: *self, me: identity, manager, at: At::Resting(Micros::ZERO), leading: false }
    }

    /// The crate itself checks nothing. It drops fractions of a second, and a loop that rests longer than the lease
    /// lasts has no leader most of the time.
    fn check(&self) -> Result<(), Broken> {
        let Self { lease_duration, period, .. } = *self;
        rule::whole("lease duration", lease_duration, PLACE)?;
        rule::positive("period between two calls", period, PLACE)?;
        if period >= lease_duration {
            return Err(Broken::PeriodBeyondDuration { lease_duration, period, place: PLACE });
        }
        Ok(())
    }

    fn rhythm(&self) -> Rhythm {
        Rhythm {
            renewal: self.period,
            look: self.period,
            warm_up: self.period,
            settling: (self.lease_duration + self.period) * 2,
        }
    }

    /// The first call that fails comes at once in the worst case, and the one that succeeds has to come before the record
    /// runs out, counted from the last that did. A standby goes by its own wall clock.
    fn tolerates(&self) -> Tolerance {
        let calls = (self.lease_duration - Micros::TICK) / self.period;
        let outage = self.period * (calls - 1).max(0);
        Tolerance { outage: Bound::UpTo(outage), skew: Bound::UpTo(self.lease_duration - self.period) }
    }
}

/// One process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Elector {
    settings: KubeLeaderElection,
    me: Identity,
    /// Its identity is its field manager; a fresh number does as well, for only `apply` would ask.
    manager: Manager,
    at: At,
    leading: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Resting(Micros),
    Calling(Call),
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Call {
    Look,
    /// Renews, takes over or creates: if it works, it leads.
    Lead,
    ReleaseLook,
    Release,
}

impl Elector {
    fn call(&mut self, call: Call, request: Request) -> Output {
        self.at = At::Calling(call);
        // The client has no time limit of its own.
        Output::request(request, Micros::NEVER)
    }

    fn write(&mut self, call: Call, write: Write) -> Output {
        self.call(call, Request::Write(self.manager, write))
    }

    fn patch(&mut self, call: Call, fields: Fields) -> Output {
        self.write(call, Write::Patch { fields, version: None })
    }

    /// The call is over: what it says of leadership, if anything, and a rest.
    fn rest(&mut self, leads: Option<bool>, now: Now) -> Output {
        let event = match leads {
            Some(true) if !self.leading => Some(Event::Started),
            Some(false) if self.leading => Some(Event::Stopped),
            _ => None,
        };
        self.leading = leads.unwrap_or(self.leading);
        let until = now.monotonic + self.settings.period;
        self.at = At::Resting(until);
        Output::wake_at(until).with(event)
    }

    fn exit(&mut self) -> Output {
        self.at = At::Gone;
        Output { event: Some(Event::Exited), ..Output::default() }
    }

    fn judge(&mut self, spec: &Spec, now: Now) -> Output {
        let duration = Change::Set(rule::seconds(self.settings.lease_duration));
        let renewed = Change::Set(now.wall);
        // Any of these that is null is an error, for everyone and for ever.
        let Some(holder) = spec.holder else { return self.rest(None, now) };
        if holder == self.me {
            return self.patch(Call::Lead, Fields { renewed, duration, ..Fields::default() });
        }
        match (spec.expires(), spec.transitions) {
            (None, _) => self.rest(None, now),
            (Some(expiry), _) if now.wall <= expiry => self.rest(Some(false), now),
            (Some(_), None) => self.rest(None, now),
            (Some(_), Some(transitions)) => {
                let transitions = Change::Set(transitions.saturating_add(1));
                let holder = Change::Set(self.me);
                let acquired = renewed;
                let fields = Fields { holder, duration, acquired, renewed, transitions, ..Fields::default() };
                self.patch(Call::Lead, fields)
            }
        }
    }

    fn create(&mut self, now: Now) -> Output {
        let spec = Spec {
            holder: Some(self.me),
            duration: Some(rule::seconds(self.settings.lease_duration)),
            acquired: Some(now.wall),
            renewed: Some(now.wall),
            transitions: Some(0),
            preferred: None,
        };
        self.write(Call::Lead, Write::Create(spec))
    }

    fn answer(&mut self, call: Call, answer: Answer, now: Now) -> Output {
        match (call, answer) {
            (Call::Look, Answer::Found(spec, _)) => self.judge(&spec, now),
            (Call::Look, Answer::Rejected(Refusal::NotFound)) => self.create(now),
            (Call::Lead, Answer::Written(_)) => self.rest(Some(true), now),
            (Call::Look | Call::Lead, _) => self.rest(None, now),
            (Call::ReleaseLook, Answer::Found(spec, _)) if spec.holder == Some(self.me) => {
                let fields = Fields {
                    holder: Change::Set(Identity::EMPTY),
                    duration: Change::Set(1),
                    acquired: Change::Set(now.wall),
                    renewed: Change::Set(now.wall),
                    ..Fields::default()
                };
                self.patch(Call::Release, fields)
            }
            (Call::ReleaseLook | Call::Release, _) => self.exit(),
        }
    }

    fn shut_down(&mut self) -> Output {
        if !self.leading || !self.settings.releases {
            return self.exit();
        }
        self.leading = false;
        self.call(Call::ReleaseLook, Request::Get).with(Some(Event::Stopped))
    }
}

impl Machine for Elector {
    fn step(&mut self, now: Now, input: Input, _draws: &mut impl Draws) -> Output {
        match (input, self.at) {
            (_, At::Gone) => Output::default(),
            (Input::Shutdown, _) => self.shut_down(),
            (Input::Answer(answer), At::Calling(call)) => self.answer(call, answer, now),
            (_, At::Calling(_)) => Output::wake_at(Micros::NEVER),
            (_, At::Resting(until)) if now.monotonic < until => Output::wake_at(until),
            (_, At::Resting(_)) => self.call(Call::Look, Request::Get),
        }
    }
}
