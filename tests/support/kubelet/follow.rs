//! Sees every Pod that is bound to a Node: list, then watch, again and again.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, pin_mut};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{ListParams, WatchEvent, WatchParams};

use super::Shared;

const BOUND: &str = "spec.nodeName!=";
/// Until the next attempt when the API server does not answer.
const PAUSE: Duration = Duration::from_millis(500);

/// Goes on until it is aborted.
pub(super) async fn follow(shared: Arc<Shared>) {
    loop {
        // Whatever ends a watch (its time, 410, a dead server), a new list is right.
        if follow_once(&shared).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn follow_once(shared: &Arc<Shared>) -> kube::Result<()> {
    let api: Api<Pod> = Api::all(shared.client.clone());
    let list = api.list(&ListParams::default().fields(BOUND)).await?;
    let version = list.metadata.resource_version.unwrap_or_default();
    shared.see_all(list.items);

    let events = api.watch(&WatchParams::default().fields(BOUND), &version).await?;
    pin_mut!(events);
    while let Some(event) = events.next().await {
        match event? {
            WatchEvent::Added(pod) | WatchEvent::Modified(pod) => shared.see(pod),
            WatchEvent::Deleted(pod) => shared.lose(pod.metadata.uid.as_deref().unwrap_or_default()),
            WatchEvent::Bookmark(_) => {}
            WatchEvent::Error(status) => return Err(kube::Error::Api(status)),
        }
    }
    Ok(())
}
