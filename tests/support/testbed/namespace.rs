//! A namespace of a test's own, and kubeconfigs that point into it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use k8s_openapi::api::core::v1::{Namespace as KubeNamespace, ServiceAccount};
use kube::Api;
use kube::api::PostParams;

use super::{Testbed, mint_token, write_kubeconfig};
use crate::support::scratch;
use crate::support::wait::{block_on, runtime};

/// A namespace that no other test uses. When this is dropped it is deleted, without waiting for that; if the test has
/// failed, with a word on what was in it.
pub(crate) struct Namespace<'t> {
    testbed: &'t Testbed,
    name: String,
}

impl<'t> Namespace<'t> {
    pub(super) fn create(testbed: &'t Testbed, prefix: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut namespace = KubeNamespace::default();
        namespace.metadata.name = Some(name.clone());
        block_on(async {
            Api::all(testbed.client())
                .create(&PostParams::default(), &namespace)
                .await
                .unwrap_or_else(|error| panic!("creating namespace {name}: {error}"));
            // Pods are refused before this one exists, and its controller needs a moment.
            let mut account = ServiceAccount::default();
            account.metadata.name = Some("default".into());
            let created = Api::namespaced(testbed.client(), &name).create(&PostParams::default(), &account).await;
            match created {
                Ok(_) => {}
                Err(kube::Error::Api(status)) if status.is_already_exists() => {}
                Err(error) => panic!("creating ServiceAccount default in {name}: {error}"),
            }
        });
        Self { testbed, name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn testbed(&self) -> &'t Testbed {
        self.testbed
    }

    /// A client for one kind of object in this namespace, as the administrator.
    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.testbed.client(), &self.name)
    }

    /// The administrator's kubeconfig with this namespace as the default.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig_with(&self.testbed.access().token)
    }

    /// A kubeconfig of one of its ServiceAccounts, with a token that the server has issued.
    pub(crate) fn kubeconfig_as(&self, service_account: &str) -> PathBuf {
        let token = block_on(mint_token(&self.api(), service_account, None));
        self.kubeconfig_with(
            &token.unwrap_or_else(|error| panic!("a token of {}/{service_account}: {error}", self.name)),
        )
    }

    /// The administrator's kubeconfig, by way of a proxy before the server.
    pub(crate) fn kubeconfig_through(&self, proxy: SocketAddr) -> PathBuf {
        self.write_kubeconfig(&format!("https://{proxy}"), &self.testbed.access().token)
    }

    fn kubeconfig_with(&self, token: &str) -> PathBuf {
        self.write_kubeconfig(&self.testbed.access().server, token)
    }

    fn write_kubeconfig(&self, server: &str, token: &str) -> PathBuf {
        let path = scratch::path("kubeconfig");
        write_kubeconfig(&path, self.testbed.access(), server, token, &self.name);
        path
    }
}

impl Drop for Namespace<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "the harness shows it below the failed test, and only then")]
            {
                eprintln!("{}", self.describe());
            }
        }
        let api: Api<KubeNamespace> = Api::all(self.testbed.client());
        let name = self.name.clone();
        runtime().spawn(async move { api.delete(&name, &Default::default()).await });
    }
}
