//! Distributions in a few numbers.

use serde::Serialize;

use super::{Seconds, round};
use crate::model::Micros;
use crate::sim::{self, Distribution, Interval, Outcome};

/// About so many bins: more than a screen has columns, fewer than make a noise.
const BINS: i64 = 100;

/// A distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// The smallest.
    pub min: Option<Seconds>,
    /// The mean.
    pub mean: Option<Seconds>,
    /// Half are no greater.
    pub p50: Option<Seconds>,
    /// 95 % are no greater.
    pub p95: Option<Seconds>,
    /// 99 % are no greater.
    pub p99: Option<Seconds>,
    /// The greatest that was seen.
    pub max: Option<Seconds>,
    /// In what share of the trials there is one, or one above zero.
    pub share: f64,
    /// In what share it was still going on at the end of the story.
    pub censored_share: f64,
    /// The 95 % confidence intervals of these estimates.
    pub confidence95: Confidence,
}

/// 95 % confidence intervals: of the mean by the normal approximation, of quantiles by order statistics, of the share
/// by Wilson's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Confidence {
    /// Of the mean.
    pub mean: Option<[Seconds; 2]>,
    /// Of the median.
    pub p50: Option<[Seconds; 2]>,
    /// Of the 95th percentile.
    pub p95: Option<[Seconds; 2]>,
    /// Of the 99th percentile.
    pub p99: Option<[Seconds; 2]>,
    /// Of the share.
    pub share: [f64; 2],
}

/// A part of an outage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Phase {
    /// Which.
    pub name: &'static str,
    /// The smallest.
    pub min: Option<Seconds>,
    /// The mean.
    pub mean: Option<Seconds>,
    /// Half are no greater.
    pub p50: Option<Seconds>,
    /// 95 % are no greater.
    pub p95: Option<Seconds>,
    /// 99 % are no greater.
    pub p99: Option<Seconds>,
    /// The greatest that was seen.
    pub max: Option<Seconds>,
}

/// How often which time was seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Histogram {
    /// What is counted: `takeover`, or `outage` where another seldom takes over.
    pub of: &'static str,
    /// Where the first bin begins.
    pub from_seconds: Seconds,
    /// How wide a bin is.
    pub bin_seconds: Seconds,
    /// How many trials fell into each.
    pub counts: Vec<u64>,
}

impl Spread {
    /// Of what happens in some of the trials.
    pub(super) fn partial(spread: Option<&sim::Spread>, outcome: &Outcome) -> Self {
        let count = spread.map_or(0, |spread| spread.count);
        // Where someone took over, nothing was cut off.
        Self::new(spread, count, outcome.leaderless_at_end.min(outcome.trials - count), outcome)
    }

    /// Of what every trial has, be it zero.
    pub(super) fn total(spread: Option<&sim::Spread>, at_end: u64, outcome: &Outcome) -> Self {
        let positive = spread.map_or(0, |spread| spread.positive);
        Self::new(spread, positive, at_end, outcome)
    }

    fn new(spread: Option<&sim::Spread>, hits: u64, at_end: u64, outcome: &Outcome) -> Self {
        let value = |of: fn(&sim::Spread) -> Micros| spread.map(|spread| of(spread).into());
        let interval = |of: fn(&sim::Spread) -> Option<Interval>| {
            spread.and_then(of).map(|Interval { low, high }| [low.into(), high.into()])
        };
        let share = outcome.share(hits);
        let part = |hits: u64| round(hits as f64 / outcome.trials.max(1) as f64, 6);
        Self {
            min: value(|spread| spread.min),
            mean: value(|spread| spread.mean),
            p50: value(|spread| spread.p50),
            p95: value(|spread| spread.p95),
            p99: value(|spread| spread.p99),
            max: value(|spread| spread.max),
            share: part(hits),
            censored_share: part(at_end),
            confidence95: Confidence {
                mean: interval(|spread| spread.mean_interval),
                p50: interval(|spread| spread.p50_interval),
                p95: interval(|spread| spread.p95_interval),
                p99: interval(|spread| spread.p99_interval),
                share: [share.low, share.high].map(|ppm| f64::from(ppm) / 1e6),
            },
        }
    }
}

impl Phase {
    /// The four parts, in their order.
    pub(super) fn all(outcome: &Outcome) -> Vec<Self> {
        let phase = |name, spread: Option<&sim::Spread>| {
            let value = |of: fn(&sim::Spread) -> Micros| spread.map(|spread| of(spread).into());
            Self {
                name,
                min: value(|spread| spread.min),
                mean: value(|spread| spread.mean),
                p50: value(|spread| spread.p50),
                p95: value(|spread| spread.p95),
                p99: value(|spread| spread.p99),
                max: value(|spread| spread.max),
            }
        };
        vec![
            phase("detection", outcome.detection.as_ref()),
            phase("election", outcome.election.as_ref()),
            phase("warm-up", outcome.warmup.as_ref()),
            phase("system", outcome.system.as_ref()),
        ]
    }
}

impl Histogram {
    /// Of the takeovers, or where another seldom takes over of the outages, if there are any.
    pub(super) fn of(outcome: &Outcome) -> Option<Self> {
        let often = outcome.takeover.is_some_and(|takeover| takeover.count * 2 >= outcome.trials);
        let (of, distribution) = if often { ("takeover", &outcome.takeovers) } else { ("outage", &outcome.outages) };
        let spread = distribution.spread().filter(|spread| spread.positive > 0)?;
        Some(Self::binned(of, distribution, spread.min, spread.max))
    }

    fn binned(of: &'static str, distribution: &Distribution, min: Micros, max: Micros) -> Self {
        // Milliseconds, so that the edges are told exactly.
        let width = Micros::from_millis(((max - min).get() / 1000 / BINS + 1).max(1));
        let from = Micros::from_millis(min.get().div_euclid(1000));
        let bins = (max - from) / width + 1;
        let counts = distribution.histogram(from, from + width * bins, usize::try_from(bins).unwrap_or(1));
        Self { of, from_seconds: from.into(), bin_seconds: width.into(), counts }
    }
}
