//! Settings that meet a target: what each gives up, and those that no other beats.

use super::label::{LINE, SIZE, width};
use super::part::{Sample, legend};
use super::{Axis, Frame, Picture, number};
use crate::report::Seconds;
use crate::report::failover::{FailoverTuning, Limit, Setting, Simulation, Tuned};
use crate::view::failover::tuned_to;

/// How high it is.
const HEIGHT: f64 = 320.0;

/// A setting as a point.
struct Point {
    outage: f64,
    /// What is gained: the API outage that it bears, or where that says nothing, writes a minute.
    other: f64,
    timing: String,
}

/// What stands beside the outage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    ApiOutage,
    Writes,
}

impl Beside {
    /// API outages, where any setting has a bound: some libraries bear any, of some nothing is known.
    fn of(report: &FailoverTuning) -> Self {
        let bounded = |item: &Tuned| matches!(item.item.tolerates.api_outage_seconds, Some(Limit::UpTo(_)));
        if report.items.iter().any(bounded) { Self::ApiOutage } else { Self::Writes }
    }

    fn value(self, limit: Option<Limit>, writes: f64) -> Option<f64> {
        match (self, limit) {
            (Self::Writes, _) => Some(writes),
            (Self::ApiOutage, Some(Limit::UpTo(seconds))) => Some(number(seconds)),
            (Self::ApiOutage, _) => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ApiOutage => "API outage that a leader surely survives, seconds (more is better)",
            Self::Writes => "writes to the Lease a minute (less is better)",
        }
    }
}

/// The picture.
pub(in crate::view) fn tuning(report: &FailoverTuning, frame: Frame) -> String {
    let mut picture = Picture::new(frame);
    let title = tuned_to(&report.target);
    let beside = Beside::of(report);
    picture.head(&title, &[]);
    let quantile = report.target.quantile;
    let all: Vec<_> = report.items.iter().filter_map(|item| point(item, quantile, beside)).collect();
    let front: Vec<_> = report.front.iter().filter_map(|setting| of_front(setting, beside)).collect();
    let target = number(report.target.rto_seconds);
    let [left, right] = frame.ends();
    for line in super::wrap(beside.name(), SIZE, right - left) {
        picture.y += LINE;
        picture.text([left, picture.y], "mute", None, &line);
    }
    let top = picture.y + 14.0;
    let highest = all.iter().map(|point| point.other).fold(1.0, f64::max) * 1.12;
    let y = Axis { numbers: [0.0, highest], places: [top + HEIGHT, top] };
    let fastest = all.iter().map(|point| point.outage).fold(target, f64::min);
    let slack = (target - fastest).max(target * 0.1);
    let x = Axis { numbers: [(fastest - slack * 0.12).max(0.0), target + slack * 0.08], places: [left + 40.0, right] };
    picture.grid(&x, [top, top + HEIGHT]);
    for (number, label) in y.ticks(36.0) {
        picture.line("grid", [x.places[0], y.at(number)], [x.places[1], y.at(number)]);
        picture.text_to([x.places[0] - 8.0, y.at(number) + 4.0], "mute", "end", &label);
    }
    let limit = x.at(target);
    picture.line("fault", [limit, top], [limit, top + HEIGHT]);
    let place = |point: &Point| [x.at(point.outage), y.at(point.other)];
    for point in &all {
        picture.circle("other", place(point), 4.0, &point.timing);
    }
    for point in &front {
        picture.circle("first", place(point), 6.0, &point.timing);
    }
    let mut taken: Vec<[f64; 4]> = front.iter().map(|point| around(place(point), 7.0)).collect();
    taken.extend(all.iter().map(|point| around(place(point), 4.0)));
    taken.push([limit - 2.0, top, limit + 2.0, top + HEIGHT]);
    let area = [x.places[0], top, right, top + HEIGHT];
    let target_label = format!("target {target}\u{a0}s");
    let wide = width(&target_label, SIZE);
    taken.push([limit - 6.0 - wide, top, limit, top + LINE]);
    picture.text_to([limit - 6.0, top + SIZE], "ink", "end", &target_label);
    if all.is_empty() {
        let nothing = "none of the settings that were tried meets the target";
        for (number, line) in super::wrap(nothing, SIZE, right - x.places[0] - 16.0).iter().enumerate() {
            picture.text([x.places[0] + 8.0, top + LINE * (number as f64 + 2.5)], "strong", None, line);
        }
    }
    let at = |point: &Point| place(point).map(|place| (place * 10.0).round() as i64);
    for (number, point) in front.iter().enumerate() {
        // Settings that come to the same have one name.
        if front[..number].iter().any(|other| at(other) == at(point)) {
            continue;
        }
        let texts = match front.iter().filter(|other| at(other) == at(point)).count() {
            1 => vec![point.timing.clone()],
            many => vec![format!("{} and {} more", point.timing, many - 1), format!("{} +{}", point.timing, many - 1)],
        };
        // The tip of a point says its name where there is no room for any.
        let _ = texts.iter().any(|text| name(&mut picture, place(point), text, &mut taken, area));
    }
    picture.y = top + HEIGHT;
    picture.marks(&x, &x.ticks(frame.apart()), &format!("outage, {quantile}, seconds"));
    let key = [
        (Sample::Dot("first"), "no other is as good in everything"),
        (Sample::Dot("other"), "meets the target too"),
        (Sample::Tick("fault"), "the target"),
    ];
    legend(&mut picture, &key);
    let described: Vec<_> = report.front.iter().map(|setting| setting.timing.as_str()).collect();
    let described = format!(
        "{} of {} settings meet the target; beaten by no other: {}",
        report.items.len(),
        report.target.tried,
        if described.is_empty() { "none".to_owned() } else { described.join(", ") }
    );
    picture.finish(&title, &described)
}

