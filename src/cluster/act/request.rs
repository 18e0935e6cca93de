//! One write, one request: what is sent, and what its answer means.

use http::Request;
use k8s_openapi::api::events::v1::Event;
use kube::Resource;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use kube::core::Status;
use kube::core::request::Error as RequestError;
use serde::Deserialize;

use super::super::explain::write::{Subject, silent, unwritten};
use super::super::list::collection;
use super::{Unwritten, body};
use crate::cluster::Reader;
use crate::model::event::EventDraft;
use crate::model::wire::WireLease;
use crate::model::{Key, Kind, LeasePatch, LeaseRecord};

/// The name under which hactl writes: it stands in the `managedFields` of what it wrote.
const FIELD_MANAGER: &str = "hactl";

/// Any object, or a Status.
#[derive(Deserialize)]
struct Answer {
    kind: String,
}

/// Sends writes, in earnest or rehearsed.
pub(super) struct Sender {
    pub(super) reader: Reader,
    pub(super) rehearsed: bool,
}

impl Sender {
    pub(super) async fn patch(&self, lease: &Key, patch: &LeasePatch) -> Result<LeaseRecord, Unwritten> {
        let subject = Subject::patched(lease);
        let params = PatchParams {
            dry_run: self.rehearsed,
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let leases = collection(Kind::Leases, Some(&lease.namespace));
        let request = leases.patch(&lease.name, &params, &Patch::Merge(body::patch(patch)));
        let text = self.send(request, &subject).await?;
        serde_json::from_str::<WireLease>(&text).map(Into::into).map_err(|error| self.unwritten(error, &subject))
    }

    pub(super) async fn evict(&self, pod: &Key, uid: &str) -> Result<(), Unwritten> {
        let body = body::eviction(pod, uid, self.rehearsed).to_string().into_bytes();
        let pods = collection(Kind::Pods, Some(&pod.namespace));
        let request = pods.create_subresource("eviction", &pod.name, &self.post_params(), body);
        self.send_for_status(request, &Subject::evicted(pod)).await
    }

    pub(super) async fn delete(&self, pod: &Key, uid: &str) -> Result<(), Unwritten> {
        let params = DeleteParams {
            dry_run: self.rehearsed,
            preconditions: Some(Preconditions { uid: Some(uid.to_owned()), resource_version: None }),
            ..DeleteParams::default()
        };
        let request = collection(Kind::Pods, Some(&pod.namespace)).delete(&pod.name, &params);
        self.send_for_status(request, &Subject::deleted(pod)).await
    }

    pub(super) async fn record(&self, event: &EventDraft) -> Result<(), Unwritten> {
        let about = &event.regarding.key;
        let body = body::event(event, self.reader.now().at, &host()).to_string().into_bytes();
        let events = kube::core::Request::new(Event::url_path(&(), Some(&about.namespace)));
        self.send_for_status(events.create(&self.post_params(), body), &Subject::recorded(about)).await
    }

    fn post_params(&self) -> PostParams {
        PostParams { dry_run: self.rehearsed, field_manager: Some(FIELD_MANAGER.to_owned()) }
    }

    /// Sends a write whose answer is the object as it is now, or a Status. That Status may say no though the answer's own
    /// code says yes: so a server answers the eviction of a Pod with two budgets.
    async fn send_for_status(
        &self,
        request: Result<Request<Vec<u8>>, RequestError>,
        subject: &Subject<'_>,
    ) -> Result<(), Unwritten> {
        let text = self.send(request, subject).await?;
        let unread = |error| self.unwritten(error, subject);
        let Answer { kind } = serde_json::from_str(&text).map_err(unread)?;
        if kind != "Status" {
            return Ok(());
        }
        let status: Status = serde_json::from_str(&text).map_err(unread)?;
        if status.is_success() {
            return Ok(());
        }
        Err(unwritten(&kube::Error::Api(status.boxed()), &self.reader, subject))
    }

    /// Sends one request, once: a write that may have been done is not for a library to repeat.
    async fn send(
        &self,
        request: Result<Request<Vec<u8>>, RequestError>,
        subject: &Subject<'_>,
    ) -> Result<String, Unwritten> {
        let reader = &self.reader;
        let answer = async {
            let request = request.map_err(kube::Error::BuildRequest)?;
            reader.client.request_text(request).await
        };
        match tokio::time::timeout(reader.timeout, answer).await {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(unwritten(&error, reader, subject)),
            Err(_) => Err(silent(reader, subject)),
        }
    }

    fn unwritten(&self, error: serde_json::Error, subject: &Subject<'_>) -> Unwritten {
        unwritten(&kube::Error::SerdeError(error), &self.reader, subject)
    }
}

/// The name of this host: which instance of hactl it was. The API server takes 128 bytes.
fn host() -> String {
    let known = std::env::var("HOSTNAME").or_else(|_| std::fs::read_to_string("/proc/sys/kernel/hostname"));
    let name: String = known.unwrap_or_default().trim().chars().filter(char::is_ascii_graphic).take(128).collect();
    if name.is_empty() { "hactl".to_owned() } else { name }
}
