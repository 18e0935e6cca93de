//! Whoever is compared takes turns, and each is told by its median.

use std::time::Duration;

use crate::measure::Sample;
use crate::table::{Row, grouped};

/// One of those compared: what it does, how many trials that is, and what its runs took.
pub(crate) struct Entry<'r> {
    name: String,
    trials: u64,
    run: Box<dyn FnMut() -> Sample + 'r>,
    samples: Vec<Sample>,
}

impl<'r> Entry<'r> {
    pub(crate) fn new(name: impl Into<String>, trials: u64, run: impl FnMut() -> Sample + 'r) -> Self {
        Self { name: name.into(), trials, run: Box::new(run), samples: Vec::new() }
    }

    /// What it has come to.
    fn result(self) -> Timed {
        Timed { row: Row { name: self.name, samples: self.samples, requests: None }, trials: self.trials }
    }
}

/// Each runs so many times, one after the other and each time another one first; once more before that, which does not
/// count: whatever is read from the disk or asked of the kernel for the first time.
pub(crate) fn take_turns(rounds: usize, mut entries: Vec<Entry<'_>>) -> Vec<Timed> {
    let count = entries.len();
    for round in 0..=rounds {
        for turn in 0..count {
            let entry = &mut entries[(round + turn) % count];
            let sample = (entry.run)();
            if round > 0 {
                entry.samples.push(sample);
            }
        }
    }
    entries.into_iter().map(Entry::result).collect()
}

/// All runs of one, and how many trials there were in each.
pub(crate) struct Timed {
    pub(crate) row: Row,
    trials: u64,
}

impl Timed {
    /// Trials a second, by the median of the runs.
    pub(crate) fn rate(&self) -> f64 {
        per_second(self.trials, self.row.wall())
    }

    /// Trials a second of processor time, which other programs on the machine hardly change.
    pub(crate) fn cpu_rate(&self) -> f64 {
        per_second(self.trials, self.row.cpu())
    }

    /// How many processors it had, on average.
    pub(crate) fn processors(&self) -> f64 {
        self.row.cpu().as_secs_f64() / self.row.wall().as_secs_f64()
    }

    /// The cells of [`HEAD`].
    pub(crate) fn cells(&self) -> Vec<String> {
        let [name, median, range, cpu, _peak] = self.row.times();
        let rates = [self.rate(), self.cpu_rate()].map(rounded);
        [name, grouped(self.trials), median, range, cpu].into_iter().chain(rates).collect()
    }
}

/// What [`Timed::cells`] are.
pub(crate) const HEAD: [&str; 7] = ["", "trials", "median ms", "min .. max", "CPU ms", "trials/s", "trials/CPU s"];

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn per_second(trials: u64, time: Duration) -> f64 {
    trials as f64 / time.as_secs_f64()
}

/// Three digits of it: what a run repeats.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is positive, and no float's limit")]
pub(crate) fn rounded(rate: f64) -> String {
    let whole = rate.round() as u64;
    let unit = 10_u64.pow(whole.checked_ilog10().unwrap_or_default().saturating_sub(2));
    grouped((whole + unit / 2) / unit * unit)
}
