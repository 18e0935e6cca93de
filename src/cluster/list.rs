//! Lists, page by page, decoded into only the fields that are needed.

use std::pin::Pin;

use http::Request;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Event, Node, Pod};
use kube::Resource;
use kube::api::{ListParams, WatchParams};
use kube::core::request::Error as RequestError;
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::time::Instant;

use super::{Failure, Reader, explain};
use crate::model::snapshot::Object;
use crate::model::wire::{Page, Wire};
use crate::model::{Key, Kind};

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

/// Requests for the objects of a kind.
pub(super) fn collection(kind: Kind, namespace: Option<&str>) -> kube::core::Request {
    kube::core::Request::new(match kind {
        Kind::Leases => Lease::url_path(&(), namespace),
        Kind::Pods => Pod::url_path(&(), namespace),
        Kind::Nodes => Node::url_path(&(), None),
        Kind::Deployments => Deployment::url_path(&(), namespace),
        Kind::StatefulSets => StatefulSet::url_path(&(), namespace),
        Kind::Events => Event::url_path(&(), namespace),
    })
}

impl Query {
    /// One object by its name, as a list: of it, or of nothing.
    pub(super) fn one(key: &Key) -> Self {
        let fields = Some(format!("metadata.name={}", key.name));
        Self { namespace: Some(key.namespace.clone()), fields, ..Self::default() }
    }

    /// The Events about one Lease, whichever Lease of that name it was.
    pub(super) fn about(lease: &Key) -> Self {
        let fields = Some(format!("involvedObject.kind=Lease,involvedObject.name={}", lease.name));
        Self { namespace: Some(lease.namespace.clone()), fields, ..Self::default() }
    }

    fn request<T: Wire>(&self) -> kube::core::Request {
        collection(T::KIND, self.namespace.as_deref())
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

/// Reads page after page, and asks for each before it decodes the one before: the server works meanwhile. A list that
/// takes longer than the server keeps its pages (410) is begun once more.
async fn pages<T: Wire>(reader: &Reader, query: &Query, until: Instant) -> Result<Listed, Failure> {
    let ask = |next: String| fetch_text(reader, until, move || query.page::<T>(&next));
    let mut listed = Listed { objects: Vec::new(), version: String::new() };
    let mut answer = ask(String::new()).await;
    let mut begun_again = false;
    loop {
        let text = match answer {
            Ok(text) => text,
            Err(failure) if failure.status == Some(410) && !begun_again => {
                begun_again = true;
                listed.objects.clear();
                answer = ask(String::new()).await;
                continue;
            }
            Err(failure) => return Err(failure),
        };
        // Asked for ahead where the token can be told without decoding the whole page.
        let token = next_token(&text);
        let ahead = token.is_some();
        let mut following = std::pin::pin!(ask(token.unwrap_or_default()));
        let early = if ahead { sent(following.as_mut()).await } else { None };
        let page: Page<T> = decode(reader, &text)?;
        drop(text);
        listed.objects.extend(page.items.into_iter().map(Wire::into_object));
        listed.version = page.metadata.resource_version;
        if page.metadata.next.is_empty() {
            return Ok(listed);
        }
        if !ahead {
            answer = ask(page.metadata.next).await;
            continue;
        }
        answer = match early {
            Some(answer) => answer,
            None => following.await,
        };
    }
}

/// The token for the next page, read off the beginning of this one: a list's metadata stand before its items. `None`
/// on the last page, and where the server writes them in another order.
fn next_token(text: &str) -> Option<String> {
    let items = text.find("\"items\":")?;
    let head: Page<IgnoredAny> = serde_json::from_str(&format!("{}\"items\":[]}}", &text[..items])).ok()?;
    Some(head.metadata.next).filter(|next| !next.is_empty())
}

/// Lets a request go out; its answer, should it be there already.
async fn sent<T>(request: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    // From the client's queue to the connection to the socket: each is a task of its own.
    let hops = async {
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        answer = request => Some(answer),
        () = hops => None,
    }
}

/// Sends one request and decodes its answer; see [`fetch_text`].
pub(super) async fn fetch<T: DeserializeOwned>(
    reader: &Reader,
    until: Instant,
    request: impl Fn() -> Result<Request<Vec<u8>>, RequestError>,
) -> Result<T, Failure> {
    decode(reader, &fetch_text(reader, until, request).await?)
}

/// Sends one request; where the server is overloaded and says when to come back, comes back then, if that is before
/// `until`.
async fn fetch_text(
    reader: &Reader,
    until: Instant,
    request: impl Fn() -> Result<Request<Vec<u8>>, RequestError>,
) -> Result<String, Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let answer = async {
            let request = request().map_err(kube::Error::BuildRequest)?;
            reader.client.request_text(request).await
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

fn decode<T: DeserializeOwned>(reader: &Reader, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| explain::request(&kube::Error::SerdeError(error), &reader.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_pages_token_is_read_off_the_beginning_of_a_page() {
        let page = r#"{"kind":"LeaseList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"abc"},"items":[{"a":1}]}"#;
        assert_eq!(next_token(page).as_deref(), Some("abc"));
        assert_eq!(next_token(&page.replace(r#","continue":"abc""#, "")), None);
        // In another order the page has to be decoded first.
        assert_eq!(next_token(r#"{"items":[],"metadata":{"continue":"abc"}}"#), None);
        assert_eq!(next_token("no JSON"), None);
    }
}
