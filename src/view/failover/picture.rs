//! Who acts when in a typical trial, over the distribution of all, on one axis of time.

use super::{Style, WIDTH, hundredths};
use crate::report::Seconds;
use crate::report::failover::{Histogram, Simulation, Track};

/// Columns for names to the left of the axis.
const NAMES: usize = 13;

/// The widest picture.
const WIDEST: usize = 110;

/// Steps of an axis, in seconds.
const STEPS: &[f64] = &[
    0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0, 7200.0, 21_600.0, 43_200.0,
    86_400.0, 172_800.0,
];

/// An axis of time from zero on.
struct Axis {
    /// How many seconds a column stands for.
    column: f64,
    columns: usize,
    /// Seconds between two marks.
    step: f64,
}

/// The picture, with a final newline.
pub(super) fn draw(item: &Simulation, style: Style) -> String {
    let axis = Axis::new(last(item), style.width.unwrap_or(WIDTH).clamp(40, WIDEST) - NAMES - 2);
    let mut text = axis.marks(style);
    for track in &item.tracks {
        text.push_str(&row(&track.actor, &axis.bar(track, style)));
    }
    if let Some(histogram) = &item.distribution {
        text.push_str(&row(histogram.of, &axis.histogram(histogram, style)));
        let spread = match histogram.of {
            "takeover" => item.takeover_seconds,
            _ => item.outage_seconds,
        };
        let told = |name: &str, value: Option<Seconds>| value.map(|v| format!("{name} {}", hundredths(v)));
        let quantiles = [told("p50", spread.p50), told("p95", spread.p95), told("p99", spread.p99)];
        text.push_str(&row("", &quantiles.into_iter().flatten().collect::<Vec<_>>().join("   ")));
    }
    // What a system or a warm-up adds to a takeover.
    let outage = item.outage_seconds;
    let adds = |name: &str| {
        item.phases.iter().any(|phase| phase.name == name && phase.max.is_some_and(|max| !max.0.is_zero()))
    };
    if (adds("warm-up") || adds("system"))
        && item.distribution.as_ref().is_some_and(|histogram| histogram.of == "takeover")
    {
        text.push_str(&row("outage", &axis.range(outage.p50, outage.p99, style)));
        let told = |name: &str, value: Option<Seconds>| value.map(|v| format!("{name} {}", hundredths(v)));
        let quantiles = [told("p50", outage.p50), told("p95", outage.p95), told("p99", outage.p99)];
        text.push_str(&row("", &quantiles.into_iter().flatten().collect::<Vec<_>>().join("   ")));
    }
    text
}

fn row(name: &str, cells: &str) -> String {
    format!("{name:<NAMES$}{}\n", cells.trim_end())
}

/// The last moment that has to be seen: the story's end and the slowest trials, but for the very last ones.
fn last(item: &Simulation) -> f64 {
    let secs = |value: Option<Seconds>| value.map_or(0.0, |value| value.0.as_secs_f64());
    let mut last = secs(item.takeover_seconds.max).max(secs(item.overlap_seconds.p99));
    if item.outage_seconds.censored_share < 0.01 {
        last = last.max(secs(item.outage_seconds.p99));
    }
    if item.leaderless_seconds.censored_share < 0.5 {
        last = last.max(secs(item.leaderless_seconds.p99));
    }
    let turns = item.tracks.iter().flat_map(|track| &track.spans).flat_map(|(from, until)| [*from, *until]);
    let turn = turns.flatten().map(|at| at.as_secs_f64()).fold(0.0, f64::max);
    last.max(turn * 1.1).max(1.0)
}

impl Axis {
    fn new(last: f64, columns: usize) -> Self {
        let column = last / (columns as f64 - 1.0);
        // A label takes about eight columns.
        let step = STEPS.iter().copied().find(|step| step / column >= 9.0).unwrap_or(7200.0);
        Self { column, columns, step }
    }

    /// Where a time lies, in columns.
    fn place(&self, seconds: f64) -> f64 {
        (seconds / self.column + 0.5).clamp(0.0, self.columns as f64 - 1e-6)
    }

    /// The column of a time.
    fn at(&self, seconds: f64) -> usize {
        self.place(seconds) as usize
    }

    fn marks(&self, style: Style) -> String {
        let (mut labels, mut line) =
            (vec![' '; self.columns + 8], vec![if style.unicode { '─' } else { '-' }; self.columns]);
        let mut mark = 0.0;
        while mark / self.column <= self.columns as f64 - 1.0 {
            let at = self.at(mark);
            line[at] = if style.unicode { '┴' } else { '|' };
            for (offset, c) in format!("{mark}s").chars().enumerate() {
                labels[at + offset] = c;
            }
            mark += self.step;
        }
        row("", &labels.iter().collect::<String>()) + &row("", &line.iter().collect::<String>())
    }

    /// When someone acts, in a typical trial.
    fn bar(&self, track: &Track, style: Style) -> String {
        let (full, end) = if style.unicode { ('█', '×') } else { ('#', 'x') };
        let mut cells = vec![if style.unicode { '·' } else { '.' }; self.columns];
        for (from, until) in &track.spans {
            let from = from.map_or(0, |from| self.at(from.as_secs_f64()));
            let to = until.map_or(self.columns, |until| self.at(until.as_secs_f64()));
            cells[from..to.max(from)].fill(full);
            if until.is_some() {
                cells[to.min(self.columns - 1)] = end;
            }
        }
        cells.iter().collect()
    }

    /// Up to the one, and from there to the other.
    fn range(&self, from: Option<Seconds>, to: Option<Seconds>, style: Style) -> String {
        let at = |value: Option<Seconds>| value.map_or(0, |value| self.at(value.0.as_secs_f64()));
        let (light, full) = if style.unicode { ("░", "█") } else { ("-", "#") };
        format!("{}{}", light.repeat(at(from)), full.repeat((at(to) + 1).saturating_sub(at(from))))
    }

    /// How many trials, by height.
    fn histogram(&self, histogram: &Histogram, style: Style) -> String {
        let (from, bin) = (histogram.from_seconds.0.as_secs_f64(), histogram.bin_seconds.0.as_secs_f64());
        let mut heights = vec![0f64; self.columns];
        for (number, count) in (0u32..).zip(&histogram.counts) {
            // A bin is spread over the columns that it covers, or columns would be high where two bins begin.
            let (first, last) = (from + f64::from(number) * bin, from + f64::from(number + 1) * bin);
            let (first, last) = (self.place(first), self.place(last));
            let covered = first as usize..=(last as usize).min(self.columns - 1);
            for (column, height) in heights.iter_mut().enumerate().skip(*covered.start()).take(covered.count()) {
                let covered = (last.min(column as f64 + 1.0) - first.max(column as f64)).max(0.0);
                *height += *count as f64 * covered / (last - first).max(1e-9);
            }
        }
        let most = heights.iter().copied().fold(0.0, f64::max);
        let levels: &[char] = if style.unicode {
            &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
        } else {
            &['.', ':', '-', '=', '+', '*', '#', '@']
        };
        let level = |height: &f64| match height / most {
            part if part > 0.0 => levels[((part * 8.0) as usize).min(7)],
            _ => ' ',
        };
        heights.iter().map(level).collect()
    }
}
