//! A library with its settings, whichever it is: what runs is chosen once, and then every step is of one library alone.

use super::client_go::ClientGo;
use super::coordinated::Coordinated;
use super::fabric8::Fabric8;
use super::kube_leader_election::KubeLeaderElection;
use super::kube_lease_manager::KubeLeaseManager;
use super::kubert::Kubert;
use super::polling::{self, Polling};
use super::rule::Broken;
use super::{Rhythm, Settings, Tolerance};
use crate::model::Micros;

/// A library with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// client-go.
    ClientGo(ClientGo),
    /// kube-lease-manager.
    KubeLeaseManager(KubeLeaseManager),
    /// kubert.
    Kubert(Kubert),
    /// kube-leader-election.
    KubeLeaderElection(KubeLeaderElection),
    /// fabric8.
    Fabric8(Fabric8),
    /// The official clients of Java, Python and .NET.
    Polling(Polling),
    /// A coordinated election.
    Coordinated(Coordinated),
}

/// What is done with a library's settings, whichever it is.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<S: Settings + Send + Sync>(self, settings: S) -> Self::Output;
}

impl Setup {
    /// Has a visitor meet the settings.
    pub fn visit<V: Visitor>(self, visitor: V) -> V::Output {
        match self {
            Self::ClientGo(settings) => visitor.visit(settings),
            Self::KubeLeaseManager(settings) => visitor.visit(settings),
            Self::Kubert(settings) => visitor.visit(settings),
            Self::KubeLeaderElection(settings) => visitor.visit(settings),
            Self::Fabric8(settings) => visitor.visit(settings),
            Self::Polling(settings) => visitor.visit(settings),
            Self::Coordinated(settings) => visitor.visit(settings),
        }
    }

    /// The same, with or without giving the Lease up at a graceful end.
    #[must_use]
    pub fn releasing(mut self, releases: bool) -> Self {
        match &mut self {
            Self::ClientGo(settings) => settings.release_on_cancel = releases,
            Self::KubeLeaseManager(settings) => settings.releases = releases,
            Self::Kubert(settings) => settings.releases = releases,
            Self::KubeLeaderElection(settings) => settings.releases = releases,
            Self::Fabric8(settings) => settings.release_on_cancel = releases,
            Self::Polling(settings) => settings.releases = releases && settings.library == polling::Library::Java,
            Self::Coordinated(settings) => settings.client.release_on_cancel = releases,
        }
        self
    }

    /// For how long a Lease counts.
    #[must_use]
    pub fn lease_duration(self) -> Micros {
        match self {
            Self::ClientGo(settings) => settings.lease_duration,
            Self::Coordinated(settings) => settings.client.lease_duration,
            Self::Fabric8(settings) => settings.lease_duration,
            Self::KubeLeaderElection(settings) => settings.lease_duration,
            Self::KubeLeaseManager(settings) => settings.lease_duration,
            Self::Kubert(settings) => settings.lease_duration,
            Self::Polling(settings) => settings.lease_duration,
        }
    }

    /// By how much a leader that is cut off stops before another may start, where the library has a deadline for that.
    #[must_use]
    pub fn margin(self) -> Option<Micros> {
        match self {
            Self::ClientGo(settings) => Some(settings.margin()),
            Self::Coordinated(settings) => Some(settings.client.margin()),
            Self::Fabric8(settings) => Some(settings.margin()),
            Self::Polling(settings) => Some(settings.margin()),
            Self::KubeLeaseManager(_) | Self::Kubert(_) | Self::KubeLeaderElection(_) => None,
        }
    }

    /// The library's own validation.
    ///
    /// # Errors
    /// The rule that is broken, with its source.
    pub fn check(self) -> Result<(), Broken> {
        struct Check;
        impl Visitor for Check {
            type Output = Result<(), Broken>;
            fn visit<S: Settings>(self, settings: S) -> Self::Output {
                settings.check()
            }
        }
        self.visit(Check)
    }

    /// What it takes without a change of leader.
    #[must_use]
    pub fn tolerates(self) -> Tolerance {
        struct Ask;
        impl Visitor for Ask {
            type Output = Tolerance;
            fn visit<S: Settings>(self, settings: S) -> Tolerance {
                settings.tolerates()
            }
        }
        self.visit(Ask)
    }

    /// The rhythm of an undisturbed election.
    #[must_use]
    pub fn rhythm(self) -> Rhythm {
        struct Ask;
        impl Visitor for Ask {
            type Output = Rhythm;
            fn visit<S: Settings>(self, settings: S) -> Rhythm {
                settings.rhythm()
            }
        }
        self.visit(Ask)
    }
}
