//! What stands in the record after others have written to it.

use super::*;

fn klm(edition: Edition) -> KubeLeaseManager {
    KubeLeaseManager::new(secs(6), secs(2), edition)
}

/// Somebody's record, renewed so many seconds ago.
fn held(by: Identity, ago: i64) -> Fields {
    let renewed = Change::Set(secs(1_000 - ago));
    let (holder, duration, transitions) = (Change::Set(by), Change::Set(15), Change::Set(7));
    Fields { holder, duration, acquired: renewed, renewed, transitions, preferred: Change::Keep }
}

/// Who is named takes the Lease over as its own: whoever names it has to count. Who takes it from another counts itself.
#[test]
fn who_is_named_does_not_count_and_who_takes_does() {
    let mut named = Alone::new(go().machine(A, 0));
    named.tamper(held(A, 0));
    named.until(secs(1));
    assert_eq!((named.spec().transitions, named.events()), (Some(7), vec![(0, Event::Started)]));
    let mut taker = Alone::new(go().machine(A, 0));
    taker.tamper(held(B, 0));
    taker.until(secs(20));
    assert_eq!((taker.spec().transitions, taker.events()), (Some(8), vec![(16, Event::Started)]));
    let mut named = Alone::new(klm(Edition::Since0_11_1).machine(A, 0));
    named.tamper(held(A, 0));
    named.until(secs(1));
    assert_eq!((named.spec().transitions, named.events()), (Some(7), vec![(0, Event::Started)]));
    let mut taker = Alone::new(klm(Edition::Since0_11_1).machine(A, 0));
    taker.tamper(held(B, 60));
    taker.until(secs(1));
    assert_eq!((taker.spec().transitions, taker.events()), (Some(8), vec![(0, Event::Started)]));
}

/// A leader that finds its Lease cleared takes it again and counts; one that finds it deleted goes on counting from what
/// it knew.
#[test]
fn a_leader_counts_what_it_takes_again() {
    let mut leader = Alone::new(go().machine(A, 0));
    leader.tamper(held(A, 0));
    leader.until(secs(1));
    leader.tamper(Fields { holder: Change::Null, ..Fields::default() });
    leader.until(secs(3));
    assert_eq!((leader.spec().holder, leader.spec().transitions), (Some(A), Some(8)));
    leader.place.write(Manager::ADMINISTRATOR, &Write::Delete { version: None }).unwrap();
    leader.until(secs(5));
    assert_eq!(leader.spec().transitions, Some(8));
    assert_eq!(leader.events(), [(0, Event::Started)]);
}

/// kube-lease-manager's leader renews a record that is another's by now, and so shows that it has not seen it yet; then it
/// sees it and stops.
#[test]
fn a_renewal_of_anothers_record_is_an_acknowledgement() {
    let mut leader = Alone::new(klm(Edition::Before0_11_1).machine(A, 0));
    leader.until(secs(1));
    let before = leader.spec().renewed;
    leader.tamper(Fields { holder: Change::Set(Identity::NOBODY), ..Fields::default() });
    leader.until(secs(3));
    assert_eq!((leader.spec().renewed, leader.events()), (before, vec![(0, Event::Started)]));
    leader.until(secs(5));
    assert_eq!(leader.spec().holder, Some(Identity::NOBODY));
    assert!(leader.spec().renewed > before);
    assert_eq!(leader.events(), [(4, Event::Stopped)]);
    // kubert's names a version: it writes nothing.
    let mut leader = Alone::new(Kubert::new(secs(6), secs(2)).machine(A, 0));
    leader.until(secs(1));
    let before = leader.spec().renewed;
    leader.tamper(Fields { holder: Change::Set(Identity::NOBODY), ..Fields::default() });
    leader.until(secs(5));
    assert_eq!((leader.spec().renewed, leader.events()), (before, vec![(0, Event::Started), (4, Event::Stopped)]));
}

/// Two processes on one Lease, in small steps.
fn together<M: Machine>(one: &mut Alone<M>, other: &mut Alone<M>, end: Micros) {
    while one.now < end {
        let now = one.now + Micros::from_millis(50);
        one.until(now);
        other.place = one.place;
        other.until(now);
        one.place = other.place;
    }
}

/// A standby nulls an expired record, slowly: another has the Lease by then, and has begun to lead. It renews what is
/// nobody's any more. The old edition conflicts with that for ever, all of them; the new one sees it and mends it.
#[test]
fn a_slow_write_of_a_standby_ends_an_old_kube_lease_manager() {
    for edition in [Edition::Before0_11_1, Edition::Since0_11_1] {
        let mut quick = Alone::new(klm(edition).machine(A, 0));
        quick.tamper(held(Identity::NOBODY, 60));
        let mut slow = Alone::new(klm(edition).machine(B, 1));
        slow.place = quick.place;
        // As far as its write, which is under way then.
        let mut input = Input::Wake;
        let nulls = loop {
            let now = Now { monotonic: slow.now, wall: secs(1_000) + slow.now };
            let request = slow.machine.step(now, input, &mut slow.draws).request.expect("it asks");
            if let Request::Write(by, write) = request {
                break (by, write);
            }
            input = Input::Answer(slow.answer(request));
            slow.now += Micros::TICK;
        };
        quick.until(secs(2));
        assert_eq!(quick.events(), [(0, Event::Started)]);
        let version = quick.place.write(nulls.0, &nulls.1).expect("it names no version");
        assert_eq!(quick.spec().holder, None);
        // The leader's renewal is there before the standby's next write.
        quick.until(secs(5));
        let mended = edition == Edition::Since0_11_1;
        let again = mended.then_some((4, Event::Started));
        assert_eq!(quick.events(), [(4, Event::Stopped)].into_iter().chain(again).collect::<Vec<_>>());
        slow.now = quick.now;
        slow.place = quick.place;
        slow.give(Input::Answer(Answer::Written(version)));
        quick.place = slow.place;
        together(&mut quick, &mut slow, secs(300));
        assert_eq!([quick.events(), slow.events()].concat(), []);
        assert_eq!(quick.spec().holder, mended.then_some(A));
    }
}
