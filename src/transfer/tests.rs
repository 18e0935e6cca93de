//! The protocol alone, on a Lease that is really written to: each test plays the server, the old leader and the next.

mod asking;
mod prefer;

use super::*;
use crate::elector::Now;
use crate::model::Micros;
use crate::model::write::{Change, Fields, Identity, Manager, Place, Spec, Write};

const A: Identity = Identity::of(0);
const B: Identity = Identity::of(1);
const C: Identity = Identity::of(2);
const FENCE: Identity = Identity::of(100);
/// What the API server's clock shows at the beginning.
const EPOCH: Micros = Micros::from_secs(1_000_000);

const fn secs(seconds: i64) -> Micros {
    Micros::from_secs(seconds)
}

fn client_go(way: Way, to: Option<Identity>) -> Terms {
    Terms {
        from: A,
        to,
        fence: FENCE,
        way,
        duration: 15,
        freeing: Freeing::Empty,
        returns: false,
        chosen: false,
        stragglers: Micros::ZERO,
        timeout: secs(60),
    }
}

const HAND_OVER: Way = Way::HandOver {
    fence: Fence::Renewed(secs(2)),
    proof: Proof::Elapsed { wait: Micros::from_millis(12_500), undo: secs(7) },
};

const ACKNOWLEDGED: Way = Way::HandOver {
    fence: Fence::Named,
    proof: Proof::Acknowledged { interval: secs(10), rest: secs(1), within: secs(15), ask: false },
};

/// A protocol, the Lease, and a clock.
struct Play {
    machine: Machine,
    place: Place,
    at: Micros,
    out: Output,
    told: Vec<Told>,
    /// What the old leader says of itself.
    leads: Option<bool>,
}

impl Play {
    /// The old leader renewed two seconds ago.
    fn new(terms: Terms) -> Self {
        let mut play = Self {
            machine: Machine::new(terms),
            place: Place::default(),
            at: secs(2),
            out: Output::default(),
            told: Vec::new(),
            leads: Some(false),
        };
        play.write(0, Write::Create(record(A, secs(0))));
        play.out = play.step(Input::Wake);
        play
    }

    fn step(&mut self, input: Input) -> Output {
        let out = self.machine.step(Now { monotonic: self.at, wall: EPOCH + self.at }, input);
        self.told.extend(out.told);
        out
    }

    fn write(&mut self, by: u8, write: Write) {
        self.place.write(Manager::of(by), &write).expect("a write that the server takes");
    }

    fn sight(&self) -> Option<Sight> {
        self.place.get().map(Sight::of)
    }

    /// Answers what is asked as the server would, until nothing is asked any more.
    fn answer(&mut self) -> &mut Self {
        while let Some(request) = self.out.request {
            let answer = match request {
                Request::Lease => Answer::Lease(self.sight()),
                Request::Pod => Answer::Pod(Body::Ended),
                Request::Ask => Answer::Leads(self.leads),
                Request::Evict => Answer::Accepted,
                Request::Write { fields, version, .. } => {
                    let write = Write::Patch { fields, version: Some(version) };
                    match self.place.write(Manager::ADMINISTRATOR, &write) {
                        Ok(_) => Answer::Written(self.sight().expect("there is a Lease")),
                        Err(_) => Answer::Refused(No::Stale),
                    }
                }
            };
            self.out = self.step(Input::Answer(answer));
        }
        self
    }

    fn tell(&mut self, input: Input) -> &mut Self {
        self.out = self.step(input);
        self.answer()
    }

    /// Lets time pass, and wakes the protocol whenever it asked for it.
    fn until(&mut self, at: Micros) -> &mut Self {
        while let Some(wake) = self.out.wake.filter(|wake| *wake <= at) {
            self.at = self.at.max(wake);
            self.out = self.step(Input::Wake);
            self.answer();
        }
        self.at = at;
        self
    }

    /// Someone else writes, and the watch tells of it.
    fn seen(&mut self, by: u8, write: Write) -> &mut Self {
        self.write(by, write);
        let sight = self.sight();
        self.tell(Input::Lease(sight))
    }

    fn holder(&self) -> Option<Identity> {
        self.place.get().and_then(|lease| lease.spec.holder)
    }
}

fn record(holder: Identity, at: Micros) -> Spec {
    let now = Some(EPOCH + at);
    Spec {
        holder: Some(holder),
        duration: Some(15),
        acquired: now,
        renewed: now,
        transitions: Some(3),
        preferred: None,
    }
}

/// A renewal or a take-over, as client-go writes it.
fn put(play: &Play, holder: Identity) -> Write {
    Write::Put { spec: record(holder, play.at), version: play.place.get().map(|lease| lease.version) }
}

