//! The electors' own machines: stuck before the repair, leading after it, and stuck again where it comes too early.

use jiff::{SignedDuration, Timestamp};

use super::super::{Case, Leader, Problem, Proof, Repair, Standing, diagnose};
use super::case;
use crate::elector::catalogue::{Name, Times};
use crate::elector::kube_lease_manager::Edition;
use crate::elector::polling::Library;
use crate::elector::setup::{Setup, Visitor};
use crate::elector::{Answer, Draws, Event, Input, Machine, Now, Request, Settings};
use crate::model::write::{Change, Fields, Identity, Manager, Place, Refusal, Spec, Write};
use crate::model::{LeasePatch, LeaseRecord, Micros};

const A: Identity = Identity::of(0);

/// When the play begins, by the wall clock.
const BEGIN: i64 = 1_800_000_000;

struct Longest;

impl Draws for Longest {
    fn between(&mut self, _: Micros, high: Micros) -> Micros {
        high
    }
}

/// One process before an API.
struct Alone<M> {
    machine: M,
    place: Place,
    now: Micros,
    wake: Option<Micros>,
    leads: bool,
}

impl<M: Machine> Alone<M> {
    fn new(machine: M, spec: Spec) -> Self {
        let mut place = Place::default();
        place.write(Manager::ADMINISTRATOR, &Write::Create(Spec::default())).unwrap();
        let set = |value: Option<Micros>| value.map_or(Change::Keep, Change::Set);
        let fields = Fields {
            holder: spec.holder.map_or(Change::Keep, Change::Set),
            duration: spec.duration.map_or(Change::Keep, Change::Set),
            acquired: set(spec.acquired),
            renewed: set(spec.renewed),
            transitions: spec.transitions.map_or(Change::Keep, Change::Set),
            preferred: Change::Keep,
        };
        place.write(Manager::ADMINISTRATOR, &Write::Patch { fields, version: None }).unwrap();
        Self { machine, place, now: Micros::ZERO, wake: Some(Micros::ZERO), leads: false }
    }

    /// Plays on for so many seconds; whether it has led at the end.
    fn play(&mut self, seconds: i64) -> bool {
        let end = self.now + Micros::from_secs(seconds);
        while let Some(wake) = self.wake.filter(|wake| *wake <= end) {
            self.now = self.now.max(wake);
            let mut input = Input::Wake;
            loop {
                let wall = Micros::from_secs(BEGIN) + self.now;
                let output = self.machine.step(Now { monotonic: self.now, wall }, input, &mut Longest);
                self.wake = output.wake;
                match output.event {
                    Some(Event::Started) => self.leads = true,
                    Some(Event::Stopped | Event::Exited) => self.leads = false,
                    None => {}
                }
                let Some(request) = output.request else { break };
                input = Input::Answer(self.answer(request));
                self.now += Micros::TICK;
            }
        }
        self.now = self.now.max(end);
        self.leads
    }

    fn answer(&mut self, request: Request) -> Answer {
        match request {
            Request::Get => match self.place.get() {
                Some(lease) => Answer::Found(lease.spec, lease.version),
                None => Answer::Rejected(Refusal::NotFound),
            },
            Request::Write(by, write) => match self.place.write(by, &write) {
                Ok(version) => Answer::Written(version),
                Err(refusal) => Answer::Rejected(refusal),
            },
        }
    }

    fn tamper(&mut self, fields: Fields) {
        self.place.write(Manager::ADMINISTRATOR, &Write::Patch { fields, version: None }).unwrap();
    }

    fn spec(&self) -> Spec {
        self.place.get().unwrap().spec
    }

    /// What hactl would find.
    fn diagnose(&self, name: Name, times: Times, leader: Leader) -> Option<Repair> {
        let lease = record(&self.spec());
        diagnose(&Case {
            times,
            leader,
            now: at(Micros::from_secs(BEGIN) + self.now),
            ..case(Some(&lease), Some(name))
        })
    }

    fn repair(&mut self, patch: &LeasePatch) {
        let fields = Fields {
            holder: changed(&patch.holder, |text| if text.is_empty() { Identity::EMPTY } else { A }),
            duration: changed(&patch.duration, |seconds| *seconds),
            acquired: changed(&patch.acquired, |at| Micros::new(at.as_microsecond())),
            renewed: changed(&patch.renewed, |at| Micros::new(at.as_microsecond())),
            transitions: changed(&patch.transitions, |number| *number),
            preferred: Change::Keep,
        };
        self.tamper(fields);
    }
}

fn changed<T, U>(change: &Change<T>, value: impl Fn(&T) -> U) -> Change<U> {
    match change {
        Change::Keep => Change::Keep,
        Change::Null => Change::Null,
        Change::Set(set) => Change::Set(value(set)),
    }
}

fn at(time: Micros) -> Timestamp {
    Timestamp::from_microsecond(time.get()).expect("a time")
}

fn record(spec: &Spec) -> LeaseRecord {
    let name = |identity: Identity| if identity == Identity::EMPTY { "" } else { "a" };
    LeaseRecord {
        holder: spec.holder.map(|identity| name(identity).to_owned()),
        duration: spec.duration.map(|seconds| SignedDuration::from_secs(seconds.into())),
        acquired: spec.acquired.map(at),
        renewed: spec.renewed.map(at),
        transitions: spec.transitions.map(i64::from),
        ..super::record("")
    }
}

fn klm(edition: Edition) -> (Name, Times, impl Settings) {
    let times = Times {
        lease_duration: Some(Micros::from_secs(15)),
        grace_period: Some(Micros::from_secs(5)),
        ..Times::default()
    };
    let name = Name::KubeLeaseManager(edition);
    let Setup::KubeLeaseManager(settings) = name.setup(times) else { panic!("{name}") };
    (name, times, settings)
}

