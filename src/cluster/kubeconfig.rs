//! Kubeconfig files: which ones, and what is wrong with them.
//!
//! The order is kubectl's: `--kubeconfig`, else every file that `KUBECONFIG` names and that exists, else
//! `~/.kube/config`. Errors never quote a kubeconfig: its lines hold credentials.

use std::path::{Path, PathBuf};

use kube::config::{AuthInfo, Cluster, Config, KubeConfigOptions, Kubeconfig, KubeconfigError, LoadDataError};
use secrecy::{ExposeSecret, SecretString};

use super::explain::io_words;
use crate::error::{Error, Result};

/// The merged kubeconfig; `None` where there is no file at all.
pub(super) fn read(named: Option<&Path>) -> Result<Option<Kubeconfig>> {
    let read = |path: &Path| Kubeconfig::read_from(path).map_err(|error| unreadable(&error, path));
    if let Some(path) = named {
        return read(path).map(Some);
    }
    // kubectl passes over files that KUBECONFIG names and that are not there.
    let files: Vec<PathBuf> = match std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()) {
        Some(paths) => std::env::split_paths(&paths).collect(),
        None => std::env::home_dir().map(|home| home.join(".kube/config")).into_iter().collect(),
    };
    let mut merged: Option<Kubeconfig> = None;
    for path in files.iter().filter(|path| path.exists()) {
        let next = read(path)?;
        merged = Some(match merged {
            Some(before) => before.merge(next).map_err(|error| unreadable(&error, path))?,
            None => next,
        });
    }
    Ok(merged)
}

/// What a context says, and whether its cluster names its proxy itself.
pub(super) async fn config(mut kubeconfig: Kubeconfig, context: Option<&String>) -> Result<(Config, bool)> {
    let contexts: Vec<_> = kubeconfig.contexts.iter().map(|named| named.name.clone()).collect();
    for named in &mut kubeconfig.auth_infos {
        named.auth_info.as_mut().map_or(Ok(()), check_token)?;
    }
    let mut own_proxy = false;
    let chosen = kubeconfig.contexts.iter().find(|named| Some(&named.name) == context);
    let chosen = chosen.and_then(|named| named.context.as_ref());
    let cluster = chosen.map(|context| context.cluster.clone());
    let user = chosen.and_then(|context| context.user.clone()).filter(|user| !user.is_empty());
    if let Some(user) = user.filter(|user| kubeconfig.auth_infos.iter().all(|named| named.name != *user)) {
        // kube would go on as nobody.
        return Err(Error::unknown(format!("the kubeconfig has no user {user:?}, which the context names"))
            .hint("check it with: kubectl config view"));
    }
    for named in kubeconfig.clusters.iter_mut().filter(|named| Some(&named.name) == cluster.as_ref()) {
        if let Some(cluster) = &mut named.cluster {
            add_scheme(cluster);
            own_proxy = cluster.proxy_url.as_ref().is_some_and(|proxy| !proxy.is_empty());
        }
    }
    // kube falls back to the current context, which may be an empty name.
    kubeconfig.current_context = context.cloned();
    let options = KubeConfigOptions { context: context.cloned(), ..KubeConfigOptions::default() };
    let config =
        Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| unusable(&error, &contexts))?;
    if config.cluster_url.host().is_none_or(str::is_empty) {
        return Err(unusable(&KubeconfigError::MissingClusterUrl, &contexts));
    }
    Ok((config, own_proxy))
}

/// A server without a scheme is spoken to over TLS if the cluster says anything about TLS, as client-go has it
/// (`rest/url_utils.go`, `DefaultServerUrlFor`); kube would panic.
fn add_scheme(cluster: &mut Cluster) {
    let tls = cluster.certificate_authority.is_some()
        || cluster.certificate_authority_data.is_some()
        || cluster.insecure_skip_tls_verify == Some(true);
    if let Some(server) = cluster.server.as_mut().filter(|server| !server.is_empty() && !server.contains("://")) {
        server.insert_str(0, if tls { "https://" } else { "http://" });
    }
}

/// A block scalar ends with a newline, which no header may hold; kube would panic on it.
fn check_token(user: &mut AuthInfo) -> Result<()> {
    let Some(token) = &user.token else { return Ok(()) };
    let token = token.expose_secret().trim().to_owned();
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::unknown("the token in the kubeconfig holds characters that no token has")
            .hint("check users[].user.token: is a line break or a blank in it?"));
    }
    user.token = Some(SecretString::from(token));
    Ok(())
}

