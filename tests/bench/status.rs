//! hactl beside kubectl and curl, on the testbed's real control plane.
//!
//! The tools take turns, so that whatever else the machine does hurts them all. Requests are counted by the API server
//! itself, in its audit log; each run impersonates a user of its own, which tells them apart. curl gets the very URLs
//! that hactl has just read, and so is what the transport alone takes. Needs what the tests need, and `curl`.

use std::fs;
use std::time::Duration;

use crate::audit::{Audit, is_discovery};
use crate::cluster::Cluster;
use crate::measure::{self, Sample, run};
use crate::say;
use crate::support::{Component, Testbed, scratch};
use crate::table::{self, Aim, Row};
use crate::tool::{Kubectl, Tool, curl, hactl, kubectls};

/// Between two runs, for the server to come to rest.
const REST: Duration = Duration::from_millis(50);

const FEW: usize = 20;
const MANY: usize = 10_000;

/// Start-up, and `status -A` with few and with many Leases.
pub(crate) fn compare() {
    say("building kubectl and the control plane");
    let kubectls = kubectls();
    let floor = measure::floor();

    say("start-up");
    let start = start(&kubectls);
    print!("{}", table::table("Start-up", &start));

    say("starting a control plane and filling it");
    let audit = Audit { file: scratch::path("audit.log") };
    let testbed = Testbed::audited(&[Component::Etcd, Component::ApiServer], &audit.file);
    let mut cluster = Cluster::fill(testbed.client());
    cluster.leases(FEW);
    let mut bench = Bench { testbed: &testbed, audit: &audit, kubectls: &kubectls, users: 0 };
    say(&cluster.words());
    let few = bench.lists(11, FEW);
    print!("{}", table::table(&cluster.words(), &few));

    say(&format!("creating {MANY} Leases"));
    cluster.leases(MANY);
    say(&cluster.words());
    let many = bench.lists(7, MANY);
    print!("{}", table::table(&cluster.words(), &many));

    print!("{}", notes(floor));
    print!("{}", table::aims(&aims(&start, &few, &many)));
}

/// `hactl --version` and `kubectl version --client`, in turns.
fn start(kubectls: &[Kubectl]) -> Vec<Row> {
    let mut tools = vec![Tool::new("hactl --version", &hactl(), ["--version"])];
    tools.extend(kubectls.iter().map(|kubectl| {
        Tool::new("", &kubectl.program, ["version", "--client"]).named(format!("{} version --client", kubectl.name))
    }));
    let mut samples = vec![Vec::new(); tools.len()];
    for round in 0..22 {
        for (tool, samples) in tools.iter().zip(&mut samples) {
            let (sample, _) = run(tool);
            // The first one reads the file from the disk.
            if round > 0 {
                samples.push(sample);
            }
        }
    }
    let rows = tools.into_iter().zip(samples);
    rows.map(|(tool, samples)| Row { name: tool.name, samples, requests: None }).collect()
}

/// Who takes part where Leases are listed.
#[derive(Clone)]
enum Who {
    Hactl,
    /// With its home, and in it the discovery cache.
    Kubectl(Tool),
    Curl,
}

struct Bench<'a> {
    testbed: &'a Testbed,
    audit: &'a Audit,
    kubectls: &'a [Kubectl],
    users: usize,
}

