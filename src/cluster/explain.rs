//! From kube's errors to sentences: what happened, to which server, and what to do next.
//!
//! kube's own texts are not shown: a refused connection reads `ServiceError: client error (Connect)`, and the text of a
//! failed login plugin holds everything that it printed, tokens included.

pub(super) mod write;

use std::error::Error as StdError;
use std::time::Duration;

use kube::client::AuthError;
use kube::core::Status;

use super::Failure;
use super::kubeconfig;
use crate::error::Error;

/// A client that could not be built.
pub(super) fn connecting(error: &kube::Error, plugin: Option<&str>) -> Error {
    match error {
        kube::Error::Auth(auth) => login(auth, plugin),
        kube::Error::InferKubeconfig(error) => kubeconfig::unusable(error, &[]),
        kube::Error::ProxyProtocolUnsupported { .. } | kube::Error::ProxyProtocolDisabled { .. } => {
            Error::unknown("the proxy's protocol is not supported").hint("supported: http, https, socks5")
        }
        kube::Error::RustlsTls(_) => {
            Error::unknown("the kubeconfig's certificates or client key cannot be used for TLS")
                .hint("check it with: kubectl config view --minify")
        }
        other => Error::unknown(format!("the client for the API server could not be built: {}", innermost(other))),
    }
}

/// A login plugin that does not come to an end.
pub(super) fn plugin_hangs(plugin: Option<&str>, timeout: Duration) -> Error {
    let plugin = plugin.map_or_else(String::new, |plugin| format!(" {plugin:?}"));
    Error::unknown(format!("the login plugin{plugin} did not end within {timeout:?}"))
        .hint("run it by hand once, or give it longer with --request-timeout")
}

fn login(error: &AuthError, plugin: Option<&str>) -> Error {
    let plugin = plugin.map_or_else(|| "the login plugin".to_owned(), |plugin| format!("the login plugin {plugin:?}"));
    let by_hand = "run it by hand to see why; it stands in the kubeconfig under users[].user.exec";
    match error {
        AuthError::AuthExecStart(io) if io.kind() == std::io::ErrorKind::NotFound => {
            Error::unknown(format!("{plugin} was not found"))
                .hint("install it or put it on PATH; it stands in the kubeconfig under users[].user.exec")
        }
        AuthError::AuthExecStart(io) => {
            Error::unknown(format!("{plugin} could not be started: {}", io_words(io))).hint(by_hand)
        }
        AuthError::AuthExecRun { out, .. } => {
            let said = last_line(&out.stderr).map_or_else(String::new, |line| format!(": {line}"));
            Error::unknown(format!("{plugin} failed ({}){said}", out.status)).hint(by_hand)
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            Error::unknown(format!("{plugin} printed no credentials that could be read")).hint(by_hand)
        }
        AuthError::ReadTokenFile(io, path) => {
            Error::unknown(format!("the token file {} cannot be read: {}", path.display(), io_words(io)))
        }
        _ => Error::unknown("the credentials in the kubeconfig cannot be used")
            .hint("check it with: kubectl config view --minify"),
    }
}

/// The last line that a plugin wrote to stderr, cut to a length that fits a message.
fn last_line(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().filter(|c| !c.is_control()).take(200).collect())
}

/// A server that took the request and says nothing.
pub(super) fn silent(server: &str, timeout: Duration) -> Failure {
    Failure {
        status: None,
        short: "timed out".to_owned(),
        error: Error::unknown(format!("the API server {server} did not answer within {timeout:?}"))
            .hint("it accepts connections but is silent: try again, or wait longer with --request-timeout"),
        retry_after: None,
    }
}

/// A request that failed.
pub(super) fn request(error: &kube::Error, server: &str) -> Failure {
    if let Some(auth) = find::<AuthError>(error) {
        return unanswered("login failed", login(auth, None));
    }
    match error {
        kube::Error::Api(status) => answered(status, server),
        kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => unanswered(
            "no Kubernetes answer",
            Error::unknown(format!("{server} answered with something that is no Kubernetes object"))
                .hint("does the kubeconfig name an API server, or a proxy or login page in front of one?"),
        ),
        other => unanswered("unreachable", unreachable(other, server)),
    }
}

