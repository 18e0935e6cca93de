//! A plain simulation in Python of what hactl plays, and whether it is the same model.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hactl::model::Micros;
use hactl::sim::Distribution;

use crate::measure::{Sample, run};
use crate::tool::Tool;

/// Two means or quantiles of one model are seldom further apart than so many standard errors: once in 16 000 times. The
/// seeds are fixed, so it is not a matter of luck from run to run.
const FAR: f64 = 4.0;

/// Python, if this machine has one.
pub(crate) struct Python {
    pub(crate) version: String,
    tool: Tool,
}

/// What its program came to, in seconds.
pub(crate) struct Played {
    /// The simulation alone, as the program itself has measured it: Python's start-up counts for nothing.
    pub(crate) sample: Sample,
    trials: f64,
    mean: f64,
    stdev: f64,
    p50: f64,
    p99: f64,
}

impl Python {
    pub(crate) fn find(trials: u64) -> Option<Self> {
        let output = Command::new("python3").arg("--version").output().ok()?;
        let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        if !output.status.success() || version.is_empty() {
            return None;
        }
        let script: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/bench/client_go_crash.py"].iter().collect();
        let args = [script.into_os_string(), trials.to_string().into()];
        Some(Self { version, tool: Tool::new("client_go_crash.py", Path::new("python3"), args) })
    }

    /// Runs the program.
    ///
    /// # Panics
    /// If it fails.
    pub(crate) fn play(&self) -> Played {
        let (Sample { peak, .. }, printed) = run(&self.tool);
        let value = |name: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            let value = line.and_then(|value| value.parse::<f64>().ok());
            value.unwrap_or_else(|| panic!("the program tells no {name}:\n{printed}"))
        };
        let time = |name| Duration::from_secs_f64(value(name));
        Played {
            sample: Sample { wall: time("wall"), cpu: time("cpu"), peak },
            trials: value("trials"),
            mean: value("mean"),
            stdev: value("stdev"),
            p50: value("p50"),
            p99: value("p99"),
        }
    }
}

/// Both beside each other.
pub(crate) struct Agreement {
    /// Mean, median and 99th percentile, in seconds.
    pub(crate) hactl: [f64; 3],
    pub(crate) python: [f64; 3],
    /// How far apart they are, in standard errors of the difference.
    pub(crate) apart: [f64; 3],
}

impl Agreement {
    /// Of hactl's takeovers and what the Python program came to. Quantiles are compared by rank: so many percent of
    /// hactl's values should be no greater than Python's quantile.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2⁵³")]
    #[expect(clippy::cast_possible_truncation, reason = "seconds, as microseconds")]
    pub(crate) fn of(takeovers: &Distribution, python: &Played) -> Self {
        let values = takeovers.sorted();
        let (n, m) = (values.len() as f64, python.trials);
        let mean = values.iter().map(|value| value.as_secs_f64()).sum::<f64>() / n;
        let variance = values.iter().map(|value| (value.as_secs_f64() - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let by_mean = (python.mean - mean) / (variance / n + python.stdev.powi(2) / m).sqrt();
        let by_rank = |quantile: f64, share: f64| {
            let quantile = Micros::new((quantile * 1e6).round() as i64);
            let below = values.partition_point(|value| *value <= quantile) as f64 / n;
            (below - share) / (share * (1.0 - share) * (1.0 / n + 1.0 / m)).sqrt()
        };
        let spread = takeovers.spread().expect("there are takeovers");
        Self {
            hactl: [mean, spread.p50.as_secs_f64(), spread.p99.as_secs_f64()],
            python: [python.mean, python.p50, python.p99],
            apart: [by_mean, by_rank(python.p50, 0.50), by_rank(python.p99, 0.99)],
        }
    }

    /// Whether it is one model.
    pub(crate) fn is_one_model(&self) -> bool {
        self.apart.iter().all(|apart| apart.abs() <= FAR)
    }

    /// The greatest difference, in standard errors.
    pub(crate) fn farthest(&self) -> f64 {
        self.apart.iter().map(|apart| apart.abs()).fold(0.0, f64::max)
    }
}