/// A file that cannot be used.
fn unreadable(error: &KubeconfigError, path: &Path) -> Error {
    let broken = |why: String| Error::unknown(format!("the kubeconfig {} cannot be used: {why}", path.display()));
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

/// A context that cannot be used, and those that there are.
pub(super) fn unusable(error: &KubeconfigError, contexts: &[String]) -> Error {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a kubeconfig with this cluster and user says in its context `here`, which is not the current one.
    async fn read(cluster: &str, user: &str, context: &str) -> Result<(Config, bool)> {
        let yaml = format!(
            "{{current-context: '', contexts: [{{name: here, context: {{cluster: c, {context}}}}}, {{name: there, context: {{cluster: d}}}}],
               clusters: [{{name: c, cluster: {{{cluster}}}}}, {{name: d, cluster: {{server: 'http://d', proxy-url: 'http://p'}}}}],
               users: [{{name: u, user: {{{user}}}}}]}}"
        );
        config(Kubeconfig::from_yaml(&yaml).expect("a kubeconfig"), Some(&"here".to_owned())).await
    }

    async fn url(cluster: &str) -> String {
        read(cluster, "", "").await.map_or_else(|error| error.message, |(config, _)| config.cluster_url.to_string())
    }

    #[tokio::test]
    async fn a_server_without_a_scheme_is_spoken_to_over_tls_if_that_is_configured() {
        assert_eq!(url("server: 'a:1'").await, "http://a:1/");
        assert_eq!(url("server: 'https://a:1'").await, "https://a:1/");
        assert_eq!(url("server: 'a:1', insecure-skip-tls-verify: false").await, "http://a:1/");
        for tls in ["insecure-skip-tls-verify: true", "certificate-authority-data: ''"] {
            assert_eq!(url(&format!("server: 'a:1', {tls}")).await, "https://a:1/", "{tls}");
        }
        for nothing in ["", "server: ':8080'"] {
            assert_eq!(url(nothing).await, "the kubeconfig cannot be used: the cluster has no server", "{nothing}");
        }
    }

    #[tokio::test]
    async fn only_the_contexts_own_cluster_names_its_proxy() {
        let own = async |cluster: &str| read(cluster, "", "").await.map(|(_, own)| own).map_err(|error| error.message);
        assert_eq!(own("server: 'http://a'").await, Ok(false));
        assert_eq!(own("server: 'http://a', proxy-url: 'http://p'").await, Ok(true));
    }

    #[tokio::test]
    async fn a_token_ends_before_its_newline_and_has_no_blanks() {
        let token = async |token: &str| match read("server: 'http://a'", &format!("token: {token}"), "user: u").await {
            Ok((config, _)) => config.auth_info.token.map(|token| token.expose_secret().to_owned()).unwrap_or_default(),
            Err(error) => error.message,
        };
        assert_eq!(token(r#""canary\n""#).await, "canary");
        for broken in [r#""can ary""#, r#""can\nary""#, r#""canäry""#] {
            assert_eq!(
                token(broken).await,
                "the token in the kubeconfig holds characters that no token has",
                "{broken}"
            );
        }
    }

    #[tokio::test]
    async fn a_user_that_is_named_has_to_be_there() {
        let read =
            async |user: &str| read("server: 'http://a'", "", user).await.map(drop).map_err(|error| error.message);
        assert_eq!((read("user: u").await, read("user: ''").await), (Ok(()), Ok(())));
        let why = r#"the kubeconfig has no user "gone", which the context names"#;
        assert_eq!(read("user: gone").await, Err(why.to_owned()));
    }

    #[tokio::test]
    async fn an_empty_current_context_is_none() {
        let unset = Kubeconfig::from_yaml("{current-context: ''}").expect("a kubeconfig");
        let error = config(unset, None).await.map(drop).expect_err("no context");
        assert_eq!(error.message, "the kubeconfig has no current context");
    }

    #[test]
    fn a_context_that_is_not_there_is_answered_with_those_that_are() {
        let hint = |contexts: &[&str]| {
            let contexts: Vec<_> = contexts.iter().map(|name| (*name).to_owned()).collect();
            unusable(&KubeconfigError::LoadContext("x".to_owned()), &contexts).hint
        };
        assert_eq!(hint(&["a", "b"]).as_deref(), Some("contexts: a, b"));
        assert_eq!(hint(&[]).as_deref(), Some("the kubeconfig has no contexts"));
    }
}
