//! The record that electors leave in a Lease, in every shape they leave it.
//!
//! Electors do not agree on how a Lease is given up: client-go writes an empty holder and a duration of one second,
//! kube-lease-manager and kubert write nulls, kube-leader-election cannot read a null at all. [`LeaseRecord::tenure`]
//! names what the record says at an instant; it never guesses beyond the record.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Key;

/// The prefix of a `holderIdentity` that hactl writes while it moves leadership: nobody leads meanwhile.
pub const FENCE_PREFIX: &str = "hactl-transfer/";

/// The prefix of the annotations that are hactl's own.
pub const ANNOTATION_PREFIX: &str = "hactl.dev/";

/// The annotation that goes with the fence: JSON with `id`, `from`, `to` and `startedAt`.
pub const TRANSFER_ANNOTATION: &str = "hactl.dev/transfer";

/// The label that marks a Lease as the identity of an API server: a heartbeat, not an election.
pub const APISERVER_IDENTITY_LABEL: &str = "apiserver.kubernetes.io/identity";

/// The namespace of the kubelets' heartbeats.
pub const NODE_LEASE_NAMESPACE: &str = "kube-node-lease";

/// A `coordination.k8s.io/v1` Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseRecord {
    /// Namespace and name.
    pub key: Key,
    /// `metadata.uid`: another Lease of the same name has another.
    pub uid: String,
    /// `metadata.resourceVersion`: a write that names it is refused where the Lease has changed since.
    pub version: String,
    /// Its annotations under [`ANNOTATION_PREFIX`], and no others.
    pub annotations: BTreeMap<String, String>,
    /// When the object was created.
    pub created: Option<Timestamp>,
    /// `spec.holderIdentity`: `None` where it is null, `Some("")` where it is empty. Electors tell the two apart.
    pub holder: Option<String>,
    /// `spec.leaseDurationSeconds`.
    pub duration: Option<SignedDuration>,
    /// `spec.acquireTime`.
    pub acquired: Option<Timestamp>,
    /// `spec.renewTime`.
    pub renewed: Option<Timestamp>,
    /// `spec.leaseTransitions`.
    pub transitions: Option<i64>,
    /// `spec.strategy`: set under coordinated leader election (KEP-4355).
    pub strategy: Option<String>,
    /// `spec.preferredHolder`: the holder was asked to yield.
    pub preferred_holder: Option<String>,
    /// Who wrote which field of the spec, and when.
    pub owners: Vec<FieldOwner>,
    /// `metadata.ownerReferences` that name a workload: kind and name.
    pub owned_by: Vec<(String, String)>,
    /// A transfer of hactl's own, in progress or left behind.
    pub transfer: Option<Transfer>,
    /// Whether this is a heartbeat (of a node, or of an API server) rather than an election.
    pub heartbeat: bool,
}

/// One entry of `metadata.managedFields`, cut down to the spec of a Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOwner {
    /// The field manager's name.
    pub manager: String,
    /// Whether the fields were applied (server-side apply) or updated (PUT, or any other patch).
    pub applied: bool,
    /// When this manager last wrote.
    pub time: Option<Timestamp>,
    /// Which fields of the spec this manager owns.
    pub fields: SpecFields,
}

/// A set of the fields of a Lease's spec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpecFields {
    /// `holderIdentity`.
    pub holder: bool,
    /// `leaseDurationSeconds`.
    pub duration: bool,
    /// `acquireTime`.
    pub acquired: bool,
    /// `renewTime`.
    pub renewed: bool,
    /// `leaseTransitions`.
    pub transitions: bool,
}

impl SpecFields {
    /// Whether none of the fields is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// What hactl writes beside the fence.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// The transfer's id, the rest of the fence's name.
    pub id: String,
    /// The identity that led before.
    #[serde(default)]
    pub from: Option<String>,
    /// The identity that is to lead, if one was named.
    #[serde(default)]
    pub to: Option<String>,
    /// When the fence was written, by the API server's clock.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
}

/// What the record alone says of leadership at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tenure<'a> {
    /// Held and renewed in time.
    Held {
        /// The holder's identity.
        holder: &'a str,
        /// When the record runs out.
        expires: Timestamp,
    },
    /// There is a holder, and it has not renewed in time.
    Expired {
        /// The last holder's identity.
        holder: &'a str,
        /// When the record ran out.
        since: Timestamp,
    },
    /// hactl's fence: nobody leads while it stands.
    Fenced {
        /// Whether the fence has run out too: the transfer was left behind.
        expired: bool,
    },
    /// No holder, though it is still dated as if it had one: kube-lease-manager up to 0.11.0 deadlocks on it.
    Stuck,
    /// Given up by its holder.
    Released,
    /// No sign that there ever was a holder.
    NeverHeld,
    /// Held, but the record cannot say until when.
    Undated {
        /// The holder's identity.
        holder: &'a str,
        /// What is missing.
        missing: &'static str,
    },
}