fn point(tuned: &Tuned, quantile: &str, beside: Beside) -> Option<Point> {
    let item = &tuned.item;
    Some(Point {
        outage: number(of_quantile(item, quantile)?),
        other: beside.value(item.tolerates.api_outage_seconds, item.cost.writes_per_minute)?,
        timing: item.parameters.timing(),
    })
}

fn of_front(setting: &Setting, beside: Beside) -> Option<Point> {
    Some(Point {
        outage: number(setting.outage_seconds?),
        other: beside.value(setting.api_outage_seconds, setting.writes_per_minute)?,
        timing: setting.timing.clone(),
    })
}

fn of_quantile(item: &Simulation, quantile: &str) -> Option<Seconds> {
    let outage = &item.outage_seconds;
    match quantile {
        "p50" => outage.p50,
        "p95" => outage.p95,
        "p99" => outage.p99,
        _ => outage.max,
    }
}

fn around([x, y]: [f64; 2], by: f64) -> [f64; 4] {
    [x - by, y - by, x + by, y + by]
}

/// Writes a name beside its point where nothing else is, if there is such a place.
fn name(picture: &mut Picture, [x, y]: [f64; 2], text: &str, taken: &mut Vec<[f64; 4]>, area: [f64; 4]) -> bool {
    // Strong letters are wider.
    let wide = width(text, SIZE) * 1.1;
    let steps = [0.0, -1.0, 1.0, -2.0, 2.0, -3.0, 3.0, -4.0, 4.0];
    let beside = steps.iter().flat_map(|step| {
        let middle = y + step * LINE;
        [[x + 10.0, middle - 7.0], [x - 10.0 - wide, middle - 7.0], [x - wide / 2.0, middle - 7.0]]
    });
    let free = |[left, top]: &[f64; 2]| {
        let [right, bottom] = [left + wide, top + LINE];
        let inside = *left >= area[0] && right <= area[2] && *top >= area[1] && bottom <= area[3];
        inside && taken.iter().all(|[l, t, r, b]| right <= *l || *left >= *r || bottom <= *t || *top >= *b)
    };
    let Some([left, top]) = beside.into_iter().find(free) else { return false };
    let end = if left > x {
        left
    } else if left + wide < x {
        left + wide
    } else {
        x
    };
    if (top + 7.0 - y).abs() > 1.0 {
        picture.line("lead", [x, y], [end, top + if top > y { 2.0 } else { LINE - 3.0 }]);
    }
    taken.push([left, top, left + wide, top + LINE]);
    picture.text([left, top + SIZE - 1.0], "strong", None, text);
    true
}
