//! What goes wrong.

use super::mover::Move;
use super::random::Random;
use crate::elector::Draws;
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Spec, Write};

/// What happens to the leader, to the API, or to the Lease. What it does to a process, it does to the one that led when
/// the first fault came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: what clocks, errors and latency do by themselves.
    Nothing,
    /// The leader's process is gone. What it has sent arrives.
    Crash,
    /// The leader's process is gone, and its container comes back.
    CrashRestart(Restart),
    /// The leader's node is gone, and with it what it has sent.
    NodeLoss(NodeLoss),
    /// The leader is asked to end. Whether it gives the Lease up is its settings' matter.
    Shutdown,
    /// The leader is asked to end, and its work ends first, while it goes on renewing its Lease. Then as with
    /// [`Fault::Shutdown`].
    Drain(Drain),
    /// The leader cannot reach the API.
    Partition(Outage),
    /// Nobody can reach the API.
    Outage(Outage),
    /// Nobody can reach the API, for a time that is drawn for each trial.
    DrawnOutage(Lasting, Met),
    /// The leader's process stands still for so long, as in a pause for garbage collection.
    Freeze(Micros),
    /// Everyone's wall clock but the leader's is put forward by so much.
    Skew(Micros),
    /// Someone else writes to the Lease.
    Write(Tampering),
    /// Another replica starts, with an identity of its own.
    Join,
    /// hactl moves leadership.
    Move(Move),
    /// hactl is gone, whatever it was doing. What it has sent arrives.
    Abandon,
}

/// A second fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Then {
    /// How long after the first.
    pub after: Micros,
    /// What happens.
    pub fault: Fault,
}

/// How a container comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    /// After how long, without its start-up.
    pub after: Micros,
    /// Whether the new process has the identity of the old one, as with a host name, or its own, as with a UUID.
    pub same_identity: bool,
}

/// A node that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeLoss {
    /// When another Pod takes the lost one's place, on another node and with another identity, without its start-up.
    /// None for a Pod that nobody replaces: a StatefulSet waits until the lost Pod's object is gone.
    pub replaced: Option<Micros>,
}

impl NodeLoss {
    /// How long a node may be silent before it counts as lost, since Kubernetes 1.32 (`--node-monitor-grace-period`,
    /// kubernetes/pkg/controller/nodelifecycle/config/v1alpha1/defaults.go).
    pub const GRACE: Micros = Micros::from_secs(50);
    /// How long a Pod tolerates a lost node before it is evicted, if it does not say otherwise
    /// (kubernetes/plugin/pkg/admission/defaulttolerationseconds/admission.go).
    pub const TOLERATION: Micros = Micros::from_secs(300);

    /// Nobody takes its place.
    pub const FOR_GOOD: Self = Self { replaced: None };

    /// A Deployment's Pod: the ReplicaSet starts another as soon as the lost one is evicted.
    #[must_use]
    pub fn of_deployment(grace: Micros, toleration: Micros) -> Self {
        Self { replaced: Some(grace + toleration) }
    }
}

/// A leader's work that takes its time to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// How long that takes.
    pub lasting: Span,
    /// How long it may take at most: the Pod's termination grace period. Who takes longer is killed and releases
    /// nothing.
    pub grace: Micros,
}

/// An API out of reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// For how long.
    pub lasting: Micros,
    /// How it is met.
    pub met: Met,
}

/// How an API out of reach is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Nobody listens.
    Refused,
    /// Connections break: the usual face of an API server that restarts behind a balancer.
    Reset,
    /// No answer, ever: also not when the outage is over.
    Hang,
}

/// How long something lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// Always so long.
    Fixed(Micros),
    /// Exponentially distributed, with this mean: much is short, little is long.
    Exponential(Micros),
}

impl Lasting {
    /// Draws one.
    pub(super) fn draw(self, random: &mut Random) -> Micros {
        match self {
            Self::Fixed(lasting) => lasting,
            Self::Exponential(mean) => exponential(mean, random),
        }
    }
}

