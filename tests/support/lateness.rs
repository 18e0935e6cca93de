//! How late this machine is: what a timer oversleeps, and what a write to the API server takes.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hactl::model::Micros;
use hactl::sim::Latency;
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::fixtures::lease;
use crate::support::kubelet::Proxy;
use crate::support::wait::{block_on, runtime};
use crate::support::{Namespace, client};

const TIMER: Duration = Duration::from_millis(50);
const PROBE: Duration = TIMER;

/// What time it is, as the journals of the electors tell it.
pub(crate) fn now() -> Micros {
    Micros::new(Timestamp::now().as_microsecond())
}

/// What was measured once: when, and how long.
type Measured = (Micros, Micros);

/// Measures from its beginning on, for as long as the process lives.
pub(crate) struct Monitor {
    /// As the electors, it asks the API server by way of one.
    _proxy: Proxy,
    overslept: Arc<Mutex<Vec<Measured>>>,
    round_trips: Arc<Mutex<Vec<Measured>>>,
}

impl Monitor {
    /// Begins, with a Lease of its own in that namespace.
    pub(crate) fn start(ns: &Namespace<'_>) -> Self {
        let (overslept, round_trips) = (Arc::default(), Arc::default());
        let late = Arc::clone(&overslept);
        thread::spawn(move || {
            loop {
                let asleep = Instant::now();
                thread::sleep(TIMER);
                note(&late, asleep.elapsed().saturating_sub(TIMER));
            }
        });
        lease("probe").create(ns);
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases/probe", ns.name());
        let proxy = Proxy::before(ns.testbed().access().address());
        let client = block_on(client(&ns.kubeconfig_through(proxy.address())));
        let took = Arc::clone(&round_trips);
        runtime().spawn(async move {
            loop {
                let began = Instant::now();
                let body = json!({"spec": {"renewTime": format!("{:.6}", Timestamp::now())}});
                let patch = Request::patch(&path)
                    .header("Content-Type", "application/merge-patch+json")
                    .body(body.to_string().into_bytes())
                    .expect("a path is a URL");
                if client.request::<Value>(patch).await.is_ok() {
                    note(&took, began.elapsed());
                }
                tokio::time::sleep(PROBE).await;
            }
        });
        Self { _proxy: proxy, overslept, round_trips }
    }

    /// The most that a timer overslept in that time.
    pub(crate) fn overslept(&self, from: Micros, to: Micros) -> Micros {
        percentile(&self.overslept, from, to, 100)
    }

    /// What so many percent of all writes took at the most in that time.
    pub(crate) fn round_trip(&self, from: Micros, to: Micros, percent: usize) -> Micros {
        percentile(&self.round_trips, from, to, percent)
    }

    /// What a request took on either way so far, but for the quarter at each end.
    pub(crate) fn latency(&self) -> Latency {
        let at = |percent| percentile(&self.round_trips, Micros::ZERO, Micros::NEVER, percent) / 2;
        Latency { low: at(25), high: at(75) }
    }

    /// How late everything was, in words.
    pub(crate) fn summary(&self) -> String {
        let told = |all: &Mutex<Vec<Measured>>| {
            let mut times: Vec<_> = lock(all).iter().map(|(_, took)| took.as_secs_f64() * 1e3).collect();
            times.sort_unstable_by(f64::total_cmp);
            let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).copied();
            let at = |percent| at(percent).unwrap_or_default();
            format!("median {:.1} ms, 99 % {:.1} ms, most {:.1} ms", at(50), at(99), at(100))
        };
        format!("A timer is late by: {}. A write takes: {}.", told(&self.overslept), told(&self.round_trips))
    }
}

fn lock(all: &Mutex<Vec<Measured>>) -> std::sync::MutexGuard<'_, Vec<Measured>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(all: &Mutex<Vec<Measured>>, took: Duration) {
    let micros = Micros::new(i64::try_from(took.as_micros()).unwrap_or(i64::MAX));
    lock(all).push((now(), micros));
}

fn percentile(all: &Mutex<Vec<Measured>>, from: Micros, to: Micros, percent: usize) -> Micros {
    let all = lock(all);
    let within = all.iter().filter(|(at, took)| *at >= from && *at - *took <= to);
    let mut times: Vec<_> = within.map(|(_, took)| *took).collect();
    times.sort_unstable();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}
