//! The formulas, and samplers that draw a takeover directly instead of playing it.

use super::Dice;

/// How long a client-go standby of a long-running election still rests, if its rests are `U(RP, 2.2 RP)`: the residual
/// of a renewal process, drawn by a rest that is chosen by its length and a uniform place in it.
pub(super) fn residual(retry: f64, dice: &mut Dice) -> f64 {
    loop {
        let rest = dice.uniform(1.0, 2.2);
        if dice.uniform(0.0, 2.2) < rest {
            return rest * retry * dice.uniform(0.0, 1.0);
        }
    }
}

/// The first look at least `wait` after a look, counted from that look.
pub(super) fn look_after(wait: f64, retry: f64, dice: &mut Dice) -> f64 {
    let mut at = 0.0;
    while at < wait {
        at += dice.uniform(retry, 2.2 * retry);
    }
    at
}

/// client-go, crash: the last renewal is seen after a residual, and one lease duration later the first look takes over.
pub(super) fn crash(lease: f64, retry: f64, standbys: u8, dice: &mut Dice) -> f64 {
    let renewed = -dice.uniform(0.0, retry);
    let one = |dice: &mut Dice| renewed + residual(retry, dice) + look_after(lease, retry, dice);
    (0..standbys).map(|_| one(dice)).fold(f64::MAX, f64::min)
}

/// The mean of the residual: `E[gap²] / 2 E[gap]`.
pub(super) fn mean_residual(retry: f64) -> f64 {
    let (mean, variance) = (1.6, 1.2 * 1.2 / 12.0);
    (variance + mean * mean) / (2.0 * mean) * retry
}

/// The mean time from a look to the first at least `wait` later: Wald's identity, with the distribution of a sum of
/// uniform draws (Irwin–Hall) for the number of looks.
pub(super) fn mean_look_after(wait: f64, retry: f64) -> f64 {
    let mut looks = 1.0;
    for n in 1.. {
        let x = (wait / retry - f64::from(n)) / 1.2;
        if x <= 0.0 {
            break;
        }
        looks += irwin_hall(n, x);
    }
    1.6 * retry * looks
}

/// The probability that `n` uniform draws from 0 to 1 add up to less than `x`.
fn irwin_hall(n: i32, x: f64) -> f64 {
    if x >= f64::from(n) {
        return 1.0;
    }
    let (mut sum, mut choose) = (0.0, 1.0);
    for k in 0..n {
        if x <= f64::from(k) {
            break;
        }
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        sum += sign * choose * (x - f64::from(k)).powi(n);
        choose *= f64::from(n - k) / f64::from(k + 1);
    }
    sum / (1..=n).map(f64::from).product::<f64>()
}

/// The mean of the smallest of `n` residuals, by integration.
pub(super) fn mean_first_residual(retry: f64, n: i32) -> f64 {
    let longer = |x: f64| {
        if x < 1.0 { 1.0 - x / 1.6 } else { (2.2 - x).powi(2) / (2.0 * 1.2 * 1.6) }
    };
    let steps = 22_000;
    let width = 2.2 / f64::from(steps);
    (0..steps).map(|i| longer((f64::from(i) + 0.5) * width).powi(n) * width).sum::<f64>() * retry
}

#[test]
fn the_formulas_agree_with_each_other() {
    assert!((irwin_hall(2, 1.0) - 0.5).abs() < 1e-12);
    assert!((irwin_hall(3, 1.0) - 1.0 / 6.0).abs() < 1e-12);
    assert!((mean_first_residual(2.0, 1) - mean_residual(2.0)).abs() < 1e-6);
    assert!((mean_residual(2.0) - 1.675).abs() < 1e-12);
    let mut dice = Dice(1);
    let looks: Vec<_> = (0..40_000).map(|_| look_after(15.0, 2.0, &mut dice)).collect();
    super::assert_mean(&looks, mean_look_after(15.0, 2.0));
    let residuals: Vec<_> = (0..40_000).map(|_| residual(2.0, &mut dice)).collect();
    super::assert_mean(&residuals, mean_residual(2.0));
}
