//! The HTTP client: the layers that kube's own client has, on a connection that sends what is written at once.
//!
//! kube 5 leaves Nagle's algorithm on. The first request on a connection then waits until the server acknowledges the
//! end of the TLS handshake, which Linux puts off for 40 ms: longer than everything else that a look takes.

use futures::future::{BoxFuture, FutureExt};
use http::Response;
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ClientBuilder, ConfigExt};
use kube::{Client, Config};
use tower::util::MapFutureLayer;
use tower::{BoxError, ServiceBuilder};

use super::ServerClock;
use crate::clock;

/// Builds the client. Runs a login plugin, if there is one, and waits for it. Each answer tells `clock` the time.
pub(super) fn client(config: Config, clock: ServerClock) -> kube::Result<Client> {
    if config.proxy_url.is_some() {
        // Which kube connects to by itself; a proxy is far enough away for 40 ms not to count.
        let observe = MapFutureLayer::new(move |answer| observe(&clock, answer));
        return Ok(ClientBuilder::try_from(config)?.with_layer(&observe).build());
    }
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    let auth = config.auth_layer()?;
    let mut connector = TimeoutConnector::new(config.rustls_https_connector_with_connector(connector)?);
    connector.set_connect_timeout(config.connect_timeout);
    let service = ServiceBuilder::new()
        .layer(MapFutureLayer::new(move |answer| observe(&clock, answer)))
        .layer(config.base_uri_layer())
        .option_layer(auth)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(HttpClient::builder(TokioExecutor::new()).build::<_, Body>(connector));
    Ok(Client::new(service, config.default_namespace))
}

/// Lets the server's clock be read off an answer.
fn observe<B: 'static>(
    clock: &ServerClock,
    answer: impl Future<Output = Result<Response<B>, BoxError>> + Send + 'static,
) -> BoxFuture<'static, Result<Response<B>, BoxError>> {
    let (clock, sent) = (clock.clone(), clock::local_now());
    let read = move |answer: &Result<Response<B>, BoxError>| {
        if let Ok(answer) = answer {
            clock.observe(sent, clock::local_now(), answer.headers());
        }
    };
    answer.inspect(read).boxed()
}
