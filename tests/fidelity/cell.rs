//! A cell of the comparison: an elector with its timing, what happens to it, and what has to come of that.

use std::fmt;

use hactl::elector::client_go::ClientGo;
use hactl::elector::kube_lease_manager::{Edition, KubeLeaseManager};
use hactl::elector::kubert::Kubert;
use hactl::elector::{Rhythm, Settings};
use hactl::model::Micros;
use hactl::sim::{Fault, Latency, Met, Outage, Random, Scenario, Simulator, Tampering};

use crate::bounds::Bounds;
use crate::measure::Course;

/// An election library with its settings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Elector {
    ClientGo(ClientGo),
    KubeLeaseManager(KubeLeaseManager),
    Kubert(Kubert),
}

/// See above.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) elector: Elector,
    pub(crate) standbys: u8,
    pub(crate) fault: Fault,
    pub(crate) bounds: Bounds,
    /// How long it is watched from the fault on.
    pub(crate) horizon: Micros,
}

impl Elector {
    pub(crate) fn rhythm(&self) -> Rhythm {
        match self {
            Self::ClientGo(settings) => settings.rhythm(),
            Self::KubeLeaseManager(settings) => settings.rhythm(),
            Self::Kubert(settings) => settings.rhythm(),
        }
    }

    /// Whether it gives its Lease up when it is asked to end.
    pub(crate) fn releases(&self) -> bool {
        match self {
            Self::ClientGo(settings) => settings.release_on_cancel,
            Self::KubeLeaseManager(settings) => settings.releases,
            Self::Kubert(settings) => settings.releases,
        }
    }

    /// The program that runs the real one.
    pub(crate) fn program(&self) -> &'static str {
        match self {
            Self::ClientGo(settings) if is_controller_runtime(settings) => "manager",
            Self::ClientGo(_) => "client-go",
            Self::KubeLeaseManager(KubeLeaseManager { edition: Edition::Before0_11_1, .. }) => "kube-lease-manager-0_8",
            Self::KubeLeaseManager(_) => "kube-lease-manager-0_13",
            Self::Kubert(_) => "kubert",
        }
    }

    /// What tells that program its timing.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let seconds = |time: Micros| time.whole_seconds().to_string();
        let mut environment = vec![("RELEASE_ON_CANCEL", self.releases().to_string())];
        match self {
            Self::ClientGo(ClientGo { lease_duration, renew_deadline, retry_period, .. }) => environment.extend([
                ("LEASE_DURATION", seconds(*lease_duration)),
                ("RENEW_DEADLINE", seconds(*renew_deadline)),
                ("RETRY_PERIOD", seconds(*retry_period)),
            ]),
            Self::KubeLeaseManager(KubeLeaseManager { lease_duration, grace_period, .. })
            | Self::Kubert(Kubert { lease_duration, grace_period, .. }) => environment
                .extend([("LEASE_DURATION", seconds(*lease_duration)), ("GRACE_PERIOD", seconds(*grace_period))]),
        }
        environment
    }
}

impl Cell {
    /// Requests a second of one election, all in all.
    pub(crate) fn load(&self) -> f64 {
        let Rhythm { renewal, look, .. } = self.elector.rhythm();
        let requests = match self.elector {
            Elector::ClientGo(_) => 1.0,
            // A write and a look after it; a refusal and a look.
            Elector::KubeLeaseManager(_) | Elector::Kubert(_) => 2.0,
        };
        requests * (1.0 / renewal.as_secs_f64() + f64::from(self.standbys) / look.as_secs_f64())
    }

    /// How long one run of it takes, about.
    pub(crate) fn duration(&self) -> Micros {
        let Rhythm { renewal, look, warm_up, .. } = self.elector.rhythm();
        renewal * 2 + look + warm_up + self.horizon
    }

    /// How many elections may share a process. A fault hits them all at once; where each then asks the API server for
    /// something, the last to be answered would be late.
    pub(crate) fn side_by_side(&self) -> usize {
        if self.fault == Fault::Shutdown && self.elector.releases() { 8 } else { 50 }
    }