fn unanswered(short: &str, error: Error) -> Failure {
    Failure { status: None, short: short.to_owned(), error, retry_after: None }
}

fn answered(status: &Status, server: &str) -> Failure {
    let said = first_sentence(&status.message);
    let (short, error) = match status.code {
        401 => (
            "not logged in".to_owned(),
            Error::unknown(format!("the API server {server} does not accept these credentials"))
                .hint("log in again, or check with: kubectl auth whoami"),
        ),
        403 if said.contains("system:anonymous") => (
            "not logged in".to_owned(),
            Error::unknown(format!("the API server {server} was asked without credentials and refuses: {said}"))
                .hint("the kubeconfig's user, or its login plugin, gave none: log in again"),
        ),
        403 => (
            format!("forbidden: {}", forbidden_what(&said)),
            Error::unknown(format!("forbidden by the API server {server}: {said}")).hint(
                match said.contains("impersonate") {
                    true => "ask for the right to impersonate, or leave --as out",
                    false => "ask for the right, name another namespace with -n, or act as someone else with --as",
                },
            ),
        ),
        429 => (
            "the server is overloaded".to_owned(),
            Error::unknown(format!("the API server {server} is overloaded and refuses requests (429)"))
                .hint("try again in a moment"),
        ),
        code @ 500.. => (
            format!("the server answers {code}"),
            Error::unknown(format!("the API server {server} is not able to answer ({code}): {said}"))
                .hint("it is up but ill: look at /readyz?verbose and at etcd"),
        ),
        code => (format!("{code}: {said}"), Error::unknown(format!("the API server {server} answers {code}: {said}"))),
    };
    Failure { status: Some(status.code), short, error, retry_after: retry_after(status) }
}

/// How long an overloaded server asks to be left alone. It says so in a header too, which kube does not hand on; there
/// kube-apiserver always says one second (`k8s.io/apiserver/pkg/server/filters/maxinflight.go`, `tooManyRequests`).
fn retry_after(status: &Status) -> Option<Duration> {
    let seconds = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
    (status.code == 429).then(|| Duration::from_secs(u64::from(seconds).max(1)))
}

/// `pods is forbidden: User "x" cannot list …` says the verb and the resource behind the colon.
fn forbidden_what(said: &str) -> &str {
    said.split_once("forbidden: ").map_or(said, |(_, what)| what)
}

/// A message in one line; what a proxy answers may be a whole page.
fn first_sentence(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('<'));
    let text: String = line.unwrap_or("no reason given").chars().filter(|c| !c.is_control()).take(300).collect();
    text.trim_end_matches('.').to_owned()
}

fn unreachable(error: &kube::Error, server: &str) -> Error {
    let why = innermost(error);
    let unreachable = Error::unknown(format!("cannot reach the API server {server}: {why}"));
    if why.contains("certificate") || why.contains("UnknownIssuer") {
        return unreachable.hint("the kubeconfig's certificate-authority does not fit this server");
    }
    unreachable.hint("is the cluster up, and is the address right? kubectl config view --minify")
}

/// The first cause of this type in an error's chain. A plugin that has to be run again fails deep in kube's layers.
fn find<T: StdError + 'static>(error: &kube::Error) -> Option<&T> {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The cause at the end of an error's chain, in words.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    let mut io = None;
    while let Some(next) = cause.source() {
        cause = next;
        io = cause.downcast_ref::<std::io::Error>().or(io);
    }
    match io {
        Some(io) if io.kind() == std::io::ErrorKind::TimedOut => {
            "nothing answers there, the connection timed out".to_owned()
        }
        Some(io) if io.raw_os_error().is_some() => io_words(io),
        _ => first_sentence(&cause.to_string()),
    }
}

/// An I/O error without its number.
pub(super) fn io_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
