//! Hand-overs, and what a fence that was left behind comes to.

use super::*;
use crate::transfer::{Fence, Proof};

/// The leader stops between a renew deadline and a retry period more after the fence. Where nobody sees that, the wait
/// goes on for as long as one that is cut off could act: a renew deadline more, and two requests. Measured with a wait
/// that was shorter by that: 0.7 to 6.7 s.
#[test]
fn client_go_is_off_before_its_successor_is_named() {
    // Nobody reports that its container has ended.
    let unseen = Transfer { reported: span(100.0, 100.0), ..handed(client_go(false), true) };
    let played = unseen.predict();
    let (least, most) = played.all_done().leaderless();
    assert!(least >= 10.5 && most > 16.4 && most < 10.0 + 3.2 * 2.0 + 0.5 + 1e-3, "{least}…{most}");
    // A residual after a uniform time.
    assert_mean_leaderless(&played, 10.0 + 1.0 + 0.5 + mean_residual(2.0));
    assert_eq!(played.target_leads, played.trials);
    // Its end is a proof too, and the sooner one.
    let seen = Transfer { reported: Span::NONE, ..unseen }.predict();
    assert_mean_leaderless(seen.all_done(), mean_residual(2.0));
    assert!(seen.leaderless().1 < 4.4 + 1e-3);
    // What is dated too early could have been before the fence.
    let early = Transfer { exit_counts: Some(secs(30.0)), reported: Span::NONE, ..unseen }.predict();
    let never = Transfer { exit_counts: None, reported: Span::NONE, ..unseen }.predict();
    assert_eq!((early.leaderless, never.leaderless), (played.leaderless, played.leaderless));
}

/// Where nobody can be named the container of the old leader, come back after a second, is often first: it looks as soon
/// as it starts, and that is about when the wait is over. Measured with a wait of 12 s: in 13 of 20 runs with one standby,
/// and with two.
#[test]
fn a_freed_lease_is_often_taken_by_the_old_pod() {
    let restart = Some(Restart { after: secs(1.0), same_identity: true });
    for standbys in [1, 2] {
        let proof = Proof::Elapsed { wait: secs(12.0), undo: Micros::ZERO };
        let way = Way::HandOver { fence: Fence::Renewed(secs(2.0)), proof };
        let plain = transfer(client_go(false), way, false);
        let (start_up, reported) = (span(0.3, 0.7), span(100.0, 100.0));
        let unseen = Transfer { restart, start_up, standbys, reported, ..plain };
        let played = unseen.predict();
        let share = played.same_pod_leads as f64 / played.trials as f64;
        // What 13 of 20 runs can come from, by Wilson's interval.
        assert!((0.43..0.82).contains(&share), "{share}");
        assert_eq!((played.elsewhere, played.elsewhere + played.done), (played.same_pod_leads, played.trials));
        assert_eq!(played.longest_overlap(), 0.0);
        // A container with another name is one more who comes first.
        let restart = Some(Restart { after: secs(1.0), same_identity: false });
        let renamed = Transfer { restart, ..unseen }.predict();
        assert_eq!((renamed.done, renamed.same_pod_leads > renamed.trials / 4), (renamed.trials, true));
    }
}

/// The next one wakes as the date before the acknowledgement runs out: a grace period after the old one is off.
#[test]
fn the_expiring_ones_leave_exactly_a_grace_period() {
    let cells = [manager(15.0, 5.0), manager(6.0, 2.0), manager(30.0, 5.0), kubert(6.0, 1.0), kubert(30.0, 1.0)];
    for (setup, grace) in cells.into_iter().zip([5.0, 2.0, 5.0, 1.0, 1.0]) {
        for standbys in [1, 3] {
            let played = Transfer { standbys, ..handed(setup, true) }.predict();
            let (least, most) = played.all_done().leaderless();
            assert!((least - grace).abs() < 1e-3 && (most - grace).abs() < 1e-3, "{least}…{most}, not {grace}");
            assert_eq!(played.target_leads, played.trials);
        }
    }
    let old = KubeLeaseManager::new(secs(15.0), secs(5.0), Edition::Before0_11_1);
    let (least, most) = handed(Setup::KubeLeaseManager(old), true).predict().all_done().leaderless();
    assert!((least - 5.0).abs() < 1e-3 && (most - 5.0).abs() < 1e-3);
}

/// A grace period of half the duration or more: the standby may look between the acknowledgement and the end of the date
/// before it. Either it finds its name there, or it has read the fence, and finds its name as that one's date runs out.
/// Never two lead, though everyone may wake then.
#[test]
fn a_long_grace_period_leaves_less_or_more() {
    let played = handed(manager(15.0, 9.0), true).predict();
    let (least, most) = played.all_done().leaderless();
    assert!((least - 3.0).abs() < 1e-3 && (most - 9.0).abs() < 1e-3, "{least}…{most}");
    let even = Transfer { latency: span(0.001, 0.02), standbys: 3, ..handed(manager(10.0, 5.0), true) }.predict();
    let (least, most) = even.all_done().leaderless();
    assert!((4.9..5.1).contains(&least) && (9.9..10.1).contains(&most), "{least}…{most}");
    assert_eq!(even.target_leads, even.trials);
}

/// hactl dies, soon or late: somebody leads again in time, and never two. Measured: client-go 16 to 21.7 s after the
/// fence, kube-lease-manager 15/5 16.7 to 25.3 s, kubert 30/1 a grace period after the old one is off.
#[test]
fn what_is_left_behind_heals_in_time() {
    let restart = Some(Restart { after: secs(1.0), same_identity: true });
    let setups =
        [client_go(false), client_go(true), manager(15.0, 5.0), manager(6.0, 2.0), kubert(6.0, 1.0), kubert(30.0, 1.0)];
    for setup in setups {
        for after in [0.1, 0.7, 1.5, 3.0, 6.0, 10.5, 13.0, 20.0] {
            let dies = Transfer { gone_after: Some(secs(after)), restart, trials: 500, ..handed(setup, true) };
            let played = dies.predict();
            assert_eq!((played.longest_overlap(), played.not_one_leads), (0.0, 0), "{setup:?} {after} {played:?}");
            let most = played.leaderless.expect("there are trials").max;
            assert!(most <= dies.way.heals(setup) + secs(0.001), "{most} {setup:?} after {after}");
        }
    }
    // Early: the fence has to run out, for the standby as for the container that came back.
    let dies = |after| Transfer { gone_after: Some(secs(after)), restart, ..handed(client_go(false), true) }.predict();
    let (least, most) = dies(0.1).leaderless();
    assert!(least > 2.5 && most > 9.0 && most < 23.8 - 10.0, "{least}…{most}");
}