impl Bench<'_> {
    /// All Leases of the cluster: hactl, curl, then each kubectl with a warm and with a cold discovery cache.
    fn lists(&mut self, rounds: usize, leases: usize) -> Vec<Row> {
        let mut names = vec!["hactl status -A".to_owned(), "curl, what hactl reads".to_owned()];
        let mut who = vec![Who::Hactl, Who::Curl];
        let mut cold = Vec::new();
        for kubectl in self.kubectls {
            let tool = Tool::new(&kubectl.name, &kubectl.program, ["get", "leases", "-A"]).on(self.testbed);
            // This run warms the cache for all others.
            names.push(format!("{} get leases -A", kubectl.name));
            who.push(Who::Kubectl(tool));
            cold.push((
                format!("{} get leases -A, cold cache", kubectl.name),
                self.run(&who[who.len() - 1], "", leases),
            ));
        }
        // hactl has no cache of its own; this run is for the server's.
        let (mut read, _) = self.run(&Who::Hactl, "", leases);
        let mut runs = vec![Vec::new(); who.len()];
        for round in 0..rounds {
            for turn in 0..who.len() {
                let turn = (round + turn) % who.len();
                let (user, sample) = self.run(&who[turn], &read, leases);
                if turn == 0 {
                    read.clone_from(&user);
                }
                runs[turn].push((user, sample));
            }
        }
        let rows = names.into_iter().zip(runs).chain(cold.into_iter().map(|(name, run)| (name, vec![run])));
        let requests = self.audit.requests();
        let count = |user: &String| {
            let requests = requests.get(user).map_or(&[][..], Vec::as_slice);
            (requests.len(), requests.iter().filter(|uri| is_discovery(uri)).count())
        };
        rows.map(|(name, runs)| {
            let requests = Some(runs.iter().map(|(user, _)| count(user)).collect());
            Row { name, samples: runs.into_iter().map(|(_, sample)| sample).collect(), requests }
        })
        .collect()
    }

    /// One run, as a user of its own; curl repeats the requests of the user `read`.
    ///
    /// # Panics
    /// If it does not bring all Leases.
    fn run(&mut self, who: &Who, read: &str, leases: usize) -> (String, Sample) {
        self.users += 1;
        let user = format!("bench-{}", self.users);
        let (tool, least) = match who {
            Who::Hactl => (Tool::new("hactl", &hactl(), ["status", "-A"]).on(self.testbed).acting_as(&user), leases),
            Who::Kubectl(tool) => (tool.clone().acting_as(&user), leases),
            Who::Curl => {
                let uris = self.audit.requests().remove(read).expect("hactl has asked for something");
                (curl(self.testbed, &user, &uris), uris.len())
            }
        };
        std::thread::sleep(REST);
        let (sample, printed) = run(&tool);
        assert!(printed.lines().count() >= least, "{} printed only\n{printed}", tool.name);
        (user, sample)
    }
}

fn notes(floor: u64) -> String {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "\n  Milliseconds; MB are millions of bytes. Peaks: the most of any run; less than {} MB cannot be told.\n  \
         {cpus} processors, shared with the server. hactl reads five kinds, kubectl only Leases.\n  \
         curl reads the same URLs as hactl, one after the other over one HTTP/1.1 connection, and throws them away;\n  \
         hactl reads the kinds at once, over a connection for each. Requests: counted in the server's audit log.\n",
        table::megabytes(floor)
    )
}

fn aims(start: &[Row], few: &[Row], many: &[Row]) -> Vec<Aim> {
    let fastest = start[1..].iter().map(Row::wall).min().unwrap_or_default();
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    let start = ratio(start[0].wall(), fastest);
    let curl = ratio(many[0].wall(), many[1].wall());
    let peak = many[0].peak();
    let discovery = few[0].discovery().max(many[0].discovery());
    let size = fs::metadata(hactl()).map_or(0, |file| file.len());
    vec![
        Aim {
            words: "start-up: a tenth of the fastest kubectl's, or less",
            measured: format!("{start:.3}"),
            met: start <= 0.1,
        },
        Aim {
            words: "10 000 Leases: 1.3 times curl's time, or less",
            measured: format!("{curl:.2}"),
            met: curl <= 1.3,
        },
        Aim {
            words: "10 000 Leases: 40 MB, or less",
            measured: format!("{} MB", table::megabytes(peak)),
            met: peak <= 40_000_000,
        },
        Aim { words: "discovery requests: none", measured: discovery.to_string(), met: discovery == 0 },
        Aim {
            words: "release binary (here with the features that tests add to its dependencies): 10 MB, or less",
            measured: format!("{} MB", table::megabytes(size)),
            met: size <= 10_000_000,
        },
    ]
}