fn patch(fields: Fields) -> Write {
    Write::Patch { fields, version: None }
}

#[test]
fn the_fence_stands_until_the_old_leader_is_off() {
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer();
    assert_eq!(play.holder(), Some(FENCE));
    play.until(secs(14));
    assert_eq!(play.holder(), Some(FENCE), "12.5 s from second 2 on");
    play.until(Micros::from_millis(14_500));
    let lease = play.sight().expect("a Lease").spec;
    assert_eq!((lease.holder, lease.transitions), (Some(B), Some(4)));
    assert_eq!((lease.acquired, lease.renewed), (Some(EPOCH + play.at), Some(EPOCH + play.at)));
    assert_eq!(play.out.end, None, "nobody has seen the next leader yet");
    play.at = secs(16);
    let renewal = put(&play, B);
    play.seen(0, renewal);
    assert_eq!(play.out.end, Some(End::Done(B)));
    let renewals = play.told.iter().filter(|told| **told == Told::Stored(Step::Renew)).count();
    assert_eq!(renewals, 6, "every two seconds in twelve and a half");
}

#[test]
fn an_exit_of_the_container_ends_the_wait() {
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().until(secs(9)).tell(Input::Pod(Body::Exited));
    assert_eq!(play.holder(), Some(B));
}

#[test]
fn without_a_name_the_lease_is_freed() {
    let mut play = Play::new(client_go(HAND_OVER, None));
    play.answer().until(secs(15));
    let lease = play.sight().expect("a Lease").spec;
    assert_eq!((lease.holder, lease.transitions), (Some(Identity::EMPTY), Some(3)), "who takes it counts");
    let taken = put(&play, C);
    assert_eq!(play.seen(0, taken).out.end, Some(End::Done(C)));
}

#[test]
fn an_acknowledgement_is_dated_by_the_old_leader() {
    let terms = Terms { to: Some(B), ..client_go(ACKNOWLEDGED, None) };
    let mut play = Play::new(terms);
    play.answer().until(secs(10));
    assert_eq!(play.holder(), Some(FENCE));
    // Someone else's date is none.
    play.seen(9, patch(Fields { renewed: Change::Set(EPOCH + secs(9)), ..Fields::default() }));
    assert_eq!(play.holder(), Some(FENCE));
    play.seen(0, patch(Fields { renewed: Change::Set(EPOCH + secs(10)), ..Fields::default() }));
    assert!(play.told.contains(&Told::Acknowledged));
    play.until(Micros::from_millis(10_999));
    assert_eq!(play.holder(), Some(FENCE), "until the old leader has read it");
    play.until(secs(11));
    let lease = play.sight().expect("a Lease").spec;
    let later = Some(EPOCH + secs(11));
    assert_eq!((lease.holder, lease.renewed), (Some(B), later), "it outlasts the old leader's date");
    play.at = secs(20);
    play.seen(1, patch(Fields { renewed: Change::Set(EPOCH + secs(20)), ..Fields::default() }));
    assert_eq!(play.out.end, Some(End::Done(B)));
}

#[test]
fn whoever_takes_over_from_a_leader_that_is_cut_off_may_not_be_alone() {
    let mut play = Play::new(Terms { to: Some(B), ..client_go(ACKNOWLEDGED, None) });
    play.answer().until(secs(15));
    assert_eq!((play.holder(), play.out.end), (Some(FENCE), None));
    play.at = Micros::from_millis(15_200);
    let taken = Fields { holder: Change::Set(B), renewed: Change::Set(EPOCH + play.at), ..Fields::default() };
    play.seen(1, patch(taken));
    assert_eq!(play.out.end, Some(End::Unknown(Doubt::CutOff)));
}

#[test]
fn no_fence_goes_up_near_a_renewal() {
    let mut play = Play::new(Terms { to: Some(B), ..client_go(ACKNOWLEDGED, None) });
    // The leader renewed half a second ago.
    play.at = Micros::from_millis(500);
    play.answer();
    assert_eq!(play.holder(), Some(A));
    play.until(secs(1));
    assert_eq!(play.holder(), Some(FENCE));
}

#[test]
fn a_lost_answer_is_looked_up() {
    for stored in [true, false] {
        let mut play = Play::new(client_go(HAND_OVER, Some(B)));
        let lease = play.sight();
        play.out = play.step(Input::Answer(Answer::Lease(lease)));
        let Some(Request::Write { step: Step::Fence, fields, version }) = play.out.request else {
            panic!("a fence, not {:?}", play.out)
        };
        if stored {
            play.place.write(Manager::ADMINISTRATOR, &Write::Patch { fields, version: Some(version) }).expect("stored");
        }
        play.tell(Input::Answer(Answer::Lost)).until(secs(3));
        assert_eq!(play.holder(), Some(FENCE));
        let lease = play.place.get().expect("a Lease").spec;
        assert_eq!(lease.transitions, Some(3));
    }
}

