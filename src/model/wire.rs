//! Objects as the API spells them, decoded into only the fields that hactl needs.
//!
//! `serde` skips everything else while it reads, so a list of ten thousand objects costs the memory of what is kept.
//! Conversions into the model's own types stand beside each shape.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::lease::{
    ANNOTATION_PREFIX, APISERVER_IDENTITY_LABEL, FieldOwner, LeaseRecord, NODE_LEASE_NAMESPACE, SpecFields,
};
use super::snapshot::{Node, Object};
use super::workload::{Workload, WorkloadKind, WorkloadSpec};
use super::{Key, Kind};

mod event;
mod lease_candidate;
mod pod;
mod tree;

pub use event::WireEvent;
pub use lease_candidate::WireLeaseCandidate;
pub use pod::WirePod;
use pod::{ContainerSpec, PodSpec};
pub use tree::WireTree;

/// One page of a list.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub struct Page<T> {
    /// The list's own metadata.
    #[serde(default)]
    pub metadata: PageMeta,
    /// The objects. Go writes an empty list as `null` here and there.
    #[serde(default, deserialize_with = "null_is_default")]
    pub items: Vec<T>,
}

/// Where a page stands in its list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PageMeta {
    /// The token for the next page; empty on the last one.
    #[serde(rename = "continue")]
    pub next: String,
    /// The version of the list: where a watch goes on from.
    pub resource_version: String,
}

/// An object that can be read from the API server: its decoded shape, and what becomes of it.
pub trait Wire: DeserializeOwned {
    /// What it is.
    const KIND: Kind;
    /// The version of this state of the object.
    fn resource_version(&self) -> &str;
    /// The object in the model's own types.
    fn into_object(self) -> Object;
}

/// How objects of one kind are read. What lists and follows them need not be built once for each kind.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The kind.
    pub kind: Kind,
    /// Reads one object and its version.
    pub object: fn(&str) -> serde_json::Result<(Object, String)>,
    /// Reads a page of a list.
    pub page: fn(&str) -> serde_json::Result<Page<Object>>,
}

