//! What many trials came to.

use super::Trial;
use crate::model::Micros;

/// Trials, before they are counted. Samples of several threads can be joined in any order.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    takeover: Vec<Micros>,
    leaderless: Vec<Micros>,
    overlap: Vec<Micros>,
    by_self: u64,
    censored: u64,
}

impl Sample {
    /// One more.
    pub fn add(&mut self, trial: &Trial) {
        self.takeover.extend(trial.takeover);
        self.leaderless.push(trial.leaderless);
        self.overlap.push(trial.overlap);
        self.by_self += u64::from(trial.by_self);
        self.censored += u64::from(trial.censored);
    }

    /// Another sample's trials too.
    pub fn join(&mut self, other: Self) {
        self.takeover.extend(other.takeover);
        self.leaderless.extend(other.leaderless);
        self.overlap.extend(other.overlap);
        self.by_self += other.by_self;
        self.censored += other.censored;
    }

    /// Counts them.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        Outcome {
            trials: self.leaderless.len() as u64,
            takeover: Spread::of(self.takeover),
            leaderless: Spread::of(self.leaderless),
            overlap: Spread::of(self.overlap),
            by_self: self.by_self,
            censored: self.censored,
        }
    }
}

/// What the trials came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many there were.
    pub trials: u64,
    /// When another took over, over the trials in which one did.
    pub takeover: Option<Spread>,
    /// How long nobody acted, over all trials.
    pub leaderless: Option<Spread>,
    /// How long two or more acted, over all trials.
    pub overlap: Option<Spread>,
    /// In how many the old leader started again first.
    pub by_self: u64,
    /// In how many there was not exactly one leader at the end.
    pub censored: u64,
}

/// A distribution in a few numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many values.
    pub count: u64,
    /// How many values that are more than zero.
    pub positive: u64,
    /// The smallest.
    pub min: Micros,
    /// The mean, rounded to a microsecond.
    pub mean: Micros,
    /// Half of the values are no greater.
    pub p50: Micros,
    /// 95 % of the values are no greater.
    pub p95: Micros,
    /// 99 % of the values are no greater.
    pub p99: Micros,
    /// The greatest.
    pub max: Micros,
}

impl Spread {
    /// The distribution of these values, if there are any.
    #[must_use]
    pub fn of(mut values: Vec<Micros>) -> Option<Self> {
        values.sort_unstable();
        let (min, max) = (*values.first()?, *values.last()?);
        let count = values.len();
        let sum: i128 = values.iter().map(|value| i128::from(value.get())).sum();
        let half = count as i128 / 2;
        let mean = (sum + if sum < 0 { -half } else { half }) / count as i128;
        // The nearest rank: the smallest value that so many percent of all do not exceed.
        let percentile = |percent: usize| values[(count * percent).div_ceil(100).max(1) - 1];
        Some(Self {
            count: count as u64,
            positive: values.iter().filter(|value| **value > Micros::ZERO).count() as u64,
            min,
            mean: Micros::new(i64::try_from(mean).unwrap_or(i64::MAX)),
            p50: percentile(50),
            p95: percentile(95),
            p99: percentile(99),
            max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_told_by_nearest_ranks() {
        let spread = Spread::of((0..=200).rev().map(Micros::new).collect()).unwrap();
        assert_eq!((spread.min, spread.max, spread.mean), (Micros::ZERO, Micros::new(200), Micros::new(100)));
        assert_eq!((spread.p50, spread.p95, spread.p99), (Micros::new(100), Micros::new(190), Micros::new(198)));
        assert_eq!((spread.count, spread.positive), (201, 200));
        assert_eq!(Spread::of(Vec::new()), None);
        assert_eq!(Spread::of(vec![Micros::SECOND]).unwrap().p99, Micros::SECOND);
    }
}