#[test]
fn evicted_and_terminated_comes_before_the_release() {
    let mut play = Play::new(client_go(Way::Evict, None));
    play.answer();
    assert_eq!((play.holder(), play.machine.touched()), (Some(A), true));
    play.tell(Input::Pod(Body::Terminating)).until(secs(5));
    assert_eq!(play.holder(), Some(A), "its containers may run");
    play.tell(Input::Pod(Body::Ended));
    assert_eq!(play.holder(), Some(Identity::EMPTY));
    let taken = put(&play, C);
    assert_eq!(play.seen(0, taken).out.end, Some(End::Done(C)));
}

/// An eviction that is accepted, and nobody hears of it.
fn evicted_unheard() -> Play {
    let mut play = Play::new(client_go(Way::Evict, None));
    let lease = play.sight();
    play.out = play.step(Input::Answer(Answer::Lease(lease)));
    assert_eq!(play.out.request, Some(Request::Evict));
    play
}

#[test]
fn an_eviction_whose_answer_was_lost_is_followed_by_the_release() {
    let mut play = evicted_unheard();
    play.tell(Input::Pod(Body::Ended));
    play.tell(Input::Answer(Answer::Lost)).until(secs(3));
    assert_eq!((play.holder(), play.out.end), (Some(Identity::EMPTY), None));
}

#[test]
fn what_was_done_unheard_is_never_said_to_be_nothing() {
    for holder in [Identity::EMPTY, C] {
        let mut play = evicted_unheard();
        play.tell(Input::Pod(Body::Ended));
        // It gives the Lease up on its way out, and someone may have taken it already.
        play.write(0, patch(Fields { holder: Change::Set(holder), ..Fields::default() }));
        play.tell(Input::Answer(Answer::Lost)).until(secs(3));
        assert_eq!(play.out.end, None, "who leads is still to be seen");
        play.at = secs(4);
        let taken = put(&play, C);
        assert_eq!(play.seen(0, taken).out.end, Some(End::Done(C)));
    }
}

#[test]
fn what_a_process_has_sent_arrives_before_the_lease_is_given_away() {
    for way in [Way::Evict, ACKNOWLEDGED] {
        let mut play = Play::new(Terms { stragglers: secs(1), ..client_go(way, Some(B)) });
        play.answer();
        let held = play.holder();
        play.until(secs(4)).tell(Input::Pod(Body::Ended)).until(Micros::from_millis(4_999));
        assert_eq!(play.holder(), held, "a release that names no version may be on its way");
        play.until(secs(5));
        assert_eq!(play.holder(), Some(B));
    }
}

#[test]
fn a_pod_that_is_lost_proves_nothing() {
    let mut play = Play::new(client_go(Way::Evict, Some(B)));
    play.answer().tell(Input::Pod(Body::Terminating)).tell(Input::Pod(Body::Lost)).until(secs(40));
    assert_eq!(play.holder(), Some(A));
    let taken = put(&play, C);
    assert_eq!(play.seen(0, taken).out.end, Some(End::Elsewhere(C)));
}

#[test]
fn a_replacement_with_the_old_name_is_left_alone() {
    let terms = Terms { returns: true, ..client_go(Way::Evict, Some(B)) };
    let mut play = Play::new(terms);
    play.answer().tell(Input::Pod(Body::Terminating));
    play.out = play.step(Input::Pod(Body::Ended));
    assert_eq!(play.out.request, Some(Request::Pod));
    play.tell(Input::Answer(Answer::Pod(Body::Replaced)));
    assert_eq!(play.holder(), Some(A));
    play.at = secs(6);
    let renewal = put(&play, A);
    assert_eq!(play.seen(0, renewal).out.end, Some(End::Elsewhere(A)));
}

#[test]
fn a_late_watch_does_not_bring_the_old_pod_back() {
    let mut play = Play::new(Terms { returns: true, ..client_go(Way::Evict, Some(B)) });
    let lease = Answer::Lease(play.sight());
    assert_eq!(play.step(Input::Answer(lease)).request, Some(Request::Evict));
    play.step(Input::Answer(Answer::Lost));
    play.at = secs(3);
    assert_eq!(play.step(Input::Wake).request, Some(Request::Lease));
    assert_eq!(play.step(Input::Answer(lease)).request, Some(Request::Pod));
    play.step(Input::Answer(Answer::Pod(Body::Replaced)));
    // The one that has the name now may lead by it, and may not have written yet.
    assert_eq!(play.step(Input::Pod(Body::Terminating)).request, None);
    assert_eq!(play.step(Input::Pod(Body::Ended)).request, None);
}

