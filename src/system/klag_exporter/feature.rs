//! Whether klag-exporter was built with leader election, by what its Pods do: no manifest tells.
//!
//! Without its feature `kubernetes` it logs a warning and goes on as if it led (klag-exporter 0.1.29,
//! `create_leadership_provider` in `src/main.rs`): each replica is Ready, exports everything, and none asks for a Lease.
//! Its releases up to 0.1.29 were built without (`.github/workflows/release.yml`; `default` in `Cargo.toml`).

/// What is seen of the Pods of a workload whose file turns leader election on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// So many of its Pods are Ready now.
    pub ready: usize,
    /// Whether a Pod is Ready only where it leads: it is probed at `/ready`.
    pub gated: bool,
    /// Whether its Lease is there; `None` where that could not be looked at.
    pub lease: Option<bool>,
    /// Whether any of them has been Ready for longer than it takes to make a Lease, some seconds.
    pub settled: bool,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// One leads, and says so in its Lease.
    There,
    /// Several are Ready, where only a leader is: they do not elect.
    SeveralLead,
    /// One is Ready, where only a leader is, and there is no Lease.
    NoLease,
    /// It cannot be told from this.
    Unknown,
}

/// Judges by what is seen.
#[must_use]
pub const fn judge(seen: Seen) -> Feature {
    match seen {
        Seen { gated: true, ready: 2.., .. } => Feature::SeveralLead,
        Seen { gated: true, ready: 1, lease: Some(false), settled: true } => Feature::NoLease,
        Seen { lease: Some(true), .. } => Feature::There,
        Seen { .. } => Feature::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_what_its_pods_do() {
        let seen = Seen { ready: 1, gated: true, lease: Some(true), settled: true };
        assert_eq!(judge(seen), Feature::There);
        assert_eq!(judge(Seen { ready: 2, ..seen }), Feature::SeveralLead);
        assert_eq!(judge(Seen { lease: Some(false), ..seen }), Feature::NoLease);
        assert_eq!(judge(Seen { lease: Some(false), settled: false, ..seen }), Feature::Unknown);
        assert_eq!(judge(Seen { lease: None, ..seen }), Feature::Unknown);
        // Who is probed elsewhere is Ready whether it leads or not.
        assert_eq!(judge(Seen { ready: 2, gated: false, ..seen }), Feature::There);
        assert_eq!(judge(Seen { ready: 2, gated: false, lease: Some(false), ..seen }), Feature::Unknown);
        // Nobody is Ready: the rights may be missing.
        assert_eq!(judge(Seen { ready: 0, lease: Some(false), ..seen }), Feature::Unknown);
    }
}
