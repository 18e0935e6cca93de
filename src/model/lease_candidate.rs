//! LeaseCandidates: who stands in a coordinated election (KEP-4355), and in which order its controller would have them.
//!
//! As `k8s.io/kubernetes/pkg/controlplane/controller/leaderelection/election.go` and `leaderelection_controller.go` 1.36.3.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

/// The strategy that the API server's own controller carries out; any other is left to somebody else's.
pub const OLDEST_EMULATION_VERSION: &str = "OldestEmulationVersion";

/// Who has not renewed for so long stands no more (`leaseCandidateValidDuration`).
const VALID: SignedDuration = SignedDuration::from_mins(30);

/// For so long the controller waits for those that it has asked (`electionDuration`).
const ASKING: SignedDuration = SignedDuration::from_secs(5);

/// A `coordination.k8s.io` LeaseCandidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseCandidate {
    /// Its name, which is the `holderIdentity` of whoever stands.
    pub name: String,
    /// `spec.leaseName`: for which Lease.
    pub lease: String,
    /// When it was created, in whole seconds.
    pub created: Option<Timestamp>,
    /// `spec.renewTime`: when it last said that it is there.
    pub renewed: Option<Timestamp>,
    /// `spec.pingTime`: when the controller last asked it.
    pub pinged: Option<Timestamp>,
    /// `spec.emulationVersion` and `spec.binaryVersion`; `None` where one cannot be read: then it is never chosen.
    pub versions: Option<(Version, Version)>,
    /// `spec.strategy`.
    pub strategy: String,
}

impl LeaseCandidate {
    /// Whether it stands no more, because it has not renewed for so long.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> bool {
        self.renewed.is_none_or(|renewed| now.duration_since(renewed) > VALID)
    }

    /// Whether it would not be counted, if that can be told: it has to answer the controller within five seconds.
    #[must_use]
    pub fn silent(&self, now: Timestamp) -> bool {
        let asked = self.pinged.filter(|pinged| Some(*pinged) > self.renewed);
        self.expired(now) || asked.is_some_and(|asked| now.duration_since(asked) > ASKING)
    }

    /// The controller's order, the best first: the lowest emulation version, then the lowest binary version, then the
    /// oldest. Who is equal is taken in any order, by chance, at each look.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        self.versions.cmp(&other.versions).then(self.created.cmp(&other.created))
    }
}

/// A version as <https://semver.org> orders them; what it says of its build is no part of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    numbers: [u64; 3],
    /// What it was before its release: numbers, or words.
    before: Vec<Result<u64, String>>,
}

impl Version {
    /// Reads it, as tolerantly as the controller (`github.com/blang/semver`, `ParseTolerant`): `v1.36` is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (release, before) = text.split_once('-').map_or((text, None), |(release, before)| (release, Some(before)));
        let mut numbers = [0; 3];
        let mut parts = release.split('.');
        for (place, part) in numbers.iter_mut().zip(parts.by_ref()) {
            *place = part.parse().ok()?;
        }
        let word = |part: &str| part.parse().map_err(|_| part.to_owned());
        let before = before.map_or_else(Vec::new, |before| before.split('.').map(word).collect());
        parts.next().is_none().then_some(Self { numbers, before })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // A number is lower than a word, the beginning of a list than the list, and no list higher than any.
        let word = |a: &Result<u64, String>, b: &Result<u64, String>| match (a, b) {
            (Ok(a), Ok(b)) => a.cmp(b),
            (Err(a), Err(b)) => a.cmp(b),
            (a, b) => a.is_err().cmp(&b.is_err()),
        };
        let words = || {
            let pairs = self.before.iter().zip(&other.before);
            let first = pairs.map(|(a, b)| word(a, b)).find(|order| order.is_ne());
            first.unwrap_or_else(|| self.before.len().cmp(&other.before.len()))
        };
        let released = self.before.is_empty().cmp(&other.before.is_empty());
        self.numbers.cmp(&other.numbers).then(released).then_with(words)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|| panic!("{text} is a version"))
    }

    #[test]
    fn versions_are_in_the_order_of_semver() {
        let ordered = [
            "1.9.10",
            "1.36.0-alpha",
            "1.36.0-alpha.1",
            "1.36.0-alpha.beta",
            "1.36.0-beta.2",
            "1.36.0-beta.11",
            "1.36.0-rc.1",
            "1.36",
            "v1.36.1+k3s1",
            "2",
        ];
        assert!(ordered.windows(2).all(|pair| version(pair[0]) < version(pair[1])), "{ordered:?}");
        assert_eq!(version("1.36.0+a"), version(" v1.36"));
        assert_eq!(["", "1.x", "1.2.3.4", "one"].map(Version::parse), [const { None }; 4]);
    }

    #[test]
    fn who_does_not_answer_is_not_counted() {
        let at = |seconds| Timestamp::from_second(1_800_000_000 + seconds).expect("a time");
        let silent = |renewed: Option<i64>, pinged: Option<i64>| {
            let candidate = LeaseCandidate {
                name: "a".to_owned(),
                lease: "l".to_owned(),
                created: None,
                renewed: renewed.map(at),
                pinged: pinged.map(at),
                versions: None,
                strategy: OLDEST_EMULATION_VERSION.to_owned(),
            };
            candidate.silent(at(0))
        };
        assert!(silent(None, None) && silent(Some(-1801), None) && silent(Some(-60), Some(-6)));
        // Asked just now, asked and answered, never asked.
        assert!(!silent(Some(-60), Some(-4)) && !silent(Some(-60), Some(-61)) && !silent(Some(-1799), None));
    }
}
