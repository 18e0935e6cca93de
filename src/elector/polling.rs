//! The official clients of Java, Python and .NET: client-go's algorithm retold, each with variations of its own.
//!
//! Each looks every retry period or so, goes by how long it has not seen the record change, by its own *wall* clock, and
//! replaces the whole spec of what it has just read. One machine serves all three; what differs between them is asked of
//! their [`Library`]. Read in their sources, and but for Python's not compared with the running library.

mod library;
mod machine;

pub use library::Library;
pub use machine::Elector;

use super::rule::{self, Broken};
use super::{Bound, Rhythm, Settings, Tolerance};
use crate::model::Micros;
use crate::model::write::Identity;

/// How an elector is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Polling {
    /// Which client.
    pub library: Library,
    /// `LeaseDuration`.
    pub lease_duration: Micros,
    /// `RenewDeadline`.
    pub renew_deadline: Micros,
    /// `RetryPeriod`.
    pub retry_period: Micros,
    /// Java: whether the program closes its elector before it ends. The others cannot release.
    pub releases: bool,
}

impl Polling {
    /// With release at the end, if the library can.
    #[must_use]
    pub fn new(library: Library, lease_duration: Micros, renew_deadline: Micros, retry_period: Micros) -> Self {
        Self { library, lease_duration, renew_deadline, retry_period, releases: library == Library::Java }
    }

    /// By how much a leader that only gets errors from the API stops before another may start: as with client-go, only if
    /// this is positive can there never be two. In Python a connection that hangs does away with any margin: nothing
    /// limits a call, and the work goes on.
    #[must_use]
    pub fn margin(&self) -> Micros {
        self.patience() - self.retry_period - self.insistence()
    }

    /// For how long after a renewal no standby can take over. Python's and Java's go by their own setting, .NET's by the
    /// record, which is the leader's: here they are the same, but for the fraction that a record drops.
    fn patience(&self) -> Micros {
        match self.library {
            Library::Java | Library::Python => self.lease_duration,
            Library::DotNet => Micros::from_secs(rule::seconds(self.lease_duration).into()),
        }
    }

    /// How long after its first failing try a leader goes on.
    fn insistence(&self) -> Micros {
        let Self { renew_deadline, retry_period, .. } = *self;
        match self.library {
            Library::Java | Library::DotNet => renew_deadline,
            // It asks the time only when it has slept for a retry period.
            Library::Python => retry_period * ((renew_deadline - Micros::TICK) / retry_period + 1),
        }
    }
}

impl Settings for Polling {
    type Machine = Elector;
    const GUARDED: bool = true;
    const CREATES: bool = true;

    fn machine(&self, identity: Identity, _process: u8) -> Elector {
        Elector::new(*self, identity)
    }

    /// .NET checks nothing. What a timer or a record cannot be is checked for all.
    fn check(&self) -> Result<(), Broken> {
        let Self { library, lease_duration, renew_deadline, retry_period, .. } = *self;
        let place = library.place();
        rule::positive("lease duration", lease_duration, place)?;
        rule::positive("renew deadline", renew_deadline, place)?;
        rule::positive("retry period", retry_period, place)?;
        if lease_duration <= renew_deadline && library != Library::DotNet {
            return Err(Broken::DeadlineBeyondDuration { lease_duration, renew_deadline, place });
        }
        match library {
            Library::Java if renew_deadline <= retry_period => {
                return Err(Broken::DeadlineBeforeRetry { renew_deadline, retry_period, place });
            }
            Library::Python if renew_deadline * 5 <= retry_period * 6 => {
                return Err(Broken::DeadlineWithinRetry { renew_deadline, retry_period, place });
            }
            Library::Python => {
                for (name, value) in [("renew deadline", renew_deadline), ("retry period", retry_period)] {
                    if value < Micros::SECOND {
                        return Err(Broken::TooShort { name, value, place });
                    }
                }
            }
            _ => {}
        }
        // The record drops fractions: less than a second would be no duration at all.
        if lease_duration < Micros::SECOND { rule::whole("lease duration", lease_duration, place) } else { Ok(()) }
    }

    fn rhythm(&self) -> Rhythm {
        let Self { lease_duration, retry_period, .. } = *self;
        let (look, warm_up) = match self.library {
            // A process keeps the pace that it has drawn: it takes long until any phase is as likely.
            Library::Java => (retry_period * 8 / 5, retry_period * 24),
            Library::Python | Library::DotNet => (retry_period, retry_period * 4),
        };
        let settling = lease_duration + self.insistence() + retry_period * 8;
        Rhythm { renewal: retry_period, look, warm_up, settling }
    }

    /// Java's leader tries as client-go's does. The others end with the first connection that is refused. A clock that
    /// is ahead does no harm by itself; one that is put forward makes what was seen look older than it is, and a record
    /// can stay unchanged for a retry period.
    fn tolerates(&self) -> Tolerance {
        let Self { renew_deadline, retry_period, .. } = *self;
        let outage = match self.library {
            Library::Java => {
                let tries = (renew_deadline - Micros::TICK) / retry_period;
                let unseen = (self.patience() - Micros::TICK) / retry_period - 1;
                retry_period * tries.min(unseen).max(0)
            }
            Library::Python | Library::DotNet => Micros::ZERO,
        };
        let skew = (self.patience() - retry_period).max(Micros::ZERO);
        Tolerance { outage: Bound::UpTo(outage), skew: Bound::UpTo(skew) }
    }
}
