//! Settings side by side: the range of their outages, and of two leaders where there are any.

use super::label::{LINE, SIZE, wrap};
use super::part::{Sample, legend, quantiles, range};
use super::{Axis, Frame, Picture, number};
use crate::report::failover::{FailoverComparison, Simulation, Spread};
use crate::view::failover::{percent, setting, told};

/// The picture.
pub(in crate::view) fn comparison(report: &FailoverComparison, frame: Frame) -> String {
    let mut picture = Picture::new(frame);
    let title = format!("Outage of {} settings", report.items.len());
    let clause = report.items.first().map(|item| item.parameters.clause.clone()).unwrap_or_default();
    picture.head(&title, std::slice::from_ref(&clause));
    let [left, right] = frame.ends();
    let longest = report.items.iter().flat_map(|item| [item.outage_seconds.max, overlap(item).and_then(|o| o.max)]);
    let longest = longest.flatten().map(number).fold(1.0, f64::max);
    let axis = Axis { numbers: [0.0, longest * 1.02], places: [left, right] };
    let top = picture.y;
    let mut dry = Picture::new(frame);
    dry.y = picture.y;
    report.items.iter().for_each(|item| row(&mut dry, &axis, item));
    picture.grid(&axis, [top, dry.y]);
    report.items.iter().for_each(|item| row(&mut picture, &axis, item));
    picture.marks(&axis, &axis.ticks(frame.apart()), "seconds");
    let mut key = vec![
        (Sample::Bar("tail"), "outage, to p50"),
        (Sample::Bar("first"), "p50 to p99"),
        (Sample::Tick("mark"), "p95"),
        (Sample::Line("most"), "to the longest seen"),
    ];
    if report.items.iter().any(|item| overlap(item).is_some()) {
        key.push((Sample::Hatched, "two leaders, to p99"));
    }
    legend(&mut picture, &key);
    let described: Vec<_> =
        report.items.iter().map(|item| format!("{}: {}", setting(item), quantiles(&item.outage_seconds))).collect();
    picture.finish(&format!("{title}, when {clause}"), &described.join("; "))
}

fn overlap(item: &Simulation) -> Option<&Spread> {
    Some(&item.overlap_seconds).filter(|overlap| overlap.share > 0.0)
}

/// A setting: its name and its numbers, and its bars below them.
fn row(picture: &mut Picture, axis: &Axis, item: &Simulation) {
    let [left, right] = picture.frame.ends();
    let narrow = picture.frame == Frame::Narrow;
    picture.y += 18.0;
    picture.text([left, picture.y], "strong", None, &setting(item));
    if narrow {
        picture.y += 15.0;
        picture.text([left, picture.y], "mute", None, &quantiles(&item.outage_seconds));
    } else {
        picture.text_to([right, picture.y], "mute", "end", &quantiles(&item.outage_seconds));
    }
    picture.y += 6.0;
    range(picture, axis, &item.outage_seconds, false);
    if let Some(overlap) = overlap(item) {
        let longest = overlap.max.map_or_else(String::new, |max| format!(", for up to {}", told(max)));
        let said = format!("two leaders in {} of the trials{longest}", percent(overlap.share));
        // Strong letters are wider.
        for line in wrap(&said, SIZE * 1.1, right - left) {
            picture.y += LINE - 2.0;
            picture.text([left, picture.y], "alarm", None, &line);
        }
        picture.y += 5.0;
        range(picture, axis, overlap, true);
    }
    picture.y += 8.0;
}
