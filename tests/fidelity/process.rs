//! One replica of many elections: a process with an elector for each Lease, and the network before it.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use hactl::model::Micros;
use hactl::sim::Met;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::cell::Elector;
use crate::measure::Turn;
use crate::support::kubelet::{Change, Cut, ElectorEvent, Proxy};
use crate::support::process::{Signal, command, signal, spawn};
use crate::support::wait::{block_on, runtime};
use crate::support::{Namespace, programs, scratch};

/// The replicas of one process, which ends with this value.
pub(crate) struct Replica {
    pub(crate) identity: String,
    number: usize,
    child: Child,
    proxy: Proxy,
    events: Arc<Mutex<Vec<ElectorEvent>>>,
    log: PathBuf,
}

impl Replica {
    /// Starts replica `number` for so many Leases, spread over so many seconds.
    pub(crate) fn start(elector: &Elector, ns: &Namespace<'_>, number: usize, count: usize, spread: Micros) -> Self {
        let folder = if matches!(elector, Elector::ClientGo(_)) { programs::go() } else { programs::electors() };
        let proxy = Proxy::before(ns.testbed().access().address());
        let identity = format!("replica-{number}");
        let log = scratch::path(&identity);
        let mut program = command(&folder.join(elector.program()));
        program
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(elector.environment())
            .env("KUBECONFIG", ns.kubeconfig_through(proxy.address()))
            .env("LEASE_NAMESPACE", ns.name())
            .env("LEASE_NAME", LEASE)
            .env("COUNT", count.to_string())
            .env("STAGGER", spread.whole_seconds().max(1).to_string())
            .env("IDENTITY", &identity)
            .env("LISTEN", "off")
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("a log file in the temporary folder"));
        let mut child = start(program);
        let events = Arc::default();
        let (stdout, all) = (child.stdout.take().expect("stdout is piped"), Arc::clone(&events));
        runtime().spawn(async move {
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Ok(event) = serde_json::from_str(&line) {
                    lock(&all).push(event);
                }
            }
        });
        Self { identity, number, child, proxy, events, log }
    }

    /// The turns of each of so many Leases.
    pub(crate) fn turns(&self, ns: &Namespace<'_>, count: usize) -> Vec<Vec<Turn>> {
        let mut turns = vec![Vec::new(); count];
        for event in lock(&self.events).iter() {
            let acts = match event.event {
                Change::Start => true,
                Change::Stop => false,
                Change::Up | Change::Error => continue,
            };
            let number = (0..count).find(|number| event.lease == format!("{}/{}", ns.name(), name(*number)));
            let at = Micros::new(event.at.as_microsecond());
            turns[number.expect("an elector tells of its own Leases")].push(Turn { at, replica: self.number, acts });
        }
        turns
    }

    /// How many Leases it leads now.
    pub(crate) fn leads(&self) -> usize {
        let events = lock(&self.events);
        let count = |change| events.iter().filter(|event| event.event == change).count();
        count(Change::Start) - count(Change::Stop)
    }

    pub(crate) fn signal(&self, what: Signal) {
        if let Some(pid) = self.child.id() {
            signal(pid, what);
        }
    }

    /// Breaks its network, or mends it.
    pub(crate) fn cut(&self, met: Option<Met>) {
        self.proxy.cut(met.map(|met| match met {
            Met::Refused => Cut::Refuse,
            Met::Reset => Cut::Reset,
            Met::Hang => Cut::BlackHole,
        }));
    }

    /// What it says of itself, for whoever has to find out.
    pub(crate) fn complaints(&self) -> String {
        let mut log = String::new();
        let _ = File::open(&self.log).and_then(|file| file.take(2_000).read_to_string(&mut log));
        let events = lock(&self.events);
        let messages = events.iter().filter_map(|event| event.message.clone()).take(3).collect::<Vec<_>>();
        format!("{}: {messages:?}\n{log}", self.identity)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.signal(Signal::CONT);
        self.signal(Signal::KILL);
        let _ = block_on(self.child.wait());
    }
}

/// One process after the other: each makes its connections as it starts, which would be more than the machine bears.
fn start(program: Command) -> Child {
    static GATE: Mutex<()> = Mutex::new(());
    let _gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
    thread::sleep(PAUSE);
    spawn(program).expect("the elector that was just built")
}

const PAUSE: Duration = Duration::from_millis(200);

const LEASE: &str = "lease";

/// The name of the Lease with this number, as the electors make it.
pub(crate) fn name(number: usize) -> String {
    format!("{LEASE}-{number}")
}

fn lock(events: &Mutex<Vec<ElectorEvent>>) -> std::sync::MutexGuard<'_, Vec<ElectorEvent>> {
    events.lock().unwrap_or_else(PoisonError::into_inner)
}
