//! One value over a range: `lease-duration=5s..60s`, `standbys=1..5`.

use std::str::FromStr;

use super::question::time;
use crate::model::Micros;
use crate::model::near::nearest;

/// About so many points make a curve, where no step is given.
const POINTS: i64 = 12;

/// More points than this are a slip of the hand.
const MOST: i64 = 500;

/// What is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// `lease-duration`.
    LeaseDuration,
    /// `renew-deadline`.
    RenewDeadline,
    /// `retry-period`.
    RetryPeriod,
    /// `grace-period`.
    GracePeriod,
    /// `standbys`.
    Standbys,
}

/// The knobs by name.
const KNOBS: &[(&str, Knob)] = &[
    ("lease-duration", Knob::LeaseDuration),
    ("renew-deadline", Knob::RenewDeadline),
    ("retry-period", Knob::RetryPeriod),
    ("grace-period", Knob::GracePeriod),
    ("standbys", Knob::Standbys),
];

/// A range of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// What is varied.
    pub knob: Knob,
    /// Through which values; of [`Knob::Standbys`] a second counts as one.
    pub values: Vec<Micros>,
}

impl Knob {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        KNOBS.iter().find(|(_, knob)| *knob == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for Sweep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let example = "such as lease-duration=5s..60s, lease-duration=5s..60s/5s or standbys=1..5";
        let (name, range) = text.split_once('=').ok_or_else(|| format!("expected NAME=FROM..TO, {example}"))?;
        let Some((_, knob)) = KNOBS.iter().find(|(known, _)| *known == name) else {
            let names = || KNOBS.iter().map(|(name, _)| *name);
            return Err(match nearest(name, names()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("expected one of {}", names().collect::<Vec<_>>().join(", ")),
            });
        };
        let (range, step) = match range.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (range, None),
        };
        let (from, to) = range.split_once("..").ok_or_else(|| format!("expected a range FROM..TO, {example}"))?;
        let read = |text: &str| match knob {
            Knob::Standbys => count(text),
            _ => time(text),
        };
        let (from, to) = (read(from)?, read(to)?);
        if from > to {
            return Err(format!("the range is empty: {from} is more than {to}"));
        }
        let step = step.map_or_else(|| Ok(even(to - from)), read)?;
        if step <= Micros::ZERO {
            return Err("a step of nothing never arrives".to_owned());
        }
        if (to - from) / step >= MOST {
            return Err(format!("these are {} values, {MOST} at most: take a longer step", (to - from) / step + 1));
        }
        let mut values: Vec<_> = (0..=(to - from) / step).map(|i| from + step * i).collect();
        if values.last() != Some(&to) {
            values.push(to);
        }
        Ok(Self { knob: *knob, values })
    }
}

/// A step that makes about a dozen points: a round number of seconds.
fn even(span: Micros) -> Micros {
    let rough = (span / POINTS).get().max(1) as u64;
    let second = Micros::SECOND.get() as u64;
    let rounds = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600];
    let seconds = rounds.iter().copied().find(|round| round * second >= rough).unwrap_or(7200);
    Micros::from_secs(i64::try_from(seconds).unwrap_or(7200))
}

/// A number of standbys, as so many seconds.
fn count(text: &str) -> Result<Micros, String> {
    match text.parse::<u8>() {
        Ok(count) if count <= 99 => Ok(Micros::from_secs(count.into())),
        _ => Err(format!("expected a number of standbys up to 99, not {text}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Result<Vec<i64>, String> {
        let sweep: Sweep = text.parse()?;
        Ok(sweep.values.iter().map(|value| value.whole_seconds()).collect())
    }

    #[test]
    fn a_range_has_both_ends_and_round_steps() {
        assert_eq!(seconds("lease-duration=5s..60s"), Ok(vec![5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]));
        assert_eq!(seconds("grace-period=1..4"), Ok(vec![1, 2, 3, 4]));
        assert_eq!(seconds("lease-duration=10s..31s/10s"), Ok(vec![10, 20, 30, 31]));
        assert_eq!(seconds("standbys=0..3"), Ok(vec![0, 1, 2, 3]));
        assert_eq!(seconds("retry-period=2s..2s"), Ok(vec![2]));
    }

    #[test]
    fn what_is_no_range_is_told_so() {
        let error = |text: &str| seconds(text).unwrap_err();
        assert_eq!(error("lease-duraton=1..2"), "did you mean lease-duration?");
        assert!(error("lease-duration=60s..5s").contains("empty"));
        assert!(error("lease-duration=1s..1h/1ms").contains("500 at most"));
        assert!(error("lease-duration=5s").contains("FROM..TO"));
        assert!(error("standbys=1..500").contains("up to 99"));
        assert!(error("lease-duration=0s..5s").contains("above zero"));
        assert!(error("lease-duration").contains("NAME=FROM..TO"));
        assert!(error("standbys=1..3/0").contains("never arrives"));
    }
}
