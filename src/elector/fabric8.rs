//! The Java client fabric8, and the Java Operator SDK on top of it.
//!
//! A standby looks at jittered intervals and takes over once the record has run out by its own wall clock. A leader that
//! finds another's name stops at once; one whose calls come to nothing sits in their repetitions, nineteen seconds for each,
//! and looks at its deadline only in between. Read, and not compared with the running library:
//! `io/fabric8/kubernetes/client/extended/leaderelection/LeaderElector.java` and
//! `io/fabric8/kubernetes/client/http/StandardHttpClient.java` 7.7.

mod machine;

pub use machine::Elector;

use super::rule::{self, Broken};
use super::{Bound, Rhythm, Settings, Tolerance};
use crate::model::Micros;
use crate::model::write::Identity;

/// Where the rules stand.
const PLACE: &str = "io/fabric8/kubernetes/client/extended/leaderelection/LeaderElectorBuilder.java";

/// How an elector is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fabric8 {
    /// `leaseDuration`.
    pub lease_duration: Micros,
    /// `renewDeadline`.
    pub renew_deadline: Micros,
    /// `retryPeriod`.
    pub retry_period: Micros,
    /// `releaseOnCancel`.
    pub release_on_cancel: bool,
}

impl Fabric8 {
    /// Without release at the end.
    #[must_use]
    pub fn new(lease_duration: Micros, renew_deadline: Micros, retry_period: Micros) -> Self {
        Self { lease_duration, renew_deadline, retry_period, release_on_cancel: false }
    }

    /// By how much a leader whose connections are refused stops before another may start: mostly it is less than zero,
    /// and there are two leaders. (One whose connections hang acts for minutes more.)
    #[must_use]
    pub fn margin(&self) -> Micros {
        let stops = self.rounds().last().unwrap_or_default() + self.round();
        self.recorded() - self.retry_period - stops
    }

    /// What a try takes that comes to nothing, and the rest after it.
    fn round(&self) -> Micros {
        machine::repetitions().last().unwrap_or_default() + self.retry_period
    }

    /// When a leader tries, counted from its first try that fails. Before each it looks whether its deadline, counted from
    /// the last renewal, is over.
    fn rounds(&self) -> impl Iterator<Item = Micros> {
        let (round, left) = (self.round(), self.renew_deadline - self.retry_period);
        (0..).map(move |n| round * n).take_while(move |at| *at <= left)
    }

    fn recorded(&self) -> Micros {
        Micros::from_secs(rule::seconds(self.lease_duration).into())
    }
}

impl Settings for Fabric8 {
    type Machine = Elector;
    const GUARDED: bool = true;
    const CREATES: bool = true;

    fn machine(&self, identity: Identity, _process: u8) -> Elector {
        Elector::new(*self, identity)
    }

    fn check(&self) -> Result<(), Broken> {
        let Self { lease_duration, renew_deadline, retry_period, .. } = *self;
        rule::positive("lease duration", lease_duration, PLACE)?;
        rule::positive("renew deadline", renew_deadline, PLACE)?;
        rule::positive("retry period", retry_period, PLACE)?;
        if lease_duration <= renew_deadline {
            return Err(Broken::DeadlineBeyondDuration { lease_duration, renew_deadline, place: PLACE });
        }
        if renew_deadline * 5 <= retry_period * 11 {
            return Err(Broken::DeadlineWithinRest { renew_deadline, retry_period, place: PLACE });
        }
        // The record drops fractions: less than a second would be no duration at all.
        if lease_duration < Micros::SECOND { rule::whole("lease duration", lease_duration, PLACE) } else { Ok(()) }
    }

    fn rhythm(&self) -> Rhythm {
        Rhythm {
            renewal: self.retry_period,
            look: self.retry_period * 8 / 5,
            warm_up: self.retry_period * 4,
            settling: self.lease_duration + self.renew_deadline + self.round() * 2 + self.retry_period * 6,
        }
    }

    /// Of the calls and their repetitions one has to come through before the record runs out. A standby goes by its own
    /// wall clock, and a record is at most a retry period old.
    fn tolerates(&self) -> Tolerance {
        let left = self.recorded() - self.retry_period;
        let calls = self.rounds().flat_map(|at| machine::repetitions().map(move |repetition| at + repetition));
        let outage = calls.take_while(|at| *at < left).last().unwrap_or_default();
        Tolerance { outage: Bound::UpTo(outage), skew: Bound::UpTo(left.max(Micros::ZERO)) }
    }
}
