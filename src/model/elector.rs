//! Which library renews a Lease, how sure that is, and how it is timed.
//!
//! The fingerprint is who owns `renewTime` in `metadata.managedFields`, and by which operation. Go, Java, .NET and
//! Python update; kube-lease-manager and kubert apply and then patch. The order of the entries means nothing, and a
//! field that a third party changed last stays that party's until the elector changes its value, so "one manager owns
//! the whole spec" is never asked for. (Measured on kube-apiserver 1.36 with client-go 0.36, controller-runtime 0.24,
//! kube-lease-manager 0.8 and 0.13, kubert 0.25.)

use jiff::SignedDuration;

use super::lease::{FieldOwner, LeaseRecord};
use super::setting::Setting;
use super::timing::{Known, Source, Timing};

/// A leader election library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Library {
    /// `k8s.io/client-go/tools/leaderelection`, and controller-runtime on top of it.
    ClientGo,
    /// The Rust crate `kube-lease-manager`.
    KubeLeaseManager,
    /// The Rust crate `kubert`.
    Kubert,
    /// The Rust crate `kube-leader-election`.
    KubeLeaderElection,
    /// The official Java client.
    Java,
    /// fabric8's Java client.
    Fabric8,
    /// The official Python client.
    Python,
    /// The official .NET client.
    DotNet,
    /// Coordinated leader election (KEP-4355): the API server picks the leader.
    Coordinated,
    /// Not recognised.
    Unknown,
}

impl Library {
    /// The name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::KubeLeaseManager => "kube-lease-manager",
            Self::Kubert => "kubert",
            Self::KubeLeaderElection => "kube-leader-election",
            Self::Java => "java",
            Self::Fabric8 => "fabric8",
            Self::Python => "python",
            Self::DotNet => "dotnet",
            Self::Coordinated => "coordinated",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it renews a fixed grace period before expiry rather than every retry period.
    #[must_use]
    pub fn renews_before_expiry(self) -> bool {
        matches!(self, Self::KubeLeaseManager | Self::Kubert)
    }
}

/// How sure hactl is of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The library's own mark.
    Certain,
    /// A shape that no other known library leaves.
    Likely,
    /// The most common library that would leave this shape.
    Guess,
}

impl Confidence {
    /// The word in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Guess => "guess",
        }
    }
}

/// The elector behind a Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elector {
    /// The library.
    pub library: Library,
    /// How sure that is.
    pub confidence: Confidence,
    /// What it was told by, in words.
    pub evidence: String,
    /// Its timing.
    pub timing: Timing,
}

impl Elector {
    /// Fingerprints a Lease; `settings` are what the candidates' containers say about leader election.
    #[must_use]
    pub fn of(lease: &LeaseRecord, settings: &[Setting]) -> Self {
        let (library, confidence, evidence) = fingerprint(lease);
        Self { timing: timing(library, lease, settings), library, confidence, evidence }
    }

    /// An elector of which nothing is known.
    #[must_use]
    pub fn unknown(evidence: impl Into<String>) -> Self {
        Self {
            library: Library::Unknown,
            confidence: Confidence::Guess,
            evidence: evidence.into(),
            timing: Timing::default(),
        }
    }

    /// Takes over an observed interval between two renewals.
    ///
    /// It is the retry period of the client-go family; kube-lease-manager and kubert renew a grace period before
    /// expiry, so there it gives the grace period. A value that is stated somewhere is never overruled.
    pub fn measured(&mut self, interval: SignedDuration) {
        let timing = &mut self.timing;
        let guessed = |known: Known| known.value.is_none() || known.source == Source::Default;
        if self.library.renews_before_expiry() {
            if let Some(duration) = timing.lease_duration.value
                && guessed(timing.grace_period)
                && interval < duration
            {
                timing.grace_period = Known::new(round(duration - interval), Source::Measured);
            }
        } else if guessed(timing.retry_period) {
            timing.retry_period = Known::new(round(interval), Source::Measured);
        }
    }
}

/// Renewals take a round trip longer than their interval: a measured value is told to a tenth of a second.
fn round(duration: SignedDuration) -> SignedDuration {
    SignedDuration::from_millis_i128((duration.as_millis() + 50) / 100 * 100)
}

