//! The rules that a timing has to keep, each with where it comes from.

use thiserror::Error;

use crate::model::Micros;

/// A rule that a timing breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// A duration of nothing, or less.
    #[error("the {name} must be greater than zero ({place})")]
    NotPositive {
        /// Which.
        name: &'static str,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// A Lease counts in whole seconds, and the library drops or cannot express the rest.
    #[error("the {name} must be a whole number of seconds, not {value} ({place})")]
    Fraction {
        /// Which.
        name: &'static str,
        /// What was given.
        value: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// A Lease's field is an `int32` of seconds.
    #[error("the {name} of {value} is more than a Lease can hold ({place})")]
    TooLong {
        /// Which.
        name: &'static str,
        /// What was given.
        value: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// client-go: the leader has to give up before the others may take over.
    #[error(
        "the lease duration ({lease_duration}) must be greater than the renew deadline ({renew_deadline}) ({place})"
    )]
    DeadlineBeyondDuration {
        /// What was given.
        lease_duration: Micros,
        /// What was given.
        renew_deadline: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// client-go: there has to be time for a second try.
    #[error(
        "the renew deadline ({renew_deadline}) must be greater than 1.2 x the retry period ({retry_period}) ({place})"
    )]
    DeadlineWithinRetry {
        /// What was given.
        renew_deadline: Micros,
        /// What was given.
        retry_period: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// fabric8: there has to be time for the longest rest of a standby.
    #[error(
        "the renew deadline ({renew_deadline}) must be greater than 2.2 x the retry period ({retry_period}) ({place})"
    )]
    DeadlineWithinRest {
        /// What was given.
        renew_deadline: Micros,
        /// What was given.
        retry_period: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// Java's official client: there has to be time for a second try.
    #[error("the renew deadline ({renew_deadline}) must be greater than the retry period ({retry_period}) ({place})")]
    DeadlineBeforeRetry {
        /// What was given.
        renew_deadline: Micros,
        /// What was given.
        retry_period: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// Python: seconds, and at least one.
    #[error("the {name} must be at least a second, not {value} ({place})")]
    TooShort {
        /// Which.
        name: &'static str,
        /// What was given.
        value: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// Sense with kube-leader-election: a leader has to call again before its lease is over.
    #[error(
        "the period between two calls ({period}) must be less than the lease duration ({lease_duration}) ({place})"
    )]
    PeriodBeyondDuration {
        /// What was given.
        lease_duration: Micros,
        /// What was given.
        period: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
    /// kube-lease-manager, and sense with kubert: a leader renews before expiry, not before it has the Lease.
    #[error("the grace period ({grace_period}) must be less than the lease duration ({lease_duration}) ({place})")]
    GraceBeyondDuration {
        /// What was given.
        lease_duration: Micros,
        /// What was given.
        grace_period: Micros,
        /// The rule's source: project and path.
        place: &'static str,
    },
}

/// The longest duration that a Lease can hold: its field is an `int32` (k8s.io/api/coordination/v1/types.go).
const LONGEST: Micros = Micros::from_secs(i32::MAX as i64);

/// A duration that a Lease or a library can hold at all.
///
/// # Errors
/// It is not positive, or too long.
pub(super) fn positive(name: &'static str, value: Micros, place: &'static str) -> Result<(), Broken> {
    match value {
        value if value <= Micros::ZERO => Err(Broken::NotPositive { name, place }),
        value if value > LONGEST => Err(Broken::TooLong { name, value, place }),
        _ => Ok(()),
    }
}

/// A positive duration in whole seconds.
///
/// # Errors
/// It is not positive, too long, or no whole number of seconds.
pub(super) fn whole(name: &'static str, value: Micros, place: &'static str) -> Result<(), Broken> {
    positive(name, value, place)?;
    if value % Micros::SECOND == Micros::ZERO { Ok(()) } else { Err(Broken::Fraction { name, value, place }) }
}

/// What a Lease holds of a duration: whole seconds.
pub(super) fn seconds(duration: Micros) -> i32 {
    i32::try_from(duration.whole_seconds()).unwrap_or(i32::MAX)
}
