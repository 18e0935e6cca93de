//! From numbers to places, and the round numbers that stand beside an axis.

/// What an axis may count in: round numbers of seconds, minutes and hours.
const STEPS: &[f64] = &[
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0,
    1200.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0,
];

/// A linear axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    /// The smallest and the greatest number.
    pub(super) numbers: [f64; 2],
    /// Where they lie.
    pub(super) places: [f64; 2],
}

impl Axis {
    /// Where a number lies; outside the axis, its nearer end.
    pub(super) fn at(&self, number: f64) -> f64 {
        let ([low, high], [start, end]) = (self.numbers, self.places);
        start + (end - start) * ((number - low) / (high - low).max(1e-9)).clamp(0.0, 1.0)
    }

    /// Whether a number is on the axis.
    pub(super) fn shows(&self, number: f64) -> bool {
        (self.numbers[0]..=self.numbers[1]).contains(&number)
    }

    /// Round numbers, at least so far from each other, with their labels.
    pub(super) fn ticks(&self, apart: f64) -> Vec<(f64, String)> {
        let ([low, high], [start, end]) = (self.numbers, self.places);
        let long = (end - start).abs() / (high - low).max(1e-9);
        let step = STEPS.iter().copied().find(|step| step * long >= apart).unwrap_or(604_800.0);
        let decimals = match step {
            1.0.. => 0,
            0.1.. => 1,
            0.01.. => 2,
            _ => 3,
        };
        // Counted in whole steps, so that no error adds up.
        let (first, last) = ((low / step - 1e-6).ceil() as i64, (high / step + 1e-6).floor() as i64);
        let tick = |number: i64| {
            let value = number as f64 * step;
            (value, format!("{value:.decimals$}").replace('-', "\u{2212}"))
        };
        (first..=last).map(tick).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, long: f64, apart: f64) -> Vec<String> {
        let axis = Axis { numbers: [low, high], places: [0.0, long] };
        axis.ticks(apart).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn marks_are_round() {
        assert_eq!(labels(-3.0, 31.0, 800.0, 60.0), ["0", "5", "10", "15", "20", "25", "30"]);
        assert_eq!(labels(-13.0, 31.0, 300.0, 60.0), ["\u{2212}10", "0", "10", "20", "30"]);
        assert_eq!(labels(0.0, 1.2, 400.0, 60.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"]);
        assert_eq!(labels(0.0, 0.02, 400.0, 60.0), ["0.000", "0.005", "0.010", "0.015", "0.020"]);
        assert_eq!(labels(0.0, 700.0, 800.0, 60.0).last().map(String::as_str), Some("660"));
    }

    #[test]
    fn a_number_lies_between_the_ends() {
        let axis = Axis { numbers: [0.0, 10.0], places: [100.0, 0.0] };
        assert_eq!([-1.0, 0.0, 5.0, 10.0, 99.0].map(|number| axis.at(number)), [100.0, 100.0, 50.0, 0.0, 0.0]);
        let nothing = Axis { numbers: [0.0, 0.0], places: [0.0, 100.0] };
        assert!(nothing.at(0.0).is_finite());
    }
}
