//! Transfers: what the protocols cost, by closed forms and by what real electors were measured to do; and that wrong
//! ones are seen to be wrong.

mod hand_over;
mod never_two;
mod surroundings;
mod wrong;

use super::closed_forms::{mean_first_residual, mean_residual};
use super::*;
use crate::elector::setup::Setup;
use crate::sim::prediction::{Prediction, Transfer};
use crate::transfer::{Assumed, Freeing, Way};

const ASSUMED: Assumed = Assumed { request: Micros::from_millis(250), skew: Micros::ZERO };

/// One standby, an API that answers at once, a kubelet that reports at once, and nothing that comes back.
fn transfer(setup: Setup, way: Way, named: bool) -> Transfer {
    Transfer {
        setup,
        way,
        named,
        freeing: Freeing::of(setup),
        standbys: 1,
        latency: Latency::NONE,
        restart: None,
        start_up: Span::NONE,
        drain: None,
        reported: Span::NONE,
        exit_counts: Some(Micros::ZERO),
        replaced: None,
        returns: false,
        haunted: false,
        skew: Micros::ZERO,
        timeout: way.longest(setup, ASSUMED, secs(5.0)),
        gone_after: None,
        trials: 4_000,
        seed: 1,
    }
}

fn client_go(release: bool) -> Setup {
    Setup::ClientGo(go(15.0, 10.0, 2.0)).releasing(release)
}

fn manager(lease: f64, grace: f64) -> Setup {
    Setup::KubeLeaseManager(KubeLeaseManager::new(secs(lease), secs(grace), Edition::Since0_11_1))
}

fn kubert(lease: f64, grace: f64) -> Setup {
    Setup::Kubert(Kubert::new(secs(lease), secs(grace)))
}

fn handed(setup: Setup, named: bool) -> Transfer {
    transfer(setup, Way::hand_over(setup, true, ASSUMED).expect("one is safe"), named)
}

fn span(low: f64, high: f64) -> Span {
    Span { low: secs(low), high: secs(high) }
}

impl Prediction {
    fn leaderless(&self) -> (f64, f64) {
        let leaderless = self.leaderless.expect("there are trials");
        (leaderless.min.as_secs_f64(), leaderless.max.as_secs_f64())
    }

    fn whole(&self) -> (f64, f64) {
        let whole = self.whole.expect("something was written");
        (whole.min.as_secs_f64(), whole.max.as_secs_f64())
    }

    fn longest_overlap(&self) -> f64 {
        self.overlap.expect("there are trials").max.as_secs_f64()
    }

    /// All done, and never two.
    #[track_caller]
    fn all_done(&self) -> &Self {
        assert_eq!((self.done, self.not_one_leads, self.longest_overlap()), (self.trials, 0, 0.0), "{self:?}");
        self
    }
}

/// Asserts a mean, within what the simulator takes for its uncertainty.
#[track_caller]
fn assert_mean_leaderless(prediction: &Prediction, expected: f64) {
    let spread = prediction.leaderless.expect("there are trials");
    let interval = spread.mean_interval.expect("there are many");
    // Twice 1.96 standard errors.
    let width = (interval.high - interval.low).as_secs_f64() + 1e-4;
    assert!((spread.mean.as_secs_f64() - expected).abs() < width, "{} instead of {expected}", spread.mean);
}

/// The standby looks every 2 to 4.4 s, and finds its name, or nobody's. Measured: up to 4.18 s.
#[test]
fn an_eviction_costs_client_go_one_look() {
    for (release, named) in [(false, true), (false, false), (true, true), (true, false)] {
        let played = transfer(client_go(release), Way::Evict, named).predict();
        let (least, most) = played.all_done().leaderless();
        assert!(least < 0.05 && 4.2 < most && most < 4.4 + 1e-4, "{least}…{most}");
        assert_mean_leaderless(&played, mean_residual(2.0));
        assert_eq!(played.target_leads, if named { played.trials } else { 0 });
    }
    let two = |named| Transfer { standbys: 2, ..transfer(client_go(false), Way::Evict, named) }.predict();
    assert_mean_leaderless(two(false).all_done(), mean_first_residual(2.0, 2));
    // Who is named comes as late as if it was alone.
    let named = two(true);
    assert_mean_leaderless(named.all_done(), mean_residual(2.0));
    assert_eq!(named.target_leads, named.trials);
}

