//! How to reach a cluster: kubeconfig files, contexts, in-cluster, impersonation, proxies.
//!
//! The order is kubectl's: `--kubeconfig`, else every file that `KUBECONFIG` names and that exists, else
//! `~/.kube/config`, else the Pod's own service account. Errors never quote a kubeconfig: its lines hold credentials.

use std::path::PathBuf;
use std::time::Duration;

use kube::config::{Config, KubeConfigOptions, Kubeconfig, KubeconfigError};

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
        let (mut config, context) = match self.read_kubeconfig()? {
            Some(kubeconfig) => {
                let context = self.context.clone().or_else(|| kubeconfig.current_context.clone());
                let contexts: Vec<_> = kubeconfig.contexts.iter().map(|named| named.name.clone()).collect();
                let proxy = explicit_proxy(&kubeconfig, context.as_deref());
                let options = KubeConfigOptions { context: context.clone(), ..KubeConfigOptions::default() };
                let mut config = Config::from_custom_kubeconfig(kubeconfig, &options)
                    .await
                    .map_err(|error| unusable(&error, &contexts))?;
                if !proxy {
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
        let plugin = config.auth_info.exec.as_ref().and_then(|exec| exec.command.clone());
        Ok(Resolved { config, context, plugin })
    }

    /// The merged kubeconfig; `None` where there is no file at all.
    fn read_kubeconfig(&self) -> Result<Option<Kubeconfig>> {
        let named = |path: &PathBuf| {
            Kubeconfig::read_from(path).map_err(|error| unreadable(&error, &path.display().to_string()))
        };
        if let Some(path) = &self.kubeconfig {
            return named(path).map(Some);
        }
        // kubectl passes over files that KUBECONFIG names and that are not there.
        let files = match std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()) {
            Some(paths) => std::env::split_paths(&paths).filter(|path| path.exists()).collect(),
            None => std::env::home_dir().map(|home| home.join(".kube/config")).into_iter().collect::<Vec<_>>(),
        };
        let mut merged: Option<Kubeconfig> = None;
        for path in files.iter().filter(|path| path.exists()) {
            let next = named(path)?;
            merged = Some(match merged {
                Some(before) => before.merge(next).map_err(|error| unreadable(&error, &path.display().to_string()))?,
                None => next,
            });
        }
        Ok(merged)
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

/// Whether the context's cluster names its proxy itself.
fn explicit_proxy(kubeconfig: &Kubeconfig, context: Option<&str>) -> bool {
    let context = kubeconfig.contexts.iter().find(|named| Some(named.name.as_str()) == context);
    let cluster = context.and_then(|named| named.context.as_ref()).map(|context| context.cluster.as_str());
    let cluster = kubeconfig.clusters.iter().find(|named| Some(named.name.as_str()) == cluster);
    let proxy = cluster.and_then(|named| named.cluster.as_ref()?.proxy_url.as_deref());
    proxy.is_some_and(|proxy| !proxy.is_empty())
}

/// The proxy that the environment names for this server (`HTTPS_PROXY`, `ALL_PROXY`, less `NO_PROXY`).
///
/// kube 5 matches `NO_PROXY` against the proxy's address instead of the server's (kube-client 5.0.0
/// `src/config/file_loader.rs`, `ConfigLoader::proxy_url`): a cluster that is exempt would be asked through the proxy.
fn proxy_from_environment(server: &http::Uri) -> Option<http::Uri> {
    let matcher = hyper_util::client::proxy::matcher::Matcher::from_env();
    matcher.intercept(server).map(|intercept| intercept.uri().clone())
}

fn unreadable(error: &KubeconfigError, path: &str) -> Error {
    let broken = |why: String| Error::unknown(format!("the kubeconfig {path} cannot be used: {why}"));
    match error {
        KubeconfigError::ReadConfig(io, path) => {
            Error::unknown(format!("the kubeconfig {} cannot be read: {}", path.display(), io_words(io)))
                .hint("check --kubeconfig and KUBECONFIG")
        }
        // The parser's own message quotes the line, which may hold a token.
        KubeconfigError::Parse(yaml) => {
            let place =
                yaml.location().map_or_else(String::new, |at| format!(" (line {}, column {})", at.line(), at.column()));
            broken(format!("it is no valid kubeconfig YAML{place}")).hint("check it with: kubectl config view")
        }
        KubeconfigError::KindMismatch | KubeconfigError::ApiVersionMismatch => {
            broken("its kind or apiVersion differs from that of the files before it".to_owned())
        }
        other => broken(plain(other)),
    }
}

fn unusable(error: &KubeconfigError, contexts: &[String]) -> Error {
    let known = match contexts {
        [] => "the kubeconfig has no contexts".to_owned(),
        names => format!("contexts: {}", names.join(", ")),
    };
    match error {
        KubeconfigError::CurrentContextNotSet => {
            Error::usage("the kubeconfig has no current context").hint(format!("choose one with --context; {known}"))
        }
        KubeconfigError::LoadContext(name) => Error::usage(format!("there is no context {name:?}")).hint(known),
        KubeconfigError::LoadClusterOfContext(name) => {
            Error::unknown(format!("the kubeconfig has no cluster {name:?}, which the context names"))
                .hint("check it with: kubectl config view")
        }
        other => Error::unknown(format!("the kubeconfig cannot be used: {}", plain(other)))
            .hint("check it with: kubectl config view"),
    }
}

/// What is wrong in words that quote nothing out of the file but paths.
fn plain(error: &KubeconfigError) -> String {
    use kube::config::LoadDataError;
    let data = |what: &str, error: &LoadDataError| match error {
        LoadDataError::ReadFile(io, path) => format!("{what} {}: {}", path.display(), io_words(io)),
        LoadDataError::DecodeBase64(_) => format!("{what} is no valid base64"),
        LoadDataError::NoBase64DataOrFile => format!("{what} is missing"),
    };
    match error {
        KubeconfigError::MissingClusterUrl => "the cluster has no server".to_owned(),
        KubeconfigError::ParseClusterUrl(_) => "the cluster's server is no valid URL".to_owned(),
        KubeconfigError::ParseProxyUrl(_) => "the proxy's address is no valid URL".to_owned(),
        KubeconfigError::LoadCertificateAuthority(error) => data("the certificate authority", error),
        KubeconfigError::LoadClientCertificate(error) => data("the client certificate", error),
        KubeconfigError::LoadClientKey(error) => data("the client key", error),
        KubeconfigError::ParseCertificates(_) => "a certificate in it is no valid PEM".to_owned(),
        _ => "a part of it is not understood".to_owned(),
    }
}

/// An I/O error without its number.
pub(super) fn io_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
