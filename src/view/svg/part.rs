//! Parts that several pictures have: the hatch, the legend, and ranges.

use super::label::{LINE, SIZE, width};
use super::{Axis, Markup, Picture, number};
use crate::report::Seconds;
use crate::report::failover::Spread;
use crate::view::failover::told;

/// The pattern of where two lead, to be filled with.
pub(super) fn hatch(svg: &mut Markup, id: &str) {
    let id = format!("{id}-hatch");
    let pattern: [(&'static str, &dyn std::fmt::Display); 5] = [
        ("id", &id),
        ("width", &"6"),
        ("height", &"6"),
        ("patternUnits", &"userSpaceOnUse"),
        ("patternTransform", &"rotate(45)"),
    ];
    svg.element("defs", &[], |defs| {
        defs.element("pattern", &pattern, |pattern| {
            pattern.empty("line", &[("class", &"hatch"), ("x1", &"0"), ("y1", &"0"), ("x2", &"0"), ("y2", &"6")]);
        });
    });
}

/// What a sample in a legend looks like.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    Bar(&'static str),
    Hatched,
    Line(&'static str),
    Tick(&'static str),
    Cross,
    Dot(&'static str),
}

/// The width of a sample.
const SAMPLE: f64 = 18.0;

/// What is drawn how.
pub(super) fn legend(picture: &mut Picture, all: &[(Sample, &str)]) {
    let [left, right] = picture.frame.ends();
    let mut x = left;
    picture.y += 10.0;
    for (sample, text) in all {
        let wide = SAMPLE + 6.0 + width(text, SIZE);
        if x > left && x + wide > right {
            (x, picture.y) = (left, picture.y + LINE + 3.0);
        }
        let y = picture.y;
        let middle = x + SAMPLE / 2.0;
        match sample {
            Sample::Bar(class) => picture.bar(class, [x, x + SAMPLE], y, 10.0),
            Sample::Hatched => picture.hatched([x, x + SAMPLE], y, 10.0),
            Sample::Line(class) => picture.line(class, [x, y + 5.0], [x + SAMPLE, y + 5.0]),
            Sample::Tick(class) => picture.line(class, [middle, y - 1.0], [middle, y + 11.0]),
            Sample::Cross => cross(picture, [x + 6.0, y + 5.0], 4.0),
            Sample::Dot(class) => picture.circle(class, [middle, y + 5.0], 4.5, text),
        }
        picture.text([x + SAMPLE + 6.0, y + 9.5], "mute", None, text);
        x += wide + 18.0;
    }
    picture.y += 12.0;
}

/// The mark of a fault.
pub(super) fn cross(picture: &mut Picture, [x, y]: [f64; 2], size: f64) {
    picture.line("cross", [x - size, y - size], [x + size, y + size]);
    picture.line("cross", [x - size, y + size], [x + size, y - size]);
}

/// The height of a range's bar.
const BAR: f64 = 12.0;

/// How long it lasts: to the median surely, to p99 seldom longer, and to the longest.
pub(super) fn range(picture: &mut Picture, axis: &Axis, spread: &Spread, two: bool) {
    let y = picture.y;
    let middle = y + BAR / 2.0;
    let start = axis.places[0];
    let at = |value: Option<Seconds>| value.map_or(start, |value| axis.at(number(value)));
    let [p50, p95, p99, max] = [spread.p50, spread.p95, spread.p99, spread.max].map(at);
    picture.line(if two { "two" } else { "most" }, [p99, middle], [max, middle]);
    picture.line("axis", [max, y + 2.0], [max, y + BAR - 2.0]);
    if two {
        picture.hatched([start, p99], y, BAR);
    } else {
        picture.bar("tail", [start, p50], y, BAR);
        picture.bar("first", [p50, p99], y, BAR);
    }
    picture.line("mark", [p95, y - 1.0], [p95, y + BAR + 1.0]);
    picture.y += BAR + 3.0;
}

/// A distribution in a few numbers.
pub(super) fn quantiles(spread: &Spread) -> String {
    let named = [("p50", spread.p50), ("p95", spread.p95), ("p99", spread.p99), ("max", spread.max)];
    let all = named.iter().filter_map(|(name, value)| value.map(|value| format!("{name}\u{a0}{}", told(value))));
    all.collect::<Vec<_>>().join("\u{2002}")
}
