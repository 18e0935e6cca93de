//! What checks need of a cluster: one list for each kind, all of a wave at once.
//!
//! Whole objects become trees, as those of manifests do; Leases, Pods and Nodes, of which there can be many, become what a
//! [`Snapshot`] keeps of them. What may not be read is told with the right that is missing, and an API that the cluster does
//! not have has no objects.

mod resource;

use futures::stream::{self, StreamExt};

use super::gather::Scope;
use super::list::{list, listed};
use super::{Failure, Reader};
use crate::error::{Error, Result};
use crate::model::object::{Object, Origin};
use crate::model::snapshot;
use crate::model::unread::Unread;
use crate::model::wire::{Page, Shape, Wire, WireDeployment, WireLease, WireNode, WirePod, WireStatefulSet, WireTree};
use crate::model::{Kind, Snapshot};

pub use resource::Resource;

/// So many lists are on their way at once: all of one namespace, and not all of many.
const AT_ONCE: usize = 24;

/// What was read of a cluster, and what could not be.
#[derive(Debug, Default)]
pub struct Survey {
    /// Whole objects.
    pub objects: Vec<Object>,
    /// What Elections are told by.
    pub snapshot: Snapshot,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// One list: a kind, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    resource: &'static Resource,
    namespace: Option<String>,
}

/// What a list came to.
#[derive(Default)]
struct Read {
    objects: Vec<Object>,
    facts: Vec<snapshot::Object>,
}

impl Part {
    /// The lists of these kinds in a namespace, or in all of them. Those that a survey does not know are left out.
    #[must_use]
    pub fn all(kinds: &[&str], namespace: Option<&str>) -> Vec<Self> {
        let known = kinds.iter().filter_map(|kind| Resource::of(kind));
        let part = |resource: &'static Resource| Self {
            resource,
            namespace: namespace.filter(|_| !resource.of_the_cluster).map(str::to_owned),
        };
        known.map(part).collect()
    }

    async fn read(&self, reader: &Reader) -> Result<Read, Failure> {
        match self.resource.kind {
            "Lease" => self.facts::<WireLease>(reader, Kind::Leases).await,
            "Pod" => self.facts::<WirePod>(reader, Kind::Pods).await,
            "Node" => self.facts::<WireNode>(reader, Kind::Nodes).await,
            "Deployment" => self.trees(reader, both::<WireDeployment>).await,
            "StatefulSet" => self.trees(reader, both::<WireStatefulSet>).await,
            _ => self.trees(reader, trees).await,
        }
    }

    async fn facts<T: Wire>(&self, reader: &Reader, kind: Kind) -> Result<Read, Failure> {
        let scope = Scope { namespace: self.namespace.clone(), ..Scope::default() };
        let listed = list(reader, &scope.query(kind), Shape::of::<T>()).await?;
        Ok(Read { facts: listed.objects, ..Read::default() })
    }

    async fn trees(&self, reader: &Reader, read: fn(&str) -> serde_json::Result<Page<Item>>) -> Result<Read, Failure> {
        let Self { resource, namespace } = self;
        let page = |next: &str| resource.page(namespace.as_deref(), next);
        let version = resource.api_version();
        let mut all = Read::default();
        for (WireTree(root), fact) in listed(reader, &page, read).await?.objects {
            all.objects.push(Object::named(root, Origin::Live, &version, resource.kind));
            all.facts.extend(fact);
        }
        Ok(all)
    }
}

/// An object as a tree, and what a Snapshot keeps of it, if anything.
type Item = (WireTree, Option<snapshot::Object>);

fn trees(text: &str) -> serde_json::Result<Page<Item>> {
    let Page { metadata, items } = serde_json::from_str::<Page<WireTree>>(text)?;
    Ok(Page { metadata, items: items.into_iter().map(|tree| (tree, None)).collect() })
}

fn both<T: Wire>(text: &str) -> serde_json::Result<Page<Item>> {
    let Page { metadata, items } = serde_json::from_str::<Page<WireTree>>(text)?;
    let facts = serde_json::from_str::<Page<T>>(text)?.items.into_iter().map(|item| Some(item.into_object()));
    Ok(Page { metadata, items: items.into_iter().zip(facts).collect() })
}

impl Survey {
    /// Reads these lists of a cluster, all at once.
    ///
    /// # Errors
    ///
    /// Where not a single one could be read: then it is the server, or whoever asks, and no part of it.
    pub async fn read(reader: &Reader, parts: &[Part]) -> Result<Self> {
        let mut survey =
            Self { snapshot: Snapshot { context: reader.context.clone(), ..Snapshot::default() }, ..Self::default() };
        let (read, mut failed) = survey.add(reader, parts).await;
        if read > 0 || failed.is_empty() { Ok(survey) } else { Err(failed.swap_remove(0)) }
    }

    /// Reads more, all at once, and adds what that holds. What failed is told, too.
    pub async fn more(&mut self, reader: &Reader, parts: &[Part]) -> Vec<Error> {
        self.add(reader, parts).await.1
    }

    /// How many lists there were, and what failed of the others.
    async fn add(&mut self, reader: &Reader, parts: &[Part]) -> (usize, Vec<Error>) {
        let answers: Vec<_> =
            stream::iter(parts.iter().map(|part| part.read(reader))).buffered(AT_ONCE).collect().await;
        let (mut count, mut failed) = (0, Vec::new());
        for (part, answer) in parts.iter().zip(answers) {
            match answer {
                Ok(read) => {
                    count += 1;
                    self.objects.extend(read.objects);
                    read.facts.into_iter().for_each(|fact| self.snapshot.insert(fact));
                }
                // A cluster without that API.
                Err(Failure { status: Some(404), .. }) if !part.resource.is_everywhere() => {}
                Err(failure) => {
                    self.miss(part, &failure);
                    failed.push(failure.error);
                }
            }
        }
        (count, failed)
    }

    fn miss(&mut self, part: &Part, failure: &Failure) {
        let Part { resource, namespace } = part;
        let kind = match resource.kind {
            "Lease" => Some(Kind::Leases),
            "Pod" => Some(Kind::Pods),
            "Node" => Some(Kind::Nodes),
            "Deployment" => Some(Kind::Deployments),
            "StatefulSet" => Some(Kind::StatefulSets),
            _ => None,
        };
        if let Some(kind) = kind {
            self.snapshot.unread.insert(kind, failure.short.clone());
        }
        self.unread.push(Unread {
            kind: resource.kind,
            right: resource.right(namespace.as_deref()),
            why: failure.short.clone(),
            forbidden: failure.status == Some(403),
        });
    }
}