fn fingerprint(lease: &LeaseRecord) -> (Library, Confidence, String) {
    use Confidence::{Certain, Guess};
    if let Some(strategy) = &lease.strategy {
        return (Library::Coordinated, Certain, format!("spec.strategy is {strategy}"));
    }
    let Some(owner) = renewer(lease) else {
        return match lease.holder.as_deref().and_then(hostname_of) {
            Some(_) => (Library::ClientGo, Guess, "the identity has the form <hostname>_<uuid>".to_owned()),
            None => (Library::Unknown, Guess, "managedFields name no elector".to_owned()),
        };
    };
    let manager = owner.manager.as_str();
    if manager.starts_with("kube-lease-manager") {
        return (Library::KubeLeaseManager, Certain, format!("field manager {manager}"));
    }
    if let Some(found) = by_apply(lease, manager) {
        return found;
    }
    by_update(lease, manager)
}

/// The entry of whoever renews the Lease; without one (released Leases keep only their transitions) whoever else
/// wrote the spec last. hactl's own entry shows an earlier transfer, never an elector.
pub(super) fn renewer(lease: &LeaseRecord) -> Option<&FieldOwner> {
    let others = || lease.owners.iter().filter(|owner| owner.manager != "hactl" && !owner.fields.is_empty());
    others().find(|owner| owner.fields.renewed).or_else(|| others().max_by_key(|owner| owner.time))
}

/// kube-lease-manager and kubert apply the record, and patch `renewTime` under the same name; they differ in how
/// `leaseTransitions` is written: kubert applies it with the rest, kube-lease-manager patches it.
fn by_apply(lease: &LeaseRecord, manager: &str) -> Option<(Library, Confidence, String)> {
    let entries = || lease.owners.iter().filter(|owner| owner.manager == manager);
    let applied = entries().find(|owner| owner.applied && !owner.fields.is_empty())?;
    let patches_transitions = entries().any(|owner| !owner.applied && owner.fields.transitions);
    Some(if manager == "kubert" {
        (Library::Kubert, Confidence::Certain, "field manager kubert, server-side apply".to_owned())
    } else if applied.fields.transitions {
        (Library::Kubert, Confidence::Likely, format!("{manager} applies the whole record, as kubert does"))
    } else if patches_transitions {
        let evidence = format!("{manager} applies all but leaseTransitions, as kube-lease-manager does");
        (Library::KubeLeaseManager, Confidence::Likely, evidence)
    } else {
        (Library::Unknown, Confidence::Guess, format!("{manager} applies parts of the record"))
    })
}

/// Without an explicit field manager the API server takes the User-Agent up to its first `/`
/// (`k8s.io/apiserver/pkg/endpoints/handlers/create.go`, `managerOrUserAgent`): the binary's name for Go, the
/// library's own words for the others: fabric8 `Config.java`, kubernetes-client/java `ApiClient.java`, the Python clients'
/// `api_client.py`, kubernetes-client/csharp since 2026-03.
fn by_update(lease: &LeaseRecord, manager: &str) -> (Library, Confidence, String) {
    use Confidence::{Certain, Guess, Likely};
    let updates = format!("{manager} updates renewTime");
    let own_words: &[(&str, Library)] = &[
        ("fabric8-kubernetes-client", Library::Fabric8),
        ("Kubernetes Java Client", Library::Java),
        ("OpenAPI-Generator", Library::Python),
        ("kubernetes-csharp", Library::DotNet),
    ];
    if let Some((_, library)) = own_words.iter().find(|(words, _)| manager.starts_with(words)) {
        return (*library, Likely, updates);
    }
    if is_tool(manager) {
        return (Library::Unknown, Guess, format!("last written by {manager}, which is no elector"));
    }
    if ["kube-controller-manager", "kube-scheduler", "cloud-controller-manager"].contains(&manager) {
        return (Library::ClientGo, Certain, updates);
    }
    match lease.holder.as_deref() {
        Some(holder) if holder == manager => {
            let evidence = "the field manager is the holder's identity, as kube-leader-election has it".to_owned();
            (Library::KubeLeaderElection, Likely, evidence)
        }
        Some(holder) if hostname_of(holder).is_some() => {
            (Library::ClientGo, Likely, format!("{updates}, identity <hostname>_<uuid>"))
        }
        _ => (Library::ClientGo, Guess, format!("{updates}, as a Go program does")),
    }
}