/// Von Neumann's method of 1951 (Devroye, Non-Uniform Random Variate Generation, IV.2.2): exact, and by comparisons of
/// random bits alone, because a logarithm may differ in its last bit from machine to machine.
///
/// The length of a falling run of uniform draws is odd with the probability `exp(-first)`.
fn exponential(mean: Micros, random: &mut Random) -> Micros {
    let mut whole = Micros::ZERO;
    loop {
        let first = random.bits();
        let (mut last, mut odd) = (first, true);
        loop {
            let next = random.bits();
            if next >= last {
                break;
            }
            (last, odd) = (next, !odd);
        }
        if odd {
            let part = (i128::from(mean.get()) * i128::from(first)) >> 64;
            return whole + Micros::new(i64::try_from(part).unwrap_or(i64::MAX));
        }
        whole += mean;
    }
}

/// A uniform draw between two times, or always the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// At least.
    pub low: Micros,
    /// At most.
    pub high: Micros,
}

/// What a request takes on its way, and its answer on the way back: a draw for each.
pub type Latency = Span;

impl Span {
    /// No time at all.
    pub const NONE: Self = Self { low: Micros::ZERO, high: Micros::ZERO };

    /// Draws one; for no time at all without a random number.
    pub(super) fn draw(self, random: &mut Random) -> Micros {
        if self.high == Micros::ZERO { Micros::ZERO } else { random.between(self.low, self.high) }
    }
}

/// What someone else writes to a held Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// The first standby as the holder, freshly renewed.
    Holder,
    /// A holder that is nobody, freshly renewed.
    Sentinel,
    /// An empty holder.
    Clear,
    /// A null holder.
    ClearNull,
    /// Everything null but the transitions.
    ClearAll,
    /// Nothing: the Lease is deleted.
    Delete,
    /// A lease duration of so many seconds.
    Duration(i32),
    /// A renewal that lies so far ahead.
    Renewal(Micros),
    /// The first standby as the preferred holder: in a coordinated election, the leader is to give up.
    Prefer,
}

impl Tampering {
    /// The write that it is, for a Lease like `before`, at this time of the API server's clock.
    #[must_use]
    pub(super) fn write(self, before: &Spec, wall: Micros) -> Write {
        let keep = Fields::default();
        let transitions = Change::Set(before.transitions.unwrap_or(0).saturating_add(1));
        let handed = |to| Fields {
            holder: Change::Set(to),
            acquired: Change::Set(wall),
            renewed: Change::Set(wall),
            transitions,
            ..keep
        };
        let fields = match self {
            Self::Holder => handed(Identity::of(1)),
            Self::Sentinel => handed(Identity::NOBODY),
            Self::Clear => Fields { holder: Change::Set(Identity::EMPTY), ..keep },
            Self::ClearNull => Fields { holder: Change::Null, ..keep },
            Self::ClearAll => Fields::RELEASED,
            Self::Delete => return Write::Delete { version: None },
            Self::Renewal(ahead) => Fields { renewed: Change::Set(wall + ahead), ..keep },
            Self::Prefer => Fields { preferred: Change::Set(Identity::of(1)), ..keep },
            Self::Duration(seconds) => Fields { duration: Change::Set(seconds), ..keep },
        };
        Write::Patch { fields, version: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_draws_have_the_shares_of_an_exponential_distribution() {
        let mean = Micros::from_secs(30);
        let mut random = Random::stream(4, 0);
        let draws: Vec<_> = (0..100_000).map(|_| exponential(mean, &mut random)).collect();
        for times in [0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 5.0] {
            let longer = draws.iter().filter(|draw| draw.as_secs_f64() > 30.0 * times).count() as f64 / 1e5;
            let expected = (-times).exp();
            let deviation = (expected * (1.0 - expected) / 1e5).sqrt();
            assert!((longer - expected).abs() < 4.0 * deviation, "{longer}, not {expected}, beyond {times}");
        }
        let sum: f64 = draws.iter().map(|draw| draw.as_secs_f64()).sum();
        assert!((sum / 1e5 - 30.0).abs() < 4.0 * 30.0 / 1e5_f64.sqrt());
        assert_eq!(draws[..3], GOLDEN.map(Micros::new));
    }

    const GOLDEN: [i64; 3] = [28_865_857, 18_624_828, 43_741_959];
}
