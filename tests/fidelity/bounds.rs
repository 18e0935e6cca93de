//! What the libraries' own code allows at the extremes: bounds that no sample may leave.

use hactl::model::Micros;

use crate::measure::Course;

/// Values from the first to the last, in seconds.
pub(crate) type Range = (f64, f64);

/// For each of the three times the ranges in which every sample lies.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    /// When another starts to act, if one does; with no range, none ever does.
    pub(crate) takeover: Vec<Range>,
    /// How long nobody acts.
    pub(crate) leaderless: Vec<Range>,
    /// How long two act.
    pub(crate) overlap: Vec<Range>,
}

/// What is never other than zero.
pub(crate) const ZERO: Range = (0.0, 0.0);

impl Bounds {
    /// Nobody else, no gap, never two: nothing happens.
    pub(crate) fn nothing() -> Self {
        Self { takeover: vec![], leaderless: vec![ZERO], overlap: vec![ZERO] }
    }

    /// Nobody leads until another takes over, and two never do.
    pub(crate) fn gap(range: Range) -> Self {
        Self { takeover: vec![range], leaderless: vec![range], overlap: vec![ZERO] }
    }

    pub(crate) fn takeover(self, ranges: &[Range]) -> Self {
        Self { takeover: ranges.to_vec(), ..self }
    }

    pub(crate) fn leaderless(self, ranges: &[Range]) -> Self {
        Self { leaderless: ranges.to_vec(), ..self }
    }

    pub(crate) fn overlap(self, ranges: &[Range]) -> Self {
        Self { overlap: ranges.to_vec(), ..self }
    }

    /// What of a course lies outside by more than the slack.
    pub(crate) fn broken_by(&self, course: &Course, slack: Micros) -> Option<String> {
        let slack = slack.as_secs_f64();
        let outside = |value: Micros, ranges: &[Range]| {
            let value = value.as_secs_f64();
            !ranges.iter().any(|(low, high)| (low - slack..=high + slack).contains(&value))
        };
        if let Some(at) = course.takeover.filter(|at| outside(*at, &self.takeover)) {
            return Some(format!("another leads after {at}, not within {:?}", self.takeover));
        }
        if outside(course.leaderless, &self.leaderless) {
            return Some(format!("nobody leads for {}, not within {:?}", course.leaderless, self.leaderless));
        }
        outside(course.overlap, &self.overlap)
            .then(|| format!("two lead for {}, not within {:?}", course.overlap, self.overlap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_bounds_is_told() {
        let time = |seconds: f64| Micros::new((seconds * 1e6) as i64);
        let course = |takeover: Option<f64>, leaderless: f64, overlap: f64| Course {
            takeover: takeover.map(time),
            leaderless: time(leaderless),
            overlap: time(overlap),
            ..Course::default()
        };
        let bounds = Bounds::gap((5.0, 8.0)).leaderless(&[ZERO, (5.0, 8.0)]);
        let slack = Micros::from_millis(20);
        for fine in [course(Some(5.0), 5.0, 0.0), course(Some(8.01), 8.01, 0.01), course(None, 0.0, 0.0)] {
            assert_eq!(bounds.broken_by(&fine, slack), None);
        }
        for wrong in [course(Some(4.9), 5.0, 0.0), course(None, 2.0, 0.0), course(Some(6.0), 6.0, 0.1)] {
            assert!(bounds.broken_by(&wrong, slack).is_some(), "{wrong:?}");
        }
        assert!(Bounds::nothing().broken_by(&course(Some(5.0), 0.0, 0.0), slack).is_some());
    }
}
