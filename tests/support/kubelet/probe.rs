//! Startup, readiness and liveness probes by HTTP or TCP; others count as successful.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, HTTPGetAction, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use super::pod::RunningPod;

/// The probes of one run of a container.
pub(super) struct Probes<'a> {
    running: &'a RunningPod,
    container: &'a Container,
    /// Whether the startup probe has succeeded; the others wait for it.
    started: watch::Sender<bool>,
}

impl<'a> Probes<'a> {
    pub(super) fn new(running: &'a RunningPod, container: &'a Container) -> Self {
        Self { running, container, started: watch::Sender::new(false) }
    }

    /// Reports whether the container is ready, for ever.
    pub(super) async fn readiness(&self) -> Infallible {
        let _ = self.started.subscribe().wait_for(|started| *started).await;
        let Some(probe) = &self.container.readiness_probe else {
            self.set_ready(true);
            return pending().await;
        };
        let mut series = self.begin(probe).await;
        let mut ready = false;
        loop {
            if series.verdict().await != ready {
                ready = !ready;
                self.set_ready(ready);
            }
        }
    }

    /// Returns when the container has to be killed.
    pub(super) async fn liveness(&self) {
        if let Some(probe) = &self.container.startup_probe
            && !self.begin(probe).await.verdict().await
        {
            return;
        }
        self.running.update(&self.container.name, |slot| slot.status.started = Some(true));
        self.started.send_replace(true);
        let Some(probe) = &self.container.liveness_probe else {
            return pending().await;
        };
        let mut series = self.begin(probe).await;
        while series.verdict().await {}
    }

    fn set_ready(&self, ready: bool) {
        self.running.update(&self.container.name, |slot| slot.status.ready = ready);
    }

    async fn begin(&self, probe: &'a Probe) -> Series<'a> {
        sleep(seconds(probe.initial_delay_seconds, 0)).await;
        let mut tick = interval(seconds(probe.period_seconds, 10));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Series { ip: self.running.ip, container: self.container, probe, tick, successes: 0, failures: 0 }
    }
}

/// One probe, again and again.
struct Series<'a> {
    ip: Ipv4Addr,
    container: &'a Container,
    probe: &'a Probe,
    tick: Interval,
    successes: i32,
    failures: i32,
}

impl Series<'_> {
    /// Probes until the last results agree often enough.
    async fn verdict(&mut self) -> bool {
        loop {
            self.tick.tick().await;
            let limit = seconds(self.probe.timeout_seconds, 1);
            if timeout(limit, self.check()).await.is_ok_and(|result| result.is_ok()) {
                self.failures = 0;
                self.successes += 1;
                if self.successes >= self.probe.success_threshold.unwrap_or(1) {
                    return true;
                }
            } else {
                self.successes = 0;
                self.failures += 1;
                if self.failures >= self.probe.failure_threshold.unwrap_or(3) {
                    return false;
                }
            }
        }
    }

    async fn check(&self) -> io::Result<()> {
        if let Some(http) = &self.probe.http_get {
            let host = http.host.clone().unwrap_or_else(|| self.ip.to_string());
            get(http, &host, self.port(&http.port)).await
        } else if let Some(tcp) = &self.probe.tcp_socket {
            let host = tcp.host.clone().unwrap_or_else(|| self.ip.to_string());
            TcpStream::connect((host.as_str(), self.port(&tcp.port))).await.map(drop)
        } else {
            Ok(())
        }
    }

    /// The number, which may be given by the name of one of the container's ports.
    fn port(&self, port: &IntOrString) -> u16 {
        let number = match port {
            IntOrString::Int(number) => Some(*number),
            IntOrString::String(name) => {
                let mut ports = self.container.ports.iter().flatten();
                ports.find(|port| port.name.as_ref() == Some(name)).map(|port| port.container_port)
            }
        };
        // Nobody listens on 0, so that a wrong name fails.
        number.and_then(|number| u16::try_from(number).ok()).unwrap_or(0)
    }
}

/// Succeeds as the kubelet's probe does: with a status of 200 to 399.
async fn get(http: &HTTPGetAction, host: &str, port: u16) -> io::Result<()> {
    let mut stream = TcpStream::connect((host, port)).await?;
    let path = http.path.as_deref().unwrap_or("/");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: kube-probe/1.36\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    // HTTP/1.1 200 OK
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
    match status {
        Some(200..=399) => Ok(()),
        _ => Err(io::Error::other(line)),
    }
}

fn seconds(value: Option<i32>, default: u64) -> Duration {
    Duration::from_secs(value.and_then(|value| u64::try_from(value).ok()).unwrap_or(default))
}
