//! From the API server to a [`Snapshot`]: all lists at once, and what may not be read becomes "unread", not a failure.

use std::collections::BTreeMap;

use futures::future::join_all;
use tokio::time::Instant;

use super::list::{Query, fetch, list};
use super::{Failure, Reader};
use crate::error::Result;
use crate::model::lease::{APISERVER_IDENTITY_LABEL, NODE_LEASE_NAMESPACE};
use crate::model::snapshot::Object;
use crate::model::wire::{Shape, Wire, WireDeployment, WireLease, WireNode, WirePod, WireStatefulSet};
use crate::model::{Key, Kind, LeaseRecord, Snapshot};

/// What of a cluster is wanted.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// One namespace, or all of them.
    pub namespace: Option<String>,
    /// A label selector for Leases.
    pub selector: Option<String>,
    /// Whether heartbeats are wanted too.
    pub all_kinds: bool,
    /// The one Lease that is wanted, where it is known by name: it may be readable where a list is not.
    pub lease: Option<String>,
    /// Whether no other Lease is wanted: a right can be limited to one name, for lists and watches of just that name.
    pub exact: bool,
}

impl Scope {
    /// The query for one kind.
    ///
    /// Heartbeats are left out by the server, not after the fact: a cluster of 5 000 nodes has as many of them.
    pub(super) fn query(&self, kind: Kind) -> Query {
        let everything = Query { namespace: self.namespace.clone(), ..Query::default() };
        match kind {
            Kind::Leases => Query {
                labels: match &self.selector {
                    Some(selector) => Some(selector.clone()),
                    None => (!self.all_kinds).then(|| format!("!{APISERVER_IDENTITY_LABEL}")),
                },
                fields: match &self.lease {
                    Some(name) if self.exact => Some(format!("metadata.name={name}")),
                    _ if self.namespace.is_some() || self.all_kinds => None,
                    _ => Some(format!("metadata.namespace!={NODE_LEASE_NAMESPACE}")),
                },
                ..everything
            },
            Kind::Nodes => Query::default(),
            _ => everything,
        }
    }
}

/// Reads everything that the Elections in `scope` are told by.
///
/// # Errors
///
/// Where the Leases themselves cannot be read. Any other kind becomes [`Snapshot::unread`].
pub async fn gather(reader: &Reader, scope: &Scope) -> Result<Snapshot> {
    let one = |kind: Kind| scope.query(kind);
    let (leases, pods, nodes, deployments, sets) = tokio::join!(
        leases(reader, scope),
        objects::<WirePod>(reader, one(Kind::Pods)),
        objects::<WireNode>(reader, one(Kind::Nodes)),
        objects::<WireDeployment>(reader, one(Kind::Deployments)),
        objects::<WireStatefulSet>(reader, one(Kind::StatefulSets)),
    );
    let mut snapshot = Snapshot { context: reader.context.clone(), ..Snapshot::default() };
    for lease in leases.map_err(|failure| failure.error)? {
        snapshot.insert(lease);
    }
    for (kind, read) in
        [(Kind::Pods, pods), (Kind::Nodes, nodes), (Kind::Deployments, deployments), (Kind::StatefulSets, sets)]
    {
        match read {
            Ok(objects) => objects.into_iter().for_each(|object| snapshot.insert(object)),
            Err(failure) => drop(snapshot.unread.insert(kind, failure.short)),
        }
    }
    Ok(snapshot)
}

async fn objects<T: Wire>(reader: &Reader, query: Query) -> Result<Vec<Object>, Failure> {
    list(reader, &query, Shape::of::<T>()).await.map(|listed| listed.objects)
}

/// The Leases in scope; one that is known by name is read by name where the list is forbidden.
async fn leases(reader: &Reader, scope: &Scope) -> Result<Vec<Object>, Failure> {
    let query = scope.query(Kind::Leases);
    match (list(reader, &query, Shape::of::<WireLease>()).await, &scope.lease, &scope.namespace) {
        (Err(Failure { status: Some(403), .. }), Some(name), Some(_)) => get(reader, &query, name).await,
        (listed, ..) => listed.map(|listed| listed.objects),
    }
}

/// More Leases than this are read again by one list, not one by one.
const FEW: usize = 20;

/// Reads some Leases once more: a record that ran out may have been renewed between two reads. What is gone is `None`.
///
/// # Errors
///
/// Where one of them cannot be read.
pub async fn reread(reader: &Reader, scope: &Scope, leases: &[Key]) -> Result<Vec<(Key, Option<LeaseRecord>)>> {
    let answers: Vec<_> = if leases.len() > FEW {
        vec![objects::<WireLease>(reader, scope.query(Kind::Leases)).await]
    } else {
        join_all(leases.iter().map(|key| one(reader, key))).await
    };
    let mut found = BTreeMap::new();
    for answer in answers {
        for object in answer.map_err(|failure| failure.error)? {
            if let Object::Lease(lease) = object {
                found.insert(lease.key.clone(), lease);
            }
        }
    }
    Ok(leases.iter().map(|key| (key.clone(), found.remove(key))).collect())
}

/// One Lease by its name: as a list, which is the right that was needed before; where that is forbidden, by `get`.
async fn one(reader: &Reader, key: &Key) -> Result<Vec<Object>, Failure> {
    let query = Query::one(key);
    match objects::<WireLease>(reader, query.clone()).await {
        Err(Failure { status: Some(403), .. }) => match get(reader, &query, &key.name).await {
            Err(Failure { status: Some(404), .. }) => Ok(Vec::new()),
            answer => answer,
        },
        answer => answer,
    }
}

async fn get(reader: &Reader, query: &Query, name: &str) -> Result<Vec<Object>, Failure> {
    let until = Instant::now() + reader.timeout;
    fetch::<WireLease>(reader, until, &|| query.get(Kind::Leases, name)).await.map(|lease| vec![lease.into_object()])
}
