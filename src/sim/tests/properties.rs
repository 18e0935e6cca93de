//! What has to hold for any setting.

use std::ops::Range;

use proptest::prelude::*;

use super::*;

/// A setting that the library takes, with the wanted margin.
fn client_go(retry: Range<i64>, margin: Range<i64>) -> impl Strategy<Value = ClientGo> {
    (retry, 121i64..2_000, margin).prop_map(|(retry, percent, margin)| {
        let retry_period = Micros::from_millis(retry);
        let renew_deadline = retry_period * percent / 100 + Micros::TICK;
        // The record holds whole seconds.
        let hidden = if retry < 1_000 { Micros::SECOND } else { Micros::ZERO };
        let needed = renew_deadline + retry_period + hidden + Micros::from_millis(margin);
        let lease_duration = Micros::from_secs(needed.whole_seconds() + 1);
        ClientGo::new(lease_duration, renew_deadline, retry_period)
    })
}

fn met() -> impl Strategy<Value = Met> {
    prop_oneof![Just(Met::Refused), Just(Met::Reset), Just(Met::Hang)]
}

fn fault() -> impl Strategy<Value = Fault> {
    let outage = || (1i64..100, met()).prop_map(|(seconds, met)| Outage { lasting: Micros::from_secs(seconds), met });
    prop_oneof![
        Just(Fault::Crash),
        Just(Fault::Shutdown),
        outage().prop_map(Fault::Partition),
        outage().prop_map(Fault::Outage),
        (0i64..30, any::<bool>()).prop_map(|(seconds, same_identity)| {
            Fault::CrashRestart(Restart { after: Micros::from_secs(seconds), same_identity })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_margin_is_enough_for_never_two(
        settings in client_go(50..5_000, 80..5_000),
        fault in fault(),
        standbys in 1u8..5,
        latency in 0i64..20,
        seed in any::<u64>(),
    ) {
        prop_assert_eq!(settings.check(), Ok(()));
        prop_assert!(settings.margin() > Micros::from_millis(80));
        let latency = Latency { low: Micros::ZERO, high: Micros::from_millis(latency) };
        let scenario = Scenario { standbys, latency, ..Scenario::new(settings, fault) };
        let mut simulator = Simulator::new(&scenario);
        for trial in 0..20 {
            let trial = simulator.trial(Random::stream(seed, trial), &mut ());
            prop_assert_eq!(trial.overlap, Micros::ZERO, "{:?}", trial);
        }
    }

    #[test]
    fn a_freeze_costs_a_renew_deadline_of_two_leaders(
        settings in client_go(1_000..5_000, -3_000..5_000),
        standbys in 1u8..5,
        seed in any::<u64>(),
    ) {
        prop_assume!(settings.check().is_ok());
        let freeze = Fault::Freeze(settings.lease_duration + settings.retry_period * 5);
        let scenario = Scenario { standbys, ..Scenario::new(settings, freeze) };
        let mut simulator = Simulator::new(&scenario);
        for trial in 0..20 {
            let trial = simulator.trial(Random::stream(seed, trial), &mut ());
            // The whole of it, or nothing: where it stood still with a request on its way, its deadline has passed.
            prop_assert!([Micros::ZERO, settings.renew_deadline].contains(&trial.overlap), "{:?}", trial);
        }
    }
}

/// The property can fail: without the margin there are two.
#[test]
fn without_a_margin_there_are_two() {
    let cut = Fault::Partition(Outage { lasting: secs(600.0), met: Met::Refused });
    let played = trials(&Scenario::new(go(270.0, 240.0, 60.0), cut), 2_000);
    assert!(share(&played, |trial| trial.overlap > Micros::ZERO) > 0.02);
    let longest = played.iter().map(|trial| trial.overlap).max().unwrap();
    assert!(longest > secs(5.0) && longest <= secs(30.0), "{longest}");
}

/// Renewals within one second are one change to a standby, which then counts from the first of them.
#[test]
fn with_renewals_within_a_second_there_are_two() {
    let cut = Fault::Partition(Outage { lasting: secs(60.0), met: Met::Refused });
    // L > RD + RP, and yet.
    let settings = go(13.0, 12.5, 0.3);
    assert_eq!(settings.margin(), secs(-0.8));
    let played = trials(&Scenario { standbys: 4, ..Scenario::new(settings, cut) }, 2_000);
    assert!(share(&played, |trial| trial.overlap > Micros::ZERO) > 0.01);
    let longest = played.iter().map(|trial| trial.overlap).max().unwrap();
    assert!(longest <= secs(0.8), "{longest}");
}
