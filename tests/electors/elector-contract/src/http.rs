//! `GET /leader`, `/ready` and `/healthz`. Probes and hactl send a request line
//! and headers and want a short answer: that needs no HTTP library.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use crate::journal::Journal;

const LONGEST_REQUEST: u64 = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn serve(listener: TcpListener, journal: Arc<Journal>, ready_when_leading: bool) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let journal = Arc::clone(&journal);
                tokio::spawn(async move {
                    let answer = |path: &str| answer(path, &journal, ready_when_leading);
                    let _ = timeout(PATIENCE, converse(stream, answer)).await;
                });
            }
            // No file descriptor left, say: wait until there is one.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

fn answer(path: &str, journal: &Journal, ready_when_leading: bool) -> (&'static str, String) {
    match path {
        "/leader" => ("200 OK", format!("{{\"is_leader\":{}}}\n", journal.acting())),
        "/ready" if ready_when_leading && !journal.acting() => ("503 Service Unavailable", "standby\n".into()),
        "/ready" | "/healthz" => ("200 OK", "ok\n".into()),
        _ => ("404 Not Found", "not found\n".into()),
    }
}

/// Answers one request and closes the connection.
async fn converse(mut stream: TcpStream, answer: impl Fn(&str) -> (&'static str, String)) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read.take(LONGEST_REQUEST)).lines();
    let request = lines.next_line().await?.unwrap_or_default();
    // Closing with unread headers would reset the connection.
    while lines.next_line().await?.is_some_and(|header| !header.is_empty()) {}

    let mut words = request.split(' ');
    let (status, body) = match (words.next(), words.next()) {
        (Some("GET"), Some(path)) => answer(path),
        _ => ("405 Method Not Allowed", "GET only\n".into()),
    };
    let kind = if body.starts_with('{') { "application/json" } else { "text/plain" };
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    write.write_all(response.as_bytes()).await?;
    write.shutdown().await
}