#[test]
fn a_foreign_holder_ends_it() {
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().seen(9, patch(Fields { holder: Change::Set(C), ..Fields::default() }));
    assert_eq!((play.told.last(), play.out.end), (Some(&Told::Foreign(Some(C))), None), "nobody leads yet");
    play.at = secs(4);
    let renewal = put(&play, C);
    assert_eq!(play.seen(0, renewal).out.end, Some(End::Elsewhere(C)));

    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().seen(9, patch(Fields { holder: Change::Set(A), ..Fields::default() }));
    assert_eq!(play.out.end, Some(End::Unknown(Doubt::Restored)));
}

#[test]
fn the_old_leader_may_come_back_first_once_the_lease_is_free() {
    let mut play = Play::new(client_go(HAND_OVER, None));
    play.answer().until(secs(15));
    assert_eq!(play.holder(), Some(Identity::EMPTY));
    let taken = put(&play, A);
    assert_eq!(play.seen(0, taken).out.end, Some(End::Elsewhere(A)));
}

#[test]
fn a_deletion_meanwhile_is_waited_for() {
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().tell(Input::Pod(Body::Terminating)).until(secs(20));
    assert_eq!(play.holder(), Some(FENCE), "it may act until its process has ended");
    // Its release wipes the fence.
    play.seen(0, patch(Fields { holder: Change::Set(Identity::EMPTY), ..Fields::default() }));
    assert_eq!((play.holder(), play.out.end), (Some(Identity::EMPTY), None));
    play.tell(Input::Pod(Body::Ended));
    assert_eq!(play.holder(), Some(B));
}

#[test]
fn what_an_ended_pod_has_claimed_is_given_to_the_next() {
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().tell(Input::Pod(Body::Terminating)).until(secs(20));
    // A fence of kubert runs out meanwhile, and the old leader takes it on its way out.
    play.out = play.step(Input::Pod(Body::Ended));
    assert!(matches!(play.out.request, Some(Request::Write { step: Step::HandOver, .. })), "{:?}", play.out);
    let claimed = put(&play, A);
    play.write(0, claimed);
    play.answer();
    assert_eq!((play.holder(), play.out.end), (Some(B), None));
}

#[test]
fn an_interruption_takes_the_fence_back_only_in_time() {
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    assert_eq!(play.step(Input::Interrupt), Output::default(), "a request is on its way");
    assert_eq!(play.answer().out.end, Some(End::Interrupted));

    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().until(secs(8)).tell(Input::Interrupt);
    assert_eq!((play.holder(), play.out.end), (Some(A), Some(End::Unknown(Doubt::TakenBack))));

    // The watch tells of it before the answer comes.
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().until(secs(8));
    play.out = play.step(Input::Interrupt);
    play.write(9, patch(Fields { holder: Change::Set(A), ..Fields::default() }));
    play.step(Input::Lease(play.sight()));
    assert!(play.told.iter().all(|told| matches!(told, Told::Stored(_))), "{:?}", play.told);
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().until(secs(10)).tell(Input::Interrupt);
    assert_eq!((play.holder(), play.out.end), (Some(FENCE), Some(End::Unknown(Doubt::Interrupted))));
}

#[test]
fn nothing_is_changed_where_the_checks_fail() {
    let end = |terms: Terms| Play::new(terms).answer().out.end;
    assert_eq!(end(client_go(HAND_OVER, Some(A))), None);
    let other = Terms { from: C, ..client_go(HAND_OVER, Some(B)) };
    assert_eq!(end(other), Some(End::Refused(Why::Holder(Some(A)))));
    assert_eq!(end(Terms { to: Some(A), ..other }), Some(End::Already));
    let mut late = Play::new(client_go(HAND_OVER, Some(B)));
    late.at = secs(16);
    assert_eq!(late.answer().out.end, Some(End::Refused(Why::Expired)));
    let mut full = Play::new(client_go(Way::Evict, None));
    let lease = full.sight();
    full.out = full.step(Input::Answer(Answer::Lease(lease)));
    full.out = full.step(Input::Answer(Answer::Refused(No::Budget)));
    assert_eq!(full.out.end, Some(End::Refused(Why::Budget)));
}

#[test]
fn time_runs_out() {
    let mut play = Play::new(client_go(HAND_OVER, Some(B)));
    play.answer().until(secs(100));
    assert_eq!((play.holder(), play.out.end), (Some(B), Some(End::Unknown(Doubt::Time))));
}
