//! The libraries by name, chosen at run time: what they are called, what they start with, how they are timed.

use std::fmt;
use std::str::FromStr;

use super::client_go::ClientGo;
use super::coordinated::Coordinated;
use super::fabric8::Fabric8;
use super::kube_leader_election::KubeLeaderElection;
use super::kube_lease_manager::{Edition, KubeLeaseManager};
use super::kubert::Kubert;
use super::polling::{self, Polling};
use super::setup::Setup;
use crate::model::Micros;
use crate::model::elector::Library;
use crate::model::near::nearest;

/// A library, with its version where that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// client-go, and controller-runtime on top of it.
    ClientGo,
    /// The Rust crate kube-lease-manager.
    KubeLeaseManager(Edition),
    /// The Rust crate kubert.
    Kubert,
    /// The Rust crate kube-leader-election.
    KubeLeaderElection,
    /// fabric8's client for Java.
    Fabric8,
    /// The official clients of Java, Python and .NET.
    Polling(polling::Library),
    /// Coordinated elections (KEP-4355).
    Coordinated,
}

/// How a library is timed beside its lease duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimedBy {
    /// A renew deadline and a retry period.
    Deadline,
    /// A retry period alone.
    Period,
    /// A grace period.
    Grace,
}

/// A timing; what the library has no word for is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// How long a record counts after its last renewal.
    pub lease_duration: Option<Micros>,
    /// How long a leader goes on trying to renew.
    pub renew_deadline: Option<Micros>,
    /// How often a leader renews and a standby looks.
    pub retry_period: Option<Micros>,
    /// How long before expiry a leader renews.
    pub grace_period: Option<Micros>,
}

impl Times {
    /// These values, or else the others'.
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

impl Name {
    /// Every name that is told apart.
    pub const ALL: &[Self] = &[
        Self::ClientGo,
        Self::KubeLeaseManager(Edition::Since0_11_1),
        Self::KubeLeaseManager(Edition::Before0_11_1),
        Self::Kubert,
        Self::KubeLeaderElection,
        Self::Polling(polling::Library::Java),
        Self::Fabric8,
        Self::Polling(polling::Library::Python),
        Self::Polling(polling::Library::DotNet),
        Self::Coordinated,
    ];

    /// As it is typed and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::KubeLeaseManager(Edition::Since0_11_1) => "kube-lease-manager",
            Self::KubeLeaseManager(Edition::Before0_11_1) => "kube-lease-manager@0.8",
            Self::Kubert => "kubert",
            Self::KubeLeaderElection => "kube-leader-election",
            Self::Fabric8 => "fabric8",
            Self::Polling(polling::Library::Java) => "java",
            Self::Polling(polling::Library::Python) => "python",
            Self::Polling(polling::Library::DotNet) => "dotnet",
            Self::Coordinated => "coordinated",
        }
    }

    /// The name for a library that was recognised in a cluster, as its latest version.
    #[must_use]
    pub fn of(library: Library) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.as_str() == library.as_str())
    }

    /// Whether the machine was compared with the real library, or is only what its source says.
    #[must_use]
    pub fn measured(self) -> bool {
        matches!(self, Self::ClientGo | Self::KubeLeaseManager(_) | Self::Kubert)
    }

    /// How it is timed.
    #[must_use]
    pub fn timed_by(self) -> TimedBy {
        match self {
            Self::ClientGo | Self::Fabric8 | Self::Polling(_) | Self::Coordinated => TimedBy::Deadline,
            Self::KubeLeaderElection => TimedBy::Period,
            Self::KubeLeaseManager(_) | Self::Kubert => TimedBy::Grace,
        }
    }

    /// What it starts with where nothing else is said: the defaults of k8s.io/component-base
    /// `config/v1alpha1/defaults.go`, of `kube-lease-manager/src/manager.rs`, of linkerd's policy controller for kubert, of
    /// the Java Operator SDK for fabric8, and of KubernetesClient for .NET; and the examples of kube-leader-election, of the
    /// official Java client and of the official Python client, which have none.
    #[must_use]
    pub fn defaults(self) -> Times {
        let secs = |seconds| Some(Micros::from_secs(seconds));
        let deadline = |lease, deadline, retry| Times {
            lease_duration: secs(lease),
            renew_deadline: secs(deadline),
            retry_period: secs(retry),
            grace_period: None,
        };
        match self {
            Self::ClientGo | Self::Fabric8 | Self::Coordinated | Self::Polling(polling::Library::DotNet) => {
                deadline(15, 10, 2)
            }
            Self::Polling(polling::Library::Java) => deadline(10, 8, 2),
            Self::Polling(polling::Library::Python) => deadline(17, 15, 5),
            Self::KubeLeaseManager(_) => Times { lease_duration: secs(30), grace_period: secs(5), ..Times::default() },
            Self::Kubert => Times { lease_duration: secs(30), grace_period: secs(1), ..Times::default() },
            Self::KubeLeaderElection => Times { lease_duration: secs(15), retry_period: secs(5), ..Times::default() },
        }
    }

    /// The library with this timing, and its own defaults where that says nothing.
    #[must_use]
    pub fn setup(self, times: Times) -> Setup {
        let times = times.or(self.defaults());
        // Every library's defaults have all that it needs.
        let value = |value: Option<Micros>| value.unwrap_or(Micros::ZERO);
        let (lease, grace) = (value(times.lease_duration), value(times.grace_period));
        let (deadline, retry) = (value(times.renew_deadline), value(times.retry_period));
        match self {
            Self::ClientGo => Setup::ClientGo(ClientGo::new(lease, deadline, retry)),
            Self::KubeLeaseManager(edition) => Setup::KubeLeaseManager(KubeLeaseManager::new(lease, grace, edition)),
            Self::Kubert => Setup::Kubert(Kubert::new(lease, grace)),
            Self::KubeLeaderElection => Setup::KubeLeaderElection(KubeLeaderElection::new(lease, retry)),
            Self::Fabric8 => Setup::Fabric8(Fabric8::new(lease, deadline, retry)),
            Self::Polling(library) => Setup::Polling(Polling::new(library, lease, deadline, retry)),
            Self::Coordinated => Setup::Coordinated(Coordinated { client: ClientGo::new(lease, deadline, retry) }),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        let name = if name == "controller-runtime" { "client-go" } else { name };
        let Some(found) = Self::ALL.iter().copied().find(|known| known.as_str() == name) else {
            let names: Vec<_> = Self::ALL.iter().map(|name| name.as_str()).collect();
            return Err(match nearest(name, names.iter().copied()) {
                Some(near) => format!("no election library is called {name}: did you mean {near}?"),
                None => format!("no election library is called {name}: known are {}", names.join(", ")),
            });
        };
        match (found, version) {
            (_, None) => Ok(found),
            (Self::KubeLeaseManager(_), Some(version)) => edition(version).map(Self::KubeLeaseManager),
            (_, Some(_)) => Err(format!("the versions of {name} are not told apart: say {name} alone")),
        }
    }
}

