//! How to reach a cluster: a kubeconfig's context or the Pod's own service account, impersonation, proxies.

use std::io::IsTerminal;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use kube::config::{Config, ExecInteractiveMode};

use super::kubeconfig;
use crate::error::{Error, Result};

/// How to reach one cluster, as the command line says it.
#[derive(Clone, Debug)]
pub struct Connection {
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`; the current one if `None`.
    pub context: Option<String>,
    /// `--as`.
    pub as_user: Option<String>,
    /// `--as-group`.
    pub as_groups: Vec<String>,
    /// `--as-uid`.
    pub as_uid: Option<String>,
    /// `--request-timeout`: the bound of every request, and of the login plugin.
    pub request_timeout: Duration,
}

/// Connecting has a bound of its own: kube's default of 30 s is longer than an on-call person waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection as kube takes it.
pub(super) struct Resolved {
    pub(super) config: Config,
    /// The context's name; `None` in a cluster.
    pub(super) context: Option<String>,
    /// The login plugin's command, for messages.
    pub(super) plugin: Option<String>,
}

impl Connection {
    /// Reads the kubeconfig files, or the Pod's own service account.
    pub(super) async fn resolve(&self) -> Result<Resolved> {
        let (mut config, context) = match kubeconfig::read(self.kubeconfig.as_deref())? {
            Some(kubeconfig) => {
                let context = self.context.clone().or_else(|| kubeconfig.current_context.clone());
                // `kubectl config unset current-context` leaves an empty one.
                let context = context.filter(|name| !name.is_empty());
                let (mut config, own_proxy) = kubeconfig::config(kubeconfig, context.as_ref()).await?;
                if !own_proxy {
                    config.proxy_url = proxy_from_environment(&config.cluster_url);
                }
                (config, context)
            }
            None => (self.in_cluster()?, None),
        };
        // 15 silent retries, each up to minutes apart, are not for an administrator's tool.
        config.default_retry = false;
        config.connect_timeout = Some(CONNECT_TIMEOUT.min(self.request_timeout));
        if self.as_user.is_some() {
            config.auth_info.impersonate.clone_from(&self.as_user);
            config.auth_info.impersonate_uid.clone_from(&self.as_uid);
            config.auth_info.impersonate_groups = (!self.as_groups.is_empty()).then(|| self.as_groups.clone());
        }
        if let Some(exec) = &mut config.auth_info.exec
            && !std::io::stdin().is_terminal()
            && exec.interactive_mode != Some(ExecInteractiveMode::Always)
        {
            // kube would hand it stdin and stderr all the same, and a plugin that hangs would keep a pipe open.
            exec.interactive_mode = Some(ExecInteractiveMode::Never);
        }
        let plugin = config.auth_info.exec.as_ref().and_then(|exec| exec.command.clone());
        Ok(Resolved { config, context, plugin })
    }

    fn in_cluster(&self) -> Result<Config> {
        if let Some(context) = &self.context {
            return Err(Error::usage(format!("there is no context {context:?}: no kubeconfig was found"))
                .hint("name one with --kubeconfig or KUBECONFIG"));
        }
        if std::env::var_os("KUBERNETES_SERVICE_HOST").is_none() {
            return Err(Error::unknown("no kubeconfig was found, and this is not a Pod of a cluster")
                .hint("name a file with --kubeconfig or KUBECONFIG, or make ~/.kube/config"));
        }
        Config::incluster().map_err(|error| {
            Error::unknown(format!("the Pod's own service account cannot be used: {error}"))
                .hint("does the Pod mount its token (automountServiceAccountToken)?")
        })
    }
}

/// The proxy that the environment names for this server (`HTTPS_PROXY`, `ALL_PROXY`, less `NO_PROXY`).
///
/// kube 5 matches `NO_PROXY` against the proxy's address instead of the server's (kube-client 5.0.0
/// `src/config/file_loader.rs`, `ConfigLoader::proxy_url`): a cluster that is exempt would be asked through the proxy.
/// Like kubectl (Go's `http.ProxyFromEnvironment`), a server on this machine is never asked through one.
fn proxy_from_environment(server: &http::Uri) -> Option<http::Uri> {
    let host = server.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
        return None;
    }
    let matcher = hyper_util::client::proxy::matcher::Matcher::from_env();
    matcher.intercept(server).map(|intercept| intercept.uri().clone())
}
