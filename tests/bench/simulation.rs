//! hactl's simulator beside a plain Python program of the same model, and how it grows with replicas and trials.
//!
//! The library is measured with everything that a result takes: the trials, their numbers and their order. It plays more
//! than the Python program does: a request and its answer are steps of their own.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use hactl::elector::Settings;
use hactl::elector::catalogue::{Name, Times};
use hactl::elector::kube_lease_manager::Edition;
use hactl::elector::setup::Visitor;
use hactl::sim::{Fault, Outcome, Random, Sample as Trials, Scenario, Simulator};

use crate::contest::{self, Entry, Timed, rounded, take_turns};
use crate::measure::{Sample, here, run};
use crate::python::{Agreement, Python};
use crate::say;
use crate::table::{self, Aim, Row, grouped, millis, titled};
use crate::tool::{Tool, hactl};

/// What `hactl failover` plays where it is not told how many.
const TRIALS: u64 = 100_000;
/// The seed that `hactl failover` has where it is not told which.
const SEED: u64 = 1;

const ROUNDS: usize = 9;

/// Aims.
const RATE: f64 = 1e6;
const PROCESS: Duration = Duration::from_millis(150);

/// Prints it all.
///
/// # Panics
/// If the Python program turns out to play another model: there would be nothing to compare.
pub(crate) fn compare() {
    say("simulation: beside Python");
    let python = Python::find(TRIALS);
    let beside = Beside::measure(python.as_ref());
    print!("{}", beside.table(python.as_ref()));
    let agreement = python.as_ref().map(|python| {
        let outcome = Play { name: Name::ClientGo, standbys: 1, threads: 1 }.play();
        Agreement::of(&outcome.takeovers, &python.play())
    });
    print!("{}", agreement.as_ref().map(same_model).unwrap_or_default());

    say("simulation: more standbys");
    print!("{}", by_standbys());
    say("simulation: more trials");
    print!("{}", by_trials());
    say("simulation: other libraries");
    print!("{}", by_library());

    print!("{}", beside.notes());
    print!("{}", table::aims(&beside.aims(agreement.as_ref())));
    assert!(agreement.is_none_or(|agreement| agreement.is_one_model()), "the Python program plays another model");
}

/// A leader's crash under a library with its defaults.
#[derive(Clone, Copy)]
struct Play {
    name: Name,
    standbys: u8,
    threads: u64,
}

impl Play {
    fn play(self) -> Outcome {
        self.name.setup(Times::default()).visit(self)
    }

    fn sample(self) -> Sample {
        let (sample, outcome) = here(|| black_box(self.play()));
        assert_eq!(outcome.trials, TRIALS, "every trial is counted");
        sample
    }

    fn entry(self, name: impl Into<String>) -> Entry<'static> {
        Entry::new(name, TRIALS, move || self.sample())
    }
}

impl Visitor for Play {
    type Output = Outcome;

    fn visit<S: Settings + Send + Sync>(self, settings: S) -> Outcome {
        let scenario = Scenario { standbys: self.standbys, ..Scenario::new(settings, Fault::Crash) };
        if self.threads == 1 {
            return hactl::sim::run(&scenario, TRIALS, SEED);
        }
        let (scenario, threads) = (&scenario, self.threads);
        let part = |number: u64| {
            let (mut simulator, mut trials) = (Simulator::new(scenario), Trials::default());
            for trial in (number..TRIALS).step_by(usize::try_from(threads).unwrap_or(usize::MAX)) {
                trials.add(&simulator.trial(Random::stream(SEED, trial), &mut ()));
            }
            trials
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|number| scope.spawn(move || part(number))).collect();
            let mut whole = part(0);
            others.into_iter().for_each(|other| whole.join(other.join().expect("trials do not panic")));
            whole.outcome()
        })
    }
}

fn processors() -> u64 {
    thread::available_parallelism().map_or(1, |processors| processors.get() as u64)
}

/// The whole process, with its default or another number of trials.
fn process(trials: Option<u64>) -> Tool {
    let args = trials.map(|trials| format!("--trials={trials}"));
    Tool::new("hactl failover", &hactl(), std::iter::once("failover".to_owned()).chain(args))
}

/// Those that are measured beside each other.
struct Beside {
    one: Timed,
    all: Timed,
    process: Timed,
    python: Option<Timed>,
}

impl Beside {
    fn measure(python: Option<&Python>) -> Self {
        let one = Play { name: Name::ClientGo, standbys: 1, threads: 1 };
        let threads = processors();
        let tool = process(None);
        let mut entries = vec![
            one.entry("hactl's library, one thread"),
            Play { threads, ..one }.entry(format!("hactl's library, {threads} threads")),
            Entry::new("hactl failover, the whole process", TRIALS, || run(&tool).0),
        ];
        entries.extend(python.map(|python| {
            let name = format!("a plain simulation in {}", python.version);
            Entry::new(name, TRIALS, || python.play().sample)
        }));
        let mut timed = take_turns(ROUNDS, entries).into_iter();
        let mut next = || timed.next().expect("each has its result");
        Self { one: next(), all: next(), process: next(), python: timed.next() }
    }

