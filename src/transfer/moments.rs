//! What was seen of a transfer, and so how long nobody led.

use crate::elector::setup::Setup;
use crate::model::Micros;
use crate::model::audit::Between;

/// When what was seen, by hactl's clock until [`Moments::by_the_server`]; what others have dated, by theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// hactl's first write, or its eviction, was accepted.
    pub began: Option<Micros>,
    /// The old leader's renewal under the fence: its own date, and when it was seen.
    pub acknowledged: Option<(Micros, Micros)>,
    /// The old leader's process ended: the kubelet's date, in whole seconds, and when it was seen.
    pub ended: Option<(Option<Micros>, Micros)>,
    /// The Lease was handed over or freed, or someone else took it: nobody but the old leader led before.
    pub open: Option<Micros>,
    /// The next leader's own date in the Lease, and when it was seen.
    pub led: Option<(Option<Micros>, Micros)>,
    /// How far what was seen may be from what others have dated, either way.
    pub error: Micros,
}

/// What shows that the old leader stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Its process ended.
    ContainerExit,
    /// Only what it wrote, or did not write, to the Lease.
    LeaseOnly,
}

impl Evidence {
    /// The word in every output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContainerExit => "container-exit",
            Self::LeaseOnly => "lease-only",
        }
    }
}

/// How long nobody led and how long two did, as far as that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Nobody.
    pub leaderless: Between,
    /// Two.
    pub overlap: Between,
    /// By what.
    pub evidence: Evidence,
}

impl Moments {
    /// The same by the API server's clock: so far ahead of hactl's, and known so well. Only in the end: what is known of
    /// that clock changes with every answer, and times that are told by different guesses cannot be compared.
    #[must_use]
    pub fn by_the_server(self, ahead: Micros, error: Micros) -> Self {
        let dated = |(dated, seen): (Option<Micros>, Micros)| (dated, seen + ahead);
        Self {
            began: self.began.map(|at| at + ahead),
            acknowledged: self.acknowledged.map(|(dated, seen)| (dated, seen + ahead)),
            ended: self.ended.map(dated),
            open: self.open.map(|at| at + ahead),
            led: self.led.map(dated),
            error,
        }
    }

    /// What they come to; `None` where the old leader's end or the next one's beginning was not seen.
    ///
    /// `request` is what a request of the elector may take.
    #[must_use]
    pub fn seen(&self, setup: Setup, request: Micros) -> Option<Seen> {
        let (off, evidence) = self.off(request)?;
        let (dated, seen) = self.led?;
        // Who finds its own name in the Lease writes at once in client-go, and at its next renewal in the others.
        let writes_first = matches!(setup, Setup::ClientGo(_) | Setup::Coordinated(_));
        // A controller names the next without a word to hactl: not before it was asked.
        let open =
            self.open.or(self.began.filter(|_| matches!(setup, Setup::Coordinated(_)))).unwrap_or(seen).min(seen);
        let first = dated.filter(|_| writes_first).map_or(open, |dated| (dated - self.error).clamp(open, seen));
        let on = Between { min: first, max: seen };
        let zero = |time: Micros| time.max(Micros::ZERO);
        Some(Seen {
            leaderless: Between { min: zero(on.min - off.max), max: zero(on.max - off.min) },
            overlap: Between { min: zero(off.min - on.max), max: zero(off.max - on.min) },
            evidence,
        })
    }

    /// When the old leader stopped.
    fn off(&self, request: Micros) -> Option<(Between, Evidence)> {
        if let Some((finished, seen)) = self.ended {
            // The kubelet leaves the fraction of the second away.
            let latest = finished.map_or(seen, |finished| (finished + Micros::SECOND + self.error).min(seen));
            let earliest = finished.map(|finished| finished - self.error).or(self.began).unwrap_or(seen).min(latest);
            return Some((Between { min: earliest, max: latest }, Evidence::ContainerExit));
        }
        let (written, seen) = self.acknowledged?;
        Some((Between { min: (written - self.error).min(seen), max: seen + request }, Evidence::LeaseOnly))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elector::client_go::ClientGo;
    use crate::elector::kube_lease_manager::{Edition, KubeLeaseManager};

    fn millis(millis: i64) -> Micros {
        Micros::from_millis(millis)
    }

    #[test]
    fn an_exit_is_known_to_the_second() {
        let setup = Setup::ClientGo(ClientGo::new(millis(15_000), millis(10_000), millis(2_000)));
        let moments = Moments {
            began: Some(millis(9_000)),
            ended: Some((Some(millis(10_000)), millis(10_400))),
            open: Some(millis(10_450)),
            led: Some((Some(millis(11_000)), millis(11_020))),
            ..Moments::default()
        };
        let seen = moments.seen(setup, millis(250)).expect("seen");
        assert_eq!(seen.leaderless, Between { min: millis(600), max: millis(1_020) });
        assert_eq!((seen.overlap.max, seen.evidence), (Micros::ZERO, Evidence::ContainerExit));
        assert_eq!(Moments { ended: None, ..moments }.seen(setup, millis(250)), None);
    }

    #[test]
    fn dates_are_compared_no_better_than_the_clock_is_known() {
        let setup = Setup::ClientGo(ClientGo::new(millis(15_000), millis(10_000), millis(2_000)));
        // hactl's clock is 300 ms behind, for all that it knows; and really 700 ms.
        let moments = Moments {
            ended: Some((Some(millis(10_000)), millis(9_710))),
            open: Some(millis(9_750)),
            led: Some((Some(millis(10_800)), millis(10_110))),
            ..Moments::default()
        };
        let seen = moments.by_the_server(millis(300), millis(500)).seen(setup, millis(250)).expect("seen");
        // Really from 10.4 s to 10.8 s.
        assert!(seen.leaderless.min <= millis(400) && seen.leaderless.max >= millis(400), "{seen:?}");
        assert_eq!(seen.overlap.min, Micros::ZERO);
    }

    #[test]
    fn who_does_not_write_first_may_have_led_since_the_hand_over() {
        let setup =
            Setup::KubeLeaseManager(KubeLeaseManager::new(millis(15_000), millis(5_000), Edition::Before0_11_1));
        let moments = Moments {
            began: Some(millis(1_000)),
            acknowledged: Some((millis(8_000), millis(8_010))),
            open: Some(millis(8_300)),
            led: Some((Some(millis(18_000)), millis(18_010))),
            ..Moments::default()
        };
        let seen = moments.seen(setup, millis(250)).expect("seen");
        assert_eq!(seen.leaderless, Between { min: millis(40), max: millis(10_010) });
        assert_eq!((seen.overlap.max, seen.evidence), (Micros::ZERO, Evidence::LeaseOnly));
    }
}
