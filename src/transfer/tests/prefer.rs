//! A leader that is asked to yield.

use super::*;
use crate::transfer::machine::CHOSEN;

/// The controller writes, and no elector.
fn control(play: &mut Play, write: Write) {
    play.place.write(Manager::ADMINISTRATOR, &write).expect("a write that the server takes");
}

/// The controller names the next, and dates the Lease for it.
fn named(play: &mut Play, who: Identity) {
    let fields = Fields {
        holder: Change::Set(who),
        duration: Change::Set(5),
        acquired: Change::Null,
        renewed: Change::Set(EPOCH + play.at),
        transitions: Change::Keep,
        preferred: Change::Null,
    };
    control(play, patch(fields));
    let sight = play.sight();
    play.tell(Input::Lease(sight));
}

fn asked() -> Play {
    let mut play = Play::new(client_go(Way::Prefer, Some(B)));
    play.answer();
    let spec = play.place.get().expect("a Lease").spec;
    assert_eq!((spec.holder, spec.preferred, play.out.end), (Some(A), Some(B), None));
    assert_eq!(play.told, [Told::Stored(Step::Prefer)]);
    play
}

#[test]
fn whom_the_controller_names_leads_once_it_has_renewed() {
    let mut play = asked();
    play.until(secs(20));
    named(&mut play, B);
    assert_eq!(play.out.end, None, "it has not even read the Lease");
    play.until(secs(22));
    let taken = put(&play, B);
    assert_eq!(play.seen(1, taken).out.end, Some(End::Done(B)));

    let mut play = asked();
    play.until(secs(20));
    named(&mut play, C);
    play.until(secs(22));
    let taken = put(&play, C);
    assert_eq!(play.seen(2, taken).out.end, Some(End::Elsewhere(C)));
}

#[test]
fn a_holder_is_never_written() {
    let mut play = asked();
    // Given up on its way out, as its process ends.
    play.seen(0, patch(Fields { holder: Change::Set(Identity::EMPTY), ..Fields::default() }));
    play.tell(Input::Pod(Body::Exited)).tell(Input::Pod(Body::Ended)).until(secs(55));
    assert_eq!((play.holder(), play.out.end), (Some(Identity::EMPTY), None));
}

#[test]
fn a_leader_that_is_still_the_best_is_asked_no_more() {
    let mut play = asked();
    play.tell(Input::Pod(Body::Exited)).until(secs(15) + CHOSEN - secs(1));
    assert_eq!(play.place.get().and_then(|lease| lease.spec.preferred), Some(B));
    play.until(secs(15) + CHOSEN + secs(1));
    let spec = play.place.get().expect("a Lease").spec;
    assert_eq!((spec.holder, spec.preferred), (Some(A), None));
    assert_eq!(play.out.end, Some(End::Unknown(Doubt::Unheard)));
}

#[test]
fn what_is_asked_already_is_not_asked_again() {
    let mut play = Play::new(client_go(Way::Prefer, Some(B)));
    control(&mut play, patch(Fields { preferred: Change::Set(C), ..Fields::default() }));
    play.answer().until(secs(40));
    assert_eq!((play.told.as_slice(), play.out.end), (&[][..], None));
    assert_eq!(play.place.get().and_then(|lease| lease.spec.preferred), Some(C), "it is not ours to be taken back");

    // The answer to the write was lost.
    let mut play = Play::new(client_go(Way::Prefer, Some(B)));
    let lease = play.sight();
    play.out = play.step(Input::Answer(Answer::Lease(lease)));
    assert!(matches!(play.out.request, Some(Request::Write { step: Step::Prefer, .. })), "{:?}", play.out);
    control(&mut play, patch(Fields { preferred: Change::Set(B), ..Fields::default() }));
    play.out = play.step(Input::Answer(Answer::Lost));
    play.until(secs(20));
    assert_eq!(play.told, [], "it is looked up, and not written once more");
    named(&mut play, B);
    play.until(secs(22));
    let taken = put(&play, B);
    assert_eq!(play.seen(1, taken).out.end, Some(End::Done(B)));
}
