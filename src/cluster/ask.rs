//! Asking a Pod itself, through the API server: for those that say whether they lead.

use std::time::Duration;

use super::Reader;
use crate::model::Key;

/// A Pod that does not answer within this is one that was not asked.
const PATIENCE: Duration = Duration::from_secs(1);

impl Reader {
    /// Whether a Pod says that it leads: the truth value in this field of the JSON at this path. `None` for any other
    /// answer, and for none: whoever cannot be asked has said nothing.
    pub async fn leads(&self, pod: &Key, port: u16, path: &str, field: &str) -> Option<bool> {
        let path = format!("/api/v1/namespaces/{}/pods/{}:{port}/proxy/{path}", pod.namespace, pod.name);
        let request = http::Request::get(path).body(Vec::new()).ok()?;
        let asking = self.client.request::<serde_json::Value>(request);
        let answer = tokio::time::timeout(PATIENCE.min(self.timeout), asking).await.ok()?.ok()?;
        answer.get(field)?.as_bool()
    }
}