/// Whether a field manager is a person's tool, and no elector.
#[must_use]
pub fn is_tool(manager: &str) -> bool {
    ["kubectl", "curl", "Mozilla"].iter().any(|tool| manager.starts_with(tool))
}

/// The host part of an identity `<hostname>_<uuid>`, as controller-runtime and the Kubernetes components make it.
#[must_use]
pub fn hostname_of(identity: &str) -> Option<&str> {
    let (host, uuid) = identity.rsplit_once('_')?;
    let shape = |(i, b): (usize, u8)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() };
    (uuid.len() == 36 && uuid.bytes().enumerate().all(shape)).then_some(host)
}

/// Library, lease duration, renew deadline, retry period, grace period; in seconds.
type Defaults = (Library, i64, Option<i64>, Option<i64>, Option<i64>);

/// Defaults by library and lease duration.
///
/// client-go's own users: `k8s.io/component-base/config/v1alpha1/defaults.go` and controller-runtime
/// `pkg/manager/internal.go` (15/10/2), openshift/library-go `pkg/config/leaderelection/leaderelection.go` (137/107/26
/// and 270/240/60). kube-lease-manager `src/manager.rs` (30/5), klag-exporter `src/config.rs` (15/5), kubert
/// `src/lease.rs` (30/1). A lease duration that several programs pair with other values is not in the table: at 60 s
/// cert-manager retries every 15 s and knative every 10 s.
const DEFAULTS: &[Defaults] = &[
    (Library::ClientGo, 15, Some(10), Some(2), None),
    (Library::ClientGo, 137, Some(107), Some(26), None),
    (Library::ClientGo, 270, Some(240), Some(60), None),
    (Library::Coordinated, 15, Some(10), Some(2), None),
    (Library::Fabric8, 15, Some(10), Some(2), None),
    (Library::DotNet, 15, Some(10), Some(2), None),
    (Library::KubeLeaseManager, 30, None, None, Some(5)),
    (Library::KubeLeaseManager, 15, None, None, Some(5)),
    (Library::Kubert, 30, None, None, Some(1)),
];

fn timing(library: Library, lease: &LeaseRecord, settings: &[Setting]) -> Timing {
    let stated = |names| Known::stated(settings, names);
    // client-go releases with an empty holder and a duration of one second, which is not what it was set to.
    let released = lease.holder.as_deref() == Some("") && lease.duration == Some(SignedDuration::from_secs(1));
    let recorded = lease.duration.filter(|_| !released).map(|value| Known::new(value, Source::Lease));
    let lease_duration = recorded.unwrap_or_default().or(stated(&["lease-duration"]));
    let default = DEFAULTS
        .iter()
        .find(|(of, seconds, ..)| *of == library && lease_duration.value == Some(SignedDuration::from_secs(*seconds)));
    let or_default = |known: Known, seconds: Option<i64>| {
        known.or(seconds.map(|s| Known::new(SignedDuration::from_secs(s), Source::Default)).unwrap_or_default())
    };
    let (renew, retry, grace) =
        default.map_or((None, None, None), |(_, _, renew, retry, grace)| (*renew, *retry, *grace));
    // The CSI sidecars run client-go at 15/10/5 (csi-lib-utils `leader_election.go`) under a plain host name; whoever
    // takes the libraries' own identity, <hostname>_<uuid>, takes their retry period too.
    let plain_identity = library == Library::ClientGo && lease.holder.as_deref().and_then(hostname_of).is_none();
    let retry = retry.filter(|_| !plain_identity);
    let mut timing = Timing { lease_duration, ..Timing::default() };
    if library.renews_before_expiry() {
        timing.grace_period = or_default(stated(&["grace-period"]), grace);
    } else {
        timing.renew_deadline = or_default(stated(&["renew-deadline", "renewal-deadline"]), renew);
        timing.retry_period = or_default(stated(&["retry-period"]), retry);
    }
    timing
}

#[cfg(test)]
mod tests;