impl LeaseRecord {
    /// Reads the record at the instant `now`, by the API server's clock.
    #[must_use]
    pub fn tenure(&self, now: Timestamp) -> Tenure<'_> {
        let expires = self.expires();
        match self.holder.as_deref() {
            Some(fence) if fence.starts_with(FENCE_PREFIX) => {
                Tenure::Fenced { expired: expires.is_none_or(|at| at < now) }
            }
            Some("") if self.was_held() => Tenure::Released,
            Some("") => Tenure::NeverHeld,
            Some(holder) => match expires {
                Some(since) if since < now => Tenure::Expired { holder, since },
                Some(expires) => Tenure::Held { holder, expires },
                None if self.renewed.is_none() => Tenure::Undated { holder, missing: "renewTime" },
                None => Tenure::Undated { holder, missing: "leaseDurationSeconds" },
            },
            None if self.renewed.is_some() => Tenure::Stuck,
            None if self.was_held() => Tenure::Released,
            None => Tenure::NeverHeld,
        }
    }

    /// When the record runs out, or ran out: `renewTime` plus `leaseDurationSeconds`.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        let (renewed, duration) = (self.renewed?, self.duration?);
        Some(renewed.checked_add(duration).unwrap_or(Timestamp::MAX))
    }

    /// Whether anything shows that there once was a holder.
    ///
    /// kube-lease-manager and kubert null everything but `leaseTransitions` on release, which they have set to at
    /// least 1 on acquiring; client-go leaves `renewTime` and `acquireTime`.
    #[must_use]
    pub fn was_held(&self) -> bool {
        self.renewed.is_some() || self.acquired.is_some() || self.transitions.is_some_and(|n| n > 0)
    }

    /// Reads what hactl left in the annotations; a fence without a readable annotation still names its id.
    pub(super) fn read_transfer(holder: Option<&str>, annotations: &BTreeMap<String, String>) -> Option<Transfer> {
        let id = holder?.strip_prefix(FENCE_PREFIX)?;
        let annotated =
            annotations.get(TRANSFER_ANNOTATION).and_then(|json| serde_json::from_str::<Transfer>(json).ok());
        // An annotation that an earlier transfer left says nothing about this one.
        let annotated = annotated.filter(|transfer| transfer.id == id);
        Some(annotated.unwrap_or_else(|| Transfer { id: id.to_owned(), from: None, to: None, started_at: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::tests::lease;
    use super::*;

    fn fence(duration: &str, annotation: &str) -> LeaseRecord {
        let annotations = serde_json::json!({ TRANSFER_ANNOTATION: annotation });
        lease(&format!(
            r#"{{"metadata":{{"namespace":"n","name":"l","annotations":{annotations}}},
                "spec":{{"holderIdentity":"hactl-transfer/x","renewTime":"2026-11-21T12:00:00Z"{duration}}}}}"#
        ))
    }

    #[test]
    fn a_fence_that_cannot_run_out_was_left_behind() {
        let now: Timestamp = "2026-11-21T12:00:05Z".parse().expect("a time");
        assert_eq!(fence(r#","leaseDurationSeconds":15"#, "").tenure(now), Tenure::Fenced { expired: false });
        assert_eq!(fence("", "").tenure(now), Tenure::Fenced { expired: true });
    }

    #[test]
    fn what_an_earlier_transfer_left_says_nothing_about_this_one() {
        let from = |annotation| fence("", annotation).transfer.expect("a fence").from;
        assert_eq!(from(r#"{"id":"x","from":"a"}"#).as_deref(), Some("a"));
        assert_eq!(from(r#"{"id":"y","from":"a"}"#), None);
        assert_eq!(from("{"), None);
    }

    #[test]
    fn a_lease_counts_up_to_the_instant_at_which_it_runs_out() {
        let lease = lease(
            r#"{"metadata":{"namespace":"n","name":"l"},
                "spec":{"holderIdentity":"a","leaseDurationSeconds":15,"renewTime":"2026-11-21T12:00:00Z"}}"#,
        );
        let held = |at: &str| matches!(lease.tenure(at.parse().expect("a time")), Tenure::Held { .. });
        assert!(held("2026-11-21T12:00:15Z") && !held("2026-11-21T12:00:15.001Z"));
    }
}
