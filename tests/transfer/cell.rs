//! A cell: an elector with its timing, how its leadership is moved, and what has to come of that.

use std::fmt;

/// One of the testbed's electors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    ClientGo,
    /// controller-runtime, whose identities are known to nobody but the process.
    Manager,
    KubeLeaseManager08,
    KubeLeaseManager013,
    Kubert,
}

/// How it is timed, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    /// Lease duration, renew deadline, retry period.
    Deadline(u32, u32, u32),
    /// Lease duration, grace period.
    Grace(u32, u32),
}

/// An election as it is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) library: Library,
    pub(crate) timing: Timing,
    /// Whether it gives its Lease up when it is told to end.
    pub(crate) releases: bool,
    pub(crate) stateful: bool,
}

/// A method, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Evict,
    HandOver,
}

impl Library {
    pub(crate) fn image(self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::Manager => "manager",
            Self::KubeLeaseManager08 => "kube-lease-manager-0.8",
            Self::KubeLeaseManager013 => "kube-lease-manager-0.13",
            Self::Kubert => "kubert",
        }
    }

    /// Whether a fence costs its leader the process.
    pub(crate) fn exits(self) -> bool {
        matches!(self, Self::ClientGo | Self::Manager)
    }
}

impl Setup {
    pub(crate) const fn new(library: Library, timing: Timing) -> Self {
        let releases = !matches!(library, Library::ClientGo | Library::Manager);
        Self { library, timing, releases, stateful: false }
    }

    pub(crate) const fn releasing(self) -> Self {
        Self { releases: true, ..self }
    }

    pub(crate) const fn stateful(self) -> Self {
        Self { stateful: true, ..self }
    }

    /// As `--elector` takes it: what nobody can tell by looking is said, as its user would.
    pub(crate) fn elector(&self) -> String {
        let name = match self.library {
            Library::ClientGo | Library::Manager => "client-go",
            Library::KubeLeaseManager08 => "kube-lease-manager@0.8",
            Library::KubeLeaseManager013 => "kube-lease-manager",
            Library::Kubert => "kubert",
        };
        format!("{name}:{}", self.timing)
    }

    /// How long a renewal counts.
    pub(crate) fn lease_duration(&self) -> f64 {
        match self.timing {
            Timing::Deadline(duration, ..) | Timing::Grace(duration, _) => duration.into(),
        }
    }

    /// From one renewal to the next.
    pub(crate) fn renewal(&self) -> f64 {
        match self.timing {
            Timing::Deadline(_, _, retry) => retry.into(),
            Timing::Grace(duration, grace) => (duration - grace).into(),
        }
    }

    /// How long after its last renewal a leader that is cut off has ended for sure, where it ends: it tries to renew for a
    /// renew deadline, and to release for another.
    pub(crate) fn gives_up(&self) -> f64 {
        match self.timing {
            Timing::Deadline(_, deadline, retry) => f64::from(2 * deadline + retry) + 1.0,
            Timing::Grace(duration, _) => duration.into(),
        }
    }

    /// Within how many seconds somebody leads again after hactl is gone, as the plan prints it.
    pub(crate) fn heals(&self, method: Method) -> f64 {
        match (self.timing, self.library) {
            (Timing::Deadline(duration, _, retry), _) => f64::from(duration) + 4.4 * f64::from(retry),
            (Timing::Grace(duration, _), Library::Kubert) => duration.into(),
            (Timing::Grace(duration, grace), _) if method == Method::HandOver => f64::from(2 * duration - grace) + 1.0,
            (Timing::Grace(duration, _), _) => f64::from(duration) + 1.0,
        }
    }

    /// Between which bounds the time lies in which nobody leads, by what the libraries do: their own code, and what was
    /// measured of it.
    pub(crate) fn leaderless(&self, method: Method, named: bool) -> (f64, f64) {
        match (self.timing, method) {
            // Its end is reported, the Lease is written, and a standby looks within 2.2 retry periods.
            (Timing::Deadline(_, _, retry), Method::Evict) => (0.0, 2.2 * f64::from(retry)),
            // It gives up no sooner than a renew deadline after its last renewal. Its exit is an acknowledgement, and
            // ends the wait early.
            (Timing::Deadline(_, _, retry), Method::HandOver) if named => (0.0, 3.2 * f64::from(retry) + 0.5),
            // The container that starts again in place may take the Lease at once.
            (Timing::Deadline(_, _, retry), Method::HandOver) => (0.0, 3.2 * f64::from(retry) + 0.5),
            // The leader is off a moment after it dates the fence, and the standby wakes a grace period later.
            (Timing::Grace(_, grace), Method::HandOver) => (f64::from(grace) - 0.05, grace.into()),
            // What is released is found when a standby wakes, and may be written once more, for the name.
            (Timing::Grace(duration, _), Method::Evict) => (0.0, f64::from(duration) + 1.0),
        }
    }
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Evict => "evict",
            Self::HandOver => "hand-over",
        }
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline(duration, deadline, retry) => write!(f, "{duration}/{deadline}/{retry}"),
            Self::Grace(duration, grace) => write!(f, "{duration}/{grace}"),
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.library {
            Library::ClientGo => "client-go",
            Library::Manager => "controller-runtime",
            Library::KubeLeaseManager08 => "kube-lease-manager 0.8.0",
            Library::KubeLeaseManager013 => "kube-lease-manager 0.13.1",
            Library::Kubert => "kubert",
        };
        write!(f, "{name} {}", self.timing)?;
        if self.library.exits() && self.releases {
            write!(f, ", releasing")?;
        }
        if self.stateful { write!(f, ", StatefulSet") } else { Ok(()) }
    }
}
