//! What a setting is said to take, it takes in every trial; a little more, and not in every one.

use super::*;
use crate::elector::Bound;
use crate::elector::kube_leader_election::KubeLeaderElection;

fn up_to(bound: Bound) -> Micros {
    match bound {
        Bound::UpTo(bound) => bound,
        Bound::Unlimited => panic!("there is a bound"),
    }
}

/// The share of trials in which the fault changes nothing, as far as leading goes.
fn unmoved<S: Settings>(settings: S, standbys: u8, fault: Fault, count: u64) -> f64 {
    let played = trials(&Scenario { standbys, ..Scenario::new(settings, fault) }, count);
    let leads = |t: &Trial| t.takeover.is_none() && t.old_stopped.is_none() && t.leaderless + t.overlap == Micros::ZERO;
    share(&played, leads)
}

fn outage(lasting: Micros) -> Fault {
    Fault::Outage(Outage { lasting, met: Met::Refused })
}

/// An outage as long as the bound is survived always, and one that is longer by so much not always.
#[track_caller]
fn assert_outage<S: Settings>(settings: S, expected: f64, more: f64) {
    assert_eq!(settings.check(), Ok(()));
    let bound = up_to(settings.tolerates().outage);
    assert!((bound.as_secs_f64() - expected).abs() < 1e-5, "{bound} instead of {expected}");
    for standbys in [1, 3] {
        let held = unmoved(settings, standbys, outage(bound), 3_000);
        assert!((held - 1.0).abs() < f64::EPSILON, "{held} of {bound}");
    }
    let held = unmoved(settings, 3, outage(bound + secs(more)), 6_000);
    assert!(held < 1.0, "always, at {more} s more than {bound}");
}

#[track_caller]
fn assert_skew<S: Settings>(settings: S, expected: f64) {
    assert_eq!(settings.check(), Ok(()));
    let bound = up_to(settings.tolerates().skew);
    assert_eq!(bound, secs(expected));
    let held = unmoved(settings, 3, Fault::Skew(bound - secs(0.001)), 2_000);
    assert!((held - 1.0).abs() < f64::EPSILON, "{held} of {bound}");
    let held = unmoved(settings, 3, Fault::Skew(bound + secs(0.2)), 2_000);
    assert!(held < 1.0, "always, beyond {bound}");
}

#[test]
fn a_client_go_leader_takes_as_many_tries_as_there_is_time_for() {
    assert_outage(go(15.0, 10.0, 2.0), 8.0, 0.5);
    assert_outage(go(137.0, 107.0, 26.0), 104.0, 3.0);
    // Two leaders are possible with this one, but not after an outage of everyone's.
    assert_outage(go(270.0, 240.0, 60.0), 180.0, 10.0);
    assert_outage(go(6.0, 4.0, 1.0), 3.0, 0.2);
    // A renew deadline that is nearly the lease duration: who looks first after the outage has it.
    assert_outage(go(15.0, 14.5, 2.0), 12.0, 1.0);
    assert_outage(go(7.0, 6.9, 2.5), 2.5, 1.0);
    assert_eq!(go(15.0, 10.0, 2.0).tolerates().skew, Bound::Unlimited);
    let held = unmoved(go(15.0, 10.0, 2.0), 3, Fault::Skew(secs(1e6)), 1_000);
    assert!((held - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_kube_lease_manager_takes_a_pause_and_twice_that() {
    let klm = |lease, grace| KubeLeaseManager::new(secs(lease), secs(grace), Edition::Since0_11_1);
    assert_outage(klm(15.0, 5.0), 5.0 / 3.0, 1.5);
    assert_outage(klm(8.0, 5.0), 5.0 / 3.0, 0.5);
    assert_outage(klm(9.0, 2.0), 1.0, 0.3);
    assert_outage(klm(5.0, 1.0), 0.0, 0.3);
    // By hand: 3 X ≤ G up to 6 s, then (X − 1) + 2 (X − 1) + … as in the documentation.
    assert_outage(klm(10.0, 7.0), 3.0, 1.0);
    assert_outage(klm(13.0, 10.0), 10.0 - 40.0 / 7.0, 2.0);
    assert_skew(klm(15.0, 5.0), 5.0);
    assert_skew(klm(30.0, 5.0), 5.0);
}

#[test]
fn a_kubert_takes_the_retries_that_come_in_time() {
    let kubert = |lease, grace| Kubert::new(secs(lease), secs(grace));
    assert_outage(kubert(30.0, 1.0), 0.0, 0.5);
    assert_outage(kubert(15.0, 5.0), 3.0, 0.5);
    assert_outage(kubert(30.0, 2.5), 1.0, 0.5);
    assert_outage(kubert(60.0, 20.0), 7.0, 0.5);
    assert_skew(kubert(30.0, 1.0), 1.0);
    assert_skew(kubert(15.0, 5.0), 5.0);
}

#[test]
fn a_kube_leader_election_takes_the_calls_before_expiry() {
    assert_outage(KubeLeaderElection::new(secs(15.0), secs(4.0)), 8.0, 1.0);
    assert_outage(KubeLeaderElection::new(secs(15.0), secs(7.0)), 7.0, 3.0);
    assert_outage(KubeLeaderElection::new(secs(15.0), secs(9.0)), 0.0, 1.0);
    assert_skew(KubeLeaderElection::new(secs(15.0), secs(5.0)), 10.0);
}
