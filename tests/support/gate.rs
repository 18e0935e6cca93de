//! What stands between one hactl and the real API server: it sees each request, and may answer it itself, lose it, or
//! lose its answer; and it may kill hactl at exactly that moment.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hactl::model::Micros;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::lateness::now;
use super::process::{Signal, signal};
use super::testbed::{Access, Namespace};
use super::wait::{block_on, runtime};
use super::{ill, scratch};

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Pass,
    /// The server never hears of it: this is answered.
    Answer(u16, &'static str),
    /// The server never hears of it, and the connection is reset.
    ResetBefore,
    /// The server has done it, and the connection is reset instead of the answer.
    ResetAfter,
    /// The server never hears of it, and nobody ever answers.
    HangBefore,
    /// The server has done it, and nobody ever answers.
    HangAfter,
    /// hactl is killed, and the server never hears of it.
    KillBefore,
    /// The server has done it, and hactl is killed before it hears of that.
    KillAfter,
    /// A list with nothing in it.
    Nothing,
    /// The server never hears of it: `GET` of this path is answered by whoever listens there. An API server proxies to no
    /// loopback address (`k8s.io/kubernetes/pkg/registry/core/pod/strategy.go`, `ResourceLocation`), and the testbed's Pods
    /// have no others.
    Forward(SocketAddr, &'static str),
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    /// The first is 0.
    pub(crate) number: usize,
    /// How many with the same [`Asked::step`] came before.
    pub(crate) before: usize,
    /// When its answer began to arrive, if it was passed on.
    pub(crate) answered: Option<Micros>,
}

impl Asked {
    /// What it is for, where it changes something.
    pub(crate) fn step(&self) -> Option<&'static str> {
        let holder = &self.body["spec"]["holderIdentity"];
        let fence = holder.as_str().is_some_and(|holder| holder.starts_with(hactl::model::lease::FENCE_PREFIX));
        match (self.method.as_str(), self.path.as_str()) {
            ("PATCH", _) if fence && self.body["metadata"]["annotations"].is_object() => Some("fence"),
            ("PATCH", _) if fence => Some("renew"),
            ("PATCH", _) if self.body["spec"].is_object() => Some("hand-over"),
            ("PATCH", _) => Some("record"),
            ("POST", path) if path.contains("/eviction") => Some("evict"),
            ("POST", path) if path.contains("/events") => Some("event"),
            ("DELETE", _) => Some("delete"),
            _ => None,
        }
    }
}

type Rule = dyn Fn(&Asked) -> Act + Send + Sync;

/// Stands there until it is dropped.
pub(crate) struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
    token: String,
    task: AbortHandle,
}

struct Shared {
    server: SocketAddr,
    tls: TlsConnector,
    rule: Box<Rule>,
    /// The process of hactl, once it is known.
    victim: AtomicU32,
    killed: Mutex<Option<Micros>>,
    asked: Mutex<Vec<Asked>>,
}

