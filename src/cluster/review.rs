//! Which rights are missing: the API server is asked for each.
//!
//! A review stores nothing and everyone may ask about oneself (`system:basic-user`): it is a read, sent as a POST.

use futures::future::try_join_all;
use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use kube::Resource;
use kube::api::PostParams;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::Reader;
use super::list::fetch;
use crate::error::Result;
use crate::model::Right;

#[derive(Deserialize)]
struct Review {
    status: Verdict,
}

#[derive(Deserialize)]
struct Verdict {
    /// No wherever it is not yes: also where an authorizer could not make up its mind.
    #[serde(default)]
    allowed: bool,
}

/// The rights that are missing, in the order of `rights`.
///
/// # Errors
///
/// Where one of the reviews fails: a right that could not be asked about is no right.
pub async fn missing(reader: &Reader, rights: &[Right]) -> Result<Vec<Right>> {
    let allowed = try_join_all(rights.iter().map(|right| allowed(reader, right))).await?;
    Ok(rights.iter().zip(allowed).filter(|(_, allowed)| !allowed).map(|(right, _)| right.clone()).collect())
}

async fn allowed(reader: &Reader, right: &Right) -> Result<bool> {
    let Right { verb, group, resource, subresource, namespace, name } = right;
    let body = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {
            "verb": verb, "group": group, "resource": resource, "subresource": subresource,
            "namespace": namespace, "name": name,
        }},
    });
    let body = body.to_string().into_bytes();
    let reviews = kube::core::Request::new(SelfSubjectAccessReview::url_path(&(), None));
    let until = Instant::now() + reader.timeout;
    let review: Review = fetch(reader, until, &|| reviews.create(&PostParams::default(), body.clone()))
        .await
        .map_err(|failure| failure.error)?;
    Ok(review.status.allowed)
}
