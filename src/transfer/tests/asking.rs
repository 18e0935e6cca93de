//! An old leader that has to date the fence, and can be asked whether it leads.

use super::*;

/// The old leader has dated the fence at the tenth second; the fence counts until the twenty-fifth.
fn acknowledged(leads: Option<bool>) -> Play {
    let mut play = Play::new(Terms { to: Some(B), ..client_go(ACKNOWLEDGED.asking(), None) });
    play.leads = leads;
    play.answer().until(secs(10));
    play.seen(0, patch(Fields { renewed: Change::Set(EPOCH + secs(10)), ..Fields::default() }));
    assert!(play.told.contains(&Told::Acknowledged));
    play
}

#[test]
fn its_no_is_waited_for() {
    for yet in [Some(true), None] {
        let mut play = acknowledged(yet);
        play.until(secs(14));
        assert_eq!(play.holder(), Some(FENCE), "neither a yes nor silence is a no");
        play.leads = Some(false);
        play.until(secs(15));
        assert!(play.told.contains(&Told::Denied));
        assert_eq!(play.holder(), Some(B));
    }
    // And it is asked only once it has dated the fence, and a no at once is no sooner than what it may still be writing.
    let mut play = acknowledged(Some(false));
    play.until(Micros::from_millis(10_999));
    assert_eq!(play.holder(), Some(FENCE));
    assert_eq!(play.until(secs(11)).holder(), Some(B));
}

#[test]
fn a_no_that_comes_as_the_fence_runs_out_names_nobody() {
    let mut play = acknowledged(Some(true));
    play.until(Micros::from_millis(24_100));
    play.leads = Some(false);
    play.until(secs(26));
    assert_eq!(play.holder(), Some(FENCE), "whoever looks now may write without naming a version");
    let taken = Fields { holder: Change::Set(B), renewed: Change::Set(EPOCH + secs(26)), ..Fields::default() };
    play.seen(1, patch(taken));
    assert_eq!(play.out.end, Some(End::Done(B)));
}

#[test]
fn whoever_takes_over_from_one_that_never_says_it_may_not_be_alone() {
    let mut play = acknowledged(Some(true));
    play.until(secs(26));
    assert_eq!((play.holder(), play.out.end), (Some(FENCE), None));
    let taken = Fields { holder: Change::Set(B), renewed: Change::Set(EPOCH + secs(26)), ..Fields::default() };
    play.seen(1, patch(taken)).until(secs(27));
    assert_eq!(play.out.end, Some(End::Unknown(Doubt::Acts)));

    // It may be the first to look itself.
    let mut play = acknowledged(Some(true));
    play.until(secs(26));
    let taken = Fields { holder: Change::Set(A), renewed: Change::Set(EPOCH + secs(26)), ..Fields::default() };
    play.seen(0, patch(taken)).until(secs(27));
    assert_eq!(play.out.end, Some(End::Unknown(Doubt::Acts)));

    let mut play = acknowledged(None);
    play.until(secs(100));
    assert_eq!((play.holder(), play.out.end), (Some(FENCE), Some(End::Unknown(Doubt::Acts))), "it is bounded");
}

#[test]
fn of_a_process_that_has_ended_nothing_is_asked() {
    let mut play = acknowledged(None);
    play.at = secs(11);
    play.tell(Input::Pod(Body::Ended)).until(secs(12));
    assert_eq!(play.holder(), Some(B));
}

#[test]
fn who_does_not_acknowledge_is_cut_off() {
    let mut play = Play::new(Terms { to: Some(B), ..client_go(ACKNOWLEDGED, None) });
    play.answer().until(secs(15));
    assert_eq!(play.out.end, None);
    play.until(secs(16));
    assert_eq!((play.holder(), play.out.end), (Some(FENCE), Some(End::Unknown(Doubt::CutOff))));
}
