//! One process's elector: `watch()`, `changed()` and what they call, as a state for each place where they wait.

#[cfg(test)]
mod relative;

use super::{Edition, KubeLeaseManager, LONGEST_BACKOFF};
use crate::elector::{Answer, Draws, Event, Input, Machine, Now, Output, Request, rule};
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Manager, Refusal, Spec, Write};

/// The first pause after an error is 1 to 2 s long (`MIN_WATCHER_BACKOFF_TIME`).
const FIRST_BACKOFF: Micros = Micros::SECOND;

/// After a conflict: 0.1 s at first, 5 s at most (`MIN_CONFLICT_BACKOFF_TIME`, `MAX_CONFLICT_BACKOFF_TIME`).
const FIRST_CONFLICT: Micros = Micros::from_millis(100);
const LONGEST_CONFLICT: Micros = Micros::from_secs(5);

/// The wait after an expired Lease was nulled (`MIN_RELEASE_WAITING_MILLIS`, `MAX_RELEASE_WAITING_MILLIS`).
const SHORTEST_WAIT: Micros = Micros::from_millis(100);
const LONGEST_WAIT: Micros = Micros::from_millis(1_000);

/// One process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Elector {
    settings: KubeLeaseManager,
    me: Identity,
    manager: Manager,
    at: At,
    /// What the channel says.
    leading: bool,
    /// The record as it was read last: the holder, when it runs out by the wall clock, and the transitions.
    holder: Option<Identity>,
    expiry: Micros,
    transitions: i32,
    /// The last pause after an error. It goes back to the first only when the channel's value changes.
    backoff: Micros,
    conflict_backoff: Micros,
    /// When the call under way fails.
    limit: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Start,
    Calling(Call),
    Sleeping(Micros, Sleep),
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Call {
    /// The constructor's GET, and its POST.
    Open,
    Create,
    /// A GET, and what it was needed for.
    Sync(Purpose),
    /// Renews one's own: the holder and the version are not named.
    Renew,
    /// Applies a free one, then counts the transition.
    Claim,
    Count,
    /// Nulls an expired one.
    Free,
    Release,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Purpose {
    /// The top of the loop.
    Look,
    /// Before a renewal or a claim.
    Lock,
    /// After them.
    Locked,
    /// Before an expired one is nulled.
    Free,
    /// After it.
    Freed,
    /// Before a release.
    Release,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sleep {
    /// Until it is time to renew.
    Refresh,
    /// Until the other's lease runs out, or after a conflict.
    Look,
    /// The random wait, and whether the nulling failed before it.
    Wait { failed: bool },
    /// After an error.
    Backoff,
}

impl Elector {
    pub(super) fn new(settings: KubeLeaseManager, me: Identity, process: u8) -> Self {
        Self {
            settings,
            me,
            // Its own, whatever the identity is: `kube-lease-manager-` and 32 random characters.
            manager: Manager::of(process),
            at: At::Start,
            leading: false,
            holder: None,
            expiry: Micros::ZERO,
            transitions: 0,
            backoff: FIRST_BACKOFF,
            conflict_backoff: FIRST_CONFLICT,
            limit: Micros::NEVER,
        }
    }

    fn holds(&self) -> bool {
        self.holder == Some(self.me)
    }

    fn expired(&self, now: Now) -> bool {
        now.wall > self.expiry
    }

    fn call(&mut self, call: Call, request: Request, now: Now) -> Output {
        self.at = At::Calling(call);
        self.limit = now.monotonic + self.settings.timeout;
        Output::request(request, self.limit)
    }

    fn patch(&mut self, call: Call, fields: Fields, now: Now) -> Output {
        self.call(call, Request::Write(self.manager, Write::Patch { fields, version: None }), now)
    }

    fn sleep(&mut self, until: Micros, why: Sleep) -> Output {
        self.at = At::Sleeping(until, why);
        Output::wake_at(until)
    }

    /// `sync`: asks only if what is remembered has run out.
    fn sync(&mut self, purpose: Purpose, now: Now, draws: &mut impl Draws) -> Output {
        if self.expired(now) {
            return self.call(Call::Sync(purpose), Request::Get, now);
        }
        self.go_on(purpose, now, draws)
    }

    /// What follows a `sync` that succeeded.
    fn go_on(&mut self, purpose: Purpose, now: Now, draws: &mut impl Draws) -> Output {
        match purpose {
            Purpose::Look => self.look(now, draws),
            Purpose::Lock => self.lock(now, draws),
            Purpose::Locked => self.next(now, draws),
            Purpose::Free => self.patch(Call::Free, Fields::RELEASED, now),
            Purpose::Freed => self.wait(false, now, draws),
            // Trusts what it remembers, and names no version: another holder written since is wiped.
            Purpose::Release if self.holds() || self.expired(now) => self.patch(Call::Release, Fields::RELEASED, now),
            Purpose::Release => self.exit(),
        }
    }

    /// The step of the loop is done: the next begins.
    fn next(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        self.conflict_backoff = FIRST_CONFLICT;
        self.sync(Purpose::Look, now, draws)
    }

    /// Tells the channel if the holder has changed, and then does a step.
    fn look(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        if self.leading == self.holds() {
            return self.act(now, draws);
        }
        self.leading = self.holds();
        self.backoff = FIRST_BACKOFF;
        let event = if self.leading { Event::Started } else { Event::Stopped };
        // Now they are equal.
        self.next(now, draws).with(Some(event))
    }

    /// `watcher_step`.
    fn act(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        let left = self.expiry - now.wall;
        if self.holds() {
            let pause = (left - self.settings.grace_period).max(Micros::ZERO);
            self.sleep(now.monotonic + pause, Sleep::Refresh)
        } else if self.holder.is_none() {
            self.sync(Purpose::Lock, now, draws)
        } else if self.expired(now) {
            self.sync(Purpose::Free, now, draws)
        } else {
            self.sleep(now.monotonic + left + Micros::TICK, Sleep::Look)
        }
    }

    /// `lock`, without force.
    fn lock(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        let duration = Change::Set(rule::seconds(self.settings.lease_duration));
        let renewed = Change::Set(now.wall);
        if self.holds() {
            return self.patch(Call::Renew, Fields { renewed, duration, ..Fields::default() }, now);
        }
        if self.holder.is_some() {
            return self.next(now, draws);
        }
        let holder = Change::Set(self.me);
        let fields = Fields { holder, duration, acquired: renewed, renewed, ..Fields::default() };
        let write = Write::Apply { fields, force: false, version: None, named: false };
        self.call(Call::Claim, Request::Write(self.manager, write), now)
    }

    fn wait(&mut self, failed: bool, now: Now, draws: &mut impl Draws) -> Output {
        let pause = draws.between(SHORTEST_WAIT, LONGEST_WAIT);
        self.sleep(now.monotonic + pause, Sleep::Wait { failed })
    }

    /// `changed` has failed. The channel is told nothing.
    fn fail(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        self.backoff = pause(self.backoff, LONGEST_BACKOFF, draws);
        self.conflict_backoff = FIRST_CONFLICT;
        self.sleep(now.monotonic + self.backoff, Sleep::Backoff)
    }

    /// Takes over what was read.
    fn read(&mut self, spec: &Spec, now: Now) {
        let past = now.wall - Micros::TICK;
        self.transitions = spec.transitions.unwrap_or(0);
        self.holder = spec.holder;
        self.expiry = spec.expires().unwrap_or(past);
        let dated = spec.renewed.is_some() || spec.acquired.is_some();
        if self.settings.edition == Edition::Since0_11_1 && spec.holder.is_none() && dated {
            self.holder = Some(Identity::NOBODY);
            self.expiry = past;
        }
    }

    fn answer(&mut self, call: Call, answer: Answer, now: Now, draws: &mut impl Draws) -> Output {
        match (call, answer) {
            (Call::Open, Answer::Found(..))
            | (Call::Create, Answer::Written(_) | Answer::Rejected(Refusal::AlreadyExists)) => {
                self.expiry = now.wall - Micros::TICK;
                self.sync(Purpose::Look, now, draws)
            }
            (Call::Open, Answer::Rejected(Refusal::NotFound)) => {
                let write = Write::Create(Spec::default());
                self.call(Call::Create, Request::Write(self.manager, write), now)
            }
            (Call::Sync(purpose), Answer::Found(spec, _)) => {
                self.read(&spec, now);
                self.go_on(purpose, now, draws)
            }
            (Call::Sync(_), Answer::Rejected(Refusal::NotFound)) => {
                // The holder is forgotten, but the error comes before the channel is told: a leader leads on.
                self.holder = None;
                self.transitions = 0;
                self.expiry = now.wall - Micros::TICK;
                self.give_up(call, now, draws)
            }
            (Call::Claim, Answer::Written(_)) => {
                let transitions = Change::Set(self.transitions.saturating_add(1));
                self.patch(Call::Count, Fields { transitions, ..Fields::default() }, now)
            }
            (Call::Renew | Call::Count, Answer::Written(_)) => {
                self.call(Call::Sync(Purpose::Locked), Request::Get, now)
            }
            (Call::Free, Answer::Written(_)) => self.call(Call::Sync(Purpose::Freed), Request::Get, now),
            (Call::Claim, Answer::Rejected(Refusal::Owned)) => {
                self.conflict_backoff = pause(self.conflict_backoff, LONGEST_CONFLICT, draws);
                self.sleep(now.monotonic + self.conflict_backoff, Sleep::Look)
            }
            _ => self.give_up(call, now, draws),
        }
    }

    /// The call came to nothing.
    fn give_up(&mut self, call: Call, now: Now, draws: &mut impl Draws) -> Output {
        match call {
            // The constructor fails, or the process ends.
            Call::Open | Call::Create | Call::Sync(Purpose::Release) | Call::Release => self.exit(),
            Call::Sync(Purpose::Free | Purpose::Freed) | Call::Free => self.wait(true, now, draws),
            _ => self.fail(now, draws),
        }
    }

    fn wake(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        match self.at {
            At::Start => self.call(Call::Open, Request::Get, now),
            At::Calling(call) if now.monotonic >= self.limit => self.give_up(call, now, draws),
            At::Calling(_) => Output::wake_at(self.limit),
            At::Sleeping(until, _) if now.monotonic < until => Output::wake_at(until),
            At::Sleeping(_, Sleep::Refresh) => self.sync(Purpose::Lock, now, draws),
            At::Sleeping(_, Sleep::Look | Sleep::Backoff) => self.sync(Purpose::Look, now, draws),
            At::Sleeping(_, Sleep::Wait { failed: true }) => self.fail(now, draws),
            At::Sleeping(_, Sleep::Wait { failed: false }) => self.next(now, draws),
            At::Gone => Output::default(),
        }
    }

    fn exit(&mut self) -> Output {
        self.at = At::Gone;
        Output { event: Some(Event::Exited), ..Output::default() }
    }

    /// The channel is dropped: whatever was under way is too.
    fn shut_down(&mut self, now: Now, draws: &mut impl Draws) -> Output {
        let opened = !matches!(self.at, At::Start | At::Calling(Call::Open | Call::Create));
        if !self.settings.releases || !opened {
            return self.exit();
        }
        let output = self.sync(Purpose::Release, now, draws);
        Output { event: output.event.or(Some(Event::Stopped)), ..output }
    }
}

/// The pause that follows `last`: up to twice as long, and random (`backoff.rs`).
fn pause(last: Micros, longest: Micros, draws: &mut impl Draws) -> Micros {
    let low = last.min(longest / 2);
    draws.between(low, low * 2)
}

impl Machine for Elector {
    fn step(&mut self, now: Now, input: Input, draws: &mut impl Draws) -> Output {
        match (input, self.at) {
            (_, At::Gone) => Output::default(),
            (Input::Shutdown, _) => self.shut_down(now, draws),
            (Input::Answer(answer), At::Calling(call)) => self.answer(call, answer, now, draws),
            _ => self.wake(now, draws),
        }
    }
}
