//! One object by its name, as it is now: the read that a write is decided on.
//!
//! A GET that names no version is answered from etcd's own consensus and not from a cache
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>).

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::list::{collection, fetch};
use super::{Failure, Reader};
use crate::error::Result;
use crate::model::wire::{WireLease, WirePod};
use crate::model::{Key, Kind, LeaseRecord, Pod};

impl Reader {
    /// One Lease; `None` if there is none of that name.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub async fn lease(&self, key: &Key) -> Result<Option<LeaseRecord>> {
        Ok(get::<WireLease>(self, Kind::Leases, key).await?.map(Into::into))
    }

    /// One Pod; `None` if there is none of that name.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub async fn pod(&self, key: &Key) -> Result<Option<Pod>> {
        Ok(get::<WirePod>(self, Kind::Pods, key).await?.map(Into::into))
    }

    /// Whether there is a node of that name; yes where that may not be asked.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub async fn has_node(&self, name: &str) -> Result<bool> {
        let until = Instant::now() + self.timeout;
        let request = || collection(Kind::Nodes, None).get_metadata(name, &kube::api::GetParams::default());
        match fetch::<serde::de::IgnoredAny>(self, until, &request).await {
            Ok(_) | Err(Failure { status: Some(403), .. }) => Ok(true),
            Err(Failure { status: Some(404), .. }) => Ok(false),
            Err(failure) => Err(failure.error),
        }
    }
}

/// One object in the shape that is wanted of it.
pub(super) async fn get<T: DeserializeOwned>(reader: &Reader, kind: Kind, key: &Key) -> Result<Option<T>> {
    let until = Instant::now() + reader.timeout;
    let request = || collection(kind, Some(&key.namespace)).get(&key.name, &kube::api::GetParams::default());
    match fetch::<T>(reader, until, &request).await {
        Ok(object) => Ok(Some(object)),
        Err(Failure { status: Some(404), .. }) => Ok(None),
        Err(failure) => Err(failure.error),
    }
}
