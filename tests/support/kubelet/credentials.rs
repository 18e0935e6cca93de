//! What a Pod identifies itself with: a kubeconfig with a token of its ServiceAccount, bound to the Pod.

use std::path::PathBuf;

use k8s_openapi::api::authentication::v1::BoundObjectReference;
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use kube::{Api, Client};

use super::pod::RunningPod;
use crate::support::testbed::{Access, mint_token, write_kubeconfig};

/// Writes the kubeconfig and returns its path; `None` for a Pod that wants no token, or that has no ServiceAccount
/// (which admission prevents, where there is a controller-manager).
pub(super) async fn write(
    client: &Client,
    access: &Access,
    running: &RunningPod,
    pod: &Pod,
) -> kube::Result<Option<PathBuf>> {
    let spec = pod.spec.as_ref().expect("a Pod has a spec");
    let Some(name) = spec.service_account_name.as_deref().filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), &running.namespace);
    let account = accounts.get(name).await?;
    if spec.automount_service_account_token.or(account.automount_service_account_token) == Some(false) {
        return Ok(None);
    }
    let this_pod = BoundObjectReference {
        api_version: Some("v1".into()),
        kind: Some("Pod".into()),
        name: Some(running.name.clone()),
        uid: Some(running.uid.clone()),
    };
    let token = mint_token(&accounts, name, Some(this_pod)).await?;
    let path = running.folder.join("kubeconfig");
    let server = format!("https://{}", running.proxy.address());
    write_kubeconfig(&path, access, &server, &token, &running.namespace);
    Ok(Some(path))
}
