//! The network between one Pod and the API server, which can be broken: a TCP proxy that TLS passes through.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::support::wait::runtime;

/// How a network or a server can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// New connections are refused, and those that exist are reset: the server is down.
    Refuse,
    /// New connections are accepted and then reset: the usual face of a server that restarts behind a load balancer.
    Reset,
    /// Nothing arrives any more, and nothing says so; what is on the way arrives when the network is restored.
    /// (A new connection is still made, by the proxy's kernel, but stays mute.)
    BlackHole,
}

type Link = watch::Receiver<Option<Cut>>;

/// Forwards from a loopback port of its own.
pub(crate) struct Proxy {
    address: SocketAddr,
    cut: watch::Sender<Option<Cut>>,
    task: AbortHandle,
    // Keeps the port for us while nobody listens on it.
    _reserved: TcpSocket,
}

impl Proxy {
    pub(crate) fn before(server: SocketAddr) -> Self {
        let _in_runtime = runtime().enter();
        let reserved = socket((Ipv4Addr::LOCALHOST, 0).into()).expect("a free loopback port");
        let address = reserved.local_addr().expect("the port of a bound socket");
        let (cut, link) = watch::channel(None);
        let task = runtime().spawn(accept(address, server, link)).abort_handle();
        Self { address, cut, task, _reserved: reserved }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `None` restores the network.
    pub(crate) fn cut(&self, cut: Option<Cut>) {
        self.cut.send_replace(cut);
    }

    /// Waits until nobody listens any more.
    pub(super) async fn refused(&self) {
        while TcpStream::connect(self.address).await.is_ok() {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        // Ends the connections that it still carries.
        self.cut.send_replace(Some(Cut::Refuse));
    }
}

/// Several sockets may be bound to the port: the one that reserves it and the one that listens.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn accept(address: SocketAddr, server: SocketAddr, mut link: Link) {
    loop {
        if link.wait_for(|cut| *cut != Some(Cut::Refuse)).await.is_err() {
            return;
        }
        let listener = socket(address).and_then(|socket| socket.listen(128)).expect("the port is reserved");
        let refuse = accept_until_refused(listener, server, link.clone());
        if refuse.await.is_none() {
            return;
        }
    }
}

/// Accepts connections until they shall be refused; `None` when the proxy is gone.
async fn accept_until_refused(listener: TcpListener, server: SocketAddr, mut link: Link) -> Option<()> {
    loop {
        let client = tokio::select! {
            refuse = link.wait_for(|cut| *cut == Some(Cut::Refuse)) => return refuse.ok().map(drop),
            accepted = listener.accept() => accepted,
        };
        if let Ok((client, _)) = client {
            tokio::spawn(carry(client, server, link.clone()));
        }
    }
}

/// Carries one connection until either side ends it or the link breaks it.
async fn carry(mut client: TcpStream, server: SocketAddr, mut link: Link) {
    let mut watched = link.clone();
    let broken = watched.wait_for(|cut| matches!(cut, Some(Cut::Refuse | Cut::Reset)));
    let carried = async {
        open(&mut link).await?;
        let mut upstream = TcpStream::connect(server).await?;
        // As both ends have it. Otherwise what is sent in two pieces waits 40 ms for the other side to acknowledge the first.
        client.set_nodelay(true)?;
        upstream.set_nodelay(true)?;
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = upstream.split();
        let mut back = link.clone();
        tokio::try_join!(
            copy(&mut from_client, &mut to_server, &mut link),
            copy(&mut from_server, &mut to_client, &mut back)
        )
    };
    let ended_well = tokio::select! {
        _ = broken => false,
        carried = carried => carried.is_ok(),
    };
    if !ended_well {
        // Closing then sends a reset.
        let _ = client.set_zero_linger();
    }
}

async fn copy(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    link: &mut Link,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        open(link).await?;
        let length = from.read(&mut buffer).await?;
        // It may have become a black hole while we were reading.
        open(link).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..length]).await?;
    }
}

/// Waits until the link lets data pass.
async fn open(link: &mut Link) -> io::Result<()> {
    link.wait_for(Option::is_none).await.map(drop).map_err(|_| io::ErrorKind::ConnectionReset.into())
}
