//! What is printed: one table for each case, then one line for each aim.

use std::fmt::Write;
use std::time::Duration;

use crate::measure::Sample;

/// All runs of one tool.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) samples: Vec<Sample>,
    /// Of each run: its requests, and how many of them were discovery. `None` for what asks no server.
    pub(crate) requests: Option<Vec<(usize, usize)>>,
}

/// Times in order.
struct Times(Vec<Duration>);

impl Times {
    fn new(times: impl Iterator<Item = Duration>) -> Self {
        let mut times: Vec<_> = times.collect();
        times.sort_unstable();
        Self(times)
    }

    fn median(&self) -> Duration {
        let middle = self.0.len() / 2;
        if self.0.len() % 2 == 1 { self.0[middle] } else { (self.0[middle - 1] + self.0[middle]) / 2 }
    }
}

impl Row {
    /// The median.
    pub(crate) fn wall(&self) -> Duration {
        Times::new(self.samples.iter().map(|sample| sample.wall)).median()
    }

    /// The median.
    pub(crate) fn cpu(&self) -> Duration {
        Times::new(self.samples.iter().map(|sample| sample.cpu)).median()
    }

    /// The most of any run.
    pub(crate) fn peak(&self) -> u64 {
        self.samples.iter().map(|sample| sample.peak).max().unwrap_or_default()
    }

    /// The most of any run.
    pub(crate) fn discovery(&self) -> usize {
        self.requests.iter().flatten().map(|(_, discovery)| *discovery).max().unwrap_or_default()
    }

    /// Its name, the median and the range of its times, the median of the processor's, and the peak of its memory.
    pub(crate) fn times(&self) -> [String; 5] {
        let wall = Times::new(self.samples.iter().map(|sample| sample.wall));
        let range = match wall.0.as_slice() {
            [least, .., most] => format!("{} .. {}", millis(*least), millis(*most)),
            _ => "one run".to_owned(),
        };
        [self.name.clone(), millis(wall.median()), range, millis(self.cpu()), megabytes(self.peak())]
    }

    fn cells(&self) -> Vec<String> {
        let mut cells = self.times().to_vec();
        if let Some(requests) = &self.requests {
            cells.push(span(requests.iter().map(|(all, _)| *all)));
            cells.push(span(requests.iter().map(|(_, discovery)| *discovery)));
        }
        cells
    }
}

/// The head and the rows, aligned.
pub(crate) fn table(title: &str, rows: &[Row]) -> String {
    let mut head = vec!["", "median ms", "min .. max", "CPU ms", "peak MB"];
    if rows.iter().any(|row| row.requests.is_some()) {
        head.extend(["requests", "discovery"]);
    }
    titled(title, &head, rows.iter().map(Row::cells))
}

/// An aim: in words, what was measured, and whether that meets it.
pub(crate) struct Aim {
    pub(crate) words: &'static str,
    pub(crate) measured: String,
    pub(crate) met: bool,
}

/// One line for each aim.
pub(crate) fn aims(aims: &[Aim]) -> String {
    let lines: Vec<Vec<String>> = aims
        .iter()
        .map(|aim| {
            let met = if aim.met { "met" } else { "not met" };
            vec![aim.words.to_owned(), aim.measured.clone(), met.to_owned()]
        })
        .collect();
    format!("\nAims\n\n{}", aligned(&lines))
}

/// A head and lines below a title, aligned.
pub(crate) fn titled(title: &str, head: &[&str], lines: impl IntoIterator<Item = Vec<String>>) -> String {
    let head = head.iter().map(|cell| (*cell).to_owned()).collect();
    let lines: Vec<_> = std::iter::once(head).chain(lines).collect();
    format!("\n{title}\n\n{}", aligned(&lines))
}

/// The first column to the left, the others to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let mut text = String::new();
    for line in lines {
        for (column, cell) in line.iter().enumerate() {
            let width = width(column);
            let _ = match column {
                0 => write!(text, "  {cell:width$}"),
                _ => write!(text, "   {cell:>width$}"),
            };
        }
        text.push('\n');
    }
    text
}

pub(crate) fn millis(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    if millis < 99.95 { format!("{millis:.1}") } else { format!("{millis:.0}") }
}

/// With a space between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in (0..digits.len()).rev().zip(digits.chars()) {
        text.push(digit);
        if place > 0 && place % 3 == 0 {
            text.push(' ');
        }
    }
    text
}

/// Millions of bytes.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

fn span(values: impl Iterator<Item = usize> + Clone) -> String {
    let (least, most) = (values.clone().min().unwrap_or_default(), values.max().unwrap_or_default());
    if least == most { most.to_string() } else { format!("{least} .. {most}") }
}
