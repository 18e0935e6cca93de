//! Numbers worked out by other means, and how often an interval holds what it should.

use super::*;
use crate::elector::Draws;
use crate::sim::Random;

#[test]
fn a_distribution_is_told_by_nearest_ranks() {
    let spread = Spread::of((0..=200).rev().map(Micros::new).collect()).unwrap();
    assert_eq!((spread.min, spread.max, spread.mean), (Micros::ZERO, Micros::new(200), Micros::new(100)));
    assert_eq!((spread.p50, spread.p95, spread.p99), (Micros::new(100), Micros::new(190), Micros::new(198)));
    assert_eq!((spread.count, spread.positive), (201, 200));
    assert_eq!(Spread::of(Vec::new()), None);
    assert_eq!(Spread::of(vec![Micros::SECOND]).unwrap().p99, Micros::SECOND);
}

/// The textbook's table for the median (Conover, Practical Nonparametric Statistics), and the smallest samples that say
/// anything: `0.5⁶`, `0.95⁷²` and `0.99³⁶⁸` are the first below 2.5 %.
#[test]
fn ranks_are_those_of_the_binomial_distribution() {
    assert_eq!(ranks(10, 0.5), Some((2, 9)));
    assert_eq!(ranks(20, 0.5), Some((6, 15)));
    assert_eq!(ranks(100, 0.5), Some((40, 61)));
    for (share, few) in [(0.5, 6), (0.95, 72), (0.99, 368)] {
        assert_eq!(ranks(few - 1, share), None);
        assert_eq!(ranks(few, share).map(|(_, high)| high), Some(few));
    }
    // With many, the normal approximation: 500 000 ± 1.96 · 500, and 950 000 ± 1.96 · 217.9.
    let (low, high) = ranks(1_000_000, 0.5).unwrap();
    assert!(low.abs_diff(499_020) <= 1 && high.abs_diff(500_981) <= 1, "{low} {high}");
    let (low, high) = ranks(1_000_000, 0.95).unwrap();
    assert!(low.abs_diff(949_573) <= 2 && high.abs_diff(950_428) <= 2, "{low} {high}");
}

/// Worked examples: Newcombe 1998 (Statistics in Medicine 17:857), table I, the score method.
#[test]
fn shares_have_wilsons_interval() {
    for (hits, trials, low, high) in
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
    {
        let share = Share::of(hits, trials);
        assert!((f64::from(share.low) / 1e6 - low).abs() < 6e-5, "{share:?}");
        assert!((f64::from(share.high) / 1e6 - high).abs() < 6e-5, "{share:?}");
    }
    assert_eq!((Share::of(20, 20).high, Share::of(0, 20).low), (1_000_000, 0));
    assert_eq!((Share::of(0, 0).low, Share::of(0, 0).high), (0, 1_000_000));
}

/// Of a thousand samples, about 950 intervals hold the true value: of a lopsided distribution, `x²` with `x` uniform.
#[test]
fn intervals_hold_the_true_value_as_often_as_they_say() {
    let mut random = Random::stream(2, 0);
    let mut draw = || {
        let x = random.between(Micros::ZERO, Micros::new(10_000)).get();
        Micros::new(x * x)
    };
    let mut held = [0; 4];
    for _ in 0..1_000 {
        let spread = Spread::of((0..500).map(|_| draw()).collect()).unwrap();
        let truths = [
            (spread.mean_interval, 1.0 / 3.0),
            (spread.p50_interval, 0.25),
            (spread.p95_interval, 0.95 * 0.95),
            (spread.p99_interval, 0.99 * 0.99),
        ];
        for (held, (interval, truth)) in held.iter_mut().zip(truths) {
            let Interval { low, high } = interval.unwrap();
            *held += u32::from(low.get() as f64 <= truth * 1e8 && truth * 1e8 <= high.get() as f64);
        }
    }
    // Order statistics hold a little more than they say, for ranks are whole numbers.
    assert!((930..970).contains(&held[0]), "{held:?}");
    assert!(held[1..].iter().all(|held| (930..990).contains(held)), "{held:?}");
}

#[test]
fn a_histogram_counts_each_value_once() {
    let values = Distribution::of((0..=100).map(Micros::new).collect());
    assert_eq!(values.histogram(Micros::ZERO, Micros::new(100), 4), [25, 25, 25, 26]);
    assert_eq!(values.histogram(Micros::new(10), Micros::new(19), 3), [3, 3, 4]);
    assert_eq!(values.histogram(Micros::new(200), Micros::new(300), 2), [0, 0]);
    assert_eq!(values.histogram(Micros::ZERO, Micros::new(100), 0), [0u64; 0]);
    assert_eq!(Distribution::default().histogram(Micros::ZERO, Micros::SECOND, 2), [0, 0]);
    assert_eq!(values.histogram(Micros::new(50), Micros::new(50), 1), [1]);
}
