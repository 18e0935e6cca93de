//! What differs between the three libraries.

use crate::elector::{Draws, Failure};
use crate::model::Micros;
use crate::model::write::{Identity, Spec};

/// Which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Library {
    /// `io.kubernetes:client-java-extended` 27.
    Java,
    /// `kubernetes` 37 from PyPI with its `LeaseLock`, and `kubernetes_asyncio` 36.
    Python,
    /// `KubernetesClient` from NuGet, early 2026 or newer: the record's own duration counts.
    DotNet,
}

/// What a library makes of a record, before it asks whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A record like any other.
    Whole,
    /// Nobody's: it is taken.
    Free,
    /// There is none: it is created, which is refused, for ever.
    Missing,
    /// An exception: a leader ends, a standby tries again later.
    Broken,
}

impl Library {
    /// Where the rules stand.
    pub(super) const fn place(self) -> &'static str {
        match self {
            Self::Java => "io/kubernetes/client/extended/leaderelection/LeaderElector.java",
            Self::Python => "kubernetes/leaderelection/electionconfig.py",
            Self::DotNet => "KubernetesClient/LeaderElection/LeaderElector.cs",
        }
    }

    pub(super) fn shape(self, spec: &Spec) -> Shape {
        let dated = spec.acquired.is_some() && spec.renewed.is_some();
        match self {
            // LeaseLock.java, getRecordFromLease: null does not go into an int.
            Self::Java if spec.duration.is_none() || spec.transitions.is_none() => Shape::Broken,
            Self::Java if spec.holder.is_none() || !dated => Shape::Free,
            // leaselock.py, get_lock_object: what is falsy is None.
            Self::Python if spec.holder.is_none_or(|holder| holder == Identity::EMPTY) => Shape::Free,
            Self::Python if spec.duration.is_none() || !dated => Shape::Free,
            Self::DotNet if spec.holder.is_none() || !dated => Shape::Missing,
            Self::DotNet if spec.holder == Some(Identity::EMPTY) => Shape::Free,
            _ => Shape::Whole,
        }
    }

    /// For how long a record counts, once it was seen.
    pub(super) fn counts(self, spec: &Spec, own: Micros) -> Micros {
        // .NET takes 15 s for a duration that is null.
        let recorded = || Micros::from_secs(spec.duration.unwrap_or(15).into());
        if self == Self::DotNet { recorded() } else { own }
    }

    /// How often the record was handed over, once this one has it.
    pub(super) fn transitions(self, before: Option<i32>, mine: bool) -> Option<i32> {
        match self {
            // It replaces the spec that it has read, and leaves this field alone.
            Self::Python => before,
            Self::Java | Self::DotNet => Some(before.unwrap_or(0).saturating_add(i32::from(!mine))),
        }
    }

    /// Whether an elector, leader or standby, ends with a request that fails so. In Java every exception of a request is
    /// an `ApiException`; in Python and .NET only an answer's is caught.
    pub(super) fn ends_with(self, failure: Failure) -> bool {
        self != Self::Java && failure != Failure::ServerError
    }

    /// How long a standby rests after a look.
    pub(super) fn pace(self, retry: Micros, draws: &mut impl Draws) -> Micros {
        match self {
            // Drawn once for each process.
            Self::Java => draws.between(retry, retry * 11 / 5),
            Self::Python | Self::DotNet => retry,
        }
    }

    /// How long a standby's try may take.
    pub(super) fn patience(self, retry: Micros, draws: &mut impl Draws) -> Micros {
        match self {
            Self::Java => retry,
            Self::Python => Micros::NEVER,
            Self::DotNet => draws.between(retry * 6 / 5, retry * 12 / 5),
        }
    }
}
