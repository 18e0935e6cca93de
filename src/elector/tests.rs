//! The machines step by step, with answers by hand.

mod third_party;

use super::client_go::ClientGo;
use super::kube_lease_manager::{Edition, KubeLeaseManager};
use super::kubert::Kubert;
use super::rule::Broken;
use super::*;
use crate::model::write::{Change, Fields, Place};

const A: Identity = Identity::of(0);
const B: Identity = Identity::of(1);

fn secs(seconds: i64) -> Micros {
    Micros::from_secs(seconds)
}

fn go() -> ClientGo {
    ClientGo::new(secs(15), secs(10), secs(2))
}

/// Draws that are always the smallest, or the greatest.
#[derive(Clone, Copy)]
enum Always {
    Least,
    Most,
}

impl Draws for Always {
    fn between(&mut self, low: Micros, high: Micros) -> Micros {
        match self {
            Self::Least => low,
            Self::Most => high,
        }
    }
}

/// One process before an API that is there or not: what it asks for and when, and what becomes of the work.
struct Alone<M> {
    machine: M,
    place: Place,
    draws: Always,
    down: Option<Failure>,
    now: Micros,
    wake: Option<Micros>,
    asked: Vec<(Micros, &'static str)>,
    events: Vec<(Micros, Event)>,
}

impl<M: Machine> Alone<M> {
    fn new(machine: M) -> Self {
        let mut place = Place::default();
        place.write(Manager::ADMINISTRATOR, &Write::Create(Spec::default())).unwrap();
        let now = Micros::ZERO;
        let (asked, events) = (Vec::new(), Vec::new());
        Self { machine, place, draws: Always::Least, down: None, now, wake: Some(now), asked, events }
    }

    fn give(&mut self, input: Input) {
        let mut input = input;
        loop {
            let now = Now { monotonic: self.now, wall: secs(1_000) + self.now };
            let output = self.machine.step(now, input, &mut self.draws);
            self.wake = output.wake;
            self.events.extend(output.event.map(|event| (self.now, event)));
            let Some(request) = output.request else { return };
            self.asked.push((self.now, name(&request)));
            input = Input::Answer(self.answer(request));
            self.now += Micros::TICK;
        }
    }