impl Gate {
    /// Before the server of a testbed; `rule` says what becomes of each request.
    pub(crate) fn before(access: &Access, rule: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        let mut roots = RootCertStore::empty();
        let pem = fs::read(&access.ca_file).expect("the control plane's certificate");
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            roots.add(certificate.expect("PEM")).expect("a certificate");
        }
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring's versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let shared = Arc::new(Shared {
            server: access.address(),
            tls: TlsConnector::from(Arc::new(config)),
            rule: Box::new(rule),
            victim: AtomicU32::new(0),
            killed: Mutex::default(),
            asked: Mutex::default(),
        });
        let listener = block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("a socket that listens has an address");
        let all = Arc::clone(&shared);
        let task = runtime().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&all);
                tokio::spawn(async move { shared.serve(stream).await });
            }
        });
        Self { address, shared, token: access.token.clone(), task: task.abort_handle() }
    }

    /// The administrator's kubeconfig, by way of this.
    pub(crate) fn kubeconfig(&self, ns: &Namespace<'_>) -> PathBuf {
        let mut config = ill::config(&format!("http://{}", self.address));
        config["users"][0]["user"]["token"] = json!(self.token);
        config["contexts"][0]["context"]["namespace"] = json!(ns.name());
        let path = scratch::path("kubeconfig");
        fs::write(&path, config.to_string()).expect("a file in the temporary folder");
        path
    }

    /// Names the process that is killed when the rule says so.
    pub(crate) fn watch(&self, pid: Option<u32>) {
        self.shared.victim.store(pid.unwrap_or(0), Ordering::SeqCst);
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }

    /// When hactl was killed.
    pub(crate) fn killed(&self) -> Option<Micros> {
        *lock(&self.shared.killed)
    }

    /// When the first request for this was answered.
    pub(crate) fn answered(&self, step: &str) -> Option<Micros> {
        lock(&self.shared.asked).iter().filter(|asked| asked.step() == Some(step)).find_map(|asked| asked.answered)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    /// One request, and its answer; then the connection ends, so that the next request makes another.
    async fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let (head, body) = read_request(&mut client).await?;
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let asked = {
            let mut all = lock(&self.asked);
            let mut asked = Asked {
                method: method.to_owned(),
                path: path.to_owned(),
                body: serde_json::from_slice(&body).unwrap_or_default(),
                number: all.len(),
                before: 0,
                answered: None,
            };
            asked.before = all.iter().filter(|other| other.step() == asked.step()).count();
            all.push(asked.clone());
            asked
        };
        match (self.rule)(&asked) {
            Act::Pass => self.pass(&mut client, &head, &body, asked.number).await,
            Act::Answer(code, message) => {
                let status = json!({
                    "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
                    "reason": reason(code), "code": code,
                });
                answer(&mut client, code, &status).await
            }
            Act::Nothing => {
                let list =
                    json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": []});
                answer(&mut client, 200, &list).await
            }
            Act::Forward(to, path) => {
                let mut there = TcpStream::connect(to).await?;
                there.write_all(format!("GET {path} HTTP/1.1\r\nHost: pod\r\n\r\n").as_bytes()).await?;
                tokio::io::copy(&mut there, &mut client).await?;
                client.shutdown().await
            }
            Act::ResetBefore => reset(&client),
            Act::ResetAfter => {
                self.ask(&head, &body, asked.number).await?;
                reset(&client)
            }
            Act::HangBefore => hang(&mut client).await,
            Act::HangAfter => {
                self.ask(&head, &body, asked.number).await?;
                hang(&mut client).await
            }
            Act::KillBefore => self.kill(&client).await,
            Act::KillAfter => {
                self.ask(&head, &body, asked.number).await?;
                self.kill(&client).await
            }
        }
    }

    /// Asks the real server, and returns when it has begun to answer: then it is done.
    async fn ask(&self, head: &str, body: &[u8], number: usize) -> io::Result<(TlsStream<TcpStream>, Vec<u8>)> {
        let upstream = TcpStream::connect(self.server).await?;
        upstream.set_nodelay(true)?;
        let name = ServerName::try_from("127.0.0.1").expect("an address");
        let mut upstream = self.tls.connect(name, upstream).await?;
        // One request a connection: where an answer ends is then plain.
        let head = head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        upstream.write_all(&[head.as_bytes(), body].concat()).await?;
        upstream.flush().await?;
        let mut first = vec![0; 16 * 1024];
        let length = upstream.read(&mut first).await?;
        first.truncate(length);
        lock(&self.asked)[number].answered = Some(now());
        Ok((upstream, first))
    }

    async fn pass(&self, client: &mut TcpStream, head: &str, body: &[u8], number: usize) -> io::Result<()> {
        let (mut upstream, first) = self.ask(head, body, number).await?;
        client.write_all(&first).await?;
        let (mut buffer, mut more) = (vec![0; 16 * 1024], [0; 1]);
        loop {
            let length = tokio::select! {
                // Whoever no longer listens need not be told.
                _ = client.read(&mut more) => return Ok(()),
                // A server that closes without a word of TLS has said all it had to say.
                length = upstream.read(&mut buffer) => length.unwrap_or(0),
            };
            if length == 0 {
                return client.shutdown().await;
            }
            client.write_all(&buffer[..length]).await?;
        }
    }

    async fn kill(&self, client: &TcpStream) -> io::Result<()> {
        let pid = loop {
            match self.victim.load(Ordering::SeqCst) {
                0 => tokio::time::sleep(Duration::from_millis(1)).await,
                pid => break pid,
            }
        };
        signal(pid, Signal::KILL);
        lock(&self.killed).get_or_insert(now());
        reset(client)
    }
}

/// The reason by which clients tell these apart.
fn reason(code: u16) -> &'static str {
    match code {
        409 => "Conflict",
        429 => "TooManyRequests",
        403 => "Forbidden",
        _ => "InternalError",
    }
}

async fn read_request(client: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body).await?;
    Ok((head, body))
}

async fn answer(client: &mut TcpStream, code: u16, body: &Value) -> io::Result<()> {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {code} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    client.write_all((head + &body).as_bytes()).await?;
    client.shutdown().await
}

/// Until hactl gives up.
async fn hang(client: &mut TcpStream) -> io::Result<()> {
    client.read(&mut [0; 1]).await.map(drop)
}

/// Closing it then sends a reset.
fn reset(client: &TcpStream) -> io::Result<()> {
    client.set_zero_linger()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
