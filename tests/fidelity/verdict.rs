//! Whether what was seen is what the model says: its shares, its atoms, and the rest of each distribution.

use hactl::model::Micros;

use crate::measure::Course;

use crate::statistics::{binomial, kolmogorov_smirnov};

/// What the simulator makes of a cell.
pub(crate) struct Model {
    courses: Vec<Course>,
    /// Of each quantity, the values that have a weight of their own.
    atoms: Vec<Vec<f64>>,
}

/// One comparison.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) what: String,
    /// The probability of what was seen, or of anything further off, if the model is right.
    pub(crate) p: f64,
}

type Quantity = (&'static str, fn(&Course) -> Option<Micros>);

/// The times of a course.
pub(crate) const QUANTITIES: [Quantity; 3] = [
    ("takeover", |course| course.takeover),
    ("leaderless", |course| Some(course.leaderless)),
    ("overlap", |course| Some(course.overlap)),
];

type Flag = (&'static str, fn(&Course) -> bool);

const FLAGS: [Flag; 3] = [
    ("another takes over", |course| course.takeover.is_some()),
    ("the old one is first", |course| course.by_self),
    ("not one leader at the end", |course| course.censored),
];

/// A value is an atom if so many of an ideal model's courses have it, to the millisecond.
const WEIGHT: f64 = 0.03;

impl Model {
    /// From courses with the API's real latency, and from ideal ones without any, which show what is exact.
    pub(crate) fn new(courses: Vec<Course>, ideal: &[Course]) -> Self {
        let atoms = QUANTITIES.iter().map(|(_, of)| atoms(&values(ideal, *of))).collect();
        Self { courses, atoms }
    }

    pub(crate) fn courses(&self) -> &[Course] {
        &self.courses
    }

    /// Compares real courses, of which each time may be off by as much as the slack.
    pub(crate) fn compare(&self, seen: &[Course], slack: Micros) -> Vec<Comparison> {
        let mut comparisons = Vec::new();
        for (name, holds) in FLAGS {
            let share = |courses: &[Course]| courses.iter().filter(|course| holds(course)).count();
            self.share(
                &mut comparisons,
                name.to_owned(),
                (share(seen), seen.len()),
                (share(&self.courses), self.courses.len()),
            );
        }
        let mut told: Vec<Vec<f64>> = Vec::new();
        for ((name, of), atoms) in QUANTITIES.iter().zip(&self.atoms) {
            let (seen, model) = (values(seen, *of), values(&self.courses, *of));
            // Where a gap ends with the takeover, both are one number.
            if seen.is_empty() || model.is_empty() || told.contains(&model) {
                continue;
            }
            let slack = slack.as_secs_f64();
            let near = |value: f64, atom: f64| (value - atom).abs() <= slack;
            for atom in atoms {
                let count = |values: &[f64]| (values.iter().filter(|value| near(**value, *atom)).count(), values.len());
                self.share(&mut comparisons, format!("{name} = {atom} s"), count(&seen), count(&model));
            }
            let rest = |values: &[f64]| -> Vec<f64> {
                values.iter().copied().filter(|value| !atoms.iter().any(|atom| near(*value, *atom))).collect()
            };
            let (seen_rest, model_rest) = (rest(&seen), rest(&model));
            if !seen_rest.is_empty() && !model_rest.is_empty() {
                let p = kolmogorov_smirnov(&seen_rest, &model_rest);
                comparisons.push(Comparison { what: format!("{name}, distribution"), p });
            }
            told.push(model);
        }
        comparisons
    }

    fn share(
        &self,
        comparisons: &mut Vec<Comparison>,
        what: String,
        (hits, trials): (usize, usize),
        (expected, of): (usize, usize),
    ) {
        // Never quite 0 or 1: the model, too, is known from a sample only.
        let share = (expected as f64 + 0.5) / (of as f64 + 1.0);
        let what = format!("{what}: {hits} of {trials}, expected {:.1} %", share * 100.0);
        comparisons.push(Comparison { what, p: binomial(hits, trials, share) });
    }
}

/// The least likely of several.
pub(crate) fn worst(comparisons: &[Comparison]) -> Comparison {
    let least = comparisons.iter().min_by(|one, other| one.p.total_cmp(&other.p));
    least.cloned().unwrap_or(Comparison { what: "nothing".to_owned(), p: 1.0 })
}

fn values(courses: &[Course], of: fn(&Course) -> Option<Micros>) -> Vec<f64> {
    courses.iter().filter_map(of).map(Micros::as_secs_f64).collect()
}

fn atoms(values: &[f64]) -> Vec<f64> {
    let mut millis: Vec<f64> = values.iter().map(|value| (value * 1e3).round()).collect();
    millis.sort_unstable_by(f64::total_cmp);
    let heavy =
        millis.chunk_by(|one, other| one == other).filter(|same| same.len() as f64 > WEIGHT * values.len() as f64);
    heavy.map(|same| same[0] / 1e3).collect()
}
