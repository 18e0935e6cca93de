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
use crate::model::wire::{Page, Shape};
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
pub(super) struct Listed<T> {
    pub(super) objects: Vec<T>,
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

    fn request(&self, kind: Kind) -> kube::core::Request {
        collection(kind, self.namespace.as_deref())
    }

    fn page(&self, kind: Kind, next: &str) -> Result<Request<Vec<u8>>, RequestError> {
        let params = ListParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            ..first_or_next(next)
        };
        // Of a Node only its labels are needed, and a Node is a large object.
        if kind == Kind::Nodes { self.request(kind).list_metadata(&params) } else { self.request(kind).list(&params) }
    }

    /// The request that watches from `version` on.
    pub(super) fn watch(&self, kind: Kind, version: &str) -> Result<Request<Vec<u8>>, RequestError> {
        let params = WatchParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            ..WatchParams::default()
        };
        let request = self.request(kind);
        if kind == Kind::Nodes { request.watch_metadata(&params, version) } else { request.watch(&params, version) }
    }

    /// The request for one object.
    pub(super) fn get(&self, kind: Kind, name: &str) -> Result<Request<Vec<u8>>, RequestError> {
        self.request(kind).get(name, &kube::api::GetParams::default())
    }
}

/// Reads a whole list.
pub(super) async fn list(reader: &Reader, query: &Query, shape: Shape) -> Result<Listed<Object>, Failure> {
    listed(reader, &|next| query.page(shape.kind, next), shape.page).await
}

/// What asks for the page of a token.
pub(super) type Pages<'a> = dyn Fn(&str) -> Result<Request<Vec<u8>>, RequestError> + 'a;

/// Reads a whole list: `page` asks for the page of a token, `read` decodes it.
///
/// All its pages together are one request to the user: the request timeout bounds them together.
pub(super) async fn listed<T>(
    reader: &Reader,
    page: &Pages<'_>,
    read: fn(&str) -> serde_json::Result<Page<T>>,
) -> Result<Listed<T>, Failure> {
    let until = Instant::now() + reader.timeout;
    let listed = tokio::time::timeout_at(until, pages(reader, page, read, until)).await;
    listed.unwrap_or_else(|_| Err(explain::silent(&reader.name(), reader.timeout)))
}

/// Which page of a list is asked for: that of a token, the first one's being empty.
pub(super) fn first_or_next(next: &str) -> ListParams {
    let next = (!next.is_empty()).then(|| next.to_owned());
    ListParams { limit: Some(PAGE), continue_token: next, ..ListParams::default() }
}

/// Reads page after page, and asks for each before it decodes the one before: the server works meanwhile. A list that
/// takes longer than the server keeps its pages (410) is begun once more.
async fn pages<T>(
    reader: &Reader,
    page: &Pages<'_>,
    read: fn(&str) -> serde_json::Result<Page<T>>,
    until: Instant,
) -> Result<Listed<T>, Failure> {
    let ask = async |next: String| fetch_text(reader, until, &|| page(&next)).await;
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
        let Page { metadata: meta, items } = read(&text).map_err(|error| undecoded(reader, error))?;
        drop(text);
        listed.objects.extend(items);
        listed.version = meta.resource_version;
        if meta.next.is_empty() {
            return Ok(listed);
        }
        if !ahead {
            answer = ask(meta.next).await;
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
    request: &dyn Fn() -> Result<Request<Vec<u8>>, RequestError>,
) -> Result<T, Failure> {
    let text = fetch_text(reader, until, request).await?;
    serde_json::from_str(&text).map_err(|error| undecoded(reader, error))
}

/// Sends one request; where the server is overloaded and says when to come back, comes back then, if that is before
/// `until`.
async fn fetch_text(
    reader: &Reader,
    until: Instant,
    request: &dyn Fn() -> Result<Request<Vec<u8>>, RequestError>,
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

fn undecoded(reader: &Reader, error: serde_json::Error) -> Failure {
    explain::request(&kube::Error::SerdeError(error), &reader.name())
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