    /// What the simulator makes of it.
    pub(crate) fn simulate(&self, latency: Latency, trials: u64) -> Vec<Course> {
        match self.elector {
            Elector::ClientGo(settings) => self.play(settings, latency, trials),
            Elector::KubeLeaseManager(settings) => self.play(settings, latency, trials),
            Elector::Kubert(settings) => self.play(settings, latency, trials),
        }
    }

    /// The same with any settings.
    pub(crate) fn play<S: Settings>(&self, settings: S, latency: Latency, trials: u64) -> Vec<Course> {
        let scenario = Scenario {
            standbys: self.standbys,
            latency,
            horizon: self.horizon,
            // Where one process has many electors, one that has lost its Lease is not started again.
            restart: None,
            ..Scenario::new(settings, self.fault)
        };
        let mut simulator = Simulator::new(&scenario);
        (0..trials).map(|trial| simulator.trial(Random::stream(SEED, trial), &mut ()).into()).collect()
    }
}

/// What tells it from the bare library: a limit for each call.
fn is_controller_runtime(settings: &ClientGo) -> bool {
    settings.timeout != Micros::NEVER
}

/// Of the simulator's trials: any will do.
const SEED: u64 = 17;

impl fmt::Display for Elector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = Micros::whole_seconds;
        match self {
            Self::ClientGo(settings) => {
                let ClientGo { lease_duration, renew_deadline, retry_period, .. } = settings;
                let (lease, renew, retry) =
                    (seconds(*lease_duration), seconds(*renew_deadline), seconds(*retry_period));
                let name = if is_controller_runtime(settings) { "controller-runtime" } else { "client-go" };
                write!(f, "{name} {lease}/{renew}/{retry}")
            }
            Self::KubeLeaseManager(KubeLeaseManager { lease_duration, grace_period, edition, .. }) => {
                let version = if *edition == Edition::Before0_11_1 { "0.8.0" } else { "0.13.1" };
                write!(f, "kube-lease-manager {version} {}/{}", seconds(*lease_duration), seconds(*grace_period))
            }
            Self::Kubert(Kubert { lease_duration, grace_period, .. }) => {
                write!(f, "kubert {}/{}", seconds(*lease_duration), seconds(*grace_period))
            }
        }
    }
}

impl Cell {
    /// What happens, in words.
    pub(crate) fn event(&self) -> String {
        let met = |met| match met {
            Met::Refused => "refused",
            Met::Reset => "reset",
            Met::Hang => "silent",
        };
        let release = if self.elector.releases() { "with release" } else { "without release" };
        let mut event = match self.fault {
            Fault::Crash => "crash".to_owned(),
            Fault::Shutdown => format!("stop {release}"),
            Fault::Partition(Outage { lasting, met: how }) => format!("partition {lasting}, {}", met(how)),
            Fault::Outage(Outage { lasting, met: how }) => format!("API outage {lasting}, {}", met(how)),
            Fault::Freeze(lasting) => format!("freeze {lasting}"),
            Fault::Write(tampering) => match tampering {
                Tampering::Holder => "holder = standby".to_owned(),
                Tampering::Sentinel => "holder = nobody".to_owned(),
                Tampering::Clear => "holder = \"\"".to_owned(),
                Tampering::ClearNull => "holder null".to_owned(),
                Tampering::ClearAll => "all four null".to_owned(),
                Tampering::Delete => "Lease deleted".to_owned(),
                Tampering::Duration(seconds) => format!("duration = {seconds} s"),
                other => unreachable!("no cell has {other:?}"),
            },
            other => unreachable!("no cell has {other:?}"),
        };
        if let (Elector::ClientGo(_), Fault::Partition(_)) = (&self.elector, self.fault)
            && self.elector.releases()
        {
            event += ", release on cancel";
        }
        if self.standbys > 1 {
            event += &format!(", {} standbys", self.standbys);
        }
        event
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.elector, self.event())
    }
}
