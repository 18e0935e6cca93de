//! Lists, page by page, decoded into only the fields that are needed.

use http::Request;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::Resource;
use kube::api::{ListParams, WatchParams};
use kube::core::request::Error as RequestError;
use tokio::time::Instant;

use super::{Failure, Reader, explain};
use crate::model::Kind;
use crate::model::snapshot::Object;
use crate::model::wire::{Page, Wire};

/// Objects on a page: what kubectl asks for. Bounds the memory of a list of any length.
const PAGE: u32 = 500;

/// How often an overloaded server is asked again, as it wishes.
const OVERLOADED_TRIES: u32 = 3;

/// Which objects of a kind are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    /// One namespace, or all of them.
    pub(super) namespace: Option<String>,
    /// A label selector.
    pub(super) labels: Option<String>,
    /// A field selector.
    pub(super) fields: Option<String>,
}

/// A whole list and the version that it was read at.
pub(super) struct Listed {
    pub(super) objects: Vec<Object>,
    pub(super) version: String,
}

impl Query {
    fn request<T: Wire>(&self) -> kube::core::Request {
        let namespace = self.namespace.as_deref();
        kube::core::Request::new(match T::KIND {
            Kind::Leases => Lease::url_path(&(), namespace),
            Kind::Pods => Pod::url_path(&(), namespace),
            Kind::Nodes => Node::url_path(&(), None),
            Kind::Deployments => Deployment::url_path(&(), namespace),
            Kind::StatefulSets => StatefulSet::url_path(&(), namespace),
        })
    }

    fn page<T: Wire>(&self, next: &str) -> Result<Request<Vec<u8>>, RequestError> {
        let params = ListParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            limit: Some(PAGE),
            continue_token: (!next.is_empty()).then(|| next.to_owned()),
            ..ListParams::default()
        };
        // Of a Node only its labels are needed, and a Node is a large object.
        if T::KIND == Kind::Nodes {
            self.request::<T>().list_metadata(&params)
        } else {
            self.request::<T>().list(&params)
        }
    }

    /// The request that watches from `version` on.
    pub(super) fn watch<T: Wire>(&self, version: &str) -> Result<Request<Vec<u8>>, RequestError> {
        let params = WatchParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            ..WatchParams::default()
        };
        let request = self.request::<T>();
        if T::KIND == Kind::Nodes { request.watch_metadata(&params, version) } else { request.watch(&params, version) }
    }

    /// The request for one object.
    pub(super) fn get<T: Wire>(&self, name: &str) -> Result<Request<Vec<u8>>, RequestError> {
        self.request::<T>().get(name, &kube::api::GetParams::default())
    }
}

/// Reads a whole list.
///
/// All its pages together are one request to the user: the request timeout bounds them together.
pub(super) async fn list<T: Wire>(reader: &Reader, query: &Query) -> Result<Listed, Failure> {
    let until = Instant::now() + reader.timeout;
    let listed = tokio::time::timeout_at(until, pages::<T>(reader, query, until)).await;
    listed.unwrap_or_else(|_| Err(explain::silent(&reader.name(), reader.timeout)))
}

/// Reads page after page. A list that takes longer than the server keeps its pages (410) is begun once more.
async fn pages<T: Wire>(reader: &Reader, query: &Query, until: Instant) -> Result<Listed, Failure> {
    let mut listed = Listed { objects: Vec::new(), version: String::new() };
    let (mut next, mut begun_again) = (String::new(), false);
    loop {
        let page: Page<T> = match fetch(reader, until, || query.page::<T>(&next)).await {
            Ok(page) => page,
            Err(failure) if failure.status == Some(410) && !begun_again => {
                begun_again = true;
                next.clear();
                listed.objects.clear();
                continue;
            }
            Err(failure) => return Err(failure),
        };
        listed.objects.extend(page.items.into_iter().map(Wire::into_object));
        listed.version = page.metadata.resource_version;
        next = page.metadata.next;
        if next.is_empty() {
            return Ok(listed);
        }
    }
}

/// Sends one request; where the server is overloaded and says when to come back, comes back then, if that is before
/// `until`.
pub(super) async fn fetch<T: serde::de::DeserializeOwned>(
    reader: &Reader,
    until: Instant,
    request: impl Fn() -> Result<Request<Vec<u8>>, RequestError>,
) -> Result<T, Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let answer = async {
            let request = request().map_err(kube::Error::BuildRequest)?;
            reader.client.request::<T>(request).await
        };
        match reader.within(answer).await {
            Err(Failure { status: Some(429), retry_after: Some(wait), .. })
                if tries < OVERLOADED_TRIES && Instant::now() + wait < until =>
            {
                tokio::time::sleep(wait).await;
            }
            answer => return answer,
        }
    }
}
