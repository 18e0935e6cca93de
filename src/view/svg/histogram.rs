//! How often which time was seen, above the axis that the story stands on.

use super::label::{LINE, Lines};
use super::{Axis, Picture, number};
use crate::report::failover::{Histogram, Simulation, Spread};
use crate::view::failover::{thousands, told};

/// How high it is.
const HEIGHT: f64 = 84.0;

/// The numbers of what is drawn.
pub(super) fn spread_of<'s>(item: &'s Simulation, histogram: &Histogram) -> &'s Spread {
    match histogram.of {
        "takeover" => &item.takeover_seconds,
        _ => &item.outage_seconds,
    }
}

/// Draws it, with the quantiles and the greatest time of all.
pub(super) fn draw(picture: &mut Picture, axis: &Axis, item: &Simulation, histogram: &Histogram) {
    let spread = spread_of(item, histogram);
    let named = [("p50", spread.p50), ("p95", spread.p95), ("p99", spread.p99), ("max", spread.max)];
    let mut marks: Vec<(f64, String, &str)> = Vec::new();
    for (name, value) in named.iter().filter_map(|(name, value)| value.map(|value| (name, value))) {
        let text = told(value);
        let x = axis.at(number(value));
        let beyond = if axis.shows(number(value)) { "" } else { " \u{2192}" };
        match marks.last_mut().filter(|(before, ..)| (x - *before).abs() < 0.05) {
            // All trials alike.
            Some((_, label, _)) if label.contains(&text) => *label = format!("{name}, {label}"),
            _ => marks.push((x, format!("{name} {text}{beyond}"), if *name == "max" { "most" } else { "mark" })),
        }
    }
    let mut lines = Lines::new(axis.places[0] - 4.0, picture.frame.ends()[1], None);
    let labels: Vec<_> = marks.iter().map(|(x, label, _)| (*x, label.clone())).collect();
    let placed = lines.place(&labels);
    let top = picture.y + lines.count() as f64 * LINE + 4.0;
    let bottom = top + HEIGHT;
    let [left, _] = picture.frame.ends();
    picture.text([left, bottom - 2.0 * LINE - 4.0], "strong", None, histogram.of);
    picture.text([left, bottom - LINE - 4.0], "mute", None, &thousands(item.parameters.trials.into()));
    picture.text([left, bottom - 4.0], "mute", None, "trials");
    bars(picture, axis, histogram, [top, bottom]);
    for ((x, _, class), label) in marks.iter().zip(&placed) {
        let y = top - 6.0 - label.line as f64 * LINE;
        picture.line(class, [*x, y - 8.0], [*x, bottom]);
        picture.label(label, y, "ink");
    }
    picture.y = bottom;
}

/// The outline: a step for each bin, so that neighbours leave no seam.
fn bars(picture: &mut Picture, axis: &Axis, histogram: &Histogram, [top, bottom]: [f64; 2]) {
    let (from, wide) = (number(histogram.from_seconds), number(histogram.bin_seconds));
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mut run: Vec<[f64; 2]> = Vec::new();
    let end = |picture: &mut Picture, run: &mut Vec<[f64; 2]>| {
        let (Some([first, highest]), Some([last, _])) = (run.first().copied(), run.last().copied()) else { return };
        if last - first < 2.0 {
            // A single narrow bin has to be seen too.
            picture.bar("spread", [first - 1.0, first + 1.0], highest, bottom - highest);
        } else {
            let points: Vec<_> = [[first, bottom]].into_iter().chain(run.drain(..)).chain([[last, bottom]]).collect();
            picture.path("spread", &points, true);
        }
        run.clear();
    };
    for (bin, count) in (0u32..).zip(&histogram.counts) {
        let left = from + f64::from(bin) * wide;
        if *count == 0 || !axis.shows(left) {
            end(picture, &mut run);
            continue;
        }
        // Who was seen at all can be seen.
        let y = bottom - ((bottom - top) * *count as f64 / most).max(1.0);
        run.push([axis.at(left), y]);
        run.push([axis.at(left + wide), y]);
    }
    end(picture, &mut run);
}