impl Shape {
    /// The shape of a kind.
    #[must_use]
    pub fn of<T: Wire>() -> Self {
        Self {
            kind: T::KIND,
            object: |text| {
                let object: T = serde_json::from_str(text)?;
                let version = object.resource_version().to_owned();
                Ok((object.into_object(), version))
            },
            page: |text| {
                let page: Page<T> = serde_json::from_str(text)?;
                Ok(Page { metadata: page.metadata, items: page.items.into_iter().map(T::into_object).collect() })
            },
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Meta {
    namespace: String,
    name: String,
    uid: String,
    resource_version: String,
    #[serde(deserialize_with = "null_is_default")]
    labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    annotations: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_is_default")]
    owner_references: Vec<OwnerReference>,
    creation_timestamp: Option<Timestamp>,
    deletion_timestamp: Option<Timestamp>,
    deletion_grace_period_seconds: Option<i64>,
    #[serde(deserialize_with = "null_is_default")]
    managed_fields: Vec<ManagedFields>,
}

impl Meta {
    fn key(&self) -> Key {
        Key::new(&self.namespace, &self.name)
    }
}

#[derive(Clone, Debug, Deserialize)]
struct OwnerReference {
    kind: String,
    name: String,
    #[serde(default)]
    controller: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ManagedFields {
    manager: String,
    operation: String,
    time: Option<Timestamp>,
    #[serde(rename = "fieldsV1")]
    fields: Fields,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "f:spec")]
    spec: LeaseSpecFields,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct LeaseSpecFields {
    #[serde(rename = "f:holderIdentity")]
    holder: Option<IgnoredAny>,
    #[serde(rename = "f:leaseDurationSeconds")]
    duration: Option<IgnoredAny>,
    #[serde(rename = "f:acquireTime")]
    acquired: Option<IgnoredAny>,
    #[serde(rename = "f:renewTime")]
    renewed: Option<IgnoredAny>,
    #[serde(rename = "f:leaseTransitions")]
    transitions: Option<IgnoredAny>,
}

impl From<ManagedFields> for FieldOwner {
    fn from(entry: ManagedFields) -> Self {
        let spec = entry.fields.spec;
        Self {
            manager: entry.manager,
            applied: entry.operation == "Apply",
            time: entry.time,
            fields: SpecFields {
                holder: spec.holder.is_some(),
                duration: spec.duration.is_some(),
                acquired: spec.acquired.is_some(),
                renewed: spec.renewed.is_some(),
                transitions: spec.transitions.is_some(),
            },
        }
    }
}

/// A Lease on the wire.
#[derive(Clone, Debug, Deserialize)]
pub struct WireLease {
    metadata: Meta,
    #[serde(default, deserialize_with = "null_is_default")]
    spec: LeaseSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LeaseSpec {
    holder_identity: Option<String>,
    lease_duration_seconds: Option<i64>,
    #[serde(deserialize_with = "any_time")]
    acquire_time: Option<Timestamp>,
    #[serde(deserialize_with = "any_time")]
    renew_time: Option<Timestamp>,
    lease_transitions: Option<i64>,
    strategy: Option<String>,
    preferred_holder: Option<String>,
}

impl From<WireLease> for LeaseRecord {
    fn from(WireLease { metadata, spec }: WireLease) -> Self {
        let key = metadata.key();
        let heartbeat = key.namespace == NODE_LEASE_NAMESPACE || metadata.labels.contains_key(APISERVER_IDENTITY_LABEL);
        Self {
            transfer: LeaseRecord::read_transfer(spec.holder_identity.as_deref(), &metadata.annotations),
            heartbeat,
            key,
            uid: metadata.uid,
            version: metadata.resource_version,
            annotations: own(metadata.annotations),
            created: metadata.creation_timestamp,
            holder: spec.holder_identity,
            duration: spec.lease_duration_seconds.map(SignedDuration::from_secs),
            acquired: spec.acquire_time,
            renewed: spec.renew_time,
            transitions: spec.lease_transitions,
            strategy: spec.strategy,
            preferred_holder: spec.preferred_holder,
            owners: metadata.managed_fields.into_iter().map(FieldOwner::from).collect(),
            owned_by: metadata.owner_references.into_iter().map(|owner| (owner.kind, owner.name)).collect(),
        }
    }
}

/// hactl's own annotations: others can be large, and anything can stand in them.
fn own(mut annotations: BTreeMap<String, String>) -> BTreeMap<String, String> {
    annotations.retain(|name, _| name.starts_with(ANNOTATION_PREFIX));
    annotations
}

impl Wire for WireLease {
    const KIND: Kind = Kind::Leases;
    fn resource_version(&self) -> &str {
        &self.metadata.resource_version
    }
    fn into_object(self) -> Object {
        Object::Lease(self.into())
    }
}

/// A Node's metadata: all that is asked for of a Node.
#[derive(Clone, Debug, Deserialize)]
pub struct WireNode {
    metadata: Meta,
}

impl Wire for WireNode {
    const KIND: Kind = Kind::Nodes;
    fn resource_version(&self) -> &str {
        &self.metadata.resource_version
    }
    fn into_object(mut self) -> Object {
        Object::Node(Node {
            name: self.metadata.name,
            zone: self.metadata.labels.remove("topology.kubernetes.io/zone").map(Into::into),
            hostname: self.metadata.labels.remove("kubernetes.io/hostname"),
        })
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Scaled {
    metadata: Meta,
    #[serde(default)]
    spec: ScaledSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ScaledSpec {
    replicas: Option<i64>,
    template: Template,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Template {
    spec: PodSpec,
}

impl Scaled {
    fn into_workload(self, kind: WorkloadKind) -> Object {
        Object::Workload(WorkloadSpec {
            namespace: self.metadata.namespace,
            workload: Workload::new(kind, self.metadata.name),
            replicas: self.spec.replicas.unwrap_or(1),
            settings: self.spec.template.spec.containers.iter().flat_map(ContainerSpec::settings).collect(),
        })
    }
}

/// A Deployment on the wire.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct WireDeployment(Scaled);

/// A StatefulSet on the wire.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct WireStatefulSet(Scaled);

impl Wire for WireDeployment {
    const KIND: Kind = Kind::Deployments;
    fn resource_version(&self) -> &str {
        &self.0.metadata.resource_version
    }
    fn into_object(self) -> Object {
        self.0.into_workload(WorkloadKind::Deployment)
    }
}

impl Wire for WireStatefulSet {
    const KIND: Kind = Kind::StatefulSets;
    fn resource_version(&self) -> &str {
        &self.0.metadata.resource_version
    }
    fn into_object(self) -> Object {
        self.0.into_workload(WorkloadKind::StatefulSet)
    }
}

/// Reads a time that somebody wrote into a Lease. The API server accepts the very end of the year 9999, which lies
/// beyond jiff's: one such Lease must not make a whole list unreadable.
fn any_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.parse().ok().or_else(|| text.starts_with("9999-12-3").then_some(Timestamp::MAX))))
}

/// Reads `null` as the type's default: Go writes an empty list or map either way.
fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
pub(crate) mod tests;
