//! One value along a range, as curves: the outage, what of it is rare, and what grows with it.

use super::label::{LINE, SIZE};
use super::part::{Sample, legend};
use super::{Axis, Frame, Picture, number};
use crate::report::Seconds;
use crate::report::failover::{FailoverComparison, Limit, Simulation, Spread};
use crate::view::failover::{swept_of, swept_value, told};

/// How high it is.
const HEIGHT: f64 = 300.0;

/// The space for the names of the curves, to the right.
const NAMES: f64 = 92.0;

/// A point of a curve: what was varied, and seconds.
type Point = [f64; 2];

/// The picture.
pub(in crate::view) fn sweep(report: &FailoverComparison, frame: Frame) -> String {
    let mut picture = Picture::new(frame);
    let knob = report.swept.unwrap_or_default();
    let what = knob.replace('-', " ");
    let title = format!("Outage along the {what}");
    picture.head(&title, &[swept_of(report)]);
    let of = |value: fn(&Spread) -> Option<Seconds>| curve(report, |item| value(&item.outage_seconds).map(number));
    let [p50, p95, p99, max] = [of(|s| s.p50), of(|s| s.p95), of(|s| s.p99), of(|s| s.max)];
    let two = curve(report, |item| item.overlap_seconds.max.map(number));
    let two = if two.iter().any(|[_, seconds]| *seconds > 0.0) { two } else { Vec::new() };
    let borne = curve(report, |item| match item.tolerates.api_outage_seconds {
        Some(Limit::UpTo(seconds)) => Some(number(seconds)),
        _ => None,
    });
    let [left, right] = frame.ends();
    let top = picture.y + 18.0;
    let all = || [&max, &two, &borne].into_iter().flatten();
    let highest = all().map(|[_, seconds]| *seconds).fold(1.0, f64::max) * 1.04;
    let y = Axis { numbers: [0.0, highest], places: [top + HEIGHT, top] };
    let values = || p50.iter().map(|[value, _]| *value);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    let numbers = if low < high { [low, high] } else { [0.0, high.max(1.0) * 2.0] };
    let x = Axis { numbers, places: [left + 36.0, right - NAMES] };

    picture.text([left, top - 8.0], "mute", None, "seconds");
    for (number, label) in y.ticks(36.0) {
        picture.line("grid", [x.places[0], y.at(number)], [x.places[1], y.at(number)]);
        picture.text_to([x.places[0] - 8.0, y.at(number) + 4.0], "mute", "end", &label);
    }
    let placed =
        |curve: &[Point]| curve.iter().map(|[value, seconds]| [x.at(*value), y.at(*seconds)]).collect::<Vec<_>>();
    let between = |low: &[Point], high: &[Point]| {
        placed(low).into_iter().chain(placed(high).into_iter().rev()).collect::<Vec<_>>()
    };
    picture.path("band", &between(&p50, &p95), true);
    picture.path("tail", &between(&p95, &p99), true);
    for (class, curve) in [("most", &max), ("limit", &borne), ("two", &two), ("first-line", &p50)] {
        if !curve.is_empty() {
            picture.path(class, &placed(curve), false);
        }
    }
    for (item, [value, seconds]) in report.items.iter().zip(&p50) {
        let spread = &item.outage_seconds;
        let p99 = spread.p99.map(told).unwrap_or_default();
        let title =
            format!("{}: p50 {}, p99 {p99}", item.parameters.timing(), spread.p50.map(told).unwrap_or_default());
        picture.circle("first", [x.at(*value), y.at(*seconds)], 3.0, &title);
    }
    let ends = [
        (&max, "max", "mute"),
        (&p99, "p99", "mute"),
        (&p95, "p95", "mute"),
        (&p50, "p50", "first-text"),
        (&borne, "API outage", "limit-text"),
        (&two, "two leaders", "alarm"),
    ];
    names(&mut picture, &y, x.places[1] + 8.0, &ends);
    let unit = if knob == "standbys" { what.clone() } else { format!("{what}, seconds") };
    picture.y = top + HEIGHT;
    picture.marks(&x, &points(report, &x, frame), &unit);
    let mut key = vec![
        (Sample::Line("first-line"), "outage, p50"),
        (Sample::Bar("band"), "p50 to p95"),
        (Sample::Bar("tail"), "p95 to p99"),
        (Sample::Line("most"), "the longest that was seen"),
    ];
    if !borne.is_empty() {
        key.push((Sample::Line("limit"), "longest API outage that a leader surely survives"));
    }
    if !two.is_empty() {
        key.push((Sample::Line("two"), "two leaders at once, for up to"));
    }
    legend(&mut picture, &key);
    let described = |item: &Simulation| {
        let spread = &item.outage_seconds;
        format!("{}: p50 {}", swept_value(item, report.swept), spread.p50.map(told).unwrap_or_default())
    };
    let described: Vec<_> = report.items.iter().map(described).collect();
    picture.finish(&format!("{title}: {}", swept_of(report)), &described.join("; "))
}

/// The values that were tried, as marks of the axis; not all of them where there are too many.
fn points(report: &FailoverComparison, x: &Axis, frame: Frame) -> Vec<(f64, String)> {
    let mut marks: Vec<(f64, String)> = Vec::new();
    for item in &report.items {
        let Some(value) = at(item, report.swept) else { continue };
        let near = |(last, _): &(f64, String)| (x.at(value) - x.at(*last)).abs() < frame.apart() * 0.6;
        if !marks.last().is_some_and(near) {
            marks.push((value, swept_value(item, report.swept).trim_end_matches("\u{a0}s").to_owned()));
        }
    }
    marks
}

fn curve(report: &FailoverComparison, value: impl Fn(&Simulation) -> Option<f64>) -> Vec<Point> {
    report.items.iter().filter_map(|item| Some([at(item, report.swept)?, value(item)?])).collect()
}

/// The value that was varied.
fn at(item: &Simulation, swept: Option<&str>) -> Option<f64> {
    let parameters = &item.parameters;
    match swept {
        Some("standbys") => Some(parameters.standbys.into()),
        Some("renew-deadline") => parameters.renew_deadline_seconds.map(number),
        Some("retry-period") => parameters.retry_period_seconds.map(number),
        Some("grace-period") => parameters.grace_period_seconds.map(number),
        _ => parameters.lease_duration_seconds.map(number),
    }
}

/// The names of curves where they end, moved apart.
fn names(picture: &mut Picture, y: &Axis, x: f64, ends: &[(&Vec<Point>, &str, &str)]) {
    let mut named: Vec<(f64, &str, &str)> = ends
        .iter()
        .filter_map(|(curve, name, class)| curve.last().map(|[_, seconds]| (y.at(*seconds), *name, *class)))
        .collect();
    named.sort_by(|one, other| one.0.total_cmp(&other.0));
    // Downwards as far as it takes, then up again from the bottom.
    for at in 1..named.len() {
        named[at].0 = named[at].0.max(named[at - 1].0 + LINE);
    }
    let mut below = y.places[0] + LINE;
    for name in named.iter_mut().rev() {
        name.0 = name.0.min(below - LINE);
        below = name.0;
    }
    for (at, name, class) in named {
        picture.text([x, at + SIZE / 3.0], class, None, name);
    }
}