    fn table(&self, python: Option<&Python>) -> String {
        let mut head = contest::HEAD.to_vec();
        head.extend(python.map(|_| "times Python"));
        let ratio = |timed: &Timed| self.python.as_ref().map(|python| timed.rate() / python.rate());
        let line = |timed: &Timed| {
            let mut cells = timed.cells();
            cells.extend(ratio(timed).map(|ratio| format!("{ratio:.1}")));
            cells
        };
        let mut lines: Vec<_> = [&self.one, &self.all, &self.process].into_iter().map(line).collect();
        lines.push(self.python.as_ref().map_or_else(|| vec!["python3: not found".to_owned()], line));
        titled("A leader's crash under client-go 15s/10s/2s with one standby", &head, lines)
    }

    fn notes(&self) -> String {
        let processors = processors();
        format!(
            "\n  Medians of {ROUNDS} runs that took turns; the library's and Python's times are without start-up.\n  \
             Where it played beside Python, one thread had {:.2} of a processor, {processors} threads {:.2} of {processors}: where that is less,\n  \
             others were at work, and trials/CPU s says what one free processor does.\n  \
             hactl plays each request and each answer as a step of its own, the Python program looks and writes at once.\n",
            self.one.processors(),
            self.all.processors(),
        )
    }

    fn aims(&self, agreement: Option<&Agreement>) -> Vec<Aim> {
        let (rate, process) = (self.all.rate(), self.process.row.wall());
        let mut aims = vec![
            Aim {
                words: "client-go crash, on all processors (the aim is for two): 1 000 000 trials a second, or more",
                measured: rounded(rate),
                met: rate >= RATE,
            },
            Aim {
                words: "hactl failover as it starts, the whole process: 150 ms, or less",
                measured: format!("{} ms", millis(process)),
                met: process <= PROCESS,
            },
        ];
        aims.extend(agreement.map(|agreement| Aim {
            words: "the Python program plays the same model: no more than 4 standard errors apart",
            measured: format!("{:.1}", agreement.farthest()),
            met: agreement.is_one_model(),
        }));
        aims
    }
}

/// A comparison of two models would say nothing.
fn same_model(agreement: &Agreement) -> String {
    let line = |name: &str, values: [f64; 3], digits: usize| {
        let cells = values.iter().map(|value| format!("{value:.digits$}"));
        std::iter::once(name.to_owned()).chain(cells).collect()
    };
    let lines = [
        line(&format!("hactl, {} trials", grouped(TRIALS)), agreement.hactl, 3),
        line(&format!("Python, {} trials", grouped(TRIALS)), agreement.python, 3),
        line("apart, in standard errors", agreement.apart, 1),
    ];
    titled("The takeover, in seconds after the crash", &["", "mean", "p50", "p99"], lines)
}

fn by_standbys() -> String {
    let play = Play { name: Name::ClientGo, standbys: 1, threads: 1 };
    let entries = [1, 2, 4, 8, 16].map(|standbys| {
        let name = if standbys == 1 { "1 standby".to_owned() } else { format!("{standbys} standbys") };
        Play { standbys, ..play }.entry(name)
    });
    let timed = take_turns(ROUNDS, entries.into());
    titled("The same with more standbys, one thread", &contest::HEAD, timed.iter().map(Timed::cells))
}

fn by_trials() -> String {
    let tools = [1_000, 10_000, 100_000, 1_000_000].map(|trials| (trials, process(Some(trials))));
    let entry = |(trials, tool): &'_ (u64, Tool)| {
        let (trials, tool) = (*trials, tool.clone());
        Entry::new(format!("{} trials", grouped(trials)), trials, move || run(&tool).0)
    };
    let timed = take_turns(ROUNDS, tools.iter().map(entry).collect());
    let rows: Vec<Row> = timed.into_iter().map(|timed| timed.row).collect();
    table::table("hactl failover with more trials, the whole process", &rows)
}

fn by_library() -> String {
    let names = [Name::ClientGo, Name::KubeLeaseManager(Edition::Since0_11_1), Name::Kubert];
    let entries = names.map(|name| Play { name, standbys: 1, threads: 1 }.entry(name.as_str()));
    let timed = take_turns(ROUNDS, entries.into());
    let title = "A leader's crash under each library's defaults with one standby, one thread";
    titled(title, &contest::HEAD, timed.iter().map(Timed::cells))
}