/// What the kubelet takes to report the end comes on top; a Lease that was given up does not wait for it, and then the
/// other standby may be first.
#[test]
fn a_slow_report_is_waited_for() {
    let slow = |release, standbys, named| {
        let quick = transfer(client_go(release), Way::Evict, named);
        Transfer { reported: span(2.0, 2.0), standbys, ..quick }.predict()
    };
    let kept = slow(false, 1, true);
    let (least, most) = kept.all_done().leaderless();
    assert!((2.0..2.05).contains(&least) && 6.2 < most && most < 6.4 + 1e-4);
    assert!(slow(true, 1, true).all_done().leaderless().1 < 4.4 + 1e-4);
    let raced = slow(true, 2, true);
    assert_eq!((raced.done + raced.elsewhere, raced.longest_overlap()), (raced.trials, 0.0));
    assert!(raced.elsewhere > raced.trials / 4, "{raced:?}");
    assert_eq!((raced.target_leads, raced.same_pod_leads), (raced.done, 0));
}

/// The leader's work ends first, while it renews on: as long as that takes, nobody leads.
#[test]
fn work_that_takes_its_time_to_end_is_counted() {
    let drain = Some(Drain { lasting: span(3.0, 3.0), grace: secs(30.0) });
    let played = Transfer { drain, ..transfer(client_go(false), Way::Evict, true) }.predict();
    let (least, most) = played.all_done().leaderless();
    assert!((3.0..3.05).contains(&least) && 7.2 < most && most < 7.4 + 1e-4);
    let killed = Some(Drain { lasting: span(9.0, 9.0), grace: secs(1.0) });
    let played = Transfer { drain: killed, ..transfer(client_go(true), Way::Evict, true) }.predict();
    assert!((1.0..1.05).contains(&played.all_done().leaderless().0));
}

#[test]
fn the_same_seed_predicts_the_same() {
    let transfer = Transfer { trials: 200, latency: span(0.0, 0.02), ..handed(client_go(false), true) };
    let played = transfer.predict();
    assert_eq!(played, transfer.predict());
    assert_ne!(played, Transfer { seed: 2, ..transfer }.predict());
    assert_eq!(Transfer { trials: 0, ..transfer }.predict().leaderless, None);
}

/// Every protocol comes to its end within the time that a run is given.
#[test]
fn no_run_takes_longer_than_the_bound() {
    let setups = [
        client_go(true),
        client_go(false),
        Setup::ClientGo(go(60.0, 40.0, 5.0)),
        manager(15.0, 5.0),
        manager(10.0, 5.0),
        manager(15.0, 9.0).releasing(false),
        kubert(30.0, 1.0),
        kubert(6.0, 1.0).releasing(false),
    ];
    for setup in setups {
        for way in [Some(Way::Evict), Way::hand_over(setup, true, ASSUMED).ok()].into_iter().flatten() {
            for named in [true, false] {
                // As slow as is assumed, and the report as slow as is reckoned with.
                let slow =
                    Transfer { latency: span(0.1, 0.125), reported: span(4.0, 5.0), ..transfer(setup, way, named) };
                let longest = way.longest(setup, ASSUMED, Micros::ZERO);
                let played = Transfer { trials: 500, timeout: longest * 3, ..slow }.predict();
                // The old leader may be the one who comes first.
                assert_eq!(played.done + played.elsewhere, played.trials, "{setup:?} {way:?} {played:?}");
                let whole = played.whole.expect("something was written").max;
                assert!(whole <= longest, "{whole} is more than {longest}: {setup:?} {way:?}");
            }
        }
    }
}