const HOLDER_ALONE: Fields = Fields {
    holder: Change::Null,
    duration: Change::Keep,
    acquired: Change::Keep,
    renewed: Change::Keep,
    transitions: Change::Keep,
    preferred: Change::Keep,
};

#[test]
fn kube_lease_manager_is_deadlocked_until_all_is_null() {
    let (name, times, settings) = klm(Edition::Before0_11_1);
    // In each phase between two renewals, which are 10 s apart.
    for phase in [1, 4, 6, 9] {
        let mut elector = Alone::new(settings.machine(A, 0), Spec::default());
        assert!(elector.play(10 + phase));
        elector.tamper(HOLDER_ALONE);
        assert!(elector.diagnose(name, times, Leader::Unknown).expect("stuck").write().is_none(), "it lives");
        elector.play(12);
        assert!(!elector.leads, "it has renewed blindly, and then looked");
        assert!(!elector.play(300), "phase {phase}");
        let repair = elector.diagnose(name, times, Leader::Unknown).expect("stuck");
        assert_eq!(repair.problem, Problem::Deadlock);
        elector.repair(repair.write().expect("nobody has renewed for minutes"));
        assert!(elector.play(repair.within.as_secs()), "phase {phase}");
        assert_eq!(elector.diagnose(name, times, Leader::Unknown), None);
    }
}

#[test]
fn a_repair_before_the_blind_renewal_would_bring_the_deadlock_back() {
    let (name, times, settings) = klm(Edition::Before0_11_1);
    let mut elector = Alone::new(settings.machine(A, 0), Spec::default());
    elector.play(18);
    elector.tamper(HOLDER_ALONE);
    let repair = elector.diagnose(name, times, Leader::Unknown).expect("stuck");
    assert!(!repair.proof.holds());
    elector.repair(&repair.patch.expect("what would be written"));
    elector.play(12);
    assert!(!elector.play(300), "it has renewed what was nulled");
    assert_eq!(elector.diagnose(name, times, Leader::Unknown).map(|repair| repair.problem), Some(Problem::Deadlock));
}

#[test]
fn the_longest_silence_of_a_live_leader_is_shorter_than_what_is_asked_for() {
    for edition in [Edition::Before0_11_1, Edition::Since0_11_1] {
        let (name, times, settings) = klm(edition);
        let mut elector = Alone::new(settings.machine(A, 0), Spec::default());
        elector.play(1);
        for _ in 0..60 {
            elector.play(1);
            let mut spec = elector.spec();
            spec.holder = None;
            let now = at(Micros::from_secs(BEGIN) + elector.now);
            let lease = record(&spec);
            let found = diagnose(&Case { times, now, ..case(Some(&lease), Some(name)) }).expect("stuck");
            assert!(found.write().is_none(), "{edition:?}: {:?}", found.proof);
        }
    }
}

/// Libraries that a null stops, and fields that are null.
struct Stopped {
    name: Name,
    spec: Spec,
}

impl Visitor for Stopped {
    type Output = ();

    fn visit<S: Settings>(self, settings: S) {
        let Self { name, spec } = self;
        let mut elector = Alone::new(settings.machine(A, 0), spec);
        assert!(!elector.play(600), "{name} goes on with {spec:?}");
        let leader = Leader::Known { identity: "a".to_owned(), state: Standing::Ended };
        let repair = elector.diagnose(name, Times::default(), leader).unwrap_or_else(|| panic!("{name}: {spec:?}"));
        assert_eq!(repair.problem, Problem::NullField);
        assert!(matches!(repair.proof, Proof::Proved(_)));
        elector.repair(repair.write().expect("proved"));
        if name == Name::Fabric8 {
            // Its loop has ended.
            assert!(!elector.play(600));
            elector = Alone { machine: settings.machine(A, 1), wake: Some(elector.now), ..elector };
        }
        assert!(elector.play(repair.within.as_secs()), "{name} does not come back from {spec:?}");
    }
}

#[test]
fn who_cannot_read_a_null_leads_after_the_repair() {
    let (dated, long_ago) = (Some(Micros::from_secs(BEGIN - 60)), Some(Micros::from_secs(BEGIN - 3600)));
    let whole = Spec {
        holder: Some(Identity::EMPTY),
        duration: Some(15),
        acquired: dated,
        renewed: long_ago,
        transitions: Some(3),
        preferred: None,
    };
    let other = Spec { holder: Some(Identity::of(7)), ..whole };
    let (java, dotnet) = (Name::Polling(Library::Java), Name::Polling(Library::DotNet));
    for (name, spec) in [
        (dotnet, Spec::default()),
        (dotnet, Spec { holder: None, ..whole }),
        (dotnet, Spec { renewed: None, ..other }),
        (dotnet, Spec { acquired: None, ..other }),
        (java, Spec { duration: None, ..other }),
        (java, Spec { transitions: None, ..other }),
        (Name::KubeLeaderElection, Spec::default()),
        (Name::KubeLeaderElection, Spec { holder: None, ..whole }),
        (Name::KubeLeaderElection, Spec { duration: None, ..other }),
        (Name::KubeLeaderElection, Spec { transitions: None, ..other }),
        (Name::Fabric8, Spec::default()),
        (Name::Fabric8, Spec { duration: None, ..other }),
        (Name::Fabric8, Spec { renewed: None, ..other }),
    ] {
        name.setup(Times::default()).visit(Stopped { name, spec });
    }
}
