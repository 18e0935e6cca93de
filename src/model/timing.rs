//! An elector's timing, each value with where it comes from: only the lease duration stands in the Lease itself.

use jiff::SignedDuration;

use super::setting::{self, Origin, Setting};

/// Where a value comes from. Anything but [`Source::Lease`], `Flag`, `Args`, `Env`, `Config` is hactl's inference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The Lease's own field.
    Lease,
    /// A flag given to hactl.
    Flag,
    /// The arguments of a candidate's container.
    Args,
    /// The environment of a candidate's container.
    Env,
    /// The system's own configuration.
    Config,
    /// Observed: the interval between renewals.
    Measured,
    /// The library's default, where the lease duration is the library's default too.
    Default,
    /// Not known.
    #[default]
    Unknown,
}

impl Source {
    /// The word in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lease => "lease",
            Self::Flag => "flag",
            Self::Args => "args",
            Self::Env => "env",
            Self::Config => "config",
            Self::Measured => "measured",
            Self::Default => "default",
            Self::Unknown => "unknown",
        }
    }
}

/// A value and where it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The value, if it is known.
    pub value: Option<SignedDuration>,
    /// Where it comes from.
    pub source: Source,
}

impl Known {
    /// A value with its source.
    #[must_use]
    pub fn new(value: SignedDuration, source: Source) -> Self {
        Self { value: Some(value), source }
    }

    /// This value if it is known, or else the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.value.is_some() { self } else { other }
    }

    /// Whether the value is an inference, to be marked where it is shown.
    #[must_use]
    pub fn inferred(self) -> bool {
        matches!(self.source, Source::Measured | Source::Default)
    }

    /// A value that a candidate's containers state under one of `names`.
    #[must_use]
    pub fn stated(settings: &[Setting], names: &[&str]) -> Self {
        setting::duration(settings, names).map_or_else(Self::default, |(value, origin)| {
            Self::new(
                value,
                match origin {
                    Origin::Args => Source::Args,
                    Origin::Env => Source::Env,
                },
            )
        })
    }
}

impl Timing {
    /// These values where they are known, or else the others.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            lease_duration: self.lease_duration.or(other.lease_duration),
            renew_deadline: self.renew_deadline.or(other.renew_deadline),
            retry_period: self.retry_period.or(other.retry_period),
            grace_period: self.grace_period.or(other.grace_period),
        }
    }
}

/// How an elector is timed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// How long a record counts after its last renewal.
    pub lease_duration: Known,
    /// How long a leader goes on trying to renew before it stops (the client-go family).
    pub renew_deadline: Known,
    /// How often a leader renews and a standby looks (the client-go family).
    pub retry_period: Known,
    /// How long before expiry a leader renews (kube-lease-manager, kubert).
    pub grace_period: Known,
}