    fn answer(&mut self, request: Request) -> Answer {
        if let Some(failure) = self.down {
            return Answer::Failed(failure);
        }
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

    fn until(&mut self, end: Micros) {
        while let Some(wake) = self.wake.filter(|wake| *wake <= end) {
            self.now = self.now.max(wake);
            self.give(Input::Wake);
        }
        self.now = self.now.max(end);
    }

    /// What was asked for since, at which second.
    fn asked_since(&mut self, since: i64) -> Vec<(i64, &'static str)> {
        self.asked.drain(..).map(|(at, what)| (at.whole_seconds() - since, what)).collect()
    }

    fn events(&mut self) -> Vec<(i64, Event)> {
        self.events.drain(..).map(|(at, what)| (at.whole_seconds(), what)).collect()
    }

    fn tamper(&mut self, fields: Fields) {
        self.place.write(Manager::ADMINISTRATOR, &Write::Patch { fields, version: None }).unwrap();
    }

    fn spec(&self) -> Spec {
        self.place.get().unwrap().spec
    }
}

fn name(request: &Request) -> &'static str {
    match request {
        Request::Get => "get",
        Request::Write(_, Write::Create(_)) => "create",
        Request::Write(_, Write::Put { .. }) => "put",
        Request::Write(_, Write::Apply { .. }) => "apply",
        Request::Write(_, Write::Patch { .. }) => "patch",
        Request::Write(_, Write::Delete { .. }) => "delete",
    }
}

#[test]
fn a_client_go_leader_puts_over_what_it_knows_and_looks_only_on_error() {
    let mut leader = Alone::new(go().machine(A, 0));
    leader.until(secs(3));
    // It renews as soon as it leads, and then every retry period.
    assert_eq!(leader.asked_since(0), [(0, "get"), (0, "put"), (0, "put"), (2, "put")]);
    assert_eq!(leader.events(), [(0, Event::Started)]);
    leader.tamper(Fields { duration: Change::Set(1), ..Fields::default() });
    leader.until(secs(5));
    assert_eq!(leader.asked_since(0), [(4, "put"), (4, "get"), (4, "put")]);
    let before = leader.spec();
    assert_eq!((before.duration, before.transitions), (Some(15), Some(1)));
    leader.place.write(Manager::ADMINISTRATOR, &Write::Delete { version: None }).unwrap();
    leader.until(secs(7));
    assert_eq!(leader.asked_since(0), [(6, "put"), (6, "get"), (6, "create")]);
    assert_eq!((leader.spec().acquired, leader.spec().transitions), (before.acquired, before.transitions));
}

#[test]
fn a_client_go_leader_tries_for_a_renew_deadline_and_the_way_of_failing_tells() {
    for (failure, expected) in [
        (Failure::Refused, [0, 2, 4, 6, 8].map(|at| [(at, "put"), (at, "get")]).concat()),
        (Failure::Reset, {
            // A call may take 5 s with its repetitions; then the tick that was kept back begins the next try.
            let tries = |from: i64| std::iter::once((from, "put")).chain((from..from + 5).map(|at| (at, "get")));
            tries(0).chain(tries(5)).collect()
        }),
    ] {
        let mut leader = Alone::new(go().machine(A, 0));
        leader.until(secs(3));
        leader.asked.clear();
        leader.down = Some(failure);
        leader.until(secs(60));
        assert_eq!(leader.asked_since(4), expected, "{failure:?}");
        assert_eq!(leader.events(), [(0, Event::Started), (14, Event::Exited)]);
    }
}

#[test]
fn a_client_go_standby_waits_for_the_records_own_duration() {
    let held = |duration, renewed| Fields {
        holder: Change::Set(B),
        duration: Change::Set(duration),
        renewed: Change::Set(Micros::new(renewed)),
        ..Fields::default()
    };
    let mut standby = Alone::new(go().machine(A, 0));
    standby.tamper(held(30, 0));
    standby.until(secs(25));
    // A renewal within the same second is none.
    standby.tamper(held(30, 999_999));
    standby.until(secs(100));
    assert_eq!(standby.events(), [(30, Event::Started)]);
    assert_eq!(standby.spec().duration, Some(15));
}

#[test]
fn a_client_go_release_wipes_a_holder_that_it_has_not_seen() {
    let settings = ClientGo { release_on_cancel: true, ..go() };
    let mut leader = Alone::new(settings.machine(A, 0));
    leader.until(secs(3));
    leader.tamper(Fields { holder: Change::Set(B), ..Fields::default() });
    leader.give(Input::Shutdown);
    assert_eq!(leader.spec().holder, Some(Identity::EMPTY));
    assert_eq!(leader.events(), [(0, Event::Started), (3, Event::Stopped), (3, Event::Exited)]);
    // Had it renewed in between, it would have seen it.
    let mut leader = Alone::new(settings.machine(A, 0));
    leader.until(secs(3));
    leader.tamper(Fields { holder: Change::Set(B), ..Fields::default() });
    leader.until(secs(5));
    leader.give(Input::Shutdown);
    assert_eq!(leader.spec().holder, Some(B));
}

#[test]
fn a_client_go_leader_that_lost_acts_on_while_it_releases() {
    let mut leader = Alone::new(ClientGo { release_on_cancel: true, ..go() }.machine(A, 0));
    leader.until(secs(3));
    leader.down = Some(Failure::Reset);
    leader.until(secs(60));
    // The callback comes after the release, whose GET is repeated for half a renew deadline.
    assert_eq!(leader.events(), [(0, Event::Started), (19, Event::Exited)]);
}

#[test]
fn kube_lease_manager_does_not_go_back_to_a_short_pause() {
    let settings = KubeLeaseManager::new(secs(60), secs(50), Edition::Since0_11_1);
    let mut leader = Alone::new(settings.machine(A, 0));
    leader.until(secs(9));
    leader.draws = Always::Most;
    // Every tenth second it renews, and one renewal in two fails once.
    for pause in [2, 4, 8, 16, 30, 30] {
        leader.asked.clear();
        leader.down = Some(Failure::ServerError);
        leader.until(leader.now + secs(2));
        leader.down = None;
        leader.until(leader.now + secs(pause));
        let asked: Vec<_> = leader.asked.iter().map(|(at, what)| (*at, *what)).collect();
        assert_eq!(asked[1].0.whole_seconds() - asked[0].0.whole_seconds(), pause);
        assert_eq!(asked[1].1, "patch");
        // Until a second before the next renewal.
        leader.until(asked[1].0 + secs(9));
    }
    assert_eq!(leader.events(), [(0, Event::Started)]);
}

#[test]
fn kube_lease_manager_leads_on_without_a_lease() {
    let settings = KubeLeaseManager::new(secs(15), secs(5), Edition::Before0_11_1);
    let mut leader = Alone::new(settings.machine(A, 0));
    leader.until(secs(5));
    leader.place.write(Manager::ADMINISTRATOR, &Write::Delete { version: None }).unwrap();
    leader.until(secs(300));
    assert_eq!(leader.events(), [(0, Event::Started)]);
    assert_eq!(leader.place.get(), None);
}

#[test]
fn kubert_gives_up_after_three_more_tries() {
    let mut leader = Alone::new(Kubert::new(secs(30), secs(1)).machine(A, 0));
    leader.until(secs(20));
    leader.asked.clear();
    leader.down = Some(Failure::Refused);
    leader.until(secs(60));
    assert_eq!(leader.asked_since(29), [(0, "patch"), (1, "patch"), (2, "patch"), (3, "patch")]);
    // The claim runs out by itself, before the task ends.
    assert_eq!(leader.events(), [(0, Event::Started), (30, Event::Stopped), (32, Event::Exited)]);
}

#[test]
fn kubert_cannot_create_a_lease_that_is_gone() {
    let mut leader = Alone::new(Kubert::new(secs(6), secs(1)).machine(A, 0));
    leader.until(secs(4));
    leader.place.write(Manager::ADMINISTRATOR, &Write::Delete { version: None }).unwrap();
    leader.until(secs(60));
    assert_eq!(leader.events(), [(0, Event::Started), (6, Event::Stopped), (8, Event::Exited)]);
    assert_eq!(leader.place.get(), None);
}

#[test]
fn each_rule_is_kept_and_named() {
    assert_eq!(go().check(), Ok(()));
    let broken = |lease, renew, retry| ClientGo::new(secs(lease), secs(renew), secs(retry)).check().unwrap_err();
    assert!(matches!(broken(10, 10, 2), Broken::DeadlineBeyondDuration { .. }));
    assert!(matches!(broken(15, 12, 10), Broken::DeadlineWithinRetry { .. }));
    assert!(matches!(broken(15, 10, 0), Broken::NotPositive { name: "retry period", .. }));
    assert!(matches!(broken(i64::from(i32::MAX) + 1, 10, 2), Broken::TooLong { .. }));
    let millis = Micros::from_millis;
    let short = ClientGo::new(millis(900), millis(600), millis(100));
    assert!(matches!(short.check(), Err(Broken::Fraction { .. })));
    assert_eq!(
        broken(10, 10, 2).to_string(),
        "the lease duration (10 s) must be greater than the renew deadline (10 s) \
         (k8s.io/client-go/tools/leaderelection/leaderelection.go)"
    );
    let klm = |lease, grace| KubeLeaseManager::new(lease, grace, Edition::Since0_11_1).check();
    assert_eq!(klm(secs(15), secs(5)), Ok(()));
    assert!(matches!(klm(secs(15), secs(15)), Err(Broken::GraceBeyondDuration { .. })));
    assert!(matches!(klm(secs(15), millis(1_500)), Err(Broken::Fraction { .. })));
    assert!(matches!(klm(secs(0), secs(5)), Err(Broken::NotPositive { .. })));
    assert_eq!(Kubert::new(secs(30), millis(500)).check(), Ok(()));
    assert!(matches!(Kubert::new(secs(5), secs(5)).check(), Err(Broken::GraceBeyondDuration { .. })));
}

/// The library's rule lets OpenShift's single-node setting through, which can have two leaders.
#[test]
fn valid_is_not_yet_safe() {
    let margin = |lease, renew, retry| {
        let settings = ClientGo::new(secs(lease), secs(renew), secs(retry));
        assert_eq!(settings.check(), Ok(()));
        settings.margin()
    };
    assert_eq!(margin(15, 10, 2), secs(3));
    assert_eq!(margin(137, 107, 26), secs(4));
    assert_eq!(margin(270, 240, 60), secs(-30));
    let quick = ClientGo::new(secs(3), secs(1), Micros::from_millis(500));
    assert_eq!(quick.margin(), Micros::from_millis(500));
}
