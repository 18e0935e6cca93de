//! LeaseCandidates on the wire: alike in `v1beta1` and `v1alpha2`.

use jiff::Timestamp;
use serde::Deserialize;

use super::{Meta, any_time, null_is_default};
use crate::model::lease_candidate::{LeaseCandidate, Version};

/// A LeaseCandidate on the wire.
#[derive(Clone, Debug, Deserialize)]
pub struct WireLeaseCandidate {
    metadata: Meta,
    #[serde(default, deserialize_with = "null_is_default")]
    spec: Spec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Spec {
    lease_name: String,
    #[serde(deserialize_with = "any_time")]
    renew_time: Option<Timestamp>,
    #[serde(deserialize_with = "any_time")]
    ping_time: Option<Timestamp>,
    binary_version: String,
    emulation_version: String,
    strategy: String,
}

impl From<WireLeaseCandidate> for LeaseCandidate {
    fn from(WireLeaseCandidate { metadata, spec }: WireLeaseCandidate) -> Self {
        Self {
            name: metadata.name,
            lease: spec.lease_name,
            created: metadata.creation_timestamp,
            renewed: spec.renew_time,
            pinged: spec.ping_time,
            versions: Version::parse(&spec.emulation_version).zip(Version::parse(&spec.binary_version)),
            strategy: spec.strategy,
        }
    }
}
