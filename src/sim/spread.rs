//! A distribution in a few numbers, and how far they can be trusted.
//!
//! All intervals are for a confidence of 95 %. What is computed in floats uses nothing but `+ − × ÷ √`, which IEEE 754
//! fixes to the last bit: the same seed gives the same numbers on every machine.

use crate::model::Micros;

/// The normal quantile for two-sided 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// Values in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    sorted: Vec<Micros>,
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
    /// Where the mean of all possible trials lies, by the normal approximation. None for a single value.
    pub mean_interval: Option<Interval>,
    /// Where half of all possible trials lies, by order statistics: exact for any distribution. None for too few values.
    pub p50_interval: Option<Interval>,
    /// The same for 95 %, which takes 72 values.
    pub p95_interval: Option<Interval>,
    /// The same for 99 %, which takes 368 values.
    pub p99_interval: Option<Interval>,
}

/// An interval that holds the true value with a confidence of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// From.
    pub low: Micros,
    /// To.
    pub high: Micros,
}

/// In how many trials something was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// In so many,
    pub hits: u64,
    /// of so many.
    pub trials: u64,
    /// The interval for the true share, in parts per million, rounded outwards (Wilson 1927).
    pub low: u32,
    /// Its upper end.
    pub high: u32,
}

impl Distribution {
    /// The distribution of these values.
    #[must_use]
    pub fn of(mut values: Vec<Micros>) -> Self {
        values.sort_unstable();
        Self { sorted: values }
    }

    /// The values in their order.
    #[must_use]
    pub fn sorted(&self) -> &[Micros] {
        &self.sorted
    }

    /// How many values there are in each of so many bins of equal width from `low` to `high`. The last bin holds `high`
    /// too; values beyond either end are in none.
    #[must_use]
    pub fn histogram(&self, low: Micros, high: Micros, bins: usize) -> Vec<u64> {
        let width = i128::from((high - low).get());
        let edge = |bin: usize| {
            // Both are below 2⁶⁴, and the result lies between the two ends.
            let along = width * bin as i128 / bins as i128;
            low + Micros::new(i64::try_from(along).unwrap_or(i64::MAX))
        };
        let below = |edge: Micros| self.sorted.partition_point(|value| *value < edge);
        let up_to = |edge: Micros| self.sorted.partition_point(|value| *value <= edge);
        let end = |bin: usize| if bin + 1 == bins { up_to(high) } else { below(edge(bin + 1)) };
        (0..bins).map(|bin| end(bin).saturating_sub(below(edge(bin))) as u64).collect()
    }

    /// In a few numbers, if there are any values.
    #[must_use]
    pub fn spread(&self) -> Option<Spread> {
        let values = self.sorted.as_slice();
        let (min, max) = (*values.first()?, *values.last()?);
        let count = values.len();
        let sum: i128 = values.iter().map(|value| i128::from(value.get())).sum();
        let half = count as i128 / 2;
        let mean = (sum + if sum < 0 { -half } else { half }) / count as i128;
        let mean = Micros::new(i64::try_from(mean).unwrap_or(i64::MAX));
        // The nearest rank: the smallest value that so many percent of all do not exceed.
        let percentile = |percent: usize| values[(count * percent).div_ceil(100).max(1) - 1];
        Some(Spread {
            count: count as u64,
            positive: (count - values.partition_point(|value| *value <= Micros::ZERO)) as u64,
            min,
            mean,
            p50: percentile(50),
            p95: percentile(95),
            p99: percentile(99),
            max,
            mean_interval: mean_interval(values, mean),
            p50_interval: quantile_interval(values, 0.5),
            p95_interval: quantile_interval(values, 0.95),
            p99_interval: quantile_interval(values, 0.99),
        })
    }
}

impl Spread {
    /// The distribution of these values, if there are any.
    #[must_use]
    pub fn of(values: Vec<Micros>) -> Option<Self> {
        Distribution::of(values).spread()
    }
}

impl Share {
    /// So many of so many trials.
    #[must_use]
    pub fn of(hits: u64, trials: u64) -> Self {
        if trials == 0 {
            return Self { hits, trials, low: 0, high: MILLION };
        }
        let (n, share) = (trials as f64, hits as f64 / trials as f64);
        let (center, scale) = (share + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
        let reach = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        // At the ends the formula gives 0 and 1, but for the last bits.
        let low = if hits == 0 { 0.0 } else { (center - reach) / scale };
        let high = if hits >= trials { 1.0 } else { (center + reach) / scale };
        Self { hits, trials, low: parts(low.max(0.0), f64::floor), high: parts(high.min(1.0), f64::ceil) }
    }

    /// The share itself, to be shown.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        if self.trials == 0 { 0.0 } else { self.hits as f64 / self.trials as f64 }
    }
}

const MILLION: u32 = 1_000_000;

fn parts(share: f64, round: fn(f64) -> f64) -> u32 {
    round(share * f64::from(MILLION)) as u32
}

fn mean_interval(values: &[Micros], mean: Micros) -> Option<Interval> {
    let n = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    // In the order of the values, so that the rounding is always the same.
    let squares: f64 = values.iter().map(|value| (*value - mean).get() as f64).map(|off| off * off).sum();
    let reach = Micros::new((Z * (squares / (n - 1.0) / n).sqrt()).ceil() as i64);
    Some(Interval { low: mean - reach, high: mean + reach })
}

/// How many of *n* values lie below the true quantile is binomially distributed: between the value of the rank that it
/// reaches with less than 2.5 %, and that of the one that it exceeds with less than 2.5 %, lies the quantile.
fn quantile_interval(values: &[Micros], share: f64) -> Option<Interval> {
    let (low, high) = ranks(values.len(), share)?;
    Some(Interval { low: values[low - 1], high: values[high - 1] })
}

/// The greatest rank `l` with `P(B < l) ≤ 2.5 %` and the smallest `u` with `P(B ≥ u) ≤ 2.5 %`, counted from one, where `B`
/// is how many of `n` hit with this probability.
fn ranks(n: usize, share: f64) -> Option<(usize, usize)> {
    let weights = binomial(n, share);
    let tail = weights.values.iter().sum::<f64>() * 0.025;
    let reached = |weights: &mut dyn Iterator<Item = &f64>| {
        let mut sum = 0.0;
        weights
            .take_while(|weight| {
                sum += **weight;
                sum <= tail
            })
            .count()
    };
    let low = weights.first + reached(&mut weights.values.iter());
    let high = weights.first + weights.values.len() - reached(&mut weights.values.iter().rev());
    (low >= 1 && high <= n).then_some((low, high))
}

/// Probabilities of counts from the first on, relative to that of the likeliest.
struct Weights {
    first: usize,
    values: Vec<f64>,
}

/// The binomial distribution, from its mode outwards as far as there is anything: no powers and no factorials.
fn binomial(n: usize, share: f64) -> Weights {
    const NOTHING: f64 = 1e-20;
    let mode = (((n + 1) as f64 * share) as usize).min(n);
    // How much likelier one more than `k` is.
    let next = |k: usize| (n - k) as f64 / (k + 1) as f64 * share / (1.0 - share);
    let mut values = Vec::new();
    let mut weight = 1.0;
    for k in (0..mode).rev() {
        weight /= next(k);
        if weight < NOTHING {
            break;
        }
        values.push(weight);
    }
    let first = mode - values.len();
    values.reverse();
    weight = 1.0;
    values.push(weight);
    for k in mode..n {
        weight *= next(k);
        if weight < NOTHING {
            break;
        }
        values.push(weight);
    }
    Weights { first, values }
}

#[cfg(test)]
mod tests;
