//! Servers that are ill, each in its own way, and a proxy that writes down what it was asked for.
//!
//! They speak just enough HTTP/1.1 for one GET a connection; whatever answers well is the real API server's business.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::scratch;
use super::wait::{block_on, runtime};

/// A name for a server that no resolver knows: only a proxy can lead there.
pub(crate) const NAME: &str = "api.cluster.test";

/// What a server does with a request.
pub(crate) enum Answer {
    /// Nothing: the connection stays open.
    Silence,
    /// Closes the connection without a word.
    HangUp,
    /// An answer in full.
    Says { status: u16, headers: &'static str, body: String },
    /// The head and some of the body of an answer, and then nothing more.
    Begins { body: String },
}

/// A Kubernetes Status that says no.
pub(crate) fn refusal(code: u16, message: &str, details: &Value) -> Answer {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": "Whatever", "details": details, "code": code,
    });
    Answer::Says { status: code, headers: "Content-Type: application/json\r\n", body: status.to_string() }
}

/// A page for a browser.
pub(crate) fn page(code: u16, html: &str) -> Answer {
    Answer::Says { status: code, headers: "Content-Type: text/html\r\n", body: html.to_owned() }
}

/// What an API server answers in whose every namespace one Lease stands, `payments`, which nobody has held yet.
pub(crate) fn healthy(path: &str) -> Answer {
    let leases = path.contains("/leases");
    let lease = json!({"metadata": {"namespace": "default", "name": "payments"}, "spec": {}});
    let items = if leases { vec![lease] } else { vec![] };
    let list = json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "7"}, "items": items});
    Answer::Says { status: 200, headers: "Content-Type: application/json\r\n", body: list.to_string() }
}

/// A server on a port of its own, until this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// `https://…` or `http://…`.
    pub(crate) url: String,
    /// The certificate, which signs itself, in PEM.
    certificate: Option<String>,
    asked: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl Server {
    /// Over plain TCP: `answer` is given the path and how often it was asked for before.
    pub(crate) fn http(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(None, answer)
    }

    /// Over TLS, for `127.0.0.1` and [`NAME`].
    pub(crate) fn https(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let names = ["127.0.0.1".to_owned(), NAME.to_owned()];
        let own = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring's versions of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key.into())
            .expect("a key that fits its certificate");
        Self::start(Some((TlsAcceptor::from(Arc::new(config)), own.cert.pem())), answer)
    }

    fn start(
        tls: Option<(TlsAcceptor, String)>,
        answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = listen();
        let address = listener.local_addr().expect("a socket that listens has an address");
        let (acceptor, certificate) = tls.unzip();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&asked));
        let task = runtime().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log, acceptor) = (Arc::clone(&answer), Arc::clone(&log), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(stream, &*answer, &log).await,
                        // A client that does not trust the certificate hangs up.
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, &*answer, &log).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        let scheme = if certificate.is_some() { "https" } else { "http" };
        Self { address, url: format!("{scheme}://{address}"), certificate, asked, task: task.abort_handle() }
    }

    /// The paths that were asked for, in this order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic while it is held").clone()
    }

    /// A kubeconfig for this server, to be changed; its only context is called `ill`.
    pub(crate) fn config(&self) -> Value {
        let mut config = config(&self.url);
        if let Some(pem) = &self.certificate {
            let path = scratch::path("ca.crt");
            std::fs::write(&path, pem).expect("a file in the temporary folder");
            config["clusters"][0]["cluster"]["certificate-authority"] = json!(path);
        }
        config
    }

    /// The same, as a file.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        file(&self.config())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A kubeconfig for any address.
pub(crate) fn config(url: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "ill",
        "clusters": [{"name": "ill", "cluster": {"server": url}}],
        "users": [{"name": "ill", "user": {"token": "x"}}],
        "contexts": [{"name": "ill", "context": {"cluster": "ill", "user": "ill"}}],
    })
}

/// Writes a kubeconfig. JSON is YAML.
pub(crate) fn file(config: &Value) -> PathBuf {
    text_file(&config.to_string())
}

/// Writes what may be no kubeconfig at all.
pub(crate) fn text_file(text: &str) -> PathBuf {
    let path = scratch::path("kubeconfig");
    std::fs::write(&path, text).expect("a file in the temporary folder");
    path
}

/// A port that is taken and on which nobody listens: connections are refused.
pub(crate) fn dead_port() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = socket.local_addr().expect("a bound socket has an address");
    (socket, format!("http://{address}"))
}

/// A port whose queue is full: attempts to connect are not answered, as behind a firewall that drops them.
pub(crate) fn black_hole() -> (TcpListener, Vec<TcpStream>, String) {
    let _in_runtime = runtime().enter();
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let listener = socket.listen(1).expect("a socket that listens");
    let address = listener.local_addr().expect("a socket that listens has an address");
    let mut queue = Vec::new();
    // Linux queues one more than asked for; nobody ever accepts.
    while let Ok(Ok(stream)) =
        block_on(async { tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await })
    {
        queue.push(stream);
    }
    (listener, queue, format!("http://{address}"))
}

/// An HTTP proxy that leads to one server, whichever is asked for.
pub(crate) struct Proxy {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl Proxy {
    pub(crate) fn to(server: &Server) -> Self {
        let (listener, target) = (listen(), server.address);
        let url = format!("http://{}", listener.local_addr().expect("a socket that listens has an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let task = runtime().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(forward(stream, target, Arc::clone(&log)));
            }
        });
        Self { url, asked, task: task.abort_handle() }
    }

    /// The `HOST:PORT`s that it was asked to connect to.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic while it is held").clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(mut client: TcpStream, target: SocketAddr, asked: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let head = head(&mut client).await?;
    let wanted = head.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    asked.lock().expect("no panic while it is held").push(wanted);
    let mut server = TcpStream::connect(target).await.ok()?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok().map(drop)
}

fn listen() -> TcpListener {
    block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port")
}

/// Answers one request.
async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &(impl Fn(&str, usize) -> Answer + ?Sized),
    asked: &Mutex<Vec<String>>,
) -> Option<()> {
    let head = head(&mut stream).await?;
    let path = head.split(' ').nth(1)?.to_owned();
    let before = {
        let mut asked = asked.lock().expect("no panic while it is held");
        let before = asked.iter().filter(|earlier| **earlier == path).count();
        asked.push(path.clone());
        before
    };
    match answer(&path, before) {
        Answer::Silence => std::future::pending().await,
        Answer::HangUp => {}
        Answer::Says { status, headers, body } => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} -\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
            stream.write_all((head + &body).as_bytes()).await.ok()?;
        }
        Answer::Begins { body } => {
            let length = body.len() + 1;
            let head = format!("HTTP/1.1 200 -\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all((head + &body).as_bytes()).await.ok()?;
            stream.flush().await.ok()?;
            std::future::pending::<()>().await;
        }
    }
    stream.shutdown().await.ok()
}

/// The head of a request, up to its empty line.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}
