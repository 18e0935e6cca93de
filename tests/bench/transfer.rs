//! `hactl transfer` beside what people do by hand, on real elections of three Pods: how long nobody leads, and how long
//! two do, by the electors' own journals.
//!
//! Many elections run side by side; each is moved from a moment of its rhythm that is left to chance, and watched until
//! one Pod has led alone for a whole lease duration. A run in which the machine was late is done again. Needs what the
//! tests need. `TRANSFER_SAMPLES=100` takes so many of each.

use std::env;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use hactl::model::Micros;

use crate::cell::{Library, Setup, Timing};
use crate::election::Election;
use crate::folk::Way;
use crate::run::{LAST_LINES, PATIENCE, Slack};
use crate::support::Testbed;
use crate::support::lateness::{Monitor, now};
use crate::table::{Aim, aims, titled};
use crate::{room, say};

/// Of each row, if nothing else is said.
const SAMPLES: usize = 20;

/// So often what was late is repeated.
const AGAIN: usize = 3;

/// How often an election is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A row: an election, and how it is moved.
#[derive(Clone, Copy)]
struct Row {
    setup: Setup,
    way: Way,
}

/// One run.
#[derive(Clone, Debug)]
struct Sample {
    /// How long nobody led; `None` where nobody did in the end.
    gap: Option<Micros>,
    overlap: Micros,
    /// Whether another Pod led in the end.
    moved: bool,
    in_time: bool,
    /// What hactl said where it was not done.
    trouble: Option<String>,
}

/// Measures and prints.
pub(crate) fn compare() {
    let count = env::var("TRANSFER_SAMPLES").ok().map_or(SAMPLES, |count| count.parse().expect("a number"));
    say("starting the control plane");
    let bed = Testbed::shared();
    let monitor = Monitor::start(&bed.namespace("monitor"));
    let rows = rows();
    say(&format!("moving {} elections, each way {count} times", rows.len()));
    let measured = measure(bed, &monitor, &rows, count);
    let head = ["", "n", "moved", "gap median s", "p95 s", "max s", "at most s", "two led in", "longest s", "late"];
    for setup in setups() {
        let lines = rows.iter().zip(&measured).filter(|(row, _)| row.setup == setup).map(|(row, runs)| row.line(runs));
        print!("{}", titled(&setup.to_string(), &head, lines));
    }
    print!("{}", aims(&judged(&rows, &measured)));
    println!("\n  {}", monitor.summary());
    println!(
        "  gap: nobody led, from the stop of the old leader on; at most: by the elector's own times; never: nobody led at the \
         end.\n  late: runs that were done again because the machine was late."
    );
}

fn setups() -> [Setup; 3] {
    [
        Setup::new(Library::ClientGo, Timing::Deadline(6, 4, 1)),
        Setup::new(Library::KubeLeaseManager013, Timing::Grace(8, 3)),
        Setup::new(Library::Kubert, Timing::Grace(6, 1)),
    ]
}

fn rows() -> Vec<Row> {
    setups().into_iter().flat_map(|setup| Way::ALL.map(|way| Row { setup, way })).collect()
}

