//! THE API SERVER: the only room with a `kube::Client`.
//!
//! [`Reader`] is all that commands which only look are given: it has no method that writes; [`Rehearsal`] and [`Writer`]
//! have. Every request ends within
//! the request timeout, kube's own silent retries are off (an administrator asks exactly when the API server is ill),
//! and no discovery request is ever made: the types are known.

mod act;
mod ask;
mod budget;
mod config;
mod events;
mod explain;
mod follow;
mod gather;
mod kubeconfig;
mod lease_candidates;
mod list;
mod object;
mod review;
mod server_clock;
mod settle;
mod survey;
mod transport;
mod whoami;

use std::time::Duration;

use jiff::Timestamp;

use crate::clock;
use crate::error::{Error, Result};
use crate::model::health::Now;

pub use act::{Consent, Pen, Refused, Rehearsal, Unwritten, Writer};
pub use budget::budgets;
pub use config::Connection;
pub use events::{events, follow_events};
pub use follow::{Change, follow, follow_one};
pub use gather::{Scope, gather, reread};
pub use lease_candidates::lease_candidates;
pub use review::{answers, missing};
pub use server_clock::ServerClock;
pub use survey::{Part, Resource, Survey};

/// Reads one cluster, and cannot do anything else.
#[derive(Clone)]
pub struct Reader {
    client: kube::Client,
    clock: ServerClock,
    /// The context's name; `None` in a cluster.
    pub context: Option<String>,
    /// The namespace that applies where none is asked for.
    pub namespace: String,
    /// The API server's address, for messages.
    pub server: String,
    proxy: Option<String>,
    /// The bound of every request.
    pub timeout: Duration,
}

impl Reader {
    /// Connects as `connection` says. Runs login plugins, which may take their time: bounded by the request timeout.
    ///
    /// # Errors
    ///
    /// A broken kubeconfig, an unknown context, a login plugin that is missing, fails or does not end.
    pub async fn connect(connection: &Connection) -> Result<Self> {
        let resolved = connection.resolve().await?;
        let (config, timeout) = (resolved.config, connection.request_timeout);
        let server = without_userinfo(&config.cluster_url);
        let proxy = config.proxy_url.as_ref().map(without_userinfo);
        let (namespace, context) = (config.default_namespace.clone(), resolved.context);
        let plugin = resolved.plugin;
        let clock = ServerClock::default();
        let observer = clock.clone();
        // kube runs login plugins while it builds the client, and blocks: on a thread of its own the bound holds.
        let build = move || transport::client(config, observer);
        let built = tokio::time::timeout(timeout, tokio::task::spawn_blocking(build)).await;
        let client = match built {
            Ok(Ok(client)) => client.map_err(|error| explain::connecting(&error, plugin.as_deref()))?,
            Ok(Err(_)) => return Err(Error::unknown("the client for the API server could not be built")),
            Err(_) => return Err(explain::plugin_hangs(plugin.as_deref(), timeout)),
        };
        Ok(Self { client, clock, context, namespace, server, proxy, timeout })
    }

    /// The API server's "now", as far as its answers have told.
    #[must_use]
    pub fn now(&self) -> Now {
        self.now_at(clock::local_now())
    }

    /// An instant of the local clock by the API server's, as far as its answers have told by now.
    #[must_use]
    pub fn now_at(&self, local: Timestamp) -> Now {
        self.clock.now(local)
    }

    /// The server in words, for messages.
    fn name(&self) -> String {
        let context = self.context.as_ref().map_or_else(String::new, |context| format!(" (context {context})"));
        let proxy = self.proxy.as_ref().map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        format!("{}{context}{proxy}", self.server)
    }

    /// Runs one request inside the request timeout and puts a failure into words.
    async fn within<T>(&self, request: impl Future<Output = kube::Result<T>>) -> std::result::Result<T, Failure> {
        match tokio::time::timeout(self.timeout, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(explain::request(&error, &self.name())),
            Err(_) => Err(explain::silent(&self.name(), self.timeout)),
        }
    }
}

/// An address as it may be shown: a password may stand before the host.
fn without_userinfo(address: &http::Uri) -> String {
    let host = address.authority().map_or("", |authority| authority.as_str());
    let host = host.rsplit('@').next().unwrap_or(host);
    let path = address.path().trim_end_matches('/');
    format!("{}://{host}{path}", address.scheme_str().unwrap_or("https"))
}

/// A failed request: what the API server said, if it said anything, and the words for the user.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// A short form, for a part of an answer that could not be had.
    pub short: String,
    /// The failure in full.
    pub error: Error,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
}