/// The edition that a version of kube-lease-manager belongs to.
fn edition(version: &str) -> Result<Edition, String> {
    let wrong = || format!("{version} is no version of kube-lease-manager: expected 0.8, 0.13 or 0.13.1");
    let mut parts = version.split('.').map(|part| part.parse::<u32>().map_err(|_| wrong()));
    let mut part = |default: Option<u32>| parts.next().unwrap_or_else(|| default.ok_or_else(wrong));
    // A version without its last number means the last of its kind.
    let (major, minor, patch) = (part(None)?, part(None)?, part(Some(u32::MAX))?);
    if parts.next().is_some() {
        return Err(wrong());
    }
    Ok(if (major, minor, patch) < (0, 11, 1) { Edition::Before0_11_1 } else { Edition::Since0_11_1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_its_defaults_are_sound() {
        for name in Name::ALL {
            assert_eq!(name.as_str().parse(), Ok(*name));
            assert_eq!(name.setup(Times::default()).check(), Ok(()), "{name}");
        }
        assert_eq!("controller-runtime".parse(), Ok(Name::ClientGo));
    }

    #[test]
    fn versions_are_told_apart_where_they_differ() {
        let edition = |version: &str| format!("kube-lease-manager@{version}").parse::<Name>().map(Name::as_str);
        for old in ["0.8", "0.8.0", "0.10", "0.11.0"] {
            assert_eq!(edition(old), Ok("kube-lease-manager@0.8"), "{old}");
        }
        for new in ["0.11", "0.11.1", "0.13", "0.13.1", "1.0"] {
            assert_eq!(edition(new), Ok("kube-lease-manager"), "{new}");
        }
        for wrong in ["", "8", "latest", "0.8.0.1", "0.x"] {
            assert!(edition(wrong).is_err(), "{wrong}");
        }
        assert!("client-go@0.36".parse::<Name>().is_err());
    }

    #[test]
    fn a_slip_of_the_hand_is_told_what_was_meant() {
        let error = |text: &str| text.parse::<Name>().unwrap_err();
        assert!(error("clientgo").ends_with("did you mean client-go?"), "{}", error("clientgo"));
        assert!(error("zookeeper").contains("known are client-go, "), "{}", error("zookeeper"));
    }
}
