//! Protocols that are wrong, and what people do by hand: the simulator sees two leaders.

use super::*;
use crate::transfer::{Fence, Proof};

/// A wait that forgets the retry period: the leader's deadline counts from its next try.
#[test]
fn a_renew_deadline_alone_is_too_short_a_wait() {
    let waiting = |wait| {
        let proof = Proof::Elapsed { wait: secs(wait), undo: Micros::ZERO };
        let way = Way::HandOver { fence: Fence::Renewed(secs(2.0)), proof };
        Transfer { reported: span(100.0, 100.0), ..transfer(client_go(false), way, true) }.predict()
    };
    let played = waiting(10.0);
    let overlap = played.overlap.expect("there are trials");
    assert!(overlap.positive > played.trials / 8 && overlap.max > secs(1.5) && overlap.max <= secs(2.0), "{overlap:?}");
    waiting(12.001).all_done();
}

/// Nobody is asked: the next one leads beside the old one until that looks.
#[test]
fn without_an_acknowledgement_there_are_two() {
    let proof = Proof::Elapsed { wait: Micros::ZERO, undo: Micros::ZERO };
    for (setup, two) in [(manager(15.0, 5.0), 5.0), (manager(6.0, 2.0), 2.0), (kubert(30.0, 1.0), 28.0)] {
        let played = transfer(setup, Way::HandOver { fence: Fence::Named, proof }, true).predict();
        // Where the standby looks before the leader does.
        assert!((played.longest_overlap() - two).abs() < 0.01, "{} {setup:?}", played.longest_overlap());
    }
}

/// The next one's name at the moment of the acknowledgement: a standby that looks just then leads before the old leader
/// has read.
#[test]
fn a_name_before_the_old_leader_has_read_makes_two() {
    let setup = manager(10.0, 5.0);
    let slow = Transfer { latency: span(0.001, 0.02), ..handed(setup, true) };
    slow.predict().all_done();
    let proof = Proof::Acknowledged { interval: secs(5.0), rest: Micros::ZERO, within: secs(10.0), ask: false };
    let hasty = Transfer { way: Way::HandOver { fence: Fence::Named, proof }, ..slow }.predict();
    assert!(hasty.longest_overlap() > 0.001, "{hasty:?}");
}

/// What people do: another's name into the Lease. Measured: 7.03 to 11.65 s, 5.0 s, and 28.0 s of two leaders.
#[test]
fn by_hand_two_lead() {
    let overlap = |setup| {
        let spread = transfer(setup, Way::Evict, true).overlap_by_hand(Tampering::Holder).expect("there are trials");
        (spread.min.as_secs_f64(), spread.max.as_secs_f64(), spread.positive)
    };
    let (least, most, positive) = overlap(client_go(false));
    assert!(least >= 5.6 && most <= 12.0 && most - least > 5.0 && positive == 4_000, "{least}…{most}");
    for (setup, two) in [(manager(15.0, 5.0), 5.0), (kubert(30.0, 1.0), 28.0)] {
        let (least, most, positive) = overlap(setup);
        assert!(least == 0.0 && (most - two).abs() < 0.01 && positive > 0, "{least}…{most}");
    }
    // The fault is all there is, though hactl was to be gone in the middle of a transfer.
    let transfer = Transfer { gone_after: Some(secs(1.0)), ..transfer(client_go(false), Way::Evict, true) };
    assert_eq!(transfer.overlap_by_hand(Tampering::Holder).map(|spread| spread.max.as_secs_f64()), Some(most_of_go()));
}

fn most_of_go() -> f64 {
    let played = trials(&Scenario::new(go(15.0, 10.0, 2.0), Fault::Write(Tampering::Holder)), 4_000);
    played.iter().map(|trial| trial.overlap.as_secs_f64()).fold(0.0, f64::max)
}