/// Takes the samples of all rows, as many side by side as there is room for.
fn measure(bed: &Testbed, monitor: &Monitor, rows: &[Row], count: usize) -> Vec<Vec<Sample>> {
    let all = Mutex::new(vec![Vec::new(); rows.len()]);
    thread::scope(|scope| {
        for (number, row) in rows.iter().enumerate() {
            let mut left = count;
            while left > 0 {
                let part = left.min(row.way.in_a_row(row.setup));
                left -= part;
                let place = room::take();
                let all = &all;
                scope.spawn(move || {
                    let samples = row.several(bed, monitor, part);
                    drop(place);
                    all.lock().unwrap_or_else(PoisonError::into_inner)[number].extend(samples);
                });
            }
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Row {
    fn several(&self, bed: &Testbed, monitor: &Monitor, count: usize) -> Vec<Sample> {
        let mut samples: Vec<Sample> = Vec::new();
        let mut election = Election::start(bed, self.setup);
        while samples.iter().filter(|sample| sample.in_time).count() < count && samples.len() < count * AGAIN {
            let sample = self.once(&election, monitor);
            let over = sample.gap.is_none() || self.way == Way::DeleteLease;
            samples.push(sample);
            if over {
                election = Election::start(bed, self.setup);
            }
        }
        samples
    }

    fn once(&self, election: &Election<'_>, monitor: &Monitor) -> Sample {
        let mut cast = election.settle();
        if !election.library().exits() {
            // A standby that has started while nobody led sleeps for a whole lease duration first.
            sleep(Duration::from_secs_f64(self.setup.lease_duration()));
            cast = election.settle();
        }
        let began = now();
        let trouble = self.way.act(election, &cast, PATIENCE);
        let renewed = |leader: &str| self.way != Way::Restart || *leader != *cast.leader.name;
        let last = self.watch(election, renewed);
        let ended = now();
        sleep(LAST_LINES);
        let journal = election.journal();
        let gaps = journal.gaps(began, ended);
        let gap = gaps.iter().fold(Micros::ZERO, |sum, (from, to)| sum + (*to - *from));
        let leads = !journal.acting(ended).is_empty();
        Sample {
            gap: leads.then_some(gap),
            overlap: journal.overlap(began, ended),
            moved: last.is_some_and(|last| last != cast.leader.uid),
            in_time: Slack::of(monitor, began, ended).in_time,
            trouble,
        }
    }

    /// Until one has led alone for a lease duration, and no longer than it could be: who that is.
    fn watch(&self, election: &Election<'_>, fits: impl Fn(&str) -> bool) -> Option<String> {
        let duration = Duration::from_secs_f64(self.setup.lease_duration());
        let most = if self.way == Way::Restart { duration * 12 } else { duration * 5 };
        let begun = Instant::now();
        let mut alone: Option<(String, Instant)> = None;
        while begun.elapsed() < most {
            let leader = election.cast().map(|cast| cast.leader).filter(|leader| fits(&leader.name));
            alone = match (leader, alone) {
                (Some(leader), Some((uid, since))) if uid == leader.uid => Some((uid, since)),
                (Some(leader), _) => Some((leader.uid.clone(), Instant::now())),
                (None, _) => None,
            };
            if alone.as_ref().is_some_and(|(_, since)| since.elapsed() >= duration) {
                break;
            }
            sleep(LOOK_EVERY);
        }
        alone.map(|(uid, _)| uid)
    }

    fn line(&self, runs: &[Sample]) -> Vec<String> {
        let counted: Vec<_> = runs.iter().filter(|run| run.in_time).collect();
        let of = |hits: usize| format!("{hits}/{}", counted.len());
        let mut gaps: Vec<_> = counted.iter().map(|run| run.gap.map_or(f64::INFINITY, Micros::as_secs_f64)).collect();
        gaps.sort_unstable_by(f64::total_cmp);
        let at = |percent: usize| {
            let rank = (gaps.len() * percent).div_ceil(100).max(1);
            gaps.get(rank - 1).map_or_else(|| "-".to_owned(), |gap| told(*gap))
        };
        let two = counted.iter().filter(|run| run.overlap > Micros::ZERO).count();
        let longest = counted.iter().map(|run| run.overlap.as_secs_f64()).fold(0.0, f64::max);
        vec![
            self.way.name(),
            counted.len().to_string(),
            of(counted.iter().filter(|run| run.moved).count()),
            at(50),
            at(95),
            at(100),
            self.way.floor(self.setup).map_or_else(|| "-".to_owned(), told),
            of(two),
            if two == 0 { "-".to_owned() } else { told(longest) },
            (runs.len() - counted.len()).to_string(),
        ]
    }
}

fn told(seconds: f64) -> String {
    if seconds.is_finite() { format!("{seconds:.2}") } else { "never".to_owned() }
}

/// What hactl promises.
fn judged(rows: &[Row], measured: &[Vec<Sample>]) -> Vec<Aim> {
    let own = || rows.iter().zip(measured).filter(|(row, _)| matches!(row.way, Way::Hactl(_)));
    let runs = || own().flat_map(|(row, runs)| runs.iter().filter(|run| run.in_time).map(move |run| (row, run)));
    let all = runs().count();
    let two = runs().filter(|(_, run)| run.overlap > Micros::ZERO).count();
    let undone = runs().filter(|(_, run)| run.trouble.is_some() || !run.moved).count();
    for (row, run) in runs().filter(|(_, run)| run.trouble.is_some()) {
        println!("{}, {}: {run:?}", row.setup, row.way.name());
    }
    // The last is the kubelet's report of the end and two writes on their way.
    let late = runs().filter(|(row, run)| {
        let gap = run.gap.map_or(f64::INFINITY, Micros::as_secs_f64);
        row.way.floor(row.setup).is_some_and(|floor| gap > floor + PIPELINE)
    });
    let late = late.count();
    let aim = |words, hits: usize| Aim { words, measured: format!("{hits} of {all} runs"), met: hits == 0 && all > 0 };
    vec![
        aim("hactl: two led", two),
        aim("hactl: not moved, or not as asked", undone),
        aim("hactl: nobody led for more than the elector's own times and half a second", late),
    ]
}

/// What the testbed needs beside the electors' own times: a report of the kubelet, its way to hactl, a write.
const PIPELINE: f64 = 0.5;
