//! Kubeconfigs for whoever a test wants to be, and the tokens in them.

use std::fs;
use std::path::Path;

use k8s_openapi::api::authentication::v1::{BoundObjectReference, TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use kube::api::PostParams;
use serde_json::json;

use super::Access;

/// Longer than any run, so that nothing has to be refreshed.
const TOKEN_SECONDS: i64 = 24 * 60 * 60;

/// Has the API server issue a token of a ServiceAccount, bound to an object or to nothing.
pub(crate) async fn mint_token(
    accounts: &Api<ServiceAccount>,
    name: &str,
    bound_object_ref: Option<BoundObjectReference>,
) -> kube::Result<String> {
    let request = TokenRequest {
        spec: TokenRequestSpec {
            expiration_seconds: Some(TOKEN_SECONDS),
            bound_object_ref,
            ..TokenRequestSpec::default()
        },
        ..TokenRequest::default()
    };
    let answer = accounts.create_token_request(name, &PostParams::default(), &request).await?;
    Ok(answer.status.expect("an answered TokenRequest has a status").token)
}

/// Writes a kubeconfig for whoever the token belongs to; `server` may be a proxy before the real one.
pub(crate) fn write_kubeconfig(path: &Path, access: &Access, server: &str, token: &str, namespace: &str) {
    // JSON is YAML.
    let kubeconfig = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "testbed", "cluster": {"server": server, "certificate-authority": access.ca_file}}],
        "users": [{"name": "user", "user": {"token": token}}],
        "contexts": [{"name": "testbed", "context": {"cluster": "testbed", "user": "user", "namespace": namespace}}],
        "current-context": "testbed",
    });
    fs::write(path, kubeconfig.to_string()).unwrap_or_else(|error| panic!("writing {}: {error}", path.display()));
}
