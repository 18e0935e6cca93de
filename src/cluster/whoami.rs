//! Who hactl is to the API server.

use kube::api::PostParams;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::Reader;
use super::list::fetch;
use crate::error::Result;

#[derive(Deserialize)]
struct Review {
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    user_info: User,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

impl Reader {
    /// The name under which the API server knows the caller: a review stores nothing, and everyone may ask about oneself
    /// since Kubernetes 1.28 (`system:basic-user`).
    ///
    /// # Errors
    ///
    /// Where it does not say.
    pub async fn whoami(&self) -> Result<String> {
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let body = body.to_string().into_bytes();
        let reviews = kube::core::Request::new("/apis/authentication.k8s.io/v1/selfsubjectreviews");
        let until = Instant::now() + self.timeout;
        let review: Review = fetch(self, until, &|| reviews.create(&PostParams::default(), body.clone()))
            .await
            .map_err(|failure| failure.error)?;
        Ok(review.status.user_info.username)
    }
}
